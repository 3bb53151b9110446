//! What is wrong with a policy somebody wrote, as data: where, why, and what to write instead.
//!
//! A wrong base policy is an outage, so every problem is collected and each can be pointed at.
//! This module knows no grammar; the parsers fill it.

use std::fmt::{self, Write as _};
use std::ops::Range;

use crate::error::{Error, ErrorKind};

/// What a parser has against one token; the policy's parser adds where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    /// The fault of this token.
    pub(super) fn of(token: &str, what: impl AsRef<str>, help: impl Into<String>) -> Self {
        Self::new(format!("{} {}", shown(token), what.as_ref()), help)
    }
}

/// A token as a message quotes it: escaped, and cut where it would drown the message.
pub(super) fn shown(token: &str) -> String {
    const LIMIT: usize = 160;
    let mut text = String::from("\"");
    for (count, c) in token.chars().enumerate() {
        if count == LIMIT {
            text.push('…');
            break;
        }
        match c {
            // Escaped by default, but common here and harmless between double quotes.
            '\'' => text.push(c),
            _ => text.extend(c.escape_debug()),
        }
    }
    text.push('"');
    text
}

/// One thing wrong with a policy, by [CSP3's grammar](https://www.w3.org/TR/CSP3/#framework-policy) or because browsers
/// would silently read something else than was meant.
///
/// Displayed as one line: directive, reason, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyProblem {
    pub(super) directive: Option<String>,
    pub(super) span: Range<usize>,
    pub(super) fault: Fault,
}

impl PolicyProblem {
    /// The directive concerned, as far as one could be told.
    #[must_use]
    pub fn directive(&self) -> Option<&str> {
        self.directive.as_deref()
    }

    /// The bytes of the text concerned, never empty.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// What is wrong and what browsers make of it; lower case, no full stop.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.fault.message
    }

    /// What to write instead; lower case, no full stop.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.fault.help
    }
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(directive) = &self.directive {
            write!(f, "{directive}: ")?;
        }
        write!(f, "{}; {}", self.fault.message, self.fault.help)
    }
}

/// The number of problems of one policy that are kept. A policy with more was not written by hand, and each costs the memory of
/// its messages.
const MOST: usize = 1000;

/// Everything wrong with a policy, in the order of the text; never empty.
///
/// Of more than 1,000 problems the rest is [counted](Self::left_out) only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyProblems {
    kept: Vec<PolicyProblem>,
    left_out: usize,
}

impl PolicyProblems {
    /// Keeps a problem, or counts it.
    pub(super) fn add(&mut self, problem: PolicyProblem) {
        if self.kept.len() < MOST {
            self.kept.push(problem);
        } else {
            self.left_out += 1;
        }
    }

    /// Whether further problems are counted only, so that nothing need be said of them.
    pub(super) const fn is_full(&self) -> bool {
        self.kept.len() >= MOST
    }

    /// Sorts the problems by place; `None` when there are none.
    pub(super) fn finish(mut self) -> Option<Self> {
        self.kept.sort_by_key(|p| (p.span.start, p.span.end));
        (!self.kept.is_empty()).then_some(self)
    }

    /// The problems, in the order of the text.
    pub fn iter(&self) -> std::slice::Iter<'_, PolicyProblem> {
        self.kept.iter()
    }

    /// The number of problems that were not kept.
    #[must_use]
    pub const fn left_out(&self) -> usize {
        self.left_out
    }
}

impl<'a> IntoIterator for &'a PolicyProblems {
    type Item = &'a PolicyProblem;
    type IntoIter = std::slice::Iter<'a, PolicyProblem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One problem per line.
impl fmt::Display for PolicyProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.iter().enumerate() {
            if index > 0 {
                f.write_char('\n')?;
            }
            write!(f, "{problem}")?;
        }
        match self.left_out {
            0 => Ok(()),
            rest => write!(f, "\nand {rest} more problems"),
        }
    }
}

impl std::error::Error for PolicyProblems {}

impl From<PolicyProblems> for Error {
    fn from(problems: PolicyProblems) -> Self {
        Self::new(ErrorKind::InvalidPolicy, problems.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_token_is_escaped_and_cut() {
        assert_eq!(shown("'a\n\0'"), r#""'a\n\0'""#);
        assert_eq!(shown(&"x".repeat(1000)).chars().count(), 163);
    }

    #[test]
    fn no_problems_are_no_problem() {
        assert_eq!(PolicyProblems::default().finish(), None);
    }

    #[test]
    fn problems_become_an_invalid_policy_error_with_one_line_each() {
        let problem = |start: usize, directive: Option<&str>| PolicyProblem {
            directive: directive.map(str::to_owned),
            span: start..start + 1,
            fault: Fault::new("it is wrong", "write it right"),
        };
        let mut problems = PolicyProblems::default();
        problems.add(problem(3, None));
        problems.add(problem(1, Some("img-src")));
        let problems = problems.finish().unwrap();
        let error = Error::from(problems);
        assert_eq!(error.kind(), ErrorKind::InvalidPolicy);
        assert_eq!(error.to_string(), "img-src: it is wrong; write it right\nit is wrong; write it right");
    }
}
