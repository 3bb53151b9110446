//! Temporary files: who may read them, what the new file has of the old one, and what happens to them after a kill.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{PROGRAM, folder, run};

/// A page that takes a while to write.
fn long_page() -> String {
    "<script>a()</script><p>Some text.\n".repeat(150_000)
}

fn left(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.file_name().unwrap().to_string_lossy().starts_with(".cspseal-"));
    paths
}

fn start(folder: &Path) -> Child {
    Command::new(PROGRAM)
        .args(["nonce", "--no-config", "--framework", "flask", "--write", "site"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills a run once it has written some of a page.
fn kill_while_it_writes(folder: &Path) {
    let site = folder.join("site");
    let mut child = start(folder);
    let from = Instant::now();
    while !left(&site).iter().any(|path| fs::metadata(path).is_ok_and(|file| file.len() > 0)) {
        assert!(from.elapsed() < Duration::from_secs(60), "nothing is written");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn nobody_else_ever_reads_what_nobody_else_may_read() {
    let folder = folder(&[("site/secret.html", &long_page())]);
    let site = folder.path().join("site");
    let private = Permissions::from_mode(0o600);
    fs::set_permissions(site.join("secret.html"), private).unwrap();
    let mut child = start(folder.path());
    let mut seen = 0;
    while child.try_wait().unwrap().is_none() {
        for path in left(&site) {
            // It may be gone by now.
            let Ok(file) = fs::metadata(&path) else {
                continue;
            };
            assert_eq!(file.mode() & 0o077, 0, "{} {:o}", path.display(), file.mode());
            seen += 1;
        }
    }
    assert!(seen > 0);
    assert_eq!(fs::metadata(site.join("secret.html")).unwrap().mode() & 0o777, 0o600);
    assert_eq!(left(&site), [] as [PathBuf; 0]);
}

#[test]
fn the_next_run_removes_what_a_killed_one_left() {
    let folder = folder(&[("site/a.html", &long_page()), ("site/b.html", "<script>b()</script>")]);
    let site = folder.path().join("site");
    kill_while_it_writes(folder.path());
    let lost = left(&site).len();
    assert!(lost >= 2, "{lost}");
    // Neither of these is a killed run's.
    let alive = site.join(".cspseal-0123456789abcdef");
    fs::write(&alive, "").unwrap();
    let lock = fs::File::open(&alive).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    fs::write(site.join(".cspseal-0123456789abcdef-7"), "").unwrap();
    fs::write(site.join(".cspseal-notes"), "").unwrap();
    fs::create_dir(site.join(".cspseal-fedcba9876543210-1")).unwrap();
    let args = ["nonce", "--no-config", "--framework", "flask", "--write"];
    let ran = run(folder.path(), &[&args[..], &["site/b.html"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let said = format!("removed {lost} temporary files that a killed run left in site\n");
    assert!(ran.err.contains(&said), "{}", ran.err);
    assert_eq!(left(&site).len(), 4);
    // Once that run is over, its files go.
    // A process that another test starts may still share the file.
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::Unlock).unwrap();
    fs::write(site.join("b.html"), "<script>").unwrap();
    let ran = run(folder.path(), &[&args[..], &["site/b.html"]].concat());
    assert!(ran.err.contains("removed 2 temporary files"), "{}", ran.err);
    assert_eq!(left(&site).len(), 2);
    let again = run(folder.path(), &[&args[..], &["site/b.html"]].concat());
    assert!(!again.err.contains("removed"), "{}", again.err);
}

/// An access list: the owner, this user, the group, the mask and the others.
fn access_list(user: u32) -> Vec<u8> {
    let entries = [(1, 6, u32::MAX), (2, 4, user), (4, 0, u32::MAX), (16, 4, u32::MAX), (32, 0, u32::MAX)];
    let mut list = 2u32.to_le_bytes().to_vec();
    for (tag, rights, id) in entries {
        list.extend(u16::to_le_bytes(tag));
        list.extend(u16::to_le_bytes(rights));
        list.extend(u32::to_le_bytes(id));
    }
    list
}

#[test]
fn owner_group_mode_and_attributes_are_kept() {
    let folder = folder(&[
        ("site/a.html", "<script>a()</script>"),
        ("site/plain.html", "<script>b()</script>"),
        ("out.txt", "old"),
    ]);
    let at = |name: &str| folder.path().join(name);
    let lists = "system.posix_acl_access";
    let can = xattr::set(at("site/a.html"), lists, &access_list(12345)).is_ok()
        && xattr::set(at("site"), "system.posix_acl_default", &access_list(54321)).is_ok()
        && xattr::set(at("out.txt"), "user.note", b"kept").is_ok();
    if !can {
        println!("skipped: this file system has no attributes");
    }
    for (name, mode) in [("site/a.html", 0o640), ("site/plain.html", 0o644), ("out.txt", 0o604)] {
        // Refused unless root runs this; then the owner is the same anyway.
        let _ = chown(at(name), Some(12345), Some(23456));
        if name != "site/a.html" {
            fs::set_permissions(at(name), Permissions::from_mode(mode)).unwrap();
        }
    }
    let facts = || {
        ["site/a.html", "site/plain.html", "out.txt"].map(|name| {
            let file = fs::metadata(at(name)).unwrap();
            let names = xattr::list(at(name)).into_iter().flatten();
            let values = names.map(|key| (key.clone(), xattr::get(at(name), &key).unwrap()));
            let mut values: Vec<_> = values.collect();
            values.sort();
            (file.uid(), file.gid(), file.mode(), values)
        })
    };
    let before = facts();
    assert!(!can || before[0].3.len() == 1 && before[1].3.is_empty() && before[2].3.len() == 1);
    for args in [
        &["hash", "--format", "meta", "--write", "site"][..],
        &["hash", "--format", "json", "site", "-o", "out.txt"],
        &["nonce", "--framework", "flask", "--write", "site"],
    ] {
        let ran = run(folder.path(), args);
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.err);
        assert_eq!(facts(), before, "{args:?}");
    }
    let page = fs::read_to_string(at("site/a.html")).unwrap();
    assert!(page.contains("<meta") && page.contains("nonce="), "{page}");
}
