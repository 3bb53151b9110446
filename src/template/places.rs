//! Where constructs begin as a person counts, so that what turns out wrong with one later can still be placed.

use crate::location::Location;

/// How many beginnings are kept. A lexer refers back to the construct it is in, or to the block around that.
const KEPT: usize = 64;

/// The places of the latest constructs, and of the block that is open.
#[derive(Debug)]
pub(super) struct Places {
    /// The place of the next byte.
    here: Location,
    /// Offsets and places, in order.
    kept: Vec<(usize, Location)>,
}

impl Default for Places {
    fn default() -> Self {
        Self { here: Location::START, kept: Vec::new() }
    }
}

impl Places {
    /// Moves over bytes of the source.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        self.here.advance(bytes);
    }

    /// Keeps the place of `offset`, which is here, and that of the `block` that is open.
    pub(super) fn keep(&mut self, offset: usize, block: Option<usize>) {
        if self.kept.len() == KEPT {
            let is_block = |kept: &&(usize, Location)| Some(kept.0) == block;
            let older = &self.kept[..KEPT / 2];
            let block = older.iter().rfind(is_block).copied();
            self.kept.drain(..KEPT / 2);
            self.kept.splice(..0, block);
        }
        self.kept.push((offset, self.here));
    }

    /// The place of `offset`, which was kept or stands in `ahead`, the bytes from offset `here` on.
    pub(super) fn of(&self, offset: usize, here: usize, ahead: &[u8]) -> Location {
        if let Some(len) = offset.checked_sub(here) {
            let mut location = self.here;
            location.advance(ahead.get(..len).unwrap_or(ahead));
            return location;
        }
        let kept = self.kept.iter().rev().find(|(at, _)| *at <= offset);
        kept.map_or(Location::START, |(_, location)| *location)
    }
}
