//! The distinct requests of all pages of a site, in the order of their first use.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use rayon::prelude::*;

use url::Url;

use super::file_problem::FileProblem;
use super::mentions::Signs;
use super::requests::{DistinctRequest, RequestIdentity, absolute_bases};
use super::subresources::{FileKey, MOST_FILES, MOST_IMPORTS, file_key};
use super::{SiteFiles, SiteUrl};
use crate::finding::Finding;
use crate::page::request::{OWN_URL, RequestKey};
use crate::page::request_set::{Asked, Requests};
use crate::page::{Destination, Page};

/// How many lists of requests of the pages in one folder are kept.
const MOST_LISTS: usize = 256;

/// Distinct requests, each with its uses and pages.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestTable {
    all: Vec<DistinctRequest>,
    index: HashMap<RequestIdentity, u32>,
    /// The requests that follow from one: those of the style sheet or manifest that it is for.
    followed: BTreeMap<u32, Vec<u32>>,
    /// The problems with the files of requests.
    problems: BTreeMap<u32, FileProblem>,
    /// What the scripts do that requests are for.
    signs: Signs,
    folder: FolderRequests,
}

impl RequestTable {
    pub(super) fn all(&self) -> &[DistinctRequest] {
        &self.all
    }

    /// Adds the uses of a request, and returns its index.
    pub(super) fn add(&mut self, request: DistinctRequest) -> u32 {
        let next = self.all.len() as u32;
        let id = *self.index.entry(request.identity()).or_insert(next);
        match self.all.get_mut(id as usize) {
            Some(known) => {
                known.add_uses(request.uses, request.is_conditional, request.is_hidden);
            }
            None => self.all.push(DistinctRequest { pages: 0, ..request }),
        }
        id
    }

    /// Adds the uses of requests of a page. Pairs of the index of a request and the number of its uses. `bases` has what the URLs of
    /// the page are relative to, as soon as that is asked for.
    pub(super) fn add_page(
        &mut self,
        page: &Page,
        requests: &Requests,
        site: &SiteUrl,
        bases: &mut Option<Vec<Option<Url>>>,
    ) -> Vec<(u32, u64)> {
        if requests.len() == 0 {
            return Vec::new();
        }
        let has_own_base = page.bases.first().is_some_and(|base| base.href.is_some());
        self.folder.enter(&page.site_path);
        let list = requests.asked();
        let known = self.folder.list(list).filter(|_| !has_own_base);
        let ids = match known {
            Some(known) => {
                for (id, asked) in known.iter().zip(&**list) {
                    self.use_known(*id, asked, page);
                }
                known
            }
            None => self.resolve(page, requests, has_own_base, site, bases),
        };
        let counted = ids.iter().zip(&**list);
        let counted = counted.filter_map(|(id, asked)| Some(((*id)?, asked.uses)));
        counted.collect()
    }

    /// Adds the uses on a page of a request with this index, if browsers send it.
    fn use_known(&mut self, id: Option<u32>, asked: &Asked, page: &Page) {
        if let Some(id) = id {
            let known = &mut self.all[id as usize];
            known.add_uses(asked.uses, asked.is_conditional, page.is_hidden);
        }
    }

    /// Adds the uses of requests of a page, which are not known as a list, and returns the index of each.
    fn resolve(
        &mut self,
        page: &Page,
        requests: &Requests,
        has_own_base: bool,
        site: &SiteUrl,
        bases: &mut Option<Vec<Option<Url>>>,
    ) -> Arc<[Option<u32>]> {
        let list = requests.asked();
        let mut ids = Vec::with_capacity(requests.len());
        let mut is_same = !has_own_base;
        for (request, asked) in requests.iter().zip(&**list) {
            let is_plain = matches!(request.key.base, 0 | OWN_URL) && !has_own_base;
            let kept = is_plain.then(|| self.folder.get(&request.key)).flatten();
            ids.push(match kept {
                Some(id) => {
                    self.use_known(id, asked, page);
                    id
                }
                None => {
                    let bases = bases.get_or_insert_with(|| absolute_bases(&site.page(&page.site_path), &page.bases));
                    let from = (&page.path, page.is_hidden);
                    let resolved = DistinctRequest::of_page(&request, from, bases);
                    let resolved = resolved.filter(|it| it.is_sent(site));
                    let id = resolved.map(|it| self.add(it));
                    is_same &= is_plain && self.folder.keep(request.key, id);
                    id
                }
            });
        }
        let ids: Arc<[Option<u32>]> = ids.into();
        if is_same {
            self.folder.keep_list(list, &ids);
        }
        ids
    }

    /// Adds what follows from the requests, from what that is itself, and so on. `follow` has it for some of them with their indices,
    /// each once. `files` are those that were counted before.
    pub(super) fn follow(
        &mut self,
        files: &mut HashSet<Option<FileKey>>,
        mut follow: impl FnMut(&[DistinctRequest], u32) -> Vec<(u32, Vec<DistinctRequest>)>,
    ) {
        let mut start = 0;
        while start < self.all.len() {
            let found = follow(&self.all[start..], start as u32);
            start = self.all.len();
            for (from, requests) in found {
                let file = &self.all[from as usize];
                let url = file.url.as_ref();
                let is_new = files.insert(url.map(|url| file_key(file.destination, url)));
                let file = file.clone();
                let add = |request: DistinctRequest| {
                    // The nonce of a module counts for its imports, too.
                    let has_nonce = request.destination == Destination::Script && file.has_nonce;
                    self.add(DistinctRequest { uses: is_new.into(), has_nonce, ..request.in_file(&file) })
                };
                let ids = requests.into_iter().map(add).collect();
                self.followed.insert(from, ids);
            }
        }
    }

    /// Adds what follows from the requests in the files of the site.
    pub(super) fn follow_files(&mut self, files: &SiteFiles) {
        self.follow(&mut HashSet::new(), |requests, start| {
            let found = requests.par_iter().enumerate().filter_map(|(at, from)| {
                let own = files.own_requests(from.destination, from.url.as_ref()?);
                let own = own.iter().map(|request| DistinctRequest::of_file(request));
                let own: Vec<_> = own.collect();
                (!own.is_empty()).then_some((start + at as u32, own))
            });
            found.collect()
        });
    }

    /// What follows from each request, by index.
    pub(super) const fn followed(&self) -> &BTreeMap<u32, Vec<u32>> {
        &self.followed
    }

    /// The requests that follow from these, in order and each once; of as many files and imports as count for each of these.
    pub(super) fn all_followed(&self, from: &[u32]) -> Vec<u32> {
        let mut found = BTreeSet::new();
        let files = |ids: &[u32]| -> Vec<u32> {
            let ids = ids.iter().copied();
            ids.filter(|id| self.followed.contains_key(id)).collect()
        };
        let mut waiting = VecDeque::from(files(from));
        let mut seen: HashSet<u32> = waiting.iter().copied().collect();
        let most = waiting.len().saturating_mul(MOST_FILES);
        let mut imports = waiting.len().saturating_mul(MOST_IMPORTS);
        while let Some(next) = waiting.pop_front().and_then(|it| self.followed.get(&it)) {
            found.extend(next);
            for id in files(next).iter().take(imports) {
                imports -= 1;
                if seen.len() < most && seen.insert(*id) {
                    waiting.push_back(*id);
                }
            }
        }
        found.into_iter().collect()
    }

    /// These requests and those that follow from them.
    pub(super) fn with_followed(&self, mut ids: Vec<u32>) -> Vec<u32> {
        if !self.followed.is_empty() {
            ids.extend(self.all_followed(&ids));
        }
        ids
    }

    /// Sets the numbers of pages of requests that follow from others.
    pub(super) fn set_pages(&mut self, pages: impl IntoIterator<Item = (u32, u64)>) {
        for (id, pages) in pages {
            self.all[id as usize].pages = pages;
        }
    }

    /// Sets the problems with the files of those requests whose URLs may be shown.
    pub(super) fn set_problems(&mut self, problem: impl Fn(Destination, &Arc<Url>) -> Option<FileProblem> + Sync) {
        let shown = (0..self.all.len() as u32).into_par_iter();
        let problems = shown.filter_map(|id| {
            let request = &self.all[id as usize];
            let url = request.url.as_ref().filter(|_| !request.is_hidden)?;
            Some((id, problem(request.destination, url)?))
        });
        self.problems = problems.collect();
    }

    /// The problem with the file of a request.
    pub(super) fn problem(&self, id: u32) -> Option<&FileProblem> {
        self.problems.get(&id)
    }

    /// The findings about URLs of the site without a file, one for each URL.
    pub(super) fn unanswered(&self, site: &SiteUrl) -> impl Iterator<Item = Finding> {
        let mut seen = HashSet::new();
        self.problems.iter().filter_map(move |(id, problem)| {
            let request = &self.all[*id as usize];
            let url = request.url.as_deref().filter(|url| seen.insert(*url))?;
            let finding = problem.finding(request.destination, url, site);
            Some(finding.at(request.first.clone()))
        })
    }

    /// Sets what the scripts do that requests are for.
    pub(super) fn set_signs(&mut self, signs: Signs) {
        self.signs = signs;
    }

    /// What the scripts do that requests are for, by index.
    pub(super) const fn signs(&self) -> &Signs {
        &self.signs
    }

    /// Counts a page for each of these requests, which are returned in order and without repetitions.
    pub(super) fn count_page(&mut self, mut counted: Vec<(u32, u64)>) -> Vec<(u32, u64)> {
        counted.sort_unstable();
        counted.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 += next.1;
            }
            is_same
        });
        for (id, _) in &counted {
            self.all[*id as usize].pages += 1;
        }
        counted
    }
}

/// The requests of the pages in one folder, by what pages write. Pages are added in path order and repeat each other, so most
/// URLs need not be resolved again.
#[derive(Clone, Debug, Default)]
struct FolderRequests {
    /// The place of the folder in the site, up to its last `/`.
    folder: Box<str>,
    /// The index of each in the inventory; [`None`] for one that browsers do not send.
    known: HashMap<RequestKey, Option<u32>>,
    /// The indices of those in lists that pages share, by the addresses of these.
    lists: HashMap<usize, KnownList>,
}

/// A list of requests, and the index of each.
type KnownList = (Arc<Vec<Asked>>, Arc<[Option<u32>]>);

impl FolderRequests {
    /// Turns to the folder of a page.
    fn enter(&mut self, site_path: &str) {
        let folder = &site_path[..site_path.rfind('/').map_or(0, |at| at + 1)];
        if folder != &*self.folder {
            self.folder = folder.into();
            self.known.clear();
            self.lists.clear();
        }
    }

    fn get(&self, key: &RequestKey) -> Option<Option<u32>> {
        self.known.get(key).copied()
    }

    fn list(&self, list: &Arc<Vec<Asked>>) -> Option<Arc<[Option<u32>]>> {
        let (_, ids) = self.lists.get(&Arc::as_ptr(list).addr())?;
        Some(Arc::clone(ids))
    }

    /// Keeps the indices of those in a list that are the same for all pages of the folder.
    fn keep_list(&mut self, list: &Arc<Vec<Asked>>, ids: &Arc<[Option<u32>]>) {
        if self.lists.len() >= MOST_LISTS {
            self.lists.clear();
        }
        let known = (Arc::clone(list), Arc::clone(ids));
        self.lists.insert(Arc::as_ptr(list).addr(), known);
    }

    /// Keeps the index of a request of a page without a base of its own, if it is the same for all pages of the folder. Returns
    /// whether it is.
    fn keep(&mut self, key: RequestKey, id: Option<u32>) -> bool {
        let is_same = match key.url.as_deref() {
            None => true,
            Some(url) => match url.split_once(':') {
                // A query alone is that of the page.
                None => !url.starts_with('?'),
                Some((_, rest)) => rest.starts_with("//"),
            },
        };
        if is_same {
            self.known.insert(key, id);
        }
        is_same
    }
}

#[cfg(test)]
mod tests {
    use crate::hash::HashAlgorithm;
    use crate::page::{ScanOptions, scan_page};
    use crate::site::Inventory;

    #[test]
    fn pages_of_a_folder_share_what_does_not_depend_on_the_page() {
        let options = ScanOptions::new().with_requests(true);
        let mut inventory = Inventory::new(HashAlgorithm::Sha256);
        let html = "<img src=i.png><img src='?q'><img src='https:?q'><form></form>";
        for (path, html) in [
            ("a/b.html", html.to_owned()),
            ("a/c.html", html.to_owned()),
            ("a/d.html", format!("<base href=/x/>{html}")),
            ("e/f.html", html.to_owned()),
        ] {
            let page = scan_page(path, html.as_bytes(), &options).unwrap();
            inventory.add(page).unwrap();
        }
        let found = inventory.requests().iter();
        let found: Vec<_> = found
            .map(|it| {
                let path = it.url.as_ref().unwrap()[url::Position::BeforePath..].to_owned();
                (path, it.uses, it.pages)
            })
            .collect();
        let expected = [
            ("/a/i.png", 2, 2),
            ("/a/b.html?q", 2, 1),
            ("/a/", 3, 3),
            ("/a/c.html?q", 2, 1),
            ("/x/", 1, 1),
            ("/x/i.png", 1, 1),
            ("/x/?q", 2, 1),
            ("/e/i.png", 1, 1),
            ("/e/f.html?q", 2, 1),
            ("/e/", 1, 1),
        ];
        let expected = expected.map(|(path, uses, pages)| (path.to_owned(), uses, pages));
        assert_eq!(found, expected);
    }
}
