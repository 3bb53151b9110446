//! Puts a nonce into every script and style of a document's source, and changes nothing else.
//!
//! [`NonceRewriter`] is a [`Write`] adapter that holds little more than the largest tag, and a template whole. What it inserts stands
//! right behind a tag's name; every other byte comes out as it went in, whatever the encoding, the spacing or the
//! template code around it.
//!
//! **For sources only.** A nonce says "the author put this here". Never put rendered output through this: what
//! an attacker managed to inject into the page would get a valid nonce as well.

mod attribute;
mod binding;
mod dead;
mod element;
mod enclosing;
mod found;
mod unknown;
mod value;
mod visitor;

use std::io::{self, Read, Write};
#[cfg(feature = "cli")]
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};

use super::driver::{Driver, refuse_xml};
use crate::error::{ErrorKind, Result};
use crate::finding::{Code, Finding, Place};
use crate::location::Location;
use crate::page::walk::Walk;
use crate::template::{Dialect, Links, Templates};
pub use binding::{Callers, Filled, Gap, NonceBinding, NonceScope};
#[cfg(feature = "cli")]
pub(crate) use binding::{gives, path};
pub(crate) use found::Open;
pub use found::{MissingNonce, NoncedElements};
pub use value::NonceValue;
use visitor::NonceVisitor;

/// How nonces are written.
#[derive(Clone, Debug)]
pub struct NonceOptions {
    script: NonceValue,
    style: NonceValue,
    elements: NoncedElements,
    replace: bool,
    templates: Templates,
    charset: Option<&'static Encoding>,
    binding: NonceBinding,
    callers: Callers,
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
            binding: NonceBinding::default(),
            callers: Callers::default(),
        }
    }

    /// How the engine fills the value.
    #[must_use]
    pub const fn with_binding(mut self, binding: NonceBinding) -> Self {
        self.binding = binding;
        self
    }

    /// What those who render the template give it.
    #[must_use]
    pub fn with_callers(mut self, callers: Callers) -> Self {
        self.callers = callers;
        self
    }

    /// The parts in which a `<` begins no tag.
    #[cfg(feature = "cli")]
    pub(crate) fn texts(&self) -> &[Range<usize>] {
        &self.callers.texts
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
    /// The elements that the nonces were written into, in source order.
    pub missing: Vec<MissingNonce>,
    /// What there is to say about the document.
    pub findings: Vec<Finding>,
    /// The results for a template that depend on other files.
    pub(crate) open: Open,
    /// The connections of a template to others.
    pub(crate) links: Links,
    /// The dialect in which the document was read.
    pub(crate) dialect: Option<Dialect>,
    moves: Vec<(usize, isize)>,
}

#[cfg(feature = "cli")]
impl Rewrite {
    /// The ranges of a template's new text that `ranges` of the old one have become.
    pub(crate) fn moved(&self, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
        let moved = |at: usize| {
            let before = self.moves.partition_point(|(end, _)| *end <= at);
            let moved = self.moves[..before].last().map_or(0, |(_, moved)| *moved);
            at.saturating_add_signed(moved)
        };
        let ranges = ranges.iter();
        ranges.map(|range| moved(range.start)..moved(range.end)).collect()
    }
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
    driver: Driver<Walk<NonceVisitor>, W>,
}

impl<W: Write> NonceRewriter<W> {
    /// Writes to `out`. By the extension of `path` the dialect is found where the options leave that open, and findings
    /// carry it.
    #[must_use]
    pub fn new(path: &str, out: W, options: &NonceOptions) -> Self {
        let dialect = options.templates.dialect_of(Path::new(path));
        let charset = options.charset.or(dialect.map(|_| UTF_8));
        let held = Rc::default();
        let walk = Walk::file(options, dialect, &held);
        Self {
            path: path.into(),
            driver: Driver::new(out, walk, held, charset, dialect).with_texts(&options.callers.texts),
        }
    }

    /// Takes the end of the document and writes what was held.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Write`] when `out` fails, [`ErrorKind::Nonce`] for a document in an encoding that cannot be
    /// rewritten, or that would be in another.
    pub fn finish(self) -> Result<(W, Rewrite)> {
        let dialect = self.driver.dialect();
        let edited = self.driver.finish()?;
        let found = edited.editor.visitor.found;
        // In a file that was left alone no element has the nonce.
        let is_kept = edited.combined.is_none();
        let mut findings = found.problems.into_findings(&self.path);
        let problems = edited.problems.iter();
        findings.extend(problems.map(|problem| problem.finding(&self.path)));
        findings.extend(edited.combined.map(|location| combined(&self.path, location)));
        findings.sort_by_key(|finding| finding.place.as_ref().map(|p| (p.line, p.column)));
        let mut missing = found.missing;
        missing.truncate(edited.changes);
        missing.sort_by_key(|missing| missing.location);
        let rewrite = Rewrite {
            missing,
            moves: edited.moves,
            changes: edited.changes,
            scripts: found.scripts && is_kept,
            styles: found.styles && is_kept,
            findings,
            open: found.open,
            links: found.links,
            dialect,
        };
        Ok((edited.out, rewrite))
    }
}

impl<W: Write> Write for NonceRewriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.driver.write(bytes)
    }

    /// Does nothing: what is held cannot be written before more has come.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The finding about a file whose template code the nonces would have changed.
fn combined(path: &Arc<str>, location: Location) -> Finding {
    Finding::new(
        Code::LiteralElement,
        "the template engine would read this and a nonce behind it as one piece of code, so no nonces were written into this file",
        "close this delimiter, or write it so that it is not taken for template code",
    )
    .at(Place::of(path, location))
}

/// Copies a document from `input` to `out` with its nonces; see [`NonceRewriter`].
///
/// # Errors
///
/// [`ErrorKind::Read`] when `input` fails, [`ErrorKind::NotText`] when it is binary data, [`ErrorKind::Nonce`] when it is XML,
/// or as [`NonceRewriter::finish`].
pub fn rewrite_page<W: Write>(path: &str, input: impl Read, out: W, options: &NonceOptions) -> Result<(W, Rewrite)> {
    refuse_xml(
        path,
        ErrorKind::Nonce,
        "nonces are written into HTML only, and this is read as XML; write them by hand",
    )?;
    let mut rewriter = NonceRewriter::new(path, out, options);
    rewriter.driver.copy(path, input)?;
    rewriter.finish().map_err(|error| error.at(path))
}
