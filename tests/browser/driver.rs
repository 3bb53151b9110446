//! What the test needs of a browser, whichever it is.

use std::path::PathBuf;
use std::time::Duration;

/// Why a browser could not be driven.
pub(crate) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// How long anything may take before it is a failure. Nothing takes that long unless it hangs.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// A running browser; dropped, it is ended and its profile deleted.
pub(crate) trait Browser: Sync {
    fn version(&self) -> Result<String, Fault>;

    /// A tab in which the probe runs in every document and frame before the page's own scripts.
    fn tab(&self) -> Result<Box<dyn Tab>, Fault>;
}

/// A tab, which loads one page at a time.
pub(crate) trait Tab {
    /// Goes to a URL; its page is not there yet on return.
    fn open(&mut self, url: &str) -> Result<(), Fault>;

    /// What the console has said since.
    fn console(&mut self) -> Result<Vec<String>, Fault>;
}

/// The first of these programs that is in the PATH.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let programs = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    programs.into_iter().find(|program| program.is_file())
}
