//! Elements in elements, in pages and in XML.

use crate::measure::{check, hash, numbered};

/// Behind much for which the tree is not needed, what needs it.
const SVG: &str = "<svg><style>";

#[test]
fn hashing_nested_elements() {
    check(&[
        ("div", |at, n| hash(at, "a.html", "<div>".repeat(8 * n) + SVG)),
        ("b and i", |at, n| hash(at, "a.html", "<b><i>".repeat(4 * n) + SVG)),
        ("different fonts", |at, n| {
            let fonts = numbered(n, |i| format!("<p><font size={i}>x"));
            hash(at, "a.html", fonts + SVG)
        }),
        ("svg", |at, n| hash(at, "a.html", "<svg><g>".repeat(4 * n) + "<style>")),
        ("cells", |at, n| hash(at, "a.html", "<table><tr><td>".repeat(n))),
        ("templates", |at, n| hash(at, "a.html", "<template><tr>".repeat(n))),
        ("selects", |at, n| hash(at, "a.html", "<select><option>".repeat(4 * n))),
        ("framesets", |at, n| hash(at, "a.html", "<frameset><frame>".repeat(n))),
        ("anchors", |at, n| hash(at, "a.html", "<a><div>".repeat(2 * n) + "<svg>")),
        ("end tags of nothing", |at, n| hash(at, "a.html", "<span>".repeat(n) + &"</x>".repeat(n) + SVG)),
        ("tables deep inside", |at, n| hash(at, "a.html", "<div>".repeat(n) + &"<table></table><svg></svg>".repeat(n))),
        ("styles deep in svg", |at, n| {
            hash(at, "a.html", format!("<svg>{}{}", "<g>".repeat(n), "<style></style>".repeat(n)))
        }),
        ("noscript deep inside", |at, n| {
            hash(
                at,
                "a.html",
                // Without a declaration a page of up to 1 MiB is read otherwise than a longer one.
                "<meta charset=utf-8>".to_owned() + &"<div>".repeat(n) + &"<noscript><p></noscript>".repeat(n),
            )
        }),
        ("XML elements", |at, n| hash(at, "a.svg", format!("<svg>{}</svg>", "<g a='b'></g>".repeat(n)))),
        ("XML prefixes", |at, n| {
            let declared = numbered(n / 4, |i| format!("xmlns:a{i}='u' "));
            let used = numbered(n / 4, |i| format!("a{i}:x='' "));
            hash(at, "a.svg", format!("<g {declared}{used}/>"))
        }),
    ]);
}
