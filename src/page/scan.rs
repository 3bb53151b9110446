//! From the bytes of a page to its inline resources.

use std::cell::Cell;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};

use super::collect::Collector;
use super::document::{DocumentScan, Scanned};
use super::walk::Walk;
use super::{DocumentType, Page, ScanOptions};
use crate::error::{Error, ErrorKind, Remedy, Result};
use crate::xml;

/// Scans a page that arrives as a stream, as HTML or XML by the extension of its path
/// ([`DocumentType::of_path`]). What is held does not grow with the page, but with its
/// largest tag and the number of its inline resources; in XML also with its largest text.
///
/// # Errors
///
/// [`ErrorKind::Read`] when `input` fails, [`ErrorKind::NotText`] when it is binary data, [`ErrorKind::Limit`] when too many
/// elements are left open, and for more than 3,000,000 inline resources or 2,000,000 different ones.
///
/// ```
/// use cspseal::{ScanOptions, scan_page};
/// let page = scan_page("a.html", &b"<script>alert(1)</script>"[..], &ScanOptions::new())?;
/// assert_eq!(
///     page.inlines().next().map(|inline| inline.hashes[0].to_string()).as_deref(),
///     Some("'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='")
/// );
/// # Ok::<(), cspseal::Error>(())
/// ```
pub fn scan_page(path: &str, input: impl Read, options: &ScanOptions) -> Result<Page> {
    scan_file(&path.into(), input, options)
}

/// The same, with a path that the page shares.
pub(crate) fn scan_file(path: &Arc<str>, mut input: impl Read, options: &ScanOptions) -> Result<Page> {
    let mut buffer = BUFFER.take();
    buffer.resize(PIECE, 0);
    let scanned = scan_stream(path, &mut input, options, &mut buffer);
    BUFFER.set(buffer);
    page_of(path, scanned?, options)
}

/// The page at `path` from what its scan gave.
///
/// # Errors
///
/// [`ErrorKind::Limit`] for one that has too much.
pub(super) fn page_of(path: &Arc<str>, scanned: Scanned<Collector>, options: &ScanOptions) -> Result<Page> {
    let mut page = scanned.walk.visitor.into_page(path);
    page.check_size()?;
    page.knows_requests = options.requests;
    for other in scanned.others {
        let other = other.visitor.into_page(path);
        other.check_size()?;
        page.add_reading(other);
    }
    page.add_helpers(&scanned.helpers, options.urls);
    page.findings.extend(scanned.doubt.map(|doubt| doubt.finding(path)));
    let problems = scanned.problems.iter();
    page.findings.extend(problems.map(|problem| problem.finding(path)));
    page.findings.sort_by_key(|finding| finding.place.as_ref().map(|p| (p.line, p.column)));
    Ok(page)
}

/// Scans a page as [`scan_page`] does, with the cuts that a longer one would have at every 64 KiB where these pieces of it
/// end, for fuzzers. XML is cut evenly, at the length of the first piece.
///
/// # Errors
///
/// As [`scan_page`].
#[cfg(fuzzing)]
pub fn scan_pieces(path: &str, pieces: &[&[u8]], options: &ScanOptions) -> Result<Page> {
    let whole = pieces.concat();
    let kind = options.document_type;
    let kind = kind.unwrap_or_else(|| DocumentType::of_path(path));
    refuse_binary(path, &whole, kind)?;
    if kind == DocumentType::Xml {
        let piece = pieces.first().map_or(0, |piece| piece.len());
        let walk = xml::scan_by(Walk::page(options, None), &whole[..], options.charset, piece);
        let walk = walk.map_err(|error| error.at(path))?;
        return page_of(&path.into(), walk.into(), options);
    }
    let dialect = options.templates.dialect_of(Path::new(path));
    let charset = options.charset.or(dialect.map(|_| UTF_8));
    let walk = || Walk::page(options, dialect);
    let mut scan = DocumentScan::new(walk(), charset, dialect, || Some(walk()));
    for piece in pieces {
        scan.write(piece).map_err(|error| error.at(path))?;
    }
    let scanned = scan.end(&[]).map_err(|error| error.at(path))?;
    page_of(&path.into(), scanned, options)
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
) -> Result<Scanned<Collector>> {
    let failed = |error| Error::unread(error).at(path);
    let mut len = read_piece(input, buffer).map_err(failed)?;
    let kind = options.document_type;
    let kind = kind.unwrap_or_else(|| DocumentType::of_path(path));
    refuse_binary(path, &buffer[..len], kind)?;
    let dialect = match kind {
        DocumentType::Html => options.templates.dialect_of(Path::new(path)),
        DocumentType::Xml => None,
    };
    match kind {
        DocumentType::Xml => {
            let walk = Walk::page(options, dialect);
            let walk = xml::scan(walk, buffer[..len].chain(input), options.charset);
            Ok(walk.map_err(|error| error.at(path))?.into())
        }
        DocumentType::Html => {
            let charset = options.charset.or(dialect.map(|_| UTF_8));
            let walk = || Walk::page(options, dialect);
            let mut scan = DocumentScan::new(walk(), charset, dialect, || Some(walk()));
            if let Some(texts) = options.texts.get(path) {
                scan = scan.with_texts(texts);
            }
            while len == buffer.len() {
                scan.write(buffer).map_err(|error| error.at(path))?;
                len = read_piece(input, buffer).map_err(failed)?;
            }
            scan.end(&buffer[..len]).map_err(|error| error.at(path))
        }
    }
}

/// The size of the pieces that are read, in bytes.
const PIECE: usize = 64 * 1024;

/// Fills `piece`, or as much of it as is left, and returns how much that is: the start of a page is judged as a
/// whole.
fn read_piece(input: &mut impl Read, piece: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < piece.len() {
        match input.read(&mut piece[filled..]) {
            Ok(0) => break,
            Ok(len) => filled += len,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Hands on an HTML document piece by piece, unless it is binary data.
///
/// # Errors
///
/// [`ErrorKind::Read`], [`ErrorKind::NotText`], and those of `take`, all with the path.
pub(crate) fn each_piece(path: &str, mut input: impl Read, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut buffer = BUFFER.take();
    buffer.resize(PIECE, 0);
    let done = each_piece_in(&mut buffer, path, &mut input, &mut take);
    BUFFER.set(buffer);
    done
}

fn each_piece_in(
    buffer: &mut [u8],
    path: &str,
    input: &mut impl Read,
    take: &mut impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let mut is_first = true;
    loop {
        let len = read_piece(input, buffer).map_err(|error| Error::unread(error).at(path))?;
        if std::mem::take(&mut is_first) {
            refuse_binary(path, &buffer[..len], DocumentType::Html)?;
        }
        take(&buffer[..len]).map_err(|error| error.at(path))?;
        if len < buffer.len() {
            return Ok(());
        }
    }
}

/// Refuses what is no page at all. Control characters make binary data
/// ([binary data byte](https://mimesniff.spec.whatwg.org/#binary-data-byte)); a few of them are still a page.
fn refuse_binary(path: &str, start: &[u8], kind: DocumentType) -> Result<()> {
    let is_utf16 = kind == DocumentType::Xml && xml::utf16(start).is_some();
    if is_utf16 || Encoding::for_bom(start).is_some() {
        return Ok(());
    }
    let start = &start[..start.len().min(1445)];
    let binary = |b: u8| (b < 0x20) & (b != b'\t') & (b != b'\n') & (b != 0x0c) & (b != b'\r') & (b != 0x1b);
    let mut count = 0;
    for piece in start.chunks(255) {
        // Counted in bytes, which the compiler does many at a time.
        count += usize::from(piece.iter().map(|&b| u8::from(binary(b))).sum::<u8>());
    }
    let magic: [&[u8]; 4] = [b"\x1f\x8b\x08", b"%PDF-", b"PK\x03\x04", b"\x89PNG\r\n"];
    if count * 10 <= start.len() && !magic.iter().any(|magic| start.starts_with(magic)) {
        return Ok(());
    }
    let refused = |message| Error::new(ErrorKind::NotText, message).at(path);
    Err(if start.get(1) == Some(&0) || start.first() == Some(&0) {
        refused("not a text: it may be UTF-16 without a byte order mark; save it as UTF-8")
    } else {
        refused("not a text but binary data").with_remedy(Remedy::ExcludeFile)
    })
}
