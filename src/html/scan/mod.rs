//! One pass over a document: elements with their attributes, and the text of those that are asked for.
//!
//! lol_html tokenizes; [`MarkupLexer`](super::markup) finds the end tags it keeps to itself; [`Tree`] says what each tag makes.
//! lol_html guesses the namespace from a short list of tags, and the guess decides whether
//! `<style>` holds raw text. Where it differs from the tree (an unclosed `<svg>`, a `<script>` that is
//! dropped) a fresh tokenizer is put into the right namespace and the scan goes on from that tag, so
//! that what is reported does not depend on the guess.
//!
//! Input is UTF-8 (invalid sequences count as U+FFFD) in arbitrary pieces; what is held is bounded by the largest tag.

mod core;

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use lol_html::html_content::{Attribute, EndTag, SourceLocation};
use lol_html::{HtmlRewriter, Settings, element, text};

use self::core::Core;
use super::location::Location;
use super::name::Name;
use super::text::attribute_value;
use super::tree::{Namespace, Tree};
use crate::error::{Error, ErrorKind, Result};

/// What takes the events of a scan.
pub(crate) trait Sink {
    /// Whether an element with this name and tag (`raw`, from `<` to `>`) is to be reported.
    fn concerns(&self, name: Name, raw: &[u8]) -> bool;
    /// Takes an element.
    fn element(&mut self, element: &Element<'_>) -> Wants;
    /// Takes a piece of the child text content of the last element that wanted it.
    fn text(&mut self, text: &str);
    /// That element has ended.
    fn end(&mut self, end: End);
    /// The scanner cannot tell what a browser makes of the markup here.
    fn ambiguous(&mut self, location: Location);
}

/// Whether an element's text is to be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    Nothing,
    /// The child text content, until [`Sink::end`]. Only of script, style and noscript elements.
    Text,
}

/// How an element ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// By its end tag.
    EndTag,
    /// By the tag of another element.
    Implied,
    /// With the input.
    Input,
}

/// Which element the attributes belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A new one.
    New,
    /// The attributes that an earlier element lacks are added to it.
    MergedIntoHtml,
    /// The same for the body element.
    MergedIntoBody,
}

/// A start tag that made an element or changed one.
pub(crate) struct Element<'a> {
    pub(crate) name: Name,
    pub(crate) namespace: Namespace,
    pub(crate) target: Target,
    /// In the content of an inert `<template>`.
    pub(crate) inert: bool,
    /// Where its `<` stands.
    pub(crate) location: Location,
    /// The tag, from `<` to `>`.
    pub(crate) raw: &'a [u8],
    attributes: &'a [Attribute<'a>],
    /// Where the tag starts, as `attributes` count.
    start: usize,
}

impl Element<'_> {
    /// The attributes in source order, duplicates included: name as written, and the bytes between
    /// the quotes, and the offset of the name in the tag. The first of several with one name is the one
    /// that counts.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&[u8], &[u8], usize)> {
        self.attributes.iter().map(|attribute| {
            let name = self.range(attribute.name_source_location());
            let value = self.range(attribute.value_source_location());
            let slice = |range: Range<usize>| self.raw.get(range).unwrap_or_default();
            (slice(name.clone()), slice(value), name.start)
        })
    }

    /// The decoded value of an attribute given by its lower-case name.
    pub(crate) fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        self.attributes()
            .find(|(found, ..)| found.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value, _)| attribute_value(value))
    }

    /// A location of the tokenizer as a range of `raw`; an absent one as an empty range.
    fn range(&self, location: Option<SourceLocation>) -> Range<usize> {
        location.map_or(0..0, |location| {
            let bytes = location.bytes();
            bytes.start - self.start..bytes.end - self.start
        })
    }
}

/// Scans one document. Feed it with [`write`](Self::write), then call [`end`](Self::end).
pub(crate) struct Scanner<S: Sink + 'static> {
    core: Rc<RefCell<Core<S>>>,
    tokenizer: Tokenizer,
}

type Tokenizer = HtmlRewriter<'static, fn(&[u8])>;

impl<S: Sink + 'static> Scanner<S> {
    /// Of a whole document.
    pub(crate) fn document(sink: S) -> Self {
        Self::new(sink, Tree::document(), Location::START)
    }

    /// Of markup inside a body; `location` is where it starts.
    pub(crate) fn fragment(sink: S, location: Location) -> Self {
        Self::new(sink, Tree::fragment(), location)
    }

    fn new(sink: S, tree: Tree, location: Location) -> Self {
        let core = Rc::new(RefCell::new(Core::new(sink, tree, location)));
        let tokenizer = tokenizer(&core);
        Self { core, tokenizer }
    }

    /// Takes the next piece of the document.
    pub(crate) fn write(&mut self, input: &[u8]) -> Result<()> {
        let in_step = self.core.borrow_mut().take(input);
        if in_step {
            self.feed(input)?;
        }
        self.settle(false)?;
        self.core.borrow_mut().forget();
        Ok(())
    }

    /// Takes the end of the document and gives back the sink.
    pub(crate) fn end(mut self) -> Result<S> {
        self.settle(true)?;
        let Self { core, tokenizer } = self;
        // What the tokenizer held back of a raw text comes out here.
        tokenizer.end().map_err(failed)?;
        match Rc::try_unwrap(core) {
            Ok(core) => Ok(core.into_inner().finish()),
            Err(_) => Err(Error::new(
                ErrorKind::Scan,
                "the tokenizer outlived the scan",
            )),
        }
    }

    /// Feeds the tokenizer, which stops early when it must be restarted.
    fn feed(&mut self, input: &[u8]) -> Result<()> {
        match self.tokenizer.write(input) {
            Err(error) if self.core.borrow().in_step() => Err(failed(error)),
            _ => Ok(()),
        }
    }

    /// Brings the tree up to the end of what was fed, restarting the tokenizer where it is out of step.
    fn settle(&mut self, last: bool) -> Result<()> {
        loop {
            let Some(restart) = self.core.borrow_mut().catch_up(last) else {
                return Ok(());
            };
            self.tokenizer = tokenizer(&self.core);
            self.feed(restart.prelude)?;
            self.feed(&restart.rest)?;
        }
    }
}

fn failed(error: lol_html::errors::RewritingError) -> Error {
    Error::new(ErrorKind::Scan, "the tokenizer failed").because(error)
}

fn tokenizer<S: Sink + 'static>(core: &Rc<RefCell<Core<S>>>) -> Tokenizer {
    let on_element = Rc::clone(core);
    let on_text = Rc::clone(core);
    let settings = Settings::new()
        .with_strict(false)
        .append_element_content_handler(element!("*", move |element| {
            if on_element.borrow_mut().start_tag(element)? {
                let on_end = Rc::clone(&on_element);
                element.on_end_tag(Box::new(move |end: &mut EndTag<'_>| {
                    on_end.borrow_mut().raw_text_end(end);
                    Ok(())
                }))?;
            }
            Ok(())
        }))
        .append_element_content_handler(text!("script, style, noscript", move |chunk| {
            on_text.borrow_mut().raw_text(chunk.as_str());
            Ok(())
        }));
    HtmlRewriter::new(settings, discard)
}

/// The rewriter's output is not looked at.
fn discard(_: &[u8]) {}
