//! Tag names as numbers, so that the tree rules can `match` on them without allocating.
//!
//! A name of up to sixteen ASCII bytes is packed as it is; a longer one (custom elements) or one
//! with other bytes is represented by a digest, which no page can make collide. Names are lower-cased
//! the way the HTML tokenizer does it.

use crate::hash::{HashAlgorithm, HashSource};

/// A lower-cased tag name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Name(u128);

/// Set in every digest, in no packed ASCII name.
const DIGEST: u128 = 1 << 127;

/// Set in the digest of a name that starts with a letter and has a hyphen; clear in every other.
const HYPHENATED: u128 = 1 << 126;
const HYPHENATED_DIGEST: u128 = DIGEST | HYPHENATED;

impl Name {
    /// Packs a literal of at most sixteen lower-case ASCII bytes.
    pub(crate) const fn of(name: &str) -> Self {
        let bytes = name.as_bytes();
        assert!(bytes.len() <= 16, "too long for a packed name");
        let mut packed = 0;
        let mut i = bytes.len();
        while i > 0 {
            i -= 1;
            packed = packed << 8 | bytes[i] as u128;
        }
        Self(packed)
    }

    /// The name in the bytes of a tag, in any case.
    pub(crate) fn from_bytes(raw: &[u8]) -> Self {
        if raw.len() > 16 || !raw.is_ascii() {
            let hash = HashSource::of(HashAlgorithm::Sha256, &raw.to_ascii_lowercase());
            let mut half = [0; 16];
            half.copy_from_slice(&hash.digest()[..16]);
            let hyphenated = raw.contains(&b'-') && raw[0].is_ascii_alphabetic();
            let digest = u128::from_le_bytes(half) & !HYPHENATED | DIGEST;
            return Self(if hyphenated {
                digest | HYPHENATED
            } else {
                digest
            });
        }
        let mut packed = 0;
        for &byte in raw.iter().rev() {
            packed = packed << 8 | u128::from(byte.to_ascii_lowercase());
        }
        Self(packed)
    }
}

impl Name {
    /// Whether it is the [name of a custom element](https://html.spec.whatwg.org/multipage/custom-elements.html#valid-custom-element-name).
    pub(crate) fn is_custom_element(self) -> bool {
        const RESERVED: [Name; 4] = [
            Name::of("annotation-xml"),
            Name::of("font-face"),
            Name::of("font-face-src"),
            Name::of("missing-glyph"),
        ];
        self.0 & HYPHENATED_DIGEST == HYPHENATED_DIGEST
            || (self.0 & DIGEST == 0
                && self.0.to_le_bytes()[0].is_ascii_lowercase()
                && self.0.to_le_bytes().contains(&b'-')
                && !RESERVED.contains(&self))
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 & DIGEST != 0 {
            return write!(f, "<{:x}>", self.0);
        }
        let bytes = self.0.to_le_bytes();
        let len = bytes.iter().position(|&b| b == 0).unwrap_or(16);
        write!(f, "<{}>", String::from_utf8_lossy(&bytes[..len]))
    }
}

/// The bytes of the tag name that starts at `raw[0]`: up to white space, `/` or `>`.
pub(crate) fn name_bytes(raw: &[u8]) -> &[u8] {
    let end = raw
        .iter()
        .position(|b| matches!(b, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'/' | b'>'))
        .unwrap_or(raw.len());
    &raw[..end]
}

#[cfg(test)]
mod tests {
    use super::super::names::{annotation_xml, script};
    use super::*;

    #[test]
    fn case_does_not_matter() {
        assert_eq!(Name::from_bytes(b"ScRiPt"), script);
        assert_eq!(Name::from_bytes(b"ANNOTATION-XML"), annotation_xml);
    }

    #[test]
    fn long_and_foreign_names_stay_apart() {
        let long = Name::from_bytes(b"my-quite-long-element");
        assert_eq!(long, Name::from_bytes(b"MY-quite-long-element"));
        assert_ne!(long, Name::from_bytes(b"my-quite-long-elemens"));
        assert_ne!(Name::from_bytes("ſcript".as_bytes()), script);
        assert_ne!(Name::from_bytes(b"p\0"), Name::from_bytes(b"p\x01"));
    }

    #[test]
    fn a_name_ends_where_the_tokenizer_ends_it() {
        assert_eq!(name_bytes(b"br/>"), b"br");
        assert_eq!(name_bytes(b"a\x0chref"), b"a");
        assert_eq!(name_bytes(b"script\0>"), b"script\0");
    }
}
