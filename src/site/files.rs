//! The file of a run that answers a URL of the site.
//!
//! A page names its style sheets by URL, and what those fetch is known only from their files. A URL leads to a file by the rules
//! that servers share: its path, decoded, below the folder of the site. No link is followed on the way unless the run follows
//! links, and no path leads out of that folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};
use url::Url;

use super::folder::Folder;
use super::reach::{Reach, Spot, is_repository, stays_below};
use super::subresources::{MOST_FILES, Subresources};
use super::{FoundPages, Links, PageFilter, SiteUrl, identity, shown};
use crate::finding::{Code, Finding};
use crate::page::Destination;

/// The length in bytes of the longest file that is read for what it asks for.
const LONGEST: u64 = 32 << 20;

/// The folders that a run found pages in, and how far links in them may lead.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roots {
    folders: Vec<Arc<Spot>>,
    /// The folders of pages that were named themselves and the working folder, by their paths from that.
    named: BTreeMap<PathBuf, Arc<Spot>>,
    /// Whether a page was named by a path that is no URL of the site: one from the root, or one with `..`.
    has_foreign: bool,
    follows: Option<Reach>,
}

impl Roots {
    pub(super) fn new(filter: &PageFilter) -> Self {
        Self {
            follows: (filter.links == Links::Follow).then(|| filter.link_reach.clone()),
            ..Self::default()
        }
    }

    pub(super) fn add_folder(&mut self, spot: &Arc<Spot>) {
        self.folders.push(Arc::clone(spot));
    }

    /// Adds what a page that was named itself is relative to.
    pub(super) fn add_named(&mut self, name: &str, reach: &Reach) {
        self.has_foreign |= !stays_below(Path::new(name));
        let folder = Path::new(name).parent().unwrap_or(Path::new(""));
        for folder in [Path::new(""), folder] {
            if self.named.contains_key(folder) {
                continue;
            }
            if let Ok(spot) = reach.resolve(identity::folder(folder)) {
                let shown = folder.to_owned();
                let spot = Arc::new(Spot { shown, ..spot });
                self.named.insert(folder.to_owned(), spot);
            }
        }
    }

    /// The folders that a path of the site may lead into, with the path from each.
    fn of<'r>(&'r self, path: &'r Path) -> impl Iterator<Item = (&'r Spot, PathBuf)> {
        let folders = self.folders.iter();
        let folders = folders.map(move |root| (&**root, root.shown.join(path)));
        let mut above = path.ancestors().skip(1).filter(|_| !self.has_foreign);
        let named = above.find_map(|folder| self.named.get(folder));
        folders.chain(named.map(|root| (&**root, path.to_owned())))
    }
}

/// The files of a site, by their URLs, and what they themselves ask for. Each is read once, however many pages use it.
#[derive(Debug)]
pub struct SiteFiles {
    site: SiteUrl,
    roots: Roots,
    charset: &'static Encoding,
    pub(super) subresources: Subresources,
}

/// A file of the site.
pub(super) struct SiteFile {
    /// The path as it is reported.
    pub(super) name: Arc<str>,
    pub(super) bytes: Vec<u8>,
    /// Whether nothing of it may be shown.
    pub(super) is_hidden: bool,
}

/// Why a URL of the site has no content here.
#[derive(Clone, Debug)]
pub(super) enum Unanswered {
    /// It is outside of the folders of the run.
    Elsewhere,
    /// There is no such file.
    Missing,
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
            roots,
            charset: charset.unwrap_or(UTF_8),
            subresources: Subresources::default(),
        }
    }

    /// A URL of the site as it is reported.
    pub(super) fn shown<'u>(&self, url: &'u Url) -> &'u str {
        self.site.path_of(url).unwrap_or(url.as_str())
    }

    /// The encoding of style sheets and scripts that declare none.
    pub(super) const fn charset(&self) -> &'static Encoding {
        self.charset
    }

    /// Whether a URL is that of the site.
    pub(super) fn has(&self, url: &Url) -> bool {
        matches!(url.scheme(), "http" | "https") && self.site.has(url)
    }

    /// The content of the file at a URL of the site.
    pub(super) fn read(&self, url: &Url) -> Result<SiteFile, Unanswered> {
        let path = self.path(url).ok_or(Unanswered::Elsewhere)?;
        let mut failed = None;
        for (root, path) in self.roots.of(&path) {
            match self.read_below(root, &path) {
                Ok(file) => return Ok(file),
                Err(error) if is_missing(&error) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        Err(match failed {
            Some(error) => Unanswered::Unread(error.to_string()),
            None if self.roots.folders.is_empty() => Unanswered::Elsewhere,
            None => Unanswered::Missing,
        })
    }

    fn read_below(&self, root: &Spot, path: &Path) -> io::Result<SiteFile> {
        let (real, is_shown) = match &self.roots.follows {
            None => (root.real_of(path), root.is_shown),
            Some(reach) => {
                let spot = reach.resolve(path).map_err(io::Error::other)?.below(root);
                (spot.real, spot.is_shown)
            }
        };
        let real = real.ok_or(io::ErrorKind::NotFound)?;
        let name = real.file_name().ok_or(io::ErrorKind::NotFound)?;
        let folder = real.parent().ok_or(io::ErrorKind::NotFound)?;
        let file = Folder::open(folder).and_then(|folder| folder.file(name));
        let file = file.map_err(|error| match leads_elsewhere(&real) {
            true => io::Error::other("a symbolic link leads there, which was not followed"),
            false => error,
        })?;
        let file = file.ok_or(io::ErrorKind::NotFound)?;
        let len = file.metadata()?.len();
        let mut bytes = Vec::with_capacity(len.min(LONGEST) as usize);
        file.take(LONGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LONGEST {
            let message = format!("it is longer than {} MiB", LONGEST >> 20);
            return Err(io::Error::other(message));
        }
        Ok(SiteFile {
            name: shown(path).into(),
            bytes,
            is_hidden: !is_shown,
        })
    }

    /// The path of a URL below the folder of the site; [`None`] if that is no path of a file.
    fn path(&self, url: &Url) -> Option<PathBuf> {
        let path = self.site.below(url)?;
        let path = percent_encoding::percent_decode_str(path).decode_utf8();
        let path = path.ok()?;
        let mut below = PathBuf::new();
        for part in path.split('/') {
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
        if self.roots.folders.is_empty() || !self.roots.named.is_empty() || !self.has(url) {
            return None;
        }
        self.site.below(url)?;
        let exact = self.path(url).into_iter();
        let pages = self.site.site_paths(url).into_iter().map(PathBuf::from);
        let mut paths = exact.chain(pages);
        let is_file = |path: &Path| {
            let mut roots = self.roots.folders.iter();
            roots.any(|root| {
                let path = identity::folder(&root.shown).join(path);
                let index = || path.join("index.html").is_file();
                fs::metadata(&path).is_ok_and(|found| !found.is_dir() || index())
            })
        };
        Some(paths.any(|path| is_file(&path)))
    }

    /// The finding about a URL of the site whose file is to be read and cannot be; without a place.
    pub(super) fn unanswered(&self, url: &Url, why: &Unanswered) -> Option<Finding> {
        let shown = self.shown(url);
        match why {
            Unanswered::Unread(error) => Some(Finding::new(
                Code::UnreadFile,
                format!(
                    "the file of {shown} was not read, so what it asks for is unknown: {error}"
                ),
                "make it a readable file; where a symbolic link leads to it, say --follow",
            )),
            Unanswered::Elsewhere if self.roots.folders.is_empty() => Some(Finding::new(
                Code::MissingFile,
                format!(
                    "the file of {shown} was not found from the page, so what it asks for is unknown"
                ),
                "name the folder of the site in place of its pages",
            )),
            Unanswered::Elsewhere => None,
            Unanswered::Missing => Some(self.not_there(shown)),
        }
    }

    /// The finding about a style sheet or script of the site that imports too many others; without a place.
    pub(super) fn cut_off(&self, destination: Destination, url: &Url) -> Finding {
        let shown = self.shown(url);
        let nouns = match destination {
            Destination::Script => "scripts",
            _ => "style sheets",
        };
        let message = format!(
            "{shown} imports {MOST_FILES} {nouns} or more; what the others ask for is unknown"
        );
        Finding::new(Code::UnreadFile, message, format!("join the {nouns}"))
    }

    /// The finding about a URL of the site that no file answers; without a place.
    pub(super) fn missing(&self, destination: Destination, url: &Url) -> Option<Finding> {
        match destination {
            // An application answers these.
            Destination::Form | Destination::Base | Destination::Connect => return None,
            Destination::Script
            | Destination::Style
            | Destination::Image
            | Destination::Media
            | Destination::Font
            | Destination::Object
            | Destination::Frame
            | Destination::Manifest
            | Destination::Prefetch => {}
        }
        let shown = self.shown(url);
        (!self.is_there(url)?).then(|| self.not_there(shown))
    }

    fn not_there(&self, shown: &str) -> Finding {
        let mut help = "build the file, or correct the URL".to_owned();
        if !self.site.is_known() {
            help.push_str("; if the site is served below a path, name that with --site-url");
        }
        let message = format!("no file of the site answers {shown}");
        Finding::new(Code::MissingFile, message, help)
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Whether there is a file that only links lead to.
fn leads_elsewhere(path: &Path) -> bool {
    path.canonicalize().is_ok_and(|real| real != path)
}
