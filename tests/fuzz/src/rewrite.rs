//! Nonces written into a document: insertions alone, wherever its bytes are cut, and once is enough. What a browser checked it
//! checks still, and each of its scripts and styles has the nonce.

use cspseal::edit::nonce::NoncedElements;
use cspseal::page::fuzzing::encodings;
use cspseal::template::{Dialect, Templates};
use cspseal::{DocumentType, InlineKind, Page, ScanOptions, scan_page};
use encoding_rs::Encoding;

use crate::input::Input;

#[path = "../../properties/rewrite.rs"]
pub(crate) mod properties;

const CHARSETS: &[Option<&Encoding>] =
    &[None, Some(encoding_rs::UTF_8), Some(encoding_rs::WINDOWS_1252), Some(encoding_rs::SHIFT_JIS)];

/// An input without the value that is inserted: what stands there already could not be told from it.
pub(crate) fn read(data: &[u8]) -> Option<Input<'_>> {
    let input = Input::read(data)?;
    let value = properties::VALUE.as_bytes();
    let is_there = input.text.windows(value.len()).any(|part| part == value);
    (!is_there).then_some(input)
}

pub(crate) fn check(data: &[u8]) {
    let Some(input) = read(data) else {
        return;
    };
    let dialect = input.flag(0).then(|| input.choose(Dialect::ALL));
    let charset = CHARSETS[usize::from(input.flag(1)) * 2 + usize::from(input.flag(2))];
    let elements = NoncedElements { scripts: !input.flag(3), styles: !input.flag(4), links: !input.flag(5) };
    let options = properties::options(dialect).with_elements(elements).with_charset(charset);
    properties::check(&input.pieces(), &options);
    if let Some(dialect) = dialect {
        properties::check_code(input.text, dialect);
    }
    if elements.scripts && elements.styles && dialect.is_none() {
        // A page that declares nothing has several readings, each of which is a page.
        for encoding in encodings(input.text, charset).readings {
            check_page(input.text, charset, encoding);
        }
    }
}

/// Holds what is found in a page against what is found in its rewrite, both read in `encoding`.
fn check_page(text: &[u8], charset: Option<&'static Encoding>, encoding: &'static Encoding) {
    let scan = ScanOptions::new()
        .with_templates(Templates::Off)
        .with_document_type(Some(DocumentType::Html))
        .with_charset(Some(encoding));
    // One that stands there literally is no nonce of a response, and is hashed.
    let options = properties::options(None).with_charset(charset).with_replace(true);
    let Ok((output, _)) = properties::rewrite(&[text], &options) else {
        return;
    };
    let pages = [text, &output].map(|page| scan_page("a", page, &scan));
    let [Ok(before), Ok(after)] = pages else {
        return;
    };
    for kind in InlineKind::ALL {
        let shown = || String::from_utf8_lossy(&output).into_owned();
        if kind.needs_unsafe_hashes() {
            assert_eq!(hashes(&before, kind), hashes(&after, kind), "{}", shown());
        } else {
            let count = |page: &Page| hashes(page, kind).len() + nonced(page, kind);
            assert_eq!(count(&before), count(&after), "{kind:?} {}", shown());
            let bare = after.inlines().find(|i| i.kind == kind && i.nested.is_empty());
            assert_eq!(bare, None, "{}", shown());
        }
    }
}

fn hashes(page: &Page, kind: InlineKind) -> Vec<String> {
    let inlines = page.inlines().filter(|inline| inline.kind == kind);
    inlines.map(|inline| inline.hashes[0].to_string()).collect()
}

fn nonced(page: &Page, kind: InlineKind) -> usize {
    page.nonced.iter().filter(|nonced| nonced.kind == kind).count()
}
