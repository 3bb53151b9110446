//! What follows from the requests of a site in its own files, and which pages that counts for.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use url::Url;

use super::SiteFiles;
use super::file_problem::FileProblem;
use super::inventory::Inventory;
use super::inventory_page::InventoryPage;
use super::requests::DistinctRequest;
use crate::page::Destination;

impl Inventory {
    /// Adds what the style sheets, scripts and manifests of the site ask for and mention, and the findings about URLs of the site
    /// without a file. No page is to be added after it.
    pub fn add_subresources(&mut self, files: &SiteFiles) {
        self.requests.follow_files(files);
        self.count_followed();
        self.add_scripts(files);
        self.note_problems(|destination, url| files.problem(destination, url));
    }

    /// Adds the findings about URLs of the site without a file that tells all. `problem` has the problem with the file of a request.
    pub(super) fn note_problems(&mut self, problem: impl Fn(Destination, &Arc<Url>) -> Option<FileProblem> + Sync) {
        self.requests.set_problems(problem);
        self.findings.extend(self.requests.unanswered(&self.site));
    }

    /// The problem with the file of a request.
    pub(crate) fn problem(&self, id: u32) -> Option<&FileProblem> {
        self.requests.problem(id)
    }

    /// Adds what follows from the requests; see [`RequestTable::follow`].
    pub(super) fn follow(&mut self, follow: impl FnMut(&[DistinctRequest], u32) -> Vec<(u32, Vec<DistinctRequest>)>) {
        self.requests.follow(&mut HashSet::new(), follow);
        self.count_followed();
    }

    /// Counts the pages of the requests that follow from others.
    fn count_followed(&mut self) {
        let followed = self.requests.followed().values().flatten();
        let mut pages: BTreeMap<u32, u64> = followed.map(|id| (*id, 0)).collect();
        if pages.is_empty() {
            return;
        }
        let ids: Vec<usize> = (0..self.requests.all().len()).collect();
        let known = pages.clone();
        let groups_of = |id: u32| match known.contains_key(&id) {
            true => &ids[id as usize..=id as usize],
            false => &[],
        };
        self.count_pages(groups_of, |id, count| {
            *pages.entry(id as u32).or_default() += count;
        });
        self.requests.set_pages(pages);
    }

    /// Counts each page once for each group that one of its requests is in, or one that follows from these. `groups_of` has the groups
    /// of a request; `count` takes a group and a number of pages.
    pub(crate) fn count_pages<'g>(&self, groups_of: impl Fn(u32) -> &'g [usize], count: impl FnMut(usize, u64)) {
        fn own(page: &InventoryPage) -> Cow<'_, [u32]> {
            Cow::Borrowed(&page.requests.ids)
        }
        let is_file = |id| self.requests.followed().contains_key(&id);
        let of_files = |files: &[u32]| self.requests.all_followed(files);
        self.count(own, is_file, of_files, groups_of, count);
    }

    /// Counts each page once for each group that one of its `own` is in, or one `of_files`, which has what comes with some of those
    /// requests of a page for which `is_file` says so.
    pub(super) fn count<'g>(
        &self,
        own: impl for<'p> Fn(&'p InventoryPage) -> Cow<'p, [u32]>,
        is_file: impl Fn(u32) -> bool,
        of_files: impl Fn(&[u32]) -> Vec<u32>,
        groups_of: impl Fn(u32) -> &'g [usize],
        mut count: impl FnMut(usize, u64),
    ) {
        let groups = |ids: &[u32]| -> BTreeSet<usize> {
            let groups = ids.iter().flat_map(|id| groups_of(*id));
            groups.copied().collect()
        };
        // Most pages have the same files.
        let mut known: HashMap<Vec<u32>, (BTreeSet<usize>, u64)> = HashMap::new();
        for page in self.pages() {
            let ids = page.requests.ids.iter();
            let files: Vec<u32> = ids.copied().filter(|id| is_file(*id)).collect();
            let own = groups(&own(page));
            if files.is_empty() {
                own.iter().for_each(|group| count(*group, 1));
                continue;
            }
            let (of_files, pages) = known.entry(files).or_insert_with_key(|files| (groups(&of_files(files)), 0));
            *pages += 1;
            let own = own.difference(of_files);
            own.for_each(|group| count(*group, 1));
        }
        for (groups, pages) in known.into_values() {
            groups.into_iter().for_each(|group| count(group, pages));
        }
    }

    /// The requests of a page and those that follow from them.
    pub(crate) fn requests_of(&self, page: &InventoryPage) -> Vec<u32> {
        self.requests.with_followed(page.requests.ids.to_vec())
    }

    /// The indices of the requests that follow from one: those of the style sheet or manifest that it is for.
    pub(crate) fn followed(&self, id: u32) -> &[u32] {
        self.requests.followed().get(&id).map_or(&[], Vec::as_slice)
    }
}
