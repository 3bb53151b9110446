//! What a run prints: one emitter for each format, all from the same report.
//!
//! Emitters know policies and inventories, and neither folders nor the command line.

mod apache;
mod azure;
mod block;
mod caddy;
mod cloudflare;
pub mod deployed;
mod deployment;
mod django;
mod firebase;
#[cfg(test)]
mod fixture;
mod flask;
pub mod framework;
mod frameworks;
mod go;
mod haproxy;
mod header;
mod helmet;
mod htaccess;
mod json;
mod json_file;
mod json_rules;
mod laravel;
mod lighttpd;
mod limits;
mod list;
mod meta;
mod netlify;
mod nginx;
pub mod nonce;
mod php;
mod placeholder;
mod python;
pub(crate) mod quote;
mod rails;
mod rules;
mod standing;
mod starlette;
mod symfony;
mod traefik;
mod urls;
mod vercel;
mod words;

use std::io::{self, Write};

pub use block::replace_block;
use deployed::DeployedFile;
pub use deployment::{Deployment, PageGroup, Scope, url_paths};
use limits::explained;
pub use limits::{BROWSER_LIMIT, Limits, check_output, check_policies, check_rules};
pub use quote::one_line;
pub(crate) use quote::url_link_path;
pub use standing::with_standing;

use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Finding, Levels};
use crate::policy::{BuiltPolicy, PolicyBuilder};
use crate::site::Inventory;

/// Everything there is to print about a site.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report<'a> {
    /// What the pages hold.
    pub inventory: &'a Inventory,
    /// How policies are made.
    pub builder: &'a PolicyBuilder,
    /// The policy under which every page works.
    pub site: BuiltPolicy,
    /// What there is to say about the pages and the policy.
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
            site,
            findings,
        }
    }

    /// The same with the findings as these levels have them.
    #[must_use]
    pub fn with_levels(mut self, levels: &Levels) -> Self {
        levels.apply(&mut self.findings);
        self
    }
}

/// What a format can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Support {
    /// Which scopes it has, the usual one first. Empty for formats that are no policy of a site.
    pub scopes: &'static [Scope],
    /// Whether it can send a policy that is only reported.
    pub report_only: bool,
    /// What its target takes.
    pub limits: Limits,
    /// What begins a comment line in it, for blocks in a file that holds other things too.
    pub comment: Option<&'static str>,
    /// Whether it prints a nonce as it stands in the base policy.
    pub nonces: bool,
}

impl Support {
    /// A format of this scope alone, enforced, without limits.
    #[must_use]
    pub const fn new(scopes: &'static [Scope]) -> Self {
        Self {
            scopes,
            report_only: false,
            limits: Limits::NONE,
            comment: None,
            nonces: false,
        }
    }
}

/// A format.
pub trait Emitter: Sync {
    /// The name that `--format` takes.
    fn name(&self) -> &'static str;
    /// What it prints, in a few words.
    fn about(&self) -> &'static str;
    /// What it can do.
    fn support(&self) -> Support;
    /// Why it cannot send a policy that is only reported, when there is more to say than that.
    fn why_enforced(&self) -> Option<&'static str> {
        None
    }
    /// Its files, where they can be told from others.
    fn deployed(&self) -> Option<&'static DeployedFile> {
        None
    }
    /// What there is to say about the deployment in this format.
    fn findings(&self, _deployment: &Deployment<'_>) -> Vec<Finding> {
        Vec::new()
    }
    /// Prints the deployment. The policies have been held against [`Limits::policy`]; rules and the length of
    /// the output are the emitter's to check.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Write`] when `out` fails, or why the deployment cannot be printed.
    fn emit(&self, deployment: &Deployment<'_>, out: &mut dyn Write) -> Result<()>;
    /// Whether it can be part of a file that holds other things too.
    fn merges(&self) -> bool {
        self.support().comment.is_some()
    }
    /// The policy for every path that `existing`, the content of a file, has in `header`, of which what is not ours stays; see
    /// [`with_standing`]. [`None`] also for formats whose part of a file is a block.
    ///
    /// # Errors
    ///
    /// As [`merge`](Self::merge).
    fn standing_policy(&self, _existing: &[u8], _header: &str) -> Result<Option<String>> {
        Ok(None)
    }
    /// Prints `existing`, the content of a file, with the deployment in the place of what was ours in it.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit), and [`ErrorKind::Unsupported`] for a format that cannot be part of a file and a
    /// file that is not as it should be.
    fn merge(&self, deployment: &Deployment<'_>, existing: &[u8]) -> Result<Vec<u8>> {
        let comment = self.support().comment.ok_or_else(|| {
            let message = format!("{} cannot be a part of another file", self.name());
            Error::new(ErrorKind::Unsupported, message)
        })?;
        let mut block = Vec::new();
        self.emit(deployment, &mut block)?;
        replace_block(existing, comment, &block)
    }
}

/// Prints a deployment, after holding it against what the format can do.
///
/// # Errors
///
/// As [`Emitter::emit`]; [`ErrorKind::Unsupported`] for a scope or a disposition that the format has not,
/// [`ErrorKind::Limit`] for policies that its target would not take, with the sizes, what takes most and what would fit.
pub fn print(emitter: &dyn Emitter, deployment: &Deployment<'_>) -> Result<Vec<u8>> {
    explained(emitter, deployment, |deployment| {
        check(emitter, deployment)?;
        let mut out = Vec::new();
        emitter.emit(deployment, &mut out)?;
        Ok(out)
    })
}

/// The same as part of a file with this content.
///
/// # Errors
///
/// As [`print()`], and as [`Emitter::merge`].
pub fn print_into(
    emitter: &dyn Emitter,
    deployment: &Deployment<'_>,
    existing: &[u8],
) -> Result<Vec<u8>> {
    explained(emitter, deployment, |deployment| {
        check(emitter, deployment)?;
        emitter.merge(deployment, existing)
    })
}

/// Refuses what a format cannot do at all: policies that are only reported, nonces.
///
/// # Errors
///
/// [`ErrorKind::Unsupported`].
pub fn check_ability(emitter: &dyn Emitter, deployment: &Deployment<'_>) -> Result<()> {
    let support = emitter.support();
    let name = emitter.name();
    if deployment.report_only && !support.report_only {
        let why = emitter.why_enforced();
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        let message = format!("{name} cannot send a policy that is only reported{why}");
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    if support.nonces {
        return Ok(());
    }
    placeholder::check(name, deployment.site_policy())
}

/// Refuses what a format cannot do.
fn check(emitter: &dyn Emitter, deployment: &Deployment<'_>) -> Result<()> {
    let support = emitter.support();
    let name = emitter.name();
    if !support.scopes.is_empty() && !support.scopes.contains(&deployment.scope) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "{name} has no policies of scope {}; `cspseal formats` says what it has",
                deployment.scope.name()
            ),
        ));
    }
    check_ability(emitter, deployment)?;
    if deployment.scope == Scope::Page {
        deployment.refuse_shared_places()?;
    }
    // What is printed for another program is not yet on its way to a browser.
    let reaches_browsers = !support.nonces && !support.scopes.is_empty();
    let limits = Limits {
        policy: support
            .limits
            .policy
            .or(reaches_browsers.then_some(BROWSER_LIMIT)),
        ..support.limits
    };
    check_policies(name, &limits, deployment)
}

/// A failure to write to an output.
pub(crate) fn unwritten(error: io::Error) -> Error {
    Error::unwritten_output(error)
}

/// Every format, the default first.
pub const EMITTERS: &[&dyn Emitter] = &[
    &header::Header,
    &json::Json,
    &list::List,
    &meta::Meta,
    &python::Python,
    &frameworks::DJANGO,
    &frameworks::DJANGO_CSP,
    &frameworks::DJANGO_CSP3,
    &frameworks::FLASK_TALISMAN,
    &frameworks::HELMET,
    &frameworks::RAILS,
    &nginx::Nginx,
    &apache::Apache,
    &htaccess::Htaccess,
    &caddy::Caddy,
    &haproxy::Haproxy,
    &lighttpd::Lighttpd,
    &traefik::Traefik,
    &netlify::Netlify,
    &netlify::NetlifyToml,
    &cloudflare::Cloudflare,
    &vercel::Vercel,
    &firebase::Firebase,
    &azure::AzureSwa,
];

/// The emitter of that name.
#[must_use]
pub fn emitter(name: &str) -> Option<&'static dyn Emitter> {
    EMITTERS
        .iter()
        .copied()
        .find(|emitter| emitter.name() == name)
}
