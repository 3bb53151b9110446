//! Diffs of pages with any bytes: a file gets what `git apply` takes, a terminal gets nothing that drives it.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::{PROGRAM, folder};

const PAGE: &[u8] = b"<!doctype html><meta charset=utf-8>\n\x1b]0;evil\x07\x1b[31m\t\xc2\x9b31m\xe2\x80\xae\r\n<script>a()</script> \x1b[2J\r\n";

#[test]
fn a_file_gets_bytes_that_git_applies() {
    let folder = folder(&[]);
    fs::write(folder.path().join("a.html"), PAGE).unwrap();
    let args = ["nonce", "--no-config", "--framework", "flask", "a.html"];
    let mut command = Command::new(PROGRAM);
    let diff = command.args(args).current_dir(&folder).output().unwrap();
    fs::write(folder.path().join("diff"), &diff.stdout).unwrap();
    let applied = Command::new("git")
        .args(["apply", "-p0", "--whitespace=nowarn", "diff"])
        .current_dir(&folder)
        .env("GIT_CEILING_DIRECTORIES", "/")
        .output();
    let Ok(applied) = applied else {
        println!("skipped: there is no git here");
        return;
    };
    assert!(applied.status.success(), "{applied:?}");
    let new = fs::read(folder.path().join("a.html")).unwrap();
    let nonce = b" nonce=\"{{ csp_nonce() }}\"";
    let at = PAGE.windows(8).position(|bytes| bytes == b"<script>").unwrap() + 7;
    assert_eq!(new, [&PAGE[..at], nonce, &PAGE[at..]].concat());
}

#[test]
fn a_terminal_gets_escapes() {
    let folder = folder(&[]);
    fs::write(folder.path().join("a.html"), PAGE).unwrap();
    fs::write(folder.path().join("out"), PAGE).unwrap();
    for arguments in ["nonce --framework flask a.html", "hash -o out --check a.html"] {
        let line = format!("'{PROGRAM}' --no-config --color never {arguments}");
        let shown = Command::new("script")
            .args(["-qec", &line, "/dev/null"])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .output();
        let Ok(shown) = shown else {
            println!("skipped: there is no terminal to show it");
            return;
        };
        let text = String::from_utf8(shown.stdout).unwrap();
        assert!(text.contains("\\u{1b}]0;evil\\u{7}\\u{1b}[31m\t\\u{9b}31m\\u{202e}\\r"), "{text:?}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "{text:?}");
    }
    // So do names, which a configuration chooses.
    let name = "x\u{1b}[2J\nerror: evil";
    fs::write(folder.path().join(name), "old").unwrap();
    let config = "paths = ['a.html']\n[[output]]\nformat = 'header'\nfile = \"x\\u001b[2J\\nerror: evil\"\n";
    fs::write(folder.path().join("cspseal.toml"), config).unwrap();
    let shown = Command::new("script")
        .args(["-qec", &format!("'{PROGRAM}' --color never hash --check"), "/dev/null"])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(text.contains("is out of date"), "{text:?}");
    assert!(!text.contains('\u{1b}') && !text.contains("\nerror: evil"), "{text:?}");
}
