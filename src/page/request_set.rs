//! The distinct requests of a page, in the order of their first use.
//!
//! Most pages have few: those are compared one by one, which takes no memory besides the requests themselves.

use std::collections::HashMap;

use super::request::{Request, RequestKey};

/// Up to this number of requests are compared one by one.
const FEW: usize = 32;

/// Distinct requests with the number of their uses.
#[derive(Debug, Default)]
pub(super) struct RequestSet {
    all: Vec<Request>,
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
        }
        self.all.push(request);
        let new = match self.all.len() {
            0..=FEW => return,
            len if len == FEW + 1 => 0,
            len => len - 1,
        };
        for (request, place) in self.all[new..].iter().zip(new as u32..) {
            self.index.insert(request.key.clone(), place);
        }
    }

    /// The requests, in the order of their first use.
    pub(super) fn into_all(self) -> Vec<Request> {
        self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::Location;
    use crate::page::Destination;

    #[test]
    fn requests_are_held_once_however_many_there_are() {
        let request = |url: usize| Request {
            key: RequestKey::new(Destination::Image, Some(&url.to_string()), 0, "", false),
            first: Location::START,
            uses: 1,
            is_conditional: url.is_multiple_of(2),
        };
        for count in [1, FEW - 1, FEW, FEW + 1, FEW + 2, 3 * FEW] {
            let mut set = RequestSet::default();
            (0..count)
                .chain(0..count)
                .for_each(|it| set.add(request(it)));
            assert_eq!(set.len(), count);
            let twice = |it: usize| Request {
                uses: 2,
                ..request(it)
            };
            assert_eq!(set.into_all(), (0..count).map(twice).collect::<Vec<_>>());
        }
    }
}
