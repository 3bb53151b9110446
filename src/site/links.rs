//! What a folder holds, and what becomes of the symbolic links in it.
//!
//! A built site is read as it will be served, but a link can lead anywhere: out of the site, to a folder around it, to
//! nothing. So none is followed unless that is asked, and what is not followed is said.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::{Links, PageFilter, shown};
use crate::finding::{Code, Finding, Place};
use crate::site::write::TEMPORARY;

/// How many links to folders are followed below one folder. Folders that link to each other have paths without number.
const MAX_FOLLOWED: usize = 1000;

/// Something in a folder.
pub(super) enum Entry {
    /// A file, or a link to one that is followed.
    File(PathBuf),
    /// A link that is not followed.
    Left(PathBuf, Left),
    /// A pipe, a device, a socket, or a link to such.
    Other(PathBuf),
    /// What cannot be listed.
    Failed(walkdir::Error),
}

/// Why a link is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Left {
    File,
    Folder,
    Nowhere,
    Back,
    TooMany,
}

impl Left {
    /// Whether it leads to a folder.
    pub(super) fn is_folder(self) -> bool {
        matches!(self, Self::Folder | Self::Back | Self::TooMany)
    }

    /// What there is to say about links that were left for this reason.
    pub(super) fn finding(self, mut paths: Vec<PathBuf>) -> Option<Finding> {
        let (message, help) = match self {
            Self::File => (
                "a symbolic link to a page was not followed, so that page was not read here".into(),
                "say --follow if the server follows it too, or leave it out with --exclude",
            ),
            Self::Folder => (
                "a symbolic link to a folder was not followed, so the pages in it were not read here".into(),
                "say --follow if the server follows it too, or leave it out with --exclude",
            ),
            Self::Nowhere => (
                "a symbolic link leads nowhere".into(),
                "remove it, or leave it out with --exclude",
            ),
            Self::Back => (
                "a symbolic link leads back to a folder around it and was not followed".into(),
                "remove it, or leave it out with --exclude",
            ),
            Self::TooMany => (
                format!("more than {MAX_FOLLOWED} symbolic links to folders, which may lead to each other; the others were not followed"),
                "leave some out with --exclude",
            ),
        };
        paths.sort_unstable();
        let mut places = paths.iter().map(|path| Place {
            path: Arc::from(shown(path)),
            line: 1,
            column: 1,
        });
        let first = places.next()?;
        let mut finding = Finding::new(Code::UnfollowedLink, message, help).at(first);
        finding.more = places.collect();
        Some(finding)
    }
}

/// Hands on what a folder holds, folders aside, without what is excluded and the temporary files of a run that was
/// killed.
pub(super) fn each_entry(root: &Path, filter: &PageFilter, take: &mut dyn FnMut(Entry)) {
    let mut walk = Walk {
        root,
        filter,
        followed: 0,
        take,
    };
    walk.folder(root);
}

struct Walk<'a> {
    root: &'a Path,
    filter: &'a PageFilter,
    /// How many links to folders were followed.
    followed: usize,
    take: &'a mut dyn FnMut(Entry),
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path) {
        let (root, exclude) = (self.root, &self.filter.exclude);
        let is_wanted = |entry: &walkdir::DirEntry| {
            let name = entry.file_name().as_encoded_bytes();
            entry.depth() == 0
                || !(name.starts_with(TEMPORARY.as_bytes())
                    || exclude.match_path(root, entry.path()))
        };
        for entry in WalkDir::new(folder).into_iter().filter_entry(is_wanted) {
            match entry {
                Err(error) => (self.take)(Entry::Failed(error)),
                // The folder itself may be a link, which is followed.
                Ok(entry) if entry.file_type().is_dir() || entry.depth() == 0 => {}
                Ok(entry) if entry.file_type().is_file() => {
                    (self.take)(Entry::File(entry.into_path()));
                }
                Ok(entry) if entry.path_is_symlink() => self.link(entry.into_path()),
                Ok(entry) => (self.take)(Entry::Other(entry.into_path())),
            }
        }
    }

    fn link(&mut self, path: PathBuf) {
        let follows = self.filter.links == Links::Follow;
        let left = match fs::metadata(&path) {
            Err(_) => Left::Nowhere,
            Ok(metadata) if metadata.is_dir() => match follows {
                false => Left::Folder,
                true if self.leads_back(&path) => Left::Back,
                true if self.followed == MAX_FOLLOWED => Left::TooMany,
                true => {
                    self.followed += 1;
                    return self.folder(&path);
                }
            },
            Ok(metadata) if metadata.is_file() => match follows {
                false => Left::File,
                true => return (self.take)(Entry::File(path)),
            },
            Ok(_) => return (self.take)(Entry::Other(path)),
        };
        (self.take)(Entry::Left(path, left));
    }

    /// Whether a link leads to a folder that its own path goes through.
    fn leads_back(&self, path: &Path) -> bool {
        let Ok(target) = path.canonicalize() else {
            return true;
        };
        let around = path.ancestors().skip(1);
        let mut around = around.take_while(|folder| folder.starts_with(self.root));
        around.any(|folder| {
            let folder = match folder.as_os_str().is_empty() {
                true => Path::new("."),
                false => folder,
            };
            folder.canonicalize().is_ok_and(|folder| folder == target)
        })
    }
}
