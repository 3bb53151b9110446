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
            Ok(done) => {
                let links = mem::take(&mut done.rewrite.links);
                let dialect = done.rewrite.dialect;
                (dialect.map(|dialect| (dialect, links)), done.diff.len())
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

    #[test]
    fn a_diff_that_is_too_long_to_be_held_is_made_again() {
        let done = |len| {
            let mut done = Done::new("a.html");
            done.diff = vec![b'a'; len];
            Ok(done)
        };
        let mut held = Held {
            len: MOST_HELD - 10,
            ..Held::default()
        };
        for len in [4, 7, 6, 1] {
            held.add(done(len));
        }
        let held: Vec<bool> = held.done.iter().map(Option::is_some).collect();
        assert_eq!(held, [true, false, true, false]);
    }
}
