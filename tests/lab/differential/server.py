"""The loopback server of the pages, as tests/browser/server.rs: a token in the path for each load, and the reports of the probe.

A page is sent at once and with its length: Chromium decodes bytes before a late <meta charset> by a guess if they come alone, and a user's
server that sends them so cannot be told from the page.
"""

import http.server
import json
import threading
import urllib.parse

# A hash that nothing has. It makes a list one in which hashes count.
NOTHING = "'sha256-AAAEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFA='"
# A source of every policy, which has the number of the load, so that its messages are told from those of frames of the page before.
MARK = "https://load.invalid"
EVERYTHING = "; ".join([*(f"{kind}-src {MARK} 'unsafe-hashes' 'report-sample' {NOTHING}" for kind in ("script", "style")), f"connect-src {MARK} https://everything"])


def marked(token):
    return MARK.replace(".", f"-{token}.")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages, self.reports, self.changed = {}, {}, threading.Condition()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """A connection that the browser gives up is none of our business."""

    def offer(self, body, content_type, policy, report_only):
        """The URL of a page, for one load, and the token of its report."""
        with self.changed:
            token = len(self.pages)
            headers = [("Content-Security-Policy", policy), *(("Content-Security-Policy-Report-Only", only) for only in [*report_only, EVERYTHING])]
            self.pages[token] = (body, content_type, [(name, value.replace(MARK, marked(token))) for name, value in headers])
        return f"http://127.0.0.1:{self.server_address[1]}/{token}/page.html", token

    def report(self, token, seconds):
        """The probe's report of a load, or none."""
        with self.changed:
            self.changed.wait_for(lambda: token in self.reports, seconds)
            self.pages[token] = None
            return self.reports.pop(token, None)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One write for the head and the body.
    wbufsize = -1

    def log_message(self, *_):
        pass

    def answer(self, status, kind="text/plain", body=b"", headers=()):
        self.send_response(status)
        for name, value in [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        first, _, token = self.path[1:].partition("/")
        if first == "report":
            with self.server.changed:
                self.server.reports[int(token)] = json.loads(body)
                self.server.changed.notify_all()
        self.answer(200)

    def do_GET(self):
        first, _, rest = urllib.parse.urlsplit(self.path).path[1:].partition("/")
        is_document = self.headers.get("Sec-Fetch-Dest") == "document"
        if first == "task":
            return self.answer(200, "application/json", b"{}")
        if is_document and rest == "page.html" and self.server.pages.get(int(first)):
            body, content_type, headers = self.server.pages[int(first)]
            return self.answer(200, content_type, body, headers)
        # No page may leave the one that is looked at.
        self.answer(204 if is_document else 404)
