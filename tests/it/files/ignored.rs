//! What a walk for templates leaves out, and a walk of a built site does not.

use std::path::Path;

use crate::support::{self, folder, read};

const SCRIPT: &str = "<script>a()</script>";

fn run(folder: &Path, line: &str) -> support::Ran {
    let args: Vec<&str> = line.split(' ').collect();
    support::run(folder, &args)
}

/// The files that lack a nonce.
fn missing(folder: &Path, line: &str) -> Vec<String> {
    let ran = run(folder, line);
    let files = ran.out.lines().filter_map(|line| Some(line.split_once(':')?.0.to_owned()));
    files.collect()
}

#[test]
fn templates_are_not_looked_for_where_git_or_the_project_ignores_them() {
    let files = [
        ".venv/pyvenv.cfg",
        ".venv/lib/p.html",
        "env/pyvenv.cfg",
        "env/p.html",
        "a/site-packages/p.html",
        "node_modules/p/p.html",
        "vendor/p.html",
        "htmlcov/index.html",
        "t/old/x.html",
        "t/kept/old/x.html",
        "t/a.html",
        "t/b.out.html",
        "a/t/b.out.html",
    ];
    let mut content: Vec<(&str, &str)> = files.map(|name| (name, SCRIPT)).to_vec();
    content.push((".gitignore", "htmlcov\n*.out.html\n"));
    content.push(("t/.gitignore", "/old/\n!b.out.html\n"));
    let folder = folder(&content);
    let check = "nonce --no-config --framework django --check";
    let expected = ["t/a.html", "t/b.out.html", "t/kept/old/x.html"];
    assert_eq!(missing(folder.path(), check), expected);
    for named in ["htmlcov/index.html", "vendor/p.html", ".venv/lib/p.html"] {
        assert_eq!(missing(folder.path(), &format!("{check} {named}")), [named]);
    }
    for named in ["vendor", ".venv", "node_modules"] {
        assert_eq!(missing(folder.path(), &format!("{check} {named}")).len(), 1, "{named}");
    }
    assert_eq!(missing(folder.path(), &format!("{check} --no-ignore")).len(), 11);
    let ran = run(folder.path(), "nonce --no-config --framework django --write");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(read(&folder, "htmlcov/index.html"), SCRIPT);
    assert!(read(&folder, "t/a.html").contains("nonce"));
}

#[test]
fn a_folder_of_a_repository_has_the_rules_around_it_and_a_named_one_that_is_ignored_is_read() {
    let folder = folder(&[
        (".git/info/exclude", "secret.html\n"),
        (".gitignore", "build\n*.tmp.html\n"),
        ("app/t/a.html", SCRIPT),
        ("app/t/b.tmp.html", SCRIPT),
        ("app/t/secret.html", SCRIPT),
        ("build/b.tmp.html", SCRIPT),
    ]);
    let check = "nonce --no-config --framework django --check";
    assert_eq!(missing(folder.path(), &format!("{check} app/t")), ["app/t/a.html"]);
    assert_eq!(missing(&folder.path().join("app"), &format!("{check} t")), ["t/a.html"]);
    assert_eq!(missing(folder.path(), &format!("{check} build")), ["build/b.tmp.html"]);
}

#[test]
fn built_sites_are_read_whole() {
    let folder = folder(&[(".gitignore", "public\n"), ("public/a.html", SCRIPT), ("public/vendor/b.html", SCRIPT)]);
    for line in ["hash --format list", "list", "check --policy script-src"] {
        let ran = run(folder.path(), &format!("{line} --no-config ."));
        assert!((ran.out + &ran.err).contains("public/a.html"), "{line}");
    }
    let hashed = run(folder.path(), "hash --no-config --template django --format list .");
    assert_eq!(hashed.code, 2, "{}{}", hashed.out, hashed.err);
    assert!(hashed.err.contains("--no-ignore"), "{}", hashed.err);
    let ran = run(folder.path(), "nonce --no-config --placeholder random -o copy public");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(read(&folder, "copy/vendor/b.html").contains("nonce"));
}
