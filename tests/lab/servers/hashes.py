"""What `cspseal hash --format` prints for a server, put into its configuration: every page must have the policy that is meant."""

import os
import re
from itertools import product

from programs import MARKS, Apache, Caddy, Haproxy, Htaccess, Lighttpd, Nginx
from shared.checks import BOTH, ENFORCED, REPORTED, REPOSITORY, Refused, cspseal, parsed, sent_by
from pages import Meant, fetch, make_site

SERVERS = {
    "nginx": Nginx,
    "apache": Apache,
    "htaccess": Htaccess,
    "caddy": Caddy,
    "haproxy": Haproxy,
    "lighttpd": Lighttpd,
}

# Each server has its own idea of which of these characters begin a variable, a format or an escape.
HOSTILE_POLICY = (
    "default-src 'self'; img-src * data:; "
    r"report-uri /r?$x=%7E&$uri%d&{path}{$HOME}%{HOME}e&a\nb\\c(<!#$1\1&`q"
)
# Longer than a token of nginx or a line of an .htaccess, and with each server's own signs in every part.
LONG_POLICY = (
    r"script-src 'self'; report-uri "
    + " ".join(f"https://host{n}.example.com/$1%41\\{n}{{path}}%{{HOME}}e" for n in range(200))
)
POLICIES = {
    "plain": (REPOSITORY / "testdata/site.policy").read_text(),
    "hostile": HOSTILE_POLICY,
    "long": LONG_POLICY,
    # As long as the headers of HAProxy have room for next to another one.
    "second": LONG_POLICY[: LONG_POLICY.index(" https://host110.")],
}
# The headers that are sent, and their policies.
SENT = [
    ((ENFORCED,), ("plain",)),
    ((REPORTED,), ("plain",)),
    ((ENFORCED,), ("hostile",)),
    ((ENFORCED,), ("long",)),
    (BOTH, ("hostile", "second")),
]


def check(checks, binary, name, folder):
    for number, (scope, (headers, policies)) in enumerate(product(("site", "page"), SENT)):
        room = folder / f"{name}{number}"
        room.mkdir(parents=True)
        os.chmod(room, 0o755)
        what = f"{name} {scope} {' '.join(headers)} {' '.join(policies)}"
        try:
            Configuration(checks, binary, name, scope, headers, what, room).check(policies)
        except (Refused, RuntimeError, OSError, AssertionError) as error:
            checks.check(False, f"{what}: {error}")


class Configuration:
    """The policies of one server: what is written, and what is sent for every path."""

    def __init__(self, checks, binary, name, scope, headers, what, folder):
        self.checks, self.binary, self.name, self.what, self.folder = checks, binary, name, what, folder
        self.scope, self.headers = scope, headers

    def check(self, policies):
        site = make_site(self.folder / "site")
        policy_files = [self.folder / f"{policy}.policy" for policy in policies]
        for file, policy in zip(policy_files, policies):
            file.write_text(POLICIES[policy])
        meant = Meant(self.binary, site, self.headers, policy_files)
        server = SERVERS[self.name](self.folder, site)
        file, text = server.with_block()
        file.write_text(text)
        args = ["--format", self.name, "--scope", self.scope, *sent_by(self.headers, policy_files)]
        self.check_written(file, text, site, args)
        file.write_text(server.completed(file.read_text()))
        with server.running():
            noise = re.search(r"(?i)warn|unknown|duplicate", server.said())
            self.checks.check(server.noisy or not noise, f"{self.what}: {server.said()[:500]}")
            self.check_requests(server, meant)
            self.check_special(server, meant)

    def check_written(self, file, text, site, args):
        """The block is in the file, which is else as it was, and is what a file of its own has."""
        cspseal(self.binary, "hash", *args, "--into", file, site)
        result = file.read_text()
        before, after = text.split(MARKS)
        kept = result.startswith(before) and result.endswith(after)
        self.checks.check(kept, f"{self.what}: --into changed what is not ours")
        alone_file = self.folder / "alone"
        cspseal(self.binary, "hash", *args, "-o", alone_file, site)
        block = [line.strip() for line in result[len(before) : len(result) - len(after)].splitlines()[1:-1]]
        alone = [line.strip() for line in alone_file.read_text().splitlines()]
        self.checks.check(block == alone, f"{self.what}: -o and --into differ")

    def check_requests(self, server, meant):
        for path, policy in meant.requests(self.scope):
            self.check_path(server, path, policy, 200)
        error_policy = meant.pages["404.html"] if self.scope == "page" and server.error_page else None
        for path, default in meant.unknown(self.scope):
            status, _ = fetch(server.port, path)
            if isinstance(default, dict) and None in default:
                default = default.get(status, default[None])
            self.check_path(server, path, error_policy if error_policy and status == 404 else default)

    def check_special(self, server, meant):
        """What each server can be asked beside pages and missing ones."""
        page = meant.pages["contact.html"] if self.scope == "page" else meant.site
        default = meant.default if self.scope == "page" else meant.site
        if isinstance(server, Nginx):
            self.check_path(server, "/clean", page, 200)
            index = meant.pages["docs/index.html"] if self.scope == "page" else default
            self.check_path(server, "//docs//./x/../index.html", index, 200)
        if isinstance(server, Caddy):
            self.check_path(server, "/contact", page, 200)
        if isinstance(server, Haproxy):
            self.check_path(server, "/down/", default, 503)
            self.check_path(server, "/denied/", default, 403)

    def check_path(self, server, path, meant, status=None):
        """The headers that are meant, each once, with the policies that are meant."""
        code, found = fetch(server.port, path)
        if isinstance(server, Haproxy):
            # The application's header is its own affair where the server sends none.
            found = {header: found[header] for header in self.headers if header in found}
        if status is not None:
            self.checks.check(code == status, f"{self.what}: {path}: status {code}, not {status}")
        self.checks.check(list(found) == list(self.headers), f"{self.what}: {path} ({code}): {found}")
        for header, values in found.items():
            if self.checks.check(len(values) == 1, f"{self.what}: {path} ({code}): {len(values)} policies: {values}"):
                wanted = meant.get(header)
                self.checks.check(parsed(values[0]) == wanted, f"{self.what}: {path} ({code}):\n  has   {values[0]}\n  meant {wanted}")
