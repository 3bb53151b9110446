//! A report-only policy next to the enforced one, in `hash`, `nonce`, `check` and the configuration.

use std::fs;

use tempfile::TempDir;

use crate::support::{Ran, folder, read, run};
use cspseal::target::TARGETS;

const HASH: &str = "'sha256-qVpDBgj7bpq5hMAcGp3AOc79J3Y1Z4HvySTwKrWDoy4='";
const PAGE: &str = "<!doctype html><script>a()</script>";
const TODAY: &str = "default-src 'self'; script-src 'self' 'unsafe-inline'; object-src 'none'";
const STRICT: &str = "script-src 'strict-dynamic' https: 'unsafe-inline'";

fn in_folder(folder: &TempDir, line: &str) -> Ran {
    let args: Vec<&str> = line.split(' ').collect();
    run(folder.path(), &args)
}

/// A site whose policy of today is kept, with these lines of configuration before and after that.
fn site(before: &str, after: &str) -> TempDir {
    let config =
        format!("{before}\npaths = ['site']\nkeep-unsafe-inline = ['script-src']\npolicy = \"{TODAY}\"\n{after}");
    folder(&[("site/index.html", PAGE), ("cspseal.toml", &config)])
}

#[test]
fn every_target_sends_both_or_says_why_not() {
    let site = site("report-only-preset = 'strict'", "");
    let mut cannot = Vec::new();
    for target in TARGETS {
        let ran = in_folder(&site, &format!("hash --format {}", target.name()));
        if ran.code == 0 {
            let flat = ran.out.replace(['\n', ' ', '"'], "");
            assert!(flat.contains(HASH), "{}", ran.out);
            if target.name() == "list" {
                continue;
            }
            // Each language has its own words for the keywords.
            assert!(flat.to_lowercase().contains("report"), "{}", ran.out);
            assert!(ran.out.matches("script").count() >= 2, "{}", ran.out);
            continue;
        }
        assert_eq!((ran.code, &*ran.out), (2, ""), "{}", ran.err);
        let message = format!("error: {} cannot send a report-only policy next to the enforced one: ", target.name());
        assert!(ran.err.contains(&message), "{}", ran.err);
        let can_report = target.report_only;
        let step = "send the report-only one with --report-only";
        assert_eq!(ran.err.contains(step), can_report, "{}", ran.err);
        assert!(ran.err.contains("report-only = false"), "{}", ran.err);
        cannot.push(target.name());
    }
    assert_eq!(cannot, ["meta", "python", "django-csp3", "flask-talisman", "rails"]);
}

#[test]
fn the_report_only_policy_has_the_shapes_of_the_other() {
    let line = format!("Content-Security-Policy-Report-Only: {STRICT} {HASH}\n");
    for (before, after) in [
        (format!("report-only-policy = \"{STRICT}\""), ""),
        (String::new(), "[report-only-policy]\nscript-src = [\"'strict-dynamic'\", 'https:', \"'unsafe-inline'\"]"),
        ("report-only-policy-file = 'strict.txt'".to_owned(), ""),
    ] {
        let site = site(&before, after);
        fs::write(site.path().join("strict.txt"), STRICT).unwrap();
        let ran = in_folder(&site, "hash");
        assert_eq!((ran.code, ran.out), (0, format!("Content-Security-Policy: {TODAY}\n{line}")), "{}", ran.err);
    }
    let site = site("", "");
    fs::write(site.path().join("strict.txt"), STRICT).unwrap();
    let file = in_folder(&site, "hash --report-only-policy-file strict.txt");
    let text = run(site.path(), &["hash", "--report-only-policy", STRICT]);
    assert!(file.out.ends_with(&line), "{}", file.out);
    assert_eq!(file.out, text.out);
    let strict = in_folder(&site, "hash --report-only-preset strict");
    assert!(strict.out.contains(&format!("{STRICT} {HASH}; object-src")), "{}", strict.out);
}

#[test]
fn what_is_wrong_with_it_is_told_of_it() {
    for (before, message) in [
        ("report-only-policy = 'x'\nreport-only-policy-file = 'a.txt'", "there can be one report-only policy only"),
        ("report-only-policy = 1", "report-only-policy must be a table"),
        ("report-only-policy = 'script-scr *'", "cspseal.toml: [report-only-policy]"),
        ("report-only-preset = 'x'", "unknown preset \"x\""),
        ("report-only-policy-file = '../x'", "../x is outside the folder of the configuration"),
    ] {
        let ran = in_folder(&site(before, ""), "hash");
        assert_eq!((ran.code, &*ran.out), (2, ""), "{before}");
        assert!(ran.err.contains(message), "{message}: {}", ran.err);
    }
    let bare = folder(&[("a.html", PAGE)]);
    let ran = in_folder(&bare, "hash --report-only-preset strict");
    assert_eq!((ran.code, &*ran.out), (2, ""));
    assert!(ran.err.contains("header has no policy to enforce next to the report-only one"), "{}", ran.err);
}

#[test]
fn an_output_sends_both_or_the_one_that_it_says() {
    let output = |file: &str, more: &str| format!("[[output]]\nformat = 'header'\nfile = '{file}'\n{more}\n");
    let outputs =
        output("both", "") + &output("enforced", "report-only = false") + &output("reported", "report-only = true");
    let site = site("report-only-preset = 'strict'", &outputs);
    assert_eq!(in_folder(&site, "hash").code, 0);
    assert_eq!(read(&site, "enforced"), format!("{TODAY}\n"));
    let strict = format!("{STRICT} {HASH}; object-src 'none'; base-uri 'none'\n");
    assert_eq!(read(&site, "reported"), strict);
    assert_eq!(
        read(&site, "both"),
        format!("Content-Security-Policy: {TODAY}\nContent-Security-Policy-Report-Only: {strict}")
    );
    let alone = in_folder(&site, "hash --report-only");
    assert_eq!(alone.out, strict);
}

#[test]
fn both_are_replaced_in_a_file_and_compared_with_it() {
    let by_hand = r#"{"headers":[{"source":"/(.*)","headers":[{"key":"A","value":"b"},{"key":"content-security-policy","value":"img-src c.test"}]}]}"#;
    for (format, existing) in [
        ("vercel", by_hand),
        ("vercel", "{}"),
        ("firebase", "{}"),
        ("azure-swa", "{}"),
        ("netlify", "/x\n  A: b\n"),
        ("cloudflare", "/*\n  A: b\n"),
        ("nginx", "own;\n"),
        ("django", "OWN = 1\n"),
        ("php", "<?php\nown();\n"),
    ] {
        let output = format!("[[output]]\nformat = '{format}'\nfile = 'out'\ninto = true\n");
        let site = site("report-only-preset = 'strict'", &output);
        let file = site.path().join("out");
        fs::write(&file, existing).unwrap();
        assert_eq!(in_folder(&site, "hash --check").code, 1, "{format}");
        let ran = in_folder(&site, "hash");
        assert_eq!(ran.code, 0, "{format}: {}", ran.err);
        let first = read(&site, "out");
        assert_eq!(first.matches(HASH).count(), 1, "{first}");
        assert_eq!(in_folder(&site, "hash --check").code, 0, "{format}");
        assert_eq!(in_folder(&site, "check").code, 0, "{format}");
        fs::write(site.path().join("site/index.html"), PAGE.replace("a()", "b()")).unwrap();
        let ran = in_folder(&site, "check");
        assert_eq!(ran.code, 1, "{format}: {}", ran.out);
        for line in ["hash --check", "hash"] {
            in_folder(&site, line);
        }
        let second = read(&site, "out");
        assert_ne!(first, second, "{format}");
        assert!(!second.contains(HASH), "{second}");
        let own = ["own", "OWN", "\"A\"", "A: b"];
        let is_lost = |own: &&str| existing.contains(*own) && !second.contains(*own);
        assert!(!own.iter().any(is_lost), "{second}");
    }
    let site = site("report-only-preset = 'strict'", "");
    fs::write(site.path().join("vercel.json"), by_hand).unwrap();
    let ran = in_folder(&site, "hash --format vercel --into vercel.json");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let written: serde_json::Value = serde_json::from_str(&read(&site, "vercel.json")).unwrap();
    let headers = written["headers"][0]["headers"].as_array().unwrap();
    assert_eq!(headers.len(), 3, "{written}");
    assert_eq!(headers[0]["key"], "A");
    assert_eq!(headers[2]["key"], "Content-Security-Policy-Report-Only");
    assert!(ran.err.contains("c.test in img-src"), "{}", ran.err);
}

/// Files of somebody's for every format without marks for what is ours: empty, and with a header or a policy for every path.
const JSON_FILES: [(&str, &str); 8] = [
    ("vercel", "{}"),
    ("vercel", r#"{"headers":[{"source":"/(.*)","headers":[{"key":"A","value":"b"}]}]}"#),
    (
        "vercel",
        r#"{"headers":[{"source":"/(.*)","headers":[{"key":"Content-Security-Policy","value":"img-src 'self'"},{"key":"A","value":"b"}]}]}"#,
    ),
    ("firebase", "{}"),
    (
        "firebase",
        "{\"hosting\":{\"headers\":[{\n \"regex\":\".*\",\n \"headers\":[\n  {\"key\":\"A\",\"value\":\"b\"},\n  {\"key\":\"Content-Security-Policy\",\"value\":\"img-src 'self'\"}\n ]}]}}",
    ),
    ("azure-swa", "{}"),
    ("azure-swa", r#"{"globalHeaders":{"A":"b"}}"#),
    (
        "azure-swa",
        "{\n \"globalHeaders\": {\n  \"content-security-policy\": \"img-src 'self'\",\n  \"A\": \"b\"\n }\n}\n",
    ),
];

#[test]
fn a_policy_that_only_other_paths_have_goes_when_those_of_the_pages_go() {
    let site = folder(&[("site/a.html", PAGE), ("site/b.html", "<p>")]);
    let write = |format: &str, policies: &[&str]| {
        let args = ["hash", "--format", format, "--scope", "page", "--into", "out", "site"];
        let ran = run(site.path(), &[&args[..], policies].concat());
        assert_eq!((ran.code, ran.err.contains("kept-policy")), (0, false), "{format}: {}", ran.err);
    };
    let enforced = ["--policy", "img-src 'self'; script-src 'self'"];
    let reported = [&enforced[..], &["--report-only"]].concat();
    let both = [&enforced[..], &["--report-only-policy", "default-src 'none'"]].concat();
    for (format, existing) in JSON_FILES {
        let after = |policies: &[&[&str]]| {
            fs::write(site.path().join("out"), existing).unwrap();
            for policies in policies {
                write(format, policies);
            }
            read(&site, "out")
        };
        let without = after(&[&enforced]);
        assert_eq!(after(&[&both, &enforced]), without, "{format}");
        let again = after(&[&both, &reported, &enforced]);
        for header in ["content-security-policy\"", "report-only"] {
            let count = |text: &str| text.to_lowercase().matches(header).count();
            assert_eq!(count(&again), count(&without), "{again}");
        }
        // One that was enforced would block what the pages have.
        let reported = after(&[&both, &reported]);
        assert!(!reported.contains("Policy\""), "{format}: {reported}");
        assert!(!reported.contains("policy\""), "{format}: {reported}");
        assert_eq!(reported.contains("\"A\""), existing.contains("\"A\""), "{reported}");
    }
}

#[test]
fn a_policy_that_may_be_somebodys_stays_and_is_told() {
    for (format, existing) in JSON_FILES {
        let output = format!("[[output]]\nformat = '{format}'\nfile = 'out'\ninto = true\n");
        let site = site("report-only-preset = 'strict'", &output);
        fs::write(site.path().join("out"), existing).unwrap();
        let ran = in_folder(&site, "hash");
        assert_eq!((ran.code, ran.err.contains("kept-policy")), (0, false), "{}", ran.err);
        let config = read(&site, "cspseal.toml");
        let over = config.replace("report-only-preset = 'strict'", "");
        fs::write(site.path().join("cspseal.toml"), over).unwrap();
        let reported = format!("hash --report-only --format {format} --into out site");
        for line in ["hash", "hash --check", &reported] {
            let ran = in_folder(&site, line);
            let header = match line == reported {
                true => "Content-Security-Policy",
                false => "Content-Security-Policy-Report-Only",
            };
            let message = format!("warning[kept-policy]: the file has a {header} that this output");
            assert_eq!(ran.code, 0, "{format}: {line}: {}", ran.err);
            assert!(ran.err.contains(&message), "{format}: {line}: {}", ran.err);
            let kept = read(&site, "out");
            assert!(kept.contains("Policy-Report-Only\""), "{format}: {kept}");
        }
    }
}

#[test]
fn nonces_go_into_the_policies_that_need_them() {
    let config = format!(
        "paths = ['t']\nkeep-unsafe-inline = ['script-src']\npolicy = \"{TODAY}\"\nreport-only-preset = 'strict'\n\
         [nonce]\nframework = 'django'\n[[output]]\nformat = 'django'\nfile = 'csp.py'\n"
    );
    let project = folder(&[("t/a.html", "<script>a({{ b }})</script>"), ("cspseal.toml", &config)]);
    let printed = in_folder(&project, "nonce --print-policy");
    assert_eq!(in_folder(&project, "nonce --write").code, 0);
    let ran = in_folder(&project, "hash");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let settings = read(&project, "csp.py");
    assert_eq!(printed.out, settings);
    let (enforced, reported) = settings.split_once("SECURE_CSP_REPORT_ONLY").unwrap();
    assert!(!enforced.contains("CSP.NONCE"), "{settings}");
    assert!(reported.contains("CSP.NONCE"), "{settings}");
    assert!(settings.contains("context_processors.csp"), "{settings}");
    let ran = in_folder(&project, "check");
    assert_eq!(ran.code, 0, "{}", ran.out);
    let listed = in_folder(&project, "list");
    assert!(listed.out.contains("Report-only policy for the whole site: "), "{}", listed.out);
}

#[test]
fn check_judges_both_and_names_the_one_it_speaks_of() {
    let site = folder(&[("index.html", "<!doctype html><script>a()</script><script src=x.js></script>")]);
    let check = |enforced: &str, reported: &str| {
        let args = ["check", "--policy", enforced, "--report-only-policy", reported, "--notes"];
        run(site.path(), &args).out
    };
    let out = check("script-src 'self' 'unsafe-inline'", "script-src 'self' 'sha256-AAAA'");
    assert!(out.contains("the report-only policy blocks this script by script-src"), "{out}");
    // What the stricter one would stop is open as long as it only reports.
    assert!(out.contains("weak-unsafe-inline"), "{out}");
    let out = check("default-src 'none'", "default-src 'none'");
    for blocked in ["this script", "scripts of the site itself"] {
        let line = format!("the policy blocks {blocked} by default-src");
        assert_eq!(out.matches(&line).count(), 1, "{out}");
    }
    assert!(!out.contains("the report-only policy blocks"), "{out}");
    let out = check("default-src 'self' x.test; script-scr 'self'", "script-src 'unsafe-inline'; object-scr 'none'");
    assert!(out.contains("in the report-only policy, "), "{out}");
    for (line, is_reported) in [("script-scr", false), ("object-scr", true)] {
        let line = out.lines().find(|l| l.contains("]: ") && l.contains(line)).unwrap();
        assert_eq!(line.contains("in the report-only policy, "), is_reported, "{out}");
    }
}

#[test]
fn what_only_the_report_only_policy_blocks_is_an_error_that_names_it() {
    let site = folder(&[("index.html", "<p onclick='b()'><script>a()</script>")]);
    let policies = ["--policy", "script-src 'unsafe-inline'", "--report-only-policy", "script-src 'none'"];
    let ran = run(site.path(), &[&["check"][..], &policies].concat());
    assert_eq!(ran.code, 1);
    for code in ["blocked-handler", "blocked-script"] {
        let line = format!("error[{code}]: the report-only policy blocks");
        assert!(ran.out.contains(&line), "{line}: {}", ran.out);
    }
}

#[test]
fn limits_count_both() {
    let hosts = |count: usize| -> String {
        let hosts = (0..count).map(|n| format!(" host{n:04}.example.com"));
        format!("img-src{}", hosts.collect::<String>())
    };
    let site = folder(&[("a.html", "<p>")]);
    let run = |format: &str, count: usize| {
        let policy = hosts(count);
        let args = ["hash", "--format", format, "--policy", &policy, "--report-only-policy", &policy];
        run(site.path(), &args)
    };
    // Each has some 21 bytes.
    assert_eq!(run("haproxy", 300).code, 0);
    let ran = run("haproxy", 400);
    assert_eq!(ran.code, 2);
    let message = "haproxy takes an enforced and a report-only policy together of 15000 bytes";
    assert!(ran.err.contains(message), "{}", ran.err);
    // A line holds each.
    assert_eq!(run("cloudflare", 90).code, 0);
    let ran = run("cloudflare", 95);
    assert_eq!(ran.code, 2, "{}", ran.out);
    let ran = run("azure-swa", 500);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(ran.err.contains("takes a file of 20000 bytes"), "{}", ran.err);
}

#[test]
fn an_inventory_has_both_and_is_read_with_both() {
    let site = site("report-only-preset = 'strict'", "");
    let ran = in_folder(&site, "hash --format json -o a.json");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let inventory: serde_json::Value = serde_json::from_str(&read(&site, "a.json")).unwrap();
    let strict = format!("{STRICT} {HASH}; object-src 'none'; base-uri 'none'");
    for part in [&inventory, &inventory["pages"][0]] {
        assert_eq!(part["policy"], TODAY);
        assert_eq!(part["report_only_policy"], strict);
    }
    fs::write(site.path().join("site/index.html"), PAGE.replace("a()", "b()")).unwrap();
    let ran = in_folder(&site, "check --deployed a.json");
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("the report-only policy in a.json:"), "{}", ran.out);
    let merged = in_folder(&site, "merge --format netlify a.json");
    let line = format!("  Content-Security-Policy-Report-Only: {strict}\n");
    assert!(merged.out.ends_with(&line), "{}", merged.out);
}

#[test]
fn a_hash_of_the_report_only_policy_counts_where_the_enforced_one_blocks() {
    let hash = HASH.trim_matches('\'');
    let page = format!("<!doctype html><script src=https://x.test/x.js integrity={hash}></script>");
    let site = folder(&[("a.html", &page)]);
    let reported = format!("script-src 'strict-dynamic' {HASH}");
    let args = ["check", "--policy", "script-src 'none'"];
    let ran = run(site.path(), &[&args[..], &["--report-only-policy", &reported]].concat());
    assert!(ran.out.contains("the policy blocks scripts of https://x.test"), "{}", ran.out);
    assert!(!ran.out.contains("orphaned-hash"), "{}", ran.out);
}
