//! How much of the stack a document may have gone through for its tags.
//!
//! Some rules walk the stack of open elements or the list of active formatting elements, or make all of the
//! latter anew. Where thousands are open that costs the square of their number, in browsers as well. So a
//! document has steps to spend: some at once, more for each byte of its tags. A page that people made never
//! comes near that; one that runs out is refused.

use std::cell::Cell;
use std::rc::Rc;

/// Steps that every document has, enough to go through 2,000 open elements for 2,000 tags.
const AT_ONCE: u64 = 1 << 22;
/// Steps for each byte of a tag.
const FOR_A_BYTE: u64 = 64;
/// The shortest end tag, `</p>`, in bytes.
pub(super) const END_TAG: usize = 4;

/// What is left to spend, shared by a document and what is scanned again of it.
#[derive(Clone, Debug)]
pub(super) struct Work(Rc<Cell<Option<u64>>>);

impl Default for Work {
    fn default() -> Self {
        Self(Rc::new(Cell::new(Some(AT_ONCE))))
    }
}

impl Work {
    /// A tag of that many bytes has come.
    pub(super) fn earn(&self, bytes: usize) {
        let left = self.0.get();
        self.0.set(left.map(|left| left.saturating_add(bytes as u64 * FOR_A_BYTE)));
    }

    /// That many elements are gone through.
    pub(super) fn spend(&self, elements: usize) {
        let left = self.0.get();
        self.0.set(left.and_then(|left| left.checked_sub(elements as u64)));
    }

    /// Whether more was spent than there was.
    pub(super) fn is_over(&self) -> bool {
        self.0.get().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_must_be_there() {
        let work = Work::default();
        work.spend(AT_ONCE as usize);
        work.earn(1);
        work.clone().spend(FOR_A_BYTE as usize);
        assert!(!work.is_over());
        work.spend(1);
        work.earn(100);
        assert!(work.is_over());
    }
}
