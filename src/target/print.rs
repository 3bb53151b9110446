//! Printing a deployment, after checking it against the capabilities of its target.

use super::limits::explained;
use super::{
    BROWSER_LIMIT, Deployment, NonceMaker, Scope, Sends, SentPolicy, Target, cannot, check_policies, one_line,
};
use crate::error::{Error, ErrorKind, Remedy, Result};
use crate::policy::SourceExpression;

/// Prints a deployment, after checking it against the target's capabilities.
///
/// # Errors
///
/// As [`Target::emit`]; [`ErrorKind::Unsupported`] for a scope or a disposition that the target does not have,
/// [`ErrorKind::Limit`] for policies that it would not accept, with the sizes, the largest contributors and what would fit.
pub fn print(target: &Target, deployment: &Deployment<'_>) -> Result<Vec<u8>> {
    explained(target, deployment, |deployment| {
        check(target, deployment)?;
        let mut out = Vec::new();
        target.emit(deployment, &mut out)?;
        Ok(out)
    })
}

/// Prints a deployment as part of a file with this content.
///
/// # Errors
///
/// As [`print()`], and as [`Target::merge`].
pub fn print_into(target: &Target, deployment: &Deployment<'_>, existing: &[u8]) -> Result<Vec<u8>> {
    explained(target, deployment, |deployment| {
        check(target, deployment)?;
        target.merge(deployment, existing)
    })
}

/// Rejects what a target cannot do at all: policies that are only reported, nonces.
///
/// # Errors
///
/// [`ErrorKind::Unsupported`].
pub fn check_ability(target: &Target, deployment: &Deployment<'_>) -> Result<()> {
    let name = target.name();
    if deployment.sends == Sends::ReportOnly && !target.report_only {
        let why = target.why_enforced;
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        let what = format!("send a policy that is only reported{why}");
        return Err(cannot(name, &what));
    }
    let sent = deployment.sent();
    if let (Some(why), true) = (target.why_one, sent.len() > 1) {
        let what = format!("send a report-only policy next to the enforced one: {why}");
        let remedy = match target.report_only {
            true => Remedy::OnePolicy,
            false => Remedy::EnforcedPolicy,
        };
        return Err(cannot(name, &what).with_remedy(remedy));
    }
    if sent.len() > 1 && deployment.bases().next() == Some(None) && !target.scopes.is_empty() {
        let message = format!("{name} has no policy to enforce next to the report-only one");
        let error = Error::new(ErrorKind::Unsupported, message);
        return Err(error.with_remedy(Remedy::BasePolicy).with_remedy(Remedy::OnePolicy));
    }
    if deployment.nonce().is_some() && !deployment.makes_nonces(target) {
        return Err(unfresh(name, deployment));
    }
    if target.nonces {
        return Ok(());
    }
    sent.iter().try_for_each(|sent| refuse_nonces(name, sent))
}

/// How many pages an error names.
const PAGES: usize = 10;

/// The error of a target that cannot make the nonce that pages carry.
fn unfresh(name: &str, deployment: &Deployment<'_>) -> Error {
    let maker = match deployment.report.nonces {
        Some(NonceMaker::Framework(framework)) => format!("the nonce of {framework}"),
        Some(NonceMaker::Server) | None => "a fresh nonce".to_owned(),
    };
    let pages = deployment.report.inventory.pages().iter();
    let pages = pages.filter(|page| !page.nonced.is_empty());
    let mut names: Vec<String> = pages.map(|page| one_line(&page.path)).collect();
    let rest = names.len().saturating_sub(PAGES);
    names.truncate(PAGES);
    let mut list = names.join(", ");
    if rest > 0 {
        list.push_str(&format!(" and {rest} more"));
    }
    cannot(name, &format!("send {maker}, which these pages need: {list}")).with_remedy(Remedy::FreshNonces)
}

/// Rejects a base policy with a nonce: the text of most formats is the same for every response. That of the builder is not.
fn refuse_nonces(name: &str, sent: &SentPolicy<'_>) -> Result<()> {
    let is_nonce =
        |source: &&SourceExpression| matches!(source, SourceExpression::Nonce(nonce) if Some(nonce) != sent.nonce);
    for directive in sent.policy.directives() {
        if let Some(nonce) = directive.sources().iter().find(is_nonce) {
            let what = format!(
                "put a fresh value in the place of {nonce} in {} of the base policy; take it out",
                directive.name()
            );
            return Err(cannot(name, &what).with_remedy(Remedy::FreshNonces));
        }
    }
    Ok(())
}

fn check(target: &Target, deployment: &Deployment<'_>) -> Result<()> {
    let name = target.name();
    if !target.scopes.is_empty() && !target.scopes.contains(&deployment.scope) {
        let scope = deployment.scope.name();
        let message = format!("{name} has no policies of scope {scope}");
        return Err(Error::new(ErrorKind::Unsupported, message).with_remedy(Remedy::ListFormats));
    }
    check_ability(target, deployment)?;
    if deployment.scope == Scope::Page {
        deployment.refuse_shared_places()?;
        if deployment.nonce().is_some() && !target.scopes.is_empty() {
            let error = cannot(name, "send fresh nonces in a policy for each page");
            return Err(error.with_remedy(Remedy::SitePolicy));
        }
    }
    // What is printed for another program is not yet on its way to a browser.
    let reaches_browsers = !target.nonces && !target.scopes.is_empty();
    let mut limits = target.limits;
    let browsers = reaches_browsers.then_some(BROWSER_LIMIT);
    limits.response = limits.response.or(browsers);
    check_policies(name, &limits, deployment)
}

#[cfg(test)]
mod tests {
    use super::super::TARGETS;
    use super::super::tests::fixture::deployed;
    use super::*;

    #[test]
    fn only_formats_for_people_and_programs_take_a_nonce() {
        for target in TARGETS {
            let scopes = target.scopes;
            for scope in if scopes.is_empty() { &[Scope::Site] } else { scopes } {
                let printed =
                    deployed("script-src 'self'; style-src 'nonce-P'", &[("a.html", "")], *scope, |deployment| {
                        print(target, deployment)
                    });
                if ["header", "json", "list"].contains(&target.name()) {
                    assert!(printed.is_ok(), "{}", target.name());
                    continue;
                }
                let error = printed.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Unsupported, "{}", target.name());
                let message = error.to_string();
                for part in ["'nonce-P'", "style-src"] {
                    assert!(message.contains(part), "{message}");
                }
                assert!(matches!(error.remedies(), [Remedy::FreshNonces]));
            }
        }
    }
}
