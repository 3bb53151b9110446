//! The spelling of a hash-source: the one place that takes `sha256-…` apart.
//!
//! The strict and the lenient reading judge the parts differently; this module only finds them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::hash::{HashAlgorithm, HashSource};

/// A text that names an algorithm and then a digest, without quotes.
pub(super) struct HashText<'a> {
    pub(super) algorithm: HashAlgorithm,
    /// What separates `sha` from its number: nothing, or `-` or `_` by mistake.
    pub(super) separator: Option<char>,
    /// The digest without padding.
    pub(super) body: &'a str,
    /// How many `=` follow it.
    pub(super) padding: usize,
}

impl<'a> HashText<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let rest = strip_prefix_ignore_case(text, "sha")?;
        let separator = rest.chars().next().filter(|c| matches!(c, '-' | '_'));
        let rest = separator.map_or(rest, |_| &rest[1..]);
        let (bits, digest) = rest.split_once('-')?;
        let mut algorithms = HashAlgorithm::ALL.into_iter();
        let body = digest.trim_end_matches('=');
        Some(Self {
            algorithm: algorithms.find(|algorithm| algorithm.name().strip_prefix("sha") == Some(bits))?,
            separator,
            body,
            padding: digest.len() - body.len(),
        })
    }

    /// The first character that neither base64 alphabet has.
    pub(super) fn wrong_character(&self) -> Option<char> {
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
        self.body.chars().find(|c| !is_base64(*c))
    }

    /// Whether it is padded to a multiple of four characters.
    pub(super) const fn is_padded(&self) -> bool {
        self.padding == (4 - self.body.len() % 4) % 4
    }

    /// The bytes of the digest, in either base64 alphabet.
    pub(super) fn digest(&self) -> Option<Vec<u8>> {
        let standard = self.body.replace('-', "+").replace('_', "/");
        STANDARD_NO_PAD.decode(standard).ok()
    }

    /// The hash, if the digest has the length of the algorithm.
    pub(super) fn source(&self) -> Option<HashSource> {
        HashSource::from_digest(self.algorithm, &self.digest()?)
    }
}

pub(super) fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}
