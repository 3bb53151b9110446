//! `cspseal integrity` on files: what it changes, what it leaves alone, and what stops it.

use std::fs;
use std::path::Path;

use crate::support::{self, Ran, folder, read};

/// The digests of `a()` and `b()` with a line break.
const A: &str = "sha384-otyHbXgwhlcpX6NkbRJBBTOnJWeRYLZwVWHhgVyAJxHv1e95e/+rF0GRmXf5Zkfk";
const B: &str = "sha384-Ck6n7SKOnseqIm07wpb6rN86nAC652vXSoSZAALIYz6iFRFCpvxbPlLuW/HYp86G";

fn run(folder: &Path, args: &[&str]) -> Ran {
    support::run(folder, &[&["integrity"], args].concat())
}

fn site() -> tempfile::TempDir {
    folder(&[
        ("site/a.js", "a()\n"),
        ("site/b.css", "b()\n"),
        ("site/index.html", "<!doctype html>\n<link rel=stylesheet href=/b.css>\n<script src=a.js></script>\n"),
        ("site/c/d.html", "<p><script src=../a.js></script>\n"),
    ])
}

#[test]
fn the_default_is_a_diff() {
    let folder = site();
    let ran = run(folder.path(), &["site"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let expected = format!(
        "--- site/c/d.html\n+++ site/c/d.html\n@@ -1 +1 @@\n-<p><script src=../a.js></script>\n\
         +<p><script integrity=\"{A}\" crossorigin=\"anonymous\" src=../a.js></script>\n"
    );
    assert!(ran.out.starts_with(&expected), "{}", ran.out);
    let last =
        "cspseal: integrity of 3 elements in 2 files would change; elements that scripts create are out of sight\n";
    assert!(ran.err.ends_with(last), "{}", ran.err);
    assert_eq!(read(&folder, "site/c/d.html"), "<p><script src=../a.js></script>\n");
}

#[test]
fn write_changes_pages_once_and_renews_what_is_stale() {
    let folder = site();
    let listed = run(folder.path(), &["--check", "site"]);
    assert_eq!(listed.code, 1, "{}", listed.err);
    assert_eq!(
        listed.out,
        "site/c/d.html:1:4: missing or stale integrity\n\
         site/index.html:2:1: missing or stale integrity\n\
         site/index.html:3:1: missing or stale integrity\n"
    );
    assert_eq!(run(folder.path(), &["--write", "site"]).code, 0);
    let page = read(&folder, "site/index.html");
    assert_eq!(
        page,
        format!(
            "<!doctype html>\n<link integrity=\"{B}\" crossorigin=\"anonymous\" rel=stylesheet href=/b.css>\n\
             <script integrity=\"{A}\" crossorigin=\"anonymous\" src=a.js></script>\n"
        )
    );
    let again = run(folder.path(), &["--write", "site"]);
    assert!(again.err.contains("0 elements in 0 files changed"), "{}", again.err);
    assert_eq!(run(folder.path(), &["--check", "site"]).code, 0);
    fs::write(folder.path().join("site/a.js"), "b()\n").unwrap();
    let listed = run(folder.path(), &["--check", "site"]);
    assert_eq!(listed.code, 1, "{}", listed.err);
    assert_eq!(run(folder.path(), &["--write", "site"]).code, 0);
    assert_eq!(read(&folder, "site/index.html"), page.replace(A, B));
}

#[test]
fn a_copy_has_the_digests_and_every_other_file() {
    let folder = site();
    let ran = run(folder.path(), &["-o", "out", "site"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(read(&folder, "out/c/d.html").contains(A));
    assert_eq!(read(&folder, "out/a.js"), "a()\n");
    assert!(!read(&folder, "site/c/d.html").contains(A));
}

#[test]
fn the_algorithm_is_that_of_the_arguments_the_table_or_the_policy() {
    let folder = site();
    let first = |args: &[&str]| {
        let ran = run(folder.path(), args);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let at = ran.out.find("integrity=\"").unwrap() + "integrity=\"".len();
        ran.out[at..at + "sha384".len()].to_owned()
    };
    assert_eq!(first(&["site"]), "sha384");
    let configure = |text: &str| fs::write(folder.path().join("cspseal.toml"), text).unwrap();
    configure("algorithm = \"sha512\"\n");
    assert_eq!(first(&["site"]), "sha512");
    configure("algorithm = \"sha512\"\n[integrity]\nalgorithm = \"sha256\"\n");
    assert_eq!(first(&["site"]), "sha256");
    assert_eq!(first(&["--algorithm", "sha512", "site"]), "sha512");
    configure("[integrity]\nalgorithm = \"md5\"\n");
    let ran = run(folder.path(), &["site"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("integrity.algorithm: unknown algorithm"), "{}", ran.err);
}

#[test]
fn modules_are_in_the_import_map_of_each_page_that_loads_them() {
    let folder = folder(&[
        ("m/a.js", "import './b.js'; import('bare'); import(x)"),
        ("m/b.js", "import './a.js#x'; export * from './b.js'"),
        ("m/c.js", "c()"),
        (
            "index.html",
            "<script type=importmap>{\"imports\":{\"bare\":\"/m/c.js\"}}</script><script type=module>import './m/a.js'</script>",
        ),
        ("other/index.html", "<script type=module>import '../m/b.js'</script>"),
    ]);
    let ran = run(folder.path(), &["--write", "."]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let names = |page: &str| {
        let page = read(&folder, page);
        let map = page.split("\"integrity\"").nth(1).unwrap();
        let map = map.split("</script>").next().unwrap();
        let names = map.split('"').filter(|it| it.contains(".js"));
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(names("index.html"), ["./m/a.js", "./m/a.js#x", "./m/b.js", "./m/c.js"]);
    assert_eq!(names("other/index.html"), ["../m/a.js#x", "../m/b.js"]);
    assert_eq!(run(folder.path(), &["--check", "."]).code, 0);
}

#[test]
fn standard_input_templates_and_xml_are_refused() {
    let folder = folder(&[("a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"), ("a.j2", "<p>")]);
    for (args, why) in [
        (&["-"][..], "standard input has no place in the site"),
        (&["a.svg"], "this file is read as XML"),
        (&["a.j2"], "this is a template"),
    ] {
        let ran = run(folder.path(), args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.err.contains(why), "{}", ran.err);
    }
}

#[test]
fn a_file_without_a_digest_is_one_note() {
    let script = "<script src=https://cdn.test/a.js></script>";
    let folder = folder(&[("a.html", &script.repeat(2)), ("b.html", script)]);
    let ran = run(folder.path(), &["."]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let note = "note[missing-integrity]: https://cdn.test/a.js has no integrity, so its host decides what it is: 3 uses on 2 pages\n";
    assert!(ran.err.contains(note), "{}", ran.err);
    let ran = run(folder.path(), &["--site-url", "https://cdn.test/", "."]);
    let note = "note[missing-file]: no file answers /a.js, so it got no integrity: 3 uses on 2 pages\n";
    assert!(ran.err.contains(note), "{}", ran.err);
}

#[test]
fn a_long_script_is_streamed() {
    let folder = folder(&[("a.html", "<script src=long.js></script>")]);
    let file = fs::File::create(folder.path().join("long.js")).unwrap();
    file.set_len(100 << 20).unwrap();
    let ran = run(folder.path(), &["--write", "."]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(read(&folder, "a.html").contains("integrity=\"sha384-"));
}
