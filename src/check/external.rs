//! What a page fetches, frames or submits to by a URL, and whether a list of sources blocks it.
//!
//! The address of the site may be unknown. Then no host of a list counts as its own, and absolute URLs are those of other sites.

use url::Url;

use super::engine::{Asked, Engine};
use super::lists::{Flag, List, Part, integrity_name};
use super::policies::Judged;
use super::subject::{missing_nonce, nonce_for, not_nonceable, unlisted_nonce};
use crate::finding::{Code, Finding};
use crate::page::Destination;
use crate::page::subject::Nonce;
use crate::policy::as_sent::Browser;
use crate::policy::{DirectiveName, Granularity, Keyword, SourceExpression};
use crate::site::SiteUrl;

/// The end of the help about a host that may be the site itself.
pub(crate) const OWN_ADDRESS: &str = "; if that is the site's own address, name it with --site-url";

/// Who does what a help asks for.
const BY_ITSELF: &str = ", as `cspseal hash --external` does";

/// The URL of a host that no policy names.
const ANYWHERE: &str = "https://anywhere.invalid/";

/// What is fetched, framed or submitted to.
pub(super) struct External<'a> {
    pub(super) destination: Destination,
    /// Absolute; [`None`] when template code makes it.
    pub(super) url: Option<&'a Url>,
    pub(super) integrity: &'a str,
    pub(super) nonce: &'a Nonce,
}

impl<'a> External<'a> {
    /// A URL, and nothing that could allow it otherwise.
    pub(super) const fn bare(destination: Destination, url: &'a Url) -> Self {
        Self { destination, url: Some(url), integrity: "", nonce: &Nonce::None }
    }

    /// The findings about it under the policies: about its nonce, and about the policy that blocks it.
    pub(super) fn judge(
        &self,
        engine: &Engine,
        site: &SiteUrl,
        policies: &[&Judged],
    ) -> (Option<Finding>, Option<Finding>) {
        if self.url.is_some_and(|url| !self.is_asked_about(url)) {
            return (None, None);
        }
        // Also in those after the first that blocks.
        let all = policies.iter().flat_map(|judged| self.lists(judged));
        let needs_any_host = |list| self.url.is_none_or(|url| may_be_listed(site, url, list));
        all.for_each(|(_, list)| {
            self.mark(list);
            if needs_any_host(list) {
                list.needs_any_host();
            }
        });
        for &judged in policies {
            for (part, list) in self.lists(judged) {
                if !self.is_blocked_in(engine, site, part, list) {
                    continue;
                }
                let said = match self.nonce {
                    Nonce::Ignored(flaw) if list.has_nonce() => Some(not_nonceable(flaw, judged)),
                    Nonce::None if list.has_nonce() && self.destination == Destination::Script => {
                        Some(missing_nonce(judged, list))
                    }
                    Nonce::None | Nonce::Value(_) | Nonce::Ignored(_) | Nonce::Code => None,
                };
                return (said, Some(self.blocked(site, judged, list)));
            }
        }
        (None, None)
    }

    /// The note about one whose URL template code makes, if that decides whether the policies allow it.
    pub(super) fn unknown(&self, engine: &Engine, site: &SiteUrl, policies: &[&Judged]) -> Option<Finding> {
        let anywhere = self.url.is_none().then(|| Url::parse(ANYWHERE).ok())??;
        let anywhere = External { url: Some(&anywhere), ..*self };
        let (judged, list) = policies.iter().find_map(|judged| {
            let mut lists = self.lists(judged);
            let blocking = lists.find(|(part, list)| anywhere.is_blocked_in(engine, site, part, list));
            Some((judged, blocking?.1))
        })?;
        let (_, nouns) = noun(self.destination);
        let (named, name) = (judged.named(), list.name);
        Some(Finding::new(
            Code::UnknownUrl,
            format!("template code makes the URLs of {nouns}, so it is unknown whether {named} allows them by {name}"),
            format!(
                "make sure that {} lists their hosts; a host that is written before the code, as in https://cdn.example.com/{{{{ path }}}}, is known",
                self.directive(judged, list)
            ),
        ))
    }

    /// The lists that decide on it, one of each policy in a header.
    fn lists<'p>(&self, judged: &'p Judged) -> impl Iterator<Item = (&'p Part, &'p List)> {
        let destination = self.destination;
        let parts = judged.reading.parts(Browser::Firefox).iter();
        parts.filter_map(move |part| Some((part, part.effective(destination)?)))
    }

    /// Whether browsers ask about a URL: one that they could fetch, and whatever a form or a frame leads to. Chromium asks about a
    /// script with a `javascript:` URL, which does not run.
    fn is_asked_about(&self, url: &Url) -> bool {
        let is_fetched =
            matches!(url.scheme(), "http" | "https" | "ws" | "wss" | "ftp" | "data" | "blob" | "filesystem");
        let leads_anywhere = matches!(
            self.destination,
            Destination::Form | Destination::Frame | Destination::Base | Destination::Script
        );
        is_fetched || leads_anywhere
    }

    /// Marks the hashes that stand for it.
    fn mark(&self, list: &List) {
        if self.integrity.is_empty() || self.destination != Destination::Script {
            return;
        }
        for name in self.integrity.split_ascii_whitespace().filter_map(integrity_name) {
            let mut words = list.integrity(&name).peekable();
            // Those that were marked before need not be marked for each script.
            if words.peek().is_some_and(|first| first.has(Flag::ForIntegrity)) {
                continue;
            }
            for word in words {
                word.flag(Flag::ForIntegrity);
                word.flag(Flag::Used);
            }
        }
    }

    /// Whether a policy blocks it for certain by the list that is in effect.
    fn is_blocked_in(&self, engine: &Engine, site: &SiteUrl, part: &Part, list: &List) -> bool {
        match self.destination {
            // Any list may allow it, and nothing is asked for what no list restricts.
            Destination::Prefetch => {
                list.name == DirectiveName::DefaultSrc && part.all().all(|list| self.is_blocked(engine, site, list))
            }
            _ => self.is_blocked(engine, site, list),
        }
    }

    /// Whether a list blocks it for certain.
    pub(super) fn is_blocked(&self, engine: &Engine, site: &SiteUrl, list: &List) -> bool {
        let asked = match self.destination {
            Destination::Script => Asked::Script,
            Destination::Style => Asked::Style,
            Destination::Image
            | Destination::Use
            | Destination::Media
            | Destination::Font
            | Destination::Object
            | Destination::Frame
            | Destination::Manifest
            | Destination::Connect
            | Destination::Form
            | Destination::Base
            | Destination::Prefetch => Asked::Url,
            // No parser inserts it.
            Destination::Worker if list.has(Keyword::StrictDynamic) => return false,
            Destination::Worker => Asked::Url,
        };
        let own = site.page("");
        let url = self.url.unwrap_or(&own);
        let nonce = nonce_for(self.nonce, list);
        if engine.fetch(list, asked, url, &own, self.integrity, nonce) {
            return false;
        }
        let is_strict = asked == Asked::Script && list.has(Keyword::StrictDynamic);
        let is_open = self.url.is_none() && (list.has(Keyword::SelfOrigin) || list.sources.has_unquoted());
        is_strict || !is_open
    }

    /// The directive to which a source for it is added.
    fn directive(&self, judged: &Judged, list: &List) -> String {
        match list.name {
            DirectiveName::DefaultSrc => {
                let own = DirectiveName::extended_for(self.destination);
                let mut parts = judged.reading.parts(Browser::Firefox).iter();
                // Any list may allow a prefetch.
                let is_there = self.destination == Destination::Prefetch
                    && parts.any(|part| part.all().any(|list| list.name == own));
                match is_there {
                    true => own.to_string(),
                    false => format!("{own} (as a copy of default-src)"),
                }
            }
            name => name.to_string(),
        }
    }

    fn blocked(&self, site: &SiteUrl, judged: &Judged, list: &List) -> Finding {
        let name = list.name;
        let named = judged.named();
        let is_script = self.destination == Destination::Script;
        let (code, nouns) = noun(self.destination);
        if is_script && list.has(Keyword::StrictDynamic) {
            let help = "give it the nonce, or an integrity attribute all of whose hashes the policy lists, or load it from a script that is allowed";
            return Finding::new(
                code,
                format!(
                    "{named} blocks this script by {name}: under 'strict-dynamic' neither 'self' nor hosts count, and it has neither a nonce nor an integrity hash of the policy"
                ),
                unlisted_nonce(self.nonce, list).unwrap_or_else(|| help.to_owned()),
            );
        }
        let directive = self.directive(judged, list);
        let (whose, help) = match self.url {
            None => ("whose URL template code makes".to_owned(), format!("add its host to {directive}")),
            Some(url) if !url.has_host() => {
                let scheme = url.scheme();
                let help = match self.destination {
                    Destination::Script | Destination::Object => {
                        "move it into a file: whoever can write markup into a page could write such a URL, too"
                            .to_owned()
                    }
                    Destination::Form if scheme == "data" => {
                        "browsers submit no form to such a URL; give it one of the site".to_owned()
                    }
                    Destination::Form if scheme == "javascript" => {
                        format!(
                            "handle its submit event in a script instead; or add javascript: to {directive} beside the hash of the URL, as `cspseal hash --external --unsafe-hashes` does"
                        )
                    }
                    _ => format!("add {scheme}: to {directive}{BY_ITSELF}, or move it into a file"),
                };
                (format!("in {scheme}: URLs"), help)
            }
            Some(url) if site.has(url) => {
                ("of the site itself".to_owned(), add_self(site, list, &format!("{directive}{BY_ITSELF}")))
            }
            Some(url) => {
                let origin = url.origin().ascii_serialization();
                let to_add = SourceExpression::for_url(url, site, name, Granularity::Origin);
                let can_add = matches!(to_add, Ok(Some(_)));
                let mut help = match to_add {
                    Ok(Some(_)) => format!("add {origin} to {directive}{BY_ITSELF}"),
                    Ok(None) => "give it an https: URL".to_owned(),
                    Err(fault) => format!("{}; {}", fault.message, fault.help),
                };
                if can_add && !site.is_known() {
                    help.push_str(OWN_ADDRESS);
                }
                (format!("of {origin}"), help)
            }
        };
        Finding::new(
            code,
            format!("{named} blocks {nouns} {whose} by {name}"),
            unlisted_nonce(self.nonce, list).unwrap_or(help),
        )
    }
}

/// Whether a URL is that of a page of the site itself in a frame. An embedded file is a page by the extension of its name.
pub(super) fn is_own_frame(site: &SiteUrl, destination: Destination, url: &Url) -> bool {
    let is_page = match destination {
        Destination::Frame => true,
        Destination::Object => {
            let extension = url.path().rsplit_once('.').map(|(_, extension)| extension);
            extension.is_none_or(|it| PAGES.contains(&&*it.to_ascii_lowercase()))
        }
        _ => false,
    };
    is_page && matches!(url.scheme(), "http" | "https") && site.has(url)
}

/// The finding about frames with pages of the site itself that forbid it: these are the policies of such a page.
pub(super) fn refused(engine: &Engine, site: &SiteUrl, policies: &[&Judged]) -> Option<Finding> {
    let own = site.page("");
    let (judged, list) = policies.iter().find_map(|judged| {
        let parts = judged.reading.parts(Browser::Firefox).iter();
        let mut lists = parts.filter_map(|part| part.effective(DirectiveName::FrameAncestors));
        let list = lists.find(|list| !engine.fetch(list, Asked::Url, &own, &own, "", None));
        list.map(|list| (judged, list))
    })?;
    Some(Finding::new(
        Code::BlockedFrame,
        format!(
            "{} blocks frames of the site itself by frame-ancestors, which says who may frame its pages",
            judged.named()
        ),
        add_self(site, list, &format!("frame-ancestors{BY_ITSELF}")),
    ))
}

/// Whether a URL is one of the site, and its address may be a host of a list: nobody said which it is.
pub(super) fn may_be_listed(site: &SiteUrl, url: &Url, list: &List) -> bool {
    site.has(url) && !site.is_known() && !list.has(Keyword::SelfOrigin) && list.sources.has_host()
}

/// The help about a list that lacks `'self'`.
fn add_self(site: &SiteUrl, list: &List, directive: &str) -> String {
    let mut help = format!("add 'self' to {directive}");
    if !site.is_known() && list.sources.has_host() {
        help.push_str(", or name the site's address with --site-url if one of the listed hosts is the site's own");
    }
    help
}

/// The extensions of what an `object` or `embed` shows as a page.
const PAGES: [&str; 7] = ["htm", "html", "pdf", "svg", "xht", "xhtml", "xml"];

/// The code of the finding about what is blocked, and what it is called.
const fn noun(destination: Destination) -> (Code, &'static str) {
    match destination {
        Destination::Script => (Code::BlockedExternalScript, "scripts"),
        Destination::Style => (Code::BlockedStylesheet, "style sheets"),
        Destination::Image | Destination::Use => (Code::BlockedImage, "images"),
        Destination::Media => (Code::BlockedMedia, "media"),
        Destination::Font => (Code::BlockedFont, "fonts"),
        Destination::Object => (Code::BlockedObject, "objects"),
        Destination::Frame => (Code::BlockedFrame, "frames"),
        Destination::Manifest => (Code::BlockedManifest, "manifests"),
        Destination::Connect => (Code::BlockedConnection, "connections"),
        Destination::Worker => (Code::UnknownWorker, "workers"),
        Destination::Form => (Code::BlockedForm, "forms"),
        Destination::Base => (Code::BlockedBase, "base URLs"),
        Destination::Prefetch => (Code::BlockedConnection, "prefetches"),
    }
}
