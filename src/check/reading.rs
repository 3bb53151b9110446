//! A policy as the browsers read it: never refused, its words dropped or misread as each browser does.
//!
//! [`Policy`](crate::policy::Policy) reads strictly, since it is what we write. What is deployed was written by somebody else, so
//! here it is read as `semantics.md` of the browsers has it (Chromium 156 and Firefox ESR 153 were run):
//! keywords and algorithms in any case, invalid nonces dropped, unpadded hashes and `sha-256-` only in Chromium. Of the
//! directives only those are kept that decide on inline resources and scripts.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use content_security_policy as csp;

use crate::hash::{HashAlgorithm, HashSource};
use crate::nonce::NonceSource;
use crate::page::InlineCheckType;
use crate::policy::DirectiveName;

/// The browsers that a page must work in, where they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Browser {
    Chromium,
    Firefox,
}

impl Browser {
    pub(super) const ALL: [Self; 2] = [Self::Chromium, Self::Firefox];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
        }
    }
}

/// Where a policy stands, which decides how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Delivery {
    Header,
    Meta,
}

/// A serialized policy, or several with commas between.
#[derive(Debug)]
pub(super) struct Reading {
    /// The policies between the commas.
    parts: Vec<Part>,
    /// What Firefox makes of a `<meta>` with commas in it, which it does not split.
    whole: Option<Vec<Part>>,
}

impl Reading {
    pub(super) fn new(text: &str, delivery: Delivery) -> Self {
        let whole = delivery == Delivery::Meta && text.contains(',');
        Self {
            parts: text.split(',').map(Part::new).collect(),
            whole: whole.then(|| vec![Part::new(text)]),
        }
    }

    /// How many policies there are between the commas.
    pub(super) fn count(&self) -> usize {
        self.parts.len()
    }

    /// The policies that a browser enforces; all of them must allow.
    pub(super) fn parts(&self, browser: Browser) -> &[Part] {
        match (&self.whole, browser) {
            (Some(whole), Browser::Firefox) => whole,
            _ => &self.parts,
        }
    }
}

/// One policy.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) lists: Vec<List>,
}

impl Part {
    fn new(text: &str) -> Self {
        let policy = csp::Policy::parse(
            text,
            csp::PolicySource::Header,
            csp::PolicyDisposition::Enforce,
        );
        let lists = policy.directive_set.into_iter();
        let lists = lists.filter_map(|directive| List::new(&directive.name, directive.value));
        Self {
            lists: lists.collect(),
        }
    }

    /// The list that is in effect for a check.
    pub(super) fn effective(&self, check: InlineCheckType) -> Option<&List> {
        let mut names = DirectiveName::from(check).and_fallback();
        names.find_map(|name| self.lists.iter().find(|list| list.name == name))
    }
}

/// A source list.
#[derive(Debug)]
pub(super) struct List {
    pub(super) name: DirectiveName,
    /// The words as they are written.
    pub(super) words: Vec<Word>,
    /// Which words are hashes that both browsers compare, by what they allow.
    hashes: HashMap<HashSource, usize>,
    /// The words that are no hashes, as the engine is to read them.
    pub(super) others: Arc<[String]>,
    /// Which algorithms the hashes have, and whether a browser takes any word for a hash.
    pub(super) algorithms: Vec<HashAlgorithm>,
    pub(super) has_hash: bool,
}

/// A word of a list, and what became of it.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) kind: WordKind,
    flags: AtomicU8,
}

/// What the browsers take a word for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WordKind {
    /// A hash. Only Chromium compares one that is not in padded standard spelling. `None` when nothing can have it.
    Hash {
        source: Option<HashSource>,
        is_standard: bool,
    },
    /// A nonce, without quotes and prefix.
    Nonce(String),
    /// A word that was meant as a nonce or hash and is none.
    Failed,
    /// Anything else.
    Other,
}

/// What a word did on the pages that were checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Flag {
    /// Something is allowed by it.
    Used = 1,
    /// Something has this hash for which another list is in effect, which does not allow it.
    Elsewhere = 2,
    /// An attribute or URL has this hash.
    ForAttribute = 4,
}

impl Word {
    pub(super) fn flag(&self, flag: Flag) {
        self.flags.fetch_or(flag as u8, Ordering::Relaxed);
    }

    pub(super) fn has(&self, flag: Flag) -> bool {
        self.flags.load(Ordering::Relaxed) & flag as u8 != 0
    }

    /// Whether it is this keyword, given with its quotes.
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.text.eq_ignore_ascii_case(keyword)
    }
}

impl List {
    fn new(name: &str, value: Vec<String>) -> Option<Self> {
        let name = DirectiveName::find(name)?;
        let decides = InlineCheckType::ALL.iter().any(|check| {
            DirectiveName::from(*check)
                .and_fallback()
                .any(|n| n == name)
        });
        if !decides {
            return None;
        }
        let words: Vec<Word> = value.into_iter().map(Word::new).collect();
        let mut hashes = HashMap::new();
        let mut algorithms = Vec::new();
        let mut others = Vec::new();
        let mut has_hash = false;
        for (index, word) in words.iter().enumerate() {
            match &word.kind {
                WordKind::Hash { source, .. } => {
                    has_hash = true;
                    let Some(source) = source else { continue };
                    // The first of two in the same spelling; a standard one before one that is not.
                    let known = hashes.entry(*source).or_insert(index);
                    if !words[*known].is_standard() && word.is_standard() {
                        *known = index;
                    }
                    if !algorithms.contains(&source.algorithm()) {
                        algorithms.push(source.algorithm());
                    }
                }
                WordKind::Nonce(value) => others.push(format!("'nonce-{value}'")),
                WordKind::Failed => {}
                WordKind::Other if word.text.starts_with('\'') => {
                    others.push(word.text.to_ascii_lowercase());
                }
                WordKind::Other => others.push(word.text.clone()),
            }
        }
        Some(Self {
            name,
            words,
            hashes,
            others: others.into(),
            algorithms,
            has_hash,
        })
    }

    /// The word that allows what has this hash.
    pub(super) fn word_of(&self, hash: &HashSource, browser: Browser) -> Option<&Word> {
        let word = &self.words[*self.hashes.get(hash)?];
        (browser == Browser::Chromium || word.is_standard()).then_some(word)
    }

    /// The nonces of the list.
    pub(super) fn nonces(&self) -> impl Iterator<Item = &str> {
        self.words.iter().filter_map(|word| match &word.kind {
            WordKind::Nonce(value) => Some(&**value),
            _ => None,
        })
    }

    /// Whether the keyword stands in it, given with its quotes.
    pub(super) fn has_keyword(&self, keyword: &str) -> bool {
        self.words.iter().any(|word| word.is(keyword))
    }
}

impl Word {
    fn new(text: String) -> Self {
        Self {
            kind: kind(&text),
            text,
            flags: AtomicU8::new(0),
        }
    }

    fn is_standard(&self) -> bool {
        matches!(
            self.kind,
            WordKind::Hash {
                is_standard: true,
                ..
            }
        )
    }
}

fn kind(text: &str) -> WordKind {
    let bare = text.trim_matches(['\'', '"', '`']);
    let lower = bare.to_ascii_lowercase();
    let is_nonce = lower.starts_with("nonce-");
    let is_hash = ["sha256", "sha384", "sha512", "sha-", "sha_"]
        .iter()
        .any(|prefix| lower.starts_with(prefix))
        && bare.contains('-');
    if !is_nonce && !is_hash {
        return WordKind::Other;
    }
    let quoted = text
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    match quoted {
        Some(inner) if is_nonce => match inner["nonce-".len()..].parse::<NonceSource>() {
            Ok(nonce) => WordKind::Nonce(nonce.value().to_owned()),
            Err(_) => WordKind::Failed,
        },
        Some(inner) => hash(inner).unwrap_or(WordKind::Failed),
        None => WordKind::Failed,
    }
}

/// Reads a hash without its quotes.
fn hash(inner: &str) -> Option<WordKind> {
    let lower = inner.to_ascii_lowercase();
    let (algorithm, is_dashed) = HashAlgorithm::ALL.into_iter().find_map(|algorithm| {
        let name = algorithm.name();
        let dashed = format!("sha-{}-", &name[3..]);
        if lower.starts_with(&format!("{name}-")) {
            Some((algorithm, false))
        } else {
            lower.starts_with(&dashed).then_some((algorithm, true))
        }
    })?;
    let digest = &inner[algorithm.name().len() + 1 + usize::from(is_dashed)..];
    let body = digest.trim_end_matches('=');
    let padding = digest.len() - body.len();
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || b"+/-_".contains(&b);
    // Chromium drops what cannot be base64 by its length, too.
    let is_cut = body.len() % 4 == 1;
    if body.is_empty() || is_cut || padding > 2 || !body.bytes().all(is_base64) {
        return None;
    }
    let standard = body.replace('-', "+").replace('_', "/");
    let bytes = STANDARD_NO_PAD.decode(standard).ok();
    Some(WordKind::Hash {
        source: bytes.and_then(|bytes| HashSource::from_digest(algorithm, &bytes)),
        is_standard: !is_dashed && padding == (4 - body.len() % 4) % 4,
    })
}
