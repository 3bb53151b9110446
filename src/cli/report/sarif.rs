//! `sarif`: SARIF 2.1.0, for code scanning.
//!
//! GitHub refuses a run with more than 25,000 results, a file over 10 MB, and a result without a location; see
//! [SARIF support](https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning).

use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Printer, Summary, left_out};
use crate::finding::{Code, Finding, Place, Severity};
use crate::hash::{HashAlgorithm, HashSource};
use crate::target::one_line;

/// What a report may hold.
struct Limits {
    results: usize,
    /// Bytes of all results; rules and the rest come to less than a million.
    bytes: usize,
    /// Locations of one result.
    locations: usize,
}

const GITHUB: Limits = Limits { results: 25_000, bytes: 9_000_000, locations: 1000 };

/// What can stand in a path as it is. A colon cannot: in the first segment it would end a scheme.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) const PRINTER: Printer =
    Printer { name: "sarif", about: "SARIF 2.1.0, for code scanning", is_for_people: false, print };

fn print(findings: &[Finding], summary: &Summary, out: &mut dyn Write) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, &log(findings, summary, &GITHUB)?)?;
    writeln!(out)?;
    Ok(())
}

fn log(findings: &[Finding], summary: &Summary, limits: &Limits) -> anyhow::Result<Value> {
    let codes: BTreeSet<Code> = findings.iter().map(|finding| finding.code).collect();
    let codes: Vec<Code> = codes.into_iter().collect();
    let results = Results::new(&codes, summary, limits)?.fitting(findings);
    let mut notifications = Vec::new();
    if results.len() < findings.len() {
        notifications.push(notification(format!(
            "The report holds {} of {} findings, errors first: more would be refused by code scanning. Fix or allow some, or check parts of the site by themselves.",
            results.len(),
            findings.len()
        )));
    }
    for rest in findings.iter().filter_map(left_out) {
        notifications.push(notification(format!("{rest}.")));
    }
    let longest = findings.iter().map(|finding| 1 + finding.more.len()).max();
    if longest.is_some_and(|longest| longest > limits.locations) {
        notifications.push(notification(format!("Of each finding the first {} places are named.", limits.locations)));
    }
    let mut log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "cspseal",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://crates.io/crates/cspseal",
                "rules": codes.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications,
            }],
        }],
    });
    // Moved: the macro would copy them.
    log["runs"][0]["results"] = Value::Array(results);
    Ok(log)
}

fn notification(text: String) -> Value {
    json!({"level": "warning", "message": {"text": text}})
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn rule(code: Code) -> Value {
    let text = code.explanation();
    let first = text.split("\n## ").next().unwrap_or_default();
    let first = first.split_once("\n\n").map_or(first, |(_, rest)| rest);
    let severity = level(code.severity());
    json!({
        "id": code.name(),
        "name": format!("{code:?}"),
        "shortDescription": {"text": code.summary()},
        "fullDescription": {"text": one_line(first.trim().replace('\n', " ").as_str())},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": severity},
        "properties": {
            "tags": ["content-security-policy"],
            "precision": "very-high",
            "problem.severity": if severity == "note" { "recommendation" } else { severity },
        },
    })
}

/// Makes results.
struct Results<'a> {
    codes: &'a [Code],
    origin: &'a str,
    limits: &'a Limits,
    /// The working folder, in which paths begin.
    root: String,
}

impl<'a> Results<'a> {
    fn new(codes: &'a [Code], summary: &'a Summary, limits: &'a Limits) -> anyhow::Result<Self> {
        let root = std::env::current_dir()?;
        Ok(Self { codes, origin: &summary.origin, limits, root: root.to_string_lossy().replace('\\', "/") })
    }

    /// Those that the limits leave, in their order: errors first when there is not room for all.
    fn fitting(&self, findings: &[Finding]) -> Vec<Value> {
        let numbers = self.numbers(findings);
        let mut room = (self.limits.results, self.limits.bytes);
        let mut kept: Vec<(usize, Value)> = Vec::new();
        for &severity in Severity::ALL {
            let all = findings.iter().enumerate();
            for (index, finding) in all.filter(|(_, finding)| finding.severity == severity) {
                let result = self.result(finding, self.path(finding), numbers[index]);
                let bytes = result.to_string().len() + 1;
                let (Some(results), Some(left)) = (room.0.checked_sub(1), room.1.checked_sub(bytes)) else {
                    // A shorter one behind it would fit; which are kept must not depend on lengths.
                    room = (0, 0);
                    break;
                };
                room = (results, left);
                kept.push((index, result));
            }
        }
        kept.sort_by_key(|(index, _)| *index);
        kept.into_iter().map(|(_, result)| result).collect()
    }

    /// The numbers of findings among those of the same kind, from one.
    fn numbers(&self, findings: &[Finding]) -> Vec<usize> {
        let mut seen: HashMap<(Code, &str, &str), usize> = HashMap::new();
        let mut numbers = Vec::with_capacity(findings.len());
        for finding in findings {
            let kind = (finding.code, self.path(finding), finding.message.as_str());
            let number = seen.entry(kind).or_default();
            *number += 1;
            numbers.push(*number);
        }
        numbers
    }

    /// The file that a finding is shown at.
    fn path<'f>(&self, finding: &'f Finding) -> &'f str
    where
        'a: 'f,
    {
        finding.place.as_ref().map_or(self.origin, |place| &*place.path)
    }

    fn result(&self, finding: &Finding, path: &str, of_this_kind: usize) -> Value {
        let (line, column) = finding.place.as_ref().map_or((1, 1), |place| (place.line, place.column));
        // Without the line, so that it stays when something above it changes.
        let identity = format!("{}\n{path}\n{}\n{of_this_kind}", finding.code, finding.message);
        let related = finding.more.iter().take(self.limits.locations - 1);
        let related = related.enumerate().map(|(index, place)| {
            let Place { path, line, column } = place;
            let mut location = self.location(path, *line, *column);
            location["id"] = json!(index + 1);
            location["message"] = json!({"text": "The same here."});
            location
        });
        json!({
            "ruleId": finding.code.name(),
            "ruleIndex": self.codes.binary_search(&finding.code).unwrap_or_default(),
            "level": level(finding.severity),
            "message": {"text": format!("{}. Next step: {}.", finding.message, finding.help)},
            "locations": [self.location(path, line, column)],
            "relatedLocations": related.collect::<Vec<_>>(),
            "partialFingerprints": {
                "cspsealFinding/v1": HashSource::of(HashAlgorithm::Sha256, identity.as_bytes()).unquoted(),
            },
        })
    }

    fn location(&self, path: &str, line: u64, column: u64) -> Value {
        json!({"physicalLocation": {
            "artifactLocation": self.artifact(path),
            "region": {"startLine": line, "startColumn": column},
        }})
    }

    fn artifact(&self, path: &str) -> Value {
        if path.starts_with("https://") || path.starts_with("http://") {
            // Of a response, not of a file.
            return json!({"uri": path.replace(' ', "%20")});
        }
        let inside = path.strip_prefix(&self.root).and_then(|path| path.strip_prefix('/'));
        let path = inside.unwrap_or(path);
        let path = path.strip_prefix("./").unwrap_or(path);
        let uri = utf8_percent_encode(path, ESCAPED).to_string();
        if Path::new(path).is_absolute() {
            return json!({"uri": format!("file://{}{uri}", if uri.starts_with('/') { "" } else { "/" })});
        }
        json!({"uri": uri, "uriBaseId": "%SRCROOT%"})
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{findings, printed, summary};
    use super::*;

    fn run(findings: &[Finding], limits: &Limits) -> Value {
        log(findings, &summary(), limits).unwrap()["runs"][0].clone()
    }

    /// The sample is held against the schema by `tests/lab/reports/run`.
    #[test]
    fn the_sample_is_what_is_printed() {
        let text = printed(&PRINTER, &findings());
        let path = "testdata/reports/findings.sarif";
        if std::env::var_os("UPDATE_REPORTS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(path).unwrap());
    }

    #[test]
    fn places_are_relative_uris_and_every_result_has_one() {
        let run = run(&findings(), &GITHUB);
        let uri = |index: usize| {
            let location = &run["results"][index]["locations"][0]["physicalLocation"];
            location["artifactLocation"].clone()
        };
        let relative = |uri: &str| json!({"uri": uri, "uriBaseId": "%SRCROOT%"});
        assert_eq!(uri(0), relative("csp.txt"));
        assert_eq!(uri(1), relative("a%2Cb%3A100%25.html"));
        assert_eq!(uri(2), relative("sub/%C3%A9%20b.html"));
        let here = std::env::current_dir().unwrap();
        let artifact = |path: &str| {
            let summary = summary();
            Results::new(&[], &summary, &GITHUB).unwrap().artifact(path)
        };
        let inside = format!("{}/x/y.html", here.display());
        assert_eq!(artifact(&inside), relative("x/y.html"));
        assert_eq!(artifact("./x.html"), relative("x.html"));
        if cfg!(unix) {
            assert_eq!(artifact("/a b.html"), json!({"uri": "file:///a%20b.html"}));
        }
    }

    #[test]
    fn each_result_names_its_rule() {
        let run = run(&findings(), &GITHUB);
        for result in run["results"].as_array().unwrap() {
            let index = result["ruleIndex"].as_u64().unwrap() as usize;
            let rule = &run["tool"]["driver"]["rules"][index];
            assert_eq!(rule["id"], result["ruleId"]);
        }
    }

    #[test]
    fn fingerprints_differ_and_outlive_a_moved_line() {
        let mut findings = findings();
        findings.push(findings[1].clone());
        let prints = |findings: &[Finding]| -> Vec<String> {
            let run = run(findings, &GITHUB);
            let results = run["results"].as_array().unwrap().iter();
            results.map(|result| result["partialFingerprints"].to_string()).collect()
        };
        let before = prints(&findings);
        assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), 4);
        findings[1].place.as_mut().unwrap().line = 99;
        assert_eq!(prints(&findings), before);
    }

    #[test]
    fn what_is_too_much_is_cut_and_said() {
        let findings: Vec<Finding> = findings().into_iter().cycle().take(300).collect();
        let codes = |run: &Value| -> Vec<String> {
            let results = run["results"].as_array().unwrap().iter();
            results.map(|result| result["ruleId"].to_string()).collect()
        };
        let said = |run: &Value| run["invocations"][0]["toolExecutionNotifications"].to_string();
        let whole = run(&findings, &GITHUB);
        assert_eq!((codes(&whole).len(), &*said(&whole)), (300, "[]"));
        for limits in [Limits { results: 150, ..GITHUB }, Limits { bytes: 150 * 500, ..GITHUB }] {
            let cut = run(&findings, &limits);
            let kept = codes(&cut);
            assert!(kept.len() > 100 && kept.len() <= 150, "{}", kept.len());
            let errors = kept.iter().filter(|code| *code == "\"blocked-script\"");
            assert_eq!(errors.count(), 100);
            let message = format!("The report holds {} of 300 findings", kept.len());
            assert!(said(&cut).contains(&message), "{}", said(&cut));
        }
        let mut many = findings[1].clone();
        many.more = vec![many.more[0].clone(); 50];
        let run = run(&[many], &Limits { locations: 20, ..GITHUB });
        let related = run["results"][0]["relatedLocations"].as_array().unwrap();
        assert_eq!(related.len(), 19);
        assert!(said(&run).contains("the first 20 places"), "{}", said(&run));
    }

    #[test]
    fn the_largest_report_that_can_be_is_below_ten_megabytes() {
        let mut finding = findings().remove(1);
        finding.message = "x".repeat(100_000);
        let text = printed(&PRINTER, &vec![finding; 120]);
        assert!(text.len() > 8_800_000 && text.len() < 10_000_000, "{}", text.len());
    }
}
