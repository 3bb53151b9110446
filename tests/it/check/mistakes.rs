//! The policies that other tools' mistakes produce: each is a folder of `testdata/policies/mistakes` with a site, its policy and the
//! findings that `check` must give for it.

use std::fs;
use std::path::Path;

use crate::support::run;
use serde_json::Value;

/// The findings as `code path:line:column`, one a line.
fn findings(folder: &Path) -> String {
    let policy =
        if folder.join("_headers").exists() { ["--deployed", "_headers"] } else { ["--policy-file", "policy.txt"] };
    let arguments = [&["check", "site", "--format", "json"], &policy[..]].concat();
    let ran = run(folder, &arguments);
    assert_eq!(ran.code, 1, "{}: {}", folder.display(), ran.err);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let mut lines = String::new();
    for finding in report["findings"].as_array().unwrap() {
        if finding["severity"] == "note" {
            continue;
        }
        let at = |place: &Value| match place["path"].as_str() {
            Some(path) => format!(" {path}:{}:{}", place["line"], place["column"]),
            None => String::new(),
        };
        lines += finding["code"].as_str().unwrap();
        lines += &at(finding);
        lines += "\n";
    }
    lines
}

#[test]
fn every_mistake_is_found() {
    let mut count = 0;
    for entry in fs::read_dir("testdata/policies/mistakes").unwrap() {
        let folder = entry.unwrap().path();
        let want = fs::read_to_string(folder.join("findings.txt")).unwrap();
        assert_eq!(findings(&folder), want, "{}", folder.display());
        count += 1;
    }
    assert_eq!(count, 7);
}
