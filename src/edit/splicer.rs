//! Copies a document byte for byte, with insertions where a scan of it found their place.
//!
//! What a scan reads is text; what is written is the source. In encodings that are ASCII where it matters both are the
//! same bytes, in UTF-16 each character of the text is counted back into units.

use std::io::Write;
use std::ops::Range;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::error::{Error, ErrorKind, Result};
use crate::html::declaration::{declared_in, plain_declaration};

/// A change of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// What it takes the place of, in bytes of the text; empty for an insertion.
    pub(crate) range: Range<usize>,
    /// What it puts there.
    pub(crate) text: String,
}

/// How the source spells the text.
enum Units {
    /// Byte by byte.
    Bytes,
    /// In UTF-16; the part of the source that has not been written.
    Utf16 { big_endian: bool, source: Vec<u8> },
}

/// Writes a document with edits. What it holds is what the scan has not passed.
pub(crate) struct Splicer<W> {
    out: W,
    /// The text that has not been written, and where that starts.
    text: Vec<u8>,
    start: usize,
    units: Units,
}

impl<W: Write> Splicer<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            text: Vec::new(),
            start: 0,
            units: Units::Bytes,
        }
    }

    /// Says in which encoding the source is, before any of it is taken, and writes its byte order mark.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Nonce`] for an encoding in which a text cannot be placed in its source, or
    /// [`ErrorKind::Write`].
    pub(crate) fn begin(&mut self, encoding: &'static Encoding, mark: &[u8]) -> Result<()> {
        if encoding == UTF_16LE || encoding == UTF_16BE {
            self.units = Units::Utf16 {
                big_endian: encoding == UTF_16BE,
                source: Vec::new(),
            };
        } else if !encoding.is_ascii_compatible() {
            let message = format!(
                "no nonce can be written into a document in {}; save it as UTF-8",
                encoding.name()
            );
            return Err(Error::new(ErrorKind::Nonce, message));
        }
        self.out.write_all(mark).map_err(Error::unwritten_output)
    }

    /// Takes the source as it is.
    pub(crate) fn take_source(&mut self, bytes: &[u8]) {
        if let Units::Utf16 { source, .. } = &mut self.units {
            source.extend_from_slice(bytes);
        }
    }

    /// Takes the text that the source spells.
    pub(crate) fn take_text(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    /// The text in `range`, which must not have been written.
    pub(crate) fn text(&self, range: Range<usize>) -> &[u8] {
        let from = range.start.saturating_sub(self.start);
        let to = range.end.saturating_sub(self.start);
        self.text.get(from..to).unwrap_or_default()
    }

    /// Writes the document up to `offset`, with `edits` in their order, all of which lie before that.
    pub(crate) fn write_to(&mut self, offset: usize, edits: &[Edit]) -> Result<()> {
        let mut at = 0;
        for edit in edits {
            at = self.copy(at, edit.range.start - self.start)?;
            self.insert(&edit.text)?;
            at = self.skip(at, edit.range.end - self.start);
        }
        let end = self.copy(at, offset.saturating_sub(self.start))?;
        self.text.drain(..end);
        self.start += end;
        Ok(())
    }

    /// Writes all the rest and gives back what is written to.
    pub(crate) fn finish(mut self) -> Result<W> {
        match &self.units {
            Units::Bytes => self.out.write_all(&self.text),
            Units::Utf16 { source, .. } => self.out.write_all(source),
        }
        .map_err(Error::unwritten_output)?;
        Ok(self.out)
    }

    /// Writes what spells the text from `from` to `to`, counted in what is held.
    fn copy(&mut self, from: usize, to: usize) -> Result<usize> {
        let to = to.min(self.text.len());
        let text = self.text.get(from..to).unwrap_or_default();
        match &mut self.units {
            Units::Bytes => self.out.write_all(text).map_err(Error::unwritten_output)?,
            Units::Utf16 { source, .. } => {
                let len = utf16_len(text).min(source.len());
                self.out
                    .write_all(&source[..len])
                    .map_err(Error::unwritten_output)?;
                source.drain(..len);
            }
        }
        Ok(to.max(from))
    }

    fn skip(&mut self, from: usize, to: usize) -> usize {
        if let Units::Utf16 { source, .. } = &mut self.units {
            let len = utf16_len(&self.text[from..to]).min(source.len());
            source.drain(..len);
        }
        to
    }

    fn insert(&mut self, text: &str) -> Result<()> {
        match self.units {
            Units::Bytes => self.out.write_all(text.as_bytes()),
            Units::Utf16 { big_endian, .. } => {
                let bytes = |unit: u16| match big_endian {
                    true => unit.to_be_bytes(),
                    false => unit.to_le_bytes(),
                };
                let bytes: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
                self.out.write_all(&bytes)
            }
        }
        .map_err(Error::unwritten_output)
    }
}

/// How many bytes of UTF-16 spell `text`. A unit that is no character is U+FFFD in the text and one unit all the same.
fn utf16_len(text: &[u8]) -> usize {
    String::from_utf8_lossy(text).encode_utf16().count() * 2
}

/// Whether edits leave alone what a page declares its encoding to be, given the start of its source in an encoding that is ASCII
/// where markup is concerned: they might push a `<meta>` in body to where browsers no longer look for it.
pub(crate) fn keep_declaration(start: &[u8], edits: &[Edit]) -> bool {
    let Some(first) = edits.first() else {
        return true;
    };
    // Nearly always it stands before all of them.
    let before = &start[..first.range.start.min(start.len())];
    plain_declaration(before).is_some() || declared_in(start) == declared_in(&edited(start, edits))
}

/// The start of a source with those of the edits that lie in it.
fn edited(source: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut result = Vec::new();
    let mut at = 0;
    for edit in edits {
        let Some(before) = source.get(at..edit.range.start) else {
            break;
        };
        result.extend_from_slice(before);
        result.extend_from_slice(edit.text.as_bytes());
        at = edit.range.end;
    }
    result.extend_from_slice(source.get(at..).unwrap_or_default());
    result
}
