"""`cspseal check http://localhost:…` against a server with what `cspseal hash` wrote for it: no findings, and after a page was changed
on the server exactly those of the change."""

import json
import os
import shutil
import subprocess

from hashes import SERVERS
from shared.checks import REPOSITORY, cspseal

# The servers that send files by themselves, and error pages with the policy of the page.
NAMES = ("nginx", "apache", "htaccess", "caddy")
POLICY = REPOSITORY / "testdata/site.policy"


def check(checks, binary, name, folder):
    for scope in ("site", "page") if name in NAMES else ():
        room = folder / f"{name}-live-{scope}"
        room.mkdir(parents=True)
        os.chmod(room, 0o755)
        site = shutil.copytree(REPOSITORY / "testdata/site", room / "site")
        server = SERVERS[name](room, site)
        file, text = server.with_block()
        file.write_text(text)
        args = ["--format", name, "--scope", scope, "--unsafe-hashes", "--policy-file", POLICY]
        if name == "caddy":
            # It sends this charset with every page, and a page declares another one, which no browser gets to see.
            args += ["--charset", "utf-8"]
        cspseal(binary, "hash", *args, "--into", file, site)
        file.write_text(server.completed(file.read_text()))
        what = f"{name} {scope} live"
        with server.running():
            code, report = live(binary, server, room)
            checks.check(code == 0 and not report["findings"], f"{what}: {code} {report['findings']}")
            checks.check(report["summary"]["pages"] >= 12, f"{what}: {report['summary']}")
            page = site / "contact.html"
            old = page.read_text()
            page.write_text(old.replace("<script>", "<script>changed();", 1))
            code, report = live(binary, server, room)
            line = old[: old.index("<script>")].count("\n") + 1
            found = {(finding["code"], finding["path"], finding["line"]) for finding in report["findings"]}
            blocked = ("blocked-script", f"http://127.0.0.1:{server.port}/contact.html", line)
            others = {found_code for found_code, *_ in found - {blocked}}
            # No page has the old text any more.
            good = code == 1 and blocked in found and others <= {"orphaned-hash"}
            checks.check(good, f"{what}: changed: {code} {report['findings']}")


def live(binary, server, folder):
    """The exit code and the report of a check of the server."""
    command = [binary, "check", f"http://127.0.0.1:{server.port}/", "--no-config", "--format", "json"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if not ran.stdout:
        raise RuntimeError(ran.stderr)
    report = json.loads(ran.stdout)
    # Whether a policy is strict is no matter of the server.
    report["findings"] = [finding for finding in report["findings"] if finding["severity"] != "note"]
    return ran.returncode, report
