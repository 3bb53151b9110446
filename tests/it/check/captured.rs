//! `check --captured`: pages that were saved from responses, with the headers that each came with.

use serde_json::{Value, json};

use crate::support::{Ran, folder, run};

const NONCES: [&str; 2] = ["aaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbb"];

fn page(nonce: &str) -> String {
    format!("<!doctype html>\n<script nonce={nonce}>a()</script>\n")
}

fn policy(nonce: &str) -> String {
    format!("script-src 'nonce-{nonce}'; object-src 'none'; base-uri 'none'")
}

/// Checks two saved pages with a list of their headers.
fn check_map(second: &str, map: &Value) -> Ran {
    let site = folder(&[
        ("saved/index.html", &page(NONCES[0])),
        ("saved/about.html", &page(second)),
        ("map.json", &map.to_string()),
    ]);
    run(site.path(), &["check", "saved", "--captured", "map.json"])
}

#[test]
fn each_response_has_its_own_nonce() {
    let [one, other] = NONCES;
    for map in [
        json!({"index.html": policy(one), "/about": policy(other)}),
        json!({
            "/": {"Content-Security-Policy": [policy(one)], "Server": "x"},
            "/about": {
                "content-security-policy": policy(other),
                "Content-Security-Policy-Report-Only": policy(other),
            },
        }),
    ] {
        let ran = check_map(other, &map);
        assert_eq!(ran.code, 0, "{map}: {}{}", ran.out, ran.err);
    }
    let shared = json!({"index.html": policy(one), "/about": policy(one)});
    let ran = check_map(one, &shared);
    assert_eq!(ran.out.matches("error[static-nonce]").count(), 1, "{}", ran.out);
    assert!(ran.out.contains("the same at"), "{}", ran.out);
    let wrong = json!({"index.html": policy(one), "/about": policy(other)});
    let ran = check_map(one, &wrong);
    assert!(ran.out.contains("error[blocked-script]"), "{}", ran.out);
    let ran = check_map(other, &json!({"index.html": policy(one)}));
    assert!(ran.out.contains("error[no-policy]"), "{}", ran.out);
}

/// A response of a HAR file.
fn entry(url: &str, policy: &str, content: Value) -> Value {
    json!({
        "request": {"url": url, "method": "GET"},
        "response": {
            "status": 200,
            "headers": [{"name": "content-security-policy", "value": policy}],
            "content": content,
        },
    })
}

fn check_har(entries: &[Value], more: &[&str]) -> Ran {
    let har = json!({"log": {"version": "1.2", "entries": entries}}).to_string();
    let site = folder(&[("site.har", &har), ("index.html", "<script>not()</script>")]);
    let arguments = [&["check", "--captured", "site.har"], more].concat();
    run(site.path(), &arguments)
}

#[test]
fn a_har_file_has_its_pages_and_their_headers() {
    let url = "https://a.example/";
    let text = |text: &str| json!({"mimeType": "text/html; charset=utf-8", "text": text});
    // windows-1252, as its own declaration says.
    let base64 = json!({
        "mimeType": "text/html",
        "encoding": "base64",
        "text": "PG1ldGEgY2hhcnNldD1sYXRpbjE+PHNjcmlwdCBub25jZT1iYmJiYmJiYmJiYmJiYmJiYmJiYmJiPifkJzwvc2NyaXB0Pg==",
    });
    let script = json!({"mimeType": "text/javascript", "text": "a"});
    let one = entry(url, &policy(NONCES[0]), text(&page(NONCES[0])));
    let ran = check_har(
        &[one.clone(), entry(url, &policy(NONCES[1]), base64), entry("https://a.example/a.js", "", script)],
        &[],
    );
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("2 pages, 2 inline resources"), "{}", ran.out);
    let ran = check_har(&[one.clone(), one.clone()], &[]);
    assert!(ran.out.contains("error[static-nonce]"), "{}", ran.out);
    assert!(ran.out.contains("--> https://a.example/:2:1"), "{}", ran.out);
    assert!(ran.out.contains("https://a.example/ (2):2:1"), "{}", ran.out);
    let unlisted = page(NONCES[0]) + "<p onclick=b()>\u{e4}</p>";
    let ran = check_har(&[entry(url, &policy(NONCES[0]), text(&unlisted))], &[]);
    assert!(ran.out.contains("error[blocked-handler]"), "{}", ran.out);
    assert!(!ran.out.contains("undeclared-encoding"), "{}", ran.out);
    assert!(!ran.out.contains("static-nonce"), "{}", ran.out);
}

#[test]
fn what_a_har_file_lacks_is_said() {
    let page = json!({"mimeType": "text/html"});
    let ran = check_har(&[entry("https://a.example/", "", page)], &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("site.har: the response for https://a.example/ has no content"), "{}", ran.err);
    let ran = check_har(&[], &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("site.har: holds no response with a page"), "{}", ran.err);
    let ran = check_har(&[], &["index.html"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("holds its own pages"), "{}", ran.err);
}
