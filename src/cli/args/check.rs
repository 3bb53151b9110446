//! The arguments of `check`; the doc comments are the help.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::{FileArgs, LevelArgs, SiteArgs};
use crate::cli::governing::names;
use crate::cli::report::{PRINTERS, Printer};

#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArgs {
    #[command(flatten)]
    pub(in crate::cli) files: FileArgs,

    /// Of a site that is fetched: fetch at most N pages
    #[arg(long, value_name = "N", help_heading = "Input", default_value = "1000", value_parser = pages)]
    pub(in crate::cli) max_pages: NonZeroUsize,

    /// Of a site that is fetched: also fetch what its robots.txt disallows
    #[arg(long, help_heading = "Input")]
    pub(in crate::cli) no_robots: bool,

    /// Of a site that is fetched: wait this many seconds for a response, and for each further piece of it
    #[arg(long, value_name = "SECONDS", help_heading = "Input", default_value_t = 30)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(in crate::cli) timeout: u64,

    /// Of a site that is fetched: also report the inline resources that differ from those of the built pages in DIR, and how
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    pub(in crate::cli) compare: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) site: SiteArgs,

    /// Leave out the content of inert <template> elements
    ///
    /// It is checked by default, because browsers check it as soon as a script clones it.
    #[arg(long, help_heading = "Input")]
    pub(in crate::cli) exclude_template_content: bool,

    /// A policy that every page is sent with; of several all must allow
    #[arg(long, value_name = "POLICY", help_heading = "Policy")]
    pub(in crate::cli) policy: Vec<String>,

    /// Read a policy that every page is sent with from FILE
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    pub(in crate::cli) policy_file: Vec<PathBuf>,

    /// A report-only policy that every page is sent with
    #[arg(long, value_name = "POLICY", help_heading = "Policy")]
    pub(in crate::cli) report_only_policy: Vec<String>,

    /// Read a report-only policy that every page is sent with from FILE
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    pub(in crate::cli) report_only_policy_file: Vec<PathBuf>,

    /// Read the policies from FILE, in which they are deployed
    ///
    /// Netlify's and Cloudflare's _headers, vercel.json, firebase.json, staticwebapp.config.json, netlify.toml; a JSON object of paths and
    /// policies. Of several files each is a deployment of its own.
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    pub(in crate::cli) deployed: Vec<PathBuf>,

    /// Read the headers of saved responses from FILE
    ///
    /// A HAR file, which holds the pages too; or a JSON object of the paths of saved pages and the headers that each came with. Each
    /// response has nonces of its own, so one in a page is nothing to report unless two responses share it.
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    pub(in crate::cli) captured: Vec<PathBuf>,

    /// The format of what is deployed, where neither name nor content tells
    #[arg(long, value_name = "FORMAT", help_heading = "Policy")]
    #[arg(requires = "deployed")]
    #[arg(value_parser = deployed_formats())]
    pub(in crate::cli) deployed_as: Option<String>,

    /// The format of the report
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    #[arg(default_value = "human", value_parser = printers())]
    pub(in crate::cli) format: &'static Printer,

    /// Write to FILE, and only when its content changes
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(in crate::cli) output: Option<PathBuf>,

    /// Show notes as well: advice about the policies, and what may be blocked at run time
    #[arg(long, help_heading = "Findings")]
    pub(in crate::cli) notes: bool,

    /// Advise towards a strict policy as well: nonces or hashes with 'strict-dynamic', Trusted Types
    #[arg(long, help_heading = "Findings")]
    pub(in crate::cli) strict: bool,

    /// List the codes of all findings, and check nothing
    #[arg(long, help_heading = "Findings")]
    pub(in crate::cli) codes: bool,

    #[command(flatten)]
    pub(in crate::cli) levels: LevelArgs,
}

/// The formats that are read, and out of sight those of servers, for which there is a better message than clap's.
fn deployed_formats() -> PossibleValuesParser {
    let read = names(true).into_iter().map(PossibleValue::new);
    let others = names(false).into_iter();
    let others = others.map(|name| PossibleValue::new(name).hide(true));
    PossibleValuesParser::new(read.chain(others))
}

fn printers() -> impl TypedValueParser<Value = &'static Printer> {
    let value = |printer: &Printer| PossibleValue::new(printer.name).help(printer.about);
    PossibleValuesParser::new(PRINTERS.iter().map(value)).try_map(|name| {
        let printer = PRINTERS.iter().find(|printer| printer.name == name);
        printer.ok_or("unknown format")
    })
}

fn pages(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "write a number from 1 on")
}
