//! The texts that a path must hold for a regular expression to match it, so that of a thousand rules few are tried on a path.
//!
//! The expressions are read only as far as that needs. Where one goes on in a way that is not read here, nothing is said of it: too
//! few texts cost time, a wrong one would lose a policy.

use std::iter::Peekable;
use std::str::Chars;

/// Texts in lower case, one of which must be in the path.
pub(super) type Clause = Vec<String>;

/// The fewest characters of a text: a slash is in every path.
const SHORTEST: usize = 2;

/// All that must hold of a path that an expression matches, whatever the case of its letters.
pub(super) fn clauses(regex: &str) -> Vec<Clause> {
    let mut chars = regex.chars().peekable();
    let clauses = alternatives(&mut chars);
    // What is left is behind a parenthesis too many.
    clauses
        .filter(|_| chars.next().is_none())
        .unwrap_or_default()
}

/// The paths of an expression that is for one path, with or without a slash at its end.
pub(super) fn literal_paths(regex: &str) -> Option<Vec<String>> {
    let text = regex.strip_prefix('^')?.strip_suffix('$')?;
    let ends: [(&str, &[&str]); 4] = [
        ("[\\/#\\?]?", &["", "/", "#", "?"]),
        ("(?:\\/)?", &["", "/"]),
        ("\\/?", &["", "/"]),
        ("/?", &["", "/"]),
    ];
    let end = ends
        .iter()
        .find_map(|(end, all)| Some((text.strip_suffix(end)?, *all)));
    let (text, ends) = end.unwrap_or((text, &[""]));
    let mut path = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => path.push(chars.next().filter(char::is_ascii_punctuation)?),
            '^' | '$' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' => {
                return None;
            }
            // Engines differ in the case of other letters.
            _ if c.is_ascii() => path.push(c),
            _ => return None,
        }
    }
    Some(ends.iter().map(|end| format!("{path}{end}")).collect())
}

/// Up to the end or a closing parenthesis; [`None`] for what is not read.
fn alternatives(chars: &mut Peekable<Chars<'_>>) -> Option<Vec<Clause>> {
    let mut branches = vec![sequence(chars)?];
    while chars.next_if_eq(&'|').is_some() {
        branches.push(sequence(chars)?);
    }
    if branches.len() == 1 {
        return branches.pop();
    }
    // Of each branch one clause; a branch without any lets everything through.
    let shortest = |clause: &Clause| clause.iter().map(String::len).min();
    let best = branches
        .into_iter()
        .map(|branch| branch.into_iter().max_by_key(shortest));
    let best: Option<Vec<Clause>> = best.collect();
    Some(best.map(|clauses| clauses.concat()).into_iter().collect())
}

fn sequence(chars: &mut Peekable<Chars<'_>>) -> Option<Vec<Clause>> {
    let mut clauses = Vec::new();
    let mut run = String::new();
    let end = |run: &mut String, clauses: &mut Vec<Clause>| {
        let text = std::mem::take(run);
        if text.len() >= SHORTEST {
            clauses.push(vec![text]);
        }
    };
    while let Some(&c) = chars.peek() {
        if c == '|' || c == ')' {
            break;
        }
        chars.next();
        match c {
            '\\' => match chars.next()? {
                c if c.is_ascii_punctuation() => run.push(c),
                'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'b' | 'B' => end(&mut run, &mut clauses),
                // A character by its number, a reference and others.
                _ => return None,
            },
            '?' | '*' | '+' => {
                run.pop();
                end(&mut run, &mut clauses);
            }
            '{' => {
                quantifier(chars)?;
                run.pop();
                end(&mut run, &mut clauses);
            }
            '^' | '$' | '.' => end(&mut run, &mut clauses),
            '[' => {
                class(chars)?;
                end(&mut run, &mut clauses);
            }
            '(' => {
                end(&mut run, &mut clauses);
                let is_required = group(chars)?;
                let inner = alternatives(chars)?;
                chars.next_if_eq(&')')?;
                let is_repeated = matches!(chars.peek(), Some('?' | '*' | '+' | '{'));
                if is_required && !is_repeated {
                    clauses.extend(inner);
                }
            }
            c if c.is_ascii() => run.push(c.to_ascii_lowercase()),
            // Its case may be another number of bytes.
            _ => end(&mut run, &mut clauses),
        }
    }
    end(&mut run, &mut clauses);
    Some(clauses)
}

/// The text between `{` and `}`, if it is a number of times.
fn quantifier(chars: &mut Peekable<Chars<'_>>) -> Option<()> {
    while chars.next_if(|c| c.is_ascii_digit() || *c == ',').is_some() {}
    chars.next_if_eq(&'}').map(drop)
}

/// A class up to its `]`; none with a class in it, or with a bracket where engines differ.
fn class(chars: &mut Peekable<Chars<'_>>) -> Option<()> {
    chars.next_if_eq(&'^');
    if chars.peek() == Some(&']') {
        return None;
    }
    loop {
        match chars.next()? {
            '\\' => drop(chars.next()),
            ']' => return Some(()),
            '[' => return None,
            _ => {}
        }
    }
}

/// The beginning of a group, and whether the path must hold what is in it.
fn group(chars: &mut Peekable<Chars<'_>>) -> Option<bool> {
    if chars.next_if_eq(&'?').is_none() {
        return Some(true);
    }
    match chars.next()? {
        ':' => Some(true),
        '=' | '!' => Some(false),
        '<' => match chars.next()? {
            '=' | '!' => Some(false),
            _ => {
                while chars.next()? != '>' {}
                Some(true)
            }
        },
        // Flags and comments.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::target::deployed::pattern::Pattern;
    use crate::target::urls::Case;

    #[test]
    fn texts_that_must_be_there_are_found() {
        for (regex, texts) in [
            (r"^/q12/(.*)$", "/q12/"),
            (r"^\/docs\/[^/]+\/Page\.html$", "/docs/ & /page.html"),
            (r"^/(?:abc|def)$", "abc|def"),
            (r"^/(?:abc|.*)$", ""),
            (r"^/(?:(?!abc).*)\.html$", ".html"),
            (r"(ab)?cd{2}efg+hi", "ef & hi"),
            (r"^(?:/a(?<x>bc)d)$", "/a & bc"),
            (r"abc|d", ""),
            (r"(?i)abc", ""),
            (r"a\x41bc", ""),
            (r"ab)c", ""),
            (r"[[a]b]cd", ""),
            ("abécd", "ab & cd"),
        ] {
            let found: Vec<String> = clauses(regex)
                .iter()
                .map(|clause| clause.join("|"))
                .collect();
            assert_eq!(found.join(" & "), texts, "{regex}");
        }
    }

    #[test]
    fn one_path_is_looked_up() {
        let paths = |regex| literal_paths(regex).unwrap_or_default().join(" ");
        assert_eq!(paths(r"^/a\.b$"), "/a.b");
        assert_eq!(paths(r"^/a-b/?$"), "/a-b /a-b/");
        assert_eq!(paths(r"^\/a[\/#\?]?$"), "/a /a/ /a# /a?");
        for regex in ["/a", "^/a.b$", "^/(a)$", "^/a*$", r"^/\d$", "^/é$"] {
            assert_eq!(literal_paths(regex), None, "{regex}");
        }
    }

    fn regexes() -> impl Strategy<Value = String> {
        let atom = prop::sample::select(vec![
            "a", "b", "ab", "B", "/", r"\.", ".", r"\w", "[ab]", "[^a]", "^", "$", "é",
        ]);
        let atom = atom.prop_map(str::to_owned).boxed();
        atom.prop_recursive(4, 32, 6, |inner| {
            let quantifier = prop::sample::select(vec!["?", "*", "+", "{2}", "{0,1}", "*?"]);
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..6).prop_map(|parts| parts.concat()),
                (inner.clone(), quantifier).prop_map(|(part, sign)| format!("(?:{part}){sign}")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}|{b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(?:{a})|{b}")),
                (inner.clone(), inner).prop_map(|(a, b)| format!("(?={a}){b}|(?!{b})(?<n>{a})")),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn what_is_matched_holds_the_texts(regex in regexes(), path in "[abAB/.é]{0,6}") {
            for case in [Case::Matters, Case::MayNot] {
                let Ok(pattern) = Pattern::new(&regex, &[case]) else { continue };
                if pattern.matches(&path, case) {
                    let path = path.to_ascii_lowercase();
                    for clause in clauses(&regex) {
                        prop_assert!(clause.iter().any(|text| path.contains(text.as_str())), "{:?}", clause);
                    }
                }
            }
            if let (Some(paths), Ok(pattern)) = (literal_paths(&regex), Pattern::new(&regex, &[Case::Matters])) {
                prop_assert_eq!(paths.contains(&path), pattern.matches(&path, Case::Matters));
            }
        }
    }
}
