//! The element names that the caller of a scan asks about.
//!
//! The names come from the caller: a new one is no change here. Besides a set of names this is a filter by first letter
//! and length, which most tags of a page do not pass, so that looking for the others costs nothing.

use super::name::Name;
use super::names::SPELLED;

/// Longest name that can be asked about, in bytes.
const LONGEST: usize = 16;

/// Names of elements that change what the markup after them means, so that no scan may pass over them.
pub(super) const LOUD: [&str; 17] = [
    "frameset",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "plaintext",
    "script",
    "select",
    "style",
    "svg",
    "table",
    "template",
    "textarea",
    "title",
    "xmp",
];

/// Set of element names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// A bit for each known name, by its number.
    numbers: [u64; 4],
    /// A bit for each first letter, by length: of these names and of the loud ones.
    letters: [u32; LONGEST + 1],
}

impl Asked {
    /// No names.
    pub(crate) const NONE: Self = {
        let mut asked = Self { numbers: [0; 4], letters: [0; LONGEST + 1] };
        let mut i = 0;
        while i < LOUD.len() {
            asked = asked.with_letter(LOUD[i].as_bytes());
            i += 1;
        }
        asked
    };

    /// Adds names that the tree rules know ([`names`](super::names)); others are left out.
    pub(crate) const fn with(mut self, names: &[Name]) -> Self {
        let mut i = 0;
        while i < names.len() {
            if let Some(number) = names[i].number() {
                self.numbers[number / 64] |= 1 << (number % 64);
                self = self.with_letter(SPELLED[number].as_bytes());
            }
            i += 1;
        }
        self
    }

    const fn with_letter(mut self, name: &[u8]) -> Self {
        self.letters[name.len()] |= 1 << (name[0] & 0x1f);
        self
    }

    /// Whether the set has this name.
    pub(crate) fn has(&self, name: Name) -> bool {
        name.number().is_some_and(|number| self.numbers[number / 64] >> (number % 64) & 1 == 1)
    }

    /// Whether a name as written, not empty, may be in the set or loud. Few others pass.
    pub(super) fn may_matter(&self, name: &[u8]) -> bool {
        let letters = self.letters.get(name.len());
        letters.is_some_and(|letters| letters >> (name[0] & 0x1f) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::names as n;

    #[test]
    fn a_set_has_its_names_alone() {
        let asked = Asked::NONE.with(&[n::img, n::annotation_xml]);
        for spelled in SPELLED {
            let name = Name::from_bytes(spelled.as_bytes());
            let is_asked = matches!(*spelled, "img" | "annotation-xml");
            assert_eq!(asked.has(name), is_asked, "{spelled}");
            assert!(!Asked::NONE.has(name));
            if is_asked || LOUD.contains(spelled) {
                assert!(asked.may_matter(spelled.to_ascii_uppercase().as_bytes()));
            }
        }
        assert!(!asked.has(Name::from_bytes(b"x-img")));
        assert!(!asked.may_matter(b"p") && !asked.may_matter(b"my-quite-long-element"));
    }
}
