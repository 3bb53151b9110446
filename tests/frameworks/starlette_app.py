"""Starlette with the middleware of FOLDER/text and the template FOLDER/page: FOLDER DIALECT."""

import json
import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.templating import Jinja2Templates
from starlette.testclient import TestClient

folder, _ = sys.argv[1:]
scope = {}
exec(Path(folder, "text").read_text(), scope)
Path(folder, "page.html").write_text(Path(folder, "page").read_text())
templates = Jinja2Templates(directory=folder)
app = Starlette(
    routes=[
        Route("/", lambda request: templates.TemplateResponse(request, "page.html")),
        Route("/without", lambda request: PlainTextResponse("nothing")),
    ]
)
app.add_middleware(BaseHTTPMiddleware, dispatch=scope["csp"])
for url in ["/", "/", "/without"]:
    response = TestClient(app).get(url)
    print(json.dumps({"policy": response.headers["content-security-policy"], "body": response.text}))
