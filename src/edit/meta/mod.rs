//! Policies in `<meta>` elements, for places where no header can be sent: the tag, and how it gets into a page.
//!
//! A policy in a page holds only in head and only for what follows it, so [`MetaRewriter`] puts it as early as the page
//! allows without another encoding, another mode or another tree coming of it. Every other byte comes out as it went in.
//! A tag of an earlier run is found by its [`MARKER`] and replaced; policies of others are left alone, and reported.

mod sink;
mod tag;

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::edit::splicer::{Edit, Splicer, keep_declaration};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Code, Finding};
use crate::html::encoding::InputDecoder;
use crate::html::masked::TextScan;
use crate::html::tree::Scripting;
use crate::location::Location;
use crate::page::{DocumentType, each_piece, place};
use crate::template::Templates;
use sink::MetaSink;
pub use tag::{MARKER, MetaPolicy};

/// How policies are written into pages.
#[derive(Clone, Debug)]
pub struct MetaOptions {
    charset: Option<&'static Encoding>,
    templates: Templates,
}

impl Default for MetaOptions {
    fn default() -> Self {
        Self {
            charset: None,
            templates: Templates::Auto,
        }
    }
}

impl MetaOptions {
    /// No charset from the server, the template dialect by the path.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The `charset` that the server sends with its pages.
    #[must_use]
    pub const fn with_charset(mut self, charset: Option<&'static Encoding>) -> Self {
        self.charset = charset;
        self
    }

    /// Which template dialect the documents are in; those in one are refused.
    #[must_use]
    pub const fn with_templates(mut self, templates: Templates) -> Self {
        self.templates = templates;
        self
    }
}

/// What became of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetaRewrite {
    /// Whether the output is not the input.
    pub changed: bool,
    /// What there is to say about the page.
    pub findings: Vec<Finding>,
}

/// Copies the page written to it to another writer, with a policy in its head.
///
/// A page with nothing in it stays as it is. An empty policy takes out what an earlier run put in.
///
/// ```
/// use std::io::Write;
/// use cspseal::edit::meta::{MetaOptions, MetaPolicy, MetaRewriter};
/// use cspseal::policy::Policy;
///
/// let policy = MetaPolicy::new(&Policy::parse("script-src 'none'")?);
/// let mut rewriter = MetaRewriter::new("a.html", Vec::new(), &policy, &MetaOptions::new());
/// rewriter.write_all(b"<!doctype html><meta charset=utf-8><script>a()</script>")?;
/// let (output, rewrite) = rewriter.finish()?;
/// assert_eq!(
///     String::from_utf8(output)?,
///     "<!doctype html><meta charset=utf-8>\
///      <meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'\" data-cspseal>\
///      <script>a()</script>",
/// );
/// assert!(rewrite.changed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MetaRewriter<W> {
    path: Arc<str>,
    decoder: InputDecoder,
    scan: TextScan<MetaSink>,
    splicer: Splicer<W>,
    charset: Option<&'static Encoding>,
    changes: Changes,
}

/// The changes of a page, and whether they may be made.
#[derive(Default)]
struct Changes {
    /// The source up to where its encoding was known, until the place for the policy is.
    start: Vec<u8>,
    /// Whether a declaration in the page could change its encoding; known with the encoding.
    heeds_declaration: Option<bool>,
    /// Those that cannot be written yet.
    edits: Vec<Edit>,
    /// Whether they may be made; known with the place of the policy.
    may_write: Option<bool>,
    /// Whether there were any.
    any: bool,
}

impl Changes {
    /// Takes edits whose place is final; none if they would change how the page is read.
    fn take(&mut self, found: Vec<Edit>) {
        let start = std::mem::take(&mut self.start);
        let heeds_declaration = self.heeds_declaration == Some(true);
        let may_write = *self
            .may_write
            .get_or_insert_with(|| !heeds_declaration || keep_declaration(&start, &found));
        if may_write {
            self.any |= !found.is_empty();
            self.edits.extend(found);
        }
    }

    /// Those that lie before `position`, which are to be written now.
    fn before(&mut self, position: usize) -> Vec<Edit> {
        let is_ready = |edit: &Edit| edit.range.end <= position;
        let ready = self.edits.partition_point(is_ready);
        self.edits.drain(..ready).collect()
    }
}

impl<W: Write> MetaRewriter<W> {
    /// Writes to `out`. Findings carry `path`.
    #[must_use]
    pub fn new(path: &str, out: W, policy: &MetaPolicy, options: &MetaOptions) -> Self {
        let sink = MetaSink::new(policy.marked_tag());
        Self {
            path: path.into(),
            decoder: InputDecoder::keeping_bytes(options.charset),
            scan: TextScan::new(sink, Scripting::Enabled, None),
            splicer: Splicer::new(out),
            charset: options.charset,
            changes: Changes::default(),
        }
    }

    /// Takes the next bytes, or the end of the page.
    fn take(&mut self, bytes: Option<&[u8]>) -> Result<()> {
        let mut text = Vec::new();
        let mut collect = |piece: &[u8]| {
            text.extend_from_slice(piece);
            Ok(())
        };
        match bytes {
            Some(bytes) => self.decoder.write(bytes, &mut collect)?,
            None => self.decoder.end(&[], &mut collect)?,
        }
        self.take_source(bytes.unwrap_or_default())?;
        self.splicer.take_text(&text);
        self.scan.write(&text)?;
        if !self.scan.sink().is_settled() {
            return Ok(());
        }
        let found = self.scan.sink().take_edits();
        self.changes.take(found);
        let position = self.scan.position();
        let ready = self.changes.before(position);
        self.splicer.write_to(position, &ready)
    }

    /// Hands the source on, once its encoding is known.
    fn take_source(&mut self, bytes: &[u8]) -> Result<()> {
        let changes = &mut self.changes;
        if changes.heeds_declaration.is_some() {
            self.splicer.take_source(bytes);
            return Ok(());
        }
        changes.start.extend_from_slice(bytes);
        let Some((encoding, mark)) = self.decoder.decided() else {
            return Ok(());
        };
        if !(encoding.is_ascii_compatible() || encoding == UTF_16LE || encoding == UTF_16BE) {
            let message = format!(
                "no policy can be written into a page in {}; save it as UTF-8",
                encoding.name()
            );
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let (mark, source) = changes.start.split_at(mark);
        self.splicer.begin(encoding, mark)?;
        self.splicer.take_source(source);
        changes.heeds_declaration = Some(mark.is_empty() && self.charset.is_none());
        Ok(())
    }

    /// Takes the end of the page and writes what was held.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Write`] when `out` fails, [`ErrorKind::Unsupported`] for a page in an encoding that cannot be
    /// rewritten.
    pub fn finish(mut self) -> Result<(W, MetaRewrite)> {
        self.take(None)?;
        let (mut sink, _) = self.scan.end()?;
        sink.finish();
        let mut changes = self.changes;
        changes.take(sink.take_edits());
        if let Some(last) = changes.edits.last() {
            let end = last.range.end;
            self.splicer.write_to(end, &changes.edits)?;
        }
        let mut findings = sink.findings(&self.path);
        if changes.may_write == Some(false) {
            findings.insert(0, unwritten_policy(&self.path));
        }
        let rewrite = MetaRewrite {
            changed: changes.any,
            findings,
        };
        Ok((self.splicer.finish()?, rewrite))
    }
}

impl<W: Write> Write for MetaRewriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = &bytes[..bytes.len().min(PIECE)];
        self.take(Some(piece)).map_err(io::Error::other)?;
        Ok(piece.len())
    }

    /// Does nothing: what is held cannot be written before more has come.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn unwritten_policy(path: &Arc<str>) -> Finding {
    Finding::new(
        Code::UnwrittenPolicy,
        "no policy was written: it would have to stand before the <meta> that declares the encoding and would push that to where browsers no longer heed it",
        "move that <meta> to the beginning of <head>",
    )
    .at(place(path, Location::START))
}

/// How many bytes are taken at a time.
const PIECE: usize = 64 * 1024;

/// Copies a page from `input` to `out` with a policy; see [`MetaRewriter`].
///
/// # Errors
///
/// [`ErrorKind::Read`] when `input` fails, [`ErrorKind::NotText`] when it is binary data, [`ErrorKind::Unsupported`] when it is XML
/// or a template, or as [`MetaRewriter::finish`].
pub fn write_meta<W: Write>(
    path: &str,
    input: impl Read,
    out: W,
    policy: &MetaPolicy,
    options: &MetaOptions,
) -> Result<(W, MetaRewrite)> {
    let named = |error: Error| error.at(path);
    let refuse = |message: &str| Err(named(Error::new(ErrorKind::Unsupported, message)));
    if DocumentType::of_path(path) == DocumentType::Xml {
        return refuse(
            "a policy is written into HTML only, and this is read as XML; send one in a header, or leave the file out with --exclude",
        );
    }
    if options.templates.dialect_of(Path::new(path)).is_some() {
        return refuse(
            "a policy is written into finished pages only, and this is a template; run it on what the template makes",
        );
    }
    let mut rewriter = MetaRewriter::new(path, out, policy, options);
    each_piece(path, input, |piece| rewriter.take(Some(piece)))?;
    rewriter.finish().map_err(named)
}

#[cfg(test)]
mod tests;
