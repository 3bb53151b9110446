//! Tags with much in them, and texts that go on.

use crate::measure::{check, hash, numbered, under};

#[test]
fn hashing_long_tags_and_texts() {
    check(&[
        ("attributes", |at, n| hash(at, "a.html", format!("<p onclick=a {}>", numbered(n, |i| format!("on{i}=x "))))),
        ("XML attributes", |at, n| hash(at, "a.svg", format!("<p {}/>", numbered(n, |i| format!("a{i}='x' "))))),
        ("attributes of the body", |at, n| {
            let body = format!("<body {}>", numbered(n, |i| format!("on{i}=x ")));
            hash(at, "a.html", body + &"<noscript></noscript>".repeat(n))
        }),
        ("an attribute", |at, n| hash(at, "a.html", format!("<p onclick='{}'>", "a &amp; ".repeat(8 * n)))),
        ("an attribute that never ends", |at, n| hash(at, "a.html", format!("<p onclick='{}", "a".repeat(400 * n)))),
        ("the name of a tag", |at, n| hash(at, "a.html", format!("<a{}>", "a".repeat(400 * n)))),
        ("the name of an end tag", |at, n| hash(at, "a.html", format!("<p></a{}>", "a".repeat(400 * n)))),
        ("a doctype that never ends", |at, n| hash(at, "a.html", format!("<!doctype {}", "a".repeat(400 * n)))),
        ("a srcdoc", |at, n| hash(at, "a.html", format!("<iframe srcdoc='{}'>", "&lt;p onclick=a>".repeat(n)))),
        ("a data: URL", |at, n| {
            hash(at, "a.html", format!("<iframe src='data:text/html,{}'>", "%3Cp%3E".repeat(4 * n)))
        }),
        ("dashes in a comment", |at, n| hash(at, "a.html", "<!--".to_owned() + &"--".repeat(16 * n))),
        ("comments in a script", |at, n| hash(at, "a.html", "<script>".to_owned() + &"<!--<script>".repeat(4 * n))),
        ("ends of nothing in a script", |at, n| hash(at, "a.html", "<script>".to_owned() + &"</script".repeat(4 * n))),
        ("scripts", |at, n| {
            // One that says nothing of its encoding is looked through for that first if it is longer than 64 KiB, as the large one
            // is and the small one is not.
            let scripts = numbered(n / 4, |i| format!("<script>{i}</script>"));
            hash(at, "a.html", "<meta charset=utf-8>".to_owned() + &scripts)
        }),
        ("a meta", |at, n| {
            let content = "charset ".repeat(n);
            hash(at, "a.html", format!("<meta http-equiv=content-type content='{content}'>é"))
        }),
        ("buttons of a form", |at, n| {
            let form = format!("<form action='{}'>", "a".repeat(40 * n));
            let buttons = numbered(n / 4, |i| format!("<button formtarget=f{i}></button>"));
            let frames = numbered(n / 4, |i| format!("<iframe name=f{i}></iframe>"));
            hash(at, "a.html", format!("{form}{buttons}</form>{frames}"))
        }),
        ("forms", |at, n| {
            let forms = "<form><form method=dialog><input formaction=a></form>".repeat(4 * n);
            under(at, "form-action https://a.example", forms)
        }),
        ("links into a frame", |at, n| {
            let base = format!("<base target='{}'>", "a".repeat(40 * n));
            let links = numbered(n / 4, |i| format!("<a href=/a{i}></a>"));
            hash(at, "a.html", base + &links)
        }),
        ("attributes of drawings", |at, n| {
            let drawn = numbered(n / 4, |i| format!("<g mask='url(/{i}.svg#a)' fill='url(#a)'/>"));
            hash(at, "a.html", format!("<svg>{drawn}</svg>"))
        }),
        ("declarations of a DTD", |at, n| {
            let all = numbered(n / 4, |i| format!("<!ATTLIST x a{i} CDATA 'x'>"));
            hash(at, "a.svg", format!("<!DOCTYPE x [{all}]><x/>"))
        }),
    ]);
}
