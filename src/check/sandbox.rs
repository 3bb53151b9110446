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
    let (code, noun) = match what {
        What::Inline {
            kind: kind @ (InlineKind::Script | InlineKind::EventHandler | InlineKind::JavascriptUrl),
            ..
        } => (kind.blocked(), kind.noun()),
        What::Fetch {
            destination: Destination::Script,
            ..
        } => (Code::BlockedExternalScript, "script"),
        What::Helper(HelperCall {
            written: Written::Script | Written::UrlScript,
            ..
        }) => (Code::BlockedScript, "script"),
        What::Inline {
            kind: InlineKind::Style | InlineKind::StyleAttribute,
            ..
        }
        | What::Fetch { .. }
        | What::Helper(_)
        | What::Evaluated(_)
        | What::Meta { .. } => return None,
    };
    let stops = governing.iter().find(|judged| judged.stops_scripts())?;
    Some(Finding::new(
        code,
        format!(
            "{} blocks this {noun}: its sandbox lacks allow-scripts, so no script runs",
            stops.named()
        ),
        "add allow-scripts to sandbox",
    ))
}
