//! The distinct requests of a page, in the order of their first use.
//!
//! Most pages have few: those are compared one by one, which takes no memory besides the requests themselves. And pages of a site
//! ask for the same as others, so a thread keeps the lists that it made last, and hands them out again.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use super::request::{Request, RequestKey};
use crate::location::Location;

/// Up to this number of requests are compared one by one.
const FEW: usize = 32;

/// How many lists a thread keeps.
const KEPT: usize = 64;

thread_local! {
    /// By the lowest bits of their hashes.
    static LISTS: RefCell<Vec<Arc<Vec<Asked>>>> = RefCell::new(vec![Arc::default(); KEPT]);
}

/// A request of a page, wherever it stands there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    pub(crate) key: RequestKey,
    /// Number of uses.
    pub(crate) uses: u64,
    /// Whether all uses are in documents without scripts or in the content of inert templates.
    pub(crate) is_conditional: bool,
}

/// The distinct requests of a page, in the order of their first use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Requests {
    asked: Arc<Vec<Asked>>,
    /// The location of the first use of each.
    firsts: Vec<Location>,
}

impl Requests {
    pub(crate) fn len(&self) -> usize {
        self.firsts.len()
    }

    /// What is asked for. Pages that ask for the same may share it.
    pub(crate) const fn asked(&self) -> &Arc<Vec<Asked>> {
        &self.asked
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Request> {
        let all = self.asked.iter().zip(&self.firsts);
        all.map(|(asked, first)| Request {
            key: asked.key.clone(),
            first: *first,
            uses: asked.uses,
            is_conditional: asked.is_conditional,
        })
    }
}

impl Extend<Request> for Requests {
    fn extend<I: IntoIterator<Item = Request>>(&mut self, requests: I) {
        let requests = requests.into_iter().map(|request| {
            let asked = Asked { key: request.key, uses: request.uses, is_conditional: request.is_conditional };
            (asked, request.first)
        });
        let (asked, firsts): (Vec<_>, Vec<_>) = requests.unzip();
        if !asked.is_empty() {
            Arc::make_mut(&mut self.asked).extend(asked);
            self.firsts.extend(firsts);
        }
    }
}

/// Distinct requests with the number of their uses.
#[derive(Debug, Default)]
pub(super) struct RequestSet {
    all: Vec<Asked>,
    firsts: Vec<Location>,
    /// The index of each, if there are more than [`FEW`].
    index: HashMap<RequestKey, u32>,
}

impl RequestSet {
    /// The number of distinct requests.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Adds the uses of a request.
    pub(super) fn add(&mut self, request: Request) {
        let known = match self.all.len() <= FEW {
            true => self.all.iter().position(|known| known.key == request.key),
            false => self.index.get(&request.key).map(|place| *place as usize),
        };
        if let Some(known) = known {
            let known = &mut self.all[known];
            known.uses += request.uses;
            known.is_conditional &= request.is_conditional;
            return;
        }
        if self.all.is_empty() {
            self.all.reserve(FEW / 2);
            self.firsts.reserve(FEW / 2);
        }
        self.all.push(Asked { key: request.key, uses: request.uses, is_conditional: request.is_conditional });
        self.firsts.push(request.first);
        let new = match self.all.len() {
            0..=FEW => return,
            len if len == FEW + 1 => 0,
            len => len - 1,
        };
        for (asked, place) in self.all[new..].iter().zip(new as u32..) {
            self.index.insert(asked.key.clone(), place);
        }
    }

    /// The requests, in the order of their first use.
    pub(super) fn into_all(self) -> Requests {
        Requests { asked: kept(self.all), firsts: self.firsts }
    }
}

/// The list of these, which is one that was made before if there is such a one.
fn kept(all: Vec<Asked>) -> Arc<Vec<Asked>> {
    if all.is_empty() || all.len() > FEW {
        return Arc::new(all);
    }
    let mut hasher = DefaultHasher::new();
    all.hash(&mut hasher);
    LISTS.with_borrow_mut(|lists| {
        let list = &mut lists[hasher.finish() as usize % KEPT];
        if **list != all {
            *list = Arc::new(all);
        }
        Arc::clone(list)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Destination;

    #[test]
    fn requests_are_held_once_however_many_there_are() {
        let request = |url: usize| Request {
            key: RequestKey::new(Destination::Image, Some(&url.to_string()), 0, "", false),
            first: Location::START,
            uses: 1,
            is_conditional: url.is_multiple_of(2),
        };
        for count in [0, 1, FEW - 1, FEW, FEW + 1, FEW + 2, 3 * FEW] {
            let set = || {
                let mut set = RequestSet::default();
                (0..count).chain(0..count).for_each(|it| set.add(request(it)));
                assert_eq!(set.len(), count);
                set.into_all()
            };
            let twice = |it: usize| Request { uses: 2, ..request(it) };
            let expected: Vec<_> = (0..count).map(twice).collect();
            let mut all = set();
            assert_eq!(all.iter().collect::<Vec<_>>(), expected);
            let other = set();
            let is_shared = Arc::ptr_eq(all.asked(), other.asked());
            assert_eq!(is_shared, (1..=FEW).contains(&count), "{count}");
            all.extend([request(count)]);
            assert_eq!(all.len(), count + 1);
            assert_eq!(other.iter().collect::<Vec<_>>(), expected);
        }
    }
}
