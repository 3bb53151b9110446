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

/// The files that were counted.
pub(super) type Files = HashSet<Option<FileKey>>;

/// What follows from requests, by what makes them others.
pub(super) type Followed = BTreeMap<RequestIdentity, Vec<Arc<DistinctRequest>>>;

impl<'d> Resources<'d> {
    /// # Errors
    ///
    /// [`ErrorKind::Inventory`] for an invalid URL.
    pub(super) fn new(
        noun: &'static str,
        entries: Option<&'d Vec<ResourceEntry<'_>>>,
        site: &SiteUrl,
    ) -> Result<Self> {
        let entries = entries.map_or(&[][..], Vec::as_slice);
        let all = entries.iter().enumerate().map(|(index, entry)| {
            let request = request(entry, site).ok_or_else(|| {
                let url = entry.url.as_deref().unwrap_or_default();
                wrong(format!("the URL of {noun} {index} is invalid: {url:?}"))
            })?;
            Ok(Counted {
                request: Arc::new(request),
                uses: 0,
                pages: 0,
                last: 0,
                is_followed: false,
            })
        });
        let all = all.collect::<Result<_>>()?;
        Ok(Self {
            noun,
            entries,
            all,
            page: 0,
        })
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
            Some(id) => Err(wrong(format!(
                "the page {path} repeats {noun} {id}, which it does not list"
            ))),
        }
    }

    /// Counts what follows from each, and returns it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inventory`] for a resource that is not there, or is listed twice.
    pub(super) fn followed(&mut self) -> Result<Followed> {
        let mut followed = Followed::new();
        let mut files = Files::new();
        for (index, entry) in self.entries.iter().enumerate() {
            if let Some(ids) = &entry.resources {
                let from = Arc::clone(&self.all[index].request);
                let requests = self.count(self.noun, index, &from, ids, &mut files)?;
                followed.insert(from.identity(), requests);
            }
        }
        Ok(followed)
    }

    /// Counts what the scripts mention that these are for; `mentioned` are the mentioned ones of the same document. Afterwards
    /// `files` are the scripts.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inventory`] for one that is not there.
    pub(super) fn mentioned(&self, mentioned: &mut Self, files: &mut Files) -> Result<Followed> {
        let mut by = Followed::new();
        for (index, entry) in self.entries.iter().enumerate() {
            if let Some(ids) = &entry.mentioned {
                let from = Arc::clone(&self.all[index].request);
                let mentions = mentioned.count(self.noun, index, &from, ids, files)?;
                by.insert(from.identity(), mentions);
            }
        }
        Ok(by)
    }

    /// The same of what the scripts mention that are mentioned themselves.
    pub(super) fn mentioned_late(&mut self, files: &mut Files) -> Result<Followed> {
        let mut by = Followed::new();
        for (index, entry) in self.entries.iter().enumerate() {
            if let Some(ids) = &entry.mentioned {
                let from = Arc::clone(&self.all[index].request);
                let mentions = self.count(self.noun, index, &from, ids, files)?;
                by.insert(from.identity(), mentions);
            }
        }
        Ok(by)
    }

    /// Counts those that follow from a request, which stands at this index among others.
    fn count(
        &mut self,
        noun: &str,
        index: usize,
        from: &DistinctRequest,
        Indices(ids): &Indices<'_>,
        files: &mut Files,
    ) -> Result<Vec<Arc<DistinctRequest>>> {
        let url = from.url.as_ref();
        let is_new = files.insert(url.map(|url| file_key(from.destination, url)));
        let mut seen = HashSet::new();
        let own = self.noun;
        let requests = ids.iter().map(|id| {
            let known = self.all.get_mut(*id as usize);
            let Some(counted) = known.filter(|_| seen.insert(id)) else {
                return Err(wrong(format!(
                    "{noun} {index} uses {own} {id}, which is not there or was listed before"
                )));
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
    let first = &entry.first;
    Some(DistinctRequest {
        destination: entry.destination.0,
        url: url.map(Arc::new),
        integrity: entry.integrity.as_deref().unwrap_or_default().into(),
        has_nonce: entry.nonce,
        uses: entry.uses,
        pages: entry.pages,
        first: Place {
            path: (*first.path).into(),
            line: first.line,
            column: first.column,
        },
        is_hidden: false,
        is_conditional: entry.conditional,
    })
}
