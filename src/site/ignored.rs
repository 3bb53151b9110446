//! What a walk for templates leaves out: what git ignores, and what the project did not write.
//!
//! Built sites usually are ignored and are read all the same; a walk for sources, which may change them, is another matter.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::folder::Folder;

/// The folders of packages and caches, by name.
const FOREIGN: [&str; 11] = [
    "node_modules",
    "bower_components",
    "jspm_packages",
    "site-packages",
    "dist-packages",
    "vendor",
    "__pycache__",
    ".cache",
    ".tox",
    ".nox",
    ".eggs",
];

/// The file by which a virtual environment of Python is told.
pub(super) const ENVIRONMENT: &str = "pyvenv.cfg";

/// The longest list of ignored files that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// The rules for the entries of a folder: its own, and those of the folders around it.
#[derive(Clone, Debug, Default)]
pub(super) struct Ignored(Option<Arc<Rules>>);

#[derive(Debug)]
struct Rules {
    own: Gitignore,
    around: Ignored,
}

impl Ignored {
    /// The rules around the folder at a real path. None count for one that is itself ignored: whoever names it means it.
    pub(super) fn around(root: &Path) -> Self {
        let mut folders: Vec<&Path> = root.ancestors().skip(1).collect();
        let repository = folders.iter().position(|folder| folder.join(".git").exists());
        // Without a repository around it nothing above the root counts.
        let count = repository.map_or(0, |index| index + 1);
        folders.truncate(if root.join(".git").exists() { 0 } else { count });
        let mut rules = Self::user();
        for folder in folders.iter().rev() {
            rules = rules.within(folder);
        }
        match rules.has(root, true) {
            true => Self::default(),
            false => rules,
        }
    }

    /// What the user ignores everywhere.
    fn user() -> Self {
        let (global, _) = Gitignore::global();
        Self::default().and(global)
    }

    /// The rules for the entries of the folder at a real path.
    pub(super) fn within(&self, folder: &Path) -> Self {
        let rules = self.and(list(folder, folder, ".gitignore".as_ref()));
        let info = folder.join(".git").join("info");
        match info.is_dir() {
            true => rules.and(list(folder, &info, "exclude".as_ref())),
            false => rules,
        }
    }

    fn and(&self, own: Gitignore) -> Self {
        if own.is_empty() {
            return self.clone();
        }
        let around = self.clone();
        Self(Some(Arc::new(Rules { own, around })))
    }

    /// Whether an entry at a real path is ignored: the innermost rule that matches decides.
    pub(super) fn has(&self, path: &Path, is_folder: bool) -> bool {
        let mut rules = self;
        while let Some(here) = &rules.0 {
            match here.own.matched(path, is_folder) {
                Match::None => rules = &here.around,
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
            }
        }
        false
    }
}

/// Whether the project did not write what is in a folder of this name.
pub(super) fn is_foreign(folder: &OsStr) -> bool {
    FOREIGN.iter().any(|foreign| folder == *foreign)
}

/// The rules in a file of a folder, for what is below `root`. Git reads none through a link either.
fn list(root: &Path, folder: &Path, name: &OsStr) -> Gitignore {
    let file = Folder::open(folder).and_then(|folder| folder.file(name));
    let mut bytes = Vec::new();
    if let Ok(Some(file)) = file {
        // One that cannot be read ignores nothing.
        let _ = file.take(LONGEST).read_to_end(&mut bytes);
    }
    let mut builder = GitignoreBuilder::new(root);
    for line in String::from_utf8_lossy(&bytes).lines() {
        // What is no pattern to git matches nothing.
        let _ = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}
