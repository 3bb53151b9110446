//! A need: what a page asks of a policy, as data, whatever asks for it.
//!
//! Inline resources need hashes, scripts and styles of a template nonces, fetches an origin. Merging
//! treats all alike, so that a new kind of subject only has to say what it needs.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::directive::{DirectiveName, ValueSyntax};
use super::source_expression::{Keyword, SourceExpression};
use crate::finding::Place;
use crate::hash::{HashAlgorithm, HashSource};
use crate::nonce::NonceSource;
use crate::page::InlineCheckType;

/// The hashes of the empty text.
pub(super) static EMPTY: LazyLock<[SourceExpression; 3]> =
    LazyLock::new(|| HashAlgorithm::ALL.map(|algorithm| HashSource::of(algorithm, b"").into()));

/// A source that the effective directive has to list.
///
/// ```
/// use cspseal::policy::{DirectiveName, Keyword, Need, Policy, SourceExpression};
///
/// let mut policy = Policy::parse("default-src 'none'")?;
/// let own = SourceExpression::Keyword(Keyword::SelfOrigin);
/// policy.allow(Need::fetch(DirectiveName::ImgSrc, own));
/// assert_eq!(policy.to_string(), "default-src 'none'; img-src 'self'");
/// # Ok::<(), cspseal::policy::PolicyProblems>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need<'p> {
    /// The most specific directive that may govern the subject; its fallbacks answer where it is missing.
    pub(super) directive: DirectiveName,
    pub(super) source: SourceExpression,
    /// Whether the source counts only next to `'unsafe-hashes'`.
    pub(super) unsafe_hashes: bool,
    /// Where the subject was first seen, if that is known.
    pub(super) place: Option<&'p Place>,
}

impl<'p> Need<'p> {
    /// An inline resource that is allowed by its hash.
    #[must_use]
    pub fn hash(check: InlineCheckType, hash: HashSource) -> Self {
        Self { unsafe_hashes: check.needs_unsafe_hashes(), ..Self::new(check.into(), hash.into()) }
    }

    /// Scripts or styles that are allowed by a nonce.
    #[must_use]
    pub fn nonce(check: InlineCheckType, nonce: NonceSource) -> Self {
        Self::new(check.into(), nonce.into())
    }

    /// Something with a URL, about which `directive` is asked first. [`None`] for a directive that governs no URLs of the
    /// page, and for `'none'` and the keywords other than `'self'`, which allow no URL.
    #[must_use]
    pub fn fetch(directive: DirectiveName, source: SourceExpression) -> Option<Self> {
        let allows_urls = match &source {
            SourceExpression::Keyword(keyword) => *keyword == Keyword::SelfOrigin,
            SourceExpression::None => false,
            SourceExpression::Nonce(_)
            | SourceExpression::Hash(_)
            | SourceExpression::Scheme(_)
            | SourceExpression::Host(_) => true,
        };
        let takes_any = directive.syntax() == ValueSyntax::SourceList;
        (takes_any && allows_urls).then(|| Self::new(directive, source))
    }

    /// Frames with pages of the site in others of it.
    pub(super) const fn own_frames() -> Self {
        let own = SourceExpression::Keyword(Keyword::SelfOrigin);
        Self::new(DirectiveName::FrameAncestors, own)
    }

    const fn new(directive: DirectiveName, source: SourceExpression) -> Self {
        Self { directive, source, unsafe_hashes: false, place: None }
    }

    /// The same with the place where it was first seen.
    #[must_use]
    pub const fn at(mut self, place: &'p Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The directive and the source, if that names a whole origin.
    pub(super) fn origin(&self) -> Option<(DirectiveName, String)> {
        let SourceExpression::Host(host) = &self.source else {
            return None;
        };
        let is_whole = host.parts().path.is_empty();
        is_whole.then(|| (self.directive, host.to_string()))
    }

    /// Whether one of these origins allows all that it does: its own where it names a path, or
    /// [the same without TLS](https://www.w3.org/TR/CSP3/#match-schemes).
    pub(super) fn is_covered(&self, origins: &HashSet<(DirectiveName, String)>) -> bool {
        let SourceExpression::Host(host) = &self.source else {
            return false;
        };
        let (text, parts) = (host.to_string(), host.parts());
        let is_there = |origin: &str| origins.contains(&(self.directive, origin.to_owned()));
        let origin = &text[..text.len() - parts.path.len()];
        let plain = match parts.scheme.filter(|_| parts.port.is_none()) {
            Some("https") => Some(origin.replacen("https", "http", 1)),
            Some("wss") => Some(origin.replacen("wss", "ws", 1)),
            _ => None,
        };
        !parts.path.is_empty() && is_there(origin) || plain.is_some_and(|plain| is_there(&plain))
    }

    /// Whether it puts the hash of the empty text into a script directive.
    pub(super) fn is_empty_script(&self) -> bool {
        self.directive.is_script() && EMPTY.contains(&self.source)
    }
}
