//! The library's one error: work that could not be done.
//!
//! Messages are lower case, name the path, and leave the cause to `source()`, and to [`Remedy`] whatever has a flag in the command.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What kind of work failed.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A file or folder could not be read, listed or found.
    Read,
    /// The output could not be written.
    Write,
    /// The file is not a page: binary data, or UTF-16 that nothing announces.
    NotText,
    /// The policy is not one that every browser reads the same way.
    InvalidPolicy,
    /// A glob could not be compiled.
    InvalidGlob,
    /// The text is not the URL of a site.
    InvalidUrl,
    /// No page was found where pages were looked for.
    NoPages,
    /// The nonce cannot be written as an attribute's value, or not into this document.
    Nonce,
    /// A file changed while it was read.
    Changed,
    /// The operating system gave no random numbers.
    Random,
    /// A target takes no policy of that size, or not so many rules; or reading a page would take too long.
    Limit,
    /// A format cannot do what is asked of it.
    Unsupported,
    /// What was given as an inventory is none, or two of them do not agree.
    Inventory,
    /// What is deployed is not in its format, or leaves undecided which policy a page gets.
    Deployed,
    /// The configuration is invalid.
    Config,
    /// The scanner itself failed; a bug.
    Scan,
}

/// A next step that asks for the work otherwise. Every program has its own words for it (the command has flags), so the
/// message leaves it out.
#[non_exhaustive]
#[derive(Debug)]
pub enum Remedy {
    /// One policy for the whole site.
    SitePolicy,
    /// Policies of the scope of this name, which were tried: they fit, or there is this error as well.
    OtherScope(&'static str, Result<(), Box<Error>>),
    /// Policies in `<meta>` elements of the pages, which fit.
    MetaPolicies,
    /// A base policy.
    BasePolicy,
    /// The file is left out.
    ExcludeFile,
    /// Globs for the files of a folder that are pages.
    IncludePages,
    /// What git ignores is read too.
    ReadIgnored,
    /// One hash algorithm for all pages.
    SameAlgorithm,
    /// The inventory is printed again by this version.
    PrintInventory,
    /// The list of formats shows what each can do.
    ListFormats,
    /// The targets that can send fresh nonces.
    FreshNonces,
    /// The enforced policy or the report-only one alone.
    OnePolicy,
    /// The enforced policy alone.
    EnforcedPolicy,
    /// A path may lead anywhere: [`Reach::Anywhere`](crate::site::Reach::Anywhere).
    AllowOutside,
}

/// Work that could not be done, and on what.
#[derive(Debug, Error)]
#[error("{}{message}", PathPrefix(.path))]
pub struct Error {
    kind: ErrorKind,
    path: Option<PathBuf>,
    message: String,
    remedies: Vec<Remedy>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

struct PathPrefix<'a>(&'a Option<PathBuf>);

impl fmt::Display for PathPrefix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(path) => write!(f, "{}: ", path.display()),
            None => Ok(()),
        }
    }
}

impl Error {
    /// An error that concerns no file.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, path: None, message: message.into(), remedies: Vec::new(), source: None }
    }

    /// The same, about `path`.
    #[must_use]
    pub fn at(mut self, path: impl AsRef<Path>) -> Self {
        self.path = Some(path.as_ref().to_owned());
        self
    }

    /// The same, caused by `source`.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same, with one more step that helps.
    #[must_use]
    pub fn with_remedy(mut self, remedy: Remedy) -> Self {
        self.remedies.push(remedy);
        self
    }

    /// The same, with more to say.
    pub(crate) fn with_details(mut self, details: &str) -> Self {
        self.message = format!("{}; {details}", self.message);
        self
    }

    /// A file or stream that cannot be read.
    pub(crate) fn unread(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Read, "cannot be read").because(cause)
    }

    /// A file that cannot be written.
    pub(crate) fn unwritten(cause: io::Error) -> Self {
        Self::new(ErrorKind::Write, "cannot be written").because(cause)
    }

    /// A stream that takes no more of the output.
    pub(crate) fn unwritten_output(cause: io::Error) -> Self {
        Self::new(ErrorKind::Write, "the output cannot be written").because(cause)
    }

    /// What kind of work failed.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The steps that help, the best first.
    #[must_use]
    pub fn remedies(&self) -> &[Remedy] {
        &self.remedies
    }

    /// The file or folder concerned.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;
