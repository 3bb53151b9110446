//! The policy of a site and of each page: the base, and what the pages need.

mod findings;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::{
    DirectiveName, Granularities, IGNORED_IN_META, InlineCheckType, Need, Policy, PolicyChange, SourceExpression,
};
use crate::hash::HashSource;
use crate::nonce::NonceSource;
use crate::page::InlineKind;
use crate::site::{DistinctInline, Inventory, InventoryPage};

/// The sources of requests, with the directive that is asked first, by the indices of [`Inventory::requests`].
pub(crate) type Sources = BTreeMap<u32, Vec<Source>>;

/// Most requests have a source that others have, too.
pub(crate) type Source = Arc<(DirectiveName, SourceExpression)>;

/// How policies are made from a base.
#[derive(Clone, Debug, Default)]
pub struct PolicyBuilder {
    base: Option<Policy>,
    unsafe_hashes: bool,
    nonce: Option<NonceSource>,
    kept: Vec<DirectiveName>,
    is_only_for_restricted: bool,
    /// The sources of what pages ask for by URL, by the indices of [`Inventory::requests`].
    requests: Arc<Sources>,
    /// The sources of what their scripts mention, by the indices of [`Inventory::mentions`].
    mentions: Arc<Sources>,
    own_frames: Arc<OwnFrames>,
    external: Option<Granularities>,
    has_mentioned: bool,
    is_in_pages: bool,
}

/// Files of the site that its pages frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OwnFrames {
    /// The places in the site of those that are pages.
    pub(crate) pages: BTreeSet<String>,
    /// Whether there are others.
    pub(crate) has_others: bool,
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
        Self { base, ..Self::default() }
    }

    /// Whether attributes and `javascript:` URLs get hashes too, with `'unsafe-hashes'`.
    #[must_use]
    pub const fn with_unsafe_hashes(mut self, unsafe_hashes: bool) -> Self {
        self.unsafe_hashes = unsafe_hashes;
        self
    }

    /// Directives that are left alone where they have an `'unsafe-inline'` in force.
    #[must_use]
    pub fn with_kept_unsafe_inline(mut self, directives: Vec<DirectiveName>) -> Self {
        self.kept = directives;
        self
    }

    /// Whether what the base does not restrict is left so. Otherwise it gets a directive with the needs of the pages.
    #[must_use]
    pub const fn with_only_restricted(mut self, is_only_for_restricted: bool) -> Self {
        self.is_only_for_restricted = is_only_for_restricted;
        self
    }

    /// Whether what this check is about needs nothing, because its `'unsafe-inline'` is kept or nothing restricts it.
    fn keeps(&self, check: InlineCheckType) -> bool {
        let Some(base) = &self.base else {
            return false;
        };
        let mut names = DirectiveName::from(check).and_fallback();
        match base.effective_directive(check).is_some() {
            true => names.any(|name| self.kept.contains(&name)) && base.allows_all_inline(check),
            false => self.is_only_for_restricted,
        }
    }

    /// The nonce of the elements that carry one; without it they are left to whoever sends the policy.
    #[must_use]
    pub fn with_nonce(mut self, nonce: Option<NonceSource>) -> Self {
        self.nonce = nonce;
        self
    }

    /// The sources that allow what pages ask for by URL, with the directive that is asked first about each, by the indices of
    /// [`Inventory::requests`].
    #[must_use]
    pub(crate) fn with_requests(mut self, requests: Sources) -> Self {
        self.requests = Arc::new(requests);
        self
    }

    /// The same of what their scripts mention, by the indices of [`Inventory::mentions`].
    #[must_use]
    pub(crate) fn with_mentions(mut self, mentions: Sources) -> Self {
        self.mentions = Arc::new(mentions);
        self
    }

    /// The files of the site that its pages may frame.
    #[must_use]
    pub(crate) fn with_own_frames(mut self, own_frames: OwnFrames) -> Self {
        self.own_frames = Arc::new(own_frames);
        self
    }

    /// The policy of what is no page: the base, under which pages of the site frame it if they do.
    pub(crate) fn for_others(&self) -> Option<Policy> {
        let mut policy = self.base.clone()?;
        policy.allow(Self::ancestors(&policy, self.own_frames.has_others));
        Some(policy)
    }

    /// The need of what pages of the site frame, where a policy says who may.
    fn ancestors(policy: &Policy, is_framed: bool) -> Option<Need<'static>> {
        let ancestors = policy.directive(DirectiveName::FrameAncestors);
        (is_framed && ancestors.is_some()).then(Need::own_frames)
    }

    /// Whether the sources of what pages ask for by URL are to be added, and how much of the URLs they name;
    /// [`allow_requests`](crate::check::allow_requests) does it.
    #[must_use]
    pub fn with_external(mut self, external: Option<Granularities>) -> Self {
        self.external = external;
        self
    }

    /// Whether the sources of the URLs that scripts mention are to be added, too, if those of what pages ask for are.
    #[must_use]
    pub const fn with_mentioned(mut self, has_mentioned: bool) -> Self {
        self.has_mentioned = has_mentioned;
        self
    }

    /// Whether the policies stand in `<meta>` elements alone, where [some directives](IGNORED_IN_META) do nothing.
    #[must_use]
    pub const fn with_in_pages(mut self, is_in_pages: bool) -> Self {
        self.is_in_pages = is_in_pages;
        self
    }

    /// A policy of this builder without what does nothing where it stands.
    pub(crate) fn in_force(&self, policy: &Policy) -> Policy {
        let ignored = if self.is_in_pages { IGNORED_IN_META } else { &[] };
        policy.without(ignored)
    }

    /// Whether the sources of the URLs that scripts mention are to be added.
    pub(crate) const fn has_mentioned(&self) -> bool {
        self.has_mentioned
    }

    /// How much of the URLs the sources name that are to be added, if any are.
    pub(crate) const fn external(&self) -> Option<&Granularities> {
        self.external.as_ref()
    }

    /// The same on another base.
    #[must_use]
    pub fn with_base(&self, base: Option<Policy>) -> Self {
        Self { base, ..self.clone() }
    }

    /// The nonce that goes into the policies.
    #[must_use]
    pub const fn nonce(&self) -> Option<&NonceSource> {
        self.nonce.as_ref()
    }

    /// The base policy.
    #[must_use]
    pub const fn base(&self) -> Option<&Policy> {
        self.base.as_ref()
    }

    /// Whether the hash of an inline of this kind goes into the policy.
    #[must_use]
    pub fn hashes(&self, kind: InlineKind) -> bool {
        let check = kind.check_type();
        (self.unsafe_hashes || !check.needs_unsafe_hashes()) && !self.keeps(check)
    }

    /// Whether attributes and `javascript:` URLs get hashes.
    #[cfg(feature = "cli")]
    pub(crate) const fn has_unsafe_hashes(&self) -> bool {
        self.unsafe_hashes
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
    fn needs<'i>(&self, inlines: impl IntoIterator<Item = &'i DistinctInline>) -> impl Iterator<Item = Need<'i>> {
        let inlines = inlines.into_iter();
        let inlines = inlines.filter(|inline| self.hashes(inline.kind));
        inlines.flat_map(|inline| {
            let check = inline.kind.check_type();
            let need = move |hash: &HashSource| Need::hash(check, *hash).at(&inline.first);
            inline.hashes.iter().map(need)
        })
    }

    /// The needs of the elements that carry a nonce.
    fn nonces<'i>(&self, pages: impl IntoIterator<Item = &'i InventoryPage>) -> Vec<Need<'static>> {
        let Some(nonce) = &self.nonce else {
            return Vec::new();
        };
        let nonced = pages.into_iter().flat_map(|page| &page.nonced);
        let mut checks: Vec<_> = nonced.map(|nonced| nonced.kind.check_type()).collect();
        checks.sort_unstable();
        checks.dedup();
        checks.retain(|check| !self.keeps(*check));
        let need = |check| Need::nonce(check, nonce.clone());
        checks.into_iter().map(need).collect()
    }

    /// The needs of these sources, where a policy restricts what they are for.
    fn fetches<'r>(policy: &Policy, sources: impl IntoIterator<Item = &'r Vec<Source>>) -> Vec<Need<'static>> {
        let restricted = sources.into_iter().flatten().filter(|source| policy.effective_directive(source.0).is_some());
        let mut seen = HashSet::new();
        let mut needs: Vec<_> = restricted
            .filter(|source| seen.insert(*source))
            .filter_map(|source| Need::fetch(source.0, source.1.clone()))
            .collect();
        let all: HashSet<_> = needs.iter().filter_map(Need::origin).collect();
        let is_covered: Vec<bool> = needs.iter().map(|need| need.is_covered(&all)).collect();
        let mut is_covered = is_covered.into_iter();
        needs.retain(|_| !is_covered.next().unwrap_or_default());
        needs
    }

    /// The policy with these needs, and with those of the sources of what is asked for by URL.
    fn with_fetches<'p, 'r>(
        &self,
        is_framed: bool,
        needs: impl IntoIterator<Item = Need<'p>>,
        sources: impl IntoIterator<Item = &'r Vec<Source>>,
    ) -> BuiltPolicy {
        let mut built = self.build(needs);
        let mut fetches = Self::fetches(&built.policy, sources);
        fetches.extend(Self::ancestors(&built.policy, is_framed));
        built.changes.extend(built.policy.allow(fetches));
        built
    }

    /// The policy under which every page works.
    #[must_use]
    pub fn site(&self, inventory: &Inventory) -> BuiltPolicy {
        let nonces = self.nonces(inventory.pages()).into_iter();
        let needs = nonces.chain(self.needs(inventory.inlines()));
        let sources = self.requests.values().chain(self.mentions.values());
        let is_framed = *self.own_frames != OwnFrames::default();
        self.with_fetches(is_framed, needs, sources)
    }

    /// The policy under which one page works.
    #[must_use]
    pub fn page(&self, inventory: &Inventory, page: &InventoryPage) -> BuiltPolicy {
        let nonces = self.nonces([page]).into_iter();
        let needs = nonces.chain(self.needs(inventory.inlines_of(page)));
        let (mut requests, mut mentions) = (Vec::new(), Vec::new());
        if !self.requests.is_empty() || !self.mentions.is_empty() {
            requests = inventory.requests_of(page);
        }
        if !self.mentions.is_empty() {
            mentions = inventory.mentions_of_page(page, &requests);
        }
        let requests = requests.iter().filter_map(|id| self.requests.get(id));
        let mentions = mentions.iter().filter_map(|id| self.mentions.get(id));
        let is_framed = self.own_frames.pages.contains(&*page.site_path);
        self.with_fetches(is_framed, needs, requests.chain(mentions))
    }

    /// Whether a page that holds `inline` breaks under `policy`, one that this builder made.
    ///
    /// A fragment restricts nothing by itself, but the policy it is meant for does.
    #[must_use]
    pub fn blocks(&self, policy: &Policy, inline: &DistinctInline) -> bool {
        let check = inline.kind.check_type();
        if self.hashes(inline.kind) || self.keeps(check) {
            return false;
        }
        self.base.is_none() || !inline.hashes.iter().all(|hash| policy.allows_hash(check, hash))
    }
}
