"""Renders templates for responses with the policy TEXT: NAME TEXT FOLDER, names of templates as JSON on standard input."""

import json
import sys
from pathlib import Path

name, text, folder = sys.argv[1:]
scope = {}
exec(compile(Path(text).read_bytes(), text, "exec"), scope)


def django():
    sys.path.insert(0, folder)
    import django
    from django.conf import settings
    from django.shortcuts import render
    from django.urls import path

    context_processors = {"context_processors": ["django.template.context_processors.csp"]}
    engines = ["django.DjangoTemplates", "jinja2.Jinja2"]
    settings.configure(
        ALLOWED_HOSTS=["testserver"],
        FORM_RENDERER="django.forms.renderers.TemplatesSetting",
        INSTALLED_APPS=["django.forms", "app"],
        MIDDLEWARE=["django.middleware.csp.ContentSecurityPolicyMiddleware"],
        ROOT_URLCONF="__main__",
        SECURE_CSP=scope["SECURE_CSP"],
        TEMPLATES=[
            {"BACKEND": f"django.template.backends.{engine}", "APP_DIRS": True, "OPTIONS": context_processors} for engine in engines
        ],
    )
    django.setup()
    from app.widgets import Color
    from django import forms
    from django.test import Client

    form = type("Form", (forms.Form,), {"a": forms.CharField(widget=Color())})
    globals()["urlpatterns"] = [path("<path:page>", lambda request, page: render(request, page, {"form": form()}))]

    def get(page):
        response = Client().get(f"/{page}")
        return reply(page, response, response.content.decode())

    return get


def flask():
    from flask import Flask, render_template

    app = Flask(__name__, template_folder=folder)
    scope["init_csp"](app)
    app.add_url_rule("/<page>", "page", lambda page: render_template(page))

    def get(page):
        response = app.test_client().get(f"/{page}")
        return reply(page, response, response.get_data(as_text=True))

    return get


def starlette():
    from starlette.applications import Starlette
    from starlette.routing import Route
    from starlette.templating import Jinja2Templates
    from starlette.testclient import TestClient

    templates = Jinja2Templates(folder)
    page = Route("/{page}", lambda request: templates.TemplateResponse(request, request.path_params["page"]))
    app = Starlette(routes=[page])
    scope["init_csp"](app, templates)

    def get(page):
        response = TestClient(app).get(f"/{page}")
        return reply(page, response, response.text)

    return get


def reply(page, response, body):
    return {"page": page, "policy": response.headers.get("Content-Security-Policy", ""), "body": body}


get = {"django": django, "flask": flask, "starlette": starlette}[name]()
for page in json.load(sys.stdin):
    print(json.dumps(get(page)))
