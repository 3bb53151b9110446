//! What `cspseal hash` writes: one output from the arguments, or those of the configuration.

use std::io;
use std::path::{Path, PathBuf};

use super::args::{HashArgs, OutputArgs, ScopeArg};
use super::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Finding;
use crate::policy::PolicyBuilder;
use crate::site::Reach;
use crate::site::identity::identity;
use crate::target::{
    Deployment, Report, Scope, Target, check_ability, default_target, print, print_into, target,
    with_standing,
};

/// Where an output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    Stdout,
    /// The whole of this file.
    File(PathBuf),
    /// Our part of this file.
    Into(PathBuf),
    /// Each page its own.
    Pages,
}

/// One output.
pub(super) struct Output {
    pub(super) target: &'static dyn Target,
    pub(super) scope: ScopeArg,
    report_only: bool,
    pub(super) destination: Destination,
    /// How far its path may lead.
    pub(super) reach: Reach,
}

/// An output that is ready to be written: the file, and what it holds then.
pub(super) struct Rendered {
    pub(super) path: Option<PathBuf>,
    pub(super) reach: Reach,
    pub(super) content: Vec<u8>,
}

impl Output {
    /// Whether the outputs are those of the configuration. They count only when the arguments name neither pages nor
    /// an output: from a part of the site no policy for the whole can be made.
    pub(super) fn are_configured(args: &HashArgs, config: &Config) -> bool {
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
    pub(super) fn all(args: &HashArgs, config: &Config) -> anyhow::Result<Vec<Self>> {
        if Self::are_configured(args, config) {
            return Self::configured_all(config);
        }
        let mut output = Self::new(&args.output, &config.arguments)?;
        if args.write {
            output.destination = Destination::Pages;
        } else {
            output.check_for_check(&args.output)?;
        }
        output.check_pages()?;
        Ok(vec![output])
    }

    /// Those of the configuration.
    pub(super) fn configured_all(config: &Config) -> anyhow::Result<Vec<Self>> {
        let outputs = config.output.iter();
        outputs
            .map(|output| Self::configured(config, output))
            .collect()
    }

    /// The one that the arguments say.
    pub(super) fn new(args: &OutputArgs, reach: &Reach) -> anyhow::Result<Self> {
        let destination = match (&args.output, &args.into) {
            (Some(path), _) => Destination::File(path.clone()),
            (_, Some(path)) => Destination::Into(path.clone()),
            (None, None) => Destination::Stdout,
        };
        Ok(Self {
            target: args
                .format
                .as_deref()
                .map_or_else(|| Ok(default_target()), named)?,
            scope: args.scope.unwrap_or(ScopeArg::Auto),
            report_only: args.report_only,
            destination,
            reach: reach.clone(),
        })
    }

    /// What is held against nothing is not checked.
    pub(super) fn check_for_check(&self, args: &OutputArgs) -> anyhow::Result<()> {
        if args.check && self.destination == Destination::Stdout {
            anyhow::bail!(
                "--check needs a file to hold the policy against: name it with -o or --into, or write a cspseal.toml"
            );
        }
        Ok(())
    }

    fn configured(config: &Config, output: &super::config::OutputConfig) -> anyhow::Result<Self> {
        let scope = match output.scope.as_deref() {
            None | Some("auto") => ScopeArg::Auto,
            Some("site") => ScopeArg::Site,
            Some("page") => ScopeArg::Page,
            Some(other) => {
                anyhow::bail!("scope = {other:?} is none; write \"site\", \"page\" or \"auto\"")
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
            report_only: output.report_only,
            destination,
            reach: config.reach.clone(),
        })
    }

    /// The one file that it goes to, if it goes to one.
    pub(super) fn path(&self) -> Option<&Path> {
        match &self.destination {
            Destination::File(path) | Destination::Into(path) => Some(path),
            Destination::Stdout | Destination::Pages => None,
        }
    }

    /// Not every format goes into pages.
    fn check_pages(&self) -> anyhow::Result<()> {
        if self.destination == Destination::Pages && !self.target.support().in_pages {
            anyhow::bail!(
                "--write puts a <meta> into the pages; say --format meta, or -o FILE for {}",
                self.target.name()
            );
        }
        Ok(())
    }

    /// Refuses a file that a folder of pages holds, unless it is one that hosts look for there.
    pub(super) fn check_place(&self, folders: &[PathBuf]) -> Result<()> {
        let Some(path) = self.path() else {
            return Ok(());
        };
        if self.target.support().published {
            return Ok(());
        }
        let inside = |folder: &&PathBuf| {
            let folder = folder.canonicalize().ok().filter(|folder| folder.is_dir());
            identity(path)
                .zip(folder)
                .is_some_and(|(path, folder)| path.starts_with(folder))
        };
        match folders
            .iter()
            .find(|folder| folder.as_os_str() != "." && inside(folder))
        {
            Some(folder) => Err(Error::new(
                ErrorKind::Write,
                format!(
                    "stands inside {}, which is published; write it elsewhere",
                    folder.display()
                ),
            )
            .at(path)),
            None => Ok(()),
        }
    }

    /// Whether it is written as it is made: it can be larger than all else, and nothing in it has to fit anywhere.
    pub(super) fn is_streamed(&self) -> bool {
        self.destination == Destination::Stdout && self.target.support().scopes.is_empty()
    }

    /// Writes it as it is made.
    pub(super) fn stream(&self, report: &Report<'_>, out: &mut dyn io::Write) -> Result<()> {
        let deployment = Deployment::new(report, Scope::Site).with_report_only(self.report_only);
        self.target.emit(&deployment, out)
    }

    /// The output in the scope that is asked for, or that fits; `findings` gets what there is to say about it. [`None`] for what
    /// goes into the pages or is streamed, when it can.
    pub(super) fn make(
        &self,
        report: &Report<'_>,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<Rendered>> {
        self.make_from(report, findings, |_| ())
    }

    /// The same; `take` gets what the output was made from.
    pub(super) fn make_from(
        &self,
        report: &Report<'_>,
        findings: &mut Vec<Finding>,
        take: impl FnOnce(&Deployment<'_>),
    ) -> Result<Option<Rendered>> {
        let standing = self.standing(report, findings)?;
        let standing = standing
            .as_ref()
            .map(|builder| Report::new(report.inventory, builder));
        let report = standing.as_ref().unwrap_or(report);
        let of = |scope| Deployment::new(report, scope).with_report_only(self.report_only);
        if self.destination == Destination::Pages || self.is_streamed() {
            return check_ability(self.target, &of(Scope::Site)).map(|()| None);
        }
        let scopes = self.target.support().scopes;
        let mut deployment = of(match self.scope {
            ScopeArg::Page => Scope::Page,
            ScopeArg::Auto if scopes == [Scope::Page] => Scope::Page,
            ScopeArg::Site | ScopeArg::Auto => Scope::Site,
        });
        let mut made = self.render(&deployment);
        if self.scope == ScopeArg::Auto
            && deployment.scope == Scope::Site
            && scopes.contains(&Scope::Page)
            && made
                .as_ref()
                .is_err_and(|error| error.kind() == ErrorKind::Limit)
        {
            deployment = of(Scope::Page);
            // What is said of the site says what of the pages does not fit, too.
            made = self
                .render(&deployment)
                .or_else(|error| match error.kind() {
                    ErrorKind::Limit => made,
                    _ => Err(error),
                });
        }
        findings.extend(self.target.findings(&deployment));
        if made.is_ok() {
            take(&deployment);
        }
        made.map(Some)
    }

    /// The builder with what somebody added by hand to the policy in the file, if there is one.
    fn standing(
        &self,
        report: &Report<'_>,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<PolicyBuilder>> {
        let Destination::Into(path) = &self.destination else {
            return Ok(None);
        };
        // One that cannot be read is refused where it is merged.
        let Ok(existing) = self.reach.read(path) else {
            return Ok(None);
        };
        let header = Deployment::new(report, Scope::Site)
            .with_report_only(self.report_only)
            .header_name();
        let policy = self.target.standing_policy(&existing, header);
        let Some(policy) = policy.map_err(|error| error.at(path))? else {
            return Ok(None);
        };
        let standing = with_standing(report.builder.base(), &policy);
        let (base, finding) = standing.map_err(|problems| {
            let message =
                "has a policy that browsers would misread; correct it, or give a base with --policy";
            let error = Error::new(ErrorKind::Unsupported, message);
            error.at(path).because(problems)
        })?;
        findings.extend(finding);
        Ok(Some(report.builder.with_base(base)))
    }

    /// What the output holds.
    fn render(&self, deployment: &Deployment<'_>) -> Result<Rendered> {
        let (path, content) = match &self.destination {
            Destination::Stdout | Destination::Pages => (None, print(self.target, deployment)?),
            Destination::File(path) => (Some(path.clone()), print(self.target, deployment)?),
            Destination::Into(path) => {
                let existing = match self.reach.read_if_there(path)? {
                    Some(existing) => existing,
                    // One that is not there yet holds nothing of anybody's.
                    None if self.target.support().comment.is_some() => Vec::new(),
                    None => b"{}\n".to_vec(),
                };
                let merged = print_into(self.target, deployment, &existing);
                (Some(path.clone()), merged.map_err(|error| error.at(path))?)
            }
        };
        let reach = self.reach.clone();
        Ok(Rendered {
            path,
            reach,
            content,
        })
    }
}

fn named(format: &str) -> anyhow::Result<&'static dyn Target> {
    target(format).ok_or_else(|| {
        anyhow::anyhow!("there is no format {format:?}; `cspseal formats` lists them")
    })
}
