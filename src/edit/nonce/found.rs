//! What a scan for places comes to: edits, findings, and what kinds of elements have the nonce.

use crate::edit::splicer::Edit;
use crate::location::Location;
use crate::page::InlineCheckType;
use crate::page::walk::Problems;

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

/// An element that a nonce was written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingNonce {
    /// Where its start tag stands; inside `srcdoc` this is the place of the frame.
    pub location: Location,
    /// The check that the nonce is for: of scripts, or of styles.
    pub check: InlineCheckType,
}

/// What a scan comes to.
pub(super) struct Found {
    pub(super) edits: Vec<Edit>,
    pub(super) scripts: bool,
    pub(super) styles: bool,
    pub(super) missing: Vec<MissingNonce>,
    pub(super) problems: Problems,
}

impl Found {
    pub(super) fn new() -> Self {
        Self {
            edits: Vec::new(),
            scripts: false,
            styles: false,
            missing: Vec::new(),
            problems: Problems::default(),
        }
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.edits.extend(other.edits);
        self.scripts |= other.scripts;
        self.styles |= other.styles;
        self.missing.extend(other.missing);
        self.problems.absorb(other.problems);
    }
}
