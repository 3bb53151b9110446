//! The URLs that pages ask for, resolved: each distinct one with what it is fetched as, and the pages that use it.

use std::sync::Arc;

use url::Url;

use super::SiteUrl;
use super::subresources::Subrequest;
use crate::finding::Place;
use crate::page::Destination;
use crate::page::request::{Base, OWN_URL, Request};

/// Something that pages ask for by its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DistinctRequest {
    /// What it is fetched as.
    pub destination: Destination,
    /// Its absolute URL without a fragment, of `data:` and `blob:` URLs the scheme alone, of one that goes on with
    /// template code the folder before that; [`None`] if such code makes the host.
    pub url: Option<Arc<Url>>,
    /// The `integrity` attribute of a script or link.
    pub integrity: Arc<str>,
    /// Whether it is a script or link with a nonce that is made for each response.
    pub has_nonce: bool,
    /// Whether it is a module of JavaScript, which may import others from beside itself.
    pub is_module: bool,
    /// How many times it is used.
    pub uses: u64,
    /// How many pages use it.
    pub pages: u64,
    /// Where it was first seen.
    pub first: Place,
    /// Whether it is used by pages alone of which nothing may be shown.
    pub(crate) is_hidden: bool,
    /// Whether all uses are in documents without scripts or in the content of inert templates.
    pub is_conditional: bool,
}

impl DistinctRequest {
    /// What a page asks for, with its uses there; [`None`] if browsers do not send it. `bases` has what its URLs are relative to.
    pub(super) fn of_page(
        request: &Request,
        (path, is_hidden): (&Arc<str>, bool),
        bases: &[Option<Url>],
    ) -> Option<Self> {
        let key = &request.key;
        let url = match &key.url {
            None => None,
            // That of the folder stands for all pages in it, which may be many.
            Some(url) if url.is_empty() => Some(Arc::new(resolved(".", key.base, bases)?)),
            Some(url) => Some(Arc::new(resolved(url, key.base, bases)?)),
        };
        Some(Self {
            destination: key.destination,
            url,
            integrity: match &*key.integrity {
                "" => Arc::default(),
                integrity => integrity.into(),
            },
            has_nonce: key.has_nonce,
            is_module: key.is_module,
            uses: request.uses,
            pages: 1,
            first: Place::of(path, request.first),
            is_hidden,
            is_conditional: request.is_conditional,
        })
    }

    /// Whether browsers ask for it: a `use` of another origin fails whatever the policy is (run in Chromium and Firefox).
    pub(super) fn is_sent(&self, site: &SiteUrl) -> bool {
        let is_use = self.destination == Destination::Use;
        !is_use || self.url.as_deref().is_none_or(|url| site.has(url))
    }

    /// A request of a file.
    pub(super) fn of_file(request: &Subrequest) -> Self {
        Self {
            destination: request.destination,
            url: Some(Arc::clone(&request.url)),
            integrity: Arc::default(),
            has_nonce: false,
            is_module: request.is_module,
            uses: 1,
            pages: 0,
            first: request.first.clone(),
            is_hidden: request.is_hidden,
            is_conditional: false,
        }
    }

    /// The same in the file of another request.
    pub(super) fn in_file(self, file: &Self) -> Self {
        Self { is_hidden: self.is_hidden || file.is_hidden, is_conditional: file.is_conditional, ..self }
    }

    /// Adds more uses.
    pub(super) fn add_uses(&mut self, uses: u64, is_conditional: bool, is_hidden: bool) {
        self.uses += uses;
        self.is_conditional &= is_conditional;
        self.is_hidden &= is_hidden;
    }

    /// Its URL, unless template code makes it or it may not be shown.
    pub(crate) fn shown_url(&self) -> Option<&Url> {
        self.url.as_deref().filter(|_| !self.is_hidden)
    }

    /// What makes it another one.
    pub(super) fn identity(&self) -> RequestIdentity {
        let Self { url, integrity, .. } = self;
        (self.destination, url.clone(), Arc::clone(integrity), (self.has_nonce, self.is_module))
    }
}

/// What a request is for, its URL and `integrity` attribute, and whether it has a nonce and is a module.
pub(super) type RequestIdentity = (Destination, Option<Arc<Url>>, Arc<str>, (bool, bool));

/// The absolute URLs that the documents of a page are relative to, by the indices of their [`Base`]s; [`None`] for those to which
/// nothing can be relative. The last is `page`, its own URL.
pub(crate) fn absolute_bases(page: &Url, bases: &[Base]) -> Vec<Option<Url>> {
    let mut absolute: Vec<Option<Url>> = Vec::with_capacity(bases.len());
    for base in bases {
        let own = match base.parent {
            _ if base.is_data => None,
            None => Some(page.clone()),
            Some(parent) => absolute.get(parent as usize).cloned().flatten(),
        };
        let set = base.href.as_deref().and_then(|href| base_url(own.as_ref(), href));
        absolute.push(set.or(own));
    }
    absolute.push(Some(page.clone()));
    absolute
}

/// The URL of a `<base>`; [`None`] for one that browsers ignore.
pub(crate) fn base_url(own: Option<&Url>, href: &str) -> Option<Url> {
    let url = resolve(own, href);
    url.filter(|url| !matches!(url.scheme(), "data" | "javascript"))
}

/// The absolute URL of a request without its fragment, if browsers send it. `base` is the index of what it is relative to.
pub(crate) fn resolved(url: &str, base: u32, bases: &[Option<Url>]) -> Option<Url> {
    let base = match base {
        OWN_URL => bases.last(),
        base => bases.get(base as usize),
    };
    let mut url = resolve(base.and_then(Option::as_ref), url)?;
    if url.scheme() == "about" {
        return None;
    }
    url.set_fragment(None);
    Some(url)
}

fn resolve(base: Option<&Url>, text: &str) -> Option<Url> {
    match base {
        Some(base) => base.join(text).ok(),
        None => Url::parse(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::SiteUrl;

    #[test]
    fn urls_are_resolved_as_their_document_says() {
        let base = |parent, is_data, href: Option<&str>| Base { parent, is_data, href: href.map(Into::into) };
        let all = [
            base(None, false, Some("../x/")),
            base(Some(0), false, None),
            base(Some(1), false, Some("https://cdn.test/y/z")),
            base(Some(0), true, None),
            base(Some(0), true, Some("https://d.test/")),
            base(None, false, Some("data:text/plain,a")),
        ];
        let all = absolute_bases(&SiteUrl::default().page("a/b.html"), &all);
        let url = |base, text: &str| resolved(text, base, &all).map(String::from);
        for (base, text, expected) in [
            (0, "i.png#a", Some("https://cspseal.invalid/x/i.png")),
            (0, "/i.png?q", Some("https://cspseal.invalid/i.png?q")),
            (0, "//h.test/i", Some("https://h.test/i")),
            (1, "i", Some("https://cspseal.invalid/x/i")),
            (2, "i", Some("https://cdn.test/y/i")),
            (3, "i", None),
            (3, "http://h.test/i", Some("http://h.test/i")),
            (4, "i", Some("https://d.test/i")),
            (5, "i", Some("https://cspseal.invalid/a/i")),
            (OWN_URL, "", Some("https://cspseal.invalid/a/b.html")),
            (0, "http://[", None),
            (0, "about:blank", None),
            (0, "data:", Some("data:")),
        ] {
            assert_eq!(url(base, text).as_deref(), expected, "{base} {text}");
        }
    }
}
