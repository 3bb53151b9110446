//! The pages that Chromium 156 and Firefox ESR 153 were run on under a policy, against `check`.
//!
//! Of each page `testdata/html/browser-cases.json` holds the bytes, the headers and what both browsers did. What either browser
//! blocked must be a finding, and nothing else may be one.

use std::collections::BTreeSet;

use cspseal::check::{Checker, GoverningPolicy, Origin, Policies};
use cspseal::{Code, ScanOptions};

use crate::support::browser_cases::{self, Case};

/// Group, case, reason.
type Exception = (&'static str, &'static str, &'static str);

/// Cases with a stated reason for not being as the browsers were seen to be.
const EXCEPTIONS: &[Exception] = &[
    ("template-for", "contentmethod", "template[for] is treated as live, since it is with a marker in the page"),
    ("template-for", "no marker", "template[for] is treated as live, since it is with a marker in the page"),
    (
        "element-kinds",
        "declarative shadow on bad host (a)",
        "inert content is checked once a script clones it, so it must be allowed, as `hash` does",
    ),
    (
        "element-kinds",
        "shadowrootmode=bad",
        "inert content is checked once a script clones it, so it must be allowed, as `hash` does",
    ),
    (
        "javascript-url-places",
        "a in template",
        "inert content is checked once a script clones it, so it must be allowed, as `hash` does",
    ),
    ("element-kinds", "noscript body", "styles in noscript are checked with scripting off"),
    ("element-kinds", "noscript head", "styles in noscript are checked with scripting off"),
    ("external-by-hash", "ext module integrity, dep listed hash only", "what a module in a file imports is not read"),
    ("external-by-hash", "inline hashed + strict-dynamic dynamic import()", "what a script loads is not known"),
    ("external-by-hash", "inline hashed document.write inline + strict-dynamic", "what a script writes is not known"),
    (
        "policies-and-nesting",
        "P report-only + enforce",
        "the violation was of a report-only header that the case does not hold",
    ),
    (
        "policies-and-nesting",
        "P sandbox",
        "neither browser ran the script, and neither reports what a sandbox stops as a violation",
    ),
    ("parser-and-meta", "form in table", "nobody submitted the form"),
];

trait Verdicts {
    fn checked(&self) -> BTreeSet<String>;
    fn blocked(&self) -> BTreeSet<String>;
}

impl Verdicts for Case {
    /// The directives by which `check` says that something is blocked; a script with a URL counts as `external`.
    fn checked(&self) -> BTreeSet<String> {
        let mut policies = Policies::new();
        for policy in self.policies() {
            policies.add(GoverningPolicy::new(policy, Origin::Named("header".into())));
        }
        let checker = Checker::new(policies, &ScanOptions::new().with_charset(self.charset()));
        let page = checker.page(self.path(), self.path(), &self.html()[..]);
        let page = page.unwrap();
        let checked = checker.finish([page]);
        let directives = checked.findings.iter().filter_map(|f| directive(f.code));
        directives.map(ToOwned::to_owned).collect()
    }

    /// The directives by which a browser blocked something.
    fn blocked(&self) -> BTreeSet<String> {
        let mut blocked = BTreeSet::new();
        for browser in ["chromium", "firefox"] {
            for violation in self.json[browser]["violations"].as_array().unwrap() {
                let directive = violation["directive"].as_str().unwrap();
                if violation["blockedURI"] == "inline" {
                    blocked.insert(directive.to_owned());
                } else if directive == "script-src-elem" {
                    blocked.insert("external".to_owned());
                }
            }
        }
        blocked
    }
}

fn directive(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::BlockedScript | Code::BlockedJavascriptUrl => "script-src-elem",
        Code::BlockedHandler => "script-src-attr",
        Code::BlockedStyle => "style-src-elem",
        Code::BlockedStyleAttribute => "style-src-attr",
        Code::BlockedExternalScript => "external",
        _ => return None,
    })
}

#[test]
fn check_blocks_what_browsers_block() {
    let cases = browser_cases::all();
    let mut faults = Vec::new();
    let mut compared = 0;
    let mut excepted: BTreeSet<&Exception> = BTreeSet::new();
    for case in cases.iter().filter(|case| !case.policies().is_empty()) {
        compared += 1;
        let (checked, blocked) = (case.checked(), case.blocked());
        if checked == blocked {
            continue;
        }
        let (group, id) = (case.text("group"), case.text("id"));
        let stated = |exception: &&Exception| exception.0 == group && exception.1 == id;
        match EXCEPTIONS.iter().find(stated) {
            Some(exception) => {
                excepted.insert(exception);
            }
            None => {
                let html = case.html();
                let html = String::from_utf8_lossy(&html).into_owned();
                let policies = case.policies();
                faults
                    .push(format!("{group} / {id}: check {checked:?}, browsers {blocked:?}\n  {policies:?}\n  {html}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}\n{}", faults.join("\n"), faults.len());
    let unneeded: Vec<_> = EXCEPTIONS.iter().filter(|e| !excepted.contains(e)).collect();
    assert_eq!(unneeded, Vec::<&Exception>::new());
    assert_eq!(compared, 445);
}
