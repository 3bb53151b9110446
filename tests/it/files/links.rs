//! Symbolic links: none in a folder is followed unless that is asked, and what is not followed is told.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::{Ran, folder, read, run};

/// A site with links to a page and a folder inside it, to both outside it, back to itself and to nothing.
fn site() -> tempfile::TempDir {
    let folder = folder(&[
        ("site/index.html", "<script>index()</script>"),
        ("site/v1/a.html", "<script>a()</script>"),
        ("outside/b.html", "<script>b()</script>"),
    ]);
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("site/pages")).unwrap();
    for (leads_to, link) in [
        ("v1", "site/latest"),
        ("v1/a.html", "site/a.html"),
        ("../outside", "site/out"),
        ("../outside/b.html", "site/b.html"),
        ("..", "site/v1/up"),
        ("../pages", "site/pages/self"),
        ("nothing.html", "site/nothing.html"),
        ("loop.html", "site/loop.html"),
        ("nothing.png", "site/nothing.png"),
        ("/dev/null", "site/device.html"),
    ] {
        symlink(leads_to, at(link)).unwrap();
    }
    folder
}

fn places(folder: &Path, args: &[&str]) -> Vec<String> {
    let ran = run(folder, &[&["check", "--format", "json"], args].concat());
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["code"] == "unfollowed-link")
        .map(|finding| {
            let message = finding["message"].as_str().unwrap();
            let why = ["back", "to a page", "to a folder", "nowhere"];
            let why = why.iter().find(|why| message.contains(**why)).unwrap();
            format!("{} {why}", finding["path"].as_str().unwrap())
        })
        .collect()
}

/// The paths of the pages that were read.
fn pages(ran: &Ran) -> Vec<String> {
    let inventory: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let pages = inventory["pages"].as_array().unwrap().iter();
    pages.map(|page| page["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn links_in_a_folder_are_left_alone_and_told() {
    let folder = site();
    let ran = run(folder.path(), &["hash", "--format", "json", "site"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(pages(&ran), ["site/index.html", "site/v1/a.html"]);
    assert_eq!(
        places(folder.path(), &["--policy", "script-src 'self'", "site"]),
        [
            "site/a.html to a page",
            "site/b.html to a page",
            "site/latest to a folder",
            "site/loop.html nowhere",
            "site/nothing.html nowhere",
            "site/out to a folder",
            "site/pages/self to a folder",
            "site/v1/up to a folder",
        ]
    );
    for command in [&["hash"][..], &["list"], &["nonce", "--framework", "flask", "--check"]] {
        let ran = run(folder.path(), &[command, &["site"]].concat());
        assert_eq!(ran.err.matches("warning[unfollowed-link]").count(), 3, "{}", ran.err);
    }
}

#[test]
fn what_is_excluded_is_not_told() {
    let folder = site();
    let excluded = "{latest,out,self,up,nothing.html,loop.html,a.html,b.html}";
    let ran = run(folder.path(), &["hash", "--exclude", excluded, "site"]);
    assert_eq!((ran.code, &*ran.err), (0, ""));
}

#[test]
fn links_are_followed_when_that_is_asked_but_not_round_and_round() {
    let folder = site();
    let followed =
        ["site/a.html", "site/b.html", "site/index.html", "site/latest/a.html", "site/out/b.html", "site/v1/a.html"];
    let ran = run(folder.path(), &["hash", "--follow", "--format", "json", "site"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(pages(&ran), followed);
    fs::write(folder.path().join("cspseal.toml"), "follow = true\n").unwrap();
    let ran = run(folder.path(), &["hash", "--format", "json", "site"]);
    assert_eq!(pages(&ran), followed);
    assert_eq!(
        places(folder.path(), &["-L", "--policy", "script-src 'self'", "site"]),
        [
            "site/latest/up back",
            "site/loop.html nowhere",
            "site/nothing.html nowhere",
            "site/pages/self back",
            "site/v1/up back",
        ]
    );
}

#[test]
fn what_links_lead_to_is_written_once_and_the_links_stay() {
    let folder = site();
    let args = ["nonce", "--framework", "flask", "--write", "--follow", "site"];
    let ran = run(folder.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("3 nonces in 3 files changed"), "{}", ran.err);
    for (page, script) in [("site/v1/a.html", "a"), ("outside/b.html", "b")] {
        let text = read(&folder, page);
        assert_eq!(text, format!("<script nonce=\"{{{{ csp_nonce() }}}}\">{script}()</script>"));
    }
    assert!(folder.path().join("site/a.html").is_symlink());
    let again = run(folder.path(), &args);
    assert!(again.err.contains("0 nonces in 0 files changed"), "{}", again.err);

    let args = ["hash", "--format", "meta", "--write", "-L", "site"];
    let ran = run(folder.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = read(&folder, "site/v1/a.html");
    assert_eq!(text.matches("<meta").count(), 1, "{text}");
    assert!(folder.path().join("site/a.html").is_symlink());
}

#[test]
fn a_link_that_is_named_is_followed() {
    let folder = site();
    let args = ["hash", "--format", "json", "site/out", "site/a.html"];
    let ran = run(folder.path(), &args);
    assert_eq!((ran.code, &*ran.err), (0, ""));
    assert_eq!(pages(&ran), ["site/a.html", "site/out/b.html"]);
    let ran = run(folder.path(), &["hash", "site/loop.html"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("site/loop.html: cannot be read"), "{}", ran.err);
}

#[test]
fn a_copy_holds_what_links_lead_to_when_they_are_followed() {
    let folder = site();
    let args = ["nonce", "--framework", "flask", "-o", "copy", "site"];
    let ran = run(folder.path(), &args);
    assert!(folder.path().join("copy/latest").is_symlink(), "{}", ran.err);
    let ran = run(folder.path(), &[&args[..], &["-L", "-o", "whole"]].concat());
    assert_eq!(ran.code, 2, "two places to copy to");
    let args = ["nonce", "--framework", "flask", "-o", "whole", "-L", "--exclude", "device.html", "site"];
    let ran = run(folder.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = read(&folder, "whole/latest/a.html");
    assert!(text.contains("nonce="), "{text}");
    assert!(!folder.path().join("whole/latest").is_symlink());
}

#[test]
fn folders_that_link_to_each_other_do_not_go_on_without_end() {
    let folder = folder(&[("site/index.html", "<p>")]);
    let names: Vec<String> = (0..12).map(|n| format!("site/{n}")).collect();
    for name in &names {
        fs::create_dir_all(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("p.txt"), "").unwrap();
        for other in 0..12 {
            symlink(format!("../{other}"), folder.path().join(name).join(format!("to{other}"))).unwrap();
        }
    }
    let ran = run(folder.path(), &["hash", "-L", "site"]);
    assert_eq!(ran.code, 0);
    assert!(ran.err.contains("more than 1000 symbolic links"), "{}", &ran.err[..ran.err.len().min(2000)]);
}
