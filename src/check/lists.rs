//! The source lists of a policy, ready to be asked often, and what their words did.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use super::sources::Sources;
use crate::hash::{HashAlgorithm, HashSource};
use crate::page::InlineCheckType;
use crate::policy::as_sent::{self, Browser, Delivery, Meaning};
use crate::policy::{DirectiveName, Keyword, SourceExpression};

/// A serialized policy, or several with commas between: for each browser the policies that it finds.
#[derive(Debug)]
pub(super) struct Reading([Arc<[Part]>; 2]);

impl Reading {
    pub(super) fn new(text: &str, delivery: Delivery) -> Self {
        let texts = Browser::ALL.map(|browser| as_sent::policies(text, delivery, browser));
        let read = |texts: &[&str]| texts.iter().map(|text| Part::new(text)).collect();
        let chromium: Arc<[Part]> = read(&texts[0]);
        let firefox = if texts[0] == texts[1] { Arc::clone(&chromium) } else { read(&texts[1]) };
        Self([chromium, firefox])
    }

    /// How many policies there are between the commas.
    pub(super) fn count(&self) -> usize {
        self.parts(Browser::Chromium).len()
    }

    /// The words of all lists.
    pub(super) fn words(&self) -> impl Iterator<Item = &Word> {
        let parts = self.0.iter().flat_map(|parts| &**parts);
        parts.flat_map(|part| &part.lists).flat_map(|list| &list.words)
    }

    /// The policies that a browser enforces; all of them must allow.
    pub(super) fn parts(&self, browser: Browser) -> &[Part] {
        &self.0[browser as usize]
    }
}

/// One policy.
#[derive(Debug)]
pub(super) struct Part {
    /// Those that decide on inline resources.
    pub(super) lists: Vec<List>,
    /// Those that decide on URLs alone.
    urls: Vec<List>,
    /// Whether it has a sandbox in which no script runs.
    pub(super) stops_scripts: bool,
    /// Whether it names an endpoint for reports.
    pub(super) reports_to: bool,
}

impl Part {
    fn new(text: &str) -> Self {
        let directives = as_sent::directives(text);
        let allows = |word: &as_sent::Word<'_>| word.text.eq_ignore_ascii_case("allow-scripts");
        let stops = |directive: &as_sent::Directive<'_>| {
            directive.name == DirectiveName::Sandbox && !directive.words.iter().any(allows)
        };
        let stops_scripts = directives.iter().any(stops);
        let is_endpoint = |it: &as_sent::Directive<'_>| it.name == DirectiveName::ReportTo;
        let reports_to = directives.iter().any(is_endpoint);
        let lists = directives.into_iter().filter(|it| it.name.takes_sources());
        let (lists, urls) = lists.map(List::new).partition(List::decides_on_inlines);
        Self { stops_scripts, reports_to, lists, urls }
    }

    /// All source lists.
    pub(super) fn all(&self) -> impl Iterator<Item = &List> {
        self.lists.iter().chain(&self.urls)
    }

    /// The list that is in effect for a check, or where this directive is asked about first.
    pub(super) fn effective(&self, asked: impl Into<DirectiveName>) -> Option<&List> {
        let mut names = asked.into().and_fallback();
        names.find_map(|name| self.all().find(|list| list.name == name))
    }
}

/// A source list.
#[derive(Debug)]
pub(super) struct List {
    pub(super) name: DirectiveName,
    pub(super) words: Vec<Word>,
    /// The indices of the words that browsers compare as hashes, by what they allow.
    hashes: HashMap<HashSource, usize>,
    /// The words that are no hashes.
    pub(super) sources: Sources,
    /// The hashes by their [names](integrity_name), for the scripts that carry them; made when the first asks.
    integrity: OnceLock<HashMap<String, Vec<usize>>>,
    /// The words of hosts, as [`Sources`] has them; made when the first is used.
    hosts: OnceLock<HashMap<String, Vec<usize>>>,
    /// Whether any of its hosts may be used, since template code makes a URL or the address of the site is unknown.
    needs_any_host: AtomicBool,
    /// The algorithms of the hashes.
    pub(super) algorithms: Vec<HashAlgorithm>,
    /// Whether a browser takes any word for a hash.
    pub(super) has_hash: bool,
}

/// A word of a list, and what it did on the pages that were checked.
#[derive(Debug)]
pub(super) struct Word {
    /// As it is written.
    pub(super) text: String,
    pub(super) meaning: Meaning,
    flags: AtomicU8,
}

/// What a word did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Flag {
    /// Something is allowed by it.
    Used = 1,
    /// Something has this hash for which another list is in effect, which does not allow it.
    Elsewhere = 2,
    /// An attribute or URL has this hash.
    ForAttribute = 4,
    /// It and those with the same name stand for a script with an `integrity` attribute.
    ForIntegrity = 8,
}

impl Word {
    /// A host-source as it is written without regard to its spelling.
    fn host(&self) -> Option<String> {
        match &self.meaning {
            Meaning::Source(source @ SourceExpression::Host(_)) => Some(source.to_string()),
            _ => None,
        }
    }

    pub(super) fn flag(&self, flag: Flag) {
        self.flags.fetch_or(flag as u8, Ordering::Relaxed);
    }

    /// Adds what the same word did in another response.
    pub(super) fn add_flags(&self, other: &Self) {
        let flags = other.flags.load(Ordering::Relaxed);
        self.flags.fetch_or(flags, Ordering::Relaxed);
    }

    pub(super) fn has(&self, flag: Flag) -> bool {
        self.flags.load(Ordering::Relaxed) & flag as u8 != 0
    }
}

impl List {
    fn new(directive: as_sent::Directive<'_>) -> Self {
        let name = directive.name;
        let word = |word: as_sent::Word<'_>| Word {
            text: word.text.to_owned(),
            meaning: word.meaning,
            flags: AtomicU8::new(0),
        };
        let words: Vec<Word> = directive.words.into_iter().map(word).collect();
        let mut hashes = HashMap::new();
        let mut algorithms = Vec::new();
        let is_standard = |index: usize| words[index].meaning.is_hash(Browser::Firefox);
        for (index, word) in words.iter().enumerate() {
            let Some(hash) = word.meaning.hash() else {
                continue;
            };
            // The first of two in the same spelling; a standard one before one that is not.
            let known = hashes.entry(*hash).or_insert(index);
            if !is_standard(*known) && is_standard(index) {
                *known = index;
            }
            if !algorithms.contains(&hash.algorithm()) {
                algorithms.push(hash.algorithm());
            }
        }
        let mut meanings = words.iter().map(|word| &word.meaning);
        Self {
            name,
            has_hash: meanings.any(|meaning| meaning.is_hash(Browser::Chromium)),
            sources: Sources::new(&words),
            integrity: OnceLock::new(),
            hosts: OnceLock::new(),
            needs_any_host: AtomicBool::new(false),
            words,
            hashes,
            algorithms,
        }
    }

    /// Whether it may decide on inline resources.
    fn decides_on_inlines(&self) -> bool {
        let decides = |check| {
            let mut names = DirectiveName::from(check).and_fallback();
            names.any(|name| name == self.name)
        };
        InlineCheckType::ALL.iter().copied().any(decides)
    }

    /// The word that allows what has this hash.
    pub(super) fn word_of(&self, hash: &HashSource, browser: Browser) -> Option<&Word> {
        let word = &self.words[*self.hashes.get(hash)?];
        word.meaning.is_hash(browser).then_some(word)
    }

    /// Its hashes with this [name](integrity_name).
    pub(super) fn integrity(&self, name: &str) -> impl Iterator<Item = &Word> {
        let by_name = self.integrity.get_or_init(|| {
            let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
            for (index, word) in self.words.iter().enumerate() {
                if word.meaning.is_hash(Browser::Chromium)
                    && let Some(name) = integrity_name(&word.text)
                {
                    by_name.entry(name).or_default().push(index);
                }
            }
            by_name
        });
        let indices = by_name.get(name).into_iter().flatten();
        indices.map(|index| &self.words[*index])
    }

    /// Says that something needs this host, as [`Sources`] spells it.
    pub(super) fn needs_host(&self, source: &str) {
        let by_text = self.hosts.get_or_init(|| {
            let mut by_text: HashMap<String, Vec<usize>> = HashMap::new();
            for (index, word) in self.words.iter().enumerate() {
                if let Some(host) = word.host() {
                    by_text.entry(host).or_default().push(index);
                }
            }
            by_text
        });
        let indices = by_text.get(source).into_iter().flatten();
        indices.for_each(|index| self.words[*index].flag(Flag::Used));
    }

    /// Says that something may need any of its hosts.
    pub(super) fn needs_any_host(&self) {
        self.needs_any_host.store(true, Ordering::Relaxed);
    }

    /// Whether something may need any of its hosts.
    pub(super) fn may_need_any_host(&self) -> bool {
        self.needs_any_host.load(Ordering::Relaxed)
    }

    /// The hosts that something needs, as [`Sources`] spells them.
    pub(super) fn needed_hosts(&self) -> impl Iterator<Item = String> {
        let words = self.words.iter().filter(|word| word.has(Flag::Used));
        words.filter_map(Word::host)
    }

    /// The hosts that nothing needs.
    pub(super) fn orphaned_hosts(&self) -> impl Iterator<Item = &Word> {
        let is_open = self.may_need_any_host();
        let words = self.words.iter().filter(move |_| !is_open);
        words.filter(|word| word.host().is_some() && !word.has(Flag::Used))
    }

    /// Whether there is a nonce in it.
    pub(super) fn has_nonce(&self) -> bool {
        self.sources.nonce().is_some()
    }

    /// The first word beside which `'unsafe-inline'` does nothing for what `asked` is about; likewise
    /// `'inline-speculation-rules'`.
    pub(super) fn switch_off(&self, asked: DirectiveName) -> Option<&Word> {
        self.words.iter().find(|word| match &word.meaning {
            Meaning::Source(source) => source.disables_inline(asked),
            Meaning::OtherHash { .. } => true,
            Meaning::Failed | Meaning::Unknown => false,
        })
    }

    /// Whether the keyword is in it.
    pub(super) fn has(&self, keyword: Keyword) -> bool {
        self.sources.has(keyword)
    }
}

/// The name of a hash in an `integrity` attribute or a policy, without its padding: `sha256-AAAA`. In another case it is another
/// one, since not every browser reads it in the attribute. The engine finds it anywhere in a word, too.
pub(super) fn integrity_name(word: &str) -> Option<String> {
    let begins = |at: &usize| {
        let prefix = word.get(*at..*at + "sha256-".len());
        prefix.is_some_and(|prefix| {
            let mut all = HashAlgorithm::ALL.iter();
            all.any(|algorithm| prefix[..6].eq_ignore_ascii_case(algorithm.name()) && prefix.ends_with('-'))
        })
    };
    let (name, digest) = (0..word.len()).find(begins).map(|at| word[at..].split_at(7))?;
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || b"+/-_".contains(b);
    let len = digest.bytes().take_while(is_base64).count();
    (len > 0).then(|| format!("{name}{}", &digest[..len]))
}
