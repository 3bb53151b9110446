//! What is deployed: one policy for the whole site, or one for each page, and what an unknown path gets.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use super::report::{NonceMaker, Report};
use super::{SentPolicy, Target};
use crate::error::{Error, ErrorKind, Remedy, Result};
use crate::nonce::NonceSource;
use crate::policy::{Policy, PolicyBuilder, SerializedPolicy};
use crate::site::InventoryPage;

/// The effect of a violation in a browser: the [disposition](https://www.w3.org/TR/CSP3/#policy-disposition) of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

    /// That of the header of this name, in any case.
    pub(super) fn of_header(name: &str) -> Option<Self> {
        let mut all = [Self::Enforce, Self::Report].into_iter();
        all.find(|it| it.header_name().eq_ignore_ascii_case(name))
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

/// The policies that are sent: those of a [`Report`] that it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sends {
    /// The enforced one, and the one that is only reported if there is one.
    #[default]
    All,
    /// The enforced one alone.
    Enforced,
    /// The one that is only reported alone; without one, the other, only reported.
    ReportOnly,
}

/// A policy of the whole site, and how it is made.
type Made<'a> = (Disposition, &'a PolicyBuilder, &'a Policy);

/// A header with a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct PolicyHeader {
    /// Which of the two headers.
    pub disposition: Disposition,
    /// Its value.
    pub policy: SerializedPolicy,
}

impl PolicyHeader {
    /// The name of the header.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.disposition.header_name()
    }
}

impl From<&SentPolicy<'_>> for PolicyHeader {
    fn from(sent: &SentPolicy<'_>) -> Self {
        Self { disposition: sent.disposition, policy: sent.policy.serialize() }
    }
}

/// The policies of a response, and the pages that have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageGroup {
    /// The policies that are sent, the enforced one first.
    pub headers: Vec<PolicyHeader>,
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
    /// The policies that are sent.
    pub sends: Sends,
    /// Made when they are first asked for: every page's policy goes into them.
    groups: OnceCell<Vec<PageGroup>>,
}

impl<'a> Deployment<'a> {
    /// Of a report, enforced.
    #[must_use]
    pub const fn new(report: &'a Report<'a>, scope: Scope) -> Self {
        Self { report, scope, sends: Sends::All, groups: OnceCell::new() }
    }

    /// Which policies are sent.
    #[must_use]
    pub const fn with_sends(mut self, sends: Sends) -> Self {
        self.sends = sends;
        self
    }

    /// Whether violations are only reported.
    #[must_use]
    pub const fn with_report_only(self, report_only: bool) -> Self {
        self.with_sends(match report_only {
            true => Sends::ReportOnly,
            false => Sends::All,
        })
    }

    /// What a violation of the first policy leads to.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        match self.sends {
            Sends::All | Sends::Enforced => Disposition::Enforce,
            Sends::ReportOnly => Disposition::Report,
        }
    }

    /// The first policy of the whole site.
    #[must_use]
    pub fn site_policy(&self) -> &Policy {
        let second = self.report.second.as_ref();
        match (self.sends, second) {
            (Sends::ReportOnly, Some(second)) => &second.site.policy,
            _ => &self.report.site.policy,
        }
    }

    /// How each policy is made, and that of the whole site, the enforced one first.
    fn made(&self) -> impl Iterator<Item = Made<'a>> {
        let report = self.report;
        let first = (report.builder, &report.site.policy);
        let second = report.second.as_ref();
        let second = second.map(|second| (second.builder, &second.site.policy));
        let (first, second) = match self.sends {
            Sends::All => (first, second),
            Sends::Enforced => (first, None),
            Sends::ReportOnly => (second.unwrap_or(first), None),
        };
        let first = (self.disposition(), first.0, first.1);
        let second = second.map(|(builder, policy)| (Disposition::Report, builder, policy));
        std::iter::once(first).chain(second)
    }

    /// The names of the headers, that of the enforced policy first.
    pub fn header_names(&self) -> impl Iterator<Item = &'static str> {
        self.made().map(|(disposition, ..)| disposition.header_name())
    }

    /// The policies of the whole site, to be spelled: one, or an enforced one and one that is only reported.
    #[must_use]
    pub fn sent(&self) -> Vec<SentPolicy<'_>> {
        let sent = |(disposition, builder, policy): Made<'a>| SentPolicy {
            policy,
            nonce: builder.nonce().filter(|nonce| policy.names(nonce)),
            disposition,
        };
        self.made().map(sent).collect()
    }

    /// The nonce of a builder, if a page needs it.
    #[must_use]
    pub fn nonce(&self) -> Option<&NonceSource> {
        self.sent().into_iter().find_map(|sent| sent.nonce)
    }

    /// The policies of the whole site.
    #[must_use]
    pub fn site_headers(&self) -> Vec<PolicyHeader> {
        self.sent().iter().map(PolicyHeader::from).collect()
    }

    /// Whether `target` puts a fresh nonce into each response.
    pub(super) fn makes_nonces(&self, target: &Target) -> bool {
        match self.report.nonces {
            Some(NonceMaker::Framework(framework)) => framework.target().name() == target.name(),
            // What is printed as it is has the placeholder of the pages.
            Some(NonceMaker::Server) => target.server.is_some() || target.nonces,
            None => target.nonces,
        }
    }

    /// What a path gets that is none of the pages when each page has its own policies: the bases, which allow nothing
    /// inline by hash.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] without a base: a fragment alone would leave unknown paths without any policy.
    pub fn default_headers(&self) -> Result<Vec<PolicyHeader>> {
        let header = |(disposition, builder, _): Made<'_>| {
            let base = builder.for_others().ok_or_else(|| {
                let message = "a policy for each page needs a base for the paths that are no page";
                Error::new(ErrorKind::Unsupported, message).with_remedy(Remedy::BasePolicy)
            })?;
            let policy = base.serialize();
            Ok(PolicyHeader { disposition, policy })
        };
        self.made().map(header).collect()
    }

    /// The policies under which one page works.
    pub(super) fn policies_of(&self, page: &InventoryPage) -> Vec<Policy> {
        let of = |(_, builder, _): Made<'_>| builder.page(self.report.inventory, page).policy;
        self.made().map(of).collect()
    }

    /// The policies of what is no page.
    pub(super) fn bases(&self) -> impl Iterator<Item = Option<Policy>> {
        self.made().map(|(_, builder, _)| builder.for_others())
    }

    /// The pages by their policies, in the order of their first paths. Those whose policies are the default ones are there too.
    #[must_use]
    pub fn page_groups(&self) -> &[PageGroup] {
        self.groups.get_or_init(|| self.make_page_groups())
    }

    fn make_page_groups(&self) -> Vec<PageGroup> {
        let mut groups: BTreeMap<Vec<PolicyHeader>, Vec<String>> = BTreeMap::new();
        for page in self.report.inventory.pages() {
            let policies = self.policies_of(page);
            let dispositions = self.made().map(|(disposition, ..)| disposition);
            let header = |(disposition, policy): (_, &Policy)| PolicyHeader { disposition, policy: policy.serialize() };
            let headers = dispositions.zip(&policies).map(header);
            let paths = groups.entry(headers.collect());
            paths.or_default().push(page.site_path.to_string());
        }
        let group = |(headers, paths)| PageGroup { headers, paths };
        let mut groups: Vec<PageGroup> = groups.into_iter().map(group).collect();
        for group in &mut groups {
            group.paths.sort_unstable();
        }
        groups.sort_by(|a, b| a.paths.cmp(&b.paths));
        groups
    }

    /// Refuses two pages with different policies at one place of the site, which two folders can hold.
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

    /// The policies of every response in this scope.
    ///
    /// # Errors
    ///
    /// As [`default_headers`](Self::default_headers).
    pub fn responses(&self) -> Result<Vec<Vec<PolicyHeader>>> {
        match self.scope {
            Scope::Site => Ok(vec![self.site_headers()]),
            Scope::Page => {
                let groups = self.page_groups().iter();
                let pages = groups.map(|group| group.headers.clone());
                Ok(std::iter::once(self.default_headers()?).chain(pages).collect())
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
