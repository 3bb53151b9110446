//! Targets: the servers, hosts, frameworks and programs that a policy is written for, all from the same report.
//!
//! A target is a folder and a row of [`TARGETS`]; everything in which targets differ is asked of [`Target`]. Targets know
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
mod json_file;
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

use std::io::Write;

pub use block::replace_block;
use deployed::DeployedFile;
pub use deployment::{
    Deployment, Disposition, NonceMaker, PageGroup, PolicyHeader, Report, Scope, SecondPolicy,
    Sends, url_paths,
};
pub use framework::{Expression, Framework, NonceTemplates};
pub use limits::{BROWSER_LIMIT, Limits};
use limits::{check_output, check_policies, check_rules};
pub use print::{check_ability, print, print_into};
pub use quote::one_line;
pub(crate) use quote::url_link_path;
pub use standing::with_standing;
pub use words::sent_findings;

use crate::error::{Error, ErrorKind, Result};
use crate::finding::Finding;
use crate::nonce::NonceSource;
use crate::policy::{DirectiveName, Policy};

/// Every target, the default first.
pub const TARGETS: &[&dyn Target] = &[
    &header::Header,
    &json::Json,
    &list::List,
    &meta::Meta,
    &python::Python,
    &django::Django,
    &django::DjangoCsp4,
    &django::DjangoCsp3,
    &flask::Flask,
    &flask_talisman::FlaskTalisman,
    &starlette::Starlette,
    &helmet::Helmet,
    &rails::Rails,
    &go::Go,
    &php::Php,
    &laravel::Laravel,
    &symfony::Symfony,
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

/// The target of that name.
///
/// ```
/// assert_eq!(cspseal::target::target("nginx").unwrap().name(), "nginx");
/// assert!(cspseal::target::target("iis").is_none());
/// ```
#[must_use]
pub fn target(name: &str) -> Option<&'static dyn Target> {
    TARGETS.iter().copied().find(|target| target.name() == name)
}

/// The target of those who name none: the value of the header.
#[must_use]
pub const fn default_target() -> &'static dyn Target {
    TARGETS[0]
}

/// The row of a target: its names and its capabilities.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Support {
    /// The name that `--format` takes.
    pub name: &'static str,
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
    pub deployed: Option<&'static DeployedFile>,
}

impl Support {
    /// A format of these scopes, enforced, without limits.
    #[must_use]
    pub const fn new(name: &'static str, about: &'static str, scopes: &'static [Scope]) -> Self {
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
        }
    }

    /// A server that knows pages, and `#` for comments.
    const fn server(name: &'static str, about: &'static str) -> Self {
        Self {
            report_only: true,
            comment: Some("#"),
            ..Self::new(name, about, &[Scope::Site, Scope::Page])
        }
    }

    /// A framework, which knows requests and no pages, with `#` for comments.
    const fn framework(name: &'static str, about: &'static str) -> Self {
        Self {
            report_only: true,
            comment: Some("#"),
            ..Self::new(name, about, &[Scope::Site])
        }
    }
}

/// A policy for every path, to be spelled by what sends it.
#[derive(Clone, Copy, Debug)]
pub struct SentPolicy<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The nonce in it (a [`SourceExpression::Nonce`](crate::policy::SourceExpression::Nonce)) wherever a fresh one belongs.
    /// For servers it is also the placeholder in the pages. Only targets with [`Support::templates`] or
    /// `Support.server` can send one, and [`default_target`] prints it as it is.
    pub nonce: Option<&'a NonceSource>,
    /// Whether it is enforced.
    pub disposition: Disposition,
}

/// A server, host, framework or program that policies are written for.
pub trait Target: Sync {
    /// Its row.
    fn support(&self) -> &'static Support;

    /// The name that `--format` takes.
    fn name(&self) -> &'static str {
        self.support().name
    }

    /// The findings about the deployment in this format.
    fn findings(&self, _deployment: &Deployment<'_>) -> Vec<Finding> {
        Vec::new()
    }

    /// Spells a policy for every path, or an enforced one and one that is only reported. The text for those without a nonce does
    /// not mention nonces.
    ///
    /// # Errors
    ///
    /// Why the policy cannot be spelled.
    fn write(&self, _sent: &[SentPolicy<'_>]) -> Result<String> {
        Err(cannot(self.name(), "spell a policy by itself"))
    }

    /// Spells a policy for each page, for a target of [`Scope::Page`].
    ///
    /// # Errors
    ///
    /// Why the policies cannot be spelled.
    fn write_pages(&self, _deployment: &Deployment<'_>) -> Result<String> {
        Err(cannot(self.name(), "have a policy for each page"))
    }

    /// Prints the deployment. The caller has checked the policies against [`Limits::policy`]; rules and the length of the
    /// output are for the target to check.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Write`] when `out` fails, or why the deployment cannot be printed.
    fn emit(&self, deployment: &Deployment<'_>, out: &mut dyn Write) -> Result<()> {
        let text = match deployment.scope {
            Scope::Site => {
                let mut sent = deployment.sent();
                for sent in sent.iter().filter(|sent| sent.nonce.is_none()) {
                    words::refuse_unknown(self.support(), sent.policy)?;
                }
                let closed = sent.iter().map(|sent| words::closed(self.support(), sent));
                let closed: Vec<_> = closed.collect();
                for (sent, closed) in sent.iter_mut().zip(&closed) {
                    sent.policy = closed.as_ref().map_or(sent.policy, |(policy, _)| policy);
                }
                self.write(&sent)?
            }
            Scope::Page => self.write_pages(deployment)?,
        };
        out.write_all(text.as_bytes())
            .map_err(Error::unwritten_output)
    }

    /// Whether it can be part of a file that holds other things too.
    fn merges(&self) -> bool {
        self.support().comment.is_some()
    }

    /// The policy for every path that `existing`, the content of a file, has in `header`, the rest of which is kept; see
    /// [`with_standing`]. [`None`] also for formats whose part of a file is a block.
    ///
    /// # Errors
    ///
    /// As [`merge`](Self::merge).
    fn standing_policy(&self, _existing: &[u8], _header: &str) -> Result<Option<String>> {
        Ok(None)
    }

    /// Prints `existing`, the content of a file, in which the deployment replaces what was ours.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit), and [`ErrorKind::Unsupported`] for a format that cannot be part of a file and a
    /// file that is not as it should be.
    fn merge(&self, deployment: &Deployment<'_>, existing: &[u8]) -> Result<Vec<u8>> {
        let comment = self.support().comment;
        let comment = comment.ok_or_else(|| cannot(self.name(), "be a part of another file"))?;
        let mut block = Vec::new();
        self.emit(deployment, &mut block)?;
        replace_block(existing, comment, &block)
    }
}

fn cannot(name: &str, what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("{name} cannot {what}"))
}
