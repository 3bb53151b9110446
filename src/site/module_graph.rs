//! The modules of the site that a page loads: what its scripts import, and what these import in turn, as its import map says.
//!
//! Each file is read and parsed once, however many pages load it. An import that is not a literal is not seen.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::Arc;

use url::Url;

use super::files::SiteFiles;
use super::modules::{ImportMap, resolve};
use super::requests::{absolute_bases, resolved};
use crate::page::{Destination, Page};

/// The modules that a page imports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageModules {
    /// Their absolute URLs, without those that only elements name. Import maps tell fragments apart (run).
    pub urls: BTreeSet<Arc<Url>>,
    /// Whether one is imported when a script runs, which need not be a module itself.
    pub has_late: bool,
}

impl SiteFiles {
    /// The modules of the page at `url` that are imported, in its own document. Those of other hosts are there as far as files of the
    /// site import them.
    #[must_use]
    pub fn page_modules(&self, page: &Page, url: &Url) -> PageModules {
        /// The index of the base of the page itself.
        const PAGE: u32 = 0;
        let mut found = PageModules::default();
        let bases = absolute_bases(url, &page.bases);
        let Some(Some(base)) = bases.first() else {
            return found;
        };
        let maps = page.modules.maps.iter().filter(|(base, _)| *base == PAGE);
        let maps: Vec<ImportMap> = maps.filter_map(|(_, text)| ImportMap::parse(text, PAGE, base)).collect();
        let mut waiting = VecDeque::new();
        for import in &page.modules.imports {
            let is_module = import.base == PAGE && import.destination == Destination::Script;
            let url = || resolve(&import.specifier, base, || maps.iter());
            if let Some(url) = is_module.then(url).flatten().map(Arc::new) {
                found.has_late |= import.is_dynamic;
                found.urls.insert(Arc::clone(&url));
                waiting.push_back(url);
            }
        }
        let scripts = page.requests.iter().filter_map(|request| {
            let key = &request.key;
            let is_script = key.base == PAGE && key.destination == Destination::Script;
            let url = key.url.as_deref().filter(|_| is_script)?;
            resolved(url, PAGE, &bases).map(Arc::new)
        });
        waiting.extend(scripts);
        let mut read = HashSet::new();
        while let Some(url) = waiting.pop_front() {
            if !self.has(&url) || !read.insert(Arc::clone(&url)) {
                continue;
            }
            let file = self.own_file(Destination::Script, &url);
            for import in file.script.iter().flat_map(|script| &*script.modules) {
                let imported = resolve(&import.specifier, &url, || maps.iter());
                let Some(imported) = imported.map(Arc::new) else {
                    continue;
                };
                found.has_late |= import.is_late;
                found.urls.insert(Arc::clone(&imported));
                waiting.push_back(imported);
            }
        }
        found
    }
}
