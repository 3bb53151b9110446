//! Inventories for `merge`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::measure::{arguments, check, numbered};

#[test]
fn merging_inventories() {
    fn inventory(folder: &Path, n: usize) {
        fs::create_dir(folder.join("site")).unwrap();
        for page in 0..n {
            let text = format!("<script>{page}</script><style>{page}</style>");
            fs::write(folder.join(format!("site/{page}.html")), text).unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_cspseal"));
        command.args(["hash", "--format", "json", "site", "-o", "a.json"]).current_dir(folder);
        assert!(command.status().unwrap().success());
    }
    check(&[
        ("pages", |at, n| {
            inventory(at, n / 40);
            arguments("merge --format json a.json")
        }),
        ("a policy for each page", |at, n| {
            inventory(at, n / 40);
            let mut args = arguments("merge --format nginx --scope page a.json --policy");
            args.push("default-src 'self'".to_owned());
            args
        }),
        ("hashes of one inline on many pages", |at, n| {
            let n = n / 40;
            let hash = |i| format!("\"sha256-{i:043}=\",");
            let hashes = numbered(n, hash);
            let page = |i| {
                format!(
                    "{{\"path\":\"{i:09}\",\"site_path\":\"{i:09}\",\"policy\":\"\",\"inlines\":[{{\"inline\":0,\"line\":1,\"column\":1,\"nested\":[]}}],\"nonced\":[]}},"
                )
            };
            let pages = numbered(n, page);
            let json = format!(
                "{{\"version\":1,\"generator\":\"x\",\"algorithm\":\"sha256\",\"policy\":\"\",\"inlines\":[{{\"kind\":\"javascript-url\",\"directive\":null,\"hashes\":[{}],\"bytes\":1,\"uses\":{n},\"pages\":{n},\"in_policy\":true,\"first\":{{\"path\":\"000000000\",\"line\":1,\"column\":1}}}}],\"pages\":[{}],\"findings\":[]}}",
                hashes.trim_end_matches(','),
                pages.trim_end_matches(',')
            );
            fs::write(at.join("a.json"), json).unwrap();
            arguments("merge --unsafe-hashes a.json")
        }),
        ("nested JSON", |at, n| {
            fs::write(at.join("a.json"), "{\"version\":1,\"x\":".to_owned() + &"[".repeat(40 * n)).unwrap();
            arguments("merge a.json")
        }),
    ]);
}

#[test]
fn looking_for_reports_in_inventories() {
    /// Samples of the same words, which any text of an inventory begins with.
    fn reports(folder: &Path, n: usize) {
        let report = |i: usize| {
            let spaces = ["\\t", " ", "\\n"];
            let words = (0..20).map(|at| format!("a{}", spaces[i / 3_usize.pow(at % 9) % 3]));
            let sample: String = words.collect();
            format!(
                "{{\"csp-report\":{{\"effective-directive\":\"script-src-elem\",\"blocked-uri\":\"inline\",\"script-sample\":\"{sample}\",\"document-uri\":\"https://a.test/{i}\",\"line-number\":{i}}}}}\n"
            )
        };
        fs::write(folder.join("r.json"), numbered(n, report)).unwrap();
    }
    fn inventory(folder: &Path, n: usize, more: &str) {
        let page = numbered(n, |i| format!("<script>{}{i}</script>\n", "a ".repeat(40)));
        fs::create_dir(folder.join("site")).unwrap();
        fs::write(folder.join("site/a.html"), page).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cspseal"));
        command.args(arguments(&format!("hash --format json{more} site -o a.json"))).current_dir(folder);
        assert!(command.status().unwrap().success());
    }
    check(&[
        ("excerpts", |at, n| {
            reports(at, (n / 40).min(9_000));
            inventory(at, n / 40, "");
            arguments("reports r.json --inventory a.json")
        }),
        ("texts", |at, n| {
            reports(at, (n / 40).min(9_000));
            inventory(at, n / 40, " --text");
            arguments("reports r.json --inventory a.json")
        }),
    ]);
}
