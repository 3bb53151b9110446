"""Tells whether a text is another one with nothing but nonces inserted, and what script and style tags hold.

The two questions that compare.py and packages ask of templates and of what engines render from them. The
answers must not come from the program under test, so this knows no template syntax, and finds tags with
Python's own HTML parser.
"""

import re
from html.parser import HTMLParser

QUOTES = ['"', "'", "&quot;", "&#34;", "&#39;", "&apos;"]
# Elements whose content is text, beside the two that the parser knows itself.
TEXT_ELEMENTS = {"iframe", "noembed", "noframes", "textarea", "title", "xmp"}


class Difference(Exception):
    """The texts differ by something that is no nonce."""


def insertions(before, after, value):
    """How many nonces were inserted into `before` to make `after`. Raises Difference when that is not all.

    Allowed are ` nonce="value"` right after the name of a script or style tag, `="value"` behind an attribute
    without a value, and `value` between the quotes of an empty one; in a srcdoc, the same with the quotes as
    character references.
    """
    count = 0
    done_before = done_after = 0
    for found in nonces(value).finditer(after):
        here = done_before + found.start() - done_after
        if after[done_after : found.start()] != before[done_before:here]:
            break
        was = original(before, here, found)
        if was is None:
            break
        count += was != found[0]
        done_before, done_after = here + len(was), found.end()
    if before[done_before:] != after[done_after:]:
        raise Difference(explain(before[done_before:], after[done_after:]))
    return count


def nonces(value):
    quotes = "|".join(QUOTES)
    return re.compile(
        rf"(?P<name>\snonce)(?P<equals>\s*=\s*)(?P<quote>{quotes}){re.escape(value)}(?P=quote)", re.IGNORECASE
    )


def original(before, here, found):
    """What stood in `before` where the nonce `found` stands now; `None` when that is not allowed."""
    empty = found["name"] + found["equals"] + found["quote"] * 2
    for was in (found[0], empty):
        if before.startswith(was, here):
            return was
    if re.compile(rf"{found['name']}(?!\s*=)(?![\w-])").match(before, here):
        return found["name"]
    tag = re.search(r"[<;](script|style)$", before[max(0, here - 8) : here], re.IGNORECASE)
    return "" if tag and found[0].startswith(" nonce=") else None


def explain(before, after):
    """The first difference, with a little of what surrounds it."""
    pairs = zip(before, after)
    at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(before), len(after)))
    start = max(0, at - 40)
    return f"{before[start : at + 60]!r} became {after[start : at + 60]!r}"


class Tags(HTMLParser):
    """Script and style start tags of a document and of the ones in its srcdoc attributes: `found` lists each as
    its attributes."""

    def __init__(self, document):
        super().__init__()
        self.found = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(reversed(attrs))  # the first of two equal names counts
        if tag in ("script", "style"):
            self.found.append(attributes)
        elif tag in TEXT_ELEMENTS:
            self.set_cdata_mode(tag)
        if attributes.get("srcdoc"):
            self.found += Tags(attributes["srcdoc"]).found
