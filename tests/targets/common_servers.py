"""What the checks of server formats share: a site with hostile names, what is meant for it, and requests."""

import http.client
import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

REPOSITORY = Path(__file__).resolve().parents[2]

# Names with every sign that a path may have and a configuration, an expression or a URL takes for something.
HOSTILE_NAMES = [
    "a b.html",
    "q'uote\".html",
    "$var.html",
    "$uri.html",
    "${HOME}.html",
    "{$HOME}.html",
    "x{y}.html",
    "{path}.html",
    "日本.html",
    "A.html",
    "a.html",
    "#.html",
    "100%.html",
    "%41.html",
    "%{HOME}e.html",
    "a+b(c)[d]*!~.html",
    "~a.html",
    "back\\slash\\n.html",
    "`tick\".html",
    "a;b,c=d&e@f:g?h.html",
    "<tag>|^.html",
    "sub dir/index.html",
    "[x]*/a.html",
    "Sub/index.html",
    "sub/index.html",
    "default.html",
    "$1.html",
    "é/ü.html",
    "日%41%.html",
    "a'b.html",
    "-m.html",
    "long-" + "n" * 200 + ".html",
]

# Each server has its own idea of which of these characters begin a variable, a format or an escape.
HOSTILE_POLICY = (
    "default-src 'self'; img-src * data:; "
    r"report-uri /r?$x=%7E&$uri%d&{path}{$HOME}%{HOME}e&a\nb\\c(<!#$1\1&`q"
)


def make_site(folder):
    """testdata/site and hostile pages, of which some share a policy."""
    shutil.copytree(REPOSITORY / "testdata/site", folder)
    for number, name in enumerate(HOSTILE_NAMES):
        page = folder / name
        page.parent.mkdir(exist_ok=True)
        page.write_text(f"<!doctype html><title>x</title><script>var page = {number};</script>\n")
    for name in ("shared1.html", "shared 2.html", "sub/shared.html"):
        (folder / name).write_text("<!doctype html><title>x</title><script>shared()</script>\n")
    (folder / "big.html").write_text("<!doctype html><script>big()</script>" + "x" * 300_000)
    for name in ("Plain.html", "plain.html"):
        script = "<script>plain()</script>" if name == "plain.html" else ""
        (folder / name).write_text(f"<!doctype html><title>x</title>{script}\n")
    return folder


def parsed(policy):
    """Directives as sets of sources."""
    directives = {}
    for directive in policy.split(";"):
        name, *sources = directive.split()
        directives.setdefault(name, frozenset(sources))
    return directives


class Meant:
    """What is meant for a site: the policies that `--format json` has."""

    def __init__(self, binary, site, policy_file):
        out = cspseal(binary, "--format", "json", "--policy-file", policy_file, site)
        document = json.loads(out)
        self.site = parsed(document["policy"])
        self.default = parsed(Path(policy_file).read_text().strip().rstrip(";"))
        self.pages = {page["site_path"]: parsed(page["policy"]) for page in document["pages"]}

    def requests(self, scope):
        """Paths as a browser sends them, with the policies that are meant."""
        for page, policy in self.pages.items():
            policy = policy if scope == "page" else self.site
            yield "/" + quote(page), policy
            yield "/" + quote(page) + "?a=/index.html", policy
            if page == "index.html" or page.endswith("/index.html"):
                yield "/" + quote(page.removesuffix("index.html")), policy

    def unknown(self, scope):
        """Paths that are no page, with the default."""
        default = self.default if scope == "page" else self.site
        for path in ("/missing.html", "/missing/", "/missing/index.html", "/docs/missing.html", "/index.html.html"):
            yield path, default
        for path in ("/assets/app.js", "/docs", "/aXhtml", "/a%20b.html/", "/robots.txt"):
            yield path, default
        # Some servers take it for the page, others for nothing.
        yield "/sub%2Findex.html", {200: self.pages["sub/index.html"] if scope == "page" else default, None: default}


def cspseal(binary, *args):
    """Runs `cspseal hash`; findings about the pages, exit code 1, are no failure."""
    done = subprocess.run([binary, "hash", *map(str, args)], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise Refused(done.stderr.strip())
    return done.stdout


class Refused(Exception):
    """cspseal did not print what it was asked for."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process, log=None):
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    text = log.read_text(errors="replace")[-2000:] if log and log.exists() else ""
    raise RuntimeError(f"the server did not start: {text}")


def fetch(port, path, method="GET", **headers):
    """Status, headers as pairs with lower-case names, and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        pairs = [(name.lower(), value) for name, value in response.getheaders()]
        return response.status, pairs, response.read()
    finally:
        connection.close()


class Checks:
    """Counts checks and prints what failed."""

    def __init__(self):
        self.done, self.failed, self.skipped = 0, 0, []

    def check(self, right, what):
        self.done += 1
        if not right:
            self.failed += 1
            print(f"FAILED: {what}"[:1500])
        return right

    def skip(self, target, why):
        self.skipped.append(target)
        print(f"SKIPPED {target}: {why}")

    def check_policy(self, what, port, path, header, meant, status=None):
        code, headers, _ = fetch(port, path)
        if status is not None:
            self.check(code == status, f"{what}: {path}: status {code}, not {status}")
        other = {"content-security-policy", "content-security-policy-report-only"} - {header.lower()}
        found = [value for name, value in headers if name == header.lower()]
        self.check(not [name for name, _ in headers if name in other], f"{what}: {path}: both headers")
        if self.check(len(found) == 1, f"{what}: {path} ({code}): {len(found)} policies: {found}"):
            self.check(parsed(found[0]) == meant, f"{what}: {path} ({code}):\n  has   {found[0]}\n  meant {meant}")

    def finish(self):
        print(f"{self.done} checks, {self.failed} failed, {len(self.skipped)} skipped: {', '.join(self.skipped) or 'none'}")
        return 1 if self.failed else 0
