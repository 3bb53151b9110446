//! What a browser would do with each inline resource and script of a page under the policies that govern it: a browser
//! that does not run.
//!
//! The verdict on each is the `content-security-policy` crate's, which is Servo's engine, after the policy has been read as
//! Chromium and Firefox read it; what either would block is a finding. This module knows pages, policies and findings, and
//! neither folders nor the command line.
//!
//! ```
//! use cspseal::ScanOptions;
//! use cspseal::check::{Checker, GoverningPolicy, Origin, Policies};
//!
//! let mut policies = Policies::new();
//! policies.add(GoverningPolicy::new("default-src 'none'", Origin::Named("--policy".into())));
//! let checker = Checker::new(policies, &ScanOptions::new());
//! let page = checker.page("index.html", "index.html", &b"<script>alert(1)</script>"[..])?;
//! let checked = checker.finish([page]);
//! assert_eq!(checked.findings[0].code.name(), "blocked-script");
//! assert!(checked.findings[0].help.contains("'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"));
//! # Ok::<(), cspseal::Error>(())
//! ```

mod allow_comments;
mod dependencies;
mod engine;
mod evaluated;
mod external;
mod fingerprint;
mod followed;
mod helper;
#[cfg(feature = "cli")]
mod kept;
mod lists;
mod meta;
mod page;
mod page_findings;
mod page_requests;
mod policies;
mod policy_findings;
mod requests;
mod run_time;
mod sandbox;
mod sources;
mod subject;
mod weak;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use crate::error::Result;
use crate::evaluate::Checks;
use crate::finding::{Bounded, Finding, Merged};
use crate::page::{ScanOptions, scan_page};
use crate::site::{PageFile, SiteFiles, SiteUrl};
use engine::Engine;
#[cfg(feature = "cli")]
pub(crate) use external::OWN_ADDRESS;
use followed::Followed;
#[cfg(feature = "cli")]
pub(crate) use kept::{Keeper, KeptPage};
pub use page::CheckedPage;
pub use policies::{GoverningPolicy, Nonces, Origin, Policies};
use policies::{Judged, share_flags, share_hosts};
use requests::Tally;
pub use requests::allow_requests;
#[cfg(feature = "cli")]
pub(crate) use requests::blocked_mentions;
pub(crate) use requests::{blocked_requests, sandboxed};

/// Checks pages, from several threads if need be.
pub struct Checker {
    options: ScanOptions,
    checks: Checks,
    policies: Policies,
    engine: Engine,
    /// The same behind redirects.
    redirected: Engine,
    site: SiteUrl,
    /// The paths of the WebAssembly files next to the pages.
    wasm: BTreeSet<String>,
    files: Option<SiteFiles>,
    followed: Followed,
    /// The URLs of the documents that pages frame.
    framed: Mutex<BTreeSet<Url>>,
    /// The policies in pages, by their text.
    metas: Mutex<HashMap<String, Arc<Judged>>>,
    /// The policies that govern a page together: indices of those of responses, and the texts of those in pages.
    sets: Mutex<BTreeSet<(Vec<usize>, Vec<String>)>>,
}

/// What a check of a site gives.
#[derive(Debug)]
#[non_exhaustive]
pub struct Checked {
    /// What there is to say: about policies first, then about the pages in the order they were given. The same about
    /// several places is one finding.
    pub findings: Vec<Finding>,
    /// How many pages were checked.
    pub pages: u64,
    /// How many inline resources they have.
    pub inlines: u64,
    /// How many policies govern them, alike ones once.
    pub policies: usize,
}

impl Checker {
    /// Of pages that are scanned like this under these policies.
    #[must_use]
    pub fn new(policies: Policies, options: &ScanOptions) -> Self {
        Self {
            options: options.clone().with_subjects(),
            checks: Checks::Weaknesses,
            sets: Mutex::default(),
            policies,
            engine: Engine::default(),
            redirected: Engine::after_redirect(),
            site: SiteUrl::default(),
            wasm: BTreeSet::new(),
            files: None,
            followed: Followed::default(),
            framed: Mutex::default(),
            metas: Mutex::default(),
        }
    }

    /// Where the site is served, so that its own URLs are known.
    #[must_use]
    pub fn with_site(mut self, site: SiteUrl) -> Self {
        self.site = site;
        self
    }

    /// The same, with the paths of the WebAssembly files next to the pages.
    #[must_use]
    pub fn with_wasm(mut self, wasm: BTreeSet<String>) -> Self {
        self.wasm = wasm;
        self
    }

    /// The files of the site, so that what its style sheets and manifests ask for is judged for each page that uses them.
    #[must_use]
    pub fn with_files(mut self, files: SiteFiles) -> Self {
        self.files = Some(files);
        self
    }

    /// The documents that the pages checked so far frame, without those whose places in the site are `known`; they are then.
    pub fn framed(&self, known: &mut HashSet<Arc<str>>) -> Vec<PageFile> {
        let mut framed = self.framed.lock().unwrap_or_else(PoisonError::into_inner);
        let urls = std::mem::take(&mut *framed);
        let files = self.files.as_ref();
        files.map_or_else(Vec::new, |files| files.framed(&urls, known))
    }

    /// The files of the site that were read and of which nothing may be shown, as they are reported.
    pub fn hidden_files(&self) -> impl Iterator<Item = String> {
        self.files.iter().flat_map(SiteFiles::hidden)
    }

    /// How far the policies are evaluated.
    #[must_use]
    pub const fn with_checks(mut self, checks: Checks) -> Self {
        self.checks = checks;
        self
    }

    /// Checks a page. `path` is how it is reported, `site_path` its place below the folder that is served.
    ///
    /// # Errors
    ///
    /// As [`scan_page`]; [`ErrorKind::Limit`](crate::ErrorKind::Limit) for a page under more than 100 policies.
    pub fn page(&self, path: &str, site_path: &str, input: impl Read) -> Result<CheckedPage> {
        let mut page = scan_page(path, input, &self.options)?;
        page.site_path = site_path.into();
        self.judge(page).map_err(|error| error.at(path))
    }

    /// Checks a page that was scanned before.
    #[cfg(feature = "cli")]
    pub(crate) fn kept(&self, page: KeptPage) -> Result<CheckedPage> {
        let page = page.into_page();
        let path = Arc::clone(&page.path);
        self.judge(page).map_err(|error| error.at(&*path))
    }

    /// What the pages come to, and what there is to say about the policies now.
    pub fn finish(self, pages: impl IntoIterator<Item = CheckedPage>) -> Checked {
        let mut gathered = Gathered::default();
        pages.into_iter().for_each(|page| gathered.push(page));
        self.finish_gathered(gathered)
    }

    /// The same of pages that were gathered as they came.
    pub(crate) fn finish_gathered(self, gathered: Gathered) -> Checked {
        let mut checked =
            Checked { findings: Vec::new(), pages: gathered.pages, inlines: gathered.inlines, policies: 0 };
        let metas = self.metas.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut metas: Vec<_> = metas.into_iter().collect();
        metas.sort_by(|a, b| a.0.cmp(&b.0));
        let sent = self.policies.all.iter();
        let policies: Vec<&Judged> = sent.chain(metas.iter().map(|(_, judged)| &**judged)).collect();
        share_flags(&policies);
        share_hosts(&policies);
        let mut findings = Merged::default();
        let of_policies = policies.iter();
        findings.extend(of_policies.flat_map(|judged| policy_findings::findings(judged)));
        let sets = self.sets.into_inner().unwrap_or_else(PoisonError::into_inner);
        let sets = sets.into_iter().map(|(mut set, texts)| {
            let own = texts.iter().filter_map(|text| {
                let at = metas.binary_search_by(|(known, _)| known.cmp(text)).ok()?;
                Some(self.policies.all.len() + at)
            });
            set.extend(own);
            set
        });
        findings.extend(weak::findings(&policies, &sets.collect(), self.checks));
        let texts = policies.iter().map(|judged| &*judged.policy.text);
        checked.policies = texts.collect::<HashSet<&str>>().len();
        let used: Vec<&Judged> = policies.iter().copied().filter(|it| it.is_used()).collect();
        findings.extend(run_time::of_files(&self.wasm, &used));
        checked.findings = findings.into_vec();
        checked.findings.extend(gathered.findings.into_vec());
        let requests: Bounded = gathered.requests.into_findings().collect();
        checked.findings.extend(requests.into_vec());
        checked
    }
}

/// The results of the pages that were checked, in the order of the site.
#[derive(Default)]
pub(crate) struct Gathered {
    pages: u64,
    inlines: u64,
    findings: Merged,
    requests: Tally,
}

impl Gathered {
    /// Adds a page.
    pub(crate) fn push(&mut self, page: CheckedPage) {
        self.pages += 1;
        self.inlines += page.inlines;
        self.findings.extend(page.findings);
        self.requests.add_page(page.requests);
    }

    /// Whether there is no page.
    #[cfg(feature = "cli")]
    pub(crate) fn is_empty(&self) -> bool {
        self.pages == 0
    }
}
