//! From byte offsets to lines and columns, counted only up to where something is reported; and ranges of offsets.

use std::ops::Range;

/// A place in a document as a person counts: 1-based line, 1-based column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// 1-based; lines end at LF.
    pub line: u64,
    /// 1-based, in characters.
    pub column: u64,
}

impl Location {
    /// The first character.
    pub const START: Self = Self { line: 1, column: 1 };

    /// Moves over UTF-8 `text`.
    pub(crate) fn advance(&mut self, text: &[u8]) {
        let mut last_line = text;
        if let Some(at) = memchr::memrchr(b'\n', text) {
            self.line += memchr::memchr_iter(b'\n', &text[..=at]).count() as u64;
            self.column = 1;
            last_line = &text[at + 1..];
        }
        self.column += (last_line.len() - continuation_bytes(last_line)) as u64;
    }

    /// The same in a document, in which its text begins at `start`.
    pub(crate) const fn behind(self, start: Self) -> Self {
        let column = match self.line {
            1 => start.column + self.column - 1,
            _ => self.column,
        };
        Self { line: start.line + self.line - 1, column }
    }
}

/// The number of bytes of UTF-8 text that begin no character.
fn continuation_bytes(text: &[u8]) -> usize {
    // Counted in bytes, which the compiler does many at a time.
    let pieces = text.chunks(u8::MAX.into());
    let counts = pieces.map(|piece| piece.iter().map(|byte| u8::from(byte & 0xc0 == 0x80)).sum::<u8>());
    counts.map(usize::from).sum()
}

/// The places of a text, for many offsets in any order.
#[derive(Debug)]
pub(crate) struct LineIndex {
    /// The place of every [`STEP`]th byte.
    marks: Vec<Location>,
}

/// In bytes.
const STEP: usize = 4096;

impl LineIndex {
    pub(crate) fn new(text: &[u8]) -> Self {
        let mut here = Location::START;
        let marks = text.chunks(STEP).map(|piece| {
            let mark = here;
            here.advance(piece);
            mark
        });
        Self { marks: marks.collect() }
    }

    /// The place of the byte at `offset` of the same text.
    pub(crate) fn location(&self, text: &[u8], offset: usize) -> Location {
        let mark = (offset / STEP).min(self.marks.len().saturating_sub(1));
        let mut location = self.marks.get(mark).copied().unwrap_or(Location::START);
        location.advance(text.get(mark * STEP..offset).unwrap_or_default());
        location
    }
}

/// Some ranges of a text, in bytes: in order, none in another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ranges(Vec<Range<usize>>);

impl Ranges {
    /// Joins ranges that overlap.
    pub(crate) fn new(ranges: impl Iterator<Item = Range<usize>>) -> Self {
        let mut ranges: Vec<_> = ranges.collect();
        ranges.sort_by_key(|range| range.start);
        ranges.dedup_by(|next, last| {
            let is_in = next.start <= last.end;
            if is_in {
                last.end = last.end.max(next.end);
            }
            is_in
        });
        Self(ranges)
    }

    pub(crate) fn contain(&self, at: usize) -> bool {
        let begun = self.0.partition_point(|range| range.start <= at);
        begun > 0 && at < self.0[begun - 1].end
    }

    pub(crate) fn into_vec(self) -> Vec<Range<usize>> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_has_the_place_of_every_character() {
        let text = "aé\n日本\n\n".repeat(2000);
        let index = LineIndex::new(text.as_bytes());
        let mut location = Location::START;
        for (offset, c) in text.char_indices() {
            assert_eq!(index.location(text.as_bytes(), offset), location);
            location.advance(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        assert_eq!(index.location(text.as_bytes(), text.len()), location);
        assert_eq!(LineIndex::new(b"").location(b"", 0), Location::START);
    }

    #[test]
    fn columns_count_characters_and_lines_end_at_lf() {
        let mut location = Location::START;
        location.advance("aé\r\n日本".as_bytes());
        assert_eq!(location, Location { line: 2, column: 3 });
        location.advance("語\n\n".as_bytes());
        assert_eq!(location, Location { line: 4, column: 1 });
    }
}
