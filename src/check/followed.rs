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
use crate::site::SiteUrl;

/// A finding about the requests in one file.
#[derive(Clone, Debug)]
pub(super) struct OfFile {
    /// Its place is that of the first request.
    pub(super) finding: Finding,
    pub(super) file: Arc<str>,
    /// Number of requests.
    pub(super) uses: u64,
}

/// The findings about the requests that follow from one, under policies, which their addresses tell apart. A script that is only
/// mentioned has no nonce.
type Known = HashMap<(Destination, Url, Option<Nonce>, Vec<usize>), Arc<OnceLock<Arc<[OfFile]>>>>;

/// The findings that are known.
#[derive(Default)]
pub(super) struct Followed(Mutex<Known>);

impl Checker {
    /// The findings about what follows from a request, folded by file, code and text. Marks the hosts that its script mentions.
    pub(super) fn followed(
        &self,
        site: &SiteUrl,
        from: &External<'_>,
        governing: &[&Judged],
    ) -> Result<Arc<[OfFile]>> {
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
    pub(super) fn late(
        &self,
        site: &SiteUrl,
        url: &Url,
        governing: &[&Judged],
    ) -> Result<Arc<[OfFile]>> {
        self.of_file(site, (Destination::Script, url), None, governing)
    }

    fn of_file(
        &self,
        site: &SiteUrl,
        (destination, url): (Destination, &Url),
        nonce: Option<&Nonce>,
        governing: &[&Judged],
    ) -> Result<Arc<[OfFile]>> {
        let files = self.files.as_ref();
        let Some(files) = files.filter(|files| files.reads(destination, url)) else {
            return Ok(Arc::default());
        };
        let addresses = governing
            .iter()
            .map(|judged| std::ptr::from_ref(*judged) as usize);
        let key = (
            destination,
            url.clone(),
            nonce.cloned(),
            addresses.collect(),
        );
        let mut known = self
            .followed
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let cell = Arc::clone(known.entry(key).or_default());
        drop(known);
        if let Some(found) = cell.get() {
            return Ok(Arc::clone(found));
        }
        let shared = Arc::new(url.clone());
        let requests = match nonce {
            Some(_) => files.requests(destination, &shared),
            None => Arc::default(),
        };
        let mentioned = match destination {
            Destination::Script => files.mentioned(&shared, nonce.is_none()),
            _ => Arc::default(),
        };
        let mut all: Vec<OfFile> = Vec::new();
        let mut index: HashMap<(Arc<str>, Code, String, String), usize> = HashMap::new();
        let mut add = |finding: Finding, first: &Place| {
            let file = Arc::clone(&first.path);
            let key = (
                Arc::clone(&file),
                finding.code,
                finding.message.clone(),
                finding.help.clone(),
            );
            let at = *index.entry(key).or_insert(all.len());
            if at == all.len() {
                all.push(OfFile {
                    finding: finding.at(first.clone()),
                    file,
                    uses: 0,
                });
            }
            all[at].uses += 1;
        };
        for request in &*requests {
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
                add(finding, &request.first);
            }
        }
        for (sign, place) in &mentioned.signs {
            let found = run_time::finding(*sign, governing);
            found.into_iter().for_each(|it| add(it, place));
        }
        let urls = mentioned.urls.iter();
        let urls = urls.map(|it| (it.destination, (*it.url).clone()));
        let urls = with_known_loads(urls);
        governing
            .iter()
            .for_each(|judged| judged.mentions(site, &urls));
        Ok(Arc::clone(cell.get_or_init(|| all.into())))
    }
}
