"""Renders templates with Django, Jinja2 and Mako, so that compare.py can see what they make of them.

Reads a JSON list of jobs from standard input and writes a JSON list of results. All renderers in this
folder speak this protocol, so that each language starts once and not once per template:

    job     engine    which engine
            name      the template to render
            sources   every template of the folder by name, for includes and inheritance
            globals   variables that reach into macros and isolated includes, where the engine has such
            context   variables of the template
            options   the engine's own options, as the engine spells them
    result  output    what was rendered, or
            error     why it was not

With the argument `versions` it prints a JSON object of engine versions, without the engines that cannot be loaded.
"""

import json
import sys
from importlib.metadata import PackageNotFoundError, version


def django(job):
    from django.template import Context, Engine

    engine = Engine(
        loaders=[("django.template.loaders.locmem.Loader", job["sources"])],
        libraries={
            "i18n": "django.templatetags.i18n",
            "l10n": "django.templatetags.l10n",
            "static": "django.templatetags.static",
        },
        **job["options"],
    )
    context = Context(job["globals"] | job["context"], autoescape=engine.autoescape)
    return engine.get_template(job["name"]).render(context)


def jinja(job):
    import jinja2

    options = {"autoescape": True, "keep_trailing_newline": True} | job["options"]
    extensions = ["jinja2.ext.do", "jinja2.ext.i18n", "jinja2.ext.loopcontrols"]
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(job["sources"]), extensions=extensions, **options
    )
    environment.install_null_translations()
    environment.globals.update(job["globals"])
    return environment.get_template(job["name"]).render(job["context"])


def mako(job):
    from mako.lookup import TemplateLookup

    lookup = TemplateLookup(strict_undefined=True, **job["options"])
    for name, source in job["sources"].items():
        lookup.put_string(name, source)
    return lookup.get_template(job["name"]).render_unicode(**job["globals"], **job["context"])


def set_up_django():
    import django as module
    from django.conf import settings

    settings.configure(STATIC_URL="/static/", USE_I18N=False)
    module.setup()


def versions():
    found = {}
    for engine, module in (("django", "django"), ("jinja", "jinja2"), ("mako", "mako")):
        try:
            found[engine] = version(module)
        except PackageNotFoundError:
            continue
    return found


def result(job):
    try:
        return {"output": ENGINES[job["engine"]](job)}
    except Exception as error:  # whatever the engine or the template raises is the result
        return {"error": f"{type(error).__name__}: {error}"}


ENGINES = {"django": django, "jinja": jinja, "mako": mako}

if sys.argv[1:] == ["versions"]:
    json.dump(versions(), sys.stdout)
else:
    jobs = json.load(sys.stdin)
    if any(job["engine"] == "django" for job in jobs):
        set_up_django()
    json.dump([result(job) for job in jobs], sys.stdout)
