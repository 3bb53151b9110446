//! How weak the policies are that govern a page together.
//!
//! What one policy lets through another may stop, so those of a page are evaluated together, but for one that is only
//! reported: it stops nothing, and is evaluated as if it were enforced alone. Thousands of pages have policies that
//! differ in nothing but their hashes, which make no difference here but by being there: such are evaluated once.

use std::collections::{BTreeSet, HashMap};

use super::engine::NO_HASH;
use super::policies::Judged;
use crate::evaluate::{Checks, Weakness, evaluate_together};
use crate::finding::{Code, Finding};

/// The findings about sets of policies, given as indices of `policies`.
pub(super) fn findings(policies: &[&Judged], sets: &BTreeSet<Vec<usize>>, checks: Checks) -> Vec<Finding> {
    let mut known: HashMap<Vec<String>, Vec<Vec<Weakness>>> = HashMap::new();
    let mut findings = Vec::new();
    for set in sets.iter().flat_map(|set| apart(policies, set)) {
        let parts = set.iter().flat_map(|index| {
            let judged = policies[*index];
            judged.policy.text.split(',').map(move |part| (judged, without_hashes(part)))
        });
        let (judged, texts): (Vec<&Judged>, Vec<String>) = parts.unzip();
        let weaknesses = known.entry(texts).or_insert_with_key(|texts| {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            evaluate_together(&texts, checks)
        });
        for (judged, weaknesses) in judged.iter().zip(weaknesses) {
            // Said of the policy itself, hashes and all.
            let own = weaknesses.iter().filter(|w| w.code != Code::MalformedPolicy);
            findings.extend(own.map(|weakness| {
                let (directive, value) = (&weakness.directive, &weakness.value);
                let offset = directive.as_ref();
                let offset = offset.and_then(|name| judged.find(name, value.as_deref()));
                judged.place(Finding::from(weakness.clone()), offset)
            }));
        }
    }
    findings
}

/// The enforced policies of a set, and each of the others by itself.
fn apart(policies: &[&Judged], set: &[usize]) -> Vec<Vec<usize>> {
    let is_reported = |index: &usize| policies[*index].policy.report_only;
    let (reported, enforced): (Vec<_>, Vec<_>) = set.iter().copied().partition(is_reported);
    let reported = reported.into_iter().map(|index| vec![index]);
    std::iter::once(enforced).chain(reported).collect()
}

/// A policy with one hash in place of all that a directive has.
fn without_hashes(policy: &str) -> String {
    let directives = policy.split(';').map(|directive| {
        let mut had = false;
        let mut words = Vec::new();
        for word in directive.split_ascii_whitespace() {
            let is_hash = word.starts_with("'sha") && word.len() > 40;
            if is_hash && std::mem::replace(&mut had, true) {
                continue;
            }
            let is_sha256 = word.starts_with("'sha256-") && word.len() == 53;
            words.push(if is_sha256 { NO_HASH } else { word });
        }
        words.join(" ")
    });
    directives.collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_that_differ_in_hashes_alone_are_one() {
        let of = |letter: &str| {
            let hash = format!("'sha256-{}='", letter.repeat(43));
            without_hashes(&format!("default-src 'self'; script-src 'self' {hash} {hash} x.test"))
        };
        assert_eq!(of("a"), of("b"));
        assert_eq!(without_hashes("script-src 'sha256-abc' 'self'"), "script-src 'sha256-abc' 'self'");
    }
}
