//! `javascript:` URLs.

use super::*;

#[test]
fn urls_that_are_navigated_to_are_checked() {
    for html in [
        "<a href='javascript:x'>",
        "<map><area href='javascript:x'></map>",
        "<form action='javascript:x'>",
        "<button formaction='javascript:x'>",
        "<input formaction='javascript:x'>",
        "<iframe src='javascript:x'></iframe>",
        "<svg><a href='javascript:x'>",
        "<svg><a xlink:href='javascript:x'>",
        "<math><mi href='javascript:x'>",
        "<svg><a><set attributeName=href to='javascript:x'>",
        "<svg><a><animate attributeName=xlink:href values='#;javascript:x;#'>",
        "<a href=' &#1;java\tscr\nipt:x '>",
        "<a href=JavaScript:x>",
        "<a href='&#106;avascript&colon;x'>",
    ] {
        hashes(html, &[(JavascriptUrl, "javascript:x")]);
    }
    hashes("<a href='javascript:;'>", &[(JavascriptUrl, "javascript:;")]);
    hashes("<svg><a href='javascript:x' xlink:href='javascript:y'>", &[(JavascriptUrl, "javascript:x")]);
}

#[test]
fn other_urls_are_not() {
    for html in [
        "<base href='javascript:x'>",
        "<object data='javascript:x'></object>",
        "<embed src='javascript:x'>",
        "<meta http-equiv=refresh content='0;url=javascript:x'>",
        "<img src='javascript:x'>",
        "<link href='javascript:x'>",
        "<a ping='javascript:x' href=y>",
        "<svg><use href='javascript:x'>",
        "<iframe srcdoc='' src='javascript:x'></iframe>",
        "<a href='java script:x'>",
        "<a href='https://x/javascript:y'>",
        "<svg><set attributeName=onclick to='javascript:x'>",
        "<p href='javascript:x'>",
        "<script src='javascript:x'></script>",
        "<svg><form action='javascript:x'>",
    ] {
        nothing(html);
    }
}

#[test]
fn both_spellings_are_hashed_where_browsers_differ() {
    let page = scan(b"<a href='javascript:f(%20)'>", &ScanOptions::new());
    let hash = |text: &str| HashSource::of(HashAlgorithm::Sha256, text.as_bytes());
    assert_eq!(nth(&page, 0).hashes, [hash("javascript:f(%20)"), hash("javascript:f( )")]);
}
