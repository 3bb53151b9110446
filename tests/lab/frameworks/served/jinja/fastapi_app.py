"""FastAPI with the policy of `policy.py`, if there is one."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

app = FastAPI()
app.mount("/static", StaticFiles(directory="static"))
templates = Jinja2Templates("templates")
if Path("policy.py").exists():
    from policy import init_csp

    init_csp(app, templates)


@app.get("/")
def page(request: Request, q: str = ""):
    return templates.TemplateResponse(request, "page.html", {"who": "you", "color": "green", "q": q})
