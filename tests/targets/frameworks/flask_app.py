"""Flask-Talisman called as the comment says: SETTINGS SITE, paths as JSON on standard input."""

import json
import re
import sys
from pathlib import Path

from flask import Flask, abort
from flask_talisman import Talisman

settings, site = sys.argv[1:]
text = Path(settings).read_text()
scope = {}
exec(compile(text, settings, "exec"), scope)
app = Flask(__name__)
call = re.search(r"Talisman\(app, [^)]*\)", text.replace("\n# ", " ")).group()
eval(call[:-1] + ", force_https=False)", {**scope, "Talisman": Talisman, "app": app})


def page(path):
    file = Path(site, path)
    return file.read_bytes() if file.is_file() else abort(404)


app.add_url_rule("/", "root", lambda: page(""))
app.add_url_rule("/<path:path>", "page", page)
client = app.test_client()
for path in json.load(sys.stdin):
    response = client.get(path)
    print(json.dumps({"path": path, "status": response.status_code, "headers": list(response.headers)}))
