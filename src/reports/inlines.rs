//! Inline resources that were blocked, looked for in the pages of the site or in an inventory of them, by the beginning of their text and
//! by their line.
//!
//! Chromium and Firefox report the first 40 UTF-16 units of a text, Chromium without the space before it and Firefox with an ellipsis
//! after it, and the line of the start tag. Neither has a line for attributes and URLs.

use std::collections::HashMap;

use super::excerpts::Excerpts;
use super::report::{Inline, beginning};
use super::table::Table;
use crate::finding::Place;
use crate::hash::{HashAlgorithm, HashSource};
use crate::page::subject::{Subject, What};
use crate::page::{InlineKind, Page};
use crate::policy::{DirectiveName, Policy};
use crate::site::{DistinctInline, Inventory, SiteUrl};

/// The number of texts with the same beginning that are listed.
pub(super) const MOST: usize = 4;

/// An inline resource of a page, where it was first found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) kind: InlineKind,
    pub(crate) hash: HashSource,
    /// The same with each algorithm for which it is known, since a policy may use any.
    hashes: Vec<HashSource>,
    pub(crate) place: Place,
}

/// `script-src` or `style-src`, since older browsers reported no other, and a sample.
pub(super) type Sample = (DirectiveName, String);

/// The same, the path of a page's URL below the folder of the site, and a line.
type Line = (DirectiveName, String, u64);

/// The inline resources of pages that fit reports: the different texts for each sample, and the first one in each line.
#[derive(Debug)]
pub(crate) struct Matches {
    algorithm: HashAlgorithm,
    site: SiteUrl,
    samples: HashMap<Sample, Vec<Found>>,
    lines: HashMap<Line, Option<Found>>,
}

/// A part of a page that fits.
pub(crate) struct Hit {
    samples: Vec<Sample>,
    lines: Vec<Line>,
    found: Found,
}

impl Matches {
    /// For these reports about a site that is served there, and of no page so far.
    pub(crate) fn new(algorithm: HashAlgorithm, site: &SiteUrl, table: &Table) -> Self {
        let samples = table.inlines.keys().filter_map(sample);
        let lines = table.inlines.keys().filter_map(|it| line(it, site));
        Self {
            algorithm,
            site: site.clone(),
            samples: samples.map(|sample| (sample, Vec::new())).collect(),
            lines: lines.map(|line| (line, None)).collect(),
        }
    }

    /// The parts that fit of a page that was scanned with its subjects.
    pub(crate) fn of_page(&self, page: &Page) -> Vec<Hit> {
        let subjects = page.subjects.iter().flat_map(|subjects| &subjects.all);
        let hits = subjects.flat_map(|subject| self.of_subject(subject, page));
        hits.collect()
    }

    fn of_subject(&self, subject: &Subject, page: &Page) -> Vec<Hit> {
        let What::Inline { kind, spellings, .. } = &subject.what else {
            return Vec::new();
        };
        let directive = directive(*kind);
        let line = subject.location.line;
        let lines = urls(&page.site_path).map(|url| (directive, url, line));
        let lines: Vec<_> = lines.filter(|line| self.lines.contains_key(line)).collect();
        let hit = |text: &String| {
            let samples: Vec<Sample> = self.samples_of(*kind, text).collect();
            (!samples.is_empty() || !lines.is_empty()).then(|| Hit {
                samples,
                lines: lines.clone(),
                found: Found {
                    kind: *kind,
                    hash: HashSource::of(self.algorithm, text.as_bytes()),
                    hashes: of_each_algorithm(text),
                    place: Place::of(&page.path, subject.location),
                },
            })
        };
        spellings.iter().flatten().filter_map(hit).collect()
    }

    /// The parts that fit of an inventory. Where it has no texts, their excerpts count.
    pub(crate) fn of_inventory(&self, inventory: &Inventory) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut hit = |samples: Vec<Sample>, inline: &DistinctInline| {
            let found = Found::of_inline(inline, &inline.first);
            hits.extend(found.map(|found| Hit { samples: samples.clone(), lines: Vec::new(), found }));
        };
        let mut excerpts = Excerpts::of(self.samples.keys());
        for inline in inventory.inlines() {
            match (&inline.text, &inline.excerpt) {
                (Some(text), _) => {
                    let samples: Vec<Sample> = self.samples_of(inline.kind, text).collect();
                    if !samples.is_empty() {
                        hit(samples, inline);
                    }
                }
                (None, Some(excerpt)) => excerpts.add(inline, excerpt),
                (None, None) => {}
            }
        }
        for (sample, inline) in excerpts.found() {
            hit(vec![sample.clone()], inline);
        }
        for page in inventory.pages().iter().filter(|_| !self.lines.is_empty()) {
            let urls: Vec<String> = urls(&page.site_path).collect();
            for used in &page.uses {
                let inline = &inventory.inlines()[used.inline()];
                let (directive, line) = (directive(inline.kind), used.location().line);
                let lines = urls.iter().map(|url| (directive, url.clone(), line));
                let lines: Vec<Line> = lines.filter(|it| self.lines.contains_key(it)).collect();
                if !lines.is_empty() {
                    let place = Place::of(&page.path, used.location());
                    hits.extend(Found::of_inline(inline, &place).map(|found| Hit {
                        samples: Vec::new(),
                        lines: lines.clone(),
                        found,
                    }));
                }
            }
        }
        hits
    }

    /// The samples among those that were reported that browsers report of a text.
    fn samples_of(&self, kind: InlineKind, text: &str) -> impl Iterator<Item = Sample> {
        let samples = reported(kind, text).map(|sample| (directive(kind), sample));
        let known = samples.into_iter();
        known.filter(|sample| self.samples.contains_key(sample))
    }

    /// Keeps what fits, of pages in their order.
    pub(crate) fn add(&mut self, hits: Vec<Hit>) {
        for Hit { samples, lines, found } in hits {
            for line in lines {
                let first = self.lines.entry(line).or_default();
                first.get_or_insert_with(|| found.clone());
            }
            for sample in samples {
                let texts = self.samples.entry(sample).or_default();
                if texts.len() < MOST && texts.iter().all(|known| known.hash != found.hash) {
                    texts.push(found.clone());
                }
            }
        }
    }

    /// The resources that a report may be about, and what is known of why they were blocked.
    pub(crate) fn explain(&self, inline: &Inline, policy: Option<&str>) -> (&[Found], &'static str) {
        let at_line = line(inline, &self.site).and_then(|line| self.lines.get(&line)?.as_ref());
        let texts = sample(inline).and_then(|sample| self.samples.get(&sample));
        let texts = texts.map_or(&[][..], Vec::as_slice);
        let same = texts.iter().find(|text| at_line.is_some_and(|at| at.hash == text.hash));
        let texts = same.map_or(texts, std::slice::from_ref);
        match (texts, at_line, &inline.sample) {
            ([text], ..) => (texts, Self::of_policy(text, policy)),
            ([], Some(at), None) => (
                std::slice::from_ref(at),
                "the report has no sample; the page has this in the line, where a script may have made another; add 'report-sample' to the policy",
            ),
            ([], Some(at), Some(_)) => (
                std::slice::from_ref(at),
                "the page has another text in this line: a script made the one that was blocked, or the page was changed after the build",
            ),
            ([], None, None) => (texts, "the report has no sample to look for; add 'report-sample' to the policy"),
            ([], None, Some(_)) => (
                texts,
                "no page has a text that begins so: a script made it at run time, or it was added or changed after the build",
            ),
            (..) => (texts, "the pages have several texts that begin so"),
        }
    }

    fn of_policy(text: &Found, policy: Option<&str>) -> &'static str {
        let Some(Ok(policy)) = policy.map(Policy::parse) else {
            return "no valid policy of the report is known";
        };
        let check = text.kind.check_type();
        let mut hashes = text.hashes.iter();
        match hashes.any(|hash| policy.allows_hash(check, hash)) {
            true => {
                "the policy of the report allows this text, so the one that arrived was another with the same beginning"
            }
            false => "the policy of the report does not allow this hash",
        }
    }
}

impl Found {
    /// An inline resource of an inventory, once for each spelling, at one of its places.
    fn of_inline(inline: &DistinctInline, place: &Place) -> impl Iterator<Item = Self> {
        let of_text = inline.text.as_deref().map(of_each_algorithm);
        inline.hashes.iter().map(move |hash| {
            let of_text = of_text.iter().filter(|all| all.contains(hash)).flatten();
            Self {
                kind: inline.kind,
                hash: *hash,
                hashes: of_text.copied().chain([*hash]).collect(),
                place: place.clone(),
            }
        })
    }
}

fn of_each_algorithm(text: &str) -> Vec<HashSource> {
    let all = HashAlgorithm::ALL.iter();
    all.map(|one| HashSource::of(*one, text.as_bytes())).collect()
}

/// `script-src` or `style-src`.
pub(super) fn directive(kind: InlineKind) -> DirectiveName {
    DirectiveName::from(kind.check_type()).general()
}

fn sample(inline: &Inline) -> Option<Sample> {
    let directive = DirectiveName::find(&inline.directive)?.general();
    Some((directive, inline.sample.clone()?))
}

fn line(inline: &Inline, site: &SiteUrl) -> Option<Line> {
    let directive = DirectiveName::find(&inline.directive)?.general();
    let url = url::Url::parse(&inline.page).ok()?;
    let path = percent_encoding::percent_decode_str(site.below(&url)?);
    Some((directive, path.decode_utf8().ok()?.into_owned(), inline.line?))
}

/// The samples that browsers report of a text.
fn reported(kind: InlineKind, text: &str) -> [String; 2] {
    match kind {
        InlineKind::JavascriptUrl => [beginning(text), beginning(&format!("javascript:{text}"))],
        InlineKind::Script | InlineKind::Style | InlineKind::EventHandler | InlineKind::StyleAttribute => {
            [beginning(text), beginning(text.trim_start())]
        }
    }
}

/// The paths at which servers show a page, below the folder of the site.
fn urls(site_path: &str) -> impl Iterator<Item = String> {
    let folder = site_path.strip_suffix("index.html");
    let folder = folder.filter(|folder| folder.is_empty() || folder.ends_with('/'));
    let clean = folder.or_else(|| site_path.strip_suffix(".html"));
    let bare = folder.and_then(|folder| folder.strip_suffix('/'));
    let all = [Some(site_path), clean, bare].into_iter().flatten();
    all.map(ToOwned::to_owned)
}
