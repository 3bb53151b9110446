"""Reads two responses, a JSON object with `policy` and `body` a line, and compares them with the policy that was meant.

A third response is of a page without a nonce: its policy may lack the nonce and nothing else.
"""

import html
import json
import re
import sys

CORRECTED = {
    # A word the middleware for Go would read is percent-encoded.
    "%24NONCE": "$NONCE",
}


def parse(policy):
    directives = {}
    for part in policy.split(";"):
        name, *words = part.split()
        assert name not in directives, f"{name} twice"
        for wrong, right in CORRECTED.items():
            words = [word.replace(wrong, right) for word in words]
        directives[name] = sorted(words)
    return directives


meant = parse(sys.argv[1])
responses = [json.loads(line) for line in sys.stdin]
assert len(responses) in (2, 3), f"{len(responses)} responses"

nonces = []
for response in responses[:2]:
    found = [html.unescape(n) for n in re.findall(r'<(?:script|style) nonce="([^"]*)"', response["body"])]
    assert len(found) == 2 and found[0] == found[1], response["body"]
    assert re.fullmatch(r"[A-Za-z0-9+/_-]{20,}={0,2}", found[0]), found
    nonces.append(found[0])
    expected = {
        name: sorted(word.replace("'nonce-N'", f"'nonce-{found[0]}'") for word in words)
        for name, words in meant.items()
    }
    assert parse(response["policy"]) == expected, f"{response['policy']}\nis not\n{expected}"
assert nonces[0] != nonces[1], "the nonce is the same twice"

for response in responses[2:]:
    without = {
        name: [word for word in words if not word.startswith("'nonce-")]
        for name, words in parse(response["policy"]).items()
    }
    expected = {name: [w for w in words if w != "'nonce-N'"] for name, words in meant.items()}
    assert without == expected, f"without a nonce {response['policy']}"
