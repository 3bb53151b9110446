//! The template folders of a project and of its parts.

use std::fs;
use std::path::Path;

/// How deep they are looked for.
const DEPTH: usize = 5;

/// The folders of that name below `root`, sorted, but for those in others and in what the project did not write: hidden
/// folders, packages and virtual environments.
pub(super) fn of_name(root: &Path, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    search(root, "", name, 0, &mut found);
    found.sort();
    found
}

fn search(root: &Path, below: &str, name: &str, depth: usize, found: &mut Vec<String>) {
    let folder = root.join(below);
    if depth > DEPTH || folder.join("pyvenv.cfg").is_file() {
        return;
    }
    // What cannot be listed holds nothing that could be read either.
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let Ok(own) = entry.file_name().into_string() else {
            continue;
        };
        if !is_folder || own.starts_with('.') || matches!(&*own, "node_modules" | "site-packages" | "vendor") {
            continue;
        }
        let path = match below {
            "" => own.clone(),
            below => format!("{below}/{own}"),
        };
        match own == name {
            true => found.push(path),
            false => search(root, &path, name, depth + 1, found),
        }
    }
}
