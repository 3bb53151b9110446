//! Files by hand, one thing at a time.

#![allow(clippy::unwrap_used)]

mod round_trip;
mod tables;

use super::*;
use crate::error::ErrorKind;

fn read(format: &str, text: &str) -> Deployed {
    let format = DeployedFormat::find(format).unwrap();
    Deployed::read(format, "dir/file", text).unwrap()
}

/// The texts of each response with a page.
fn texts(deployed: &Deployed, page: &str) -> Vec<Vec<String>> {
    let files = ["docs/index.html", "licence"];
    let responses = deployed.policies_of(page, &|path| files.contains(&path)).unwrap();
    let text = |index: usize| deployed.policies()[index].text.clone();
    responses.into_iter().map(|response| response.into_iter().map(text).collect()).collect()
}

fn error(format: &str, text: &str) -> String {
    let format = DeployedFormat::find(format).unwrap();
    let error = Deployed::read(format, "dir/file", text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deployed);
    error.to_string()
}

#[test]
fn a_policy_is_for_every_page() {
    let deployed = read("header", "\u{feff}\n\n default-src 'self';\n img-src *\n");
    assert_eq!(texts(&deployed, "a.html"), [["default-src 'self';\n img-src *"]]);
    assert_eq!(deployed.policies()[0].line, 3);
    assert_eq!(&*deployed.policies()[0].source, "dir/file");
    let none = read("header", " \n");
    assert_eq!(texts(&none, "a.html"), [[""; 0]]);
}

#[test]
fn a_policy_can_be_two_headers() {
    let text = "\nContent-Security-Policy: a\ncontent-security-policy-report-only:  b\n";
    let deployed = read("header", text);
    assert_eq!(texts(&deployed, "a.html"), [["a", "b"]]);
    let policies = deployed.policies().iter();
    let found: Vec<_> = policies.map(|policy| (policy.report_only, policy.line)).collect();
    assert_eq!(found, [(false, 2), (true, 3)]);
    assert_eq!(DeployedFormat::guess("x", text).unwrap().name(), "header");
    let one = read("header", "Content-Security-Policy: a\nimg-src *\n");
    assert_eq!(one.policies().len(), 1);
}

#[test]
fn a_map_has_paths_urls_and_the_rest() {
    let text = "{\n  \"docs/index.html\": \"a\",\n  \"/docs/\": [\"b\",\n   \"c\"],\n  \"/about\": [],\n  \"/a%20b\": \"d\", \"*\": \"e\"\n}";
    let deployed = read("map", text);
    assert_eq!(texts(&deployed, "docs/index.html"), [vec!["a"], vec!["b", "c"]]);
    assert_eq!(texts(&deployed, "about.html"), [[""; 0]]);
    assert_eq!(texts(&deployed, "a b.html"), [["d"]]);
    assert_eq!(texts(&deployed, "x.html"), [["e"]]);
    assert_eq!(deployed.policies()[2].line, 4);
    // The folder's index is shown there.
    assert_eq!(texts(&deployed, "docs.html"), [["e"]]);
    assert_eq!(
        error("map", "{\n\"a\": \"x\",\n\"/a\": \"y\"}"),
        "dir/file: line 3: a second key for this path; remove one"
    );
    assert_eq!(error("map", "{\n\"a\": 1}"), "dir/file: line 2: a policy is no string");
    assert!(error("map", "{\n\"a\" 1}").starts_with("dir/file: line 2: no JSON"));
}

#[test]
fn each_url_of_a_page_may_have_its_own_policy() {
    let headers = "/docs/index.html\n  Content-Security-Policy: a\n/docs\n  Content-Security-Policy: b\n/*.html\n  Content-Security-Policy: c\n";
    let netlify = read("netlify", headers);
    assert_eq!(texts(&netlify, "docs/index.html"), [vec!["a", "c"], vec!["b"]]);
    // `/docs` is the folder's.
    assert_eq!(texts(&netlify, "docs.html"), [["c"]]);
    assert_eq!(texts(&netlify, "x.html"), [vec!["c"], vec![]]);
    let cloudflare = read("cloudflare", headers);
    assert_eq!(texts(&cloudflare, "docs/index.html"), [[""; 0]]);
    assert_eq!(texts(&cloudflare, "docs.html"), [["b"]]);
}

fn with_switches(before: &str, after: &str, switches: &str) -> String {
    let rule = |source: &str, value: &str| {
        format!(
            "{{\"source\": \"{source}\", \"headers\": [{{\"key\": \"Content-Security-Policy\", \"value\": \"{value}\"}}]}}"
        )
    };
    let rules = [
        rule("/a.html", "1"),
        rule("/a", "2"),
        rule("/a/", "3"),
        rule("/d", "4"),
        rule("/d/", "5"),
        rule("/d/index.html", "6"),
    ];
    format!("{before}{switches}\"headers\": [{}]{after}", rules.join(", "))
}

#[test]
fn switches_say_where_a_page_is_shown() {
    let clean = "\"cleanUrls\": true, ";
    let slash = "\"trailingSlash\": true, ";
    let bare = "\"trailingSlash\": false, ";
    for (switches, vercel, firebase) in [
        ("", [&["1"][..], &["5", "4", "6"]], [&["1"][..], &["6", "5"]]),
        (clean, [&["3", "2"], &["5", "4"]], [&["2"], &["5", "4"]]),
        (&format!("{clean}{slash}"), [&["3"], &["5"]], [&["3"], &["5"]]),
        (&format!("{clean}{bare}"), [&["2"], &["4"]], [&["2"], &["4"]]),
        (bare, [&["1"], &["4", "6"]], [&["1"], &["4", "6"]]),
    ] {
        for (format, before, after, wanted) in
            [("vercel", "{", "}", vercel), ("firebase", "{\"hosting\": {", "}}", firebase)]
        {
            let deployed = read(format, &with_switches(before, after, switches));
            for (page, wanted) in ["a.html", "d/index.html"].into_iter().zip(wanted) {
                let mut got: Vec<String> = texts(&deployed, page).concat();
                let mut wanted = wanted.to_vec();
                got.sort_unstable();
                wanted.sort_unstable();
                // minimatch takes a path for the same without the slash at its end.
                if format == "firebase" {
                    got.dedup();
                }
                assert_eq!(got, wanted, "{format} {switches} {page}");
            }
        }
    }
    // With clean URLs nothing leads to a file beside a folder of its name.
    let firebase = read("firebase", &with_switches("{\"hosting\": {", "}}", clean));
    assert!(texts(&firebase, "docs.html").is_empty());
}

#[test]
fn a_file_has_its_own_name() {
    let headers = "/licence\n  Content-Security-Policy: a\n";
    let netlify = read("netlify", headers);
    assert_eq!(texts(&netlify, "licence"), [["a"]]);
    assert_eq!(texts(&netlify, "licence.html"), [[""; 0]]);
}

#[test]
fn what_cannot_be_decided_is_refused() {
    let csp = "\"headers\": [{\"key\": \"Content-Security-Policy\", \"value\": \"x\"}]";
    for (format, text, message) in [
        (
            "vercel",
            format!("{{\"headers\": [\n{{\"source\": \"/\", {csp},\n\"has\": []}}]}}"),
            "line 3: whether a policy with `has`",
        ),
        ("vercel", "{\"routes\": []}".to_owned(), "line 1: `routes` are not read"),
        ("vercel", format!("{{\n// c\n\"headers\": [{{{csp}}}]}}"), "line 2: no JSON"),
        ("vercel", format!("{{\"headers\": [{{{csp}}}]}}"), "without `source`"),
        ("firebase", "{\"hosting\":\n[{}, {}]}".to_owned(), "line 2: `hosting` has 2 sites"),
        (
            "firebase",
            format!("{{\"hosting\": {{\"headers\": [{{\"source\": \"a\", \"regex\": \"b\", {csp}}}]}}}}"),
            "one of",
        ),
        (
            "firebase",
            format!("{{\"hosting\": {{\"headers\": [{{\"source\": \"/[[:x:]]\", {csp}}}]}}}}"),
            "`source` cannot be read",
        ),
        (
            "firebase",
            format!("{{\"hosting\": {{\"headers\": [{{\"source\": \"/{{{}\", {csp}}}]}}}}", "a".repeat(64 << 10)),
            "more than 65536 bytes",
        ),
        ("azure-swa", "{\"routes\": [{\"route\": \"/docs*\"}]}".to_owned(), "`route` cannot be decided"),
        ("azure-swa", "{\"globalHeaders\": {}, \"globalHeaders\": {}}".to_owned(), "a second `globalHeaders`"),
        ("json", "{\"version\": 3, \"policy\": \"\"}".to_owned(), "no inventory of version 1 to 2"),
        ("cloudflare", "/a\n  !  Content-Security-Policy\n".to_owned(), "line 2: one space"),
    ] {
        let error = error(format, &text);
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn comments_in_firebase_json_are_read_over() {
    let text = "{ // a\n\"hosting\": [{\"headers\": [ /* b */\n{\"regex\": \".*\", \"headers\": [{\"key\": \"content-security-policy\",\n\"value\": \"x\"}]}]}]}";
    let deployed = read("firebase", text);
    assert_eq!(deployed.policies()[0].line, 4);
    assert_eq!(texts(&deployed, "a.html"), [["x"]]);
}

#[test]
fn azure_shows_something_else_for_a_redirect_and_nothing_for_an_empty_value() {
    let text = r#"{"globalHeaders": {"content-security-policy": "a"}, "routes": [
        {"route": "/old", "redirect": "/new"}, {"route": "/none.html", "headers": {"Content-Security-Policy": ""}}]}"#;
    let deployed = read("azure-swa", text);
    assert_eq!(texts(&deployed, "old.html"), [["a"]]);
    assert_eq!(texts(&deployed, "none.html"), [vec![], vec!["a".to_owned()]]);
}

#[test]
fn policies_that_cloudflare_drops_are_named() {
    let long = "x".repeat(2000);
    let text = format!(
        "  Content-Security-Policy: lost\n/*\n  Content-Security-Policy: a\n/b\n  Content-Security-Policy: {long}\n  X: y\n/*/*\n  Content-Security-Policy: c\n"
    );
    let deployed = read("cloudflare", &text);
    let lines: Vec<u64> = deployed.ignored().iter().map(|ignored| ignored.line).collect();
    assert_eq!(lines, [1, 5, 8]);
    let twice = "/*\n  Content-Security-Policy: a\n/*\n  Content-Security-Policy: b\n";
    let last = read("cloudflare", twice);
    assert_eq!(last.ignored()[0].line, 2);
    assert_eq!(texts(&last, "b.html"), [["b"]]);
    assert_eq!(texts(&deployed, "b.html"), [["a"]]);
}
