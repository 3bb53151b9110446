//! Places, and policies that apply together. What a single policy gives is in `tests/it/check/evaluator.rs`.

use super::*;

/// Code, directive and value of each.
fn told(weaknesses: &[Weakness]) -> Vec<String> {
    let tell = |w: &Weakness| {
        let parts = [Some(w.code.name()), w.directive.as_deref(), w.value.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    weaknesses.iter().map(tell).collect()
}

fn together(policies: &[&str]) -> Vec<Vec<String>> {
    let all = evaluate_together(policies, Checks::Weaknesses);
    all.iter().map(|weaknesses| told(weaknesses)).collect()
}

#[test]
fn places_are_those_of_the_text_and_what_is_missing_comes_last() {
    let policy = " img-src http://a.example;\n script-src\t'unsafe-inline' self * ;prefetch-src x:";
    let found = evaluate(policy, Checks::Weaknesses);
    let places: Vec<_> = found.iter().map(|w| (w.code.name(), w.span.clone().map(|span| &policy[span]))).collect();
    assert_eq!(
        places,
        [
            ("insecure-source", Some("http://a.example")),
            ("weak-unsafe-inline", Some("'unsafe-inline'")),
            ("malformed-policy", Some("self")),
            ("weak-wildcard", Some("*")),
            ("deprecated-directive", Some("prefetch-src")),
            ("missing-object-src", None),
        ]
    );
}

#[test]
fn a_finding_names_the_directive() {
    let found = evaluate("script-src data:; object-src 'none'", Checks::Weaknesses);
    let finding = crate::Finding::from(found[0].clone());
    assert_eq!(finding.message, "script-src: data: lets scripts come from anywhere");
    assert_eq!(finding.severity, crate::Severity::Warning);
}

#[test]
fn what_one_policy_closes_is_no_weakness_of_another() {
    let none: &[String] = &[];
    let strict = "default-src 'none'";
    assert_eq!(
        together(&[strict, "frame-ancestors 'self'"]),
        [none, none],
        "the second restricts neither scripts nor plugins and need not"
    );
    assert_eq!(
        together(&["script-src 'unsafe-inline' 'unsafe-eval' *; base-uri *", strict, "base-uri 'none'"]),
        [none, none, none]
    );
    assert_eq!(
        together(&["script-src-attr 'none'", "script-src 'unsafe-inline'"]),
        [
            vec!["missing-object-src object-src"],
            vec!["weak-unsafe-inline script-src 'unsafe-inline'", "missing-object-src object-src"],
        ],
        "the first closes handlers only"
    );
    assert_eq!(
        together(&["default-src data: *", "default-src *"]),
        [["weak-wildcard default-src *"], ["weak-wildcard default-src *"]],
        "a wildcard is no data: URL"
    );
}

#[test]
fn what_every_policy_opens_is_a_weakness_of_each_whatever_its_form() {
    assert_eq!(
        together(&["script-src *; object-src 'none'", "default-src https:"]),
        [vec!["weak-wildcard script-src *"], vec!["weak-scheme default-src https:"]],
    );
    assert_eq!(
        together(&["script-src *", "frame-ancestors 'none'"]),
        [vec!["weak-wildcard script-src *", "missing-object-src object-src"], vec!["missing-object-src object-src"],],
        "the first alone restricts scripts"
    );
}

#[test]
fn one_policy_with_base_uri_is_enough_for_the_nonces_of_another() {
    let nonce = "script-src 'nonce-r4nd0mr4nd0m'; object-src 'none'";
    let missing = ["missing-base-uri base-uri"];
    assert_eq!(together(&[nonce])[0], missing);
    assert_eq!(together(&["default-src 'self'; script-src 'none'", nonce])[1], missing);
    assert_eq!(together(&[nonce, "base-uri 'self'"])[0].len(), 0);
}

#[test]
fn advice_is_given_for_each_policy_and_only_when_asked_for() {
    let policy = "script-src 'strict-dynamic'; object-src 'none'";
    assert!(evaluate(policy, Checks::Weaknesses).is_empty());
    let all = evaluate_together(&[policy, "default-src 'none'"], Checks::Strict);
    assert_eq!(
        told(&all[0]),
        [
            "lone-strict-dynamic script-src",
            "no-allowlist-fallback script-src",
            "no-trusted-types require-trusted-types-for",
        ]
    );
    assert_eq!(told(&all[1]), ["no-trusted-types require-trusted-types-for"]);
}

#[test]
fn no_policies_have_no_weaknesses() {
    assert!(evaluate_together(&[], Checks::Strict).is_empty());
}
