//! `json`: the inventory with its policies, for other programs; see [`document`](crate::site::document) for its schema.
//!
//! The lists can be long, so they are written entry by entry, each on a line of its own.

mod read;

use std::borrow::Cow;
use std::io::{self, Write};
use std::num::NonZeroU32;

use serde::ser::{Error as _, Serialize, SerializeSeq as _, Serializer};
use serde_json::value::to_raw_value;

use super::{Report, Target, one_line};
use crate::finding::Place;
use crate::page::javascript::Sign;
use crate::policy::{DirectiveName, Granularity, Policy, PolicyBuilder, SourceExpression};
use crate::site::document::{
    Algorithm, Document, FetchedAs, FindingEntry, Hash, Indices, InlineEntry, Kind, LocatedEntry, Nested, PageEntry,
    PlaceEntry, RepeatedEntry, ResourceEntry, SCHEMA_VERSION, ScriptSignEntry, SignKind, Text, UseEntry, Version,
};
use crate::site::in_order::in_order;
use crate::site::{DistinctInline, DistinctRequest, Inventory, InventoryPage, PageRequests};

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
    let second = report.second.as_ref();
    let site = inventory.site();
    let resources: Vec<(u32, &DistinctRequest)> = (0..).zip(inventory.requests()).collect();
    let mentioned: Vec<(u32, &DistinctRequest)> = (0..).zip(inventory.mentions()).collect();
    let document = Document {
        version: Version(SCHEMA_VERSION),
        generator: Text(concat!("cspseal ", env!("CARGO_PKG_VERSION")).into()),
        algorithm: Algorithm(inventory.algorithm()),
        site_url: site.is_known().then(|| site.to_string().into()),
        policy: text(&report.site.policy),
        report_only_policy: second.map(|second| text(&second.site.policy)),
        inlines: Entries(inventory.inlines(), |inline| inline_entry(report, inline)),
        resources: Some(Entries(&resources, |&(id, request)| ResourceEntry {
            resources: indices(inventory.followed(id)),
            mentioned: indices(inventory.mentioned_by(id)),
            run_time: script_signs(inventory.signs_of(id)),
            problem: inventory.problem(id).map(Cow::Borrowed),
            ..resource_entry(inventory, request)
        })),
        mentioned: Some(Entries(&mentioned, |&(id, request)| ResourceEntry {
            mentioned: indices(inventory.mentions_of(id)),
            run_time: script_signs(inventory.late_signs_of(id)),
            ..resource_entry(inventory, request)
        })),
        wasm: Cow::Borrowed(inventory.wasm()),
        pages: Entries(inventory.pages(), |page| page_entry(report, page)),
        findings: report.findings.iter().map(FindingEntry::from).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// A list whose entries are made and written on all processors, each as one line.
struct Entries<'a, T, F>(&'a [T], F);

impl<'a, T: Sync, E: Serialize, F: Fn(&'a T) -> E + Sync> Serialize for Entries<'a, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(items, entry) = self;
        let mut list = serializer.serialize_seq(Some(items.len()))?;
        let items: Vec<&'a T> = items.iter().collect();
        in_order(
            &items,
            |item| to_raw_value(&entry(item)),
            |line| {
                let line = line.map_err(S::Error::custom)?;
                list.serialize_element(&line).map(|()| line)
            },
        )?;
        list.end()
    }
}

fn text(policy: &Policy) -> Text {
    Text(policy.to_string().into())
}

fn inline_entry<'a>(report: &Report<'_>, inline: &'a DistinctInline) -> InlineEntry<'a> {
    let directive = report.site.policy.effective_directive(inline.kind.check_type());
    InlineEntry {
        kind: Kind(inline.kind),
        directive: directive.map(|directive| Text(directive.name().name().into())),
        hashes: inline.hashes.iter().copied().map(Hash).collect(),
        bytes: inline.bytes,
        excerpt: inline.excerpt.as_deref().map(|it| one_line(it).into()),
        text: inline.text.as_deref().map(Into::into),
        uses: inline.uses,
        pages: inline.pages,
        in_policy: report.builder.hashes(inline.kind),
        first: PlaceEntry::from(&inline.first),
    }
}

fn resource_entry<'a>(inventory: &'a Inventory, request: &'a DistinctRequest) -> ResourceEntry<'a> {
    let site = inventory.site();
    let url = request.shown_url();
    let directive = DirectiveName::from(request.destination);
    let source = url.map(|url| {
        let source = SourceExpression::for_url(url, site, directive, Granularity::Origin);
        source.ok().flatten()
    });
    let integrity = Some(&*request.integrity).filter(|it| url.is_some() && !it.is_empty());
    ResourceEntry {
        destination: FetchedAs(request.destination),
        directive: Text(DirectiveName::extended_for(request.destination).name().into()),
        url: url.map(|url| site.path_of(url).unwrap_or(url.as_str()).into()),
        source: source.flatten().map(|source| Text(source.to_string().into())),
        integrity: integrity.map(Into::into),
        nonce: request.has_nonce,
        module: request.is_module,
        uses: request.uses,
        pages: request.pages,
        conditional: request.is_conditional,
        resources: None,
        mentioned: None,
        run_time: Vec::new(),
        problem: None,
        first: PlaceEntry::from(&request.first),
    }
}

fn script_signs(signs: &[(Sign, Place)]) -> Vec<ScriptSignEntry<'_>> {
    let entries =
        signs.iter().map(|(sign, first)| ScriptSignEntry { kind: SignKind(*sign), first: PlaceEntry::from(first) });
    entries.collect()
}

/// Those of them that there are.
fn indices(ids: &[u32]) -> Option<Indices<'_>> {
    (!ids.is_empty()).then(|| Indices(ids.into()))
}

fn page_entry<'a>(report: &Report<'a>, page: &'a InventoryPage) -> PageEntry<'a> {
    let uses = page.uses.iter().map(|used| UseEntry {
        inline: used.inline() as u32,
        line: used.location().line,
        column: used.location().column,
        nested: page.nested(used).iter().copied().map(Nested).collect(),
    });
    let nonced = page.nonced.iter().map(|nonced| LocatedEntry {
        kind: Kind(nonced.kind),
        line: nonced.location.line,
        column: nonced.location.column,
    });
    let signs = page.signs.iter().map(|(sign, location)| LocatedEntry {
        kind: SignKind(*sign),
        line: location.line,
        column: location.column,
    });
    let repeated = |requests: &PageRequests| {
        let repeated = requests.repeated.iter();
        let entry = |&(resource, uses): &(u32, u64)| RepeatedEntry { resource, uses };
        repeated.map(entry).collect()
    };
    let built = |builder: &PolicyBuilder| text(&builder.page(report.inventory, page).policy);
    PageEntry {
        path: (&*page.path).into(),
        site_path: (&*page.site_path).into(),
        framed: NonZeroU32::new(page.framed),
        policy: built(report.builder),
        report_only_policy: report.second.as_ref().map(|second| built(second.builder)),
        inlines: uses.collect(),
        nonced: nonced.collect(),
        run_time: signs.collect(),
        resources: page.knows_requests.then(|| Indices((&page.requests.ids).into())),
        repeated: repeated(&page.requests),
        mentioned: indices(&page.mentions.ids),
        repeated_mentions: repeated(&page.mentions),
    }
}
