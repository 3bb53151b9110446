//! Whoever is killed while writing leaves each file as it was or as it was to become, and nothing that a later run reads.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::support::{PROGRAM, run};

/// How many times each command is killed.
const KILLS: u32 = 12;

type Files = BTreeMap<String, Vec<u8>>;

/// What a folder holds, by name.
fn files(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn put(folder: &Path, files: &Files) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir(folder).unwrap();
    for (name, content) in files {
        fs::write(folder.join(name), content).unwrap();
    }
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("--no-config").args(args).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Runs a command to its end three times, then kills it again and again, each time a bit later. `from` says from where on, in parts
/// of a hundred of what the whole took: what writes at its end is not killed long before.
fn kill(old: &Files, args: &[&str], from: u32) {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("site");
    // Other tests may take the processors meanwhile, so one run alone would say little.
    let mut times = [(); 3].map(|()| {
        put(&folder, old);
        let start = Instant::now();
        let ended = command(&folder, args).status().unwrap();
        assert_eq!(ended.code(), Some(0), "{args:?}");
        start.elapsed()
    });
    times.sort();
    let mut whole = times[1];
    let new = files(&folder);
    assert!(new.keys().eq(old.keys()), "{args:?} leaves {:?}", new.keys());
    assert_ne!(new, *old, "{args:?}");

    let (mut killed, mut changed, mut left) = (0, 0, 0);
    for round in 0..KILLS {
        put(&folder, old);
        let mut child = command(&folder, args).spawn().unwrap();
        std::thread::sleep(whole * (from * KILLS + (110 - from) * round) / (100 * KILLS));
        child.kill().unwrap();
        if child.wait().unwrap().code().is_none() {
            killed += 1;
        } else {
            // It was quicker than the first time.
            whole = whole.mul_f64(0.9);
        }
        for (name, content) in files(&folder) {
            let Some(was) = old.get(&name) else {
                assert!(name.starts_with(".cspseal-"), "{name}");
                left += 1;
                continue;
            };
            assert!(content == *was || content == new[&name], "{name} is neither old nor new");
            changed += u32::from(content != *was);
        }
        if files(&folder).len() == old.len() {
            continue;
        }
        // What was left is no page, whatever pages are called.
        let args = ["hash", "--include", "*", "--format", "json", "."];
        let ran = run(&folder, &args);
        assert!(!ran.out.contains(".cspseal-"), "{}", ran.out);
    }
    // Every one of them may have come too late on a fast machine, but not all for each command.
    println!("{args:?}: {killed} of {KILLS} killed, {changed} files changed, {left} temporary files left");
    assert!(killed > 0, "{args:?}: none was killed");
}

/// Pages that are long enough to go through a file and to take a while.
fn pages() -> Files {
    let body = "<p class=text>Some text, a <a href=/>link</a> and <em>more</em>.\n".repeat(4500);
    (0..6)
        .map(|n| {
            let page = format!("<!doctype html><head><title>{n}</title>\n<script>page({n})</script>\n{body}");
            (format!("{n}.html"), page.into_bytes())
        })
        .collect()
}

#[test]
fn nonces_are_written_whole_or_not_at_all() {
    kill(&pages(), &["nonce", "--framework", "flask", "--write", "."], 0);
}

#[test]
fn policies_in_pages_are_written_whole_or_not_at_all() {
    kill(&pages(), &["hash", "--format", "meta", "--write", "."], 0);
}

#[test]
fn outputs_are_written_whole_or_not_at_all() {
    let mut old = Files::new();
    let scripts: String = (0..4000).map(|n| format!("<script>a({n})</script>\n")).collect();
    old.insert("page.txt".to_owned(), scripts.into_bytes());
    old.insert("policy.json".to_owned(), b"old\n".to_vec());
    let args = ["hash", "--format", "json", "-o", "policy.json", "page.txt"];
    kill(&old, &args, 60);

    let folder = tempfile::tempdir().unwrap();
    put(&folder.path().join("site"), &old);
    assert!(command(&folder.path().join("site"), &args).status().unwrap().success());
    let inventory = fs::read(folder.path().join("site/policy.json")).unwrap();
    old.insert("part.txt".to_owned(), inventory);
    kill(&old, &["merge", "--format", "json", "-o", "policy.json", "part.txt"], 60);
}
