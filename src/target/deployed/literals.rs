//! The texts that a path must hold for a regular expression to match it, so that of a thousand rules few are tried on a path.
//!
//! An expression is read by the engine's own parser. Where it has what other engines read otherwise, nothing is said of it: too few
//! texts cost time, a wrong one would lose a policy.

use fancy_regex::Expr;

use super::pattern::escaped;

/// Texts in lower case, one of which must be in the path.
pub(super) type Clause = Vec<String>;

/// The fewest characters of a text: a slash is in every path.
const SHORTEST: usize = 2;

/// All that must hold of a path that an expression matches, whatever the case of its letters.
pub(super) fn clauses(regex: &str) -> Vec<Clause> {
    // A character by its number, a reference and others.
    let is_odd = |c: char| !c.is_ascii_punctuation() && !"dDwWsSbB".contains(c);
    if escaped(regex).any(is_odd) {
        return Vec::new();
    }
    let tree = Expr::parse_tree(regex).ok();
    let clauses = tree.and_then(|tree| required(&tree.expr));
    clauses.unwrap_or_default()
}

/// The paths of an expression that is for one path, with or without a slash at its end.
pub(super) fn literal_paths(regex: &str) -> Option<Vec<String>> {
    let text = regex.strip_prefix('^')?.strip_suffix('$')?;
    let ends: [(&str, &[&str]); 4] =
        [("[\\/#\\?]?", &["", "/", "#", "?"]), ("(?:\\/)?", &["", "/"]), ("\\/?", &["", "/"]), ("/?", &["", "/"])];
    let end = ends.iter().find_map(|(end, all)| Some((text.strip_suffix(end)?, *all)));
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

/// All that must hold of a path that has a part with this expression; [`None`] for what is not read.
fn required(expr: &Expr) -> Option<Vec<Clause>> {
    match expr {
        Expr::Concat(parts) => sequence(parts),
        Expr::Literal { .. } => sequence(std::slice::from_ref(expr)),
        Expr::Group(inner) => required(inner),
        Expr::Alt(branches) => {
            // Of each branch one clause; a branch without any lets everything through.
            let shortest = |clause: &Clause| clause.iter().map(String::len).min();
            let branches: Option<Vec<_>> = branches.iter().map(required).collect();
            let best = branches?.into_iter();
            let best = best.map(|branch| branch.into_iter().max_by_key(shortest));
            let best: Option<Vec<Clause>> = best.collect();
            Some(best.map(|clauses| clauses.concat()).into_iter().collect())
        }
        // What may be missing; yet nothing is said of an expression with a part that is not read.
        Expr::Repeat { child, .. } | Expr::LookAround(child, _) => required(child).map(|_| Vec::new()),
        Expr::Empty | Expr::Any { .. } | Expr::Assertion(_) => Some(Vec::new()),
        // Engines differ in a class within a class.
        Expr::Delegate { inner, casei } if !casei && inner.matches('[').count() < 2 => Some(Vec::new()),
        _ => None,
    }
}

/// The same of parts that follow each other: what they say, and the literals between.
fn sequence(parts: &[Expr]) -> Option<Vec<Clause>> {
    let mut clauses = Vec::new();
    let mut run = String::new();
    for part in parts {
        match part {
            Expr::Literal { casei: true, .. } => return None,
            Expr::Literal { val, .. } if val.is_ascii() => {
                run.push_str(&val.to_ascii_lowercase());
                continue;
            }
            _ => clauses.push(vec![std::mem::take(&mut run)]),
        }
        // The case of other letters may be another number of bytes.
        if !matches!(part, Expr::Literal { .. }) {
            clauses.extend(required(part)?);
        }
    }
    clauses.push(vec![run]);
    clauses.retain(|clause| clause.iter().all(|text| text.len() >= SHORTEST));
    Some(clauses)
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
            let found: Vec<String> = clauses(regex).iter().map(|clause| clause.join("|")).collect();
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
        let atom =
            prop::sample::select(vec!["a", "b", "ab", "B", "/", r"\.", ".", r"\w", "[ab]", "[^a]", "^", "$", "é"]);
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
