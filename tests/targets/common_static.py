"""What the checks of static hosts share: a site with hostile names, what is meant, and how answers are compared."""

import http.client
import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

REPOSITORY = Path(__file__).resolve().parents[2]
# With a policy that fits on a line of 2,000 characters.
BASE = "default-src 'self'; img-src * data:; report-uri /r?a=%7E&{path}%d&{{x}}&`(<!%{HOME}e"
DOLLAR = BASE + "&$1$HOME${HOME}$x"
HOSTILE = [
    "a b.html", "q'uote\".html", "$var.html", "x{y}.html", "日本.html", "A.html", "a.html", "#.html", "100%.html",
    "a+b(c)[d]*!~.html", "sub dir/index.html", "a|b^c`d;e&f=g,h@i.html", "v1.0/index.html", "docs.html", "_x-y~z.html",
    "plain.htm", ".well-known/p.html", "zz:top.html", "[[x]].html", "q?r.html", "back\\slash.html",
]
UNKNOWN = [
    "/nope", "/nope.html", "/nope/", "/docs/nope.html", "/a/b/c/d.html", "/.hidden/x", "/aXb.html", "/sub%20dir/other.html",
    "/a+b(c)[d]XYZ!~.html", "/docsx", "/v1x0/", "/indexxhtml",
]


def policy(text):
    """A serialized policy as what it says."""
    directives = {}
    for part in text.split(";"):
        name, *sources = part.split()
        assert name not in directives, name
        directives[name] = frozenset(sources)
    return directives


def make_site(folder, leave_out=(), small=False):
    """A copy of the test site and the hostile pages, each with a script of its own."""
    if small:
        folder.mkdir()
    else:
        shutil.copytree(REPOSITORY / "testdata/site", folder)
    for number, name in enumerate(HOSTILE):
        if name not in leave_out:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"<!doctype html><title>{number}</title><script>page({number})</script>\n")
    (folder / "nothing inline.html").write_text("<!doctype html><title>none</title>\n")
    (folder / "404.html").write_text("<!doctype html><title>404</title>not found\n")
    return folder


class Cspseal:
    def __init__(self, binary, base_file):
        self.binary, self.base_file = str(binary), str(base_file)

    def run(self, *arguments):
        """Exit code 1 says that the pages have findings, 2 that nothing could be printed."""
        command = [self.binary, "hash", "--policy-file", self.base_file, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True)

    def meant(self, site):
        """The policy of the site, and by path that of each page."""
        report = json.loads(self.run("--format", "json", site).stdout)
        return report["policy"], {page["site_path"]: page["policy"] for page in report["pages"]}


def link(path):
    """The path as a browser sends it when a link leads there."""
    return quote(path, safe="/!$&'()*+,;=:@[]|~-._")


def component(path):
    """As JavaScript's encodeURIComponent has it."""
    return quote(path, safe="/!'()*~-._")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(port, path, redirects=5):
    """Status, the values of every policy header by name, and the body; redirects are followed as a browser does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest("GET", path, skip_accept_encoding=True)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    headers = {"content-security-policy": [], "content-security-policy-report-only": []}
    for name, value in answer.getheaders():
        if name.lower() in headers:
            headers[name.lower()].append(value)
    connection.close()
    location = answer.getheader("location")
    if 300 <= answer.status < 400 and location and redirects:
        # Header bytes are Latin-1 to http.client; browsers take a Location for UTF-8 and escape what a link escapes.
        target = location.encode("latin-1").decode("utf-8", "replace")
        parts = urlsplit(target.split("#")[0])
        return fetch(port, quote(parts.path, safe="/!$&'()*+,;=:@[]|~-._%"), redirects - 1)
    return answer.status, headers, body


class Checks:
    def __init__(self):
        self.done = self.failed = 0
        self.skipped = []

    def check(self, what, good, detail=""):
        self.done += 1
        if not good:
            self.failed += 1
            print(f"FAILED {what}: {detail}", flush=True)

    def skip(self, target, reason):
        self.skipped.append(target)
        print(f"SKIPPED {target}: {reason}", flush=True)

    def answer(self, what, answer, header, wanted):
        """Exactly one policy, in the header that was meant, that says what was meant."""
        status, headers, _ = answer
        values = headers[header.lower()]
        others = [v for name, vs in headers.items() if name != header.lower() for v in vs]
        good = len(values) == 1 and not others and "," not in values[0] and policy(values[0]) == policy(wanted)
        self.check(what, good, f"status {status}\n  got    {values} {others}\n  wanted {wanted}")


def wait_for(port, process, seconds=90):
    end = time.time() + seconds
    while time.time() < end:
        if process.poll() is not None:
            return False
        try:
            fetch(port, "/nope")
            return True
        except OSError:
            time.sleep(0.2)
    return False
