//! Excerpts of a page for diagnostics, decoded like the page. A line may be as long as the page, so no more of it is kept than is
//! shown.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use encoding_rs::{Encoding, UTF_8};

use super::DocumentType;
use crate::error::{Error, ErrorKind, Result};
use crate::html::encoding::InputDecoder;
use crate::location::Location;

/// The bytes of a line that are kept before a location, and those from it on.
pub const EXCERPT_REACH: usize = 500;

/// A stretch of one line around a location.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The text, without the end of the line.
    pub text: String,
    /// The offset of the location in `text`, in bytes.
    pub offset: usize,
}

/// The excerpts of the page at `path` at these locations: at most [`EXCERPT_REACH`] bytes before and from each on, or the end of the
/// line for a column after it. Left out are lines past the end.
///
/// # Errors
///
/// [`ErrorKind::Read`] when `input` fails.
pub fn excerpts(
    path: &str,
    mut input: impl Read,
    charset: Option<&'static Encoding>,
    locations: &BTreeSet<Location>,
) -> Result<BTreeMap<Location, Excerpt>> {
    // Close enough for XML, which is UTF-8 when it does not say otherwise.
    let is_xml = DocumentType::of_path(path) == DocumentType::Xml;
    let charset = charset.or(is_xml.then_some(UTF_8));
    let mut decoder = InputDecoder::new(charset);
    let mut lines = Lines {
        wanted: locations.iter().rev().copied().collect(),
        here: Location::START,
        before: Vec::new(),
        open: Vec::new(),
        found: BTreeMap::new(),
    };
    let mut buffer = vec![0; 64 * 1024];
    while !(lines.wanted.is_empty() && lines.open.is_empty()) {
        let len = input
            .read(&mut buffer)
            .map_err(|error| Error::new(ErrorKind::Read, "cannot be read again").because(error))?;
        let mut take = |text: &[u8]| {
            lines.take(text);
            Ok(())
        };
        decoder.write(&buffer[..len], len == 0, &mut take)?;
        if len == 0 {
            lines.end_line();
            break;
        }
    }
    Ok(lines.found)
}

struct Lines {
    /// The locations that are not reached, the next one last.
    wanted: Vec<Location>,
    here: Location,
    /// The last bytes of the line so far.
    before: Vec<u8>,
    /// The excerpts that are not full, with the bytes before and after their locations.
    open: Vec<(Location, Vec<u8>, Vec<u8>)>,
    found: BTreeMap<Location, Excerpt>,
}

impl Lines {
    fn take(&mut self, text: &[u8]) {
        for piece in text.split_inclusive(|&b| b == b'\n') {
            let content = piece.strip_suffix(b"\n");
            self.take_of_line(content.unwrap_or(piece));
            if content.is_some() {
                self.end_line();
                self.here.advance(b"\n");
            }
        }
    }

    fn take_of_line(&mut self, mut text: &[u8]) {
        while let Some(at) = self.next_in(text) {
            let (before, rest) = text.split_at(at);
            self.keep(before);
            self.open_wanted();
            text = rest;
        }
        self.keep(text);
    }

    /// The offset of the next location if it is in this text.
    fn next_in(&self, text: &[u8]) -> Option<usize> {
        let next = self.wanted.last().filter(|next| next.line == self.here.line)?;
        let skipped = usize::try_from(next.column.checked_sub(self.here.column)?).ok()?;
        let mut starts = text.iter().enumerate().filter(|(_, b)| !is_continuation(**b));
        starts.nth(skipped).map(|(at, _)| at)
    }

    fn keep(&mut self, text: &[u8]) {
        // Of a line without locations nothing is needed.
        let is_wanted = self.wanted.last().is_some_and(|next| next.line == self.here.line);
        if is_wanted {
            self.before.extend_from_slice(&text[text.len().saturating_sub(EXCERPT_REACH)..]);
            let too_many = self.before.len().saturating_sub(EXCERPT_REACH);
            self.before.drain(..too_many);
        }
        self.here.advance(text);
        for (_, _, after) in &mut self.open {
            after.extend_from_slice(&text[..text.len().min(EXCERPT_REACH - after.len())]);
        }
        let is_full = |(_, _, after): &mut (_, _, Vec<u8>)| after.len() == EXCERPT_REACH;
        let full: Vec<_> = self.open.extract_if(.., is_full).collect();
        for (location, before, mut after) in full {
            // The last character may be cut.
            let last = after.iter().rposition(|b| !is_continuation(*b));
            after.truncate(last.unwrap_or_default());
            self.add(location, &before, &after);
        }
    }

    fn open_wanted(&mut self) {
        let location = self.wanted.pop();
        self.open.extend(location.map(|location| (location, self.before.clone(), Vec::new())));
    }

    fn end_line(&mut self) {
        while self.wanted.last().is_some_and(|next| next.line <= self.here.line) {
            self.open_wanted();
        }
        for (location, before, after) in std::mem::take(&mut self.open) {
            self.add(location, &before, &after);
        }
        self.before.clear();
    }

    fn add(&mut self, location: Location, before: &[u8], after: &[u8]) {
        let cut = before.iter().take_while(|b| is_continuation(**b)).count();
        let mut text = String::from_utf8_lossy(&before[cut..]).into_owned();
        let offset = text.len();
        text.push_str(&String::from_utf8_lossy(after));
        text.truncate(text.trim_end_matches('\r').len());
        let offset = offset.min(text.len());
        self.found.insert(location, Excerpt { text, offset });
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u64, column: u64) -> Location {
        Location { line, column }
    }

    /// Gives one byte at a time.
    struct Bytes<'a>(&'a [u8]);

    impl Read for Bytes<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(&mut buffer[..1])
        }
    }

    /// The excerpts, the same however the input is cut: before and from the location on.
    fn found(input: &[u8], locations: &[Location]) -> Vec<(String, String)> {
        let wanted = locations.iter().copied().collect();
        let whole = excerpts("a.html", input, Some(UTF_8), &wanted).unwrap();
        let cut = excerpts("a.html", Bytes(input), Some(UTF_8), &wanted).unwrap();
        assert_eq!(cut, whole);
        let parts = |excerpt: &Excerpt| {
            let (before, after) = excerpt.text.split_at(excerpt.offset);
            (before.to_owned(), after.to_owned())
        };
        locations.iter().filter_map(|at| whole.get(at).map(parts)).collect()
    }

    fn parts(before: &str, after: &str) -> (String, String) {
        (before.to_owned(), after.to_owned())
    }

    #[test]
    fn an_excerpt_is_the_line_around_its_location() {
        let input = "a\r\n\u{65e5}\u{672c}<b>\u{e9}<i>\r\n\nlast".as_bytes();
        assert_eq!(
            found(input, &[at(2, 3), at(2, 7), at(2, 1), at(4, 3), at(3, 1), at(1, 9), at(9, 1)]),
            [
                parts("\u{65e5}\u{672c}", "<b>\u{e9}<i>"),
                parts("\u{65e5}\u{672c}<b>\u{e9}", "<i>"),
                parts("", "\u{65e5}\u{672c}<b>\u{e9}<i>"),
                parts("la", "st"),
                parts("", ""),
                parts("a", ""),
            ]
        );
        assert_eq!(found(b"", &[at(1, 1)]), [parts("", "")]);
    }

    #[test]
    fn of_a_long_line_only_what_is_around_each_location_is_kept() {
        let line = format!("\n{}<b>{}<i>{}", "\u{e9}".repeat(70_000), "y".repeat(5), "\u{672c}".repeat(70_000));
        let found = found(line.as_bytes(), &[at(2, 70_001), at(2, 70_009)]);
        let after = |taken: usize| "\u{672c}".repeat((EXCERPT_REACH - taken - 1) / 3);
        assert_eq!(
            found,
            [
                parts(&"\u{e9}".repeat(EXCERPT_REACH / 2), &format!("<b>yyyyy<i>{}", after(11))),
                parts(&format!("{}<b>yyyyy", "\u{e9}".repeat((EXCERPT_REACH - 8) / 2)), &format!("<i>{}", after(3))),
            ]
        );
    }
}
