"""PHP's own server with FOLDER/text in front of FOLDER/page: FOLDER DIALECT."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

folder, _ = sys.argv[1:]
text = Path(folder, "text").read_text()
Path(folder, "index.php").write_text(f"{text}?>{Path(folder, 'page').read_text()}")
Path(folder, "without.php").write_text(f"{text}?>nothing")
server = subprocess.Popen(
    ["php", "-S", "127.0.0.1:0", "-t", folder], stderr=subprocess.PIPE, text=True
)
try:
    while "(http" not in (line := server.stderr.readline()):
        assert line, "no server"
    address = line.split("(")[1].split(")")[0]
    for path in ["/index.php", "/index.php", "/without.php"]:
        with urllib.request.urlopen(address + path) as response:
            policy = response.headers["Content-Security-Policy"]
            print(json.dumps({"policy": policy, "body": response.read().decode()}))
finally:
    server.terminate()
