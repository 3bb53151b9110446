"""The frameworks, one row each: how it is installed, what runs it, and what of it is checked.

`hashes` is the name for `cspseal hash --format`, `nonces` the one for `cspseal nonce --framework`; without a name there is nothing to
check of it. `served.py` has the applications that Chromium loads. All else is of that framework alone, so that a new one is a row here and an application in `apps`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shared import install
from shared.install import Missing

APPS = Path(__file__).resolve().parent / "apps"


@dataclass(frozen=True)
class Framework:
    """A framework and its application.

    `install` gives the command in front of the application's file, or raises `Missing`. The command gets the file that cspseal
    printed and a folder to serve, then perhaps a dialect: the page `/` is then the template `page` of the folder. It reads paths as
    JSON, and prints for each a line of JSON with `path`, `status`, `headers` as pairs, and `body`.
    """

    name: str
    install: Callable[[], list[str]]
    app: str | None = None
    hashes: str | None = None
    nonces: str | None = None
    # Those that the nonce is checked in.
    dialects: tuple[str, ...] = ()
    # How a comment begins in a file that `--into` writes into.
    comment: str = "#"
    # A text that it would take for a format, as cspseal must write it, and as it was meant: in a URL both are the same.
    respelled: tuple[str, str] = ("", "")
    # What such a file begins with, which the part of `--into` does not repeat.
    opening: str = ""
    # What the framework drops or refuses: cspseal must refuse it first.
    refused: tuple[str, ...] = ()
    # Whether it sends a report-only policy next to the enforced one.
    two: bool = True

    def command(self):
        return [*self.install(), str(APPS / self.app)]


def python(*packages, newest=""):
    """What PyPI has; `newest` says what needs more than any Python 3."""

    def command():
        if newest and not install.works(install.PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 12))"):
            raise Missing(f"{newest} needs Python 3.12, set PYTHON")
        return [install.pip(*packages)]

    return command


def node(*packages):
    return lambda: ["env", f"NODE_PATH={install.npm(*packages)}/node_modules", "node"]


def rails():
    if not install.works("ruby", "-e", 'require "rails"; require "action_controller/railtie"'):
        raise Missing("no railties")
    return ["ruby"]


def go():
    sources = "/usr/share/gocode"
    if not install.works("go", "version") or not Path(sources, "src/github.com/unrolled/secure").is_dir():
        raise Missing("no Go or no github.com/unrolled/secure")
    environment = {"GO111MODULE": "off", "GOPATH": sources, "GOCACHE": install.cache() / "go"}
    return ["env", *(f"{name}={value}" for name, value in environment.items()), install.PYTHON]


def php():
    if not install.works("php", "--version"):
        raise Missing("no PHP")
    return [install.PYTHON]


def jasper():
    jars = Path("/usr/share/java")
    # Jasper compiles with Eclipse's compiler; Java runs the application from its source file.
    names = ["tomcat10-embed-core", "tomcat10-embed-el", "tomcat10-embed-jasper", "tomcat10-annotations-api", "eclipse-jdt-core"]
    files = [jars / f"{name}.jar" for name in names]
    if not install.works("javac", "--version") or not all(file.exists() for file in files):
        raise Missing("no JDK or no Tomcat 10")
    return ["java", "-cp", ":".join(map(str, files))]


def unpackaged(package):
    """What cannot be installed from PyPI, npm or Debian, and so is read in its sources and not run."""

    def command():
        raise Missing(f"{package} is not packaged where this can install from")

    return command


FLASK = python("flask", "flask-talisman")
EXPRESS = node("express@5", "helmet@8", "ejs", "express-handlebars", "mustache-express", "nunjucks")

FRAMEWORKS = [
    Framework(
        "django", python("django>=6.0", "jinja2", newest="Django 6"), "django_app.py",
        hashes="django", nonces="django", dialects=("django", "jinja"),
    ),
    Framework(
        "django-csp", python("django==5.2.*", "django-csp==4.*", "jinja2"), "django_app.py",
        hashes="django-csp", nonces="django-csp", dialects=("django", "jinja"), refused=("fenced-frame-src",),
    ),
    Framework(
        "django-csp3", python("django==5.2.*", "django-csp==3.*", "jinja2", "setuptools"), "django_app.py",
        hashes="django-csp3", nonces="django-csp3", dialects=("django", "jinja"), refused=("fenced-frame-src", "webrtc"),
        two=False,
    ),
    Framework("flask", FLASK, "flask_app.py", hashes="flask", nonces="flask", dialects=("jinja",)),
    Framework(
        "flask-talisman", FLASK, "flask_app.py",
        hashes="flask-talisman", nonces="flask-talisman", dialects=("jinja",), two=False,
    ),
    Framework(
        "starlette", python("fastapi", "uvicorn", "httpx", "jinja2"), "starlette_app.py",
        hashes="starlette", nonces="starlette", dialects=("jinja",),
    ),
    Framework(
        "express", EXPRESS, "express_app.js",
        hashes="helmet", nonces="express", dialects=("ejs", "handlebars", "nunjucks", "mustache"), comment="//",
    ),
    Framework("rails", rails, "rails_app.rb", hashes="rails", nonces="rails", dialects=("erb",), two=False),
    Framework(
        "go", go, "go_app.py",
        hashes="go", nonces="go", dialects=("go",), comment="//", respelled=("%%5B1]s", "%[1]s"),
    ),
    Framework(
        "php", php, "php_app.py", hashes="php", nonces="php", dialects=("php",), comment="//", opening="<?php\n"
    ),
    Framework("jasper", jasper, "Jasper.java", two=False),
    Framework("thymeleaf", unpackaged("Thymeleaf")),
    Framework("laravel", unpackaged("spatie/laravel-csp"), nonces="laravel", dialects=("blade",), comment="//"),
    Framework("symfony", unpackaged("NelmioSecurityBundle"), nonces="symfony", dialects=("twig",)),
]
