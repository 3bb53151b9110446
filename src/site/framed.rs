//! The SVG and XHTML documents of the site that its pages frame or embed. A folder has many files of these kinds that are only
//! images, in which nothing runs, so they are pages only where a page makes them documents.

use std::collections::HashSet;
use std::fs::File;
use std::sync::Arc;

use url::Url;

use super::files::{SiteFiles, Unanswered};
use super::{Inventory, PageFile, map_files, shown};
use crate::error::{Error, Result};
use crate::page::Destination;

/// The extensions of documents that browsers show in a frame and that are no pages by their names.
const EXTENSIONS: [&str; 4] = ["svg", "xht", "xhtml", "xml"];

/// Completes an inventory that has all pages: `add` adds what `work` makes of the documents that they frame, and of those that these
/// frame; then follow the [requests in files](Inventory::add_subresources). Returns what failed, of `add` the first alone.
pub fn add_files<T: Send>(
    files: &SiteFiles,
    inventory: &mut Inventory,
    work: impl Fn(&PageFile, File) -> Result<T> + Sync,
    mut add: impl FnMut(&mut Inventory, T) -> Result<()>,
) -> Vec<Error> {
    let mut full = None;
    // Most sites frame none, and have many pages.
    let mut known: Option<HashSet<Arc<str>>> = None;
    let mut errors = Vec::new();
    let mut start = 0;
    for framed in 1.. {
        let requests = inventory.requests();
        let urls = requests[start..].iter().filter_map(|request| {
            let url = request.url.as_deref()?;
            files.may_be_framed(request.destination, url).then_some(url)
        });
        let mut urls = urls.peekable();
        let found = urls.peek().is_some().then(|| {
            let pages = || inventory.pages().iter();
            let places = || pages().map(|page| Arc::clone(&page.site_path)).collect();
            files.framed(urls, known.get_or_insert_with(places))
        });
        start = requests.len();
        let found = found.unwrap_or_default();
        if found.is_empty() {
            break;
        }
        let from = inventory.pages().len();
        errors.extend(map_files(&found, &|| {}, &work, |done| {
            full = full.take().or(add(inventory, done).err());
        }));
        inventory.set_framed(from, framed);
    }
    errors.extend(full);
    inventory.add_subresources(files);
    errors
}

impl SiteFiles {
    /// Whether a request may be for such a document.
    pub(crate) fn may_be_framed(&self, destination: Destination, url: &Url) -> bool {
        let extension = url.path().rsplit_once('.').map(|(_, extension)| extension);
        matches!(destination, Destination::Frame | Destination::Object)
            && extension.is_some_and(|it| EXTENSIONS.iter().any(|known| it.eq_ignore_ascii_case(known)))
            && self.has(url)
            && self.roots().is_some()
    }

    /// The documents at these URLs whose places in the site are not `known` yet, by name; they are then. Files that are excluded are
    /// none.
    pub fn framed<'u>(&self, urls: impl IntoIterator<Item = &'u Url>, known: &mut HashSet<Arc<str>>) -> Vec<PageFile> {
        let found = urls.into_iter().filter_map(|url| self.document(url).ok()?);
        let mut found: Vec<PageFile> = found.filter(|file| known.insert(Arc::clone(&file.site_path))).collect();
        found.sort_unstable();
        found
    }

    /// The document at a URL of the site; [`None`] if it is excluded.
    pub(super) fn document(&self, url: &Url) -> std::result::Result<Option<PageFile>, Unanswered> {
        self.answer(url, |located| {
            located.open()?;
            let place = self.path(url).unwrap_or_default();
            Ok((!located.is_excluded).then(|| PageFile {
                name: shown(&located.path).into(),
                site_path: shown(&place).into(),
                path: located.path,
                spot: located.spot,
            }))
        })
    }
}
