//! Inventories that were made apart, joined: a site hashed in shards or on several machines gets one policy.
//!
//! What `--format json` prints is read back strictly, since a page that is lost on the way is an outage. The inventory
//! that results is the one that a single run over all the pages makes: pages in path order, each distinct inline where it
//! is first seen. Policies and what was found about them are not carried over: they are made anew, from the base that is given now.

#[cfg(test)]
mod tests;

mod known;
mod read;
mod resources;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

pub use super::document::SCHEMA_VERSION;
use super::document::{Document, Head};
use super::requests::RequestIdentity;
use super::{DistinctRequest, SiteUrl};
use crate::error::{Error, ErrorKind, Remedy, Result};
use crate::finding::{Code, Finding, Place};
use crate::hash::HashAlgorithm;
use crate::location::Location;
use crate::site::Inventory;
use known::Known;
use read::{Counted, ReadPage, pages_of};
use resources::Followed;

/// Joins inventories, each with the name it is reported under and what [`json`](crate::target) printed.
///
/// A page (the same path and the same place in the site) may stand in several of them if it is the same in all. The address of the
/// site is `site`, else that of those which have one. The paths in those without one are taken for paths of its host, and its URLs
/// are its own.
///
/// # Errors
///
/// [`ErrorKind::Limit`] for more than 16 hashes of one inline resource;
/// [`ErrorKind::Inventory`] for what is no inventory of this version or the one before it, one that does not agree with itself, and
/// two that do not agree on a page, on the algorithm or on the address of the site, with each other or with `site`; [`ErrorKind::NoPages`] when there is no page at all.
pub fn merge(inputs: Vec<(String, Vec<u8>)>, site: Option<SiteUrl>) -> Result<Inventory> {
    let site = one_site(&inputs, site)?;
    let mut algorithm: Option<(HashAlgorithm, String)> = None;
    let mut pages: BTreeMap<Key, (String, ReadPage)> = BTreeMap::new();
    let mut followed = <[Followed; 3]>::default();
    let mut all_known = Known::default();
    for (name, bytes) in inputs {
        let document = Document::read(&bytes).map_err(|error| error.at(&name))?;
        drop(bytes);
        match &algorithm {
            None => algorithm = Some((document.algorithm.0, name.clone())),
            Some((known, first)) if *known != document.algorithm.0 => {
                let message = format!("the hashes are {}, but {known} in {first}", document.algorithm.0);
                let error = Error::new(ErrorKind::Inventory, message).at(&name);
                return Err(error.with_remedy(Remedy::SameAlgorithm));
            }
            Some(_) => {}
        }
        let (own, more) = pages_of(document, &site, &mut all_known).map_err(|error| error.at(&name))?;
        for page in own {
            add(&mut pages, &name, page)?;
        }
        for (all, more) in followed.iter_mut().zip(more) {
            join(all, more);
        }
    }
    let (Some((algorithm, _)), false) = (algorithm, pages.is_empty()) else {
        let message = "no page in the inventories";
        return Err(Error::new(ErrorKind::NoPages, message));
    };
    let mut inventory = Inventory::new(algorithm).with_site(site);
    let mut unknown: BTreeMap<String, usize> = BTreeMap::new();
    // The order of a run: documents that pages frame come after the pages, and standard input comes last of these.
    let mut pages: Vec<_> = pages.into_values().collect();
    pages.sort_by_key(|(_, read)| (read.framed, &*read.page.path == "-"));
    for (name, read) in pages {
        let ReadPage { page, framed, .. } = read;
        if !page.knows_requests {
            *unknown.entry(name).or_default() += 1;
        }
        let used = |all: Counted| all.into_iter().map(|(request, uses)| DistinctRequest { uses, ..(*request).clone() });
        let from = inventory.pages().len();
        inventory.add_resolved(page, used(read.requests), used(read.mentions))?;
        inventory.set_framed(from, framed);
    }
    let [followed, by_scripts, late] = followed;
    inventory.follow(|requests, start| known(&followed, requests, start));
    let by_scripts = known(&by_scripts, inventory.requests(), 0);
    inventory.mention(by_scripts, |requests, start| known(&late, requests, start));
    all_known.note(&mut inventory);
    inventory.note(unknown.into_iter().map(unknown_resources));
    Ok(inventory)
}

/// What follows from requests, of which the first has the index `start`.
fn known(followed: &Followed, requests: &[DistinctRequest], start: u32) -> Vec<(u32, Vec<DistinctRequest>)> {
    let found = (start..).zip(requests).filter_map(|(id, request)| {
        let own = followed.get(&request.identity())?.iter();
        Some((id, own.map(|it| (**it).clone()).collect()))
    });
    found.collect()
}

/// Adds what follows from requests, each once.
fn join(all: &mut Followed, more: Followed) {
    for (from, requests) in more {
        let known = all.entry(from).or_default();
        let seen = known.iter().map(|request: &Arc<DistinctRequest>| request.identity());
        let mut seen: HashSet<RequestIdentity> = seen.collect();
        let new = requests.into_iter();
        known.extend(new.filter(|request| seen.insert(request.identity())));
    }
}

/// The address of the site: the one that is given, or that of the inventories.
fn one_site(inputs: &[(String, Vec<u8>)], given: Option<SiteUrl>) -> Result<SiteUrl> {
    let mut site = given.map(|site| (site, "the arguments or the configuration"));
    for (name, bytes) in inputs {
        let head = Head::read(bytes).map_err(|error| error.at(name))?;
        let own = head.site_url.map(|url| SiteUrl::parse(&url)).transpose();
        let own = own.map_err(|error| Error::new(ErrorKind::Inventory, error.to_string()).at(name));
        match (own?, &site) {
            (None, _) => {}
            (Some(own), None) => site = Some((own, name)),
            (Some(own), Some((known, first))) if own != *known => {
                let message = format!("the site is {own}, but {known} in {first}");
                let error = Error::new(ErrorKind::Inventory, message).at(name);
                return Err(error.with_remedy(Remedy::PrintInventory));
            }
            (Some(_), Some(_)) => {}
        }
    }
    Ok(site.map(|(site, _)| site).unwrap_or_default())
}

/// The finding about an inventory with this number of pages of which it does not list the resources.
fn unknown_resources((name, pages): (String, usize)) -> Finding {
    let message = format!(
        "what the pages of this inventory ask for by URL is not known of {pages} of them, so the policy may block it unreported"
    );
    let help = "print the inventory anew with cspseal hash --format json of this version";
    let place = Place::of(&name.into(), Location::START);
    Finding::new(Code::UnknownResources, message, help).at(place)
}

/// The path of a page and its place in the site.
type Key = (Arc<str>, Arc<str>);

fn add(pages: &mut BTreeMap<Key, (String, ReadPage)>, name: &str, new: ReadPage) -> Result<()> {
    let page = &new.page;
    match pages.entry((Arc::clone(&page.path), Arc::clone(&page.site_path))) {
        Entry::Vacant(free) => {
            free.insert((name.to_owned(), new));
            Ok(())
        }
        Entry::Occupied(mut taken) => {
            let (first, known) = taken.get_mut();
            if known.agrees_with(&new) && first != name {
                known.framed = known.framed.min(new.framed);
                if !known.page.knows_requests {
                    let framed = known.framed;
                    taken.insert((name.to_owned(), ReadPage { framed, ..new }));
                }
                return Ok(());
            }
            let message = if first == name {
                format!("the page {} stands there twice", page.path)
            } else {
                format!(
                    "the page {} is not what it is in {first}; hash it once more, from the site that is deployed",
                    page.path
                )
            };
            Err(Error::new(ErrorKind::Inventory, message).at(name))
        }
    }
}
