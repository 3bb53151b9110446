//! Markup on which the tree decides what is hashed, as Chromium was seen to decide, and random markup in small pieces.
//!
//! Most rows ask whether an `svg` is still open at a `style` element: in it the style's text is decoded.

mod requests;
mod semantics;
mod styles;
mod xml;

use proptest::prelude::*;

use super::InlineKind::{EventHandler, Script, Style, StyleAttribute};
use super::document::DocumentScan;
use super::walk::Walk;
use super::*;
use crate::html::nasty;
use crate::template::Dialect;

fn options() -> ScanOptions {
    ScanOptions::new().with_charset(Some(encoding_rs::UTF_8))
}

/// What is inline in `html`, given in pieces that end at `ends`, with what it is nested in.
fn scan(html: &str, ends: impl IntoIterator<Item = usize>) -> Page {
    let options = options();
    let mut scan = DocumentScan::new(Walk::page(&options, None), options.charset, None, || None);
    let mut start = 0;
    for end in ends.into_iter().chain([html.len()]) {
        scan.write(&html.as_bytes()[start..end]).unwrap();
        start = end;
    }
    let walk = scan.end(&[]).unwrap().walk;
    walk.visitor.into_page(&"page.html".into())
}

#[test]
fn code_in_an_end_tag_is_none_of_the_text_before_it() {
    let options = options();
    let scan = |pieces: &[&[u8]]| {
        let walk = Walk::page(&options, Some(Dialect::Handlebars));
        let mut scan = DocumentScan::new(walk, options.charset, Some(Dialect::Handlebars), || None);
        for piece in pieces {
            scan.write(piece).unwrap();
        }
        scan.end(&[]).unwrap().walk.visitor.into_page(&"a".into())
    };
    for html in ["<svg><script>a</script{{b}}>", "<svg><style>a</style {{b}}>", "<svg><style>a<p {{b}}>"] {
        let whole = scan(&[html.as_bytes()]);
        assert_eq!(whole.inlines().count(), 1, "{html}");
        assert!(whole.findings.is_empty(), "{html}");
        for at in 0..html.len() {
            let (start, end) = html.as_bytes().split_at(at);
            assert_eq!(scan(&[start, end]), whole, "{html} split at {at}");
        }
    }
}

/// Asserts that just these texts are hashed, in this order.
#[track_caller]
fn hashes(html: &str, want: &[(InlineKind, &str)]) {
    semantics::hashes_with(html, &options(), want);
}

/// Asserts that an SVG `style` follows `before`.
#[track_caller]
fn is_svg_after(before: &str) {
    hashes(&format!("{before}<style>a&amp;b</style>"), &[(Style, "a&b")]);
}

/// Asserts that an HTML `style` follows `before`.
#[track_caller]
fn is_html_after(before: &str) {
    hashes(&format!("{before}<style>a&amp;b</style>"), &[(Style, "a&amp;b")]);
}

#[test]
fn an_equals_sign_at_the_end_of_a_tag_changes_nothing() {
    hashes("<script async=>if(a<b)c</script>", &[(Script, "if(a<b)c")]);
    hashes("<style media = ><b onclick=1></style><b onclick=2>", &[(Style, "<b onclick=1>"), (EventHandler, "2")]);
    hashes("<title =><b onclick=1></title><b onclick=2>", &[(EventHandler, "2")]);
}

#[test]
fn a_br_end_tag_rules_out_a_frameset() {
    hashes("</br><frameset onload=1><p onclick=2>", &[(EventHandler, "2")]);
    hashes("<frameset onload=1><p onclick=2>", &[(EventHandler, "1")]);
}

#[test]
fn a_template_in_the_head_rules_out_no_frameset() {
    for before in ["<template></template><b>", "</head><template></template><p>"] {
        let html =
            format!("{before}<frameset onload=1><frame src='data:text/html,<script>2</script>'><style>3</style>");
        hashes(&html, &[(EventHandler, "1"), (Script, "2")]);
    }
    hashes("<template></template><body><frameset onload=1><style>3</style>", &[(Style, "3")]);
    hashes("<b><template></template><frameset onload=1><style>3</style>", &[(Style, "3")]);
}

#[test]
fn formatting_elements_are_reopened() {
    is_html_after("<p><b></p><svg></b>");
    is_html_after("<p><b></p> <svg></b>");
    is_html_after("<p><b></p><table> <svg></b>");
    is_html_after("<b><code></b><svg></code>");
    is_html_after("<svg><desc><g><b></g>x</desc>");
    is_svg_after("<svg><desc><g><b></g></desc>");
    is_svg_after("<p></p><svg></b>");
}

#[test]
fn a_formatting_element_is_reopened_three_times_at_most() {
    is_html_after("<p><b><b><b></p>x</b></b><svg></b>");
    is_svg_after("<p><b><b><b><b></p>x</b></b></b><svg></b>");
    is_svg_after("<p><b class=x><b CLASS='x'><b class=&#120; class=y><b class=\"x\"></p>x</b></b></b><svg></b>");
    is_svg_after("<p><b><b ><b\t><b\n></p>x</b></b></b><svg></b>");
    is_html_after("<p><b class=x><b class=y><b class=z><b></p>x</b></b></b><svg></b>");
}

#[test]
fn the_adoption_agency_closes_and_reopens() {
    is_html_after("<a><div><a><svg></a>");
    is_html_after("<b><i><u><s><em><div></b><svg></em>");
    is_svg_after("<b><i><u><s><em><div></b><svg></i>");
    is_html_after("<nobr><div><nobr><svg></nobr>");
    is_html_after("<b><object></b></object><svg></b>");
}

#[test]
fn in_quirks_mode_a_table_leaves_the_paragraph_open() {
    let markup = "<svg><foreignObject><p><table></table></foreignObject>";
    is_html_after(markup);
    is_svg_after(&format!("<!doctype html>{markup}"));
    is_svg_after(&format!("<!--x--> <?x><!DOCTYPE html>{markup}"));
    is_html_after(&format!("</p><!doctype html>{markup}"));
    is_html_after(&format!("<!DOCTYPE html PUBLIC '-//W3C//DTD HTML 3.2 Final//EN'>{markup}"));
}

#[test]
fn foreign_scripts_and_styles_nest() {
    hashes("<svg><style>a<script>b&amp;</script>c</style>", &[(Script, "b&"), (Style, "ac")]);
    hashes("<svg><style>a<desc><style>b&amp;</style></desc>c</style>", &[(Style, "b&amp;"), (Style, "ac")]);
}

#[test]
fn a_foreign_html_element_takes_no_attributes() {
    hashes(
        "<svg><html onclick=1><body onclick=2></svg><html onclick=3><body onclick=4>",
        &[(EventHandler, "1"), (EventHandler, "2"), (EventHandler, "3")],
    );
}

#[test]
fn the_content_of_noscript_is_parsed_where_it_stands() {
    hashes("<table><noscript><tr style=1><td style=2></noscript>", &[(StyleAttribute, "1"), (StyleAttribute, "2")]);
    hashes("<noscript><frameset style=1>", &[(StyleAttribute, "1")]);
    hashes("<p>x<noscript><frameset style=1>", &[]);
    hashes("<body style=1><noscript><body style=2>", &[(StyleAttribute, "1")]);
    hashes("<noscript><head style=1><link style=2><style>3</style>", &[(StyleAttribute, "2"), (Style, "3")]);
    hashes("<p><noscript><noscript><p style=1></noscript>", &[(StyleAttribute, "1")]);
    is_svg_after("<svg><noscript>");
}

#[test]
fn noscript_is_markup_where_a_sandbox_keeps_scripts_out() {
    let frame = |sandbox: &str| format!("<iframe {sandbox} srcdoc='<noscript><style>1</style></noscript>'></iframe>");
    let nesting = |html: &str| scan(html, []).inlines().next().map(|i| i.nested.to_vec());
    assert_eq!(nesting(&frame("sandbox")), Some(vec![Nesting::Srcdoc]));
    let both = vec![Nesting::Srcdoc, Nesting::Noscript];
    assert_eq!(nesting(&frame("sandbox=allow-scripts")), Some(both));
}

#[test]
fn nul_is_no_text_in_front_of_a_frameset() {
    hashes("<head>\0<frameset onload=1>\0", &[(EventHandler, "1")]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_change_nothing(html in nasty::document(9), step in 1_usize..8) {
        let whole = scan(&html, []);
        for at in 0..html.len() {
            prop_assert_eq!(&scan(&html, [at]), &whole, "split at {}", at);
        }
        prop_assert_eq!(&scan(&html, (0..html.len()).step_by(step)), &whole, "pieces of {}", step);
    }

    #[test]
    fn pages_before_change_nothing(before in nasty::document(9), html in nasty::document(9)) {
        let (alone, after) = after_another(&before, &html);
        prop_assert_eq!(after, alone);
    }
}

/// What is found in a page by a thread that has scanned nothing, and by one that has scanned another page; [`None`] if it is no text.
fn after_another(before: &str, html: &str) -> (Option<Page>, Option<Page>) {
    let scan = |html: &str| {
        let options = options().with_requests(true);
        scan_page("page.html", html.as_bytes(), &options).ok()
    };
    let alone = std::thread::scope(|scope| scope.spawn(|| scan(html)).join().unwrap());
    scan(before);
    (alone, scan(html))
}

#[test]
fn a_tag_is_read_anew_where_it_means_something_else() {
    for (before, html) in [
        ("<noscript><script>a</script></noscript>", "<script>a</script>"),
        ("<script src='#'></script>", "<script src='#'></script><script>a</script>"),
        ("<noscript><script src=a></script></noscript>", "<script src=a></script>"),
        ("<template><img src=a></template>", "<img src=a>"),
        ("<base href=/b/><link rel=icon href=a>", "<link rel=icon href=a>"),
        ("<svg><script src=a></script></svg>", "<script src=a>b</script>"),
        ("<iframe srcdoc='<img src=a>'></iframe>", "<img src=a>"),
        ("<select><img src=a></select>", "<img src=a onload=b>"),
    ] {
        let (alone, after) = after_another(before, html);
        assert_eq!(after, alone, "{html}");
        let alone = alone.unwrap();
        assert!(alone.inlines().count() + alone.requests.len() > 0, "{html}");
    }
}

#[test]
fn a_tree_that_waits_knows_what_was_open_a_megabyte_ago() {
    // A form in a form is none, but only the tree knows that one is open.
    let filler = "<p>quiet <b>markup</b></p>\n".repeat(45_000);
    for (before, forms) in [("<form>", 0), ("<form></form>", 1), ("<template><form></template>", 1)] {
        let html = format!("<body>{before}{filler}<form onreset=a()>");
        for step in [html.len(), 1 << 16] {
            let page = scan(&html, (0..html.len()).step_by(step));
            let handlers = page.inlines().filter(|inline| inline.kind == InlineKind::EventHandler);
            assert_eq!(handlers.count(), forms, "{before}");
        }
    }
}
