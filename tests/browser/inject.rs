//! What is injected into pages, and where.

use encoding_rs::Encoding;

use super::documents::Document;

/// A script, a style, a handler and a `javascript:` URL, in HTML and in XML. The text keeps a later frameset from
/// replacing them.
pub(crate) const MARKUP: &str = "<script xmlns='http://www.w3.org/1999/xhtml' data-evil=''>evil('script')</script>\
    <style xmlns='http://www.w3.org/1999/xhtml' data-evil=''>:root { --evil: 1 }</style>\
    <b xmlns='http://www.w3.org/1999/xhtml' data-evil='' onclick=\"evil('handler')\">evil</b>\
    <a xmlns='http://www.w3.org/1999/xhtml' data-evil='' target='_self' href=\"javascript:evil('url')\">evil</a>";

/// The same, and a script with a nonce: `NONCE` stands for one that was seen in another response.
pub(crate) const MARKUP_WITH_NONCE: &str = "<script xmlns='http://www.w3.org/1999/xhtml' data-evil=''>evil('script')</script>\
    <script nonce='NONCE' data-evil=''>evil('stale nonce')</script>\
    <style xmlns='http://www.w3.org/1999/xhtml' data-evil=''>:root { --evil: 1 }</style>\
    <b xmlns='http://www.w3.org/1999/xhtml' data-evil='' onclick=\"evil('handler')\">evil</b>\
    <a xmlns='http://www.w3.org/1999/xhtml' data-evil='' target='_self' href=\"javascript:evil('url')\">evil</a>";

/// Puts markup into a page: behind the document type, where it is markup whatever the page is, unless it might move what tells of
/// the encoding. Then before a frameset or the end of the body. In XML before the last end tag.
pub(crate) fn markup(document: &Document, bytes: &[u8], markup: &str) -> Vec<u8> {
    let wide = wide(bytes);
    let encoded = encode(markup, wide);
    let narrow = |bytes: &[u8]| match wide {
        Some(little) => bytes.chunks(2).map(|unit| unit[usize::from(!little).min(unit.len() - 1)]).collect(),
        None => bytes.to_owned(),
    };
    let units = narrow(bytes);
    let unit = if wide.is_some() { 2 } else { 1 };
    let at = if document.is_xml() {
        let end = units.windows(2).rposition(|pair| pair == b"</");
        end.unwrap_or(units.len())
    } else {
        let is = |tag: &'static [u8]| move |at: &[u8]| at.eq_ignore_ascii_case(tag);
        let frameset = || units.windows(9).position(is(b"<frameset"));
        // The last: those before may stand in a frame's attribute.
        let body_end = || units.windows(7).rposition(is(b"</body>"));
        let before = match document.content_type.contains("charset=") {
            true => None,
            false => frameset().or_else(body_end),
        };
        before.unwrap_or_else(|| behind_doctype(&units, wide.is_some()))
    };
    let at = (at * unit).min(bytes.len());
    [&bytes[..at], &encoded, &bytes[at..]].concat()
}

fn behind_doctype(units: &[u8], marked: bool) -> usize {
    let mark = match units {
        [0xef, 0xbb, 0xbf, ..] => 3,
        _ => usize::from(marked),
    };
    let rest = &units[mark..];
    let doctype = rest.len() > 9 && rest[..9].eq_ignore_ascii_case(b"<!doctype");
    let end = rest.iter().position(|unit| *unit == b'>').filter(|_| doctype);
    mark + end.map_or(0, |end| end + 1)
}

/// Replaces a text by another in a page, as a server does.
pub(crate) fn replace(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let wide = wide(bytes);
    let (from, to) = (encode(from, wide), encode(to, wide));
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// Whether a page is in UTF-16, and then whether it is little-endian. The tests have none without a byte order mark.
fn wide(bytes: &[u8]) -> Option<bool> {
    let (encoding, _) = Encoding::for_bom(bytes)?;
    (encoding != encoding_rs::UTF_8).then_some(encoding == encoding_rs::UTF_16LE)
}

fn encode(text: &str, wide: Option<bool>) -> Vec<u8> {
    let units = text.encode_utf16();
    match wide {
        None => text.as_bytes().to_owned(),
        Some(true) => units.flat_map(u16::to_le_bytes).collect(),
        Some(false) => units.flat_map(u16::to_be_bytes).collect(),
    }
}
