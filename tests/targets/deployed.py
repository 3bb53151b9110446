#!/usr/bin/env python3
"""Asks hosts' own packages what testdata/deployed says of them: files that people write, and each URL's policies.

    tests/targets/deployed.py [--write] [netlify|netlify-toml|cloudflare|vercel|firebase|azure ...]

The library's tests read the same tables, so both sides agree. With --write the tables become what the packages
say. Packages come from npm into $TARGETS_CACHE, or a folder that is removed again; Cloudflare runs whole. A host whose
packages cannot be had is skipped and counted.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import common_static as common
import static_hosts

HERE = Path(__file__).parent
TABLES = HERE.parents[1] / "testdata/deployed"
HOSTS = ["netlify", "netlify-toml", "vercel", "firebase", "azure", "cloudflare"]


def ask(host, packages, cases):
    if host == "cloudflare":
        return [{**case, "answers": cloudflare(packages, case)} for case in cases]
    command = ["node", HERE / "deployed/ask.mjs", host, packages]
    result = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{host}: {result.stderr[-2000:]}")
    return json.loads(result.stdout)


def cloudflare(packages, case):
    """What Pages answer for paths where nothing is, which has the headers of the path."""
    with tempfile.TemporaryDirectory() as work:
        site = Path(work) / "site"
        site.mkdir()
        (site / "_headers").write_bytes(case["file"].encode())
        (site / "404.html").write_text("not found")
        wrangler = packages / "node_modules/.bin/wrangler"
        quiet = {"WRANGLER_SEND_METRICS": "false", "CI": "1", "NO_COLOR": "1", "HOME": work}
        command = [wrangler, "pages", "dev", site, "--port", "PORT", "--ip", "127.0.0.1", "--compatibility-date", "2026-01-01"]
        with static_hosts.Server(command, quiet, work) as server:
            answers = {}
            for url in case["answers"]:
                _, headers, _ = common.fetch(server.port, url)
                enforced = headers["content-security-policy"]
                reported = headers["content-security-policy-report-only"]
                values = enforced + ["report-only: " + value for value in reported]
                # One value, as the bytes that were sent.
                answers[url] = [value.encode("latin-1").decode() for value in values]
            return answers


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    write = "--write" in sys.argv
    checks = static_hosts.checks
    with tempfile.TemporaryDirectory() as temporary:
        cache = Path(os.environ.get("TARGETS_CACHE") or Path(temporary) / "cache").resolve()
        for host in arguments or HOSTS:
            if not shutil.which("npm"):
                checks.skip(host, "no npm")
                continue
            packages = static_hosts.install(host.removesuffix("-toml"), cache)
            if packages is None:
                continue
            path = TABLES / f"{host}.json"
            cases = json.loads(path.read_text())
            answers = ask(host, packages, cases)
            if write:
                # A file that was refused keeps its URLs.
                for case, answer in zip(cases, answers):
                    case["answers"] = answer["answers"] or {url: [] for url in case["answers"]}
                path.write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n")
            for case, answer in zip(cases, answers):
                for url, stored in case["answers"].items():
                    said = answer["answers"].get(url, [])
                    checks.check(f"{host}: {case['case']}: {url}", stored == said, f"{stored} is stored, {said} is said")
    print(f"{checks.done} checks, {checks.failed} failed, {len(checks.skipped)} skipped")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
