"""Flask with the code of FOLDER/text and the template FOLDER/page: FOLDER DIALECT."""

import json
import sys
from pathlib import Path

from flask import Flask, render_template_string

folder, _ = sys.argv[1:]
scope = {}
exec(Path(folder, "text").read_text(), scope)
page = Path(folder, "page").read_text()
app = Flask(__name__)
if "init_csp" in scope:
    scope["init_csp"](app)
else:
    from flask_talisman import Talisman

    Talisman(
        app,
        force_https=False,
        content_security_policy=scope["CONTENT_SECURITY_POLICY"],
        content_security_policy_nonce_in=scope["CONTENT_SECURITY_POLICY_NONCE_IN"],
    )
app.add_url_rule("/", "page", lambda: render_template_string(page))
app.add_url_rule("/without", "without", lambda: "nothing")
# A context around all requests, as tests have it.
with app.app_context():
    for url in ["/", "/", "/without"]:
        response = app.test_client().get(url)
        print(json.dumps({"policy": response.headers["Content-Security-Policy"], "body": response.text}))
