//! The [list of active formatting elements](https://html.spec.whatwg.org/multipage/parsing.html#the-list-of-active-formatting-elements) and the adoption agency algorithm.
//!
//! The elements they make are copies with the attributes of the original, so nothing new is hashed. But they decide what is
//! open: after `<p><b></p><svg></b>` the `svg` is not, and a `<style>` there is an HTML one.

use super::super::name::Name;
use super::super::names as n;
use super::work::Work;
use super::{Node, StartTag, Tree};

/// The entries in list order.
#[derive(Clone, Debug)]
pub(super) struct Formatting {
    entries: Vec<Entry>,
    /// Where the entry of the node stands that was closed last: those that are closed together
    /// stand together.
    last_closed: usize,
    work: Work,
}

#[derive(Clone, Debug)]
enum Entry {
    Marker,
    Element(Active),
}

#[derive(Clone, Debug)]
struct Active {
    name: Name,
    attributes: Attributes,
    /// The node it stands for, and whether that is on the stack.
    serial: u64,
    open: bool,
    /// Where that is likely to stand on the stack.
    index: usize,
}

/// Attributes, which are read only where three elements of one name are open.
#[derive(Clone, Debug)]
enum Attributes {
    /// The tag that has them.
    Tag(Box<[u8]>),
    Digest(u64),
}

impl Attributes {
    /// Their digest, given some tag of the same name.
    fn digest(&mut self, tag: &impl StartTag) -> u64 {
        match self {
            Self::Digest(digest) => *digest,
            Self::Tag(raw) => {
                let digest = tag.attributes_digest(raw);
                *self = Self::Digest(digest);
                digest
            }
        }
    }
}

impl Formatting {
    /// Steps that a copy costs.
    pub(super) fn copying(&self) -> usize {
        self.entries.len() * MAKING
    }

    /// Without entries.
    pub(super) fn new(work: Work) -> Self {
        Self { entries: Vec::new(), last_closed: 0, work }
    }

    pub(super) fn push_marker(&mut self) {
        self.entries.push(Entry::Marker);
    }

    /// [Clear the list up to the last marker](https://html.spec.whatwg.org/multipage/parsing.html#clear-the-list-of-active-formatting-elements-up-to-the-last-marker).
    pub(super) fn clear_to_marker(&mut self) {
        while let Some(Entry::Element(_)) = self.entries.pop() {}
    }

    /// The node of that serial number has left the stack.
    pub(super) fn close(&mut self, serial: u64) {
        let next = self.last_closed.wrapping_sub(1);
        let is_next = self.entries.get(next).is_some_and(|e| e.stands_for(serial));
        let at = is_next.then_some(next).or_else(|| self.position(serial));
        if let Some(at) = at
            && let Entry::Element(active) = &mut self.entries[at]
        {
            active.open = false;
            self.last_closed = at;
        }
    }

    /// Whether there is something to reconstruct.
    pub(super) fn has_closed(&self) -> bool {
        self.entries.last().is_some_and(Entry::is_closed)
    }

    fn push(&mut self, tag: &impl StartTag, serial: u64, index: usize) {
        // There is never more than one `a`.
        let attributes = if tag.name() == n::a {
            Attributes::Digest(0)
        } else {
            self.make_room(tag);
            Attributes::Tag(tag.raw().into())
        };
        self.entries.push(Entry::Element(Active { name: tag.name(), attributes, serial, open: true, index }));
    }

    /// The Noah's Ark clause: at most three alike.
    fn make_room(&mut self, tag: &impl StartTag) {
        let same_name = self.behind_marker().filter(|(_, e)| e.name == tag.name());
        let same_name: Vec<_> = same_name.map(|(at, _)| at).collect();
        if same_name.len() < 3 {
            return;
        }
        let digest = tag.attributes_digest(tag.raw());
        let mut alike = 0;
        for at in same_name {
            if let Entry::Element(active) = &mut self.entries[at] {
                alike += usize::from(active.attributes.digest(tag) == digest);
            }
            if alike == 3 {
                self.entries.remove(at);
                return;
            }
        }
    }

    /// The elements behind the last marker, the last one first.
    fn behind_marker(&self) -> impl Iterator<Item = (usize, &Active)> {
        let all = self.entries.iter().enumerate().rev();
        all.inspect(|_| self.work.spend(1)).map_while(|(at, entry)| match entry {
            Entry::Element(active) => Some((at, active)),
            Entry::Marker => None,
        })
    }

    /// Where the last one of that name stands, if it does behind the last marker.
    fn find(&self, name: Name) -> Option<(usize, &Active)> {
        self.behind_marker().find(|(_, active)| active.name == name)
    }

    fn position(&self, serial: u64) -> Option<usize> {
        self.entries.iter().rposition(|e| {
            self.work.spend(1);
            e.stands_for(serial)
        })
    }

    fn remove(&mut self, serial: u64) {
        if let Some(at) = self.position(serial) {
            self.entries.remove(at);
        }
    }
}

/// What it costs to make an element anew, in steps.
const MAKING: usize = 8;

impl Entry {
    fn stands_for(&self, serial: u64) -> bool {
        matches!(self, Self::Element(active) if active.serial == serial)
    }

    fn is_closed(&self) -> bool {
        matches!(self, Self::Element(active) if !active.open)
    }
}

impl Tree {
    /// [Reconstruct the active formatting elements](https://html.spec.whatwg.org/multipage/parsing.html#reconstruct-the-active-formatting-elements).
    pub(super) fn reconstruct(&mut self) {
        if !self.formatting.has_closed() {
            return;
        }
        let entries = &self.formatting.entries;
        let first = entries.iter().rposition(|entry| !entry.is_closed());
        for at in first.map_or(0, |at| at + 1)..entries.len() {
            self.work.spend(MAKING);
            let serial = self.next_serial;
            let Entry::Element(active) = &mut self.formatting.entries[at] else {
                continue;
            };
            (active.serial, active.open, active.index) = (serial, true, self.stack.len());
            let name = active.name;
            self.push_formatting(name);
        }
    }

    /// Takes the start tag of a formatting element.
    pub(super) fn start_formatting(&mut self, tag: &impl StartTag) {
        match tag.name() {
            n::a => {
                if let Some(active) = self.formatting.find(n::a).map(|(_, active)| active.clone()) {
                    self.end_formatting(n::a);
                    self.formatting.remove(active.serial);
                    if let Some(index) = self.index_of(&active) {
                        self.remove(index);
                    }
                }
                self.reconstruct();
            }
            n::nobr => {
                self.reconstruct();
                if self.scopes().has(n::nobr) {
                    self.end_formatting(n::nobr);
                    self.reconstruct();
                }
            }
            _ => self.reconstruct(),
        }
        let (serial, index) = (self.next_serial, self.stack.len());
        self.push_formatting(tag.name());
        self.formatting.push(tag, serial, index);
    }

    fn push_formatting(&mut self, name: Name) {
        self.push_html(name);
        if let Some(node) = self.stack.last_mut() {
            node.formatting = true;
        }
    }

    /// The [adoption agency algorithm](https://html.spec.whatwg.org/multipage/parsing.html#adoption-agency-algorithm).
    pub(super) fn end_formatting(&mut self, name: Name) {
        let current = self.stack.last().filter(|node| node.is(name));
        if current.is_some_and(|node| self.formatting.position(node.serial).is_none()) {
            self.pop();
            return;
        }
        for _ in 0..8 {
            let Some((entry, active)) = self.formatting.find(name) else {
                return self.end_any_other(name);
            };
            let serial = active.serial;
            let Some(index) = self.index_of(active) else {
                self.formatting.remove(serial);
                return;
            };
            if !self.stack[index].scopes.is_in_same(self.scopes()) {
                return;
            }
            let above = &self.stack[index + 1..];
            let is_furthest = |node: &Node| {
                self.work.spend(1);
                node.is_special()
            };
            let Some(furthest) = above.iter().position(is_furthest) else {
                self.truncate(index);
                self.formatting.remove(serial);
                return;
            };
            self.adopt(entry, index, index + 1 + furthest);
        }
    }

    /// Moves the formatting element at `entry` of the list and `index` of the stack into the furthest block.
    fn adopt(&mut self, mut entry: usize, index: usize, furthest: usize) {
        let mut bookmark = None;
        let mut between = Vec::new();
        for (count, node) in self.stack[index + 1..furthest].iter().rev().enumerate() {
            let Some(at) = self.formatting.position(node.serial) else {
                continue;
            };
            if count < 3 {
                bookmark.get_or_insert(at + 1);
                between.push(*node);
                continue;
            }
            self.formatting.entries.remove(at);
            entry -= usize::from(at < entry);
            bookmark = bookmark.map(|bookmark| bookmark - usize::from(at < bookmark));
        }
        between.reverse();
        let (mut adopted, block) = (self.stack[index], self.stack[furthest]);
        adopted.serial = self.next_serial;
        self.next_serial += 1;
        let moved = index + between.len() + 1;
        between.extend([block, adopted]);
        self.stack.splice(index..=furthest, between);
        self.correct_scopes(index, moved);

        let mut active = self.formatting.entries.remove(entry);
        if let Entry::Element(active) = &mut active {
            (active.serial, active.index) = (adopted.serial, moved);
        }
        let bookmark = bookmark.map_or(entry, |bookmark| bookmark - usize::from(entry < bookmark));
        self.formatting.entries.insert(bookmark, active);
    }

    fn index_of(&self, active: &Active) -> Option<usize> {
        let is_it = |node: &Node| node.serial == active.serial;
        if !active.open {
            return None;
        }
        let likely = self.stack.get(active.index).filter(|node| is_it(node));
        let elsewhere = || {
            self.stack.iter().rposition(|node| {
                self.work.spend(1);
                is_it(node)
            })
        };
        likely.map(|_| active.index).or_else(elsewhere)
    }
}

/// The [formatting](https://html.spec.whatwg.org/multipage/parsing.html#formatting) category.
pub(super) fn is_formatting(name: Name) -> bool {
    matches!(
        name,
        n::a | n::b
            | n::big
            | n::code
            | n::em
            | n::font
            | n::i
            | n::nobr
            | n::s
            | n::small
            | n::strike
            | n::strong
            | n::tt
            | n::u
    )
}
