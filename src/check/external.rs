//! Scripts with URLs: blocked for certain, or not to be told without knowing where the site is.
//!
//! The policies' hosts and `'self'` are not this program's business but where nothing depends on them: under
//! `'strict-dynamic'`, in a list without any host, for a URL that the engine finds in no list it could be in.

use content_security_policy::Url;

use super::engine::Engine;
use super::lists::{Flag, List, integrity_name};
use super::policies::Judged;
use super::subject::{missing_nonce, nonce_for, not_nonceable, unlisted_nonce};
use crate::finding::{Code, Finding};
use crate::page::InlineCheckType;
use crate::page::subject::Nonce;
use crate::policy::Keyword;
use crate::policy::as_sent::Browser;
use crate::site::SiteUrl;

/// A script with a URL.
pub(super) struct External<'a> {
    /// As it is written; `None` when template code makes it.
    pub(super) url: Option<&'a str>,
    pub(super) integrity: &'a str,
    pub(super) nonce: &'a Nonce,
}

impl External<'_> {
    /// What the policies make of it.
    pub(super) fn judge<'p>(&self, engine: &Engine, policies: &[&'p Judged]) -> Vec<Finding> {
        let lists = |judged: &'p Judged| {
            let parts = judged.reading.parts(Browser::Firefox).iter();
            parts.filter_map(|part| part.effective(InlineCheckType::Script))
        };
        // Also in those after the first that blocks.
        let all = policies.iter().flat_map(|judged| lists(judged));
        all.for_each(|list| self.mark(list));
        let mut said = Vec::new();
        for &judged in policies {
            for list in lists(judged) {
                if !self.is_blocked(engine, list) {
                    continue;
                }
                match self.nonce {
                    Nonce::Ignored(flaw) if list.has_nonce() => {
                        said.push(not_nonceable(flaw, judged));
                    }
                    Nonce::None if list.has_nonce() => said.push(missing_nonce(judged, list)),
                    Nonce::None | Nonce::Value(_) | Nonce::Ignored(_) | Nonce::Code => {}
                }
                said.push(blocked(judged, list, self.nonce));
                return said;
            }
        }
        said
    }

    /// Marks the hashes that stand for it.
    fn mark(&self, list: &List) {
        if self.integrity.is_empty() {
            return;
        }
        for name in self
            .integrity
            .split_ascii_whitespace()
            .filter_map(integrity_name)
        {
            let mut words = list.integrity(&name).peekable();
            // Those that were marked before need not be marked for each script.
            if words
                .peek()
                .is_some_and(|first| first.has(Flag::ForIntegrity))
            {
                continue;
            }
            for word in words {
                word.flag(Flag::ForIntegrity);
                word.flag(Flag::Used);
            }
        }
    }

    /// Whether a list blocks it for certain.
    pub(super) fn is_blocked(&self, engine: &Engine, list: &List) -> bool {
        let own = SiteUrl::default().page("");
        let is_relative = self.url.is_none_or(|url| Url::parse(url.trim()).is_err());
        // Neither an empty URL nor what is none is fetched.
        let Ok(url) = own.join(self.url.unwrap_or_default()) else {
            return false;
        };
        if self.url.is_some_and(|url| url.trim().is_empty()) {
            return false;
        }
        let nonce = nonce_for(self.nonce, list);
        if engine.script(list, &url, &own, self.integrity, nonce) {
            return false;
        }
        let strict = list.has(Keyword::StrictDynamic);
        let has_self = list.has(Keyword::SelfOrigin);
        let is_network = matches!(url.scheme(), "http" | "https");
        // It may be the site's own, or on a host of its own.
        let is_open = match (self.url.is_some(), is_relative) {
            (false, _) => has_self || list.sources.has_unquoted(),
            (true, true) => list.sources.has_host(),
            (true, false) => has_self && is_network,
        };
        strict || !is_open
    }
}

fn blocked(judged: &Judged, list: &List, nonce: &Nonce) -> Finding {
    let name = list.name;
    let named = judged.named();
    let (message, help) = if list.has(Keyword::StrictDynamic) {
        (
            format!(
                "{named} blocks this script by {name}: under 'strict-dynamic' neither 'self' nor hosts count, and it has neither a nonce nor an integrity hash of the policy"
            ),
            "give it the nonce, or an integrity attribute all of whose hashes the policy lists, or load it from a script that is allowed",
        )
    } else {
        (
            format!("{named} blocks this script by {name}, where no source fits its URL"),
            "add its host or 'self' to the directive, or give it a nonce or an integrity hash of the policy",
        )
    };
    Finding::new(
        Code::BlockedExternalScript,
        message,
        unlisted_nonce(nonce, list).unwrap_or_else(|| help.to_owned()),
    )
}
