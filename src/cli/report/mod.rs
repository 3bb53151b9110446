//! How findings are shown, and what they make of a run.

pub(super) mod human;

use encoding_rs::Encoding;

use super::Outcome;
use super::args::LevelArgs;
use super::config::Config;
use crate::finding::{Finding, Levels, Severity};

/// What the arguments and the configuration make of each code.
pub(super) fn levels(args: &LevelArgs, config: Option<&Config>) -> anyhow::Result<Levels> {
    let mut levels = Levels::new();
    for (selector, level) in args.said() {
        levels.set(selector, level)?;
    }
    Ok(match config {
        Some(config) => levels.over(&config.levels),
        None => levels,
    })
}

/// Shows the findings that the levels leave, on standard error.
pub(super) fn finish(
    mut findings: Vec<Finding>,
    levels: &Levels,
    charset: Option<&'static Encoding>,
) -> Outcome {
    levels.apply(&mut findings);
    human::print_findings(&findings, charset);
    outcome(&findings)
}

/// What findings make of a run.
pub(super) fn outcome(findings: &[Finding]) -> Outcome {
    let mut severities = findings.iter().map(|finding| finding.severity);
    if severities.any(|severity| severity == Severity::Error) {
        Outcome::Findings
    } else {
        Outcome::Done
    }
}
