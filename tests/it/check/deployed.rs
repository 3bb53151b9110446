//! `check` on what is deployed: which policies a page gets there, and what its target ignores.

use std::fs;
use std::path::Path;

use crate::support::{Ran, folder, run};
use cspseal::ScanOptions;
use cspseal::check::{Checker, GoverningPolicy, Nonces, Origin, Policies};

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
    let pages = [("public/index.html", PAGE), ("public/b.html", PAGE), ("public/c.html", PAGE), ("map.json", &*map)];
    let site = folder(&pages);
    let ran = check(site.path(), &["public/index.html", "--deployed", "map.json"]);
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

const NGINX: &str = "paths = [\"public\"]\npreset = \"self\"\n[[output]]\nformat = \"nginx\"\nfile = \"csp.conf\"\n";

#[test]
fn without_a_word_the_configured_outputs_are_compared() {
    let config = NGINX.to_owned() + "scope = \"page\"\n[[output]]\nformat = \"django\"\nfile = \"csp.py\"\n";
    let site = folder(&[("public/index.html", PAGE), ("cspseal.toml", &config)]);
    let folder = site.path();
    let stale = || {
        let ran = check(folder, &[]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        for (file, format) in [("csp.conf", "nginx"), ("csp.py", "django")] {
            let finding = format!(
                "error[stale-output]: this is not what cspseal hash would write for {format} now, so the pages may break\n"
            );
            assert!(ran.out.contains(&finding), "{}", ran.out);
            assert!(ran.out.contains(&format!("--> {file}:1:1\n")), "{}", ran.out);
        }
        assert!(ran.out.ends_with("\ncspseal: 2 errors in 1 page\n"), "{}", ran.out);
    };
    stale();
    assert_eq!(run(folder, &["hash"]).code, 0);
    let clean = check(folder, &[]);
    assert_eq!(clean.out, "cspseal: 1 page, 1 inline resource, no findings\n");
    assert_eq!(clean.code, 0);
    fs::write(folder.join("public/index.html"), PAGE.replace("a()", "b()")).unwrap();
    stale();
}

#[test]
fn each_page_is_judged_under_the_policy_that_the_output_is_made_from() {
    let handler = "<!doctype html>\n<p onclick='a()'>\n";
    for (scope, report_only, policy) in [
        ("site", false, "the policy in csp.conf:1"),
        ("page", false, "the policy in csp.conf:1"),
        ("site", true, "the report-only policy in csp.conf:1"),
        ("page", true, "the report-only policy in csp.conf:1"),
    ] {
        let config = format!("{NGINX}scope = {scope:?}\nreport-only = {report_only}\n");
        let pages = [("public/index.html", PAGE), ("public/b.html", handler), ("cspseal.toml", &*config)];
        let site = folder(&pages);
        assert_eq!(run(site.path(), &["hash"]).code, 1);
        let ran = check(site.path(), &[]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        let blocked = format!("error[blocked-handler]: {policy} blocks this event handler");
        assert!(ran.out.contains(&blocked), "{}", ran.out);
        // The script of the other page has the handler's hash.
        let lacks = ran.out.contains("missing-unsafe-hashes");
        assert_eq!(lacks, scope == "site", "{}", ran.out);
        assert!(!ran.out.contains("stale-output"), "{}", ran.out);
    }
}

#[test]
fn outputs_are_those_of_the_whole_site_whatever_is_checked() {
    let config = "algorithm = \"sha384\"\n".to_owned() + NGINX;
    let pages = [
        ("public/index.html", PAGE),
        ("public/b.html", "<!doctype html>\n<script>b()</script>\n"),
        ("public/deep/c.html", PAGE),
        ("cspseal.toml", &*config),
    ];
    let site = folder(&pages);
    let folder = site.path();
    assert_eq!(run(folder, &["hash"]).code, 0);
    for (folder, arguments, pages) in [
        (folder, &[][..], "3 pages"),
        (folder, &["public"], "3 pages"),
        (folder, &["public/b.html"], "in 1 page"),
        (&folder.join("public/deep"), &["."], "in 1 page"),
        (&folder.join("public/deep"), &[], "3 pages"),
    ] {
        let ran = check(folder, arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains(pages), "{arguments:?}: {}", ran.out);
        assert!(!ran.out.contains("stale-output"), "{}", ran.out);
    }
}

#[test]
fn the_file_of_a_server_is_refused_with_what_checks_it() {
    let files = [("public/index.html", PAGE), ("public/.htaccess", "")];
    let site = folder(&files);
    let folder = site.path();
    let base = ["--policy", "default-src 'self'; base-uri 'none'"];
    let hash = |format: &str| {
        let arguments = ["hash", "public", "--format", format, "-o", "csp.conf"];
        let ran = run(folder, &[&arguments[..], &base].concat());
        assert_eq!(ran.code, 0, "{format}: {}", ran.err);
    };
    let nonce = |server: &str| {
        let arguments = ["nonce", "public", "--server", server, "-o", "out"];
        let rest = ["--placeholder", "random"];
        let ran = run(folder, &[&arguments[..], &rest, &base].concat());
        fs::remove_dir_all(folder.join("out")).unwrap();
        fs::write(folder.join("csp.conf"), ran.out).unwrap();
    };
    let refused = |arguments: &[&str], format: &str, file: &str| {
        let ran = check(folder, &[&["public"], arguments].concat());
        assert_eq!(ran.code, 2, "{format}: {}", ran.out);
        let message = format!(
            "error: {file}: --deployed reads host files only, not those for {format}; compare it with `cspseal hash --check`, or make it an [[output]] of cspseal.toml and run `cspseal check`"
        );
        assert_eq!(ran.err.trim_end(), message);
    };
    for format in ["nginx", "apache", "htaccess", "caddy", "haproxy", "lighttpd", "traefik"] {
        hash(format);
        refused(&["--deployed", "csp.conf"], format, "csp.conf");
        fs::write(folder.join("csp.conf"), "").unwrap();
        let named = ["--deployed", "csp.conf", "--deployed-as", format];
        refused(&named, format, "csp.conf");
    }
    for server in ["nginx", "apache", "caddy"] {
        nonce(server);
        refused(&["--deployed", "csp.conf"], server, "csp.conf");
    }
    let named = ["--deployed", "public/.htaccess"];
    refused(&named, "htaccess", "public/.htaccess");
}

#[test]
fn a_nonce_that_the_server_replaces_is_none_of_the_page() {
    for nonce in ["CSP_NONCE_0123", "abcdefghijklmnop0123"] {
        let codes = |replaces: bool| {
            let text = format!("script-src 'nonce-{nonce}'; base-uri 'none'");
            let mut policy = GoverningPolicy::new(text, Origin::Named("a server".to_owned()));
            if replaces {
                policy.nonces = Nonces::Replaced;
            }
            let mut policies = Policies::new();
            policies.add(policy);
            let checker = Checker::new(policies, &ScanOptions::new());
            let page = format!("<!doctype html><script nonce={nonce}>a()</script>");
            let page = checker.page("a.html", "a.html", page.as_bytes()).unwrap();
            let findings = checker.finish([page]).findings.into_iter();
            let nonces = findings.filter(|finding| finding.place.is_some());
            nonces.map(|finding| finding.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(true), []);
        assert_eq!(codes(false).len(), 1, "{nonce}");
    }
    let site = folder(&[("public/index.html", PAGE)]);
    let folder = site.path();
    let arguments = ["nonce", "public", "--placeholder", "random", "-o", "out"];
    assert_eq!(run(folder, &arguments).code, 0);
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
    assert!(first.out.contains("\"path\": \"public/0.html\""), "{}", first.out);
    for _ in 0..5 {
        let again = check(site.path(), &["public", "--format", "json"]);
        assert_eq!(again.out, first.out);
    }
}

#[test]
fn a_line_that_the_host_drops_is_told() {
    let headers = format!("/*\n  Content-Security-Policy: default-src 'self';\n    script-src {HASH}\n  # a note\n");
    for host in ["netlify", "cloudflare"] {
        let site = folder(&[("public/index.html", PAGE), ("_headers", &headers)]);
        let arguments = ["public", "--deployed", "_headers", "--deployed-as", host];
        let ran = check(site.path(), &arguments);
        assert_eq!(ran.code, 1, "{}", ran.out);
        assert!(ran.out.contains("warning[dropped-line]"), "{}", ran.out);
        assert!(ran.out.contains("--> _headers:3:1"), "{}", ran.out);
        assert_eq!(ran.out.matches("dropped-line").count(), 1, "{}", ran.out);
        assert!(ran.out.contains("error[blocked-script]"), "{}", ran.out);
    }
}

#[test]
fn a_file_that_the_host_of_the_project_does_not_read_is_told() {
    let headers = format!("/*\n  Content-Security-Policy: script-src {HASH}\n");
    let arguments = ["public", "--deployed", "public/_headers", "--deployed-as", "netlify"];
    for (file, code) in
        [("vercel.json", 1), ("public/staticwebapp.config.json", 1), ("netlify.toml", 0), ("other.json", 0)]
    {
        let site = folder(&[("public/index.html", PAGE), ("public/_headers", &headers), (file, "{}")]);
        let ran = check(site.path(), &arguments);
        assert_eq!(ran.code, code, "{file}: {}", ran.out);
        let told = ran.out.contains("error[unread-policy-file]");
        assert_eq!(told, code == 1, "{file}: {}", ran.out);
    }
    let config =
        "paths = [\"public\"]\npreset = \"self\"\n[[output]]\nformat = \"htaccess\"\nfile = \"public/.htaccess\"\n";
    let site = folder(&[("public/index.html", PAGE), ("cspseal.toml", config), ("firebase.json", "{}")]);
    assert_eq!(run(site.path(), &["hash"]).code, 0);
    let ran = check(site.path(), &[]);
    assert!(ran.out.contains("Firebase Hosting does not read .htaccess"), "{}", ran.out);
}

#[test]
fn a_reporting_endpoint_without_its_header_is_told() {
    let headers = |more: &str| format!("/*\n{more}  Content-Security-Policy: script-src {HASH}; report-to main\n");
    for (more, told) in [("", true), ("  Reporting-Endpoints: main=\"https://a.example\"\n", false)] {
        let site = folder(&[("public/index.html", PAGE), ("_headers", &headers(more))]);
        let arguments = ["public", "--deployed", "_headers", "--deployed-as", "netlify"];
        let ran = check(site.path(), &arguments);
        assert_eq!(ran.out.contains("missing-report-endpoint"), told, "{}", ran.out);
    }
    for (policy, told) in
        [("script-src 'self' 'report-sha256'", true), ("script-src 'self' 'report-sha256'; report-to main", false)]
    {
        let site = folder(&[("index.html", "<script src=/a.js></script>")]);
        let ran = check(site.path(), &["index.html", "--policy", policy]);
        assert_eq!(ran.out.contains("missing-report-endpoint"), told, "{}", ran.out);
    }
}

#[test]
fn what_is_wrong_in_a_policy_file_is_shown_where_it_stands() {
    let policy = "\n default-src 'none';\r\n style-src \u{2018}self'\n  'unsafe-inline'; script-src 'unsafe-inline'\n";
    let site = folder(&[("index.html", "<p>ä</p>"), ("policy.txt", policy)]);
    let ran = check(site.path(), &["index.html", "--policy-file", "policy.txt"]);
    for shown in ["--> policy.txt:3:12", "3 |  style-src \u{2018}self'", "--> policy.txt:4:31"] {
        assert!(ran.out.contains(shown), "{shown}: {}", ran.out);
    }
}
