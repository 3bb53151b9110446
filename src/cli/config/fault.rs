//! What is wrong with a configuration file, and where.

use std::ops::Range;

use crate::nearest::nearest;

const KEYS: &[&str] = &[
    "paths",
    "include",
    "exclude",
    "charset",
    "template",
    "algorithm",
    "unsafe-hashes",
    "exclude-template-content",
    "policy",
    "policy-file",
    "preset",
    "output",
    "nonce",
    "deny",
    "warn",
    "allow",
];
const OUTPUT_KEYS: &[&str] = &["format", "file", "scope", "report-only", "into"];
const NONCE_KEYS: &[&str] = &["framework", "value", "placeholder", "elements", "replace"];

/// A fault, its place in the file, and the next step.
pub(super) struct Fault {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: String,
}

impl Fault {
    /// At the first place where `what` stands in a line that is no comment.
    pub(super) fn at(text: &str, what: &str, message: &str, help: &str) -> Self {
        let mut start = 0;
        let line = text.split_inclusive('\n').find_map(|line| {
            let found = line
                .find(what)
                .filter(|_| !line.trim_start().starts_with('#'));
            let at = found.map(|at| start + at);
            start += line.len();
            at
        });
        let at = line.unwrap_or(0);
        Self {
            span: at..(at + what.len()).min(text.len()),
            message: message.to_owned(),
            help: help.to_owned(),
        }
    }

    /// What the reader of the format says.
    pub(super) fn of(error: &toml::de::Error) -> Self {
        let message = error.message().trim().to_owned();
        let unknown = message
            .strip_prefix("unknown field `")
            .and_then(|rest| rest.split('`').next());
        let (message, help) = match unknown {
            Some(name) => {
                // It lists the keys of the table that the unknown one stands in.
                let tables = [("`format`", OUTPUT_KEYS), ("`framework`", NONCE_KEYS)];
                let table = tables.iter().find(|(key, _)| message.contains(key));
                let keys = table.map_or(KEYS, |(_, keys)| keys);
                let help = nearest(name, keys.iter().copied()).map_or_else(
                    || format!("the keys are {}", keys.join(", ")),
                    |near| format!("write {near}"),
                );
                (format!("there is no key {name:?}"), help)
            }
            None => (
                message,
                "see the README for what the configuration holds".to_owned(),
            ),
        };
        Self {
            span: error.span().unwrap_or(0..0),
            message,
            help,
        }
    }
}
