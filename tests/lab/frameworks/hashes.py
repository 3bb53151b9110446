"""What `cspseal hash --format` prints for a framework, loaded into an application of it: every page, and every path that is none, must
have the policy that is meant."""

import json
import shutil
import subprocess
from itertools import product
from urllib.parse import quote

from shared.checks import BOTH, ENFORCED, REPORTED, REPOSITORY, Refused, cspseal, inventory, parsed, policies

HOSTILE_NAMES = [
    "a b.html",
    "q'uote\".html",
    "$var.html",
    "x{y}.html",
    "日本.html",
    "A.html",
    "a.html",
    "#.html",
    "100%.html",
    "a+b(c)[d]*!~.html",
    "sub dir/index.html",
    # What could end a comment or a string of a settings file.
    "line\nimport os.html",
    "return\rimport os.html",
    '"""]\u2028\u202e.html',
    "*⁄ -- //.html",
]
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
# The headers that are sent, and the flags for them.
SENT = (((ENFORCED,), []), ((REPORTED,), ["--report-only"]), ((REPORTED,), ["--unsafe-hashes", "--report-only"]))
TWO = (BOTH, ["--report-only-policy", POLICIES["hostile"]])


def make_site(folder):
    """testdata/site, and hostile pages of which each has a script and a handler of its own."""
    shutil.copytree(REPOSITORY / "testdata/site", folder)
    for number, name in enumerate(HOSTILE_NAMES):
        page = folder / name
        page.parent.mkdir(exist_ok=True, parents=True)
        page.write_text(f"<!doctype html><title>x</title><script>page({number})</script><p onclick='page({number})'>\n")
    return folder


def check(checks, binary, framework, command, site, folder):
    runs = [*product(POLICIES, SENT), *([("plain", TWO)] if framework.two else [])]
    for number, (label, (headers, flags)) in enumerate(runs):
        what = f"{framework.hashes} {label} {' '.join(flags)}"
        room = folder / f"{framework.name}-{label}{number}"
        room.mkdir()
        try:
            Configuration(checks, binary, framework, site, room, what, headers, flags).check(command, POLICIES[label])
        except (Refused, OSError, AssertionError) as error:
            checks.check(False, f"{what}: {error}")


def without(policy, directive):
    return "; ".join(part for part in policy.split("; ") if not part.startswith(directive))


class Configuration:
    """A policy with some flags: printed, put into a file that holds other things, loaded, and every page fetched."""

    def __init__(self, checks, binary, framework, site, folder, what, headers, flags):
        self.checks, self.binary, self.framework, self.site = checks, binary, framework, site
        self.folder, self.what, self.headers, self.flags = folder, what, headers, flags
        self.policy_file = folder / "policy"

    def hash(self, *args):
        command = ["hash", "--format", self.framework.hashes, "--policy-file", self.policy_file, *self.flags, *args]
        return cspseal(self.binary, *command, self.site)

    def check(self, command, policy):
        for directive in self.framework.refused:
            if directive in policy:
                self.check_refused(policy, directive)
                policy = without(policy, directive)
        self.policy_file.write_text(policy)
        flags = [flag for flag in self.flags if flag != "--report-only"]
        report = inventory(self.binary, self.site, "--policy-file", self.policy_file, *flags)
        meant = {header: parsed(policy) for header, policy in policies(self.headers, report).items()}
        for file in self.written():
            self.check_responses(command, file, meant)

    def check_refused(self, policy, directive):
        """A policy with this one of the refused directives must not be printed."""
        for other in set(self.framework.refused) - {directive}:
            policy = without(policy, other)
        self.policy_file.write_text(policy)
        out = self.folder / "refused"
        try:
            self.hash("-o", out)
            self.checks.check(False, f"{self.what}: {directive} is not refused")
        except Refused as error:
            self.checks.check(directive in str(error) and not out.exists(), f"{self.what}: {error}")

    def written(self):
        """The text in a file of its own, and in one that holds other things, which must stay."""
        printed, settings = self.folder / "printed", self.folder / "settings.py"
        self.hash("--scope", "site", "-o", printed)
        comment, opening = self.framework.comment, self.framework.opening
        before, after = f"{opening}{comment} before\n", f"\n{comment} after é\n"
        settings.write_text(f"{before}{comment} cspseal begin\nold(\n{comment} cspseal end{after}")
        for _ in range(2):
            self.hash("--into", settings)
            block = f"{comment} cspseal begin\n{printed.read_text().removeprefix(opening)}{comment} cspseal end"
            self.checks.check(settings.read_text() == f"{before}{block}{after}", f"{self.what}: --into")
        return printed, settings

    def check_responses(self, command, file, meant):
        pages = ["/" + quote(str(page.relative_to(self.site))) for page in sorted(self.site.rglob("*.htm*"))]
        paths = [*pages, *UNKNOWN]
        done = subprocess.run([*command, file, self.site], input=json.dumps(paths), capture_output=True, text=True)
        lines = done.stdout.splitlines()
        if done.returncode or len(lines) != len(paths):
            self.checks.check(False, f"{self.what}: {done.stderr[:1000]}")
            return
        for response in map(json.loads, lines):
            self.check_response(response, response["path"] in pages, meant)

    def check_response(self, response, is_page, meant):
        what = f"{self.what} {response['path']}"
        sent = [(name.lower(), value) for name, value in response["headers"] if "content-security" in name.lower()]
        # Flask and Starlette route no newline; the error page must have the policy as well.
        served = is_page and "%0A" not in response["path"]
        self.checks.check(not served or response["status"] == 200, f"{what}: {response['status']}")
        self.checks.check(sorted(name for name, _ in sent) == sorted(self.headers), f"{what}: {sent}")
        for header, value in sent:
            respelled, text = self.framework.respelled
            has, wanted = parsed(value.replace(respelled, text) if respelled else value), meant.get(header, {})
            wrong = {name: (has.get(name), wanted.get(name)) for name in {*has, *wanted} if has.get(name) != wanted.get(name)}
            self.checks.check(not wrong, f"{what}: {header}: sent, meant: {wrong}")


def check_nonces_refused(checks, binary, names, site, folder):
    """A nonce in the base is refused everywhere, and nothing is written."""
    folder.mkdir()
    policy_file, out = folder / "policy", folder / "out"
    policy_file.write_text("script-src 'nonce-PLACEHOLDER'")
    for name in names:
        try:
            cspseal(binary, "hash", "--format", name, "--policy-file", policy_file, "-o", out, site)
            checks.check(False, f"{name}: a nonce is not refused")
        except Refused as error:
            checks.check("cspseal nonce --print-policy" in str(error) and not out.exists(), f"{name}: {error}")
