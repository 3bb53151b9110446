//! Where in a page the tag goes, and which tags of earlier runs there are.
//!
//! It goes to the beginning of head: behind the tag of `<head>`, or before the first thing that implies one, which leaves
//! everything else in the tree as it was. Only when the page declares its encoding in what follows, with nothing before
//! it that a policy decides on, it goes behind that declaration. What a policy decides on is everything but
//! `<title>` and `<meta>` without handlers and styles.

use std::ops::Range;
use std::sync::Arc;

use super::tag::MARKER;
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
use crate::template::Outline;

/// Finds the place for a policy.
pub(super) struct MetaSink {
    /// What is to stand in the page; [`None`] for nothing.
    tag: Option<String>,
    /// Where the head begins.
    begin: Option<usize>,
    /// The end of the tag that declares the encoding.
    declared: Option<usize>,
    /// The tag of an earlier run where one may stand, and whether it is the one that is to stand there.
    own: Option<(Range<usize>, bool)>,
    is_settled: bool,
    edits: Vec<Edit>,
    foreign: Vec<Location>,
}

impl MetaSink {
    pub(super) fn new(tag: Option<String>) -> Self {
        Self {
            tag,
            begin: None,
            declared: None,
            own: None,
            is_settled: false,
            edits: Vec::new(),
            foreign: Vec::new(),
        }
    }

    pub(super) fn findings(&self, path: &Arc<str>) -> Vec<Finding> {
        let finding = |location: &Location| {
            Finding::new(
                Code::SecondPolicy,
                "the page has a policy of its own here, and what runs must be allowed by both",
                "remove it, and give its directives with --policy",
            )
            .at(Place::of(path, *location))
        };
        self.foreign.iter().map(finding).collect()
    }

    fn remove(&mut self, range: Range<usize>) {
        let text = String::new();
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
            (Some(text), Some((range, false))) => self.edits.push(Edit { range, text }),
            (None, Some((range, _))) => self.remove(range),
            (Some(text), None) => {
                let at = self.declared.or(self.begin).unwrap_or_default();
                let range = at..at;
                self.edits.push(Edit { range, text });
            }
        }
        self.edits.sort_by_key(|edit| edit.range.start);
    }

    /// Takes a `meta` element.
    fn meta(&mut self, element: &Element<'_>) {
        let range = element.offset..element.offset + element.raw.len();
        let is_live =
            element.target == Target::New && element.namespace == Namespace::Html && !element.inert;
        let carries_policy = element
            .attribute("http-equiv")
            .is_some_and(|pragma| pragma.eq_ignore_ascii_case("content-security-policy"));
        // Without one that ends an SVG the tree would be another.
        let is_own = is_live && !element.has_left_foreign();
        if is_own && carries_policy && element.attribute(MARKER).is_some() {
            if self.is_settled || self.own.is_some() {
                return self.remove(range);
            }
            let tag = self.tag.as_ref();
            let is_same = tag.is_some_and(|tag| tag.as_bytes() == element.raw);
            self.own = Some((range, is_same));
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
            self.declared = Some(range.end);
            // One before it would push it away from the beginning.
            if let Some((range, _)) = self.own.take() {
                self.remove(range);
            }
        }
    }
}

impl Editor for MetaSink {
    const NAMED: (ErrorKind, &'static str) = (
        ErrorKind::Unsupported,
        "no policy can be written into a page",
    );

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
        match element.name {
            n::meta => self.meta(element),
            n::head if self.begin == Some(element.offset) => {
                self.begin = Some(element.offset + element.raw.len());
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
