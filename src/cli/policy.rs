//! From the policy arguments to a builder.

use std::path::Path;

use super::args::{BaseArgs, PolicyArgs, Preset};
use super::config::{Config, FILE_NAME};
use super::report::human;
use crate::policy::{Policy, PolicyBuilder};

/// The builder that the arguments ask for; `None` when the base is malformed, which has been reported.
pub(super) fn builder(
    args: &PolicyArgs,
    config: Option<&Config>,
) -> anyhow::Result<Option<PolicyBuilder>> {
    let base = base(&args.base, config)?;
    let is_configured = config
        .and_then(|config| config.unsafe_hashes)
        .unwrap_or(false);
    let unsafe_hashes = args.unsafe_hashes || is_configured && !args.no_unsafe_hashes;
    Ok(base.map(|base| PolicyBuilder::new(base).with_unsafe_hashes(unsafe_hashes)))
}

/// The base policy that the arguments name, if they name one; the outer `None` when it is malformed, which
/// has been reported.
pub(super) fn base(
    args: &BaseArgs,
    config: Option<&Config>,
) -> anyhow::Result<Option<Option<Policy>>> {
    let read = |path: &Path| -> anyhow::Result<(String, String)> {
        let text = String::from_utf8_lossy(&super::read(path)?).into_owned();
        Ok((path.display().to_string(), text))
    };
    let configured_file =
        config.and_then(|config| Some(config.resolve(config.policy_file.as_ref()?)));
    let configured_text = match config {
        Some(config) => config.policy_text()?,
        None => None,
    };
    let configured_preset = config.and_then(|config| config.preset.as_deref());
    let (origin, text) = match (&args.policy, &args.policy_file, args.preset) {
        (Some(policy), ..) => ("--policy".to_owned(), policy.clone()),
        (_, Some(path), _) => read(path)?,
        (.., Some(Preset::SelfOnly)) => return Ok(Some(Some(Policy::preset_self()))),
        (None, None, None) => match (configured_text, configured_file, configured_preset) {
            (Some(text), ..) => (format!("{FILE_NAME}: [policy]"), text),
            (_, Some(path), _) => read(&path)?,
            (.., Some("self")) => return Ok(Some(Some(Policy::preset_self()))),
            (.., Some(other)) => anyhow::bail!("preset = {other:?} is none; write \"self\""),
            (None, None, None) => return Ok(Some(None)),
        },
    };
    match Policy::parse(&text) {
        Ok(base) => Ok(Some(Some(base))),
        Err(problems) => {
            human::print_policy_problems(&origin, &text, &problems);
            Ok(None)
        }
    }
}
