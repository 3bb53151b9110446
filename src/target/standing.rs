//! The policy that stands in a file already: what somebody added to it by hand stays.
//!
//! Only its hashes are ours. Without a base, the rest of it is the base. With one, the hosts and schemes that it has besides
//! are kept and told; keywords, which loosen a policy for everybody, are the base's alone.

use std::collections::HashSet;

use crate::finding::{Code, Finding};
use crate::policy::{DirectiveName, Keyword, Policy, PolicyProblems, SourceExpression};

/// The base to which the hashes are added, and what there is to say about it.
///
/// # Errors
///
/// What is wrong with `standing` when there is no base; with one, a policy that cannot be read is replaced.
pub fn with_standing(
    base: Option<&Policy>,
    standing: &str,
) -> Result<(Option<Policy>, Option<Finding>), PolicyProblems> {
    let standing = match (Policy::parse(standing), base) {
        (Ok(standing), _) => standing,
        (Err(_), Some(base)) => return Ok((Some(base.clone()), None)),
        (Err(problems), None) => return Err(problems),
    };
    let Some(base) = base else {
        let rest = without_hashes(&standing);
        let rest = (!rest.is_empty()).then(|| Policy::parse(&rest));
        return Ok((rest.transpose()?, None));
    };
    let mut kept: Vec<String> = Vec::new();
    let mut directives: Vec<String> = base.directives().map(ToString::to_string).collect();
    let sources = |name| {
        let directive = base.directive(name);
        directive.map(|directive| directive.sources().iter().collect::<HashSet<_>>())
    };
    // A directive that was made of the base's default-src repeats what that allows.
    let by_default = sources(DirectiveName::DefaultSrc).unwrap_or_default();
    for directive in standing.directives() {
        let name = directive.name();
        let known = sources(name);
        let is_new = |source: &&SourceExpression| {
            matches!(source, SourceExpression::Host(_) | SourceExpression::Scheme(_))
                && !known.as_ref().unwrap_or(&by_default).contains(source)
        };
        let added: Vec<String> = directive.sources().iter().filter(is_new).map(ToString::to_string).collect();
        if added.is_empty() {
            continue;
        }
        kept.push(format!("{} in {}", added.join(" "), name.name()));
        let at = base.directives().position(|directive| directive.name() == name);
        match at {
            Some(at) => {
                let old = directives[at].replace(" 'none'", "");
                directives[at] = format!("{old} {}", added.join(" "));
            }
            None => directives.push(sources_without_hashes(name.name(), directive.sources())),
        }
    }
    if kept.is_empty() {
        return Ok((Some(base.clone()), None));
    }
    let finding = Finding::new(
        Code::KeptSource,
        format!("the file has what the base has not, and it stays: {}", kept.join(", ")),
        "add it to the base, or remove it from the file",
    );
    Ok((Some(Policy::parse(&directives.join("; "))?), Some(finding)))
}

fn is_ours(source: &SourceExpression) -> bool {
    matches!(source, SourceExpression::Hash(_) | SourceExpression::Keyword(Keyword::UnsafeHashes))
}

fn sources_without_hashes(name: &str, sources: &[SourceExpression]) -> String {
    let sources = sources.iter().filter(|source| !is_ours(source));
    let words = std::iter::once(name.to_owned()).chain(sources.map(ToString::to_string));
    words.collect::<Vec<_>>().join(" ")
}

fn without_hashes(policy: &Policy) -> String {
    let directives = policy.directives().filter_map(|directive| {
        let sources = directive.sources();
        if !sources.iter().any(is_ours) {
            return Some(directive.to_string());
        }
        // One of hashes alone was made for them.
        let has_other = !sources.iter().all(is_ours);
        has_other.then(|| sources_without_hashes(directive.name().name(), sources))
    });
    directives.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(base: Option<&str>, standing: &str) -> (String, bool) {
        let base = base.map(|base| Policy::parse(base).unwrap());
        let (policy, finding) = with_standing(base.as_ref(), standing).unwrap();
        let text = policy.map_or_else(String::new, |policy| policy.to_string());
        (text, finding.is_some())
    }

    const HASH: &str = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";

    #[test]
    fn without_a_base_all_but_the_hashes_is_one() {
        let standing =
            format!("default-src 'self'; script-src 'unsafe-hashes' a.test {HASH}; style-src {HASH}; sandbox");
        assert_eq!(base(None, &standing), ("default-src 'self'; script-src a.test; sandbox".to_owned(), false));
        assert_eq!(base(None, &format!("script-src {HASH}")).0, "");
        assert!(with_standing(None, "script-src self").is_err());
    }

    #[test]
    fn hosts_and_schemes_stay_beside_a_base_and_are_told() {
        let given = Some("default-src 'self' c.test; script-src 'none'");
        for (standing, expected, is_told) in [
            ("default-src 'self' c.test; script-src 'none'", "default-src 'self' c.test; script-src 'none'", false),
            ("script-src 'unsafe-eval' a.test https:", "default-src 'self' c.test; script-src a.test https:", true),
            ("style-src 'self' c.test", "default-src 'self' c.test; script-src 'none'", false),
            ("img-src 'self' a.test", "default-src 'self' c.test; script-src 'none'; img-src 'self' a.test", true),
            ("script-src self", "default-src 'self' c.test; script-src 'none'", false),
        ] {
            assert_eq!(base(given, standing), (expected.to_owned(), is_told), "{standing}");
        }
    }
}
