//! What the pages of a site ask for by URL and a policy blocks, for those who make the policy.

use super::engine::Engine;
use super::external::External;
use super::policies::{GoverningPolicy, Judged, Origin};
use crate::finding::Finding;
use crate::page::Destination;
use crate::page::subject::Nonce;
use crate::policy::Policy;
use crate::site::Inventory;

/// The requests of an inventory that a policy blocks: the index of each and the finding about it, which those of one origin and
/// directive have in common. Requests whose URL template code makes are left out.
pub(crate) fn blocked_requests(policy: &Policy, inventory: &Inventory) -> Vec<(u32, Finding)> {
    let text = policy.to_string();
    let judged = Judged::new(GoverningPolicy::new(text, Origin::Named(String::new())));
    let engine = Engine::default();
    let blocked = inventory
        .requests()
        .iter()
        .zip(0..)
        .filter_map(|(request, id)| {
            // The builder reports those, which it knows by their nonces and hashes.
            if request.destination == Destination::Script && policy.trusts_by_nonce_or_hash() {
                return None;
            }
            let external = External {
                destination: request.destination,
                url: Some(request.url.as_deref()?),
                integrity: "",
                nonce: &Nonce::None,
            };
            let found = external.judge(&engine, inventory.site(), &[&judged]);
            let found = found.into_iter().next()?;
            Some((id, found.at(request.first.clone())))
        });
    blocked.collect()
}
