//! The base policy, and what is added to it.

use std::path::Path;

use crate::cli::args::{BaseArgs, PolicyArgs, Preset};
use crate::cli::config::{Config, FILE_NAME};
use crate::cli::report::human::Problems;
use crate::policy::{Policy, PolicyBuilder};
use crate::site::Reach;

/// The builder of the policies.
///
/// # Errors
///
/// Those of [`base`].
pub(in crate::cli) fn builder(args: &PolicyArgs, config: &Config) -> anyhow::Result<PolicyBuilder> {
    let unsafe_hashes = args.unsafe_hashes || config.unsafe_hashes && !args.no_unsafe_hashes;
    let base = base(&args.base, config)?;
    let kept = match &args.keep_unsafe_inline[..] {
        [] => config.keep_unsafe_inline()?,
        kept => kept.to_vec(),
    };
    let builder = PolicyBuilder::new(base).with_unsafe_hashes(unsafe_hashes);
    Ok(builder.with_kept_unsafe_inline(kept))
}

/// The base policy, if there is one.
///
/// # Errors
///
/// [`Problems`] for one that is malformed, and whatever keeps it from being read.
pub(in crate::cli) fn base(args: &BaseArgs, config: &Config) -> anyhow::Result<Option<Policy>> {
    let configured = config.policy_text()?;
    let (origin, text) = match (&args.policy, &args.policy_file, args.preset) {
        (Some(policy), ..) => ("--policy".to_owned(), policy.clone()),
        (_, Some(path), _) => file(path, &config.arguments)?,
        (.., Some(preset)) => return Ok(Some(ready(preset))),
        (None, None, None) => match (configured, config.policy_file(), config.preset()?) {
            (Some(text), ..) => (format!("{FILE_NAME}: [policy]"), text),
            (_, Some(path), _) => file(&path, &config.reach)?,
            (.., Some(preset)) => return Ok(Some(ready(preset))),
            (None, None, None) => return Ok(None),
        },
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
