//! `--deny`, `--warn` and `--allow`, and the same in `cspseal.toml`: what they make of the findings and of the exit code.

use std::fs;
use std::path::Path;

use crate::support::{self, Ran, folder};

/// A handler (an error) and an unclosed script (a warning).
const PAGE: &str = "<!doctype html><p onclick='a()'>\n<script>b()";

fn page(config: &str) -> tempfile::TempDir {
    folder(&[("a.html", PAGE), ("cspseal.toml", config)])
}

fn run(folder: &Path, line: &str) -> Ran {
    let args: Vec<&str> = line.split(' ').collect();
    support::run(folder, &args)
}

/// The exit code, and the codes of the findings with their severities.
fn found(ran: &Ran) -> (i32, Vec<&str>) {
    let shown = ran.err.lines();
    let shown = shown.filter_map(|line| line.split_once("]: ").map(|(head, _)| head));
    (ran.code, shown.collect())
}

#[test]
fn flags_and_keys_change_severities_and_exit_code() {
    let (handler, script) = ("error[blocked-handler", "warning[unclosed-script");
    let (handler_warning, script_error) = ("warning[blocked-handler", "error[unclosed-script");
    for (config, flags, code, expected) in [
        ("", "", 1, vec![script, handler]),
        ("", " --warn blocked-handler", 0, vec![script, handler_warning]),
        ("", " --allow blocked-handler", 0, vec![script]),
        ("", " --allow blocked-handler,unclosed-script", 0, vec![]),
        ("", " --allow blocked-handler --allow unclosed-script", 0, vec![]),
        ("", " --allow all", 0, vec![]),
        ("", " --allow all --deny unclosed-script", 1, vec![script_error]),
        ("warn = [\"all\"]", "", 0, vec![script, handler_warning]),
        ("allow = [\"blocked-handler\"]", "", 0, vec![script]),
        ("allow = [\"blocked-handler\"]", " --deny blocked-handler", 1, vec![script, handler]),
        ("allow = [\"blocked-handler\"]", " --deny all", 1, vec![script_error]),
        ("deny = [\"all\"]", " --warn all", 0, vec![script, handler_warning]),
    ] {
        let folder = page(config);
        let ran = run(folder.path(), &format!("hash a.html{flags}"));
        assert_eq!(found(&ran), (code, expected), "{config}{flags}: {}", ran.err);
    }
}

#[test]
fn every_command_with_findings_obeys() {
    let folder = page("");
    let here = folder.path();
    let ran = run(here, "list a.html --deny unclosed-script");
    assert_eq!(found(&ran), (1, vec!["error[unclosed-script"]));
    fs::write(here.join("b.html"), "<script nonce=abc src=a.js></script>").unwrap();
    let nonce = "nonce --value {{x}} --diff b.html";
    assert_eq!(found(&run(here, nonce)), (0, vec!["warning[different-nonce"]));
    let ran = run(here, &format!("{nonce} --deny different-nonce"));
    assert_eq!(found(&ran), (1, vec!["error[different-nonce"]));
    assert_eq!(run(here, "hash a.html --format json -o a.json").code, 1);
    let ran = run(here, "merge a.json --allow blocked-handler");
    assert_eq!(found(&ran), (0, vec!["warning[unclosed-script"]));
}

#[test]
fn the_inventory_has_the_findings_that_are_shown() {
    let folder = page("");
    let ran = run(folder.path(), "hash a.html --format json --deny unclosed-script --allow blocked-handler");
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["code"], "unclosed-script");
    assert_eq!(findings[0]["severity"], "error");
}

#[test]
fn unknown_codes_and_contradictions_are_refused() {
    let plain = page("");
    for (flags, message) in [
        ("--deny unclosed-scirpt", "write unclosed-script"),
        ("--warn banana", "`cspseal explain --codes` lists what there is"),
        ("--warn empty-hash --allow empty-hash", "empty-hash is both in warn and in allow; keep one of them"),
    ] {
        let ran = run(plain.path(), &format!("hash a.html {flags}"));
        assert_eq!(ran.code, 2, "{flags}");
        assert!(ran.err.contains(message), "{flags}: {}", ran.err);
    }
    for (config, place, help) in [
        ("warn = [\n  \"empty-hash\",\n  \"unclosed-scirpt\",\n]", "cspseal.toml:3:3", "help: write unclosed-script"),
        ("deny = [\"all\"]\nallow = [\"all\"]", "cspseal.toml:2:10", "help: keep one of them"),
        ("alow = []", "cspseal.toml:1:1", "help: write allow"),
    ] {
        let folder = page(config);
        let ran = run(folder.path(), "hash a.html");
        assert_eq!(ran.code, 2, "{config}");
        assert!(ran.err.contains(place) && ran.err.contains(help), "{config}: {}", ran.err);
    }
}

#[test]
fn a_level_has_hash_report_the_attributes_that_libraries_run() {
    let attribute = "<!doctype html><script>a()</script><p x-data='{}'>";
    let json = "[[output]]\nformat = 'json'\nfile = 'csp.json'\n";
    let (warning, error) = ("warning[evaluated-attribute", "error[evaluated-attribute");
    for (config, line, code, expected) in [
        ("", "hash a.html", 0, &[][..]),
        ("", "hash --warn evaluated-attribute a.html", 0, &[warning]),
        ("", "hash --deny all a.html", 1, &[error]),
        ("", "hash --deny all --allow evaluated-attribute a.html", 0, &[]),
        ("warn = ['evaluated-attribute']", "hash --preset self a.html", 0, &[warning]),
        ("policy = \"script-src 'self' 'unsafe-eval'\"", "hash --warn evaluated-attribute a.html", 0, &[]),
        (
            "policy = \"style-src 'self'\"",
            "hash --warn evaluated-attribute --allow new-restriction a.html",
            0,
            &[warning],
        ),
        (
            "policy = \"script-src 'unsafe-eval'\"\nreport-only-policy = \"script-src 'self'\"",
            "hash --warn evaluated-attribute a.html",
            0,
            &[warning],
        ),
    ] {
        let folder = folder(&[("a.html", attribute), ("cspseal.toml", config)]);
        let ran = run(folder.path(), line);
        assert_eq!(found(&ran), (code, expected.to_vec()), "{config} {line}: {}", ran.err);
    }
    // The findings in an inventory are those of the configuration, for check as well.
    for level in ["warn", "deny", "allow"] {
        let config = format!("paths = ['a.html']\n{level} = ['evaluated-attribute']\n{json}");
        let folder = folder(&[("a.html", attribute), ("cspseal.toml", &config)]);
        let code = i32::from(level == "deny");
        assert_eq!(run(folder.path(), "hash").code, code, "{level}");
        let inventory = fs::read_to_string(folder.path().join("csp.json")).unwrap();
        assert_eq!(inventory.contains("evaluated-attribute"), level != "allow");
        let ran = run(folder.path(), "check --allow evaluated-attribute");
        assert_eq!(ran.code, 0, "{level}: {}", ran.out);
        // It is reported once.
        let ran = run(folder.path(), "check");
        let found = ran.out.matches("[evaluated-attribute]").count();
        assert_eq!(found, usize::from(level != "allow"), "{level}: {}", ran.out);
    }
}

#[test]
fn check_reports_them_where_nonces_are_sent_too() {
    let folder = folder(&[("a.html", "<p x-data='{}'>"), ("cspseal.toml", "[nonce]\nframework = 'django'\n")]);
    let ran = run(folder.path(), "check --notes --policy script-src a.html");
    assert!(ran.out.contains("note[evaluated-attribute]"), "{}", ran.out);
}
