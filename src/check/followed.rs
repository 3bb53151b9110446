//! The requests of the site's own style sheets, scripts and manifests, and what its scripts mention and do: judged once for all
//! pages under the same policies.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use url::Url;

use super::Checker;
use super::dependencies::with_known_loads;
use super::external::External;
use super::policies::Judged;
use super::run_time;
use crate::error::Result;
use crate::finding::{Code, Finding, Place};
use crate::page::Destination;
use crate::page::subject::Nonce;
use crate::site::{SiteFiles, SiteUrl};

/// A finding about the requests in one file.
#[derive(Clone, Debug)]
pub(super) struct OfFile {
    /// Its place is that of the first request.
    pub(super) finding: Finding,
    pub(super) file: Arc<str>,
    /// Number of requests.
    pub(super) uses: u64,
}

/// Findings about the requests that follow from one, or of its file alone, under policies, which their addresses tell apart. A script
/// that is only mentioned has no nonce.
type Known<T> = Mutex<HashMap<Key, Arc<OnceLock<T>>>>;

type Key = (Destination, Arc<Url>, Option<Nonce>, Vec<usize>);

/// The findings about a file and those that it leads to, by files.
pub(super) type OfFiles = Arc<[Arc<[OfFile]>]>;

/// The findings that are known.
#[derive(Default)]
pub(super) struct Followed {
    all: Known<OfFiles>,
    own: Known<Arc<[OfFile]>>,
}

fn cell<T>(of: &Known<T>, key: &Key) -> Arc<OnceLock<T>> {
    let mut known = of.lock().unwrap_or_else(PoisonError::into_inner);
    match known.get(key) {
        Some(cell) => Arc::clone(cell),
        None => Arc::clone(known.entry(key.clone()).or_default()),
    }
}

/// Findings of files, folded by file, code and text.
#[derive(Default)]
struct Folded {
    all: Vec<OfFile>,
    index: HashMap<(Arc<str>, Code, String, String), usize>,
}

impl Folded {
    fn add(&mut self, finding: Finding, first: &Place) {
        let file = Arc::clone(&first.path);
        let key = (Arc::clone(&file), finding.code, finding.message.clone(), finding.help.clone());
        let at = *self.index.entry(key).or_insert(self.all.len());
        if at == self.all.len() {
            self.all.push(OfFile { finding: finding.at(first.clone()), file, uses: 0 });
        }
        self.all[at].uses += 1;
    }
}

impl Checker {
    /// The findings about what follows from a request, folded by file, code and text. Marks the hosts that its script mentions.
    pub(super) fn followed(&self, site: &SiteUrl, from: &External<'_>, governing: &[&Judged]) -> Result<OfFiles> {
        let Some(url) = from.url else {
            return Ok(Arc::default());
        };
        // The nonce of a module counts for its imports, too.
        let nonce = match from.destination {
            Destination::Script => from.nonce,
            _ => &Nonce::None,
        };
        self.of_file(site, (from.destination, url), Some(nonce), governing)
    }

    /// The findings about what a script does that is only mentioned. Marks the hosts that it imports and mentions.
    pub(super) fn late(&self, site: &SiteUrl, url: &Url, governing: &[&Judged]) -> Result<OfFiles> {
        self.of_file(site, (Destination::Script, url), None, governing)
    }

    fn of_file(
        &self,
        site: &SiteUrl,
        (destination, url): (Destination, &Url),
        nonce: Option<&Nonce>,
        governing: &[&Judged],
    ) -> Result<OfFiles> {
        let files = self.files.as_ref();
        let Some(files) = files.filter(|files| files.reads(destination, url)) else {
            return Ok(Arc::default());
        };
        let addresses = governing.iter().map(|judged| std::ptr::from_ref(*judged) as usize);
        let shared = Arc::new(url.clone());
        let mut key = (destination, Arc::clone(&shared), nonce.cloned(), addresses.collect());
        let known = cell(&self.followed.all, &key);
        if let Some(found) = known.get() {
            return Ok(Arc::clone(found));
        }
        let mut all = Vec::new();
        if nonce.is_some() {
            for file in files.with_imports(destination, &shared) {
                (key.0, key.1) = file;
                all.push(self.own(site, files, &key, governing)?);
            }
        }
        if destination == Destination::Script {
            let mentioned = files.mentioned(&shared, nonce.is_none());
            let mut signs = Folded::default();
            for (sign, place) in &mentioned.signs {
                let found = run_time::finding(*sign, governing);
                found.into_iter().for_each(|it| signs.add(it, place));
            }
            all.push(signs.all.into());
            let urls = mentioned.urls.iter();
            let urls = urls.map(|it| (it.destination, (*it.url).clone()));
            let urls = with_known_loads(urls);
            governing.iter().for_each(|judged| judged.mentions(site, &urls));
        }
        all.retain(|found| !found.is_empty());
        Ok(Arc::clone(known.get_or_init(|| all.into())))
    }

    /// Judges the requests in a file itself.
    fn own(&self, site: &SiteUrl, files: &SiteFiles, key: &Key, governing: &[&Judged]) -> Result<Arc<[OfFile]>> {
        let known = cell(&self.followed.own, key);
        if let Some(found) = known.get() {
            return Ok(Arc::clone(found));
        }
        let (destination, url, nonce, _) = key;
        let mut all = Folded::default();
        for request in &*files.own_requests(*destination, url) {
            let bare = External::bare(request.destination, &request.url);
            let external = match (request.destination, nonce) {
                (Destination::Script, Some(nonce)) => External { nonce, ..bare },
                _ => bare,
            };
            let (_, found) = self.request(site, &external, governing)?;
            for mut finding in found {
                if request.is_hidden {
                    finding.hide();
                }
                all.add(finding, &request.first);
            }
        }
        Ok(Arc::clone(known.get_or_init(|| all.all.into())))
    }
}
