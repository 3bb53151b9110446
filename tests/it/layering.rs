//! The layers of the library: a room of `src` may use only the rooms below it.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, one layer a row, from the bottom up. A room may use the layers in the rows before its own, not its neighbors; only
/// those of the first row, the leaves, may use each other. A new room goes into the row after the last one that it uses.
const LAYERS: &[&[&str]] = &[
    &["error", "finding", "hash", "location", "named", "nonce"],
    &["template"],
    &["css", "html", "json_file"],
    &["xml"],
    &["page"],
    &["fetch", "site"],
    &["policy"],
    &["evaluate", "reports"],
    &["edit"],
    &["check"],
    &["target"],
    &["cli"],
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn level(room: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&room))
}

/// The room that a file of `src` is in; none for the roots of the library and the command.
fn room(file: &Path) -> Option<&str> {
    let first = file.strip_prefix("src").unwrap().iter().next().unwrap();
    let name = first.to_str().unwrap().trim_end_matches(".rs");
    (!matches!(name, "lib" | "main")).then_some(name)
}

/// The rooms and root items that code names as `crate::name`.
fn used(code: &str) -> impl Iterator<Item = &str> {
    code.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

#[test]
fn arrows_run_one_way() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut checked = 0;
    for file in files {
        let Some(room) = room(&file) else { continue };
        let own = level(room).unwrap_or_else(|| panic!("{room} has no layer"));
        let text = fs::read_to_string(&file).unwrap();
        let code: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        for name in used(&code).filter(|&name| name != room) {
            let Some(other) = level(name) else { continue };
            assert!(other < own || own == 0 && other == 0, "{} uses {name}", file.display());
            checked += 1;
        }
    }
    assert!(checked > 50, "{checked}");
}

#[test]
fn every_room_of_the_table_exists() {
    for room in LAYERS.concat() {
        let folder = Path::new("src").join(room);
        assert!(folder.is_dir() || folder.with_extension("rs").is_file(), "{room}");
    }
}

#[test]
fn only_html_uses_lol_html() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    for file in files {
        let uses = fs::read_to_string(&file).unwrap().contains("use lol_html");
        assert!(!uses || file.starts_with("src/html"), "{}", file.display());
    }
}
