//! Making and writing the outputs of `hash` and `merge`: all or none.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;

use super::args::ScopeArg;
use super::outputs::Rendered;
use super::page_writer::PageWriter;
use super::report::Quoted;
use super::routers::Routers;
use super::settings::{Destination, FileSettings, Output};
use super::{Outcome, diff, plural, print_error, print_errors, print_output, report, say, terminal};
use crate::check::blocked_mentions;
use crate::error::Error;
use crate::finding::{Finding, Levels};
use crate::site::write::Batch;
use crate::site::{PageFile, Reach};
use crate::target::{Report, one_line};

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
    /// The files that findings are about.
    pub(super) quoted: Quoted<'a>,
}

impl Work<'_> {
    /// Makes the outputs, writes them, and prints the findings. `outcome` is what the run came to before.
    pub(super) fn run(&self, mut outcome: Outcome) -> anyhow::Result<Outcome> {
        let quoted = self.quoted;
        let mut findings = self.report.findings.clone();
        let routers = Routers::new(self.pages.map_or(&[][..], |(pages, _)| pages));
        let rendered = match self.make(&routers, &mut findings) {
            Ok(rendered) => rendered,
            Err(errors) => {
                // Last, where whoever has many findings sees it.
                report::finish(findings, self.levels, quoted);
                return Ok(print_errors(&errors));
            }
        };
        let batch = Batch::new()?;
        for made in &rendered {
            outcome = outcome.max(write(made, &batch, self.is_check)?);
        }
        self.stream()?;
        if let Some((files, settings)) = self.pages {
            let outputs = self.outputs.iter();
            for output in outputs.filter(|output| output.destination == Destination::Pages) {
                if outcome == Outcome::Failed {
                    break;
                }
                let (is_of_site, about_scope) = match output.scope {
                    ScopeArg::Site => (true, None),
                    ScopeArg::Page => (false, routers.finding()),
                    ScopeArg::Auto => (routers.name().is_some(), routers.note()),
                };
                findings.extend(about_scope);
                let writer = PageWriter { report: self.report, settings, is_of_site, is_check: self.is_check };
                let (written, said) = writer.run(files, &batch)?;
                outcome = outcome.max(written);
                findings.extend(said);
            }
        }
        let ready = report::Ready::new(findings, self.levels, quoted);
        outcome = outcome.max(commit(batch));
        outcome = outcome.max(ready.finish());
        self.mentions();
        Ok(outcome)
    }

    /// Says how many URLs the policy blocks that scripts mention.
    fn mentions(&self) {
        let report = self.report;
        if self.is_check || report.builder.base().is_none() || report.builder.has_mentioned() {
            return;
        }
        let (urls, origins) = blocked_mentions(&report.site.policy, report.inventory);
        if urls > 0 {
            say!(
                "cspseal: the policy blocks {} of {} that scripts mention, if they ask for them; see cspseal list --external, and add them with --mentioned",
                plural(urls, "URL"),
                plural(origins, "origin")
            );
        }
    }

    /// Makes every output; `findings` gets what there is to say about them.
    fn make(&self, routers: &Routers<'_>, findings: &mut Vec<Finding>) -> Result<Vec<Rendered>, Vec<Error>> {
        let mut rendered = Vec::new();
        let mut errors = Vec::new();
        for output in self.outputs {
            match output.make(self.report, routers, findings) {
                Ok(made) => rendered.extend(made),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(rendered) } else { Err(errors) }
    }

    /// Writes what is made only as it is written.
    fn stream(&self) -> anyhow::Result<()> {
        for output in self.outputs.iter().filter(|output| output.is_streamed()) {
            let mut stdout = io::BufWriter::new(io::stdout().lock());
            let written = output.stream(self.report, &mut stdout);
            let flushed = written.map_err(anyhow::Error::from).and_then(|()| Ok(stdout.flush()?));
            flushed.context(terminal::UNWRITTEN)?;
        }
        Ok(())
    }
}

/// Replaces the files of a batch.
pub(super) fn commit(batch: Batch) -> Outcome {
    for (folder, files) in batch.removed() {
        let here = std::env::current_dir().unwrap_or_default();
        let folder = folder.strip_prefix(here).unwrap_or(&folder);
        let folder = match folder.as_os_str().is_empty() {
            true => "the working folder".to_owned(),
            false => one_line(&folder.display().to_string()),
        };
        let files = plural(files, "temporary file");
        say!("cspseal: removed {files} that a killed run left in {folder}");
    }
    match batch.commit() {
        Ok(()) => Outcome::Done,
        Err(error) => {
            print_error(&error);
            Outcome::Failed
        }
    }
}

/// Writes one file.
pub(super) fn write_file(reach: &Reach, path: &Path, content: &[u8]) -> anyhow::Result<Outcome> {
    let batch = Batch::new()?;
    batch.write(reach, path, content)?;
    Ok(commit(batch))
}

/// Writes what was made, or with `is_check` shows whether that is out of date.
fn write(made: &Rendered, batch: &Batch, is_check: bool) -> anyhow::Result<Outcome> {
    let Some(path) = &made.path else {
        print_output(&made.content)?;
        return Ok(Outcome::Done);
    };
    if !is_check {
        batch.write(&made.reach, path, &made.content)?;
        return Ok(Outcome::Done);
    }
    let old = made.reach.read_if_there(path)?.unwrap_or_default();
    if old == made.content {
        return Ok(Outcome::Done);
    }
    let name = path.display().to_string();
    print_output(&diff::unified(name.as_bytes(), &old, &made.content, diff::Style::of_output()))?;
    let name = one_line(&name);
    say!("cspseal: {name} is out of date; run cspseal hash without --check");
    Ok(Outcome::Findings)
}
