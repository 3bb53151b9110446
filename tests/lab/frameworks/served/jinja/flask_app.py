"""Flask with the policy of `policy.py`, if there is one."""

from pathlib import Path

from flask import Flask, render_template, request

app = Flask(__name__)
if Path(app.root_path, "policy.py").exists():
    from policy import init_csp

    init_csp(app)


@app.get("/")
def page():
    return render_template("page.html", who="you", color="green", q=request.args.get("q", ""))
