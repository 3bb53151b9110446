//! Where in a page the tag goes, and which tags of earlier runs there are.
//!
//! It goes to the beginning of head: behind the tag of `<head>`, or before the first thing that implies one, which leaves
//! everything else in the tree as it was. Only when the page declares its encoding in what follows, with nothing before
//! it that a policy decides on, it goes behind that declaration. What a policy decides on is everything but
//! `<title>` and `<meta>` without handlers and styles.

use std::ops::Range;
use std::sync::Arc;

use crate::edit::driver::Editor;
use crate::edit::splicer::Edit;
use crate::error::{ErrorKind, Result};
use crate::finding::{Code, Finding, Place};
use crate::html::asked::Asked;
use crate::html::declaration::meta_encoding;
use crate::html::names as n;
use crate::html::scan::{Element, End, Sink, Target, Wants};
use crate::html::tree::{HeadState, Namespace};
use crate::location::Location;
use crate::page::MARKER;
use crate::template::Outline;

/// Finds the place for a policy.
pub(super) struct MetaSink {
    /// What is to stand in the page; [`None`] for nothing.
    tag: Option<String>,
    /// Where the head begins.
    begin: Option<usize>,
    begin_location: Location,
    /// The end of the tag that declares the encoding.
    declared: Option<(usize, Location)>,
    /// The tag of an earlier run where one may stand, and whether it is the one that is to stand there.
    own: Option<(Part, bool)>,
    is_settled: bool,
    edits: Vec<Edit>,
    /// By how much each edit moves what follows.
    moves: Vec<Move>,
    foreign: Vec<Location>,
}

/// A part of the page.
struct Part {
    range: Range<usize>,
    start: Location,
    end: Location,
}

impl Part {
    fn of(element: &Element<'_>) -> Self {
        Self { range: element.offset..element.offset + element.raw.len(), start: element.location, end: after(element) }
    }

    fn empty(at: usize, location: Location) -> Self {
        Self { range: at..at, start: location, end: location }
    }
}

/// The end of a part of the page, in the page and in the output.
struct Move {
    from: Location,
    to: Location,
}

impl Move {
    fn apply(&self, location: Location) -> Location {
        let Location { line, column } = location;
        match location {
            before if before < self.from => before,
            Location { line, .. } if line == self.from.line => {
                Location { line: self.to.line, column: self.to.column + (column - self.from.column) }
            }
            _ => Location { line: self.to.line + (line - self.from.line), column },
        }
    }
}

/// The location of what follows a tag.
fn after(element: &Element<'_>) -> Location {
    let mut location = element.location;
    location.advance(element.raw);
    location
}

impl MetaSink {
    pub(super) fn new(tag: Option<String>) -> Self {
        Self {
            tag,
            begin: None,
            begin_location: Location::START,
            declared: None,
            own: None,
            is_settled: false,
            edits: Vec::new(),
            moves: Vec::new(),
            foreign: Vec::new(),
        }
    }

    /// The findings; with their places in the output if that `is_written`.
    pub(super) fn findings(&self, path: &Arc<str>, is_written: bool) -> Vec<Finding> {
        let mut moves: Vec<&Move> = self.moves.iter().filter(|_| is_written).collect();
        // From the last on, so that each still has the places of the page.
        moves.sort_by_key(|moved| std::cmp::Reverse(moved.from));
        let finding = |location: &Location| {
            let moved = moves.iter();
            let location = moved.fold(*location, |location, moved| moved.apply(location));
            Finding::new(
                Code::SecondPolicy,
                "the page has a policy of its own here, and what runs must be allowed by both",
                "remove it, and give its directives with --policy",
            )
            .at(Place::of(path, location))
        };
        self.foreign.iter().map(finding).collect()
    }

    fn edit(&mut self, part: Part, text: String) {
        let mut to = part.start;
        to.advance(text.as_bytes());
        let from = part.end;
        self.moves.push(Move { from, to });
        let range = part.range;
        self.edits.push(Edit { range, text });
    }

    /// Decides on the place: nothing that comes can change it.
    fn settle(&mut self) {
        if self.is_settled {
            return;
        }
        self.is_settled = true;
        match (self.tag.take(), self.own.take()) {
            (Some(_), Some((_, true))) | (None, None) => {}
            (Some(text), Some((part, false))) => self.edit(part, text),
            (None, Some((part, _))) => self.edit(part, String::new()),
            (Some(text), None) => {
                let begin = (self.begin.unwrap_or_default(), self.begin_location);
                let (at, location) = self.declared.unwrap_or(begin);
                self.edit(Part::empty(at, location), text);
            }
        }
        self.edits.sort_by_key(|edit| edit.range.start);
    }

    /// Takes a `meta` element.
    fn meta(&mut self, element: &Element<'_>) {
        let part = Part::of(element);
        let is_live = element.target == Target::New && element.namespace == Namespace::Html && !element.inert;
        let carries_policy = element
            .attribute("http-equiv")
            .is_some_and(|pragma| pragma.eq_ignore_ascii_case("content-security-policy"));
        // Without one that ends an SVG the tree would be another.
        let is_own = is_live && !element.has_left_foreign();
        if is_own && carries_policy && element.attribute(MARKER).is_some() {
            if self.is_settled || self.own.is_some() {
                return self.edit(part, String::new());
            }
            let tag = self.tag.as_ref();
            let is_same = tag.is_some_and(|tag| tag.as_bytes() == element.raw);
            self.own = Some((part, is_same));
            return;
        }
        let is_in_head = is_live && element.is_in_head();
        if is_in_head && carries_policy {
            self.foreign.push(element.location);
        }
        if self.is_settled {
            return;
        }
        if !is_in_head || !is_plain(element) {
            return self.settle();
        }
        let encoding = meta_encoding(|name| element.attribute(name));
        if self.declared.is_none() && encoding.is_some() {
            self.declared = Some((part.range.end, part.end));
            // One before it would push it away from the beginning.
            if let Some((part, _)) = self.own.take() {
                self.edit(part, String::new());
            }
        }
    }
}

impl Editor for MetaSink {
    const NAMED: (ErrorKind, &'static str) = (ErrorKind::Unsupported, "no policy can be written into a page");

    fn take_edits(&mut self) -> Vec<Edit> {
        std::mem::take(&mut self.edits)
    }

    /// Whether the place of the policy is known.
    fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// A page without anything in it gets no policy.
    fn finish(&mut self, _: Option<Outline>) {
        if self.begin.is_some() {
            self.settle();
        }
    }

    /// The page stays as it is, which is a finding.
    fn moves_declaration() -> Result<()> {
        Ok(())
    }
}

impl Sink for MetaSink {
    fn asked(&self) -> Option<&Asked> {
        const METAS: Asked = Asked::NONE.with(&[n::meta]);
        self.is_settled.then_some(&METAS)
    }

    fn heeds(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }

    fn element(&mut self, element: &Element<'_>) -> Wants {
        let begins = self.begin == Some(element.offset);
        if begins {
            self.begin_location = element.location;
        }
        match element.name {
            n::meta => self.meta(element),
            n::head if begins => {
                self.begin = Some(element.offset + element.raw.len());
                self.begin_location = after(element);
            }
            n::title if is_plain(element) => {}
            // That of the html element is before the head.
            _ if self.begin.is_some() => self.settle(),
            _ => {}
        }
        Wants::Nothing
    }

    fn text(&mut self, _: &str) {}

    fn raw(&mut self, _: &[u8]) {}

    fn end(&mut self, _: End, _: bool) {}

    fn head(&mut self, state: HeadState, at: usize) {
        self.begin.get_or_insert(at);
        if state == HeadState::After {
            self.settle();
        }
    }
}

/// Whether there is nothing in the tag that a policy decides on.
fn is_plain(element: &Element<'_>) -> bool {
    element.attributes().all(|(name, ..)| {
        let is_handler = name.len() > 2 && name[..2].eq_ignore_ascii_case(b"on");
        !is_handler && !name.eq_ignore_ascii_case(b"style")
    })
}
