//! Inventories that were made apart, joined: a site hashed in shards or on several machines gets one policy.
//!
//! What `--format json` prints is read back strictly, since a page that is lost on the way is an outage. The inventory
//! that results is the one that a single run over all the pages makes: pages in path order, each distinct inline where it
//! is first seen. Policies and what was found about them are not carried over: they are made anew, from the base that is given now.

#[cfg(test)]
mod tests;

mod resources;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

pub use super::document::SCHEMA_VERSION;
use super::document::{Document, Hash, Head, PageEntry, PlaceEntry};
use super::requests::RequestIdentity;
use super::{DistinctRequest, SiteUrl};
use crate::error::{Error, ErrorKind, Remedy, Result};
use crate::finding::{Code, Finding, Place};
use crate::hash::{HashAlgorithm, HashSource};
use crate::page::{InlineUse, Location, Nesting, Nestings, NoncedInline, Page, Resource};
use crate::site::Inventory;
use resources::Resources;

/// The number of hashes of one inline resource. Browsers hash few spellings of a text; a page of a hand-made inventory would carry as
/// many as it likes.
const MOST_HASHES: usize = 16;

/// Joins inventories, each with the name it is reported under and what [`json`](crate::target) printed.
///
/// A page (the same path and the same place in the site) may stand in several of them if it is the same in all. The address of the
/// site is that of those which have one. The paths in those without one are taken for paths of its host.
///
/// # Errors
///
/// [`ErrorKind::Limit`] for more than 16 hashes of one inline resource;
/// [`ErrorKind::Inventory`] for what is no inventory of this version or the one before it, one that does not agree with itself, and
/// two that do not agree on a page, on the algorithm or on the address of the site; [`ErrorKind::NoPages`] when there is no page at all.
pub fn merge(inputs: Vec<(String, Vec<u8>)>) -> Result<Inventory> {
    let site = site(&inputs)?;
    let mut algorithm: Option<(HashAlgorithm, String)> = None;
    let mut pages: BTreeMap<Key, (String, ReadPage)> = BTreeMap::new();
    for (name, bytes) in inputs {
        let document = Document::read(&bytes).map_err(|error| error.at(&name))?;
        drop(bytes);
        match &algorithm {
            None => algorithm = Some((document.algorithm.0, name.clone())),
            Some((known, first)) if *known != document.algorithm.0 => {
                let message = format!(
                    "the hashes are {}, but {known} in {first}",
                    document.algorithm.0
                );
                let error = Error::new(ErrorKind::Inventory, message).at(&name);
                return Err(error.with_remedy(Remedy::SameAlgorithm));
            }
            Some(_) => {}
        }
        for page in pages_of(document, &site).map_err(|error| error.at(&name))? {
            add(&mut pages, &name, page)?;
        }
    }
    let (Some((algorithm, _)), false) = (algorithm, pages.is_empty()) else {
        let message = "no page in the inventories";
        return Err(Error::new(ErrorKind::NoPages, message));
    };
    let mut inventory = Inventory::new(algorithm).with_site(site);
    let mut unknown: BTreeMap<String, usize> = BTreeMap::new();
    for (name, ReadPage { page, requests }) in pages.into_values() {
        if !page.knows_requests {
            *unknown.entry(name).or_default() += 1;
        }
        let requests = requests.into_iter().map(|(request, uses)| DistinctRequest {
            uses,
            ..(*request).clone()
        });
        inventory.add_resolved(page, requests)?;
    }
    inventory.note(unknown.into_iter().map(unknown_resources));
    Ok(inventory)
}

/// The address of the site.
fn site(inputs: &[(String, Vec<u8>)]) -> Result<SiteUrl> {
    let mut site: Option<(SiteUrl, &str)> = None;
    for (name, bytes) in inputs {
        let head = Head::read(bytes).map_err(|error| error.at(name))?;
        let own = head.site_url.map(|url| SiteUrl::parse(&url)).transpose();
        let own = own.map_err(|error| Error::new(ErrorKind::Inventory, error.to_string()).at(name));
        match (own?, &site) {
            (None, _) => {}
            (Some(own), None) => site = Some((own, name)),
            (Some(own), Some((known, first))) if own != *known => {
                let message = format!("the site is {own}, but {known} in {first}");
                let error = Error::new(ErrorKind::Inventory, message).at(name);
                return Err(error.with_remedy(Remedy::PrintInventory));
            }
            (Some(_), Some(_)) => {}
        }
    }
    Ok(site.map(|(site, _)| site).unwrap_or_default())
}

/// The finding about an inventory with this number of pages of which it does not list the resources.
fn unknown_resources((name, pages): (String, usize)) -> Finding {
    let message = format!(
        "what the pages of this inventory ask for by URL is not known of {pages} of them, so the policy may block it unreported"
    );
    let help = "print the inventory anew with cspseal hash --format json of this version";
    let place = Place::of(&name.into(), Location::START);
    Finding::new(Code::UnknownResources, message, help).at(place)
}

/// A page of a document, and what it asks for by URL, with the number of uses.
struct ReadPage {
    page: Page,
    requests: Vec<(Arc<DistinctRequest>, u64)>,
}

impl ReadPage {
    /// Whether nothing that is known of both differs.
    fn agrees_with(&self, other: &Self) -> bool {
        let (one, two) = (&self.page, &other.page);
        let is_known = one.knows_requests && two.knows_requests;
        one.inlines().eq(two.inlines())
            && one.nonced == two.nonced
            && one.findings == two.findings
            && (!is_known || self.asked() == other.asked())
    }

    fn asked(&self) -> BTreeMap<RequestIdentity, u64> {
        let requests = self.requests.iter();
        requests.map(|(it, uses)| (it.identity(), *uses)).collect()
    }
}

/// The order of a run's pages: standard input last, else by path.
type Key = (bool, Arc<str>, Arc<str>);

fn add(pages: &mut BTreeMap<Key, (String, ReadPage)>, name: &str, new: ReadPage) -> Result<()> {
    let page = &new.page;
    let (path, site_path) = (Arc::clone(&page.path), Arc::clone(&page.site_path));
    match pages.entry((&*path == "-", path, site_path)) {
        Entry::Vacant(free) => {
            free.insert((name.to_owned(), new));
            Ok(())
        }
        Entry::Occupied(mut taken) => {
            let (first, known) = taken.get();
            if known.agrees_with(&new) && first != name {
                if !known.page.knows_requests {
                    taken.insert((name.to_owned(), new));
                }
                return Ok(());
            }
            let message = if first == name {
                format!("the page {} stands there twice", page.path)
            } else {
                format!(
                    "the page {} is not what it is in {first}; hash it once more, from the site that is deployed",
                    page.path
                )
            };
            Err(Error::new(ErrorKind::Inventory, message).at(name))
        }
    }
}

/// The pages of a document with their findings, once all that it says twice agrees.
fn pages_of(document: Document<'_>, site: &SiteUrl) -> Result<Vec<ReadPage>> {
    let paths: Vec<Arc<str>> = document
        .pages
        .iter()
        .map(|page| (*page.path).into())
        .collect();
    check_hashes(&document)?;
    check_counts(&document)?;
    let mut resources = Resources::new(&document, site)?;
    // Shared by all pages that use them.
    let inlines = document.inlines.iter().map(|inline| Resource {
        kind: inline.kind.0,
        hashes: inline.hashes.iter().map(|hash| hash.0).collect(),
        bytes: inline.bytes,
        source: None,
        excerpt: inline.excerpt.as_deref().map(Into::into),
        text: inline.text.as_deref().map(Into::into),
    });
    let inlines: Vec<Resource> = inlines.collect();
    let mut pages = document
        .pages
        .iter()
        .zip(&paths)
        .map(|(entry, path)| {
            Ok(ReadPage {
                requests: resources.of_page(entry)?,
                page: page(&inlines, entry, path)?,
            })
        })
        .collect::<Result<Vec<ReadPage>>>()?;
    resources.check(&document)?;
    let mut first_at: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, path) in paths.iter().enumerate() {
        first_at.entry(path).or_insert(index);
    }
    for entry in document.findings {
        if entry.code.0.is_of_policy() {
            continue;
        }
        let of = entry.places.first().map(|place| &*place.path);
        let Some(&index) = of.and_then(|path| first_at.get(path)) else {
            let message = format!("a finding {} is at no page", entry.code.0);
            return Err(Error::new(ErrorKind::Inventory, message));
        };
        pages[index].page.findings.push(entry.into());
    }
    Ok(pages)
}

fn page(inlines: &[Resource], entry: &PageEntry<'_>, path: &Arc<str>) -> Result<Page> {
    // In the order of the document, which is that of the first page that has them.
    let mut ids: Vec<u32> = entry.inlines.iter().map(|used| used.inline).collect();
    ids.sort_unstable();
    ids.dedup();
    let resources = ids.iter().map(|&id| {
        inlines.get(id as usize).cloned().ok_or_else(|| {
            let message = format!("the page {path} uses inline {id}, which is not there");
            Error::new(ErrorKind::Inventory, message)
        })
    });
    let resources = resources.collect::<Result<_>>()?;
    let mut nestings = Nestings::default();
    let uses = entry.inlines.iter().map(|used| {
        let nested: Vec<Nesting> = used.nested.iter().map(|nested| nested.0).collect();
        let place = ids.partition_point(|&id| id < used.inline) as u32;
        let location = Location {
            line: used.line,
            column: used.column,
        };
        InlineUse::new(place, location, nestings.intern(&nested))
    });
    let uses = uses.collect();
    let nonced = entry.nonced.iter().map(|nonced| NoncedInline {
        kind: nonced.kind.0,
        location: Location {
            line: nonced.line,
            column: nonced.column,
        },
    });
    Ok(Page {
        placeholders: Default::default(),
        own_policy: None,
        url_scripts: Vec::new(),
        requests: Vec::new(),
        knows_requests: entry.resources.is_some(),
        bases: Vec::new(),
        subjects: None,
        links: Vec::new(),
        is_hidden: false,
        address: None,
        path: Arc::clone(path),
        site_path: (*entry.site_path).into(),
        findings: Vec::new(),
        nonced: nonced.collect(),
        resources,
        uses,
        nestings,
    })
}

fn check_hashes(document: &Document<'_>) -> Result<()> {
    let algorithm = document.algorithm.0;
    for (index, inline) in document.inlines.iter().enumerate() {
        let fits = |hash: &Hash| hash.0.algorithm() == algorithm;
        if inline.hashes.is_empty() || !inline.hashes.iter().all(fits) {
            let message = format!("inline {index} must have hashes, all of them {algorithm}");
            return Err(Error::new(ErrorKind::Inventory, message));
        }
        if let Some(text) = inline.text.as_deref()
            && !inline
                .hashes
                .iter()
                .any(|hash| hash.0 == HashSource::of(algorithm, text.as_bytes()))
        {
            let message = format!("the text of inline {index} has another hash");
            return Err(Error::new(ErrorKind::Inventory, message));
        }
        if inline.hashes.len() > MOST_HASHES {
            let message = format!(
                "inline {index} has {} hashes, more than the {MOST_HASHES} that browsers could make of one",
                inline.hashes.len()
            );
            let error = Error::new(ErrorKind::Limit, message);
            return Err(error.with_remedy(Remedy::PrintInventory));
        }
    }
    Ok(())
}

/// Holds what is said about each inline against the pages: what was cut out of one must not go unnoticed.
fn check_counts(document: &Document<'_>) -> Result<()> {
    #[derive(Clone, Default)]
    struct Count<'a> {
        uses: u64,
        pages: u64,
        last: Option<usize>,
        first: Option<(&'a str, u64, u64)>,
    }
    let mut counts = vec![Count::default(); document.inlines.len()];
    for (index, page) in document.pages.iter().enumerate() {
        for used in &page.inlines {
            // One that is not there is the page's error.
            let Some(count) = counts.get_mut(used.inline as usize) else {
                continue;
            };
            count.uses += 1;
            if count.last.replace(index) != Some(index) {
                count.pages += 1;
            }
            count
                .first
                .get_or_insert_with(|| (&*page.path, used.line, used.column));
        }
    }
    for (index, (inline, count)) in document.inlines.iter().zip(counts).enumerate() {
        let PlaceEntry { path, line, column } = &inline.first;
        let first = (&**path, *line, *column);
        if (inline.uses, inline.pages) != (count.uses, count.pages) || Some(first) != count.first {
            return Err(cut_out("inline", index, count.uses, count.pages));
        }
    }
    Ok(())
}

/// The error for an entry that says other numbers than the pages do.
fn cut_out(what: &str, index: usize, uses: u64, pages: u64) -> Error {
    let message = format!(
        "{what} {index} does not agree with the pages, which use it {uses} times on {pages} pages; was something cut out?"
    );
    Error::new(ErrorKind::Inventory, message)
}
