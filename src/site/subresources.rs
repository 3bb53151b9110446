//! The requests of the site's own style sheets, scripts, manifests and framed pages: what a page causes beyond what stands in it.
//!
//! Each file is read once, when a page first uses it, on whichever thread that is. What it asks for depends on the file alone,
//! so the result does not depend on the order.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::Deserialize;
use url::Url;

use super::cut_off::Sizes;
use super::file_problem::FileProblem;
use super::files::{SiteFile, SiteFiles, Unanswered};
use super::own_scripts::{Mentioned, OwnScript, own_script};
use super::requests::{absolute_bases, resolved};
use crate::css::data_url::data_fetches;
use crate::css::walk::fetches;
use crate::css::{FetchKind, Grammar, encoding};
use crate::finding::{Finding, Place};
use crate::location::{LineIndex, Location};
use crate::page::links::Role;
use crate::page::request::{cleaned, is_nothing, told};
use crate::page::{Destination, ScanOptions, scan_page};

/// The most style sheets or scripts that count for one, with itself. Their number bounds the work for each page that uses it.
pub(super) const MOST_FILES: usize = 1000;

/// The most pages that lead to each other in a frame, which count for the page with the frame.
const MOST_REFRESHED: usize = 16;

/// A request of a file.
#[derive(Debug)]
pub(crate) struct Subrequest {
    pub(crate) destination: Destination,
    /// Its absolute URL without a fragment, of `data:` and `blob:` URLs the scheme alone.
    pub(crate) url: Arc<Url>,
    /// The location in the file.
    pub(crate) first: Place,
    /// Whether the file is one of which nothing may be shown.
    pub(crate) is_hidden: bool,
}

/// The requests of a file, each once.
pub(super) type Requests = Arc<[Arc<Subrequest>]>;

/// The content of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnFile {
    pub(super) requests: Requests,
    /// Of a script.
    pub(super) script: Option<Arc<OwnScript>>,
    /// The path as it is reported of a file of which nothing may be shown.
    pub(super) hidden: Option<Arc<str>>,
}

/// What makes a file another one: what it is read as, and its URL without a query.
pub(super) type FileKey = (Destination, Arc<Url>);

/// Results by key, each computed once, by whoever asks first.
pub(super) type Once<T> = Mutex<HashMap<FileKey, Arc<OnceLock<T>>>>;

/// The requests of files, once they were read.
#[derive(Debug, Default)]
pub(super) struct Subresources {
    /// Those that stand in a file.
    own: Once<Result<OwnFile, Unanswered>>,
    /// What the scripts mention and do that one loads, with itself.
    pub(super) mentions: Once<Arc<Mentioned>>,
    /// The same of a script that is loaded when another one runs.
    pub(super) late_mentions: Once<Arc<Mentioned>>,
    /// Those of a file and of the files that it imports.
    all: Once<Requests>,
    pub(super) sizes: Sizes,
    /// The problems with files.
    problems: Once<Option<FileProblem>>,
}

/// What is one file of the site: a query leads to the same one.
pub(super) fn file_key(destination: Destination, url: &Arc<Url>) -> FileKey {
    let mut url = Arc::clone(url);
    if url.query().is_some() {
        Arc::make_mut(&mut url).set_query(None);
    }
    (destination, url)
}

/// Whether the files of such requests are read for what they ask for.
const fn is_read(destination: Destination) -> bool {
    matches!(
        destination,
        Destination::Style | Destination::Script | Destination::Manifest
    )
}

/// Whether files of such requests import others of their kind, or lead to them.
pub(super) const fn imports(destination: Destination) -> bool {
    matches!(
        destination,
        Destination::Style | Destination::Script | Destination::Frame
    )
}

pub(super) fn cell<T>(of: &Once<T>, key: &FileKey) -> Arc<OnceLock<T>> {
    let mut known = of.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry(key.clone()).or_default())
}

impl SiteFiles {
    /// The files that were read and of which nothing may be shown, as they are reported.
    #[must_use]
    pub fn hidden(&self) -> Vec<String> {
        let own = self
            .subresources
            .own
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let files = own.values().filter_map(|cell| cell.get()?.as_ref().ok());
        let hidden = files.filter_map(|file| file.hidden.as_deref());
        hidden.map(str::to_owned).collect()
    }

    /// The requests that stand in the site's own style sheet, script or manifest at a URL, each once; of other files there are none.
    pub(super) fn own_requests(&self, destination: Destination, url: &Arc<Url>) -> Requests {
        self.own_file(destination, url).requests
    }

    pub(super) fn own_file(&self, destination: Destination, url: &Arc<Url>) -> OwnFile {
        match self.reads(destination, url) {
            true => self
                .answered(&self.key(destination, url))
                .unwrap_or_default(),
            false => OwnFile::default(),
        }
    }

    /// Whether the file of a request is read for what it asks for.
    pub(crate) fn reads(&self, destination: Destination, url: &Url) -> bool {
        // What a server sends in a frame is a page for itself.
        let is_frame = destination == Destination::Frame && self.roots().is_some();
        (is_read(destination) || is_frame) && self.has(url)
    }

    /// The URL of another origin that a file is redirected to.
    pub(super) fn redirect(&self, destination: Destination, url: &Url) -> Option<Url> {
        let key = self.key(destination, &Arc::new(url.clone()));
        match self.answered(&key) {
            Err(Unanswered::Redirected(to)) => Some(to),
            Ok(_) | Err(_) => None,
        }
    }

    /// The content of a file, which is read if it was not yet.
    fn answered(&self, key: &FileKey) -> Result<OwnFile, Unanswered> {
        let own = cell(&self.subresources.own, key);
        own.get_or_init(|| self.own(key)).clone()
    }

    /// The same with those of all the files that it imports.
    pub(crate) fn requests(&self, destination: Destination, url: &Arc<Url>) -> Requests {
        if !self.reads(destination, url) {
            return Arc::default();
        }
        let key = self.key(destination, url);
        let all = cell(&self.subresources.all, &key);
        let collect = || {
            let mut all = Vec::new();
            self.walk(&key, |request| all.push(Arc::clone(request)));
            all.into()
        };
        Arc::clone(all.get_or_init(collect))
    }

    /// The finding about a request of the site without a readable file; without a place.
    pub(crate) fn finding(&self, destination: Destination, url: &Url) -> Option<Finding> {
        let problem = self.problem(destination, url)?;
        let mut finding = problem.finding(destination, url, self.site());
        if self.roots().is_none() && matches!(problem, FileProblem::Unread(_)) {
            finding.help =
                "let the server send it to everybody, or shorten it if it is too long".to_owned();
        }
        Some(finding)
    }

    /// The problem with the file of a request of the site.
    pub(super) fn problem(&self, destination: Destination, url: &Url) -> Option<FileProblem> {
        if !self.has(url) {
            return None;
        }
        let key = (destination, Arc::new(url.clone()));
        let known = cell(&self.subresources.problems, &key);
        let problem = || match is_read(destination) {
            false if self.may_be_framed(destination, url) => {
                self.unanswered(self.document(url).err()?)
            }
            false => self.missing(destination, url),
            true => {
                let key = self.key(destination, &key.1);
                match self.answered(&key) {
                    // What a script asks for is not known anyway.
                    Err(Unanswered::Missing | Unanswered::Elsewhere)
                        if destination == Destination::Script =>
                    {
                        self.missing(destination, url)
                    }
                    Err(why) => self.unanswered(why),
                    Ok(own) => {
                        let problem = own.script.as_ref().and_then(|it| it.problem.clone());
                        let is_cut_off = || self.is_cut_off(&key);
                        problem.or_else(|| is_cut_off().then_some(FileProblem::CutOff))
                    }
                }
            }
        };
        known.get_or_init(problem).clone()
    }

    /// Hands on the requests of a file and of the files that it imports. Returns these, and whether there are more of them than count.
    pub(super) fn walk(
        &self,
        first: &FileKey,
        mut take: impl FnMut(&Arc<Subrequest>),
    ) -> (HashSet<FileKey>, bool) {
        let most = match first.0 {
            Destination::Frame => MOST_REFRESHED,
            _ => MOST_FILES,
        };
        let mut is_cut = false;
        let mut read = HashSet::from([first.clone()]);
        let mut waiting = VecDeque::from([first.clone()]);
        while let Some((destination, url)) = waiting.pop_front() {
            for request in &*self.own_requests(destination, &url) {
                take(request);
                if !imports(request.destination) || !self.has(&request.url) {
                    continue;
                }
                let key = self.key(request.destination, &request.url);
                if read.contains(&key) {
                    continue;
                }
                is_cut |= read.len() == most;
                if !is_cut {
                    read.insert(key.clone());
                    waiting.push_back(key);
                }
            }
        }
        (read, is_cut)
    }

    /// The requests that stand in a file, each once.
    fn own(&self, (destination, url): &FileKey) -> Result<OwnFile, Unanswered> {
        if *destination == Destination::Frame {
            return self.refreshed(url);
        }
        let file = self.read(url)?;
        if *destination == Destination::Script {
            return Ok(own_script(&file, file.charset.unwrap_or(self.charset())));
        }
        let base = [Some(file.url.clone())];
        let mut all = Vec::new();
        let mut seen = HashSet::new();
        let mut add = |destination, text: &str, location| {
            let text = cleaned(text);
            let to = resolved(told(&text), 0, &base).filter(|_| !is_nothing(&text));
            let Some(to) = to.map(Arc::new) else {
                return;
            };
            if seen.insert((destination, Arc::clone(&to))) {
                all.push(Arc::new(Subrequest {
                    destination,
                    url: to,
                    first: Place::of(&file.name, location),
                    is_hidden: file.is_hidden,
                }));
            }
        };
        match destination {
            Destination::Manifest => icons(&file, &mut add),
            _ => {
                let text = match file.charset {
                    Some(charset) => charset.decode(&file.bytes).0,
                    None => encoding::decode(&file.bytes, self.charset()).0,
                };
                let mut lines = None;
                fetches(&text, Grammar::Sheet, &mut |fetch| {
                    let lines = lines.get_or_insert_with(|| LineIndex::new(text.as_bytes()));
                    let location = lines.location(text.as_bytes(), fetch.offset);
                    add(fetch.kind.into(), fetch.url, location);
                    if fetch.kind == FetchKind::StyleSheet {
                        data_fetches(fetch.url, &mut |kind, url| add(kind.into(), url, location));
                    }
                });
            }
        }
        Ok(OwnFile {
            requests: all.into(),
            script: None,
            hidden: file.hidden(),
        })
    }
}

impl SiteFiles {
    /// What the page at a URL leads to by itself, where another one frames it: browsers ask the policy of that (run).
    fn refreshed(&self, url: &Url) -> Result<OwnFile, Unanswered> {
        let places = self.site().site_paths(url).into_iter();
        let mut files = places.map(|place| self.read(&self.site().page(&place)));
        let file = files.find_map(Result::ok).ok_or(Unanswered::Missing)?;
        let options = ScanOptions::new().with_links().with_requests(true);
        // What is wrong with it is reported of it as a page.
        let Ok(page) = scan_page(&file.name, &*file.bytes, &options) else {
            return Ok(OwnFile::default());
        };
        let bases = absolute_bases(url, &page.bases);
        let refreshes = page.links.iter().filter(|it| it.role == Role::Refresh);
        let requests = refreshes.filter_map(|link| {
            let text = cleaned(&link.url);
            let url = resolved(told(&text), link.base, &bases).filter(|_| !is_nothing(&text))?;
            let is_asked = matches!(url.scheme(), "http" | "https" | "data" | "blob");
            is_asked.then(|| {
                Arc::new(Subrequest {
                    destination: Destination::Frame,
                    url: Arc::new(url),
                    first: Place::of(&file.name, link.location),
                    is_hidden: file.is_hidden,
                })
            })
        });
        Ok(OwnFile {
            requests: requests.collect(),
            script: None,
            hidden: file.hidden(),
        })
    }
}

/// The part of [a manifest](https://www.w3.org/TR/appmanifest/#icons-member) that is fetched.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Manifest {
    icons: Vec<serde_json::Value>,
}

/// Hands the icons of a manifest to `add`. Browsers ignore one that is no JSON, and an icon that is no object with a URL.
fn icons(file: &SiteFile, add: &mut impl FnMut(Destination, &str, Location)) {
    let manifest: Manifest = serde_json::from_slice(&file.bytes).unwrap_or_default();
    let lines = LineIndex::new(&file.bytes);
    let mut from = 0;
    for icon in &manifest.icons {
        let Some(url) = icon.get("src").and_then(serde_json::Value::as_str) else {
            continue;
        };
        // They stand there in this order, and nearly always as they are.
        let found = memchr::memmem::find(&file.bytes[from..], url.as_bytes());
        let location = found.map(|at| {
            let at = from + at;
            from = at + url.len();
            lines.location(&file.bytes, at)
        });
        add(Destination::Image, url, location.unwrap_or(Location::START));
    }
}
