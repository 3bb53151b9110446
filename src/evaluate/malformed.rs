//! What the strict parser has against a policy, as findings.

use super::deprecated;
use super::weakness::Weakness;
use crate::finding::Code;
use crate::policy::{Policy, PolicyProblem};

/// What browsers drop, ignore or read differently from what was meant, in the order of the text.
///
/// Part of every [evaluation](super::evaluate()).
#[must_use]
pub fn malformed(policy: &str) -> Vec<Weakness> {
    let Err(problems) = Policy::parse(policy) else {
        return Vec::new();
    };
    let weaknesses = problems.iter().map(|problem| weakness(policy, problem));
    let rest = (problems.left_out() > 0).then(|| Weakness {
        code: Code::MalformedPolicy,
        directive: None,
        value: None,
        span: None,
        message: format!("the policy has {} more problems", problems.left_out()),
        help: "fix those that are reported first".to_owned(),
    });
    weaknesses.chain(rest).collect()
}

fn weakness(policy: &str, problem: &PolicyProblem) -> Weakness {
    let span = problem.span();
    let text = &policy[span.clone()];
    if problem.directive().is_none()
        && let Some(given_up) = deprecated::weakness(text, span.clone())
    {
        return given_up;
    }
    Weakness {
        code: Code::MalformedPolicy,
        directive: problem.directive().map(str::to_owned),
        value: Some(text.to_owned()),
        span: Some(span),
        message: problem.message().to_owned(),
        help: problem.help().to_owned(),
    }
}
