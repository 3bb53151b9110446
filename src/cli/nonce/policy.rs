//! The policy that goes with the nonces: what `cspseal hash` makes of the files once they have them.

use std::collections::HashSet;

use super::values::Values;
use crate::cli::args::NonceArgs;
use crate::cli::args::ScopeArg;
use crate::cli::outputs::Rendered;
use crate::cli::routers::Routers;
use crate::cli::settings::{Builders, Destination, FileSettings, Output, SentNonce, sends};
use crate::finding::{Code, Finding, Place};
use crate::page::ScanOptions;
use crate::site::{Inventory, Reach};
use crate::target::{Target, default_target, target};

/// The output for it.
pub(super) struct PolicyOutput {
    output: Output,
    nonce: SentNonce,
    builders: Builders,
}

impl PolicyOutput {
    /// What the arguments ask for; [`None`] for a value that policies cannot name.
    pub(super) fn new(
        args: &NonceArgs,
        values: &Values,
        builders: Builders,
        reach: &Reach,
    ) -> anyhow::Result<Option<Self>> {
        let Some(nonce) = values.sent() else {
            return Ok(None);
        };
        let of_policy = args.output.as_ref().filter(|_| args.print_policy);
        let destination = match (of_policy, &args.into) {
            (Some(path), _) => Destination::File(path.clone()),
            (None, Some(path)) => Destination::Into(path.clone()),
            (None, None) => Destination::Stdout,
        };
        let target: &'static Target = match (values.framework(), &args.server) {
            (Some(framework), _) => framework.target(),
            (None, Some(server)) => {
                target(server).ok_or_else(|| anyhow::anyhow!("no lines are known for the server {server}"))?
            }
            (None, None) => default_target(),
        };
        let output = Output {
            target,
            scope: ScopeArg::Site,
            sends: sends(args.report_only.then_some(true)),
            destination,
            reach: reach.clone(),
        };
        Ok(Some(Self { output, nonce, builders }))
    }

    /// The output itself.
    pub(super) const fn output(&self) -> &Output {
        &self.output
    }

    /// How the files are scanned once they have their nonces.
    pub(super) fn scan_options(&self, values: &Values, files: &FileSettings) -> ScanOptions {
        ScanOptions::new()
            .with_charset(files.charset)
            .with_templates(values.templates())
            .with_urls(true)
            .with_requests(true)
            .with_placeholder(self.nonce.placeholder())
    }

    /// Makes it for these files. [`None`] for standard output if nothing carries the nonce or should.
    pub(super) fn make(&self, inventory: &Inventory, findings: &mut Vec<Finding>) -> anyhow::Result<Option<Rendered>> {
        let dead = findings.iter().filter(|finding| finding.code == Code::DeadNonce);
        let dead: HashSet<Place> = dead.flat_map(Finding::places).cloned().collect();
        let is_bare = inventory.pages().iter().all(|page| page.nonced.is_empty());
        if is_bare && dead.is_empty() && self.output.destination == Destination::Stdout {
            return Ok(None);
        }
        let (builders, nonces) = self.nonce.apply(&self.builders, inventory)?;
        let report = builders.report(inventory, nonces);
        let told = report.findings.iter().filter(|finding| {
            // The rest is told of the files as they were, and why they have no nonce too.
            let is_told = || finding.places().all(|place| dead.contains(place));
            finding.code.is_of_policy() || finding.code == Code::DynamicInline && !is_told()
        });
        findings.extend(told.cloned());
        Ok(self.output.make(&report, &Routers::new(&[]), findings)?)
    }
}
