//! A document's text, its template code hidden, on its way to the scanner.

use std::collections::VecDeque;
use std::ops::Range;

use super::scan::{Hidden, Scanner, Sink};
use super::tree::Scripting;
use crate::error::Result;
use crate::location::Location;
use crate::template::{Dialect, HelperCall, HiddenSpan, Mask, Problem};

/// Scans text with or without template code in it. Offsets count bytes of the text, which is UTF-8.
pub(crate) struct TextScan<S> {
    mask: Option<Mask>,
    hidden: Hidden,
    masked: Vec<u8>,
    problems: Vec<Problem>,
    helpers: Vec<(Location, HelperCall)>,
    /// Length of what was masked before, in bytes.
    start: usize,
    /// Where a `<` begins no tag, in order.
    texts: VecDeque<Range<usize>>,
    scanner: Scanner<S>,
}

/// The result of a scan of a text.
pub(crate) struct ReadText<S> {
    pub(crate) sink: S,
    /// Problems of the template code.
    pub(crate) problems: Vec<Problem>,
    /// The calls of helpers in it that write elements, and where they stand.
    pub(crate) helpers: Vec<(Location, HelperCall)>,
}

impl<S: Sink> TextScan<S> {
    pub(crate) fn new(sink: S, scripting: Scripting, dialect: Option<Dialect>) -> Self {
        let hidden = Hidden::default();
        Self {
            mask: dialect.map(Mask::new),
            hidden: hidden.clone(),
            masked: Vec::new(),
            problems: Vec::new(),
            helpers: Vec::new(),
            start: 0,
            texts: VecDeque::new(),
            scanner: Scanner::document(sink, scripting, hidden),
        }
    }

    /// The same, for a template in which a `<` in these parts, which are in order, begins no tag.
    pub(crate) fn with_texts(mut self, texts: &[Range<usize>]) -> Self {
        self.texts = texts.iter().cloned().collect();
        self
    }

    /// Takes the next piece of the text.
    pub(crate) fn write(&mut self, text: &[u8]) -> Result<()> {
        self.write_code(text, &mut |_| {})
    }

    /// The same; the code that is hidden in it goes to `code`.
    pub(crate) fn write_code(&mut self, text: &[u8], code: &mut dyn FnMut(&[HiddenSpan])) -> Result<()> {
        let Some(mask) = &mut self.mask else {
            return self.scanner.write(text);
        };
        let masked = &mut self.masked;
        masked.clear();
        mask.write(text, &mut |bytes| masked.extend_from_slice(bytes));
        self.scan_masked(code)
    }

    /// Takes the end of the text.
    pub(crate) fn end(self) -> Result<ReadText<S>> {
        self.end_code(&mut |_| {})
    }

    /// The same; the code that is hidden in the rest goes to `code`.
    pub(crate) fn end_code(mut self, code: &mut dyn FnMut(&[HiddenSpan])) -> Result<ReadText<S>> {
        if let Some(mask) = &mut self.mask {
            let masked = &mut self.masked;
            masked.clear();
            mask.end(&mut |bytes| masked.extend_from_slice(bytes));
            self.scan_masked(code)?;
        }
        Ok(ReadText { sink: self.scanner.end()?, problems: self.problems, helpers: self.helpers })
    }

    /// Where the first byte stands that is still being read, or is yet to come.
    pub(crate) fn position(&self) -> usize {
        self.scanner.position()
    }

    /// What takes the events.
    pub(crate) fn sink(&mut self) -> &mut S {
        self.scanner.sink()
    }

    fn scan_masked(&mut self, code: &mut dyn FnMut(&[HiddenSpan])) -> Result<()> {
        if let Some(mask) = &mut self.mask {
            self.hidden.take(mask, code);
            self.problems.extend(mask.problems());
            self.helpers.extend(mask.helpers());
        }
        self.hide_texts();
        self.scanner.write(&self.masked)?;
        self.hidden.forget(self.scanner.position());
        Ok(())
    }

    /// Hides each `<` that begins no tag in what was masked.
    fn hide_texts(&mut self) {
        let end = self.start + self.masked.len();
        while let Some(text) = self.texts.front().filter(|text| text.start < end) {
            let from = text.start.max(self.start) - self.start;
            let until = text.end.clamp(self.start, end) - self.start;
            for byte in &mut self.masked[from..until.max(from)] {
                if *byte == b'<' {
                    *byte = b' ';
                }
            }
            if text.end > end {
                break;
            }
            self.texts.pop_front();
        }
        self.start = end;
    }
}
