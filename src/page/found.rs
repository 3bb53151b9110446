//! The inline resources, requests and links of a page while it is read.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::collect::Targeted;
use super::inlines::{InlineUse, MOST, MOST_DIFFERENT, Nestings, NoncedInline, Page, Resource};
use super::javascript::{Modules, SeenSign};
use super::links::Link;
use super::request::{Base, Request};
use super::request_set::RequestSet;
use super::subject::{self, Subjects};
use super::{InlineKind, Nesting};
use crate::finding::Finding;
use crate::hash::HashSource;
use crate::location::Location;

/// How much has been found of a page, as lengths of what [`Found`] holds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    resources: usize,
    uses: usize,
    nonced: usize,
    subjects: subject::Mark,
}

/// Gathers the inline resources of a page.
#[derive(Debug)]
pub(super) struct Found {
    resources: Vec<Resource>,
    index: HashMap<(InlineKind, Arc<[HashSource]>), u32>,
    uses: Vec<InlineUse>,
    nonced: Vec<NoncedInline>,
    pub(super) placeholders: BTreeSet<String>,
    pub(super) own_policy: Option<Location>,
    nestings: Nestings,
    requests: RequestSet,
    mentions: RequestSet,
    pub(super) signs: Vec<SeenSign>,
    pub(super) bases: Vec<Base>,
    pub(super) modules: Modules,
    pub(super) subjects: Option<Box<Subjects>>,
    pub(super) links: Vec<Link>,
    pub(super) targeted: Targeted,
}

impl Default for Found {
    fn default() -> Self {
        Self::new(false)
    }
}

impl Found {
    /// Nothing yet; with the subjects themselves if a view wants them.
    pub(super) fn new(subjects: bool) -> Self {
        Self {
            resources: Vec::new(),
            index: HashMap::new(),
            uses: Vec::new(),
            nonced: Vec::new(),
            placeholders: BTreeSet::new(),
            nestings: Nestings::default(),
            requests: RequestSet::default(),
            mentions: RequestSet::default(),
            signs: Vec::new(),
            bases: vec![Base { parent: None, is_data: false, href: None }],
            modules: Modules::default(),
            subjects: subjects.then(Box::default),
            own_policy: None,
            links: Vec::new(),
            targeted: Targeted::default(),
        }
    }

    /// Adds a use of a URL.
    pub(super) fn add_request(&mut self, request: Request) {
        // A page with more is rejected.
        if self.requests.len() <= MOST_DIFFERENT {
            self.requests.add(request);
        }
    }

    /// Adds a URL that a script mentions.
    pub(super) fn add_mention(&mut self, mention: Request) {
        // A page with more is rejected.
        if self.mentions.len() <= MOST_DIFFERENT {
            self.mentions.add(mention);
        }
    }

    /// Adds what a nonce allows.
    pub(super) fn add_nonced(&mut self, kind: InlineKind, location: Location) {
        self.nonced.push(NoncedInline { kind, location });
    }

    /// Adds a link.
    pub(super) fn add_link(&mut self, link: Link) {
        if self.links.len() < MOST {
            self.links.push(link);
        }
    }

    /// Adds a use of a resource that stands at `location`.
    pub(super) fn add(&mut self, resource: Resource, location: Location, nested: &[Nesting]) {
        if self.resources.len() > MOST_DIFFERENT || self.uses.len() > MOST {
            // The page is rejected.
            return;
        }
        let inline = self.intern(resource);
        let nesting = self.nestings.intern(nested);
        self.uses.push(InlineUse::new(inline, location, nesting));
    }

    fn intern(&mut self, resource: Resource) -> u32 {
        let key = (resource.kind, Arc::clone(&resource.hashes));
        let id = *self.index.entry(key).or_insert(self.resources.len() as u32);
        if id as usize == self.resources.len() {
            self.resources.push(resource);
        }
        id
    }

    /// How much has been found.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            resources: self.resources.len(),
            uses: self.uses.len(),
            nonced: self.nonced.len(),
            subjects: self.subjects.as_ref().map(|subjects| subjects.mark()).unwrap_or_default(),
        }
    }

    /// Joins what was found between `start` and `middle` with what was found behind, by another browser at the same place:
    /// if both found the same kinds in the same order, a resource has the hashes of both.
    pub(super) fn join(&mut self, start: Mark, middle: Mark) {
        if let Some(subjects) = &mut self.subjects {
            subjects.join(start.subjects, middle.subjects);
        }
        let (one, other) = self.uses[start.uses..].split_at(middle.uses - start.uses);
        let (nonced, others) = self.nonced[start.nonced..].split_at(middle.nonced - start.nonced);
        let resource = |used: &InlineUse| &self.resources[used.inline as usize];
        let is_same = |(one, other): (&InlineUse, &InlineUse)| {
            resource(one).kind == resource(other).kind && one.nesting == other.nesting
        };
        if one.len() != other.len() || !one.iter().zip(other).all(is_same) || nonced != others {
            return;
        }
        let joined = one.iter().zip(other).map(|(one, other)| {
            let mut seen = HashSet::new();
            let both = [one, other].into_iter().flat_map(|used| &*resource(used).hashes);
            let hashes = both.copied().filter(|hash| seen.insert(*hash)).collect();
            let joined = Resource { hashes, ..resource(one).clone() };
            (joined, *one)
        });
        let joined: Vec<_> = joined.collect();
        self.nonced.truncate(middle.nonced);
        self.uses.truncate(start.uses);
        for resource in self.resources.drain(start.resources..) {
            self.index.remove(&(resource.kind, resource.hashes));
        }
        for (resource, used) in joined {
            let inline = self.intern(resource);
            self.uses.push(InlineUse { inline, ..used });
        }
    }

    /// The page with this path.
    pub(super) fn into_page(self, path: &Arc<str>, findings: Vec<Finding>) -> Page {
        Page {
            path: Arc::clone(path),
            site_path: Arc::clone(path),
            findings,
            nonced: self.nonced,
            placeholders: self.placeholders,
            own_policy: self.own_policy,
            resources: self.resources,
            uses: self.uses,
            nestings: self.nestings,
            requests: self.requests.into_all(),
            mentions: self.mentions.into_all(),
            signs: self.signs,
            knows_requests: false,
            bases: self.bases,
            modules: self.modules,
            subjects: self.subjects,
            links: self.links,
            is_hidden: false,
            address: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::inlines::tests::{resource, used};

    #[test]
    fn what_is_past_a_limit_is_not_kept() {
        let mut full = [
            Found { resources: vec![resource(); MOST_DIFFERENT + 1], ..Found::default() },
            Found { uses: vec![used(); MOST + 1], ..Found::default() },
        ];
        for found in &mut full {
            let lengths = |found: &Found| (found.resources.len(), found.uses.len());
            let before = lengths(found);
            found.add(resource(), Location::START, &[]);
            assert_eq!(lengths(found), before);
        }
    }
}
