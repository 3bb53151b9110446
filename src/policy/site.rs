//! The policy of a site and of each page: the base, and the hashes of what the pages hold.

use super::{Policy, PolicyChange};
use crate::finding::{Code, Finding, Place};
use crate::page::{InlineCheckType, InlineKind};
use crate::site::{DistinctInline, Inventory, InventoryPage};

/// How policies are made from a base.
#[derive(Clone, Debug, Default)]
pub struct PolicyBuilder {
    base: Option<Policy>,
    unsafe_hashes: bool,
}

/// A policy and what the hashes changed in its base.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuiltPolicy {
    /// The policy.
    pub policy: Policy,
    /// What the hashes changed beyond what they allow.
    pub changes: Vec<PolicyChange>,
}

impl PolicyBuilder {
    /// Without a base the result is a fragment: the directives with the hashes, and nothing else.
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
        self.unsafe_hashes || !kind.needs_unsafe_hashes()
    }

    /// The policy under which `inlines` work.
    #[must_use]
    pub fn build<'i>(&self, inlines: impl IntoIterator<Item = &'i DistinctInline>) -> BuiltPolicy {
        let mut needs: Vec<(InlineCheckType, _)> = inlines
            .into_iter()
            .filter(|inline| self.hashes(inline.kind))
            .flat_map(|inline| {
                inline
                    .hashes
                    .iter()
                    .map(|hash| (inline.kind.check_type(), *hash))
            })
            .collect();
        needs.sort_unstable_by_key(|(check, _)| *check);
        let mut policy = self.base.clone().unwrap_or_default();
        let mut changes = Vec::new();
        for group in needs.chunk_by(|a, b| a.0 == b.0) {
            changes.extend(policy.allow_inline(group[0].0, group.iter().map(|(_, hash)| *hash)));
        }
        changes.sort();
        changes.dedup();
        BuiltPolicy { policy, changes }
    }

    /// The policy under which every page works.
    #[must_use]
    pub fn site(&self, inventory: &Inventory) -> BuiltPolicy {
        self.build(inventory.inlines())
    }

    /// The policy under which one page works.
    #[must_use]
    pub fn page(&self, inventory: &Inventory, page: &InventoryPage) -> BuiltPolicy {
        self.build(inventory.inlines_of(page))
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

    /// What there is to say about the site's policy: what it blocks, and what the hashes changed.
    #[must_use]
    pub fn findings(&self, inventory: &Inventory, site: &BuiltPolicy) -> Vec<Finding> {
        let mut findings: Vec<Finding> = site
            .changes
            .iter()
            .map(|change| change_finding(inventory, change))
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
        findings
    }
}

fn blocked_finding(inline: &DistinctInline) -> Finding {
    let (code, message, help) = match inline.kind {
        InlineKind::StyleAttribute => (
            Code::BlockedStyleAttribute,
            "the policy blocks this style attribute",
            "move the style to a class in a stylesheet, or allow it with --unsafe-hashes",
        ),
        InlineKind::JavascriptUrl => (
            Code::BlockedJavascriptUrl,
            "the policy blocks this javascript: URL",
            "use a button with addEventListener in a script, or allow it with --unsafe-hashes",
        ),
        _ => (
            Code::BlockedHandler,
            "the policy blocks this event handler",
            "use addEventListener in a script, or allow it with --unsafe-hashes",
        ),
    };
    Finding::new(code, message, help)
}

fn change_finding(inventory: &Inventory, change: &PolicyChange) -> Finding {
    let finding = change.finding();
    let empty =
        |inline: &&DistinctInline| inline.bytes == 0 && inline.kind == InlineKind::EventHandler;
    let is_empty_hash = matches!(change, PolicyChange::EmptyHashInScript { .. });
    match inventory.inlines().iter().find(empty) {
        Some(inline) if is_empty_hash => finding.at(inline.first.clone()),
        _ => finding,
    }
}
