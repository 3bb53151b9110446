//! What scripts of a site mention and do: which pages use these, and what follows from there.
//!
//! Nothing of it is certain, so it stands next to what pages ask for and never among it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use super::SiteFiles;
use super::inventory::{Inventory, InventoryPage};
use super::requests::DistinctRequest;
use super::subresources::{OwnFile, file_key};
use crate::finding::Place;
use crate::page::javascript::{SeenSign, Sign};

/// Scripts that do something that a policy decides on when they run.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) scripts: u64,
    pub(crate) pages: u64,
    pub(crate) first: Place,
}

impl Inventory {
    /// Adds what the inline scripts of a page do, and returns it as numbers.
    pub(super) fn add_signs(&mut self, path: &Arc<str>, signs: &[SeenSign]) -> Vec<u32> {
        let mut known = BTreeSet::new();
        for seen in signs {
            self.add_sign(seen.sign, Place::of(path, seen.location));
            known.insert(seen.sign as u32);
        }
        for sign in self.signs.iter_mut() {
            sign.1.pages += u64::from(known.contains(&(*sign.0 as u32)));
        }
        known.into_iter().collect()
    }

    fn add_sign(&mut self, sign: Sign, place: Place) {
        let seen = self.signs.entry(sign).or_insert(Seen {
            scripts: 0,
            pages: 0,
            first: place,
        });
        seen.scripts += 1;
    }

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
        let mut places = HashSet::new();
        let mut signs_of = |all: &[(u32, OwnFile)]| {
            let mut of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for (id, file) in all {
                for (sign, place) in file.signs() {
                    if places.insert((*sign, place.clone())) {
                        self.add_sign(*sign, place.clone());
                    }
                    of.entry(*id).or_default().push(*sign as u32);
                }
            }
            of
        };
        let (own, late) = (signs_of(&own), signs_of(&late));
        if !(own.is_empty() && late.is_empty()) {
            self.count_signs(&own, &late);
        }
    }

    /// Counts the pages with scripts that do something, by what the scripts do that requests and mentions are for.
    fn count_signs(&mut self, own: &BTreeMap<u32, Vec<u32>>, late: &BTreeMap<u32, Vec<u32>>) {
        let signs = |of: &BTreeMap<u32, Vec<u32>>, ids: &[u32]| -> Vec<u32> {
            let lists = ids.iter().filter_map(|id| of.get(id));
            lists.flatten().copied().collect()
        };
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
            let mentions = self.mentions.with_followed(page.mentions.ids.clone());
            [&page.signs[..], &signs(late, &mentions)].concat()
        };
        self.count(
            |page| Cow::Owned(of_page(page)),
            is_file,
            of_files,
            groups_of,
            |sign, count| pages[sign] += count,
        );
        for (sign, seen) in &mut self.signs {
            seen.pages = pages[*sign as usize];
        }
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
                self.mentions.add(DistinctRequest {
                    uses,
                    ..mention.in_file(file)
                })
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
    pub(crate) fn count_mentioning<'g>(
        &self,
        groups_of: impl Fn(u32) -> &'g [usize],
        count: impl FnMut(usize, u64),
    ) {
        let own = |page: &InventoryPage| self.mentions.with_followed(page.mentions.ids.clone());
        let is_file = |id| self.is_script(id);
        let of_files = |files: &[u32]| {
            let scripts = self.requests.with_followed(files.to_vec());
            self.mentions_with(&scripts)
        };
        self.count(
            |page| Cow::Owned(own(page)),
            is_file,
            of_files,
            groups_of,
            count,
        );
    }

    /// Adds to what is said of mentions and of requests what is said of the mentions of their scripts.
    pub(crate) fn with_mentioned<T: Clone + Eq + Hash>(
        &self,
        of: &mut BTreeMap<u32, Vec<T>>,
        said: &mut BTreeMap<u32, Vec<T>>,
    ) {
        self.mentions.say_of_followed(said);
        for (script, mentions) in &self.mentioned_by {
            let all = mentions.iter().filter_map(|id| said.get(id)).flatten();
            let mut all = all.cloned().peekable();
            if all.peek().is_some() {
                of.entry(*script).or_default().extend(all);
            }
        }
        self.with_followed(of);
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

    /// What scripts do that a policy decides on when they run; unknown in a merged inventory.
    pub(crate) fn signs(&self) -> impl Iterator<Item = (Sign, &Seen)> {
        self.signs.iter().map(|(sign, seen)| (*sign, seen))
    }

    /// The number of WebAssembly files next to the pages, and the path of the first one.
    pub(crate) fn wasm(&self) -> Option<(usize, &str)> {
        let wasm = self.wasm.as_ref();
        wasm.map(|(count, first)| (*count, &**first))
    }

    /// Says which WebAssembly files are next to the pages.
    #[cfg(feature = "cli")]
    pub(crate) fn note_wasm(&mut self, wasm: Option<(usize, String)>) {
        self.wasm = wasm;
    }
}
