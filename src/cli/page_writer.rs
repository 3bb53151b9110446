//! `hash --format meta --write`: each page's policy into the page itself.

use std::collections::{HashMap, HashSet};
use std::io;

use rayon::prelude::*;

use super::settings::FileSettings;
use super::{Outcome, print_error, print_output};
use crate::edit::meta::{MetaOptions, MetaPolicy, MetaRewrite, write_meta};
use crate::error::Result;
use crate::finding::Finding;
use crate::site::InventoryPage;
use crate::site::write::{Batch, not_a_file};
use crate::site::{PageFile, open};
use crate::target::{Report, one_line};

/// What is done with the pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageWriter<'a> {
    pub(super) report: &'a Report<'a>,
    pub(super) settings: &'a FileSettings,
    /// Whether every page gets the site's policy.
    pub(super) is_of_site: bool,
    /// Whether nothing is written.
    pub(super) is_check: bool,
}

impl PageWriter<'_> {
    /// Writes the policies, and returns what there is to say about them.
    pub(super) fn run(&self, files: &[PageFile], batch: &Batch) -> anyhow::Result<(Outcome, Vec<Finding>)> {
        let pages = self.report.inventory.pages().iter();
        let pages: HashMap<&str, &InventoryPage> = pages.map(|page| (&*page.path, page)).collect();
        let site = MetaPolicy::new(&self.report.site.policy);
        // Each once: two places in the site are still one file.
        let mut seen = HashSet::new();
        let files: Vec<_> = files.iter().filter(|f| seen.insert(f.identity())).collect();
        let done: Vec<_> = files
            .into_par_iter()
            // A page that could not be scanned has been reported.
            .filter_map(|file| Some((file, *pages.get(&*file.name)?)))
            .map(|(file, page)| (file, self.page(file, page, &site, batch)))
            .collect();
        let mut outcome = Outcome::Done;
        let mut findings: Vec<Finding> = site.finding().into_iter().collect();
        for (file, result) in done {
            match result {
                Ok(rewrite) => {
                    findings.extend(rewrite.findings);
                    if rewrite.changed && self.is_check {
                        let line = format!("{}: its policy is out of date\n", one_line(&file.name));
                        print_output(line.as_bytes())?;
                        outcome = outcome.max(Outcome::Findings);
                    }
                }
                Err(error) => {
                    print_error(&error);
                    outcome = Outcome::Failed;
                }
            }
        }
        Ok((outcome, findings))
    }

    fn page(&self, file: &PageFile, page: &InventoryPage, site: &MetaPolicy, batch: &Batch) -> Result<MetaRewrite> {
        let own;
        let policy = if self.is_of_site {
            site
        } else {
            let built = self.report.builder.page(self.report.inventory, page);
            own = MetaPolicy::new(&built.policy);
            &own
        };
        let options = MetaOptions::new()
            .with_charset(self.settings.charset)
            .with_templates(self.settings.template)
            .with_written(!self.is_check);
        if !self.is_check && !file.is_file() {
            return Err(not_a_file(file));
        }
        let input = open(file)?;
        if self.is_check {
            return Ok(write_meta(&file.name, input, io::sink(), policy, &options)?.1);
        }
        let new = batch.page(file, &input)?;
        let (new, rewrite) = write_meta(&file.name, input, new, policy, &options)?;
        if rewrite.changed {
            batch.add(new.finish()?);
        }
        Ok(rewrite)
    }
}
