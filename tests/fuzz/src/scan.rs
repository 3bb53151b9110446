//! The scan of a page: the same wherever its bytes are cut, and what html5ever's tree has; of an XML document likewise, but for
//! the tree.

use std::path::Path;

use cspseal::page::scan_pieces;
use cspseal::template::{Dialect, Templates};
use cspseal::{DocumentType, HashAlgorithm, Page, ScanOptions, scan_page};
use encoding_rs::Encoding;

use crate::input::Input;

#[path = "../../properties/differential/mod.rs"]
mod differential;
use differential::compare;
pub(crate) use differential::{dom, parse};

/// What servers send, mostly nothing.
const CHARSETS: &[Option<&Encoding>] = &[
    None,
    None,
    None,
    Some(encoding_rs::UTF_8),
    Some(encoding_rs::WINDOWS_1252),
    Some(encoding_rs::SHIFT_JIS),
    Some(encoding_rs::GB18030),
    Some(encoding_rs::ISO_2022_JP),
    Some(encoding_rs::UTF_16LE),
];

/// Panics if html5ever finds other resources in an HTML document.
pub(crate) fn differ(data: &[u8]) {
    // html5ever would take the mark for text.
    if let Ok(html) = std::str::from_utf8(data)
        && !html.starts_with('\u{feff}')
        && let Err(difference) = compare::compare(html)
    {
        panic!("{difference}");
    }
}

/// The elements that html5ever makes of a document, each with its attributes.
pub(crate) fn elements(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let elements = parse::parse(html).elements.into_iter();
    let of = |element: dom::Handle| {
        let attributes = element.attributes.borrow();
        let attributes = attributes.iter();
        let attributes = attributes.map(|a| (dom::spelled(&a.name), a.value.to_string()));
        (element.name().unwrap().local.to_string(), attributes.collect())
    };
    elements.map(of).collect()
}

/// An HTML document, maybe a template.
pub(crate) fn html(data: &[u8]) {
    let Some(input) = Input::read(data) else {
        return;
    };
    let templates = if input.flag(0) { Templates::Dialect(input.choose(Dialect::ALL)) } else { Templates::Off };
    let options = options(&input).with_templates(templates);
    cut("page.html", &input, &options);
}

/// An XML document.
pub(crate) fn xml(data: &[u8]) {
    let Some(input) = Input::read(data) else {
        return;
    };
    let options = options(&input).with_document_type(Some(DocumentType::Xml));
    cut("page.xhtml", &input, &options);
}

fn options(input: &Input<'_>) -> ScanOptions {
    ScanOptions::new()
        .with_charset(input.choose(CHARSETS))
        .with_template_content(!input.flag(1))
        .with_algorithm(HashAlgorithm::ALL[usize::from(input.flag(2))])
}

/// Compares the scan of a document as a whole with that of its pieces.
fn cut(path: &str, input: &Input<'_>, options: &ScanOptions) {
    let scanned = |page: cspseal::Result<Page>| page.map_err(|error| error.to_string());
    let whole = scanned(scan_page(path, input.text, options));
    let pieces = scanned(scan_pieces(path, &input.pieces(), options));
    assert_eq!(whole, pieces, "{:?} cut at {:?}", options, input.ends());
    let bytes: Vec<&[u8]> = input.text.chunks(1).collect();
    assert_eq!(whole, scanned(scan_pieces(path, &bytes, options)));
    let Ok(page) = whole else {
        return;
    };
    let lines = 1 + count_newlines(input.text);
    for inline in page.inlines() {
        assert!(!inline.hashes.is_empty());
        assert!(inline.location.line >= 1 && inline.location.line <= lines);
    }
    for finding in &page.findings {
        let place = finding.place.as_ref();
        assert!(place.is_none_or(|place| Path::new(&*place.path) == Path::new(path)));
        assert!(!finding.message.contains(['\0', '\n', '\x1b']), "{finding:?}");
    }
}

/// How many lines end in a text of any encoding, or more.
fn count_newlines(text: &[u8]) -> u64 {
    let ends = text.iter().filter(|b| matches!(b, b'\n' | b'\r'));
    ends.count() as u64
}
