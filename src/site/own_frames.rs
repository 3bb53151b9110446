//! The site's own pages in frames of others: what they lead to by themselves, about which browsers ask the policy of the page with the
//! frame.

use std::sync::Arc;

use url::Url;

use super::files::{SiteFiles, Unanswered};
use super::requests::{absolute_bases, resolved};
use super::subresources::{OwnFile, Subrequest};
use crate::finding::Place;
use crate::page::links::Role;
use crate::page::request::{cleaned, is_nothing, told};
use crate::page::{Destination, ScanOptions, scan_page};

impl SiteFiles {
    /// What the page at a URL leads to by itself, where another one frames it: browsers ask the policy of that (run).
    pub(super) fn refreshed(&self, url: &Url) -> Result<OwnFile, Unanswered> {
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
                    is_module: false,
                })
            })
        });
        Ok(OwnFile { requests: requests.collect(), hidden: file.hidden(), ..OwnFile::default() })
    }
}
