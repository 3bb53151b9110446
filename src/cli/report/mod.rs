//! How findings are shown, and what they make of a run.

mod github;
pub(super) mod human;
mod json;
mod sarif;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use encoding_rs::Encoding;

use super::{Outcome, plural};
use crate::finding::{Finding, Levels, Severity};
use crate::site::{PageFile, Reach, open};
use crate::target::one_line;

/// A way to show findings.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Printer {
    /// The name that `--format` takes.
    pub(in crate::cli) name: &'static str,
    /// The purpose in a few words.
    pub(in crate::cli) about: &'static str,
    /// Whether people read it. They get alike findings as one, and notes only on request; programs look for those of a page.
    pub(in crate::cli) is_for_people: bool,
    /// Prints findings in the order they have.
    ///
    /// Only `human` prints colors: its `out` strips them where they are not wanted.
    pub(in crate::cli) print: fn(&[Finding], &Summary, &mut dyn Write) -> anyhow::Result<()>,
}

/// Every way, the default first.
pub(in crate::cli) const PRINTERS: &[Printer] = &[human::PRINTER, json::PRINTER, sarif::PRINTER, github::PRINTER];

/// What a run looked at.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Summary<'a> {
    /// How many pages.
    pub(in crate::cli) pages: usize,
    /// How many inline resources.
    pub(in crate::cli) inlines: u64,
    /// How many policies, alike ones once.
    pub(in crate::cli) policies: usize,
    /// The one line for a run without findings, without the program's name.
    pub(in crate::cli) clean: String,
    /// The file at which code scanning shows findings about the policy as a whole.
    pub(in crate::cli) origin: String,
    /// What is read again for people.
    pub(in crate::cli) quoted: Quoted<'a>,
}

/// What is read again to show the lines that findings are about.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Quoted<'a> {
    /// The encoding of the pages, if that is known.
    pub(in crate::cli) charset: Option<&'static Encoding>,
    /// The pages, sorted by name.
    pub(in crate::cli) pages: &'a [PageFile],
    /// How far the paths of other files may lead; [`None`] if no other file is read again.
    pub(in crate::cli) others: Option<&'a Reach>,
    /// The other files of which nothing is shown.
    pub(in crate::cli) hidden: &'a [String],
}

impl Quoted<'_> {
    /// Opens a file that was read before; [`None`] for one of which nothing is shown.
    fn open(&self, path: &str) -> Option<File> {
        match self.page(path) {
            // From a pipe nothing would come.
            Some(page) => (page.is_file() && page.is_shown()).then(|| open(page).ok())?,
            None if self.hides(path) => None,
            None => {
                let path = Path::new(path);
                let others = self.others.filter(|_| path.is_file())?;
                others.open(path).ok()
            }
        }
    }

    /// Whether nothing may be shown of a file.
    fn hides(&self, path: &str) -> bool {
        match self.page(path) {
            Some(page) => !page.is_shown(),
            None => self.hidden.iter().any(|hidden| hidden == path),
        }
    }

    /// Leaves out of findings what may be from a file of which nothing is shown.
    pub(in crate::cli) fn hide(&self, findings: &mut [Finding]) {
        let is_hidden = |finding: &&mut Finding| {
            let place = finding.place.as_ref();
            place.is_some_and(|place| self.hides(&place.path))
        };
        findings.iter_mut().filter(is_hidden).for_each(Finding::hide);
    }

    fn page(&self, path: &str) -> Option<&PageFile> {
        let at = self.pages.binary_search_by(|page| (*page.name).cmp(path));
        self.pages.get(at.ok()?)
    }
}

impl Summary<'_> {
    /// Prints the last line for a person.
    fn finish(&self, findings: &[Finding], out: &mut dyn Write) -> anyhow::Result<()> {
        let line = self.line(&counts(findings));
        Ok(writeln!(out, "cspseal: {}", one_line(&line))?)
    }

    /// The last line for a person, without the program's name.
    fn line(&self, counts: &Counts) -> String {
        let pages = plural(self.pages, "page");
        match said(counts) {
            Some(said) => format!("{said} in {pages}"),
            None => self.clean.clone(),
        }
    }
}

/// How many findings there are of each severity, each place counted.
type Counts = BTreeMap<Severity, usize>;

/// Puts what is about a policy as a whole first, then goes page by page.
pub(in crate::cli) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| {
            let place = finding.place.clone();
            let is_stdin = place.as_ref().is_some_and(|place| &*place.path == "-");
            (is_stdin, place, finding.code)
        };
        key(a).cmp(&key(b))
    });
}

/// Shows the findings that the levels leave, on standard error.
pub(super) fn finish(findings: Vec<Finding>, levels: &Levels, quoted: Quoted<'_>) -> Outcome {
    Ready::new(findings, levels, quoted).finish()
}

/// Findings that the levels leave, with the lines that they are about as those are now: what is written then may move them.
pub(super) struct Ready {
    findings: Vec<Finding>,
    sources: human::Sources,
}

impl Ready {
    pub(super) fn new(mut findings: Vec<Finding>, levels: &Levels, quoted: Quoted<'_>) -> Self {
        levels.apply(&mut findings);
        quoted.hide(&mut findings);
        let sources = human::Sources::read(&findings, quoted);
        Self { findings, sources }
    }

    /// Shows them on standard error.
    pub(super) fn finish(&self) -> Outcome {
        human::print_findings(&self.findings, &self.sources);
        outcome(&self.findings)
    }
}

/// What findings make of a run.
pub(super) fn outcome(findings: &[Finding]) -> Outcome {
    let mut severities = findings.iter().map(|finding| finding.severity);
    if severities.any(|severity| severity == Severity::Error) { Outcome::Findings } else { Outcome::Done }
}

/// How many errors and warnings there are, each place counted.
fn counts(findings: &[Finding]) -> Counts {
    let count = |severity: &Severity| {
        let of_severity = findings.iter().filter(|f| f.severity == *severity);
        let count = of_severity.map(Finding::count).sum();
        (*severity, count)
    };
    Severity::ALL.iter().map(count).collect()
}

/// The sentence about the findings of the same code that are not listed.
fn left_out(finding: &Finding) -> Option<String> {
    let verb = if finding.left_out == 1 { "is" } else { "are" };
    let rest = plural(finding.left_out, "more finding");
    (finding.left_out > 0).then(|| format!("{rest} of {} {verb} not listed", finding.code))
}

/// `8 errors, 2 warnings`, if there are any.
fn said(counts: &Counts) -> Option<String> {
    let parts: Vec<String> = counts
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(severity, count)| plural(*count, severity.name()))
        .rev()
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Code, Place};

    fn place(path: &str, line: u64, column: u64) -> Place {
        Place { path: path.into(), line, column }
    }

    /// One about the policy and two at pages, with what needs escapes.
    pub(super) fn findings() -> Vec<Finding> {
        let mut script = Finding::new(Code::BlockedScript, "blocked: 50%\r\n::error::x", "allow it").at(place(
            "a,b:100%.html",
            2,
            3,
        ));
        script.more.push(place("sub/é b.html", 4, 5));
        vec![
            Finding::new(Code::OrphanedHash, "nothing has 'sha256-x'", "take it out"),
            script,
            Finding::new(Code::UnclosedScript, "not closed", "close it").at(place("sub/é b.html", 1, 1)),
        ]
    }

    pub(super) fn summary() -> Summary<'static> {
        Summary {
            pages: 2,
            inlines: 5,
            policies: 1,
            clean: "2 pages, 5 inline resources, all allowed".to_owned(),
            origin: "csp.txt".to_owned(),
            quoted: Quoted::default(),
        }
    }

    pub(super) fn printed(printer: &Printer, findings: &[Finding]) -> String {
        let mut out = Vec::new();
        (printer.print)(findings, &summary(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn pages_are_in_order_behind_the_policy() {
        let at = |path, line, code| Finding::new(code, "", "").at(place(path, line, 1));
        let mut findings = vec![
            at("-", 1, Code::BlockedScript),
            at("b.html", 1, Code::BlockedScript),
            at("a.html", 10, Code::BlockedScript),
            at("a.html", 9, Code::UnclosedScript),
            at("a.html", 9, Code::BlockedStyle),
            Finding::new(Code::OrphanedHash, "", ""),
        ];
        sort(&mut findings);
        let order: Vec<String> = findings
            .iter()
            .map(|finding| {
                let place = finding.place.as_ref();
                place.map_or("policy".to_owned(), |place| format!("{}:{} {}", place.path, place.line, finding.code))
            })
            .collect();
        assert_eq!(
            order,
            [
                "policy",
                "a.html:9 blocked-style",
                "a.html:9 unclosed-script",
                "a.html:10 blocked-script",
                "b.html:1 blocked-script",
                "-:1 blocked-script"
            ]
        );
    }

    #[test]
    fn a_clean_run_is_one_line_for_people_and_no_finding_for_programs() {
        let line = "cspseal: 2 pages, 5 inline resources, all allowed\n";
        assert_eq!(printed(&human::PRINTER, &[]), line);
        assert_eq!(printed(&github::PRINTER, &[]), line);
        let json: serde_json::Value = serde_json::from_str(&printed(&json::PRINTER, &[])).unwrap();
        assert_eq!(json["findings"], serde_json::json!([]));
        let sarif: serde_json::Value = serde_json::from_str(&printed(&sarif::PRINTER, &[])).unwrap();
        assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
    }

    #[test]
    fn every_format_reports_how_many_are_not_listed() {
        let mut findings = findings();
        findings[1].left_out = 1_234;
        for printer in PRINTERS {
            let text = printed(printer, &findings);
            let expected = match printer.name {
                "json" => "\"left_out\": 1234",
                _ => "1234 more findings of blocked-script are not listed",
            };
            assert_eq!(text.matches(expected).count(), 1, "{text}");
        }
        assert_eq!(said(&counts(&findings)).unwrap(), "1236 errors, 2 warnings");
    }

    #[test]
    fn names_are_one_word_and_descriptions_one_line() {
        let names: Vec<&str> = PRINTERS.iter().map(|printer| printer.name).collect();
        assert_eq!(names, ["human", "json", "sarif", "github"]);
        for printer in PRINTERS {
            let about = printer.about;
            assert!(about.len() > 10 && one_line(about) == about, "{about}");
        }
    }

    #[test]
    fn only_people_get_colours() {
        for printer in PRINTERS {
            let is_coloured = printed(printer, &findings()).contains('\u{1b}');
            assert_eq!(is_coloured, printer.name == "human", "{}", printer.name);
        }
    }
}
