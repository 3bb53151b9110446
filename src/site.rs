//! From folders to an inventory: finds the pages, scans them in parallel, puts them together in path order.
//!
//! No page stops another: what failed is returned beside what was done. Nothing is printed here.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use rayon::prelude::*;
use walkdir::WalkDir;

use crate::error::{Error, ErrorKind, Result};
use crate::inline::{Page, ScanOptions, scan_page};
use crate::inventory::Inventory;

/// The files of a folder that are pages, when nothing else is said.
pub const DEFAULT_INCLUDE: [&str; 2] = ["*.html", "*.htm"];

/// Which files of a folder are pages.
///
/// A glob without a slash is matched against the file's name, one with a slash against its path below the
/// folder. Case is ignored.
#[derive(Clone, Debug)]
pub struct PageFilter {
    include: GlobSet,
    exclude: GlobSet,
}

impl PageFilter {
    /// Takes globs; no `include` means [`DEFAULT_INCLUDE`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidGlob`].
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self> {
        let default = DEFAULT_INCLUDE.map(str::to_owned);
        let include = if include.is_empty() {
            &default[..]
        } else {
            include
        };
        Ok(Self {
            include: glob_set(include)?,
            exclude: glob_set(exclude)?,
        })
    }
}

fn glob_set(globs: &[String]) -> Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let anywhere = if glob.contains('/') {
            glob.trim_start_matches('/').to_owned()
        } else {
            format!("**/{glob}")
        };
        let compiled = GlobBuilder::new(anywhere.trim_end_matches('/'))
            .literal_separator(true)
            .case_insensitive(true)
            .build();
        set.add(compiled.map_err(|error| {
            Error::new(ErrorKind::InvalidGlob, format!("invalid glob {glob:?}")).because(error)
        })?);
    }
    set.build()
        .map_err(|error| Error::new(ErrorKind::InvalidGlob, "invalid globs").because(error))
}

/// A page to scan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct PageFile {
    /// The path as it is reported: as it was given, `/` on every system, without a leading `./`.
    /// A name that is not UTF-8 is shown with U+FFFD.
    pub name: String,
    /// The path to open.
    pub path: PathBuf,
}

/// Finds the pages below folders; files are taken as given. Sorted by name, each file once.
///
/// Hidden and ignored folders are walked too, since built sites usually are ignored. Symbolic links inside
/// a folder are not followed. What cannot be found or listed, and a folder without a page, is an error.
#[must_use]
pub fn find_pages(paths: &[PathBuf], filter: &PageFilter) -> (Vec<PageFile>, Vec<Error>) {
    let mut pages = BTreeSet::new();
    let mut errors = Vec::new();
    for path in paths {
        match path.metadata() {
            Err(error) => errors.push(unreadable(path, error)),
            Ok(metadata) if metadata.is_dir() => walk(path, filter, &mut pages, &mut errors),
            Ok(_) => {
                pages.insert(page_file(path.clone()));
            }
        }
    }
    (pages.into_iter().collect(), errors)
}

fn walk(root: &Path, filter: &PageFilter, pages: &mut BTreeSet<PageFile>, errors: &mut Vec<Error>) {
    let mut found = false;
    let below = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_owned();
    let entries = WalkDir::new(root)
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !filter.exclude.is_match(below(entry.path())));
    for entry in entries {
        match entry {
            Err(error) => {
                found = true;
                let path = error.path().unwrap_or(root).to_owned();
                errors.push(unreadable(&path, error));
            }
            Ok(entry) if entry.file_type().is_file() => {
                if filter.include.is_match(below(entry.path())) {
                    found = true;
                    pages.insert(page_file(entry.into_path()));
                }
            }
            Ok(_) => {}
        }
    }
    if !found {
        let message =
            "no page in this folder; build the site first, or name the pages with --include";
        errors.push(Error::new(ErrorKind::NoPages, message).at(root));
    }
}

fn unreadable(path: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Read, "cannot be read")
        .at(path)
        .because(error)
}

fn page_file(path: PathBuf) -> PageFile {
    let name = path.components().filter(|part| *part != Component::CurDir);
    let name: Vec<_> = name
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    // The root of an absolute path is a component of its own.
    let name = name.join("/").replacen("//", "/", 1);
    PageFile { name, path }
}

/// What a run over many pages gives.
#[derive(Debug)]
#[non_exhaustive]
pub struct Scan {
    /// What was found, without the pages that failed.
    pub inventory: Inventory,
    /// What failed, in path order.
    pub errors: Vec<Error>,
}

/// Pages scanned before they are put together, so that memory holds few of them at a time.
const BATCH: usize = 8 * 1024;

/// Scans pages in parallel. `progress` is called once for each page, from several threads.
#[must_use]
pub fn scan_files(files: &[PageFile], options: &ScanOptions, progress: &(dyn Fn() + Sync)) -> Scan {
    let mut scan = Scan {
        inventory: Inventory::new(options.algorithm()),
        errors: Vec::new(),
    };
    for batch in files.chunks(BATCH) {
        let scanned: Vec<Result<Page>> = batch
            .par_iter()
            .map(|file| {
                let page = scan_file(file, options);
                progress();
                page
            })
            .collect();
        for page in scanned {
            match page {
                Ok(page) => scan.inventory.add(page),
                Err(error) => scan.errors.push(error),
            }
        }
    }
    scan
}

fn scan_file(file: &PageFile, options: &ScanOptions) -> Result<Page> {
    let input = File::open(&file.path).map_err(|error| {
        Error::new(ErrorKind::Read, "cannot be read")
            .at(&file.name)
            .because(error)
    })?;
    scan_page(&file.name, input, options)
}
