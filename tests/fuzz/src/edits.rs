//! Edits of pages in any encoding: nonces, and policies in a `<meta>`. Both browsers find the same declaration before and after, only
//! insertions change bytes, they can be taken out again, and html5ever finds the same elements with the same texts. What is rejected
//! is reported.
//!
//! An input is choices and a page, in which an escape character begins a filler, since a declaration counts by how far it is from the
//! beginning.

use std::io::Write as _;
use std::rc::Rc;

use cspseal::edit::meta::{MARKER, MetaOptions, MetaPolicy, MetaRewriter};
use cspseal::page::fuzzing::{Encodings, encodings};
use cspseal::policy::Policy;
use cspseal::template::{Dialect, Templates};
use cspseal::{DocumentType, ErrorKind, InlineKind, ScanOptions, Severity, scan_page};
use encoding_rs::Encoding;

use crate::input::Input;
use crate::rewrite::{properties, read};
use crate::scan::{dom, parse};

/// The first byte of a filler; a byte for its kind and one for its length follow.
pub(crate) const FILLER: u8 = 0x1b;

const CHARSETS: &[&Encoding] = &[
    encoding_rs::UTF_8,
    encoding_rs::WINDOWS_1252,
    encoding_rs::KOI8_R,
    encoding_rs::SHIFT_JIS,
    encoding_rs::GB18030,
    encoding_rs::UTF_16LE,
    encoding_rs::ISO_2022_JP,
];

/// Policies that are written one after the other; the empty one takes out what is there.
const POLICIES: &[&str] = &["script-src 'none'", "img-src *; object-src 'none'", ""];

pub(crate) fn check(data: &[u8]) {
    let Some(input) = read(data) else {
        return;
    };
    let page = page(&input);
    let charset = input.flag(0).then(|| input.choose(CHARSETS));
    if input.flag(1) {
        properties::check_code(&page, input.choose(Dialect::ALL));
    }
    let document = Document { encodings: encodings(&page, charset), bytes: &page, charset };
    check_nonces(&document, input.flag(2));
    check_policies(&document, &input);
}

/// The bytes of the page.
fn page(input: &Input<'_>) -> Vec<u8> {
    let text = filled(input.text);
    let units = || text.iter().map(|byte| u16::from(*byte));
    match input.choice(1) >> 4 & 7 {
        0 => [b"\xef\xbb\xbf", &text[..]].concat(),
        1 => [0xfeff].into_iter().chain(units()).flat_map(u16::to_le_bytes).collect(),
        2 => [0xfeff].into_iter().chain(units()).flat_map(u16::to_be_bytes).collect(),
        _ => text,
    }
}

/// The text with its fillers.
fn filled(text: &[u8]) -> Vec<u8> {
    let mut page = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == FILLER) {
        let (before, from) = rest.split_at(at);
        page.extend_from_slice(before);
        let [_, kind, length, behind @ ..] = from else {
            return page;
        };
        rest = behind;
        let (start, end): (&[u8], &[u8]) = match kind & 7 {
            0 => (b"<!--", b"-->"),
            1 => (b"<style>", b"</style>"),
            2 => (b"<script>", b"</script>"),
            3 => (b"<title>", b"</title>"),
            4 => (b"", b""),
            5 => (b"<link a='", b"'>"),
            6 => (b"<meta http-equiv=Content-Security-Policy content='", b"' data-cspseal>"),
            _ => {
                page.push(FILLER);
                continue;
            }
        };
        // Near the byte at which browsers end their search, or by itself.
        let length = match kind & 8 {
            0 => (1024 + usize::from(*length)).saturating_sub(128 + page.len()),
            _ => usize::from(*length) * 8,
        };
        page.extend_from_slice(start);
        page.resize(page.len() + length.saturating_sub(start.len() + end.len()), b'/');
        page.extend_from_slice(end);
    }
    page.extend_from_slice(rest);
    page
}

/// A page and how it is read.
struct Document<'p> {
    bytes: &'p [u8],
    charset: Option<&'static Encoding>,
    encodings: Encodings,
}

impl Document<'_> {
    /// Panics unless both browsers read the edited page as they read this, and find the same elements and texts.
    fn check(&self, edited: &[u8]) {
        let shown = String::from_utf8_lossy(edited);
        let after = encodings(edited, self.charset);
        assert_eq!(after, self.encodings, "{shown}");
        for encoding in &self.encodings.readings {
            let [before, after] = [self.bytes, edited].map(|page| described(&encoding.decode(page).0, 0));
            assert_eq!(before, after, "{} {shown}", encoding.name());
        }
    }

    /// Panics unless the edited page has the same attributes and `javascript:` URLs, or all inline resources, each with its hashes.
    /// The longer or shorter page may count as binary data, or no longer; that is an error and not compared.
    fn check_hashes(&self, edited: &[u8], all: bool) {
        let hashes = [self.bytes, edited].map(|page| self.hashes(page, all));
        if !hashes.contains(&Err(ErrorKind::NotText)) {
            let [before, after] = hashes;
            assert_eq!(before, after, "{}", String::from_utf8_lossy(edited));
        }
    }

    fn hashes(&self, page: &[u8], all: bool) -> Result<Vec<(InlineKind, Vec<String>)>, ErrorKind> {
        let options = ScanOptions::new()
            .with_templates(Templates::Off)
            .with_document_type(Some(DocumentType::Html))
            .with_charset(self.charset);
        let page = scan_page("a", page, &options).map_err(|error| error.kind())?;
        let inlines = page.inlines();
        let inlines = inlines.filter(|inline| all || inline.kind.needs_unsafe_hashes());
        Ok(inlines.map(|inline| (inline.kind, inline.hashes.iter().map(ToString::to_string).collect())).collect())
    }
}

/// Nonces.
fn check_nonces(document: &Document<'_>, replace: bool) {
    let options = properties::options(None).with_charset(document.charset).with_replace(replace);
    let rewritten = match properties::rewrite(&[document.bytes], &options) {
        Ok(rewritten) => rewritten,
        Err(message) => return assert!(!message.is_empty()),
    };
    let (output, rewrite) = rewritten;
    document.check(&output);
    if !replace {
        let count = properties::insertions(document.bytes, &output);
        assert_eq!(count, Ok(rewrite.changes), "{}", String::from_utf8_lossy(&output));
    }
    document.check_hashes(&output, false);
    let again = properties::rewrite(&[&output], &options).unwrap();
    assert_eq!(again.0, output);
}

/// Policies in a `<meta>`.
fn check_policies(document: &Document<'_>, input: &Input<'_>) {
    let write = |pieces: &[&[u8]], policy: &str| write(pieces, policy, document.charset);
    let bare = write(&[document.bytes], "");
    let has_own = contains(document.bytes, MARKER.as_bytes());
    for policy in POLICIES {
        let output = write(&[document.bytes], policy);
        let [first, second, third] = input.ends().map(|end| end.min(document.bytes.len()));
        let pieces = [
            &document.bytes[..first],
            &document.bytes[first..second],
            &document.bytes[second..third],
            &document.bytes[third..],
        ];
        assert_eq!(write(&pieces, policy), output, "the cuts matter");
        let Some(output) = output else {
            continue;
        };
        let shown = String::from_utf8_lossy(&output);
        document.check(&output);
        document.check_hashes(&output, true);
        assert_eq!(write(&[&output], policy).as_ref(), Some(&output), "{shown}");
        // Only the tag was inserted, and the tags of earlier runs were taken out.
        let without = write(&[&output], "");
        if !has_own {
            assert_eq!(without.as_deref(), Some(document.bytes), "{shown}");
        } else if bare.is_some() && without.is_some() {
            assert_eq!(without, bare, "{shown}");
        }
    }
}

/// Whether a text has this word of ASCII, also in UTF-16.
fn contains(text: &[u8], word: &[u8]) -> bool {
    let text: Vec<u8> = text.iter().copied().filter(|byte| *byte != 0).collect();
    text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

/// The page with a policy; [`None`] if that is rejected, which is reported.
fn write(pieces: &[&[u8]], policy: &str, charset: Option<&'static Encoding>) -> Option<Vec<u8>> {
    let policy = MetaPolicy::new(&Policy::parse(policy).unwrap());
    let options = MetaOptions::new().with_charset(charset);
    let mut rewriter = MetaRewriter::new("a.html", Vec::new(), &policy, &options);
    for piece in pieces {
        rewriter.write_all(piece).ok()?;
    }
    let (output, rewrite) = rewriter.finish().ok()?;
    let page = pieces.concat();
    assert_eq!(rewrite.changed, output != page);
    let is_error = |severity| severity == Severity::Error;
    let is_rejected = rewrite.findings.iter().any(|finding| is_error(finding.severity));
    assert!(!is_rejected || output == page);
    (!is_rejected).then_some(output)
}

/// The elements of a document with their texts, but for nonces and own policies; of documents in attributes likewise.
fn described(html: &str, depth: usize) -> Vec<String> {
    let mut elements = parse::parse(html).elements;
    elements.retain(|element| !(name(element) == "meta" && element.attribute(MARKER).is_some()));
    let describe = |element: &dom::Handle| {
        let name = name(element);
        let parent = element.parent();
        let parent = parent.and_then(|parent| elements.iter().position(|e| Rc::ptr_eq(e, &parent)));
        let inner = |text: &str| match depth < 4 {
            true => format!("{:?}", described(text, depth + 1)),
            false => String::new(),
        };
        let attributes = element.attributes.borrow();
        let attributes: Vec<String> = attributes
            .iter()
            .map(|attribute| (dom::spelled(&attribute.name), &*attribute.value))
            .filter(|(attribute, _)| attribute != "nonce")
            .map(|(attribute, value)| match &*attribute {
                "srcdoc" => inner(value),
                _ => format!("{attribute}={value:?}"),
            })
            .collect();
        let text = element.text();
        let text = match &*name {
            "noscript" => inner(&text),
            // Space before the first element is no text of a document; behind a policy in the head it is one of the head.
            "html" | "head" => text.trim_ascii().to_owned(),
            _ => text,
        };
        format!("{name} {attributes:?} in {parent:?}: {text:?}")
    };
    elements.iter().map(describe).collect()
}

fn name(element: &dom::Handle) -> String {
    element.name().unwrap().local.to_string()
}
