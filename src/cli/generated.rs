//! Outputs of the configuration that are not read back: their text is made again and compared with the file, and the pages
//! are judged under the policies that it is made from.
//!
//! A policy of the site is known only after its last page, so the pages are kept as they were scanned.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use super::input::{self, Pages, Progress};
use super::outputs::Rendered;
use super::routers::Routers;
use super::settings::{InputSettings, Output};
use crate::check::{GoverningPolicy, Keeper, KeptPage, Nonces, Origin, Policies};
use crate::error::Error;
use crate::finding::{Code, Finding, Place};
use crate::page::{Page, scan_page};
use crate::site::{Inventory, PageFile, add_files, map_files, scan_one};
use crate::target::{BROWSER_LIMIT, Deployment, Disposition, PolicyHeader, Report, Scope};

/// Scans the pages for an inventory and for a check alike.
pub(super) fn scan(settings: &InputSettings, found: &Pages) -> (Inventory, Vec<KeptPage>, Vec<Error>) {
    let options = input::options(settings).with_subjects();
    let options = options.with_texts_of(&found.files);
    let mut inventory = Inventory::new(settings.algorithm).with_site(settings.site.clone());
    let mut kept = Vec::new();
    let keeper = Keeper::default();
    // In parallel, so that no page waits for its turn with all its texts.
    let keep = |mut page: Page| (keeper.keep(&mut page), page);
    let mut full = None;
    let mut add = |inventory: &mut Inventory, (to_check, page): (KeptPage, Page)| {
        kept.push(to_check);
        inventory.add(page)
    };
    let mut take = |scanned| full = full.take().or(add(&mut inventory, scanned).err());
    let progress = Progress::new(found.files.len());
    let mut errors = map_files(
        &found.files,
        &|| progress.advance(),
        |file, input| scan_one(file, input, &options).map(keep),
        &mut take,
    );
    progress.finish();
    if found.stdin {
        match scan_page("-", std::io::stdin().lock(), &options) {
            Ok(page) => take(keep(page)),
            Err(error) => errors.push(error),
        }
    }
    let around = found.site_files(settings);
    let scan = |file: &PageFile, input| scan_one(file, input, &options).map(keep);
    errors.extend(full);
    errors.extend(add_files(&around, &mut inventory, scan, add));
    (inventory, kept, errors)
}

/// Makes one output, compares it with its file, and adds its policies as a deployment of its own.
pub(super) fn compare(
    output: &Output,
    report: &Report<'_>,
    routers: &Routers<'_>,
    policies: &mut Policies,
    findings: &mut Vec<Finding>,
) -> anyhow::Result<()> {
    let mut sent = Sent::default();
    let made = output.make_from(report, routers, findings, |deployment| {
        sent = Sent::by(deployment);
    })?;
    let Some(Rendered { path: Some(path), content, .. }) = made else {
        return Ok(());
    };
    let old = output.reach.read_if_there(&path)?;
    let is_current = old.is_some_and(|old| old == content);
    findings.extend((!is_current).then(|| stale(&path, output.target.name())));
    let Sent { policies: sent, default, of_page, replaces_nonces } = sent;
    let origin = || Origin::File { path: path.display().to_string().into(), line: 1 };
    let governing = sent.into_iter().map(|header| {
        let mut policy = GoverningPolicy::new(header.policy.as_str(), origin());
        policy.limit = Some(("a browser".to_owned(), BROWSER_LIMIT));
        policy.report_only = header.disposition == Disposition::Report;
        if replaces_nonces {
            policy.nonces = Nonces::Replaced;
        }
        policy
    });
    policies.deploy(governing, move |site_path| {
        let policies = of_page.get(site_path).unwrap_or(&default);
        Ok(vec![policies.clone().collect()])
    });
    Ok(())
}

/// The policies that an output sends.
#[derive(Default)]
struct Sent {
    policies: Vec<PolicyHeader>,
    /// Those for every page that has no others.
    default: Range<usize>,
    of_page: HashMap<String, Range<usize>>,
    replaces_nonces: bool,
}

impl Sent {
    fn by(deployment: &Deployment<'_>) -> Self {
        let mut sent = Self { replaces_nonces: deployment.nonce().is_some(), ..Self::default() };
        sent.default = sent.add(match deployment.scope {
            Scope::Site => deployment.site_headers(),
            Scope::Page => deployment.default_headers().unwrap_or_default(),
        });
        if deployment.scope == Scope::Page {
            for group in deployment.page_groups() {
                let policies = sent.add(group.headers.clone());
                let paths = group.paths.iter().map(|path| (path.clone(), policies.clone()));
                sent.of_page.extend(paths);
            }
        }
        sent
    }

    fn add(&mut self, headers: Vec<PolicyHeader>) -> Range<usize> {
        let start = self.policies.len();
        self.policies.extend(headers);
        start..self.policies.len()
    }
}

fn stale(path: &Path, format: &str) -> Finding {
    let finding = Finding::new(
        Code::StaleOutput,
        format!("this is not what cspseal hash would write for {format} now, so the pages may break"),
        "run cspseal hash; cspseal hash --check shows the difference",
    );
    finding.at(Place { path: path.display().to_string().into(), line: 1, column: 1 })
}
