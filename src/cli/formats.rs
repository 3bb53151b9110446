//! `cspseal formats`: what can be printed, for which scope, and what its target takes.

use super::table::table;
use super::{Outcome, print_output};
use crate::target::TARGETS;

/// Prints the list.
pub(super) fn run() -> anyhow::Result<Outcome> {
    let rows: Vec<Vec<String>> = TARGETS
        .iter()
        .map(|target| {
            let scopes: Vec<_> = target.scopes.iter().map(|scope| scope.name()).collect();
            let yes = |is: bool| if is { "yes" } else { "" }.to_owned();
            vec![
                target.name().to_owned(),
                scopes.join(", "),
                yes(target.report_only),
                yes(target.merges()),
                target.limits.describe(),
                target.about.to_owned(),
            ]
        })
        .collect();
    let header = ["FORMAT", "SCOPE", "REPORT-ONLY", "INTO", "LIMITS", "WHAT"];
    let mut text = String::new();
    table(&header, &[false; 6], &rows, &mut text);
    print_output(text.as_bytes())?;
    Ok(Outcome::Done)
}
