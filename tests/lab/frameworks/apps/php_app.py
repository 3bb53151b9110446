"""PHP's own server with TEXT in front of every page: TEXT FOLDER [DIALECT], paths as JSON on standard input."""

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# The text is in the scope of the template, before anything is printed.
ROUTER = """<?php
require getenv("TEXT");
$path = rawurldecode(explode("?", $_SERVER["REQUEST_URI"])[0]);
if ($path === "/" && getenv("DIALECT")) {
    require getenv("FOLDER") . "/page";
} elseif (is_file(getenv("FOLDER") . $path)) {
    readfile(getenv("FOLDER") . $path);
} else {
    http_response_code(404);
}
"""


def address(server, log):
    """Host and port, which the server logs once it listens."""
    while server.poll() is None:
        if found := re.search(r"\(http://([^)]+)\) started", log.read_text()):
            return found[1]
        time.sleep(0.02)
    raise SystemExit(log.read_text())


def get(host, path):
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read().decode(errors="replace")
    return {"path": path, "status": response.status, "headers": response.getheaders(), "body": body}


text, folder, dialect = [*sys.argv[1:], ""][:3]
with tempfile.TemporaryDirectory() as work:
    router = Path(work, "router.php")
    router.write_text(ROUTER)
    log = Path(work, "log")
    environment = os.environ | {"TEXT": text, "FOLDER": folder, "DIALECT": dialect}
    with open(log, "w") as errors:
        server = subprocess.Popen(["php", "-S", "127.0.0.1:0", router], stderr=errors, env=environment)
    try:
        host = address(server, log)
        for path in json.load(sys.stdin):
            print(json.dumps(get(host, path)))
    finally:
        server.terminate()
        server.wait()
