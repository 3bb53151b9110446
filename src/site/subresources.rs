//! The requests of the site's own style sheets, scripts, manifests and framed pages: what a page causes beyond what stands in it.
//!
//! Each file is read once, when a page first uses it, on whichever thread that is. What it asks for depends on the file alone,
//! so the result does not depend on the order.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use url::Url;

use super::cut_off::Sizes;
use super::file_problem::FileProblem;
use super::files::{SiteFiles, Unanswered};
use super::own_manifest::icons;
use super::own_scripts::{Mentioned, OwnScript, own_script};
use super::requests::resolved;
use crate::css::data_url::data_fetches;
use crate::css::walk::fetches;
use crate::css::{FetchKind, Grammar, encoding};
use crate::finding::{Finding, Place};
use crate::location::LineIndex;
use crate::page::Destination;
use crate::page::request::{cleaned, is_nothing, told};

/// The most style sheets or scripts that count for one, with itself, and the most imports in them. They bound the work for each page
/// that uses it.
pub(super) const MOST_FILES: usize = 1000;
pub(super) const MOST_IMPORTS: usize = 20_000;

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
    /// Whether it is a module that a script imports.
    pub(crate) is_module: bool,
}

/// The requests of a file, each once.
pub(crate) type Requests = Arc<[Arc<Subrequest>]>;

/// The content of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnFile {
    pub(super) requests: Requests,
    /// The files of the site that it imports itself, each once.
    pub(super) imports: Arc<[u32]>,
    /// The scripts of the site that it loads when it runs, likewise.
    pub(super) later: Arc<[u32]>,
    /// Of a script.
    pub(super) script: Option<Arc<OwnScript>>,
    /// Why not all of what it asks for is known.
    pub(super) problem: Option<FileProblem>,
    /// The path as it is reported of a file of which nothing may be shown.
    pub(super) hidden: Option<Arc<str>>,
}

/// What makes a file another one: what it is read as, and its URL without a query.
pub(crate) type FileKey = (Destination, Arc<Url>);

/// Results by key, each computed once, by whoever asks first.
pub(super) type Once<T> = Mutex<HashMap<FileKey, Arc<OnceLock<T>>>>;

/// The numbers by which files are known to those that import them.
#[derive(Debug, Default)]
struct Numbers(Mutex<(HashMap<FileKey, u32>, Vec<FileKey>)>);

impl Numbers {
    fn of(&self, key: FileKey) -> u32 {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (numbers, all) = &mut *known;
        *numbers.entry(key).or_insert_with_key(|key| {
            all.push(key.clone());
            all.len() as u32 - 1
        })
    }

    fn key(&self, number: u32) -> FileKey {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.1[number as usize].clone()
    }
}

/// The numbers of files that a walk came to. There are many more imports than files.
#[derive(Default)]
pub(super) struct Seen(Vec<bool>);

impl Seen {
    /// Whether it is new.
    pub(super) fn insert(&mut self, number: u32) -> bool {
        let at = number as usize;
        if at >= self.0.len() {
            self.0.resize(at + 1, false);
        }
        !std::mem::replace(&mut self.0[at], true)
    }
}

/// The requests of files, once they were read.
#[derive(Debug, Default)]
pub(super) struct Subresources {
    /// Those that stand in a file.
    own: Once<Result<OwnFile, Unanswered>>,
    /// What the scripts mention and do that one loads, with itself.
    pub(super) mentions: Once<Arc<Mentioned>>,
    /// The same of a script that is loaded when another one runs.
    pub(super) late_mentions: Once<Arc<Mentioned>>,
    numbers: Numbers,
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
    matches!(destination, Destination::Style | Destination::Script | Destination::Use | Destination::Manifest)
}

/// Whether files of such requests import others of their kind, or lead to them.
pub(super) const fn imports(destination: Destination) -> bool {
    matches!(destination, Destination::Style | Destination::Script | Destination::Use | Destination::Frame)
}

pub(super) fn cell<T>(of: &Once<T>, key: &FileKey) -> Arc<OnceLock<T>> {
    let mut known = of.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry(key.clone()).or_default())
}

impl SiteFiles {
    /// The files that were read and of which nothing may be shown, as they are reported.
    #[must_use]
    pub fn hidden(&self) -> Vec<String> {
        let own = self.subresources.own.lock().unwrap_or_else(PoisonError::into_inner);
        let files = own.values().filter_map(|cell| cell.get()?.as_ref().ok());
        let hidden = files.filter_map(|file| file.hidden.as_deref());
        hidden.map(str::to_owned).collect()
    }

    /// The requests that stand in the site's own style sheet, script or manifest at a URL, each once; of other files there are none.
    pub(crate) fn own_requests(&self, destination: Destination, url: &Arc<Url>) -> Requests {
        self.own_file(destination, url).requests
    }

    pub(super) fn own_file(&self, destination: Destination, url: &Arc<Url>) -> OwnFile {
        match self.reads(destination, url) {
            true => self.answered(&self.key(destination, url)).unwrap_or_default(),
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
        let read = || {
            let mut file = self.own(key)?;
            let numbers = |requests: &[Arc<Subrequest>]| {
                let own = requests.iter();
                let own = own.filter(|it| imports(it.destination) && self.has(&it.url));
                let numbers = own.map(|it| self.number(it.destination, &it.url));
                let mut seen = HashSet::new();
                let mut numbers = numbers.filter(|it| seen.insert(*it)).peekable();
                // Most files import none, and an empty list takes no memory then.
                match numbers.peek() {
                    Some(_) => numbers.collect(),
                    None => Arc::default(),
                }
            };
            file.imports = numbers(&file.requests);
            file.later = numbers(file.script.as_ref().map_or(&[], |it| it.mentions()));
            Ok(file)
        };
        own.get_or_init(read).clone()
    }

    /// The number of the file at a URL of the site.
    pub(super) fn number(&self, destination: Destination, url: &Arc<Url>) -> u32 {
        self.subresources.numbers.of(self.key(destination, url))
    }

    pub(super) fn file(&self, number: u32) -> OwnFile {
        let (destination, url) = self.subresources.numbers.key(number);
        self.own_file(destination, &url)
    }

    /// A file of the site and those that it leads to by imports, as many as count, the nearest first.
    pub(crate) fn with_imports(&self, destination: Destination, url: &Arc<Url>) -> Vec<FileKey> {
        let (all, _) = self.reached(self.number(destination, url));
        let all = all.into_iter();
        all.map(|it| self.subresources.numbers.key(it)).collect()
    }

    /// The finding about a request of the site without a readable file; without a place.
    pub(crate) fn finding(&self, destination: Destination, url: &Url) -> Option<Finding> {
        let problem = self.problem(destination, url)?;
        let mut finding = problem.finding(destination, url, self.site());
        if self.roots().is_none() && matches!(problem, FileProblem::Unread(_)) {
            finding.help = "let the server send it to everybody, or shorten it if it is too long".to_owned();
        }
        Some(finding)
    }

    /// The problem with the file of a request of the site.
    pub(super) fn problem(&self, destination: Destination, url: &Url) -> Option<FileProblem> {
        // Template code goes on with the URL of a folder, unless a page is there.
        let is_begun = url.path().ends_with('/') && !self.may_be_framed(destination, url);
        if !self.has(url) || is_begun {
            return None;
        }
        let key = (destination, Arc::new(url.clone()));
        let known = cell(&self.subresources.problems, &key);
        let problem = || match is_read(destination) {
            false if self.may_be_framed(destination, url) => self.unanswered(self.document(url).err()?),
            false => self.missing(destination, url),
            true => {
                let key = self.key(destination, &key.1);
                match self.answered(&key) {
                    // What a script asks for is not known anyway.
                    Err(Unanswered::Missing | Unanswered::Elsewhere) if destination == Destination::Script => {
                        self.missing(destination, url)
                    }
                    Err(why) => self.unanswered(why),
                    Ok(own) => {
                        let problem = own.problem;
                        let is_cut_off =
                            || !own.imports.is_empty() && self.is_cut_off(self.number(destination, &key.1));
                        problem.or_else(|| is_cut_off().then_some(FileProblem::CutOff))
                    }
                }
            }
        };
        known.get_or_init(problem).clone()
    }

    /// A file and those that it leads to by imports, the nearest first, with the number of the imports in them; [`None`] if there are
    /// more than count.
    pub(super) fn reached(&self, first: u32) -> (Vec<u32>, Option<usize>) {
        let mut seen = Seen::default();
        seen.insert(first);
        let mut all = vec![first];
        let mut room = MOST_IMPORTS;
        let most = match self.subresources.numbers.key(first).0 {
            Destination::Frame => MOST_REFRESHED,
            _ => MOST_FILES,
        };
        let mut is_cut = false;
        let mut at = 0;
        while let Some(from) = all.get(at) {
            let imports = self.file(*from).imports;
            is_cut |= imports.len() > room;
            for number in imports.iter().take(room) {
                if !seen.insert(*number) {
                    continue;
                }
                is_cut |= all.len() == most;
                if !is_cut {
                    all.push(*number);
                }
            }
            room = room.saturating_sub(imports.len());
            at += 1;
        }
        (all, (!is_cut).then_some(MOST_IMPORTS - room))
    }

    /// The requests that stand in a file, each once.
    fn own(&self, (destination, url): &FileKey) -> Result<OwnFile, Unanswered> {
        if *destination == Destination::Frame {
            return self.refreshed(url);
        }
        let file = self.read(url)?;
        match destination {
            Destination::Script => {
                return Ok(own_script(&file, file.charset.unwrap_or(self.charset())));
            }
            Destination::Use => return Ok(self.own_symbols(&file)),
            _ => {}
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
                    is_module: false,
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
        Ok(OwnFile { requests: all.into(), hidden: file.hidden(), ..OwnFile::default() })
    }
}
