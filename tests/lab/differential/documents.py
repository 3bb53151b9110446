"""Random documents: inline resources in difficult markup, encodings declared in every place and way, and frames in frames.

Each resource has a text of its own, `r` and a number, which the probe of tests/browser knows, often with characters outside ASCII.
"""

import base64
import html
import random
import urllib.parse

# Names that meet in one insertion mode or one algorithm; a document takes most of its tags from one row.
THEMES = [
    "html head body frameset frame noframes base link meta title noscript",
    "table caption colgroup col tbody thead tr td th input form",
    "select option optgroup hr input textarea datalist button selectedcontent",
    "svg math foreignObject desc title mi mo mtext annotation-xml mglyph g a",
    "a b i nobr font em code p div address object marquee",
    "ul ol li dl dd dt p div button form span",
    "ruby rb rt rp rtc p h1 h2 pre listing br",
    "template div span x-y table tr td svg select p article",
    "iframe xmp noembed noframes noscript textarea title image img embed applet",
    "bgsound basefont script style link meta head body template svg noscript",
]
ATTRIBUTES = [
    "class=a", "a='>'", 'title="<script>x</script>"', "/", "=", '"', "type=hidden", "type=''", "color", "encoding=text/html", "shadowrootmode=open",
    "shadowrootmode=closed", "shadowrootmode=x", "onfoo=a", "name=a", "hidden", "type=text/plain", "a=&#228;",
]
ODDITIES = [
    "<!-- <script>x</script> -->", "<!-->", "<!--->", "<!--x--!>", "<!---!>-->", "<!x>", "<!doctype html>", "<?php echo '>' ?>", "<?x>", "<![CDATA[", "]]>",
    "<![CDATA[<p onclick=x>]]>", "<![if x]>", "</ x>", "</>", "<3", "a < b", "&amp;", "&am", "\0", "\r", "\r\n", "</script>", "</style>", "-->", "'",
]
ENDS = [""] * 8 + ["<", "</", "<a", "<a onclick='x", "</script", "<!--", "<!", "<script>x", "<style>x", "<style>x</style", "<svg><style>x", "<![CDATA[", "<textarea>", "<plaintext>"]
EVENTS = ["onclick", "onload", "onerror", "ONCLICK", "onfocus", "ontoggle", "onclick", "onmouseover", "oninput"]
SCRIPTS = [""] * 6 + [
    "type=module", "type=text/javascript", "type=TEXT/ECMASCRIPT", "language=javascript", "type=text/plain", "type=importmap", "type=speculationrules",
    "type=application/json", "type=''", "type", "async", "defer", "nomodule", "src=data:,", "for=window event=onload", "type=module nomodule", "charset=koi8-r",
]
STYLES = [""] * 5 + ["type=text/css", "type=''", "media=print", "type=TEXT/CSS", "disabled", "title=a"]

# What a page may really be in, with letters that its users write.
ENCODINGS = [
    ("utf-8", "äöüéПривет日本€"), ("utf-8", "ä"), ("windows-1252", "äöüé€ß"), ("windows-1251", "Приветмир"), ("koi8-r", "ПриветМИР"), ("shift_jis", "こんにちは表ソ能"),
    ("euc-jp", "こんにちは日本"), ("gb18030", "你好世界"), ("big5", "你好功許"), ("euc-kr", "안녕하세요"), ("iso-8859-2", "čšžŁ"), ("iso-8859-5", "Привет"),
]
LABELS = [
    "utf-8", "UTF-8", "utf8", "latin1", "iso-8859-1", "ascii", "windows-1252", "koi8-r", "windows-1251", "shift_jis", "sjis", "euc-jp", "gbk", "big5", "euc-kr",
    "iso-8859-2", "x-user-defined", "utf-16", "utf-16le", "utf-7", "iso-2022-jp", "replacement", "foo", "", " utf-8 ", "utf-8;x", "unicode",
]
AROUND = [
    ("<noscript>", "</noscript>"), ("<template>", "</template>"), ("<svg><title>", "</title></svg>"), ("<svg>", "</svg>"), ("<math><mtext>", "</mtext></math>"),
    ("<title>", "</title>"), ("<!--", "-->"), ("<select>", "</select>"), ("<table>", "</table>"), ("<div>", "</div>"), ("<script><!--<script></script>", "</script>--></script>"),
    ("<iframe>", "</iframe>"), ("<svg><![CDATA[", "]]></svg>"), ("<bgsound>", ""), ("<noframes>", "</noframes>"), ("</head>", ""), ("<style>", "</style>"), ("", ""), ("", ""),
]
# A byte that no encoding of the page made is written as a character of this private area, U+F780 to U+F7FF.
RAW = 0xF700


class Document:
    """The pieces of a page as bytes, and the charset that its server sends."""

    def __init__(self, pieces, charset):
        self.pieces, self.charset = pieces, charset

    @property
    def body(self):
        return b"".join(self.pieces)

    @property
    def plain(self):
        """The text without escapes, which tells what is in it, frames included."""
        text = self.body.replace(b"\0", b"").decode("latin-1").lower()
        for _ in range(4):
            text = html.unescape(urllib.parse.unquote(text, "latin-1"))
        return text

    @property
    def content_type(self):
        return "text/html" + (f";charset={self.charset}" if self.charset else "")


class Generator:
    """Makes documents; the same seed makes the same ones."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.one = self.random.choice

    def chance(self, of):
        return self.random.random() < of

    def document(self):
        self.count = 0
        self.encoding, self.letters = self.one(ENCODINGS)
        if self.chance(0.3):
            self.letters = ""
        text = self.page(2)
        bom = self.random.random()
        if bom < 0.04:
            wide = self.one(["utf-16-le", "utf-16-be"])
            mark = "\ufeff" if self.chance(0.7) else ""
            return Document([(mark + piece if at == 0 else piece).translate(BACK).encode(wide, "replace") for at, piece in enumerate(text)], None if mark else wide[:-3] + wide[-2:])
        pieces = [self.encode(piece) for piece in text]
        if bom < 0.1:
            pieces.insert(0, b"\xef\xbb\xbf")
        return Document(pieces, self.one(["utf-8", "windows-1252", "koi8-r", self.encoding]) if self.chance(0.1) else None)

    def encode(self, text):
        out = b""
        for character in text:
            raw = ord(character) - RAW
            out += bytes([raw]) if 0x80 <= raw <= 0xFF else character.encode(self.encoding, "ignore")
        return out

    # Texts

    def foreign(self):
        """Characters outside ASCII, and bytes that are none."""
        if self.chance(0.06):
            return "".join(chr(RAW + self.random.randrange(0x80, 0x100)) for _ in range(self.random.randrange(1, 4)))
        return "".join(self.one(self.letters) for _ in range(self.random.randrange(1, 5))) if self.letters else ""

    def name(self):
        self.count += 1
        return f"r{self.count}"

    def code(self):
        text = self.name()
        if self.chance(0.5):
            text += self.one(["/*{}*/", ";'{}'", ";a('{}')", "//{}"]).format(self.foreign())
        if self.chance(0.15):
            text += self.one(["\n", "\r\n", "\r", "\t", " ", "\0", "&amp;", "&#13;", "&auml;", "<!--", "\n\n", "//<b>"])
        return self.one(["", "", "", "", "", " ", "\n", "\r\n"]) + text

    def css(self):
        return f"{self.name()}{{content:'{self.foreign()}'}}" if self.chance(0.7) else f"/*{self.name()}{self.foreign()}*/"

    def quoted(self, text):
        """The text as an attribute's value, in any spelling; a quote of the other kind is kept."""
        text = "".join(f"&#{ord(c)};" if 32 <= ord(c) < 127 and self.chance(0.02) else c for c in text.replace("&", "&amp;") if c)
        quote = self.one("\"'")
        if not any(c in text for c in " \t\r\n\f'\"=<>`") and text and self.chance(0.4):
            return text
        return quote + text.replace(quote, "&quot;" if quote == '"' else "&#39;") + quote

    def loose(self, text):
        """As it is, with its references, so that those count."""
        quote = '"' if "'" in text else "'"
        return quote + text.replace('"', "") + quote

    def url(self):
        """A javascript: URL."""
        scheme = self.one(["javascript:"] * 6 + ["JavaScript:", " javascript:", "java\tscript:", "javascript\n:", "\x01javascript:"])
        rest = self.name() + self.one(["", "", "", ";void 0", "%20", "%c3%a4", "%E4", "#a", "?b", " c ", "\td", "\ne", "%2", "%", "&amp;f", "\\g", "|", "//%0ah", "'", "%22", "`", "{}", "^"])
        if self.chance(0.4):
            rest += "/*" + self.foreign() + "*/"
        return scheme + rest + self.one(["", "", "", " ", "\n"])

    # Markup

    def attributes(self):
        made = []
        for _ in range(self.one([0, 0, 1, 1, 2, 3])):
            made.append(self.one([
                lambda: self.one(ATTRIBUTES), lambda: f"{self.one(EVENTS)}={self.loose(self.code())}", lambda: f"{self.one(EVENTS)}={self.quoted(self.code())}",
                lambda: f"style={self.quoted(f'color:red/*{self.name()}{self.foreign()}*/')}", lambda: self.one(["onclick", "style", "style=''", "onclick=''", "onload="]),
            ])())
        return "".join(self.one([" ", " ", " ", "\n", "/", "\t"]) + attribute for attribute in made)

    def tag(self, theme):
        name = self.one(theme if self.chance(0.75) else " ".join(THEMES).split())
        return f"<{name}{self.attributes()}{self.one(['>'] * 6 + ['/>', ' />'])}"

    def end(self, theme):
        name = self.one(theme if self.chance(0.75) else " ".join(THEMES).split())
        return f"</{name}{self.one(['', '', '', '', ' ', '/', ' a=1', chr(10)])}>"

    def inline(self):
        def script(kind):
            text = {"type=importmap": '{"imports":{"%s":"./x"}}', "type=speculationrules": '{"tag":"%s"}'}.get(kind)
            text = text % self.name() if text else self.code()
            return f"<script{self.attributes() if self.chance(0.2) else ''} {kind}>{text}{self.one(['</script>'] * 5 + ['</script >', '</SCRIPT/>', '</script x>', ''])}"
        return self.one([
            lambda: script(""), lambda: script(self.one(SCRIPTS)), lambda: script(self.one(SCRIPTS)),
            lambda: f"<style {self.one(STYLES)}>{self.css()}</style>", lambda: f"<style>{self.css()}{self.one(['', '<!--', '</styl', '&lt;', chr(0)])}</style>",
            lambda: f"<p style={self.quoted(f'color:red/*{self.name()}{self.foreign()}*/')}>", lambda: f"<b {self.one(EVENTS)}={self.loose(self.code())}>",
            lambda: f"<svg><script>{self.code()}&lt;<![CDATA[{self.foreign()}<]]></script></svg>", lambda: f"<svg><style>{self.css()}<![CDATA[<&amp;]]></style></svg>",
            lambda: f"<script><!--<script>{self.code()}</script>{self.foreign()}--></script>", lambda: f"<noscript><style>{self.css()}</style></noscript>",
            lambda: f"<template>{script('')}<p style={self.quoted(self.css())}></template>", lambda: f"<textarea>{script('')}</textarea>", lambda: "<style></style><script></script>",
            lambda: f"<div><template shadowrootmode=open>{script('')}<style>{self.css()}</style></template></div>",
        ])()

    def link(self):
        url = self.quoted(self.url())
        return self.one([
            "<a href={}>a</a>", "<area href={}>", "<svg><a href={}><text>a</text></a></svg>", "<svg><a xlink:href={}></a></svg>", "<form action={}></form>", "<iframe src={}></iframe>",
            "<form><button formaction={}>a</button></form>", "<form><input type=submit formaction={}></form>", "<form action={}><input></form>", "<math><mi href={}>a</mi></math>",
            "<object data={}></object>", "<embed src={}>", "<img src={}>", "<a target=x href={}>a</a>",
        ]).format(url)

    def meta(self):
        attributes = []
        for _ in range(self.one([1, 1, 1, 1, 2, 3])):
            label = self.encoding if self.chance(0.4) else self.one(LABELS)
            content = self.one(["text/html; charset={}", "text/html;charset={}", "charset = {} x", "charset charset={}", "charset={}x'", "charset='{}'", "x"])
            attributes += self.one([
                [f"charset={self.quoted(label)}"], [f"charset={self.quoted(label)}"], ["http-equiv=content-type", f"content={self.quoted(content.format(label))}"],
                [self.one(["http-equiv=x", "content=x", "charset", "name=a", "a='>'", "/"])],
            ])
        return f"<{self.one([' ', ' ', chr(10), '/']).join([self.one(['meta', 'META']), *attributes])}{self.one(['', '', ' /'])}>"

    def declared(self):
        before, after = self.one(AROUND)
        return before + self.meta() + after

    def filler(self, near):
        """Text without effect that reaches to about byte 1,024 or past it."""
        begin, end = self.one([("<!--", "-->"), ("<style media=print>", "</style>"), ("<title>", "</title>"), ("<a title='", "'>"), ("", "")])
        return begin + self.one([" ", "/"]) * max(near - len(begin + end), 0) + end

    # Frames

    def frame(self, depth):
        inner = "".join(self.page(depth - 1))
        # Without allow-forms a javascript: URL of a form is never checked.
        sandbox = self.one([""] * 8 + [" sandbox", " sandbox='allow-scripts allow-forms'", " sandbox='allow-scripts allow-forms allow-same-origin'", " loading=lazy"])
        if self.chance(0.35):
            return f"<iframe{sandbox} srcdoc={self.quoted(inner)}{self.one(['', ' src=data:,'])}></iframe>"
        place = self.one([
            f"<iframe{sandbox} src=§></iframe>", f"<iframe{sandbox} src=§></iframe>", "<object data=§></object>", "<embed src=§>", "<object type=text/html data=§></object>",
            "<embed type=text/html src=§>", "<frameset><frame src=§></frameset>", "<svg><foreignObject><iframe src=§></iframe></foreignObject></svg>",
        ])
        # Chromium frames no document in an object or embed whose type it does not find at the start of the URL; cspseal does.
        is_plain = place.startswith(("<object data", "<embed src"))
        return place.replace("§", self.quoted(self.data(inner, is_plain)))

    def data(self, inner, is_plain):
        """A data: URL of a page or of an XML document."""
        scheme = self.one(["data:"] * 8 + ["DATA:", " data:"] + ([] if is_plain else ["da\nta:", "data:\t", "data://", "data:/"]))
        kind = self.one(["text/html"] * 6 + ["TEXT/HTML", "text/html;charset=utf-8", "text/html;charset=utf-8", f"text/html;charset={self.one(LABELS).strip()}", 'text/html;charset="utf-8"',
                         "text/plain", "", "application/xhtml+xml", "image/svg+xml", "text/html;x=y;charset=koi8-r", "text/html; charset=windows-1251", *([] if is_plain else [" text/html ", "te\nxt/html"])])
        if "xml" in kind:
            space = "http://www.w3.org/1999/xhtml" if "xhtml" in kind else "http://www.w3.org/2000/svg"
            inner = f"<g xmlns='{space}' xmlns:h='http://www.w3.org/1999/xhtml'><script>{self.name()}&lt;{self.foreign()}</script><h:p onclick='{self.name()}\n' style='{self.name()}'/><style>{self.css()}</style></g>"
        if self.chance(0.2):
            return f"{scheme}{kind};{self.one(['base64', 'BASE64', ' base64'])},{base64.b64encode(self.encode(inner)).decode()}"
        escape = self.random.random()
        often = 0 if escape < 0.4 else 0.05 if escape < 0.8 else 1
        out = ""
        for at, character in enumerate(inner):
            if character in "%" or (character in "#&" and self.chance(0.9)) or self.chance(often):
                out += "".join(f"%{byte:02{self.one('xX')}}" for byte in self.encode(character))
            else:
                out += character
            # Chromium stops at the name of a namespace that is no URI.
            if self.chance(0.01) and ("xml" not in kind or ">" in inner[:at]):
                out += self.one(["\n", "\t", "\r\n", " ", "\r"])
        # After the ? of data://, Chromium writes in the encoding of the page, which cspseal does not do.
        return f"{scheme}{kind}," + (out.replace("?", "%3F") if "//" in scheme else out)

    # Pages

    def piece(self, theme, depth):
        kind = self.random.random()
        if kind < 0.2:
            return self.tag(theme)
        if kind < 0.32:
            return self.end(theme)
        if kind < 0.62:
            return self.inline()
        if kind < 0.7:
            return self.link()
        if kind < 0.78:
            return self.declared()
        if kind < 0.84:
            return self.one(ODDITIES)
        if kind < 0.9:
            return self.foreign()
        return self.frame(depth) if depth else self.inline()

    def page(self, depth):
        theme = self.one(THEMES).split()
        pieces = [self.one(["<!doctype html>"] * 5 + ["", "<?xml version='1.0' encoding='koi8-r'?>", "<html>", "<!doctype html><html><head>"])]
        if self.chance(0.5 if depth == 2 else 0.3):
            pieces += [self.piece(theme, 0) for _ in range(self.random.randrange(3))]
            if depth == 2 and self.chance(0.3):
                pieces.append(self.filler(1024 + self.one([-150, -40, -20, -5, 0, 5, 30, 1000]) - sum(map(len, pieces))))
            pieces.append(self.declared())
        pieces += [self.piece(theme, depth) for _ in range(self.random.randrange(1, 12 if depth == 2 else 5))]
        return pieces + [self.one(ENDS)]


BACK = {RAW + byte: chr(byte) for byte in range(0x80, 0x100)}
