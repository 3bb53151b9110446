//! What a folder holds, and what becomes of the symbolic links in it.
//!
//! A built site is read as it will be served, but a link can lead anywhere: out of the site, to a folder around it, to
//! nothing. So none is followed unless that is asked, and what is not followed is said.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::folder::{self, Folder, Kind};
use super::ignored::{ENVIRONMENT, Ignored, is_foreign};
use super::reach::{Spot, is_repository};
use super::staging::TEMPORARY;
use super::{Links, PageFilter, identity, shown};
use crate::finding::{Code, Finding, Place};

/// How many folders are listed at once.
const AT_ONCE: usize = 64;

/// How many links to folders are followed below one folder. Folders that link to each other have paths without number.
const MAX_FOLLOWED: usize = 1000;

/// Something in a folder.
pub(super) enum Entry {
    /// A file, or a link to one that is followed, and where the file is or a folder above it.
    File(PathBuf, Arc<Spot>),
    /// A link that is not followed.
    Left(PathBuf, Left),
    /// A pipe, a device, a socket, or a link to such.
    #[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "only copies name it"))]
    Other(PathBuf),
    /// A folder that cannot be listed.
    Failed(PathBuf, io::Error),
}

/// Why a link is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Left {
    File,
    Folder,
    Nowhere,
    Outside { is_folder: bool },
    Back,
    TooMany,
}

impl Left {
    /// Whether it leads to a folder.
    pub(super) fn is_folder(self) -> bool {
        match self {
            Self::File | Self::Nowhere => false,
            Self::Folder | Self::Back | Self::TooMany => true,
            Self::Outside { is_folder } => is_folder,
        }
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
            Self::Nowhere => ("a symbolic link leads nowhere".into(), "remove it, or leave it out with --exclude"),
            Self::Outside { .. } => (
                "a symbolic link leads out of the folder of the configuration and was not followed".into(),
                "remove it, leave it out with --exclude, or pass --allow-outside",
            ),
            Self::Back => (
                "a symbolic link leads back to a folder around it and was not followed".into(),
                "remove it, or leave it out with --exclude",
            ),
            Self::TooMany => (
                format!(
                    "more than {MAX_FOLLOWED} symbolic links to folders, which may lead to each other; the others were not followed"
                ),
                "leave some out with --exclude",
            ),
        };
        paths.sort_unstable();
        let mut places = paths.iter().map(|path| Place { path: Arc::from(shown(path)), line: 1, column: 1 });
        let first = places.next()?;
        let mut finding = Finding::new(Code::UnfollowedLink, message, help).at(first);
        finding.more = places.collect();
        Some(finding)
    }
}

/// Hands on what a folder holds, folders aside, without what is excluded, the folders of version control systems, and the
/// temporary files of a run that was killed.
pub(super) fn each_entry(root: &Arc<Spot>, filter: &PageFilter, take: &mut dyn FnMut(Entry)) {
    let mut walk = Walk {
        root: &root.shown,
        filter,
        followed: 0,
        folders: vec![Waiting { path: root.shown.clone(), spot: Arc::clone(root), ignored: filter.ignored(root) }],
        take,
    };
    while !walk.folders.is_empty() {
        let first = walk.folders.len().saturating_sub(AT_ONCE);
        let folders = walk.folders.split_off(first);
        let listed = folders.into_par_iter().map(|folder| (listed(&folder), folder));
        for (listed, folder) in listed.collect::<Vec<_>>() {
            walk.folder(folder, listed);
        }
    }
}

/// The real path of a folder, and what is in it.
fn listed(folder: &Waiting) -> io::Result<(PathBuf, Vec<folder::Entry>)> {
    let real = folder.spot.real_of(&folder.path);
    let real = real.ok_or(io::ErrorKind::NotFound)?;
    let entries = Folder::open(&real)?.entries()?;
    Ok((real, entries))
}

/// A folder that is still to be listed.
struct Waiting {
    path: PathBuf,
    spot: Arc<Spot>,
    /// What is ignored around it, if that counts.
    ignored: Option<Ignored>,
}

struct Walk<'a> {
    root: &'a Path,
    filter: &'a PageFilter,
    /// How many links to folders were followed.
    followed: usize,
    /// The folders that are still to be listed.
    folders: Vec<Waiting>,
    take: &'a mut dyn FnMut(Entry),
}

impl Walk<'_> {
    fn folder(&mut self, waiting: Waiting, listed: io::Result<(PathBuf, Vec<folder::Entry>)>) {
        let Waiting { path: folder, spot, ignored } = waiting;
        let (real, entries) = match listed {
            Ok(listed) => listed,
            Err(error) => return (self.take)(Entry::Failed(folder, error)),
        };
        let has = |wanted: &str| entries.iter().any(|(name, _)| name == wanted);
        if ignored.is_some() && folder != self.root && has(ENVIRONMENT) {
            return;
        }
        let has_rules = has(".gitignore") || has(".git");
        let ignored = ignored.as_ref().map(|ignored| match has_rules {
            true => ignored.within(&real),
            false => ignored.clone(),
        });
        let is_ignored = |name: &OsStr, kind| {
            ignored.as_ref().is_some_and(|ignored| {
                let real = real.join(name);
                let is_folder = kind == Kind::Folder;
                is_folder && is_foreign(name) || ignored.has(&real, is_folder)
            })
        };
        for (name, kind) in entries {
            let path = folder.join(&name);
            let is_left_out = name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes())
                || kind != Kind::File && is_repository(&name)
                || self.filter.exclude.match_path(self.root, &path)
                || is_ignored(&name, kind);
            match kind {
                _ if is_left_out => {}
                Kind::File => (self.take)(Entry::File(path, Arc::clone(&spot))),
                Kind::Folder => self.folders.push(Waiting { path, spot: Arc::clone(&spot), ignored: ignored.clone() }),
                Kind::Link => self.link(path, &spot),
                Kind::Other => (self.take)(Entry::Other(path)),
            }
        }
    }

    fn link(&mut self, path: PathBuf, spot: &Spot) {
        let follows = self.filter.links == Links::Follow;
        let left = match fs::metadata(&path) {
            Err(_) => Left::Nowhere,
            Ok(metadata) if !metadata.is_dir() && !metadata.is_file() => {
                return (self.take)(Entry::Other(path));
            }
            Ok(metadata) if !follows => match metadata.is_dir() {
                true => Left::Folder,
                false => Left::File,
            },
            Ok(metadata) => match self.filter.link_reach.resolve(&path) {
                Err(_) => Left::Outside { is_folder: metadata.is_dir() },
                Ok(_) if metadata.is_dir() && self.leads_back(&path) => Left::Back,
                Ok(_) if metadata.is_dir() && self.followed == MAX_FOLLOWED => Left::TooMany,
                Ok(target) => {
                    let target = Arc::new(target.below(spot));
                    if metadata.is_file() {
                        return (self.take)(Entry::File(path, target));
                    }
                    self.followed += 1;
                    let ignored = self.filter.ignored(&target);
                    return self.folders.push(Waiting { path, spot: target, ignored });
                }
            },
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
        around.any(|around| {
            let around = identity::folder(around).canonicalize();
            around.is_ok_and(|around| around == target)
        })
    }
}
