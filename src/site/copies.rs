//! Copies of folders: where each file goes, and the folders for it.
//!
//! An earlier run may have copied a link to where a folder is to be now. So the folders of a copy are gone through by their handles,
//! and a link among them is an error.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::folder::Folder;
use super::links::{Entry, each_entry};
use super::replacement::Place;
use super::{PageFile, PageFilter, Reach, below, found_page, identity};
use crate::error::{Error, ErrorKind, Result};

/// A file that is copied.
#[derive(Debug)]
pub(crate) struct Copied {
    /// Its path below the copy.
    to: PathBuf,
    pub(crate) kind: CopiedKind,
}

#[derive(Debug)]
pub(crate) enum CopiedKind {
    File(PageFile),
    /// A link that is copied as one.
    Link,
    /// A pipe, a device or a socket.
    Other,
}

/// Finds where the files of folders go in a copy of them below `to`: those of a folder at their path below it, a named
/// file at its name. All files count, pages or not, and symbolic links too, but for what is excluded. What cannot be
/// listed is left out.
///
/// # Errors
///
/// [`ErrorKind::Write`] for a copy inside one of the folders, and for two files that would go to one place.
pub(crate) fn find_copies(paths: &[PathBuf], to: &Path, filter: &PageFilter) -> Result<BTreeMap<PathBuf, Copied>> {
    let refuse = |message: String| Err(Error::new(ErrorKind::Write, message).at(to));
    let mut copies = BTreeMap::new();
    for root in paths {
        // One that cannot be resolved has been reported.
        let Ok(spot) = filter.reach.resolve(root) else {
            continue;
        };
        let spot = Arc::new(spot);
        if !root.is_dir() {
            let file = found_page(root.clone(), spot, "");
            let to = root.file_name().unwrap_or_default().into();
            let kind = CopiedKind::File(file);
            copies.insert(root.clone(), Copied { to, kind });
            continue;
        }
        if identity::real(to).starts_with(identity::real(root)) {
            return refuse("a copy cannot stand inside the folder that is copied".to_owned());
        }
        // A copy has what is ignored too.
        let filter = &filter.clone().with_sources_only(false);
        each_entry(&spot, filter, &mut |entry| {
            let (path, kind) = match entry {
                Entry::File(path, spot) => {
                    let file = found_page(path.clone(), spot, "");
                    (path, CopiedKind::File(file))
                }
                Entry::Left(path, _) => (path, CopiedKind::Link),
                Entry::Other(path) => (path, CopiedKind::Other),
                Entry::Failed(..) => return,
            };
            let to = below(root, &path).to_owned();
            copies.insert(path, Copied { to, kind });
        });
    }
    let mut places: Vec<&PathBuf> = copies.values().map(|copied| &copied.to).collect();
    places.sort_unstable();
    if let Some(twice) = places.windows(2).find(|pair| pair[0] == pair[1]) {
        return refuse(format!("two files would go to {}; copy the folders one by one", to.join(twice[0]).display()));
    }
    Ok(copies)
}

/// The folder that a copy is made in.
#[derive(Debug)]
pub(crate) struct CopyRoot {
    shown: PathBuf,
    real: PathBuf,
}

impl CopyRoot {
    /// Makes the folder unless it is there.
    pub(crate) fn make(path: &Path, reach: &Reach) -> Result<Self> {
        let failed = |error| Error::unwritten(error).at(path);
        // What is made is below the nearest folder that is there.
        let mut there = path.ancestors().filter(|folder| folder.exists());
        reach.resolve(there.next().unwrap_or(Path::new(".")))?;
        std::fs::create_dir_all(path).map_err(failed)?;
        let spot = reach.resolve(path)?;
        let real = spot.real.ok_or_else(|| failed(std::io::ErrorKind::NotADirectory.into()))?;
        Ok(Self { shown: spot.shown, real })
    }

    /// The place of a file, in a folder that is made for it.
    pub(crate) fn place(&self, copied: &Copied) -> Result<Place> {
        self.folder(copied)?;
        let shown = self.shown.join(&copied.to);
        let place = Place::at(&self.real.join(&copied.to), &shown, false);
        place.ok_or_else(|| Error::unwritten(std::io::ErrorKind::InvalidInput.into()).at(shown))
    }

    /// Copies a link as one.
    pub(crate) fn link(&self, from: &Path, copied: &Copied) -> Result<()> {
        let leads_to = std::fs::read_link(from).map_err(|error| Error::unread(error).at(from))?;
        let (folder, name) = self.folder(copied)?;
        if folder.read_link(name).is_ok_and(|there| *there == *leads_to) {
            return Ok(());
        }
        let linked = folder.symlink(&leads_to, name);
        linked.map_err(|error| Error::unwritten(error).at(self.shown.join(&copied.to)))
    }

    /// The folder for a file, which is made, and the file's name.
    fn folder<'c>(&self, copied: &'c Copied) -> Result<(Folder, &'c OsStr)> {
        let failed = |error| Error::unwritten(error).at(self.shown.join(&copied.to));
        let mut folder = Folder::open(&self.real).map_err(failed)?;
        let mut parts: Vec<&OsStr> = copied.to.iter().collect();
        let name = parts.pop().unwrap_or_default();
        for part in parts {
            folder = folder.make(part).map_err(failed)?;
        }
        Ok((folder, name))
    }
}
