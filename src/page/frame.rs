//! Documents inside attributes: `srcdoc`, and `data:` URLs of frames, objects and embeds. They inherit the policy.

use data_url::DataUrl;
use encoding_rs::Encoding;

use super::element::Element;
use crate::html::names as n;
use crate::html::tree::Namespace;

/// A document in an attribute.
pub(crate) enum Framed {
    Srcdoc(String),
    /// The bytes of a `data:` URL with the charset of its MIME type.
    Html(Vec<u8>, Option<&'static Encoding>),
    /// The bytes of a `data:` URL whose MIME type is XML.
    Xml(Vec<u8>, Option<&'static Encoding>),
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

/// The document that an element frames.
pub(crate) fn framed(element: &dyn Element) -> Option<Framed> {
    if element.namespace() != Namespace::Html {
        return None;
    }
    let attribute = match element.name() {
        n::iframe => match element.attribute("srcdoc") {
            Some(srcdoc) => return Some(Framed::Srcdoc(srcdoc.into_owned())),
            None => "src",
        },
        n::frame | n::embed => "src",
        n::object => "data",
        _ => return None,
    };
    let url = element.attribute(attribute)?;
    let data = DataUrl::process(url.trim_matches(|c: char| c <= ' ')).ok()?;
    let mime = data.mime_type();
    let (kind, subtype) = (mime.type_.as_str(), mime.subtype.as_str());
    let charset = mime
        .get_parameter("charset")
        .and_then(|label| Encoding::for_label(label.as_bytes()));
    let is_html = (kind, subtype) == ("text", "html");
    let is_xml = XML.contains(&(kind, subtype));
    if !is_html && !is_xml {
        return None;
    }
    let (body, _fragment) = data.decode_to_vec().ok()?;
    Some(if is_html {
        Framed::Html(body, charset)
    } else {
        Framed::Xml(body, charset)
    })
}

/// Whether a `sandbox` attribute keeps the framed document from running scripts.
pub(crate) fn is_scriptless(element: &dyn Element) -> bool {
    element.name() == n::iframe
        && element.attribute("sandbox").is_some_and(|flags| {
            !flags
                .split_ascii_whitespace()
                .any(|flag| flag.eq_ignore_ascii_case("allow-scripts"))
        })
}
