"""A site with hostile names, what is meant for it, and the requests of the checks of hashes."""

import http.client
import shutil
from pathlib import Path
from urllib.parse import quote

from shared.checks import BOTH, REPOSITORY, given, inventory, parsed, policies

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


class Meant:
    """What is meant for a site: the policies that `--format json` has, by header."""

    def __init__(self, binary, site, headers, policy_files):
        document = inventory(binary, site, *given(policy_files))

        def of(policies):
            return {header: parsed(policy) for header, policy in policies.items()}

        self.site = of(policies(headers, document))
        bases = [Path(file).read_text().strip().rstrip(";") for file in policy_files]
        self.default = of(dict(zip(headers, bases, strict=True)))
        self.pages = {page["site_path"]: of(policies(headers, page)) for page in document["pages"]}

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


def fetch(port, path):
    """Status, and the values of each policy header that is sent."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        pairs = [(name.lower(), value) for name, value in response.getheaders()]
        response.read()
        values = {header: [value for name, value in pairs if name == header] for header in BOTH}
        return response.status, {header: found for header, found in values.items() if found}
    finally:
        connection.close()
