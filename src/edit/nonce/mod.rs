//! Puts a nonce into every script and style of a document's source, and changes nothing else.
//!
//! [`NonceRewriter`] is a [`Write`] adapter that holds little more than the largest tag. What it inserts stands
//! right behind a tag's name; every other byte comes out as it went in, whatever the encoding, the spacing or the
//! template code around it.
//!
//! **For sources only.** A nonce says "the author put this here". Never put rendered output through this: what
//! an attacker managed to inject into the page would get a valid nonce as well.

mod attribute;
mod element;
mod found;
mod frames;
mod sink;
mod source;
mod value;

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};

use crate::edit::splicer::{Edit, Splicer, keep_declaration};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Finding;
use crate::html::encoding::InputDecoder;
use crate::html::masked::TextScan;
use crate::html::tree::Scripting;
use crate::page::{DocumentType, each_piece};
use crate::template::Templates;
pub use found::NoncedElements;
use sink::NonceSink;
pub use value::NonceValue;

/// How nonces are written.
#[derive(Clone, Debug)]
pub struct NonceOptions {
    script: NonceValue,
    style: NonceValue,
    elements: NoncedElements,
    replace: bool,
    templates: Templates,
    charset: Option<&'static Encoding>,
}

impl NonceOptions {
    /// This value for scripts and styles; the template dialect by the path; other nonces are kept.
    #[must_use]
    pub fn new(value: NonceValue) -> Self {
        Self {
            script: value.clone(),
            style: value,
            elements: NoncedElements::default(),
            replace: false,
            templates: Templates::Auto,
            charset: None,
        }
    }

    /// Another value for what `style-src` decides on.
    #[must_use]
    pub fn with_style_value(mut self, value: NonceValue) -> Self {
        self.style = value;
        self
    }

    /// Which elements get a nonce.
    #[must_use]
    pub const fn with_elements(mut self, elements: NoncedElements) -> Self {
        self.elements = elements;
        self
    }

    /// Whether nonces with another value are replaced.
    #[must_use]
    pub const fn with_replace(mut self, replace: bool) -> Self {
        self.replace = replace;
        self
    }

    /// Which template dialect the documents are in. One with template code is read as UTF-8 unless a byte order mark or a
    /// charset says otherwise.
    #[must_use]
    pub const fn with_templates(mut self, templates: Templates) -> Self {
        self.templates = templates;
        self
    }

    /// The `charset` that the server sends with its pages.
    #[must_use]
    pub const fn with_charset(mut self, charset: Option<&'static Encoding>) -> Self {
        self.charset = charset;
        self
    }
}

/// What a rewrite did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rewrite {
    /// How many nonces were written or replaced; 0 when the output is the input.
    pub changes: usize,
    /// Whether there are elements with the nonce that `script-src` decides on.
    pub scripts: bool,
    /// Whether there are elements with the nonce that `style-src` decides on.
    pub styles: bool,
    /// What there is to say about the document.
    pub findings: Vec<Finding>,
}

/// Copies the HTML written to it to another writer, with a nonce in every script and style that a browser would
/// check.
///
/// Only for *sources*: templates, or the pages of a static build before they are served. Rendered output
/// may hold what an attacker injected, and a nonce would bless that.
///
/// ```
/// use std::io::Write;
/// use cspseal::edit::nonce::{NonceOptions, NonceRewriter, NonceValue};
/// use cspseal::template::Dialect;
///
/// let value = NonceValue::new("{{ csp_nonce }}", Some(Dialect::Jinja))?;
/// let mut rewriter = NonceRewriter::new("base.j2", Vec::new(), &NonceOptions::new(value));
/// rewriter.write_all(b"<script{{ attrs }}>a()</script>{# <script> #}")?;
/// let (output, rewrite) = rewriter.finish()?;
/// assert_eq!(output, b"<script nonce=\"{{ csp_nonce }}\"{{ attrs }}>a()</script>{# <script> #}");
/// assert_eq!(rewrite.changes, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct NonceRewriter<W> {
    path: Arc<str>,
    decoder: InputDecoder,
    scan: TextScan<NonceSink<W>>,
    splicer: Rc<RefCell<Splicer<W>>>,
    /// The source so far, until its encoding is known.
    start: Option<Vec<u8>>,
    /// Whether it may be the page that declares its encoding: the server does not.
    heeds_declaration: bool,
    /// Changes that cannot be written yet.
    edits: Vec<Edit>,
    changes: usize,
}

impl<W: Write> NonceRewriter<W> {
    /// Writes to `out`. By the extension of `path` the dialect is found where the options leave that open, and findings
    /// carry it.
    #[must_use]
    pub fn new(path: &str, out: W, options: &NonceOptions) -> Self {
        let dialect = options.templates.dialect_of(Path::new(path));
        let charset = options.charset.or(dialect.map(|_| UTF_8));
        let splicer = Rc::new(RefCell::new(Splicer::new(out)));
        let sink = NonceSink::new(options, dialect, Rc::clone(&splicer));
        Self {
            path: path.into(),
            decoder: InputDecoder::keeping_bytes(charset),
            scan: TextScan::new(sink, Scripting::Enabled, dialect),
            splicer,
            start: Some(Vec::new()),
            heeds_declaration: charset.is_none(),
            edits: Vec::new(),
            changes: 0,
        }
    }

    /// Takes the next bytes, or the end of the document.
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
        let start = self.take_source(bytes.unwrap_or_default())?;
        self.splicer.borrow_mut().take_text(&text);
        self.scan.write(&text)?;
        self.edits.append(&mut self.scan.sink().take_edits());
        if let Some(start) = start
            && !keep_declaration(&start, &self.edits)
        {
            return Err(Error::new(
                ErrorKind::Nonce,
                "no nonces were written: they would move the <meta> that declares the encoding, which stands in <body>, and browsers heed it there only within the first 1,024 bytes; move it to the beginning of <head>",
            ));
        }
        let position = self.scan.position();
        let ready = self
            .edits
            .partition_point(|edit| edit.range.end <= position);
        let ready: Vec<Edit> = self.edits.drain(..ready).collect();
        self.changes += ready.len();
        self.splicer.borrow_mut().write_to(position, &ready)
    }

    /// Hands the source on, once its encoding is known. Then gives back its start, if a declaration in it may have decided
    /// on the encoding.
    fn take_source(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>> {
        let mut splicer = self.splicer.borrow_mut();
        let Some(start) = &mut self.start else {
            splicer.take_source(bytes);
            return Ok(None);
        };
        start.extend_from_slice(bytes);
        let Some((encoding, mark)) = self.decoder.decided() else {
            return Ok(None);
        };
        let (mark, source) = start.split_at(mark);
        splicer.begin(encoding, mark)?;
        splicer.take_source(source);
        let may_declare = self.heeds_declaration && mark.is_empty();
        Ok(self.start.take().filter(|_| may_declare))
    }

    /// Takes the end of the document and writes what was held.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Write`] when `out` fails, [`ErrorKind::Nonce`] for a document in an encoding that cannot be
    /// rewritten, or that would be in another.
    pub fn finish(mut self) -> Result<(W, Rewrite)> {
        self.take(None)?;
        let (sink, problems) = self.scan.end()?;
        let found = sink.into_found();
        let mut edits = self.edits;
        edits.extend(found.edits);
        if let Some(last) = edits.last() {
            let end = last.range.end;
            self.splicer.borrow_mut().write_to(end, &edits)?;
        }
        let splicer = Rc::into_inner(self.splicer)
            .ok_or_else(|| Error::new(ErrorKind::Scan, "the output is still in use"))?;
        let out = splicer.into_inner().finish()?;
        let noted = found.problems.into_iter();
        let mut findings: Vec<Finding> = noted.map(|noted| noted.finding(&self.path)).collect();
        let problems = problems.iter();
        findings.extend(problems.map(|problem| problem.finding(&self.path)));
        findings.sort_by_key(|finding| finding.place.as_ref().map(|p| (p.line, p.column)));
        let rewrite = Rewrite {
            changes: self.changes + edits.len(),
            scripts: found.scripts,
            styles: found.styles,
            findings,
        };
        Ok((out, rewrite))
    }
}

/// How many bytes are taken at a time.
const PIECE: usize = 64 * 1024;

impl<W: Write> Write for NonceRewriter<W> {
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

/// Copies a document from `input` to `out` with its nonces; see [`NonceRewriter`].
///
/// # Errors
///
/// [`ErrorKind::Read`] when `input` fails, [`ErrorKind::NotText`] when it is binary data, [`ErrorKind::Nonce`] when it is XML,
/// or as [`NonceRewriter::finish`].
pub fn rewrite_page<W: Write>(
    path: &str,
    input: impl Read,
    out: W,
    options: &NonceOptions,
) -> Result<(W, Rewrite)> {
    let named = |error: Error| error.at(path);
    if DocumentType::of_path(path) == DocumentType::Xml {
        let message =
            "nonces are written into HTML only, and this is read as XML; write them by hand";
        return Err(named(Error::new(ErrorKind::Nonce, message)));
    }
    let mut rewriter = NonceRewriter::new(path, out, options);
    each_piece(path, input, |piece| rewriter.take(Some(piece)))?;
    rewriter.finish().map_err(named)
}
