//! A policy as browsers read it: never refused, its words dropped or misread as each browser does.
//!
//! [`Policy`](super::Policy) reads strictly, since it is what we write. What is deployed was written by somebody else, so it is
//! read here as Chromium 156 and Firefox ESR 153 were seen to read it: keywords and algorithms in any case, invalid nonces
//! dropped, unpadded hashes and `sha-256-` in Chromium only. `check` asks what pages may do under it, `evaluate` what an attacker
//! may do.

use std::ops::Range;

use super::directive::DirectiveName;
use super::hash_text::{HashText, strip_prefix_ignore_case};
use super::source_expression::{Keyword, SourceExpression};
use crate::hash::HashSource;
pub(crate) use crate::page::Browser;

/// How a policy arrives, which decides how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Delivery {
    Header,
    Meta,
}

/// The policies that a browser finds in a text: one between each two commas, at which Firefox does not cut a `<meta>`.
pub(crate) fn policies(text: &str, delivery: Delivery, browser: Browser) -> Vec<&str> {
    match (delivery, browser) {
        (Delivery::Meta, Browser::Firefox) => vec![text],
        (Delivery::Meta, Browser::Chromium) | (Delivery::Header, _) => text.split(',').collect(),
    }
}

/// The directives of one policy that browsers know, the first of each name, by
/// [parse a serialized policy](https://www.w3.org/TR/CSP3/#parse-serialized-policy).
pub(crate) fn directives(policy: &str) -> Vec<Directive<'_>> {
    let mut directives: Vec<Directive<'_>> = Vec::new();
    for part in policy.split(';').filter(|part| part.is_ascii()) {
        let mut words = part.split_ascii_whitespace();
        let Some(first) = words.next() else { continue };
        let Some(name) = DirectiveName::find(first) else {
            continue;
        };
        if directives.iter().any(|directive| directive.name == name) {
            continue;
        }
        let word = |text| Word { text, span: span(policy, text), meaning: Meaning::of(name, text) };
        directives.push(Directive { name, span: span(policy, first), words: words.map(word).collect() });
    }
    directives
}

/// Where `part` is in `whole`, from which it was cut.
fn span(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

/// A directive with its value.
pub(crate) struct Directive<'a> {
    pub(crate) name: DirectiveName,
    /// The place of its name.
    pub(crate) span: Range<usize>,
    pub(crate) words: Vec<Word<'a>>,
}

/// A word of a value.
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: Range<usize>,
    pub(crate) meaning: Meaning,
}

/// What browsers take a word for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The same to every browser.
    Source(SourceExpression),
    /// A hash that only Chromium compares, or that no text has (`source` is [`None`]); it disables `'unsafe-inline'` all the same,
    /// in Firefox only in padded standard spelling.
    OtherHash { source: Option<HashSource>, is_standard: bool },
    /// Meant as a nonce or hash, and ignored.
    Failed,
    /// Ignored, or not a source list's.
    Unknown,
}

impl Meaning {
    fn of(name: DirectiveName, text: &str) -> Self {
        if !name.takes_sources() {
            return Self::Unknown;
        }
        if let Some(source) = SourceExpression::read(text) {
            return Self::Source(source);
        }
        let quoted = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\''));
        if let Some(hash) = quoted.and_then(HashText::read).and_then(|text| other_hash(&text)) {
            return hash;
        }
        let bare = text.trim_matches(['\'', '"', '`']);
        let begins = |prefix: &&str| strip_prefix_ignore_case(bare, prefix).is_some();
        let mut prefixes = ["nonce-", "sha256", "sha384", "sha512", "sha-", "sha_"].iter();
        if bare.contains('-') && prefixes.any(begins) {
            return Self::Failed;
        }
        Self::Unknown
    }

    /// The source, if it is the same to every browser.
    pub(crate) const fn source(&self) -> Option<&SourceExpression> {
        match self {
            Self::Source(source) => Some(source),
            Self::OtherHash { .. } | Self::Failed | Self::Unknown => None,
        }
    }

    /// The hash that a browser may compare.
    pub(crate) const fn hash(&self) -> Option<&HashSource> {
        match self {
            Self::Source(SourceExpression::Hash(hash)) => Some(hash),
            Self::OtherHash { source, .. } => source.as_ref(),
            Self::Source(_) | Self::Failed | Self::Unknown => None,
        }
    }

    /// Whether a browser takes it for a hash, be it one that no text has.
    pub(crate) fn is_hash(&self, browser: Browser) -> bool {
        match self {
            Self::Source(source) => matches!(source, SourceExpression::Hash(_)),
            Self::OtherHash { is_standard, .. } => *is_standard || browser == Browser::Chromium,
            Self::Failed | Self::Unknown => false,
        }
    }

    /// The value of a nonce.
    pub(crate) fn nonce(&self) -> Option<&str> {
        match self.source()? {
            SourceExpression::Nonce(nonce) => Some(nonce.value()),
            _ => None,
        }
    }

    /// Whether it is this keyword.
    pub(crate) fn is(&self, keyword: Keyword) -> bool {
        self.source() == Some(&SourceExpression::Keyword(keyword))
    }
}

/// A hash that is not in the one spelling that every browser reads and some text has.
fn other_hash(text: &HashText<'_>) -> Option<Meaning> {
    // Chromium drops what cannot be base64 by its length, too.
    let is_cut = text.body.len() % 4 == 1;
    let is_digest = !text.body.is_empty() && !is_cut && text.padding <= 2;
    let is_read = is_digest && text.separator != Some('_') && text.wrong_character().is_none();
    is_read.then(|| Meaning::OtherHash {
        source: text.source(),
        is_standard: text.separator.is_none() && text.is_padded(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI";

    fn meaning(word: &str) -> Meaning {
        Meaning::of(DirectiveName::ScriptSrc, word)
    }

    #[test]
    fn hashes_are_read_by_each_browser_as_it_does() {
        for (word, chromium, firefox, has_text) in [
            (format!("'sha256-{DIGEST}='"), true, true, true),
            (format!("'SHA256-{DIGEST}='"), true, true, true),
            (format!("'sha256-{DIGEST}'"), true, false, true),
            (format!("'sha256-{DIGEST}=='"), true, false, true),
            (format!("'sha-256-{DIGEST}='"), true, false, true),
            ("'sha256-AAAA'".to_owned(), true, true, false),
            ("'sha256-AAA'".to_owned(), true, false, false),
        ] {
            let meaning = meaning(&word);
            assert_eq!(meaning.is_hash(Browser::Chromium), chromium, "{word}");
            assert_eq!(meaning.is_hash(Browser::Firefox), firefox, "{word}");
            assert_eq!(meaning.hash().is_some(), has_text, "{word}");
        }
    }

    #[test]
    fn what_was_meant_as_a_hash_or_nonce_has_failed() {
        for word in [
            "'sha256-AAAAA'",
            "'sha256-{{x}}'",
            "'sha256-AAA==='",
            "'sha_256-AAAA'",
            "sha256-AAAA",
            "\"nonce-a\"",
            "'nonce-a==='",
            "'nonce-{{x}}'",
        ] {
            assert_eq!(meaning(word), Meaning::Failed, "{word}");
        }
        assert_eq!(meaning("'NONCE-a='").nonce(), Some("a="));
        assert_eq!(meaning("'foo'"), Meaning::Unknown);
        assert!(meaning("'UNSAFE-inline'").is(Keyword::UnsafeInline));
    }

    #[test]
    fn a_host_that_begins_like_a_hash_is_a_host() {
        assert!(meaning("sha-cdn.example").source().is_some());
    }

    #[test]
    fn what_browsers_drop_is_dropped() {
        let policy = " Script-Src\t'self' ; img-src é;x 'self';;script-src *;\nreport-uri 'self'";
        let found: Vec<_> = directives(policy)
            .iter()
            .map(|directive| {
                let words = directive.words.iter();
                let known = words.map(|word| (&policy[word.span.clone()], word.meaning.source().is_some()));
                (&policy[directive.span.clone()], known.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(found, [("Script-Src", vec![("'self'", true)]), ("report-uri", vec![("'self'", false)]),]);
    }

    #[test]
    fn firefox_does_not_cut_a_meta_at_its_commas() {
        for (delivery, browser, count) in [
            (Delivery::Header, Browser::Chromium, 2),
            (Delivery::Header, Browser::Firefox, 2),
            (Delivery::Meta, Browser::Chromium, 2),
            (Delivery::Meta, Browser::Firefox, 1),
        ] {
            assert_eq!(policies("img-src a, b", delivery, browser).len(), count);
        }
    }
}
