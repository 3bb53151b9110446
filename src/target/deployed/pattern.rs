//! Regular expressions over paths, as JavaScript, PCRE and RE2 have them.
//!
//! A class such as `\d` has nothing beyond ASCII, as in the engines of the hosts.

use fancy_regex::{CompileError, Error, Regex, RegexBuilder};

use crate::target::quote::path_regex;
use crate::target::urls::Case;

/// The bytes that a compiled expression may take, and how many more for each byte of its source: what repeats a class a
/// thousand times in a few characters is refused.
const SIZE: (usize, usize) = (64 << 10, 128);

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
        let ascii = ascii_classes(source);
        let compile = |case: &Case| {
            let regex = RegexBuilder::new(&ascii)
                .case_insensitive(*case == Case::MayNot)
                .delegate_size_limit(SIZE.0 + SIZE.1 * source.len())
                .build()
                .map_err(reason)?;
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

/// What is wrong with an expression.
fn reason(error: Error) -> String {
    if let Error::CompileError(inner) = &error
        && let CompileError::InnerError(inner) = &**inner
        && let Some(limit) = inner.size_limit()
    {
        return format!("it repeats so much that it takes more than {limit} bytes; repeat less");
    }
    error.to_string()
}

/// The expression with classes of ASCII for `\d` and `\w`, which this engine would take for those of Unicode: they take fifty
/// times as many bytes.
fn ascii_classes(source: &str) -> String {
    let mut ascii = String::with_capacity(source.len());
    let mut class = false;
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        class = c == '[' || class && c != ']';
        let name = match (c, chars.as_str().chars().next()) {
            ('\\', Some('d')) => "[:digit:]",
            ('\\', Some('D')) => "[:^digit:]",
            ('\\', Some('w')) => "[:word:]",
            ('\\', Some('W')) => "[:^word:]",
            _ => {
                ascii.push(c);
                if c == '\\' {
                    ascii.extend(chars.next());
                }
                continue;
            }
        };
        chars.next();
        match class {
            true => ascii.push_str(name),
            false => ascii.extend(["[", name, "]"]),
        }
    }
    ascii
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
    fn classes_have_nothing_beyond_ascii() {
        for (source, path, found) in [
            ("^\\w+$", "aZ_9", true),
            ("^\\w+$", "ä", false),
            ("^\\d$", "٣", false),
            ("^[\\w.-]+$", "a.b-c", true),
            ("^[\\w.-]+$", "ä", false),
            ("^[^\\d]$", "1", false),
            ("^\\W$", "ä", true),
            ("^[\\D]$", "٣", true),
            ("^\\\\w$", "\\w", true),
            ("^[\\]\\d]$", "]", true),
        ] {
            let pattern = Pattern::new(source, &[Case::Matters]).unwrap();
            assert_eq!(
                pattern.matches(path, Case::Matters),
                found,
                "{source} {path}"
            );
        }
    }

    #[test]
    fn an_expression_that_is_far_larger_than_its_text_is_refused() {
        let error = Pattern::new("^(([a-z]{30}){30}){30}$", &[Case::Matters]).unwrap_err();
        assert!(error.contains("repeats so much"), "{error}");
        let words = "abcdefgh|".repeat(450);
        for source in ["^\\w{1,100}$", &format!("^/({words})")] {
            for case in [Case::Matters, Case::MayNot] {
                assert!(Pattern::new(source, &[case]).is_ok(), "{source}");
            }
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
