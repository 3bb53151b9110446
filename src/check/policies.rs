//! Which policies govern which page, and where each was written.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use url::Url;

use super::external::may_be_listed;
use super::lists::{Part, Reading};
use crate::error::Result;
use crate::finding::{Finding, Place};
use crate::location::{LineIndex, Location};
use crate::policy::as_sent::{self, Browser, Delivery};
use crate::policy::{DirectiveName, LONGEST};
use crate::site::SiteUrl;

/// Where a policy was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// In an argument or a configuration, by the words that name it: `--policy`.
    Named(String),
    /// In a file: a path as it is reported, and the 1-based line of the policy.
    File {
        /// The path as it is reported.
        path: Arc<str>,
        /// 1-based.
        line: u64,
    },
    /// In the `<meta>` of pages.
    Meta,
}

/// Where the nonces in a policy and in its pages come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Nonces {
    /// From the files, so that each response has the same.
    AsWritten,
    /// From the server, which replaces those in the page and in the policy in each response.
    Replaced,
    /// From the one response that was saved.
    Captured,
}

/// A policy as browsers get it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GoverningPolicy {
    /// The serialized policy, or several with commas between; it may be malformed.
    pub text: String,
    /// Where it was written.
    pub origin: Origin,
    /// Whether violations are only reported.
    pub report_only: bool,
    /// Where its nonces come from.
    pub nonces: Nonces,
    /// What its target is called, and how many bytes of policy that takes.
    pub limit: Option<(String, usize)>,
    /// Of a file that holds this policy alone: its text, and the byte at which the policy begins there. It may have line breaks
    /// where the policy has spaces.
    pub file: Option<(Arc<str>, usize)>,
}

impl GoverningPolicy {
    /// Enforced and sent as it is.
    #[must_use]
    pub fn new(text: impl Into<String>, origin: Origin) -> Self {
        Self { text: text.into(), origin, report_only: false, nonces: Nonces::AsWritten, limit: None, file: None }
    }
}

/// A policy, how browsers read it, and whether it governs a page.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) policy: GoverningPolicy,
    pub(super) reading: Reading,
    is_used: AtomicBool,
    /// Whether a page that it governs has a script.
    has_scripts: AtomicBool,
    /// Of one in pages the first place, in whatever order they are read.
    first: Mutex<Option<Place>>,
    /// Where its words stand.
    words: OnceLock<Words>,
    /// The places in the file that holds it.
    lines: OnceLock<LineIndex>,
}

/// The bytes of a policy's text at which its directives stand, by name, and the words of each.
type Words = HashMap<String, (usize, HashMap<String, usize>)>;

impl Judged {
    pub(super) fn new(policy: GoverningPolicy) -> Self {
        let delivery = match policy.origin {
            Origin::Meta => Delivery::Meta,
            _ => Delivery::Header,
        };
        Self {
            // No page is checked under a longer one.
            reading: match policy.text.len() <= LONGEST {
                true => Reading::new(&policy.text, delivery),
                false => Reading::new("", delivery),
            },
            policy,
            is_used: AtomicBool::new(false),
            has_scripts: AtomicBool::new(false),
            first: Mutex::default(),
            words: OnceLock::new(),
            lines: OnceLock::new(),
        }
    }

    /// Says that it stands here, too.
    pub(super) fn stands_at(&self, place: Place) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.as_ref().is_none_or(|first| place < *first) {
            *first = Some(place);
        }
    }

    /// Says that it governs a page.
    pub(super) fn governs(&self) {
        self.is_used.store(true, Ordering::Relaxed);
    }

    /// Says that scripts of a page of this site that it governs may ask for these URLs, whatever for.
    pub(super) fn mentions(&self, site: &SiteUrl, urls: &[Url]) {
        let parts = self.reading.parts(Browser::Firefox).iter();
        let lists = parts.flat_map(Part::all);
        for list in lists.filter(|list| list.sources.has_host()) {
            for url in urls {
                if may_be_listed(site, url, list) {
                    list.needs_any_host();
                }
                let sources = list.sources.for_url(url, None, false).into_iter();
                sources.for_each(|source| list.needs_host(&source));
            }
        }
    }

    /// Says that a page that it governs has a script.
    pub(super) fn governs_script(&self) {
        self.has_scripts.store(true, Ordering::Relaxed);
    }

    /// Whether a page that it governs has a script.
    pub(super) fn has_scripts(&self) -> bool {
        self.has_scripts.load(Ordering::Relaxed)
    }

    /// Whether it governs a page.
    pub(super) fn is_used(&self) -> bool {
        self.is_used.load(Ordering::Relaxed)
    }

    /// Whether no script runs under it, because of its sandbox.
    pub(super) fn stops_scripts(&self) -> bool {
        let mut parts = self.reading.parts(Browser::Firefox).iter();
        let is_ignored = self.policy.report_only || self.policy.origin == Origin::Meta;
        !is_ignored && parts.any(|part| part.stops_scripts)
    }

    /// As a message names it: `the policy`, and where it stands when that is a place of its own.
    pub(super) fn named(&self) -> String {
        let kind = if self.policy.report_only { "the report-only policy" } else { "the policy" };
        match &self.policy.origin {
            Origin::Named(_) => kind.to_owned(),
            Origin::File { path, line } => format!("{kind} in {path}:{line}"),
            Origin::Meta => format!("{kind} in the page's <meta>"),
        }
    }

    /// Where it stands.
    pub(super) fn origin(&self) -> String {
        match &self.policy.origin {
            Origin::Named(name) => name.clone(),
            Origin::File { path, line } => format!("{path}:{line}"),
            Origin::Meta => "its <meta>".to_owned(),
        }
    }

    /// The byte of its text at which a word of a directive stands; for a word that is not there, the directive.
    pub(super) fn find(&self, directive: &str, word: Option<&str>) -> Option<usize> {
        let words = self.words.get_or_init(|| words(&self.policy.text));
        let (start, words) = words.get(directive)?;
        let word = word.and_then(|word| words.get(word));
        Some(*word.unwrap_or(start))
    }

    /// The finding at the policy's own place, or at the byte of its text that it is about, where that is known to stand in a file.
    /// One about a report-only policy says so.
    pub(super) fn place(&self, finding: Finding, offset: Option<usize>) -> Finding {
        let finding = match self.policy.report_only {
            true => finding.of_report_only(),
            false => finding,
        };
        match &self.policy.origin {
            Origin::Named(_) => finding,
            Origin::File { path, line } => {
                let mut location = Location { line: *line, column: 1 };
                if let (Some((text, start)), Some(offset)) = (&self.policy.file, offset) {
                    let text = text.as_bytes();
                    let lines = self.lines.get_or_init(|| LineIndex::new(text));
                    location = lines.location(text, start + offset);
                }
                finding.at(Place::of(path, location))
            }
            Origin::Meta => {
                let first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
                match &*first {
                    Some(place) => finding.at(place.clone()),
                    None => finding,
                }
            }
        }
    }
}

/// Lets policies that differ in the nonces of their responses alone have in common what their words did: a hash of one is needed
/// where a page needs it, whichever of the responses that came with.
pub(super) fn share_flags(policies: &[&Judged]) {
    const ENDS: [char; 3] = [' ', ';', ','];
    let without_nonce = |word: &str| {
        let begin = word.get(..7).filter(|begin| begin.eq_ignore_ascii_case("'nonce-"));
        let end = word.len() - word.trim_end_matches(ENDS).len();
        begin.map_or_else(|| word.to_owned(), |begin| format!("{begin}{}", &word[word.len() - end..]))
    };
    let mut first_of: HashMap<(bool, String), &Judged> = HashMap::new();
    let mut pairs = Vec::new();
    for judged in policies.iter().filter(|judged| judged.policy.nonces == Nonces::Captured) {
        let words = judged.policy.text.split_inclusive(ENDS).map(without_nonce);
        let key = (judged.policy.report_only, words.collect::<String>());
        match first_of.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(judged);
            }
            Entry::Occupied(entry) => pairs.push((*entry.get(), *judged)),
        }
    }
    let add = |to: &Judged, from: &Judged| {
        let words = to.reading.words().zip(from.reading.words());
        words.for_each(|(to, from)| to.add_flags(from));
    };
    pairs.iter().for_each(|(first, other)| add(first, other));
    pairs.iter().for_each(|(first, other)| add(other, first));
}

/// Lets the policies of a site have in common which hosts the pages need: those for single pages come from one base.
pub(super) fn share_hosts(policies: &[&Judged]) {
    let lists = || {
        let parts = policies.iter().flat_map(|it| it.reading.parts(Browser::Firefox));
        parts.flat_map(Part::all)
    };
    let mut needed: HashMap<DirectiveName, (HashSet<String>, bool)> = HashMap::new();
    for list in lists() {
        let (hosts, is_any) = needed.entry(list.name).or_default();
        hosts.extend(list.needed_hosts());
        *is_any |= list.may_need_any_host();
    }
    for list in lists() {
        let Some((hosts, is_any)) = needed.get(&list.name) else {
            continue;
        };
        hosts.iter().for_each(|host| list.needs_host(host));
        if *is_any {
            list.needs_any_host();
        }
    }
}

/// Where the words of a policy stand, the first of those that stand there twice.
fn words(text: &str) -> Words {
    let mut words = Words::new();
    for part in text.split(',') {
        let start = offset_in(text, part);
        for directive in as_sent::directives(part) {
            let Entry::Vacant(entry) = words.entry(directive.name.name().to_owned()) else {
                continue;
            };
            let mut of_directive = HashMap::new();
            for word in directive.words {
                let offset = start + word.span.start;
                of_directive.entry(word.text.to_owned()).or_insert(offset);
            }
            entry.insert((start + directive.span.start, of_directive));
        }
    }
    words
}

/// Where `part` is in `whole`, from which it was cut.
pub(super) fn offset_in(whole: &str, part: &str) -> usize {
    part.as_ptr().addr() - whole.as_ptr().addr()
}

/// By a page's place in the site, for each of its URLs the policies of the response, as indices.
type Rule = Box<dyn Fn(&str) -> Result<Vec<Vec<usize>>> + Send + Sync>;

/// The policies that govern the pages of a site, beside those that stand in the pages.
#[derive(Default)]
pub struct Policies {
    pub(super) all: Vec<Judged>,
    everywhere: Vec<usize>,
    rules: Vec<Rule>,
}

impl Policies {
    /// None but those in the pages.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a policy that governs every page.
    pub fn add(&mut self, policy: GoverningPolicy) {
        self.everywhere.push(self.all.len());
        self.all.push(Judged::new(policy));
    }

    /// Adds the policies of a way to deploy the site. `rule` says which of them, as indices of `policies`, a page has at
    /// each of its URLs, by its place in the site. With several deployments a page must work under each.
    pub fn deploy(
        &mut self,
        policies: impl IntoIterator<Item = GoverningPolicy>,
        rule: impl Fn(&str) -> Result<Vec<Vec<usize>>> + Send + Sync + 'static,
    ) {
        let first = self.all.len();
        self.all.extend(policies.into_iter().map(Judged::new));
        self.rules.push(Box::new(move |site_path| {
            let shifted = |list: Vec<usize>| list.into_iter().map(|index| first + index).collect();
            Ok(rule(site_path)?.into_iter().map(shifted).collect())
        }));
    }

    /// The different lists of policies that a page may come with.
    pub(super) fn of(&self, site_path: &str) -> Result<Vec<Vec<usize>>> {
        let mut lists: Vec<Vec<usize>> = Vec::new();
        for rule in &self.rules {
            for list in rule(site_path)? {
                let list = [&self.everywhere[..], &list].concat();
                if !lists.contains(&list) {
                    lists.push(list);
                }
            }
        }
        if self.rules.is_empty() {
            lists.push(self.everywhere.clone());
        }
        Ok(lists)
    }
}
