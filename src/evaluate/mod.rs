//! The weaknesses of a policy: what an attacker who can inject markup would still get past it.
//!
//! [csp_evaluator](https://github.com/google/csp-evaluator) is the reference, and its verdicts are ours wherever browsers agree
//! with it; where they do not, the browsers are right. Policies are read as browsers read them, faults and all, and what is
//! malformed is a finding beside the weaknesses. This module knows texts of policies only, neither pages nor files.
//!
//! ```
//! use cspseal::evaluate::{Checks, evaluate};
//!
//! let found = evaluate("script-src 'unsafe-inline'; object-src 'none'", Checks::Weaknesses);
//! assert_eq!(found.len(), 1);
//! assert_eq!(found[0].code.name(), "weak-unsafe-inline");
//! assert_eq!(found[0].directive.as_deref(), Some("script-src"));
//! assert_eq!(found[0].value.as_deref(), Some("'unsafe-inline'"));
//! ```

mod allowlist;
mod bypass;
mod channel;
mod deprecated;
mod inline;
mod malformed;
mod missing;
mod strict;
mod weak_sources;
mod weakness;

pub use malformed::malformed;
pub use weakness::Weakness;

use channel::{Channel, Reading};
use weakness::Weaknesses;

/// How far an evaluation goes.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
    /// What is malformed, and what makes the policy weak.
    Weaknesses,
    /// Advice towards a [strict policy](https://web.dev/articles/strict-csp) too.
    Strict,
}

/// Evaluates a policy that stands alone.
///
/// `policy` is one [serialized policy](https://www.w3.org/TR/CSP3/#serialized-policy); cut a header at its commas first. A
/// policy that is only reported is evaluated as if it were enforced. In the order of the text, what is missing last.
#[must_use]
pub fn evaluate(policy: &str, checks: Checks) -> Vec<Weakness> {
    evaluate_together(&[policy], checks).pop().unwrap_or_default()
}

/// Evaluates the policies that a page has to satisfy together; the results are in their order.
///
/// What one policy lets through another may stop, so a weakness counts only if no other policy closes what it opens. Malformed
/// parts, hygiene and advice are about each policy by itself.
#[must_use]
pub fn evaluate_together(policies: &[&str], checks: Checks) -> Vec<Vec<Weakness>> {
    let readings: Vec<_> = policies.iter().map(|policy| Reading::new(policy)).collect();
    let mut found: Vec<_> = readings.iter().map(weaknesses).collect();
    missing::add_base_uri(&readings, &mut found);
    let open: Vec<_> = readings.iter().zip(&found).map(|(reading, found)| found.open(reading)).collect();
    let mut open_in = [0; Channel::ALL.len()];
    for channel in open.iter().flatten() {
        open_in[*channel as usize] += 1;
    }
    let all = policies.iter().zip(&readings).zip(found).enumerate();
    all.map(|(index, ((policy, reading), mut found))| {
        found.keep_open(|channel| {
            let own = usize::from(open[index].contains(&channel));
            open_in[channel as usize] - own == policies.len() - 1
        });
        if checks == Checks::Strict {
            strict::check(reading, &mut found);
        }
        let mut weaknesses = malformed(policy);
        weaknesses.extend(found.into_weaknesses());
        // Stable, so that what is about one place keeps the order of the checks.
        weaknesses.sort_by_key(|w| w.span.as_ref().map_or(usize::MAX, |span| span.start));
        weaknesses
    })
    .collect()
}

fn weaknesses(reading: &Reading<'_>) -> Weaknesses {
    let mut found = Weaknesses::default();
    inline::check(reading, &mut found);
    weak_sources::check(reading, &mut found);
    allowlist::check(reading, &mut found);
    missing::check(reading, &mut found);
    deprecated::check(reading, &mut found);
    found
}

#[cfg(test)]
mod tests;
