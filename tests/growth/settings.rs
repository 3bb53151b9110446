//! JSON files of hosts, into which policies are put.

use std::fs;
use std::path::Path;

use crate::deployed::HEADER;
use crate::measure::{arguments, check, hash, numbered, site};

fn into(folder: &Path, format: &str, json: String) -> Vec<String> {
    fs::write(folder.join("file.json"), json).unwrap();
    hash(folder, "a.html", "<script>a</script>".to_owned());
    arguments(&format!("hash --format {format} --preset self a.html --into file.json"))
}

/// A policy for each of n pages, into n rules.
fn pages(folder: &Path, format: &str, n: usize, json: String) -> Vec<String> {
    site(folder, n);
    fs::write(folder.join("file.json"), json).unwrap();
    arguments(&format!("hash --unsafe-hashes --format {format} --scope page --preset self site --into file.json"))
}

fn rules(n: usize, rule: impl Fn(usize) -> String) -> String {
    let all = numbered(n, |i| rule(i) + ",");
    all.trim_end_matches(',').to_owned()
}

#[test]
fn policies_in_files_of_hosts() {
    check(&[
        ("rules for pages in vercel.json", |at, n| {
            let n = n / 100;
            let rules = rules(n, |i| format!("{{\"source\":\"/((?:p{i}\\\\.html))\",\"headers\":[{HEADER}]}}"));
            pages(at, "vercel", n, format!("{{\"headers\":[{rules}]}}"))
        }),
        ("comments in firebase.json", |at, n| {
            into(at, "firebase", format!("{{{}\"hosting\":{{}}}}", "// a\n".repeat(n)))
        }),
        ("rules in firebase.json", |at, n| {
            let rules = rules(n / 16, |i| format!("{{\"regex\":\"^/p{i}$\",\"headers\":[{HEADER}]}}"));
            into(at, "firebase", format!("{{\"hosting\":{{\"headers\":[{rules}]}}}}"))
        }),
        ("rules for pages in firebase.json", |at, n| pages(at, "firebase", n / 100, "{\"hosting\":{}}".to_owned())),
        ("headers of staticwebapp.config.json", |at, n| {
            let headers = rules(n / 8, |i| format!("\"x-{i}\":\"a\""));
            into(at, "azure-swa", format!("{{\"globalHeaders\":{{{headers}}}}}"))
        }),
        ("nested JSON", |at, n| into(at, "vercel", "{\"a\":[".repeat(n))),
    ]);
}
