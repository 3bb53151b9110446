//! Copies a document byte for byte, with insertions where a scan of it found their place.
//!
//! What a scan reads is text; what is written is the source. In encodings that are ASCII where it matters both are the
//! same bytes, in UTF-16 each character of the text is counted back into units.

use std::cell::{Ref, RefCell};
use std::io::Write;
use std::ops::Range;
use std::rc::Rc;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::error::{Error, ErrorKind, Result};
use crate::html::declaration::{declared, plain_declaration};

/// A change of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// What it takes the place of, in bytes of the text; empty for an insertion.
    pub(super) range: Range<usize>,
    /// What it puts there.
    pub(super) text: String,
}

/// How the source spells the text.
enum Units {
    /// Byte by byte.
    Bytes,
    /// In UTF-16; the part of the source that has not been written.
    Utf16 { big_endian: bool, source: Vec<u8> },
}

/// The text of a document that has not been written, with its template code.
#[derive(Default)]
pub(super) struct HeldText {
    text: Vec<u8>,
    /// Where it starts, in bytes of the document's text.
    start: usize,
}

impl HeldText {
    /// All of it.
    pub(super) fn held(&self) -> &[u8] {
        &self.text
    }

    /// The text from `offset` on, which must not have been written.
    pub(super) fn text_from(&self, offset: usize) -> &[u8] {
        self.text.get(offset - self.start..).unwrap_or_default()
    }

    /// The text in `range`, which must not have been written.
    pub(super) fn text(&self, range: Range<usize>) -> &[u8] {
        let from = range.start.saturating_sub(self.start);
        let to = range.end.saturating_sub(self.start);
        self.text.get(from..to).unwrap_or_default()
    }
}

/// Writes a document with edits. It holds what the scan has not passed.
pub(super) struct Splicer<W> {
    out: W,
    held: Rc<RefCell<HeldText>>,
    units: Units,
    /// Whether the text that was written last could begin a tag, a character reference or a character of several bytes.
    is_open: bool,
}

impl<W: Write> Splicer<W> {
    pub(super) fn new(out: W, held: Rc<RefCell<HeldText>>) -> Self {
        Self { out, held, units: Units::Bytes, is_open: false }
    }

    /// Says in which encoding the source is, before any of it is taken, and writes its byte order mark.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Write`].
    pub(super) fn begin(&mut self, encoding: &'static Encoding, mark: &[u8]) -> Result<()> {
        if encoding == UTF_16LE || encoding == UTF_16BE {
            self.units = Units::Utf16 { big_endian: encoding == UTF_16BE, source: Vec::new() };
        }
        self.out.write_all(mark).map_err(Error::unwritten_output)
    }

    /// Takes the source as it is.
    pub(super) fn take_source(&mut self, bytes: &[u8]) {
        if let Units::Utf16 { source, .. } = &mut self.units {
            source.extend_from_slice(bytes);
        }
    }

    /// Takes the text that the source spells.
    pub(super) fn take_text(&mut self, text: &[u8]) {
        self.held.borrow_mut().text.extend_from_slice(text);
    }

    /// The text that has not been written.
    pub(super) fn held(&self) -> Ref<'_, [u8]> {
        Ref::map(self.held.borrow(), |held| &*held.text)
    }

    /// Writes the document up to `offset`, with `edits` in their order, all of which lie before that.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Write`], and [`ErrorKind::Unsupported`] where a tag would go between texts that could be one tag, character
    /// reference or character without it.
    pub(super) fn write_to(&mut self, offset: usize, edits: &[Edit]) -> Result<()> {
        let held = Rc::clone(&self.held);
        let mut held = held.borrow_mut();
        let HeldText { text, start } = &mut *held;
        let mut at = 0;
        for edit in edits {
            at = self.copy(text, at, edit.range.start - *start)?;
            let is_tag = edit.text.is_empty() && text.get(at) == Some(&b'<');
            if is_tag && self.is_open {
                let message = "the policy of an earlier run stands right behind `<`, `&` or a character outside ASCII, which could become something else without it; put a line break before it";
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
            self.insert(&edit.text)?;
            at = self.skip(text, at, edit.range.end - *start);
        }
        let end = self.copy(text, at, offset.saturating_sub(*start))?;
        text.drain(..end);
        *start += end;
        Ok(())
    }

    /// Writes all the rest and gives back what is written to.
    pub(super) fn finish(mut self) -> Result<W> {
        match &self.units {
            Units::Bytes => self.out.write_all(&self.held.borrow().text),
            Units::Utf16 { source, .. } => self.out.write_all(source),
        }
        .map_err(Error::unwritten_output)?;
        Ok(self.out)
    }

    /// Writes what spells the text from `from` to `to`, counted in what is held.
    fn copy(&mut self, held: &[u8], from: usize, to: usize) -> Result<usize> {
        let to = to.min(held.len());
        let text = held.get(from..to).unwrap_or_default();
        self.written(text);
        match &mut self.units {
            Units::Bytes => self.out.write_all(text).map_err(Error::unwritten_output)?,
            Units::Utf16 { source, .. } => {
                let len = utf16_len(text).min(source.len());
                self.out.write_all(&source[..len]).map_err(Error::unwritten_output)?;
                source.drain(..len);
            }
        }
        Ok(to.max(from))
    }

    fn written(&mut self, text: &[u8]) {
        // No encoding has one of these in a character of several bytes.
        let ends = |byte: u8| matches!(byte, b'>' | b';') || byte.is_ascii_whitespace();
        let opens = |byte: u8| matches!(byte, b'<' | b'&') || !byte.is_ascii();
        if let Some(last) = text.iter().rfind(|byte| ends(**byte) || opens(**byte)) {
            self.is_open = opens(*last);
        }
    }

    fn skip(&mut self, held: &[u8], from: usize, to: usize) -> usize {
        if let Units::Utf16 { source, .. } = &mut self.units {
            let len = utf16_len(&held[from..to]).min(source.len());
            source.drain(..len);
        }
        to
    }

    fn insert(&mut self, text: &str) -> Result<()> {
        self.written(text.as_bytes());
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

/// Whether both browsers find the same encodings declared with the edits as without, given the start of the source in an encoding that
/// is ASCII where markup is concerned; `is_whole` if that is all of it. A `<meta>` counts anywhere in head, but elsewhere only
/// within the first 1,024 bytes.
pub(super) fn keep_declaration(start: &[u8], is_whole: bool, edits: &[Edit]) -> bool {
    let Some(first) = edits.first() else {
        return true;
    };
    // Nearly always it stands before all of them.
    let before = &start[..first.range.start.min(start.len())];
    plain_declaration(before).is_some() || declared(start, is_whole) == declared(&edited(start, edits), is_whole)
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
