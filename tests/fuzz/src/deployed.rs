//! A host's file that somebody wrote: read or rejected with its line, and every page has policies that are in the file, whatever ends
//! its lines and whatever line it begins on.

use std::collections::BTreeSet;

use cspseal::ErrorKind;
use cspseal::target::deployed::{Deployed, DeployedFormat};

use crate::input::Input;

const PAGES: &[&str] = &["index.html", "docs/index.html", "docs.html", "a b/ü%41.html", "404.html"];

pub(crate) fn check(data: &[u8]) {
    let Some(input) = Input::read(data) else {
        return;
    };
    let Some(text) = input.str() else {
        return;
    };
    let _ = DeployedFormat::guess("x", text);
    let formats: Vec<DeployedFormat> = DeployedFormat::all().filter(|f| f.is_read()).collect();
    let format = input.choose(&formats);
    let read = read(format, text);
    for (other, lines_before) in [(format!("\u{feff}{text}"), 0), (format!("\n{text}"), 1), (format!("\r\n{text}"), 1)]
    {
        // A second mark is text, and a mark is one at the beginning alone.
        if !text.starts_with('\u{feff}') {
            let moved = self::read(format, &other);
            let expected = read.as_ref().map(|read| read.moved(lines_before));
            assert_eq!(moved.as_ref().ok(), expected.as_ref().ok(), "{} {other:?}", format.name());
        }
    }
    let Ok(read) = read else {
        return;
    };
    let texts = texts(format, text);
    for (policy, line, _) in &read.policies {
        // The same header twice is one value.
        let is_there = |part: &str| texts.iter().any(|text| text.contains(part));
        assert!(is_there(policy) || policy.split(", ").all(is_there), "{policy:?} on line {line} of {text:?}");
    }
}

/// The content of a file: its policies with their lines, the lines of those that are ignored, and the responses with each page.
#[derive(Debug, PartialEq)]
struct Read {
    policies: Vec<(String, u64, bool)>,
    ignored: Vec<(u64, String)>,
    responses: Vec<Option<Vec<Vec<usize>>>>,
}

impl Read {
    /// The same in a file with as many lines before it.
    fn moved(&self, lines: u64) -> Self {
        let policies = self.policies.iter().cloned();
        let ignored = self.ignored.iter().cloned();
        Self {
            policies: policies.map(|(text, line, report_only)| (text, line + lines, report_only)).collect(),
            ignored: ignored.map(|(line, reason)| (line + lines, moved(&reason, lines))).collect(),
            responses: self.responses.clone(),
        }
    }
}

/// A reason that may name another line.
fn moved(reason: &str, lines: u64) -> String {
    let Some((before, line)) = reason.rsplit_once(" line ") else {
        return reason.to_owned();
    };
    let line: u64 = line.parse().unwrap();
    format!("{before} line {}", line + lines)
}

fn read(format: DeployedFormat, text: &str) -> Result<Read, ()> {
    let rejected = |error: cspseal::Error| {
        let kinds = [ErrorKind::Deployed, ErrorKind::Inventory, ErrorKind::Limit];
        assert!(kinds.contains(&error.kind()), "{error}");
        let message = error.to_string();
        assert!(message.contains("file"), "{message}");
        assert!(message.chars().all(|c| !c.is_control() || c == '\n'), "{message:?}");
    };
    let deployed = Deployed::read(format, "file", text).map_err(rejected)?;
    // What ends a line differs between formats; no line is after the last line feed or carriage return.
    let lines = 1 + text.matches(['\n', '\r']).count() as u64;
    let policies: Vec<_> = deployed.policies().to_vec();
    for policy in &policies {
        assert!((1..=lines).contains(&policy.line), "{policy:?} in {text:?}");
        assert_eq!(&*policy.source, "file");
    }
    for ignored in deployed.ignored() {
        assert!((1..=lines).contains(&ignored.line), "{text:?}");
        assert!(!ignored.reason.is_empty(), "{text:?}");
    }
    let responses = |page: &&str| {
        let is_page = |path: &str| PAGES.contains(&path);
        let responses = deployed.policies_of(page, &is_page).map_err(rejected).ok();
        let again = deployed.policies_of(page, &is_page).ok();
        assert_eq!(responses, again, "{text:?}");
        let responses = responses?;
        let distinct: BTreeSet<_> = responses.iter().collect();
        assert_eq!(distinct.len(), responses.len(), "{text:?}");
        for response in &responses {
            let is_policy = |index: &usize| *index < policies.len();
            assert!(response.iter().all(is_policy), "{text:?}");
            assert!(response.is_sorted(), "{text:?}");
        }
        Some(responses)
    };
    Ok(Read {
        responses: PAGES.iter().map(responses).collect(),
        ignored: deployed.ignored().iter().map(|ignored| (ignored.line, ignored.reason.clone())).collect(),
        policies: policies.into_iter().map(|policy| (policy.text, policy.line, policy.report_only)).collect(),
    })
}

/// The texts of a file, without what its format makes of characters.
fn texts(format: DeployedFormat, text: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut texts = vec![text.to_owned()];
    if let Ok(value) = toml::from_str::<serde_json::Value>(text) {
        strings(&value, &mut texts);
    }
    let json = jsonc_parser::parse_to_serde_value(text, &jsonc_parser::ParseOptions::default());
    if let Ok(value) = json {
        strings(&value, &mut texts);
    }
    if format.name() == "header" {
        texts.push(text.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
    }
    texts
}

fn strings(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => found.push(text.clone()),
        serde_json::Value::Array(values) => values.iter().for_each(|value| strings(value, found)),
        serde_json::Value::Object(values) => values.values().for_each(|value| strings(value, found)),
        _ => {}
    }
}
