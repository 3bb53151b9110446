//! The source expression for the URL of a fetch.
//!
//! Whether a list allows a URL is the engine's business, in `check`.

use std::collections::BTreeMap;

use url::Url;

use super::directive::DirectiveName;
use super::host::is_in_path;
use super::problem::Fault;
use super::source_expression::{Keyword, SourceExpression};
use crate::site::SiteUrl;

spelled! {
    /// How much of a URL a source names.
    pub enum Granularity {
        /// Scheme, host and port.
        Origin = "origin",
        /// The same and the folder.
        Directory = "directory",
        /// The same and the file. [Browsers compare no paths after a redirect](https://www.w3.org/TR/CSP3/#source-list-paths-and-redirects).
        Path = "path",
    }
}

impl Granularity {
    /// The one to use where none is given: the file for a classic script whose URL names a version, so that the source does not allow
    /// everything that a host of packages serves; otherwise the origin. A module imports others from beside itself.
    #[must_use]
    pub(crate) fn default_for(directive: DirectiveName, url: &Url, is_module: bool) -> Self {
        match directive.is_script() && !is_module && is_versioned(url.path()) {
            true => Self::Path,
            false => Self::Origin,
        }
    }
}

/// How much of the URLs the sources name, where somebody decides it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Granularities {
    general: Option<Granularity>,
    special: BTreeMap<DirectiveName, Granularity>,
}

impl Granularities {
    /// The same for all directives, or what is usual for each.
    #[must_use]
    pub const fn new(general: Option<Granularity>) -> Self {
        Self { general, special: BTreeMap::new() }
    }

    /// The same but for one directive, and for those that fall back to it.
    #[must_use]
    pub fn with(mut self, directive: DirectiveName, granularity: Granularity) -> Self {
        self.special.insert(directive, granularity);
        self
    }

    /// What counts for a URL about which `directive` is asked first.
    pub(crate) fn of(&self, directive: DirectiveName, url: &Url, is_module: bool) -> Granularity {
        let mut names = directive.and_fallback();
        let special = names.find_map(|name| self.special.get(&name).copied());
        special.or(self.general).unwrap_or_else(|| Granularity::default_for(directive, url, is_module))
    }
}

/// Whether a path has a number with a dot, as in `/bootstrap@5.3.2/`, or a digest of at least 8 hexadecimal digits, one of
/// them a decimal one.
fn is_versioned(path: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let words: Vec<&str> = path.split(|c: char| "/@-_.".contains(c)).collect();
    let mut end = 0;
    let has_number = words.windows(2).any(|pair| {
        end += pair[0].len() + 1;
        path.as_bytes()[end - 1] == b'.' && is_number(pair[0].trim_start_matches('v')) && is_number(pair[1])
    });
    let is_digest = |word: &&str| {
        word.len() >= 8 && word.bytes().all(|b| b.is_ascii_hexdigit()) && word.bytes().any(|b| b.is_ascii_digit())
    };
    has_number || words.iter().any(is_digest)
}

impl SourceExpression {
    /// The source that allows a URL in a directive; [`None`] for a URL that is not fetched, such as `about:blank` or a `mailto:` of an
    /// image.
    ///
    /// The query never counts. A path that no source can hold leaves its origin.
    ///
    /// # Errors
    ///
    /// A URL that no source allows, since the grammar has no such host, and `data:` and `blob:` where they would run
    /// whatever is injected.
    pub(crate) fn for_url(
        url: &Url,
        site: &SiteUrl,
        directive: DirectiveName,
        granularity: Granularity,
    ) -> Result<Option<Self>, Fault> {
        match url.scheme() {
            "http" | "https" if site.has(url) => Ok(Some(Self::Keyword(Keyword::SelfOrigin))),
            "http" | "https" | "ws" | "wss" => Self::host(url, granularity).map(Some),
            scheme @ ("data" | "blob") if runs_code(directive) => Err(Fault::new(
                format!("{scheme}: in {directive} would let an injection run any code"),
                "serve it as a file of the site",
            )),
            "data" if directive == DirectiveName::FormAction => {
                Err(Fault::new("browsers submit no form to a data: URL", "serve it as a file of the site"))
            }
            scheme @ ("data" | "blob") => Self::parse(&format!("{scheme}:")).map(Some),
            // Whether it runs is decided by the directive for scripts as well.
            "javascript" if directive == DirectiveName::FormAction => Self::parse("javascript:").map(Some),
            "about" | "javascript" => Ok(None),
            // Both browsers ask about forms and frames that lead to a mail or telephone program (run).
            scheme if matches!(directive, DirectiveName::FormAction | DirectiveName::FrameSrc) => {
                Self::parse(&format!("{scheme}:")).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn host(url: &Url, granularity: Granularity) -> Result<Self, Fault> {
        if url.host_str().is_some_and(|host| host.starts_with('*')) {
            return Err(Fault::new(
                "a * in a source stands for every host, and the URL has one in its place",
                "write the name of the host into the URL",
            ));
        }
        let origin = url.origin().ascii_serialization();
        let path = url.path();
        let path = match granularity {
            Granularity::Origin => "",
            Granularity::Directory => &path[..path.rfind('/').map_or(0, |at| at + 1)],
            Granularity::Path => path,
        };
        let path = match path == "/" || path.starts_with("//") {
            true => String::new(),
            false => encoded(path),
        };
        Self::parse(&format!("{origin}{path}")).map_err(|fault| {
            // Both browsers drop such a source, and take a wildcard for a label with an underscore (run).
            let mut help = "serve it from a host that has a name of letters, digits and hyphens".to_owned();
            let labels = origin.split_once("://").and_then(|(scheme, rest)| {
                let (label, rest) = rest.split_once('.')?;
                (label.contains('_') && rest.contains('.')).then_some((scheme, rest))
            });
            let wildcard = labels.map(|(scheme, rest)| format!("{scheme}://*.{rest}"));
            if let Some(wildcard) = wildcard.filter(|it| Self::parse(it).is_ok()) {
                help.push_str(&format!(", or allow all hosts beside it with {wildcard}"));
            }
            Fault::new(fault.message, help)
        })
    }
}

/// Whether a fetch of the directive can run code in the page's origin.
fn runs_code(directive: DirectiveName) -> bool {
    directive.is_script() || matches!(directive, DirectiveName::ObjectSrc | DirectiveName::WorkerSrc)
}

/// The path of a URL as a source spells it. [Browsers compare segments after percent-decoding](https://www.w3.org/TR/CSP3/#path-part-match).
fn encoded(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(c) = rest.chars().next() {
        let is_hex = |at: usize| rest.as_bytes().get(at).is_some_and(u8::is_ascii_hexdigit);
        let is_kept = match c {
            '%' => is_hex(1) && is_hex(2),
            _ => is_in_path(c),
        };
        let (bytes, after) = rest.split_at(c.len_utf8());
        match is_kept {
            true => text.push(c),
            false => text.extend(bytes.bytes().map(|b| format!("%{b:02X}"))),
        }
        rest = after;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    use DirectiveName as D;

    #[track_caller]
    fn source(url: &str, directive: DirectiveName, granularity: Granularity) -> String {
        let site = SiteUrl::default();
        let url = site.page("x/y.html").join(url).unwrap();
        match SourceExpression::for_url(&url, &site, directive, granularity) {
            Ok(source) => source.map_or_else(String::new, |source| source.to_string()),
            Err(fault) => format!("! {}; {}", fault.message, fault.help),
        }
    }

    #[test]
    fn each_granularity_names_more_of_the_url() {
        for (url, [origin, directory, path]) in [
            ("a.png", ["'self'"; 3]),
            ("/a.png?b", ["'self'"; 3]),
            ("https://a.test/b/c.png?d#e", ["https://a.test", "https://a.test/b/", "https://a.test/b/c.png"]),
            ("https://a.test", ["https://a.test"; 3]),
            ("https://a.test/?b=/c/", ["https://a.test"; 3]),
            ("https://a.test/b", ["https://a.test", "https://a.test", "https://a.test/b"]),
            ("https://a.test/b/", ["https://a.test", "https://a.test/b/", "https://a.test/b/"]),
            // No path of a source begins with two slashes.
            ("https://a.test//b/c", ["https://a.test"; 3]),
            ("https://a.test/b//c", ["https://a.test", "https://a.test/b//", "https://a.test/b//c"]),
        ] {
            let sources = Granularity::ALL.map(|granularity| source(url, D::ImgSrc, granularity));
            assert_eq!(sources, [origin, directory, path], "{url}");
        }
    }

    #[test]
    fn an_origin_is_written_as_policies_spell_it() {
        for (url, origin) in [
            ("//a.test/b", "https://a.test"),
            ("HTTPS://A.Test:443/b", "https://a.test"),
            ("http://a.test:80/", "http://a.test"),
            ("http://a.test:8080/b", "http://a.test:8080"),
            ("https://me:secret@a.test/", "https://a.test"),
            ("https://bücher.example/", "https://xn--bcher-kva.example"),
            ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
            ("http://0x7f.1/", "http://127.0.0.1"),
            ("wss://a.test/b", "wss://a.test"),
        ] {
            assert_eq!(source(url, D::ConnectSrc, Granularity::Origin), origin);
        }
    }

    #[test]
    fn a_path_is_encoded_for_the_policy() {
        for (url, path) in [
            ("/a;b,c", "/a%3Bb%2Cc"),
            ("/é b", "/%C3%A9%20b"),
            ("/%41%2f%zz%", "/%41%2f%25zz%25"),
            ("/a'(b)*c$d&e+f=g:h@i!~j_k-l", "/a'(b)*c$d&e+f=g:h@i!~j_k-l"),
            ("/[a]|b^c", "/%5Ba%5D%7Cb%5Ec"),
            ("/npm/a@1.2,npm/b@2;c", "/npm/a@1.2%2Cnpm/b@2%3Bc"),
        ] {
            let url = format!("https://a.test{url}");
            let path = format!("https://a.test{path}");
            assert_eq!(source(&url, D::ScriptSrcElem, Granularity::Path), path);
        }
    }

    #[test]
    fn a_host_that_no_source_can_name_is_a_fault() {
        for (url, why) in [
            ("http://[::1]:8000/a", "IPv6"),
            ("https://a_b.test/", "'_' cannot stand in a host"),
            ("https://a_b.c.test:8443/", "with https://*.c.test:8443"),
            ("https://a.test./", "label"),
            ("https://*/", "every host"),
            ("https://*:8443/a.js", "every host"),
            ("https://*.a.test/", "every host"),
            ("https://%2A.a.test/", "every host"),
            ("//*a.test/", "every host"),
            ("wss://*/", "every host"),
            ("https://a*.test/", "for the whole host"),
        ] {
            assert!(source(url, D::ImgSrc, Granularity::Origin).contains(why), "{url}");
        }
    }

    #[test]
    fn data_and_blob_are_schemes_but_for_code() {
        for url in ["data:image/png,x", "DATA:,", "blob:https://a.test/1"] {
            let scheme = url.split(':').next().unwrap().to_lowercase();
            for directive in [D::ImgSrc, D::FontSrc, D::MediaSrc, D::StyleSrcElem, D::FrameSrc] {
                assert_eq!(source(url, directive, Granularity::Path), format!("{scheme}:"));
            }
            let of_form = source(url, D::FormAction, Granularity::Origin);
            assert_eq!(of_form.starts_with("! "), scheme == "data", "{of_form}");
            for directive in [D::ScriptSrcElem, D::ScriptSrc, D::ObjectSrc, D::WorkerSrc] {
                let fault = source(url, directive, Granularity::Path);
                assert!(fault.starts_with("! "), "{fault}");
            }
        }
    }

    #[test]
    fn a_url_that_is_not_fetched_needs_no_source() {
        for url in ["about:blank", "javascript:1", "mailto:a@a.test", "tel:1", "x:y"] {
            assert_eq!(source(url, D::ImgSrc, Granularity::Origin), "");
        }
        for (directive, script) in [(D::FormAction, "javascript:"), (D::FrameSrc, "")] {
            assert_eq!(source("mailto:a@a.test", directive, Granularity::Path), "mailto:");
            assert_eq!(source("javascript:1", directive, Granularity::Path), script);
        }
    }

    #[test]
    fn a_script_with_a_version_is_named_by_its_path() {
        for (path, expected) in [
            ("/npm/bootstrap@5.3.2/dist/js/bootstrap.min.js", Granularity::Path),
            ("/jquery-3.7.1.min.js", Granularity::Path),
            ("/ajax/libs/d3/v7.0/d3.js", Granularity::Path),
            ("/app.0a1b2c3d.js", Granularity::Path),
            ("/gtag/js?id=G-1.2", Granularity::Origin),
            ("/a/2/js", Granularity::Origin),
            ("/v3/", Granularity::Origin),
            ("/1-2/3/4.js", Granularity::Origin),
            ("/deadbeef.js", Granularity::Origin),
            ("/ä.1.2", Granularity::Path),
        ] {
            let url = Url::parse("https://a.test").unwrap().join(path).unwrap();
            assert_eq!(Granularity::default_for(D::ScriptSrcElem, &url, false), expected, "{path}");
            assert_eq!(Granularity::default_for(D::StyleSrcElem, &url, false), Granularity::Origin);
            assert_eq!(Granularity::default_for(D::ScriptSrcElem, &url, true), Granularity::Origin);
        }
    }
}
