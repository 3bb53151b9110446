//! What scripts of a site mention and do: which pages use these, and what follows from there.
//!
//! Nothing of it is certain, so it stands next to what pages ask for and never among it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::SiteFiles;
use super::inventory::Inventory;
use super::inventory_page::InventoryPage;
use super::requests::DistinctRequest;
use super::subresources::{OwnFile, file_key};
use crate::finding::Place;
use crate::page::javascript::Sign;

/// What the scripts do that requests are for, by the indices of these.
pub(super) type Signs = BTreeMap<u32, Vec<(Sign, Place)>>;

/// Scripts that do something that a policy decides on when they run.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) scripts: u64,
    pub(crate) pages: u64,
    pub(crate) first: Place,
}

impl Inventory {
    /// Adds what the scripts of the site mention and do.
    pub(super) fn add_scripts(&mut self, files: &SiteFiles) {
        let own = files.scripts(self.requests.all(), 0);
        let mentions = own.iter().map(|(id, file)| (*id, file.mentions(false)));
        let mentions: Vec<_> = mentions.filter(|(_, all)| !all.is_empty()).collect();
        self.mention(mentions, |requests, start| {
            let late = files.scripts(requests, start).into_iter();
            let late = late.map(|(id, file)| (id, file.mentions(true)));
            late.filter(|(_, all)| !all.is_empty()).collect()
        });
        let late = files.scripts(self.mentions.all(), 0);
        let signs = |all: Vec<(u32, OwnFile)>| {
            let all = all.into_iter().map(|(id, file)| (id, file.signs().to_vec()));
            all.filter(|(_, signs)| !signs.is_empty()).collect()
        };
        self.set_signs(signs(own), signs(late));
    }

    /// Sets what the scripts do that requests and mentions are for.
    pub(super) fn set_signs(&mut self, own: Signs, late: Signs) {
        self.requests.set_signs(own);
        self.mentions.set_signs(late);
    }

    /// What scripts do that a policy decides on when they run.
    pub(crate) fn signs(&self) -> BTreeMap<Sign, Seen> {
        let pages = self.pages().iter();
        let inline = pages.flat_map(|page| {
            let signs = page.signs.iter();
            signs.map(|(sign, at)| (*sign, Place::of(&page.path, *at)))
        });
        let files = [self.requests.signs(), self.mentions.signs()];
        let files = files.into_iter().flat_map(BTreeMap::values).flatten();
        let mut places = HashSet::new();
        let files = files.filter(|seen| places.insert(*seen)).cloned();
        let mut all = BTreeMap::new();
        for (sign, first) in inline.chain(files) {
            let seen = all.entry(sign).or_insert(Seen { scripts: 0, pages: 0, first });
            seen.scripts += 1;
        }
        if !all.is_empty() {
            let pages = self.count_signs();
            for (sign, seen) in &mut all {
                seen.pages = pages[*sign as usize];
            }
        }
        all
    }

    /// The number of pages with scripts that do something, by what that is.
    fn count_signs(&self) -> [u64; Sign::ALL.len()] {
        let signs = |of: &Signs, ids: &[u32]| -> Vec<u32> {
            let lists = ids.iter().filter_map(|id| of.get(id));
            lists.flatten().map(|(sign, _)| *sign as u32).collect()
        };
        let (own, late) = (self.requests.signs(), self.mentions.signs());
        let is_file = |id| own.contains_key(&id) || self.is_script(id);
        let of_files = |files: &[u32]| {
            let scripts = self.requests.with_followed(files.to_vec());
            let mentions = self.mentions_with(&scripts);
            [signs(own, &scripts), signs(late, &mentions)].concat()
        };
        let mut pages = [0; Sign::ALL.len()];
        let groups: Vec<usize> = (0..pages.len()).collect();
        let groups_of = |sign: u32| &groups[sign as usize..=sign as usize];
        let of_page = |page: &InventoryPage| {
            let mut all = match late.is_empty() {
                true => Vec::new(),
                false => signs(late, &self.mentions.with_followed(page.mentions.ids.clone())),
            };
            all.extend(page.signs.iter().map(|(sign, _)| *sign as u32));
            all
        };
        self.count(|page| Cow::Owned(of_page(page)), is_file, of_files, groups_of, |sign, count| pages[sign] += count);
        pages
    }

    /// What the script does that a request is for.
    pub(crate) fn signs_of(&self, id: u32) -> &[(Sign, Place)] {
        self.requests.signs().get(&id).map_or(&[], Vec::as_slice)
    }

    /// What the script does that a mention is for.
    pub(crate) fn late_signs_of(&self, id: u32) -> &[(Sign, Place)] {
        self.mentions.signs().get(&id).map_or(&[], Vec::as_slice)
    }

    /// Whether something is known of the script that a request is for.
    fn is_script(&self, id: u32) -> bool {
        self.mentioned_by.contains_key(&id) || self.requests.followed().contains_key(&id)
    }

    /// The mentions of the scripts that requests are for, and those of the scripts that are mentioned themselves.
    fn mentions_with(&self, scripts: &[u32]) -> Vec<u32> {
        let mentions = scripts.iter().flat_map(|id| self.mentioned_by(*id));
        self.mentions.with_followed(mentions.copied().collect())
    }

    /// Adds what the scripts mention that some requests are for, by the indices of these; `follow` has what the scripts mention that
    /// are mentioned themselves.
    pub(super) fn mention(
        &mut self,
        found: Vec<(u32, Vec<DistinctRequest>)>,
        follow: impl FnMut(&[DistinctRequest], u32) -> Vec<(u32, Vec<DistinctRequest>)>,
    ) {
        let mut files = HashSet::new();
        for (from, mentions) in found {
            let file = &self.requests.all()[from as usize];
            let url = file.url.as_ref();
            let is_new = files.insert(url.map(|url| file_key(file.destination, url)));
            let add = |mention: DistinctRequest| {
                let uses = is_new.into();
                self.mentions.add(DistinctRequest { uses, ..mention.in_file(file) })
            };
            let ids = mentions.into_iter().map(add).collect();
            self.mentioned_by.insert(from, ids);
        }
        self.mentions.follow(&mut files, follow);
        let ids: Vec<usize> = (0..self.mentions.all().len()).collect();
        let mut pages = vec![0; ids.len()];
        let groups_of = |id: u32| &ids[id as usize..=id as usize];
        self.count_mentioning(groups_of, |id, count| pages[id] += count);
        self.mentions.set_pages((0..).zip(pages));
    }

    /// The same of the mentions of a page and of its scripts.
    pub(crate) fn count_mentioning<'g>(&self, groups_of: impl Fn(u32) -> &'g [usize], count: impl FnMut(usize, u64)) {
        let own = |page: &InventoryPage| self.mentions.with_followed(page.mentions.ids.clone());
        let is_file = |id| self.is_script(id);
        let of_files = |files: &[u32]| {
            let scripts = self.requests.with_followed(files.to_vec());
            self.mentions_with(&scripts)
        };
        self.count(|page| Cow::Owned(own(page)), is_file, of_files, groups_of, count);
    }

    /// The mentions of a page and of the scripts that these requests are for.
    pub(crate) fn mentions_of_page(&self, page: &InventoryPage, requests: &[u32]) -> Vec<u32> {
        let mut all = self.mentions.with_followed(page.mentions.ids.to_vec());
        all.extend(self.mentions_with(requests));
        all
    }

    /// The indices of the mentions that follow from one: those of the script that it is for.
    pub(crate) fn mentions_of(&self, id: u32) -> &[u32] {
        self.mentions.followed().get(&id).map_or(&[], Vec::as_slice)
    }

    /// The indices of the mentions of the script that a request is for.
    pub(crate) fn mentioned_by(&self, id: u32) -> &[u32] {
        self.mentioned_by.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The URLs that the scripts of the pages mention, in the order of their first use, if requests were collected. Nothing says that
    /// the scripts ask for them.
    #[must_use]
    pub fn mentions(&self) -> &[DistinctRequest] {
        self.mentions.all()
    }

    /// The paths of the WebAssembly files next to the pages.
    pub(crate) const fn wasm(&self) -> &BTreeSet<String> {
        &self.wasm
    }

    /// Says which WebAssembly files are next to the pages.
    pub(crate) fn note_wasm(&mut self, wasm: BTreeSet<String>) {
        self.wasm = wasm;
    }
}
