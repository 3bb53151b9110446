//! The URLs that pages ask for, resolved: each distinct one with what it is fetched as, and the pages that use it.
//!
//! Where a site is served decides only whether an absolute URL is its own. So a site without a known address has one that no other
//! site can have.

use std::sync::Arc;

use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::finding::Place;
use crate::page::Destination;
use crate::page::request::Base;

/// The address of a site whose own nobody has told.
const UNKNOWN: &str = "https://cspseal.invalid/";

/// The URL below which the pages of a site are served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteUrl {
    url: Url,
    is_known: bool,
}

impl Default for SiteUrl {
    /// An address that is unknown.
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "the constant is a URL")]
        let url = Url::parse(UNKNOWN).expect("a constant that is a URL");
        Self {
            url,
            is_known: false,
        }
    }
}

impl SiteUrl {
    /// The site at this URL. A path is the folder in which the pages are, with or without a slash at its end.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidUrl`] for one that is not an absolute `http` or `https` URL without a query and a fragment.
    pub fn new(text: &str) -> Result<Self> {
        let invalid = |why: &str| {
            Error::new(
                ErrorKind::InvalidUrl,
                format!(
                    "{text:?} is not the URL of a site: {why}; write it as https://example.com/"
                ),
            )
        };
        let mut url = Url::parse(text).map_err(|error| invalid(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("only http and https serve pages"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("it has a query or a fragment"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("it has a user name or a password"));
        }
        if !url.path().ends_with('/') {
            let folder = format!("{}/", url.path());
            url.set_path(&folder);
        }
        Ok(Self {
            url,
            is_known: true,
        })
    }

    /// Whether somebody told it.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.is_known
    }

    /// Whether a URL is one of the site's origin.
    #[must_use]
    pub fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.url.origin()
    }

    /// The URL of the page at a place in the site.
    pub(crate) fn page(&self, site_path: &str) -> Url {
        let mut url = self.url.clone();
        let path = format!("{}{}", url.path(), site_path.trim_start_matches('/'));
        // Sets `?` and `#` as parts of the path.
        url.set_path(&path);
        url
    }
}

/// Something that pages ask for by its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DistinctRequest {
    /// What it is fetched as.
    pub destination: Destination,
    /// Its absolute URL without a fragment, of `data:` and `blob:` URLs the scheme alone; [`None`] if template code makes it.
    pub url: Option<Arc<Url>>,
    /// How many times it is used.
    pub uses: u64,
    /// How many pages use it.
    pub pages: u64,
    /// Where it was first seen.
    pub first: Place,
    /// Whether all uses are in documents without scripts or in the content of inert templates.
    pub is_conditional: bool,
}

impl SiteUrl {
    /// The absolute URLs that the documents of the page at a place in the site are relative to, by the indices of their [`Base`]s;
    /// [`None`] for those to which nothing can be relative.
    pub(crate) fn bases(&self, site_path: &str, bases: &[Base]) -> Vec<Option<Url>> {
        let page = self.page(site_path);
        let mut resolved: Vec<Option<Url>> = Vec::with_capacity(bases.len());
        for base in bases {
            let own = match base.parent {
                _ if base.is_data => None,
                None => Some(page.clone()),
                Some(parent) => resolved.get(parent as usize).cloned().flatten(),
            };
            let set = base
                .href
                .as_deref()
                .and_then(|href| resolve(own.as_ref(), href));
            // A data: or javascript: URL is ignored there.
            let set = set.filter(|url| !matches!(url.scheme(), "data" | "javascript"));
            resolved.push(set.or(own));
        }
        resolved
    }
}

/// The absolute URL of a request without its fragment, if browsers send it. `base` is the index of what it is relative to.
pub(crate) fn resolved(url: &str, base: u32, bases: &[Option<Url>]) -> Option<Url> {
    let base = bases.get(base as usize).and_then(Option::as_ref);
    let mut url = resolve(base, url)?;
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

    #[test]
    fn the_address_of_a_site_is_a_folder() {
        let page = |site: &str, path: &str| SiteUrl::new(site).unwrap().page(path).to_string();
        assert_eq!(
            page("https://a.test", "b/c.html"),
            "https://a.test/b/c.html"
        );
        assert_eq!(
            page("http://a.test/d", "b c?.html"),
            "http://a.test/d/b%20c%3F.html"
        );
        assert_eq!(
            page("https://a.test/d/", "/b#.html"),
            "https://a.test/d/b%23.html"
        );
        for (text, why) in [
            ("a.test", "relative URL without a base"),
            ("ftp://a.test", "only http and https serve pages"),
            ("https://a.test/?b", "it has a query or a fragment"),
            ("https://b@a.test/", "it has a user name or a password"),
        ] {
            let error = SiteUrl::new(text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn urls_are_resolved_as_their_document_says() {
        let base = |parent, is_data, href: Option<&str>| Base {
            parent,
            is_data,
            href: href.map(Into::into),
        };
        let all = [
            base(None, false, Some("../x/")),
            base(Some(0), false, None),
            base(Some(1), false, Some("https://cdn.test/y/z")),
            base(Some(0), true, None),
            base(Some(0), true, Some("https://d.test/")),
            base(None, false, Some("data:text/plain,a")),
        ];
        let all = SiteUrl::default().bases("a/b.html", &all);
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
            (0, "http://[", None),
            (0, "about:blank", None),
            (0, "data:", Some("data:")),
        ] {
            assert_eq!(url(base, text).as_deref(), expected, "{base} {text}");
        }
    }
}
