//! The bytes of a document as UTF-8, with the place that has been read up to.
//!
//! The encoding is that of the byte order mark, the HTTP charset, UTF-16 as its first two characters
//! show it, the XML declaration, or UTF-8. Unlike HTML, XML stops at invalid bytes.

use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};

use crate::html::declaration::xml_encoding_label;
use crate::location::Location;

/// How much is read and decoded at once, in bytes.
pub(super) const PIECE: usize = 64 * 1024;

/// What the scanner reads from.
pub(super) trait Source: BufRead {
    /// How far has been read.
    fn location(&self) -> Location;
    /// Whether the end that was read is none, but bytes that the encoding does not have.
    fn is_cut(&self) -> bool;
}

/// A document.
pub(super) struct Input<R> {
    reader: R,
    transport: Option<&'static Encoding>,
    piece: usize,
    decoder: Option<Decoder>,
    bytes: Vec<u8>,
    decoded: usize,
    text: Vec<u8>,
    consumed: usize,
    location: Location,
    is_over: bool,
    is_cut: bool,
    /// The reader was told that there is no more.
    is_read: bool,
}

impl<R: Read> Input<R> {
    /// `transport` is the charset that the server sends along, if it sends one. At most `piece` bytes are decoded at once, and
    /// no fewer than a character needs.
    pub(super) fn new(reader: R, transport: Option<&'static Encoding>, piece: usize) -> Self {
        Self {
            reader,
            transport,
            piece: piece.max(16),
            decoder: None,
            bytes: Vec::new(),
            decoded: 0,
            text: Vec::new(),
            consumed: 0,
            location: Location::START,
            is_over: false,
            is_cut: false,
            is_read: false,
        }
    }

    /// Reads the next piece. An unfinished character at the end of the document is passed over.
    fn read_piece(&mut self) -> io::Result<()> {
        self.bytes.clear();
        self.decoded = 0;
        // Interruptions are seen to; a whole piece makes sure that the declaration is in the first.
        let mut piece = (&mut self.reader).take(PIECE as u64);
        piece.read_to_end(&mut self.bytes)?;
        self.is_over = self.bytes.is_empty();
        Ok(())
    }

    fn refill(&mut self) -> io::Result<()> {
        if self.decoded == self.bytes.len() {
            self.read_piece()?;
        }
        let decoder = self.decoder.get_or_insert_with(|| {
            let (encoding, mark) = encoding(&self.bytes, self.transport);
            self.decoded = mark;
            encoding.new_decoder_without_bom_handling()
        });
        self.text.resize(self.piece, 0);
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(&self.bytes[self.decoded..], &mut self.text, false);
        self.decoded += read;
        self.text.truncate(written);
        self.consumed = 0;
        if let DecoderResult::Malformed(..) = result {
            self.is_cut = true;
            self.is_over = true;
        }
        Ok(())
    }
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.consumed == self.text.len() && !self.is_over {
            self.refill()?;
        }
        let left = &self.text[self.consumed..];
        self.is_read = left.is_empty();
        Ok(left)
    }

    fn consume(&mut self, amount: usize) {
        let end = self.consumed + amount;
        self.location.advance(&self.text[self.consumed..end]);
        self.consumed = end;
    }
}

impl<R: Read> Source for Input<R> {
    fn location(&self) -> Location {
        self.location
    }

    fn is_cut(&self) -> bool {
        self.is_cut && self.is_read
    }
}

/// The replacement text of an entity. Its place is that of the reference.
pub(super) struct Replacement<'a> {
    pub(super) text: &'a [u8],
    pub(super) location: Location,
}

impl Read for Replacement<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.text.read(buffer)
    }
}

impl BufRead for Replacement<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.text)
    }

    fn consume(&mut self, amount: usize) {
        self.text = &self.text[amount..];
    }
}

impl Source for Replacement<'_> {
    fn location(&self) -> Location {
        self.location
    }

    fn is_cut(&self) -> bool {
        false
    }
}

/// The UTF-16 that the start of a document shows without a byte order mark.
pub(crate) fn utf16(start: &[u8]) -> Option<&'static Encoding> {
    if start.starts_with(b"<\0?\0x\0") {
        Some(UTF_16LE)
    } else if start.starts_with(b"\0<\0?\0x") {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The encoding of a document that starts so, and the length of its byte order mark.
fn encoding(start: &[u8], transport: Option<&'static Encoding>) -> (&'static Encoding, usize) {
    if let Some(marked) = Encoding::for_bom(start) {
        return marked;
    }
    let declared = || {
        let encoding = Encoding::for_label(xml_encoding_label(start)?)?;
        // It was read as ASCII, so it cannot be UTF-16.
        let wrong = encoding == UTF_16LE || encoding == UTF_16BE || encoding == REPLACEMENT;
        (!wrong).then_some(encoding)
    };
    let encoding = transport.or_else(|| utf16(start)).or_else(declared);
    (encoding.unwrap_or(UTF_8), 0)
}
