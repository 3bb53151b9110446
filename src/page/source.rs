//! Lines of a page for diagnostics, decoded like the page.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use encoding_rs::{Encoding, UTF_8};

use super::DocumentType;
use crate::error::{Error, ErrorKind, Result};
use crate::html::encoding::InputDecoder;

/// The lines of the page at `path` with the given 1-based `numbers`, as UTF-8 without their ends; left out
/// are lines longer than `longest` bytes and numbers past the end.
///
/// # Errors
///
/// [`ErrorKind::Read`] when `input` fails.
pub fn source_lines(
    path: &str,
    mut input: impl Read,
    charset: Option<&'static Encoding>,
    numbers: &[u64],
    longest: usize,
) -> Result<BTreeMap<u64, String>> {
    // Close enough for XML, which is UTF-8 when it does not say otherwise.
    let is_xml = DocumentType::of_path(path) == DocumentType::Xml;
    let charset = charset.or(is_xml.then_some(UTF_8));
    let numbers: BTreeSet<u64> = numbers.iter().copied().collect();
    let last = numbers.last().copied().unwrap_or(0);
    let mut decoder = InputDecoder::new(charset);
    let mut lines = Lines {
        numbers: &numbers,
        longest,
        number: 1,
        line: Vec::new(),
        found: BTreeMap::new(),
    };
    let mut buffer = vec![0; 64 * 1024];
    while lines.number <= last {
        let len = input
            .read(&mut buffer)
            .map_err(|error| Error::new(ErrorKind::Read, "cannot be read again").because(error))?;
        let mut take = |text: &[u8]| {
            lines.take(text);
            Ok(())
        };
        if len == 0 {
            decoder.write(&[], true, &mut take)?;
            lines.end_line();
            break;
        }
        decoder.write(&buffer[..len], false, &mut take)?;
    }
    Ok(lines.found)
}

struct Lines<'a> {
    numbers: &'a BTreeSet<u64>,
    longest: usize,
    number: u64,
    /// The line so far, one byte more than `longest` when it is too long.
    line: Vec<u8>,
    found: BTreeMap<u64, String>,
}

impl Lines<'_> {
    fn take(&mut self, text: &[u8]) {
        for piece in text.split_inclusive(|&b| b == b'\n') {
            let room = (self.longest + 1).saturating_sub(self.line.len());
            let content = piece.strip_suffix(b"\n").unwrap_or(piece);
            self.line
                .extend_from_slice(&content[..content.len().min(room)]);
            if piece.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        if self.line.len() <= self.longest && self.numbers.contains(&self.number) {
            let line = String::from_utf8_lossy(&self.line);
            self.found
                .insert(self.number, line.trim_end_matches('\r').to_owned());
        }
        self.line.clear();
        self.number += 1;
    }
}
