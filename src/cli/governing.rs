//! Reads the policies that govern the pages of a `check`. Files of hosts, which people edit, are read; every other output is
//! compared with what `cspseal hash` would write now.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use super::captured::{self, CapturedPage, NonceUsers};
use super::config::Base;
use super::input::{Pages, Scanned};
use super::read::check_length;
use super::routers::Routers;
use super::settings::{Generated, GoverningSettings, InputSettings};
use super::{generated, input, live};
use crate::check::{GoverningPolicy, KeptPage, Origin, Policies};
use crate::error::Error;
use crate::finding::{Code, Finding, Place};
use crate::site::{Reach, SiteFiles};
use crate::target::deployed::{Deployed, DeployedFormat, unread_by};
use crate::target::{BROWSER_LIMIT, target};

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
    /// The files of the site on its server.
    pub(super) live_files: Option<SiteFiles>,
    /// Whether the site has pages that were not read, so that what none of these needs may be needed.
    pub(super) is_partial: bool,
    /// Pages that came with their headers.
    pub(super) captured: Vec<CapturedPage>,
    /// The places in the site that are pages.
    pages: Arc<HashSet<Arc<str>>>,
}

impl Governing {
    /// Reads the policies.
    pub(super) fn find(governing: GoverningSettings, settings: &InputSettings, found: &Pages) -> anyhow::Result<Self> {
        let places = found.files.iter().map(|file| file.site_path.clone());
        let mut all = Self {
            policies: Policies::new(),
            findings: Vec::new(),
            origin: governing.first.as_deref().map(shown).unwrap_or_default(),
            hidden: Vec::new(),
            scanned: None,
            errors: Vec::new(),
            live_files: None,
            is_partial: false,
            captured: Vec::new(),
            pages: Arc::new(places.collect()),
        };
        for (base, text, origin) in governing.policies {
            let origin = Origin::Named(origin.to_owned());
            all.policies.add(whole(base, text, origin));
        }
        for (base, path) in &governing.policy_files {
            all.everywhere(*base, path, &governing.arguments)?;
        }
        for file in &governing.deployed {
            let (text, is_shown) = read(&file.path, &file.reach)?;
            check_length(&file.path, text.as_bytes())?;
            let name = shown(&file.path);
            all.findings.extend(unread(&file.path));
            let read = all.deployed(&name, &text, file.format, false);
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
        for path in &governing.captured {
            let text = read(path, &governing.arguments)?.0;
            all.captured(path, &text)?;
        }
        if let Some(live) = &governing.live {
            let found = live::fetch(live, settings, found)?;
            found.responses.deploy(&mut all.policies);
            all.scanned = Some(found.pages);
            all.findings.extend(found.findings);
            all.errors.extend(found.errors);
            all.is_partial = found.is_partial;
            all.live_files = Some(found.files);
        }
        if let Some(generated) = governing.generated {
            all.generated(generated, settings, found)?;
        }
        Ok(all)
    }

    /// The policy that a file holds, for every page.
    fn everywhere(&mut self, base: Base, path: &Path, reach: &Reach) -> anyhow::Result<()> {
        let origin = Origin::File { path: shown(path).into(), line: 1 };
        // The policy itself has a limit, for each page.
        let text = read(path, reach)?.0;
        let mut policy = whole(base, text.replace(['\r', '\n'], " "), origin);
        let start = text.len() - text.trim_start().len();
        policy.file = Some((text.into(), start));
        self.policies.add(policy);
        Ok(())
    }

    /// The pages and policies of saved responses.
    fn captured(&mut self, path: &Path, text: &str) -> anyhow::Result<()> {
        let name = &shown(path);
        if !captured::is_har(text) {
            check_length(path, text.as_bytes())?;
            return self.deployed(name, text, DeployedFormat::find("map"), true);
        }
        if !self.pages.is_empty() {
            anyhow::bail!("{name}: holds its own pages; check it without PATHs");
        }
        let (pages, responses) = captured::har(name, text)?;
        self.captured.extend(pages);
        responses.deploy(&mut self.policies);
        Ok(())
    }

    /// The policies of a file as its target serves them, or as its responses came.
    fn deployed(
        &mut self,
        name: &str,
        text: &str,
        format: Option<DeployedFormat>,
        is_captured: bool,
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
            let finding = match ignored.is_policy {
                true => Finding::new(
                    Code::PolicyTooLong,
                    format!("this policy {}, so it is sent with no page", ignored.reason),
                    "give each page its own policy with --scope page, or move scripts and styles into files",
                ),
                false => Finding::new(
                    Code::DroppedLine,
                    format!("this line {}", ignored.reason),
                    "write a header and all of its value on one line, and a # before a comment",
                ),
            };
            self.findings.push(finding.at(Place { path: name.into(), line: ignored.line, column: 1 }));
        }
        self.endpoints(name, text, &deployed);
        let limits = target(format.name()).map(|target| target.limits);
        let limit = limits.and_then(|limits| limits.policy).unwrap_or(BROWSER_LIMIT);
        let policies = deployed.policies().iter().map(|policy| {
            let origin = Origin::File { path: Arc::clone(&policy.source), line: policy.line };
            let mut governing = GoverningPolicy::new(policy.text.clone(), origin);
            governing.report_only = policy.report_only;
            governing.limit = Some((format.name().to_owned(), limit));
            governing
        });
        let mut policies: Vec<GoverningPolicy> = policies.collect();
        let pages = Arc::clone(&self.pages);
        if is_captured {
            let mut nonces = NonceUsers::default();
            for page in pages.iter() {
                let of_page = deployed.policies_of(page, &|path| pages.contains(path))?;
                for index in of_page.into_iter().flatten() {
                    nonces.add(page, &policies[index].text);
                }
            }
            nonces.mark(&mut policies);
        }
        self.policies.deploy(policies, move |site_path| deployed.policies_of(site_path, &|path| pages.contains(path)));
        Ok(())
    }

    /// Says which policies of a file name an endpoint for reports where no header of the file has one.
    fn endpoints(&mut self, name: &str, text: &str, deployed: &Deployed) {
        let text = text.to_ascii_lowercase();
        if ["reporting-endpoints", "report-to\"", "report-to:", "report-to ="]
            .iter()
            .any(|header| text.contains(header))
        {
            return;
        }
        for policy in deployed.policies() {
            let mut directives = policy.text.split([',', ';']).map(str::split_ascii_whitespace);
            let endpoint = directives.find_map(|mut words| {
                let is_it = words.next()?.eq_ignore_ascii_case("report-to");
                words.next().filter(|_| is_it)
            });
            let Some(endpoint) = endpoint else { continue };
            let finding = Finding::new(
                Code::MissingReportEndpoint,
                format!(
                    "report-to names the endpoint {endpoint:?}, and no header of this file says where that is, so no report is sent"
                ),
                format!("add the header Reporting-Endpoints: {endpoint}=\"https://…\""),
            );
            self.findings.push(finding.at(Place { path: name.into(), line: policy.line, column: 1 }));
        }
    }

    /// Makes outputs again and compares them.
    fn generated(&mut self, generated: Generated, settings: &InputSettings, found: &Pages) -> anyhow::Result<()> {
        let mut site = settings.clone();
        site.files.paths = generated.site;
        let others;
        let (inventory, files) = if site.files.paths == settings.files.paths {
            let (inventory, pages, errors) = generated::scan(settings, found);
            (self.scanned, self.errors) = (Some(pages), errors);
            (inventory, &found.files)
        } else {
            let Scanned { scan, files, .. } = input::scan(&site)?;
            self.errors = scan.errors;
            others = files;
            (scan.inventory, &others)
        };
        let routers = Routers::new(files);
        let (builders, nonces) = settings.nonce.apply(&generated.builders, &inventory)?;
        let report = builders.report(&inventory, nonces);
        let report = report.with_levels(&generated.levels);
        for output in &generated.outputs {
            self.findings.extend(output.path().and_then(unread));
            let (policies, findings) = (&mut self.policies, &mut self.findings);
            generated::compare(output, &report, &routers, policies, findings)?;
        }
        Ok(())
    }
}

/// The finding about a file that the host of its project does not read. The project is its folder and the two around that.
fn unread(path: &Path) -> Option<Finding> {
    let name = path.file_name()?.to_str()?;
    let folders = path.ancestors().skip(1).take(3);
    let is_there = |file: &str| folders.clone().any(|folder| folder.join(file).is_file());
    let (file, host) = unread_by(name, is_there)?;
    let finding = Finding::new(
        Code::UnreadPolicyFile,
        format!(
            "{host} does not read {name}, and {file} says that the project goes there, so nothing sends its policies"
        ),
        format!("put the policy into {file}, or remove {file} if the project does not go to {host}"),
    );
    Some(finding.at(Place { path: shown(path).into(), line: 1, column: 1 }))
}

/// A policy that every page is sent with.
fn whole(base: Base, text: String, origin: Origin) -> GoverningPolicy {
    let mut policy = GoverningPolicy::new(text.trim(), origin);
    policy.limit = Some(("a browser".to_owned(), BROWSER_LIMIT));
    policy.report_only = base == Base::ReportOnly;
    policy
}

/// The names of the formats that are read, or of the others.
pub(super) fn names(are_read: bool) -> Vec<&'static str> {
    DeployedFormat::all().filter(|format| format.is_read() == are_read).map(DeployedFormat::name).collect()
}

/// The text of a file, and whether anything of it may be shown.
fn read(path: &Path, reach: &Reach) -> anyhow::Result<(String, bool)> {
    let spot = reach.resolve(path)?;
    let text = String::from_utf8(spot.read()?)
        .map_err(|_| anyhow::anyhow!("{}: is not valid UTF-8; save it as UTF-8", path.display()))?;
    Ok((text, spot.is_shown))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
