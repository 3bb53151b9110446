"""What the checks of static hosts share: their packages and servers, a site with hostile names, and how answers are compared."""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from urllib.parse import quote, urlsplit

from shared import install
from shared.checks import BOTH, ENFORCED, REPOSITORY, given, inventory, parsed, policies, sent_by
from shared.network import free_port

PACKAGES = {
    "netlify": ["@netlify/headers-parser@9.0.3"],
    "vercel": ["@vercel/routing-utils@6.6.0", "pcre-to-regexp@1"],
    "firebase": ["superstatic@10.0.0"],
    "azure": ["@azure/static-web-apps-cli@2.0.10"],
    "cloudflare": ["wrangler@4.86.0"],
}
# With a policy that fits on a line of 2,000 characters.
BASE = "default-src 'self'; img-src * data:; report-uri /r?a=%7E&{path}%d&{{x}}&`(<!%{HOME}e"
# Sent next to the other; both fit into the smallest limits together.
SECOND = "script-src 'none'; report-uri /r?a=%7E&{path}%d&{{x}}&`(<!%{HOME}e"
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
    def __init__(self, binary, *base_files):
        """The base policy in a file, and the one that is sent next to it."""
        self.binary, self.base_files = str(binary), base_files

    def run(self, *arguments, headers=(ENFORCED,)):
        """Exit code 1 says that the pages have findings, 2 that nothing could be printed."""
        sent = sent_by(headers, self.base_files[: len(headers)])
        command = [self.binary, "hash", *map(str, [*sent, *arguments])]
        return subprocess.run(command, capture_output=True, text=True)

    def meant(self, site, headers):
        """The policies of the site by header, by path those of each page, and those of a path that is no page."""
        files = self.base_files[: len(headers)]
        report = inventory(self.binary, site, *given(files))
        pages = {page["site_path"]: policies(headers, page) for page in report["pages"]}
        return policies(headers, report), pages, dict(zip(headers, [file.read_text() for file in files], strict=True))


def link(path):
    """The path as a browser sends it when a link leads there."""
    return quote(path, safe="/!$&'()*+,;=:@[]|~-._")


def component(path):
    """As JavaScript's encodeURIComponent has it."""
    return quote(path, safe="/!'()*~-._")


def install_host(name):
    """The folder with the host's packages; workerd brings its program with a script."""
    return install.npm(*PACKAGES[name], scripts=name == "cloudflare")


class Server:
    """A server on a port of its own, which takes the place of PORT in its command."""

    def __init__(self, command, environment=(), cwd=None):
        self.port = free_port()
        self.log = tempfile.TemporaryFile("w+")
        command = [str(part).replace("PORT", str(self.port)) for part in command]
        self.process = subprocess.Popen(
            command, stdout=self.log, stderr=subprocess.STDOUT, env={**os.environ, **dict(environment)}, cwd=cwd,
            start_new_session=True,
        )

    def __enter__(self):
        if not wait_for(self.port, self.process):
            self.log.seek(0)
            sys.exit(f"{self.process.args[:3]} did not start: {self.log.read()[-2000:]}")
        return self

    def __exit__(self, *_):
        # Its own group, so that the servers it started end with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


def wrangler(packages, work, *arguments):
    """Cloudflare's own server, which must not ask anything and reports nothing."""
    quiet = {"WRANGLER_SEND_METRICS": "false", "CI": "1", "NO_COLOR": "1", "HOME": str(work)}
    return Server([packages / "node_modules/.bin/wrangler", *arguments, "--port", "PORT", "--ip", "127.0.0.1"], quiet, work)


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


def fetch(port, path, redirects=5):
    """Status, the values of every policy header by name, and the body; redirects are followed as a browser does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest("GET", path, skip_accept_encoding=True)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    headers = {name: [] for name in BOTH}
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


def check_answer(checks, what, answer, wanted):
    """Exactly the headers that were meant, each once, with what was meant."""
    status, headers, _ = answer
    found = {name: values for name, values in headers.items() if values}
    one = all(len(values) == 1 and "," not in values[0] for values in found.values())
    good = one and {name: parsed(values[0]) for name, values in found.items()} == {name: parsed(policy) for name, policy in wanted.items()}
    checks.check(good, f"{what}: status {status}\n  got    {found}\n  wanted {wanted}")
