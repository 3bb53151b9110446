//! `cspseal reports`: what Chromium 156 and Firefox ESR 153 reported of a page, and what anybody else could send.

use std::io::Write as _;
use std::path::Path;

use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::{Ran, folder, run, run_with_input};

/// What the browsers sent about `testdata/violations/site/js/page.html`, and `jst/page.html`, which had the same content.
const REAL: [&str; 4] = [
    "testdata/violations/chromium-report-uri.jsonl",
    "testdata/violations/chromium-report-to.jsonl",
    "testdata/violations/firefox-report-uri.jsonl",
    "testdata/violations/firefox-report-to.jsonl",
];

fn here(args: &[&str]) -> Ran {
    run(Path::new("."), &[&["reports"], args].concat())
}

fn json_of(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}{}", ran.out, ran.err))
}

/// Runs it on one file with these reports.
fn on(content: &str, args: &[&str]) -> Ran {
    let site = folder(&[("r.json", content)]);
    run(site.path(), &[&["reports", "r.json"], args].concat())
}

/// The rows as `kind directive source count`.
fn rows(json: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or(value.to_string(), ToOwned::to_owned);
    let rows = json["rows"].as_array().unwrap().iter();
    rows.map(|row| {
        let parts = ["kind", "directive", "source", "count"].map(|name| text(&row[name]));
        parts.join(" ")
    })
    .collect()
}

fn report(directive: &str, blocked: &str) -> Value {
    json!({"csp-report": {"effective-directive": directive, "blocked-uri": blocked}})
}

#[test]
fn reports_of_both_browsers_and_formats_are_counted() {
    for (files, per_page) in [(&REAL[..2], 2), (&REAL[2..], 2)] {
        let json = json_of(&here(&[files, &["--format", "json"]].concat()));
        let rows = rows(&json);
        for expected in [
            "violation base-uri https://127.0.0.1:8444",
            "violation connect-src wss://127.0.0.1:8444",
            "violation form-action https://127.0.0.1:8444",
            "violation img-src data:",
            "violation object-src https://127.0.0.1:8444",
            "violation script-src wasm-eval",
            "violation script-src-attr inline",
            "violation style-src-attr inline",
            "violation worker-src blob:",
            "integrity-violation script https://localhost:8443",
        ] {
            let row = format!("{expected} {per_page}");
            assert!(rows.contains(&row), "{row}: {rows:#?}");
        }
        assert!(rows.contains(&"violation script-src eval 6".to_owned()));
        assert!(rows.contains(&"violation script-src-elem inline 8".to_owned()));
    }
    let digests = json_of(&here(&[REAL[1], "--format", "json"]));
    assert_eq!(
        rows(&digests).iter().filter(|row| row.starts_with("csp-hash")).collect::<Vec<_>>(),
        [
            "csp-hash script https://127.0.0.1:8444/s.js (no digest) 1",
            "csp-hash script https://localhost:8443/own.js sha256-s3ue24Or1FnvEX01UfUrMH9ys7JuvefSUx39GVzwZNA= 1",
        ]
    );
}

#[test]
fn inline_resources_of_both_browsers_are_found_in_the_pages() {
    let pages = ["--pages", "testdata/violations/site", "--format", "json"];
    let json = json_of(&here(&[&REAL[..], &pages].concat()));
    let hashed =
        json_of(&run(Path::new("."), &["hash", "--format", "json", "--unsafe-hashes", "testdata/violations/site"]));
    let site = folder(&[]);
    for more in [&["--text"][..], &[]] {
        let hash = ["hash", "testdata/violations/site", "--unsafe-hashes", "--format", "json"];
        let inventory = run(Path::new("."), &[&hash[..], more].concat()).out;
        let file = site.path().join("i.json");
        std::fs::write(&file, inventory).unwrap();
        let file = file.to_str().unwrap();
        let args = [&REAL[..], &["--inventory", file, "--format", "json"]].concat();
        assert_eq!(json_of(&here(&args)), json, "{more:?}");
    }
    let mut found = Vec::new();
    for inline in json["inlines"].as_array().unwrap() {
        let (sample, why) = (inline["sample"].as_str().unwrap(), inline["why"].as_str().unwrap());
        let hashes = inline["hashes"].as_array().unwrap();
        if ["window.generated", "p { color: blue"].iter().any(|made| sample.starts_with(made)) {
            assert_eq!(hashes.len(), 0, "{inline:#}");
            assert!(why.contains("a script made it at run time"), "{why}");
            continue;
        }
        assert_eq!(hashes.len(), 1, "{inline:#}");
        assert_eq!(why, "the policy of the report does not allow this hash");
        found.push(hashes[0]["hash"].as_str().unwrap().to_owned());
    }
    found.sort();
    found.dedup();
    // The last script has a nonce that the policy allows.
    let inlines = hashed["inlines"].as_array().unwrap().iter();
    let inlines = inlines.filter(|inline| inline["first"]["line"] != 21);
    let mut all: Vec<_> = inlines.map(|inline| inline["hashes"][0].as_str().unwrap().to_owned()).collect();
    all.sort();
    assert_eq!(found, all);
}

#[test]
fn every_way_to_store_reports_gives_the_same() {
    let all = [
        report("img-src", "https://a.test/x.png?secret"),
        json!({"type": "csp-violation", "url": "https://b.test/", "age": 5, "body": {
            "effectiveDirective": "font-src", "blockedURL": "data", "lineNumber": null}}),
        json!({"type": "deprecation", "url": "https://b.test/", "body": {"id": "x"}}),
        json!({"violated-directive": "style-src b.test", "blocked-uri": "http://a.test:80"}),
    ];
    let lines: Vec<String> = all.iter().map(Value::to_string).collect();
    let pretty: Vec<String> = all.iter().map(|one| format!("{one:#}")).collect();
    let array = json!(all);
    let wrapped = json!({"timestamp": "x", "body": all});
    let expected =
        ["violation font-src data: 1", "violation img-src https://a.test 1", "violation style-src http://a.test 1"];
    let mut compressed = Vec::new();
    // Two members, as a rotated log has.
    for half in [&lines[..2], &lines[2..]] {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(half.join("\n").as_bytes()).unwrap();
        compressed.extend(encoder.finish().unwrap());
    }
    for content in [
        lines.join("\n").into_bytes(),
        lines.join("\r\n\r\n").into_bytes(),
        lines.concat().into_bytes(),
        pretty.concat().into_bytes(),
        array.to_string().into_bytes(),
        format!("\u{feff}{array:#}\n").into_bytes(),
        format!("[{0}]\n[{0}]", lines[..2].join(",")).replacen(&lines[1], &lines[3], 1).into_bytes(),
        wrapped.to_string().into_bytes(),
        compressed,
    ] {
        let ran = run_with_input(Path::new("."), &["reports", "-", "--format", "json"], &content);
        let json = json_of(&ran);
        let shown = String::from_utf8_lossy(&content).into_owned();
        assert_eq!((ran.code, &*ran.err), (0, ""), "{shown}");
        if json["others"] == 1 {
            assert_eq!(rows(&json), expected, "{shown}");
        } else {
            assert_eq!(json["reports"], 4, "{shown}");
        }
    }
}

#[test]
fn times_are_those_that_the_collector_noted() {
    let violation = report("img-src", "https://a.test/");
    let mut inner = violation.clone();
    inner["csp-report"]["received"] = json!(1_700_000_000);
    let lines = [
        json!({"time": "2026-01-02T03:04:05+01:00", "report": violation}),
        json!({"timestamp": "2025-12-31T23:00:00Z", "csp-report": violation["csp-report"]}),
        inner,
        violation,
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let ran = on(&text, &[]);
    let row = "img-src    https://a.test      4  2023-11-14T22:13:20Z  2026-01-02T02:04:05Z\n";
    assert!(ran.out.contains(row), "{}", ran.out);
    let ran = on(&lines[3].to_string(), &[]);
    assert!(ran.out.contains("1  unknown  unknown\n"), "{}", ran.out);
}

/// Of an extension that put an inline script and an image of another host into the page; Chromium names no file for the image.
#[test]
fn what_chromium_reports_of_an_extension_is_apart() {
    let file = "testdata/violations/chromium-extension.jsonl";
    assert_eq!(
        rows(&json_of(&here(&[file, "--format", "json"]))),
        ["violation img-src https://127.0.0.1:8444 2", "extension script-src-elem inline 2"]
    );
}

#[test]
fn reports_of_extensions_are_apart() {
    let mut script = report("script-src-elem", "inline");
    script["csp-report"]["source-file"] = json!("moz-extension");
    let text = [
        report("script-src-elem", "chrome-extension://abcdef/inject.js"),
        report("img-src", "safari-web-extension"),
        report("font-src", "about"),
        script,
        report("img-src", "https://chrome-extension.test/"),
    ];
    let base = folder(&[("r.json", &json!(text).to_string()), ("p.txt", "default-src 'self'")]);
    let ran = run(base.path(), &["reports", "r.json"]);
    let (own, extensions) = ran.out.split_once("Caused by browser extensions:\n").unwrap();
    assert_eq!(own.lines().count(), 3, "{own}");
    assert!(own.contains("https://chrome-extension.test"));
    assert_eq!(extensions.lines().count(), 7, "{extensions}");
    let ran = run(base.path(), &["reports", "--policy-file", "p.txt", "r.json"]);
    let policy = "default-src 'self'; img-src 'self' https://chrome-extension.test\n";
    assert_eq!((&*ran.out, &*ran.err), (policy, ""));
}

#[test]
fn reports_of_user_scripts_and_of_the_browser_are_apart() {
    let mut scripts = ["user-script:3", "sandbox eval code", "resource://a/b.js"].map(|file| {
        let mut script = report("script-src-elem", "https://by-user.test/");
        script["csp-report"]["source-file"] = json!(file);
        script
    });
    let schemes = ["user-script", "chromenull", "chrome", "resource", "mxaddon-pkg"];
    let blocked = schemes.map(|scheme| report("img-src", &format!("{scheme}:")));
    scripts[0]["csp-report"]["line-number"] = json!(3);
    let text = json!([&scripts[..], &blocked[..]].concat()).to_string();
    let base = folder(&[("r.json", &text), ("p.txt", "default-src 'self'")]);
    let ran = run(base.path(), &["reports", "--policy-file", "p.txt", "r.json"]);
    assert_eq!((&*ran.out, &*ran.err), ("default-src 'self'\n", ""));
}

#[test]
fn what_is_of_the_site_or_allowed_is_not_added_as_a_host() {
    let own = |directive: &str, url: &str| {
        let mut own = report(directive, url);
        own["csp-report"]["document-uri"] = json!("https://www.a.test/p?q");
        own
    };
    let text = json!([
        own("connect-src", "https://www.a.test/api"),
        own("img-src", "https://www.a.test/own.png"),
        own("img-src", "https://a.test/apex.png"),
        own("frame-src", "https://f.test/"),
        own("font-src", "https://g.test/"),
    ]);
    let policy = "default-src 'self'; img-src 'none'; frame-src *; font-src https:";
    let base = folder(&[("r.json", &text.to_string()), ("p.txt", policy)]);
    let ran = run(base.path(), &["reports", "--policy-file", "p.txt", "r.json"]);
    let expected = "default-src 'self'; img-src 'self' https://a.test; frame-src *; font-src https:\n";
    assert_eq!((&*ran.out, &*ran.err), (expected, ""));
}

#[test]
fn reading_goes_on_after_what_is_no_report() {
    let good = report("img-src", "https://a.test/");
    let long = report("img-src", &"a".repeat(1 << 20));
    let deep = format!("{{\"csp-report\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let cut = &good.to_string()[..30];
    let text = format!(
        "{good}\nnot JSON {good}\n{cut}\n{good}\n{{\"csp-report\":\n{good}\n{good}\n{long}\n{deep}\n{{}} {good}\n\
         {{\"csp-report\": {{\"a\": \"\u{1}\"}}}}\n123 \"x\" null\n[{good},{good}, oh]\n{good}"
    );
    let ran = on(&text, &["--format", "json"]);
    let json = json_of(&ran);
    let places: Vec<String> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|finding| {
            assert_eq!(finding["code"], "unread-report");
            finding["places"].as_array().unwrap().iter().map(move |place| {
                format!("{}:{} {}", place["path"].as_str().unwrap(), place["line"], finding["message"])
            })
        })
        .collect();
    let lines = |word: &str| -> Vec<String> {
        let of_word = places.iter().filter(|place| place.contains(word));
        of_word.map(|place| place.split(' ').next().unwrap().to_owned()).collect()
    };
    assert_eq!(lines("is not a JSON object"), ["r.json:2", "r.json:12", "r.json:13"]);
    assert_eq!(lines("longer than"), ["r.json:8"]);
    assert_eq!(lines("is not a violation report"), ["r.json:10"], "{places:#?}");
    assert_eq!(lines("is not valid JSON").len(), 4, "{places:#?}");
    assert_eq!(rows(&json), ["violation img-src https://a.test 7"]);
    assert_eq!(ran.code, 0);
    assert_eq!(on(&text, &["--deny", "unread-report"]).code, 1);
    let shown = on(&text, &[]).err;
    assert!(shown.contains("--> r.json:2:1"), "{shown}");
}

#[test]
fn what_cannot_be_read_is_an_error_and_the_other_files_are_counted() {
    let good = report("img-src", "https://a.test/").to_string();
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(good.repeat(1000).as_bytes()).unwrap();
    let compressed = encoder.finish().unwrap();
    let site = folder(&[("r.json", &good)]);
    std::fs::write(site.path().join("cut.gz"), &compressed[..compressed.len() - 5]).unwrap();
    for (file, message) in [
        ("missing.json", "missing.json: cannot be read"),
        ("cut.gz", "cut.gz: cannot be read"),
        (".", "cannot be read"),
    ] {
        let ran = run(site.path(), &["reports", file, "r.json"]);
        assert_eq!(ran.code, 2, "{file}");
        assert!(ran.err.contains(message), "{}", ran.err);
        assert!(ran.out.contains("img-src    https://a.test"), "{}", ran.out);
    }
    assert_eq!(run(site.path(), &["reports"]).code, 2);
}

#[test]
fn only_valid_hosts_get_into_a_policy() {
    let site = folder(&[("p.txt", "default-src 'none'; script-src 'self'; img-src 'self'; frame-ancestors 'none'")]);
    let merged = |reports: &[(&str, &str)]| {
        let all: Vec<Value> = reports.iter().map(|(one, two)| report(one, two)).collect();
        std::fs::write(site.path().join("r.json"), json!(all).to_string()).unwrap();
        let ran = run(site.path(), &["reports", "--policy-file", "p.txt", "r.json"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        (ran.out.trim_end().to_owned(), ran.err)
    };
    let (policy, said) = merged(&[
        ("img-src", "https://user:pw@Bücher.example:443/a;b,c?x y#z"),
        ("img-src", "data"),
        ("media-src", "blob:https://a.test/123"),
        ("script-src-elem", "https://cdn.test/lib.js"),
        ("connect-src", "wss://a.test:8080/x"),
        ("style-src-elem", "http://127.0.0.1:8000/a.css"),
    ]);
    assert_eq!(
        policy,
        "default-src 'none'; style-src http://127.0.0.1:8000; connect-src wss://a.test:8080; media-src blob:; \
         script-src 'self' https://cdn.test; img-src 'self' data: https://xn--bcher-kva.example; \
         frame-ancestors 'none'"
    );
    assert_eq!(said, "");
    // Each of these leaves the policy as it was, and is told.
    let base = "default-src 'none'; script-src 'self'; img-src 'self'; frame-ancestors 'none'";
    for (directive, blocked) in [
        ("script-src", "'unsafe-inline'"),
        ("script-src-elem", "inline"),
        ("script-src", "eval"),
        ("script-src", "'unsafe-eval' https://a.test"),
        ("script-src-elem", "data:text/javascript,a()"),
        ("object-src", "data"),
        ("worker-src", "blob"),
        ("frame-src", "data"),
        ("img-src", "filesystem"),
        ("img-src", "https:"),
        ("img-src", "https://"),
        ("img-src", "*"),
        ("img-src", "https://*"),
        ("img-src", "https://*.test/"),
        ("img-src", "https://a.test;script-src *"),
        ("img-src", "https://a,b.test/"),
        ("img-src", "https://a_b.test/"),
        ("img-src", "https://[::1]/"),
        ("img-src", "https://a.test:99999/"),
        ("img-src", "'none'"),
        ("img-src", "nonce-abc"),
        ("img-src; script-src *", "https://a.test/"),
        ("default-src", "https://a.test/"),
        ("script-src-attr", "https://a.test/"),
        ("frame-ancestors", "https://a.test/"),
        ("form-action", "https://a.test/"),
        ("report-uri", "https://a.test/"),
        ("sandbox", "https://a.test/"),
        ("x-src", "https://a.test/"),
        ("", ""),
    ] {
        let (policy, said) = merged(&[(directive, blocked)]);
        assert_eq!(policy, base, "{directive} {blocked}: {said}");
        let told = ["left-out-source", "unread-report"];
        assert!(told.iter().any(|code| said.contains(code)), "{directive} {blocked}: {said}");
    }
    std::fs::write(site.path().join("p.txt"), "script-src 'nonce-a' 'strict-dynamic'").unwrap();
    let (policy, said) = merged(&[("script-src-elem", "https://a.test/"), ("worker-src", "https://b.test/")]);
    assert_eq!(policy, "script-src 'nonce-a' 'strict-dynamic'");
    assert_eq!(said.matches("hosts do nothing next to 'strict-dynamic'").count(), 2, "{said}");
    std::fs::write(site.path().join("p.txt"), "script-src self").unwrap();
    let ran = run(site.path(), &["reports", "--policy-file", "p.txt", "r.json"]);
    assert_eq!((ran.code, &*ran.out), (2, ""));
}

/// Whether a text could end a line, drive a terminal or show text in another order.
fn is_hostile(text: &str) -> bool {
    let is_hostile = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.contains(is_hostile)
}

#[test]
fn nothing_of_a_report_breaks_out_of_the_output() {
    let evil = "x\u{1b}[31m\u{1b}]0;t\u{7}\r\n::error::y\u{202e}\u{2066}\u{2028}\u{9b}2J\u{7f}\u{200e}\u{0} | \" 'unsafe-inline'; *";
    let huge = "9".repeat(400);
    let all = format!(
        "{}\n{}\n{}\n{{\"csp-report\": {{\"effective-directive\": \"img-src\", \"blocked-uri\": \"https://a.test\", \"line-number\": 1e300}}}}\n\
         {{\"csp-report\": {{\"line-number\": {huge}}}}}\n",
        json!({"csp-report": {"effective-directive": evil, "blocked-uri": evil, "document-uri": evil, "original-policy": evil,
            "source-file": evil, "script-sample": evil, "line-number": -1, "time": evil}}),
        json!([{"type": "csp-violation", "timestamp": 1e308, "body": {"effectiveDirective": "script-src-elem", "blockedURL": "inline",
            "documentURL": format!("https://a.test/{evil}?{evil}"), "sample": evil, "lineNumber": u64::MAX}},
            {"type": "csp-hash", "body": {"destination": evil, "subresourceURL": format!("https://{evil}/"), "hash": evil}},
            {"type": "integrity-violation", "body": {"destination": "script", "blockedURL": format!("https://a.test/{evil}")}},
            {"type": evil, "body": {}}]),
        evil,
    );
    let site = folder(&[("p.txt", "default-src 'self'"), ("r.json", &all), ("site/index.html", "<script>x</script>")]);
    for args in [
        &["reports", "r.json"][..],
        &["reports", "r.json", "--pages", "site"],
        &["reports", "r.json", "--color", "never", "--policy-file", "p.txt"],
        &["reports", "r.json", "--format", "json", "--policy-file", "p.txt"],
    ] {
        let ran = run(site.path(), args);
        assert!(!is_hostile(&ran.err.replace("\u{1b}[", "")), "{:?}", ran.err);
        assert!(!is_hostile(&ran.out), "{:?}", ran.out);
        if args.contains(&"json") {
            assert_eq!(json_of(&ran)["reports"], 5);
            let sample: String = evil.chars().take(40).collect();
            assert_eq!(json_of(&ran)["inlines"][0]["sample"], sample.trim_end());
        }
        assert!(!ran.out.lines().any(|line| line.starts_with("::")), "{}", ran.out);
    }
    let ran = run(site.path(), &["reports", "r.json", "--policy-file", "p.txt"]);
    assert_eq!(ran.out, "default-src 'self'; img-src 'self' https://a.test\n");
}

#[test]
fn a_flood_of_different_reports_fills_the_tables_and_no_more() {
    let flood: String =
        (0..10_050).map(|n| format!("{}\n", report("img-src", &format!("https://h{n}.test/")))).collect();
    let text = format!("{flood}{}\n", report("img-src", "https://h7.test/"));
    let json = json_of(&on(&text, &["--format", "json"]));
    assert_eq!(json["rows"].as_array().unwrap().len(), 10_000);
    assert_eq!(json["reports"], 10_051);
    assert_eq!(
        json["findings"][0]["message"],
        "50 of 10051 reports are not in the tables, which have 10000 rows at most"
    );
    assert!(rows(&json).contains(&"violation img-src https://h7.test 2".to_owned()));
}

#[test]
fn what_the_pages_have_instead_is_told() {
    let site = folder(&[
        (
            "site/index.html",
            "<!doctype html>\n<script>one()</script>\n<script>same beginning, more than forty characters: a</script>\n\
             <script>same beginning, more than forty characters: b</script>\n<style>p { color: red }</style>",
        ),
        ("site/a/index.html", "<!doctype html>\n<p>"),
    ]);
    let inline = |directive: &str, path: &str, line: u64, sample: &str, policy: &str| {
        json!({"csp-report": {"effective-directive": directive, "blocked-uri": "inline", "script-sample": sample,
            "document-uri": format!("https://a.test/{path}"), "line-number": line, "original-policy": policy}})
    };
    let first = |algorithm: &str| {
        let args = ["hash", "--format", "json", "--algorithm", algorithm, "site"];
        let own = json_of(&run(site.path(), &args));
        format!("'{}'", own["inlines"][0]["hashes"][0].as_str().unwrap())
    };
    let (hash, longer) = (first("sha256"), first("sha384"));
    for (name, more) in [("texts.json", &["--text"][..]), ("excerpts.json", &[])] {
        let args = [&["hash", "site", "--format", "json"], more].concat();
        std::fs::write(site.path().join(name), run(site.path(), &args).out).unwrap();
    }
    for (report, hashes, why) in [
        (inline("script-src-elem", "", 2, "one()", "script-src LONGER"), 1, "allows this text"),
        (inline("script-src-elem", "", 2, "one()", "script-src 'self'"), 1, "does not allow this hash"),
        (inline("script-src", "x.html", 9, "one()", "script-src 'self'"), 1, "does not allow this hash"),
        (inline("script-src-elem", "", 2, "one()", "script-src HASH"), 1, "allows this text"),
        (inline("script-src-elem", "", 2, "one()", "script-src 'self"), 1, "no valid policy of the report"),
        (inline("script-src-elem", "index.html?q", 2, "two()", ""), 1, "another text in this line"),
        (inline("script-src-elem", "a/", 2, "two()", ""), 0, "no page has a text that begins so"),
        (inline("style-src-elem", "", 2, "one()", ""), 0, "no page has a text that begins so"),
        (inline("script-src-elem", "", 2, "", ""), 1, "the page has this in the line, where"),
        (inline("script-src-elem", "", 99, "", ""), 0, "no sample to look for"),
        (inline("script-src-elem", "b", 1, "same beginning, more than forty characters", ""), 2, "several texts"),
        (
            inline("script-src-elem", "", 4, "same beginning, more than forty characters", "img-src *"),
            1,
            "allows this text",
        ),
    ] {
        let text = report.to_string();
        let needs_text = text.contains("LONGER");
        let text = text.replace("HASH", &hash).replace("LONGER", &longer);
        std::fs::write(site.path().join("r.json"), text).unwrap();
        let read = |from: &[&str]| {
            let args = [&["reports", "r.json", "--format", "json"], from].concat();
            json_of(&run(site.path(), &args))
        };
        let json = read(&["--pages", "site"]);
        assert_eq!(read(&["--inventory", "texts.json"]), json, "{report}");
        let by_excerpt = read(&["--inventory", "excerpts.json"]);
        assert_eq!(by_excerpt == json, !needs_text, "{report}");
        let found = &json["inlines"][0];
        assert_eq!(found["hashes"].as_array().unwrap().len(), hashes, "{found:#}");
        assert!(found["why"].as_str().unwrap().contains(why), "{found:#}");
    }
    // Without --pages those of the configuration are read, and none where it names none.
    let human = |args: &[&str]| run(site.path(), &[&["reports", "r.json"], args].concat()).out;
    assert!(human(&[]).contains("name the pages with --pages"), "{}", human(&[]));
    std::fs::write(site.path().join("cspseal.toml"), "paths = ['site']\n").unwrap();
    assert!(human(&[]).contains("the script at site/index.html:4:1"), "{}", human(&[]));
}

#[test]
fn inventories_are_looked_into_as_their_site_and_excerpts_say() {
    let long = "a".repeat(50);
    let page = format!(
        "<script>\n  one();\n\n\n                                         two()</script>\n\n\n\n<script>{long}1</script><script>one</script><script>{long}2</script>"
    );
    let site = folder(&[("site/a.html", &page)]);
    let url = ["--site-url", "https://a.test/docs/"];
    let hash = [&["hash", "site", "--format", "json"], &url[..]].concat();
    let inventory = run(site.path(), &hash).out;
    std::fs::write(site.path().join("i.json"), &inventory).unwrap();
    let hashes = |sample: &str, line: u64| {
        let report = json!({"csp-report": {"effective-directive": "script-src-elem", "blocked-uri": "inline",
            "script-sample": sample, "document-uri": "https://a.test/docs/a", "line-number": line}});
        std::fs::write(site.path().join("r.json"), report.to_string()).unwrap();
        let args = ["reports", "r.json", "--inventory", "i.json", "--format", "json"];
        let json = json_of(&run(site.path(), &args));
        let hashes = json["inlines"][0]["hashes"].as_array().unwrap().clone();
        let column = |hash: &Value| hash["place"]["column"].as_u64().unwrap();
        hashes.iter().map(column).collect::<Vec<_>>()
    };
    let [third, fourth] = [69, 89];
    assert_eq!(hashes("\n  one();\n\n\n", 3), [1]);
    assert_eq!(hashes("one();", 3), [1]);
    assert_eq!(hashes("one", 3), [third]);
    assert_eq!(hashes("on", 3), [0; 0]);
    assert_eq!(hashes(&long[..40], 3), [1, fourth]);
    assert_eq!(hashes("", 1), [1]);
    assert_eq!(hashes("", 9), [1]);
    assert_eq!(hashes("", 8), [0; 0]);
    let ran = run(site.path(), &["reports", "r.json", "--inventory", "r.json"]);
    assert_eq!((ran.code, &*ran.out), (2, ""));
    assert!(ran.err.contains("r.json: no inventory"), "{}", ran.err);
}
