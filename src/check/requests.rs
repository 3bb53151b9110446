//! What pages ask for by URL and a policy blocks: one finding for each origin and directive.

use std::collections::{BTreeSet, HashMap};

use super::engine::Engine;
use super::external::External;
use super::policies::{GoverningPolicy, Judged, Origin};
use crate::finding::{Code, Finding};
use crate::page::Destination;
use crate::page::subject::Nonce;
use crate::policy::Policy;
use crate::site::Inventory;

/// Findings about requests. Those that say the same are one, which stands at the first use and has the number of uses and
/// pages.
#[derive(Debug, Default)]
pub(super) struct Tally {
    all: Vec<Blocked>,
    known: HashMap<(Code, String, String), usize>,
}

#[derive(Debug)]
struct Blocked {
    finding: Finding,
    uses: u64,
    pages: u64,
}

impl Tally {
    /// Adds uses; the index is that of the finding.
    pub(super) fn add(&mut self, finding: Finding, uses: u64) -> usize {
        let key = (finding.code, finding.message.clone(), finding.help.clone());
        let next = self.all.len();
        let at = *self.known.entry(key).or_insert(next);
        if at == next {
            self.all.push(Blocked {
                finding,
                uses: 0,
                pages: 0,
            });
        }
        self.all[at].uses += uses;
        at
    }

    /// Adds those of a page.
    pub(super) fn add_page(&mut self, page: Self) {
        for blocked in page.all {
            let at = self.add(blocked.finding, blocked.uses);
            self.all[at].pages += 1;
        }
    }

    /// The findings, in the order in which they first came.
    pub(super) fn into_findings(self) -> impl Iterator<Item = Finding> {
        self.all.into_iter().map(|blocked| {
            let (mut finding, uses, pages) = (blocked.finding, blocked.uses, blocked.pages);
            let plural = |count| if count == 1 { "" } else { "s" };
            let (use_s, page_s) = (plural(uses), plural(pages));
            finding.message += &format!(": {uses} use{use_s} on {pages} page{page_s}");
            finding
        })
    }
}

/// The requests of an inventory that a policy blocks: the index of each and the finding about it. Requests whose URL template
/// code makes are left out.
fn blocked<'i>(
    policy: &Policy,
    inventory: &'i Inventory,
) -> impl Iterator<Item = (usize, Finding)> + 'i {
    let judged = GoverningPolicy::new(policy.to_string(), Origin::Named(String::new()));
    let judged = Judged::new(judged);
    let engine = Engine::default();
    // The builder reports those, which it knows by their nonces and hashes.
    let knows_scripts = policy.trusts_by_nonce_or_hash();
    let requests = inventory.requests().iter().enumerate();
    requests.filter_map(move |(id, request)| {
        if request.destination == Destination::Script && knows_scripts {
            return None;
        }
        let external = External {
            destination: request.destination,
            url: Some(request.url.as_deref()?),
            integrity: &request.integrity,
            nonce: match request.has_nonce {
                true => &Nonce::Code,
                false => &Nonce::None,
            },
        };
        let (_, found) = external.judge(&engine, inventory.site(), &[&judged]);
        let found = found?;
        Some((id, found.at(request.first.clone())))
    })
}

/// What a policy blocks of the requests of an inventory, for those who make the policy.
pub(crate) fn blocked_requests(policy: &Policy, inventory: &Inventory) -> Vec<Finding> {
    let mut tally = Tally::default();
    let mut indices = HashMap::new();
    for (id, finding) in blocked(policy, inventory) {
        let uses = inventory.requests()[id].uses;
        indices.insert(id as u32, tally.add(finding, uses));
    }
    for page in inventory.pages() {
        let ids = page.requests.iter();
        let blocked: BTreeSet<_> = ids.filter_map(|id| indices.get(id)).collect();
        blocked.into_iter().for_each(|&at| tally.all[at].pages += 1);
    }
    tally.into_findings().collect()
}
