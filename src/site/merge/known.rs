//! What inventories know besides their pages and resources: the problems with files, what scripts do, WebAssembly files, and the
//! findings about folders.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;

use url::Url;

use crate::finding::{Code, Finding, Place};
use crate::page::Destination;
use crate::page::javascript::Sign;
use crate::site::document::{FindingEntry, ResourceEntry};
use crate::site::file_problem::FileProblem;
use crate::site::mentions::Signs;
use crate::site::{DistinctRequest, Inventory};

/// The knowledge of all inventories.
#[derive(Default)]
pub(super) struct Known {
    /// The problems with the files of requests; [`None`] if one of the inventories with the request has the file.
    problems: BTreeMap<(Destination, Arc<Url>), Option<FileProblem>>,
    /// What scripts do, by their URLs.
    signs: BTreeMap<Arc<Url>, BTreeSet<(Sign, Place)>>,
    wasm: BTreeSet<String>,
    /// The places of the findings about folders, by message and help, and the number of those left out.
    of_folders: BTreeMap<(String, String), (BTreeSet<Place>, usize)>,
}

impl Known {
    /// Adds what an entry says of the file of the request that it describes.
    pub(super) fn add(&mut self, entry: &ResourceEntry<'_>, request: &DistinctRequest) {
        if let Some(url) = &request.url {
            let new = entry.problem.as_deref();
            let key = (request.destination, Arc::clone(url));
            let problem = self.problems.entry(key).or_insert_with(|| new.cloned());
            *problem = problem.take().min(new.cloned());
        }
        self.add_signs(entry, request);
    }

    /// Adds what the script does that is requested or mentioned.
    pub(super) fn add_signs(&mut self, entry: &ResourceEntry<'_>, request: &DistinctRequest) {
        if let Some(url) = &request.url
            && !entry.run_time.is_empty()
        {
            let signs = entry.run_time.iter();
            let signs = signs.map(|it| (it.kind.0, Place::from(&it.first)));
            self.signs.entry(Arc::clone(url)).or_default().extend(signs);
        }
    }

    /// Adds the paths of WebAssembly files.
    pub(super) fn add_wasm(&mut self, paths: BTreeSet<String>) {
        self.wasm.extend(paths);
    }

    /// Adds a finding about a folder, or returns one about a page.
    pub(super) fn add_finding<'f>(&mut self, entry: FindingEntry<'f>) -> Option<FindingEntry<'f>> {
        if entry.code.0 != Code::UnfollowedLink {
            return Some(entry);
        }
        let key = (entry.message.into_owned(), entry.help.into_owned());
        let (places, left_out) = self.of_folders.entry(key).or_default();
        places.extend(entry.places.iter().map(Place::from));
        *left_out = (*left_out).max(entry.left_out.map_or(0, NonZeroUsize::get));
        None
    }

    /// Puts it into an inventory that has all pages and requests.
    pub(super) fn note(self, inventory: &mut Inventory) {
        let findings = self.of_folders.into_iter();
        inventory.note(findings.map(|((message, help), (places, left_out))| {
            let mut finding = Finding::new(Code::UnfollowedLink, message, help);
            let mut places = places.into_iter();
            finding.place = places.next();
            finding.more = places.collect();
            finding.left_out = left_out;
            finding
        }));
        let signs = |requests: &[DistinctRequest]| -> Signs {
            let scripts = (0..).zip(requests);
            let scripts = scripts.filter(|(_, it)| it.destination == Destination::Script);
            let known = scripts.filter_map(|(id, request)| {
                let signs = self.signs.get(request.url.as_ref()?)?;
                Some((id, signs.iter().cloned().collect()))
            });
            known.collect()
        };
        let own = signs(inventory.requests());
        let late = signs(inventory.mentions());
        inventory.set_signs(own, late);
        inventory.note_wasm(self.wasm);
        let problems = self.problems;
        inventory.note_problems(|destination, url| problems.get(&(destination, Arc::clone(url)))?.clone());
    }
}
