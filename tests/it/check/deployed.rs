//! `check` on what is deployed: which policies a page gets there, and what its target ignores.

use std::fs;
use std::path::Path;

use crate::support::{Ran, folder, run};

fn check(folder: &Path, arguments: &[&str]) -> Ran {
    run(folder, &[&["check"], arguments].concat())
}

const PAGE: &str = "<!doctype html>\n<script>a()</script>\n";
const HASH: &str = "'sha256-qVpDBgj7bpq5hMAcGp3AOc79J3Y1Z4HvySTwKrWDoy4='";

#[test]
fn a_policy_that_the_target_ignores_is_none() {
    let hashes = format!("{HASH} ").repeat(40);
    let headers = format!("/*\n  ! X-Powered-By\n  Content-Security-Policy: script-src {hashes}\n");
    let site = folder(&[("public/index.html", PAGE), ("_headers", &headers)]);
    let ran = check(site.path(), &["public", "--deployed", "_headers"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("error[policy-too-long]"), "{}", ran.out);
    assert!(ran.out.contains("--> _headers:3:1"), "{}", ran.out);
    assert!(ran.out.contains("error[no-policy]"), "{}", ran.out);
}

#[test]
fn a_map_gives_each_page_its_own_policies() {
    let map = format!(
        "{{\"index.html\": \"script-src {HASH}\", \"b.html\": [\"script-src {HASH}\", \"script-src 'none'\"], \"*\": \"script-src 'none'\"}}"
    );
    let pages = [
        ("public/index.html", PAGE),
        ("public/b.html", PAGE),
        ("public/c.html", PAGE),
        ("map.json", &*map),
    ];
    let site = folder(&pages);
    let ran = check(
        site.path(),
        &["public/index.html", "--deployed", "map.json"],
    );
    // A page that is named itself has its own path for its place.
    assert_eq!(ran.code, 1, "{}", ran.out);
    let arguments = ["public", "--deployed", "map.json", "--format", "json"];
    let ran = check(site.path(), &arguments);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let blocked = findings.iter().filter(|f| f["code"] == "blocked-script");
    let paths: Vec<&str> = blocked.map(|f| f["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["public/b.html", "public/c.html"], "{}", ran.out);
}

#[test]
fn without_a_word_the_configured_outputs_are_checked() {
    let config = "paths = [\"public\"]\npreset = \"self\"\n[[output]]\nformat = \"nginx\"\nfile = \"csp.conf\"\nscope = \"page\"\n[[output]]\nformat = \"django\"\nfile = \"csp.py\"\n";
    let site = folder(&[("public/index.html", PAGE), ("cspseal.toml", config)]);
    let folder = site.path();
    let ran = check(folder, &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("csp.conf: cannot be read"), "{}", ran.err);
    assert_eq!(run(folder, &["hash"]).code, 0);
    let clean = check(folder, &[]);
    assert_eq!(
        clean.out,
        "cspseal: 1 page, 1 inline resource, no findings\n"
    );
    assert_eq!(clean.code, 0);
    fs::write(folder.join("public/index.html"), PAGE.replace("a()", "b()")).unwrap();
    let ran = check(folder, &[]);
    assert_eq!(ran.code, 1);
    for code in ["blocked-script", "orphaned-hash", "stale-output"] {
        assert!(ran.out.contains(code), "{code}: {}", ran.out);
    }
}

#[test]
fn a_nonce_that_the_server_replaces_is_none_of_the_page() {
    let site = folder(&[("public/index.html", PAGE)]);
    let folder = site.path();
    let nonce = |placeholder: &str| {
        let base = [
            "--server",
            "nginx",
            "--policy",
            "default-src 'self'; base-uri 'none'",
        ];
        let rest = ["-o", "out", "--placeholder", placeholder];
        let ran = run(folder, &[&["nonce", "public"], &base[..], &rest].concat());
        fs::write(folder.join("csp.conf"), ran.out).unwrap();
        check(folder, &["out", "--deployed", "csp.conf"])
    };
    for placeholder in ["random", "abcdefghijklmnop0123"] {
        let ran = nonce(placeholder);
        assert!(
            ran.out.ends_with("1 inline resource, no findings\n"),
            "{}",
            ran.out
        );
        fs::remove_dir_all(folder.join("out")).unwrap();
    }
    nonce("random");
    let ran = check(folder, &["out", "--policy", "script-src 'self'"]);
    assert!(ran.out.contains("leftover-placeholder"), "{}", ran.out);
}

#[test]
fn two_runs_say_the_same() {
    let meta = "<!doctype html><meta http-equiv=content-security-policy content=\"script-src 'unsafe-inline' 'nonce-$x'\"><script>a()</script>";
    let names: Vec<String> = (0..200).map(|n| format!("public/{n}.html")).collect();
    let pages: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), meta)).collect();
    let site = folder(&pages);
    let first = check(site.path(), &["public", "--format", "json"]);
    assert!(first.out.contains("open-unsafe-inline"), "{}", first.out);
    assert!(
        first.out.contains("\"path\": \"public/0.html\""),
        "{}",
        first.out
    );
    for _ in 0..5 {
        let again = check(site.path(), &["public", "--format", "json"]);
        assert_eq!(again.out, first.out);
    }
}
