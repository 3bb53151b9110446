//! The file of a run that answers a URL of the site.
//!
//! A page names its style sheets by URL, and what those fetch is known only from their files. A URL leads to a file by the rules
//! that servers share: its path, decoded, below the folder of the site. No link is followed on the way unless the run follows
//! links, and no path leads out of that folder.

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};
use url::Url;

use super::digests::Digests;
use super::file_problem::FileProblem;
use super::reach::is_repository;
use super::roots::{Located, Roots};
use super::subresources::{FileKey, Subresources, file_key};
use super::{FoundPages, SiteUrl, shown};
use crate::page::Destination;

/// The length in bytes of the longest file that is read for what it asks for.
pub const LONGEST_FILE: u64 = 32 << 20;

/// The files of a site, by their URLs, and what they themselves ask for. Each is read once, however many pages use it.
#[derive(Debug)]
pub struct SiteFiles {
    site: SiteUrl,
    source: Source,
    charset: &'static Encoding,
    pub(super) subresources: Subresources,
    pub(super) digests: Digests,
}

/// Where the files are.
enum Source {
    Folders(Roots),
    Server {
        serve: Box<Server>,
        /// Where it redirects pages.
        redirects: HashMap<Url, Url>,
    },
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folders(roots) => roots.fmt(f),
            Self::Server { .. } => f.write_str("Server"),
        }
    }
}

/// The file that a server sends for a URL of the site.
pub type Server = dyn Fn(&Url) -> Result<Served, Unanswered> + Send + Sync;

/// A file that a server sent.
#[derive(Debug)]
pub struct Served {
    /// Behind redirects.
    pub url: Url,
    /// The encoding in its headers.
    pub charset: Option<&'static Encoding>,
    /// All of it, or its first [`LONGEST_FILE`] bytes and one more.
    pub bytes: Vec<u8>,
}

/// A file of the site.
pub(super) struct SiteFile {
    /// The path as it is reported.
    pub(super) name: Arc<str>,
    /// What its URLs are relative to.
    pub(super) url: Url,
    /// The encoding, if the server says it.
    pub(super) charset: Option<&'static Encoding>,
    pub(super) bytes: Vec<u8>,
    /// Whether nothing of it may be shown.
    pub(super) is_hidden: bool,
}

impl SiteFile {
    /// The path as it is reported of a file of which nothing may be shown.
    pub(super) fn hidden(&self) -> Option<Arc<str>> {
        self.is_hidden.then(|| Arc::clone(&self.name))
    }
}

/// Why a URL of the site has no content here.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Unanswered {
    /// It is outside of the folders of the run.
    Elsewhere,
    /// There is no such file.
    Missing,
    /// The server redirects to this URL of another origin.
    Redirected(Url),
    /// The file cannot be read, for this reason.
    Unread(String),
}

impl FoundPages {
    /// The files around the pages, for a site that is served there. `charset` is the encoding of style sheets that declare none;
    /// [`None`] for UTF-8.
    #[must_use]
    pub fn site_files(&self, site: SiteUrl, charset: Option<&'static Encoding>) -> SiteFiles {
        SiteFiles::new(self.roots.clone(), site, charset)
    }
}

impl SiteFiles {
    pub(crate) fn new(roots: Roots, site: SiteUrl, charset: Option<&'static Encoding>) -> Self {
        Self {
            site,
            source: Source::Folders(roots),
            charset: charset.unwrap_or(UTF_8),
            subresources: Subresources::default(),
            digests: Digests::default(),
        }
    }

    /// Those that a server sends, which redirects pages as in this table.
    #[must_use]
    pub fn on_server(site: SiteUrl, serve: Box<Server>, redirects: HashMap<Url, Url>) -> Self {
        Self {
            site,
            source: Source::Server { serve, redirects },
            charset: UTF_8,
            subresources: Subresources::default(),
            digests: Digests::default(),
        }
    }

    /// The folders of the files; [`None`] if a server sends them.
    pub(super) const fn roots(&self) -> Option<&Roots> {
        match &self.source {
            Source::Folders(roots) => Some(roots),
            Source::Server { .. } => None,
        }
    }

    fn has_folders(&self) -> bool {
        self.roots().is_some_and(Roots::has_folders)
    }

    /// A key of the file at a URL. In folders a query leads to the same one.
    pub(super) fn key(&self, destination: Destination, url: &Arc<Url>) -> FileKey {
        match &self.source {
            Source::Folders(_) => file_key(destination, url),
            Source::Server { .. } => (destination, Arc::clone(url)),
        }
    }

    /// Where the site is served.
    pub(crate) const fn site(&self) -> &SiteUrl {
        &self.site
    }

    /// The encoding of style sheets and scripts that declare none.
    pub(super) const fn charset(&self) -> &'static Encoding {
        self.charset
    }

    /// Whether a URL is that of the site.
    pub(crate) fn has(&self, url: &Url) -> bool {
        matches!(url.scheme(), "http" | "https") && self.site.has(url)
    }

    /// The paths of the pages that a URL of the site may lead to, as policies know them: on a server its URL behind redirects.
    pub(crate) fn pages_at(&self, url: &Url) -> Vec<String> {
        match &self.source {
            Source::Folders(_) => self.site.site_paths(url),
            Source::Server { redirects, .. } => vec![landed(redirects, url).to_string()],
        }
    }

    /// The URL of another origin that the server redirects a request of the site to, of what is fetched here.
    pub(crate) fn redirected(&self, destination: Destination, url: &Url) -> Option<Url> {
        let Source::Server { redirects, .. } = &self.source else {
            return None;
        };
        if self.reads(destination, url) {
            return self.redirect(destination, url);
        }
        let is_shown = matches!(destination, Destination::Frame | Destination::Object);
        let to = is_shown.then(|| landed(redirects, url))?;
        (self.has(url) && !self.has(&to)).then_some(to)
    }

    /// The content of the file at a URL of the site.
    pub(super) fn read(&self, url: &Url) -> Result<SiteFile, Unanswered> {
        let file = match &self.source {
            Source::Server { serve, .. } => {
                let served = serve(url)?;
                SiteFile {
                    name: served.url.as_str().into(),
                    url: served.url,
                    charset: served.charset,
                    bytes: served.bytes,
                    is_hidden: false,
                }
            }
            Source::Folders(_) => self.answer(url, |located| {
                let file = located.open()?;
                let len = file.metadata()?.len();
                let mut bytes = Vec::with_capacity(len.min(LONGEST_FILE) as usize);
                file.take(LONGEST_FILE + 1).read_to_end(&mut bytes)?;
                Ok(SiteFile {
                    name: shown(&located.path).into(),
                    url: url.clone(),
                    charset: None,
                    bytes,
                    is_hidden: !located.spot.is_shown,
                })
            })?,
        };
        match file.bytes.len() as u64 > LONGEST_FILE {
            true => Err(Unanswered::Unread(format!("it is longer than {} MiB", LONGEST_FILE >> 20))),
            false => Ok(file),
        }
    }

    /// The first of the places where the file at a URL of the site may be that `take` takes.
    pub(super) fn answer<T>(&self, url: &Url, take: impl Fn(Located) -> io::Result<T>) -> Result<T, Unanswered> {
        let path = self.path(url).ok_or(Unanswered::Elsewhere)?;
        let roots = self.roots().ok_or(Unanswered::Elsewhere)?;
        let mut failed = None;
        for located in roots.locate(&path) {
            match located.and_then(&take) {
                Ok(taken) => return Ok(taken),
                Err(error) if is_missing(&error) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        Err(match failed {
            Some(error) => Unanswered::Unread(error.to_string()),
            None if roots.has_folders() => Unanswered::Missing,
            None => Unanswered::Elsewhere,
        })
    }

    /// The path of a URL below the folder of the site; [`None`] if that is no path of a file.
    pub(super) fn path(&self, url: &Url) -> Option<PathBuf> {
        let path = self.site.below(url)?;
        let path = percent_encoding::percent_decode_str(path).decode_utf8();
        let path = path.ok()?;
        let mut below = PathBuf::new();
        // Servers take several slashes for one.
        let mut rest = path.split('/').peekable();
        while let Some(part) = rest.next() {
            if part.is_empty() && !below.as_os_str().is_empty() && rest.peek().is_some() {
                continue;
            }
            let part = Path::new(part);
            let mut parts = part.components();
            let is_name = |name: &Component<'_>| matches!(name, Component::Normal(name) if *name == part.as_os_str());
            parts.next().filter(is_name)?;
            if is_repository(part.as_os_str()) || part.as_os_str().as_encoded_bytes().contains(&0) {
                return None;
            }
            below.push(part);
        }
        Some(below)
    }

    /// Whether a server would find something at a URL of the site; [`None`] if that is not known.
    fn is_there(&self, url: &Url) -> Option<bool> {
        let roots = self.roots()?;
        if !roots.are_whole() || !self.has(url) {
            return None;
        }
        self.site.below(url)?;
        let exact = self.path(url).into_iter();
        let pages = self.site.site_paths(url).into_iter().map(PathBuf::from);
        let mut paths = exact.chain(pages);
        Some(paths.any(|path| roots.have(&path)))
    }

    /// The problem with a file that is to be read and cannot be.
    pub(super) fn unanswered(&self, why: Unanswered) -> Option<FileProblem> {
        match why {
            Unanswered::Unread(error) => Some(FileProblem::Unread(error)),
            Unanswered::Elsewhere => (!self.has_folders()).then_some(FileProblem::Unsought),
            Unanswered::Missing => Some(FileProblem::Missing),
            // Policies decide on what is there.
            Unanswered::Redirected(_) => None,
        }
    }

    /// The problem with a URL of the site that no file answers.
    pub(super) fn missing(&self, destination: Destination, url: &Url) -> Option<FileProblem> {
        match destination {
            // An application answers these.
            Destination::Form | Destination::Base | Destination::Connect => return None,
            Destination::Script
            | Destination::Style
            | Destination::Image
            | Destination::Use
            | Destination::Media
            | Destination::Font
            | Destination::Object
            | Destination::Frame
            | Destination::Manifest
            | Destination::Worker
            | Destination::Prefetch => {}
        }
        (!self.is_there(url)?).then_some(FileProblem::Missing)
    }
}

/// The URL behind the redirects of a URL, without a fragment.
fn landed(redirects: &HashMap<Url, Url>, url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    let mut at = &url;
    // The number that [browsers follow](https://fetch.spec.whatwg.org/#http-redirect-fetch); they may go in a circle.
    for _ in 0..20 {
        let Some(to) = redirects.get(at) else { break };
        at = to;
    }
    at.clone()
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
