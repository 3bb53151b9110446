//! The results of a run's first pass, held until it is known which of them are final.

use std::mem;

use super::callers::Linked;
use super::files::Done;
use crate::error::Result;

/// The results of the first pass, in which each file is rewritten as a page by itself.
#[derive(Default)]
pub(super) struct Held {
    pub(super) done: Vec<Option<Result<Done>>>,
    pub(super) links: Vec<Linked>,
    /// Length of the diffs, in bytes.
    len: usize,
}

/// The most that is held of diffs, in bytes.
const MOST_HELD: usize = 64 << 20;

impl Held {
    /// Adds the next result.
    pub(super) fn add(&mut self, mut done: Result<Done>) {
        let (links, len) = match &mut done {
            Ok(edited) => {
                let rewrite = &mut edited.done.rewrite;
                let links = mem::take(&mut rewrite.links);
                let dialect = rewrite.dialect;
                (dialect.map(|dialect| (dialect, links)), edited.diff.len())
            }
            Err(_) => (None, 0),
        };
        self.links.push(links);
        let is_held = self.len + len <= MOST_HELD;
        self.len += if is_held { len } else { 0 };
        self.done.push(Some(done).filter(|_| is_held));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::nonce::files::Nonced;

    #[test]
    fn a_diff_that_is_too_long_to_be_held_is_made_again() {
        let done =
            |len| Ok(Done { name: "a.html".to_owned(), done: Nonced::default(), diff: vec![b'a'; len], ready: None });
        let mut held = Held { len: MOST_HELD - 10, ..Held::default() };
        for len in [4, 7, 6, 1] {
            held.add(done(len));
        }
        let held: Vec<bool> = held.done.iter().map(Option::is_some).collect();
        assert_eq!(held, [true, false, true, false]);
    }
}
