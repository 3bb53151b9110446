//! Where the files of a site are: the folders in which a run found its pages.
//!
//! No link is followed on the way to a file unless the run follows links.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::folder::Folder;
use super::globs::Globs;
use super::reach::{Reach, Spot, stays_below};
use super::{Links, PageFilter, identity};

/// The folders that a run found pages in, and how far links in them may lead.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roots {
    folders: Vec<Arc<Spot>>,
    /// The folders of pages that were named themselves and the working folder, by their paths from that.
    named: BTreeMap<PathBuf, Arc<Spot>>,
    /// Whether a page was named by a path that is no URL of the site: one from the root, or one with `..`.
    has_foreign: bool,
    /// How far links may lead, if they are followed.
    follows: Option<Reach>,
    exclude: Option<Globs>,
}

/// The place of a file.
pub(super) struct Located {
    /// The path as it is reported.
    pub(super) path: PathBuf,
    /// What leads to it without links: the file, or a folder above it.
    pub(super) spot: Arc<Spot>,
    /// Whether it is left out as a page.
    pub(super) is_excluded: bool,
}

impl Roots {
    pub(super) fn new(filter: &PageFilter) -> Self {
        Self {
            follows: (filter.links == Links::Follow).then(|| filter.link_reach.clone()),
            exclude: Some(filter.exclude.clone()),
            ..Self::default()
        }
    }

    pub(super) fn add_folder(&mut self, spot: &Arc<Spot>) {
        self.folders.push(Arc::clone(spot));
    }

    /// Adds what a page that was named itself is relative to.
    pub(super) fn add_named(&mut self, name: &str, reach: &Reach) {
        self.has_foreign |= !stays_below(Path::new(name));
        let folder = Path::new(name).parent().unwrap_or(Path::new(""));
        for folder in [Path::new(""), folder] {
            if self.named.contains_key(folder) {
                continue;
            }
            if let Ok(spot) = reach.resolve(identity::folder(folder)) {
                let shown = folder.to_owned();
                let spot = Arc::new(Spot { shown, ..spot });
                self.named.insert(folder.to_owned(), spot);
            }
        }
    }

    /// Whether folders were searched for pages.
    pub(super) const fn has_folders(&self) -> bool {
        !self.folders.is_empty()
    }

    /// Whether they hold the whole site: folders were searched, and no page was named.
    pub(super) fn are_whole(&self) -> bool {
        self.has_folders() && self.named.is_empty()
    }

    /// The places where a file with this path in the site may be.
    pub(super) fn locate(&self, path: &Path) -> impl Iterator<Item = io::Result<Located>> {
        let folders = self.folders.iter();
        let folders = folders.map(move |root| (root, root.shown.join(path)));
        let mut above = path.ancestors().skip(1).filter(|_| !self.has_foreign);
        let named = above.find_map(|folder| self.named.get(folder));
        let named = named.map(|root| (root, path.to_owned()));
        folders.chain(named).map(|(root, path)| {
            let exclude = self.exclude.as_ref();
            Ok(Located {
                spot: match &self.follows {
                    None => Arc::clone(root),
                    Some(reach) => {
                        let spot = reach.resolve(&path).map_err(io::Error::other)?;
                        Arc::new(spot.below(root))
                    }
                },
                is_excluded: exclude.is_some_and(|globs| globs.match_path(&root.shown, &path)),
                path,
            })
        })
    }

    /// Whether there is a file with this path in the site, or a folder with a start page.
    pub(super) fn have(&self, path: &Path) -> bool {
        self.folders.iter().any(|root| {
            let path = identity::folder(&root.shown).join(path);
            let index = || path.join("index.html").is_file();
            fs::metadata(&path).is_ok_and(|found| !found.is_dir() || index())
        })
    }
}

impl Located {
    /// Opens the file.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::NotFound`] if there is none; others for what is no regular file, and where only a link leads.
    pub(super) fn open(&self) -> io::Result<File> {
        let real = self.spot.real_of(&self.path).ok_or(io::ErrorKind::NotFound)?;
        let name = real.file_name().ok_or(io::ErrorKind::NotFound)?;
        let folder = real.parent().ok_or(io::ErrorKind::NotFound)?;
        let file = Folder::open(folder).and_then(|folder| folder.file(name));
        let file = file.map_err(|error| match leads_elsewhere(&real) {
            true => io::Error::other("a symbolic link leads there, which was not followed"),
            false => error,
        })?;
        Ok(file.ok_or(io::ErrorKind::NotFound)?)
    }
}

/// Whether there is a file that only links lead to.
fn leads_elsewhere(path: &Path) -> bool {
    path.canonicalize().is_ok_and(|real| real != path)
}
