//! Finds the pages of a folder of test data.

use std::path::{Path, PathBuf};

/// Those below `folder`, sorted.
pub(crate) fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(pages(&path));
        } else if path.extension().is_some_and(|e| e == "html" || e == "htm") {
            found.push(path);
        }
    }
    found.sort();
    found
}
