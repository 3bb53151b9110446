//! The command line: the only part that prints and decides the exit code.

mod address;
mod args;
mod captured;
mod check;
mod compare;
mod config;
mod diff;
mod edited;
mod explain;
mod external;
mod formats;
mod generated;
mod governing;
mod hash;
mod init;
mod input;
mod integrity;
mod list;
mod live;
mod merge;
mod nonce;
mod outputs;
mod own_policies;
mod page_writer;
mod places;
mod read;
mod remedy;
mod report;
mod reports;
mod routers;
mod settings;
mod table;
mod terminal;
mod write;

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::Parser as _;

use crate::error::Error;
use crate::finding::plural;
use args::{Cli, Command};
use config::Config;
#[cfg(fuzzing)]
pub use config::fuzzing;
use terminal::{print_output, say};

/// What a command came to; the greater wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Done, nothing wrong or warnings only.
    Done,
    /// There is a finding of severity error.
    Findings,
    /// Some or all of the work could not be done.
    Failed,
}

/// Runs the command with these arguments, the program's name first.
///
/// The exit code is 0 when all is well, 1 when there is a finding of severity error, 2 when work could not be done.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    if let Some(name) = ambiguous(&args) {
        let name = name.to_string_lossy();
        let message = format!("{name} is also the name of a file here; put -- between options and names");
        report::human::print_message(&crate::target::one_line(&message));
        return ExitCode::from(2);
    }
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are "errors" that go to standard output.
            let printed = error.print();
            return ExitCode::from(if printed.is_ok() { error.exit_code() as u8 } else { 2 });
        }
    };
    ColorChoice::from(cli.color).write_global();
    let outcome = match dispatch(&cli) {
        Ok(outcome) => outcome,
        // Whoever reads the output has seen enough.
        Err(error) if is_broken_pipe(&error) => Outcome::Done,
        Err(error) => {
            print_error(error.as_ref());
            Outcome::Failed
        }
    };
    match outcome {
        Outcome::Done => ExitCode::SUCCESS,
        Outcome::Findings => ExitCode::from(1),
        Outcome::Failed => ExitCode::from(2),
    }
}

/// An argument that can be an option and a file. Whoever commits a file chooses its name, and a shell or a hook hands it over.
fn ambiguous(args: &[OsString]) -> Option<&OsString> {
    let is_option = |arg: &&OsString| arg.len() > 1 && arg.as_encoded_bytes().starts_with(b"-");
    let is_file = |name: &OsString| Path::new(name).symlink_metadata().is_ok();
    // The dashes themselves can be the name of a file.
    if args.iter().any(|arg| arg == "--") && !is_file(&"--".into()) {
        return None;
    }
    let before_names = args.iter().skip(1).take_while(|arg| *arg != "--");
    let mut options = before_names.filter(is_option);
    options.find(|arg| is_file(arg))
}

fn dispatch(cli: &Cli) -> anyhow::Result<Outcome> {
    let config = || Config::find(cli);
    match &cli.command {
        Command::Hash(args) => hash::run(args, config()?),
        Command::Nonce(args) => nonce::run(args, &config()?),
        Command::Integrity(args) => integrity::run(args, &config()?),
        Command::Check(args) => check::run(args, &config()?),
        Command::List(args) => list::run(args, &config()?),
        Command::Merge(args) => merge::run(args, &config()?),
        Command::Reports(args) => reports::run(args, &config()?),
        Command::Formats => formats::run(),
        Command::Init => init::run(),
        Command::Explain(args) => explain::run(args),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe))
}

/// Prints an error with its causes on one line, or with its source.
fn print_error(error: &(dyn std::error::Error + 'static)) {
    if let Some(problems) = error.downcast_ref::<report::human::Problems>() {
        return say!("{problems}\n");
    }
    let text = remedy::with_causes(error);
    report::human::print_message(&crate::target::one_line(&text));
}

/// Prints errors that did not stop the run.
fn print_errors(errors: &[Error]) -> Outcome {
    for error in errors {
        print_error(error);
    }
    if errors.is_empty() { Outcome::Done } else { Outcome::Failed }
}
