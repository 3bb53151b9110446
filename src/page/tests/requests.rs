//! The URLs that a page asks for.

use super::super::{Page, ScanOptions, scan_page};
use crate::page::kind::Destination::{self, *};
use crate::template::{Dialect, Templates};

fn scanned(path: &str, html: &str) -> Page {
    let options = ScanOptions::new().with_requests(true);
    scan_page(path, html.as_bytes(), &options).unwrap()
}

/// What a document asks for, each URL with what for.
fn requests(path: &str, html: &str) -> Vec<(Destination, String)> {
    let page = scanned(path, html);
    let found = page.requests.into_iter();
    found
        .map(|it| {
            (
                it.key.destination,
                it.key.url.map_or("?".to_owned(), Into::into),
            )
        })
        .collect()
}

#[test]
fn each_attribute_is_fetched_as_something() {
    for (html, expected) in [
        (
            "<img src=a srcset='b, c 2x'>",
            vec![(Image, "a"), (Image, "b"), (Image, "c")],
        ),
        ("<image src=a>", vec![(Image, "a")]),
        (
            "<picture><source srcset='a 1x'><img></picture>",
            vec![(Image, "a")],
        ),
        ("<input type=IMAGE src=a><input src=b>", vec![(Image, "a")]),
        (
            "<video src=a poster=b><source src=c><track src=d></video>",
            vec![(Media, "a"), (Image, "b"), (Media, "c"), (Media, "d")],
        ),
        ("<audio src=' a '></audio>", vec![(Media, "a")]),
        (
            "<table background=a><tr><td background=b></table>",
            vec![(Image, "a"), (Image, "b")],
        ),
        ("<body background=a>", vec![(Image, "a")]),
        ("<link rel='shortcut ICON' href=a>", vec![(Image, "a")]),
        ("<link rel=apple-touch-icon href=a>", vec![(Image, "a")]),
        (
            "<link rel='alternate stylesheet' href=a media=print>",
            vec![(Style, "a")],
        ),
        (
            "<link rel=preload as=image href=a imagesrcset='b 2x'>",
            vec![(Image, "a"), (Image, "b")],
        ),
        ("<link rel=preload as=font href=a>", vec![(Font, "a")]),
        ("<link rel=preload as=fetch href=a>", vec![(Connect, "a")]),
        ("<link rel=preload href=a>", vec![]),
        ("<link rel=modulepreload href=a>", vec![(Script, "a")]),
        (
            "<link rel=modulepreload as=json href=a>",
            vec![(Connect, "a")],
        ),
        ("<link rel=manifest href=a>", vec![(Manifest, "a")]),
        ("<link rel=prefetch href=a>", vec![(Prefetch, "a")]),
        (
            "<link rel=preconnect href=a><link rel=canonical href=b>",
            vec![],
        ),
        ("<script src=a></script>", vec![(Script, "a")]),
        ("<script type=text/plain src=a></script>", vec![]),
        (
            "<svg><script href=a xlink:href=b></script></svg>",
            vec![(Script, "a")],
        ),
        ("<iframe src=a></iframe>", vec![(Frame, "a")]),
        ("<iframe src=a srcdoc=b></iframe>", vec![]),
        ("<frameset><frame src=a></frameset>", vec![(Frame, "a")]),
        (
            "<object data=a></object><embed src=b>",
            vec![(Object, "a"), (Object, "b")],
        ),
        (
            "<form action=a><button formaction=b></button></form>",
            vec![(Form, "a"), (Form, "b")],
        ),
        (
            "<a href=a ping='b c'>d</a>",
            vec![(Connect, "b"), (Connect, "c")],
        ),
        ("<base href=a><base href=b>", vec![(Base, "a")]),
        (
            "<svg><image href=a xlink:href=b /><feImage xlink:href=c /><use href=d /></svg>",
            vec![(Image, "a"), (Image, "c"), (Image, "d")],
        ),
        ("<img src><img src='#a'><svg><use href=#b /></svg>", vec![]),
        ("<img src='a\n\tb'>", vec![(Image, "ab")]),
        (
            "<form action='javascript:a'></form><iframe src=JavaScript:b></iframe><script src='javascript:c'></script>",
            vec![(Script, "javascript:c")],
        ),
        ("<a href=a><p data=b cite=c><q src=d>", vec![]),
    ] {
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(it, url)| (it, url.to_owned()))
            .collect();
        assert_eq!(requests("a.html", html), expected, "{html}");
    }
}

#[test]
fn requests_of_a_document_in_xml() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'><feImage href='a'/><feimage href='b'/><image xlink:href='c'/><script href='d'/></svg>";
    let expected = [(Image, "a"), (Image, "c"), (Script, "d")];
    assert_eq!(
        requests("a.svg", svg),
        expected.map(|(it, url)| (it, url.to_owned()))
    );
}

#[test]
fn alike_requests_are_one() {
    let page = scanned(
        "a.html",
        "<img src=a>\n<noscript><img src=b></noscript><img src=a><template><img src=c></template><img src=c>",
    );
    let found = page.requests.iter();
    let found: Vec<_> = found
        .map(|it| {
            (
                it.key.url.as_deref().unwrap(),
                it.uses,
                it.first.line,
                it.first.column,
                it.is_conditional,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("a", 2, 1, 6, false),
            ("b", 1, 2, 16, true),
            ("c", 2, 2, 59, false)
        ]
    );
}

#[test]
fn each_document_has_a_base() {
    let page = scanned(
        "a.html",
        "<noscript><base href=n></noscript><template><base href=t></template><base href=x><base href=y>\
         <iframe srcdoc='<img src=a><base href=z>'></iframe><iframe src='data:text/html,<img src=b>'></iframe><img src=c>",
    );
    let bases: Vec<_> = page
        .bases
        .iter()
        .map(|it| (it.parent, it.is_data, it.href.as_deref()))
        .collect();
    assert_eq!(
        bases,
        [
            (None, false, Some("x")),
            (Some(0), false, Some("z")),
            (Some(0), true, None)
        ]
    );
    let images = page
        .requests
        .iter()
        .filter(|it| it.key.destination == Image);
    let images: Vec<_> = images
        .map(|it| (it.key.url.as_deref().unwrap(), it.key.base))
        .collect();
    assert_eq!(images, [("a", 1), ("b", 2), ("c", 0)]);
}

#[test]
fn a_url_that_template_code_makes_is_unknown() {
    let options = ScanOptions::new()
        .with_requests(true)
        .with_templates(Templates::Dialect(Dialect::Django));
    let html = "<img src='{{ a }}'><img src=b><script src='/{% if c %}d{% endif %}'></script>";
    let page = scan_page("a.html", html.as_bytes(), &options).unwrap();
    let found: Vec<_> = page
        .requests
        .iter()
        .map(|it| (it.key.destination, it.key.url.as_deref()))
        .collect();
    assert_eq!(found, [(Image, None), (Image, Some("b")), (Script, None)]);
}
