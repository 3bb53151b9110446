//! `cspseal list`: the inventory for a person, either what is inline or what the pages ask for by URL.

use std::fmt::Write as _;

use super::args::ListArgs;
use super::config::Config;
use super::input::Scanned;
use super::report::{self, Quoted};
use super::settings::{self, Builders, InputSettings, SentNonce};
use super::table::table;
use super::{Outcome, external, input, plural, print_errors, print_output};
use crate::finding::Place;
use crate::page::InlineKind;
use crate::policy::PolicyBuilder;
use crate::site::{DistinctInline, Inventory};
use crate::target::one_line;

/// Scans and prints the inventory.
pub(super) fn run(args: &ListArgs, config: &Config) -> anyhow::Result<Outcome> {
    let builders = Builders::new(&args.policy, &Default::default(), config)?;
    let (nonce, _) = SentNonce::new(&args.sent, config)?;
    let settings = InputSettings::new(&args.input, config)?.with_nonce(nonce, Some(&builders)).with_texts(args.text);
    let levels = settings::levels(&args.levels, config)?;
    let Scanned { scan, files, hidden, .. } = input::scan(&settings)?;
    let outcome = print_errors(&scan.errors);
    let findings = scan.inventory.findings().to_vec();
    let quoted =
        Quoted { charset: settings.files.charset, pages: &files, others: Some(&config.arguments), hidden: &hidden };
    let outcome = outcome.max(report::finish(findings, &levels, quoted));
    let (builders, _) = settings.nonce.apply(&builders, &scan.inventory)?;
    let mut text = String::new();
    match args.external {
        true => external::print(&scan.inventory, args.urls, &mut text),
        false => inline(&scan.inventory, &builders, &mut text),
    }
    print_output(text.as_bytes())?;
    Ok(outcome)
}

fn inline(inventory: &Inventory, builders: &Builders, text: &mut String) {
    inlines(inventory, text);
    texts(inventory, text);
    nonced(inventory, text);
    single_pages(inventory, text);
    totals(inventory, text);
    sizes(inventory, &builders.first, "Policy", text);
    if let Some(second) = &builders.second {
        sizes(inventory, second, "Report-only policy", text);
    }
}

fn sorted(inventory: &Inventory) -> Vec<&DistinctInline> {
    let mut sorted: Vec<&DistinctInline> = inventory.inlines().iter().collect();
    sorted.sort_by_key(|inline| (inline.kind, std::cmp::Reverse(inline.uses)));
    sorted
}

/// The whole texts that were asked for, without characters that a terminal obeys.
fn texts(inventory: &Inventory, out: &mut String) {
    for inline in sorted(inventory) {
        let Some(text) = &inline.text else { continue };
        let place = one_line(&inline.first.to_string());
        let _ = writeln!(out, "\n{} at {place}:", inline.kind.noun());
        for line in text.lines() {
            let line: Vec<_> = line.split('\t').map(one_line).collect();
            let _ = writeln!(out, "  {}", line.join("\t"));
        }
    }
}

fn inlines(inventory: &Inventory, out: &mut String) {
    let mut rows = Vec::new();
    for inline in sorted(inventory) {
        for (index, hash) in inline.hashes.iter().enumerate() {
            let first = index == 0;
            let once = |text: String| if first { text } else { String::new() };
            rows.push(vec![
                once(inline.kind.name().to_owned()),
                hash.unquoted(),
                once(inline.uses.to_string()),
                once(inline.bytes.to_string()),
                once(one_line(&inline.first.to_string())),
                once(one_line(inline.excerpt.as_deref().unwrap_or_default())),
            ]);
        }
    }
    let right = [false, false, true, true, false, false];
    table(&["KIND", "HASH", "USES", "BYTES", "FIRST", "TEXT"], &right, &rows, out);
}

/// The scripts and styles that were not hashed because a nonce allows them.
fn nonced(inventory: &Inventory, out: &mut String) {
    let rows: Vec<_> = inventory
        .pages()
        .iter()
        .flat_map(|page| {
            page.nonced.iter().map(|nonced| {
                let place = Place::of(&page.path, nonced.location);
                vec![nonced.kind.name().to_owned(), one_line(&place.to_string())]
            })
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    out.push_str("\nNot hashed, because a nonce allows them:\n");
    table(&["KIND", "PLACE"], &[false, false], &rows, out);
}

/// The pages that need what no other does, those that need most first.
fn single_pages(inventory: &Inventory, out: &mut String) {
    let mut pages: Vec<(usize, &str)> = Vec::new();
    for page in inventory.pages() {
        let alone = inventory.inlines_of(page).iter().filter(|inline| inline.pages == 1).count();
        if alone > 0 {
            pages.push((alone, &page.path));
        }
    }
    if pages.is_empty() || inventory.pages().len() == 1 {
        return;
    }
    pages.sort_by_key(|&(alone, path)| (std::cmp::Reverse(alone), path));
    let rows: Vec<_> = pages.iter().map(|(alone, path)| vec![alone.to_string(), one_line(path)]).collect();
    out.push_str("\nUsed by one page only:\n");
    table(&["INLINES", "PAGE"], &[true, false], &rows, out);
}

fn totals(inventory: &Inventory, out: &mut String) {
    let row = |name: &str, kind: Option<InlineKind>| {
        let all = inventory.inlines().iter();
        let of_kind = all.filter(|inline| kind.is_none_or(|kind| inline.kind == kind));
        let (mut distinct, mut uses, mut bytes) = (0, 0, 0);
        for inline in of_kind {
            distinct += 1;
            uses += inline.uses;
            bytes += inline.bytes;
        }
        let numbers = [distinct, uses, bytes].map(|number: u64| number.to_string());
        [vec![name.to_owned()], numbers.to_vec()].concat()
    };
    let kinds = InlineKind::ALL.iter();
    let mut rows: Vec<_> = kinds.map(|kind| row(kind.name(), Some(*kind))).collect();
    rows.push(row("total", None));
    let _ = writeln!(out, "\nTotals over {}:", plural(inventory.pages().len(), "page"));
    table(&["KIND", "DISTINCT", "USES", "BYTES"], &[false, true, true, true], &rows, out);
}

/// What the policies weigh, with what the arguments say about attributes.
fn sizes(inventory: &Inventory, builder: &PolicyBuilder, name: &str, out: &mut String) {
    let site = builder.site(inventory).policy.to_string().len();
    let size = |page| builder.page(inventory, page).policy.to_string().len();
    let largest = inventory.pages().iter().map(|page| (size(page), page)).reduce(|a, b| {
        // Of equals the first.
        if b.0 > a.0 { b } else { a }
    });
    let _ = writeln!(out, "\n{name} for the whole site: {}", plural(site, "byte"));
    if let Some((size, page)) = largest {
        let page = one_line(&page.path);
        let _ = writeln!(out, "{name} for the largest page: {} ({page})", plural(size, "byte"));
    }
}
