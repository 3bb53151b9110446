//! What a scan for places comes to: edits, findings, and what kinds of elements have the nonce.

use std::borrow::Cow;
use std::sync::Arc;

use crate::edit::splicer::Edit;
use crate::finding::{Code, Finding, Place};
use crate::location::Location;

/// Kinds of elements that take a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NoncedElements {
    /// Scripts, inline and by URL.
    pub scripts: bool,
    /// `style` elements.
    pub styles: bool,
    /// `link` elements for style sheets, preloads and module preloads.
    pub links: bool,
}

impl Default for NoncedElements {
    /// Scripts and styles.
    fn default() -> Self {
        Self {
            scripts: true,
            styles: true,
            links: false,
        }
    }
}

/// A finding whose page is not known here.
pub(super) struct Noted {
    pub(super) code: Code,
    pub(super) location: Location,
    pub(super) message: Cow<'static, str>,
    pub(super) help: &'static str,
}

impl Noted {
    pub(super) fn finding(self, path: &Arc<str>) -> Finding {
        Finding::new(self.code, self.message, self.help).at(Place::of(path, self.location))
    }
}

/// What a scan comes to.
pub(super) struct Found {
    pub(super) edits: Vec<Edit>,
    pub(super) scripts: bool,
    pub(super) styles: bool,
    pub(super) problems: Vec<Noted>,
}

impl Found {
    pub(super) fn new() -> Self {
        Self {
            edits: Vec::new(),
            scripts: false,
            styles: false,
            problems: Vec::new(),
        }
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.edits.extend(other.edits);
        self.scripts |= other.scripts;
        self.styles |= other.styles;
        self.problems.extend(other.problems);
    }
}
