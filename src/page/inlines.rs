//! What a scan of a page found: each distinct inline resource once, and its uses in few bytes, since a
//! long page may repeat one a million times.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use url::Url;

use super::javascript::{Modules, SeenSign};
use super::links::Link;
use super::request::{Base, OWN_URL, Request};
use super::request_set::Requests;
use super::subject::Subjects;
use super::{InlineKind, Nesting};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Finding;
use crate::hash::HashSource;
use crate::location::Location;
use crate::template::{HelperCall, Written};

/// The number of different inline resources of a page, and of a site. Each may take a kilobyte until it is printed.
pub(super) const MOST_DIFFERENT: usize = 2_000_000;

/// The number of bytes of the different texts of a page, and of a site, if they are asked for.
pub(super) const MOST_TEXT: usize = 256 << 20;

/// Rejects more bytes of text than [`MOST_TEXT`].
///
/// # Errors
///
/// [`ErrorKind::Limit`] that says whose they are.
pub(crate) fn check_texts(bytes: usize, of: &str) -> Result<()> {
    if bytes <= MOST_TEXT {
        return Ok(());
    }
    let message = format!(
        "{of} more than {} MiB of inline text; leave out --text, or move scripts and styles into files",
        MOST_TEXT >> 20
    );
    Err(Error::new(ErrorKind::Limit, message))
}

/// The number of inline resources of a page, alike ones included, and of everything in it that a check asks about.
pub(super) const MOST: usize = 3_000_000;

/// Rejects more different inline resources than [`MOST_DIFFERENT`].
///
/// # Errors
///
/// [`ErrorKind::Limit`] that says whose they are.
pub(crate) fn check_different(count: usize, of: &str) -> Result<()> {
    if count <= MOST_DIFFERENT {
        return Ok(());
    }
    let message =
        format!("{of} more than {MOST_DIFFERENT} different inline resources; move scripts and styles into files");
    Err(Error::new(ErrorKind::Limit, message))
}

/// What a scan of one page found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The path as it is reported, `/` on every system; `-` for standard input.
    pub path: Arc<str>,
    /// Its place in the site: the path below the folder that was searched, `/` between its parts. The same as `path` when it was
    /// named itself.
    pub site_path: Arc<str>,
    /// What there is to say about the page itself.
    pub findings: Vec<Finding>,
    /// The scripts and styles that carry a nonce and so were not hashed, in source order.
    pub nonced: Vec<NoncedInline>,
    /// The placeholders among these nonces, which a server replaces.
    pub placeholders: BTreeSet<String>,
    /// The first `<meta>` with a policy for the page.
    pub(crate) own_policy: Option<Location>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) uses: Vec<InlineUse>,
    pub(crate) nestings: Nestings,
    /// The URLs that it asks for, each once for what it is asked for, if they were asked for.
    pub(crate) requests: Requests,
    /// Whether they were asked for.
    pub(crate) knows_requests: bool,
    /// What the URLs of the page and of the documents in it are relative to.
    pub(crate) bases: Vec<Base>,
    /// The URLs that its scripts mention, each once for what it may be asked for, if requests were asked for.
    pub(crate) mentions: Requests,
    /// What its scripts do that a policy decides on when they run, if requests were asked for.
    pub(crate) signs: Vec<SeenSign>,
    /// What its inline scripts import, if requests were asked for.
    pub(crate) modules: Modules,
    /// The subjects, if they were asked for.
    pub(crate) subjects: Option<Box<Subjects>>,
    /// The links, if they were asked for.
    pub(crate) links: Vec<Link>,
    /// Whether nothing of it may be shown.
    pub(crate) is_hidden: bool,
    /// The URL that it came from, if that is known.
    pub(crate) address: Option<Box<Url>>,
}

impl Page {
    /// Rejects one that has too much. What is past a limit was not kept.
    pub(super) fn check_size(&self) -> Result<()> {
        let subjects = self.subjects.as_ref();
        let subjects = subjects.map_or(0, |subjects| subjects.all.len());
        let requests = self.requests.len().max(self.mentions.len());
        let different = self.resources.len().max(requests);
        let checked = match self.uses.len().max(subjects) > MOST {
            false => check_different(different, "has")
                .and_then(|()| check_texts(self.resources.iter().map(Resource::text_len).sum(), "has")),
            true => Err(Error::new(
                ErrorKind::Limit,
                format!("has more than {MOST} inline resources and external scripts; split it"),
            )),
        };
        checked.map_err(|error| error.at(&*self.path))
    }

    /// Leaves out whatever would show a part of it.
    pub(crate) fn hide(&mut self) {
        self.is_hidden = true;
        self.findings.iter_mut().for_each(Finding::hide);
        for resource in &mut self.resources {
            (resource.source, resource.excerpt, resource.text) = (None, None, None);
        }
    }

    /// Adds the elements that helpers write, those with a URL to the nonced ones only if they are `listed`.
    pub(super) fn add_helpers(&mut self, calls: &[(Location, HelperCall)], listed: bool) {
        let nonced = calls.iter().filter_map(|(location, call)| {
            let (kind, location) = (InlineKind::from(call.written), *location);
            let has_url = matches!(call.written, Written::UrlScript | Written::Link);
            let is_listed = call.has_nonce && (listed || !has_url);
            is_listed.then_some(NoncedInline { kind, location })
        });
        self.nonced.extend(nonced);
        self.nonced.sort_by_key(|nonced| nonced.location);
        if let Some(subjects) = &mut self.subjects {
            subjects.add_helpers(calls);
        }
    }

    /// Adds what the page has in another encoding and lacks so far.
    pub(super) fn add_reading(&mut self, other: Self) {
        let key = |resource: &Resource| (resource.kind, resource.hashes.clone());
        let known: HashSet<_> = self.resources.iter().map(key).collect();
        let first = self.resources.len() as u32;
        let mut places: Vec<Option<u32>> = Vec::with_capacity(other.resources.len());
        for resource in other.resources {
            let is_new = !known.contains(&key(&resource));
            places.push(is_new.then_some(self.resources.len() as u32));
            if is_new {
                self.resources.push(resource);
            }
        }
        for used in other.uses {
            if let Some(inline) = places[used.inline as usize] {
                let nesting = self.nestings.intern(other.nestings.get(used.nesting));
                self.uses.push(InlineUse { inline, nesting, ..used });
            }
        }
        if first < self.resources.len() as u32 {
            self.uses.sort_by_key(|used| used.line);
        }
        let line = |finding: &Finding| finding.place.as_ref().map(|place| place.line);
        let known: HashSet<_> = self.findings.iter().map(|f| (f.code, line(f))).collect();
        let new = |finding: &Finding| !known.contains(&(finding.code, line(finding)));
        self.findings.extend(other.findings.into_iter().filter(new));
        self.placeholders.extend(other.placeholders);
        self.add_requests(other.bases, other.requests, other.mentions);
        if let Some((subjects, others)) = self.subjects.as_mut().zip(other.subjects) {
            subjects.add_reading(*others);
        }
    }

    /// Adds the URLs that the page asks for and mentions in another encoding, but for those that are there anyway.
    fn add_requests(&mut self, bases: Vec<Base>, requests: Requests, mentions: Requests) {
        let first = self.bases.len() as u32;
        self.bases
            .extend(bases.into_iter().map(|base| Base { parent: base.parent.map(|parent| parent + first), ..base }));
        for (own, others) in [(&mut self.requests, requests), (&mut self.mentions, mentions)] {
            let key = |request: &Request| request.key.with_base(0);
            let known: HashSet<_> = own.iter().map(|it| key(&it)).collect();
            let new = others.iter().filter(|it| !known.contains(&key(it)));
            own.extend(new.map(|request| {
                let base = match request.key.base {
                    OWN_URL => OWN_URL,
                    base => base + first,
                };
                Request { key: request.key.with_base(base), ..request }
            }));
        }
    }

    /// The inline resources in source order; those of a nested document where it stands.
    pub fn inlines(&self) -> impl Iterator<Item = Inline<'_>> {
        self.uses.iter().map(|used| {
            let resource = &self.resources[used.inline as usize];
            Inline {
                kind: resource.kind,
                hashes: &resource.hashes,
                bytes: resource.bytes,
                location: used.location(),
                nested: self.nestings.get(used.nesting),
                source: resource.source.as_deref(),
            }
        })
    }
}

/// A script or style that a nonce allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct NoncedInline {
    /// What it is.
    pub kind: InlineKind,
    /// Where its start tag stands.
    pub location: Location,
}

/// One inline resource of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inline<'p> {
    /// What it is.
    pub kind: InlineKind,
    /// The hash-sources that allow it: one, or for a `javascript:` URL and in the document of a `data:` URL one for each spelling
    /// that browsers hash. Never empty.
    pub hashes: &'p [HashSource],
    /// The length in bytes of the text that is hashed, in UTF-8; for a URL that of its first spelling.
    pub bytes: u64,
    /// Where the element, or for an attribute the attribute, starts. Inside `srcdoc` and `data:` documents
    /// this is the place of the frame.
    pub location: Location,
    /// What it is nested in, outermost first.
    pub nested: &'p [Nesting],
    /// The source of an attribute where this was first seen in the page, cut to one line, for
    /// diagnostics. `None` for elements.
    pub source: Option<&'p str>,
}

impl Inline<'_> {
    /// Whether it is inert template content.
    #[must_use]
    pub fn in_template(&self) -> bool {
        self.nested.contains(&Nesting::Template)
    }
}

/// A distinct inline resource of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) kind: InlineKind,
    pub(crate) hashes: Arc<[HashSource]>,
    pub(crate) bytes: u64,
    /// The source of an attribute, cut to one line.
    pub(crate) source: Option<String>,
    /// The beginning of the text on one line, unless it is unknown.
    pub(crate) excerpt: Option<Arc<str>>,
    /// The text that is hashed, for a URL in its first spelling, if it was asked for.
    pub(crate) text: Option<Arc<str>>,
}

impl Resource {
    /// The number of bytes of its text that are kept.
    pub(crate) fn text_len(&self) -> usize {
        self.text.as_ref().map_or(0, |text| text.len())
    }
}

/// One use of an inline resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InlineUse {
    /// Which resource, as an index.
    pub(crate) inline: u32,
    pub(super) line: u32,
    pub(super) column: u32,
    /// What it is nested in, as an index of the page's [`Nestings`].
    pub(crate) nesting: u32,
}

impl InlineUse {
    pub(crate) fn new(inline: u32, location: Location, nesting: u32) -> Self {
        let short = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Self { inline, line: short(location.line), column: short(location.column), nesting }
    }

    /// The index of the inline resource in [`Inventory::inlines`](crate::site::Inventory::inlines).
    #[must_use]
    pub const fn inline(&self) -> usize {
        self.inline as usize
    }

    /// Where it stands. Lines and columns past 4,294,967,295 count as that.
    #[must_use]
    pub fn location(&self) -> Location {
        Location { line: self.line.into(), column: self.column.into() }
    }
}

/// The different nestings of a page's inline resources, outermost first. Nearly every page has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Nestings {
    all: Vec<Vec<Nesting>>,
    /// The index of each, if there are more than [`FEW`].
    index: BTreeMap<Vec<Nesting>, u32>,
}

/// Up to this number of nestings are compared one by one.
const FEW: usize = 8;

impl Nestings {
    pub(crate) fn get(&self, index: u32) -> &[Nesting] {
        self.all.get(index as usize).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn intern(&mut self, nested: &[Nesting]) -> u32 {
        let known = if self.index.is_empty() {
            let known = self.all.iter().position(|known| known == nested);
            known.map(|index| index as u32)
        } else {
            self.index.get(nested).copied()
        };
        known.unwrap_or_else(|| self.add(nested))
    }

    fn add(&mut self, nested: &[Nesting]) -> u32 {
        let index = self.all.len() as u32;
        self.all.push(nested.to_vec());
        if self.all.len() == FEW + 1 {
            self.index = self.all.iter().cloned().zip(0..).collect();
        } else if self.all.len() > FEW {
            self.index.insert(nested.to_vec(), index);
        }
        index
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::hash::HashAlgorithm;

    pub(in crate::page) fn resource() -> Resource {
        Resource {
            kind: InlineKind::Script,
            hashes: [HashSource::of(HashAlgorithm::Sha256, b"a")].into(),
            bytes: 1,
            source: None,
            excerpt: None,
            text: None,
        }
    }

    pub(in crate::page) fn used() -> InlineUse {
        InlineUse::new(0, Location::START, 0)
    }

    #[test]
    fn a_page_has_limits() {
        let page = |different, uses| Page {
            path: "a.html".into(),
            resources: vec![resource(); different],
            uses: vec![used(); uses],
            ..Page::default()
        };
        assert!(page(MOST_DIFFERENT, MOST).check_size().is_ok());
        let text = Resource { text: Some("a".repeat(MOST_TEXT / 2 + 1).into()), ..resource() };
        let long = Page { resources: vec![text; 2], ..page(0, 0) };
        for (page, message) in [
            (
                long,
                "a.html: has more than 256 MiB of inline text; leave out --text, or move scripts and styles into files",
            ),
            (
                page(MOST_DIFFERENT + 1, 1),
                "a.html: has more than 2000000 different inline resources; move scripts and styles into files",
            ),
            (page(1, MOST + 1), "a.html: has more than 3000000 inline resources and external scripts; split it"),
        ] {
            let error = page.check_size().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Limit);
            assert_eq!(error.to_string(), message);
        }
    }
}
