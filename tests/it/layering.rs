//! The layers of the library: a module may use only what stands before it.

use std::fs;
use std::path::{Path, PathBuf};

/// From the bottom up. Leaves first, which anyone may use.
const LAYERS: &[&[&str]] = &[
    &[
        "error", "finding", "hash", "in_order", "location", "nearest", "nonce",
    ],
    &["template"],
    &["html"],
    &["xml"],
    &["inline"],
    &["inventory", "rewrite"],
    &["policy"],
    &["evaluate"],
    &["meta"],
    &["check"],
    &["emit"],
    &["deployed"],
    &["framework", "merge"],
    &["write"],
    &["site"],
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

fn level(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The top-level modules that code names as `crate::module`.
fn used(code: &str) -> impl Iterator<Item = &str> {
    code.split("crate::").skip(1).map(|rest| {
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        &rest[..end]
    })
}

#[test]
fn arrows_run_one_way() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut checked = 0;
    for file in files {
        let relative = file.strip_prefix("src").unwrap();
        let first = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap();
        let module = first.trim_end_matches(".rs");
        if matches!(module, "lib" | "main") {
            continue;
        }
        let own = level(module).unwrap_or_else(|| panic!("{module} has no layer"));
        let text = fs::read_to_string(&file).unwrap();
        let code: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        for name in used(&code).filter(|&name| name != module) {
            let Some(other) = level(name) else { continue };
            assert!(
                other < own || own == 0 && other == 0,
                "{} uses {name}",
                file.display()
            );
            checked += 1;
        }
    }
    assert!(checked > 50, "{checked}");
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
