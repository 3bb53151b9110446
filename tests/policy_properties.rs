//! Properties of policies, over bases and needs that nobody thought of.

use cspseal::policy::{InlineCheckType, Policy, PolicyChange};
use cspseal::{HashAlgorithm, HashSource};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const SOURCE_DIRECTIVES: &[&str] = &[
    "default-src",
    "script-src",
    "script-src-elem",
    "script-src-attr",
    "style-src",
    "style-src-elem",
    "style-src-attr",
    "IMG-SRC",
    "base-uri",
];

const OTHER_DIRECTIVES: &[&str] = &[
    "sandbox allow-scripts",
    "upgrade-insecure-requests",
    "report-uri /csp?a=1",
    "frame-ancestors 'none'",
    "trusted-types a 'allow-duplicates'",
];

fn hash() -> impl Strategy<Value = HashSource> {
    // Few texts, so that bases and needs share some; the empty one is among them.
    (
        select(&HashAlgorithm::ALL[..]),
        select(vec!["", "a", "b", "c", "d"]),
    )
        .prop_map(|(algorithm, text)| HashSource::of(algorithm, text.as_bytes()))
}

fn source() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "'self'",
            "'Unsafe-Inline'",
            "'unsafe-hashes'",
            "'strict-dynamic'",
            "'report-sample'",
            "HTTPS:",
            "*",
            "*.Example.com:*",
            "wss://a.example:443/it's/%20",
            "'nonce-abc='",
        ])
        .prop_map(str::to_owned),
        hash().prop_map(|hash| hash.to_string()),
        hash().prop_map(|hash| hash.to_string().replace('+', "-").replace("sha", "SHA")),
    ]
}

fn source_list() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => Just("'none'".to_owned()),
        4 => vec(source(), 0..5).prop_map(|sources| sources.join(" \t")),
    ]
}

fn policy_text() -> impl Strategy<Value = String> {
    let with_sources = subsequence(SOURCE_DIRECTIVES, 0..=SOURCE_DIRECTIVES.len())
        .prop_flat_map(|names| {
            let lists = vec(source_list(), names.len());
            (Just(names), lists)
        })
        .prop_map(|(names, lists)| {
            names
                .iter()
                .zip(lists)
                .map(|(name, list)| format!("{name} {list}"))
                .collect::<Vec<_>>()
        });
    let others = subsequence(OTHER_DIRECTIVES, 0..=OTHER_DIRECTIVES.len());
    (with_sources, others)
        .prop_map(|(mut directives, others)| {
            directives.extend(others.into_iter().map(str::to_owned));
            directives
        })
        .prop_shuffle()
        .prop_map(|directives| directives.join(";\n"))
}

type Need = (InlineCheckType, Vec<HashSource>);

fn needs() -> impl Strategy<Value = Vec<Need>> {
    vec((select(InlineCheckType::ALL), vec(hash(), 0..4)), 0..6)
}

fn merged(base: &str, needs: &[Need]) -> (Policy, Vec<PolicyChange>) {
    let mut policy = Policy::parse(base).unwrap_or_else(|problems| panic!("{base}: {problems}"));
    let changes = needs
        .iter()
        .flat_map(|(check, hashes)| policy.allow_inline(*check, hashes.clone()))
        .collect();
    (policy, changes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn parsing_a_serialized_policy_gives_it_back(base in policy_text(), needs in needs()) {
        let (policy, _) = merged(&base, &needs);
        let text = policy.to_string();
        let again = Policy::parse(&text).unwrap();
        prop_assert_eq!(again.to_string(), text);
        prop_assert_eq!(again, policy);
    }

    #[test]
    fn a_serialized_policy_is_safe_in_a_header(base in policy_text(), needs in needs()) {
        let (policy, _) = merged(&base, &needs);
        let text = policy.serialize();
        prop_assert!(text.as_str().bytes().all(|b| (b.is_ascii_graphic() || b == b' ') && b != b','));
        prop_assert!(!text.as_str().contains("  ") && !text.as_str().ends_with(';'));
        prop_assert_eq!(text.as_str().trim(), text.as_str());
    }

    #[test]
    fn the_order_of_needs_does_not_matter(
        base in policy_text(),
        (needs, shuffled) in needs().prop_flat_map(|needs| (Just(needs.clone()), Just(needs).prop_shuffle())),
    ) {
        let (policy, mut changes) = merged(&base, &needs);
        let (other, mut other_changes) = merged(&base, &shuffled);
        prop_assert_eq!(policy.to_string(), other.to_string());
        changes.sort();
        changes.dedup();
        other_changes.sort();
        other_changes.dedup();
        prop_assert_eq!(changes, other_changes);
    }

    #[test]
    fn what_was_asked_for_is_allowed(base in policy_text(), needs in needs()) {
        let (policy, _) = merged(&base, &needs);
        for (check, hashes) in &needs {
            for hash in hashes {
                prop_assert!(policy.allows_hash(*check, hash), "{} {:?} {}", policy, check, hash);
            }
        }
    }

    #[test]
    fn merging_twice_changes_nothing_more(base in policy_text(), needs in needs()) {
        let (mut policy, _) = merged(&base, &needs);
        let before = policy.clone();
        for (check, hashes) in &needs {
            prop_assert_eq!(policy.allow_inline(*check, hashes.clone()), []);
        }
        prop_assert_eq!(policy, before);
    }

    #[test]
    fn merging_takes_nothing_from_the_base_but_none(base in policy_text(), needs in needs()) {
        let before = Policy::parse(&base).unwrap();
        let (policy, _) = merged(&base, &needs);
        for directive in before.directives() {
            let after = policy.directive(directive.name()).unwrap();
            let kept = directive.to_string().replace(" 'none'", "");
            prop_assert!(after.to_string().starts_with(&kept), "{} in {}", directive, policy);
        }
    }

    #[test]
    fn any_text_is_parsed_or_refused_with_places_inside_it(
        text in "(default-src|script-src|sandbox|report-to|[a-z-]{1,8}|'|\"|[ ;,:/*.\n]|nonce-|sha256-|[Aa-c=+_{}%é’\0]){0,30}",
    ) {
        match Policy::parse(&text) {
            Ok(policy) => prop_assert_eq!(Policy::parse(&policy.to_string()), Ok(policy)),
            Err(problems) => for problem in &problems {
                let place = text.get(problem.span());
                prop_assert!(place.is_some_and(|place| !place.is_empty()), "{:?}", problem);
                prop_assert!(!problem.to_string().contains(['\0', '\n']));
            },
        }
    }
}
