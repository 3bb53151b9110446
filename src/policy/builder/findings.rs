//! The findings about a policy of the site: what it blocks of the pages, and what their needs changed in its base.

use std::collections::BTreeMap;

use super::{BuiltPolicy, PolicyBuilder};
use crate::finding::{Bounded, Code, Finding, Place};
use crate::page::InlineKind;
use crate::policy::{Directive, DirectiveName, Keyword, Need, Policy, PolicyChange, SourceExpression};
use crate::site::{DistinctInline, Inventory};

impl PolicyBuilder {
    /// What there is to say about the site's policy: what it blocks, and what the needs changed.
    #[must_use]
    pub fn findings(&self, inventory: &Inventory, site: &BuiltPolicy) -> Vec<Finding> {
        let mut findings: Bounded = site.changes.iter().map(|change| self.change_finding(inventory, change)).collect();
        let mut places: Vec<Vec<Place>> = vec![Vec::new(); inventory.inlines().len()];
        for (index, place) in inventory.places(|inline| self.blocks(&site.policy, inline)) {
            places[index].push(place);
        }
        for (inline, mut places) in inventory.inlines().iter().zip(places) {
            if places.is_empty() {
                continue;
            }
            let place = places.remove(0);
            let mut finding = blocked_finding(inline).at(place);
            finding.more = places;
            finding.excerpt.clone_from(&inline.source);
            findings.push(finding);
        }
        findings.extend(self.unlisted(inventory, &site.policy));
        findings.extend(self.evaluated(inventory, &site.policy));
        findings.into_vec()
    }

    /// What carries a nonce that the policy does not name. A fragment joins a policy that may name it.
    fn unlisted(&self, inventory: &Inventory, policy: &Policy) -> Vec<Finding> {
        let is_listed = |kind: InlineKind| {
            let check = kind.check_type();
            let directive = policy.effective_directive(check);
            let mut sources = directive.into_iter().flat_map(Directive::sources);
            policy.allows_all_inline(check) || sources.any(|source| matches!(source, SourceExpression::Nonce(_)))
        };
        let mut findings: BTreeMap<InlineKind, Finding> = BTreeMap::new();
        let pages = inventory.pages().iter().filter(|_| self.base.is_some());
        for page in pages {
            for nonced in page.nonced.iter().filter(|nonced| !is_listed(nonced.kind)) {
                let place = Place::of(&page.path, nonced.location);
                let finding = findings.entry(nonced.kind);
                let finding = finding.or_insert_with(|| unlisted_finding(nonced.kind));
                match finding.place {
                    None => finding.place = Some(place),
                    Some(_) => finding.more.push(place),
                }
            }
        }
        findings.into_values().collect()
    }

    /// The attributes that a library runs as code, if the policy stops that. A fragment joins a policy that may.
    fn evaluated(&self, inventory: &Inventory, policy: &Policy) -> Vec<Finding> {
        let stops = match policy.effective_directive(DirectiveName::ScriptSrc) {
            Some(directive) => {
                let unsafe_eval = SourceExpression::Keyword(Keyword::UnsafeEval);
                !directive.sources().contains(&unsafe_eval)
            }
            None => self.base.is_none(),
        };
        let found = inventory.findings().iter();
        found.filter(|found| stops && found.code == Code::EvaluatedAttribute).cloned().collect()
    }

    /// The change as a finding, at the place of the need where that can be mended.
    fn change_finding(&self, inventory: &Inventory, change: &PolicyChange) -> Finding {
        let finding = change.finding();
        let place = match change {
            PolicyChange::EmptyHashInScript { .. } => {
                let mut needs = self.needs(inventory.inlines());
                needs.find(Need::is_empty_script).and_then(|need| need.place)
            }
            PolicyChange::NewRestriction { .. }
            | PolicyChange::UnsafeInlineDisabled { .. }
            | PolicyChange::SpeculationRulesDisabled { .. } => None,
        };
        match place {
            Some(place) => finding.at(place.clone()),
            None => finding,
        }
    }
}

fn blocked_finding(inline: &DistinctInline) -> Finding {
    let kind = inline.kind;
    let allow = "allow it with --unsafe-hashes";
    let help = match kind.instead("the style") {
        Some(instead) => format!("{instead}, or {allow}"),
        None => allow.to_owned(),
    };
    let message = format!("the policy blocks this {}", kind.noun());
    Finding::new(kind.blocked(), message, help)
}

fn unlisted_finding(kind: InlineKind) -> Finding {
    let noun = kind.noun();
    Finding::new(
        Code::UnlistedNonce,
        format!("the policy names no nonce, so it blocks this {noun}, which was not hashed because it carries one"),
        "say who makes the nonces: hash --nonce with a framework or server, or a framework or placeholder in [nonce] of cspseal.toml; where your own code does, name one in the base policy for it to replace, such as 'nonce-CSP_NONCE'",
    )
}
