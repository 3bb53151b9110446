"""Django with its own policy or with django-csp, whichever is there, and the policy of `policy.py`, if there is one."""

import importlib.util
from pathlib import Path

HAS_PACKAGE = importlib.util.find_spec("csp") is not None
MIDDLEWARE = []
if Path("policy.py").exists():
    from policy import *

    MIDDLEWARE = ["csp.middleware.CSPMiddleware" if HAS_PACKAGE else "django.middleware.csp.ContentSecurityPolicyMiddleware"]

DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1"]
SECRET_KEY = "secret"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS = ["django.forms", "django.contrib.staticfiles", "shop"]
ROOT_URLCONF = "shop.urls"
STATIC_URL = "static/"
PROCESSORS = ["django.template.context_processors.request", *([] if HAS_PACKAGE else ["django.template.context_processors.csp"])]
TEMPLATES = [
    {"BACKEND": f"django.template.backends.{engine}", "APP_DIRS": True, "OPTIONS": {"context_processors": PROCESSORS}}
    for engine in ("django.DjangoTemplates", "jinja2.Jinja2")
]
