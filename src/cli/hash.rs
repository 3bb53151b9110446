//! `cspseal hash`: the policy of a site.

use std::thread;

use super::args::HashArgs;
use super::config::Config;
use super::input::Scanned;
use super::report::Quoted;
use super::settings::{self, Builders, Destination, InputSettings, Output, SentNonce};
use super::write::Work;
use super::{Outcome, address, input, own_policies, places, print_errors};

/// Scans, prints the findings, then writes the outputs, or with `--check` shows which are out of date.
pub(super) fn run(args: &HashArgs, mut config: Config) -> anyhow::Result<Outcome> {
    let builders = Builders::new(&args.policy, &args.external, &config)?;
    let levels = settings::levels(&args.levels, &config)?;
    let sources = settings::sources(&args.policy, &config);
    if Output::are_configured(args, &config) {
        config.enter()?;
    }
    let (nonce, usual) = SentNonce::new(&args.sent, &config)?;
    let settings = InputSettings::new(&args.input, &config)?.with_levels(&levels);
    let mut settings = settings.with_nonce(nonce, Some(&builders)).with_texts(args.text);
    if args.write {
        settings.files = settings.files.for_writing();
    }
    let outputs = Output::all(args, &config, usual)?;
    let has_text = outputs.iter().any(|output| output.target.name() == "json");
    anyhow::ensure!(has_text || !args.text, "--text is for --format json");
    for output in &outputs {
        output.check_place(&settings.files.paths)?;
    }
    places::check_outputs(&outputs, &sources)?;
    let Scanned { scan, files, hidden, site_files } = input::scan(&settings)?;
    places::check_pages(&outputs, &files)?;
    let mut outcome = print_errors(&scan.errors);
    if scan.inventory.pages().is_empty() {
        // A policy made from nothing must not take the place of one that works.
        return Ok(outcome);
    }
    let builders = builders.for_outputs(&outputs);
    let (builders, nonces) = settings.nonce.apply(&builders, &scan.inventory)?;
    let mut report = builders.report(&scan.inventory, nonces);
    // What is written into the pages is reported next to their own policies anyway.
    if !outputs.iter().any(|output| output.destination == Destination::Pages) {
        let (own, errors) = own_policies::findings(&files, site_files, &scan.inventory, &settings, &builders);
        report.findings.extend(own);
        outcome = outcome.max(print_errors(&errors));
    }
    let quoted =
        Quoted { charset: settings.files.charset, pages: &files, others: Some(&config.arguments), hidden: &hidden };
    quoted.hide(&mut report.findings);
    address::suggest(&mut report.findings, &settings.files.paths);
    let work = Work {
        outputs: &outputs,
        report: &report.with_levels(&levels),
        levels: &levels,
        is_check: args.output.check,
        pages: Some((&files, &settings.files)),
        quoted,
    };
    let outcome = work.run(outcome);
    // Freeing them piece by piece takes time, which the command does not wait for.
    let _ = thread::Builder::new().spawn(move || drop((scan, files)));
    outcome
}
