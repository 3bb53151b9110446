//! Template code around edits: an insertion never becomes other code together with the text that surrounds it.
//!
//! Engines look for the end of code, not for what its author meant: before `{{ to begin.` an inserted `{{ nonce }}` has the end
//! that makes code of the whole. So the mask of the output must find the code of the input and that of the insertions, and no
//! other.

use std::iter::once;
use std::{slice, vec};

use super::splicer::Edit;
use crate::template::{Dialect, HiddenSpan, Mask, mask};

/// How many bytes are masked at a time.
const PIECE: usize = 64 * 1024;

/// The template code of a text that a scan has seen.
#[derive(Default)]
pub(super) struct SeenCode {
    spans: Vec<HiddenSpan>,
    /// Whether there were too many spans, so that they are looked for again.
    is_forgotten: bool,
}

impl SeenCode {
    /// The most spans that are held.
    const MOST: usize = 1 << 16;

    /// Takes the next code.
    pub(super) fn take(&mut self, code: &[HiddenSpan]) {
        self.is_forgotten |= self.spans.len() + code.len() > Self::MOST;
        if self.is_forgotten {
            self.spans = Vec::new();
        } else {
            self.spans.extend_from_slice(code);
        }
    }

    /// The same in a text that is masked again if need be.
    fn in_text(self, dialect: Dialect, text: &[u8]) -> Code<slice::Chunks<'_, u8>> {
        Code {
            pieces: self.is_forgotten.then(|| text.chunks(PIECE)),
            found: self.spans.into_iter(),
            mask: Mask::new(dialect),
        }
    }
}

/// Checks that the template code of `text`, which is `code`, and of these edits, which are in order, stays what it is. Without
/// edits it does.
///
/// # Errors
///
/// The offset in `text` of the first code that does not.
pub(super) fn keep_code(dialect: Dialect, text: &[u8], code: SeenCode, edits: &[Edit]) -> Result<(), usize> {
    if edits.is_empty() {
        return Ok(());
    }
    compare(dialect, text, code, edits).map_err(|output| {
        let mut shift = Shift::default();
        for edit in edits {
            let next = shift.behind(edit);
            if output < next.output {
                return shift.input(output).min(edit.range.start);
            }
            shift = next;
        }
        shift.input(output)
    })
}

/// The same; the error counts in the output.
fn compare(dialect: Dialect, text: &[u8], code: SeenCode, edits: &[Edit]) -> Result<(), usize> {
    let mut before = code.in_text(dialect, text);
    let mut after = Code { mask: Mask::new(dialect), pieces: Some(edited(text, edits)), found: Vec::new().into_iter() };
    let mut shift = Shift::default();
    // Most edits are alike.
    let mut own_of_last = ("", Vec::new());
    for edit in edits {
        while let Some(span) = before.next_if(|span| span.range.end <= edit.range.start) {
            after.expect(&span, shift)?;
        }
        // What is replaced may hold code; the rest stays whole.
        while let Some(span) = before.next_if(|span| span.range.start < edit.range.end) {
            if span.range.start < edit.range.start || span.range.end > edit.range.end {
                return Err(shift.output(span.range.start));
            }
        }
        let start = shift.output(edit.range.start);
        if own_of_last.0 != edit.text {
            own_of_last = (&edit.text, own_code(dialect, &edit.text));
        }
        let own = &own_of_last.1;
        if own.is_empty() {
            // Between other delimiters it may be code by itself.
            let end = start + edit.text.len();
            let is_inside = |span: &HiddenSpan| start <= span.range.start && span.range.end <= end;
            while after.next_if(is_inside).is_some() {}
        }
        for span in own {
            after.expect(span, Shift { input: 0, output: start })?;
        }
        shift = shift.behind(edit);
    }
    while let Some(span) = before.next_if(|_| true) {
        after.expect(&span, shift)?;
    }
    match after.next_if(|_| true) {
        Some(span) => Err(span.range.start),
        None => Ok(()),
    }
}

/// Where the output has a place of the input.
#[derive(Clone, Copy, Default)]
struct Shift {
    input: usize,
    output: usize,
}

impl Shift {
    const fn output(self, input: usize) -> usize {
        input - self.input + self.output
    }

    const fn input(self, output: usize) -> usize {
        output.saturating_sub(self.output) + self.input
    }

    /// The same behind the next edit.
    fn behind(self, edit: &Edit) -> Self {
        Self { input: edit.range.end, output: self.output(edit.range.start) + edit.text.len() }
    }
}

/// The code in a text that comes in pieces.
struct Code<I> {
    mask: Mask,
    /// `None` behind the end.
    pieces: Option<I>,
    found: vec::IntoIter<HiddenSpan>,
}

impl<'t, I: Iterator<Item = &'t [u8]>> Code<I> {
    /// The next span, unless there is none or `is` does not hold for it.
    fn next_if(&mut self, is: impl Fn(&HiddenSpan) -> bool) -> Option<HiddenSpan> {
        while self.found.as_slice().is_empty() {
            match self.pieces.as_mut()?.next() {
                Some(piece) => self.mask.write(piece, &mut |_| {}),
                None => {
                    self.pieces = None;
                    self.mask.end(&mut |_| {});
                }
            }
            let found: Vec<_> = self.mask.spans().collect();
            self.mask.problems().for_each(drop);
            self.found = found.into_iter();
        }
        let is_next = self.found.as_slice().first().is_some_and(is);
        if is_next { self.found.next() } else { None }
    }

    /// Takes the next span, which must be this one.
    ///
    /// # Errors
    ///
    /// Where what differs begins.
    fn expect(&mut self, span: &HiddenSpan, shift: Shift) -> Result<(), usize> {
        let range = shift.output(span.range.start)..shift.output(span.range.end);
        let found = self.next_if(|_| true);
        let is_same = |found: &HiddenSpan| {
            found.range == range && (found.kind, &found.usual_code) == (span.kind, &span.usual_code)
        };
        match found {
            Some(found) if is_same(&found) => Ok(()),
            Some(found) => Err(found.range.start.min(range.start)),
            None => Err(range.start),
        }
    }
}

/// The code in an inserted text by itself, which stands behind a quote or a name and before a quote or the rest of a tag.
fn own_code(dialect: Dialect, text: &str) -> Vec<HiddenSpan> {
    let mut spans = mask(dialect, format!("\"{text}\"").as_bytes()).spans;
    for span in &mut spans {
        span.range = span.range.start - 1..span.range.end - 1;
    }
    spans
}

/// The pieces of the output.
fn edited<'t>(text: &'t [u8], edits: &'t [Edit]) -> impl Iterator<Item = &'t [u8]> {
    let starts = once(0).chain(edits.iter().map(|edit| edit.range.end));
    let next = edits.iter().map(Some).chain(once(None));
    starts.zip(next).flat_map(|(start, edit)| {
        let end = edit.map_or(text.len(), |edit| edit.range.start);
        let inserted = edit.map_or(&[][..], |edit| edit.text.as_bytes());
        text[start..end].chunks(PIECE).chain(once(inserted))
    })
}
