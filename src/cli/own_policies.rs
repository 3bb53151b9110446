//! Pages whose own policy, in a `<meta>`, blocks what was hashed or what the page asks for by URL: no other policy can allow it again.

use std::collections::HashMap;
use std::sync::Arc;

use super::input;
use super::settings::{Builders, InputSettings};
use crate::check::{Checker, Policies};
use crate::error::Error;
use crate::finding::{Code, Finding, Place, Severity, plural};
use crate::page::Location;
use crate::site::{Inventory, PageFile, SiteFiles, map_files};

/// What a hash allows by itself.
const HASHED: [Code; 2] = [Code::BlockedScript, Code::BlockedStyle];
/// What a hash allows next to `'unsafe-hashes'`.
const UNSAFE_HASHED: [Code; 3] = [Code::BlockedHandler, Code::BlockedStyleAttribute, Code::BlockedJavascriptUrl];

/// The findings about these pages, which are read again under their own policies alone. `site_files` has what they use.
pub(super) fn findings(
    files: &[PageFile],
    site_files: SiteFiles,
    inventory: &Inventory,
    settings: &InputSettings,
    builders: &Builders,
) -> (Vec<Finding>, Vec<Error>) {
    let pages = inventory.pages().iter();
    let own: HashMap<&str, Location> = pages.filter_map(|page| Some((&*page.path, page.own_policy?))).collect();
    let files = files.iter().filter(|file| own.contains_key(&*file.name));
    let files: Vec<PageFile> = files.cloned().collect();
    let options = input::options(settings).with_texts_of(&files);
    let checker = Checker::new(Policies::default(), &options).with_site(settings.site.clone()).with_files(site_files);
    let is_hashed =
        |code: Code| HASHED.contains(&code) || builders.first.has_unsafe_hashes() && UNSAFE_HASHED.contains(&code);
    let mut findings = Vec::new();
    let errors = map_files(
        &files,
        &|| {},
        |file, input| {
            let checked = checker.page(&file.name, &file.site_path, input)?;
            let blocked = checked.findings.iter().filter(|f| is_hashed(f.code));
            let hashed = blocked.map(Finding::count).sum::<usize>();
            let requests = checked.blocked_requests() as usize;
            Ok((Arc::clone(&file.name), hashed, requests))
        },
        |(name, hashed, requests)| {
            let location = own.get(&*name).filter(|_| hashed + requests > 0);
            findings.extend(location.map(|location| {
                let mut finding = Finding::new(
                    Code::SecondPolicy,
                    format!("the page has a policy of its own here, which blocks {}", blocked(hashed, requests)),
                    "remove it, and give its directives with --policy; cspseal check lists what it blocks",
                );
                finding.severity = Severity::Error;
                finding.at(Place::of(&name, *location))
            }));
        },
    );
    (findings, errors)
}

/// The words for these numbers of blocked inline resources and requests.
fn blocked(hashed: usize, requests: usize) -> String {
    let inlines = match hashed {
        1 => "an inline resource that was hashed".to_owned(),
        count => format!("{count} inline resources that were hashed"),
    };
    let urls = format!("{} that it asks for", plural(requests, "URL"));
    match (hashed, requests) {
        (_, 0) => inlines,
        (0, _) => urls,
        _ => format!("{inlines} and {urls}"),
    }
}
