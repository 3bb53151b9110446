//! The arguments of `cspseal nonce`.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{ArgGroup, Args, ValueEnum};

use super::{ExternalArgs, FileArgs, LevelArgs, PolicyArgs};
use crate::target::{Framework, TARGETS};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source"))]
#[command(group = ArgGroup::new("mode"))]
pub(in crate::cli) struct NonceArgs {
    #[command(flatten)]
    pub(in crate::cli) files: FileArgs,

    /// Write the expression with which templates of this framework name the nonce
    ///
    /// Files whose extension says no template dialect are then read in the framework's own.
    #[arg(long, value_name = "NAME", help_heading = "Nonce", group = "source")]
    #[arg(value_parser = frameworks())]
    pub(in crate::cli) framework: Option<Framework>,

    /// Write TEXT: a dialect's own expression for the nonce
    #[arg(long, allow_hyphen_values = true, value_name = "TEXT", help_heading = "Nonce", group = "source")]
    pub(in crate::cli) value: Option<String>,

    /// Write a text that a server replaces by a nonce in each response; `random` makes one that nobody can guess
    ///
    /// random is CSP_NONCE_ and 128 bits from the operating system's generator, new in each run. A text that can be guessed
    /// lets an injected script carry it.
    #[arg(long, allow_hyphen_values = true, value_name = "TEXT|random", help_heading = "Nonce", group = "source")]
    pub(in crate::cli) placeholder: Option<String>,

    /// The elements that get a nonce: script, style, link (style sheets, preloads and module preloads) [default: script style]
    #[arg(long, value_name = "ELEMENTS", help_heading = "Nonce", value_enum, value_delimiter = ',')]
    #[arg(hide_possible_values = true)]
    pub(in crate::cli) elements: Vec<NonceElement>,

    /// Replace nonces that are there and differ
    #[arg(long, help_heading = "Nonce")]
    pub(in crate::cli) replace: bool,

    /// Show what would change, as a unified diff [default]
    #[arg(long, help_heading = "Output", group = "mode")]
    pub(in crate::cli) diff: bool,

    /// Change the files
    #[arg(short, long, help_heading = "Output", group = "mode")]
    pub(in crate::cli) write: bool,

    /// List the elements that lack a nonce; exit with 1 if there are any
    #[arg(long, help_heading = "Output", group = "mode")]
    pub(in crate::cli) check: bool,

    /// Write a copy of the folders to PATH, with nonces; with --print-policy, write the policy to the file PATH
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    #[arg(conflicts_with_all = ["diff", "write", "check"])]
    pub(in crate::cli) output: Option<PathBuf>,

    /// Print the policy that goes with the nonces, and change no page
    ///
    /// It is that of `cspseal hash --nonce` for the files with their nonces. It is printed after --write and -o as well.
    #[arg(long, help_heading = "Output", conflicts_with = "mode")]
    pub(in crate::cli) print_policy: bool,

    /// Write that policy into FILE, which holds other things too: only what is cspseal's is replaced
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    #[arg(conflicts_with_all = ["diff", "check"])]
    pub(in crate::cli) into: Option<PathBuf>,

    /// Have violations reported only, not blocked; of two policies, send the report-only one alone
    #[arg(long, help_heading = "Output")]
    pub(in crate::cli) report_only: bool,

    /// How to list what lacks a nonce: human, or json with file, line, column and what is missing; json implies --check
    #[arg(long, value_name = "FORMAT", help_heading = "Output", value_enum)]
    #[arg(hide_possible_values = true, conflicts_with_all = ["diff", "write", "print_policy", "output"])]
    pub(in crate::cli) format: Option<NonceFormat>,

    /// Print the policy as configuration of a server that replaces the placeholder
    #[arg(long, value_name = "NAME", help_heading = "Policy")]
    #[arg(value_parser = servers())]
    pub(in crate::cli) server: Option<String>,

    #[command(flatten)]
    pub(in crate::cli) policy: PolicyArgs,

    #[command(flatten)]
    pub(in crate::cli) external: ExternalArgs,

    #[command(flatten)]
    pub(in crate::cli) levels: LevelArgs,
}

/// An element that takes a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum NonceElement {
    Script,
    Style,
    Link,
}

/// How missing nonces are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum NonceFormat {
    /// Lines for people.
    Human,
    /// A list of objects.
    Json,
}

fn frameworks() -> impl clap::builder::TypedValueParser<Value = Framework> {
    use clap::builder::TypedValueParser as _;
    let value = |framework: Framework| {
        PossibleValue::new(framework.name()).aliases(framework.aliases()).help(framework.about())
    };
    PossibleValuesParser::new(Framework::all().map(value)).try_map(|name| name.parse::<Framework>())
}

fn servers() -> PossibleValuesParser {
    PossibleValuesParser::new(server_values())
}

fn server_values() -> impl Iterator<Item = PossibleValue> {
    TARGETS.iter().filter_map(|target| {
        let about = target.server?;
        Some(PossibleValue::new(target.name()).help(about))
    })
}

/// The frameworks and servers that make a nonce for each response.
pub(super) fn makers() -> PossibleValuesParser {
    let frameworks =
        Framework::all().map(|framework| PossibleValue::new(framework.name()).aliases(framework.aliases()));
    PossibleValuesParser::new(frameworks.chain(server_values()))
}
