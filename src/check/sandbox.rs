//! Scripts under a `sandbox` without `allow-scripts`: none runs, whatever the source lists allow. Styles do apply.
//!
//! Chromium and Firefox agree (run): a header counts and neither a `<meta>` nor a report-only policy, each of several policies
//! counts, the first of duplicates, and flags ignore case.

use super::policies::Judged;
use crate::finding::{Code, Finding};
use crate::page::subject::What;
use crate::page::{Destination, InlineKind};
use crate::template::{HelperCall, Written};

/// The finding about a script that a sandbox stops.
pub(super) fn said(what: &What, governing: &[&Judged]) -> Option<Finding> {
    match what {
        What::Inline { kind, .. } => of_inline(*kind, governing),
        What::Fetch { destination: Destination::Script, .. } => of_url(governing),
        What::Helper(HelperCall { written: Written::Script | Written::UrlScript, .. }) => {
            stopped(Code::BlockedScript, "script", governing)
        }
        What::Fetch { .. } | What::Helper(_) | What::Evaluated(_) | What::Meta { .. } => None,
    }
}

/// The finding about something inline of a kind that a sandbox stops.
pub(super) fn of_inline(kind: InlineKind, governing: &[&Judged]) -> Option<Finding> {
    match kind {
        InlineKind::Script | InlineKind::EventHandler | InlineKind::JavascriptUrl => {
            stopped(kind.blocked(), kind.noun(), governing)
        }
        InlineKind::Style | InlineKind::StyleAttribute => None,
    }
}

/// The finding about a script with a URL that a sandbox stops.
pub(super) fn of_url(governing: &[&Judged]) -> Option<Finding> {
    stopped(Code::BlockedExternalScript, "script", governing)
}

fn stopped(code: Code, noun: &str, governing: &[&Judged]) -> Option<Finding> {
    let stops = governing.iter().find(|judged| judged.stops_scripts())?;
    Some(Finding::new(
        code,
        format!("{} blocks this {noun}: its sandbox lacks allow-scripts, so no script runs", stops.named()),
        "add allow-scripts to sandbox",
    ))
}
