//! What the pages of an inventory ask for by URL and what their scripts mention, checked against the pages: what was cut out of one must not go unnoticed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use url::Url;

use super::read::cut_out;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Place;
use crate::site::document::{Indices, RepeatedEntry, ResourceEntry};
use crate::site::requests::RequestIdentity;
use crate::site::subresources::{FileKey, file_key};
use crate::site::{DistinctRequest, SiteUrl};

/// The resources of a document or the URLs that it mentions, and what the pages so far said about each.
pub(super) struct Resources<'d> {
    /// A word for one of them.
    noun: &'static str,
    entries: &'d [ResourceEntry<'d>],
    all: Vec<Counted>,
    /// The number of pages that were counted.
    page: usize,
}

struct Counted {
    request: Arc<DistinctRequest>,
    uses: u64,
    pages: u64,
    /// The number of the page that was counted last.
    last: usize,
    /// Whether it follows from another, so that not only the pages that list it use it.
    is_followed: bool,
}

/// A request of a document, and what follows from it.
pub(super) struct Following<'d> {
    /// A word for it.
    noun: &'static str,
    /// Its index among those of its kind.
    index: usize,
    from: Arc<DistinctRequest>,
    ids: &'d Indices<'d>,
}

/// The files that were counted.
pub(super) type Files = HashSet<Option<FileKey>>;

/// What follows from requests, by what makes them others.
pub(super) type Followed = BTreeMap<RequestIdentity, Vec<Arc<DistinctRequest>>>;

impl<'d> Resources<'d> {
    /// # Errors
    ///
    /// [`ErrorKind::Inventory`] for an invalid URL.
    pub(super) fn new(noun: &'static str, entries: Option<&'d Vec<ResourceEntry<'_>>>, site: &SiteUrl) -> Result<Self> {
        let entries = entries.map_or(&[][..], Vec::as_slice);
        let all = entries.iter().enumerate().map(|(index, entry)| {
            let request = request(entry, site).ok_or_else(|| {
                let url = entry.url.as_deref().unwrap_or_default();
                wrong(format!("the URL of {noun} {index} is invalid: {url:?}"))
            })?;
            Ok(Counted { request: Arc::new(request), uses: 0, pages: 0, last: 0, is_followed: false })
        });
        let all = all.collect::<Result<_>>()?;
        Ok(Self { noun, entries, all, page: 0 })
    }

    /// Hands on each entry with the request that it describes.
    pub(super) fn each(&self, mut take: impl FnMut(&ResourceEntry<'_>, &DistinctRequest)) {
        let all = self.entries.iter().zip(&self.all);
        all.for_each(|(entry, counted)| take(entry, &counted.request));
    }

    /// Counts those of the next page, and returns them with the number of uses.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inventory`] for one that is not there, or is listed twice.
    pub(super) fn of_page(
        &mut self,
        path: &str,
        ids: Option<&Indices<'_>>,
        repeated: &[RepeatedEntry],
    ) -> Result<Vec<(Arc<DistinctRequest>, u64)>> {
        self.page += 1;
        let noun = self.noun;
        let repeated = repeated.iter().map(|entry| (entry.resource, entry.uses));
        let mut repeated: HashMap<u32, u64> = repeated.collect();
        let ids = ids.into_iter().flat_map(|Indices(ids)| &**ids);
        let requests = ids.map(|&id| {
            let known = self.all.get_mut(id as usize);
            let Some(counted) = known.filter(|counted| counted.last != self.page) else {
                return Err(wrong(format!(
                    "the page {path} uses {noun} {id}, which is not there or was listed before"
                )));
            };
            let uses = repeated.remove(&id).unwrap_or(1);
            counted.uses = counted.uses.saturating_add(uses);
            counted.pages += 1;
            counted.last = self.page;
            Ok((Arc::clone(&counted.request), uses))
        });
        let requests = requests.collect::<Result<_>>()?;
        match repeated.keys().next() {
            None => Ok(requests),
            Some(id) => Err(wrong(format!("the page {path} repeats {noun} {id}, which it does not list"))),
        }
    }

    /// Each with the indices of what follows from it.
    pub(super) fn following(&self) -> Vec<Following<'d>> {
        self.with(|entry| entry.resources.as_ref())
    }

    /// Each with the indices of what its script mentions.
    pub(super) fn mentioning(&self) -> Vec<Following<'d>> {
        self.with(|entry| entry.mentioned.as_ref())
    }

    fn with(&self, ids: impl Fn(&'d ResourceEntry<'d>) -> Option<&'d Indices<'d>>) -> Vec<Following<'d>> {
        let entries = self.entries.iter().enumerate();
        let following = entries.filter_map(|(index, entry)| {
            Some(Following { noun: self.noun, index, from: Arc::clone(&self.all[index].request), ids: ids(entry)? })
        });
        following.collect()
    }

    /// Counts those that follow from others, and returns them. Afterwards `files` are the files of these, too.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inventory`] for one that is not there, or is listed twice.
    pub(super) fn count_all(&mut self, following: Vec<Following<'_>>, files: &mut Files) -> Result<Followed> {
        let counted = following.into_iter().map(|it| {
            let requests = self.count(&it, files)?;
            Ok((it.from.identity(), requests))
        });
        counted.collect()
    }

    /// Counts those that follow from one.
    fn count(&mut self, following: &Following<'_>, files: &mut Files) -> Result<Vec<Arc<DistinctRequest>>> {
        let Following { noun, index, from, ids: Indices(ids) } = following;
        let url = from.url.as_ref();
        let is_new = files.insert(url.map(|url| file_key(from.destination, url)));
        let mut seen = HashSet::new();
        let own = self.noun;
        let requests = ids.iter().map(|id| {
            let known = self.all.get_mut(*id as usize);
            let Some(counted) = known.filter(|_| seen.insert(id)) else {
                return Err(wrong(format!("{noun} {index} uses {own} {id}, which is not there or was listed before")));
            };
            counted.uses = counted.uses.saturating_add(is_new.into());
            counted.is_followed = true;
            Ok(Arc::clone(&counted.request))
        });
        requests.collect()
    }

    /// Holds what the document says of each against its pages.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inventory`] if it does not agree.
    pub(super) fn check(&self) -> Result<()> {
        for (index, (entry, counted)) in self.entries.iter().zip(&self.all).enumerate() {
            let pages = match counted.is_followed {
                true => entry.pages,
                false => counted.pages,
            };
            if (entry.uses, entry.pages) != (counted.uses, pages) {
                return Err(cut_out(self.noun, index, counted.uses, counted.pages));
            }
        }
        Ok(())
    }
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::Inventory, message)
}

/// The request that an entry describes; [`None`] for an invalid URL.
fn request(entry: &ResourceEntry<'_>, site: &SiteUrl) -> Option<DistinctRequest> {
    let url = match entry.url.as_deref() {
        None => None,
        Some(path) if path.starts_with('/') => Some(site.with_path(path)?),
        Some(url) => Some(Url::parse(url).ok()?),
    };
    Some(DistinctRequest {
        destination: entry.destination.0,
        url: url.map(Arc::new),
        integrity: entry.integrity.as_deref().unwrap_or_default().into(),
        has_nonce: entry.nonce,
        is_module: entry.module,
        uses: entry.uses,
        pages: entry.pages,
        first: Place::from(&entry.first),
        is_hidden: false,
        is_conditional: entry.conditional,
    })
}
