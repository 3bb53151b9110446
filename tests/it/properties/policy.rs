//! Properties of policies, over bases and needs that nobody thought of.

#[path = "../../properties/policy.rs"]
mod properties;

use cspseal::policy::InlineCheckType;
use cspseal::{HashAlgorithm, HashSource};
use properties::Need;
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
    (select(&HashAlgorithm::ALL[..]), select(vec!["", "a", "b", "c", "d"]))
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
            names.iter().zip(lists).map(|(name, list)| format!("{name} {list}")).collect::<Vec<_>>()
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

fn needs() -> impl Strategy<Value = Vec<Need>> {
    vec((select(InlineCheckType::ALL), vec(hash(), 0..4)), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn needs_are_met_and_nothing_more_in_whatever_order(
        base in policy_text(),
        (needs, shuffled) in needs().prop_flat_map(|needs| (Just(needs.clone()), Just(needs).prop_shuffle())),
    ) {
        let base = properties::parsed(&base).unwrap();
        let others = HashAlgorithm::ALL.map(|algorithm| HashSource::of(algorithm, b"nobody's"));
        properties::check(&base, &needs, &shuffled, &others);
    }

    #[test]
    fn any_text_is_parsed_or_refused_with_places_inside_it(
        text in "(default-src|script-src|sandbox|report-to|[a-z-]{1,8}|'|\"|[ ;,:/*.\n]|nonce-|sha256-|[Aa-c=+_{}%é’\0]){0,30}",
    ) {
        properties::parsed(&text);
    }
}
