//! Where the text of an element stands in its file.

use crate::html::tree::Namespace;
use crate::location::{LineIndex, Location};
use crate::page::element::Element;

/// The place of the text of a `style` or `script` element.
pub(super) struct Source {
    /// Whether the text stands in the file in the same bytes.
    is_same: bool,
    start: Location,
}

impl Source {
    pub(super) fn of(element: &dyn Element) -> Self {
        let is_same = element.html().is_some() && element.namespace() == Namespace::Html;
        Self {
            is_same,
            start: match is_same {
                true => element.location_at(element.raw().len()),
                false => element.location(),
            },
        }
    }

    /// Has the location of each byte of the text, in order; that of the element where it is not known.
    pub(super) fn locator(self, text: &str) -> impl FnMut(usize) -> Location + '_ {
        let mut lines = None;
        move |offset| {
            if !self.is_same {
                return self.start;
            }
            let lines = lines.get_or_insert_with(|| LineIndex::new(text.as_bytes()));
            lines.location(text.as_bytes(), offset).behind(self.start)
        }
    }
}
