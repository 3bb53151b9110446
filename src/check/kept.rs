//! Pages that wait for a policy of their whole site, in few bytes: what several of them hold is kept once.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use crate::finding::Finding;
use crate::page::javascript::{Modules, SeenSign};
use crate::page::request::Base;
use crate::page::request_set::Requests;
use crate::page::subject::{Document, Note, Subject, Subjects, What};
use crate::page::{InlineKind, Location, Page};

/// Keeps pages that were scanned with their subjects, from several threads.
#[derive(Default)]
pub(crate) struct Keeper {
    known: Mutex<HashSet<Arc<What>>>,
}

/// A page as far as a check needs it.
pub(crate) struct KeptPage {
    path: Arc<str>,
    site_path: Arc<str>,
    findings: Vec<Finding>,
    documents: Vec<Document>,
    notes: Vec<Note>,
    subjects: Vec<Kept>,
    bases: Vec<Base>,
    modules: Modules,
    mentions: Requests,
    signs: Vec<SeenSign>,
    address: Option<Box<Url>>,
}

/// A subject of a kept page.
struct Kept {
    what: Arc<What>,
    location: Location,
    document: u32,
    notes: Range<u32>,
    is_later: bool,
    is_scriptless: bool,
}

impl Keeper {
    /// Takes what a check needs out of a page, which keeps what an inventory needs.
    pub(crate) fn keep(&self, page: &mut Page) -> KeptPage {
        let subjects = page.subjects.take().unwrap_or_default();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Collected, they would keep the larger allocation that they come from.
        let mut kept = Vec::with_capacity(subjects.all.len());
        kept.extend(subjects.all.into_iter().map(|subject| Kept {
            what: share(&mut known, subject.what),
            location: subject.location,
            document: subject.document,
            notes: subject.notes.start as u32..subject.notes.end as u32,
            is_later: subject.is_later,
            is_scriptless: subject.is_scriptless,
        }));
        KeptPage {
            path: Arc::clone(&page.path),
            site_path: Arc::clone(&page.site_path),
            findings: std::mem::take(&mut page.findings),
            subjects: kept,
            documents: subjects.documents,
            notes: subjects.notes,
            bases: page.bases.clone(),
            modules: page.modules.clone(),
            mentions: page.mentions.clone(),
            signs: page.signs.clone(),
            address: page.address.take(),
        }
    }
}

/// The one of those that are known.
fn share(known: &mut HashSet<Arc<What>>, what: What) -> Arc<What> {
    if let Some(same) = known.get(&what) {
        return Arc::clone(same);
    }
    let what = Arc::new(what);
    known.insert(Arc::clone(&what));
    what
}

impl KeptPage {
    /// Its path as it is reported.
    pub(crate) const fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// Its place in the site.
    pub(crate) fn site_path(&self) -> &str {
        &self.site_path
    }

    /// The URL that it came from, if that is known.
    pub(crate) fn url(&self) -> Option<&Url> {
        self.address.as_deref()
    }

    /// Its inline resources in source order: kind, the texts that browsers hash unless template code makes it, place.
    pub(crate) fn inlines(&self) -> impl Iterator<Item = (InlineKind, Option<&[String]>, Location)> {
        self.subjects.iter().filter_map(|kept| match &*kept.what {
            What::Inline { kind, spellings, .. } => Some((*kind, spellings.as_deref(), kept.location)),
            What::Fetch { .. } | What::Evaluated(_) | What::Helper(_) | What::Meta { .. } => None,
        })
    }

    /// The page again.
    pub(super) fn into_page(self) -> Page {
        let all = self.subjects.into_iter().map(|kept| Subject {
            what: (*kept.what).clone(),
            location: kept.location,
            document: kept.document,
            is_later: kept.is_later,
            is_scriptless: kept.is_scriptless,
            notes: kept.notes.start as usize..kept.notes.end as usize,
        });
        let subjects = Subjects { all: all.collect(), documents: self.documents, notes: self.notes };
        Page {
            path: self.path,
            site_path: self.site_path,
            findings: self.findings,
            subjects: Some(Box::new(subjects)),
            bases: self.bases,
            modules: self.modules,
            mentions: self.mentions,
            signs: self.signs,
            address: self.address,
            ..Page::default()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::page::{ScanOptions, scan_page};

    #[test]
    fn a_kept_page_is_the_page_and_shares_what_another_has() {
        let html = "<!doctype html><meta http-equiv=content-security-policy content=\"default-src 'self'\">
            <!-- cspseal-allow blocked-script: a --><script>a()</script><template><p onclick=b()></template>
            <noscript><style>p {}</style></noscript><iframe srcdoc='<script src=c.js nonce=d></script>'></iframe>";
        let scan = |path: &str| {
            let options = ScanOptions::new().with_subjects();
            scan_page(path, html.as_bytes(), &options).unwrap()
        };
        let keeper = Keeper::default();
        let kept: Vec<KeptPage> = ["a.html", "b.html"].iter().map(|path| keeper.keep(&mut scan(path))).collect();
        let pairs = kept[0].subjects.iter().zip(&kept[1].subjects);
        assert!(pairs.clone().count() >= 5);
        assert!(pairs.into_iter().all(|(a, b)| Arc::ptr_eq(&a.what, &b.what)));
        for (path, kept) in ["a.html", "b.html"].into_iter().zip(kept) {
            let (page, scanned) = (kept.into_page(), scan(path));
            assert_eq!(page.subjects, scanned.subjects);
            assert_eq!(page.findings, scanned.findings);
            assert_eq!((page.path, page.site_path), (scanned.path, scanned.site_path));
        }
    }
}
