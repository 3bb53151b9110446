//! `check` with any policies and any page: the same findings each time, a second policy allows nothing that the first blocks, what
//! `hash` makes for a page is no policy under which an inline resource of it is blocked, and a valid policy blocks what it does not
//! allow by its own sources, which is decided without the engine that `check` asks.
//!
//! An input is choices, a policy up to the first line feed, and the page.

use std::collections::BTreeSet;

use cspseal::check::{Checked, Checker, GoverningPolicy, Origin, Policies};
use cspseal::evaluate::Checks;
use cspseal::policy::{DirectiveName, Policy, PolicyBuilder};
use cspseal::site::Inventory;
use cspseal::template::Templates;
use cspseal::{Code, HashAlgorithm, InlineKind, ScanOptions, Severity, scan_page};

use crate::input::Input;

const SECOND: &[&str] = &[
    "default-src 'none'",
    "script-src 'self' 'unsafe-inline'; style-src *",
    "script-src 'nonce-abc' 'strict-dynamic'; base-uri 'none'",
    "sandbox; img-src *",
    "style-src 'unsafe-hashes' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
];

/// The findings about a resource that does not load or run.
const BLOCKED: &[Code] = &[
    Code::BlockedScript,
    Code::BlockedStyle,
    Code::BlockedHandler,
    Code::BlockedStyleAttribute,
    Code::BlockedJavascriptUrl,
    Code::BlockedExternalScript,
    Code::MissingNonce,
];

/// The findings about inline resources.
const INLINE: &[(Code, InlineKind)] = &[
    (Code::BlockedScript, InlineKind::Script),
    (Code::BlockedStyle, InlineKind::Style),
    (Code::BlockedHandler, InlineKind::EventHandler),
    (Code::BlockedStyleAttribute, InlineKind::StyleAttribute),
    (Code::BlockedJavascriptUrl, InlineKind::JavascriptUrl),
];

pub(crate) fn check(data: &[u8]) {
    let Some(input) = Input::read(data) else {
        return;
    };
    let end = input.text.iter().position(|b| *b == b'\n');
    let (policy, page) = input.text.split_at(end.unwrap_or(input.text.len()));
    let Ok(policy) = std::str::from_utf8(policy) else {
        return;
    };
    let report_only = input.flag(0);
    let checks = if input.flag(1) { Checks::Strict } else { Checks::Weaknesses };
    let governing = |text: &str| {
        let mut policy = GoverningPolicy::new(text, Origin::Named("--policy".to_owned()));
        policy.report_only = report_only;
        policy
    };
    let Some(first) = checked(page, checks, [governing(policy)]) else {
        return;
    };
    let again = checked(page, checks, [governing(policy)]).unwrap();
    assert_eq!(first.findings, again.findings, "{policy}");
    for finding in &first.findings {
        let places = finding.place.iter().chain(&finding.more);
        assert!(places.into_iter().all(|place| place.line >= 1 && place.column >= 1));
        assert!(!finding.message.is_empty() && !finding.help.is_empty());
    }
    let second = input.choose(SECOND);
    if let Some(both) = checked(page, checks, [governing(policy), governing(second)]) {
        let (one, both) = (blocked(&first), blocked(&both));
        assert!(
            one.is_subset(&both),
            "{:?} with {policy:?}, not with {second:?} as well",
            one.difference(&both).collect::<Vec<_>>()
        );
    }
    check_own(page);
    if !report_only {
        check_sources(page, policy, &first);
    }
}

/// Holds the inline resources that are blocked against those whose hashes a valid policy lacks.
fn check_sources(page: &[u8], policy: &str, checked: &Checked) {
    let Ok(policy) = Policy::parse(policy) else {
        return;
    };
    // A sandbox blocks scripts whatever their hashes, and so may a policy in the page; comments silence findings.
    let has = |word: &str| {
        let mut windows = page.windows(word.len());
        windows.any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    if policy.directive(DirectiveName::Sandbox).is_some()
        || ["http-equiv", "nonce", "sandbox", "cspseal"].iter().any(|word| has(word))
    {
        return;
    }
    let scan = |algorithm| scan_page("a.html", page, &options().with_algorithm(algorithm));
    let Ok(pages) = HashAlgorithm::ALL.iter().map(|algorithm| scan(*algorithm)).collect::<cspseal::Result<Vec<_>>>()
    else {
        return;
    };
    let mut expected = BTreeSet::new();
    for (index, inline) in pages[0].inlines().enumerate() {
        let check = inline.kind.check_type();
        let mut spellings = 0..inline.hashes.len();
        let allowed = spellings.all(|spelling| {
            pages.iter().any(|page| {
                let inline = page.inlines().nth(index).unwrap();
                policy.allows_hash(check, &inline.hashes[spelling])
            })
        });
        if !allowed {
            expected.insert((inline.location.line, inline.location.column, inline.kind.name()));
        }
    }
    let kind = |code: Code| {
        let at = INLINE.iter().find(|(known, _)| *known == code)?;
        Some(at.1.name())
    };
    let findings = checked.findings.iter();
    let found: BTreeSet<_> = findings
        .filter_map(|finding| Some((kind(finding.code)?, finding.place.iter().chain(&finding.more))))
        .flat_map(|(kind, places)| places.map(move |place| (place.line, place.column, kind)))
        .collect();
    assert_eq!(found, expected, "{policy}");
}

/// Under its own policy every inline resource of a page is allowed, unless `hash` says otherwise.
fn check_own(page: &[u8]) {
    let Ok(scanned) = scan_page("a.html", page, &options()) else {
        return;
    };
    // A policy in the page is one that nobody made for it.
    let has_meta = page.windows(10).any(|part| part.eq_ignore_ascii_case(b"http-equiv"));
    if has_meta || !scanned.nonced.is_empty() {
        return;
    }
    let mut findings = scanned.findings.clone();
    let mut inventory = Inventory::new(HashAlgorithm::Sha256);
    inventory.add(scanned).unwrap();
    let builder = PolicyBuilder::new(Some(Policy::preset_self())).with_unsafe_hashes(true);
    let site = builder.site(&inventory);
    findings.extend(builder.findings(&inventory, &site));
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return;
    }
    let own = GoverningPolicy::new(site.policy.to_string(), Origin::Named("own".to_owned()));
    let Some(checked) = checked(page, Checks::Weaknesses, [own]) else {
        return;
    };
    let is_inline = |code: Code| code != Code::BlockedExternalScript && BLOCKED.contains(&code);
    let blocked = checked.findings.iter().find(|finding| is_inline(finding.code));
    assert_eq!(blocked, None, "{}", site.policy);
}

fn options() -> ScanOptions {
    ScanOptions::new().with_templates(Templates::Off)
}

fn checked<const N: usize>(page: &[u8], checks: Checks, governing: [GoverningPolicy; N]) -> Option<Checked> {
    let mut policies = Policies::new();
    for policy in governing {
        policies.add(policy);
    }
    let checker = Checker::new(policies, &options()).with_checks(checks);
    let page = checker.page("a.html", "a.html", page).ok()?;
    Some(checker.finish([page]))
}

/// The places of what is blocked.
fn blocked(checked: &Checked) -> BTreeSet<(u64, u64)> {
    let findings = checked.findings.iter();
    findings
        .filter(|finding| BLOCKED.contains(&finding.code))
        .flat_map(|finding| finding.place.iter().chain(&finding.more))
        .map(|place| (place.line, place.column))
        .collect()
}
