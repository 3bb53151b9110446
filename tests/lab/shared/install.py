"""Installs packages from PyPI, npm, crates.io and Debian once for all checks.

Every set of packages has a folder of its own in $LAB_CACHE, so that two checks that need the same set share it and another version
is installed anew. Without the variable the folder is temporary and removed at the end.
"""

import atexit
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# Runs what is installed from PyPI; Django 6 needs Python 3.12.
PYTHON = os.environ.get("PYTHON", sys.executable)


class Missing(Exception):
    """What a check needs is not there; with what that is."""


@functools.cache
def cache():
    if kept := os.environ.get("LAB_CACHE"):
        folder = Path(kept).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    temporary = Path(tempfile.mkdtemp(prefix="cspseal-lab-"))
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    return temporary


def works(*command):
    """Whether a command is there and ends with exit code 0."""
    return bool(shutil.which(command[0])) and subprocess.run(command, capture_output=True).returncode == 0


def installed(kind, packages, install):
    """The folder of a set of packages, into which `install` puts it."""
    folder = cache() / re.sub(r"[^\w.=]+", "-", " ".join([kind, *packages]))
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        install(folder)
        (folder / "done").touch()
    return folder


def run(*command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise Missing(f"{Path(command[0]).name}: {done.stderr.strip()[-300:]}")


def pip(*packages):
    """The interpreter of a virtual environment with the packages."""

    def install(folder):
        run(PYTHON, "-m", "venv", "venv", folder=folder)
        run(folder / "venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages, folder=folder)

    return str(installed("pip", packages, install) / "venv/bin/python")


def npm(*packages, scripts=False):
    """The folder with `node_modules`; the packages' own scripts run only if that is asked for."""
    if not shutil.which("npm"):
        raise Missing("no npm")

    def install(folder):
        (folder / "package.json").write_text("{}")
        flags = [] if scripts else ["--ignore-scripts"]
        run("npm", "install", "--no-audit", "--no-fund", *flags, *packages, folder=folder)

    return installed("npm", packages, install)


def cargo(package):
    """The folder with the programs of a package, built without optimization and from the lock file of its authors."""
    if not shutil.which("cargo"):
        raise Missing("no cargo")
    return installed("cargo", [package], lambda folder: run("cargo", "install", "--quiet", "--locked", "--debug", "--root", folder, package, folder=folder)) / "bin"


def apt(*packages):
    """Installs packages of Debian on the machine, if they are not there."""
    if works("dpkg", "-s", *packages):
        return
    if os.geteuid() or not shutil.which("apt-get"):
        raise Missing(f"no {' '.join(packages)}")
    run("apt-get", "update", folder="/")
    run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "--no-install-recommends", *packages, folder="/")
