"""Asks Django for the page of the project in the working folder, twice: its policy must allow what is on it, and no more.

    page.py HANDLER…: the event handlers that the page has
"""

import base64
import hashlib
import os
import re
import sys
from html.parser import HTMLParser

sys.dont_write_bytecode = True
sys.path.insert(0, os.getcwd())
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"

import django
from django.test import Client

django.setup()


class Page(HTMLParser):
    """The nonces of scripts and styles, and the handlers."""

    def __init__(self, text):
        super().__init__()
        self.nonces, self.handlers = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag in ("script", "style"):
            self.nonces.append(attributes.get("nonce"))
        if "onclick" in attributes:
            self.handlers.append(attributes["onclick"])


def source(handler):
    return "'sha256-" + base64.b64encode(hashlib.sha256(handler.encode()).digest()).decode() + "'"


seen = set()
for _ in range(2):
    response = Client().get("/")
    assert response.status_code == 200, response.status_code
    page = Page(response.content.decode())
    policy = dict(part.split(maxsplit=1) for part in response.headers["Content-Security-Policy"].split("; "))
    nonces = {name: re.findall("'nonce-([^']+)'", words) for name, words in policy.items()}
    (nonce,) = nonces["script-src"]
    assert len(page.nonces) > 2 and set(page.nonces) == {nonce} and nonces["style-src"] == [nonce], (page.nonces, policy)
    assert page.handlers == sys.argv[1:], page.handlers
    hashes = set(re.findall("'sha256-[^']+'", policy["script-src"]))
    assert hashes == {source(handler) for handler in page.handlers}, (hashes, page.handlers)
    seen.add(nonce)
assert len(seen) == 2, "the nonce is the same twice"
