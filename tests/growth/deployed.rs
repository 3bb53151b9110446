//! Files in which policies are deployed.

use std::fs;
use std::path::Path;

use crate::measure::{arguments, check, numbered};

/// Checks a page under what is deployed.
fn deployed(folder: &Path, name: &str, content: String) -> Vec<String> {
    fs::create_dir_all(folder.join("site")).unwrap();
    fs::write(folder.join("site/index.html"), "<script>a()</script>").unwrap();
    fs::write(folder.join(name), content).unwrap();
    arguments(&format!("check --deployed {name} site"))
}

pub(crate) const HEADER: &str = "{\"key\":\"Content-Security-Policy\",\"value\":\"script-src 'self'\"}";

fn vercel(folder: &Path, rules: &str) -> Vec<String> {
    deployed(folder, "vercel.json", format!("{{\"headers\":[{rules}]}}"))
}

fn firebase(folder: &Path, rules: &str) -> Vec<String> {
    let json = format!("{{\"hosting\":{{\"headers\":[{rules}]}}}}");
    deployed(folder, "firebase.json", json)
}

/// Routes of Azure with a policy each, whose paths end so.
fn routes(folder: &Path, n: usize, end: &str) -> Vec<String> {
    let headers = "\"headers\":{\"content-security-policy\":\"script-src x\"}";
    let routes = numbered(n, |i| format!("{{\"route\":\"/a{i}{end}\",{headers}}},"));
    let json = format!("{{\"routes\":[{}]}}", routes.trim_end_matches(','));
    deployed(folder, "staticwebapp.config.json", json)
}

#[test]
fn reading_deployed_files() {
    check(&[
        ("rules of _headers", |at, n| {
            deployed(
                at,
                "_headers",
                numbered(n / 20, |i| format!("/a{i}/*\n  Content-Security-Policy: script-src x\n")),
            )
        }),
        ("rules of vercel.json", |at, n| {
            let rules = numbered(n / 20, |i| format!("{{\"source\":\"/a{i}\",\"headers\":[{HEADER}]}},"));
            deployed(at, "vercel.json", format!("{{\"headers\":[{}]}}", rules.trim_end_matches(',')))
        }),
        ("rules of netlify.toml", |at, n| {
            let rule =
                |i| format!("[[headers]]\nfor = '/a{i}'\n[headers.values]\nContent-Security-Policy = 'script-src x'\n");
            deployed(at, "netlify.toml", numbered(n / 20, rule))
        }),
        ("braces of firebase.json", |at, n| {
            let braces = format!("{}b{}", "{a,".repeat(n), "}".repeat(n));
            let json = format!("{{\"hosting\":{{\"headers\":[{{\"source\":\"{braces}\",\"headers\":[{HEADER}]}}]}}}}");
            deployed(at, "firebase.json", json)
        }),
        ("nested JSON", |at, n| deployed(at, "vercel.json", "{\"headers\":".repeat(8 * n))),
        ("nested TOML", |at, n| deployed(at, "netlify.toml", "a=".to_owned() + &"[".repeat(8 * n))),
        ("paths of _headers", |at, n| {
            deployed(at, "_headers", numbered(n, |i| format!("/a{i}\n  Content-Security-Policy: script-src x\n")))
        }),
        ("policies of one path in _headers", |at, n| {
            deployed(at, "_headers", "/a\n".to_owned() + &"  Content-Security-Policy: script-src x\n".repeat(n))
        }),
        ("a path of many stars in _headers", |at, n| {
            deployed(at, "_headers", format!("/{}\n  Content-Security-Policy: script-src x\n", "*a".repeat(n)))
        }),
        ("rules of Cloudflare", |at, n| {
            let rules =
                numbered(n, |i| format!("/a{i}\n  Content-Security-Policy: script-src x\n  ! X-Frame-Options\n"));
            deployed(at, "_headers", rules)
        }),
        ("names of Cloudflare", |at, n| {
            let names = numbered(n / 8, |i| format!("/:a{i}"));
            deployed(at, "_headers", format!("{names}\n  Content-Security-Policy: script-src x\n  ! X-A\n"))
        }),
        ("headers of a rule of vercel.json", |at, n| {
            let headers = numbered(n, |_| format!("{HEADER},"));
            vercel(at, &format!("{{\"source\":\"/a\",\"headers\":[{}]}}", headers.trim_end_matches(',')))
        }),
        ("names of a rule of vercel.json", |at, n| {
            let names = numbered(n / 8, |i| format!("/:a{i}"));
            vercel(at, &format!("{{\"source\":\"{names}\",\"headers\":[{HEADER}]}}"))
        }),
        ("groups of a rule of vercel.json", |at, n| {
            vercel(at, &format!("{{\"source\":\"/{}\",\"headers\":[{HEADER}]}}", "(a|b)".repeat(n / 8)))
        }),
        ("nested groups of a rule of vercel.json", |at, n| {
            let source = format!("{}{}", "(".repeat(n / 8), ")".repeat(n / 8));
            vercel(at, &format!("{{\"source\":\"/{source}\",\"headers\":[{HEADER}]}}"))
        }),
        ("repetitions of a rule of vercel.json", |at, n| {
            vercel(at, &format!("{{\"source\":\"/{}\",\"headers\":[{HEADER}]}}", "(a{1,99})".repeat(n / 64)))
        }),
        ("keys of vercel.json", |at, n| {
            deployed(at, "vercel.json", format!("{{{}\"b\":1}}", numbered(n, |i| format!("\"a{i}\":1,"))))
        }),
        ("a policy of vercel.json", |at, n| {
            let hosts = numbered(n / 4, |i| format!(" h{i}.test"));
            let header = format!("{{\"key\":\"Content-Security-Policy\",\"value\":\"script-src{hosts}\"}}");
            vercel(at, &format!("{{\"source\":\"/(.*)\",\"headers\":[{header}]}}"))
        }),
        ("rules of firebase.json", |at, n| {
            let rules = numbered(n / 20, |i| format!("{{\"source\":\"/a{i}/**\",\"headers\":[{HEADER}]}},"));
            firebase(at, rules.trim_end_matches(','))
        }),
        ("stars of firebase.json", |at, n| {
            firebase(at, &format!("{{\"source\":\"/{}\",\"headers\":[{HEADER}]}}", "**/a*".repeat(n / 8)))
        }),
        ("groups of firebase.json", |at, n| {
            let globs = format!("{}a{}", "@(".repeat(n / 8), ")".repeat(n / 8));
            firebase(at, &format!("{{\"source\":\"{globs}\",\"headers\":[{HEADER}]}}"))
        }),
        ("sites of firebase.json", |at, n| {
            let sites = numbered(n, |i| format!("{{\"site\":\"a{i}\"}},"));
            deployed(at, "firebase.json", format!("{{\"hosting\":[{}]}}", sites.trim_end_matches(',')))
        }),
        ("routes of staticwebapp.config.json", |at, n| routes(at, n / 4, "")),
        ("wildcards of staticwebapp.config.json", |at, n| routes(at, n / 20, "/*")),
        ("types of staticwebapp.config.json", |at, n| {
            let exclude = numbered(n, |i| format!("\"/a{i}/*.{{a,b}}\","));
            let json = format!(
                "{{\"navigationFallback\":{{\"rewrite\":\"/index.html\",\"exclude\":[{}]}},\"globalHeaders\":{{}}}}",
                exclude.trim_end_matches(',')
            );
            deployed(at, "staticwebapp.config.json", json)
        }),
        ("paths of a list", |at, n| {
            let paths = numbered(n / 4, |i| format!("\"/a{i}\":\"script-src x\","));
            deployed(at, "map.json", format!("{{{paths}\"*\":\"img-src a\"}}"))
        }),
        ("policies of a path in a list", |at, n| {
            let policies = "\"script-src x\",".repeat(n / 4);
            deployed(at, "map.json", format!("{{\"/a\":[{policies}\"img-src a\"]}}"))
        }),
        ("a header", |at, n| {
            deployed(at, "policy.txt", "script-src".to_owned() + &numbered(n / 4, |i| format!(" h{i}.test")))
        }),
        ("a header of many policies", |at, n| deployed(at, "policy.txt", "script-src a,".repeat(n))),
        ("an inventory", |at, n| {
            let pages = "{\"path\":\"a\"},".repeat(n);
            deployed(
                at,
                "a.json",
                format!(
                    "{{\"version\":1,\"policy\":\"img-src a\",\"inlines\":[],\"pages\":[{}]}}",
                    pages.trim_end_matches(',')
                ),
            )
        }),
        ("lines of nginx", |at, n| {
            let lines = numbered(n, |i| format!("  \"/a{i}\" \"script-src x\";\n"));
            deployed(at, "csp.conf", format!("map $uri $csp_page {{\n{lines}}}\n"))
        }),
        ("lines of nothing that is known", |at, n| deployed(at, "a.txt", "a\n".repeat(64 * n))),
        ("many files", |at, n| {
            deployed(at, "_headers", "/*\n  Content-Security-Policy: script-src x\n".to_owned());
            let mut args = arguments("check site");
            for _ in 0..n / 40 {
                args.extend(arguments("--deployed _headers"));
            }
            args
        }),
    ]);
}
