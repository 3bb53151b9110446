//! The URLs in a page that browsers fetch, frame or submit to, and what for: the attributes that hold them.
//!
//! Each row was seen in Chromium and Firefox as a violation of the directive that governs its destination. URLs are taken as
//! they are written; what they are relative to is known at the end of their document.

use std::borrow::Cow;

use super::element::Element;
use super::kind::Destination;
pub(crate) use super::request_key::RequestKey;
use super::{link, script, url};
use crate::html::name::Name;
use crate::html::names as n;
use crate::html::tree::Namespace;
use crate::location::Location;

/// A URL that a document asks for, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) key: RequestKey,
    /// The location of its first use.
    pub(crate) first: Location,
    /// Number of uses.
    pub(crate) uses: u64,
    /// Whether all uses are in documents without scripts or in the content of inert templates.
    pub(crate) is_conditional: bool,
}

/// What the relative URLs of a document are relative to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// The document around it, whose base it has until it has its own; [`None`] for the page.
    pub(crate) parent: Option<u32>,
    /// Whether its own URL is a `data:` URL, to which nothing is relative.
    pub(crate) is_data: bool,
    /// The URL of its first `<base href>`, as it is written.
    pub(crate) href: Option<Box<str>>,
}

/// The index of a base that stands for the URL of the page itself, whatever `<base>` it has. A form without a URL submits there, and the URL
/// of the `<base>` is relative to it.
pub(crate) const OWN_URL: u32 = u32::MAX;

/// The syntax of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Syntax {
    Url,
    /// URLs with white space between.
    Urls,
    /// [A srcset attribute](https://html.spec.whatwg.org/multipage/images.html#srcset-attributes).
    Srcset,
}

/// An attribute of an element of HTML that holds URLs.
struct Row {
    elements: &'static [Name],
    attribute: &'static str,
    destination: Destination,
    syntax: Syntax,
}

const fn row(elements: &'static [Name], attribute: &'static str, destination: Destination) -> Row {
    Row { elements, attribute, destination, syntax: Syntax::Url }
}

/// Elements that have a [background attribute](https://html.spec.whatwg.org/multipage/rendering.html#the-page).
const BACKGROUNDS: &[Name] = &[
    n::body,
    n::table,
    n::thead,
    n::tbody,
    n::tfoot,
    n::tr,
    n::td,
    n::th,
    // Chromium alone (run).
    n::col,
    n::colgroup,
];

/// The attributes of HTML, but for those of links and scripts. The parser makes an `img` of an `image`.
const ROWS: &[Row] = &[
    row(&[n::img, n::image], "src", Destination::Image),
    Row { syntax: Syntax::Srcset, ..row(&[n::img, n::image, n::source], "srcset", Destination::Image) },
    row(&[n::video], "poster", Destination::Image),
    row(BACKGROUNDS, "background", Destination::Image),
    row(&[n::video, n::audio, n::source, n::track], "src", Destination::Media),
    row(&[n::iframe, n::frame], "src", Destination::Frame),
    row(&[n::form], "action", Destination::Form),
    row(&[n::button, n::input], "formaction", Destination::Form),
    row(&[n::base], "href", Destination::Base),
    Row { syntax: Syntax::Urls, ..row(&[n::a, n::area], "ping", Destination::Connect) },
];

/// Hands the URLs in an attribute of an element to `take`, each without the white space around it, with what it is fetched as.
/// `name` is the attribute's name in lower case.
pub(super) fn each_request(element: &dyn Element, name: &str, value: &str, take: &mut dyn FnMut(Destination, &str)) {
    let mut one = |destination: Destination, syntax: Syntax| match syntax {
        Syntax::Url => take(destination, url::trim(value)),
        Syntax::Urls => value.split_ascii_whitespace().for_each(|url| take(destination, url)),
        Syntax::Srcset => each_candidate(value, &mut |url| take(destination, url)),
    };
    match (element.namespace(), element.name()) {
        (Namespace::Html | Namespace::Svg, n::script) => {
            if script::url_attribute(element) == Some(name) && script::role(element) == script::Role::External {
                one(Destination::Script, Syntax::Url);
            }
        }
        (Namespace::Html, n::link) => match name {
            "href" => link::each_destination(element, |it| one(it, Syntax::Url)),
            "imagesrcset" if link::is_image_preload(element) => {
                one(Destination::Image, Syntax::Srcset);
            }
            _ => {}
        },
        // An image button has a URL of its own.
        (Namespace::Html, n::input) if name == "src" => {
            let kind = element.attribute("type").unwrap_or_default();
            if kind.eq_ignore_ascii_case("image") {
                one(Destination::Image, Syntax::Url);
            }
        }
        (Namespace::Html, n::iframe) if element.attribute("srcdoc").is_some() => {}
        (Namespace::Html, n::object | n::embed) => {
            let holds = match element.name() == n::object {
                true => "data",
                false => "src",
            };
            if name == holds {
                one(Destination::Object, Syntax::Url);
                if may_be_document(element, url::trim(value)) {
                    one(Destination::Frame, Syntax::Url);
                }
            }
        }
        (Namespace::Html, element) => {
            let is_it = |row: &&Row| row.attribute == name && row.elements.contains(&element);
            if let Some(row) = ROWS.iter().find(is_it) {
                one(row.destination, row.syntax);
            }
        }
        (Namespace::Svg, n::image | n::feimage | n::use_) => {
            let is_first = name == "href" || name == "xlink:href" && element.attribute("href").is_none();
            if is_first {
                let destination = match element.name() == n::use_ {
                    true => Destination::Use,
                    false => Destination::Image,
                };
                one(destination, Syntax::Url);
            }
        }
        (Namespace::Svg | Namespace::MathMl, _) => {}
    }
}

/// The extensions of images and Flash, for which Chromium makes no frame in an `object` (each run).
const IMAGES: [&str; 14] =
    ["apng", "avif", "bmp", "gif", "ico", "jfif", "jpeg", "jpg", "pjpeg", "png", "swf", "tif", "webp", "xbm"];

/// Whether an `object` or `embed` may have a document in it, for which Chromium asks `frame-src`, too. Its `type` counts, else the
/// extension. A `data:` URL has no source in `object-src` that is ever added, so that no frame comes of it.
fn may_be_document(element: &dyn Element, url: &str) -> bool {
    let kind = element.attribute("type").unwrap_or_default();
    let kind = kind.trim_ascii().to_ascii_lowercase();
    if told(url) == "data:" {
        return false;
    }
    if link::has_code(element, "type") {
        return true;
    }
    if !kind.is_empty() {
        return !kind.starts_with("image/") || kind.starts_with("image/svg");
    }
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = match path.split_once("//") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => path,
    };
    let name = path.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let is_image = |it: &str| IMAGES.iter().any(|known| it.eq_ignore_ascii_case(known));
    !extension.is_some_and(is_image)
}

/// Whether a `source` or `track` is no child of an element that fetches the URL in this attribute. Firefox looks for pictures farther
/// out (run).
pub(super) fn is_stray(element: &dyn Element, attribute: &str) -> bool {
    let is_in_media = || matches!(element.parent(), Some(n::audio | n::video));
    match (element.name(), attribute) {
        (n::source | n::track, "src") => !is_in_media(),
        (n::source, "srcset") => is_in_media(),
        _ => false,
    }
}

/// Whether a URL is that of nothing: it is empty, or leads to a place in the same document.
pub(crate) fn is_nothing(url: &str) -> bool {
    url.is_empty() || url.starts_with('#')
}

/// Hands the URLs of a [srcset attribute](https://html.spec.whatwg.org/multipage/images.html#parsing-a-srcset-attribute) to `take`.
fn each_candidate(value: &str, take: &mut dyn FnMut(&str)) {
    let is_between = |c: char| c.is_ascii_whitespace() || c == ',';
    let mut rest = value.trim_start_matches(is_between);
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_ascii_whitespace());
        let (url, behind) = rest.split_at(end.unwrap_or(rest.len()));
        let bare = url.trim_end_matches(',');
        take(bare);
        // A comma right behind the URL ends the candidate, which has no descriptors then.
        rest = match bare.len() < url.len() {
            true => behind,
            false => &behind[descriptors(behind)..],
        };
        rest = rest.trim_start_matches(is_between);
    }
}

/// The length of the descriptors of a candidate, up to the comma that ends it.
fn descriptors(text: &str) -> usize {
    let mut depth = 0_usize;
    let ends = text.bytes().position(|byte| {
        match byte {
            b'(' => depth = 1,
            b')' => depth = 0,
            _ => {}
        }
        byte == b',' && depth == 0
    });
    ends.unwrap_or(text.len())
}

/// A URL without what browsers remove from it: white space around it, tabs and line ends.
pub(crate) fn cleaned(url: &str) -> Cow<'_, str> {
    url::strip(url::trim(url))
}

/// As much of a URL as counts: of one that holds its content only the scheme.
pub(crate) fn told(url: &str) -> &str {
    let scheme = ["data:", "blob:", "javascript:"].into_iter().find(|scheme| {
        let start = url.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    scheme.unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_of_images() {
        let found = |value: &str| {
            let mut found = Vec::new();
            each_candidate(value, &mut |url| found.push(url.to_owned()));
            found
        };
        assert_eq!(found(""), [""; 0]);
        assert_eq!(found(" , a.png"), ["a.png"]);
        assert_eq!(found("a.png, b.png 2x"), ["a.png", "b.png"]);
        assert_eq!(found("a.png 1x,b.png 2x"), ["a.png", "b.png"]);
        assert_eq!(found("a,b.png 1x, c.png"), ["a,b.png", "c.png"]);
        assert_eq!(found("a.png,,b.png"), ["a.png,,b.png"]);
        assert_eq!(found("a.png,, b.png"), ["a.png", "b.png"]);
        assert_eq!(found("data:image/png;base64,AA== 2x"), ["data:image/png;base64,AA=="]);
        assert_eq!(found("a.png (1x, 2x), b.png"), ["a.png", "b.png"]);
    }
}
