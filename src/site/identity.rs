//! The file that a path leads to, however the path is spelled.

use std::path::{Path, PathBuf};

/// The path from the root, links and all.
pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The path of the file itself, behind whatever links lead to it; the path from the root where there is no file.
#[cfg(feature = "cli")]
pub(super) fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| absolute(path))
}

/// The folder at a path that may be empty, as the parent of a mere name is.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.as_os_str().is_empty() {
        true => Path::new("."),
        false => path,
    }
}

/// The path of a file that may be still to be written; [`None`] if its folder does not exist.
pub(crate) fn identity(path: &Path) -> Option<PathBuf> {
    if let Ok(known) = path.canonicalize() {
        return Some(known);
    }
    let parent = folder(path.parent()?).canonicalize().ok()?;
    Some(parent.join(path.file_name()?))
}
