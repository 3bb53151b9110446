//! What `hash` emits, `check` accepts: every format, in each scope it has, for the test sites with everything inline allowed.

#![allow(clippy::unwrap_used)]

mod command;

use std::fs;
use std::path::Path;
use std::process::Command;

use command::run;
use cspseal::target::TARGETS;
use cspseal::target::deployed::DeployedFormat;

const BASE: &str = "default-src 'self'; img-src * data:; base-uri 'none'; object-src 'none'";

/// A folder with a copy of both sites, since `meta` writes into pages.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for site in ["site", "legacy"] {
        let copied = Command::new("cp")
            .args(["-r", &format!("testdata/{site}")])
            .arg(folder.path().join(site))
            .status()
            .unwrap();
        assert!(copied.success());
    }
    fs::write(folder.path().join("base.txt"), BASE).unwrap();
    folder
}

/// Checks that a run finds nothing that is blocked and nothing that is left over.
#[track_caller]
fn assert_accepted(folder: &Path, arguments: &[&str], what: &str) {
    let ran = run(folder, arguments, b"");
    let text = ran.out + &ran.err;
    assert_eq!(ran.code, 0, "{what}: {text}");
    for code in [
        "blocked-",
        "orphaned-hash",
        "misplaced-hash",
        "unsafe-hashes]",
    ] {
        assert!(!text.contains(code), "{what}: {code} in {text}");
    }
}

fn hash(folder: &Path, site: &str, rest: &[&str]) -> i32 {
    let arguments = ["hash", site, "--unsafe-hashes", "--policy-file", "base.txt"];
    run(folder, &[&arguments[..], rest].concat(), b"").code
}

#[cfg(unix)]
#[test]
fn what_servers_and_hosts_send_is_accepted() {
    let folder = folder();
    let folder = folder.path();
    let mut count = 0;
    for format in DeployedFormat::ALL.iter().map(|format| format.name()) {
        let Some(emitter) = cspseal::target::target(format) else {
            continue;
        };
        let scopes = emitter.support().scopes;
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
        let scopes = if scopes.is_empty() {
            vec!["auto"]
        } else {
            scopes
        };
        for scope in scopes {
            for site in ["site", "legacy"] {
                let file = format!("out-{format}-{scope}-{site}");
                let output = ["--format", format, "--scope", scope, "-o", &file];
                let code = hash(folder, site, &output);
                if code == 2 {
                    // These take no more than some thousand bytes.
                    assert!(!folder.join(&file).exists(), "{file}");
                    assert!(["cloudflare", "azure-swa"].contains(&format), "{file}");
                    continue;
                }
                let arguments = ["check", site, "--deployed", &file, "--deployed-as", format];
                assert_accepted(folder, &arguments, &file);
                count += 1;
            }
        }
    }
    assert!(count >= 40, "{count}");
}

#[cfg(unix)]
#[test]
fn what_is_read_by_programs_is_accepted_as_an_output() {
    let folder = folder();
    let folder = folder.path();
    let mut count = 0;
    for emitter in TARGETS.iter().filter(|emitter| emitter.name() != "meta") {
        let name = emitter.name();
        if DeployedFormat::find(name).is_some() {
            continue;
        }
        let config = format!(
            "paths = [\"site\"]\nunsafe-hashes = true\npolicy-file = \"base.txt\"\n[[output]]\nformat = {name:?}\nfile = \"out.txt\"\n"
        );
        fs::write(folder.join("cspseal.toml"), config).unwrap();
        assert!(run(folder, &["hash"], b"").code < 2, "{name}");
        assert_accepted(folder, &["check"], name);
        let mut text = fs::read(folder.join("out.txt")).unwrap();
        text.push(b'\n');
        fs::write(folder.join("out.txt"), text).unwrap();
        let ran = run(folder, &["check"], b"");
        assert!(ran.out.contains("stale-output"), "{name}: {}", ran.out);
        count += 1;
    }
    assert_eq!(count, 14);
}

#[cfg(unix)]
#[test]
fn what_stands_in_the_pages_is_accepted() {
    let folder = folder();
    let folder = folder.path();
    for site in ["site", "legacy"] {
        let code = hash(folder, site, &["--format", "meta", "--write"]);
        assert!(code < 2, "{site}");
        assert_accepted(folder, &["check", site, "--allow", "no-policy"], site);
    }
}
