//! Regular expressions over paths, as JavaScript, PCRE and RE2 have them.
//!
//! A class such as `\d` has nothing beyond ASCII, as in the engines of the hosts.

use fancy_regex::{CompileError, Error, Regex, RegexBuilder};

use crate::target::quote::path_regex;
use crate::target::urls::Case;

/// The bytes that a compiled expression may take, and how many more for each byte of its source: what repeats a class a
/// thousand times in a few characters is refused.
const SIZE: (usize, usize) = (64 << 10, 128);
/// The bytes of an expression, and of what is made one.
const LONGEST: usize = 64 << 10;
/// The groups of an expression that refers to one.
const MOST_GROUPS: usize = 16;

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(super) source: String,
    compiled: Vec<(Case, Regex)>,
}

impl Pattern {
    /// Compiles an expression for a target that reads letters like this, or says what is wrong with it.
    pub(crate) fn new(source: &str, cases: &[Case]) -> Result<Self, String> {
        if is_possessive(source) {
            return Err("a `+` behind `*`, `+` or `?`".to_owned());
        }
        check_length(source)?;
        let refers = refers(source);
        if refers && source.matches('(').count() > MOST_GROUPS {
            return Err(format!("it refers to a group and has more than {MOST_GROUPS}; have fewer"));
        }
        let lean = lean(source, refers);
        let compile = |case: &Case| {
            let regex = RegexBuilder::new(&lean)
                .case_insensitive(*case == Case::MayNot)
                .delegate_size_limit(SIZE.0 + SIZE.1 * source.len())
                .build()
                .map_err(reason)?;
            Ok((*case, regex))
        };
        Ok(Self { source: source.to_owned(), compiled: cases.iter().map(compile).collect::<Result<_, String>>()? })
    }

    /// Whether it is found in the path. An expression that goes on for too long counts as found: its policy is one that
    /// the page may get.
    pub(crate) fn matches(&self, path: &str, case: Case) -> bool {
        self.compiled.iter().filter(|(known, _)| *known == case).any(|(_, regex)| regex.is_match(path).unwrap_or(true))
    }
}

/// Rejects an expression, or what is made one, that is too long.
pub(crate) fn check_length(source: &str) -> Result<(), String> {
    match source.len() > LONGEST {
        true => Err(format!("it has more than {LONGEST} bytes; shorten it")),
        false => Ok(()),
    }
}

/// The fault of an expression that cannot be compiled.
fn reason(error: Error) -> String {
    if let Error::CompileError(inner) = &error
        && let CompileError::InnerError(inner) = &**inner
        && let Some(limit) = inner.size_limit()
    {
        return format!("it repeats so much that it takes more than {limit} bytes; repeat less");
    }
    error.to_string()
}

/// The characters behind backslashes.
pub(super) fn escaped(source: &str) -> impl Iterator<Item = char> {
    let mut chars = source.chars();
    std::iter::from_fn(move || {
        chars.find(|c| *c == '\\')?;
        chars.next()
    })
}

/// Whether a group is referred to.
fn refers(source: &str) -> bool {
    escaped(source).any(|c| matches!(c, '1'..='9' | 'k' | 'g'))
}

/// The expression in the way that takes this engine the least memory: with classes of ASCII for `\d` and `\w`, as those of
/// Unicode, which it would take them for, have fifty times as many bytes, and unless it refers to a group with groups that
/// keep nothing, as each that does takes some for each state.
fn lean(source: &str, refers: bool) -> String {
    let mut lean = String::with_capacity(source.len());
    let mut class = false;
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let opened = if c == '(' && !class && !refers { group(rest) } else { None };
        class = c == '[' || class && c != ']';
        let mut two = rest.chars().map(char::len_utf8).take(2);
        let length = match c {
            '\\' => two.sum(),
            _ => two.next().unwrap_or_default(),
        };
        let (text, behind) = rest.split_at(opened.unwrap_or(length));
        rest = behind;
        let name = match text {
            "\\d" => "[:digit:]",
            "\\D" => "[:^digit:]",
            "\\w" => "[:word:]",
            "\\W" => "[:^word:]",
            _ => {
                lean.push_str(opened.map_or(text, |_| "(?:"));
                continue;
            }
        };
        match class {
            true => lean.push_str(name),
            false => lean.extend(["[", name, "]"]),
        }
    }
    lean
}

/// The length of what opens a group that keeps what is in it, with a name or without.
fn group(text: &str) -> Option<usize> {
    let Some(named) = text.strip_prefix("(?") else {
        return Some(1);
    };
    let name = named.strip_prefix('<')?.split_once('>')?.0;
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = name.starts_with(|c: char| is_word(c) && !c.is_ascii_digit());
    (is_name && name.chars().all(is_word)).then_some("(?<>".len() + name.len())
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
            assert_eq!(pattern.matches(path, Case::Matters), found, "{source} {path}");
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
    fn a_long_expression_is_refused() {
        assert!(Pattern::new(&"a".repeat(LONGEST), &[Case::Matters]).is_ok());
        let error = Pattern::new(&"a".repeat(LONGEST + 1), &[Case::Matters]).unwrap_err();
        assert_eq!(error, "it has more than 65536 bytes; shorten it");
    }

    #[test]
    fn groups_that_nothing_refers_to_keep_nothing() {
        for (source, expected) in [
            ("^(a)(?<b_1>c)(?:d)$", "^(?:a)(?:c)(?:d)$"),
            ("(?=a)(?!b)(?<=c)(?<!d)(?<1>e)(?<f", "(?=a)(?!b)(?<=c)(?<!d)(?<1>e)(?<f"),
            ("\\(a[(]\\\\(é)", "\\(a[(]\\\\(?:é)"),
            ("(a)\\\\1", "(?:a)\\\\1"),
            ("(a)\\1", "(a)\\1"),
            ("(?<a>b)\\\\\\k<a>", "(?<a>b)\\\\\\k<a>"),
            ("(a\\", "(?:a\\"),
        ] {
            assert_eq!(lean(source, refers(source)), expected);
        }
        let pattern = Pattern::new("^/(a|b)\\1$", &[Case::Matters]).unwrap();
        assert!(pattern.matches("/aa", Case::Matters));
        assert!(!pattern.matches("/ab", Case::Matters));
        for (groups, is_read) in [(16, true), (17, false)] {
            let source = format!("{}\\1", "(a)".repeat(groups));
            let read = Pattern::new(&source, &[Case::Matters]);
            assert_eq!(read.is_ok(), is_read, "{groups}");
        }
        assert!(Pattern::new(&"(a)".repeat(17), &[Case::Matters]).is_ok());
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
