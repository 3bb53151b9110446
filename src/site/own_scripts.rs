//! The site's own scripts: what they import, and what they and the scripts that they load mention and do.
//!
//! What a script imports when it runs is only mentioned, and so is all that follows from there.

use std::cell::LazyCell;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use encoding_rs::Encoding;
use rayon::prelude::*;
use url::Url;

use super::file_problem::FileProblem;
use super::files::{SiteFile, SiteFiles};
use super::modules::is_relative;
use super::requests::{DistinctRequest, resolved};
use super::subresources::{MOST_FILES, MOST_IMPORTS, OwnFile, Requests, Seen, Subrequest, cell};
use crate::finding::Place;
use crate::location::LineIndex;
use crate::page::Destination;
use crate::page::javascript::{Grammar, Relative, Script, Sign};

/// The most characters of a specifier that are shown.
const MOST_SHOWN: usize = 100;

/// The most mentions that count for one script.
const MOST_MENTIONS: usize = 10_000;

/// What a script of the site mentions and does.
#[derive(Debug)]
pub(super) struct OwnScript {
    mentions: Requests,
    signs: Vec<(Sign, Place)>,
    /// The modules that it imports, in source order.
    pub(super) modules: Vec<ModuleSpecifier>,
}

/// An import of a module.
#[derive(Debug)]
pub(super) struct ModuleSpecifier {
    pub(super) specifier: Box<str>,
    /// Whether it is made when the script runs, if at all.
    pub(super) is_late: bool,
}

/// What a script of the site and the scripts that it loads mention and do.
#[derive(Debug, Default)]
pub(crate) struct Mentioned {
    pub(crate) urls: Vec<Arc<Subrequest>>,
    /// One for each script that does it.
    pub(crate) signs: Vec<(Sign, Place)>,
}

/// What is in the script in a file. `fallback` is the encoding of one that declares none.
pub(super) fn own_script(file: &SiteFile, fallback: &'static Encoding) -> OwnFile {
    let (text, _, _) = fallback.decode(&file.bytes);
    let found = Script::parse(&text, Grammar::File);
    let is_too_large = found.is_err();
    let found = found.unwrap_or_else(|_| Script::quoted(&text));
    let base = [Some(file.url.clone())];
    let lines = LazyCell::new(|| LineIndex::new(text.as_bytes()));
    let place = |offset: u32| Place::of(&file.name, lines.location(text.as_bytes(), offset as usize));
    let request = |destination, url: &str, offset, is_module| {
        Some(Arc::new(Subrequest {
            destination,
            url: Arc::new(resolved(url, 0, &base)?),
            first: place(offset),
            is_hidden: file.is_hidden,
            is_module: is_module && destination == Destination::Script,
        }))
    };
    // The others depend on the import map of the page.
    let is_url = |specifier: &str| is_relative(specifier) || Url::parse(specifier).is_ok();
    let distinct = |requests: Vec<Arc<Subrequest>>| -> Requests {
        let mut seen = HashSet::new();
        let new = requests.into_iter();
        new.filter(|it| seen.insert((it.destination, Arc::clone(&it.url)))).collect()
    };
    let specifier = |destination, specifier: &str, is_late| {
        (destination == Destination::Script).then(|| ModuleSpecifier { specifier: specifier.into(), is_late })
    };
    let imports = found.imports.iter();
    let modules = imports.filter_map(|it| specifier(it.destination, &it.specifier, false));
    let late = found.mentions.urls.iter();
    let late = late.filter(|it| it.relative == Relative::Import);
    let late = late.filter_map(|it| specifier(it.destination, &it.url, true));
    let modules = modules.chain(late).collect();
    let mentions = found.mentions.urls.iter();
    let (bare, mentions): (Vec<_>, Vec<_>) =
        mentions.partition(|it| it.relative == Relative::Import && !is_url(&it.url));
    let bare = bare.into_iter().map(|it| &it.url).next();
    let mut specifiers = found.imports.iter().map(|it| &it.specifier);
    let bare = specifiers.find(|it| !is_url(it)).or(bare);
    let imports = found.imports.iter().filter(|it| is_url(&it.specifier));
    let imports = imports.filter_map(|it| request(it.destination, &it.specifier, it.offset, true));
    let mentions = mentions.into_iter().filter_map(|it| {
        // The page decides what it is relative to. It is of the site, whatever that is.
        let is_of_page = it.relative == Relative::Document && !it.url.starts_with('/') && Url::parse(&it.url).is_err();
        let url = if is_of_page { "/" } else { &it.url };
        let is_import = it.relative == Relative::Import;
        request(it.destination, url, it.offset, is_import)
    });
    let signs = found.mentions.signs.iter();
    OwnFile {
        requests: distinct(imports.collect()),
        script: Some(Arc::new(OwnScript {
            mentions: distinct(mentions.collect()),
            modules,
            signs: signs.map(|(sign, at)| (*sign, place(*at))).collect(),
        })),
        problem: match is_too_large {
            true => Some(FileProblem::TooLarge),
            false => bare.map(|it| FileProblem::Unresolved(it.chars().take(MOST_SHOWN).collect())),
        },
        hidden: file.hidden(),
        ..OwnFile::default()
    }
}

impl OwnScript {
    pub(super) fn mentions(&self) -> &[Arc<Subrequest>] {
        &self.mentions
    }
}

impl OwnFile {
    /// The mentions of a script; with its imports if it is loaded when another one runs.
    pub(super) fn mentions(&self, is_late: bool) -> Vec<DistinctRequest> {
        let late = self.requests.iter().filter(|_| is_late);
        let mentions = self.script.iter().flat_map(|script| &*script.mentions);
        late.chain(mentions).map(|it| DistinctRequest::of_file(it)).collect()
    }

    /// What a script does, with the location.
    pub(super) fn signs(&self) -> &[(Sign, Place)] {
        self.script.as_ref().map_or(&[], |script| &script.signs)
    }
}

impl SiteFiles {
    /// What the script of the site at a URL and the scripts that it loads mention and do; with what they import if it `is_late`, loaded
    /// when another one runs.
    pub(crate) fn mentioned(&self, url: &Arc<Url>, is_late: bool) -> Arc<Mentioned> {
        if !self.has(url) {
            return Arc::default();
        }
        let key = self.key(Destination::Script, url);
        let known = match is_late {
            true => &self.subresources.late_mentions,
            false => &self.subresources.mentions,
        };
        let known = cell(known, &key);
        Arc::clone(known.get_or_init(|| Arc::new(self.collect_mentions(&key.1, is_late))))
    }

    /// The scripts of the site among requests, of which the first has the index `start`, by their indices.
    pub(super) fn scripts(&self, requests: &[DistinctRequest], start: u32) -> Vec<(u32, OwnFile)> {
        let scripts = requests.par_iter().enumerate().filter_map(|(at, it)| {
            let is_script = it.destination == Destination::Script;
            let file = self.own_file(Destination::Script, it.url.as_ref().filter(|_| is_script)?);
            file.script.is_some().then_some((start + at as u32, file))
        });
        scripts.collect()
    }

    fn collect_mentions(&self, first: &Arc<Url>, is_late: bool) -> Mentioned {
        let mut all = Mentioned::default();
        let first = self.number(Destination::Script, first);
        let mut seen = Seen::default();
        seen.insert(first);
        let mut room = MOST_FILES - 1;
        // Each with whether it is loaded when another one runs.
        let mut waiting = VecDeque::from([(first, is_late)]);
        let mut steps = MOST_IMPORTS;
        while let Some((number, is_late)) = waiting.pop_front() {
            let file = self.file(number);
            let Some(script) = file.script else { continue };
            let late = file.requests.iter().filter(|_| is_late);
            let left = MOST_MENTIONS.saturating_sub(all.urls.len());
            let urls = late.chain(&*script.mentions).take(left);
            all.urls.extend(urls.cloned());
            all.signs.extend(script.signs.iter().cloned());
            let imported = file.imports.iter().map(|it| (*it, is_late));
            let later = file.later.iter().map(|it| (*it, true));
            for loaded in imported.chain(later).take(steps) {
                steps -= 1;
                if room > 0 && seen.insert(loaded.0) {
                    room -= 1;
                    waiting.push_back(loaded);
                }
            }
        }
        all
    }
}
