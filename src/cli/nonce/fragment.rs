//! The policy that goes with the nonces.

use std::io::Write;

use super::values::Values;
use crate::cli::args::NonceArgs;
use crate::finding::{Code, Finding};
use crate::policy::{InlineCheckType, Need, Policy, PolicyChange};
use crate::target::nonce::{NonceSpelling, nonce_spelling};

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
    let spelling: &dyn NonceSpelling = match (values.framework(), &args.server) {
        (Some(framework), _) => framework.spelling(),
        (None, Some(server)) => nonce_spelling(server)
            .ok_or_else(|| anyhow::anyhow!("no lines are known for the server {server}"))?,
        (None, None) => &crate::target::nonce::Header,
    };
    let mut text = Vec::new();
    spelling.emit(&policy, &nonce, &mut text)?;
    if !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    out.write_all(&text)?;
    let mut findings: Vec<Finding> = changes.iter().map(PolicyChange::finding).collect();
    let unknown = spelling.unknown_directives();
    let lost = policy
        .directives()
        .filter(|directive| unknown.contains(&directive.name()));
    findings.extend(lost.map(|directive| {
        let name = directive.name();
        Finding::new(
            Code::LostDirective,
            format!("{} cannot send {name}, so it is left out", spelling.name()),
            format!("send {name} by other means, or drop it from the base"),
        )
    }));
    Ok(findings)
}
