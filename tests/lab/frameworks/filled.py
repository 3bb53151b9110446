"""Which nonces an engine fills: templates of which cspseal says that it does or does not are rendered for two responses.

A folder of templates is written with the framework's nonces. Every page that cspseal does not report must come with the nonce of each
response in all its scripts, and in each that it reports (`dead-nonce`) some script must lack it; no page may fail.
"""

import html
import json
import re
import subprocess

from table import APPS

SCRIPT = "<script>a({{ y }})</script>"
MACRO = "{% macro w(x) %}<script>w({{ x }})</script>{% endmacro %}"
TAGS = """from django import template
register = template.Library()


@register.inclusion_tag("menu.html", takes_context=True)
def menu(context):
    return {"y": 1}
"""
WIDGETS = """from django import forms


class Color(forms.TextInput):
    template_name = "color.html"
"""
MACROS = {"m.html": MACRO, "own.html": MACRO + "{{ w(1) }}"}

# By framework: the files, and the pages of which a nonce is reported with the template that it is reported in.
PROJECTS = {
    "django": (
        {
            "app/__init__.py": "",
            "app/templatetags/__init__.py": "",
            "app/templatetags/menu.py": TAGS,
            "app/widgets.py": WIDGETS,
            "app/templates/plain.html": SCRIPT,
            "app/templates/if.html": '<script{% if csp_nonce %} nonce="{{ csp_nonce }}"{% endif %}>b()</script>',
            "app/templates/not_none.html": '<script{% if csp_nonce is not None %} nonce="{{ csp_nonce }}"{% endif %}>b()</script>',
            "app/templates/tag.html": "<script {% csp_nonce_attr %}>c()</script>",
            "app/templates/default.html": "<script nonce=\"{{ csp_nonce|default:'' }}\">c()</script>",
            "app/templates/inc.html": SCRIPT,
            "app/templates/only.html": '{% include "inc.html" with y=1 only %}',
            "app/templates/inc2.html": SCRIPT,
            "app/templates/given.html": '{% include "inc2.html" with csp_nonce=csp_nonce only %}',
            "app/templates/menu.html": SCRIPT,
            "app/templates/inclusion.html": "{% load menu %}{% menu %}",
            "app/templates/cached.html": "{% load cache %}{% cache 500 x %}" + SCRIPT + "{% endcache %}",
            "app/templates/color.html": SCRIPT,
            "app/templates/form.html": "{{ form }}",
            "app/templates/base.html": "{% block a %}{% endblock %}",
            "app/templates/before.html": '<script>x()</script>{% extends "base.html" %}{% block a %}<script>y()</script>{% endblock %}',
            **{f"app/jinja2/j/{name}": text for name, text in MACROS.items()},
            "app/jinja2/j/import.html": '{% from "j/m.html" import w %}{{ w(1) }}',
            "app/jinja2/j/m2.html": MACRO,
            "app/jinja2/j/context.html": '{% from "j/m2.html" import w with context %}{{ w(1) }}',
        },
        {
            "if.html": "if.html", "default.html": "default.html", "only.html": "inc.html", "inclusion.html": "menu.html",
            "cached.html": "cached.html", "form.html": "color.html", "before.html": "before.html", "j/import.html": "m.html",
        },
        "not_none.html tag.html plain.html given.html j/own.html j/context.html",
    ),
    "flask": ({**MACROS, "page.html": '{% from "m.html" import w %}{{ w(1) }}' + SCRIPT}, {}, "page.html own.html"),
}
PROJECTS["starlette"] = PROJECTS["flask"]
FILLED_APP = "filled_app.py"


def check(checks, binary, framework, command, folder):
    files, dead, alive = PROJECTS[framework.name]
    room = folder / f"{framework.name}-filled"
    for name, text in files.items():
        (room / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (room / "in" / name).write_text(text)
    arguments = ["nonce", "--no-config", "--framework", framework.name, "--policy", "default-src 'self'", "-o", room / "out", room / "in"]
    done = subprocess.run([binary, *arguments], capture_output=True, text=True)
    (room / "text").write_text(done.stdout)
    found = {path.rsplit("/", 1)[1] for path in re.findall(r"\[dead-nonce\].*\n\s*--> ([^\n:]*):", done.stderr)}
    checks.check(found == set(dead.values()), f"{framework.name}: {found} are reported, and not {set(dead.values())}\n{done.stderr}")
    pages = [*dead, *alive.split()]
    app = [command[0], APPS / FILLED_APP, framework.name, room / "text", room / "out"]
    ran = subprocess.run(app, input=json.dumps([*pages, *pages]), capture_output=True, text=True)
    responses = [json.loads(line) for line in ran.stdout.splitlines()]
    checks.check(len(responses) == 2 * len(pages), f"{framework.name}: {ran.stderr[-2000:]}")
    for response in responses:
        page, scripts = response["page"], re.findall(r"<script([^>]*)>", response["body"])
        nonce = re.search(r"'nonce-([^']+)'", response["policy"])
        filled = [bool(nonce) and f'nonce="{nonce[1]}"' in html.unescape(script) for script in scripts]
        is_as_said = scripts and all(filled) != (page in dead)
        checks.check(is_as_said, f"{framework.name} {page}: {scripts} under {response['policy']}")
