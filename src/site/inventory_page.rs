//! A page of an inventory: its uses of what the site has, by their indices.

use std::sync::Arc;

use crate::page::javascript::Sign;
use crate::page::{InlineUse, Location, Nesting, Nestings, NoncedInline};

/// A page of an inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InventoryPage {
    /// The path as it is reported.
    pub path: Arc<str>,
    /// Its place in the site; see [`Page::site_path`](crate::Page::site_path).
    pub site_path: Arc<str>,
    /// Its inline resources in source order.
    pub uses: Vec<InlineUse>,
    /// The scripts and styles that carry a nonce and so were not hashed, in source order.
    pub nonced: Vec<NoncedInline>,
    /// The first `<meta>` with a policy for the page; unknown in a merged inventory.
    pub own_policy: Option<Location>,
    /// What it asks for by URL, of [`Inventory::requests`](super::Inventory::requests).
    pub(crate) requests: PageRequests,
    /// The URLs that its scripts mention, of [`Inventory::mentions`](super::Inventory::mentions).
    pub(crate) mentions: PageRequests,
    /// What its inline scripts do, in source order.
    pub(crate) signs: Vec<(Sign, Location)>,
    /// Whether it is known what it asks for by URL.
    pub(crate) knows_requests: bool,
    /// Of a document that pages frame 1, of one that only such documents frame 2, and so on; 0 for a page.
    pub(crate) framed: u32,
    pub(super) nestings: Nestings,
}

/// Requests of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageRequests {
    /// Their indices, each once.
    pub(crate) ids: Vec<u32>,
    /// The number of uses of those among them that it uses several times.
    pub(crate) repeated: Vec<(u32, u64)>,
}

impl From<Vec<(u32, u64)>> for PageRequests {
    fn from(counted: Vec<(u32, u64)>) -> Self {
        let repeated = counted.iter().filter(|(_, uses)| *uses > 1);
        Self { repeated: repeated.copied().collect(), ids: counted.into_iter().map(|(id, _)| id).collect() }
    }
}

impl InventoryPage {
    /// What a use is nested in, outermost first.
    #[must_use]
    pub fn nested(&self, used: &InlineUse) -> &[Nesting] {
        self.nestings.get(used.nesting)
    }
}
