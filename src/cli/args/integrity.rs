//! The arguments of `cspseal integrity`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::{FileArgs, LevelArgs, SiteArgs, algorithms};
use crate::HashAlgorithm;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("mode"))]
pub(in crate::cli) struct IntegrityArgs {
    #[command(flatten)]
    pub(in crate::cli) files: FileArgs,

    #[command(flatten)]
    pub(in crate::cli) site: SiteArgs,

    /// The algorithm of new digests [default: that of the policy in cspseal.toml, or sha384]
    ///
    /// Digests that are right stay, whatever their algorithm is.
    #[arg(long, value_name = "ALGORITHM", help_heading = "Integrity")]
    #[arg(value_parser = algorithms())]
    pub(in crate::cli) algorithm: Option<HashAlgorithm>,

    /// Show what would change, as a unified diff [default]
    #[arg(long, help_heading = "Output", group = "mode")]
    pub(in crate::cli) diff: bool,

    /// Change the files
    #[arg(short, long, help_heading = "Output", group = "mode")]
    pub(in crate::cli) write: bool,

    /// List the elements whose digests are missing or stale; exit with 1 if there are any
    #[arg(long, help_heading = "Output", group = "mode")]
    pub(in crate::cli) check: bool,

    /// Write a copy of the folders to DIR, with digests
    #[arg(short, long, value_name = "DIR", help_heading = "Output", group = "mode")]
    pub(in crate::cli) output: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) levels: LevelArgs,
}
