//! What a target can take, and what to say when a site needs more.

use std::fmt::Write as _;

use super::{Deployment, Scope};
use crate::error::{Error, ErrorKind, Result};

/// The limits of a target. `None` where none is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// How many bytes a serialized policy may have.
    pub policy: Option<usize>,
    /// How many rules there may be.
    pub rules: Option<usize>,
    /// How many bytes the whole output may have.
    pub output: Option<usize>,
}

impl Limits {
    /// None.
    pub const NONE: Self = Self {
        policy: None,
        rules: None,
        output: None,
    };

    /// The limits in words: `policy up to 2000 bytes, 100 rules`; empty when there are none.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut parts = Vec::new();
        if let Some(bytes) = self.policy {
            parts.push(format!("policy up to {bytes} bytes"));
        }
        if let Some(count) = self.rules {
            parts.push(format!("up to {count} rules"));
        }
        if let Some(bytes) = self.output {
            parts.push(format!("file up to {bytes} bytes"));
        }
        parts.join(", ")
    }
}

/// How many bytes of policy reach a browser: Chromium shows a page with 262,000 bytes in its header and an error with
/// 270,000 (run on 156); the other headers count, too.
pub const BROWSER_LIMIT: usize = 256_000;

/// How many of the largest contributors are named.
const NAMED: usize = 5;

/// Refuses policies that `target` would cut off or ignore.
///
/// # Errors
///
/// [`ErrorKind::Limit`], with the sizes, the largest contributors and what would fit; or as
/// [`Deployment::default_policy`].
pub fn check_policies(target: &str, limits: &Limits, deployment: &Deployment<'_>) -> Result<()> {
    let Some(limit) = limits.policy else {
        return Ok(());
    };
    let policies = deployment.policies()?;
    let longest = policies.iter().map(|policy| policy.as_str().len()).max();
    match longest {
        Some(longest) if longest > limit => Err(too_long(target, limit, longest, deployment)),
        _ => Ok(()),
    }
}

/// Refuses more rules than `target` takes.
///
/// # Errors
///
/// [`ErrorKind::Limit`].
pub fn check_rules(target: &str, limits: &Limits, count: usize) -> Result<()> {
    match limits.rules {
        Some(limit) if count > limit => Err(Error::new(
            ErrorKind::Limit,
            format!(
                "{target} takes {limit} rules and the pages need {count}; use --scope site, or --format meta, which writes each policy into its page"
            ),
        )),
        _ => Ok(()),
    }
}

/// Refuses an output longer than `target` takes.
///
/// # Errors
///
/// [`ErrorKind::Limit`].
pub fn check_output(target: &str, limits: &Limits, len: usize) -> Result<()> {
    match limits.output {
        Some(limit) if len > limit => Err(Error::new(
            ErrorKind::Limit,
            format!(
                "{target} takes a file of {limit} bytes and this one has {len}; use --scope site, or --format meta, which writes each policy into its page"
            ),
        )),
        _ => Ok(()),
    }
}

fn too_long(target: &str, limit: usize, longest: usize, deployment: &Deployment<'_>) -> Error {
    let scope = deployment.scope;
    let who = if limit == BROWSER_LIMIT {
        "a browser"
    } else {
        target
    };
    let mut message = format!(
        "{who} takes a policy of {limit} bytes, and the longest for --scope {} has {longest}",
        scope.name()
    );
    let mut sizes: Vec<(usize, String)> = deployment
        .report
        .inventory
        .pages()
        .iter()
        .map(|page| {
            let built = deployment
                .report
                .builder
                .page(deployment.report.inventory, page);
            (built.policy.to_string().len(), page.site_path.to_string())
        })
        .collect();
    sizes.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let largest = sizes.first().map_or(0, |(size, _)| *size);
    let over = sizes.iter().filter(|(size, _)| *size > limit).count();
    message.push_str("; the pages that need most by themselves are ");
    for (index, (size, path)) in sizes.iter().take(NAMED).enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        let _ = write!(message, "{separator}{} ({size})", super::one_line(path));
    }
    message.push_str(match (scope, largest <= limit) {
        (Scope::Site, true) => "; --scope page would fit",
        _ => "; move inline scripts and styles into files",
    });
    if largest > limit {
        let _ = write!(message, " ({over} of {} pages are over it)", sizes.len());
    }
    Error::new(ErrorKind::Limit, message)
}
