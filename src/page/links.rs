//! The links of a page to other pages, for a program that follows them. No policy decides on them.

use std::borrow::Cow;

use super::Nesting;
use super::element::Element;
use super::walk::Here;
use crate::html::names as n;
use crate::html::tree::Namespace;
use crate::location::Location;

/// A link of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) role: Role,
    /// As it is written.
    pub(crate) url: String,
    /// The index of what it is relative to in the bases of the page.
    pub(crate) base: u32,
    pub(crate) location: Location,
}

/// The purpose of a link's URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Somebody follows it, or a document in the page leads there by itself.
    Page,
    /// A frame shows what it leads to.
    Frame,
    /// The page leads there by itself.
    Refresh,
}

impl Link {
    /// The link that an element is, if it is one.
    pub(super) fn of(here: &Here, element: &dyn Element, base: u32) -> Option<Self> {
        if element.is_inert() || here.nested.contains(&Nesting::DataUrl) {
            return None;
        }
        let attribute = |name| element.attribute(name).map(Cow::into_owned);
        let (role, url) = match (element.namespace(), element.name()) {
            (Namespace::Html, n::a | n::area) => (Role::Page, attribute("href")),
            (Namespace::Svg, n::a) => {
                let url = attribute("href").or_else(|| attribute("xlink:href"));
                (Role::Page, url)
            }
            (Namespace::Html, n::iframe) if element.attribute("srcdoc").is_some() => return None,
            (Namespace::Html, n::iframe | n::frame | n::embed) => (Role::Frame, attribute("src")),
            (Namespace::Html, n::object) => (Role::Frame, attribute("data")),
            (Namespace::Html, n::meta) => match here.nested.is_empty() {
                true => (Role::Refresh, refresh(element)),
                false => (Role::Page, refresh(element)),
            },
            _ => return None,
        };
        Some(Self { role, url: url?, base, location: here.located(element.location()) })
    }
}

/// The URL that a `meta` element leads to by itself
/// ([shared declarative refresh steps](https://html.spec.whatwg.org/multipage/semantics.html#shared-declarative-refresh-steps)).
pub(super) fn refresh(element: &dyn Element) -> Option<String> {
    let pragma = element.attribute("http-equiv")?;
    if !pragma.eq_ignore_ascii_case("refresh") {
        return None;
    }
    let content = element.attribute("content")?;
    let is_time = |c: char| c.is_ascii_digit() || c == '.' || c.is_ascii_whitespace();
    let rest = content.trim_start_matches(is_time);
    let rest = rest.trim_start_matches([';', ',']).trim_ascii_start();
    let named = rest.get(..3).filter(|name| name.eq_ignore_ascii_case("url"));
    let value = named.and_then(|_| rest[3..].trim_ascii_start().strip_prefix('='));
    let url = value.unwrap_or(rest).trim_ascii();
    let url = match url.chars().next() {
        Some(quote @ ('"' | '\'')) => url[1..].split(quote).next().unwrap_or_default(),
        _ => url,
    };
    (!url.is_empty()).then(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{ScanOptions, scan_page};

    fn links(path: &str, page: &str) -> Vec<(Role, String)> {
        let options = ScanOptions::new().with_links();
        let page = scan_page(path, page.as_bytes(), &options).unwrap();
        let links = page.links.into_iter();
        links.map(|link| (link.role, link.url)).collect()
    }

    #[test]
    fn every_way_to_another_page_is_a_link() {
        let html = "<base href=/b/><a href=1>x</a><map><area href='2&amp;3'></map><svg><a xlink:href=4 /></svg>
            <iframe src=5></iframe><object data=6></object><embed src=7><noscript><a href=8>x</a></noscript>
            <iframe srcdoc='<a href=9>x</a><base href=/c/>' src=no></iframe><a name=no>x</a><template><a href=no></a></template>
            <meta http-equiv=Refresh content=\"0; URL='10'\"><meta http-equiv=refresh content='5;url = 11 '><meta http-equiv=refresh content=5>
            <meta name=refresh content='0;url=no'><link rel=stylesheet href=no><script src=no></script>";
        let found = links("a.html", html);
        let urls: Vec<&str> = found.iter().map(|(_, url)| &**url).collect();
        assert_eq!(urls, ["1", "2&3", "4", "5", "6", "7", "8", "9", "10", "11"]);
        let with = |role| found.iter().filter(move |link| link.0 == role).count();
        assert_eq!(with(Role::Frame), 3);
        let xhtml = "<html xmlns='http://www.w3.org/1999/xhtml'><body><a href='1'>x</a></body></html>";
        assert_eq!(links("a.xhtml", xhtml), [(Role::Page, "1".to_owned())]);
    }

    #[test]
    fn links_are_collected_only_if_they_are_asked_for() {
        let page = scan_page("a.html", &b"<a href=1>x</a>"[..], &ScanOptions::new()).unwrap();
        assert_eq!(page.links, []);
    }
}
