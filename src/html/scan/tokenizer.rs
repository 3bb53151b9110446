//! lol_html, given what needs a tokenizer proper: the attributes of tags that matter, and raw text.
//!
//! It is handed one tag at a time, each closed again with an end tag of this module's own, so that it is always in
//! the data state of an HTML document when the next one comes, and cannot be wrong about namespaces.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use lol_html::html_content::{Attribute, Element, EndTag};
use lol_html::{HtmlRewriter, Settings, element, text};

use crate::error::{Error, ErrorKind, Result};
use crate::html::markup::AttributeSpan;

/// A tokenizer in the data state, or inside the raw text element that was opened last.
pub(super) struct Tokenizer {
    rewriter: HtmlRewriter<'static, fn(&[u8])>,
    handoff: Rc<RefCell<Handoff>>,
    /// How many bytes it was given.
    fed: usize,
}

/// What the handlers leave behind.
#[derive(Default)]
struct Handoff {
    /// The tags since they were last taken, with the byte range of each.
    tags: Vec<(Range<usize>, Vec<AttributeSpan>)>,
    text: String,
    /// The end tag of a raw text element was seen, which ended at this byte.
    ended: Option<usize>,
}

impl Tokenizer {
    pub(super) fn new() -> Self {
        let handoff = Rc::new(RefCell::new(Handoff::default()));
        let on_element = Rc::clone(&handoff);
        let on_text = Rc::clone(&handoff);
        let settings = Settings::new()
            .with_strict(false)
            .append_element_content_handler(element!("*", move |element| {
                take_tag(&mut on_element.borrow_mut(), element);
                let on_end = Rc::clone(&on_element);
                if element.can_have_content() {
                    element.on_end_tag(Box::new(move |end: &mut EndTag<'_>| {
                        on_end.borrow_mut().ended = Some(end.source_location().bytes().end);
                        Ok(())
                    }))?;
                }
                Ok(())
            }))
            .append_element_content_handler(text!("script, style, noscript", move |chunk| {
                on_text.borrow_mut().text.push_str(chunk.as_str());
                Ok(())
            }));
        Self { rewriter: HtmlRewriter::new(settings, discard), handoff, fed: 0 }
    }

    /// The attributes of a tag (from `<` to `>`) with this name.
    pub(super) fn attributes(&mut self, raw: &[u8], name: &[u8]) -> Result<Vec<AttributeSpan>> {
        let attributes = self.open(raw)?;
        self.close(name)?;
        Ok(attributes)
    }

    /// Opens a raw text element of this name with its tag.
    pub(super) fn open_raw_text(&mut self, raw: &[u8], name: &[u8]) -> Result<()> {
        let attributes = self.open(raw)?;
        if ends_in_equals_sign(raw, &attributes) {
            self.close(name)?;
            self.open(&[b"<", name, b">"].concat())?;
        }
        Ok(())
    }

    /// Closes the element that was opened.
    fn close(&mut self, name: &[u8]) -> Result<()> {
        self.feed(b"</")?;
        self.feed(name)?;
        self.feed(b">")?;
        let mut handoff = self.handoff.borrow_mut();
        handoff.text.clear();
        handoff.ended = None;
        Ok(())
    }

    fn open(&mut self, raw: &[u8]) -> Result<Vec<AttributeSpan>> {
        let start = self.fed;
        self.feed(raw)?;
        let mut handoff = self.handoff.borrow_mut();
        handoff.ended = None;
        match (handoff.tags.pop(), handoff.tags.is_empty()) {
            (Some((range, attributes)), true) if range == (start..self.fed) => Ok(attributes),
            _ => Err(Error::new(ErrorKind::Scan, "the two lexers disagree on where a tag ends")),
        }
    }

    /// Gives raw text, which may hold no more than the end tag behind the text. `true` when it held that.
    pub(super) fn raw_text(&mut self, bytes: &[u8], mut text: impl FnMut(&str)) -> Result<bool> {
        self.feed(bytes)?;
        self.take_text(&mut text);
        match self.handoff.borrow_mut().ended.take() {
            None => Ok(false),
            Some(end) if end == self.fed => Ok(true),
            Some(_) => Err(Error::new(ErrorKind::Scan, "the two lexers disagree on where raw text ends")),
        }
    }

    /// Ends the input inside raw text.
    pub(super) fn end(self, mut text: impl FnMut(&str)) -> Result<()> {
        let Self { rewriter, handoff, .. } = self;
        rewriter.end().map_err(failed)?;
        text(&handoff.borrow().text);
        Ok(())
    }

    fn take_text(&self, text: &mut impl FnMut(&str)) {
        let mut handoff = self.handoff.borrow_mut();
        if !handoff.text.is_empty() {
            text(&handoff.text);
            handoff.text.clear();
        }
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<()> {
        self.fed += bytes.len();
        self.rewriter.write(bytes).map_err(failed)
    }
}

fn take_tag(handoff: &mut Handoff, element: &Element<'_, '_>) {
    let tag = element.source_location().bytes();
    let span = |attribute: &Attribute<'_>| {
        let name = attribute.name_source_location().map(|at| at.bytes()).unwrap_or_default();
        let value = attribute.value_source_location().map(|at| at.bytes());
        let shift = |range: Range<usize>| range.start - tag.start..range.end - tag.start;
        let name = shift(name);
        let value = value.map_or(name.end..name.end, shift);
        AttributeSpan { name, value }
    };
    let attributes = element.attributes().iter().map(span).collect();
    handoff.tags.push((tag, attributes));
}

/// Whether the last attribute of a tag has an equals sign and no value, as in `<script async=>`: behind that lol_html
/// is in the data state, whatever the element.
fn ends_in_equals_sign(raw: &[u8], attributes: &[AttributeSpan]) -> bool {
    attributes.last().is_some_and(|last| {
        let rest = &raw[last.name.end..raw.len() - 1];
        rest.trim_ascii() == b"="
    })
}

fn failed(error: lol_html::errors::RewritingError) -> Error {
    Error::new(ErrorKind::Scan, "the tokenizer failed").because(error)
}

/// The rewriter's output is not looked at.
fn discard(_: &[u8]) {}
