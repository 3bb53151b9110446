//! What a site holds: each distinct inline resource once, and which page uses it where.
//!
//! Pages are added in path order; a distinct inline keeps the place it was first seen at. Knows
//! nothing of policies, folders or formats.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::mem;
use std::sync::Arc;

use super::SiteUrl;
use super::inventory_page::InventoryPage;
use super::modules::add_imports;
use super::request_table::RequestTable;
use super::requests::{DistinctRequest, absolute_bases};
use crate::error::Result;
use crate::finding::{Bounded, Finding, Place};
use crate::hash::{HashAlgorithm, HashSource};
use crate::page::{InlineKind, InlineUse, Location, Page, Resource, check_different, check_texts};

/// Up to this number of uses are compared one by one.
const FEW: usize = 16;

/// The inline resources of all pages of a site.
#[derive(Clone, Debug)]
pub struct Inventory {
    algorithm: HashAlgorithm,
    inlines: Vec<DistinctInline>,
    index: HashMap<(InlineKind, Arc<[HashSource]>), u32>,
    /// The number of bytes of the texts that are kept.
    text_len: usize,
    pub(super) site: SiteUrl,
    pub(super) requests: RequestTable,
    pub(super) mentions: RequestTable,
    /// The mentions of the script that a request is for.
    pub(super) mentioned_by: BTreeMap<u32, Vec<u32>>,
    /// The paths of the WebAssembly files next to the pages.
    pub(super) wasm: BTreeSet<String>,
    pages: Vec<InventoryPage>,
    placeholders: BTreeSet<String>,
    pub(super) findings: Bounded,
}

/// An inline resource, however often it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DistinctInline {
    /// What it is.
    pub kind: InlineKind,
    /// The hash-sources that allow it; see [`Inline::hashes`](crate::Inline::hashes).
    pub hashes: Arc<[HashSource]>,
    /// The length in bytes of the text that is hashed, in UTF-8.
    pub bytes: u64,
    /// How many times it is used.
    pub uses: u64,
    /// How many pages use it.
    pub pages: u64,
    /// Where it was first seen.
    pub first: Place,
    /// The source of an attribute at `first`, cut to one line.
    pub source: Option<String>,
    /// The beginning of the text: at most 60 characters, each white space as one space. [`None`] if an old inventory lacks it.
    pub excerpt: Option<Arc<str>>,
    /// The text that is hashed, for a URL in its first spelling, if it was asked for.
    pub text: Option<Arc<str>>,
}

impl Inventory {
    /// Of no pages.
    #[must_use]
    pub fn new(algorithm: HashAlgorithm) -> Self {
        Self {
            algorithm,
            inlines: Vec::new(),
            index: HashMap::new(),
            text_len: 0,
            site: SiteUrl::default(),
            requests: RequestTable::default(),
            mentions: RequestTable::default(),
            mentioned_by: BTreeMap::new(),
            wasm: BTreeSet::new(),
            pages: Vec::new(),
            placeholders: BTreeSet::new(),
            findings: Bounded::default(),
        }
    }

    /// The same of a site that is served here. It counts for the pages that are added then.
    #[must_use]
    pub fn with_site(mut self, site: SiteUrl) -> Self {
        self.site = site;
        self
    }

    /// Adds a page, whose path must come after those added before.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Limit`](crate::ErrorKind::Limit) for one with which there are more than 2,000,000 different inline resources, or
    /// more than 256 MiB of their texts; it is not added.
    pub fn add(&mut self, page: Page) -> Result<()> {
        self.add_leaving(Box::new(page)).map(drop)
    }

    /// The same, and returns what it leaves of the page, for whoever wants to drop that.
    pub(super) fn add_leaving(&mut self, mut page: Box<Page>) -> Result<Box<Page>> {
        self.check_room(&page)?;
        let mut bases = None;
        if page.modules.has_imports() {
            let own = self.site.page(&page.site_path);
            let bases = bases.insert(absolute_bases(&own, &page.bases));
            add_imports(&mut page, bases);
        }
        let (site, bases) = (&self.site, &mut bases);
        let requests = self.requests.add_page(&page, &page.requests, site, bases);
        let mentions = self.mentions.add_page(&page, &page.mentions, site, bases);
        self.add_counted(&mut page, requests, mentions);
        Ok(page)
    }

    /// Adds a page without its own requests and mentions, and these instead, each with its uses on the page.
    pub(super) fn add_resolved(
        &mut self,
        mut page: Page,
        requests: impl Iterator<Item = DistinctRequest>,
        mentions: impl Iterator<Item = DistinctRequest>,
    ) -> Result<()> {
        self.check_room(&page)?;
        let count = |table: &mut RequestTable, it: DistinctRequest| {
            let uses = it.uses;
            (table.add(it), uses)
        };
        let requests = requests.map(|it| count(&mut self.requests, it)).collect();
        let mentions = mentions.map(|it| count(&mut self.mentions, it)).collect();
        self.add_counted(&mut page, requests, mentions);
        Ok(())
    }

    /// Adds a page without its own requests and mentions, with the index of each of these and the number of its uses.
    fn add_counted(&mut self, page: &mut Page, requests: Vec<(u32, u64)>, mentions: Vec<(u32, u64)>) {
        let Page {
            path,
            site_path,
            findings,
            nonced,
            placeholders,
            resources,
            uses,
            nestings,
            own_policy,
            requests: _,
            mentions: _,
            signs,
            knows_requests,
            bases: _,
            modules: _,
            subjects: _,
            links: _,
            is_hidden: _,
            address: _,
        } = page;
        let mut first: Vec<Option<Location>> = vec![None; resources.len()];
        for used in uses.iter().rev() {
            first[used.inline()] = Some(used.location());
        }
        let ids: Vec<u32> = resources
            .iter()
            .zip(first)
            .map(|(resource, first)| self.intern(resource, path, first.unwrap_or(Location::START)))
            .collect();
        for &id in &ids {
            self.inlines[id as usize].pages += 1;
        }
        for used in &mut *uses {
            used.inline = ids[used.inline()];
            self.inlines[used.inline()].uses += 1;
        }
        let signs = mem::take(signs).into_iter();
        let signs = signs.map(|seen| (seen.sign, seen.location));
        self.pages.push(InventoryPage {
            path: Arc::clone(path),
            site_path: Arc::clone(site_path),
            uses: mem::take(uses),
            nonced: mem::take(nonced),
            own_policy: *own_policy,
            requests: self.requests.count_page(requests).into(),
            mentions: self.mentions.count_page(mentions).into(),
            signs: signs.collect(),
            knows_requests: *knows_requests,
            framed: 0,
            nestings: mem::take(nestings),
        });
        self.placeholders.append(placeholders);
        self.findings.extend(mem::take(findings));
    }

    /// Says of the pages from an index on how they are framed.
    pub(super) fn set_framed(&mut self, from: usize, framed: u32) {
        for page in &mut self.pages[from..] {
            page.framed = framed;
        }
    }

    fn check_room(&self, page: &Page) -> Result<()> {
        let check = |count| {
            let of = "brings the pages to";
            check_different(self.inlines.len() + count, of).map_err(|error| error.at(&*page.path))
        };
        let id = |resource: &Resource| {
            let key = (resource.kind, Arc::clone(&resource.hashes));
            self.index.get(&key).copied()
        };
        check(page.resources.len()).or_else(|_| {
            let resources = page.resources.iter();
            check(resources.filter(|it| id(it).is_none()).count())
        })?;
        let texts = page.resources.iter().filter(|it| it.text.is_some());
        let new = texts.filter(|it| {
            let known = id(it).map(|id| &self.inlines[id as usize]);
            known.is_none_or(|known| known.text.is_none())
        });
        let bytes = self.text_len + new.map(Resource::text_len).sum::<usize>();
        check_texts(bytes, "brings the pages to").map_err(|error| error.at(&*page.path))
    }

    /// Adds what there is to say besides what the pages had.
    pub(crate) fn note(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    fn intern(&mut self, resource: &Resource, path: &Arc<str>, first: Location) -> u32 {
        let key = (resource.kind, Arc::clone(&resource.hashes));
        let id = *self.index.entry(key).or_insert(self.inlines.len() as u32);
        if let Some(known) = self.inlines.get_mut(id as usize) {
            if known.text.is_none() {
                self.text_len += resource.text_len();
                known.text.clone_from(&resource.text);
            }
            if known.excerpt.is_none() {
                known.excerpt.clone_from(&resource.excerpt);
            }
            return id;
        }
        self.text_len += resource.text_len();
        self.inlines.push(DistinctInline {
            kind: resource.kind,
            hashes: Arc::clone(&resource.hashes),
            bytes: resource.bytes,
            uses: 0,
            pages: 0,
            first: Place::of(path, first),
            source: resource.source.clone(),
            excerpt: resource.excerpt.clone(),
            text: resource.text.clone(),
        });
        id
    }

    /// The requests of the pages, in the order of their first use, if they were collected.
    #[must_use]
    pub fn requests(&self) -> &[DistinctRequest] {
        self.requests.all()
    }

    /// Where the site is served.
    #[must_use]
    pub const fn site(&self) -> &SiteUrl {
        &self.site
    }

    /// The algorithm of the hashes.
    #[must_use]
    pub fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    /// The distinct inline resources in the order they were first seen.
    #[must_use]
    pub fn inlines(&self) -> &[DistinctInline] {
        &self.inlines
    }

    /// The placeholders that the pages carry as nonces, which a server replaces. Inventories that were read have none.
    #[must_use]
    pub fn placeholders(&self) -> &BTreeSet<String> {
        &self.placeholders
    }

    /// The pages in path order.
    #[must_use]
    pub fn pages(&self) -> &[InventoryPage] {
        &self.pages
    }

    /// What there is to say about the pages.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.findings.as_slice()
    }

    /// The distinct inline resources of one page, in the order of their first use.
    #[must_use]
    pub fn inlines_of(&self, page: &InventoryPage) -> Vec<&DistinctInline> {
        let ids = page.uses.iter().map(InlineUse::inline);
        let inlines = |ids: Vec<usize>| ids.into_iter().map(|id| &self.inlines[id]).collect();
        if page.uses.len() <= FEW {
            let mut few = Vec::with_capacity(page.uses.len());
            for id in ids {
                if !few.contains(&id) {
                    few.push(id);
                }
            }
            return inlines(few);
        }
        let mut seen = HashSet::with_capacity(page.uses.len());
        inlines(ids.filter(|id| seen.insert(*id)).collect())
    }

    /// The places of every inline resource for which `wanted` says so: pairs of its index and a
    /// place, in path and source order.
    pub fn places(&self, mut wanted: impl FnMut(&DistinctInline) -> bool) -> impl Iterator<Item = (usize, Place)> {
        let wanted: Vec<bool> = self.inlines.iter().map(&mut wanted).collect();
        self.pages.iter().flat_map(move |page| {
            let hits: Vec<_> = page.uses.iter().filter(|used| wanted[used.inline()]).collect();
            let places = hits.into_iter();
            places.map(|used| (used.inline(), Place::of(&page.path, used.location())))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::page::{ScanOptions, scan_page};

    #[test]
    fn requests_are_stored_once_with_their_uses() {
        let options = ScanOptions::new().with_requests(true);
        let mut inventory = Inventory::new(HashAlgorithm::Sha256);
        for (path, html) in [
            ("a/b.html", "<img src=../i.png><img src=/i.png#x><img src='data:image/png,a'>"),
            (
                "c.html",
                "<base href=https://x.test/><img src=i.png><template><img src=j.png></template>\n<img src=DATA:image/gif,b>",
            ),
            ("d.html", "<a href=e>f</a>"),
        ] {
            inventory.add(scan_page(path, html.as_bytes(), &options).unwrap()).unwrap();
        }
        let found = inventory.requests().iter();
        let found: Vec<_> = found
            .map(|it| {
                let url = it.url.as_ref().unwrap().as_str();
                (url, it.uses, it.pages, it.first.to_string(), it.is_conditional)
            })
            .collect();
        let first = |place: &str| place.to_owned();
        assert_eq!(
            found,
            [
                ("https://cspseal.invalid/i.png", 2, 1, first("a/b.html:1:6"), false),
                ("data:", 2, 2, first("a/b.html:1:42"), false),
                ("https://x.test/", 1, 1, first("c.html:1:7"), false),
                ("https://x.test/i.png", 1, 1, first("c.html:1:33"), false),
                ("https://x.test/j.png", 1, 1, first("c.html:1:58"), true),
            ]
        );
        let pages = inventory.pages().iter();
        let pages: Vec<_> = pages.map(|page| &*page.requests.ids).collect();
        assert_eq!(pages, [&[0, 1][..], &[1, 2, 3, 4], &[]]);
    }

    #[test]
    fn a_site_has_a_limit_of_different_resources() {
        let scan = |path: &str| scan_page(path, &b"<script>a</script>"[..], &ScanOptions::new()).unwrap();
        let mut inventory = Inventory::new(HashAlgorithm::Sha256);
        inventory.add(scan("a.html")).unwrap();
        // Those of the site are not counted twice, whichever page has them.
        let mut known = scan("b.html");
        known.resources = vec![known.resources[0].clone(); 2_000_000];
        inventory.add(known).unwrap();
        let mut page = scan("c.html");
        page.resources[0].kind = InlineKind::Style;
        page.resources = vec![page.resources[0].clone(); 2_000_000];
        let error = inventory.add(page).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert_eq!(
            error.to_string(),
            "c.html: brings the pages to more than 2000000 different inline resources; move scripts and styles into files"
        );
        assert_eq!((inventory.pages().len(), inventory.inlines().len()), (2, 1));
    }

    #[test]
    fn a_site_has_a_limit_of_texts() {
        let options = ScanOptions::new().with_inline_texts(true);
        let scan = |path: &str, html: &str| scan_page(path, html.as_bytes(), &options).unwrap();
        let long = |path: &str, html: &str| {
            let mut page = scan(path, html);
            page.resources[0].text = Some("a".repeat(200 << 20).into());
            page
        };
        let mut inventory = Inventory::new(HashAlgorithm::Sha256);
        inventory.add(long("a.html", "<script>a</script>")).unwrap();
        // It is held once.
        inventory.add(long("b.html", "<script>a</script>")).unwrap();
        inventory.add(scan("c.html", "<script>c</script>")).unwrap();
        let error = inventory.add(long("d.html", "<script>d</script>")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert_eq!(
            error.to_string(),
            "d.html: brings the pages to more than 256 MiB of inline text; leave out --text, or move scripts and styles into files"
        );
        assert_eq!(inventory.pages().len(), 3);
    }
}
