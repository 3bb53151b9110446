//! A document's text, its template code hidden, on its way to the scanner.

use super::scan::{Hidden, Scanner, Sink};
use super::tree::Scripting;
use crate::error::Result;
use crate::template::{Dialect, Mask, Problem};

/// Scans text with or without template code in it. Offsets count bytes of the text, which is UTF-8.
pub(crate) struct TextScan<S> {
    mask: Option<Mask>,
    hidden: Hidden,
    masked: Vec<u8>,
    problems: Vec<Problem>,
    scanner: Scanner<S>,
}

impl<S: Sink> TextScan<S> {
    pub(crate) fn new(sink: S, scripting: Scripting, dialect: Option<Dialect>) -> Self {
        let hidden = Hidden::default();
        Self {
            mask: dialect.map(Mask::new),
            hidden: hidden.clone(),
            masked: Vec::new(),
            problems: Vec::new(),
            scanner: Scanner::document(sink, scripting, hidden),
        }
    }

    /// Takes the next piece of the text.
    pub(crate) fn write(&mut self, text: &[u8]) -> Result<()> {
        let Some(mask) = &mut self.mask else {
            return self.scanner.write(text);
        };
        let masked = &mut self.masked;
        masked.clear();
        mask.write(text, &mut |bytes| masked.extend_from_slice(bytes));
        self.scan_masked()
    }

    /// Takes the end of the text, and gives back the sink and what is wrong with the template.
    pub(crate) fn end(mut self) -> Result<(S, Vec<Problem>)> {
        if let Some(mask) = &mut self.mask {
            let masked = &mut self.masked;
            masked.clear();
            mask.end(&mut |bytes| masked.extend_from_slice(bytes));
            self.scan_masked()?;
        }
        Ok((self.scanner.end()?, self.problems))
    }

    /// Where the first byte stands that is still being read, or is yet to come.
    pub(crate) fn position(&self) -> usize {
        self.scanner.position()
    }

    /// What takes the events.
    pub(crate) fn sink(&mut self) -> &mut S {
        self.scanner.sink()
    }

    fn scan_masked(&mut self) -> Result<()> {
        if let Some(mask) = &mut self.mask {
            self.hidden.take(mask);
            self.problems.extend(mask.problems());
        }
        self.scanner.write(&self.masked)?;
        self.hidden.forget(self.scanner.position());
        Ok(())
    }
}
