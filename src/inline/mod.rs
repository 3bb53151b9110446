//! Which parts of a page a browser checks as inline resources, and the hash of each.
//!
//! Built on the events of the HTML scan; knows what Content-Security-Policy checks
//! ([Should element's inline type behavior be blocked](https://www.w3.org/TR/CSP3/#should-block-inline)) and nothing of policies.

mod check_type;
mod collect;
mod frame;
mod handlers;
mod script;
mod source;
mod url;

use std::cell::Cell;
use std::io::Read;
use std::sync::Arc;

use encoding_rs::Encoding;

use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Code, Finding, Place};
use crate::hash::{HashAlgorithm, HashSource};
use crate::html::encoding::InputDecoder;
pub use crate::html::location::Location;
use crate::html::scan::Scanner;
pub use check_type::InlineCheckType;
use collect::Collector;
pub use source::source_lines;

/// What is checked.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InlineKind {
    /// The text of a classic, module, importmap or speculationrules script.
    Script,
    /// The text of a `style` element.
    Style,
    /// The value of an event-handler attribute.
    EventHandler,
    /// The value of a `style` attribute.
    StyleAttribute,
    /// A `javascript:` URL.
    JavascriptUrl,
}

impl InlineKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::Script,
        Self::Style,
        Self::EventHandler,
        Self::StyleAttribute,
        Self::JavascriptUrl,
    ];

    /// The kind as it is printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Style => "style",
            Self::EventHandler => "event-handler",
            Self::StyleAttribute => "style-attribute",
            Self::JavascriptUrl => "javascript-url",
        }
    }

    /// The [inline check type](https://www.w3.org/TR/CSP3/#effective-directive-for-inline-check) that decides which directive counts.
    #[must_use]
    pub const fn check_type(self) -> InlineCheckType {
        match self {
            Self::Script => InlineCheckType::Script,
            Self::Style => InlineCheckType::Style,
            Self::EventHandler => InlineCheckType::ScriptAttribute,
            Self::StyleAttribute => InlineCheckType::StyleAttribute,
            Self::JavascriptUrl => InlineCheckType::Navigation,
        }
    }

    /// Whether its hash counts only beside `'unsafe-hashes'`.
    #[must_use]
    pub const fn needs_unsafe_hashes(self) -> bool {
        !matches!(self, Self::Script | Self::Style)
    }
}

/// What an inline resource may be nested in, besides the page.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nesting {
    /// `noscript`, which is markup where scripting is off.
    Noscript,
    /// The document in a `srcdoc` attribute.
    Srcdoc,
    /// The document in a `data:` URL.
    DataUrl,
    /// The inert content of a `template`, checked as soon as a script clones it.
    Template,
}

impl Nesting {
    /// The name as it is printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Noscript => "noscript",
            Self::Srcdoc => "srcdoc",
            Self::DataUrl => "data-url",
            Self::Template => "template",
        }
    }
}

/// One inline resource of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inline {
    /// What it is.
    pub kind: InlineKind,
    /// The hash-sources that allow it: one, or for a `javascript:` URL one for each spelling that browsers
    /// hash. Never empty.
    pub hashes: Vec<HashSource>,
    /// The length in bytes of the text that is hashed, in UTF-8; for a URL that of its first spelling.
    pub bytes: u64,
    /// Where the element, or for an attribute the attribute, starts. Inside `srcdoc` and `data:` documents this is the place of the frame's attribute.
    pub location: Location,
    /// What it is nested in, outermost first.
    pub nested: Vec<Nesting>,
    /// The source of an attribute, cut to one line, for diagnostics. `None` for elements.
    pub excerpt: Option<String>,
}

impl Inline {
    /// Whether it is inert template content.
    #[must_use]
    pub fn in_template(&self) -> bool {
        self.nested.contains(&Nesting::Template)
    }
}

/// How pages are scanned.
#[derive(Clone, Debug)]
pub struct ScanOptions {
    algorithm: HashAlgorithm,
    template_content: bool,
    charset: Option<&'static Encoding>,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self {
            algorithm: HashAlgorithm::Sha256,
            template_content: true,
            charset: None,
        }
    }
}

impl ScanOptions {
    /// SHA-256, template content included, no charset from the server.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The algorithm of the hashes.
    #[must_use]
    pub const fn with_algorithm(mut self, algorithm: HashAlgorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Whether the inert content of templates is reported. It is checked once a script clones it.
    #[must_use]
    pub const fn with_template_content(mut self, included: bool) -> Self {
        self.template_content = included;
        self
    }

    /// The algorithm of the hashes.
    #[must_use]
    pub const fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    /// The `charset` that the server sends with its pages.
    #[must_use]
    pub const fn with_charset(mut self, charset: Option<&'static Encoding>) -> Self {
        self.charset = charset;
        self
    }
}

/// What a scan of one page found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The path as it is reported, `/` on every system; `-` for standard input.
    pub path: Arc<str>,
    /// The inline resources in source order; those of a nested document where it stands.
    pub inlines: Vec<Inline>,
    /// What there is to say about the page itself.
    pub findings: Vec<Finding>,
}

/// How many documents may be nested in each other, `srcdoc` in `srcdoc` and so on.
pub const MAX_NESTING: usize = 32;

/// Scans a page that arrives as a stream. What is held does not grow with the page, but with its
/// largest tag and the number of its inline resources.
///
/// # Errors
///
/// [`ErrorKind::Read`] when `input` fails, [`ErrorKind::NotText`] when it is binary data.
///
/// ```
/// use cspseal::{ScanOptions, scan_page};
/// let page = scan_page("a.html", &b"<script>alert(1)</script>"[..], &ScanOptions::new())?;
/// assert_eq!(
///     page.inlines[0].hashes[0].to_string(),
///     "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
/// );
/// # Ok::<(), cspseal::Error>(())
/// ```
pub fn scan_page(path: &str, mut input: impl Read, options: &ScanOptions) -> Result<Page> {
    let mut buffer = BUFFER.take();
    buffer.resize(64 * 1024, 0);
    let scanned = scan_stream(path, &mut input, options, &mut buffer);
    BUFFER.set(buffer);
    let (collector, undeclared) = scanned?;
    let path: Arc<str> = path.into();
    let mut page = collector.into_page(&path);
    if let Some(location) = undeclared {
        page.findings.push(undeclared_encoding(&path, location));
    }
    page.findings
        .sort_by_key(|finding| finding.place.as_ref().map(|p| (p.line, p.column)));
    Ok(page)
}

thread_local! {
    /// What a thread reads into, kept from page to page.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Scans the document in `input`, reading into `buffer`.
fn scan_stream(
    path: &str,
    input: &mut impl Read,
    options: &ScanOptions,
    buffer: &mut [u8],
) -> Result<(Collector, Option<Location>)> {
    let mut scan = DocumentScan::new(Collector::page(options), options.charset);
    let mut filled = 0;
    let mut begun = false;
    loop {
        let len = match input.read(&mut buffer[filled..]) {
            Ok(len) => len,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(Error::new(ErrorKind::Read, "cannot be read")
                    .at(path)
                    .because(error));
            }
        };
        filled += len;
        // Full pieces only: the start of a page is judged as a whole.
        if len > 0 && filled < buffer.len() {
            continue;
        }
        if !begun {
            begun = true;
            refuse_binary(path, &buffer[..filled])?;
        }
        scan.write(&buffer[..filled])?;
        if len == 0 {
            break;
        }
        filled = 0;
    }
    scan.end()
}

/// Bytes in, inline resources out.
struct DocumentScan {
    decoder: InputDecoder,
    scanner: Scanner<Collector>,
}

impl DocumentScan {
    fn new(collector: Collector, charset: Option<&'static Encoding>) -> Self {
        Self {
            decoder: InputDecoder::new(charset),
            scanner: Scanner::document(collector),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.decoder
            .write(bytes, &mut |text| self.scanner.write(text))
    }

    /// The collector, and where the first byte of an undeclared encoding stands.
    fn end(mut self) -> Result<(Collector, Option<Location>)> {
        self.decoder.end(&mut |text| self.scanner.write(text))?;
        Ok((self.scanner.end()?, self.decoder.undeclared()))
    }
}

fn place(path: &Arc<str>, location: Location) -> Place {
    Place {
        path: Arc::clone(path),
        line: location.line,
        column: location.column,
    }
}

fn undeclared_encoding(path: &Arc<str>, location: Location) -> Finding {
    Finding::new(
        Code::UndeclaredEncoding,
        "the page has characters outside ASCII and declares no encoding; browsers read it as windows-1252 unless the server says otherwise, and so did the hashes",
        "put <meta charset=\"utf-8\"> first in <head>, or say what the server sends with --charset",
    )
    .at(place(path, location))
}

/// Refuses what is no page at all. Control characters make binary data
/// ([binary data byte](https://mimesniff.spec.whatwg.org/#binary-data-byte)); a few of them are still a page.
fn refuse_binary(path: &str, start: &[u8]) -> Result<()> {
    if Encoding::for_bom(start).is_some() {
        return Ok(());
    }
    let start = &start[..start.len().min(1445)];
    let binary = |b: &&u8| matches!(**b, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    let count = start.iter().filter(binary).count();
    let magic: [&[u8]; 4] = [b"\x1f\x8b\x08", b"%PDF-", b"PK\x03\x04", b"\x89PNG\r\n"];
    let hint = if start.get(1) == Some(&0) || start.first() == Some(&0) {
        "not a text: it may be UTF-16 without a byte order mark; save it as UTF-8"
    } else {
        "not a text but binary data; leave it out with --exclude"
    };
    if count * 10 > start.len() || magic.iter().any(|magic| start.starts_with(magic)) {
        return Err(Error::new(ErrorKind::NotText, hint).at(path));
    }
    Ok(())
}

#[cfg(test)]
mod semantics;
