//! From the arguments and the configuration of `check` to the policies that govern the pages.
//!
//! What the arguments say stands alone; without a word from them the outputs of the configuration count. An output in a format that
//! is read by no server but by a framework is compared with what `cspseal hash` would write now.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use super::args::CheckArgs;
use super::config::Config;
use super::outputs::{Destination, Output, Rendered};
use super::settings::InputSettings;
use super::{input, policy};
use crate::check::{GoverningPolicy, Origin, Policies};
use crate::finding::{Code, Finding, Place};
use crate::site::PageFile;
use crate::target::deployed::{Deployed, DeployedFormat};
use crate::target::{BROWSER_LIMIT, Report, target};

/// The policies of a check, and what there is to say about where they stand.
pub(super) struct Governing {
    pub(super) policies: Policies,
    pub(super) findings: Vec<Finding>,
    /// The file at which findings about a policy as a whole are shown.
    pub(super) origin: String,
    /// The places in the site that are pages.
    pages: Arc<HashSet<Arc<str>>>,
}

impl Governing {
    /// Those that the arguments name, or else the configuration; `None` when a base is malformed, which has been reported.
    pub(super) fn find(
        args: &CheckArgs,
        config: Option<&Config>,
        settings: &InputSettings,
        files: &[PageFile],
    ) -> anyhow::Result<Option<Self>> {
        let mut governing = Self {
            policies: Policies::new(),
            findings: Vec::new(),
            origin: String::new(),
            pages: Arc::new(files.iter().map(|file| file.site_path.clone()).collect()),
        };
        for text in &args.policy {
            let origin = Origin::Named("--policy".to_owned());
            governing.policies.add(whole(text.clone(), origin));
        }
        for path in &args.policy_file {
            governing.everywhere(path)?;
        }
        for path in &args.deployed {
            let format = args.deployed_as.as_deref().and_then(DeployedFormat::find);
            governing.deployed(path, format)?;
        }
        let is_said =
            !args.policy.is_empty() || !args.policy_file.is_empty() || !args.deployed.is_empty();
        if let (false, Some(config)) = (is_said, config)
            && !governing.configured(config, settings)?
        {
            return Ok(None);
        }
        Ok(Some(governing))
    }

    /// The policy that a file holds, for every page.
    fn everywhere(&mut self, path: &Path) -> anyhow::Result<()> {
        let origin = Origin::File {
            path: shown(path).into(),
            line: 1,
        };
        let text = read(path)?.replace(['\r', '\n'], " ");
        self.set_origin(path);
        self.policies.add(whole(text, origin));
        Ok(())
    }

    /// The policies of a file as its target serves them.
    fn deployed(&mut self, path: &Path, format: Option<DeployedFormat>) -> anyhow::Result<()> {
        let text = read(path)?;
        let name = shown(path);
        let format = format.or_else(|| DeployedFormat::guess(&name, &text));
        let format = format.with_context(|| {
            format!(
                "{name}: cannot tell in which format this is; say it with --deployed-as, one of {}",
                names().join(", ")
            )
        })?;
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
            governing.replaces_nonces = policy.nonce_placeholder;
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

    /// The outputs of the configuration, or its policy where it has none. `false` when the base is malformed.
    fn configured(&mut self, config: &Config, settings: &InputSettings) -> anyhow::Result<bool> {
        let outputs = Output::configured_all(config)?;
        if outputs.is_empty() {
            let Some(base) = policy::base(&Default::default(), Some(config))? else {
                return Ok(false);
            };
            if let Some(base) = base {
                let origin = Origin::Named(super::config::FILE_NAME.to_owned());
                self.policies.add(whole(base.to_string(), origin));
            }
            return Ok(true);
        }
        let mut frameworks = Vec::new();
        for output in outputs {
            match (
                &output.destination,
                DeployedFormat::find(output.target.name()),
            ) {
                (Destination::Pages | Destination::Stdout, _) => {}
                (Destination::File(path) | Destination::Into(path), Some(format)) => {
                    self.deployed(path, Some(format))?;
                }
                (_, None) => frameworks.push(output),
            }
        }
        if frameworks.is_empty() {
            return Ok(true);
        }
        self.compared(&frameworks, config, settings)
    }

    /// Outputs that are compared with what would be written now.
    fn compared(
        &mut self,
        outputs: &[Output],
        config: &Config,
        settings: &InputSettings,
    ) -> anyhow::Result<bool> {
        let Some(builder) = policy::builder(&Default::default(), Some(config))? else {
            return Ok(false);
        };
        let (scan, _) = input::scan(settings)?;
        let report = Report::new(&scan.inventory, &builder);
        for output in outputs {
            let Some(Rendered {
                path: Some(path),
                content,
            }) = output.make(&report, &mut self.findings)?
            else {
                continue;
            };
            let name = shown(&path);
            self.set_origin(&path);
            if super::terminal::read(&path).is_ok_and(|old| old == content) {
                let origin = Origin::File {
                    path: name.into(),
                    line: 1,
                };
                self.policies
                    .add(whole(report.site.policy.to_string(), origin));
                continue;
            }
            let finding = Finding::new(
                Code::StaleOutput,
                format!(
                    "this is not what cspseal hash would write for {} now, so the pages may break",
                    output.target.name()
                ),
                "run cspseal hash; cspseal hash --check shows the difference",
            );
            self.findings.push(finding.at(Place {
                path: name.as_str().into(),
                line: 1,
                column: 1,
            }));
        }
        Ok(true)
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

/// The names of the formats.
pub(super) fn names() -> Vec<&'static str> {
    DeployedFormat::ALL
        .iter()
        .map(|format| format.name())
        .collect()
}

fn read(path: &Path) -> anyhow::Result<String> {
    let bytes = super::terminal::read(path)
        .with_context(|| format!("{}: cannot be read", path.display()))?;
    String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("{}: is no UTF-8 text", path.display()))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
