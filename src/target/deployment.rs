//! What is deployed: one policy for the whole site, or one for each page, and what an unknown path gets.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use super::{Framework, SentPolicy, Target};
use crate::error::{Error, ErrorKind, Remedy, Result};
use crate::finding::{Finding, Levels};
use crate::nonce::NonceSource;
use crate::policy::{
    BuiltPolicy, Directive, Policy, PolicyBuilder, SerializedPolicy, SourceExpression,
};
use crate::site::Inventory;

/// Everything there is to print about a site.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report<'a> {
    /// The content of the pages.
    pub inventory: &'a Inventory,
    /// How policies are made.
    pub builder: &'a PolicyBuilder,
    /// Who makes the nonce of the builder, fresh for each response.
    pub nonces: Option<NonceMaker>,
    /// The policy under which every page works.
    pub site: BuiltPolicy,
    /// The findings about the pages and the policy.
    pub findings: Vec<Finding>,
}

impl<'a> Report<'a> {
    /// Makes the site's policy and the findings about it.
    #[must_use]
    pub fn new(inventory: &'a Inventory, builder: &'a PolicyBuilder) -> Self {
        let site = builder.site(inventory);
        let mut findings = inventory.findings().to_vec();
        findings.extend(builder.findings(inventory, &site));
        Self {
            inventory,
            builder,
            nonces: None,
            site,
            findings,
        }
    }

    /// The same with who makes the nonces.
    #[must_use]
    pub const fn with_nonces(mut self, nonces: Option<NonceMaker>) -> Self {
        self.nonces = nonces;
        self
    }

    /// The same with the findings at these levels.
    #[must_use]
    pub fn with_levels(mut self, levels: &Levels) -> Self {
        levels.apply(&mut self.findings);
        self
    }
}

/// Who makes a nonce for each response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NonceMaker {
    /// A framework, whose templates write it.
    Framework(Framework),
    /// The server, which replaces the placeholder in the pages.
    Server,
}

/// The effect of a violation in a browser: the [disposition](https://www.w3.org/TR/CSP3/#policy-disposition) of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// It is blocked.
    Enforce,
    /// It is reported and nothing else.
    Report,
}

impl Disposition {
    /// The name of the header.
    #[must_use]
    pub const fn header_name(self) -> &'static str {
        match self {
            Self::Enforce => "Content-Security-Policy",
            Self::Report => "Content-Security-Policy-Report-Only",
        }
    }

    /// The beginning of the names of variables, so that a file can hold an enforced and a reported policy.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::Enforce => "csp",
            Self::Report => "csp_report",
        }
    }
}

named! {
    /// Which pages share a policy.
    pub enum Scope {
        /// One policy under which every page works.
        Site = "site",
        /// Each page its own.
        Page = "page",
    }
}

/// A policy and the pages that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageGroup {
    /// The policy that is sent.
    pub policy: Policy,
    /// The pages by their place in the site: path below the folder that is served, `/` between its parts, without one at the
    /// beginning. Sorted, not escaped in any way.
    pub paths: Vec<String>,
}

/// Everything a target needs to know.
#[derive(Debug)]
#[non_exhaustive]
pub struct Deployment<'a> {
    /// What the pages hold, and the findings.
    pub report: &'a Report<'a>,
    /// Which pages share a policy.
    pub scope: Scope,
    /// Whether violations are only reported.
    pub report_only: bool,
    /// Made when they are first asked for: every page's policy goes into them.
    groups: OnceCell<Vec<PageGroup>>,
}

impl<'a> Deployment<'a> {
    /// Of a report, enforced.
    #[must_use]
    pub const fn new(report: &'a Report<'a>, scope: Scope) -> Self {
        Self {
            report,
            scope,
            report_only: false,
            groups: OnceCell::new(),
        }
    }

    /// Whether violations are only reported.
    #[must_use]
    pub const fn with_report_only(mut self, report_only: bool) -> Self {
        self.report_only = report_only;
        self
    }

    /// What a violation leads to.
    #[must_use]
    pub const fn disposition(&self) -> Disposition {
        if self.report_only {
            Disposition::Report
        } else {
            Disposition::Enforce
        }
    }

    /// The name of the header.
    #[must_use]
    pub const fn header_name(&self) -> &'static str {
        self.disposition().header_name()
    }

    /// The policy of the whole site.
    #[must_use]
    pub fn site_policy(&self) -> &Policy {
        &self.report.site.policy
    }

    /// The policy of the whole site, to be spelled.
    #[must_use]
    pub fn sent_policy(&self) -> SentPolicy<'_> {
        SentPolicy {
            policy: self.site_policy(),
            nonce: self.nonce(),
            disposition: self.disposition(),
        }
    }

    /// The nonce of the builder, if a page needs it.
    #[must_use]
    pub fn nonce(&self) -> Option<&NonceSource> {
        let nonce = self.report.builder.nonce()?;
        let mut sources = self.site_policy().directives().flat_map(Directive::sources);
        sources
            .any(|source| matches!(source, SourceExpression::Nonce(named) if named == nonce))
            .then_some(nonce)
    }

    /// Whether `target` puts a fresh nonce into each response.
    pub(super) fn makes_nonces(&self, target: &dyn Target) -> bool {
        let support = target.support();
        match self.report.nonces {
            Some(NonceMaker::Framework(framework)) => framework.target().name() == target.name(),
            // What is printed as it is has the placeholder of the pages.
            Some(NonceMaker::Server) => support.server.is_some() || support.nonces,
            None => support.nonces,
        }
    }

    /// What a path gets that is none of the pages when each page has its own policy: the base, which allows nothing
    /// inline by hash.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] without a base: a fragment alone would leave unknown paths without any policy.
    pub fn default_policy(&self) -> Result<&Policy> {
        self.report.builder.base().ok_or_else(|| {
            let message = "a policy for each page needs a base for the paths that are no page";
            Error::new(ErrorKind::Unsupported, message).with_remedy(Remedy::BasePolicy)
        })
    }

    /// The pages by their policy, in the order of their first paths. Those whose policy is the default are there too.
    #[must_use]
    pub fn page_groups(&self) -> &[PageGroup] {
        self.groups.get_or_init(|| self.make_page_groups())
    }

    fn make_page_groups(&self) -> Vec<PageGroup> {
        let mut groups: BTreeMap<String, PageGroup> = BTreeMap::new();
        for page in self.report.inventory.pages() {
            let policy = self.report.builder.page(self.report.inventory, page).policy;
            let group = groups
                .entry(policy.to_string())
                .or_insert_with(|| PageGroup {
                    policy,
                    paths: Vec::new(),
                });
            group.paths.push(page.site_path.to_string());
        }
        let mut groups: Vec<PageGroup> = groups.into_values().collect();
        for group in &mut groups {
            group.paths.sort_unstable();
        }
        groups.sort_by(|a, b| a.paths.cmp(&b.paths));
        groups
    }

    /// Refuses two pages with different policies at one place of the site, which two folders can hold.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`].
    pub(super) fn refuse_shared_places(&self) -> Result<()> {
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (index, group) in self.page_groups().iter().enumerate() {
            for path in &group.paths {
                let known = *places.entry(path).or_insert(index);
                if known != index {
                    let message = format!(
                        "{} stands in two folders with different policies; deploy them one by one",
                        super::one_line(path)
                    );
                    let error = Error::new(ErrorKind::Unsupported, message);
                    return Err(error.with_remedy(Remedy::SitePolicy));
                }
            }
        }
        Ok(())
    }

    /// Every policy that is sent in this scope.
    ///
    /// # Errors
    ///
    /// As [`default_policy`](Self::default_policy).
    pub fn policies(&self) -> Result<Vec<SerializedPolicy>> {
        match self.scope {
            Scope::Site => Ok(vec![self.site_policy().serialize()]),
            Scope::Page => {
                let mut policies = vec![self.default_policy()?.serialize()];
                policies.extend(
                    self.page_groups()
                        .iter()
                        .map(|group| group.policy.serialize()),
                );
                Ok(policies)
            }
        }
    }
}

/// The URL paths under which a server that looks for `index.html` shows the page at `site_path`: its own, and that of its
/// folder when it is the index. Not escaped.
///
/// ```
/// use cspseal::target::url_paths;
/// assert_eq!(url_paths("docs/index.html"), ["/docs/index.html", "/docs/"]);
/// assert_eq!(url_paths("a b.html"), ["/a b.html"]);
/// ```
#[must_use]
pub fn url_paths(site_path: &str) -> Vec<String> {
    let mut paths = vec![format!("/{site_path}")];
    match site_path.strip_suffix("index.html") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => {
            paths.push(format!("/{folder}"));
        }
        _ => {}
    }
    paths
}
