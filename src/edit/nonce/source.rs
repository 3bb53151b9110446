//! The source of what a scan reads, which template code is hidden from and references are decoded for.

use std::cell::RefCell;
use std::io::Write;
use std::ops::Range;
use std::rc::Rc;

use crate::edit::splicer::Splicer;
use crate::html::mapped::MappedValue;
use crate::html::text::attribute_value;

/// Where the source of a document can be looked up.
pub(super) enum Source<W> {
    /// It is the one that is being written.
    Own(Rc<RefCell<Splicer<W>>>),
    /// It is the value of an attribute that starts at this offset of the one around it.
    Value(Rc<Source<W>>, Rc<MappedValue>, usize),
}

impl<W: Write> Source<W> {
    /// The source of the text in `range`.
    pub(super) fn text(&self, range: Range<usize>) -> Vec<u8> {
        match self {
            Self::Own(splicer) => splicer.borrow().text(range).to_vec(),
            Self::Value(around, mapped, start) => {
                let place = |at| start + mapped.source_of(at);
                let source = around.text(place(range.start)..place(range.end));
                attribute_value(&source).into_owned().into_bytes()
            }
        }
    }
}
