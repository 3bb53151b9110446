//! Properties of any input: anybody can send a report.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Kind, LONGEST, Table, merge, read};
use crate::finding::Code;
use crate::policy::{DirectiveName, Policy, SourceExpression};

fn table(text: &[u8]) -> Table {
    let mut table = Table::default();
    read("r", text, &mut table).unwrap();
    table
}

/// Words that reports have, with others between them.
fn word() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "inline",
        "eval",
        "data",
        "blob:",
        "https://",
        "*",
        "a.test",
        ":443",
        "'unsafe-inline'",
        ";",
        ",",
        " ",
        "'self'",
        "/",
        "chrome-extension",
        "xn--",
        "é",
        "\u{1b}[2J",
        "\u{202e}",
        "\n",
        "\"",
        "[::1]",
        "@",
        "%2a",
        "'none'",
        "ws://",
        "http:",
    ];
    let word =
        prop_oneof![proptest::sample::select(WORDS).prop_map(ToOwned::to_owned), any::<char>().prop_map(String::from),];
    proptest::collection::vec(word, 0..5).prop_map(|words| words.concat())
}

fn directive() -> impl Strategy<Value = String> {
    let known = proptest::sample::select(&DirectiveName::ALL[..]);
    prop_oneof![8 => known.prop_map(|name| name.to_string()), 1 => word()]
}

fn report() -> impl Strategy<Value = Value> {
    let parts = (directive(), word(), word(), any::<Option<u64>>(), any::<bool>());
    parts.prop_map(|(directive, blocked, other, number, is_old)| match is_old {
        true => json!({"csp-report": {"effective-directive": directive, "blocked-uri": blocked, "script-sample": other,
            "document-uri": other, "line-number": number, "original-policy": other}}),
        false => json!({"type": "csp-violation", "time": number, "body": {"effectiveDirective": directive, "blockedURL": blocked,
            "sample": other, "documentURL": other, "lineNumber": number, "sourceFile": other}}),
    })
}

proptest! {
    #[test]
    fn a_report_adds_hosts_and_nothing_else(reports in proptest::collection::vec(report(), 1..8)) {
        let table = table(json!(reports).to_string().as_bytes());
        prop_assert_eq!(table.reports, reports.len() as u64);
        let base = "default-src 'none'; script-src 'nonce-a' 'strict-dynamic'; style-src 'self'; form-action 'self'; sandbox";
        let base = Policy::parse(base).unwrap();
        let mut policy = base.clone();
        let left_out = merge(&mut policy, &table);
        let text = policy.to_string();
        prop_assert_eq!(Policy::parse(&text).unwrap(), policy.clone());
        for directive in policy.directives() {
            let given = base.effective_directive(directive.name()).unwrap().sources();
            let added = directive.sources().iter().filter(|source| !given.contains(source));
            for source in added {
                let is_code = directive.name().is_script() || directive.name() == DirectiveName::ObjectSrc;
                match source {
                    SourceExpression::Host(host) => prop_assert!(!host.to_string().contains('*')),
                    SourceExpression::Scheme(scheme) => {
                        prop_assert!(!is_code && ["data:", "blob:"].contains(&scheme.as_str()));
                    }
                    other => prop_assert!(false, "{other} in {text}"),
                }
            }
        }
        let violations = table.rows.keys().filter(|(kind, ..)| *kind == Kind::Violation);
        prop_assert!(left_out.len() <= violations.count());
        for (_, directive, source) in table.rows.keys() {
            let cells = format!("{directive}{source}");
            prop_assert!(!cells.contains(char::is_control) && cells.chars().count() <= 1000, "{cells:?}");
        }
    }

    #[test]
    fn reports_are_the_same_however_they_are_stored(
        reports in proptest::collection::vec((report(), 0..6_usize), 0..8),
    ) {
        let separators = ["\n", "", " ", ",", "\r\n\r\n", "][\n"];
        let text: String = reports.iter().map(|(report, n)| match n % 2 {
            0 => format!("{report}{}", separators[*n]),
            _ => format!("{report:#}{}", separators[*n]),
        }).collect();
        let all: Vec<&Value> = reports.iter().map(|(report, _)| report).collect();
        let (one, mut other) = (table(json!(all).to_string().as_bytes()), table(text.as_bytes()));
        prop_assert_eq!(&one.rows, &other.rows);
        prop_assert_eq!(&one.inlines, &other.inlines);
        prop_assert_eq!(other.take_findings(), []);
    }

    #[test]
    fn any_bytes_are_read_to_their_end(
        parts in proptest::collection::vec(prop_oneof![
            proptest::sample::select(&["{", "}", "[", "]", "\"", "\n", ":", ",", "{\"csp-report\":", "1", "\\u", "\u{feff}"][..])
                .prop_map(|part| part.as_bytes().to_vec()),
            any::<Vec<u8>>(),
            report().prop_map(|report| format!("\n{report}\n").into_bytes()),
        ], 0..30),
    ) {
        let text = parts.concat();
        let mut table = table(&text);
        let lines = text.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        for finding in table.take_findings() {
            prop_assert_eq!(finding.code, Code::UnreadReport);
            prop_assert!(finding.place.unwrap().line <= lines);
        }
    }
}

#[test]
fn each_line_is_read_at_most_twice() {
    let started = std::time::Instant::now();
    for line in ["{\n", "{\"a\":[\n", "[{\"a\":\n", "{\"a\":{\"b\":1},\n", "x\n", "{}\n"] {
        let text = line.repeat((512 << 10) / line.len());
        let mut table = table(text.as_bytes());
        assert!(!table.take_findings().is_empty(), "{line}");
    }
    // From each line to the limit it takes hours.
    assert!(started.elapsed().as_secs() < 60);
}

#[test]
fn a_report_of_the_greatest_length_is_read_and_a_longer_one_is_not() {
    let of_length = |length: usize| {
        let (before, after) = ("{\"csp-report\":{\"effective-directive\":\"img-src\",\"x\":\"", "\"}}");
        format!("{before}{}{after}", "a".repeat(length - before.len() - after.len()))
    };
    let text = [of_length(LONGEST), of_length(LONGEST + 1), of_length(LONGEST)].join("\n");
    let mut table = table(text.as_bytes());
    assert_eq!(table.reports, 2);
    let findings = table.take_findings();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].message, "is longer than 1048576 bytes");
    assert_eq!(findings[0].place.as_ref().unwrap().line, 2);
}

#[test]
fn policies_of_reports_are_kept_once_and_within_a_limit() {
    let text: String = (0..40)
        .map(|n| {
            let policy = format!("img-src {}", "a".repeat(900_000 + n % 20));
            let report = json!({"csp-report": {"effective-directive": "script-src", "blocked-uri": "inline",
                "script-sample": n.to_string(), "original-policy": policy}});
            report.to_string()
        })
        .collect();
    let table = table(text.as_bytes());
    let kept = table.inlines.values().filter_map(|seen| seen.policy.as_ref());
    let kept: Vec<_> = kept.map(std::sync::Arc::as_ptr).collect();
    let different: std::collections::BTreeSet<_> = kept.iter().collect();
    assert_eq!(table.inlines.len(), 40);
    assert_eq!((kept.len(), different.len()), (36, 18));
}
