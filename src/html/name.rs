//! Tag names as numbers, so that the tree rules can `match` on them without allocating.
//!
//! A name that the rules know is its number, which makes a `match` a jump. Of the others, one of up to sixteen ASCII
//! bytes is packed as it is; a longer one (custom elements) or one with other bytes is represented by a
//! digest, which no page can make collide. Names are lower-cased the way the HTML tokenizer does it.

use super::names::SPELLED;
use crate::hash::{HashAlgorithm, HashSource};

/// A lower-cased tag name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Name(u128);

/// Set in every number and digest, in no packed ASCII name.
const NOT_PACKED: u128 = 1 << 127;
/// Beside it, set in every number and in no digest.
const KNOWN: u128 = NOT_PACKED | 1 << 126;
/// Beside it, set in the digest of a name that starts with a letter and has a hyphen.
const HYPHENATED: u128 = NOT_PACKED | 1 << 125;

impl Name {
    /// The name with this number.
    pub(super) const fn known(number: u8) -> Self {
        Self(KNOWN | number as u128)
    }

    /// The number of a name that the rules know, below 256.
    pub(super) const fn number(self) -> Option<usize> {
        if self.0 & KNOWN == KNOWN { Some((self.0 & 0xff) as usize) } else { None }
    }

    /// The name in the bytes of a tag, in any case.
    pub(crate) fn from_bytes(raw: &[u8]) -> Self {
        let mut bytes = [0; 16];
        match bytes.get_mut(..raw.len()) {
            // Packed, a NUL at the end would be none.
            Some(bytes) if raw.is_ascii() && raw.last() != Some(&0) => bytes.copy_from_slice(raw),
            _ => return Self::digest(raw),
        }
        bytes.make_ascii_lowercase();
        let packed = u128::from_le_bytes(bytes);
        let mut slot = slot(packed);
        while let Some(number) = TABLE[slot].checked_sub(1) {
            if PACKED[number as usize] == packed {
                return Self::known(number);
            }
            slot = (slot + 1) % SLOTS;
        }
        Self(packed)
    }

    fn digest(raw: &[u8]) -> Self {
        let hash = HashSource::of(HashAlgorithm::Sha256, &raw.to_ascii_lowercase());
        let mut half = [0; 16];
        half.copy_from_slice(&hash.digest()[..16]);
        let hyphenated = raw.contains(&b'-') && raw[0].is_ascii_alphabetic();
        let flags = if hyphenated { HYPHENATED } else { NOT_PACKED };
        Self(u128::from_le_bytes(half) & !(KNOWN | HYPHENATED) | flags)
    }

    /// Whether it is the [name of a custom element](https://html.spec.whatwg.org/multipage/custom-elements.html#valid-custom-element-name).
    pub(crate) fn is_custom_element(self) -> bool {
        // annotation-xml is a known name.
        const RESERVED: [u128; 7] = [
            pack("color-profile"),
            pack("font-face"),
            pack("font-face-format"),
            pack("font-face-name"),
            pack("font-face-src"),
            pack("font-face-uri"),
            pack("missing-glyph"),
        ];
        if self.0 & NOT_PACKED != 0 {
            return self.0 & KNOWN != KNOWN && self.0 & HYPHENATED == HYPHENATED;
        }
        let bytes = self.0.to_le_bytes();
        bytes[0].is_ascii_lowercase() && bytes.contains(&b'-') && !RESERVED.contains(&self.0)
    }
}

/// A name of at most sixteen lower-case ASCII bytes, the first lowest.
const fn pack(name: &str) -> u128 {
    let bytes = name.as_bytes();
    assert!(bytes.len() <= 16, "too long for a packed name");
    let mut packed = 0;
    let mut i = bytes.len();
    while i > 0 {
        i -= 1;
        packed = packed << 8 | bytes[i] as u128;
    }
    packed
}

/// The known names packed, by their numbers.
const PACKED: [u128; SPELLED.len()] = {
    let mut packed = [0; SPELLED.len()];
    let mut number = 0;
    while number < SPELLED.len() {
        packed[number] = pack(SPELLED[number]);
        number += 1;
    }
    packed
};

/// The size of [`TABLE`]; at least twice the number of names, so that a search is short.
const SLOTS: usize = 512;

/// Where the search for a packed name starts.
const fn slot(packed: u128) -> usize {
    let folded = packed as u64 ^ (packed >> 64) as u64;
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55) as usize
}

/// A hash table of the known names: their numbers plus one, 0 for an empty slot.
const TABLE: [u8; SLOTS] = {
    assert!(SPELLED.len() * 2 <= SLOTS && SPELLED.len() < 255);
    let mut table = [0; SLOTS];
    let mut number = 0;
    while number < SPELLED.len() {
        let mut slot = slot(PACKED[number]);
        while table[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        number += 1;
        table[slot] = number as u8;
    }
    table
};

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(number) = self.number() {
            return write!(f, "<{}>", SPELLED[number]);
        }
        if self.0 & NOT_PACKED != 0 {
            return write!(f, "<{:x}>", self.0);
        }
        let bytes = self.0.to_le_bytes();
        let len = bytes.iter().position(|&b| b == 0).unwrap_or(16);
        write!(f, "<{}>", String::from_utf8_lossy(&bytes[..len]))
    }
}

/// The bytes of the tag name that starts at `raw[0]`: up to white space, `/` or `>`.
pub(crate) fn name_bytes(raw: &[u8]) -> &[u8] {
    let end =
        raw.iter().position(|b| matches!(b, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'/' | b'>')).unwrap_or(raw.len());
    &raw[..end]
}

#[cfg(test)]
mod tests {
    use super::super::names::{annotation_xml, script};
    use super::*;

    #[test]
    fn every_known_name_is_found_and_no_other() {
        for (number, spelled) in SPELLED.iter().enumerate() {
            let name = Name::from_bytes(spelled.to_ascii_uppercase().as_bytes());
            assert_eq!(name, Name::known(number as u8), "{spelled}");
            assert!(!name.is_custom_element());
        }
        assert_eq!(Name::from_bytes(b"ScRiPt"), script);
        assert_eq!(Name::from_bytes(b"ANNOTATION-XML"), annotation_xml);
        assert_ne!(Name::from_bytes(b"scripts"), script);
        assert_ne!(Name::from_bytes(b"\x01"), Name::from_bytes(b"\x02"));
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
    fn custom_elements_have_a_hyphen() {
        for name in ["x-y", "my-quite-long-element", "x-日本"] {
            assert!(Name::from_bytes(name.as_bytes()).is_custom_element(), "{name}");
        }
        for name in [
            "x",
            "annotation-xml",
            "color-profile",
            "font-face",
            "font-face-format",
            "font-face-name",
            "font-face-src",
            "font-face-uri",
            "missing-glyph",
            "averylongnamewithoutone",
            "日本",
        ] {
            assert!(!Name::from_bytes(name.as_bytes()).is_custom_element(), "{name}");
        }
    }

    #[test]
    fn a_name_ends_where_the_tokenizer_ends_it() {
        assert_eq!(name_bytes(b"br/>"), b"br");
        assert_eq!(name_bytes(b"a\x0chref"), b"a");
        assert_eq!(name_bytes(b"script\0>"), b"script\0");
    }

    #[test]
    fn a_nul_makes_another_name() {
        assert_ne!(Name::from_bytes(b"script\0"), Name::from_bytes(b"script"));
        assert_ne!(Name::from_bytes(b"script\0\0"), Name::from_bytes(b"script\0"));
    }
}
