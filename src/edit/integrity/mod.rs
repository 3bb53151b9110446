//! Puts the digests of a site's own scripts and style sheets into its pages: `integrity` and `crossorigin` into their elements, and the
//! digests of modules into the import map.
//!
//! With `integrity`, browsers run a file only as it was built, and a policy can list its digest in place of a host
//! ([SRI](https://www.w3.org/TR/SRI/)). `crossorigin` belongs to it, since an `Integrity-Policy` blocks even a script of the same origin
//! without it. What is inserted stands right behind a tag's name; every other byte comes out as it went in.

mod map;
mod metadata;
mod visitor;

use std::io::{Read, Write};
use std::path::Path;
use std::rc::Rc;

use encoding_rs::Encoding;
use url::Url;

use super::driver::{Driver, refuse_xml};
use crate::error::{Error, ErrorKind, Remedy, Result};
use crate::finding::Finding;
use crate::hash::{HashAlgorithm, HashSource};
use crate::page::walk::Walk;
use crate::template::Templates;
pub use map::MapEntries;

/// The digests of the site's own files by their URLs, with an algorithm; [`None`] for another host and where no file answers.
pub type Digests<'a> = dyn Fn(&Url, HashAlgorithm) -> Option<HashSource> + Sync + 'a;

/// How digests are written into a page.
#[derive(Clone, Copy)]
pub struct IntegrityOptions<'a> {
    digests: &'a Digests<'a>,
    algorithm: HashAlgorithm,
    map: Option<&'a MapEntries>,
    templates: Templates,
    charset: Option<&'static Encoding>,
}

impl<'a> IntegrityOptions<'a> {
    /// Digests from `digests`, with SHA-384; no import map; the template dialect by the path.
    #[must_use]
    pub fn new(digests: &'a Digests<'a>) -> Self {
        Self { digests, algorithm: HashAlgorithm::Sha384, map: None, templates: Templates::Auto, charset: None }
    }

    /// The algorithm of new digests. A digest that is right stays, whatever its algorithm is.
    #[must_use]
    pub const fn with_algorithm(mut self, algorithm: HashAlgorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// That algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    /// The modules of the page, for its import map.
    #[must_use]
    pub const fn with_map(mut self, map: Option<&'a MapEntries>) -> Self {
        self.map = map;
        self
    }

    /// Which template dialect the documents are in; those in one are refused.
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

/// What became of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Integrity {
    /// How many elements and import maps changed; 0 when the output is the input.
    pub changes: usize,
    /// Where they stand, in source order; in a document in an attribute the place of its frame.
    pub changed: Vec<crate::Location>,
    /// The files without integrity that got none, each use with its location: those of other hosts, and URLs of the site that no file
    /// answers.
    pub without: Vec<(Url, crate::Location)>,
    /// What there is to say about the page.
    pub findings: Vec<Finding>,
}

/// Copies the page at `url` from `input` to `out` with digests.
///
/// ```
/// use cspseal::HashSource;
/// use cspseal::edit::integrity::{IntegrityOptions, write_integrity};
///
/// let digests = |_: &url::Url, algorithm| Some(HashSource::of(algorithm, b"a()"));
/// let page = "<script src=a.js></script>";
/// let url = url::Url::parse("https://example.com/index.html")?;
/// let options = IntegrityOptions::new(&digests);
/// let (out, _) = write_integrity("index.html", &url, page.as_bytes(), Vec::new(), &options)?;
/// assert_eq!(
///     String::from_utf8(out)?,
///     "<script integrity=\"sha384-DGWwUx8JQ/sT4JgpuI0No/p+ZboOXDOsHnvjkLtDr+VlcROccZcpIhzdvm9ZiDWr\" \
///      crossorigin=\"anonymous\" src=a.js></script>",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Read`] when `input` fails, [`ErrorKind::NotText`] when it is binary data, [`ErrorKind::Write`] when `out` fails, and
/// [`ErrorKind::Unsupported`] for XML, for a template, for an encoding that cannot be edited, and where the digests would push the
/// declaration of the encoding out of sight.
pub fn write_integrity<W: Write>(
    path: &str,
    url: &Url,
    input: impl Read,
    out: W,
    options: &IntegrityOptions<'_>,
) -> Result<(W, Integrity)> {
    let unsupported = ErrorKind::Unsupported;
    let why = "integrity is written into HTML only, and this file is read as XML; write it by hand";
    refuse_xml(path, unsupported, why).map_err(|error| error.with_remedy(Remedy::ExcludeFile))?;
    if options.templates.dialect_of(Path::new(path)).is_some() {
        let message =
            "integrity is written into finished pages only, and this is a template; run it on what the template makes";
        return Err(Error::new(unsupported, message).at(path));
    }
    let held = Rc::default();
    let walk = Walk::integrity(options, url, &held);
    let mut driver = Driver::new(out, walk, held, options.charset, None);
    driver.copy(path, input)?;
    let edited = driver.finish().map_err(|error| error.at(path))?;
    let found = edited.editor.visitor.found;
    let mut changed = found.changed;
    changed.sort_unstable();
    let integrity = Integrity {
        changes: edited.changes,
        changed,
        without: found.without,
        findings: found.problems.into_findings(&path.into()),
    };
    Ok((edited.out, integrity))
}

#[cfg(test)]
mod tests;
