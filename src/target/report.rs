//! Everything there is to print about a site: its inventory, its policies and the findings about both.

use std::collections::HashSet;

use super::Framework;
use crate::check::{blocked_requests, sandboxed};
use crate::finding::{Code, Finding, Levels, Severity};
use crate::policy::{BuiltPolicy, PolicyBuilder};
use crate::site::Inventory;

/// Everything there is to print about a site.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report<'a> {
    /// The content of the pages.
    pub inventory: &'a Inventory,
    /// How policies are made.
    pub builder: &'a PolicyBuilder,
    /// Who makes the nonce of the builder, fresh for each response.
    pub nonces: Option<NonceMaker>,
    /// The policy under which every page works.
    pub site: BuiltPolicy,
    /// The policy that is only reported, next to this one.
    pub second: Option<SecondPolicy<'a>>,
    /// The findings about the pages and the policies.
    pub findings: Vec<Finding>,
}

/// A policy that is only reported, next to one that is enforced.
#[derive(Debug)]
#[non_exhaustive]
pub struct SecondPolicy<'a> {
    /// How it is made.
    pub builder: &'a PolicyBuilder,
    /// Under which no page would be reported.
    pub site: BuiltPolicy,
}

/// The findings about what the pages ask for by URL and a policy blocks.
fn blocked(builder: &PolicyBuilder, inventory: &Inventory, site: &BuiltPolicy) -> Vec<Finding> {
    let mut blocked = blocked_requests(&builder.in_force(&site.policy), inventory);
    if builder.base().is_some() {
        return blocked;
    }
    // What is unknown is for the policy that the directives join.
    blocked.retain(|finding| finding.severity > Severity::Note);
    let Some(first) = blocked.first() else {
        return blocked;
    };
    // It is to join a policy that may allow all that.
    let others = match blocked.len() - 1 {
        0 => String::new(),
        others => format!("; and {others} more"),
    };
    let message =
        format!("these directives are a fragment, which alone blocks what it does not list: {}{others}", first.message);
    let help = "give the policy that they go into, with --policy, --policy-file or --preset; with --external they also list what the pages ask for by URL";
    let mut finding = Finding::new(Code::IncompleteFragment, message, help);
    finding.place = first.place.clone();
    vec![finding]
}

impl<'a> Report<'a> {
    /// Makes the site's policy and the findings about it.
    #[must_use]
    pub fn new(inventory: &'a Inventory, builder: &'a PolicyBuilder) -> Self {
        let site = builder.site(inventory);
        let of_pages = inventory.findings().iter();
        // The policy decides on these.
        let of_pages = of_pages.filter(|found| found.code != Code::EvaluatedAttribute);
        let mut findings: Vec<_> = of_pages.cloned().collect();
        findings.extend(builder.findings(inventory, &site));
        findings.extend(blocked(builder, inventory, &site));
        findings.extend(sandboxed(&builder.in_force(&site.policy), inventory));
        Self { inventory, builder, nonces: None, site, second: None, findings }
    }

    /// The same with a policy that is only reported, and the findings that it adds: what the enforced policy blocks is not
    /// reported twice.
    #[must_use]
    pub fn with_second(mut self, builder: Option<&'a PolicyBuilder>) -> Self {
        let Some(builder) = builder else { return self };
        let site = builder.site(self.inventory);
        let at = |finding: &Finding| Some((finding.code, finding.place.clone()?));
        let known: HashSet<_> = self.findings.iter().filter_map(at).collect();
        let findings = builder.findings(self.inventory, &site).into_iter();
        let findings = findings.chain(blocked(builder, self.inventory, &site));
        let new = findings.filter(|finding| at(finding).is_none_or(|at| !known.contains(&at)));
        self.findings.extend(new.map(Finding::of_report_only));
        self.second = Some(SecondPolicy { builder, site });
        self
    }

    /// The same with who makes the nonces.
    #[must_use]
    pub const fn with_nonces(mut self, nonces: Option<NonceMaker>) -> Self {
        self.nonces = nonces;
        self
    }

    /// The same with the findings at these levels.
    #[must_use]
    pub fn with_levels(mut self, levels: &Levels) -> Self {
        levels.apply(&mut self.findings);
        self
    }
}

/// Who makes a nonce for each response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NonceMaker {
    /// A framework, whose templates write it.
    Framework(Framework),
    /// The server, which replaces the placeholder in the pages.
    Server,
}
