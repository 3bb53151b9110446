"""Starlette with the middleware TEXT: TEXT FOLDER [DIALECT], paths as JSON on standard input."""

import json
import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.templating import Jinja2Templates
from starlette.testclient import TestClient

text, folder, dialect = [*sys.argv[1:], None][:3]
scope = {}
exec(compile(Path(text).read_bytes(), text, "exec"), scope)


def file(request):
    found = Path(folder, request.path_params["path"])
    return HTMLResponse(found.read_bytes()) if found.is_file() else PlainTextResponse("nothing", 404)


templates = Jinja2Templates(folder)
template = [Route("/", lambda request: templates.TemplateResponse(request, "page"))] if dialect else []
app = Starlette(routes=[*template, Route("/{path:path}", file)])
if "init_csp" in scope:
    scope["init_csp"](app, templates)
    # As in a mail, which no request asks for.
    outside = templates.env.from_string('{% macro m() %}{{ csp_nonce() }}{% endmacro %}{{ m() }}')
    assert outside.render() == "", "a nonce outside requests"
else:
    app.add_middleware(BaseHTTPMiddleware, dispatch=scope["csp"])
for path in json.load(sys.stdin):
    response = TestClient(app).get(path)
    print(json.dumps({"path": path, "status": response.status_code, "headers": response.headers.multi_items(), "body": response.text}))
