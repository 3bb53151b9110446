"""What `cspseal nonce --print-policy` prints, with a page into which it wrote nonces: asked for twice, the policies must mean what was
given, with a fresh nonce that is the page's."""

import html
import json
import re
import subprocess

from shared.checks import BOTH, Refused, cspseal

# What is meant has nonces, what is given has not yet.
POLICIES = {
    "plain": (
        "default-src 'self'; script-src 'self' 'strict-dynamic' 'nonce-N'; style-src 'nonce-N'; object-src 'none'; "
        "upgrade-insecure-requests; sandbox allow-scripts"
    ),
    "hostile": (
        "img-src 'self' https://a.example/it's/%7E; script-src 'nonce-N'; "
        "style-src-elem 'nonce-N' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; sandbox; "
        r"report-uri /r?a=$b&c=%25&d=#{e}&f=`g`&h=\n&i=${j}&k=$NONCE&l=%[1]s&m=%kernel.x%&n={o} /second"
    ),
}
NONCE = "'nonce-N'"
INLINE = "<script>1</script><style>p{}</style>\n"
# A page without a nonce comes last.
PATHS = ["/", "/", "/without.txt"]
# A word the middleware for Go would read is percent-encoded.
CORRECTED = {"%24NONCE": "$NONCE"}


def check(checks, binary, framework, command, folder):
    for dialect in framework.dialects:
        runs = {label: [policy] for label, policy in POLICIES.items()} | ({"both": [*POLICIES.values()]} if framework.two else {})
        for label, policies in runs.items():
            what = f"{framework.name} {dialect} {label}"
            room = folder / f"{framework.name}-{dialect}-{label}"
            room.mkdir()
            try:
                write(binary, framework.nonces, dialect, policies, room)
                compare(policies, ask(command, room, dialect))
                error = ""
            except (AssertionError, Refused) as failure:
                error = failure
            checks.check(not error, f"{what}: {error}")


def write(binary, name, dialect, policies, room):
    """The text that is printed for the framework, a template with its expression in a script and a style, and a page without."""
    flags = zip(["--policy", "--report-only-policy"], (policy.replace(f" {NONCE}", "") for policy in policies))
    text = cspseal(binary, "nonce", "--print-policy", "--framework", name, *(arg for pair in flags for arg in pair), "-", stdin=INLINE)
    page = f"<!doctype html><title>t</title>{INLINE}"
    (room / "text").write_text(text)
    (room / "page").write_text(cspseal(binary, "nonce", "--framework", name, "--template", dialect, "-", stdin=page))
    (room / "without.txt").write_text("nothing")


def ask(command, room, dialect):
    done = subprocess.run([*command, room / "text", room, dialect], input=json.dumps(PATHS), capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert not done.returncode and len(lines) == len(PATHS), f"{done.stderr[-2000:]}\n{(room / 'text').read_text()}"
    return [json.loads(line) for line in lines]


def parsed(policy):
    """Directives as sorted sources, so that one that comes twice is seen."""
    directives = {}
    for part in policy.split(";"):
        name, *words = part.split()
        assert name not in directives, f"{name} twice"
        directives[name] = sorted(words)
    return directives


def sent(response):
    """The policies of a response by header, with what was corrected as it was given."""
    policies = [(name.lower(), value) for name, value in response["headers"] if name.lower() in BOTH]
    assert len(dict(policies)) == len(policies), f"{len(policies)} policies: {policies}"
    for wrong, right in CORRECTED.items():
        policies = [(name, value.replace(wrong, right)) for name, value in policies]
    return {name: parsed(value) for name, value in policies}


def nonce_of(page):
    """The nonce that the script and the style of a page have."""
    found = [html.unescape(nonce) for nonce in re.findall(r'<(?:script|style) nonce="([^"]*)"', page)]
    assert len(found) == 2 and found[0] == found[1], page
    assert re.fullmatch(r"[A-Za-z0-9+/_-]{20,}={0,2}", found[0]), found
    return found[0]


def compare(policies, responses):
    *pages, without = responses
    nonces = [nonce_of(page["body"]) for page in pages]
    assert len(set(nonces)) == len(nonces), "the nonce is the same twice"
    for page, nonce in zip(pages, nonces):
        expected = meant(policies, f"'nonce-{nonce}'")
        assert sent(page) == expected, f"{sent(page)}\nis not\n{expected}"
    # Its policy may lack the nonce, and nothing else.
    bare = {
        header: {name: [word for word in words if not word.startswith("'nonce-")] for name, words in directives.items()}
        for header, directives in sent(without).items()
    }
    assert bare == meant(policies, ""), f"without a nonce {sent(without)}"


def meant(policies, nonce):
    """The policies by header, with this in the place of their nonce."""
    return {header: parsed(policy.replace(NONCE, nonce)) for header, policy in zip(BOTH, policies)}
