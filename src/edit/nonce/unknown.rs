//! The parts of a template of which no file of the run shows whether they stand in a script: what would be in a string there
//! gets no nonce.

use std::ops::Range;

use crate::template::Strings;

/// How many such parts may be in each other; deeper ones count as scripts with strings.
const MOST_NESTED: usize = 16;

/// Follows the text of a template, from place to place.
pub(super) struct UnknownParts<'s> {
    source: &'s [u8],
    /// Those that have not begun, the last one first.
    ahead: Vec<Range<usize>>,
    /// Those around the last place, the outermost first.
    around: Vec<Part>,
}

/// A part that has begun.
struct Part {
    end: usize,
    /// How far its text has been read.
    at: usize,
    strings: Strings,
}

impl<'s> UnknownParts<'s> {
    pub(super) fn new(source: &'s [u8], parts: &[Range<usize>]) -> Self {
        let mut ahead = parts.to_vec();
        ahead.sort_by_key(|part| (std::cmp::Reverse(part.start), part.end));
        Self { source, ahead, around: Vec::new() }
    }

    /// Whether the text at `place`, which is not before the last one, may be in a string of a script.
    pub(super) fn may_hold_in_string(&mut self, place: usize) -> bool {
        while let Some(part) = self.ahead.pop_if(|part| part.start <= place) {
            self.leave(part.start);
            self.around.push(Part { end: part.end, at: part.start, strings: Strings::default() });
        }
        self.leave(place);
        if self.around.len() > MOST_NESTED {
            return true;
        }
        let source = self.source;
        self.around.iter_mut().any(|part| {
            let text = source.get(part.at..place).unwrap_or_default();
            part.strings.read(&String::from_utf8_lossy(text));
            part.at = place.max(part.at);
            part.strings.is_inside()
        })
    }

    /// Leaves the parts that end before `place`.
    fn leave(&mut self, place: usize) {
        while self.around.pop_if(|part| part.end <= place).is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;

    #[test]
    fn each_part_around_a_place_is_a_text_of_its_own() {
        let source = b"a = '<a> <b>' <c> `<d>";
        let at = |tag: &str| {
            let text = std::str::from_utf8(source).unwrap();
            text.find(tag).unwrap()
        };
        let found = |parts: &[Range<usize>]| {
            let mut unknown = UnknownParts::new(source, parts);
            ["<a>", "<b>", "<c>", "<d>"].map(|tag| unknown.may_hold_in_string(at(tag)))
        };
        assert_eq!(found(&[]), [false; 4]);
        assert_eq!(found(from_ref(&(0..usize::MAX))), [true, true, false, false]);
        assert_eq!(found(from_ref(&(at("<b>")..at("<c>")))), [false; 4]);
        let inner = at("`")..source.len();
        assert_eq!(found(&[0..100, inner]), [true, true, false, true]);
        let nested: Vec<_> = (0..17).map(|_| 4..10).collect();
        assert_eq!(found(&nested), [true, true, false, false]);
    }
}
