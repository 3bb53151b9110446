//! Making and writing the outputs of `hash` and `merge`: all or none.

use std::io::{self, Write as _};

use anstream::ColorChoice;
use anyhow::Context as _;

use super::outputs::Rendered;
use super::page_writer::PageWriter;
use super::read::read_if_there;
use super::settings::{Destination, FileSettings, Output};
use super::{Outcome, diff, print_errors, print_output, report, say, terminal};
use crate::error::Error;
use crate::finding::{Finding, Levels};
use crate::site::PageFile;
use crate::site::write::write_if_changed;
use crate::target::Report;

/// Outputs, and what they are made from.
#[derive(Clone, Copy)]
pub(super) struct Work<'a> {
    pub(super) outputs: &'a [Output],
    pub(super) report: &'a Report<'a>,
    pub(super) levels: &'a Levels,
    /// Whether nothing is written, but what is out of date is shown.
    pub(super) is_check: bool,
    /// The pages and how they are read, where they are at hand.
    pub(super) pages: Option<(&'a [PageFile], &'a FileSettings)>,
}

impl Work<'_> {
    /// Makes the outputs, writes them, and prints the findings. `outcome` is what the run came to before.
    pub(super) fn run(&self, mut outcome: Outcome) -> anyhow::Result<Outcome> {
        let charset = self.pages.and_then(|(_, settings)| settings.charset);
        let mut findings = self.report.findings.clone();
        let rendered = match self.make(&mut findings) {
            Ok(rendered) => rendered,
            Err(errors) => {
                // Last, where whoever has many findings sees it.
                report::finish(findings, self.levels, charset);
                return Ok(print_errors(&errors));
            }
        };
        for made in &rendered {
            outcome = outcome.max(write(made, self.is_check)?);
        }
        self.stream()?;
        if let Some((files, settings)) = self.pages {
            let outputs = self.outputs.iter();
            for output in outputs.filter(|output| output.destination == Destination::Pages) {
                if outcome == Outcome::Failed {
                    break;
                }
                let writer = PageWriter {
                    report: self.report,
                    settings,
                    scope: output.scope,
                    is_check: self.is_check,
                };
                let (written, said) = writer.run(files)?;
                outcome = outcome.max(written);
                findings.extend(said);
            }
        }
        Ok(outcome.max(report::finish(findings, self.levels, charset)))
    }

    /// Makes every output; `findings` gets what there is to say about them.
    fn make(&self, findings: &mut Vec<Finding>) -> Result<Vec<Rendered>, Vec<Error>> {
        let mut rendered = Vec::new();
        let mut errors = Vec::new();
        for output in self.outputs {
            match output.make(self.report, findings) {
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

    /// Writes what is made only as it is written.
    fn stream(&self) -> anyhow::Result<()> {
        for output in self.outputs.iter().filter(|output| output.is_streamed()) {
            let mut stdout = io::BufWriter::new(io::stdout().lock());
            let written = output.stream(self.report, &mut stdout);
            let flushed = written
                .map_err(anyhow::Error::from)
                .and_then(|()| Ok(stdout.flush()?));
            flushed.context(terminal::UNWRITTEN)?;
        }
        Ok(())
    }
}

/// Writes what was made, or with `is_check` shows whether that is out of date.
fn write(made: &Rendered, is_check: bool) -> anyhow::Result<Outcome> {
    let Some(path) = &made.path else {
        print_output(&made.content)?;
        return Ok(Outcome::Done);
    };
    if !is_check {
        write_if_changed(path, &made.content)?;
        return Ok(Outcome::Done);
    }
    let old = read_if_there(path)?.unwrap_or_default();
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
