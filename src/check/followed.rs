//! The requests of the site's own style sheets and manifests, judged once for all pages under the same policies.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use url::Url;

use super::Checker;
use super::external::External;
use super::policies::Judged;
use crate::error::Result;
use crate::finding::{Code, Finding};
use crate::page::Destination;
use crate::site::SiteUrl;

/// A finding about requests that stand in one file.
#[derive(Clone, Debug)]
pub(super) struct OfFile {
    /// It stands at the first of them.
    pub(super) finding: Finding,
    pub(super) file: Arc<str>,
    /// Number of requests.
    pub(super) uses: u64,
}

/// The findings about the requests that follow from one, under policies, which their addresses tell apart.
type Known = HashMap<(Destination, Url, Vec<usize>), Arc<OnceLock<Arc<[OfFile]>>>>;

/// The findings that are known.
#[derive(Default)]
pub(super) struct Followed(Mutex<Known>);

impl Checker {
    /// The findings about what follows from a request, folded by file, code and text.
    pub(super) fn followed(
        &self,
        site: &SiteUrl,
        destination: Destination,
        url: &Url,
        governing: &[&Judged],
    ) -> Result<Arc<[OfFile]>> {
        let Some(files) = &self.files else {
            return Ok(Arc::default());
        };
        let requests = files.requests(destination, &Arc::new(url.clone()));
        if requests.is_empty() {
            return Ok(Arc::default());
        }
        let addresses = governing
            .iter()
            .map(|judged| std::ptr::from_ref(*judged) as usize);
        let key = (destination, url.clone(), addresses.collect());
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
        let mut all: Vec<OfFile> = Vec::new();
        let mut index: HashMap<(Arc<str>, Code, String, String), usize> = HashMap::new();
        for request in &*requests {
            let external = External::bare(request.destination, &request.url);
            let (_, found) = self.request(site, &external, governing)?;
            for mut finding in found {
                if request.is_hidden {
                    finding.hide();
                }
                let file = Arc::clone(&request.first.path);
                let key = (
                    Arc::clone(&file),
                    finding.code,
                    finding.message.clone(),
                    finding.help.clone(),
                );
                let at = *index.entry(key).or_insert(all.len());
                if at == all.len() {
                    all.push(OfFile {
                        finding: finding.at(request.first.clone()),
                        file,
                        uses: 0,
                    });
                }
                all[at].uses += 1;
            }
        }
        Ok(Arc::clone(cell.get_or_init(|| all.into())))
    }
}
