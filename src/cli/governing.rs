//! From the arguments and the configuration of `check` to the policies that govern the pages.
//!
//! What the arguments say stands alone; without a word from them the outputs of the configuration count. Files of hosts, which
//! people edit, are read; every other output is compared with what `cspseal hash` would write now.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use super::args::CheckArgs;
use super::config::Config;
use super::input::Pages;
use super::outputs::{Destination, Output};
use super::settings::{self, InputSettings};
use super::{generated, input};
use crate::check::{GoverningPolicy, KeptPage, Origin, Policies};
use crate::error::Error;
use crate::finding::{Code, Finding, Place};
use crate::site::Reach;
use crate::target::deployed::{Deployed, DeployedFormat};
use crate::target::{BROWSER_LIMIT, Report, target};

/// The policies of a check, and what there is to say about where they stand.
pub(super) struct Governing {
    pub(super) policies: Policies,
    pub(super) findings: Vec<Finding>,
    /// The file at which findings about a policy as a whole are shown.
    pub(super) origin: String,
    /// The pages as they were scanned to make outputs again, if those to check were.
    pub(super) scanned: Option<Vec<KeptPage>>,
    /// Files that a link out of the working folder leads to: nothing in them is quoted.
    pub(super) unshown: HashSet<String>,
    /// Pages that outputs are made from and that could not be scanned.
    pub(super) errors: Vec<Error>,
    /// The places in the site that are pages.
    pages: Arc<HashSet<Arc<str>>>,
}

impl Governing {
    /// Those that the arguments name, or else the configuration.
    pub(super) fn find(
        args: &CheckArgs,
        config: &Config,
        settings: &InputSettings,
        found: &Pages,
    ) -> anyhow::Result<Self> {
        let mut governing = Self {
            policies: Policies::new(),
            findings: Vec::new(),
            origin: String::new(),
            unshown: HashSet::new(),
            scanned: None,
            errors: Vec::new(),
            pages: Arc::new(
                found
                    .files
                    .iter()
                    .map(|file| file.site_path.clone())
                    .collect(),
            ),
        };
        for text in &args.policy {
            let origin = Origin::Named("--policy".to_owned());
            governing.policies.add(whole(text.clone(), origin));
        }
        for path in &args.policy_file {
            governing.everywhere(path, &config.arguments)?;
        }
        for path in &args.deployed {
            let read = governing.deployed(path, args.deployed_as.as_deref(), &Reach::Anywhere);
            if config.arguments.resolve(path).is_ok() {
                read?;
                continue;
            }
            governing.unshown.insert(shown(path));
            read.map_err(|_| {
                anyhow::anyhow!(
                    "{}: cannot be read as what is deployed; a symbolic link leads it out of the working folder, so nothing of it is shown; name the file that is meant",
                    path.display()
                )
            })?;
        }
        let is_said =
            !args.policy.is_empty() || !args.policy_file.is_empty() || !args.deployed.is_empty();
        if !is_said {
            governing.configured(config, settings, found)?;
        }
        Ok(governing)
    }

    /// The policy that a file holds, for every page.
    fn everywhere(&mut self, path: &Path, reach: &Reach) -> anyhow::Result<()> {
        let origin = Origin::File {
            path: shown(path).into(),
            line: 1,
        };
        let text = read(path, reach)?.replace(['\r', '\n'], " ");
        self.set_origin(path);
        self.policies.add(whole(text, origin));
        Ok(())
    }

    /// The policies of a file as its target serves them; the format by its name, if that is given.
    fn deployed(&mut self, path: &Path, format: Option<&str>, reach: &Reach) -> anyhow::Result<()> {
        let text = read(path, reach)?;
        let name = shown(path);
        let known = match format {
            Some(format) => DeployedFormat::find(format),
            None => DeployedFormat::guess(&name, &text),
        };
        let format = known.with_context(|| {
            format!(
                "{name}: cannot tell in which format this is; say it with --deployed-as, one of {}",
                names(true).join(", ")
            )
        })?;
        if !format.is_read() {
            anyhow::bail!(
                "{name}: --deployed reads host files only, not those for {}; compare it with `cspseal hash --check`, or make it an [[output]] of cspseal.toml and run `cspseal check`",
                format.name()
            );
        }
        self.set_origin(path);
        let deployed = Deployed::read(format, &name, &text)?;
        for ignored in deployed.ignored() {
            let finding = Finding::new(
                Code::PolicyTooLong,
                format!("this policy {}, so it is sent with no page", ignored.reason),
                "give each page its own policy with --scope page, or move scripts and styles into files",
            );
            self.findings.push(finding.at(Place {
                path: name.as_str().into(),
                line: ignored.line,
                column: 1,
            }));
        }
        let limits = target(format.name()).map(|target| target.support().limits);
        let limit = limits
            .and_then(|limits| limits.policy)
            .unwrap_or(BROWSER_LIMIT);
        let policies = deployed.policies().iter().map(|policy| {
            let origin = Origin::File {
                path: Arc::clone(&policy.source),
                line: policy.line,
            };
            let mut governing = GoverningPolicy::new(policy.text.clone(), origin);
            governing.report_only = policy.report_only;
            governing.limit = Some((format.name().to_owned(), limit));
            governing
        });
        let policies: Vec<GoverningPolicy> = policies.collect();
        let pages = Arc::clone(&self.pages);
        self.policies.deploy(policies, move |site_path| {
            deployed.policies_of(site_path, &|path| pages.contains(path))
        });
        Ok(())
    }

    /// The outputs of the configuration, or its policy where it has none.
    fn configured(
        &mut self,
        config: &Config,
        settings: &InputSettings,
        found: &Pages,
    ) -> anyhow::Result<()> {
        let outputs = Output::configured_all(config)?;
        if outputs.is_empty() {
            if let Some(base) = settings::base(&Default::default(), config)? {
                let origin = Origin::Named(super::config::FILE_NAME.to_owned());
                self.policies.add(whole(base.to_string(), origin));
            }
            return Ok(());
        }
        let mut generated = Vec::new();
        for output in outputs {
            let (Destination::File(path) | Destination::Into(path)) = &output.destination else {
                continue;
            };
            let name = output.target.name();
            if DeployedFormat::find(name).is_some_and(DeployedFormat::is_read) {
                self.deployed(path, Some(name), &output.reach)?;
            } else {
                self.set_origin(path);
                generated.push(output);
            }
        }
        if generated.is_empty() {
            return Ok(());
        }
        self.generated(&generated, config, settings, found)
    }

    /// Makes outputs again and compares them.
    fn generated(
        &mut self,
        outputs: &[Output],
        config: &Config,
        settings: &InputSettings,
        found: &Pages,
    ) -> anyhow::Result<()> {
        let builder = settings::builder(&Default::default(), config)?;
        let mut site = settings.clone();
        site.files.paths = config.site();
        let inventory = if site.files.paths == settings.files.paths {
            let (inventory, pages, errors) = generated::scan(settings, found);
            (self.scanned, self.errors) = (Some(pages), errors);
            inventory
        } else {
            let (scan, _) = input::scan(&site)?;
            self.errors = scan.errors;
            scan.inventory
        };
        let report = Report::new(&inventory, &builder);
        for output in outputs {
            generated::compare(output, &report, &mut self.policies, &mut self.findings)?;
        }
        Ok(())
    }

    fn set_origin(&mut self, path: &Path) {
        if self.origin.is_empty() {
            self.origin = shown(path);
        }
    }
}

/// A policy that every page is sent with.
fn whole(text: String, origin: Origin) -> GoverningPolicy {
    let mut policy = GoverningPolicy::new(text.trim(), origin);
    policy.limit = Some(("a browser".to_owned(), BROWSER_LIMIT));
    policy
}

/// The names of the formats that are read, or of the others.
pub(super) fn names(are_read: bool) -> Vec<&'static str> {
    DeployedFormat::all()
        .filter(|format| format.is_read() == are_read)
        .map(DeployedFormat::name)
        .collect()
}

fn read(path: &Path, reach: &Reach) -> anyhow::Result<String> {
    String::from_utf8(reach.read(path)?)
        .map_err(|_| anyhow::anyhow!("{}: is no UTF-8 text", path.display()))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
