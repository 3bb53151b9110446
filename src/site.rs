//! From folders to an inventory: finds the pages, scans them in parallel, puts them together in path order.
//!
//! No page stops another: what failed is returned beside what was done. Nothing is printed here.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use rayon::prelude::*;
use walkdir::WalkDir;

use crate::error::{Error, ErrorKind, Result};
use crate::inline::{Page, ScanOptions, scan_page};
use crate::inventory::Inventory;
use crate::template::{Dialect, Templates};

/// The files of a folder that are pages, when nothing else is said; beside them those with a template extension.
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
    /// Takes globs; no `include` means [`DEFAULT_INCLUDE`] and the files whose extension says a template dialect,
    /// unless `templates` says that there are none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidGlob`].
    pub fn new(include: &[String], exclude: &[String], templates: Templates) -> Result<Self> {
        let default = default_include(templates);
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

fn default_include(templates: Templates) -> Vec<String> {
    let extensions = Dialect::ALL
        .iter()
        .filter(|_| templates != Templates::Off)
        .flat_map(|dialect| dialect.extensions());
    let templates = extensions.map(|extension| format!("*.{extension}"));
    DEFAULT_INCLUDE
        .map(str::to_owned)
        .into_iter()
        .chain(templates)
        .collect()
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
    /// Its place in the site: the path below the folder it was found in, `/` between its parts; for a file that was
    /// named itself the same as `name`.
    pub site_path: String,
}

impl PageFile {
    /// The path from the root, by which a file is known however it was named.
    pub(crate) fn absolute(&self) -> PathBuf {
        std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone())
    }

    /// The name in the bytes of the system, which need not be UTF-8.
    #[cfg(feature = "cli")]
    pub(crate) fn raw_name(&self) -> Vec<u8> {
        slashed(&self.path)
    }
}

/// Finds the pages below folders; files are taken as given. Sorted by name, each file once.
///
/// Hidden and ignored folders are walked too, since built sites usually are ignored. Symbolic links inside
/// a folder are not followed. What cannot be found or listed, and a folder without a page, is an error.
#[must_use]
pub fn find_pages(paths: &[PathBuf], filter: &PageFilter) -> (Vec<PageFile>, Vec<Error>) {
    let mut pages = Pages::default();
    let mut errors = Vec::new();
    for path in paths {
        match path.metadata() {
            Err(error) => errors.push(unreadable(path, error)),
            Ok(metadata) if metadata.is_dir() => walk(path, filter, &mut pages, &mut errors),
            Ok(_) => pages.add(page_file(path.clone(), None)),
        }
    }
    (pages.sorted.into_iter().collect(), errors)
}

/// Pages, each of which has a place in the site once, whatever ways there are to name it.
#[derive(Default)]
struct Pages {
    sorted: BTreeSet<PageFile>,
    seen: HashSet<(PathBuf, String)>,
}

impl Pages {
    /// Adds a page unless it is there. The way it was named first is kept.
    fn add(&mut self, page: PageFile) {
        if self.seen.insert((page.absolute(), page.site_path.clone())) {
            self.sorted.insert(page);
        }
    }
}

fn walk(root: &Path, filter: &PageFilter, pages: &mut Pages, errors: &mut Vec<Error>) {
    let mut found = false;
    for entry in entries(root, filter) {
        match entry {
            Err(error) => {
                found = true;
                let path = error.path().unwrap_or(root).to_owned();
                // What is said around the cause would name the path again.
                let cause = error
                    .into_io_error()
                    .unwrap_or_else(|| io::ErrorKind::Other.into());
                errors.push(unreadable(&path, cause));
            }
            Ok(entry) if entry.file_type().is_file() => {
                if filter.include.is_match(below(root, entry.path())) {
                    found = true;
                    pages.add(page_file(entry.into_path(), Some(root)));
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

/// Finds where the files of folders go in a copy of them below `to`: those of a folder at their path below it, a named
/// file at its name. All files count, pages or not, and symbolic links too, but for what is excluded. What cannot be
/// listed is left out.
///
/// # Errors
///
/// [`ErrorKind::Write`] for a copy inside one of the folders, and for two files that would go to one place.
pub fn find_copies(
    paths: &[PathBuf],
    to: &Path,
    filter: &PageFilter,
) -> Result<BTreeMap<PathBuf, PathBuf>> {
    let refuse = |message: String| Err(Error::new(ErrorKind::Write, message).at(to));
    let mut copies = BTreeMap::new();
    for root in paths {
        if !root.is_dir() {
            copies.insert(root.clone(), to.join(root.file_name().unwrap_or_default()));
            continue;
        }
        let absolute = |path: &Path| {
            let known = path.canonicalize();
            known.or_else(|_| std::path::absolute(path)).ok()
        };
        if let (Some(to), Some(root)) = (absolute(to), absolute(root))
            && to.starts_with(root)
        {
            return refuse("a copy cannot stand inside the folder that is copied".to_owned());
        }
        let files = entries(root, filter).filter_map(walkdir::Result::ok);
        for entry in files.filter(|entry| !entry.file_type().is_dir()) {
            let place = to.join(below(root, entry.path()));
            copies.insert(entry.into_path(), place);
        }
    }
    let mut places: Vec<&PathBuf> = copies.values().collect();
    places.sort_unstable();
    if let Some(twice) = places.windows(2).find(|pair| pair[0] == pair[1]) {
        return refuse(format!(
            "two files would go to {}; copy the folders one by one",
            twice[0].display()
        ));
    }
    Ok(copies)
}

/// What a folder holds, without what is excluded.
fn entries(
    root: &Path,
    filter: &PageFilter,
) -> impl Iterator<Item = walkdir::Result<walkdir::DirEntry>> {
    WalkDir::new(root).into_iter().filter_entry(move |entry| {
        entry.depth() == 0 || !filter.exclude.is_match(below(root, entry.path()))
    })
}

fn below(root: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_owned()
}

fn unreadable(path: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Read, "cannot be read")
        .at(path)
        .because(error)
}

fn page_file(path: PathBuf, root: Option<&Path>) -> PageFile {
    let name = shown(&path);
    let site_path = root.map_or_else(|| name.clone(), |root| shown(&below(root, &path)));
    PageFile {
        name,
        path,
        site_path,
    }
}

/// A path as it is reported.
fn shown(path: &Path) -> String {
    String::from_utf8_lossy(&slashed(path)).into_owned()
}

/// A path with `/` between its parts, without a leading `./`, in the bytes of the system.
fn slashed(path: &Path) -> Vec<u8> {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let parts: Vec<&[u8]> = parts
        .map(|part| part.as_os_str().as_encoded_bytes())
        .collect();
    let name = parts.join(&b'/');
    // The root of an absolute path is a component of its own.
    match memchr::memmem::find(&name, b"//") {
        Some(twice) => [&name[..twice], &name[twice + 1..]].concat(),
        None => name,
    }
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
    let mut inventory = Inventory::new(options.algorithm());
    let scan = |file: &PageFile, input: File| {
        let mut page = scan_page(&file.name, input, options)?;
        page.site_path = file.site_path.as_str().into();
        Ok(page)
    };
    let errors = map_files(files, progress, scan, |page: Page| inventory.add(page));
    Scan { inventory, errors }
}

/// Does `work` on pages in parallel, and hands its results to `take` in path order; what failed is returned, in path
/// order too. `progress` is called once for each page, from several threads.
pub fn map_files<T: Send>(
    files: &[PageFile],
    progress: &(dyn Fn() + Sync),
    work: impl Fn(&PageFile, File) -> Result<T> + Sync,
    mut take: impl FnMut(T),
) -> Vec<Error> {
    let mut errors = Vec::new();
    for batch in files.chunks(BATCH) {
        let done: Vec<Result<T>> = batch
            .par_iter()
            .map(|file| {
                let done = open(file).and_then(|input| work(file, input));
                progress();
                done
            })
            .collect();
        for done in done {
            match done {
                Ok(done) => take(done),
                Err(error) => errors.push(error),
            }
        }
    }
    errors
}

fn open(file: &PageFile) -> Result<File> {
    File::open(&file.path).map_err(|error| {
        Error::new(ErrorKind::Read, "cannot be read")
            .at(&file.name)
            .because(error)
    })
}
