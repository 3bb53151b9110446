"""Flask with the code TEXT, which is called as its comment says: TEXT FOLDER [DIALECT], paths as JSON on standard input."""

import json
import re
import sys
from pathlib import Path

from flask import Flask, abort, render_template_string

text_file, folder, dialect = [*sys.argv[1:], None][:3]
text = Path(text_file).read_text()
scope = {}
exec(compile(text, text_file, "exec"), scope)
app = Flask(__name__)
if "init_csp" in scope:
    scope["init_csp"](app)
    if dialect:
        # As in a mail, which no request asks for.
        with app.app_context():
            assert render_template_string("{{ csp_nonce() }}") == "", "a nonce outside requests"
else:
    from flask_talisman import Talisman

    call = re.search(r"Talisman\(app, [^)]*\)", text.replace("\n# ", " ")).group()
    eval(call[:-1] + ", force_https=False)", {**scope, "Talisman": Talisman, "app": app})


def page(path=""):
    if dialect and not path:
        return render_template_string(Path(folder, "page").read_text())
    file = Path(folder, path)
    return file.read_bytes() if file.is_file() else abort(404)


app.add_url_rule("/", "root", page)
app.add_url_rule("/<path:path>", "page", page)
# A context around all requests, as tests have it.
with app.app_context():
    for path in json.load(sys.stdin):
        response = app.test_client().get(path)
        headers, body = list(response.headers), response.get_data().decode(errors="replace")
        print(json.dumps({"path": path, "status": response.status_code, "headers": headers, "body": body}))
