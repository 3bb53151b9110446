//! `cspseal nonce`: nonces for the sources of a site.

mod files;
mod fragment;
mod values;

use super::args::NonceArgs;
use super::config::Config;
use super::report::{self, Quoted};
use super::settings::{self, FileSettings, NonceSettings};
use super::{Outcome, plural, print_errors, print_output, say};
use crate::finding::Bounded;
use crate::target::one_line;
use files::{Done, Files, Mode};
use values::Values;

/// Rewrites what the arguments name, or says what would change.
pub(super) fn run(args: &NonceArgs, config: &Config) -> anyhow::Result<Outcome> {
    let settings = FileSettings::new(&args.files, config)?;
    let base = settings::base(&args.base, config)?;
    let levels = settings::levels(&args.levels, config)?;
    let values = Values::new(&NonceSettings::new(args, config)?, &settings)?;
    if args.print_policy
        && let Some(code) = values.unknown_code()
    {
        anyhow::bail!(
            "there is no policy to print for --value {code:?}: how one names this nonce is known of frameworks only; use --framework, or add the nonce to the policy where it is made"
        );
    }
    let mode = match &args.output {
        _ if args.print_policy => Mode::Look,
        Some(folder) => Mode::Copy(folder.clone()),
        None if args.write => Mode::Write,
        None if args.check => Mode::Check,
        None if !args.diff && settings.is_stdin_only() => Mode::Filter,
        None => Mode::Diff,
    };
    let mut total = Total::default();
    let settings = match mode {
        Mode::Write => settings.for_writing(),
        Mode::Diff | Mode::Filter | Mode::Check | Mode::Look | Mode::Copy(_) => settings,
    };
    let mut files = Files::new(&settings, &mode, &config.arguments)?;
    let mut outcome = print_errors(&files.errors);
    files.each(&values, &mode, &mut |result| {
        match result {
            Ok(done) => total.add(&mode, done)?,
            Err(error) => outcome = outcome.max(print_errors(&[error])),
        }
        Ok(())
    })?;
    let committed = files.commit()?;
    outcome = outcome.max(committed);
    let mut findings = values.findings(base.as_ref());
    findings.extend(files.findings.iter().cloned());
    findings.append(&mut std::mem::take(&mut total.findings).into_vec());
    let mut policy = Vec::new();
    // What comes from standard input goes to standard output, where there is no place for a policy.
    let is_written = matches!(mode, Mode::Write | Mode::Copy(_))
        && !settings.is_stdin_only()
        && committed == Outcome::Done;
    if is_written || mode == Mode::Look {
        let needs = (total.scripts, total.styles);
        findings.extend(fragment::print(args, &values, base, needs, &mut policy)?);
    }
    let quoted = Quoted {
        charset: settings.charset,
        pages: files.pages(),
        ..Quoted::default()
    };
    let found = report::finish(findings, &levels, quoted);
    let is_counted = matches!(mode, Mode::Check | Mode::Diff) || !settings.is_stdin_only();
    if is_counted && committed == Outcome::Done {
        total.print(&mode);
    }
    print_output(&policy)?;
    let outcome = outcome.max(found);
    let is_stale = mode == Mode::Check && total.files > 0;
    Ok(outcome.max(if is_stale {
        Outcome::Findings
    } else {
        Outcome::Done
    }))
}

/// What all files came to.
#[derive(Default)]
struct Total {
    files: usize,
    changes: usize,
    scripts: bool,
    styles: bool,
    findings: Bounded,
}

impl Total {
    /// Counts a file, and prints what its mode has to show.
    fn add(&mut self, mode: &Mode, done: Done) -> anyhow::Result<()> {
        self.files += usize::from(done.rewrite.changes > 0);
        self.changes += done.rewrite.changes;
        self.scripts |= done.rewrite.scripts;
        self.styles |= done.rewrite.styles;
        self.findings.extend(done.rewrite.findings);
        match mode {
            Mode::Diff => print_output(&done.diff),
            Mode::Check if done.rewrite.changes > 0 => {
                let count = plural(done.rewrite.changes, "nonce");
                let line = format!("{}: {count} missing\n", one_line(&done.name));
                print_output(line.as_bytes())
            }
            _ => Ok(()),
        }
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
