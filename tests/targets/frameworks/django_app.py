"""Django with settings of cspseal: (django|django-csp) SETTINGS SITE, paths as JSON on standard input."""

import json
import sys
from pathlib import Path

import django
from django.conf import settings
from django.http import Http404, HttpResponse
from django.test import Client
from django.urls import re_path

kind, settings_file, site = sys.argv[1:]
scope = {}
exec(compile(Path(settings_file).read_bytes(), settings_file, "exec"), scope)
middleware = {
    "django": "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django-csp": "csp.middleware.CSPMiddleware",
}


def page(request):
    file = Path(site, request.path.lstrip("/"))
    if not file.is_file():
        raise Http404
    return HttpResponse(file.read_bytes())


urlpatterns = [re_path(r"(?s)^.*$", page)]
imported = ("CSP", "NONCE", "NONE", "SELF")
settings.configure(
    ALLOWED_HOSTS=["testserver"],
    INSTALLED_APPS=["csp"] if kind == "django-csp" else [],
    MIDDLEWARE=[middleware[kind]],
    ROOT_URLCONF=__name__,
    **{
        name: value
        for name, value in scope.items()
        if name.isupper() and name not in imported and name.startswith(("CSP_", "SECURE_CSP", "CONTENT_SECURITY_"))
    },
)
django.setup()
client = Client()
for path in json.load(sys.stdin):
    response = client.get(path)
    print(json.dumps({"path": path, "status": response.status_code, "headers": list(response.items())}))
