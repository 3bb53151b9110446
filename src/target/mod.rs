//! Targets: the servers, hosts, frameworks and programs that a policy is written for, all from the same report.
//!
//! A target is a folder and a row of [`TARGETS`]; everything in which targets differ is in their [`Target`]. Targets know
//! policies and inventories, and neither folders nor the command line.
//!
//! A nonce that is the same for every response protects nobody. A policy with one is therefore written only for what runs
//! and puts a fresh value into header and page: the frameworks, and the servers that replace a placeholder.

mod apache;
mod azure;
mod block;
mod caddy;
mod cloudflare;
pub mod deployed;
mod deployment;
mod django;
mod firebase;
mod flask;
mod flask_talisman;
mod framework;
mod go;
mod haproxy;
mod header;
mod helmet;
mod htaccess;
mod json;
mod json_rules;
mod laravel;
mod lighttpd;
mod limits;
mod list;
mod meta;
mod netlify;
mod nginx;
mod php;
mod print;
mod python;
pub(crate) mod quote;
mod rails;
mod report;
mod rules;
mod standing;
mod starlette;
mod symfony;
#[cfg(test)]
mod tests;
pub(crate) mod toml;
mod traefik;
mod urls;
mod vercel;
mod words;

use std::io::{self, Write};

pub use block::replace_block;
use deployed::DeployedFile;
pub use deployment::{Deployment, Disposition, PageGroup, PolicyHeader, Scope, Sends, url_paths};
pub use framework::{Expression, Framework, NonceTemplates};
pub use limits::{BROWSER_LIMIT, Limits};
use limits::{check_output, check_policies, check_rules};
pub use print::{check_ability, print, print_into};
pub use quote::one_line;
pub(crate) use quote::url_link_path;
pub use report::{NonceMaker, Report, SecondPolicy};
use rules::{PageRules, page_rules};
pub use standing::with_standing;
#[cfg(feature = "cli")]
pub(crate) use urls::shown_at;
pub use words::sent_findings;

use crate::error::{Error, ErrorKind, Result};
use crate::finding::Finding;
use crate::nonce::NonceSource;
use crate::policy::{DirectiveName, Policy};

/// Every target, the default first.
pub static TARGETS: &[&Target] = &[
    &header::HEADER,
    &json::JSON,
    &list::LIST,
    &meta::META,
    &python::PYTHON,
    &django::DJANGO,
    &django::DJANGO_CSP4,
    &django::DJANGO_CSP3,
    &flask::FLASK,
    &flask_talisman::FLASK_TALISMAN,
    &starlette::STARLETTE,
    &helmet::HELMET,
    &rails::RAILS,
    &go::GO,
    &php::PHP,
    &laravel::LARAVEL,
    &symfony::SYMFONY,
    &nginx::NGINX,
    &apache::APACHE,
    &htaccess::HTACCESS,
    &caddy::CADDY,
    &haproxy::HAPROXY,
    &lighttpd::LIGHTTPD,
    &traefik::TRAEFIK,
    &netlify::NETLIFY,
    &netlify::NETLIFY_TOML,
    &cloudflare::CLOUDFLARE,
    &vercel::VERCEL,
    &firebase::FIREBASE,
    &azure::AZURE_SWA,
];

/// The target of that name.
///
/// ```
/// assert_eq!(cspseal::target::target("nginx").unwrap().name(), "nginx");
/// assert!(cspseal::target::target("iis").is_none());
/// ```
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().copied().find(|target| target.name == name)
}

/// The target of those who name none: the value of the header.
#[must_use]
pub const fn default_target() -> &'static Target {
    TARGETS[0]
}

/// A policy for every path, to be spelled by what sends it.
#[derive(Clone, Copy, Debug)]
pub struct SentPolicy<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The nonce in it (a [`SourceExpression::Nonce`](crate::policy::SourceExpression::Nonce)) wherever a fresh one belongs.
    /// For servers it is also the placeholder in the pages. Only targets with [`Target::templates`] or
    /// `Target.server` can send one, and [`default_target`] prints it as it is.
    pub nonce: Option<&'a NonceSource>,
    /// Whether it is enforced.
    pub disposition: Disposition,
}

/// A server, host, framework or program that policies are written for: its names, its capabilities and how it is written.
#[allow(clippy::type_complexity)]
#[derive(Debug)]
#[non_exhaustive]
pub struct Target {
    name: &'static str,
    /// The output, in a few words.
    pub about: &'static str,
    /// Its scopes, the usual one first. Empty for formats that are not the policy of a site.
    pub scopes: &'static [Scope],
    /// Whether it can send a policy that is only reported.
    pub report_only: bool,
    /// Why it cannot, when there is more to say than that.
    pub why_enforced: Option<&'static str>,
    /// Why it cannot send such a policy next to an enforced one, if it cannot.
    pub why_one: Option<&'static str>,
    /// The sizes that it accepts.
    pub limits: Limits,
    /// The beginning of a comment line in it, for blocks in a file that holds other things too.
    pub comment: Option<&'static str>,
    /// Whether it prints a nonce of the base policy as it is.
    pub nonces: bool,
    /// Whether the file belongs into the published folder, where the host looks for it.
    pub published: bool,
    /// Whether it can be written into the pages themselves.
    pub in_pages: bool,
    /// How its templates name the nonce, for a framework that makes one for every response.
    pub templates: Option<&'static NonceTemplates>,
    /// The output with a nonce, in a few words, for a server that puts a fresh one in the place of the placeholder in its
    /// pages.
    pub server: Option<&'static str>,
    /// The directives that it drops silently. A policy of hashes with one is rejected; one with nonces is written without it
    /// and says so in a comment.
    pub unknown_directives: &'static [DirectiveName],
    /// Its files, where they can be told from others.
    deployed: Option<&'static DeployedFile>,
    /// The findings about the deployment in this format.
    findings: Option<fn(&Deployment<'_>) -> Vec<Finding>>,
    /// Spells the policies for every path.
    write: Option<fn(&[SentPolicy<'_>]) -> Result<String>>,
    /// Writes rules for paths, of which a policy for every path has none, without a nonce.
    rules: Option<fn(&PageRules) -> Result<String>>,
    /// Prints a deployment in another way.
    print: Option<fn(&Deployment<'_>) -> Result<String>>,
    /// Prints the report piece by piece: it can be larger than all else.
    stream: Option<fn(&Report<'_>, &mut dyn Write) -> io::Result<()>>,
    /// Rejects a file of which a block cannot be a part.
    fits: Option<fn(&Deployment<'_>, &[u8]) -> Result<()>>,
    /// Puts the deployment into a file in another way than as a block.
    merge: Option<fn(&Deployment<'_>, &[u8]) -> Result<Vec<u8>>>,
    /// The policy for every path that a file has in a header, if the rest of it is kept.
    standing: Option<fn(&[u8], &str) -> Result<Option<String>>>,
}

impl Target {
    /// A format of these scopes, enforced, without limits.
    const fn new(name: &'static str, about: &'static str, scopes: &'static [Scope]) -> Self {
        Self {
            name,
            about,
            scopes,
            report_only: false,
            why_enforced: None,
            why_one: None,
            limits: Limits::NONE,
            comment: None,
            nonces: false,
            published: false,
            in_pages: false,
            templates: None,
            server: None,
            unknown_directives: &[],
            deployed: None,
            findings: None,
            write: None,
            rules: None,
            print: None,
            stream: None,
            fits: None,
            merge: None,
            standing: None,
        }
    }

    /// A server that knows pages, and `#` for comments.
    const fn server(name: &'static str, about: &'static str) -> Self {
        Self { report_only: true, comment: Some("#"), ..Self::new(name, about, &[Scope::Site, Scope::Page]) }
    }

    /// A framework, which knows requests and no pages, with `#` for comments.
    const fn framework(name: &'static str, about: &'static str) -> Self {
        Self { scopes: &[Scope::Site], ..Self::server(name, about) }
    }

    /// The name that `--format` takes.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The findings about the deployment in this format.
    #[must_use]
    pub fn findings(&self, deployment: &Deployment<'_>) -> Vec<Finding> {
        self.findings.map_or_else(Vec::new, |findings| findings(deployment))
    }

    /// Spells a policy for every path, or an enforced one and one that is only reported. The text for those without a nonce does
    /// not mention nonces.
    ///
    /// # Errors
    ///
    /// Why the policy cannot be spelled.
    pub fn write(&self, sent: &[SentPolicy<'_>]) -> Result<String> {
        match (self.rules, self.write) {
            (Some(rules), _) if !words::has_nonce(sent) => rules(&PageRules::everywhere(sent)),
            (_, Some(write)) => write(sent),
            _ => Err(cannot(self.name, "spell a policy by itself")),
        }
    }

    /// Prints the deployment. The caller has checked the policies against [`Limits::policy`]; rules and the length of the
    /// output are for the target to check.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Write`] when `out` fails, or why the deployment cannot be printed.
    pub fn emit(&self, deployment: &Deployment<'_>, out: &mut dyn Write) -> Result<()> {
        let written = match self.stream {
            Some(stream) => stream(deployment.report, out),
            None => out.write_all(&self.text(deployment)?),
        };
        written.map_err(Error::unwritten_output)
    }

    /// The text of the deployment.
    fn text(&self, deployment: &Deployment<'_>) -> Result<Vec<u8>> {
        let is_spelled = self.write.is_some() || self.rules.is_some();
        match (self.rules, self.print, self.merge) {
            _ if is_spelled && deployment.scope == Scope::Site => self.site(deployment),
            (Some(rules), ..) => rules(&page_rules(self.name, deployment)?),
            (_, Some(print), _) => print(deployment),
            (_, _, Some(merge)) => return merge(deployment, b""),
            _ => Err(cannot(self.name, "have a policy for each page")),
        }
        .map(String::into_bytes)
    }

    /// The policies of the whole site, as far as it sends them.
    fn site(&self, deployment: &Deployment<'_>) -> Result<String> {
        let mut sent = deployment.sent();
        for sent in sent.iter().filter(|sent| sent.nonce.is_none()) {
            words::refuse_unknown(self, sent.policy)?;
        }
        let closed: Vec<_> = sent.iter().map(|sent| words::closed(self, sent)).collect();
        for (sent, closed) in sent.iter_mut().zip(&closed) {
            sent.policy = closed.as_ref().map_or(sent.policy, |(policy, _)| policy);
        }
        self.write(&sent)
    }

    /// Whether it can be part of a file that holds other things too.
    #[must_use]
    pub const fn merges(&self) -> bool {
        self.comment.is_some()
    }

    /// The policy for every path that `existing`, the content of a file, has in `header`, the rest of which is kept; see
    /// [`with_standing`]. [`None`] also for formats whose part of a file is a block.
    ///
    /// # Errors
    ///
    /// As [`merge`](Self::merge).
    pub fn standing_policy(&self, existing: &[u8], header: &str) -> Result<Option<String>> {
        self.standing.map_or(Ok(None), |standing| standing(existing, header))
    }

    /// Prints `existing`, the content of a file, in which the deployment replaces what was ours.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit), and [`ErrorKind::Unsupported`] for a format that cannot be part of a file and a
    /// file that is not as it should be.
    pub fn merge(&self, deployment: &Deployment<'_>, existing: &[u8]) -> Result<Vec<u8>> {
        if let Some(merge) = self.merge {
            return merge(deployment, existing);
        }
        let cannot = || cannot(self.name, "be a part of another file");
        let comment = self.comment.ok_or_else(cannot)?;
        let block = self.text(deployment)?;
        if let Some(fits) = self.fits {
            fits(deployment, existing)?;
        }
        replace_block(existing, comment, &block)
    }
}

fn cannot(name: &str, what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("{name} cannot {what}"))
}
