//! The base policies, and what is added to them.

use std::path::Path;

use crate::cli::args::{BaseArgs, PolicyArgs, Preset};
use crate::cli::config::{Base, Config, FILE_NAME};
use crate::cli::report::human::Problems;
use crate::policy::{Policy, PolicyBuilder};
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
    pub(in crate::cli) fn new(args: &PolicyArgs, config: &Config) -> anyhow::Result<Self> {
        let unsafe_hashes = args.unsafe_hashes || config.unsafe_hashes && !args.no_unsafe_hashes;
        let kept = match &args.keep_unsafe_inline[..] {
            [] => config.keep_unsafe_inline()?,
            kept => kept.to_vec(),
        };
        let builder = |base: Option<Policy>| {
            let is_strict = base.as_ref() == Some(&Policy::preset_strict());
            let builder = PolicyBuilder::new(base).with_unsafe_hashes(unsafe_hashes);
            let builder = builder.with_kept_unsafe_inline(kept.clone());
            builder.with_only_restricted(is_strict)
        };
        let second = base(&args.second.base(), config, Base::ReportOnly)?;
        Ok(Self {
            first: builder(base(&args.base, config, Base::Enforced)?),
            second: second.map(|base| builder(Some(base))),
        })
    }

    /// Both, made otherwise.
    pub(in crate::cli) fn map(
        &self,
        change: impl Fn(&PolicyBuilder) -> anyhow::Result<PolicyBuilder>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            first: change(&self.first)?,
            second: self.second.as_ref().map(change).transpose()?,
        })
    }

    /// The base policies.
    pub(in crate::cli) fn bases(&self) -> impl Iterator<Item = &Policy> {
        let builders = std::iter::once(&self.first).chain(&self.second);
        builders.filter_map(PolicyBuilder::base)
    }

    /// What there is to print about these pages.
    pub(in crate::cli) fn report<'a>(
        &'a self,
        inventory: &'a Inventory,
        nonces: Option<NonceMaker>,
    ) -> Report<'a> {
        let report = Report::new(inventory, &self.first);
        report.with_second(self.second.as_ref()).with_nonces(nonces)
    }
}

/// A base policy, if there is one.
///
/// # Errors
///
/// [`Problems`] for one that is malformed, and whatever keeps it from being read.
pub(in crate::cli) fn base(
    args: &BaseArgs,
    config: &Config,
    which: Base,
) -> anyhow::Result<Option<Policy>> {
    let configured = config.policy_text(which)?;
    let key = which.name("policy");
    let (origin, text) = match (&args.policy, &args.policy_file, args.preset) {
        (Some(policy), ..) => (format!("--{key}"), policy.clone()),
        (_, Some(path), _) => file(path, &config.arguments)?,
        (.., Some(preset)) => return Ok(Some(ready(preset))),
        (None, None, None) => {
            match (configured, config.policy_file(which), config.preset(which)?) {
                (Some(text), ..) => (format!("{FILE_NAME}: [{key}]"), text),
                (_, Some(path), _) => file(&path, &config.reach)?,
                (.., Some(preset)) => return Ok(Some(ready(preset))),
                (None, None, None) => return Ok(None),
            }
        }
    };
    let parsed = Policy::parse(&text);
    Ok(Some(parsed.map_err(|problems| {
        Problems::of_policy(&origin, &text, &problems)
    })?))
}

fn ready(preset: Preset) -> Policy {
    match preset {
        Preset::SelfOnly => Policy::preset_self(),
        Preset::Strict => Policy::preset_strict(),
    }
}

fn file(path: &Path, reach: &Reach) -> anyhow::Result<(String, String)> {
    let text = String::from_utf8_lossy(&reach.read(path)?).into_owned();
    Ok((path.display().to_string(), text))
}
