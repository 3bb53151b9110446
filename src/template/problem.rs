//! Template code that its engine does not take as code.

use std::sync::Arc;

use crate::finding::{Code, Finding, Place};
use crate::location::Location;

/// What is wrong with a template.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// A construct or block without an end, which the engine refuses. What follows is hidden, or visible behind
    /// the beginning of a verbatim block.
    Unterminated,
    /// The beginning of a construct whose end is missing, which the engine takes for text.
    Literal,
    /// Code with an end that the engine refuses, such as brackets that do not match.
    Malformed,
}

/// Something wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// Where the construct begins, in bytes from the beginning of the input.
    pub offset: usize,
    /// The same place as a person counts.
    pub location: Location,
}

impl Problem {
    /// The same as a finding about the page at `path`.
    pub(crate) fn finding(&self, path: &Arc<str>) -> Finding {
        let (code, message, help) = match self.kind {
            ProblemKind::Unterminated => (
                Code::MalformedTemplate,
                "this template construct has no end, so its engine refuses the file; what follows was read as the engine would",
                "close it, or name the right dialect with --template",
            ),
            ProblemKind::Malformed => (
                Code::MalformedTemplate,
                "the template engine refuses this construct",
                "correct it, or name the right dialect with --template",
            ),
            ProblemKind::Literal => (
                Code::LiteralDelimiter,
                "this delimiter has no end, so the template engine takes it for text, and so did the scan",
                "close it, or write it so that it is not taken for template code",
            ),
        };
        Finding::new(code, message, help).at(Place::of(path, self.location))
    }
}
