//! The pages that Chromium 156 and Firefox ESR 153 were run on, against the scan.
//!
//! Of each page `testdata/html/browser-cases.json` holds the bytes, the headers and what both browsers did. Under
//! a policy that blocks everything inline, the hashes that the browsers asked for must be those of the scan;
//! under any other policy the scan with [`Policy::allows_hash`] must say what the browsers did.

use std::collections::BTreeSet;

use cspseal::policy::Policy;
use cspseal::{HashAlgorithm, HashSource, Inline, InlineKind, Page, ScanOptions, scan_page};
use serde_json::Value;

use crate::support::browser_cases::{self, Case};

/// In the policies of the cases, a hash that nothing has: everything inline is blocked.
const BOGUS: &str = "'sha256-AAAEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFA='";

/// Group, case, reason.
type Exception = (&'static str, &'static str, &'static str);

/// Cases with a stated reason for not being as the rule above says.
const EXCEPTIONS: &[Exception] = &[
    ("template-for", "contentmethod", "template[for] is treated as live, since it is with a marker in the page"),
    ("template-for", "no marker", "template[for] is treated as live, since it is with a marker in the page"),
    ("element-kinds", "noscript body", "styles in noscript are checked with scripting off"),
    ("element-kinds", "noscript head", "styles in noscript are checked with scripting off"),
    ("javascript-url-places", "style url", "the case was only read for the URL, not for its style"),
    (
        "parser-and-meta",
        "undeclared utf8 long",
        "both browsers guess windows-1252 here; UTF-8, which is another guess, is hashed too",
    ),
    ("parser-and-meta", "url-sha256 data URL", "the policy has a source that no base may have"),
    ("parser-and-meta", "eval w/ hash sha256 only", "the script is allowed by its nonce"),
];

/// What the two browsers did with a case.
trait Seen {
    fn scan(&self) -> Page;
    fn hashes(&self, browser: &str) -> BTreeSet<String>;
    fn violations(&self, browser: &str, directive: &str) -> usize;
    fn any_violation(&self, browser: &str) -> bool;
}

impl Seen for Case {
    fn scan(&self) -> Page {
        let options = ScanOptions::new().with_charset(self.charset());
        scan_page(self.path(), &self.html()[..], &options).unwrap()
    }

    /// The hashes that a browser's console named.
    fn hashes(&self, browser: &str) -> BTreeSet<String> {
        let hashes = self.json[browser]["hashes"].as_array().unwrap();
        hashes.iter().map(|h| format!("'{}'", h.as_str().unwrap())).collect()
    }

    /// The inline violations of a directive that a browser reported.
    fn violations(&self, browser: &str, directive: &str) -> usize {
        let violations = self.json[browser]["violations"].as_array().unwrap();
        let counts = |v: &&Value| v["blockedURI"] == "inline" && v["directive"] == directive;
        violations.iter().filter(counts).count()
    }

    fn any_violation(&self, browser: &str) -> bool {
        let violations = self.json[browser]["violations"].as_array().unwrap();
        violations.iter().any(|v| v["blockedURI"] == "inline")
    }
}

/// The groups that are about what is hashed; the others are about policies, and `check` is held against them.
const GROUPS: [&str; 6] = [
    "text-and-encoding",
    "element-kinds",
    "attributes-and-javascript-urls",
    "javascript-url-places",
    "parser-and-meta",
    "template-for",
];

fn cases() -> Vec<Case> {
    let cases = browser_cases::all().into_iter();
    cases.filter(|case| GROUPS.contains(&case.text("group"))).collect()
}

fn spelled(inline: &Inline<'_>) -> impl Iterator<Item = String> {
    inline.hashes.iter().map(ToString::to_string)
}

/// Under a policy that blocks everything.
fn check_blocked(case: &Case, page: &Page) -> Vec<String> {
    let mut faults = Vec::new();
    let live: Vec<Inline<'_>> = page.inlines().filter(|i| !i.in_template()).collect();
    let ours: BTreeSet<String> = live.iter().flat_map(spelled).collect();
    let (chromium, firefox) = (case.hashes("chromium"), case.hashes("firefox"));
    for hash in chromium.union(&firefox) {
        if !ours.contains(hash) {
            faults.push(format!("missing {hash}"));
        }
    }
    for inline in live {
        let asked = spelled(&inline).any(|h| chromium.contains(&h) || firefox.contains(&h));
        // Chromium names no hash for these, and Firefox none for what it does not check.
        let reported = match inline.kind {
            InlineKind::EventHandler => case.violations("chromium", "script-src-attr") > 0,
            InlineKind::JavascriptUrl => case.violations("chromium", "script-src-elem") > 0 || not_activated(case),
            _ => false,
        };
        if !asked && !reported {
            faults.push(format!("too many: {inline:?}"));
        }
    }
    faults
}

/// Whether a URL of the case is one that nobody clicked.
fn not_activated(case: &Case) -> bool {
    case.text("group") != "javascript-url-places"
}

/// Under a policy that allows something.
fn check_allowed(case: &Case, page: &Page, policy: &Policy) -> Vec<String> {
    let live = || page.inlines().filter(|i| !i.in_template());
    let mut faults = Vec::new();
    for browser in ["chromium", "firefox"] {
        let blocks = |inline: &Inline<'_>| {
            // Firefox hashes the first spelling of a URL, Chromium the last.
            let hash = if browser == "firefox" { inline.hashes.first() } else { inline.hashes.last() };
            !policy.allows_hash(inline.kind.check_type(), hash.unwrap())
        };
        let expected = live().any(|inline| blocks(&inline) && checked_by(browser, case));
        if expected != case.any_violation(browser) {
            faults.push(format!("{browser}: expected a violation: {expected}"));
        }
    }
    faults
}

/// What only one browser checks, by the names of the cases.
fn checked_by(browser: &str, case: &Case) -> bool {
    match (browser, case.text("id")) {
        // Only Firefox follows links in MathML.
        ("chromium", "math href") => false,
        // Firefox did not get to load or to report these.
        ("firefox", "iframe lazy src" | "iframe sandbox src" | "iframe srcdoc a") => false,
        _ => true,
    }
}

#[test]
fn the_scan_hashes_what_browsers_ask_for() {
    let cases = cases();
    assert_eq!(cases.len(), 460);
    let mut faults = Vec::new();
    let mut compared = 0;
    let mut excepted: BTreeSet<&Exception> = BTreeSet::new();
    for case in &cases {
        let page = case.scan();
        let found = match &case.policies()[..] {
            [policy] if policy.contains(BOGUS) => check_blocked(case, &page),
            [text] => match Policy::parse(text) {
                Ok(policy) => check_allowed(case, &page, &policy),
                Err(error) => vec![error.to_string()],
            },
            _ => continue,
        };
        compared += 1;
        if found.is_empty() {
            continue;
        }
        let stated = |(group, id, _): &&Exception| *group == case.text("group") && *id == case.text("id");
        match EXCEPTIONS.iter().find(stated) {
            Some(exception) => {
                excepted.insert(exception);
            }
            None => {
                let (group, id, html) = (case.text("group"), case.text("id"), case.html());
                let html = String::from_utf8_lossy(&html);
                faults.push(format!("{group} / {id}: {found:?}\n  {html}"));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    let unneeded = EXCEPTIONS.iter().filter(|exception| !excepted.contains(exception));
    assert_eq!(unneeded.collect::<Vec<_>>(), Vec::<&Exception>::new());
    assert_eq!(compared, 316);
}

#[test]
fn undeclared_characters_are_reported_in_every_case_that_has_them() {
    let undeclared: Vec<String> = cases()
        .iter()
        .filter(|case| case.is_html() && !case.scan().findings.is_empty())
        .filter(|case| case.charset().is_none())
        .map(|case| case.text("id").to_owned())
        .collect();
    let want =
        ["nometa-default", "undeclared utf8 long", "meta charset in title", "noscript meta charset", "meta utf-7"];
    assert_eq!(undeclared, want);
}

#[test]
fn the_bogus_hash_is_one_that_nothing_has() {
    let empty = HashSource::of(HashAlgorithm::Sha256, b"");
    assert_ne!(empty.to_string(), BOGUS);
}
