//! From a document to its pages, once all that it says twice agrees.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::known::Known;
use super::resources::{Files, Followed, Resources};
use crate::error::{Error, ErrorKind, Remedy, Result};
use crate::hash::HashSource;
use crate::page::javascript::SeenSign;
use crate::page::request_set::Requests;
use crate::page::{InlineUse, Location, Nesting, Nestings, NoncedInline, Page, Resource};
use crate::site::document::{Document, Hash, PageEntry, PlaceEntry};
use crate::site::requests::RequestIdentity;
use crate::site::{DistinctRequest, SiteUrl};

/// The number of hashes of one inline resource. Browsers hash few spellings of a text; a page of a hand-made inventory would carry as
/// many as it likes.
const MOST_HASHES: usize = 16;

/// Requests with the number of their uses.
pub(super) type Counted = Vec<(Arc<DistinctRequest>, u64)>;

/// A page of a document, what it asks for by URL and what its scripts mention.
pub(super) struct ReadPage {
    pub(super) page: Page,
    pub(super) requests: Counted,
    pub(super) mentions: Counted,
    /// See [`InventoryPage::framed`](crate::site::InventoryPage).
    pub(super) framed: u32,
}

impl ReadPage {
    /// Whether nothing that is known of both differs.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        let (one, two) = (&self.page, &other.page);
        let is_known = one.knows_requests && two.knows_requests;
        one.inlines().eq(two.inlines())
            && one.nonced == two.nonced
            && one.findings == two.findings
            && (!is_known
                || asked(&self.requests) == asked(&other.requests) && asked(&self.mentions) == asked(&other.mentions))
    }
}

fn asked(requests: &Counted) -> BTreeMap<RequestIdentity, u64> {
    let mut all = BTreeMap::new();
    for (request, uses) in requests {
        // With the address of the site two of them can be one.
        let known: &mut u64 = all.entry(request.identity()).or_default();
        *known = known.saturating_add(*uses);
    }
    all
}

/// The pages of a document with their findings, and what follows from its resources, what their scripts mention and what the scripts
/// mention that are mentioned themselves, once all that it says twice agrees. What it knows besides is added to `known`.
pub(super) fn pages_of(
    document: Document<'_>,
    site: &SiteUrl,
    known: &mut Known,
) -> Result<(Vec<ReadPage>, [Followed; 3])> {
    let paths: Vec<Arc<str>> = document.pages.iter().map(|page| (*page.path).into()).collect();
    check_hashes(&document)?;
    check_counts(&document)?;
    let mut resources = Resources::new("resource", document.resources.as_ref(), site)?;
    let mut mentioned = Resources::new("mentioned URL", document.mentioned.as_ref(), site)?;
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
            let (ids, repeated) = (entry.resources.as_ref(), &entry.repeated);
            let requests = resources.of_page(path, ids, repeated)?;
            let (ids, repeated) = (entry.mentioned.as_ref(), &entry.repeated_mentions);
            Ok(ReadPage {
                requests,
                mentions: mentioned.of_page(path, ids, repeated)?,
                page: page(&inlines, entry, path)?,
                framed: entry.framed.map_or(0, NonZeroU32::get),
            })
        })
        .collect::<Result<Vec<ReadPage>>>()?;
    let following = resources.following();
    let followed = resources.count_all(following, &mut Files::new())?;
    let mut files = Files::new();
    let by_scripts = mentioned.count_all(resources.mentioning(), &mut files)?;
    let late = mentioned.mentioning();
    let late = mentioned.count_all(late, &mut files)?;
    resources.check()?;
    mentioned.check()?;
    resources.each(|entry, request| known.add(entry, request));
    mentioned.each(|entry, request| known.add_signs(entry, request));
    known.add_wasm(document.wasm.into_owned());
    let mut first_at: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, path) in paths.iter().enumerate() {
        first_at.entry(path).or_insert(index);
    }
    for entry in document.findings {
        if entry.code.0.is_of_policy() {
            continue;
        }
        let Some(entry) = known.add_finding(entry) else {
            continue;
        };
        let of = entry.places.first().map(|place| &*place.path);
        let Some(&index) = of.and_then(|path| first_at.get(path)) else {
            let message = format!("a finding {} is at no page", entry.code.0);
            return Err(Error::new(ErrorKind::Inventory, message));
        };
        pages[index].page.findings.push(entry.into());
    }
    Ok((pages, [followed, by_scripts, late]))
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
        let location = Location { line: used.line, column: used.column };
        InlineUse::new(place, location, nestings.intern(&nested))
    });
    let uses = uses.collect();
    let nonced = entry.nonced.iter().map(|nonced| NoncedInline { kind: nonced.kind.0, location: nonced.location() });
    let signs =
        entry.run_time.iter().map(|seen| SeenSign { sign: seen.kind.0, location: seen.location(), notes: 0..0 });
    Ok(Page {
        placeholders: Default::default(),
        own_policy: None,
        requests: Requests::default(),
        mentions: Requests::default(),
        signs: signs.collect(),
        knows_requests: entry.resources.is_some(),
        bases: Vec::new(),
        modules: Default::default(),
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
            && !inline.hashes.iter().any(|hash| hash.0 == HashSource::of(algorithm, text.as_bytes()))
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
            count.first.get_or_insert_with(|| (&*page.path, used.line, used.column));
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
pub(super) fn cut_out(what: &str, index: usize, uses: u64, pages: u64) -> Error {
    let message = format!(
        "{what} {index} does not agree with the pages, which use it {uses} times on {pages} pages; was something cut out?"
    );
    Error::new(ErrorKind::Inventory, message)
}
