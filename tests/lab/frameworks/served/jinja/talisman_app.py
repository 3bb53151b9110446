"""Flask with Flask-Talisman and the policy of `policy.py`, if there is one."""

from pathlib import Path

from flask import Flask, render_template, request
from flask_talisman import Talisman

app = Flask(__name__)
if Path(app.root_path, "policy.py").exists():
    import policy

    arguments = {name.lower(): value for name, value in vars(policy).items() if name.startswith("CONTENT_SECURITY_POLICY")}
    Talisman(app, force_https=False, **arguments)


@app.get("/")
def page():
    return render_template("page.html", who="you", color="green", q=request.args.get("q", ""))
