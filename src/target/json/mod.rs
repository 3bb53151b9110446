//! `json`: the inventory with its policies, for other programs. The README documents the schema.
//!
//! A distinct inline is stored once and pages refer to it by its index. The version changes when a
//! reader of the old one could misread the new one; a new field alone does not change it.

mod read;

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::deployed::DeployedFile;
use super::{Deployment, Emitter, Report, Support, unwritten};
use crate::error::Result;
use crate::finding::{Finding, Place};
use crate::policy::Policy;
use crate::site::in_order::in_order;
use crate::site::merge::SCHEMA_VERSION;
use crate::site::{DistinctInline, InventoryPage};

pub(super) struct Json;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    generator: &'static str,
    algorithm: &'static str,
    policy: String,
    inlines: Elsewhere,
    pages: Elsewhere,
    findings: Vec<FindingEntry<'a>>,
}

/// The place of a list that is written piece by piece, since it can be long.
#[derive(Serialize)]
struct Elsewhere([(); 0]);

/// Some entries of such a list, in a document of their own so that they are indented as they will be.
#[derive(Serialize)]
struct Part<T> {
    list: Vec<T>,
}

#[derive(Serialize)]
struct InlineEntry<'a> {
    kind: &'static str,
    directive: Option<&'static str>,
    hashes: Vec<String>,
    bytes: u64,
    uses: u64,
    pages: u64,
    in_policy: bool,
    first: PlaceEntry<'a>,
}

#[derive(Serialize)]
struct PlaceEntry<'a> {
    path: &'a str,
    line: u64,
    column: u64,
}

#[derive(Serialize)]
struct PageEntry<'a> {
    path: &'a str,
    site_path: &'a str,
    #[serde(serialize_with = "as_text")]
    policy: Policy,
    inlines: Vec<UseEntry>,
    nonced: Vec<NoncedEntry>,
}

#[derive(Serialize)]
struct UseEntry {
    inline: usize,
    line: u64,
    column: u64,
    nested: Vec<&'static str>,
}

#[derive(Serialize)]
struct NoncedEntry {
    kind: &'static str,
    line: u64,
    column: u64,
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    code: &'static str,
    severity: String,
    message: &'a str,
    help: &'a str,
    places: Vec<PlaceEntry<'a>>,
}

fn as_text<S: Serializer>(policy: &Policy, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(policy)
}

impl Emitter for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static str {
        "pages, inline resources, the site's policy and each page's; the schema is in the README"
    }

    fn deployed(&self) -> Option<&'static DeployedFile> {
        Some(&read::FILE)
    }

    fn support(&self) -> Support {
        Support {
            nonces: true,
            ..Support::new(&[])
        }
    }

    fn emit(&self, deployment: &Deployment<'_>, out: &mut dyn Write) -> Result<()> {
        write(deployment.report, out).map_err(unwritten)
    }
}

fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let inventory = report.inventory;
    let document = Document {
        version: SCHEMA_VERSION,
        generator: concat!("cspseal ", env!("CARGO_PKG_VERSION")),
        algorithm: inventory.algorithm().name(),
        policy: report.site.policy.to_string(),
        inlines: Elsewhere([]),
        pages: Elsewhere([]),
        findings: report.findings.iter().map(finding_entry).collect(),
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

fn inline_entry<'a>(report: &Report<'_>, inline: &'a DistinctInline) -> InlineEntry<'a> {
    let directive = report
        .site
        .policy
        .effective_directive(inline.kind.check_type());
    InlineEntry {
        kind: inline.kind.name(),
        directive: directive.map(|directive| directive.name().name()),
        hashes: inline
            .hashes
            .iter()
            .map(crate::HashSource::unquoted)
            .collect(),
        bytes: inline.bytes,
        uses: inline.uses,
        pages: inline.pages,
        in_policy: report.builder.hashes(inline.kind),
        first: place_entry(&inline.first),
    }
}

fn page_entry<'a>(report: &Report<'a>, page: &'a InventoryPage) -> PageEntry<'a> {
    let uses = page.uses.iter().map(|used| UseEntry {
        inline: used.inline(),
        line: used.location().line,
        column: used.location().column,
        nested: page
            .nested(used)
            .iter()
            .map(|nesting| nesting.name())
            .collect(),
    });
    let nonced = page.nonced.iter().map(|nonced| NoncedEntry {
        kind: nonced.kind.name(),
        line: nonced.location.line,
        column: nonced.location.column,
    });
    PageEntry {
        path: &page.path,
        site_path: &page.site_path,
        policy: report.builder.page(report.inventory, page).policy,
        inlines: uses.collect(),
        nonced: nonced.collect(),
    }
}

fn finding_entry(finding: &Finding) -> FindingEntry<'_> {
    FindingEntry {
        code: finding.code.name(),
        severity: finding.severity.to_string(),
        message: &finding.message,
        help: &finding.help,
        places: finding
            .place
            .iter()
            .chain(&finding.more)
            .map(place_entry)
            .collect(),
    }
}

fn place_entry(place: &Place) -> PlaceEntry<'_> {
    PlaceEntry {
        path: &place.path,
        line: place.line,
        column: place.column,
    }
}
