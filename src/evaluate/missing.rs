//! Directives without which a policy protects against little.

use super::channel::{Channel, Reading};
use super::weakness::Weaknesses;
use crate::finding::Code;
use crate::policy::Keyword;

pub(super) fn check(reading: &Reading<'_>, found: &mut Weaknesses) {
    // Which of the finer directives there are does not matter: eval() and workers ask for these two only.
    if reading.governing(Channel::Eval).is_none() {
        found.directive(
            (Code::MissingScriptSrc, Channel::Eval),
            ("script-src", None),
            "nothing restricts scripts as a whole",
            "add script-src, or default-src for everything",
        );
    }
    if reading.governing(Channel::Object).is_none() {
        found.directive(
            (Code::MissingObjectSrc, Channel::Object),
            ("object-src", None),
            "nothing restricts plugins, which can run code",
            "add object-src 'none'",
        );
    }
}

/// Asks for `base-uri` where an injected `<base>` would send scripts that are allowed by nonce elsewhere.
///
/// One policy that needs it is enough, and so is one that has it.
pub(super) fn add_base_uri(readings: &[Reading<'_>], found: &mut [Weaknesses]) {
    if readings.iter().any(|reading| reading.governing(Channel::Base).is_some()) {
        return;
    }
    let needs = readings.iter().position(|reading| {
        let scripts = reading.governing(Channel::ScriptUrl);
        scripts.is_some_and(|d| d.has_nonce() || (d.has_hash() && d.has(Keyword::StrictDynamic)))
    });
    if let Some(found) = needs.and_then(|index| found.get_mut(index)) {
        found.directive(
            (Code::MissingBaseUri, Channel::Base),
            ("base-uri", None),
            "nothing restricts <base>, so an injected one sends the relative URLs of allowed scripts elsewhere",
            "add base-uri 'none', or 'self'",
        );
    }
}
