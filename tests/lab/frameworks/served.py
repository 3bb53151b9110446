"""Which scripts run: applications whose templates `nonce` wrote, under the policy that `hash` made, on their own servers in Chromium.

Each project of `served` is served twice: as it is, without a policy, and with nonces and the policy in the framework's own format. Every
script says what it is, and the file it is in, when it runs. What ran before must run after, with the same text, but for the scripts
that are listed here as blocked; each of those must be in a file that cspseal reported. A script that was injected into the page runs
before, and never after. There is one violation for each blocked script, and no other. A framework that can sends the same policy once more,
only reported and without connections: its violations are those and that of the probe's connection.
"""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from shared import drivers, install
from shared.network import answers, free_port
from table import APPS

PROJECTS_FOLDER = Path(__file__).resolve().parent / "served"
PROBE = """
window.seen = window === top ? {ran: [], violations: [], reported: []} : top.seen;
window.ran = what => seen.ran.push(what);
document.addEventListener("securitypolicyviolation", ({disposition, effectiveDirective, blockedURI, sample}) =>
  seen[disposition === "enforce" ? "violations" : "reported"].push(`${effectiveDirective} ${blockedURI} ${sample}`), true);
if (window === top) document.addEventListener("DOMContentLoaded", () => fetch("/probe"));
"""
# Modules and frames are done before the page is; violations are told a little later.
SEEN = """(async () => {
  if (!location.href.endsWith("LOAD") || document.readyState != "complete") return null;
  await new Promise(done => setTimeout(done, 100));
  return seen;
})()"""
EVIL = "injected"
INJECTED = f"<script>ran('{EVIL}')</script>"
LIMIT = 60
CONNECT = "connect-src"
BASE = "default-src 'self'; base-uri 'none'"
# That of the preset.
STRICT = "script-src 'strict-dynamic' https: 'unsafe-inline'; object-src 'none'; base-uri 'none'"


@dataclass(frozen=True)
class Project:
    """An application, and what is known of its scripts."""

    # In `served`.
    folder: str
    # The command of the server, from the one that runs the framework's programs and a port.
    serve: Callable[[list, int], list]
    # The folders with templates.
    paths: tuple[str, ...] = ("templates",)
    policy: str = "policy.py"
    pages: tuple[str, ...] = ("/",)
    # The scripts that do not run.
    blocked: tuple[str, ...] = ()
    # The files of which `nonce` reports an element, with the codes.
    reported: dict[str, tuple[str, ...]] = field(default_factory=dict)
    base: str = BASE
    # What is written, if that is no expression of the framework's.
    value: str = ""
    # Whose format the policy is in, if the framework has none.
    maker: str = ""
    # A command that fails where something of the application is not installed, and what that is.
    needs: tuple[str, ...] = ("true",)
    missing: str = ""


JINJA = {"page.html": ("literal-element",), "isolated.html": ("dead-nonce",)}
ISOLATED = "isolated.html: included without context, 2"


def django():
    """Its names of templates are those of both engines."""
    return Project(
        "django",
        lambda command, port: [*command, "manage.py", "runserver", "--noreload", port],
        paths=("shop",),
        pages=("/", "/jinja"),
        blocked=(
            ISOLATED,
            "macros.html: imported, for you",
            "cached.html: included in a cached block, for you",
            "color.html: a widget, for color",
            "page.html: in a block that the base caches, for you",
            "menu.html: an inclusion tag, for you",
            "only.html: included with other variables only, for you",
        ),
        reported={
            **dict.fromkeys(("isolated.html", "macros.html", "cached.html", "color.html", "menu.html", "only.html"), ("dead-nonce",)),
            "page.html": ("literal-element", "dead-nonce"),
        },
    )


def flask(app, base=BASE):
    return Project(
        "jinja",
        lambda command, port: [*command, "-m", "flask", "--app", app, "run", "--port", port],
        blocked=(ISOLATED,),
        reported=JINJA,
        base=base,
    )


PROJECTS = {
    "django": [django()],
    "django-csp": [django()],
    "django-csp3": [django()],
    "flask": [flask("flask_app")],
    "flask-talisman": [flask("talisman_app", STRICT)],
    "starlette": [
        Project(
            "jinja",
            lambda command, port: [*command, "-m", "uvicorn", "fastapi_app:app", "--port", port],
            blocked=(ISOLATED,),
            reported=JINJA,
        )
    ],
    "express": [
        Project(
            "express",
            lambda command, port: [*command, "app.js", port],
            paths=("views",),
            policy="policy.js",
            pages=("/page.njk", "/page.ejs", "/page.hbs"),
            blocked=("macros.njk: imported, for you",),
            reported={"macros.njk": ("dead-nonce",), "page.njk": ("literal-element",)},
        )
    ],
    "jasper": [
        Project(
            "jsp",
            lambda command, port: [*command, APPS / "Jasper.java", port],
            paths=("webapp",),
            policy="policy.php",
            pages=("/page.jsp",),
            value="${cspNonce}",
            blocked=("page.jsp: in a srcdoc, for you",),
            reported={"page.jsp": ("literal-element",)},
            maker="php",
        )
    ],
    "php": [
        Project(
            "twig",
            lambda _, port: ["php", "-S", f"127.0.0.1:{port}", "index.php"],
            policy="policy.php",
            needs=("php", "-r", 'require "Twig/autoload.php";'),
            missing="Twig",
            value="{{ csp_nonce() }}",
            reported={"page.html.twig": ("literal-element",)},
        )
    ],
    "rails": [
        Project(
            "rails",
            lambda _, port: ["rackup", "--server", "webrick", "--host", "127.0.0.1", "--port", port],
            paths=("app/views",),
            policy="config/initializers/content_security_policy.rb",
            needs=("ruby", "-rwebrick", "-e", ""),
            missing="webrick",
            blocked=(
                "_helpers.html.erb: javascript_tag without a nonce, for you",
                "_helpers.html.erb: a block without a nonce, for you",
                "_helpers.html.erb: tag.script without a nonce, for you",
                "_helpers.html.erb: content_tag without a nonce, for you",
                "_kept.html.erb: a partial in a cached block, for you",
            ),
            reported={
                "_helpers.html.erb": ("helper-nonce",),
                "_kept.html.erb": ("dead-nonce",),
                "show.html.erb": ("dead-nonce",),
            },
        )
    ],
}


class Server:
    """A server that was started, until the end of the block."""

    def __init__(self, command, room):
        self.log = room / "server.log"
        self.command, self.room = command, room

    def __enter__(self):
        self.port = free_port()
        with self.log.open("w") as log:
            command = [str(part) for part in self.command(self.port)]
            self.process = subprocess.Popen(command, cwd=self.room, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        assert answers(self.port, self.process), f"the server does not listen: {self.said()}"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def said(self):
        return self.log.read_text()[-2000:]


class Chromium:
    """One browser for all projects."""

    def __init__(self):
        self.browser, self.profile = drivers.launched(drivers.Chromium, PROBE)
        self.tab = self.browser.tab()
        self.loads = 0

    def close(self):
        self.browser.close()
        self.profile.cleanup()

    def evaluate(self, expression):
        options = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        return self.browser.call("Runtime.evaluate", {"sessionId": self.tab.name}, **options)["result"].get("value")

    def seen(self, url):
        """The scripts that ran in a page and its violations."""
        # Tells this document from the one before it.
        self.loads += 1
        load = f"&load={self.loads}"
        self.browser.open(self.tab, url + load)
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            if seen := self.evaluate(SEEN.replace("LOAD", load)):
                return seen
            time.sleep(0.02)
        raise AssertionError(f"{url} is not loaded after {LIMIT} s")


def chromium(checks):
    """Chromium, if it is there."""
    if drivers.program(drivers.Chromium):
        return Chromium()
    checks.skip("chromium", "not installed")
    return None


def check(checks, binary, framework, command, folder, chromium):
    for number, project in enumerate(PROJECTS[framework.name]):
        if not install.works(*project.needs):
            checks.skip(f"{framework.name} {project.folder}", f"no {project.missing}")
            continue
        room = folder / f"{framework.name}-served{number}"
        try:
            Application(checks, binary, framework, project, room).check(command, chromium)
        except (AssertionError, OSError) as error:
            checks.check(False, f"{framework.name} {project.folder}: {error}")


class Application:
    """A project as it is and as cspseal changes it, in two folders."""

    def __init__(self, checks, binary, framework, project, room):
        self.checks, self.binary, self.framework, self.project = checks, binary, framework, project
        self.before, self.after = room / "before", room / "after"
        for copy in (self.before, self.after):
            shutil.copytree(PROJECTS_FOLDER / project.folder, copy)

    def is_true(self, holds, what):
        return self.checks.check(holds, f"{self.framework.name} {self.project.folder}: {what}")

    def check(self, command, chromium):
        reported = self.write()
        before, after = (self.pages(command[:-1], room, chromium) for room in (self.before, self.after))
        blocked = set()
        for page in self.project.pages:
            blocked |= self.compare(page, before[page], after[page])
        self.is_true(blocked == set(self.project.blocked), f"{sorted(blocked)} are blocked")
        for script in blocked:
            self.is_true(script.split(":")[0] in reported, f"{script} is blocked and not reported")

    def cspseal(self, *arguments):
        done = subprocess.run([self.binary, *arguments], cwd=self.after, capture_output=True, text=True)
        self.is_true(done.returncode in (0, 1), f"{arguments}: {done.stderr}")
        return done

    def write(self):
        """Writes the nonces and the policy; the files of which something is reported that browsers block."""
        project, name = self.project, self.framework.name
        sends = project.maker or self.framework.hashes
        base = "".join(f"{part.split()[0]} = {json.dumps(part.split()[1:])}\n" for part in project.base.split("; "))
        second = f"[report-only-policy]\n{base}{CONNECT} = [\"'none'\"]\n" if self.framework.two else ""
        nonce = f"value = {json.dumps(project.value)}" if project.value else f"framework = {json.dumps(name)}"
        (self.after / "cspseal.toml").write_text(
            f"paths = {json.dumps(project.paths)}\nunsafe-hashes = true\n\n[policy]\n{base}\n{second}\n[nonce]\n{nonce}\n\n"
            f"[[output]]\nformat = {json.dumps(sends)}\nfile = {json.dumps(project.policy)}\n"
        )
        done = self.cspseal("nonce", "--write")
        found = {}
        for code, path in re.findall(r"^\w+\[([\w-]+)\].*\n\s*--> ([^\n:]*):", done.stderr, re.MULTILINE):
            found.setdefault(Path(path).name, set()).add(code)
        self.is_true(found == {file: set(codes) for file, codes in project.reported.items()}, f"{found} is reported\n{done.stderr}")
        self.is_true(not self.cspseal("nonce", "--check").stdout, "nonces are missing after --write")
        self.cspseal("hash", *(["--nonce", sends] if project.value else []))
        checked = self.cspseal("check").stdout
        errors = [block for block in checked.split("\n\n") if block.startswith("error[")]
        places = re.findall(r"(?:--> |same at |^ +)([^\s:]+):\d+:\d+", "\n".join(errors), re.MULTILINE)
        # What a helper writes is not in the template.
        blocked = {file for file in (script.split(":")[0] for script in project.blocked) if "helper-nonce" not in found.get(file, ())}
        is_right = project.value or {Path(place).name for place in places} == blocked
        self.is_true(is_right, f"check has other errors than in {blocked}: {checked}")
        return found

    def pages(self, command, room, chromium):
        """What Chromium sees of every page."""
        query = f"?q={quote(INJECTED)}"
        with Server(lambda port: self.project.serve(command, port), room) as server:
            urls = {page: f"http://127.0.0.1:{server.port}{page}{query}" for page in self.project.pages}
            seen = {page: chromium.seen(url) for page, url in urls.items()}
            # Once more, since caches have the page now.
            again = {page: chromium.seen(url) for page, url in urls.items()}
            same = {page: sorted(again[page]["ran"]) == sorted(seen[page]["ran"]) for page in urls}
            self.is_true(all(same.values()), f"another time other scripts run: {seen} {again}")
            self.is_true(all(seen[page]["ran"] for page in urls), f"a page does not render: {server.said()}")
        return seen

    def compare(self, page, before, after):
        """The scripts of a page that ran before and do not after."""
        self.is_true(EVIL in before["ran"] and not before["violations"], f"{page} without a policy: {before}")
        blocked = set(before["ran"]) - set(after["ran"])
        self.is_true(not set(after["ran"]) - set(before["ran"]), f"{page}: {after['ran']} ran, and before {before['ran']}")
        self.is_true(len(after["violations"]) == len(blocked), f"{page}: {blocked} are blocked, with {after['violations']}")
        self.is_true(EVIL in blocked, f"{page}: an injected script runs")
        # Chromium reports a connection twice.
        scripts = [violation for violation in after["reported"] if not violation.startswith(CONNECT)]
        is_right = len(scripts) == self.framework.two * len(blocked) and (scripts != after["reported"]) == self.framework.two
        self.is_true(is_right and not before["reported"], f"{page}: {blocked} are blocked, and {after['reported']} are reported")
        return blocked - {EVIL}
