//! The policy that goes with the nonces.

use super::values::Values;
use crate::cli::args::NonceArgs;
use crate::finding::{Code, Finding};
use crate::policy::{InlineCheckType, Need, Policy, PolicyChange};
use crate::target::{Disposition, SentPolicy, Target, default_target, target};

/// Prints the base with the nonce for scripts and styles, whichever are needed, as the framework or server spells it.
/// Nothing is printed when nothing has a nonce, or the nonce is none by CSP's grammar.
pub(super) fn print(
    args: &NonceArgs,
    values: &Values,
    base: Option<Policy>,
    (scripts, styles): (bool, bool),
    out: &mut Vec<u8>,
) -> anyhow::Result<Vec<Finding>> {
    let Some(nonce) = values.nonce()?.filter(|_| scripts || styles) else {
        return Ok(Vec::new());
    };
    let needs = [
        (scripts, InlineCheckType::Script),
        (styles, InlineCheckType::Style),
    ];
    let needs = needs.into_iter().filter(|(needed, _)| *needed);
    let needs = needs.map(|(_, check)| Need::nonce(check, nonce.clone()));
    let mut policy = base.unwrap_or_default();
    let changes = policy.allow(needs);
    let target: &dyn Target = match (values.framework(), &args.server) {
        (Some(framework), _) => framework.target(),
        (None, Some(server)) => target(server)
            .ok_or_else(|| anyhow::anyhow!("no lines are known for the server {server}"))?,
        (None, None) => default_target(),
    };
    let sent = SentPolicy {
        policy: &policy,
        nonce: Some(&nonce),
        disposition: Disposition::Enforce,
    };
    out.extend_from_slice(target.write(&sent)?.as_bytes());
    let mut findings: Vec<Finding> = changes.iter().map(PolicyChange::finding).collect();
    let unknown = target.support().unknown_directives;
    let lost = policy
        .directives()
        .filter(|directive| unknown.contains(&directive.name()));
    findings.extend(lost.map(|directive| {
        let name = directive.name();
        Finding::new(
            Code::LostDirective,
            format!("{} cannot send {name}, so it is left out", target.name()),
            format!("send {name} by other means, or drop it from the base"),
        )
    }));
    Ok(findings)
}
