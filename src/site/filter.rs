//! Which files of a folder are pages, and which links lead to them.

use std::path::{Path, PathBuf};

use super::globs::Globs;
use super::ignored::Ignored;
use super::reach::{Reach, Spot};
use crate::error::Result;
use crate::template::{Dialect, Templates};

/// The files of a folder that are pages, when nothing else is said; beside them those with a template extension.
pub const DEFAULT_INCLUDE: [&str; 2] = ["*.html", "*.htm"];

/// Which files of a folder are pages.
///
/// A glob without a slash is matched against the file's name, one with a slash against its path below the
/// folder. Case is ignored.
#[derive(Clone, Debug)]
pub struct PageFilter {
    include: Globs,
    /// Whether nobody said which files are pages.
    is_default: bool,
    pub(super) exclude: Globs,
    pub(super) links: Links,
    pub(super) is_for_sources: bool,
    pub(super) reach: Reach,
    pub(super) link_reach: Reach,
    pub(super) is_guarded: bool,
    configuration: Option<PathBuf>,
}

/// What is done with the symbolic links in a folder. Those that are named themselves are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Links {
    /// They are left alone, and those that lead to pages or folders are reported.
    #[default]
    Leave,
    /// They are followed wherever they lead, but not back to a folder around them.
    Follow,
}

impl PageFilter {
    /// Takes globs; no `include` means [`DEFAULT_INCLUDE`] and the files whose extension says a template dialect and whose name
    /// says no text other than HTML, unless `templates` says that there are none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidGlob`](crate::ErrorKind::InvalidGlob).
    pub fn new(include: &[String], exclude: &[String], templates: Templates) -> Result<Self> {
        let default = default_include(templates);
        let is_default = include.is_empty();
        let include = if is_default { &default[..] } else { include };
        Ok(Self {
            include: Globs::new(include)?,
            is_default,
            exclude: Globs::new(exclude)?,
            links: Links::Leave,
            is_for_sources: false,
            reach: Reach::Anywhere,
            link_reach: Reach::Anywhere,
            is_guarded: false,
            configuration: None,
        })
    }

    /// Whether a file below `root` is a page.
    pub(super) fn is_page(&self, root: &Path, path: &Path) -> bool {
        self.include.match_path(root, path) && !(self.is_default && Dialect::makes_other_text(path))
    }

    /// Whether the walk is for sources, which leaves out what git ignores, virtual environments, and the folders of packages and
    /// caches, unless they are named.
    #[must_use]
    pub const fn with_sources_only(mut self, is_for_sources: bool) -> Self {
        self.is_for_sources = is_for_sources;
        self
    }

    /// The rules around a folder that is walked, if they count.
    pub(super) fn ignored(&self, spot: &Spot) -> Option<Ignored> {
        let real = spot.real.as_ref().filter(|_| self.is_for_sources)?;
        Some(Ignored::around(real))
    }

    /// What is done with symbolic links.
    #[must_use]
    pub const fn with_links(mut self, links: Links) -> Self {
        self.links = links;
        self
    }

    /// Whether a file is the configuration that says which files are pages.
    pub(super) fn is_configuration(&self, path: &Path, spot: &Spot) -> bool {
        self.configuration.is_some() && spot.real_of(path) == self.configuration
    }

    /// How far the named paths may lead, and how far the links in folders if they are followed. A configuration that names the
    /// paths is no page.
    #[must_use]
    pub fn with_reach(mut self, paths: Reach, links: Reach) -> Self {
        let configuration = paths.configuration().or(links.configuration());
        self.configuration = configuration.map(Path::to_owned);
        self.reach = paths;
        self.link_reach = links;
        self
    }

    /// Whether a configuration chose the globs, so that what they find in folders is neither a program nor a configuration to replace.
    #[cfg(feature = "cli")]
    pub(crate) const fn with_guard(mut self, is_guarded: bool) -> Self {
        self.is_guarded = is_guarded;
        self
    }

    /// The configuration without links, which no folder has as a page.
    #[cfg(feature = "cli")]
    pub(crate) fn with_configuration(mut self, configuration: Option<PathBuf>) -> Self {
        self.configuration = configuration;
        self
    }
}

fn default_include(templates: Templates) -> Vec<String> {
    let extensions =
        Dialect::ALL.iter().filter(|_| templates != Templates::Off).flat_map(|dialect| dialect.extensions());
    let templates = extensions.map(|extension| format!("*.{extension}"));
    DEFAULT_INCLUDE.map(str::to_owned).into_iter().chain(templates).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::site::find_pages;

    #[test]
    fn a_configuration_that_names_the_paths_is_no_page() {
        let folder = tempfile::tempdir().unwrap();
        let configuration = folder.path().join("own.html");
        fs::write(&configuration, "").unwrap();
        fs::write(folder.path().join("a.html"), "").unwrap();
        let below = Reach::below(folder.path(), &configuration).unwrap();
        for (reach, count) in [(Reach::Anywhere, 2), (below, 1)] {
            for (paths, links) in [(&reach, &Reach::Anywhere), (&Reach::Anywhere, &reach)] {
                let filter = PageFilter::new(&[], &[], Templates::Auto).unwrap();
                let filter = filter.with_reach(paths.clone(), links.clone());
                let found = find_pages(&[folder.path().to_owned()], &filter);
                assert_eq!(found.files.len(), count, "{reach:?}");
            }
        }
    }
}
