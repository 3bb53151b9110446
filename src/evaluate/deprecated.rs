//! Directives that browsers have given up, or never had.

use std::ops::Range;

use super::channel::Reading;
use super::weakness::{Weakness, Weaknesses};
use crate::finding::Code;

/// Each with what to write instead. What no browser knows at all is not even read; the parser asks for it here.
const DEPRECATED: &[(&str, &str)] = &[
    (
        "block-all-mixed-content",
        "remove it: browsers block mixed content anyway; upgrade-insecure-requests loads it securely",
    ),
    ("disown-opener", "send the Cross-Origin-Opener-Policy header"),
    ("navigate-to", "remove it; form-action restricts where forms go"),
    ("plugin-types", "write object-src 'none'"),
    ("prefetch-src", "remove it; default-src governs prefetches"),
    ("referrer", "send the Referrer-Policy header"),
    ("reflected-xss", "remove it: browsers have no filter against reflected scripts any more"),
    ("require-sri-for", "send the Integrity-Policy header"),
];

pub(super) fn check(reading: &Reading<'_>, found: &mut Weaknesses) {
    for directive in &reading.directives {
        if let Some(weakness) = weakness(directive.name.name(), directive.span.clone()) {
            found.other(weakness);
        }
    }
}

/// What to say of a directive of this name, if it is one that was given up.
pub(super) fn weakness(name: &str, span: Range<usize>) -> Option<Weakness> {
    let row = DEPRECATED.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
    row.map(|(name, instead)| Weakness {
        code: Code::DeprecatedDirective,
        directive: Some((*name).to_owned()),
        value: None,
        span: Some(span),
        message: "it does nothing in current browsers".to_owned(),
        help: (*instead).to_owned(),
    })
}
