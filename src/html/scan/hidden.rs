//! Which bytes of a document are a template's code and not its own.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use crate::template::{HiddenSpan, Mask, UsualCode};

/// The hidden spans near what is being scanned, shared by those who scan a document. Offsets count the bytes of the
/// document as UTF-8.
#[derive(Clone, Default)]
pub(crate) struct Hidden(Rc<RefCell<Spans>>);

#[derive(Default)]
struct Spans {
    /// In order, without gaps in what was told.
    closed: Vec<HiddenSpan>,
    open: Option<HiddenSpan>,
    /// What usual code is behind the ends of those that change it.
    changes: Vec<(usize, UsualCode)>,
    /// What it is behind what was forgotten.
    usual_code: UsualCode,
}

impl Hidden {
    /// Those spans.
    pub(crate) fn of(closed: Vec<HiddenSpan>) -> Self {
        Self(Rc::new(RefCell::new(Spans { changes: changes(&closed), closed, ..Spans::default() })))
    }

    /// Takes the code that a mask has hidden since it was last asked, and hands it on.
    pub(crate) fn take(&self, mask: &mut Mask, code: &mut dyn FnMut(&[HiddenSpan])) {
        let mut spans = self.0.borrow_mut();
        spans.open = mask.open_span();
        let new = spans.closed.len();
        spans.closed.extend(mask.spans());
        let new = &spans.closed[new..];
        code(new);
        let new = changes(new);
        spans.changes.extend(new);
    }

    /// Forgets what lies before `offset`, but for the last of it: by that alone
    /// [`is_in`](Self::is_in) can still answer for a range that starts before and ends behind `offset`.
    pub(crate) fn forget(&self, offset: usize) {
        let mut spans = self.0.borrow_mut();
        let passed = spans.closed.partition_point(|span| span.range.end <= offset);
        if passed > 64 {
            let spans = &mut *spans;
            spans.closed.drain(..passed - 1);
            let passed = spans.changes.partition_point(|(end, _)| *end <= offset);
            if let Some((_, last)) = spans.changes.drain(..passed).next_back() {
                spans.usual_code = last;
            }
        }
    }

    /// Whether there is code in `range`.
    pub(crate) fn is_in(&self, range: Range<usize>) -> bool {
        let spans = self.0.borrow();
        let before_end = spans.closed.partition_point(|s| s.range.start < range.end);
        let closed = spans.closed[..before_end].last();
        closed.into_iter().chain(&spans.open).any(|span| span.range.start < range.end && span.range.end > range.start)
    }

    /// What template code in the usual delimiters is at `offset`.
    pub(crate) fn usual_code(&self, offset: usize) -> UsualCode {
        let spans = self.0.borrow();
        let before = spans.changes.partition_point(|(end, _)| *end <= offset);
        let last = spans.changes[..before].last();
        last.map_or(&spans.usual_code, |(_, code)| code).clone()
    }

    /// The spans that overlap `range`.
    pub(crate) fn spans_in(&self, range: Range<usize>) -> Vec<HiddenSpan> {
        let spans = self.0.borrow();
        let from = spans.closed.partition_point(|s| s.range.end <= range.start);
        let closed = spans.closed[from..].iter().chain(&spans.open);
        closed.take_while(|span| span.range.start < range.end).cloned().collect()
    }
}

fn changes(spans: &[HiddenSpan]) -> Vec<(usize, UsualCode)> {
    let changes = spans.iter();
    changes.filter_map(|span| Some((span.range.end, span.usual_code.clone()?))).collect()
}
