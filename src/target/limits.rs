//! What a target can take, and what to say when a site needs more.

use std::collections::BTreeMap;

use super::{Deployment, Disposition, PolicyHeader, Scope, Target};
use crate::error::{Error, ErrorKind, Remedy, Result};

/// The limits of a target. `None` where none is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// How many bytes a serialized policy may have.
    pub policy: Option<usize>,
    /// How many bytes the policies of a response may have together.
    pub response: Option<usize>,
    /// How many rules there may be.
    pub rules: Option<usize>,
    /// How many bytes the whole output may have.
    pub output: Option<usize>,
}

impl Limits {
    /// None.
    pub const NONE: Self = Self { policy: None, response: None, rules: None, output: None };

    /// The limits in words: `policy up to 2000 bytes, 100 rules`; empty when there are none.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut parts = Vec::new();
        if let Some(bytes) = self.policy.or(self.response) {
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
pub(super) fn check_policies(target: &str, limits: &Limits, deployment: &Deployment<'_>) -> Result<()> {
    let responses = deployment.responses()?;
    let sizes = |headers: &Vec<PolicyHeader>| -> Vec<usize> {
        let policies = headers.iter().map(|header| &header.policy);
        policies.map(|policy| policy.as_str().len()).collect()
    };
    let of_policies = responses.iter().flat_map(sizes).max();
    let of_responses = responses.iter().map(|headers| sizes(headers).iter().sum());
    let scope = deployment.scope.name();
    let check = |limit: Option<usize>, longest: Option<usize>, what: &str| match (limit, longest) {
        (Some(limit), Some(longest)) if longest > limit => {
            let who = if limit == BROWSER_LIMIT { "a browser" } else { target };
            let message =
                format!("{who} takes {what} of {limit} bytes, and the longest for scope {scope} has {longest}");
            Err(Error::new(ErrorKind::Limit, message))
        }
        _ => Ok(()),
    };
    check(limits.policy, of_policies, "a policy")?;
    let together = match deployment.header_names().count() {
        1 => "a policy",
        _ => "an enforced and a report-only policy together",
    };
    check(limits.response, of_responses.max(), together)
}

/// Refuses more rules than `target` takes.
pub(super) fn check_rules(target: &Target, count: usize) -> Result<()> {
    match target.limits.rules {
        Some(limit) if count > limit => {
            Err(Error::new(ErrorKind::Limit, format!("{} takes {limit} rules and the pages need {count}", target.name)))
        }
        _ => Ok(()),
    }
}

/// Refuses an output longer than `target` takes.
pub(super) fn check_output(target: &Target, len: usize) -> Result<()> {
    match target.limits.output {
        Some(limit) if len > limit => Err(Error::new(
            ErrorKind::Limit,
            format!("{} takes a file of {limit} bytes and this one has {len}", target.name),
        )),
        _ => Ok(()),
    }
}

/// What `make` makes of a deployment; when that is over a limit, the error says also what takes most and what would fit, which
/// is tried.
pub(super) fn explained(
    target: &Target,
    deployment: &Deployment<'_>,
    make: impl Fn(&Deployment<'_>) -> Result<Vec<u8>>,
) -> Result<Vec<u8>> {
    let error = match make(deployment) {
        Err(error) if error.kind() == ErrorKind::Limit => error,
        made => return made,
    };
    let mut error = error.with_details(&contributors(deployment));
    let other = match deployment.scope {
        Scope::Site => Scope::Page,
        Scope::Page => Scope::Site,
    };
    if target.scopes.contains(&other) {
        let otherwise = Deployment::new(deployment.report, other).with_sends(deployment.sends);
        let tried = make(&otherwise).map(|_| ()).map_err(Box::new);
        error = error.with_remedy(Remedy::OtherScope(other.name(), tried));
    }
    if deployment.header_names().eq([Disposition::Enforce.header_name()]) {
        error = error.with_remedy(Remedy::MetaPolicies);
    }
    Err(error)
}

/// The pages whose policies are longest, and the folders with most pages that need a rule.
fn contributors(deployment: &Deployment<'_>) -> String {
    let report = deployment.report;
    let pages = report.inventory.pages();
    let mut sizes: Vec<(usize, &str)> = Vec::new();
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for page in pages {
        let policies = deployment.policies_of(page);
        let bytes = policies.iter().map(|policy| policy.to_string().len());
        sizes.push((bytes.sum(), &page.site_path));
        if !deployment.bases().eq(policies.into_iter().map(Some)) {
            let folder = page.site_path.rsplit_once('/').map_or("/", |parts| parts.0);
            *folders.entry(folder).or_default() += 1;
        }
    }
    let largest = |mut sizes: Vec<(usize, &str)>| {
        sizes.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let named = sizes.iter().take(NAMED);
        let named = named.map(|(size, path)| format!("{} ({size})", super::one_line(path)));
        named.collect::<Vec<_>>().join(", ")
    };
    let rules: usize = folders.values().sum();
    let folders = folders.into_iter().map(|(folder, count)| (count, folder));
    match deployment.scope {
        Scope::Site => format!("the pages whose own policies have most bytes are {}", largest(sizes)),
        Scope::Page => format!(
            "{rules} of {} pages need more than the base, most of them in {}, and the longest policies are those of {}",
            pages.len(),
            largest(folders.collect()),
            largest(sizes)
        ),
    }
}
