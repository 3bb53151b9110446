//! Regular expressions over paths, as JavaScript, PCRE and RE2 have them.
//!
//! Where the engines differ, in what a class such as `\d` has beyond ASCII, a path as it is sent has nothing but ASCII.

use fancy_regex::{Regex, RegexBuilder};

use super::urls::Case;

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Pattern(Vec<(Case, Regex)>);

impl Pattern {
    /// Compiles an expression for a target that reads letters like this.
    ///
    /// # Errors
    ///
    /// What is wrong with it, or what only the target's own engine would know.
    pub(super) fn new(source: &str, cases: &[Case]) -> Result<Self, String> {
        let compile = |case: &Case| {
            let regex = RegexBuilder::new(source)
                .case_insensitive(*case == Case::MayNot)
                .build()
                .map_err(|error| error.to_string())?;
            Ok((*case, regex))
        };
        cases
            .iter()
            .map(compile)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether it is found in the path. An expression that goes on for too long counts as found: its policy is one that
    /// the page may get.
    pub(super) fn matches(&self, path: &str, case: Case) -> bool {
        self.0
            .iter()
            .filter(|(known, _)| *known == case)
            .any(|(_, regex)| regex.is_match(path).unwrap_or(true))
    }
}
