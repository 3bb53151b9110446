//! The requests of pages and the mentions of their scripts as tables for a person, with a row for each directive and origin, or for
//! each directive and URL.

use std::collections::HashMap;

use super::table::table;
use crate::finding::Place;
use crate::policy::{DirectiveName, Granularity, SourceExpression};
use crate::site::{DistinctRequest, Inventory, SiteUrl};
use crate::target::one_line;

/// What the table has in place of a URL that template code makes, and of one in a file of which nothing may be shown.
const TEMPLATE_CODE: &str = "(template code)";
const HIDDEN: &str = "(not shown)";

/// One list of requests of an inventory.
#[derive(Clone, Copy)]
pub(super) struct Listed<'i> {
    inventory: &'i Inventory,
    pub(super) all: &'i [DistinctRequest],
    are_mentions: bool,
}

impl<'i> Listed<'i> {
    /// What pages ask for by URL.
    pub(super) fn requests(inventory: &'i Inventory) -> Self {
        Self { inventory, all: inventory.requests(), are_mentions: false }
    }

    /// What their scripts mention.
    pub(super) fn mentions(inventory: &'i Inventory) -> Self {
        Self { inventory, all: inventory.mentions(), are_mentions: true }
    }
}

/// What pages ask for or mention under one directive and name.
pub(super) struct Row<'i> {
    pub(super) directive: DirectiveName,
    pub(super) name: String,
    pub(super) uses: u64,
    pub(super) pages: u64,
    pub(super) first: &'i Place,
}

/// The requests with the same directive and name together, by directive, those with most uses first. `name` has none for those that
/// are left out.
pub(super) fn rows<'i>(listed: Listed<'i>, name: impl Fn(&DistinctRequest) -> Option<String>) -> Vec<Row<'i>> {
    let mut rows: Vec<Row<'i>> = Vec::new();
    let mut known: HashMap<(DirectiveName, String), usize> = HashMap::new();
    let mut row_of = Vec::with_capacity(listed.all.len());
    for request in listed.all {
        let row = name(request).map(|name| {
            let directive = DirectiveName::extended_for(request.destination);
            let next = rows.len();
            let row = *known.entry((directive, name.clone())).or_insert(next);
            if row == next {
                rows.push(Row { directive, name, uses: 0, pages: 0, first: &request.first });
            }
            rows[row].uses += request.uses;
            row
        });
        row_of.push(row);
    }
    let of = |id| row_of[id as usize].as_slice();
    let inventory = listed.inventory;
    let count = |row: usize, pages| rows[row].pages += pages;
    match listed.are_mentions {
        true => inventory.count_mentioning(of, count),
        false => inventory.count_pages(of, count),
    }
    rows.sort_by(|a, b| {
        let key = |row: &Row<'_>| (row.directive.name(), std::cmp::Reverse(row.uses));
        key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
    });
    rows
}

/// The origin of a request as a policy spells it, or else as a URL has it; [`None`] for one that is never sent.
pub(super) fn origin(request: &DistinctRequest, site: &SiteUrl) -> Option<String> {
    let Some(url) = request.shown_url() else {
        let why = if request.is_hidden { HIDDEN } else { TEMPLATE_CODE };
        return Some(why.to_owned());
    };
    let directive = request.destination.into();
    match SourceExpression::for_url(url, site, directive, Granularity::Origin) {
        Ok(source) => Some(source?.to_string()),
        Err(_) if url.origin().is_tuple() => Some(url.origin().ascii_serialization()),
        Err(_) => Some(format!("{}:", url.scheme())),
    }
}

/// The tables of the origins or, `by_url`, of the URLs; those of the site itself from the path on.
pub(super) fn print(inventory: &Inventory, by_url: bool, out: &mut String) {
    print_table(Listed::requests(inventory), by_url, out);
    let mentions = Listed::mentions(inventory);
    if mentions.all.is_empty() {
        out.push_str("\nWhat scripts ask for at run time is unknown and not listed.\n");
        return;
    }
    out.push_str("\nMentioned in scripts, which may ask for them at run time; hash --mentioned adds them:\n");
    print_table(mentions, by_url, out);
    out.push_str("\nWhat else scripts ask for at run time is unknown and not listed.\n");
}

fn print_table(listed: Listed<'_>, by_url: bool, out: &mut String) {
    let site = listed.inventory.site();
    let rows = rows(listed, |request| {
        let origin = origin(request, site)?;
        let url = request.shown_url().filter(|_| by_url);
        Some(url.map_or(origin, |url| site.path_of(url).unwrap_or(url.as_str()).to_owned()))
    });
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| {
            vec![
                row.directive.name().to_owned(),
                one_line(&row.name),
                row.uses.to_string(),
                row.pages.to_string(),
                one_line(&row.first.to_string()),
            ]
        })
        .collect();
    let name = if by_url { "URL" } else { "ORIGIN" };
    let header = ["DIRECTIVE", name, "USES", "PAGES", "FIRST"];
    table(&header, &[false, false, true, true, false], &rows, out);
}
