//! The README: every command in it prints what it shows, and it lists every finding.

use std::path::Path;
use std::process::Command;

use cspseal::Code;

use crate::support::PROGRAM;

fn readme() -> String {
    std::fs::read_to_string("README.md").unwrap()
}

/// The contents of the fenced blocks in one language.
fn blocks(language: &str) -> Vec<String> {
    let readme = readme();
    let fence = format!("```{language}\n");
    let blocks = readme.split(&fence).skip(1);
    blocks.map(|block| block.split("\n```").next().unwrap().to_owned()).collect()
}

/// Runs a command line of the README in a folder that has the test data; standard output and error.
fn run(command: &str) -> (String, String) {
    let arguments = command
        .strip_prefix("cargo run --release --")
        .or_else(|| command.strip_prefix("cspseal"))
        .unwrap_or_else(|| panic!("{command}"));
    let folder = tempfile::tempdir().unwrap();
    let testdata = Path::new("testdata").canonicalize().unwrap();
    std::os::unix::fs::symlink(testdata, folder.path().join("testdata")).unwrap();
    // What a link leads to outside is not shown otherwise.
    let line = format!("'{PROGRAM}' --allow-outside {arguments}");
    let output = Command::new("sh").args(["-c", &line]).current_dir(&folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

#[cfg(unix)]
#[test]
fn every_command_prints_what_is_shown() {
    let mut count = 0;
    for block in blocks("console") {
        for example in format!("\n{block}").split("\n$ ").skip(1) {
            let (command, shown) = example.split_once('\n').unwrap_or((example, ""));
            let (printed, _) = run(command);
            assert_eq!(printed.trim_end(), shown.trim_end(), "{command}");
            count += 1;
        }
    }
    assert_eq!(count, 14);
}

#[cfg(unix)]
#[test]
fn the_finding_shown_is_printed() {
    let block = blocks("text").remove(0);
    let (finding, last) = block.split_once("\n…\n").unwrap();
    let (_, errors) = run("cspseal hash testdata/site");
    assert!(errors.contains(finding), "{errors}");
    assert_eq!(errors.lines().last(), Some(last));
}

#[test]
fn every_finding_is_listed_with_its_severity() {
    let readme = readme();
    for code in Code::ALL {
        let row = format!("| `{code}` | {} | {} |", code.severity(), code.summary());
        assert!(readme.contains(&row), "{row}");
    }
}
