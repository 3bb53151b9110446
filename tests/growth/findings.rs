//! Findings, in every format of a report.

use std::path::Path;

use crate::measure::{check, hash, numbered, under};

/// Checks a page with findings in a format.
fn report(folder: &Path, format: &str, n: usize) -> Vec<String> {
    let scripts = numbered(n, |i| format!("<script>{i}</script>\n"));
    let mut args = under(folder, "script-src 'none'", scripts);
    args.extend(["--notes".to_owned(), "--format".to_owned(), format.to_owned()]);
    args
}

#[test]
fn reporting_findings() {
    check(&[
        ("human", |at, n| report(at, "human", n / 8)),
        ("json", |at, n| report(at, "json", n / 8)),
        ("sarif", |at, n| report(at, "sarif", n / 8)),
        ("github", |at, n| report(at, "github", n / 8)),
        ("places of a finding", |at, n| under(at, "script-src 'none'", "<script>a</script>\n".repeat(n / 8))),
        ("findings on one line", |at, n| {
            let scripts = numbered(n / 8, |i| format!("<script>{i}</script>"));
            under(at, "script-src 'none'", scripts)
        }),
        ("findings with long lines", |at, n| {
            let handler = format!("<p onclick='{}'>\n", "a".repeat(500));
            under(at, "script-src 'none'", handler.repeat(n / 64))
        }),
        ("findings of hash", |at, n| {
            let mut args = hash(at, "a.html", numbered(n / 8, |i| format!("<p onclick={i}>\n")));
            args.retain(|arg| arg != "--unsafe-hashes");
            args
        }),
        ("findings of nonce", |at, n| {
            hash(at, "a.html", numbered(n / 8, |i| format!("<script nonce={i}>{i}</script>\n")));
            ["nonce", "--value", "{{ x }}", "--check", "--template", "jinja", "a.html"].map(str::to_owned).into()
        }),
        ("findings of policies", |at, n| {
            let words = numbered(n / 8, |i| format!(" 'sha256-{i:043}=' http://h{i}.test 'nonce-{i}'"));
            let mut args = under(at, format!("script-src{words} 'x; x{words}"), "<p>");
            args.extend(["--notes", "--strict", "--format", "json"].map(str::to_owned));
            args
        }),
        ("levels", |at, n| {
            let mut args = under(at, "script-src 'none'", "<script>a</script>");
            args.push("--deny".to_owned());
            // The system takes 128 KiB in an argument.
            args.push("blocked-script,".repeat(n / 640) + "blocked-script");
            args
        }),
    ]);
}
