//! `json`: the inventory with its policies, for other programs; see [`document`](crate::site::document) for its schema.
//!
//! The lists of inlines and pages can be long, so they are written piece by piece.

mod read;

use std::io::{self, Write};

use serde::Serialize;

use super::{Report, Target};
use crate::policy::{Policy, PolicyBuilder};
use crate::site::document::{
    Algorithm, Document, FindingEntry, Hash, InlineEntry, Kind, Nested, NoncedEntry, PageEntry,
    PlaceEntry, Text, UseEntry, Version,
};
use crate::site::in_order::in_order;
use crate::site::{DistinctInline, InventoryPage};

/// Some entries of a list, in a document of their own so that they are indented as they will be.
#[derive(Serialize)]
struct Part<T> {
    list: Vec<T>,
}

pub(super) static JSON: Target = Target {
    deployed: Some(&read::FILE),
    nonces: true,
    stream: Some(write),
    ..Target::new(
        "json",
        "pages, inline resources, the site's policy and each page's; the schema is in the README",
        &[],
    )
};

fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let inventory = report.inventory;
    let document = Document {
        version: Version,
        generator: Text(concat!("cspseal ", env!("CARGO_PKG_VERSION")).into()),
        algorithm: Algorithm(inventory.algorithm()),
        policy: text(&report.site.policy),
        report_only_policy: report
            .second
            .as_ref()
            .map(|second| text(&second.site.policy)),
        inlines: Vec::new(),
        pages: Vec::new(),
        findings: report.findings.iter().map(FindingEntry::from).collect(),
    };
    let document = serde_json::to_string_pretty(&document)?;
    let lists = document.split_once(INLINES).and_then(|(before, rest)| {
        let (between, after) = rest.split_once(PAGES)?;
        Some((before, between, after))
    });
    let (before, between, after) =
        lists.ok_or_else(|| io::Error::other("the document has no place for its lists"))?;
    out.write_all(before.as_bytes())?;
    write_list(
        INLINES,
        inventory.inlines(),
        |i| inline_entry(report, i),
        out,
    )?;
    out.write_all(between.as_bytes())?;
    write_list(
        PAGES,
        inventory.pages(),
        |page| page_entry(report, page),
        out,
    )?;
    out.write_all(after.as_bytes())?;
    writeln!(out)
}

/// Where the lists belong. Quotes in a text are escaped, so nothing else reads like this.
const INLINES: &str = "  \"inlines\": []";
const PAGES: &str = "  \"pages\": []";
/// What stands before and behind the entries of a [`Part`].
const PART_START: &str = "{\n  \"list\": [";
const PART_END: &str = "\n  ]\n}";
/// How many entries a part has.
const PART: usize = 256;

/// Writes a list in its place, parts of which are made on all processors.
fn write_list<'a, T: Sync, E: Serialize>(
    place: &str,
    items: &'a [T],
    entry: impl Fn(&'a T) -> E + Sync,
    out: &mut dyn Write,
) -> io::Result<()> {
    if items.is_empty() {
        return out.write_all(place.as_bytes());
    }
    let mut separator = place.trim_end_matches(']');
    let parts: Vec<&[T]> = items.chunks(PART).collect();
    let part = |items: &&'a [T]| {
        let list = items.iter().map(&entry).collect();
        serde_json::to_string_pretty(&Part { list })
    };
    in_order(&parts, part, |part| {
        let part = part?;
        let entries = part.strip_prefix(PART_START);
        let entries = entries.and_then(|entries| entries.strip_suffix(PART_END));
        let entries = entries.ok_or_else(|| io::Error::other("a part is written otherwise"))?;
        out.write_all(separator.as_bytes())?;
        separator = ",";
        out.write_all(entries.as_bytes())
    })?;
    out.write_all(b"\n  ]")
}

fn text(policy: &Policy) -> Text {
    Text(policy.to_string().into())
}

fn inline_entry<'a>(report: &Report<'_>, inline: &'a DistinctInline) -> InlineEntry<'a> {
    let directive = report
        .site
        .policy
        .effective_directive(inline.kind.check_type());
    InlineEntry {
        kind: Kind(inline.kind),
        directive: directive.map(|directive| Text(directive.name().name().into())),
        hashes: inline.hashes.iter().copied().map(Hash).collect(),
        bytes: inline.bytes,
        uses: inline.uses,
        pages: inline.pages,
        in_policy: report.builder.hashes(inline.kind),
        first: PlaceEntry::from(&inline.first),
    }
}

fn page_entry<'a>(report: &Report<'a>, page: &'a InventoryPage) -> PageEntry<'a> {
    let uses = page.uses.iter().map(|used| UseEntry {
        inline: used.inline() as u32,
        line: used.location().line,
        column: used.location().column,
        nested: page.nested(used).iter().copied().map(Nested).collect(),
    });
    let nonced = page.nonced.iter().map(|nonced| NoncedEntry {
        kind: Kind(nonced.kind),
        line: nonced.location.line,
        column: nonced.location.column,
    });
    let built = |builder: &PolicyBuilder| text(&builder.page(report.inventory, page).policy);
    PageEntry {
        path: (&*page.path).into(),
        site_path: (&*page.site_path).into(),
        policy: built(report.builder),
        report_only_policy: report.second.as_ref().map(|second| built(second.builder)),
        inlines: uses.collect(),
        nonced: nonced.collect(),
    }
}
