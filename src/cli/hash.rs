//! `cspseal hash`: the policy of a site.

use std::io::{self, Write as _};

use anstream::ColorChoice;
use anyhow::Context as _;

use super::args::HashArgs;
use super::config::Config;
use super::outputs::{Destination, Output, Rendered};
use super::pages::PageWriter;
use super::report;
use super::settings::InputSettings;
use super::{Outcome, diff, input, places, policy, print_errors, print_output, say, terminal};
use crate::error::Error;
use crate::finding::Finding;
use crate::site::write::write_if_changed;
use crate::target::Report;

/// Scans, prints the findings, then writes the outputs, or with `--check` shows which are out of date.
pub(super) fn run(args: &HashArgs, mut config: Option<Config>) -> anyhow::Result<Outcome> {
    let Some(builder) = policy::builder(&args.policy, config.as_ref())? else {
        return Ok(Outcome::Failed);
    };
    let levels = report::levels(&args.levels, config.as_ref())?;
    let sources = places::sources(args.policy.base.policy_file.as_deref(), config.as_ref());
    let is_configured = Output::are_configured(args, config.as_ref());
    if let Some(config) = config.as_mut().filter(|_| is_configured) {
        config.enter()?;
    }
    let settings = InputSettings::new(&args.input, config.as_ref())?;
    let outputs = Output::all(args, config.as_ref())?;
    for output in &outputs {
        output.check_place(&settings.files.paths)?;
    }
    places::check_outputs(&outputs, &sources)?;
    // The process ends before anything else needs the memory, and giving it back piece by piece takes time.
    let (scan, files) = &*Box::leak(Box::new(input::scan(&settings)?));
    places::check_pages(&outputs, files)?;
    let outcome = print_errors(&scan.errors);
    if scan.inventory.pages().is_empty() {
        // A policy made from nothing must not take the place of one that works.
        return Ok(outcome);
    }
    let report = Report::new(&scan.inventory, &builder).with_levels(&levels);
    let mut findings = report.findings.clone();
    let rendered = match make_all(&outputs, &report, &mut findings) {
        Ok(rendered) => rendered,
        Err(errors) => {
            // Last, where whoever has many findings sees it.
            report::finish(findings, &levels, settings.files.charset);
            return Ok(print_errors(&errors));
        }
    };
    let mut outcome = outcome.max(write_all(&rendered, args.output.check)?);
    stream_all(&outputs, &report)?;
    for output in outputs
        .iter()
        .filter(|output| output.destination == Destination::Pages)
    {
        if outcome == Outcome::Failed {
            break;
        }
        let writer = PageWriter {
            report: &report,
            settings: &settings.files,
            scope: output.scope,
            is_check: args.output.check,
        };
        let (written, said) = writer.run(files)?;
        outcome = outcome.max(written);
        findings.extend(said);
    }
    let found = report::finish(findings, &levels, settings.files.charset);
    Ok(outcome.max(found))
}

/// Makes every output; `findings` gets what there is to say about them.
pub(super) fn make_all(
    outputs: &[Output],
    report: &Report<'_>,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Rendered>, Vec<Error>> {
    let mut rendered = Vec::new();
    let mut errors = Vec::new();
    for output in outputs {
        match output.make(report, findings) {
            Ok(made) => rendered.extend(made),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(rendered)
    } else {
        Err(errors)
    }
}

/// Writes what was made, or with `is_check` shows what is out of date.
pub(super) fn write_all(rendered: &[Rendered], is_check: bool) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::Done;
    for made in rendered {
        outcome = outcome.max(write(made, is_check)?);
    }
    Ok(outcome)
}

/// Writes what is made only as it is written.
pub(super) fn stream_all(outputs: &[Output], report: &Report<'_>) -> anyhow::Result<()> {
    for output in outputs.iter().filter(|output| output.is_streamed()) {
        let mut stdout = io::BufWriter::new(io::stdout().lock());
        let written = output.stream(report, &mut stdout);
        let flushed = written
            .map_err(anyhow::Error::from)
            .and_then(|()| Ok(stdout.flush()?));
        flushed.context(terminal::UNWRITTEN)?;
    }
    Ok(())
}

fn write(made: &Rendered, is_check: bool) -> anyhow::Result<Outcome> {
    let Some(path) = &made.path else {
        print_output(&made.content)?;
        return Ok(Outcome::Done);
    };
    if !is_check {
        write_if_changed(path, &made.content)?;
        return Ok(Outcome::Done);
    }
    let old = match terminal::read(path) {
        Ok(old) => old,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            return Err(anyhow::anyhow!(
                "{}: cannot be read: {error}",
                path.display()
            ));
        }
    };
    if old == made.content {
        return Ok(Outcome::Done);
    }
    let is_coloured = anstream::stdout().current_choice() != ColorChoice::Never;
    let name = path.display().to_string();
    print_output(&diff::unified(
        name.as_bytes(),
        &old,
        &made.content,
        is_coloured,
    ))?;
    say!("cspseal: {name} is out of date; run cspseal hash without --check");
    Ok(Outcome::Findings)
}
