//! `cspseal explain`: every code has a text with all its parts, and the example in it triggers the code.

use std::fs;
use std::path::Path;
use std::process::Command;

use cspseal::Code;

use crate::support::{self, PROGRAM, Ran, Server, html, response};

const SECTIONS: [&str; 4] = ["## In a browser", "## Example", "## How to fix it", "## When to allow it"];

fn run(args: &[&str]) -> Ran {
    support::run(Path::new("."), args)
}

/// The fenced blocks of a text: language, file name, content.
fn blocks(text: &str) -> Vec<(&str, &str, &str)> {
    let mut found = Vec::new();
    for block in text.split("\n```").skip(1).step_by(2) {
        let (info, content) = block.split_once('\n').unwrap();
        let (language, name) = info.split_once(' ').unwrap_or((info, ""));
        found.push((language, name, content));
    }
    found
}

#[test]
fn every_text_has_all_its_parts() {
    for code in Code::ALL {
        let text = code.explanation();
        let mut rest = text.strip_prefix(&format!("# {code}\n\n")).unwrap_or_else(|| panic!("{code}: title"));
        for section in SECTIONS {
            let (part, after) =
                rest.split_once(&format!("\n{section}\n")).unwrap_or_else(|| panic!("{code}: {section}"));
            assert!(part.trim().len() > 10, "{code}: before {section}");
            rest = after;
        }
        assert!(rest.trim().len() > 10, "{code}: the last part");
        assert!(text.ends_with('\n'), "{code}");
        let lines = text.lines().filter(|line| !line.starts_with("$ "));
        let long: Vec<&str> = lines.filter(|line| line.chars().count() > 120).collect();
        assert!(long.is_empty(), "{code}: {long:?}");
    }
}

#[cfg(unix)]
#[test]
fn every_example_triggers_its_code() {
    let has_check = run(&["help", "check"]).code == 0;
    let mut waiting = Vec::new();
    for code in Code::ALL {
        let folder = tempfile::tempdir().unwrap();
        let shell = |line: &str| {
            let output = Command::new("sh").args(["-c", line]).current_dir(&folder).output().unwrap();
            let text = |bytes| String::from_utf8(bytes).unwrap();
            text(output.stdout) + &text(output.stderr)
        };
        let mut commands = 0;
        for (language, name, content) in blocks(code.explanation()) {
            match language {
                "sh" => assert_eq!(shell(content), "", "{code}"),
                "console" => {
                    let root = folder.path().to_owned();
                    let server = Server::start(move |path| match path {
                        "/" => html("", &fs::read_to_string(root.join("index.html")).unwrap()),
                        _ => response("404 Not Found", &[], b""),
                    });
                    let content = content.replace("http://localhost:8000/", &server.url("/"));
                    let arguments = content.trim().strip_prefix("$ cspseal ").unwrap();
                    commands += 1;
                    if arguments.starts_with("check") && !has_check {
                        waiting.push(code);
                        continue;
                    }
                    let printed = shell(&format!("'{PROGRAM}' {arguments}"));
                    let shown = format!("[{code}]: ");
                    assert!(printed.contains(&shown), "{code}: {printed}");
                }
                _ => {
                    let path = folder.path().join(name);
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(path, format!("{content}\n")).unwrap();
                }
            }
        }
        assert_eq!(commands, 1, "{code}");
    }
    assert!(Code::ALL.len() - waiting.len() >= 25, "{waiting:?}");
}

#[test]
fn a_text_is_printed_as_it_is() {
    let ran = run(&["explain", "blocked-script"]);
    assert_eq!((ran.code, &*ran.out), (0, Code::BlockedScript.explanation()));
}

#[test]
fn all_codes_are_listed_with_severity_and_one_line() {
    let ran = run(&["explain", "--codes"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().skip(1).collect();
    assert_eq!(lines.len(), Code::ALL.len());
    for (line, code) in lines.iter().zip(Code::ALL) {
        let words: Vec<&str> = line.split_whitespace().take(2).collect();
        assert_eq!(words, [code.name(), &code.severity().to_string()]);
        assert!(line.ends_with(code.summary()), "{line}");
    }
}

#[test]
fn an_unknown_code_is_refused_with_the_nearest() {
    let ran = run(&["explain", "blocked-scripts"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("write blocked-script"), "{}", ran.err);
    assert_eq!(run(&["explain"]).code, 2);
    assert_eq!(run(&["explain", "blocked-script", "--codes"]).code, 2);
}
