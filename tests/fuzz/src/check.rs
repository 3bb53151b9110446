//! `check` with any policies and any page: the same findings each time, a second policy allows nothing that the first blocks, and
//! what `hash` makes for a page is no policy under which an inline resource of it is blocked.
//!
//! An input is choices, a policy up to the first line feed, and the page.

use std::collections::BTreeSet;

use cspseal::check::{Checked, Checker, GoverningPolicy, Origin, Policies};
use cspseal::evaluate::Checks;
use cspseal::policy::{Policy, PolicyBuilder};
use cspseal::site::Inventory;
use cspseal::template::Templates;
use cspseal::{Code, HashAlgorithm, ScanOptions, Severity, scan_page};

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
    let checks = if input.flag(1) {
        Checks::Strict
    } else {
        Checks::Weaknesses
    };
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
        assert!(
            places
                .into_iter()
                .all(|place| place.line >= 1 && place.column >= 1)
        );
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
}

/// Under its own policy every inline resource of a page is allowed, unless `hash` says otherwise.
fn check_own(page: &[u8]) {
    let Ok(scanned) = scan_page("a.html", page, &options()) else {
        return;
    };
    // A policy in the page is one that nobody made for it.
    let has_meta = page
        .windows(10)
        .any(|part| part.eq_ignore_ascii_case(b"http-equiv"));
    if has_meta || !scanned.nonced.is_empty() {
        return;
    }
    let mut findings = scanned.findings.clone();
    let mut inventory = Inventory::new(HashAlgorithm::Sha256);
    inventory.add(scanned);
    let builder = PolicyBuilder::new(Some(Policy::preset_self())).with_unsafe_hashes(true);
    let site = builder.site(&inventory);
    findings.extend(builder.findings(&inventory, &site));
    if findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        return;
    }
    let own = GoverningPolicy::new(site.policy.to_string(), Origin::Named("own".to_owned()));
    let Some(checked) = checked(page, Checks::Weaknesses, [own]) else {
        return;
    };
    let is_inline = |code: Code| code != Code::BlockedExternalScript && BLOCKED.contains(&code);
    let blocked = checked
        .findings
        .iter()
        .find(|finding| is_inline(finding.code));
    assert_eq!(blocked, None, "{}", site.policy);
}

fn options() -> ScanOptions {
    ScanOptions::new().with_templates(Templates::Off)
}

fn checked<const N: usize>(
    page: &[u8],
    checks: Checks,
    governing: [GoverningPolicy; N],
) -> Option<Checked> {
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
