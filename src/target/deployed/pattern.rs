//! Regular expressions over paths, as JavaScript, PCRE and RE2 have them.
//!
//! Where the engines differ, in what a class such as `\d` has beyond ASCII, a path as it is sent has nothing but ASCII.

use fancy_regex::{Regex, RegexBuilder};

use crate::target::quote::path_regex;
use crate::target::urls::Case;

/// A compiled expression.
#[derive(Debug)]
pub(in crate::target) struct Pattern {
    pub(super) source: String,
    compiled: Vec<(Case, Regex)>,
}

impl Pattern {
    /// Compiles an expression for a target that reads letters like this.
    ///
    /// # Errors
    ///
    /// What is wrong with it, or what only the target's own engine would know.
    pub(in crate::target) fn new(source: &str, cases: &[Case]) -> Result<Self, String> {
        if is_possessive(source) {
            return Err("a `+` behind `*`, `+` or `?`".to_owned());
        }
        let compile = |case: &Case| {
            let regex = RegexBuilder::new(source)
                .case_insensitive(*case == Case::MayNot)
                .build()
                .map_err(|error| error.to_string())?;
            Ok((*case, regex))
        };
        Ok(Self {
            source: source.to_owned(),
            compiled: cases.iter().map(compile).collect::<Result<_, String>>()?,
        })
    }

    /// Whether it is found in the path. An expression that goes on for too long counts as found: its policy is one that
    /// the page may get.
    pub(in crate::target) fn matches(&self, path: &str, case: Case) -> bool {
        self.compiled
            .iter()
            .filter(|(known, _)| *known == case)
            .any(|(_, regex)| regex.is_match(path).unwrap_or(true))
    }
}

/// Whether a quantifier has a `+` behind it, which this engine alone knows.
fn is_possessive(source: &str) -> bool {
    let (mut escaped, mut class, mut quantifier) = (false, false, false);
    for c in source.chars() {
        if c == '+' && quantifier {
            return true;
        }
        quantifier = !escaped && !class && matches!(c, '*' | '+' | '?' | '}');
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            _ => {}
        }
    }
    false
}

/// The paths that alternatives of [`path_regex`](crate::target::quote::path_regex) match, without their slashes at the
/// beginning, if there is nothing else in the expression.
pub(super) fn path_alternatives(regex: &str) -> Option<Vec<String>> {
    let mut paths = vec![String::new()];
    let mut rest = regex;
    while let Some(c) = rest.chars().next() {
        let path = paths.last_mut()?;
        let one = match c {
            '|' => {
                paths.push(String::new());
                rest = &rest[1..];
                continue;
            }
            '\\' => '.',
            '(' => {
                let spelled = rest.strip_prefix("(?:")?;
                let spelled = spelled.strip_prefix('\\').unwrap_or(spelled);
                spelled.chars().next()?
            }
            _ => c,
        };
        let begin = path.len();
        path.push(one);
        rest = rest.strip_prefix(path_regex(&path[begin..]).as_str())?;
    }
    Some(paths)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_was_escaped_comes_back(text in r#"([$%{}\\"'`a0-9~.{^]|日|\$\{|\\044|%\{|csp_dollar){0,12}"#) {
            let two = format!("{}|{}", path_regex(&text), path_regex("a.b"));
            prop_assert_eq!(path_alternatives(&two), Some(vec![text, "a.b".to_owned()]));
        }
    }

    #[test]
    fn what_was_not_escaped_so_is_nothing() {
        for regex in ["a.b", "(?:a|b)", "a*", "[a]", "(?:\\$|%25)", "(a)", "\\d"] {
            assert_eq!(path_alternatives(regex), None, "{regex}");
        }
    }

    #[test]
    fn what_only_this_engine_knows_is_refused() {
        for source in ["a*+", "a++", "(?:a)?+", "a{2}+", "a(", "(?<x>a"] {
            assert!(Pattern::new(source, &[Case::Matters]).is_err(), "{source}");
        }
        for source in ["\\++", "[*+]", "(.*)+", "a*?", "(?!b)a"] {
            assert!(Pattern::new(source, &[Case::Matters]).is_ok(), "{source}");
        }
    }
}
