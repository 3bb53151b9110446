//! From folders to an inventory: finds the pages, scans them in parallel, puts them together in path order.
//!
//! No page stops another: what failed is returned beside what was done. Nothing is printed here.

mod attributes;
pub(crate) mod contexts;
#[cfg(feature = "cli")]
pub(crate) mod copies;
mod cut_off;
mod digests;
pub(crate) mod document;
mod file_problem;
mod files;
mod filter;
mod folder;
mod followed;
mod framed;
mod globs;
pub(crate) mod identity;
mod ignored;
pub(crate) mod in_order;
mod inventory;
mod inventory_page;
mod links;
mod mentions;
pub mod merge;
mod module_graph;
pub(crate) mod modules;
mod names;
mod opener;
mod own_frames;
mod own_manifest;
mod own_scripts;
mod own_symbols;
pub(crate) mod reach;
pub(crate) mod replacement;
mod request_table;
mod requests;
mod roots;
mod staging;
mod subresources;
pub(crate) mod template_names;
pub(crate) mod templates;
mod url;
pub mod write;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::error::{Error, ErrorKind, Remedy, Result};
use crate::finding::Finding;
use crate::page::{Page, ScanOptions, scan_file};
pub use files::{LONGEST_FILE, Served, Server, SiteFiles, Unanswered};
pub use filter::{DEFAULT_INCLUDE, Links, PageFilter};
pub use framed::add_files;
use in_order::in_order_with;
pub use inventory::{DistinctInline, Inventory};
pub use inventory_page::InventoryPage;
pub(crate) use inventory_page::PageRequests;
use links::{Entry, Left, each_entry};
pub use module_graph::PageModules;
use names::shown;
use opener::Opener;
pub(crate) use opener::open;
pub use reach::Reach;
use reach::Spot;
pub use requests::DistinctRequest;
pub(crate) use requests::{absolute_bases, base_url, resolved};
pub(crate) use roots::Roots;
pub use url::SiteUrl;

/// A page to scan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct PageFile {
    /// The path as it is reported: as it was given, `/` on every system, without a leading `./`.
    /// A name that is not UTF-8 is shown with U+FFFD.
    pub name: Arc<str>,
    /// The path to open.
    pub path: PathBuf,
    /// Its place in the site: the path below the folder it was found in, `/` between its parts; for a file that was
    /// named itself the same as `name`.
    pub site_path: Arc<str>,
    /// What leads to it without links: the file, or a folder above it.
    spot: Arc<Spot>,
}

impl PageFile {
    /// The path of the file itself, behind whatever links lead to it.
    #[cfg(feature = "cli")]
    pub(crate) fn identity(&self) -> PathBuf {
        self.real().unwrap_or_else(|| identity::real(&self.path))
    }

    /// The same; [`None`] for a pipe or a device.
    fn real(&self) -> Option<PathBuf> {
        self.spot.real_of(&self.path)
    }

    /// Whether it is a file, and no pipe or device.
    #[cfg(feature = "cli")]
    pub(crate) fn is_file(&self) -> bool {
        self.real().is_some()
    }

    /// Whether lines of it may be shown: not if a link led to it from elsewhere.
    pub(crate) fn is_shown(&self) -> bool {
        self.spot.is_shown
    }

    /// The name in the bytes of the system, which need not be UTF-8.
    #[cfg(feature = "cli")]
    pub(crate) fn raw_name(&self) -> Vec<u8> {
        names::slashed(&self.path)
    }
}

/// What was found where pages were looked for.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct FoundPages {
    /// The pages, sorted by name, each once.
    pub files: Vec<PageFile>,
    /// What there is to say: links that were not followed.
    pub findings: Vec<Finding>,
    /// What could not be found or listed, and folders without a page.
    pub errors: Vec<Error>,
    /// The paths of the WebAssembly files in the folders.
    pub wasm: BTreeSet<String>,
    pub(crate) roots: Roots,
}

/// Finds the pages below folders; files are taken as given.
///
/// Hidden and ignored folders are walked too, since built sites usually are ignored. Of what is neither a file nor a
/// folder nor a link, such as a pipe or a device, nothing is read unless it is named itself.
#[must_use]
pub fn find_pages(paths: &[PathBuf], filter: &PageFilter) -> FoundPages {
    let mut pages = Pages::default();
    let mut found = FoundPages { roots: Roots::new(filter), ..FoundPages::default() };
    // One path leads to each of its files once.
    pages.may_repeat = paths.len() > 1;
    for path in paths {
        let metadata = path.metadata();
        let metadata = metadata.map_err(|error| Error::unread(error).at(path));
        let spot = metadata.and_then(|metadata| Ok((metadata, filter.reach.resolve(path)?)));
        match spot {
            Err(error) => found.errors.push(error),
            Ok((metadata, mut spot)) if metadata.is_dir() => {
                spot.is_guarded |= filter.is_guarded;
                let spot = Arc::new(spot);
                found.roots.add_folder(&spot);
                walk(&spot, filter, &mut pages, &mut found);
            }
            Ok((_, spot)) => {
                let name: Arc<str> = shown(path).into();
                found.roots.add_named(&name, &filter.reach);
                pages.add(PageFile { site_path: Arc::clone(&name), name, path: path.clone(), spot: Arc::new(spot) });
            }
        }
    }
    found.files = pages.sorted();
    found
}

/// Pages, each of which has a place in the site once, whatever ways there are to name it.
#[derive(Default)]
struct Pages {
    files: Vec<PageFile>,
    /// Whether a page may be added twice.
    may_repeat: bool,
    seen: HashSet<(PathBuf, Arc<str>)>,
}

impl Pages {
    /// Adds a page unless it is there. The way it was named first is kept.
    fn add(&mut self, page: PageFile) {
        if !self.may_repeat || self.seen.insert((identity::absolute(&page.path), page.site_path.clone())) {
            self.files.push(page);
        }
    }

    fn sorted(mut self) -> Vec<PageFile> {
        self.files.par_sort_unstable();
        self.files
    }
}

fn walk(spot: &Arc<Spot>, filter: &PageFilter, pages: &mut Pages, found: &mut FoundPages) {
    let root = &*spot.shown;
    let mut is_empty = true;
    let mut paths = Vec::new();
    let mut left: BTreeMap<Left, Vec<PathBuf>> = BTreeMap::new();
    each_entry(spot, filter, &mut |entry| match entry {
        Entry::Failed(path, error) => {
            is_empty = false;
            found.errors.push(Error::unread(error).at(path));
        }
        Entry::File(path, spot) => {
            if path.extension().is_some_and(|it| it == "wasm") {
                found.wasm.insert(shown(&path));
            }
            if filter.is_page(root, &path) && !filter.is_configuration(&path, &spot) {
                is_empty = false;
                paths.push((path, spot));
            }
        }
        Entry::Left(path, left_link) => {
            if left_link.is_folder() || filter.is_page(root, &path) {
                left.entry(left_link).or_default().push(path);
            }
        }
        Entry::Other(_) => {}
    });
    let mut above = shown(root);
    if !above.is_empty() && !above.ends_with('/') {
        above.push('/');
    }
    let page = |(path, spot)| found_page(path, spot, &above);
    for page in paths.into_par_iter().map(page).collect::<Vec<_>>() {
        pages.add(page);
    }
    let findings = left.into_iter();
    found.findings.extend(findings.filter_map(|(left, paths)| left.finding(paths)));
    if is_empty {
        let message = "no page in this folder; build the site first";
        let error = Error::new(ErrorKind::NoPages, message).at(root);
        let error = error.with_remedy(Remedy::IncludePages);
        found.errors.push(match filter.is_for_sources {
            true => error.with_remedy(Remedy::ReadIgnored),
            false => error,
        });
    }
}

fn below<'p>(root: &Path, path: &'p Path) -> &'p Path {
    path.strip_prefix(root).unwrap_or(path)
}

/// A page below a folder; `above` is what the names of all pages in that begin with.
fn found_page(path: PathBuf, spot: Arc<Spot>, above: &str) -> PageFile {
    let name = shown(&path);
    PageFile { spot, site_path: name.strip_prefix(above).unwrap_or(&name).into(), name: name.into(), path }
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

/// Scans pages of a site that is served there in parallel. `progress` is called once for each page, from several threads.
#[must_use]
pub fn scan_files(files: &[PageFile], site: SiteUrl, options: &ScanOptions, progress: &(dyn Fn() + Sync)) -> Scan {
    scan_each(files, site, options, progress, |_| {})
}

impl SiteFiles {
    /// Scans pages of the site in parallel, as [`scan_files`] does. Meanwhile the files of the site that they ask for are read, for
    /// [`add_files`].
    #[must_use]
    pub fn scan(&self, files: &[PageFile], options: &ScanOptions, progress: &(dyn Fn() + Sync)) -> Scan {
        let site = self.site().clone();
        rayon::in_place_scope(|scope| {
            let mut known = 0;
            scan_each(files, site, options, progress, |inventory| {
                let requests = inventory.requests();
                for request in &requests[known..] {
                    let destination = request.destination;
                    let url = request.url.clone();
                    if let Some(url) = url.filter(|url| self.reads(destination, url)) {
                        scope.spawn(move |_| drop(self.own_requests(destination, &url)));
                    }
                }
                known = requests.len();
            })
        })
    }
}

/// Scans pages; `added` is called after each.
fn scan_each(
    files: &[PageFile],
    site: SiteUrl,
    options: &ScanOptions,
    progress: &(dyn Fn() + Sync),
    mut added: impl FnMut(&Inventory),
) -> Scan {
    let mut inventory = Inventory::new(options.algorithm()).with_site(site);
    let options = options.clone().with_texts_of(files);
    // A page is large, and goes through several hands.
    let scan = |file: &PageFile, input: File| scan_one(file, input, &options).map(Box::new);
    let mut full = None;
    let mut errors = map_files(files, progress, scan, |page| {
        // The first of them is enough.
        let left = inventory.add_leaving(page);
        added(&inventory);
        left.map_err(|error| full.get_or_insert(error)).ok()
    });
    errors.extend(full);
    Scan { inventory, errors }
}

impl ScanOptions {
    /// The same, knowing what the templates among some files are to each other.
    pub(crate) fn with_texts_of(self, files: &[PageFile]) -> Self {
        let texts = templates::texts(files, self.templates(), self.charset());
        self.with_texts(texts)
    }
}

/// Scans a page of a site.
pub(crate) fn scan_one(file: &PageFile, input: File, options: &ScanOptions) -> Result<Page> {
    let mut page = scan_file(&file.name, input, options)?;
    page.site_path = Arc::clone(&file.site_path);
    if !file.is_shown() {
        page.hide();
    }
    Ok(page)
}

/// Does `work` on pages in parallel, and hands its results to `take` in path order; what that leaves is dropped elsewhere. What failed
/// is returned, in path order too. `progress` is called once for each page, from several threads.
pub fn map_files<T: Send, L: Send>(
    files: &[PageFile],
    progress: &(dyn Fn() + Sync),
    work: impl Fn(&PageFile, File) -> Result<T> + Sync,
    mut take: impl FnMut(T) -> L,
) -> Vec<Error> {
    let mut errors = Vec::new();
    let scan = |opener: &mut Opener, file: &PageFile| {
        let done = opener.open(file).and_then(|input| work(file, input));
        progress();
        done
    };
    let Ok(()) = in_order_with(files, Opener::default, scan, |done| {
        let done = done.map_err(|error| errors.push(error));
        Ok::<_, Infallible>(done.ok().map(&mut take))
    });
    errors
}

/// The first bytes of a file, at most `longest`, in one piece.
pub(crate) fn read_start(file: File, longest: u64) -> io::Result<Vec<u8>> {
    let len = file.metadata().map_or(0, |metadata| metadata.len());
    let mut start = Vec::with_capacity(len.min(longest) as usize);
    file.take(longest).read_to_end(&mut start)?;
    Ok(start)
}
