"""Django with the settings TEXT: TEXT FOLDER [DIALECT], paths as JSON on standard input."""

import importlib.util
import json
import sys
from pathlib import Path

import django
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.test import Client
from django.urls import path, re_path

text, folder, dialect = [*sys.argv[1:], None][:3]
scope = {}
exec(compile(Path(text).read_bytes(), text, "exec"), scope)
package = importlib.util.find_spec("csp") is not None
backend = {"jinja": "jinja2.Jinja2"}.get(dialect, "django.DjangoTemplates")
processor = "request" if package else "csp"


def file(request):
    found = Path(folder, request.path.lstrip("/"))
    if not found.is_file():
        raise Http404
    return HttpResponse(found.read_bytes())


template = [path("", lambda request: render(request, "page"))] if dialect else []
urlpatterns = [*template, re_path(r"(?s)^.*$", file)]
settings.configure(
    ALLOWED_HOSTS=["testserver"],
    INSTALLED_APPS=["csp"] if package else [],
    MIDDLEWARE=["csp.middleware.CSPMiddleware" if package else "django.middleware.csp.ContentSecurityPolicyMiddleware"],
    ROOT_URLCONF=__name__,
    TEMPLATES=[
        {
            "BACKEND": f"django.template.backends.{backend}",
            "DIRS": [folder],
            "OPTIONS": {"context_processors": [f"django.template.context_processors.{processor}"]},
        }
    ],
    **{name: value for name, value in scope.items() if name.startswith(("CSP_", "SECURE_CSP", "CONTENT_SECURITY_"))},
)
django.setup()
for url in json.load(sys.stdin):
    response = Client().get(url)
    body = response.content.decode(errors="replace")
    print(json.dumps({"path": url, "status": response.status_code, "headers": list(response.items()), "body": body}))
