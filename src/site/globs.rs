//! Which paths some globs match.
//!
//! Most say no more than how a name ends, `*.html`; comparing that is quicker than what a general glob is compiled to, and
//! so is not compiling it.

use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::below;
use crate::error::{Error, ErrorKind, Result};

/// The number of globs, each of which is tried on every path, and of their bytes, each of which takes memory a thousand times over.
const MOST: usize = 1_000;
const MOST_BYTES: usize = 64 << 10;

/// Some globs. One without a slash is matched against a path's last part, one with a slash against the path. Case is
/// ignored.
#[derive(Clone, Debug)]
pub(super) struct Globs {
    /// What names may end in, in lower case.
    endings: Vec<Vec<u8>>,
    others: GlobSet,
}

impl Globs {
    /// # Errors
    ///
    /// [`ErrorKind::InvalidGlob`].
    pub(super) fn new(globs: &[String]) -> Result<Self> {
        let bytes: usize = globs.iter().map(String::len).sum();
        if globs.len() > MOST || bytes > MOST_BYTES {
            let message = format!(
                "{} globs of {bytes} bytes; {MOST} of {MOST_BYTES} bytes are read at most, so name folders with them",
                globs.len()
            );
            return Err(Error::new(ErrorKind::InvalidGlob, message));
        }
        let mut endings = Vec::new();
        let mut others = GlobSetBuilder::new();
        for glob in globs {
            if let Some(ending) = ending(glob) {
                endings.push(ending);
                continue;
            }
            let anywhere =
                if glob.contains('/') { glob.trim_start_matches('/').to_owned() } else { format!("**/{glob}") };
            let compiled =
                GlobBuilder::new(anywhere.trim_end_matches('/')).literal_separator(true).case_insensitive(true).build();
            others.add(compiled.map_err(|error| {
                Error::new(ErrorKind::InvalidGlob, format!("invalid glob {glob:?}")).because(error)
            })?);
        }
        let others =
            others.build().map_err(|error| Error::new(ErrorKind::InvalidGlob, "invalid globs").because(error))?;
        Ok(Self { endings, others })
    }

    /// Whether one of them matches a path below the root.
    pub(super) fn match_path(&self, root: &Path, path: &Path) -> bool {
        self.match_ending(path) || !self.others.is_empty() && self.others.is_match(below(root, path))
    }

    fn match_ending(&self, path: &Path) -> bool {
        if self.endings.is_empty() {
            return false;
        }
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let is_its = |ending: &Vec<u8>| {
            let from = name.len().checked_sub(ending.len());
            from.is_some_and(|from| name[from..].eq_ignore_ascii_case(ending))
        };
        self.endings.iter().any(is_its)
    }
}

/// What the names end in that a glob matches, if that is all it says.
fn ending(glob: &str) -> Option<Vec<u8>> {
    let ending = glob.strip_prefix('*')?;
    let is_literal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let is_all = !ending.is_empty() && ending.bytes().all(is_literal);
    is_all.then(|| ending.as_bytes().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(glob: &str, path: &str) -> bool {
        let globs = Globs::new(&[glob.to_owned()]).unwrap();
        globs.match_path(Path::new("root"), &Path::new("root").join(path))
    }

    #[test]
    fn too_many_globs_are_rejected() {
        let globs = |n: usize, glob: &str| Globs::new(&vec![glob.to_owned(); n]).map(drop);
        assert!(globs(1_000, "*.html").is_ok());
        let long = "a".repeat(70_000);
        for error in [globs(1_001, "*.html"), globs(1, &long)].map(Result::unwrap_err) {
            assert_eq!(error.kind(), ErrorKind::InvalidGlob);
            let message = error.to_string();
            assert!(message.contains("1000 of 65536 bytes are read at most"), "{message}");
        }
    }

    #[test]
    fn an_ending_matches_as_its_glob_does() {
        for ending in ["*.html", "*.HTML.j2", "*l", "*-x.htm"] {
            for path in [
                "a.html",
                "a/b.HTML",
                ".html",
                "a.html/b",
                "a.htm",
                "html",
                "a.html.j2",
                "a-X.htm",
                "-x.htm",
                "é.html",
                "a\n.html",
            ] {
                // A class of one letter means the same, and is compiled.
                let last = ending.len() - 1;
                let glob = format!("{}[{}]", &ending[..last], &ending[last..]);
                assert_eq!(matches(ending, path), matches(&glob, path), "{ending} {path}");
            }
        }
    }

    #[test]
    fn a_glob_with_a_slash_matches_the_path() {
        assert!(matches("a/*.html", "a/b.html"));
        assert!(!matches("a/*.html", "a/b/c.html"));
        assert!(matches("/a/", "A"));
        assert!(matches("b*", "a/b.html"));
        assert!(!matches("b*", "b/a.html"));
    }
}
