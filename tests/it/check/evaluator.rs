//! Our evaluation of policies beside that of csp_evaluator, whose verdicts `tests/lab/evaluator/run` stores and proves.
//!
//! Every difference stands in `testdata/policies/differences.txt` with its reason; one that is not listed fails, and so does one
//! that is listed and is none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cspseal::evaluate::{Checks, Weakness, evaluate, evaluate_together};
use cspseal::{Code, Severity};
use proptest::prelude::*;
use serde_json::Value;

/// Which code a finding of csp_evaluator has here, by its type, severity and directive; `*` is any.
const CODES: &[(&str, &str, &str, Code)] = &[
    ("MISSING_SEMICOLON", "SYNTAX", "*", Code::MalformedPolicy),
    ("UNKNOWN_DIRECTIVE", "SYNTAX", "*", Code::MalformedPolicy),
    ("INVALID_KEYWORD", "SYNTAX", "*", Code::MalformedPolicy),
    ("NONCE_CHARSET", "INFO", "*", Code::MalformedPolicy),
    ("MISSING_DIRECTIVES", "HIGH", "script-src", Code::MissingScriptSrc),
    ("MISSING_DIRECTIVES", "HIGH", "object-src", Code::MissingObjectSrc),
    ("MISSING_DIRECTIVES", "HIGH", "base-uri", Code::MissingBaseUri),
    ("SCRIPT_UNSAFE_INLINE", "HIGH", "*", Code::WeakUnsafeInline),
    ("SCRIPT_UNSAFE_HASHES", "MEDIUM_MAYBE", "*", Code::WeakUnsafeHashes),
    ("SCRIPT_UNSAFE_EVAL", "MEDIUM_MAYBE", "*", Code::WeakUnsafeEval),
    ("PLAIN_URL_SCHEMES", "HIGH", "*", Code::WeakScheme),
    ("PLAIN_WILDCARD", "HIGH", "*", Code::WeakWildcard),
    ("SCRIPT_ALLOWLIST_BYPASS", "HIGH", "*", Code::BypassableHost),
    ("SCRIPT_ALLOWLIST_BYPASS", "MEDIUM_MAYBE", "*", Code::ScriptAllowlist),
    ("OBJECT_ALLOWLIST_BYPASS", "HIGH", "*", Code::FlashHost),
    ("OBJECT_ALLOWLIST_BYPASS", "MEDIUM_MAYBE", "*", Code::ObjectAllowlist),
    ("NONCE_LENGTH", "MEDIUM", "*", Code::ShortNonce),
    ("IP_SOURCE", "INFO", "*", Code::IpSource),
    ("DEPRECATED_DIRECTIVE", "INFO", "*", Code::DeprecatedDirective),
    ("SRC_HTTP", "MEDIUM", "*", Code::InsecureSource),
    ("STRICT_DYNAMIC", "STRICT_CSP", "*", Code::NoStrictDynamic),
    ("STRICT_DYNAMIC_NOT_STANDALONE", "INFO", "*", Code::LoneStrictDynamic),
    ("UNSAFE_INLINE_FALLBACK", "STRICT_CSP", "*", Code::NoInlineFallback),
    ("ALLOWLIST_FALLBACK", "STRICT_CSP", "*", Code::NoAllowlistFallback),
    ("REQUIRE_TRUSTED_TYPES_FOR_SCRIPTS", "INFO", "*", Code::NoTrustedTypes),
];

/// What csp_evaluator's severities are here. An error is what breaks a page or was not meant; a weakness is a choice, which a project
/// denies when it wants to.
const SEVERITIES: &[(&str, Severity)] = &[
    ("HIGH", Severity::Warning),
    ("SYNTAX", Severity::Error),
    ("MEDIUM", Severity::Warning),
    ("HIGH_MAYBE", Severity::Warning),
    ("STRICT_CSP", Severity::Warning),
    ("MEDIUM_MAYBE", Severity::Note),
    ("INFO", Severity::Note),
];

/// Where the severity here is another, and why.
const OTHER_SEVERITIES: &[(&str, Code, Severity, &str)] = &[
    (
        "NONCE_CHARSET",
        Code::MalformedPolicy,
        Severity::Error,
        "browsers drop the nonce, so it is malformed, as INVALID_KEYWORD says beside it",
    ),
    ("MISSING_DIRECTIVES", Code::MissingObjectSrc, Severity::Note, "no browser has run a plugin since 2021"),
    (
        "UNSAFE_INLINE_FALLBACK",
        Code::NoInlineFallback,
        Severity::Note,
        "browsers that need it are from before 2016, and it is no weakness",
    ),
    (
        "ALLOWLIST_FALLBACK",
        Code::NoAllowlistFallback,
        Severity::Note,
        "browsers that need it are from before 2022, and it is no weakness",
    ),
];

/// Code, directive, value or nothing; in lower case, as csp_evaluator changes the case of some.
type Verdicts = BTreeSet<String>;

fn verdict(code: Code, directive: Option<&str>, value: Option<&str>) -> String {
    let parts = [Some(code.name()), directive, value];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn stored() -> Vec<Value> {
    let text = fs::read("testdata/policies/evaluator.json").unwrap();
    let document: Value = serde_json::from_slice(&text).unwrap();
    document["policies"].as_array().unwrap().clone()
}

/// The findings of a list; nothing where csp_evaluator gave up.
fn findings(list: &Value) -> Vec<(&str, &str, &str, Option<&str>)> {
    let Some(list) = list.as_array() else {
        return Vec::new();
    };
    let read = list.iter().map(|finding| {
        let text = |index: usize| finding[index].as_str();
        (text(0).unwrap(), text(1).unwrap(), text(2).unwrap(), text(3))
    });
    // Says which values a browser ignores, not that something is wrong.
    read.filter(|(kind, ..)| *kind != "IGNORED").collect()
}

fn code_of(kind: &str, severity: &str, directive: &str) -> Code {
    let row = CODES.iter().find(|(k, s, d, _)| (*k, *s) == (kind, severity) && (*d == "*" || *d == directive));
    row.unwrap_or_else(|| panic!("no code for {kind} {severity} {directive}")).3
}

fn theirs(list: &Value) -> Verdicts {
    let findings = findings(list).into_iter();
    findings
        .map(|(kind, severity, directive, value)| verdict(code_of(kind, severity, directive), Some(directive), value))
        .collect()
}

fn ours(weaknesses: impl IntoIterator<Item = Weakness>) -> Verdicts {
    let told = |w: Weakness| verdict(w.code, w.directive.as_deref(), w.value.as_deref());
    weaknesses.into_iter().map(told).collect()
}

/// What opens a way for scripts; of several policies csp_evaluator judges little else.
fn opens(verdict: &str) -> bool {
    verdict.starts_with("missing-")
        || ["weak-unsafe-inline ", "weak-scheme ", "weak-wildcard "].iter().any(|code| verdict.starts_with(code))
}

/// The policy of a row, or its policies with ` | ` between them.
fn line(row: &Value) -> String {
    let policies = policies(row);
    policies.join(" | ")
}

fn policies(row: &Value) -> Vec<&str> {
    match row["policies"].as_array() {
        Some(policies) => policies.iter().map(|p| p.as_str().unwrap()).collect(),
        None => vec![row["policy"].as_str().unwrap()],
    }
}

/// What only we say, with `+`, and only they, with `-`.
fn differences(row: &Value) -> Verdicts {
    let mut ours = ours(evaluate_together(&policies(row), Checks::Strict).into_iter().flatten());
    let mut theirs = theirs(&row["weaknesses"]);
    theirs.extend(self::theirs(&row["advice"]));
    if let [_, _, ..] = policies(row)[..] {
        theirs = self::theirs(&row["together"]);
        theirs.retain(|v| opens(v));
        ours.retain(|v| opens(v));
    }
    let more = ours.difference(&theirs).map(|v| format!("+ {v}"));
    let fewer = theirs.difference(&ours).map(|v| format!("- {v}"));
    more.chain(fewer).collect()
}

/// The listed differences by policy. A reason begins with `#`; below it stand policies, each before its differences.
fn listed() -> BTreeMap<String, Verdicts> {
    let text = fs::read_to_string("testdata/policies/differences.txt").unwrap();
    let mut listed: BTreeMap<String, Verdicts> = BTreeMap::new();
    let (mut reason, mut policy) = (None, None);
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(text) = line.strip_prefix("# ") {
            (reason, policy) = (Some(text), None);
        } else if line.starts_with("+ ") || line.starts_with("- ") {
            let policy: &String = policy.as_ref().expect(line);
            let new = listed.get_mut(policy).unwrap().insert(line.to_owned());
            assert!(new, "listed twice: {policy}: {line}");
        } else {
            assert!(reason.is_some(), "no reason for {line}");
            listed.entry(line.to_owned()).or_default();
            policy = Some(line.to_owned());
        }
    }
    listed
}

#[test]
fn every_difference_from_csp_evaluator_is_listed_with_a_reason() {
    let mut listed = listed();
    let mut wrong = String::new();
    for row in stored() {
        let policy = line(&row);
        let found = differences(&row);
        let expected = listed.remove(&policy).unwrap_or_default();
        if found != expected {
            let is = |set: &Verdicts, other: &Verdicts| set.difference(other).cloned().collect::<Vec<_>>().join("\n");
            wrong +=
                &format!("{policy}\n{}\n(listed but not so: {})\n\n", is(&found, &expected), is(&expected, &found));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(listed.is_empty(), "not in the table of policies: {listed:#?}");
}

#[test]
fn severities_are_those_of_csp_evaluator_or_have_a_reason() {
    for (kind, severity, _, code) in CODES {
        let usual = SEVERITIES.iter().find(|(s, _)| s == severity).unwrap().1;
        let other = OTHER_SEVERITIES.iter().find(|row| (row.0, row.1) == (*kind, *code));
        let expected = other.map_or(usual, |(.., here, reason)| {
            assert!(!reason.is_empty() && *here != usual);
            *here
        });
        assert_eq!(code.severity(), expected, "{kind}");
    }
}

#[test]
fn every_code_is_found_and_not_found_in_the_table() {
    let rows = stored();
    assert!(rows.len() > 150);
    let evaluate = |row: &Value| evaluate(policies(row)[0], Checks::Strict);
    let found: Vec<_> = rows.iter().map(evaluate).collect();
    for (kind, _, _, code) in CODES {
        let has = |weaknesses: &&Vec<Weakness>| weaknesses.iter().any(|w| w.code == *code);
        let with = found.iter().filter(has).count();
        assert!(with > 0 && with < rows.len(), "{kind}: {with}");
    }
}

#[test]
fn the_stored_verdicts_are_of_the_table_of_policies() {
    let table = fs::read_to_string("testdata/policies/evaluator.txt").unwrap();
    let lines = table.lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
    let rows = stored();
    let policies: Vec<_> = rows.iter().map(line).collect();
    assert_eq!(lines.collect::<Vec<_>>(), policies);
    let unique: BTreeSet<_> = policies.iter().collect();
    assert_eq!(unique.len(), policies.len());
}

/// Words that mean something, and some that do not, run together in any order.
fn any_policy() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "(script-src(-elem|-attr)?|default-src|object-src|base-uri|sandbox|report-uri|foo)",
        "('(self|none|unsafe-inline|strict-dynamic|nonce-[a-z]{0,9}|sha256-[a-z]{0,5})'?)",
        "(https?://)?[*.a-z0-9:]{0,8}/?",
        "\\PC{0,4}",
        "(;|,| |\t|\u{a0})",
    ];
    proptest::collection::vec((word, "[ ;]?"), 0..14)
        .prop_map(|words| words.into_iter().map(|(word, end)| word + &end).collect())
}

proptest! {
    #[test]
    fn any_text_is_evaluated_and_places_lie_in_it(policy in any_policy()) {
        for weakness in evaluate(&policy, Checks::Strict) {
            let Some(span) = weakness.span else { continue };
            let text = policy.get(span);
            prop_assert!(text.is_some_and(|text| !text.is_empty()));
            if let Some(value) = &weakness.value {
                prop_assert_eq!(text, Some(value.as_str()));
            }
        }
    }
}
