//! What the styles of a page fetch.

use super::super::{ScanOptions, scan_page};
use crate::css::property::PRESENTATION_ATTRIBUTES;
use crate::page::kind::Destination::{self, *};
use crate::template::{Dialect, Templates};

type Found = (Destination, Option<String>, u64, u64);

/// What a page asks for: the URL of each with its line and column.
fn found(path: &str, text: &str, dialect: Option<Dialect>) -> Vec<Found> {
    let templates = dialect.map_or(Templates::Auto, Templates::Dialect);
    let options = ScanOptions::new().with_requests(true).with_templates(templates);
    let page = scan_page(path, text.as_bytes(), &options).unwrap();
    let requests = page.requests.iter();
    requests
        .map(|it| {
            let url = it.key.url.as_deref().map(String::from);
            (it.key.destination, url, it.first.line, it.first.column)
        })
        .collect()
}

#[track_caller]
fn assert_found(path: &str, text: &str, dialect: Option<Dialect>, expected: &[(Destination, Option<&str>, u64, u64)]) {
    let expected = expected.iter();
    let expected: Vec<Found> = expected
        .map(|(destination, url, line, column)| (*destination, url.map(str::to_owned), *line, *column))
        .collect();
    assert_eq!(found(path, text, dialect), expected, "{text}");
}

/// Both browsers asked `img-src` about each of the nine attributes, on whatever element of SVG, known or not (run).
#[test]
fn attributes_of_svg_fetch_images() {
    for attribute in PRESENTATION_ATTRIBUTES {
        let markup = format!("<rect {attribute}='url(&quot;a.svg#b&quot;)'/>");
        let path = "a.html";
        let html = format!("<svg>{markup}</svg>");
        assert_found(path, &html, None, &[(Image, Some("a.svg#b"), 1, 12)]);
        let xml = format!("<svg xmlns='http://www.w3.org/2000/svg'>{markup}</svg>");
        assert_found("a.svg", &xml, None, &[(Image, Some("a.svg#b"), 1, 47)]);
    }
    for (html, expected) in [
        (
            "<svg><path d='M0' fill=red FILL='url(a)' stroke='url(#a)' cursor='URL(b), auto'></svg>",
            &[(Image, Some("b"), 1, 59)][..],
        ),
        ("<svg><x-a mask='image-set(\"a\" 1x)'>", &[(Image, Some("a"), 1, 11)]),
        ("<svg fill='rgb(1,2,3)' mask-image='url(a)'>", &[]),
        ("<p mask='url(a)'><math><mi mask='url(b)'>", &[]),
    ] {
        assert_found("a.html", html, None, expected);
    }
    let upper = "<svg xmlns='http://www.w3.org/2000/svg'><rect FILL='url(a)'/></svg>";
    assert_found("a.svg", upper, None, &[]);
    let code = "<svg fill='url({{ a }})' mask='{{ b }}'></svg>";
    assert_found("a.html", code, Some(Dialect::Jinja), &[(Image, None, 1, 6)]);
}

#[test]
fn styles_fetch_images_fonts_and_sheets() {
    assert_found(
        "a.html",
        "<!doctype html><meta charset=utf-8><style>@import 'a.css';\r\né{ background: url( b.png ) }\n\
         @font-face { src: local(x), url(c.woff2) }</style>\n<p style='mask: url(&quot;d.svg&quot;)'>\
         <p style='color: red'><style>p { cursor: url(data:image/png,x), url(#y) }</style>",
        None,
        &[
            (Style, Some("a.css"), 1, 51),
            (Image, Some("b.png"), 2, 16),
            (Font, Some("c.woff2"), 3, 29),
            (Image, Some("d.svg"), 4, 4),
            (Image, Some("data:"), 4, 82),
        ],
    );
    assert_found(
        "a.html",
        "<style type=text/plain>a { background: url(a) }</style><style type=TEXT/CSS>a { background: url(b) }</style>",
        None,
        &[(Image, Some("b"), 1, 93)],
    );
}

#[test]
fn styles_of_other_documents_stand_where_their_element_does() {
    assert_found(
        "a.html",
        "<p>\n<svg><style>a { fill: url(a.svg#x&amp;y) }</style><rect style='mask: url(b.svg)'/></svg>\n\
         <iframe srcdoc='<style>a { background: url(c) }</style>'></iframe>",
        None,
        &[(Image, Some("a.svg#x&y"), 2, 6), (Image, Some("b.svg"), 2, 57), (Image, Some("c"), 3, 1)],
    );
    assert_found(
        "a.svg",
        "<svg xmlns='http://www.w3.org/2000/svg'>\n<style><![CDATA[a { background: url(a) }]]></style>\
         <g style='clip-path: url(b)'/></svg>",
        None,
        &[(Image, Some("a"), 2, 1), (Image, Some("b"), 2, 55)],
    );
}

#[test]
fn a_url_that_template_code_makes_in_a_style_is_unknown() {
    use Dialect::Django;
    for (text, expected) in [
        (
            "<style>{% if a %}@import 'a.css';{% endif %} a { background: url({{ b }}) }</style>",
            vec![(Style, Some("a.css"), 1, 26), (Image, None, 1, 62)],
        ),
        (
            "<style>a { background: url('/x/{{ b }}.png') } b { background: url({% static 'c.png' %}); mask: url(d) }\n\
             c { color: {{ e }}; background: url(f) }</style>",
            vec![
                (Image, Some("/x/"), 1, 28),
                (Image, None, 1, 64),
                (Image, Some("d"), 1, 97),
                (Image, Some("f"), 2, 33),
            ],
        ),
        (
            "<p style='color: {{ a }}; background: url(b)'><p style='background: url({{ c }})'>",
            vec![(Image, Some("b"), 1, 4), (Image, None, 1, 50)],
        ),
        // What stands where in a text whose line ends were normalized is not known.
        ("<style>\r\na { background: url({{ b }}); mask: url(c) }</style>", vec![(Image, None, 2, 17)]),
    ] {
        assert_found("a.html", text, Some(Django), &expected);
    }
}
