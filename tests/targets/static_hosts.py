#!/usr/bin/env python3
"""Deploys to static hosts' own servers and parsers what cspseal prints, and fetches every page.

    tests/targets/static_hosts.py target/release/cspseal [netlify|cloudflare|vercel|firebase|azure ...]

Node packages come from npm into $TARGETS_CACHE, or a folder that is removed again. Cloudflare runs whole (wrangler with
workerd, Pages and Workers), Firebase as superstatic, the server its own emulator uses; of Netlify, Vercel and Azure the package that
reads the file runs, and how its rules are applied is taken from their command lines. A host whose packages
cannot be had is skipped and counted.
"""

import contextlib
import difflib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import common_static as common
from common_static import BASE, DOLLAR, UNKNOWN, Cspseal, component, link

PACKAGES = {
    "netlify": ["@netlify/headers-parser@9.0.3"],
    "vercel": ["@vercel/routing-utils@6.6.0", "pcre-to-regexp@1"],
    "firebase": ["superstatic@10.0.0"],
    "azure": ["@azure/static-web-apps-cli@2.0.10"],
    "cloudflare": ["wrangler@4.86.0"],
}
SERVER = Path(__file__).parent / "static_hosts/server.mjs"
CSP, REPORT = "Content-Security-Policy", "Content-Security-Policy-Report-Only"
checks = common.Checks()


def install(target, cache):
    folder = cache / f"static-{target}"
    done = folder / "installed"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}")
        scripts = [] if target == "cloudflare" else ["--ignore-scripts"]
        command = ["npm", "install", "--no-audit", "--no-fund", *scripts, *PACKAGES[target]]
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if result.returncode:
            checks.skip(target, "npm: " + result.stderr.strip()[-200:])
            return None
        done.touch()
    return folder


class Server:
    def __init__(self, command, environment=(), cwd=None):
        self.port = common.free_port()
        self.log = tempfile.TemporaryFile("w+")
        command = [str(part).replace("PORT", str(self.port)) for part in command]
        self.process = subprocess.Popen(
            command, stdout=self.log, stderr=subprocess.STDOUT, env={**os.environ, **dict(environment)}, cwd=cwd,
            start_new_session=True,
        )

    def __enter__(self):
        if not common.wait_for(self.port, self.process):
            self.log.seek(0)
            sys.exit(f"{self.process.args[:3]} did not start: {self.log.read()[-2000:]}")
        return self

    def __exit__(self, *_):
        # Its own group, so that the servers it started end with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


def node(target, packages, config, site, environment=()):
    return Server(["node", SERVER, target, packages, config, site, "PORT"], environment)


class Host:
    """One host: what it refuses, and where it shows a page."""

    refused = {}
    page_scope = True
    real_files = True
    # The scopes in which the whole test site is over a limit.
    small = []

    def __init__(self, name, packages, cspseal, work):
        self.name, self.packages, self.cspseal, self.work = name, packages, cspseal, work

    def urls(self, page, pages):
        """Every URL that shows the page."""
        yield "/" + page
        if page == "index.html":
            yield "/"
        elif page.endswith("/index.html"):
            yield "/" + page.removesuffix("index.html")

    def spellings(self, url):
        return {link(url), component(url)}

    def unknown(self):
        return UNKNOWN

    def run(self):
        left_out = {name for names in self.refused for name in names}
        small = common.make_site(self.work / "small", left_out, True)
        whole = common.make_site(self.work / "site", left_out)
        for names, word in self.refused.items():
            self.refuse(names, word)
        for scope in ["site", "page"] if self.page_scope else ["site"]:
            site = small if scope in self.small else whole
            site_policy, pages = self.cspseal.meant(site)
            for header in (CSP, REPORT):
                for fmt, filename in self.formats.items():
                    config = self.write(fmt, filename, scope, header, site)
                    if config is None:
                        continue
                    for label, server in self.servers(config, site):
                        with server:
                            what = f"{self.name} {fmt} {label} --scope {scope} {header}"
                            self.fetch_all(what, server.port, header, scope, site_policy, pages)
        if not self.page_scope:
            result = self.cspseal.run("--format", next(iter(self.formats)), "--scope", "page", site)
            checks.check(f"{self.name} --scope page is refused", result.returncode == 2, result.stdout)
        site = small if self.small else whole
        self.into(site, *self.cspseal.meant(site))

    def write(self, fmt, filename, scope, header, site, into=False):
        config = (self.work if self.separate else site) / filename
        arguments = ["--report-only"] if header == REPORT else []
        result = self.cspseal.run("--format", fmt, "--scope", scope, *arguments, "--into" if into else "-o", config, site)
        checks.check(f"{self.name} {fmt} {scope} {header}", result.returncode < 2, result.stderr)
        return config if result.returncode < 2 else None

    separate = True

    def refuse(self, names, word):
        """A site with these pages beside a harmless one must be refused with a message that names the page."""
        folder = self.work / "refused"
        common.make_site(folder, set(common.HOSTILE) - set(names), small=True)
        result = self.cspseal.run("--format", next(iter(self.formats)), "--scope", "page", folder)
        good = result.returncode == 2 and word in result.stderr and not result.stdout
        checks.check(f"{self.name} refuses {names}", good, result.stderr + result.stdout)
        shutil.rmtree(folder)

    def fetch_all(self, what, port, header, scope, site_policy, pages):
        for page, policy in pages.items():
            wanted = site_policy if scope == "site" else policy
            for url in self.urls(page, pages):
                for spelling in self.spellings(url):
                    answer = common.fetch(port, spelling)
                    checks.answer(f"{what} {spelling}", answer, header, wanted)
                    # superstatic decodes nothing that a link leaves as it is, and no `#` and `?`.
                    if self.real_files and spelling == link(url) and not set(page) & set("#?"):
                        checks.check(f"{what} {spelling} is served", answer[0] == 200 or page == "404.html", answer[0])
        for url in self.unknown():
            wanted = site_policy if scope == "site" else self.base
            checks.answer(f"{what} {url}", common.fetch(port, url), header, wanted)

    base = BASE

    def into(self, site, site_policy, pages):
        """Ours goes into somebody's file, twice, with other scopes, and out of it nothing is lost."""
        for fmt, (before, after_site) in self.existing.items():
            filename = self.formats[fmt]
            config = (self.work if self.separate else site) / filename
            config.write_bytes(before.encode())
            seen = {}
            for scope in ["site", "site", "page", "page", "site"] if self.page_scope else ["site", "site"]:
                self.write(fmt, filename, scope, CSP, site, into=True)
                text = config.read_bytes()
                checks.check(f"{self.name} {fmt} --into twice", seen.setdefault(scope, text) == text, text.decode())
                lost = [
                    line for line in difflib.ndiff(before.splitlines(True), text.decode().splitlines(True))
                    if line.startswith("- ") and line.rstrip().rstrip(",") not in after_site
                ]
                checks.check(f"{self.name} {fmt} --into keeps the rest", not lost, lost)
                if scope == "page" or not self.page_scope:
                    for label, server in self.servers(config, site):
                        with server:
                            what = f"{self.name} {fmt} {label} --into {scope}"
                            self.fetch_all(what, server.port, CSP, scope, site_policy, pages)
            config.unlink()


class Netlify(Host):
    formats = {"netlify": "_headers", "netlify-toml": "netlify.toml"}
    page_scope = False
    real_files = False
    existing = {
        "netlify": ("# mine\n/*\n  X-Frame-Options: DENY\n\n/docs/*\n\tX-Robots: none\n# end", ["- # end"]),
        "netlify-toml": ('[build]\n  publish = "x" # c\n\n[[headers]]\n  for = "/*"\n  [headers.values]\n    X-A = "b"', ['-     X-A = "b"']),
    }

    def servers(self, config, site):
        yield "", node("netlify", self.packages, config, site)


class Vercel(Host):
    formats = {"vercel": "vercel.json"}
    refused = {("A.html", "a.html"): "a.html"}
    real_files = False
    existing = {
        "vercel": (
            '{\n    "cleanUrls" : true,\n\n    "headers": [ {"source":"/x","headers":[{"key":"A","value":"b"}]} ],\n    "rewrites": []}\n',
            ['-     "headers": [ {"source":"/x","headers":[{"key":"A","value":"b"}]} ]'],
        ),
    }

    def urls(self, page, pages):
        yield from clean_urls(page, pages)

    def servers(self, config, site):
        for label, environment in {
            "": {}, "ignoring case": {"CASE": "i"}, "decoded": {"DECODED": "1"},
            "decoded, ignoring case": {"DECODED": "1", "CASE": "i"},
        }.items():
            yield label, node("vercel", self.packages, config, site, environment)


class Firebase(Host):
    formats = {"firebase": "firebase.json"}
    existing = {
        "firebase": (
            '{"functions": {},\n\t"hosting": {\n\t\t"public": "dist",\n\t\t"headers": [\n\t\t\t{"source": "**", "headers": [{"key": "A", "value": "b"}]}\n\t\t],\n\t\t"cleanUrls": true\n\t}\n}\n',
            ['- \t\t\t{"source": "**", "headers": [{"key": "A", "value": "b"}]}'],
        ),
    }

    def urls(self, page, pages):
        # With clean URLs nothing leads to a file beside a folder of its name: the folder's index is shown.
        if f"{page.removesuffix('.html')}/index.html" not in pages:
            yield from super().urls(page, pages)

    def servers(self, config, site):
        for label, switches in {
            "": {}, "cleanUrls": {"cleanUrls": True}, "cleanUrls trailingSlash": {"cleanUrls": True, "trailingSlash": True},
            "no trailingSlash": {"cleanUrls": True, "trailingSlash": False},
        }.items():
            settings = json.loads(config.read_text())
            settings["hosting"].update(switches)
            changed = config.with_name("served.json")
            changed.write_text(json.dumps(settings))
            yield label, node("firebase", self.packages, changed, site)

    def unknown(self):
        return [url for url in UNKNOWN if url != "/nope/"]


class Azure(Host):
    formats = {"azure-swa": "staticwebapp.config.json"}
    refused = {("A.html", "a.html"): "a.html", ("a+b(c)[d]*!~.html",): "a+b(c)[d]*!~"}
    real_files = False
    existing = {
        "azure-swa": (
            '{\n  "routes": [\n    { "route": "/admin/*", "allowedRoles": ["a"] }\n  ],\n  "globalHeaders": {"X-A": "b"}\n}',
            ['-     { "route": "/admin/*", "allowedRoles": ["a"] }', '-   "globalHeaders": {"X-A": "b"}', "- }"],
        ),
    }

    small = ["page"]

    def urls(self, page, pages):
        for url in clean_urls(page, pages):
            # Nothing says that a file is served with a slash behind its name.
            if not (url.endswith("/") and not page.endswith("index.html")):
                yield url

    def spellings(self, url):
        return {link(url)}

    def servers(self, config, site):
        yield "", node("azure", self.packages, config, site)


class Cloudflare(Host):
    formats = {"cloudflare": "_headers"}
    separate = False
    refused = {("a+b(c)[d]*!~.html",): "a+b(c)[d]*!~.html", ("zz:top.html",): "zz:top.html"}
    small = ["site"]
    existing = {
        "cloudflare": (
            "# mine\n/*\n  X-Frame-Options: DENY\n\n# docs\n/docs/*\n\tX-Robots: none\n/end\n  X-A: b",
            ["-   X-A: b"],
        ),
    }

    def urls(self, page, pages):
        stem = page.removesuffix(".html")
        if stem == "index" or stem.endswith("/index"):
            yield "/" + stem.removesuffix("index")
        else:
            yield "/" + stem
        # Pages itself does not escape these when it redirects to the name without `.html`.
        if page.isascii() and not set(page) & set("#?"):
            yield "/" + page

    def unknown(self):
        return [*UNKNOWN, "/assets/site.css"]

    def servers(self, config, site):
        wrangler = self.packages / "node_modules/.bin/wrangler"
        quiet = {"WRANGLER_SEND_METRICS": "false", "CI": "1", "NO_COLOR": "1", "HOME": str(self.work)}
        yield "Pages", Server(
            [wrangler, "pages", "dev", site, "--port", "PORT", "--ip", "127.0.0.1", "--compatibility-date", "2026-01-01"], quiet, self.work
        )
        settings = {"name": "x", "compatibility_date": "2026-01-01", "assets": {"directory": str(site), "not_found_handling": "404-page"}}
        (self.work / "wrangler.json").write_text(json.dumps(settings))
        yield "Workers", Server(
            [wrangler, "dev", "--config", self.work / "wrangler.json", "--port", "PORT", "--ip", "127.0.0.1"], quiet, self.work
        )

def clean_urls(page, pages):
    yield "/" + page
    stem = page.removesuffix(".html")
    if page == "index.html":
        yield "/"
    elif stem.endswith("/index"):
        yield "/" + stem.removesuffix("index")
        yield "/" + stem.removesuffix("/index")
    elif stem != page and f"{stem}/index.html" not in pages:
        yield "/" + stem
        yield "/" + stem + "/"


HOSTS = {"netlify": Netlify, "vercel": Vercel, "firebase": Firebase, "azure": Azure, "cloudflare": Cloudflare}


def main():
    binary = Path(sys.argv[1]).resolve()
    wanted = sys.argv[2:] or list(HOSTS)
    with tempfile.TemporaryDirectory() as temporary:
        temporary = Path(temporary)
        cache = Path(os.environ.get("TARGETS_CACHE") or temporary / "cache").resolve()
        for name in wanted:
            if not shutil.which("npm"):
                checks.skip(name, "no npm")
                continue
            packages = install(name, cache)
            if packages is None:
                continue
            work = temporary / name
            work.mkdir()
            base = work / "base.policy"
            base.write_text(BASE if name == "vercel" else DOLLAR)
            host = HOSTS[name](name, packages, Cspseal(binary, base), work)
            host.base = base.read_text()
            before = checks.done
            host.run()
            if name == "vercel":
                base.write_text(DOLLAR)
                result = host.cspseal.run("--format", "vercel", work / "site")
                checks.check("vercel refuses a $", result.returncode == 2 and "%24" in result.stderr, result.stderr)
            print(f"{name}: {checks.done - before} checks", flush=True)
    print(f"{checks.done} checks, {checks.failed} failed, {len(checks.skipped)} skipped")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
