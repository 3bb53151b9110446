//! Tags with much in them, and texts that go on.

use crate::measure::{check, hash, numbered};

#[test]
fn hashing_long_tags_and_texts() {
    check(&[
        ("attributes", |at, n| {
            hash(
                at,
                "a.html",
                format!("<p onclick=a {}>", numbered(n, |i| format!("on{i}=x "))),
            )
        }),
        ("XML attributes", |at, n| {
            hash(
                at,
                "a.svg",
                format!("<p {}/>", numbered(n, |i| format!("a{i}='x' "))),
            )
        }),
        ("attributes of the body", |at, n| {
            let body = format!("<body {}>", numbered(n, |i| format!("on{i}=x ")));
            hash(at, "a.html", body + &"<noscript></noscript>".repeat(n))
        }),
        ("an attribute", |at, n| {
            hash(
                at,
                "a.html",
                format!("<p onclick='{}'>", "a &amp; ".repeat(8 * n)),
            )
        }),
        ("an attribute that never ends", |at, n| {
            hash(at, "a.html", format!("<p onclick='{}", "a".repeat(400 * n)))
        }),
        ("the name of a tag", |at, n| {
            hash(at, "a.html", format!("<a{}>", "a".repeat(400 * n)))
        }),
        ("the name of an end tag", |at, n| {
            hash(at, "a.html", format!("<p></a{}>", "a".repeat(400 * n)))
        }),
        ("a doctype that never ends", |at, n| {
            hash(at, "a.html", format!("<!doctype {}", "a".repeat(400 * n)))
        }),
        ("a srcdoc", |at, n| {
            hash(
                at,
                "a.html",
                format!("<iframe srcdoc='{}'>", "&lt;p onclick=a>".repeat(n)),
            )
        }),
        ("a data: URL", |at, n| {
            hash(
                at,
                "a.html",
                format!("<iframe src='data:text/html,{}'>", "%3Cp%3E".repeat(4 * n)),
            )
        }),
        ("dashes in a comment", |at, n| {
            hash(at, "a.html", "<!--".to_owned() + &"--".repeat(16 * n))
        }),
        ("comments in a script", |at, n| {
            hash(
                at,
                "a.html",
                "<script>".to_owned() + &"<!--<script>".repeat(4 * n),
            )
        }),
        ("ends of nothing in a script", |at, n| {
            hash(
                at,
                "a.html",
                "<script>".to_owned() + &"</script".repeat(4 * n),
            )
        }),
        ("scripts", |at, n| {
            // One that says nothing of its encoding is looked through for that first if it is longer than 64 KiB, as the large one
            // is and the small one is not.
            let scripts = numbered(n / 4, |i| format!("<script>{i}</script>"));
            hash(at, "a.html", "<meta charset=utf-8>".to_owned() + &scripts)
        }),
        ("a meta", |at, n| {
            let content = "charset ".repeat(n);
            hash(
                at,
                "a.html",
                format!("<meta http-equiv=content-type content='{content}'>é"),
            )
        }),
        ("declarations of a DTD", |at, n| {
            let all = numbered(n / 4, |i| format!("<!ATTLIST x a{i} CDATA 'x'>"));
            hash(at, "a.svg", format!("<!DOCTYPE x [{all}]><x/>"))
        }),
    ]);
}
