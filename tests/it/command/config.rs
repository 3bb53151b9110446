//! `cspseal.toml` and the outputs of `cspseal hash`: written together or not at all, checked, and refused where they make no
//! sense.

use std::fs;

use crate::support::{folder, read, run};

const CONFIG: &str = r#"paths = ["public"]
unsafe-hashes = true

[policy]
default-src = ["'self'"]
upgrade-insecure-requests = true
img-src = "'self' data:"

[[output]]
format = "header"
file = "csp.txt"

[[output]]
format = "json"
file = "csp.json"
"#;

/// A site with a configuration.
fn site(config: &str) -> tempfile::TempDir {
    folder(&[
        ("public/index.html", "<script>a()</script>"),
        ("public/sub/b.html", "<p style='c'>"),
        ("cspseal.toml", config),
    ])
}

#[test]
fn a_configuration_writes_every_output_from_wherever_it_is_started() {
    let site = site(CONFIG);
    let ran = run(site.path(), &["hash"]);
    assert_eq!((ran.code, &*ran.out), (0, ""), "{}", ran.err);
    let policy = read(&site, "csp.txt");
    assert!(policy.starts_with("default-src 'self'; script-src 'self' 'sha256-"), "{policy}");
    assert!(policy.ends_with("; upgrade-insecure-requests; img-src 'self' data:\n"), "{policy}");
    assert!(policy.contains("'unsafe-hashes'"), "{policy}");
    let json = read(&site, "csp.json");
    assert!(json.contains("\"site_path\":\"sub/b.html\""), "{json}");
    fs::remove_file(site.path().join("csp.json")).unwrap();
    let ran = run(&site.path().join("public/sub"), &["hash"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(read(&site, "csp.json"), json);
}

#[test]
fn check_shows_what_is_out_of_date_and_writes_nothing() {
    let site = site(CONFIG);
    run(site.path(), &["hash"]);
    assert_eq!(run(site.path(), &["hash", "--check"]).code, 0);
    let before = read(&site, "csp.txt");
    fs::write(site.path().join("public/index.html"), "<script>b()</script>").unwrap();
    let ran = run(site.path(), &["hash", "--check"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with("--- csp.txt\n+++ csp.txt\n@@"), "{}", ran.out);
    assert!(ran.err.contains("csp.json is out of date"), "{}", ran.err);
    assert_eq!(read(&site, "csp.txt"), before);
}

#[test]
fn arguments_beat_the_configuration() {
    let site = site(CONFIG);
    let ran = run(site.path(), &["hash", "--format", "header", "--no-unsafe-hashes", "--policy", "img-src *"]);
    // Nothing governs style attributes in this base.
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("img-src *; script-src 'sha256-"), "{}", ran.out);
    assert!(!ran.out.contains("unsafe-hashes"), "{}", ran.out);
    let ran = run(site.path(), &["hash", "public/index.html"]);
    assert!(ran.out.starts_with("default-src 'self'; script-src"), "{}", ran.out);
    assert!(!site.path().join("csp.txt").exists());
    let ran = run(site.path(), &["--no-config", "hash", "public/index.html"]);
    assert!(ran.out.starts_with("script-src 'sha256-"), "{}", ran.out);
    fs::rename(site.path().join("cspseal.toml"), site.path().join("other.toml")).unwrap();
    let ran = run(site.path(), &["--config", "other.toml", "hash"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(site.path().join("csp.txt").exists());
}

#[test]
fn what_makes_no_sense_is_refused_with_its_place_and_nothing_is_written() {
    for (from, to, code, message) in [
        ("paths", "pahts", "cspseal.toml:1:1", "help: write paths"),
        ("unsafe-hashes", "unsafe_hashes", "cspseal.toml:2:1", "help: write unsafe-hashes"),
        ("format = \"json\"", "fromat = \"json\"", "cspseal.toml:14:1", "help: write format"),
        ("\"json\"", "\"jsno\"", "cspseal.toml:14:11", "help: write \"json\""),
        ("csp.json", "csp.txt", "csp.txt", "two outputs go to this file"),
        ("csp.json", "./csp.txt", "./csp.txt", "the other as csp.txt"),
        ("csp.json", "public/../csp.txt", "public/../csp.txt", "the other as csp.txt"),
        ("csp.json", "cspseal.toml", "cspseal.toml", "is the configuration, which is read"),
        ("csp.json", "no/csp.json", "no/csp.json", "its folder does"),
        ("csp.json", ".", "error", "is a folder"),
        ("format = \"json\"", "format = \"meta\"\nreport-only = true", "error", "browsers ignore one in a <meta>"),
        (
            "format = \"json\"",
            "format = \"json\"\nalgorithm = \"sha512\"",
            "cspseal.toml:15:1",
            "help: write algorithm before every [[output]]",
        ),
        (
            "unsafe-hashes = true",
            "report-only = true",
            "cspseal.toml:2:1",
            "help: write report-only below an [[output]]",
        ),
        ("img-src =", "\"img-src *; font-src\" =", "error", "is no directive's name"),
        ("[\"public\"]", "[\"../public\"]", "cspseal.toml:1:11", "outside the folder of the configuration"),
        ("\"csp.json\"", "\"/tmp/csp.json\"", "cspseal.toml:15:9", "outside the folder of the configuration"),
        ("file = \"csp.json\"", "", "cspseal.toml", "the output \"json\" has no file"),
        ("unsafe-hashes = true", "unsafe-hashes = 1", "cspseal.toml:2:17", "invalid type"),
        ("paths =", "paths", "cspseal.toml:1", "error"),
        ("\"'self' data:\"", "5", "error", "policy.img-src must be a list"),
        ("\"'self' data:\"", "[\"'self'; x\"]", "error", "policy.img-src"),
        ("[\"'self'\"]", "[\"self\"]", "cspseal.toml: [policy]", "help: write 'self'"),
        ("\"csp.json\"", "\"public/csp.json\"", "public/csp.json", "stands inside public"),
        ("format = \"json\"", "format = \"json\"\nscope = \"pages\"", "scope", "write \"site\", \"page\" or \"auto\""),
        ("[policy]", "policy-file = \"a.txt\"\n[policy]", "cspseal.toml", "there can be one base policy only"),
    ] {
        assert!(CONFIG.contains(from), "{from}");
        let site = site(&CONFIG.replacen(from, to, 1));
        let ran = run(site.path(), &["hash"]);
        assert_eq!(ran.code, 2, "{to}: {}", ran.err);
        assert!(ran.err.contains(code) && ran.err.contains(message), "{to}: {}", ran.err);
        for file in ["csp.txt", "csp.json", "public/csp.json"] {
            assert!(!site.path().join(file).exists(), "{to}");
        }
    }
}

#[test]
fn a_base_policy_is_a_text_or_a_file_of_the_folder() {
    let outputs = "[[output]]\nformat = \"header\"\nfile = \"csp.txt\"\n";
    let policy = "policy = \"img-src *; font-src 'self'\"\n";
    let written = site(&format!("paths = [\"public\"]\n{policy}{outputs}"));
    run(written.path(), &["hash"]);
    assert!(read(&written, "csp.txt").starts_with("img-src *; font-src 'self'; script-src "));
    let site = site(&format!("paths = [\"public\"]\npolicy-file = \"../base.txt\"\n{outputs}"));
    let ran = run(site.path(), &["hash"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("../base.txt is outside"), "{}", ran.err);
    let config = read(&site, "cspseal.toml").replace("../base.txt", "csp.txt");
    fs::write(site.path().join("cspseal.toml"), config).unwrap();
    fs::write(site.path().join("csp.txt"), "img-src *").unwrap();
    let ran = run(site.path(), &["hash"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("is the base policy"), "{}", ran.err);
    assert_eq!(read(&site, "csp.txt"), "img-src *");
}

#[test]
fn init_writes_a_starter_once() {
    let folder = folder(&[("book.toml", "")]);
    let ran = run(folder.path(), &["init"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let line = "cspseal.toml: written for mdBook, but book has no pages yet; build them, remove cspseal.toml and run cspseal init again, or name their folder in it\n";
    assert_eq!(ran.out, line);
    fs::create_dir(folder.path().join("book")).unwrap();
    fs::write(folder.path().join("book/index.html"), "<script>a()</script>").unwrap();
    let ran = run(folder.path(), &["hash"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(read(&folder, "csp.txt").starts_with("default-src 'self'; script-src 'self' 'sha256-"));
    let ran = run(folder.path(), &["init"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("is there already"), "{}", ran.err);
}

#[test]
fn check_without_a_file_is_refused() {
    let site = site("");
    let ran = run(site.path(), &["hash", "--check", "public"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--check needs a file"), "{}", ran.err);
}
