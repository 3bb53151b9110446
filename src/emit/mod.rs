//! What a run prints: one emitter for each format, all from the same report.
//!
//! Emitters know policies and inventories, and neither folders nor the command line.

mod header;
mod json;
mod list;
mod quote;

use std::io::{self, Write};

pub use json::SCHEMA_VERSION;
pub use quote::one_line;

use crate::finding::Finding;
use crate::inventory::Inventory;
use crate::policy::{BuiltPolicy, PolicyBuilder};

/// Everything there is to print about a site.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report<'a> {
    /// What the pages hold.
    pub inventory: &'a Inventory,
    /// How policies are made.
    pub builder: &'a PolicyBuilder,
    /// The policy under which every page works.
    pub site: BuiltPolicy,
    /// What there is to say about the pages and the policy.
    pub findings: Vec<Finding>,
}

impl<'a> Report<'a> {
    /// Makes the site's policy and the findings about it.
    #[must_use]
    pub fn new(inventory: &'a Inventory, builder: &'a PolicyBuilder) -> Self {
        let site = builder.site(inventory);
        let mut findings = inventory.findings().to_vec();
        findings.extend(builder.findings(inventory, &site));
        Self {
            inventory,
            builder,
            site,
            findings,
        }
    }
}

/// A format.
pub trait Emitter: Sync {
    /// The name that `--format` takes.
    fn name(&self) -> &'static str;
    /// What it prints, in a few words.
    fn about(&self) -> &'static str;
    /// Prints the report.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    fn emit(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()>;
}

/// Every format, the default first.
pub const EMITTERS: &[&dyn Emitter] = &[&header::Header, &json::Json, &list::List];

/// The emitter of that name.
#[must_use]
pub fn emitter(name: &str) -> Option<&'static dyn Emitter> {
    EMITTERS
        .iter()
        .copied()
        .find(|emitter| emitter.name() == name)
}
