//! The parts, calls and places that an outline has.

use std::ops::Range;

use crate::template::mask::HiddenSpan;

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) kind: BlockKind,
    /// Its content, in bytes of the template.
    pub(crate) range: Range<usize>,
}

/// The kind of a part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BlockKind {
    /// Its output is kept and sent with other responses.
    Cached,
    /// The macro of this name.
    Macro(String),
    /// The text of a variable.
    Captured,
    /// A template of this name, whose data is what its callers give it.
    Named(String),
    /// The branch of a condition that is taken where the text is true.
    If { condition: String, has_else: bool },
}

/// A call of another template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// The name of the template.
    pub(crate) name: String,
    /// Whether only its macros are taken.
    pub(crate) is_import: bool,
    /// Whether it lacks the variables of this template, but for those in `given`.
    pub(crate) is_isolated: bool,
    /// The source of what it is given, if it lacks the rest.
    pub(crate) given: String,
}

/// A named part of a template, as it is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    /// Its content.
    pub(crate) range: Range<usize>,
    /// Whether there is a `<` in it.
    pub(crate) has_tags: bool,
}

impl Part {
    pub(super) fn new(name: String, range: Range<usize>) -> Self {
        Self { name, range, has_tags: false }
    }
}

/// What is placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    File(String),
    Part(String),
}

/// A place for a part or another template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) target: Target,
    pub(crate) at: usize,
    /// Whether no element can begin there.
    pub(crate) is_text: bool,
    /// Whether its output is kept and sent with other responses.
    pub(crate) is_kept: bool,
}

impl Use {
    /// Where some code stands.
    pub(super) fn new(target: Target, span: &HiddenSpan) -> Self {
        Self { target, at: span.range.start, is_text: span.is_in_text, is_kept: false }
    }
}

/// The connections of a template to others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Links {
    pub(crate) calls: Vec<Call>,
    /// The templates in it that others can call.
    pub(crate) named: Vec<String>,
    pub(crate) parts: Vec<Part>,
    pub(crate) uses: Vec<Use>,
    /// Whether it fills the parts of another template.
    pub(crate) is_child: bool,
    /// The names of that template.
    pub(crate) parents: Vec<String>,
    /// Whether it is a page from its beginning.
    pub(crate) is_page: bool,
    /// Whether there is a `<` in it.
    pub(crate) has_tags: bool,
}
