//! What `hash` emits, `check` accepts: every format, in each scope it has, for the test sites with everything inline allowed.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::run;
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
    let ran = run(folder, arguments);
    let text = ran.out + &ran.err;
    assert_eq!(ran.code, 0, "{what}: {text}");
    for code in ["blocked-", "orphaned-hash", "misplaced-hash", "unsafe-hashes]"] {
        assert!(!text.contains(code), "{what}: {code} in {text}");
    }
}

fn hash(folder: &Path, site: &str, rest: &[&str]) -> i32 {
    let arguments = ["hash", site, "--unsafe-hashes", "--external", "--policy-file", "base.txt"];
    run(folder, &[&arguments[..], rest].concat()).code
}

#[cfg(unix)]
#[test]
fn what_hosts_send_is_accepted() {
    let folder = folder();
    let folder = folder.path();
    let mut count = 0;
    for format in DeployedFormat::all().filter(|format| format.is_read()).map(DeployedFormat::name) {
        let Some(emitter) = cspseal::target::target(format) else {
            continue;
        };
        let scopes = emitter.scopes;
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
        let scopes = if scopes.is_empty() { vec!["auto"] } else { scopes };
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
    assert!(count >= 20, "{count}");
}

/// A configuration with outputs of all formats that are not read back: in each scope, enforced and reported, in a file of
/// their own and in one that holds other things. The files and the formats.
fn outputs(config: &mut String) -> (Vec<String>, usize) {
    let (mut files, mut formats) = (Vec::new(), 0);
    for emitter in TARGETS.iter().filter(|emitter| emitter.name() != "meta") {
        let name = emitter.name();
        if DeployedFormat::find(name).is_some_and(DeployedFormat::is_read) {
            continue;
        }
        formats += 1;
        let scopes = match emitter.scopes {
            [] => vec!["auto"],
            scopes => scopes.iter().map(|scope| scope.name()).collect(),
        };
        for scope in scopes {
            for report_only in [false, true] {
                for into in [false, true] {
                    if (report_only && !emitter.report_only) || (into && !emitter.merges()) {
                        continue;
                    }
                    let file = format!("{name}-{scope}-{report_only}-{into}");
                    *config += &format!(
                        "[[output]]\nformat = {name:?}\nfile = {file:?}\nscope = {scope:?}\nreport-only = {report_only}\ninto = {into}\n"
                    );
                    files.push(file);
                }
            }
        }
    }
    (files, formats)
}

#[cfg(unix)]
#[test]
fn what_is_not_read_back_is_accepted_as_an_output_while_it_is_fresh() {
    let folder = folder();
    let folder = folder.path();
    for site in ["site", "legacy"] {
        let mut config =
            format!("paths = [{site:?}]\nunsafe-hashes = true\nexternal = true\npolicy-file = \"base.txt\"\n");
        let (files, formats) = outputs(&mut config);
        assert_eq!((files.len(), formats), (99, 21));
        fs::write(folder.join("cspseal.toml"), config).unwrap();
        let others = |file: &str| match file.ends_with("-true") {
            // A block of PHP is refused where it would be text.
            true if file.starts_with("php-") => fs::write(folder.join(file), "<?php\nown();\n"),
            true => fs::write(folder.join(file), "somebody's = 1\n"),
            false => fs::write(folder.join(file), ""),
        };
        let all_stale = |how: &str| {
            let ran = run(folder, &["check"]);
            assert_eq!(ran.code, 1, "{how}: {}", ran.err);
            assert!(!ran.out.contains("no-policy"), "{how}: {}", ran.out);
            assert!(!ran.out.contains("blocked-"), "{how}: {}", ran.out);
            let count = ran.out.matches("[stale-output]").count();
            assert_eq!(count, files.len(), "{how}: {}", ran.out);
        };
        files.iter().for_each(|file| others(file).unwrap());
        all_stale("never written");
        assert!(run(folder, &["hash"]).code < 2, "{site}");
        assert_accepted(folder, &["check"], site);
        for file in &files {
            let text = fs::read_to_string(folder.join(file)).unwrap();
            let changed = text.replacen("sha256-", "sha256-A", 1);
            assert_ne!(changed, text, "{file}");
            fs::write(folder.join(file), changed).unwrap();
        }
        all_stale("changed");
        assert!(run(folder, &["hash"]).code < 2, "{site}");
        for file in files.iter().filter(|file| file.ends_with("-true")) {
            let text = fs::read_to_string(folder.join(file)).unwrap();
            fs::write(folder.join(file), text + "more = 2\n").unwrap();
        }
        assert_accepted(folder, &["check"], "something else around the block");
    }
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

#[cfg(unix)]
#[test]
fn what_files_of_the_site_ask_for_is_in_what_check_compares() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let site = [
        (
            "index.html",
            r#"<!doctype html><base href="/sub/"><link rel=stylesheet href="s.css"><link rel=manifest href="m.json">
            <iframe src="f.svg"></iframe><script type=module>import "./m.js"</script>"#,
        ),
        ("sub/s.css", "@font-face { font-family: f; src: url(https://font.test/f.woff2) }"),
        ("sub/m.json", r#"{"icons": [{"src": "https://icon.test/i.png"}]}"#),
        (
            "sub/f.svg",
            r#"<svg xmlns="http://www.w3.org/2000/svg"><style>a { fill: red }</style><image href="https://framed.test/i.png"/></svg>"#,
        ),
        ("sub/m.js", r#"import "https://module.test/m.js";"#),
    ];
    fs::create_dir_all(folder.join("www/sub")).unwrap();
    for (name, text) in site {
        fs::write(folder.join("www").join(name), text).unwrap();
    }
    let mut config = "paths = [\"www\"]\nexternal = true\npreset = \"self\"\n".to_owned();
    let (files, _) = outputs(&mut config);
    let kept = files.iter().filter(|file| file.ends_with("-true") && !file.starts_with("php-"));
    kept.for_each(|file| fs::write(folder.join(file), "somebody's = 1\n").unwrap());
    fs::write(folder.join("cspseal.toml"), config).unwrap();
    let ran = run(folder, &["hash"]);
    assert!(ran.code < 2, "{}", ran.err);
    assert_accepted(folder, &["check"], "right after hash");
    for file in files {
        let text = fs::read_to_string(folder.join(&file)).unwrap();
        // Those with hashes alone have no hosts.
        if text.contains("'self'") {
            for host in ["font.test", "icon.test", "framed.test", "module.test"] {
                assert!(text.contains(host), "{file}: {host}");
            }
        }
    }
}
