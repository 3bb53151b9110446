//! How much memory a run takes for 200,000 findings, and for an inventory that somebody made by hand.
//!
//! The system knows only the most that any child took so far, so the cases are one test, in the order of their bounds. A child begins
//! as a copy of this program, so the input is written piece by piece. What a run without findings takes is the program's own size, and
//! counts for none.

#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};

const FINDINGS: usize = 200_000;

/// The name of a case, the most MiB that it may take beside the program, its input, and its arguments.
type Case = (&'static str, u64, fn(&Path), &'static [&'static str]);

/// Writes a page with a numbered piece for each finding.
fn page(folder: &Path, name: &str, count: usize, piece: impl Fn(usize) -> String) {
    let mut file = BufWriter::new(File::create(folder.join(name)).unwrap());
    // Without a declaration, a long page is read otherwise than a short one.
    file.write_all(b"<meta charset=utf-8>\n").unwrap();
    for number in 0..count {
        file.write_all(piece(number).as_bytes()).unwrap();
    }
    file.flush().unwrap();
}

fn scripts(folder: &Path) {
    page(folder, "a.html", FINDINGS, |i| format!("<script>{i}</script>\n"));
}

fn pages(folder: &Path) {
    fs::create_dir(folder.join("site")).unwrap();
    for number in 0..1_000 {
        page(folder, &format!("site/{number}.html"), FINDINGS / 1_000, |i| format!("<script>{number} {i}</script>\n"));
    }
}

const CASES: &[Case] = &[
    (
        "nonces that differ",
        19,
        |at| {
            page(at, "a.html", FINDINGS, |i| format!("<script nonce=a{i}>{i}</script>\n"));
        },
        &["nonce", "--value", "X{{ a }}", "--template", "jinja", "--check", "a.html"],
    ),
    (
        "template code",
        19,
        |at| {
            page(at, "a.html", FINDINGS, |i| format!("<script>{{{{ {i} }}}}</script>\n"));
        },
        &["hash", "--template", "jinja", "a.html"],
    ),
    ("scripts of many pages", 43, pages, &["check", "--policy", "script-src 'none'", "site"]),
    (
        "one script in many places",
        81,
        |at| {
            page(at, "a.html", FINDINGS, |_| "<script>a</script>\n".to_owned());
        },
        &["check", "--policy", "script-src 'none'", "--format", "json", "a.html"],
    ),
    ("scripts of a page", 131, scripts, &["check", "--policy", "script-src 'none'", "a.html"]),
    (
        "scripts of a page, in JSON",
        131,
        scripts,
        &["check", "--policy", "script-src 'none'", "--format", "json", "a.html"],
    ),
    (
        "scripts of a page, in SARIF",
        151,
        scripts,
        &["check", "--policy", "script-src 'none'", "--format", "sarif", "a.html"],
    ),
    (
        "handlers of a page",
        161,
        |at| page(at, "a.html", FINDINGS, |i| format!("<p onclick=a{i}>\n")),
        &["hash", "a.html"],
    ),
];

#[test]
fn findings_take_little_memory() {
    let mut grown = Vec::new();
    let mut least = 0;
    let empty = |at: &Path| page(at, "a.html", 0, |_| String::new());
    let program = peak("no findings", empty, CASES[0].3);
    for (name, most, input, args) in CASES {
        assert!(least <= *most, "{name}: a case with a larger bound was before it");
        least = *most;
        let peak = (peak(name, input, args) - program) / 1024;
        println!("{name}: {peak} MiB at most until now, {most} allowed");
        if peak > *most {
            grown.push(format!("{name}: {peak} MiB, more than {most}"));
        }
    }
    assert!(grown.is_empty(), "{grown:#?}");
}

/// The most KiB that a child has taken, after a run.
fn peak(name: &str, input: impl Fn(&Path), args: &[&str]) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    input(folder.path());
    let status = Command::new(env!("CARGO_BIN_EXE_cspseal"))
        .arg("--no-config")
        .args(args)
        .current_dir(folder.path())
        .env("RAYON_NUM_THREADS", "2")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(matches!(status.code(), Some(0 | 1)), "{name}: {status}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let peak = usage.max_rss().unsigned_abs();
    // Apple's systems count bytes, others kibibytes.
    match cfg!(target_vendor = "apple") {
        true => peak >> 10,
        false => peak,
    }
}
