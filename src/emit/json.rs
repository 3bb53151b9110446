//! `json`: the inventory with its policies, for other programs. The README documents the schema.
//!
//! A distinct inline is stored once and pages refer to it by its index. The version changes when a
//! reader of the old one could misread the new one; a new field alone does not change it.

use std::io::{self, Write};

use serde::Serialize;

use super::{Deployment, Emitter, Report, Support, unwritten};
use crate::error::Result;
use crate::finding::{Finding, Place};
use crate::inventory::{DistinctInline, InventoryPage};

/// The version of the schema.
pub const SCHEMA_VERSION: u32 = 1;

pub(super) struct Json;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    generator: &'static str,
    algorithm: &'static str,
    policy: String,
    inlines: Vec<InlineEntry<'a>>,
    pages: Pages<'a>,
    findings: Vec<FindingEntry<'a>>,
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

/// The pages, each made when it is written: their policies together can be large.
struct Pages<'a>(&'a Report<'a>);

#[derive(Serialize)]
struct PageEntry<'a> {
    path: &'a str,
    site_path: &'a str,
    policy: String,
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

impl Emitter for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static str {
        "pages, inline resources, the site's policy and each page's; the schema is in the README"
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
    let document = Document {
        version: SCHEMA_VERSION,
        generator: concat!("cspseal ", env!("CARGO_PKG_VERSION")),
        algorithm: report.inventory.algorithm().name(),
        policy: report.site.policy.to_string(),
        inlines: report
            .inventory
            .inlines()
            .iter()
            .map(|i| inline_entry(report, i))
            .collect(),
        pages: Pages(report),
        findings: report.findings.iter().map(finding_entry).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

impl Serialize for Pages<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.0
                .inventory
                .pages()
                .iter()
                .map(|page| page_entry(self.0, page)),
        )
    }
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
        policy: report
            .builder
            .page(report.inventory, page)
            .policy
            .to_string(),
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
