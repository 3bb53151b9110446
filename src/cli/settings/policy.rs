//! The base policies, and what is added to them.

use std::path::Path;

use super::Output;
use crate::check::allow_requests;
use crate::cli::args::{BaseArgs, ExternalArgs, PolicyArgs, Preset};
use crate::cli::config::{Base, Config, FILE_NAME};
use crate::cli::report::human::Problems;
use crate::policy::{Granularities, Policy, PolicyBuilder};
use crate::site::{Inventory, Reach};
use crate::target::{NonceMaker, Report};

/// How the policies are made.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Builders {
    pub(in crate::cli) first: PolicyBuilder,
    /// For the policy that is only reported next to the first.
    pub(in crate::cli) second: Option<PolicyBuilder>,
}

impl Builders {
    /// What the arguments or the configuration say.
    ///
    /// # Errors
    ///
    /// Those of [`base`].
    pub(in crate::cli) fn new(args: &PolicyArgs, external: &ExternalArgs, config: &Config) -> anyhow::Result<Self> {
        let unsafe_hashes = args.unsafe_hashes || config.unsafe_hashes && !args.no_unsafe_hashes;
        let kept = match &args.keep_unsafe_inline[..] {
            [] => config.keep_unsafe_inline()?,
            kept => kept.to_vec(),
        };
        let has_mentioned = external.mentioned || config.mentioned && !external.no_external;
        let is_external = external.external || config.external && !external.no_external;
        let granularities = match external.granularity {
            Some(granularity) => Granularities::new(Some(granularity)),
            None => config.granularities()?,
        };
        let external = (is_external || has_mentioned).then_some(granularities);
        let builder = |base: Option<Policy>, preset: Option<Preset>| {
            let is_strict = matches!(preset, Some(Preset::Strict));
            let builder = PolicyBuilder::new(base).with_unsafe_hashes(unsafe_hashes);
            let builder = builder.with_external(external.clone());
            let builder = builder.with_mentioned(has_mentioned);
            let builder = builder.with_kept_unsafe_inline(kept.clone());
            builder.with_only_restricted(is_strict)
        };
        let made = |args: &BaseArgs, which| {
            let base = base(args, config, which)?;
            anyhow::Ok(base.is_some().then_some(builder(base, preset(args, config, which)?)))
        };
        let first = made(&args.base, Base::Enforced)?;
        Ok(Self {
            first: first.unwrap_or_else(|| builder(None, None)),
            second: made(&args.second.base(), Base::ReportOnly)?,
        })
    }

    /// Both, made otherwise.
    pub(in crate::cli) fn map(
        &self,
        change: impl Fn(&PolicyBuilder) -> anyhow::Result<PolicyBuilder>,
    ) -> anyhow::Result<Self> {
        Ok(Self { first: change(&self.first)?, second: self.second.as_ref().map(change).transpose()? })
    }

    /// Those whose policies also allow what these pages ask for by URL, if that is asked for.
    pub(in crate::cli) fn for_pages(&self, inventory: &Inventory) -> Self {
        Self {
            first: allow_requests(&self.first, inventory),
            second: self.second.as_ref().map(|it| allow_requests(it, inventory)),
        }
    }

    /// Those for these outputs.
    pub(in crate::cli) fn for_outputs(&self, outputs: &[Output]) -> Self {
        let is_in_pages = outputs.iter().all(|output| output.target.in_pages);
        let made = |builder: &PolicyBuilder| builder.clone().with_in_pages(is_in_pages);
        Self { first: made(&self.first), second: self.second.as_ref().map(made) }
    }

    /// The base policies.
    pub(in crate::cli) fn bases(&self) -> impl Iterator<Item = &Policy> {
        let builders = std::iter::once(&self.first).chain(&self.second);
        builders.filter_map(PolicyBuilder::base)
    }

    /// What there is to print about these pages.
    pub(in crate::cli) fn report<'a>(&'a self, inventory: &'a Inventory, nonces: Option<NonceMaker>) -> Report<'a> {
        let report = Report::new(inventory, &self.first);
        report.with_second(self.second.as_ref()).with_nonces(nonces)
    }
}

/// A base policy, if there is one.
///
/// # Errors
///
/// [`Problems`] for one that is malformed, and whatever keeps it from being read.
pub(in crate::cli) fn base(args: &BaseArgs, config: &Config, which: Base) -> anyhow::Result<Option<Policy>> {
    let ready = preset(args, config, which)?.map(Preset::policy);
    let configured = config.policy_text(which)?;
    let key = which.name("policy");
    let (origin, text) = match (&args.policy, &args.policy_file) {
        (Some(policy), _) => (format!("--{key}"), policy.clone()),
        (_, Some(path)) => file(path, &config.arguments)?,
        (None, None) => match (configured, config.policy_file(which)) {
            (Some(text), _) => (format!("{FILE_NAME}: [{key}]"), text),
            (_, Some(path)) => file(&path, &config.reach)?,
            (None, None) => return Ok(ready),
        },
    };
    let parsed = Policy::parse(&text);
    let given = parsed.map_err(|problems| Problems::of_policy(&origin, &text, &problems))?;
    Ok(Some(match ready {
        Some(ready) => ready.with(&given),
        None => given,
    }))
}

fn preset(args: &BaseArgs, config: &Config, which: Base) -> anyhow::Result<Option<Preset>> {
    match args.preset {
        None => config.preset(which),
        given => Ok(given),
    }
}

fn file(path: &Path, reach: &Reach) -> anyhow::Result<(String, String)> {
    let text = String::from_utf8_lossy(&reach.read(path)?).into_owned();
    Ok((path.display().to_string(), text))
}
