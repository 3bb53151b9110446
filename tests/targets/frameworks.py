#!/usr/bin/env python3
"""Loads what `cspseal hash --format` prints for each framework into an app of that framework and fetches every page.

    tests/targets/frameworks.py target/release/cspseal [django|django-csp|django-csp3|flask-talisman|helmet|rails|python ...]

Installs from PyPI and npm into $TARGETS_CACHE, or a temporary folder. Django 6 needs Python 3.12: $PYTHON names one. Rails
is Debian's: apt-get install ruby-actionpack ruby-railties. What is missing is skipped and counted.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from common_frameworks import HERE, REPOSITORY, Checks, Refused, cspseal, make_site, meant, parsed

PYTHON = os.environ.get("PYTHON", sys.executable)
APPS = HERE / "frameworks"
UNKNOWN = ["/", "/missing.html", "/docs/", "/docs", "/assets/missing/", "/a%20b.html/", "/?a=;b&c=%0a"]

HASH = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
POLICIES = {
    "plain": (REPOSITORY / "testdata/site.policy").read_text(),
    # What means something to a language, a template or a format string; no default-src.
    "hostile": (
        "img-src 'self' https://a.example/it's/%7E/%28self%29$s$$&%25s; script-src; style-src 'self'; sandbox; "
        r"report-uri /r?a=$b&c=%25&d=#{e}&f=`g`&h=\n&i=${j}&l=%[1]s&m=%s&n={o}&p=1\ /second"
    ),
    # Every directive there is.
    "all": "; ".join(
        [
            f"script-src 'self' 'unsafe-eval' 'strict-dynamic' 'report-sample' 'wasm-unsafe-eval' {HASH}",
            "script-src-elem 'self' https: http://*.example.com:*/a/b.js",
            "script-src-attr 'none'",
            "style-src 'self' blob:",
            "style-src-elem data: https://a.example",
            "style-src-attr 'unsafe-hashes'",
            "default-src 'none'",
            *(f"{name}-src {name}.example 'self'" for name in "child connect font frame img manifest media object prefetch worker".split()),
            "base-uri 'none'",
            "form-action 'self' https://pay.example",
            "frame-ancestors https://a.example",
            "navigate-to 'self'",
            "sandbox allow-scripts allow-forms",
            "report-uri https://r.example/a /b",
            "report-to main",
            "require-trusted-types-for 'script'",
            "trusted-types a b 'allow-duplicates'",
            "require-sri-for script style",
            "upgrade-insecure-requests",
            "block-all-mixed-content",
            "plugin-types application/pdf",
            "webrtc 'block'",
            "fenced-frame-src https://f.example",
        ]
    ),
    # Lists without a source, which allow nothing.
    "empty": "default-src; img-src; style-src-elem; connect-src 'self'; trusted-types",
}
# What a framework drops or refuses: cspseal must refuse it first.
REFUSED = {"django-csp": ["fenced-frame-src"], "django-csp3": ["fenced-frame-src", "webrtc"]}
COMMENTS = {"helmet": "//"}


class Missing(Exception):
    """What a framework needs is not there."""


def venv(cache, name, *packages):
    """The interpreter of a virtual environment with the packages."""
    folder = cache / name
    if not (folder / "done").exists():
        subprocess.run([PYTHON, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/python", "-m", "pip", "-q", "install", *packages], check=True)
        (folder / "done").touch()
    return str(folder / "bin/python")


def django(cache):
    if subprocess.run([PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 12))"], check=False).returncode:
        raise Missing("Django 6 needs Python 3.12, set PYTHON")
    return [venv(cache, "django", "django>=6.0"), APPS / "django_app.py", "django"]


def django_csp(cache):
    return [venv(cache, "django-csp", "django==5.2.*", "django-csp==4.*"), APPS / "django_app.py", "django-csp"]


def django_csp3(cache):
    return [venv(cache, "django-csp3", "django==5.2.*", "django-csp==3.*", "setuptools"), APPS / "django_app.py", "django-csp"]


def flask_talisman(cache):
    return [venv(cache, "flask-talisman", "flask", "flask-talisman"), APPS / "flask_app.py"]


def helmet(cache):
    if not shutil.which("npm"):
        raise Missing("no npm")
    folder = cache / "helmet"
    if not (folder / "node_modules/helmet").exists():
        folder.mkdir(exist_ok=True)
        (folder / "package.json").write_text("{}")
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "express@5", "helmet@8"]
        subprocess.run(command, cwd=folder, check=True, stderr=subprocess.DEVNULL)
    return ["env", f"NODE_PATH={folder}/node_modules", "node", APPS / "express_app.js"]


def rails(_cache):
    command = ["ruby", "-e", 'require "rails"; require "action_controller/railtie"']
    if not shutil.which("ruby") or subprocess.run(command, check=False, capture_output=True).returncode:
        raise Missing("no railties")
    return ["ruby", APPS / "rails_app.rb"]


FRAMEWORKS = {
    "django": django,
    "django-csp": django_csp,
    "django-csp3": django_csp3,
    "flask-talisman": flask_talisman,
    "helmet": helmet,
    "rails": rails,
}


def without(policy, directive):
    return "; ".join(part for part in policy.split("; ") if not part.startswith(directive))


def run(checks, binary, name, command, site, folder, label, policy, flags):
    """One configuration: printed, put into a file that holds other things, loaded, and every page fetched."""
    folder.mkdir()
    policy_file = folder / "policy"
    policy_file.write_text(policy)
    for directive in REFUSED.get(name, []):
        if directive in policy:
            alone = policy
            for other in set(REFUSED[name]) - {directive}:
                alone = without(alone, other)
            policy_file.write_text(alone)
            try:
                cspseal(binary, "--format", name, "--policy-file", policy_file, *flags, "-o", folder / "refused", site)
                checks.check(False, f"{name} {label}: {directive} is not refused")
            except Refused as error:
                checks.check(directive in str(error) and not (folder / "refused").exists(), f"{name} {label}: {error}")
            policy = without(policy, directive)
            policy_file.write_text(policy)
    args = ["--policy-file", policy_file, *(flag for flag in flags if flag == "--unsafe-hashes")]
    expected = parsed(meant(binary, site, *args)["policy"])
    report_only = "--report-only" in flags
    header = "content-security-policy" + "-report-only" * report_only

    printed, settings = folder / "printed", folder / "settings.py"
    cspseal(binary, "--format", name, "--scope", "site", "--policy-file", policy_file, *flags, "-o", printed, site)
    comment = COMMENTS.get(name, "#")
    before, after = f"{comment} before\n", f"\n{comment} after é\n".encode().decode()
    settings.write_text(f"{before}{comment} cspseal begin\nold(\n{comment} cspseal end{after}")
    into = ["--format", name, "--policy-file", policy_file, *flags, "--into", settings, site]
    for _ in range(2):
        cspseal(binary, *into)
        block = f"{comment} cspseal begin\n{printed.read_text()}{comment} cspseal end"
        checks.check(settings.read_text() == f"{before}{block}{after}", f"{name} {label}: --into")

    pages = ["/" + quote(str(file.relative_to(site))) for file in sorted(site.rglob("*.htm*"))]
    for source in (printed, settings):
        paths = [*pages, *UNKNOWN]
        done = subprocess.run([*command, source, site], input=json.dumps(paths), capture_output=True, text=True)
        lines = done.stdout.splitlines()
        if done.returncode or len(lines) != len(paths):
            checks.check(False, f"{name} {label}: {done.stderr[:1000]}")
            continue
        for line in lines:
            response = json.loads(line)
            policies = [(n.lower(), v) for n, v in response["headers"] if "content-security" in n.lower()]
            where = f"{name} {label} {response['path']}"
            # Flask routes no newline; the error page must have the policy as well.
            known = response["path"] in pages and "%0A" not in response["path"]
            checks.check(not known or response["status"] == 200, f"{where}: {response['status']}")
            checks.check([n for n, _ in policies] == [header], f"{where}: {policies}")
            for _, value in policies:
                found = parsed(value)
                wrong = {n: (found.get(n), expected.get(n)) for n in {*found, *expected} if found.get(n) != expected.get(n)}
                checks.check(not wrong, f"{where}: sent, meant: {wrong}")


def python_module(checks, binary, cache, site, folder):
    """The lists, imported by every Python that is there, and looked at by ruff."""
    folder.mkdir()
    policy_file, module = folder / "policy", folder / "csp_hashes.py"
    ruff = [venv(cache, "ruff", "ruff"), "-m", "ruff"]
    pythons = {shutil.which(f"python3.{minor}") for minor in range(8, 15)}
    pythons |= {str(p) for p in Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/3.*/bin/python3")}
    works = lambda python: python and not subprocess.run([python, "-c", "import sys; sys.exit(sys.version_info < (3, 8))"], check=False, capture_output=True).returncode
    pythons = sorted({python for python in pythons if works(python)} | {PYTHON})
    for label, policy in {**POLICIES, "attributes": "script-src-attr 'self'; script-src-elem https:; default-src 'none'"}.items():
        for flags in ([], ["--unsafe-hashes"]):
            where = f"python {label} {flags}"
            policy_file.write_text(policy)
            args = ["--policy-file", policy_file, *flags]
            cspseal(binary, "--format", "python", *args, "-o", module, site)
            first = module.read_bytes()
            cspseal(binary, "--format", "python", *args, "-o", module, site)
            checks.check(module.read_bytes() == first, f"{where}: not the same twice")
            document = meant(binary, site, *args)
            lists = {}
            for inline in document["inlines"]:
                if inline["in_policy"]:
                    hashes = lists.setdefault(inline["directive"], set())
                    hashes |= {f"'{text}'" for text in inline["hashes"]}
                    if inline["kind"] not in ("script", "style"):
                        hashes.add("'unsafe-hashes'")
            names = [f"{kind}-src{part}" for kind in ("script", "style") for part in ("", "-elem", "-attr")]
            expected = {name: sorted(lists.get(name, [])) for name in names}
            checks.check(set(lists) <= set(names), f"{where}: {set(lists)}")
            policy_meant = parsed(document["policy"])
            for name, hashes in expected.items():
                checks.check(set(hashes) <= policy_meant.get(name, set()), f"{where}: {name}")
            code = "import csp_hashes, json; print(json.dumps({k: v for k, v in vars(csp_hashes).items() if k[0] != '_'}))"
            for python in pythons:
                done = subprocess.run([python, "-B", "-c", code], cwd=folder, capture_output=True, text=True)
                found = json.loads(done.stdout) if not done.returncode else done.stderr
                if isinstance(found, dict):
                    found = {name.lower().replace("_", "-"): sorted(values) for name, values in found.items()}
                checks.check(found == expected, f"{where} {python}: {found}")
            ast.parse(first)
            # Without the line that silences it, only lengths are to be found.
            open_module = folder / "open_module.py"
            open_module.write_bytes(first.removeprefix(b"# ruff: noqa\n"))
            for command in (["check", "-q", "--isolated", "--preview", "--select", "E,W,F,D100,I,PL,RUF", "--ignore", "E501,RUF003"], ["format", "-q", "--check", "--isolated", "--line-length", "320"]):
                done = subprocess.run([*ruff, *command, open_module], capture_output=True, text=True)
                checks.check(done.returncode == 0, f"{where} ruff {command[0]}: {done.stdout}{done.stderr}")
            # The line silences everything but the rule against such lines.
            done = subprocess.run([*ruff, "check", "-q", "--isolated", "--select", "ALL", "--ignore", "PGH004", module], capture_output=True, text=True)
            checks.check(done.returncode == 0, f"{where} ruff: {done.stdout}")
    print(f"python: imported by {len(pythons)} Pythons")


def nonces(checks, binary, site, folder):
    """A nonce in the base is refused everywhere, and nothing is written."""
    folder.mkdir()
    policy_file, out = folder / "policy", folder / "out"
    policy_file.write_text("script-src 'nonce-PLACEHOLDER'")
    for name in [*FRAMEWORKS, "python"]:
        try:
            cspseal(binary, "--format", name, "--policy-file", policy_file, "-o", out, site)
            checks.check(False, f"{name}: a nonce is not refused")
        except Refused as error:
            checks.check("cspseal nonce --print-policy" in str(error) and not out.exists(), f"{name}: {error}")


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    binary = str(Path(sys.argv[1]).resolve())
    names = sys.argv[2:] or [*FRAMEWORKS, "python"]
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="cspseal-frameworks-") as temporary:
        temporary = Path(temporary)
        cache = Path(os.environ.get("TARGETS_CACHE", temporary / "cache"))
        cache.mkdir(exist_ok=True, parents=True)
        site = make_site(temporary / "site")
        nonces(checks, binary, site, temporary / "nonces")
        for name in names:
            before = checks.failed
            try:
                if name == "python":
                    python_module(checks, binary, cache, site, temporary / name)
                    continue
                command = FRAMEWORKS[name](cache)
            except (Missing, subprocess.CalledProcessError) as error:
                checks.skip(name, error)
                continue
            runs = [(label, flags) for label in POLICIES for flags in ([], ["--report-only"], ["--unsafe-hashes", "--report-only"])]
            for number, (label, flags) in enumerate(runs):
                try:
                    folder = temporary / f"{name}{number}"
                    run(checks, binary, name, command, site, folder, f"{label} {' '.join(flags)}", POLICIES[label], flags)
                except (Refused, OSError, AssertionError) as error:
                    checks.check(False, f"{name} {label} {flags}: {error}")
            print(f"{name}: {len(runs)} configurations, {checks.failed - before} failed")
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
