"""Django with the settings of FOLDER/text and the template FOLDER/page: MIDDLEWARE FOLDER DIALECT."""

import json
import sys
from pathlib import Path

import django
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.test import Client
from django.urls import path

kind, folder, dialect = sys.argv[1:]
scope = {}
exec(Path(folder, "text").read_text(), scope)
Path(folder, "page.html").write_text(Path(folder, "page").read_text())
processors = {
    "django": "django.template.context_processors.csp",
    "django-csp": "django.template.context_processors.request",
}
backends = {
    "django": "django.template.backends.django.DjangoTemplates",
    "jinja": "django.template.backends.jinja2.Jinja2",
}
middleware = {
    "django": "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django-csp": "csp.middleware.CSPMiddleware",
}
urlpatterns = [
    path("", lambda request: render(request, "page.html")),
    path("without", lambda request: HttpResponse("nothing")),
]
settings.configure(
    ALLOWED_HOSTS=["testserver"],
    INSTALLED_APPS=["csp"] if kind == "django-csp" else [],
    MIDDLEWARE=[middleware[kind]],
    ROOT_URLCONF=__name__,
    TEMPLATES=[
        {
            "BACKEND": backends[dialect],
            "DIRS": [folder],
            "OPTIONS": {"context_processors": [processors[kind]]},
        }
    ],
    **{name: value for name, value in scope.items() if name.isupper() and name not in ("CSP", "NONCE", "NONE", "SELF")},
)
django.setup()
for url in ["/", "/", "/without"]:
    response = Client().get(url)
    print(json.dumps({"policy": response["Content-Security-Policy"], "body": response.content.decode()}))
