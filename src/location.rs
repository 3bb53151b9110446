//! From byte offsets to lines and columns, counted only up to where something is reported.

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
        let continuation = |b: &&u8| (**b & 0xc0) == 0x80;
        self.column += (last_line.len() - last_line.iter().filter(continuation).count()) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_end_at_lf() {
        let mut location = Location::START;
        location.advance("aé\r\n日本".as_bytes());
        assert_eq!(location, Location { line: 2, column: 3 });
        location.advance("語\n\n".as_bytes());
        assert_eq!(location, Location { line: 4, column: 1 });
    }
}
