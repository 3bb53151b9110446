"""What `cspseal nonce --print-policy` prints for a server, put into its configuration: every answer with a page must have a nonce of its
own, in the policy and in the page, and nothing else of the page may have changed."""

import gzip
import http.client
import os
import random
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

from programs import Apache, ApacheHost, Caddy, Nginx
from shared.checks import BOTH, cspseal

PLACEHOLDER = "CSP_NONCE_0123456789abcdef0123456789abcdef"
# Of every kind of character that a nonce may have; to patterns some of them are operators.
ODD_PLACEHOLDER = "-CSP+NONCE/0123_4567-89ab=="
# Each server has its own idea of which of these characters begin a variable, a format or an escape.
POLICY = r"default-src 'self'; img-src * data:; report-uri /r?$x=%7E&$uri%d&{path}{$HOME}${HOME}%{HOME}e&a\nb\\c`(<!"
LONG_POLICY = POLICY + "; font-src " + " ".join(f"host{n}.example.com" for n in range(300))
TODAY = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'"
STRICT = "default-src 'none'; form-action 'none'; base-uri 'none'"
NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_-]{22,}={0,2})'")
ATTRIBUTE = re.compile(r'nonce="([^"]*)"')
MARK = re.compile(r"^# (In |At |/etc/)")

# What template engines, server-side includes and server variables would act on, and must come out as it went in.
FOREIGN = '{{ .Req.URL }} {{placeholder "http.request.uuid"}} {http.request.uuid} $request_id %{CSP_NONCE}e <!--#echo var="x"-->'


def page(placeholder, title, body=""):
    return (
        f'<!doctype html><html><head><title>{title}</title><script nonce="{placeholder}">var x = 1;</script>'
        f'</head><body>{body}<style nonce="{placeholder}">p{{color:red}}</style></body></html>\n'
    )


def big_page(placeholder):
    """Over 1 MB, with placeholders at ever other offsets, so that they straddle the ends of every kind of buffer."""
    randomness = random.Random(7)
    parts = ["<!doctype html>"]
    size = 0
    while size < 1_600_000:
        part = "x" * randomness.randrange(0, 120) + f'<script nonce="{placeholder}">1</script>'
        # The beginning of a placeholder that is none.
        part += placeholder[: randomness.randrange(0, len(placeholder))] + "."
        parts.append(part)
        size += len(part)
    return "".join(parts)


def straddling_page(placeholder, size):
    """A placeholder over every multiple of `size` bytes, each time cut at another of its characters."""
    text = "<!doctype html>"
    for cut in range(1, 60):
        behind = f'<script nonce="{placeholder}">'
        at = cut * size - len('<script nonce="') - (cut % (len(placeholder) - 1) + 1)
        text += "y" * (at - len(text)) + behind + "</script>"
    return text


def write_site(folder, placeholder):
    pages = {
        "index.html": page(placeholder, "index"),
        "plain.html": page(placeholder, "plain", "<p>" + FOREIGN + "</p>"),
        "docs/index.html": page(placeholder, "docs"),
        "big.html": big_page(placeholder),
        "straddling.html": straddling_page(placeholder, 4_096),
        "straddling8000.html": straddling_page(placeholder, 8_000),
        "404.html": page(placeholder, "404"),
        "short.html": placeholder[:7],
        "only.html": placeholder,
        "empty.html": "",
        "with space.html": page(placeholder, "space"),
        "page.xhtml": f'<html xmlns="http://www.w3.org/1999/xhtml"><script nonce="{placeholder}">1</script></html>',
        "image.svg": f'<svg xmlns="http://www.w3.org/2000/svg"><script nonce="{placeholder}">1</script></svg>',
        "none.html": "<!doctype html><title>no nonce</title>" + placeholder[:-1],
    }
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    # Whoever serves this in place of the page sends the placeholder.
    (folder / "plain.html.gz").write_bytes(gzip.compress(pages["plain.html"].encode()))
    (folder / "style.css").write_text("p{color:red}\n" * 200)
    return pages


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.getheaders()
        self.raw = body
        encoded = self.header("content-encoding")
        self.body = gzip.decompress(body) if encoded == "gzip" and body else body
        self.text = self.body.decode()

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name]

    def policies(self):
        """The names and values of the headers with policies."""
        return [(key.lower(), value) for key, value in self.headers if key.lower() in BOTH]

    def header(self, name):
        return ", ".join(self.all(name)) if self.all(name) else None

    def nonces(self):
        return [n for _, policy in self.policies() for n in NONCE.findall(policy)]


class Tested:
    """A started server and the nonces that came from it."""

    def __init__(self, checks, label, name, server, pages, bases, placeholder):
        self.checks, self.label, self.name = checks, label, name
        self.server, self.pages, self.bases, self.placeholder = server, pages, bases, placeholder
        # A nonce would switch the keyword off, which is kept.
        self.with_nonce = {name for name, base in bases.items() if base != TODAY}
        self.seen = set()

    def check(self, right, what):
        self.checks.check(right, f"{self.label}: {what}")

    def fetch(self, path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            response = connection.getresponse()
            return Answer(response, response.read())
        finally:
            connection.close()

    def check_page(self, what, answer, source, status=200):
        """Everything that must hold for one answer with a page in it; returns its nonce."""
        self.check(answer.status == status, f"{what}: status {answer.status}, not {status}")
        policies = answer.policies()
        self.check([name for name, _ in policies] == list(self.bases), f"{what}: {len(policies)} policies: {policies}")
        nonces = answer.nonces()
        with_nonce = {name for name, policy in policies if NONCE.search(policy)}
        self.check(with_nonce == self.with_nonce and len(set(nonces)) == 1, f"{what}: nonces {nonces}")
        nonce = nonces[0] if nonces else "?"
        self.check(self.placeholder not in str(answer.headers), f"{what}: the placeholder is in the headers")
        for name, policy in policies:
            for part in self.bases.get(name, "").split("; "):
                self.check(part in policy.split("; "), f"{what}: {part} is not in {policy}")
        self.check(nonce not in self.seen, f"{what}: the nonce {nonce} came before")
        self.seen.add(nonce)
        self.check(answer.header("cache-control") == "no-store", f"{what}: {answer.header('cache-control')} to caches")
        # Of nothing, nothing old can be kept.
        for name in ("etag", "last-modified") if source != "" else ():
            self.check(answer.header(name) is None, f"{what}: {name}: {answer.header(name)}")
        kind = (answer.header("content-type") or "").partition(";")[0]
        kinds = {"xhtml": "application/xhtml+xml", "svg": "image/svg+xml"}
        extension = what.partition(" (")[0].rpartition(".")[2].removesuffix(" gzip") if status == 200 else ""
        self.check(kind == kinds.get(extension, "text/html"), f"{what}: {kind}")
        length = answer.header("content-length")
        if source is None:
            return nonce
        self.check(self.placeholder not in answer.text, f"{what}: the placeholder is in the page")
        self.check(
            set(ATTRIBUTE.findall(answer.text)) <= {nonce}, f"{what}: other nonces than {nonce} in the page"
        )
        self.check(answer.text == source.replace(self.placeholder, nonce), f"{what}: the page differs in more than its nonces")
        self.check(length is None or int(length) == len(answer.raw), f"{what}: Content-Length {length}, {len(answer.raw)} bytes")
        return nonce

    def check_all(self):
        pages = self.pages
        paths = {"/" + name.replace(" ", "%20"): text for name, text in pages.items() if name != "404.html"}
        paths |= {"/": pages["index.html"], "/docs/": pages["docs/index.html"], "/plain.html?a=b": pages["plain.html"]}
        for path, source in paths.items():
            for turn in (1, 2):
                self.check_page(f"GET {path} ({turn})", self.fetch(path), source)
                zipped = self.fetch(path, Accept_Encoding="gzip")
                self.check_page(f"GET {path} gzip ({turn})", zipped, source)
        zipped = self.fetch("/big.html", Accept_Encoding="gzip").header("content-encoding") == "gzip"
        self.check(zipped, "no page was compressed for a client that takes gzip")
        self.check_missing()
        self.check_head()
        self.check_conditions()
        self.check_range()
        self.check_assets()
        self.check_refusals()
        self.check_many()

    def check_missing(self):
        for path in ("/missing.html", "/missing", "/docs/missing/", "/missing*.html", "/pla*.html"):
            for turn in (1, 2):
                self.check_page(f"GET {path} ({turn})", self.fetch(path), self.pages["404.html"], status=404)

    def check_head(self):
        for path in ("/", "/plain.html", "/big.html"):
            head, get = self.fetch(path, method="HEAD"), self.fetch(path)
            self.check_page(f"HEAD {path}", head, None)
            self.check(not head.raw, f"HEAD {path}: it has a body")
            length, full = head.header("content-length"), get.header("content-length")
            self.check(length in (None, full), f"HEAD {path}: Content-Length {length}, with GET {full}")

    def check_conditions(self):
        """Validators of an earlier answer, and those that the file itself would have."""
        path = "/plain.html"
        for name, headers in {
            "If-None-Match": {"If_None_Match": self.file_etag(path)},
            "If-None-Match, weak": {"If_None_Match": "W/" + self.file_etag(path)},
            "If-Modified-Since": {"If_Modified_Since": self.file_date(path)},
            "both": {"If_None_Match": self.file_etag(path), "If_Modified_Since": self.file_date(path)},
            "If-Modified-Since, later": {"If_Modified_Since": formatdate(time.time() + 3600, usegmt=True)},
        }.items():
            answer = self.fetch(path, **headers)
            if answer.status == 304:
                # The stored policy goes on belonging to the stored page only if this answer brings none.
                self.check(not answer.policies(), f"{name}: 304 with a policy: {answer.policies()}")
                print(f"  note: {self.label}: {name} of the bare file: 304 without a policy")
            else:
                self.check_page(name, answer, self.pages["plain.html"])

    def file_etag(self, path):
        info = (self.server.site / path.strip("/")).stat()
        size, seconds, micros = info.st_size, int(info.st_mtime), info.st_mtime_ns // 1000
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"

        def base36(number):
            text = ""
            while number:
                number, digit = divmod(number, 36)
                text = digits[digit] + text
            return text

        tags = {
            "nginx": f'"{seconds:x}-{size:x}"',
            "apache": f'"{size:x}-{micros:x}"',
            "caddy": f'"{base36(seconds)}{base36(size)}"',
        }
        return tags[self.name]

    def file_date(self, path):
        return formatdate((self.server.site / path.strip("/")).stat().st_mtime, usegmt=True)

    def check_range(self):
        for header in ("bytes=0-9", "bytes=50-120", "bytes=-40"):
            answer = self.fetch("/plain.html", Range=header)
            if answer.status == 206:
                self.check_page(f"Range {header}", answer, None, status=206)
                self.check(self.placeholder[:12] not in answer.text, f"Range {header}: a part of the placeholder")
                print(f"  note: {self.label}: Range {header}: 206")
            else:
                self.check_page(f"Range {header}", answer, self.pages["plain.html"])

    def check_assets(self):
        """Other files keep their validators, so that browsers keep their copies."""
        asset = self.fetch("/style.css")
        self.check(asset.status == 200 and len(asset.policies()) == len(self.bases), f"/style.css: {asset.status}, {asset.headers}")
        self.check(asset.header("cache-control") is None, f"/style.css: {asset.header('cache-control')}")
        again = self.fetch("/style.css", If_None_Match=asset.header("etag") or "", If_Modified_Since=asset.header("last-modified") or "")
        self.check(again.status == 304, f"/style.css: {again.status} for its own validators")
        part = self.fetch("/style.css", Range="bytes=0-9")
        self.check(part.status == 206 and len(part.raw) == 10, f"/style.css: {part.status} for a range")

    def check_refusals(self):
        """An answer that is no page has a nonce of its own or none that a browser takes."""
        host = "Host: localhost\r\n"
        for what, request in {
            "no host": "GET / HTTP/1.1\r\n",
            "bad escape": "GET /%zz HTTP/1.1\r\n" + host,
            "bad version": "GET / HTTP/9.9\r\n" + host,
            "closed": "GET /closed/ HTTP/1.1\r\n" + host,
            "other method": "POST /plain.html HTTP/1.1\r\nContent-Length: 0\r\n" + host,
            "folder": "GET /docs HTTP/1.1\r\n" + host,
        }.items():
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=20) as connection:
                connection.sendall(f"{request}Connection: close\r\n\r\n".encode())
                response = http.client.HTTPResponse(connection)
                response.begin()
                answer = Answer(response, response.read())
            nonces = set(answer.nonces())
            self.check(self.placeholder not in answer.text, f"{what}: the placeholder is in the answer")
            self.check(len(nonces) <= 1 and not nonces & self.seen, f"{what}: {nonces}")
            self.check(len(dict(answer.policies())) == len(answer.policies()), f"{what}: {answer.headers}")
            self.check(set(ATTRIBUTE.findall(answer.text)) <= nonces, f"{what}: other nonces in the page than {nonces}")
            self.seen |= nonces

    def check_many(self):
        """Many pages at a time: no answer has the nonce of another."""
        names = ["plain.html", "straddling.html", "docs/index.html", "short.html"] * 60

        def get(name):
            return name, self.fetch("/" + name)

        with ThreadPoolExecutor(12) as threads:
            for name, answer in threads.map(get, names):
                self.check_page(f"GET /{name} (one of many)", answer, self.pages[name])


def parts_of(lines):
    """The printed lines by the comment that says where they go."""
    parts, place = {}, None
    for line in lines.splitlines():
        if MARK.match(line):
            place = line
            parts[place] = []
        if place is None:
            place = ""
            parts[place] = []
        parts[place].append(line)
    return [(place, "\n".join(text) + "\n") for place, text in parts.items()]


def part(lines, word):
    found = [text for place, text in parts_of(lines) if re.search(word, place)]
    if len(found) != 1:
        raise SystemExit(f"{len(found)} parts of the lines are for {word!r}:\n{lines}")
    return found[0]


def nginx(server, lines):
    text = server.configuration(http=part(lines, "In http"), server=part(lines, "In server"))
    (server.folder / "nginx.conf").write_text(text)


def apache(server, lines):
    script = server.folder / "csp-nonce.lua"
    script.write_text(part(lines, r"\.lua\b"))
    main = re.sub(r"/etc/apache2/\S+\.lua", str(script), part(lines, r"\.conf\b"))
    (server.folder / "httpd.conf").write_text(server.configuration(main=main))


def caddy(server, lines):
    text = server.configuration(top=part(lines, "top of"), site=part(lines, "site's block"))
    (server.folder / "Caddyfile").write_text(text)


# What is printed, the name that --server takes, the server, what writes its configuration, the base policies, the placeholder.
RUNS = [
    ("nginx", "nginx", Nginx, nginx, [POLICY], PLACEHOLDER),
    ("nginx, long policy", "nginx", Nginx, nginx, [LONG_POLICY], ODD_PLACEHOLDER),
    ("apache", "apache", Apache, apache, [POLICY], PLACEHOLDER),
    ("apache, virtual host and small buckets", "apache", ApacheHost, apache, [LONG_POLICY], ODD_PLACEHOLDER),
    ("caddy", "caddy", Caddy, caddy, [POLICY], PLACEHOLDER),
    ("caddy, long policy", "caddy", Caddy, caddy, [LONG_POLICY], ODD_PLACEHOLDER),
    *(
        (f"{name}, {label}", name, program, configure, policies, PLACEHOLDER)
        for name, program, configure in (("nginx", Nginx, nginx), ("apache", Apache, apache), ("caddy", Caddy, caddy))
        for label, policies in (("two policies", [STRICT, LONG_POLICY]), ("roll-out", [TODAY, STRICT]))
    ),
]


def check(checks, binary, wanted, folder):
    """All runs of one server."""
    for number, (label, name, program, configure, policies, placeholder) in enumerate(RUNS):
        if name != wanted:
            continue
        done, failed = checks.done, checks.failed
        room = folder / f"nonces{number}"
        root = room / "site"
        root.mkdir(parents=True)
        pages = write_site(root, placeholder)
        # Workers may run as another user than root.
        for path in (room, root):
            path.chmod(0o755)
        server = program(room, root)
        given = [arg for pair in zip(["--policy", "--report-only-policy"], policies) for arg in pair]
        keep = ["--keep-unsafe-inline", "script-src,style-src"] if TODAY in policies else []
        command = ["nonce", "--print-policy", "--server", name, "--placeholder", placeholder, *given, *keep]
        configure(server, cspseal(binary, *command, root))
        try:
            with server.running():
                Tested(checks, label, name, server, pages, dict(zip(BOTH, policies)), placeholder).check_all()
        except (OSError, RuntimeError) as error:
            checks.check(False, f"{label}: {error}")
        if checks.failed > failed:
            print(server.said()[-3000:])
        print(f"{label}: nonces: {checks.done - done} checks, {checks.failed - failed} failed", flush=True)
