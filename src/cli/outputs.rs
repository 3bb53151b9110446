//! Makes the outputs of `cspseal hash` and `merge`.

use std::io;
use std::path::{Path, PathBuf};

use super::args::ScopeArg;
use super::read::check_length;
use super::routers::Routers;
use super::settings::{Builders, Destination, Output};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Code, Finding};
use crate::policy::large_policy;
use crate::site::Reach;
use crate::site::identity::identity;
use crate::target::{
    Deployment, Disposition, PolicyHeader, Report, Scope, Sends, check_ability, one_line, print, print_into,
    sent_findings, with_standing,
};

/// A policy of the site of more bytes is one for each page where nobody chose: with other headers it is over 8 KB.
const PAGES_FROM: usize = 7000;

/// The bytes of the policies in the response that has most, and a path that gets it unless all do.
fn longest<'d>(deployment: &'d Deployment<'_>) -> Option<(usize, Option<&'d str>)> {
    let len = |headers: &[PolicyHeader]| -> usize { headers.iter().map(|header| header.policy.as_str().len()).sum() };
    match deployment.scope {
        Scope::Site => Some((len(&deployment.site_headers()), None)),
        Scope::Page => {
            let groups = deployment.page_groups().iter();
            let groups = groups.map(|group| (len(&group.headers), group.paths.first()));
            let (bytes, path) = groups.max_by_key(|(bytes, _)| *bytes)?;
            Some((bytes, path.map(String::as_str)))
        }
    }
}

/// The finding about a response whose policies are too long for proxies.
fn large_response(deployment: &Deployment<'_>, can_split: bool) -> Option<Finding> {
    let (bytes, path) = longest(deployment)?;
    let name = match path {
        None => "the policy of the site".to_owned(),
        Some(path) => format!("the longest policy, that of {},", one_line(path)),
    };
    large_policy(&name, bytes, can_split && path.is_none())
}

/// An output that is ready to be written: the file, and what it holds then.
pub(super) struct Rendered {
    pub(super) path: Option<PathBuf>,
    pub(super) reach: Reach,
    pub(super) content: Vec<u8>,
}

impl Output {
    /// The one file that it goes to, if it goes to one.
    pub(super) fn path(&self) -> Option<&Path> {
        match &self.destination {
            Destination::File(path) | Destination::Into(path) => Some(path),
            Destination::Stdout | Destination::Pages => None,
        }
    }

    /// Refuses a file that a folder of pages holds, unless it is one that hosts look for there.
    pub(super) fn check_place(&self, folders: &[PathBuf]) -> Result<()> {
        let Some(path) = self.path() else {
            return Ok(());
        };
        if self.target.published {
            return Ok(());
        }
        let inside = |folder: &&PathBuf| {
            let folder = folder.canonicalize().ok().filter(|folder| folder.is_dir());
            identity(path).zip(folder).is_some_and(|(path, folder)| path.starts_with(folder))
        };
        match folders.iter().find(|folder| folder.as_os_str() != "." && inside(folder)) {
            Some(folder) => Err(Error::new(
                ErrorKind::Write,
                format!("stands inside {}, which is published; write it elsewhere", folder.display()),
            )
            .at(path)),
            None => Ok(()),
        }
    }

    /// Whether it is written as it is made: it can be larger than all else, and nothing in it has to fit anywhere.
    pub(super) fn is_streamed(&self) -> bool {
        self.destination == Destination::Stdout && self.target.scopes.is_empty()
    }

    /// Writes it as it is made.
    pub(super) fn stream(&self, report: &Report<'_>, out: &mut dyn io::Write) -> Result<()> {
        let deployment = Deployment::new(report, Scope::Site).with_sends(self.sends);
        self.target.emit(&deployment, out)
    }

    /// The output in the scope that is asked for, or that fits; `findings` gets what there is to say about it. [`None`] for what
    /// goes into the pages or is streamed, when it can.
    pub(super) fn make(
        &self,
        report: &Report<'_>,
        routers: &Routers<'_>,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<Rendered>> {
        let mut large = None;
        let made = self.make_from(report, routers, findings, |deployment| {
            large = large_response(deployment, self.target.scopes.contains(&Scope::Page));
        })?;
        findings.extend(large.filter(|_| !self.target.in_pages));
        Ok(made)
    }

    /// The same; `take` gets what the output was made from.
    pub(super) fn make_from(
        &self,
        report: &Report<'_>,
        routers: &Routers<'_>,
        findings: &mut Vec<Finding>,
        take: impl FnOnce(&Deployment<'_>),
    ) -> Result<Option<Rendered>> {
        let standing = self.standing(report, findings)?;
        let standing = standing.as_ref().map(|builders| builders.report(report.inventory, report.nonces));
        let report = standing.as_ref().unwrap_or(report);
        let of = |scope| Deployment::new(report, scope).with_sends(self.sends);
        if self.destination == Destination::Pages || self.is_streamed() {
            return check_ability(self.target, &of(Scope::Site)).map(|()| None);
        }
        let scopes = self.target.scopes;
        let mut deployment = of(match self.scope {
            ScopeArg::Page => Scope::Page,
            ScopeArg::Auto if scopes == [Scope::Page] => Scope::Page,
            ScopeArg::Site | ScopeArg::Auto => Scope::Site,
        });
        let mut made = self.render(&deployment);
        let is_too_large = match &made {
            Ok(_) => longest(&deployment).is_some_and(|(bytes, _)| bytes > PAGES_FROM),
            Err(error) => error.kind() == ErrorKind::Limit,
        };
        if self.scope == ScopeArg::Auto
            && deployment.scope == Scope::Site
            && scopes.contains(&Scope::Page)
            && deployment.nonce().is_none()
            && is_too_large
            && routers.name().is_none()
        {
            let of_pages = of(Scope::Page);
            match self.render(&of_pages) {
                // That of the site fits.
                Err(_) if made.is_ok() => {}
                // What is said of the site says what of the pages does not fit, too.
                Err(error) if error.kind() == ErrorKind::Limit => deployment = of_pages,
                rendered => (deployment, made) = (of_pages, rendered),
            }
        }
        if deployment.scope == Scope::Page {
            findings.extend(routers.finding());
        }
        findings.extend(self.target.findings(&deployment));
        findings.extend(sent_findings(self.target, &deployment.sent()));
        let made = made?;
        findings.extend(self.kept(&deployment, &made)?);
        take(&deployment);
        Ok(Some(made))
    }

    /// The findings about policies that the file sends besides those of the output.
    fn kept(&self, deployment: &Deployment<'_>, made: &Rendered) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        for disposition in [Disposition::Enforce, Disposition::Report] {
            let header = disposition.header_name();
            let is_ours = deployment.header_names().any(|name| name == header);
            if !is_ours && self.target.standing_policy(&made.content, header)?.is_some() {
                findings.push(Finding::new(
                    Code::KeptPolicy,
                    format!("the file has a {header} that this output does not have, and it stays"),
                    "remove it by hand if it is left from a roll-out: nothing in the file says whose it is",
                ));
            }
        }
        Ok(findings)
    }

    /// The builders with what somebody added by hand to the policies in the file, if there are any.
    fn standing(&self, report: &Report<'_>, findings: &mut Vec<Finding>) -> Result<Option<Builders>> {
        let Destination::Into(path) = &self.destination else {
            return Ok(None);
        };
        // One that cannot be read is refused where it is merged.
        let Ok(Some(existing)) = self.existing(path) else {
            return Ok(None);
        };
        let mut builders = Builders {
            first: report.builder.clone(),
            second: report.second.as_ref().map(|second| second.builder.clone()),
        };
        let deployment = Deployment::new(report, Scope::Site).with_sends(self.sends);
        let second = builders.second.as_mut();
        let sent = match self.sends {
            Sends::All => vec![Some(&mut builders.first), second],
            Sends::Enforced => vec![Some(&mut builders.first)],
            Sends::ReportOnly => vec![second.or(Some(&mut builders.first))],
        };
        let mut is_standing = false;
        for (builder, header) in sent.into_iter().flatten().zip(deployment.header_names()) {
            let policy = self.target.standing_policy(&existing, header);
            let Some(policy) = policy.map_err(|error| error.at(path))? else {
                continue;
            };
            let standing = with_standing(builder.base(), &policy);
            let (base, finding) = standing.map_err(|problems| {
                let message = "has a policy that browsers would misread; correct it, or give a base with --policy";
                let error = Error::new(ErrorKind::Unsupported, message);
                error.at(path).because(problems)
            })?;
            findings.extend(match header == Disposition::Report.header_name() {
                true => finding.map(Finding::of_report_only),
                false => finding,
            });
            *builder = builder.with_base(base);
            is_standing = true;
        }
        Ok(is_standing.then(|| builders.for_pages(report.inventory)))
    }

    /// The content of the file to write into, if there is one.
    fn existing(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        let content = self.reach.read_if_there(path)?;
        if let Some(content) = &content {
            check_length(path, content)?;
        }
        Ok(content)
    }

    /// What the output holds.
    fn render(&self, deployment: &Deployment<'_>) -> Result<Rendered> {
        let (path, content) = match &self.destination {
            Destination::Stdout | Destination::Pages => (None, print(self.target, deployment)?),
            Destination::File(path) => (Some(path.clone()), print(self.target, deployment)?),
            Destination::Into(path) => {
                let existing = match self.existing(path)? {
                    Some(existing) => existing,
                    // One that is not there yet holds nothing of anybody's.
                    None if self.target.comment.is_some() => Vec::new(),
                    None => b"{}\n".to_vec(),
                };
                let merged = print_into(self.target, deployment, &existing);
                (Some(path.clone()), merged.map_err(|error| error.at(path))?)
            }
        };
        let reach = self.reach.clone();
        Ok(Rendered { path, reach, content })
    }
}
