//! No name of a file and no content of a page gets out of its place in an output: what is written for a page with a hostile
//! name is refused, or read back as the policy of that page and of no other.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use crate::support::{folder, run};
use cspseal::target::deployed::DeployedFormat;
use cspseal::target::{Scope, TARGETS};

/// What would be a line, a directive or a header of its own if it got out of its place.
const NAMES: [&[u8]; 22] = [
    b"a\nContent-Security-Policy: evil.html",
    b"a\r\nX-Evil: 1.html",
    b"a\"; add_header X-Evil 1; #.html",
    b"a'); evil(); ('.html",
    b"a; evil.html",
    b"a#evil.html",
    b"a{evil}.html",
    b"a{$EVIL}.html",
    b"a${evil}.html",
    b"a%{evil}e.html",
    b"a$(evil)`evil`.html",
    b"a\\\" evil.html",
    b"a\\.html",
    b"a\x1b[31mevil\x07.html",
    b"a\x01\x7f.html",
    b"a\xff\xfe.html",
    b"a*evil.html",
    b"a:evil.html",
    b"a?evil&x=y.html",
    b"a%0aevil%22.html",
    b"-evil.html",
    "a\u{2028}\u{202e}evil.html".as_bytes(),
];

const POLICY: &str = "default-src 'self'";

/// A site with one page of that name.
fn site(name: &[u8], page: &str) -> tempfile::TempDir {
    let folder = folder(&[]);
    let site = folder.path().join("site");
    fs::create_dir(&site).unwrap();
    fs::write(site.join(OsStr::from_bytes(name)), page).unwrap();
    folder
}

/// The lines of an output that are there whatever the page is called, and all others.
fn without_names(text: &str, lines: &str) -> Vec<String> {
    let known: Vec<&str> = lines.lines().collect();
    let others = text.lines().filter(|line| !known.contains(line));
    others.map(str::to_owned).collect()
}

#[test]
fn a_name_is_refused_or_stays_in_its_place() {
    let mut refused = 0;
    let mut written = 0;
    for emitter in TARGETS {
        let format = emitter.name();
        let is_for_pages = emitter.scopes.contains(&Scope::Page);
        let scope = if is_for_pages { "page" } else { "auto" };
        let args = ["hash", "--format", format, "--scope", scope, "--policy", POLICY, "site"];
        let args: Vec<&str> = match is_for_pages {
            true => args.to_vec(),
            false => args.iter().filter(|a| !matches!(**a, "--scope" | "auto")).copied().collect(),
        };
        let plain = folder(&[("site/plain.html", "<script>a()</script>")]);
        let plain = run(plain.path(), &args);
        for name in NAMES {
            let folder = site(name, "<script>a()</script>");
            let hostile = run(folder.path(), &args);
            let shown = String::from_utf8_lossy(name);
            assert!(!hostile.err.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{format} {shown:?}: {:?}", hostile.err);
            if hostile.code == 2 {
                assert!(hostile.out.is_empty(), "{format} {shown:?}: {}", hostile.out);
                assert!(hostile.err.contains("error"), "{format} {shown:?}");
                refused += 1;
                continue;
            }
            assert_eq!(hostile.code, 0, "{format} {shown:?}: {}", hostile.err);
            written += 1;
            let others = without_names(&hostile.out, &plain.out);
            // Some targets have a line for each spelling of a path. None is what the name would like it to be.
            for line in &others {
                let line = line.trim_start();
                for evil in ["evil", "X-Evil", "add_header X-Evil", "Content-Security-Policy: evil"] {
                    assert!(!line.starts_with(evil), "{format} {shown:?}: {line}");
                }
                assert!(
                    !line.contains(|c: char| c.is_control() && !matches!(c, '\t' | '\x7f')),
                    "{format} {shown:?}: {line:?}"
                );
            }
        }
    }
    println!("{written} written, {refused} refused");
    assert!(written > 100, "{written}");
}

#[test]
fn a_policy_for_each_page_is_read_back_as_that_page_s() {
    let (mut read_back, mut compared) = (0, 0);
    for emitter in TARGETS {
        if !emitter.scopes.contains(&Scope::Page) {
            continue;
        }
        let format = emitter.name();
        for name in NAMES {
            let folder = site(name, "<script>a()</script>");
            let other = folder.path().join("site/other.html");
            fs::write(&other, "<p>").unwrap();
            let file = "deployed.conf";
            let args = ["hash", "--format", format, "--scope", "page", "--policy", POLICY, "site", "-o", file];
            if run(folder.path(), &args).code == 2 {
                continue;
            }
            if !DeployedFormat::find(format).is_some_and(DeployedFormat::is_read) {
                let config = format!(
                    "paths = [\"site\"]\npolicy = {POLICY:?}\n[[output]]\nformat = {format:?}\nfile = {file:?}\nscope = \"page\"\n"
                );
                fs::write(folder.path().join("cspseal.toml"), config).unwrap();
                let ran = run(folder.path(), &["check"]);
                let shown = String::from_utf8_lossy(name);
                assert_eq!(ran.code, 0, "{format} {shown:?}: {} {}", ran.out, ran.err);
                compared += 1;
                continue;
            }
            // A script in the other page is not that page's.
            fs::write(&other, "<script>a()</script>").unwrap();
            let args = ["check", "--deployed", file, "--deployed-as", format, "--format", "json", "site"];
            let ran = run(folder.path(), &args);
            let shown = String::from_utf8_lossy(name);
            assert_eq!(ran.code, 1, "{format} {shown:?}: {} {}", ran.out, ran.err);
            let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
            let findings = report["findings"].as_array().unwrap().iter();
            let blocked: Vec<&str> = findings
                .filter(|finding| finding["code"] == "blocked-script")
                .map(|finding| finding["path"].as_str().unwrap())
                .collect();
            assert_eq!(blocked, ["site/other.html"], "{format} {shown:?}");
            read_back += 1;
        }
    }
    println!("{read_back} read back, {compared} compared");
    assert!(read_back > 50 && compared > 80, "{read_back} {compared}");
}

#[test]
fn reports_keep_a_name_in_its_line() {
    for name in NAMES {
        let folder = site(name, "<p onclick=a()>");
        let shown = String::from_utf8_lossy(name);
        for format in ["human", "github", "json", "sarif"] {
            let args = ["check", "--policy", POLICY, "--format", format, "site"];
            let ran = run(folder.path(), &args);
            assert_eq!(ran.code, 1, "{format} {shown:?}: {}", ran.err);
            assert!(!ran.out.contains(['\u{1b}', '\u{7}', '\r']), "{format} {shown:?}: {:?}", ran.out);
            let starts =
                ran.out.lines().filter(|line| line.starts_with("Content-Security") || line.starts_with("X-Evil"));
            assert_eq!(starts.count(), 0, "{format} {shown:?}: {}", ran.out);
            if format == "github" {
                assert!(
                    ran.out.lines().all(|line| line.starts_with("::") || line.starts_with("cspseal")),
                    "{shown:?}: {}",
                    ran.out
                );
            }
        }
        for args in [&["list", "site"][..], &["nonce", "--framework", "flask", "--check", "site"], &["hash", "site"]] {
            let ran = run(folder.path(), args);
            for text in [ran.out, ran.err] {
                assert!(!text.contains(['\u{1b}', '\u{7}', '\r']), "{args:?} {shown:?}: {text:?}");
                assert!(!text.lines().any(|line| line.starts_with("X-Evil")), "{args:?} {shown:?}: {text}");
            }
        }
    }
}
