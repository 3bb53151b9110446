//! The arguments of `reports`; the doc comments are the help.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::LevelArgs;

#[derive(Debug, Args)]
pub(in crate::cli) struct ReportsArgs {
    /// Violation reports as a collector stored them, also compressed with gzip; `-` is standard input
    ///
    /// JSON as browsers send it (application/csp-report, application/reports+json): one after the other, one a line, or in arrays.
    #[arg(value_name = "FILE", required = true, help_heading = "Input")]
    pub(in crate::cli) files: Vec<PathBuf>,

    /// Look for reported inline resources in the pages of PATHS [default: those of the configuration]
    #[arg(long, value_name = "PATHS", help_heading = "Input")]
    pub(in crate::cli) pages: Vec<PathBuf>,

    /// Look for them in an inventory, which `hash --format json` printed, in place of the pages of the configuration
    ///
    /// An inventory without --text has the first 60 characters of each text. Can be given several times.
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(in crate::cli) inventory: Vec<PathBuf>,

    /// Print the policy in FILE with the reported hosts added
    ///
    /// Review it: anybody can send a report. No keyword is added, and data: and blob: only for images, fonts and media.
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    pub(in crate::cli) policy_file: Option<PathBuf>,

    /// How to print what was reported
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Output")]
    #[arg(default_value_t = ReportsFormat::Human)]
    pub(in crate::cli) format: ReportsFormat,

    #[command(flatten)]
    pub(in crate::cli) levels: LevelArgs,
}

/// How reports are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ReportsFormat {
    /// Tables; with --policy-file the policy alone
    Human,
    /// For other programs; the schema is in the README
    Json,
}
