//! The address of a site: the origin for which `'self'` stands, and the base of its pages' relative URLs.

use url::{Position, Url};

use crate::error::{Error, ErrorKind, Result};

/// The address of a site, such as `https://example.com/docs/`.
///
/// ```
/// let site = cspseal::site::SiteUrl::parse("https://example.com/docs")?;
/// assert_eq!(site.to_string(), "https://example.com/docs/");
/// assert!(cspseal::site::SiteUrl::parse("example.com").is_err());
/// # Ok::<(), cspseal::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteUrl {
    /// Ends with `/`.
    url: Url,
    is_known: bool,
}

/// The address of a site as long as nobody gives one. [No host has this name](https://www.rfc-editor.org/rfc/rfc2606#section-2).
///
/// A URL such as `//example.com/a.js` is `https` there.
impl Default for SiteUrl {
    fn default() -> Self {
        let is_known = false;
        match Url::parse("https://cspseal.invalid/") {
            Ok(url) => Self { url, is_known },
            Err(_) => unreachable!("the URL is valid"),
        }
    }
}

impl SiteUrl {
    /// Reads an `http` or `https` URL: an origin, or the folder of an origin that the site is in.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] for what is no such URL, for one with a user, query or fragment, and for that of a page by its extension.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |why: &str| {
            let message =
                format!("{text:?} is not the address of a site: {why}; write one such as https://example.com/");
            Err(Error::new(ErrorKind::Config, message))
        };
        let mut url = match Url::parse(text) {
            Ok(url) => url,
            Err(error) => return wrong(&error.to_string()),
        };
        if !matches!(url.scheme(), "http" | "https") {
            return wrong("its scheme is neither http nor https");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("it names a user");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return wrong("it has a query or fragment");
        }
        let name = url.path().rsplit('/').next().unwrap_or_default();
        if ["htm", "html", "xht", "xhtml"].iter().any(|page| {
            let extension = name.rsplit_once('.').map(|(_, extension)| extension);
            extension.is_some_and(|it| it.eq_ignore_ascii_case(page))
        }) {
            return wrong(&format!("{name} is a page, not the folder of the site"));
        }
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("");
        }
        Ok(Self { url, is_known: true })
    }

    /// Whether somebody gave the address. Otherwise absolute URLs of the site look like those of another host.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.is_known
    }

    /// The host.
    #[cfg(feature = "cli")]
    pub(crate) fn host(&self) -> Option<url::Host<&str>> {
        self.url.host()
    }

    /// The URL of a page, by its path in the site with `/` between its parts.
    pub(crate) fn page(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        url
    }

    /// The path and query of a URL of exactly this origin.
    pub(crate) fn path_of<'u>(&self, url: &'u Url) -> Option<&'u str> {
        let is_own = self.url.origin() == url.origin();
        is_own.then(|| &url[Position::BeforePath..])
    }

    /// The URL of its origin with this path and query.
    pub(super) fn with_path(&self, path: &str) -> Option<Url> {
        // With two slashes in front it would be a host.
        self.url.join(&format!("/.{path}")).ok()
    }

    /// The site that a page was fetched from.
    pub(crate) fn of_page(page: &Url) -> Self {
        let mut url = page.clone();
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        Self { url, is_known: true }
    }

    /// The path of a URL below the folder of the site, with its escapes.
    pub(crate) fn below<'u>(&self, url: &'u Url) -> Option<&'u str> {
        url.path().strip_prefix(self.url.path())
    }

    /// The places in the site that a URL of it may be that of, by how servers look for pages.
    pub(crate) fn site_paths(&self, url: &Url) -> Vec<String> {
        let Some(path) = self.below(url) else {
            return Vec::new();
        };
        let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
        match path.rsplit('/').next() {
            Some("") | None => vec![format!("{path}index.html")],
            Some(name) if name.contains('.') => vec![path.into_owned()],
            Some(_) => vec![format!("{path}.html"), format!("{path}/index.html")],
        }
    }

    /// Whether [`'self'` allows a URL](https://www.w3.org/TR/CSP3/#match-url-to-source-expression) of HTTP: same origin, or the secure variant of a site
    /// without a port.
    pub(crate) fn has(&self, url: &Url) -> bool {
        let upgraded = self.url.scheme() == "http" && url.scheme() == "https";
        let is_same = self.url.scheme() == url.scheme() || upgraded;
        is_same && self.url.host() == url.host() && self.url.port() == url.port()
    }
}

impl std::fmt::Display for SiteUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.url.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_site_is_an_origin_or_a_folder() {
        for (text, address) in [
            ("https://example.com", "https://example.com/"),
            ("https://example.com/a/b", "https://example.com/a/b/"),
            ("https://example.com/v1.2", "https://example.com/v1.2/"),
            ("https://example.com/a.html/", "https://example.com/a.html/"),
            ("HTTP://Bücher.example:8080/", "http://xn--bcher-kva.example:8080/"),
            ("https://example.com:443/a/", "https://example.com/a/"),
        ] {
            assert_eq!(SiteUrl::parse(text).unwrap().to_string(), address);
        }
        for (text, why) in [
            ("example.com", "relative URL without a base"),
            ("/docs/", "relative URL without a base"),
            ("ftp://example.com/", "neither http nor https"),
            ("data:text/html,x", "neither http nor https"),
            ("https://me@example.com/", "names a user"),
            ("https://example.com/?", "query"),
            ("https://example.com/#top", "fragment"),
            ("https://", "empty host"),
            ("https://example.com/docs/index.html", "index.html is a page"),
            ("https://example.com/A.XHTML", "A.XHTML is a page"),
        ] {
            let error = SiteUrl::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(why), "{error}");
        }
    }

    #[test]
    fn a_page_has_the_url_of_its_path() {
        let site = SiteUrl::parse("https://example.com/docs").unwrap();
        for (path, url) in [
            ("index.html", "https://example.com/docs/index.html"),
            ("a b/100%/c?#.html", "https://example.com/docs/a%20b/100%25/c%3F%23.html"),
            ("é.html", "https://example.com/docs/%C3%A9.html"),
        ] {
            assert_eq!(site.page(path).as_str(), url);
        }
    }

    #[test]
    fn a_url_is_the_sites_own_where_self_allows_it() {
        let secure = SiteUrl::parse("https://example.com/docs/").unwrap();
        let plain = SiteUrl::parse("http://example.com").unwrap();
        let port = SiteUrl::parse("http://localhost:8000").unwrap();
        let is_own = |site: &SiteUrl, url: &str| site.has(&site.page("x/").join(url).unwrap());
        for site in [&secure, &plain, &port, &SiteUrl::default()] {
            for own in ["a.png", "/a.png", "?q", "../../.."] {
                assert!(is_own(site, own), "{own} of {site}");
            }
            assert!(!is_own(site, "//other.example/a.png"));
            assert!(!is_own(site, "data:,x"));
        }
        assert!(is_own(&secure, "//EXAMPLE.com:443/a.png"));
        assert!(!is_own(&secure, "http://example.com/a.png"));
        assert!(!is_own(&secure, "https://www.example.com/a.png"));
        assert!(is_own(&plain, "https://example.com/a.png"));
        assert!(is_own(&port, "//localhost:8000/a.png"));
        assert!(!is_own(&port, "https://localhost/a.png"));
    }
}
