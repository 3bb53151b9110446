//! `cspseal reports`: tables of violation reports, and a policy with the hosts in them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use serde_json::json;

use super::args::{BaseArgs, FileArgs, ReportsArgs, ReportsFormat};
use super::config::{Base, Config};
use super::input::{self, Pages, Progress};
use super::read::{check_end, limited};
use super::report::{self, Quoted};
use super::settings::{self, InputSettings};
use super::table::table;
use super::{Outcome, merge, plural, print_errors, print_output};
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::policy::Policy;
use crate::reports::{self, Inline, Kind, Matches, Seen, Source, Table, read};
use crate::site::document::{FindingEntry, PlaceEntry};
use crate::site::{Inventory, Reach, map_files, scan_one};
use crate::target::one_line;

/// Reads the reports, looks into the pages, and prints tables or the policy.
pub(super) fn run(args: &ReportsArgs, config: &Config) -> anyhow::Result<Outcome> {
    let levels = settings::levels(&args.levels, config)?;
    let base = args.policy_file.as_ref().map(|file| {
        let base = BaseArgs { policy_file: Some(file.clone()), ..BaseArgs::default() };
        settings::base(&base, config, Base::Enforced)
    });
    let mut policy = base.transpose()?.flatten();
    let inventory = match &args.inventory[..] {
        [] => None,
        files => {
            let site = config.site_url()?;
            Some(merge::read_all(files, site, &config.arguments)?)
        }
    };
    let mut table = Table::default();
    let mut errors = Vec::new();
    for file in &args.files {
        errors.extend(add(file, &config.arguments, &mut table).err());
    }
    let mut findings = table.take_findings();
    if let Some(policy) = &mut policy {
        findings.extend(reports::merge(policy, &table));
    }
    let is_policy_alone = policy.is_some() && args.format == ReportsFormat::Human;
    let matches = match is_policy_alone || table.inlines.is_empty() {
        true => None,
        false => matches(args, config, inventory.as_ref(), &table, &mut errors)?,
    };
    let mut outcome = print_errors(&errors);
    levels.apply(&mut findings);
    match args.format {
        ReportsFormat::Human => {
            outcome = outcome.max(report::finish(findings, &levels, Quoted::default()));
            let text = match &policy {
                Some(policy) => format!("{policy}\n"),
                None => human(&table, matches.as_ref()),
            };
            print_output(text.as_bytes())?;
        }
        ReportsFormat::Json => {
            outcome = outcome.max(report::outcome(&findings));
            let json = json(&table, matches.as_ref(), policy.as_ref(), &findings)?;
            print_output(json.as_bytes())?;
        }
    }
    Ok(outcome)
}

/// Counts the reports of a file.
fn add(path: &Path, reach: &Reach, table: &mut Table) -> Result<()> {
    let unread = |error| Error::unread(error).at(path);
    let name = path.display().to_string();
    if name == "-" {
        return decode(&name, io::stdin().lock(), table).map_err(unread);
    }
    let mut file = limited(reach.open(path)?).map_err(unread)?;
    let read = decode(&name, &mut file, table);
    read.and_then(|()| check_end(&file)).map_err(unread)
}

fn decode(name: &str, input: impl Read, table: &mut Table) -> io::Result<()> {
    let mut input = BufReader::new(input);
    match input.fill_buf()? {
        [0x1f, 0x8b, ..] => read(name, BufReader::new(MultiGzDecoder::new(input)), table),
        _ => read(name, input, table),
    }
}

/// Looks for the inline resources in the pages and inventories, if any are named.
fn matches(
    args: &ReportsArgs,
    config: &Config,
    inventory: Option<&Inventory>,
    table: &Table,
    errors: &mut Vec<Error>,
) -> anyhow::Result<Option<Matches>> {
    let has_pages = !args.pages.is_empty() || inventory.is_none() && config.has_paths();
    let mut matches = match has_pages {
        true => Some(match_pages(args, config, table, errors)?),
        false => None,
    };
    if let Some(inventory) = inventory {
        let new = || Matches::new(inventory.algorithm(), inventory.site(), table);
        let matches = matches.get_or_insert_with(new);
        matches.add(matches.of_inventory(inventory));
    }
    Ok(matches)
}

fn match_pages(args: &ReportsArgs, config: &Config, table: &Table, errors: &mut Vec<Error>) -> anyhow::Result<Matches> {
    let files = FileArgs { paths: args.pages.clone(), ..FileArgs::default() };
    let settings = InputSettings::of(&files, &Default::default(), None, false, config)?;
    let found = Pages::find(&settings.files)?;
    anyhow::ensure!(!found.stdin, "--pages takes files and folders, not -");
    errors.extend(found.errors);
    let options = input::options(&settings).with_subjects();
    let options = options.with_texts_of(&found.files);
    let wanted = Matches::new(settings.algorithm, &settings.site, table);
    let mut matches = Matches::new(settings.algorithm, &settings.site, table);
    let progress = Progress::new(found.files.len());
    errors.extend(map_files(
        &found.files,
        &|| progress.advance(),
        |file, input| Ok(wanted.of_page(&scan_one(file, input, &options)?)),
        |hits| matches.add(hits),
    ));
    progress.finish();
    Ok(matches)
}

/// The tables for a person.
fn human(reports: &Table, matches: Option<&Matches>) -> String {
    let mut out = String::new();
    for kind in Kind::ALL {
        let title = match kind {
            Kind::Violation => "",
            Kind::Extension => "Caused by browser extensions:\n",
            Kind::Integrity => "Without integrity, under an Integrity-Policy:\n",
            Kind::Hash => "Digests of external scripts:\n",
        };
        let of_kind = reports.rows.iter().filter(|((of, ..), _)| *of == kind);
        let mut all: Vec<_> = of_kind.collect();
        all.sort_by_key(|(_, seen)| std::cmp::Reverse(seen.count));
        let cells = |((_, directive, source), seen): (&(Kind, String, Source), &Seen)| {
            let mut row = vec![one_line(directive), one_line(&source.to_string())];
            row.push(seen.count.to_string());
            row.extend([seen.first, seen.last].map(|time| match time {
                Some(time) => time.to_string(),
                None => "unknown".to_owned(),
            }));
            row
        };
        let rows: Vec<_> = all.into_iter().map(cells).collect();
        if !rows.is_empty() {
            out.push_str(title);
            let header = ["DIRECTIVE", "SOURCE", "COUNT", "FIRST", "LAST"];
            let right = [false, false, true, false, false];
            table(&header, &right, &rows, &mut out);
            out.push('\n');
        }
    }
    inlines(reports, matches, &mut out);
    let files = plural(reports.reports as usize, "report");
    let _ = match reports.others {
        0 => writeln!(out, "{files}"),
        others => writeln!(out, "{files}, and {others} of other types"),
    };
    out
}

/// Each inline resource with its hash, and why it was blocked; the same one of several pages once.
fn inlines(reports: &Table, matches: Option<&Matches>, out: &mut String) {
    let mut groups: BTreeMap<_, (u64, Vec<&Inline>)> = BTreeMap::new();
    for (inline, seen) in &reports.inlines {
        let policy = seen.policy.as_deref();
        let known = matches.map(|matches| matches.explain(inline, policy));
        let (found, why) =
            known.unwrap_or((&[], "name the pages with --pages or an inventory with --inventory to see its hash"));
        let found = found.iter().map(|found| {
            let (hash, place) = (found.hash, one_line(&found.place.to_string()));
            format!("{hash}: the {} at {place}\n  ", found.kind.noun())
        });
        let facts = found.chain([why.to_owned()]).collect::<String>();
        let group = groups.entry((&inline.directive, &inline.sample, facts));
        let (count, pages) = group.or_default();
        *count += seen.count;
        pages.push(inline);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for ((directive, sample, facts), (count, pages)) in groups {
        let sample = match sample {
            // Quoted, so that no text can look like ours.
            Some(sample) => one_line(&format!("{sample:?}")),
            None => "an inline resource".to_owned(),
        };
        let line = pages[0].line.map_or(String::new(), |line| format!(":{line}"));
        let place = one_line(&pages[0].page) + &line;
        let more = match pages.len() - 1 {
            0 => String::new(),
            more => format!(" and {}", plural(more, "other place")),
        };
        let count = plural(count as usize, "report");
        let _ = writeln!(out, "{directive} blocked {sample}\n  {count} from {place}{more}\n  {facts}\n");
    }
}

/// The same for other programs; the README documents the schema.
fn json(
    reports: &Table,
    matches: Option<&Matches>,
    policy: Option<&Policy>,
    findings: &[Finding],
) -> serde_json::Result<String> {
    let rows = reports.rows.iter();
    let rows = rows.map(|((kind, directive, source), Seen { count, first, last, .. })| {
        let (kind, source) = (kind.name(), source.to_string());
        json!({"kind": kind, "directive": directive, "source": source, "count": count, "first": first, "last": last})
    });
    let inlines = reports.inlines.iter().map(|(inline, seen)| {
        let Seen { count, first, last, policy } = seen;
        let Inline { directive, sample, page, line } = inline;
        let known = matches.map(|matches| matches.explain(inline, policy.as_deref()));
        let (found, why) = known.unzip();
        let hashes = found.into_iter().flatten().map(|found| {
            let (kind, hash) = (found.kind.name(), found.hash.unquoted());
            json!({"kind": kind, "hash": hash, "place": PlaceEntry::from(&found.place)})
        });
        json!({
            "directive": directive, "sample": sample, "page": page, "line": line, "count": count, "first": first, "last": last,
            "hashes": hashes.collect::<Vec<_>>(), "why": why,
        })
    });
    let findings = findings.iter().map(FindingEntry::from);
    let document = json!({
        // It changes when a reader of the old schema could misread the new one.
        "version": 1,
        "generator": concat!("cspseal ", env!("CARGO_PKG_VERSION")),
        "reports": reports.reports,
        "others": reports.others,
        "rows": rows.collect::<Vec<_>>(),
        "inlines": inlines.collect::<Vec<_>>(),
        "policy": policy.map(Policy::to_string),
        "findings": findings.collect::<Vec<_>>(),
    });
    let text = serde_json::to_string_pretty(&document)?;
    // As ASCII, so that no terminal takes a character for more.
    let ascii = text.encode_utf16().map(|unit| match u8::try_from(unit) {
        Ok(b @ (b'\n' | b' '..=b'~')) => char::from(b).to_string(),
        _ => format!("\\u{unit:04x}"),
    });
    Ok(ascii.collect::<String>() + "\n")
}
