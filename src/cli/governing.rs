//! Reads the policies that govern the pages of a `check`. Files of hosts, which people edit, are read; every other output is
//! compared with what `cspseal hash` would write now.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use super::input::Pages;
use super::read::limited;
use super::settings::{Generated, GoverningSettings, InputSettings};
use super::{generated, input};
use crate::check::{GoverningPolicy, KeptPage, Origin, Policies};
use crate::error::{Error, Result};
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
    /// Files that a link out of the working folder leads to: nothing of them is shown.
    pub(super) hidden: Vec<String>,
    /// Pages that outputs are made from and that could not be scanned.
    pub(super) errors: Vec<Error>,
    /// The places in the site that are pages.
    pages: Arc<HashSet<Arc<str>>>,
}

impl Governing {
    /// Reads the policies.
    pub(super) fn find(
        governing: GoverningSettings,
        settings: &InputSettings,
        found: &Pages,
    ) -> anyhow::Result<Self> {
        let places = found.files.iter().map(|file| file.site_path.clone());
        let mut all = Self {
            policies: Policies::new(),
            findings: Vec::new(),
            origin: governing.first.as_deref().map(shown).unwrap_or_default(),
            hidden: Vec::new(),
            scanned: None,
            errors: Vec::new(),
            pages: Arc::new(places.collect()),
        };
        for (text, origin) in governing.policies {
            all.policies
                .add(whole(text, Origin::Named(origin.to_owned())));
        }
        for path in &governing.policy_files {
            all.everywhere(path, &governing.arguments)?;
        }
        for file in &governing.deployed {
            let (text, is_shown) = read(&file.path, &file.reach, limited)?;
            let name = shown(&file.path);
            let read = all.deployed(&name, &text, file.format);
            if is_shown {
                read?;
            } else if read.is_err() {
                anyhow::bail!(
                    "{name}: cannot be read as what is deployed; a symbolic link leads it out of the working folder, so nothing of it is shown; name the file itself"
                );
            } else {
                all.hidden.push(name);
            }
        }
        if let Some(generated) = governing.generated {
            all.generated(generated, settings, found)?;
        }
        Ok(all)
    }

    /// The policy that a file holds, for every page.
    fn everywhere(&mut self, path: &Path, reach: &Reach) -> anyhow::Result<()> {
        let origin = Origin::File {
            path: shown(path).into(),
            line: 1,
        };
        // The policy itself has a limit, for each page.
        let text = read(path, reach, |_, content| Ok(content))?.0;
        let text = text.replace(['\r', '\n'], " ");
        self.policies.add(whole(text, origin));
        Ok(())
    }

    /// The policies of a file as its target serves them.
    fn deployed(
        &mut self,
        name: &str,
        text: &str,
        format: Option<DeployedFormat>,
    ) -> anyhow::Result<()> {
        let known = format.or_else(|| DeployedFormat::guess(name, text));
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
        let deployed = Deployed::read(format, name, text)?;
        for ignored in deployed.ignored() {
            let finding = Finding::new(
                Code::PolicyTooLong,
                format!("this policy {}, so it is sent with no page", ignored.reason),
                "give each page its own policy with --scope page, or move scripts and styles into files",
            );
            self.findings.push(finding.at(Place {
                path: name.into(),
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

    /// Makes outputs again and compares them.
    fn generated(
        &mut self,
        generated: Generated,
        settings: &InputSettings,
        found: &Pages,
    ) -> anyhow::Result<()> {
        let mut site = settings.clone();
        site.files.paths = generated.site;
        let inventory = if site.files.paths == settings.files.paths {
            let (inventory, pages, errors) = generated::scan(settings, found);
            (self.scanned, self.errors) = (Some(pages), errors);
            inventory
        } else {
            let (scan, _) = input::scan(&site)?;
            self.errors = scan.errors;
            scan.inventory
        };
        let report = Report::new(&inventory, &generated.builder);
        for output in &generated.outputs {
            generated::compare(output, &report, &mut self.policies, &mut self.findings)?;
        }
        Ok(())
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

/// The text of a file that `limit` lets pass, and whether anything of it may be shown.
fn read(
    path: &Path,
    reach: &Reach,
    limit: impl Fn(&Path, Vec<u8>) -> Result<Vec<u8>>,
) -> anyhow::Result<(String, bool)> {
    let spot = reach.resolve(path)?;
    let text = String::from_utf8(limit(path, spot.read()?)?)
        .map_err(|_| anyhow::anyhow!("{}: is not valid UTF-8; save it as UTF-8", path.display()))?;
    Ok((text, spot.is_shown))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
