"""The lists that `cspseal hash --format python` prints, imported by every Python that is there, and looked at by ruff."""

import ast
import json
import os
import shutil
import subprocess
from pathlib import Path

from hashes import POLICIES
from shared import install
from shared.checks import cspseal, inventory, parsed

# Policies that say something of attributes alone as well.
MODULE_POLICIES = {**POLICIES, "attributes": "script-src-attr 'self'; script-src-elem https:; default-src 'none'"}
NAMES = [f"{kind}-src{part}" for kind in ("script", "style") for part in ("", "-elem", "-attr")]
IMPORT = "import csp_hashes, json; print(json.dumps({k: v for k, v in vars(csp_hashes).items() if k[0] != '_'}))"
# Without the line that silences ruff, only lengths are to be found.
OPEN_RULES = [
    ["check", "-q", "--isolated", "--preview", "--select", "E,W,F,D100,I,PL,RUF", "--ignore", "E501,RUF003"],
    ["format", "-q", "--check", "--isolated", "--line-length", "320"],
]
# The line silences everything but the rule against such lines.
ALL_RULES = ["check", "-q", "--isolated", "--select", "ALL", "--ignore", "PGH004"]


def check(checks, binary, site, folder):
    folder.mkdir()
    ruff = [install.pip("ruff"), "-m", "ruff"]
    pythons = find_pythons()
    for label, policy in MODULE_POLICIES.items():
        for flags in ([], ["--unsafe-hashes"]):
            (folder / "policy").write_text(policy)
            args = ["--policy-file", folder / "policy", *flags]
            check_module(checks, binary, site, folder / "csp_hashes.py", args, pythons, ruff, f"python {label} {flags}")
    print(f"python: imported by {len(pythons)} Pythons")


def find_pythons():
    """Every Python from 3.8 on, of the system and of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = {shutil.which(f"python3.{minor}") for minor in range(8, 15)} | {str(p) for p in pyenv.glob("versions/3.*/bin/python3")}
    recent = "import sys; sys.exit(sys.version_info < (3, 8))"
    return sorted({python for python in found if python and install.works(python, "-c", recent)} | {install.PYTHON})


def expected_lists(document):
    """What each list has by the inventory."""
    lists = {name: set() for name in NAMES}
    for inline in document["inlines"]:
        if inline["in_policy"]:
            lists[inline["directive"]] |= {f"'{text}'" for text in inline["hashes"]}
            if inline["kind"] not in ("script", "style"):
                lists[inline["directive"]].add("'unsafe-hashes'")
    return {name: sorted(hashes) for name, hashes in lists.items()}


def check_module(checks, binary, site, module, args, pythons, ruff, what):
    cspseal(binary, "hash", "--format", "python", *args, "-o", module, site)
    text = module.read_bytes()
    cspseal(binary, "hash", "--format", "python", *args, "-o", module, site)
    checks.check(module.read_bytes() == text, f"{what}: not the same twice")
    document = inventory(binary, site, *args)
    directives = {inline["directive"] for inline in document["inlines"] if inline["in_policy"]}
    if not checks.check(directives <= set(NAMES), f"{what}: {directives}"):
        return
    expected, policy = expected_lists(document), parsed(document["policy"])
    for name, hashes in expected.items():
        checks.check(set(hashes) <= policy.get(name, set()), f"{what}: {name}")
    for python in pythons:
        done = subprocess.run([python, "-B", "-c", IMPORT], cwd=module.parent, capture_output=True, text=True)
        found = done.stderr
        if not done.returncode:
            found = {name.lower().replace("_", "-"): sorted(values) for name, values in json.loads(done.stdout).items()}
        checks.check(found == expected, f"{what} {python}: {found}")
    ast.parse(text)
    check_with_ruff(checks, text, module, ruff, what)


def check_with_ruff(checks, text, module, ruff, what):
    open_module = module.with_name("open_module.py")
    open_module.write_bytes(text.removeprefix(b"# ruff: noqa\n"))
    for command, file in [*((rules, open_module) for rules in OPEN_RULES), (ALL_RULES, module)]:
        done = subprocess.run([*ruff, *command, file], capture_output=True, text=True)
        checks.check(done.returncode == 0, f"{what} ruff {command[0]}: {done.stdout}{done.stderr}")
