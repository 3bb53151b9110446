"""What the checks of the frameworks' formats share: a site with hostile names, what is meant for it, and counting."""

import json
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]

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


def make_site(folder):
    """testdata/site, and hostile pages of which each has a script and a handler of its own."""
    shutil.copytree(REPOSITORY / "testdata/site", folder)
    for number, name in enumerate(HOSTILE_NAMES):
        page = folder / name
        page.parent.mkdir(exist_ok=True, parents=True)
        page.write_text(f"<!doctype html><title>x</title><script>page({number})</script><p onclick='page({number})'>\n")
    return folder


def parsed(policy):
    """Directives as sets of sources; none may come twice."""
    directives = {}
    for directive in policy.split(";"):
        name, *sources = directive.split()
        assert name not in directives, f"{name} twice"
        directives[name] = frozenset(sources)
    return directives


class Refused(Exception):
    """cspseal did not print what it was asked for."""


def cspseal(binary, *args):
    """Runs `cspseal hash`; findings about the pages, exit code 1, are no failure."""
    done = subprocess.run([binary, "hash", *map(str, args)], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise Refused(done.stderr.strip())
    return done.stdout


def meant(binary, site, *args):
    """The inventory with the policies that are meant."""
    return json.loads(cspseal(binary, "--format", "json", *args, site))


class Checks:
    def __init__(self):
        self.passed = self.failed = 0
        self.skipped = []

    def check(self, holds, message):
        if holds:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED {message}")

    def skip(self, target, reason):
        self.skipped.append(target)
        print(f"SKIPPED {target}: {reason}")

    def finish(self):
        print(f"{self.passed} checks passed, {self.failed} failed; skipped: {', '.join(self.skipped) or 'none'}")
        return 1 if self.failed else 0
