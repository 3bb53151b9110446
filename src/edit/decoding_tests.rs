//! Edits and the encoding of a page: whatever is written, both browsers find the same declaration as before.

use std::io::Write as _;

use proptest::prelude::*;

use super::meta::{MARKER, MetaOptions, MetaPolicy, MetaRewriter};
use super::nonce::{NonceOptions, NonceRewriter, NonceValue};
use crate::finding::Code;
use crate::html::declaration::declared;
use crate::policy::Policy;

/// The pieces of the beginning of a page: `MARKUP` by weight, and fillers that bring it near byte 1,024.
const MARKUP: &[&str] = &[
    "<!doctype html>",
    "<html>",
    "<head>",
    "</head>",
    "<body>",
    "</p>",
    "</foo>",
    "<p>",
    "text",
    "\r\n",
    "&#32;",
    "</>",
    "<template>",
    "</template>",
    "<noframes></noframes>",
    "<bgsound>",
    "<object>",
    "<frameset>",
    "<select>",
    "<table>",
    "<svg>",
    "</svg>",
    "<svg><title>",
    "<math><mtext>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<noscript>",
    "</noscript>",
    "<title>",
    "</title>",
    "<textarea>",
    "<?xml encoding='koi8-r'?>",
    "<link rel=stylesheet>",
];

/// Elements that get a nonce, and tags of earlier runs.
const EDITED: &[&str] = &[
    "<script>a('\u{e9}')</script>",
    "<style>a{}</style>",
    "<script src=a></script>",
    "<script nonce=old>b</script>",
    "<meta http-equiv=Content-Security-Policy content=\"img-src *\" data-cspseal>",
];

const METAS: &[&str] = &[
    "<meta charset=koi8-r>",
    "<meta charset=windows-1251>",
    "<meta charset=windows-1251 charset=koi8-r>",
    "<meta charset=foo>",
    "<meta http-equiv=content-type content='text/html; charset=koi8-r'>",
    "<meta http-equiv=content-type content='charset charset=windows-1251'>",
];

fn page() -> impl Strategy<Value = String> {
    let filler = (0_usize..5, 1_usize..500).prop_map(|(kind, len)| match kind {
        0 => format!("<!--{}-->", "x".repeat(len)),
        1 => format!("<style>{}</style>", "x".repeat(len)),
        2 => " ".repeat(len),
        3 => "t".repeat(len),
        _ => format!("<title>{}</title>", "x".repeat(len)),
    });
    // An own tag that is long, so that its removal pulls what follows it to the beginning.
    let own = (1_usize..900).prop_map(|len| {
        format!("<meta http-equiv=Content-Security-Policy content=\"img-src {}\" {MARKER}>", "a ".repeat(len))
    });
    let piece = prop_oneof![
        4 => prop::sample::select(MARKUP).prop_map(str::to_owned),
        3 => prop::sample::select(EDITED).prop_map(str::to_owned),
        2 => prop::sample::select(METAS).prop_map(str::to_owned),
        2 => filler,
        1 => own,
    ];
    prop::collection::vec(piece, 1..14).prop_map(|pieces| pieces.concat())
}

/// The page with nonces; [`None`] when that is rejected.
fn nonced(page: &[u8]) -> Option<Vec<u8>> {
    let value = NonceValue::new("CSP_NONCE_0123456789abcdef0123456789abcdef", None).unwrap();
    let options = NonceOptions::new(value).with_replace(true);
    let mut rewriter = NonceRewriter::new("a.html", Vec::new(), &options);
    rewriter.write_all(page).ok()?;
    rewriter.finish().ok().map(|(output, _)| output)
}

/// The page with a policy, or without one if `policy` is empty; [`None`] when that is rejected.
fn governed(page: &[u8], policy: &str) -> Option<Vec<u8>> {
    let policy = MetaPolicy::new(&Policy::parse(policy).unwrap());
    let mut rewriter = MetaRewriter::new("a.html", Vec::new(), &policy, &MetaOptions::new());
    rewriter.write_all(page).unwrap();
    let (output, rewrite) = rewriter.finish().unwrap();
    let rejected = rewrite.findings.iter().any(|f| f.code == Code::UnwrittenPolicy);
    assert!(!rejected || output == page);
    (!rejected).then_some(output)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_edit_never_changes_what_is_declared(page in page(), long in prop::bool::weighted(0.1)) {
        let mut page = page.into_bytes();
        if long {
            // Longer than what is held.
            page.extend([b' '; 70_000]);
        }
        let before = declared(&page, true);
        let edited = [
            nonced(&page),
            governed(&page, "script-src 'none'"),
            governed(&page, ""),
        ];
        for output in edited.into_iter().flatten() {
            prop_assert_eq!(declared(&output, true), before, "{}", String::from_utf8_lossy(&output));
        }
    }
}

/// A page whose declaration ends right before byte 1,024, in a place where it counts no further.
fn at_the_edge(begin: &str, end: &str) -> Vec<u8> {
    let declaration = format!("{end}<meta charset=koi8-r>");
    let space = 1020 - begin.len() - declaration.len();
    [begin.as_bytes(), &b"/".repeat(space), declaration.as_bytes()].concat()
}

#[test]
fn a_declaration_is_not_moved_wherever_it_counts_only_near_the_start() {
    for (begin, end) in [
        ("<!doctype html><script>", "</script></head>"),
        ("<!doctype html><script>", "</script><template>"),
        ("<!doctype html><script>", "</script><template></template>"),
        ("<!doctype html><script>", "</script><p>"),
        ("<!doctype html><script>", "</script>text<p>"),
        // For Chromium alone:
        ("<!doctype html><script>", "</script></p>"),
        ("<!doctype html><script>", "</script><noframes></noframes>"),
        ("<!doctype html><script>", "</script><bgsound>"),
        // For Firefox alone:
        ("<!doctype html><script>", "</script>text<!---->"),
        ("<!doctype html><script>", "</script><object>"),
    ] {
        let page = at_the_edge(begin, end);
        assert_eq!(nonced(&page), None, "nonce: {end}");
        assert_eq!(governed(&page, "script-src 'none'"), None, "policy: {end}");
    }
    for (begin, end) in [
        ("<!doctype html><script>", "</script>"),
        ("<!doctype html><script>", "</script><noscript></noscript>"),
        ("<!doctype html><script>", "</script><base>"),
        ("<meta charset=koi8-r><script>", "</script><template>"),
    ] {
        let page = at_the_edge(begin, end);
        assert!(nonced(&page).is_some_and(|output| output != page), "nonce: {end}");
        let output = governed(&page, "script-src 'none'");
        assert!(output.is_some_and(|output| output != page), "policy: {end}");
    }
}

#[test]
fn a_declaration_is_not_pulled_to_where_it_counts() {
    let own = |len: usize| {
        format!("<meta http-equiv=\"Content-Security-Policy\" content=\"img-src {}\" {MARKER}>", "a".repeat(len))
    };
    let page = |len: usize| format!("<head>{}</head><meta charset=koi8-r><script>a()</script>", own(len));
    assert_eq!(governed(page(1100).as_bytes(), ""), None);
    assert_eq!(governed(page(1100).as_bytes(), "script-src 'none'"), None);
    assert_eq!(governed(page(90_000).as_bytes(), ""), None);
    let output = governed(page(500).as_bytes(), "").unwrap();
    assert_eq!(output, b"<head></head><meta charset=koi8-r><script>a()</script>");
}
