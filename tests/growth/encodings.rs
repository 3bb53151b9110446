//! Declarations of the encoding, and pages that are read in several.

use std::fs;
use std::path::Path;

use crate::measure::{arguments, check, hash, numbered};

/// Text outside ASCII that is not valid UTF-8, so that no page is what it would be without a declaration.
fn bytes(folder: &Path, before: &str, text: &[u8], n: usize) -> Vec<String> {
    fs::write(folder.join("a.html"), [before.as_bytes(), &text.repeat(n)].concat()).unwrap();
    arguments("hash --unsafe-hashes a.html")
}

#[test]
fn declarations_of_the_encoding() {
    check(&[
        ("metas", |at, n| {
            let metas = numbered(n, |i| format!("<meta name=a{i}>"));
            hash(at, "a.html", metas + "<script>é</script>")
        }),
        ("metas with other charsets", |at, n| {
            let metas = numbered(n, |i| format!("<meta charset=x{i}>"));
            hash(at, "a.html", metas + "<script>é</script>")
        }),
        ("metas that declare", |at, n| hash(at, "a.html", "<meta charset=koi8-r>".repeat(n) + "<script>é</script>")),
        ("charset attributes", |at, n| {
            let meta = format!("<meta {}>", "charset=koi8-r charset=utf-8 ".repeat(n));
            hash(at, "a.html", meta + "<script>é</script>")
        }),
        // Behind 1 MiB without a declaration a page has two readings, so both sizes are below that.
        ("attributes of a meta", |at, n| {
            let meta = format!("<meta {}charset=koi8-r>", numbered(n / 16, |i| format!("a{i}=b ")));
            hash(at, "a.html", meta + "<script>é</script>")
        }),
        ("contents of metas", |at, n| {
            let meta = "<meta http-equiv=content-type content='text/html; charset='>";
            hash(at, "a.html", meta.repeat(n) + "<script>é</script>")
        }),
        ("a head that does not end", |at, n| hash(at, "a.html", "<title></title><base><link></x>".repeat(n) + "é")),
        ("comments before a meta", |at, n| hash(at, "a.html", "<!-- <meta charset=koi8-r> -->".repeat(n) + "é")),
        ("templates before a meta", |at, n| hash(at, "a.html", "<template><meta charset=koi8-r>".repeat(n) + "é")),
        ("edits before a meta", |at, n| {
            let page = "<script></script>".repeat(n) + "<meta charset=koi8-r>";
            fs::write(at.join("a.html"), page).unwrap();
            arguments("nonce --placeholder CSP_NONCE_0123456789abcdef --check a.html")
        }),
    ]);
}

#[test]
fn pages_in_several_encodings() {
    const BOTH: &str = "<meta charset=windows-1251 charset=koi8-r>";
    check(&[
        ("two readings", |at, n| bytes(at, BOTH, b"<script>\xe4</script><p onclick=\xe4>", n / 8)),
        ("two readings of one text", |at, n| bytes(at, &format!("{BOTH}<script>"), b"\xe4 ", 16 * n)),
        ("no declaration", |at, n| bytes(at, "", b"<script>\xe4</script>", n / 4)),
        ("no declaration and valid UTF-8", |at, n| bytes(at, "", "<script>é</script>".as_bytes(), n / 4)),
        ("no declaration and plain text", |at, n| bytes(at, "", b"a ", 64 * n)),
        ("Shift_JIS", |at, n| bytes(at, "<meta charset=shift_jis>", b"<script>\x82\xb1</script>", n / 4)),
        ("GB18030", |at, n| bytes(at, "<meta charset=gb18030><script>", b"\x81\x30\x81\x30\xff", 8 * n)),
        ("UTF-16", |at, n| {
            let text: Vec<u8> = "<script>ä</script>".encode_utf16().flat_map(u16::to_le_bytes).collect();
            fs::write(at.join("a.html"), [b"\xff\xfe", &text.repeat(n / 4)[..]].concat()).unwrap();
            arguments("hash --unsafe-hashes a.html")
        }),
    ]);
}
