//! `cspseal check`: what browsers would do with the pages under their policies.

use std::collections::HashSet;
use std::io::Write as _;
use std::sync::Arc;

use anyhow::Context as _;
use rayon::prelude::*;

use super::args::CheckArgs;
use super::captured::CapturedPage;
use super::config::Config;
use super::governing::Governing;
use super::input::{Pages, Progress, options};
use super::report::{self, Quoted, Summary};
use super::settings::{self, GoverningSettings, InputSettings, SentNonce};
use super::write::write_file;
use super::{Outcome, address, explain, plural, print_errors, print_output, terminal};
use crate::check::{CheckedPage, Checker, Gathered, KeptPage};
use crate::error::{Error, Result};
use crate::evaluate::Checks;
use crate::finding::{Code, Finding, Severity};
use crate::site::{PageFile, map_files};

/// Checks what the arguments name, and prints what was found.
pub(super) fn run(args: &CheckArgs, config: &Config) -> anyhow::Result<Outcome> {
    if args.codes {
        return explain::codes();
    }
    let levels = settings::levels(&args.levels, config)?;
    let (nonce, _) = SentNonce::new(&Default::default(), config)?;
    let settings = InputSettings::of(&args.files, &args.site, None, args.exclude_template_content, config)?;
    let settings = settings.with_nonce(nonce, None).with_levels(&config.levels);
    let governing = GoverningSettings::new(args, config)?;
    let mut settings = settings;
    let mut found = match (&governing.live, &args.compare) {
        (Some(_), None) => Pages::default(),
        (Some(_), Some(built)) => {
            anyhow::ensure!(
                !built.is_file(),
                "--compare takes the folder of the built site, and {} is a file",
                built.display()
            );
            settings.files.paths = vec![built.clone()];
            Pages::find(&settings.files)?
        }
        (None, _) if args.files.paths.is_empty() && governing.holds_pages()? => Pages::default(),
        (None, _) => Pages::find(&settings.files)?,
    };
    let mut errors = std::mem::take(&mut found.errors);
    let Governing {
        policies,
        findings: mut all,
        mut origin,
        mut hidden,
        scanned,
        errors: failed,
        captured,
        live_files,
        is_partial,
        ..
    } = Governing::find(governing, &settings, &found)?;
    errors.extend(failed);
    let checks = if args.strict { Checks::Strict } else { Checks::Weaknesses };
    let options = match scanned {
        // They were read as what they are placed in.
        Some(_) => options(&settings),
        None => options(&settings).with_texts_of(&found.files),
    };
    let checker = Checker::new(policies, &options).with_checks(checks);
    let checker = checker.with_site(settings.site.clone());
    let checker = checker.with_wasm(std::mem::take(&mut found.wasm));
    let files = live_files.unwrap_or_else(|| found.site_files(&settings));
    let checker = checker.with_files(files);
    let (mut pages, failed) = match scanned {
        Some(pages) => judge(&checker, pages),
        None => scan_and_judge(&checker, &found, &captured),
    };
    errors.extend(failed);
    let known = found.files.iter().map(|file| Arc::clone(&file.site_path));
    let mut known: HashSet<_> = known.collect();
    loop {
        let framed = checker.framed(&mut known);
        if framed.is_empty() {
            break;
        }
        let unshown = framed.iter().filter(|file| !file.is_shown());
        hidden.extend(unshown.map(|file| file.name.to_string()));
        let check = |file: &PageFile, input| checker.page(&file.name, &file.site_path, input);
        errors.extend(map_files(&framed, &|| {}, check, |page| pages.push(page)));
    }
    let mut outcome = print_errors(&errors);
    if pages.is_empty() {
        return Ok(outcome);
    }
    hidden.extend(checker.hidden_files());
    let checked = checker.finish_gathered(pages);
    all.extend(checked.findings);
    all.extend(found.findings);
    if is_partial {
        let is_needless = [Code::OrphanedHash, Code::OrphanedSource, Code::UnneededUnsafeHashes];
        all.retain(|finding| !is_needless.contains(&finding.code));
    }
    let quoted = Quoted {
        charset: settings.files.charset,
        pages: &found.files,
        others: Some(&config.arguments),
        hidden: &hidden,
    };
    quoted.hide(&mut all);
    address::suggest(&mut all, &settings.files.paths);
    levels.apply(&mut all);
    if !args.format.is_for_people {
        all = each_place(all);
    } else if !args.notes {
        all.retain(|finding| finding.severity > Severity::Note);
    }
    report::sort(&mut all);
    outcome = outcome.max(report::outcome(&all));
    if origin.is_empty() {
        // Code scanning wants a file for everything.
        origin = found.files.first().map_or_else(|| "-".to_owned(), |file| file.name.to_string());
    }
    let summary = Summary {
        pages: checked.pages as usize,
        inlines: checked.inlines,
        policies: checked.policies,
        clean: format!(
            "{}, {}, no findings",
            plural(checked.pages as usize, "page"),
            plural(checked.inlines as usize, "inline resource")
        ),
        origin,
        quoted,
    };
    Ok(outcome.max(print(args, config, &all, &summary)?))
}

/// Checks pages while they are scanned.
fn scan_and_judge(checker: &Checker, found: &Pages, captured: &[CapturedPage]) -> (Gathered, Vec<Error>) {
    let progress = Progress::new(found.files.len());
    let mut pages = Gathered::default();
    let mut errors = map_files(
        &found.files,
        &|| progress.advance(),
        |file, input| checker.page(&file.name, &file.site_path, input),
        |page| pages.push(page),
    );
    progress.finish();
    let stdin = found.stdin.then(|| checker.page("-", "-", std::io::stdin().lock()));
    let captured = captured.iter();
    let captured = captured.map(|page| checker.page(&page.name, &page.name, &page.content[..]));
    for page in stdin.into_iter().chain(captured) {
        match page {
            Ok(page) => pages.push(page),
            Err(error) => errors.push(error),
        }
    }
    (pages, errors)
}

/// Checks pages that were scanned.
fn judge(checker: &Checker, scanned: Vec<KeptPage>) -> (Gathered, Vec<Error>) {
    let judge = |page| checker.kept(page);
    let judged: Vec<Result<CheckedPage>> = scanned.into_par_iter().map(judge).collect();
    let (mut pages, mut errors) = (Gathered::default(), Vec::new());
    for page in judged {
        match page {
            Ok(page) => pages.push(page),
            Err(error) => errors.push(error),
        }
    }
    (pages, errors)
}

/// A finding for each place.
fn each_place(findings: Vec<Finding>) -> Vec<Finding> {
    let places = findings.into_iter().flat_map(|mut finding| {
        let more = std::mem::take(&mut finding.more).into_iter();
        // Of several the last says how many are not listed.
        let rest = std::mem::take(&mut finding.left_out);
        let others: Vec<Finding> = more.map(|place| finding.clone().at(place)).collect();
        let mut all = vec![finding];
        all.extend(others);
        if let Some(last) = all.last_mut() {
            last.left_out = rest;
        }
        all
    });
    places.collect()
}

fn print(args: &CheckArgs, config: &Config, findings: &[Finding], summary: &Summary<'_>) -> anyhow::Result<Outcome> {
    if let Some(path) = &args.output {
        let mut out = anstream::StripStream::new(Vec::new());
        (args.format.print)(findings, summary, &mut out)?;
        return write_file(&config.arguments, path, &out.into_inner());
    }
    let mut out = Vec::new();
    (args.format.print)(findings, summary, &mut out)?;
    if args.format.is_for_people {
        let written = anstream::stdout().write_all(&out);
        written.context(terminal::UNWRITTEN)?;
        return Ok(Outcome::Done);
    }
    print_output(&out)?;
    Ok(Outcome::Done)
}
