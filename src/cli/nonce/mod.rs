//! `cspseal nonce`: nonces for the sources of a site.

mod callers;
mod django;
mod files;
mod held;
mod policy;
mod values;

use super::args::{NonceArgs, NonceFormat};
use super::config::Config;
use super::edited::{Files, Mode};
use super::outputs::Rendered;
use super::report::{self, Quoted};
use super::settings::{self, Builders, FileSettings, NonceSettings};
use super::{Outcome, places, plural, print_errors, print_output, say};
use crate::HashAlgorithm;
use crate::finding::Bounded;
use crate::page::InlineCheckType;
use crate::site::Inventory;
use crate::target::one_line;
use files::{Done, Nonced, Rewriting};
use policy::PolicyOutput;
use serde::Serialize;
use values::Values;

/// Rewrites what the arguments name, or says what would change.
pub(super) fn run(args: &NonceArgs, config: &Config) -> anyhow::Result<Outcome> {
    let settings = FileSettings::new(&args.files, config)?;
    let builders = Builders::new(&args.policy, &args.external, config)?;
    let base = builders.first.base().cloned();
    let levels = settings::levels(&args.levels, config)?;
    let values = Values::new(&NonceSettings::new(args, config)?, &settings)?;
    let settings = settings.of_sources(values.is_code());
    if args.print_policy
        && let Some(code) = values.unknown_code()
    {
        anyhow::bail!(
            "there is no policy to print for --value {code:?}: how one names this nonce is known of frameworks only; use --framework, or add the nonce to the policy where it is made"
        );
    }
    let is_listed = args.check || args.format.is_some();
    let mode = match &args.output {
        _ if args.print_policy => Mode::Look,
        Some(folder) => Mode::Copy(folder.clone()),
        None if args.write => Mode::Write,
        None if is_listed => Mode::Check,
        None if !args.diff && args.into.is_some() => Mode::Look,
        None if !args.diff && settings.is_stdin_only() => Mode::Filter,
        None => Mode::Diff,
    };
    let sources = settings::sources(&args.policy, config);
    // What comes from standard input goes to standard output, where there is no place for a policy.
    let has_policy = match mode {
        Mode::Look => true,
        Mode::Write | Mode::Copy(_) => !settings.is_stdin_only() || args.into.is_some(),
        Mode::Diff | Mode::Filter | Mode::Check => false,
    };
    let policy = match has_policy {
        true => PolicyOutput::new(args, &values, builders, &config.arguments)?,
        false => None,
    };
    if let Some(policy) = &policy {
        places::check_outputs(std::slice::from_ref(policy.output()), &sources)?;
    }
    let scan = policy.as_ref();
    let scan = scan.map(|policy| policy.scan_options(&values, &settings));
    let algorithm = config.algorithm()?.unwrap_or_default();
    let scan = scan.map(|options| options.with_algorithm(algorithm));
    let mut total = Total::new(algorithm);
    let settings = match mode {
        Mode::Write => settings.for_writing(),
        Mode::Diff | Mode::Filter | Mode::Check | Mode::Look | Mode::Copy(_) => settings,
    };
    let mut files = Files::new(&settings, &mode, &config.arguments)?;
    let mut outcome = print_errors(&files.found.errors);
    let rewriting = Rewriting { files: &files, values: &values, mode: &mode, scan: scan.as_ref() };
    rewriting.each(&mut |result| {
        match result {
            Ok(done) => total.add(&mode, args.format, done)?,
            Err(error) => outcome = outcome.max(print_errors(&[error])),
        }
        Ok(())
    })?;
    let mut findings = values.findings(base.as_ref());
    findings.extend(files.found.findings.iter().cloned());
    findings.append(&mut std::mem::take(&mut total.findings).into_vec());
    let made = match &policy {
        Some(policy) => policy.make(&total.inventory, &mut findings)?,
        None => None,
    };
    if let Some(Rendered { path: Some(path), content, reach }) = &made {
        files.batch.write(reach, path, content)?;
    }
    let committed = files.commit()?;
    outcome = outcome.max(committed);
    let quoted = Quoted { charset: settings.charset, pages: files.pages(), ..Quoted::default() };
    let found = report::finish(findings, &levels, quoted);
    let is_counted = matches!(mode, Mode::Check | Mode::Diff) || !settings.is_stdin_only();
    if is_counted && committed == Outcome::Done {
        total.print(&mode);
    }
    if let Some(Rendered { path: None, content, .. }) = &made
        && committed == Outcome::Done
    {
        print_output(content)?;
    }
    if args.format == Some(NonceFormat::Json) {
        print_output(&total.json()?)?;
    }
    let outcome = outcome.max(found);
    let is_stale = mode == Mode::Check && total.files > 0;
    Ok(outcome.max(if is_stale { Outcome::Findings } else { Outcome::Done }))
}

/// What all files came to.
struct Total {
    files: usize,
    changes: usize,
    findings: Bounded,
    /// The files as they are with their nonces, if a policy is made of them.
    inventory: Inventory,
    missing: Vec<MissingEntry>,
}

/// An element without a nonce, for other programs.
#[derive(Serialize)]
struct MissingEntry {
    file: String,
    line: u64,
    column: u64,
    missing: &'static str,
}

impl Total {
    fn new(algorithm: HashAlgorithm) -> Self {
        Self {
            files: 0,
            changes: 0,
            findings: Bounded::default(),
            inventory: Inventory::new(algorithm),
            missing: Vec::new(),
        }
    }

    /// Counts a file, and prints what its mode has to show.
    fn add(&mut self, mode: &Mode, format: Option<NonceFormat>, done: Done) -> anyhow::Result<()> {
        let Nonced { rewrite, page } = done.done;
        self.files += usize::from(rewrite.changes > 0);
        self.changes += rewrite.changes;
        self.findings.extend(rewrite.findings);
        if let Some(page) = page {
            self.inventory.add(page)?;
        }
        match mode {
            Mode::Diff => print_output(&done.diff),
            Mode::Check => {
                let entries = rewrite.missing.iter().map(|missing| MissingEntry {
                    file: done.name.clone(),
                    line: missing.location.line,
                    column: missing.location.column,
                    missing: match missing.check {
                        InlineCheckType::Style => "nonce of a style",
                        _ => "nonce of a script",
                    },
                });
                if format == Some(NonceFormat::Json) {
                    self.missing.extend(entries);
                    return Ok(());
                }
                let line = |entry: MissingEntry| {
                    let MissingEntry { file, line, column, missing } = entry;
                    format!("{}:{line}:{column}: missing {missing}\n", one_line(&file))
                };
                print_output(entries.map(line).collect::<String>().as_bytes())
            }
            _ => Ok(()),
        }
    }

    /// What lacks a nonce.
    fn json(&self) -> anyhow::Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(&self.missing)?;
        text.push(b'\n');
        Ok(text)
    }

    fn print(&self, mode: &Mode) {
        let what = match mode {
            Mode::Look | Mode::Filter => return,
            Mode::Diff | Mode::Check => "would change",
            Mode::Write | Mode::Copy(_) => "changed",
        };
        let nonces = plural(self.changes, "nonce");
        say!("cspseal: {nonces} in {} {what}", plural(self.files, "file"));
    }
}
