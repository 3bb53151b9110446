//! `cspseal hash`: the policy of a site.

use super::args::HashArgs;
use super::report::human;
use super::{Outcome, findings_outcome, input, policy, print_errors, print_output};
use crate::emit::{Report, emitter};
use crate::write::write_if_changed;

/// Scans, prints the findings, then the policy.
pub(super) fn run(args: &HashArgs) -> anyhow::Result<Outcome> {
    let Some(builder) = policy::builder(&args.policy)? else {
        return Ok(Outcome::Failed);
    };
    let scan = input::scan(&args.input)?;
    let outcome = print_errors(&scan.errors);
    if scan.inventory.pages().is_empty() {
        // A policy made from nothing must not take the place of one that works.
        return Ok(outcome);
    }
    let report = Report::new(&scan.inventory, &builder);
    human::print_findings(&report.findings, args.input.charset);
    let emitter = emitter(&args.format).ok_or_else(|| anyhow::anyhow!("no such format"))?;
    let mut output = Vec::new();
    emitter.emit(&report, &mut output)?;
    match &args.output {
        Some(path) => {
            write_if_changed(path, &output)?;
        }
        None => print_output(&output)?,
    }
    Ok(outcome.max(findings_outcome(&report.findings)))
}
