//! What is wrong with a configuration file, and where.

use std::ops::Range;

use crate::finding::nearest::nearest;

const KEYS: &[&str] = &[
    "paths",
    "include",
    "exclude",
    "follow",
    "no-ignore",
    "charset",
    "template",
    "algorithm",
    "unsafe-hashes",
    "external",
    "mentioned",
    "granularity",
    "site-url",
    "keep-unsafe-inline",
    "exclude-template-content",
    "policy",
    "policy-file",
    "preset",
    "report-only-policy",
    "report-only-policy-file",
    "report-only-preset",
    "output",
    "nonce",
    "deny",
    "warn",
    "allow",
];
const OUTPUT_KEYS: &[&str] = &["format", "file", "scope", "report-only", "into"];
const NONCE_KEYS: &[&str] = &["framework", "value", "placeholder", "elements", "replace"];

/// A table of the configuration: a key that only it has, its keys, and where they stand.
type Table = (&'static str, &'static [&'static str], &'static str);

const TABLES: [Table; 3] = [
    ("`paths`", KEYS, "before every [[output]] and [nonce]"),
    ("`format`", OUTPUT_KEYS, "below an [[output]]"),
    ("`framework`", NONCE_KEYS, "below [nonce]"),
];

/// A fault, its place in the file, and the next step.
pub(in crate::cli) struct Fault {
    pub(in crate::cli) span: Range<usize>,
    pub(in crate::cli) message: String,
    pub(in crate::cli) help: String,
}

impl Fault {
    /// At the first place where `what` stands in a line that is no comment.
    pub(super) fn at(text: &str, what: &str, message: &str, help: &str) -> Self {
        let mut start = 0;
        let line = text.split_inclusive('\n').find_map(|line| {
            let found = line.find(what).filter(|_| !line.trim_start().starts_with('#'));
            let at = found.map(|at| start + at);
            start += line.len();
            at
        });
        let at = line.unwrap_or(0);
        Self { span: at..(at + what.len()).min(text.len()), message: message.to_owned(), help: help.to_owned() }
    }

    /// What the reader of the format says.
    pub(super) fn of(error: &toml::de::Error) -> Self {
        let message = error.message().trim().to_owned();
        // "unknown field `a`, expected one of `b`, `c`": it lists the keys of the table that the unknown one stands in.
        let unknown = message.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
        let (message, help) = match unknown {
            Some((name, known)) => {
                let is_here = |(key, ..): &&Table| known.contains(key);
                let (_, keys, _) = TABLES.iter().find(is_here).unwrap_or(&TABLES[0]);
                let elsewhere = TABLES.iter().find(|(_, others, _)| others.contains(&name) && others != keys);
                let help = match (elsewhere, nearest(name, keys.iter().copied())) {
                    (Some((_, _, place)), _) => format!("write {name} {place}"),
                    (None, Some(near)) => format!("write {near}"),
                    (None, None) => format!("the keys are {}", keys.join(", ")),
                };
                (format!("there is no key {name:?}"), help)
            }
            None => (message, "see the README for what the configuration holds".to_owned()),
        };
        Self { span: error.span().unwrap_or(0..0), message, help }
    }
}
