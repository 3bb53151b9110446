//! From the policy arguments to a builder.

use anyhow::Context as _;

use super::args::{PolicyArgs, Preset};
use super::report::human;
use crate::policy::{Policy, PolicyBuilder};

/// The builder that the arguments ask for; `None` when the base is malformed, which has been reported.
pub(super) fn builder(args: &PolicyArgs) -> anyhow::Result<Option<PolicyBuilder>> {
    let (origin, text) = match (&args.policy, &args.policy_file) {
        (Some(policy), _) => ("--policy".to_owned(), policy.clone()),
        (None, Some(path)) => {
            let bytes = std::fs::read(path)
                .with_context(|| format!("{}: cannot be read", path.display()))?;
            (
                path.display().to_string(),
                String::from_utf8_lossy(&bytes).into_owned(),
            )
        }
        (None, None) => {
            let base = args.preset.map(|Preset::SelfOnly| Policy::preset_self());
            return Ok(Some(
                PolicyBuilder::new(base).with_unsafe_hashes(args.unsafe_hashes),
            ));
        }
    };
    match Policy::parse(&text) {
        Ok(base) => Ok(Some(
            PolicyBuilder::new(Some(base)).with_unsafe_hashes(args.unsafe_hashes),
        )),
        Err(problems) => {
            human::print_policy_problems(&origin, &text, &problems);
            Ok(None)
        }
    }
}
