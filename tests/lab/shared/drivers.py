"""Chromium by its DevTools protocol and Firefox by WebDriver BiDi: tabs that load pages with the probe in every document and frame.

Both protocols are JSON over a WebSocket, whose address the browser prints. The switches and preferences are those of tests/browser.
"""

import base64
import collections
import json
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading

# How long anything may take before it is a failure.
LIMIT = 60

SWITCHES = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-popup-blocking", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows", "--disable-background-timer-throttling",
    "--disable-quic", "--mute-audio", "--remote-debugging-port=0", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    # Sandboxed and data: frames in the same process, so that the probe runs in them too.
    "--disable-site-isolation-trials", "--disable-features=Translate,IsolateSandboxedIframes,BackForwardCache,HttpsUpgrades",
]
PREFERENCES = {
    "app.update.enabled": False, "datareporting.policy.dataSubmissionEnabled": False, "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False, "services.settings.server": "data:,", "network.proxy.type": 1, "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9, "network.proxy.ssl": "127.0.0.1", "network.proxy.ssl_port": 9, "network.proxy.no_proxies_on": "127.0.0.1",
    "dom.min_background_timeout_value": 4, "dom.timeout.enable_budget_timer_throttling": False, "dom.ipc.processPriorityManager.enabled": False,
    "widget.windows.window_occlusion_tracking.enabled": False,
}


class Socket:
    """A WebSocket as RFC 6455 has it, without extensions."""

    def __init__(self, url):
        host, _, path = url.removeprefix("ws://").partition("/")
        name, _, port = host.partition(":")
        self.stream = socket.create_connection((name, int(port)))
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET /{path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        self.stream.sendall("\r\n".join([*lines, "", ""]).encode())
        self.file = self.stream.makefile("rb")
        status = self.file.readline()
        if b" 101 " not in status:
            raise OSError(f"{url}: {status!r}")
        while self.file.readline().strip():
            pass

    def send(self, text):
        body, mask = text.encode(), os.urandom(4)
        length = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + struct.pack("!H", len(body)) if len(body) < 65536 else b"\xff" + struct.pack("!Q", len(body))
        key = (mask * (len(body) // 4 + 1))[: len(body)]
        masked = (int.from_bytes(body, "big") ^ int.from_bytes(key, "big")).to_bytes(len(body), "big")
        self.stream.sendall(b"\x81" + length + mask + masked)

    def receive(self):
        """The next message; none at the end."""
        message = b""
        while head := self.file.read(2):
            length = head[1] & 0x7F
            if length > 125:
                length = int.from_bytes(self.file.read(2 if length == 126 else 8), "big")
            message += self.file.read(length)
            if head[0] & 0x0F > 2:
                message = b""
            elif head[0] & 0x80:
                return message.decode()
        return None


class Browser:
    """A browser with a profile of its own. Several threads may call it."""

    def __init__(self, command, path=""):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
        address = next((found[1] for line in self.process.stderr if (found := re.search(r"listening on (ws://\S+)", line))), None)
        if not address:
            raise OSError(f"{command[0]} ended before it listened")
        threading.Thread(target=lambda: collections.deque(self.process.stderr, maxlen=0), daemon=True).start()
        self.socket = Socket(address + path)
        self.last, self.answers, self.changed = 0, {}, threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while text := self.socket.receive():
            message = json.loads(text)
            with self.changed:
                if "id" in message:
                    self.answers[message["id"]] = message
                else:
                    self.event(message)
                self.changed.notify_all()

    def call(self, method, more=None, **params):
        with self.changed:
            self.last += 1
            number = self.last
            self.socket.send(json.dumps({"id": number, "method": method, "params": params} | (more or {})))
            if not self.changed.wait_for(lambda: number in self.answers, LIMIT):
                raise OSError(f"{method}: no answer")
            answer = self.answers.pop(number)
        if "error" in answer:
            raise OSError(f"{method}: {answer['error']} {answer.get('message', '')}")
        return answer["result"]

    def close(self):
        self.process.terminate()
        self.process.wait()


class Tab:
    """A tab, which loads one page at a time. `console` has what was said since."""

    def __init__(self, browser, name):
        self.browser, self.name, self.console = browser, name, []

    def said(self, *texts):
        """What the console said, once a line of it has the texts."""
        with self.browser.changed:
            if not self.browser.changed.wait_for(lambda: any(all(text in line for text in texts) for line in self.console), LIMIT):
                raise OSError(f"the console lacks {texts}")
            return list(self.console)


class Chromium(Browser):
    name = "chromium"

    def __init__(self, program, profile, probe):
        self.probe, self.tabs = probe, {}
        super().__init__([program, *SWITCHES, f"--user-data-dir={profile}"])
        self.version = self.call("Browser.getVersion")["product"]

    def event(self, message):
        if message["method"] == "Log.entryAdded":
            self.tabs[message["sessionId"]].console.append(message["params"]["entry"]["text"])

    def tab(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.tabs[session] = Tab(self, session)
        more = {"sessionId": session}
        self.call("Page.enable", more)
        self.call("Page.addScriptToEvaluateOnNewDocument", more, source=self.probe)
        self.call("Log.enable", more)
        return self.tabs[session]

    def open(self, tab, url):
        tab.console.clear()
        self.call("Page.navigate", {"sessionId": tab.name}, url=url)


class Firefox(Browser):
    name = "firefox"

    def __init__(self, program, profile, probe):
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
        (pathlib.Path(profile) / "user.js").write_text("".join(lines))
        self.tabs, self.parents = {}, {}
        super().__init__([program, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile], "/session")
        self.version = "Firefox/" + self.call("session.new", capabilities={})["capabilities"]["browserVersion"]
        self.call("session.subscribe", events=["log.entryAdded", "browsingContext.contextCreated"])
        self.call("script.addPreloadScript", functionDeclaration=f"() => {{ {probe} }}")

    def event(self, message):
        params = message["params"]
        if message["method"] == "browsingContext.contextCreated" and params.get("parent"):
            self.parents[params["context"]] = params["parent"]
        elif message["method"] == "log.entryAdded":
            context = params["source"].get("context")
            while context in self.parents:
                context = self.parents[context]
            if context in self.tabs:
                self.tabs[context].console.append(params["text"] or "")

    def tab(self):
        context = self.call("browsingContext.create", type="tab")["context"]
        self.tabs[context] = Tab(self, context)
        return self.tabs[context]

    def open(self, tab, url):
        tab.console.clear()
        self.call("browsingContext.navigate", context=tab.name, url=url, wait="none")


PROGRAMS = {Chromium: ["chromium", "chromium-browser"], Firefox: ["firefox-esr", "firefox"]}


def program(kind):
    """The path of a browser, or none."""
    return next(filter(None, map(shutil.which, PROGRAMS[kind])), None)


def launched(kind, probe):
    """A browser, and the folder of its profile, which is deleted with it."""
    profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    return kind(program(kind), profile.name, probe), profile
