//! `json`: the findings for other programs. The README documents the schema.

use std::io::Write;
use std::num::NonZeroUsize;

use serde::Serialize;

use super::{Printer, Summary, counts};
use crate::finding::{Finding, Place, Severity};

/// The version of the schema; it changes when a reader of the old one could misread the new one.
const VERSION: u32 = 1;

pub(super) const PRINTER: Printer =
    Printer { name: "json", about: "for other programs; the schema is in the README", is_for_people: false, print };

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    generator: &'static str,
    summary: SummaryEntry,
    findings: Vec<FindingEntry<'a>>,
}

#[derive(Serialize)]
struct SummaryEntry {
    pages: usize,
    inlines: u64,
    policies: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    code: &'static str,
    severity: String,
    path: Option<String>,
    line: Option<u64>,
    column: Option<u64>,
    message: &'a str,
    help: &'a str,
    /// How many more of this code are not listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<NonZeroUsize>,
}

fn print(findings: &[Finding], summary: &Summary, out: &mut dyn Write) -> anyhow::Result<()> {
    let counts = counts(findings);
    let count = |severity| counts.get(&severity).copied().unwrap_or(0);
    let document = Document {
        version: VERSION,
        generator: concat!("cspseal ", env!("CARGO_PKG_VERSION")),
        summary: SummaryEntry {
            pages: summary.pages,
            inlines: summary.inlines,
            policies: summary.policies,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
        },
        findings: findings.iter().flat_map(entries).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)?;
    Ok(())
}

/// One for each place.
fn entries(finding: &Finding) -> impl Iterator<Item = FindingEntry<'_>> {
    let last = finding.more.len();
    let entry = move |(index, place): (usize, Option<&'_ Place>)| FindingEntry {
        code: finding.code.name(),
        severity: finding.severity.to_string(),
        path: place.map(|place| place.path.to_string()),
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
        message: &finding.message,
        help: &finding.help,
        left_out: NonZeroUsize::new(finding.left_out).filter(|_| index == last),
    };
    let more = finding.more.iter().map(Some);
    std::iter::once(finding.place.as_ref()).chain(more).enumerate().map(entry)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{findings, printed};
    use super::*;

    #[test]
    fn every_part_of_a_finding_is_there() {
        let text = printed(&PRINTER, &findings());
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            value["summary"],
            serde_json::json!({
                "pages": 2, "inlines": 5, "policies": 1, "errors": 2, "warnings": 2, "notes": 0
            })
        );
        assert_eq!(
            value["findings"][1],
            serde_json::json!({
                "code": "blocked-script",
                "severity": "error",
                "path": "a,b:100%.html",
                "line": 2,
                "column": 3,
                "message": "blocked: 50%\r\n::error::x",
                "help": "allow it"
            })
        );
        assert_eq!(value["findings"][0]["path"], serde_json::Value::Null);
        assert_eq!(value["findings"][2]["code"], "blocked-script");
        assert_eq!(value["findings"][2]["path"], "sub/é b.html");
        assert_eq!(value["findings"].as_array().unwrap().len(), 4);
    }
}
