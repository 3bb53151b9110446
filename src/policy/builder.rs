//! The policy of a site and of each page: the base, and what the pages need.

use super::{Need, Policy, PolicyChange};
use crate::finding::{Bounded, Finding, Place};
use crate::hash::HashSource;
use crate::page::InlineKind;
use crate::site::{DistinctInline, Inventory, InventoryPage};

/// How policies are made from a base.
#[derive(Clone, Debug, Default)]
pub struct PolicyBuilder {
    base: Option<Policy>,
    unsafe_hashes: bool,
}

/// A policy and what the needs changed in its base.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuiltPolicy {
    /// The policy.
    pub policy: Policy,
    /// What the needs changed beyond what they allow.
    pub changes: Vec<PolicyChange>,
}

impl PolicyBuilder {
    /// Without a base the result is a fragment: the directives with what is needed, and nothing else.
    #[must_use]
    pub fn new(base: Option<Policy>) -> Self {
        Self {
            base,
            unsafe_hashes: false,
        }
    }

    /// Whether attributes and `javascript:` URLs get hashes too, with `'unsafe-hashes'`.
    #[must_use]
    pub const fn with_unsafe_hashes(mut self, unsafe_hashes: bool) -> Self {
        self.unsafe_hashes = unsafe_hashes;
        self
    }

    /// The same on another base.
    #[must_use]
    pub const fn with_base(&self, base: Option<Policy>) -> Self {
        Self {
            base,
            unsafe_hashes: self.unsafe_hashes,
        }
    }

    /// The base policy.
    #[must_use]
    pub const fn base(&self) -> Option<&Policy> {
        self.base.as_ref()
    }

    /// Whether the hash of an inline of this kind goes into the policy.
    #[must_use]
    pub const fn hashes(&self, kind: InlineKind) -> bool {
        self.unsafe_hashes || !kind.check_type().needs_unsafe_hashes()
    }

    /// The policy that meets the needs.
    #[must_use]
    pub fn build<'p>(&self, needs: impl IntoIterator<Item = Need<'p>>) -> BuiltPolicy {
        let mut policy = self.base.clone().unwrap_or_default();
        let mut changes = policy.allow(needs);
        changes.sort();
        changes.dedup();
        BuiltPolicy { policy, changes }
    }

    /// The needs of inline resources whose hashes go into the policy.
    fn needs<'i>(
        &self,
        inlines: impl IntoIterator<Item = &'i DistinctInline>,
    ) -> impl Iterator<Item = Need<'i>> {
        let inlines = inlines.into_iter();
        let inlines = inlines.filter(|inline| self.hashes(inline.kind));
        inlines.flat_map(|inline| {
            let check = inline.kind.check_type();
            let need = move |hash: &HashSource| Need::hash(check, *hash).at(&inline.first);
            inline.hashes.iter().map(need)
        })
    }

    /// The policy under which every page works.
    #[must_use]
    pub fn site(&self, inventory: &Inventory) -> BuiltPolicy {
        self.build(self.needs(inventory.inlines()))
    }

    /// The policy under which one page works.
    #[must_use]
    pub fn page(&self, inventory: &Inventory, page: &InventoryPage) -> BuiltPolicy {
        self.build(self.needs(inventory.inlines_of(page)))
    }

    /// Whether a page that holds `inline` breaks under `policy`, one that this builder made.
    ///
    /// A fragment restricts nothing by itself, but the policy it is meant for does.
    #[must_use]
    pub fn blocks(&self, policy: &Policy, inline: &DistinctInline) -> bool {
        if self.hashes(inline.kind) {
            return false;
        }
        let check = inline.kind.check_type();
        self.base.is_none()
            || !inline
                .hashes
                .iter()
                .all(|hash| policy.allows_hash(check, hash))
    }

    /// What there is to say about the site's policy: what it blocks, and what the needs changed.
    #[must_use]
    pub fn findings(&self, inventory: &Inventory, site: &BuiltPolicy) -> Vec<Finding> {
        let mut findings: Bounded = site
            .changes
            .iter()
            .map(|change| self.change_finding(inventory, change))
            .collect();
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
            finding.excerpt.clone_from(&inline.excerpt);
            findings.push(finding);
        }
        findings.into_vec()
    }

    /// The change as a finding, at the place of the need where that can be mended.
    fn change_finding(&self, inventory: &Inventory, change: &PolicyChange) -> Finding {
        let finding = change.finding();
        let place = match change {
            PolicyChange::EmptyHashInScript { .. } => {
                let mut needs = self.needs(inventory.inlines());
                needs
                    .find(Need::is_empty_script)
                    .and_then(|need| need.place)
            }
            PolicyChange::NewRestriction { .. } | PolicyChange::UnsafeInlineDisabled { .. } => None,
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
