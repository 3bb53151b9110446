"""Counts checks, runs cspseal, and reads policies, so that every room says alike what it checked, what failed and what was skipped."""

import json
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
# The header of an enforced policy, and that of one whose violations are only reported.
ENFORCED, REPORTED = "content-security-policy", "content-security-policy-report-only"
BOTH = (ENFORCED, REPORTED)


class Checks:
    """Prints what fails at once; the last line has the counts."""

    def __init__(self):
        self.done = self.failed = 0
        self.skipped = []

    def check(self, holds, what):
        self.done += 1
        if not holds:
            self.failed += 1
            print(f"FAILED {what}"[:3000], flush=True)
        return holds

    def skip(self, target, reason):
        self.skipped.append(target)
        print(f"SKIPPED {target}: {reason}", flush=True)

    def finish(self):
        """Prints the counts; the exit code."""
        skipped = ", ".join(self.skipped) or "none"
        print(f"{self.done} checks, {self.failed} failed, {len(self.skipped)} skipped: {skipped}", flush=True)
        return 1 if self.failed else 0


class Refused(Exception):
    """cspseal did not print what it was asked for; with what it said instead."""


def cspseal(binary, *args, stdin=None):
    """The output of cspseal. Findings about the pages, exit code 1, are no failure."""
    done = subprocess.run([binary, *map(str, args)], input=stdin, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise Refused(done.stderr.strip())
    return done.stdout


def inventory(binary, site, *args):
    """The inventory of a site, which has the policies that are meant."""
    return json.loads(cspseal(binary, "hash", "--format", "json", *args, site))


def given(policy_files):
    """The arguments for a policy, or for an enforced and a report-only one."""
    return [arg for pair in zip(["--policy-file", "--report-only-policy-file"], policy_files) for arg in pair]


def sent_by(headers, policy_files):
    """The arguments by which these headers are sent, with the policies of these files."""
    return [*given(policy_files), *["--report-only"] * (headers == (REPORTED,))]


def policies(headers, item):
    """The policies of a site or page in the inventory, by the headers that send them."""
    return dict(zip(headers, (item[key] for key in ("policy", "report_only_policy") if key in item), strict=True))


def parsed(policy):
    """Directives as sets of sources; none may come twice."""
    directives = {}
    for directive in policy.split(";"):
        name, *sources = directive.split()
        assert name not in directives, f"{name} twice"
        directives[name] = frozenset(sources)
    return directives
