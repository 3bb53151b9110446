//! The [list of active formatting elements](https://html.spec.whatwg.org/multipage/parsing.html#the-list-of-active-formatting-elements) and the adoption agency algorithm.
//!
//! They make no element that was not there before but for copies, whose attributes are those of the original. But they decide
//! what is open: after `<b><svg><desc><p></b>` the `svg` is not, and a `<style>` there is an HTML one.

use super::super::name::Name;
use super::super::names as n;
use super::{Namespace, Node, StartTag, Tree};

/// The entries in list order.
#[derive(Clone, Debug, Default)]
pub(super) struct Formatting(Vec<Entry>);

#[derive(Clone, Debug)]
enum Entry {
    Marker,
    Element(Active),
}

#[derive(Clone, Debug)]
struct Active {
    name: Name,
    /// The tag it comes from.
    raw: Box<[u8]>,
    /// The node it stands for, and whether that is on the stack.
    serial: u64,
    open: bool,
}

impl Formatting {
    pub(super) fn push_marker(&mut self) {
        self.0.push(Entry::Marker);
    }

    /// [Clear the list up to the last marker](https://html.spec.whatwg.org/multipage/parsing.html#clear-the-list-of-active-formatting-elements-up-to-the-last-marker).
    pub(super) fn clear_to_marker(&mut self) {
        while let Some(Entry::Element(_)) = self.0.pop() {}
    }

    /// The node of that serial number has left the stack.
    pub(super) fn close(&mut self, serial: u64) {
        if let Some(at) = self.position(serial)
            && let Entry::Element(active) = &mut self.0[at]
        {
            active.open = false;
        }
    }

    /// Whether there is something to reconstruct.
    pub(super) fn has_closed(&self) -> bool {
        self.0.last().is_some_and(Entry::is_closed)
    }

    fn push(&mut self, tag: &impl StartTag, serial: u64) {
        self.make_room(tag);
        self.0.push(Entry::Element(Active {
            name: tag.name(),
            raw: tag.raw().into(),
            serial,
            open: true,
        }));
    }

    /// The Noah's Ark clause: at most three alike.
    fn make_room(&mut self, tag: &impl StartTag) {
        let (name, mut alike) = (tag.name(), Vec::new());
        for (at, active) in self.behind_marker() {
            if active.name == name {
                alike.push(at);
            }
        }
        if alike.len() < 3 {
            return;
        }
        alike.retain(|&at| match &self.0[at] {
            Entry::Element(active) => tag.has_attributes_of(&active.raw),
            Entry::Marker => false,
        });
        if let [_, _, earliest] = alike[..] {
            self.0.remove(earliest);
        }
    }

    /// The elements behind the last marker, the last one first.
    fn behind_marker(&self) -> impl Iterator<Item = (usize, &Active)> {
        let all = self.0.iter().enumerate().rev();
        all.map_while(|(at, entry)| match entry {
            Entry::Element(active) => Some((at, active)),
            Entry::Marker => None,
        })
    }

    /// Where the last one of that name stands, if it does behind the last marker, and its serial number.
    fn find(&self, name: Name) -> Option<(usize, u64)> {
        let found = self.behind_marker().find(|(_, active)| active.name == name);
        found.map(|(at, active)| (at, active.serial))
    }

    fn position(&self, serial: u64) -> Option<usize> {
        let is_it =
            |entry: &Entry| matches!(entry, Entry::Element(active) if active.serial == serial);
        self.0.iter().rposition(is_it)
    }

    fn remove(&mut self, serial: u64) {
        if let Some(at) = self.position(serial) {
            self.0.remove(at);
        }
    }
}

impl Entry {
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
        let entries = &self.formatting.0;
        let first = entries.iter().rposition(|entry| !entry.is_closed());
        for at in first.map_or(0, |at| at + 1)..entries.len() {
            let serial = self.next_serial;
            let Entry::Element(active) = &mut self.formatting.0[at] else {
                continue;
            };
            (active.serial, active.open) = (serial, true);
            let name = active.name;
            self.push_formatting(name);
        }
    }

    /// Takes the start tag of a formatting element.
    pub(super) fn start_formatting(&mut self, tag: &impl StartTag) {
        match tag.name() {
            n::a => {
                if let Some((_, serial)) = self.formatting.find(n::a) {
                    self.end_formatting(n::a);
                    self.formatting.remove(serial);
                    if let Some(index) = self.index_of(serial) {
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
        let serial = self.next_serial;
        self.push_formatting(tag.name());
        self.formatting.push(tag, serial);
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
            let Some((entry, serial)) = self.formatting.find(name) else {
                return self.end_any_other(name);
            };
            let Some(index) = self.index_of(serial) else {
                self.formatting.remove(serial);
                return;
            };
            if !self.is_in_scope(index) {
                return;
            }
            let above = &self.stack[index + 1..];
            let Some(furthest) = above.iter().position(Node::is_special) else {
                self.truncate(index);
                self.formatting.remove(serial);
                return;
            };
            self.adopt(entry, index, index + 1 + furthest);
        }
    }

    /// Moves the formatting element at `entry` of the list and `index` of the stack into the furthest block.
    fn adopt(&mut self, mut entry: usize, index: usize, mut furthest: usize) {
        let mut bookmark = None;
        for (count, node) in (index + 1..furthest).rev().enumerate() {
            let listed = self.formatting.position(self.stack[node].serial);
            match listed {
                Some(at) if count < 3 => {
                    bookmark.get_or_insert(at + 1);
                    continue;
                }
                Some(at) => {
                    self.formatting.0.remove(at);
                    entry -= usize::from(at < entry);
                    bookmark = bookmark.map(|bookmark| bookmark - usize::from(at < bookmark));
                }
                None => {}
            }
            self.stack.remove(node);
            furthest -= 1;
        }
        let mut adopted = self.formatting.0.remove(entry);
        let bookmark = bookmark.map_or(entry, |bookmark| bookmark - usize::from(entry < bookmark));
        let mut node = self.stack.remove(index);
        node.serial = self.next_serial;
        self.next_serial += 1;
        if let Entry::Element(active) = &mut adopted {
            active.serial = node.serial;
        }
        self.formatting.0.insert(bookmark, adopted);
        self.stack.insert(furthest, node);
        self.correct_scopes(index);
    }

    fn index_of(&self, serial: u64) -> Option<usize> {
        self.stack.iter().rposition(|node| node.serial == serial)
    }

    /// Whether the element at `index` of the stack is in scope.
    fn is_in_scope(&self, index: usize) -> bool {
        !self.stack[index + 1..].iter().any(|node| {
            if node.namespace == Namespace::Html {
                node.is_marker() || matches!(node.name, n::html | n::table | n::select)
            } else {
                node.is_special()
            }
        })
    }
}

impl Node {
    /// Whether it puts a marker into the list.
    fn is_marker(&self) -> bool {
        matches!(
            self.name,
            n::applet | n::object | n::marquee | n::template | n::td | n::th | n::caption
        )
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
