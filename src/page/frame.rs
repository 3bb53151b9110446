//! Documents inside attributes: `srcdoc`, and `data:` URLs of frames, objects and embeds. They inherit the policy.
//!
//! Chromium keeps the tabs and line breaks of a `data:` URL, Firefox removes them, so that a URL may frame one document in the one
//! and another in the other (run).

use std::borrow::Cow;

use data_url::DataUrl;
use encoding_rs::Encoding;
use url::{Position, Url};

use super::Browser;
use super::element::Element;
use super::url::{strip, trim};
use crate::html::names as n;
use crate::html::tree::Namespace;

/// A document in an attribute.
#[derive(PartialEq, Eq)]
pub(crate) enum Framed {
    Srcdoc(String),
    /// The bytes of a `data:` URL with the charset of its MIME type.
    Html(Vec<u8>, Option<&'static Encoding>),
    /// The bytes of a `data:` URL whose MIME type is XML.
    Xml(Vec<u8>, Option<&'static Encoding>),
    /// A `data:` URL whose bytes depend on the encoding of the page.
    Unknown,
}

impl Framed {
    /// The length in bytes.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Srcdoc(html) => html.len(),
            Self::Html(bytes, _) | Self::Xml(bytes, _) => bytes.len(),
            Self::Unknown => 0,
        }
    }
}

/// The types that browsers read as XML, Chromium all but MathML and RDF. They download others that end in `+xml`.
const XML: [(&str, &str); 10] = [
    ("application", "xhtml+xml"),
    ("image", "svg+xml"),
    ("text", "xml"),
    ("application", "xml"),
    ("text", "xsl"),
    ("application", "atom+xml"),
    ("application", "rss+xml"),
    ("application", "mathml+xml"),
    ("application", "rdf+xml"),
    ("text", "rdf"),
];

/// The documents that an element frames: one, or where browsers differ one for each, with that browser. In a document that only
/// `browser` reads, its reading counts.
pub(crate) fn framed(element: &dyn Element, browser: Option<Browser>) -> Vec<(Option<Browser>, Framed)> {
    if element.namespace() != Namespace::Html {
        return Vec::new();
    }
    let attribute = match element.name() {
        n::iframe => match element.attribute("srcdoc") {
            Some(srcdoc) => return vec![(browser, Framed::Srcdoc(srcdoc.into_owned()))],
            None => "src",
        },
        n::frame | n::embed => "src",
        n::object => "data",
        _ => return Vec::new(),
    };
    let Some(url) = element.attribute(attribute) else {
        return Vec::new();
    };
    let read = |browser| data_url(&url, browser);
    let in_chromium = |read: &str| match document(read) {
        Some(_) if depends_on_encoding(&url) => Some(Framed::Unknown),
        document => document,
    };
    let documents = match browser {
        Some(Browser::Chromium) => vec![(browser, in_chromium(&read(Browser::Chromium)))],
        Some(Browser::Firefox) => vec![(browser, document(&read(Browser::Firefox)))],
        None => {
            let [chromium, firefox] = Browser::ALL.map(read);
            let first = in_chromium(&chromium);
            match chromium == firefox {
                true => vec![(None, first)],
                false => either(first, document(&firefox)),
            }
        }
    };
    let exists = |(browser, document)| Some((browser, document?));
    documents.into_iter().filter_map(exists).collect()
}

/// The documents that Chromium and Firefox frame: one or two.
fn either(chromium: Option<Framed>, firefox: Option<Framed>) -> Vec<(Option<Browser>, Option<Framed>)> {
    if chromium == firefox {
        return vec![(None, chromium)];
    }
    let both = [chromium, firefox].into_iter();
    both.zip(Browser::ALL).map(|(document, browser)| (Some(browser), document)).collect()
}

/// A `data:` URL as a browser serializes it, if it is one.
///
/// Firefox reads it by the [basic URL parser](https://url.spec.whatwg.org/#concept-basic-url-parser), and of one in base64 it removes
/// the spaces. Chromium percent-encodes tabs and line breaks if none of them interrupts `data:`, and of `data://x` it takes `x` for
/// the host and removes the slashes.
fn data_url(url: &str, browser: Browser) -> Cow<'_, str> {
    let url = trim(url);
    let is_data = |scheme: &str| scheme.eq_ignore_ascii_case("data:");
    if browser == Browser::Firefox {
        let stripped = strip(url);
        let is_base64 = |header: &str| {
            let last = header.rsplit(';').next().unwrap_or_default();
            last.trim_ascii().eq_ignore_ascii_case("base64")
        };
        return match stripped.split_once(',') {
            Some((header, _)) if is_base64(header) => Cow::Owned(stripped.replace(' ', "")),
            _ => stripped,
        };
    }
    let mut kept = Cow::Borrowed(url);
    if url.get(..5).is_some_and(is_data) {
        for (space, encoded) in [("\t", "%09"), ("\n", "%0A"), ("\r", "%0D")] {
            if kept.contains(space) {
                kept = Cow::Owned(kept.replace(space, encoded));
            }
        }
    } else {
        kept = strip(url);
    }
    let has_host = kept.get(5..7) == Some("//") && kept.get(..5).is_some_and(is_data);
    match has_host.then(|| Url::parse(&kept)) {
        Some(Ok(parsed)) => Cow::Owned(format!("data:{}", &parsed[Position::BeforeUsername..])),
        Some(Err(_)) | None => kept,
    }
}

/// Whether Chromium writes a part of the URL in the encoding of the page: it does so with what follows the `?` of `data://` (run).
fn depends_on_encoding(url: &str) -> bool {
    let url = strip(url);
    let before_fragment = url.split('#').next().unwrap_or_default();
    let query = before_fragment.split_once('?').map_or("", |(_, query)| query);
    let has_host = |start: &str| start.eq_ignore_ascii_case("data://");
    url.get(..7).is_some_and(has_host) && !query.is_ascii()
}

/// The document in a `data:` URL.
fn document(url: &str) -> Option<Framed> {
    let data = DataUrl::process(url).ok()?;
    let mime = data.mime_type();
    let (kind, subtype) = (mime.type_.as_str(), mime.subtype.as_str());
    let charset = mime.get_parameter("charset").and_then(|label| Encoding::for_label(label.as_bytes()));
    let is_html = (kind, subtype) == ("text", "html");
    let is_xml = XML.contains(&(kind, subtype));
    if !is_html && !is_xml {
        return None;
    }
    let (body, _fragment) = data.decode_to_vec().ok()?;
    Some(if is_html { Framed::Html(body, charset) } else { Framed::Xml(body, charset) })
}

/// Whether a `sandbox` attribute keeps the framed document from running scripts.
pub(crate) fn is_scriptless(element: &dyn Element) -> bool {
    element.name() == n::iframe
        && element
            .attribute("sandbox")
            .is_some_and(|flags| !flags.split_ascii_whitespace().any(|flag| flag.eq_ignore_ascii_case("allow-scripts")))
}
