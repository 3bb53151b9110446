//! Configurations of other users, and files that change while they are worked on.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::{PROGRAM, folder, run};

const CONFIG: &str = "paths = ['.']\n[[output]]\nformat = 'header'\nfile = 'work/important.txt'\n";

fn site() -> tempfile::TempDir {
    folder(&[("cspseal.toml", CONFIG), ("work/important.txt", "important"), ("work/a.html", "<script>a()</script>")])
}

/// Gives a file to another user, or says that this cannot be.
fn give_away(path: &Path) -> Option<u32> {
    let other = 65534;
    if chown(path, Some(other), None).is_err() {
        println!("skipped: nothing can be given to another user here");
        return None;
    }
    Some(fs::metadata(path).unwrap().uid())
}

#[test]
fn a_configuration_of_another_user_is_rejected_unless_it_is_named() {
    let site = site();
    let work = site.path().join("work");
    let important = || fs::read_to_string(work.join("important.txt")).unwrap();
    let Some(other) = give_away(&site.path().join("cspseal.toml")) else {
        return;
    };
    for command in ["hash", "list", "check", "nonce"] {
        let ran = run(&work, &[command]);
        assert_eq!(ran.code, 2, "{}", ran.err);
        let path = site.path().join("cspseal.toml").display().to_string();
        let said = format!("{path}: belongs to another user (uid {other})");
        assert!(ran.err.contains(&said), "{}", ran.err);
        assert!(ran.err.contains(&format!("--config {path}")), "{}", ran.err);
    }
    assert_eq!(important(), "important");
    assert_eq!(run(&work, &["--no-config", "hash"]).code, 0);
    assert_eq!(important(), "important");
    // As git has it: root by sudo trusts who ran sudo.
    for (user, code) in [(other + 1, 2), (other, 0)] {
        let mut sudo = Command::new(PROGRAM);
        let sudo = sudo.arg("hash").env("SUDO_UID", user.to_string());
        let ran = sudo.current_dir(&work).output().unwrap();
        assert_eq!(ran.status.code(), Some(code), "{ran:?}");
    }
    fs::write(work.join("important.txt"), "important").unwrap();
    let ran = run(&work, &["--config", "../cspseal.toml", "hash"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_ne!(important(), "important");
}

#[test]
fn a_link_to_a_configuration_is_followed_in_its_folder_only() {
    let site = site();
    let work = site.path().join("work");
    fs::rename(site.path().join("cspseal.toml"), site.path().join("other.toml")).unwrap();
    symlink("../other.toml", work.join("cspseal.toml")).unwrap();
    let ran = run(&work, &["hash"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("leads out of its folder"), "{}", ran.err);
    fs::remove_file(work.join("cspseal.toml")).unwrap();
    fs::create_dir(work.join(".git")).unwrap();
    fs::write(work.join(".git/config"), "secret canary\n").unwrap();
    symlink(".git/config", work.join("cspseal.toml")).unwrap();
    let ran = run(&work, &["hash"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("version control"), "{}", ran.err);
    assert!(!ran.err.contains("canary"), "{}", ran.err);
    fs::remove_file(work.join("cspseal.toml")).unwrap();
    symlink("other.toml", site.path().join("cspseal.toml")).unwrap();
    assert_eq!(run(site.path(), &["hash"]).code, 0);
    // What a runner writes into its repository may be secret.
    fs::remove_file(site.path().join("cspseal.toml")).unwrap();
    fs::create_dir(site.path().join(".git")).unwrap();
    let config = "[http]\n\textraheader = AUTHORIZATION: basic canary\n";
    fs::write(site.path().join(".git/config"), config).unwrap();
    symlink(".git/config", site.path().join("cspseal.toml")).unwrap();
    for args in [&["hash"][..], &["--config", "cspseal.toml", "hash"]] {
        let ran = run(site.path(), args);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(!ran.err.contains("canary"), "{}", ran.err);
        assert!(ran.err.contains("version control system"), "{}", ran.err);
    }
    // A link of another user is that user's configuration.
    let link = site.path().join("cspseal.toml");
    if std::os::unix::fs::lchown(&link, Some(65534), None).is_ok() {
        assert_eq!(run(site.path(), &["hash"]).code, 2);
    }
}

#[test]
fn a_configuration_is_no_page_whatever_it_is_called_and_one_that_leads_nowhere_is_an_error() {
    let config = "include = ['*']\n# <script>a()</script>\n[nonce]\nplaceholder = 'X'\n";
    let folder = folder(&[("own.toml", config), ("a.html", "<script>a()</script>")]);
    symlink("own.toml", folder.path().join("cspseal.toml")).unwrap();
    let ran = run(folder.path(), &["nonce", "--write"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let read = |name| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("own.toml"), config);
    assert!(read("a.html").contains("nonce"));
    fs::remove_file(folder.path().join("own.toml")).unwrap();
    let ran = run(folder.path(), &["hash"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("cspseal.toml"), "{}", ran.err);
}

/// Runs the command again and again while `swap` puts other things in the place of what is worked on.
fn race(folder: &Path, args: &[&str], swap: impl Fn() + Sync) {
    let (stop, start) = (AtomicBool::new(false), Instant::now());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                swap();
            }
        });
        let mut runs = 0;
        while start.elapsed() < Duration::from_secs(3) || runs < 20 {
            let ran = run(folder, args);
            assert!(!ran.out.contains("victim"), "{}", ran.out);
            runs += 1;
        }
        stop.store(true, Ordering::Relaxed);
        println!("{runs} runs");
    });
}

#[test]
fn a_page_is_replaced_in_its_own_folder_whatever_takes_its_place() {
    let victim = "<script>victim()</script>";
    let folder = folder(&[("site/a.html", "<p>"), ("v/target", victim), ("v/a.html", victim)]);
    let at = |name: &str| folder.path().join(name);
    let write = ["nonce", "--no-config", "--value", "X", "--write", "site"];
    let show = ["nonce", "--no-config", "--value", "X", "--diff", "site"];
    for args in [write, show] {
        race(folder.path(), &args, || {
            let _ = symlink("../v/target", at("site/l"));
            let _ = fs::rename(at("site/l"), at("site/a.html"));
            let _ = fs::write(at("site/r"), "<script>evil()</script>");
            let _ = fs::rename(at("site/r"), at("site/a.html"));
        });
    }
    fs::create_dir(at("site/sub")).unwrap();
    fs::write(at("site/sub/a.html"), "<script>evil()</script>").unwrap();
    race(folder.path(), &write, || {
        let _ = fs::rename(at("site/sub"), at("aside"));
        let _ = symlink("../v", at("site/sub"));
        let _ = fs::remove_file(at("site/sub"));
        let _ = fs::rename(at("aside"), at("site/sub"));
    });
    for name in ["v/target", "v/a.html"] {
        assert_eq!(fs::read_to_string(at(name)).unwrap(), victim);
    }
    assert_eq!(fs::read_dir(at("v")).unwrap().count(), 2);
}
