//! Policies: as they are checked, as they are built upon, and with faults.

use std::fs;
use std::path::Path;

use crate::measure::{arguments, check, hash, numbered, under};

#[test]
fn checking_under_policies() {
    fn hashes(n: usize) -> String {
        numbered(n, |i| format!(" 'sha256-{i:043}='"))
    }
    check(&[
        ("hashes", |at, n| under(at, format!("script-src{}", hashes(n / 2)), "<script>a</script>")),
        ("hashes and scripts", |at, n| {
            let page = numbered(n / 8, |i| format!("<script>{i}</script>"));
            under(at, format!("script-src{}", hashes(n / 8)), page)
        }),
        ("hosts", |at, n| {
            let hosts = numbered(n / 8, |i| format!(" https://h{i}.example"));
            under(at, format!("script-src{hosts}"), "<script>a</script>")
        }),
        ("policies", |at, n| under(at, "script-src a,".repeat(n), "<script>a</script>")),
        ("policies in the page", |at, n| {
            let metas = "<meta http-equiv=content-security-policy content=\"script-src 'self'\">";
            under(at, "img-src a", metas.repeat(n) + "<script>a</script>")
        }),
        ("different policies in the page", |at, n| {
            let metas = numbered(n / 8, |i| {
                format!("<meta http-equiv=content-security-policy content='script-src h{i}.test'>")
            });
            under(at, "img-src a", metas)
        }),
        ("directives", |at, n| {
            let directives = numbered(n, |i| format!("x{i} a;"));
            under(at, directives, "<script>a</script>")
        }),
        ("a directive again and again", |at, n| under(at, "script-src a;".repeat(n), "<script>a</script>")),
        ("nonces that are too short", |at, n| {
            let nonces = numbered(n / 4, |i| format!(" 'nonce-{i}'"));
            under(at, format!("script-src{nonces}"), "<script>a</script>")
        }),
        ("words that are wrong", |at, n| {
            let words = numbered(n / 4, |i| format!(" 'x{i} self{i} 'sha256-{i}'"));
            under(at, format!("script-src{words}"), "<script>a</script>")
        }),
        ("hosts of known bypasses", |at, n| {
            let hosts = numbered(n / 8, |i| format!(" a{i}.googleapis.com *.a{i}.google.com"));
            under(at, format!("script-src{hosts}; object-src{hosts}"), "")
        }),
        ("addresses", |at, n| {
            let hosts = numbered(n / 8, |i| format!(" http://1.2.3.4:{i} http://h{i}.test"));
            under(at, format!("script-src{hosts}; report-uri{hosts}"), "")
        }),
    ]);
}

/// The base policy is parsed strictly, built upon and printed.
#[test]
fn adding_to_policies() {
    fn base(folder: &Path, policy: String, format: &str) -> Vec<String> {
        fs::write(folder.join("policy.txt"), policy).unwrap();
        let page = numbered(1_000, |i| format!("<script>{i}</script>"));
        hash(folder, "a.html", page);
        arguments(&format!("hash --policy-file policy.txt --format {format} a.html"))
    }
    fn hosts(n: usize) -> String {
        numbered(n, |i| format!(" h{i}.test"))
    }
    check(&[
        ("hosts", |at, n| base(at, format!("script-src{}", hosts(n)), "header")),
        ("hosts of default-src", |at, n| base(at, format!("default-src{}", hosts(n)), "json")),
        ("hashes", |at, n| {
            let hashes = numbered(n / 2, |i| format!(" 'sha256-{i:043}='"));
            base(at, format!("script-src{hashes}"), "json")
        }),
        ("nonces", |at, n| {
            let nonces = numbered(n / 2, |i| format!(" 'nonce-{i:022}'"));
            base(at, format!("script-src{nonces}"), "json")
        }),
        ("schemes", |at, n| {
            let schemes = numbered(n, |i| format!(" x{i}:"));
            base(at, format!("script-src{schemes}"), "json")
        }),
        ("one host", |at, n| base(at, format!("script-src{}", " a.test".repeat(n)), "json")),
        ("values of other directives", |at, n| {
            let uris = numbered(n, |i| format!(" /r{i}"));
            base(at, format!("report-uri{uris}; img-src{}", hosts(n)), "json")
        }),
    ]);
}

#[test]
fn refusing_invalid_policies() {
    fn policy(folder: &Path, policy: String) -> Vec<String> {
        fs::write(folder.join("policy.txt"), policy).unwrap();
        hash(folder, "a.html", "<p>".to_owned());
        arguments("hash --policy-file policy.txt a.html")
    }
    fn config(folder: &Path, config: String) -> Vec<String> {
        fs::write(folder.join("cspseal.toml"), config).unwrap();
        hash(folder, "a.html", "<p>".to_owned());
        arguments("hash --config cspseal.toml a.html")
    }
    check(&[
        ("directives twice", |at, n| policy(at, "script-src 'self';".repeat(n))),
        ("commas", |at, n| policy(at, "script-src 'self',".repeat(n))),
        ("hashes", |at, n| policy(at, format!("script-src{}", " 'sha256-a'".repeat(n)))),
        ("unknown directives", |at, n| policy(at, numbered(n, |i| format!("x{i} a;\n")))),
        ("'none' beside others", |at, n| policy(at, format!("script-src{}", " 'none'".repeat(n)))),
        ("open quotes", |at, n| policy(at, format!("script-src{}", " 'a".repeat(n)))),
        ("keys", |at, n| {
            let keys = numbered(n, |i| format!("x{i} = [\"a\"]\n"));
            config(at, format!("[policy]\n{keys}"))
        }),
        ("sources", |at, n| {
            let sources = numbered(n, |i| format!("\"'a{i}\", "));
            config(at, format!("[policy]\nscript-src = [{sources}]\n"))
        }),
    ]);
}
