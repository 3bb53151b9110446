//! The outputs of a run: one from the arguments, or those of the configuration.

use std::path::PathBuf;

use crate::cli::args::{HashArgs, OutputArgs, ScopeArg};
use crate::cli::config::{Config, OutputConfig};
use crate::site::Reach;
use crate::target::{Sends, Target, target};

/// The destination of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Destination {
    Stdout,
    /// The whole of this file.
    File(PathBuf),
    /// Our part of this file.
    Into(PathBuf),
    /// Each page its own.
    Pages,
}

/// One output.
pub(in crate::cli) struct Output {
    pub(in crate::cli) target: &'static Target,
    pub(in crate::cli) scope: ScopeArg,
    pub(in crate::cli) sends: Sends,
    pub(in crate::cli) destination: Destination,
    /// How far its path may lead.
    pub(in crate::cli) reach: Reach,
}

impl Output {
    /// Whether the outputs are those of the configuration. They count only when the arguments name neither pages nor
    /// an output: from a part of the site no policy for the whole can be made.
    pub(in crate::cli) fn are_configured(args: &HashArgs, config: &Config) -> bool {
        let output = &args.output;
        let says_output = output.format.is_some()
            || output.output.is_some()
            || output.into.is_some()
            || args.write
            || output.scope.is_some()
            || output.report_only;
        let says_pages = !args.input.files.paths.is_empty();
        !says_output && !says_pages && !config.output.is_empty()
    }

    /// Those that are asked for.
    pub(in crate::cli) fn all(args: &HashArgs, config: &Config, usual: &'static Target) -> anyhow::Result<Vec<Self>> {
        if Self::are_configured(args, config) {
            return Self::configured(config);
        }
        if !args.write {
            return Ok(vec![Self::new(&args.output, &config.arguments, usual)?]);
        }
        let output = Self { destination: Destination::Pages, ..Self::of(&args.output, &config.arguments, usual)? };
        if !output.target.in_pages {
            anyhow::bail!(
                "--write puts a <meta> into the pages; say --format meta, or -o FILE for {}",
                output.target.name()
            );
        }
        Ok(vec![output])
    }

    /// The one that the arguments say, to standard output or a file; of the usual target if they name none.
    pub(in crate::cli) fn new(args: &OutputArgs, reach: &Reach, usual: &'static Target) -> anyhow::Result<Self> {
        let output = Self::of(args, reach, usual)?;
        // What is held against nothing is not checked.
        if args.check && output.destination == Destination::Stdout {
            anyhow::bail!(
                "--check needs a file to hold the policy against: name it with -o or --into, or write a cspseal.toml"
            );
        }
        Ok(output)
    }

    fn of(args: &OutputArgs, reach: &Reach, usual: &'static Target) -> anyhow::Result<Self> {
        let destination = match (&args.output, &args.into) {
            (Some(path), _) => Destination::File(path.clone()),
            (_, Some(path)) => Destination::Into(path.clone()),
            (None, None) => Destination::Stdout,
        };
        let format = args.format.as_deref();
        Ok(Self {
            target: format.map_or(Ok(usual), named)?,
            scope: args.scope.unwrap_or(ScopeArg::Auto),
            sends: sends(args.report_only.then_some(true)),
            destination,
            reach: reach.clone(),
        })
    }

    /// Those of the configuration.
    pub(in crate::cli) fn configured(config: &Config) -> anyhow::Result<Vec<Self>> {
        let outputs = config.output.iter();
        outputs.map(|output| Self::one(config, output)).collect()
    }

    fn one(config: &Config, output: &OutputConfig) -> anyhow::Result<Self> {
        let scope = match output.scope.as_deref() {
            None | Some("auto") => ScopeArg::Auto,
            Some("site") => ScopeArg::Site,
            Some("page") => ScopeArg::Page,
            Some(other) => {
                anyhow::bail!("unknown scope {other:?}; write \"site\", \"page\" or \"auto\"")
            }
        };
        let destination = match &output.file {
            None => Destination::Pages,
            Some(file) if output.into => Destination::Into(config.resolve(file)),
            Some(file) => Destination::File(config.resolve(file)),
        };
        Ok(Self {
            target: named(&output.format)?,
            scope,
            sends: sends(output.report_only),
            destination,
            reach: config.reach.clone(),
        })
    }
}

/// The policies of an output, for which `report-only` may be said.
pub(in crate::cli) const fn sends(report_only: Option<bool>) -> Sends {
    match report_only {
        None => Sends::All,
        Some(false) => Sends::Enforced,
        Some(true) => Sends::ReportOnly,
    }
}

fn named(format: &str) -> anyhow::Result<&'static Target> {
    target(format).ok_or_else(|| anyhow::anyhow!("there is no format {format:?}; `cspseal formats` lists them"))
}
