//! The requests of the tags of links, scripts and images that a thread has seen. The pages of a site repeat most of theirs, and to find a
//! tag again takes less time than to read it.

use std::cell::RefCell;
use std::hash::{BuildHasher as _, RandomState};

use super::Collector;
use super::requests::is_conditional;
use crate::html::scan::Element;
use crate::page::attribute_names::AttributeName;
use crate::page::element::Element as _;
use crate::page::kind::SubjectKind;
use crate::page::request::RequestKey;
use crate::page::walk::Here;

/// How many tags a thread keeps.
const KEPT: usize = 256;

/// The longest tag that is kept, in bytes.
const LONGEST: usize = 512;

/// A request, and where its attribute starts in the tag, in bytes.
pub(super) type TagRequest = (RequestKey, usize);

#[derive(Clone, Default)]
struct Seen {
    raw: Box<[u8]>,
    requests: Vec<TagRequest>,
}

struct SeenTags {
    state: RandomState,
    /// By the lowest bits of their hashes.
    all: Vec<Seen>,
}

impl SeenTags {
    fn place(&mut self, raw: &[u8]) -> &mut Seen {
        &mut self.all[self.state.hash_one(raw) as usize % KEPT]
    }
}

thread_local! {
    static SEEN: RefCell<SeenTags> = RefCell::new(SeenTags {
        state: RandomState::new(),
        all: vec![Seen::default(); KEPT],
    });
}

impl Collector {
    /// Adds the requests of a tag that has nothing else to collect, if this thread has seen it. Otherwise they are recorded for
    /// [`keep_tag`](Self::keep_tag).
    pub(super) fn add_seen_tag(&self, here: &Here, element: &Element<'_>) -> bool {
        let has = |kind| here.kinds.has(kind);
        let is_usual = self.requests
            && self.base == 0
            && !self.links
            && !here.is_template()
            && !element.inert
            && element.raw.len() <= LONGEST
            && !has(SubjectKind::ScriptUrl)
            && !has(SubjectKind::LinkUrl);
        *self.tag.borrow_mut() = is_usual.then(Vec::new);
        is_usual
            && SEEN.with_borrow_mut(|seen| {
                let seen = seen.place(element.raw);
                let is_it = *seen.raw == *element.raw;
                if is_it {
                    let is_conditional = is_conditional(here, false);
                    for (key, offset) in &seen.requests {
                        let location = here.located(element.location_at(*offset));
                        self.add_request(key.clone(), location, is_conditional);
                    }
                }
                is_it
            })
    }

    /// Keeps the requests of the tag that was read last.
    pub(super) fn keep_tag(&self, element: &Element<'_>) {
        // One without may have a text that is wanted elsewhere.
        let requests = self.tag.take().filter(|requests| !requests.is_empty());
        let Some(requests) = requests else {
            return;
        };
        let has_more = |name: &[u8]| {
            let name = AttributeName::of(name);
            name.is_some_and(AttributeName::is_code)
        };
        let mut names = element.attributes().map(|(name, ..)| name);
        let is_simple = !names.any(|name| has_more(name) || name.eq_ignore_ascii_case(b"nonce"));
        if is_simple && element.is_plain() {
            let raw = element.raw.into();
            SEEN.with_borrow_mut(|seen| *seen.place(element.raw) = Seen { raw, requests });
        }
    }
}
