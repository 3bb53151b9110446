//! Policies in `<meta>` elements, for places where no header can be sent: the tag, and how it gets into a page.
//!
//! A policy in a page holds only in head and only for what follows it, so [`MetaRewriter`] puts it as early as the page
//! allows without another encoding, another mode or another tree coming of it. Every other byte comes out as it went in.
//! A tag of an earlier run is found by its [`MARKER`] and replaced; policies of others are left alone, and reported.

mod sink;
mod tag;

use std::io::{self, Read, Write};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use encoding_rs::Encoding;

use crate::edit::driver::{Driver, refuse_xml};
use crate::error::{Error, ErrorKind, Remedy, Result};
use crate::finding::{Code, Finding, Place};
use crate::location::Location;
pub use crate::page::MARKER;
use crate::template::Templates;
use sink::MetaSink;
pub use tag::MetaPolicy;

/// How policies are written into pages.
#[derive(Clone, Debug)]
pub struct MetaOptions {
    charset: Option<&'static Encoding>,
    templates: Templates,
    is_written: bool,
}

impl Default for MetaOptions {
    fn default() -> Self {
        Self { charset: None, templates: Templates::Auto, is_written: true }
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

    /// Whether the output replaces the page: findings then have their places in the output, else in the input.
    #[must_use]
    pub const fn with_written(mut self, is_written: bool) -> Self {
        self.is_written = is_written;
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
    is_written: bool,
    driver: Driver<MetaSink, W>,
}

impl<W: Write> MetaRewriter<W> {
    /// Writes to `out`. Findings carry `path`.
    #[must_use]
    pub fn new(path: &str, out: W, policy: &MetaPolicy, options: &MetaOptions) -> Self {
        let sink = MetaSink::new(policy.marked_tag());
        Self {
            path: path.into(),
            is_written: options.is_written,
            driver: Driver::new(out, sink, Rc::default(), options.charset, None),
        }
    }

    /// Takes the end of the page and writes what was held.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Write`] when `out` fails, [`ErrorKind::Unsupported`] for a page in an encoding that cannot be
    /// rewritten.
    pub fn finish(self) -> Result<(W, MetaRewrite)> {
        let edited = self.driver.finish()?;
        let is_written = self.is_written && !edited.is_left;
        let mut findings = edited.editor.findings(&self.path, is_written);
        if edited.is_left {
            findings.insert(0, unwritten_policy(&self.path));
        }
        let rewrite = MetaRewrite { changed: edited.changes > 0, findings };
        Ok((edited.out, rewrite))
    }
}

impl<W: Write> Write for MetaRewriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.driver.write(bytes)
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
    .at(Place::of(path, Location::START))
}

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
    let unsupported = ErrorKind::Unsupported;
    refuse_xml(
        path,
        unsupported,
        "a policy is written into HTML only, and this file is read as XML; send it a policy in a header",
    )
    .map_err(|error| error.with_remedy(Remedy::ExcludeFile))?;
    if options.templates.dialect_of(Path::new(path)).is_some() {
        let message =
            "a policy is written into finished pages only, and this is a template; run it on what the template makes";
        return Err(Error::new(unsupported, message).at(path));
    }
    let mut rewriter = MetaRewriter::new(path, out, policy, options);
    rewriter.driver.copy(path, input)?;
    rewriter.finish().map_err(|error| error.at(path))
}

#[cfg(test)]
mod tests;
