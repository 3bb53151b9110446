//! Paths that somebody writes into a repository.

use std::path::Path;

use arbitrary::Arbitrary;

/// The names that paths are made of.
const NAMES: &[&str] = &[
    "a",
    "b",
    "c",
    "d",
    "..",
    "..",
    ".",
    "",
    "site",
    "inner",
    "copy",
    "outside",
    "repo",
    "deep",
    "index.html",
    "page.html",
    "x.j2",
    "new.txt",
    "secret.txt",
    ".git",
    ".GIT",
    "git~1",
    ".git.",
    ".g\u{200c}it",
    ".hg",
    "hooks",
    "pre-commit",
    "config",
    "cspseal.toml",
    "CSPSEAL.TOML",
    "own.toml",
    "run.html",
    "tool",
    "-",
    "--",
    "--allow-outside",
    "--write",
    "--follow",
    "-L",
    "--value=x.html",
    "--config=own.toml",
    "*",
    "a b.html",
    "\n.html",
    "é.html",
];

/// The targets of an attack, as a file at the root of the repository names them.
pub(super) const CANARIES: &[&str] = &[
    "../outside/secret.txt",
    "../outside/page.html",
    "../outside/base.txt",
    "../outside/new.txt",
    "../outside",
    "../outside/deep",
    "..",
    ".git/config",
    ".git/hooks/pre-commit",
    ".git/new",
    ".git/hooks",
    "inner/.hg/hgrc",
    "site/.git/page.html",
    "cspseal.toml",
    "inner/cspseal.toml",
    "run.html",
    "tool",
];

/// A path.
#[derive(Arbitrary, Debug)]
pub(super) enum Place {
    /// From the folder that it counts from.
    Parts(Vec<u8>),
    /// A canary.
    Canary(u8),
    /// The same by its absolute path.
    Absolute(u8),
    /// One of four names, which links and files like to have.
    Usual(u8),
    /// Something below that.
    Below(u8, u8),
    /// Something in the site.
    InSite(u8),
}

impl Place {
    /// Its text in a file at this path below the repository.
    pub(super) fn text(&self, repository: &Path, depth: usize) -> String {
        let canary = |index: &u8| CANARIES[usize::from(*index) % CANARIES.len()];
        match self {
            Self::Parts(parts) => {
                let parts: Vec<&str> = parts.iter().take(5).map(name).collect();
                parts.join("/")
            }
            Self::Canary(index) => "../".repeat(depth) + canary(index),
            Self::Absolute(index) => repository.join(canary(index)).display().to_string(),
            Self::Usual(index) => usual(*index).to_owned(),
            Self::Below(index, part) => format!("{}/{}", usual(*index), name(part)),
            Self::InSite(part) => format!("site/{}", name(part)),
        }
    }
}

fn name(index: &u8) -> &'static str {
    NAMES[usize::from(*index) % NAMES.len()]
}

fn usual(index: u8) -> &'static str {
    NAMES[usize::from(index) % 4]
}
