//! Random markup that a tree builder finds hard: tags of every insertion mode in any order, odd comments, double
//! escapes, unclosed things. The tests of the library, of `it` and in browsers share it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Tags that meet in one insertion mode or one algorithm; a document takes most of its tags from one row.
const THEMES: &[&[&str]] = &[
    &["html", "head", "body", "frameset", "frame", "noframes", "base", "link", "meta", "title", "noscript"],
    &["table", "caption", "colgroup", "col", "tbody", "thead", "tr", "td", "th", "input", "form"],
    &["select", "option", "optgroup", "hr", "input", "textarea", "datalist", "button", "selectedcontent"],
    &["svg", "math", "foreignObject", "desc", "title", "mi", "mo", "mtext", "annotation-xml", "mglyph", "g", "a"],
    &["a", "b", "i", "nobr", "font", "em", "code", "p", "div", "address", "object", "marquee"],
    &["ul", "ol", "li", "dl", "dd", "dt", "p", "div", "button", "form", "span"],
    &["ruby", "rb", "rt", "rp", "rtc", "p", "h1", "h2", "pre", "listing", "br"],
    &["template", "div", "span", "x-y", "table", "tr", "td", "svg", "select", "p", "article"],
    &["svg", "b", "a", "p", "desc", "font", "table", "foreignObject", "annotation-xml", "math", "div"],
    &["iframe", "xmp", "noembed", "noframes", "noscript", "textarea", "title", "image", "img", "embed", "applet"],
];

const ATTRIBUTES: &[&str] = &[
    "onclick=§",
    "onclick='§'",
    "onload=\"§\"",
    "onclick=\"§\r\n&#13;&amp;&copy=&copy;\0\"",
    "style=§",
    "style=\"§\" style=other",
    "ONCLICK=§ onclick=other",
    "onclick",
    "style=''",
    "onfoo=§",
    "onclick=§/",
    "xlink:href=data:,",
    "href=data:,",
    "src=data:,",
    "src",
    "nomodule",
    "type=hidden",
    "type=module",
    "type=text/plain",
    "type=text/css",
    "type=''",
    "language=javascript1.3",
    "encoding=text/html",
    "encoding='Application/XHTML+xml'",
    "encoding=x",
    "shadowrootmode=open",
    "shadowrootmode=closed",
    "shadowrootmode=x",
    "for=x",
    "color",
    "class=a",
    "class=b",
    "title='<script>§</script>'",
    "/",
    "=",
    "\"",
];

const RESOURCES: &[&str] = &[
    "<script>§</script>",
    "<script type=module>§</script>",
    "<script src=data:,>§</script>",
    "<script></script>",
    "<script>\r\n§\0&amp;</script\n>",
    "<script><!--<script>§</script>§--></script>",
    "<script><!--<script>§--></script>",
    "<script><!--<script>§</script>",
    "<script><!--§</script>",
    "<script>§</scriptx></script/>",
    "<style>§</style>",
    "<style></style>",
    "<style>\n§&amp;<b></style x=y>",
    "<style>§<!--</style>-->",
    "<noscript><style>§</style><p style=§>§</noscript>",
    "<textarea><script>§</script></textarea>",
    "<svg><style>§<![CDATA[<&amp;]]>&amp;<g/>§</style></svg>",
    "<svg><script>§&lt;</script></svg>",
    "<svg><script>§</svg>",
    "<div onclick=§>",
    "<p style=§>",
];

const TEXTS: &[&str] =
    &["x", " ", "\n", "\0", "\r\n", "a &amp; b", "<", "</", "a < b > c", "</ x>", "</>", "é", "]]>", "&am"];

const ODDITIES: &[&str] = &[
    "<!-- <script>§</script> -->",
    "<!-->",
    "<!--->",
    "<!--x--!>",
    "<!-->--><b onclick=§>-->",
    "<!---!>-->",
    "<!x>",
    "<!doctype html>",
    "<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 3.2//EN\">",
    "<?php echo '>' ?>",
    "<?x>",
    "<![CDATA[",
    "<![CDATA[<p onclick=§>]]>",
    "<![CDATA[x]]><p onclick=§>",
    "<![if x]>",
    "<plaintext>",
];

/// What is left open at the end of a document.
const ENDS: &[&str] = &[
    "",
    "",
    "",
    "",
    "",
    "<",
    "</",
    "<a",
    "<a onclick=§",
    "<a onclick='§",
    "</script",
    "<!--",
    "<!",
    "<script>§",
    "<style>§",
    "<style>§</style",
    "<svg><style>§",
    "<svg><script>§",
    "<![CDATA[",
    "<noscript><style>§",
    "<textarea>",
];

fn name(theme: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    let any = THEMES.concat();
    prop_oneof![3 => select(theme), 1 => select(any)]
}

fn start_tag(theme: &'static [&'static str]) -> impl Strategy<Value = String> {
    let attributes = vec(select(ATTRIBUTES), 0..3);
    let close = prop_oneof![8 => Just(">"), 1 => Just("/>"), 1 => Just(" />")];
    (name(theme), attributes, close).prop_map(|(name, attributes, close)| {
        let attributes: String = attributes.iter().map(|a| format!(" {a}")).collect();
        format!("<{name}{attributes}{close}")
    })
}

fn end_tag(theme: &'static [&'static str]) -> impl Strategy<Value = String> {
    let rest = prop_oneof![8 => Just(">"), 1 => Just(" x='>'>"), 1 => Just("/>")];
    (name(theme), rest).prop_map(|(name, rest)| format!("</{name}{rest}"))
}

fn piece(theme: &'static [&'static str]) -> impl Strategy<Value = String> {
    let owned = |pieces: &'static [&'static str]| select(pieces).prop_map(str::to_owned);
    prop_oneof![
        8 => start_tag(theme),
        5 => end_tag(theme),
        4 => owned(RESOURCES),
        2 => owned(TEXTS),
        1 => owned(ODDITIES),
    ]
}

/// A document of up to `max` pieces, each resource in it with a text of its own.
pub(crate) fn document(max: usize) -> impl Strategy<Value = String> {
    let pieces = select(THEMES).prop_flat_map(move |theme| vec(piece(theme), 1..max));
    (pieces, select(ENDS)).prop_map(|(pieces, end)| numbered(&(pieces.concat() + end)))
}

/// Replaces each placeholder by a number.
fn numbered(markup: &str) -> String {
    let mut parts = markup.split('§');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (number, part) in parts.enumerate() {
        text += &format!("r{number}");
        text += part;
    }
    text
}
