//! One pass over a document: elements with their attributes, and the text of those that are asked for.
//!
//! [`MarkupLexer`] finds where tags end, [`Tree`] says what each makes, and lol_html reads what needs a tokenizer
//! proper: the attributes of tags that matter and the text of script, style and their like. lol_html alone would have
//! to guess the namespace, which decides whether `<style>` holds raw text; here it is handed a tag only when that is known.
//!
//! Input is UTF-8 (invalid sequences count as U+FFFD) in arbitrary pieces; what is held is bounded by the
//! largest tag.

mod branch;
mod core;
mod deferred;
mod hidden;
mod raw_text;
mod start_tag;
mod tags;
mod tokenizer;

use std::borrow::Cow;
use std::ops::Range;

use self::branch::Branch;
use self::core::Builder;
pub(crate) use self::hidden::Hidden;
pub(super) use self::raw_text::has_raw_text;
use self::raw_text::{OpenRawText, RawText};
pub(super) use self::start_tag::Tag;
pub(super) use self::tags::TagReader;
use super::asked::Asked;
use super::markup::{self, AttributeSpan, MarkupLexer, Stop};
use super::name::Name;
use super::text::{Normalizer, attribute_value};
use super::tree::{HeadState, Namespace, Scripting, Tree};
use crate::error::Result;
use crate::location::Location;
use crate::template::{HiddenSpan, UsualCode};

/// What takes the events of a scan.
pub(crate) trait Sink {
    /// The elements to report, whatever their attributes; [`None`] for all.
    fn asked(&self) -> Option<&Asked>;
    /// Whether an element is to be reported for an attribute, given its name and what follows that up to
    /// the end of its value, both as written.
    fn heeds(&self, attribute: &[u8], value: &[u8]) -> bool;
    /// Takes an element.
    fn element(&mut self, element: &Element<'_>) -> Wants;
    /// Takes a piece of the child text content of the last element that wanted it.
    fn text(&mut self, text: &str);
    /// Takes a piece of the raw text of the last element that wanted it, as the document has it.
    fn raw(&mut self, bytes: &[u8]);
    /// That element has ended; `hidden` when there was template code in its text.
    fn end(&mut self, end: End, hidden: bool);
    /// The head begins or is over. `at` is where the token starts that says so, before which the elements stand that it
    /// implies; reported before the token's element. Goes from [`HeadState::Before`] on and never back.
    fn head(&mut self, _state: HeadState, _at: usize) {}
    /// Takes the text of a comment that speaks to this program, and where its `<` stands.
    fn note(&mut self, _text: &str, _location: Location) {}
    /// An element that is neither script nor style, whose text is no markup, ended with the input.
    fn unclosed(&mut self, _start_tag: Location) {}
    /// Where what starts that was taken and is still being read, if there is any.
    fn unread(&self) -> Option<usize> {
        None
    }
}

/// Whether an element's text is to be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    Nothing,
    /// The child text content, until [`Sink::end`]. Only of script and style elements.
    Text,
    /// The raw text, until [`Sink::end`]. Only of noscript elements.
    Raw,
}

/// How an element ended.
#[expect(clippy::enum_variant_names, reason = "an end tag is called that")]
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
    /// One that stands in the text of a script or style element behind template code: it may stand in
    /// another branch than that element's start tag.
    Branch,
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
    /// Where that stands, in bytes of the document.
    pub(crate) offset: usize,
    /// How many comments that speak to this program stand right before it.
    pub(crate) notes: usize,
    tag: &'a Tag<'a>,
    hidden: &'a Hidden,
    tree: &'a Tree,
}

impl Element<'_> {
    /// The attributes in source order, duplicates included: name as written, the bytes between
    /// the quotes, and the offset of the name in the tag. The first of several with one name is the one
    /// that counts.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&[u8], &[u8], &AttributeSpan)> {
        self.tag.attributes().iter().map(|span| (&self.raw[span.name.clone()], &self.raw[span.value.clone()], span))
    }

    /// Whether the sink asked for an attribute of it.
    pub(crate) fn is_heeded(&self) -> bool {
        self.tag.raw.heeded
    }

    /// Whether the tag is written as nearly all are, so that it is read the same wherever it stands.
    pub(crate) fn is_plain(&self) -> bool {
        markup::attributes(self.raw).is_some()
    }

    /// Whether this void element stands in the head.
    pub(crate) fn is_in_head(&self) -> bool {
        self.tree.is_in_head()
    }

    /// The name of the parent of this `source` or `track`.
    pub(crate) fn parent(&self) -> Option<Name> {
        self.tree.current_name()
    }

    /// Whether it ended foreign content, in which it would stand otherwise.
    pub(crate) fn has_left_foreign(&self) -> bool {
        self.tree.has_left_foreign()
    }

    /// The template code that stands in `range` of the tag, which counts from its `<`.
    pub(crate) fn code(&self, range: Range<usize>) -> Vec<HiddenSpan> {
        self.hidden.spans_in(self.offset + range.start..self.offset + range.end)
    }

    /// The template code of the document, and where the text behind the tag begins there.
    pub(crate) fn code_behind(&self) -> (Hidden, usize) {
        (self.hidden.clone(), self.offset + self.raw.len())
    }

    /// The name of the attribute in whose value byte `at` of the tag stands.
    pub(crate) fn name_around(&self, at: usize) -> Option<&[u8]> {
        let attributes = self.tag.attributes();
        let before = attributes.partition_point(|span| span.name.start <= at);
        let around = attributes[..before].last()?;
        let is_inside = around.value.contains(&at);
        is_inside.then(|| &self.raw[around.name.clone()])
    }

    /// What template code in the usual delimiters would be in the tag.
    pub(crate) fn usual_code(&self) -> UsualCode {
        self.hidden.usual_code(self.offset)
    }

    /// Whether template code stands in `range` of the tag.
    pub(crate) fn has_code(&self, range: Range<usize>) -> bool {
        self.hidden.is_in(self.offset + range.start..self.offset + range.end)
    }

    /// The decoded value of an attribute given by its lower-case name.
    pub(crate) fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        self.attributes()
            .find(|(found, ..)| found.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value, _)| attribute_value(value))
    }
}

/// Scans one document. Feed it with [`write`](Self::write), then call [`end`](Self::end).
pub(crate) struct Scanner<S> {
    lexer: MarkupLexer,
    builder: Builder<S>,
    /// Bytes that were given and not consumed: the start of an unfinished construct.
    held: Vec<u8>,
    /// The raw text that is being read, when it is not plain.
    raw_text: Option<RawText>,
    normalizer: Normalizer,
}

impl<S: Sink> Scanner<S> {
    /// Of a whole document.
    pub(crate) fn document(sink: S, scripting: Scripting, hidden: Hidden) -> Self {
        Self::new(Builder::new(sink, Tree::document(scripting), hidden))
    }

    /// Of the content of a `noscript` element as it is with scripting disabled.
    pub(crate) fn noscript(sink: S, element: &Element<'_>) -> Self {
        let tree = element.tree.without_scripting();
        let mut builder = Builder::new(sink, tree, element.hidden.clone());
        builder.stand(element.location, element.offset);
        builder.pass(element.raw);
        Self::new(builder)
    }

    fn new(builder: Builder<S>) -> Self {
        Self { lexer: MarkupLexer::new(), builder, held: Vec::new(), raw_text: None, normalizer: Normalizer::default() }
    }

    /// Takes the next piece of the document.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Scan`](crate::ErrorKind::Scan) when the two lexers disagree, which is a bug;
    /// [`ErrorKind::Limit`](crate::ErrorKind::Limit) when too many elements are left open.
    pub(crate) fn write(&mut self, input: &[u8]) -> Result<()> {
        if self.held.is_empty() {
            let len = self.scan(input, false)?;
            self.held.extend_from_slice(&input[len..]);
            return Ok(());
        }
        let mut held = std::mem::take(&mut self.held);
        held.extend_from_slice(input);
        let len = self.scan(&held, false)?;
        held.drain(..len);
        self.held = held;
        Ok(())
    }

    /// Where the first byte stands that is still being read, or is yet to come.
    pub(crate) fn position(&self) -> usize {
        let own = self.builder.offset();
        self.builder.sink.unread().map_or(own, |at| at.min(own))
    }

    /// What takes the events.
    pub(crate) fn sink(&mut self) -> &mut S {
        &mut self.builder.sink
    }

    /// Takes the end of the document and gives back the sink.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub(crate) fn end(mut self) -> Result<S> {
        let held = std::mem::take(&mut self.held);
        self.scan(&held, true)?;
        let Self { mut builder, mut normalizer, raw_text, .. } = self;
        if let Some(open) = &builder.raw_text {
            let wants = open.wants;
            let sink = &mut builder.sink;
            if wants == Wants::Raw
                && let Some(raw_text) = raw_text
            {
                raw_text.end(|bytes| sink.raw(bytes));
            }
            builder.reader.end(|text| give(wants, &mut normalizer, sink, text))?;
        }
        builder.finish();
        builder.reader.check()?;
        Ok(builder.sink)
    }

    /// Scans as far as possible and returns how many bytes were consumed.
    fn scan(&mut self, input: &[u8], last: bool) -> Result<usize> {
        let mut at = 0;
        loop {
            let rest = &input[at..];
            let (len, goes_on) = if self.builder.raw_text.is_some() {
                self.scan_raw_text(rest, last)
            } else {
                self.scan_markup(rest, last)
            };
            self.builder.pass(&rest[..len]);
            self.builder.check()?;
            at += len;
            if !goes_on {
                return Ok(at);
            }
        }
    }

    fn scan_markup(&mut self, input: &[u8], last: bool) -> (usize, bool) {
        let (len, stop) = self.lexer.lex(input, last, &mut self.builder);
        if stop == Stop::RawText {
            self.normalizer = Normalizer::default();
        }
        (len, stop == Stop::RawText)
    }

    /// Gives the whole text of a raw text element.
    fn give_raw_text(&mut self, text: &[u8]) {
        let Builder { sink, raw_text, .. } = &mut self.builder;
        match raw_text.as_ref().map_or(Wants::Nothing, |open| open.wants) {
            Wants::Nothing => {}
            Wants::Raw => sink.raw(text),
            Wants::Text => {
                let text = String::from_utf8_lossy(text);
                give(Wants::Text, &mut self.normalizer, sink, &text);
            }
        }
    }

    fn scan_raw_text(&mut self, input: &[u8], last: bool) -> (usize, bool) {
        if let Some((text, len)) = self.builder.plain_raw_text(input) {
            self.give_raw_text(&input[..text]);
            self.builder.end_raw_text(End::EndTag, len);
            return (len, true);
        }
        let open = self.builder.raw_text.as_ref();
        let name = open.map(OpenRawText::name).unwrap_or_default();
        let raw_text = self.raw_text.get_or_insert_with(|| RawText::new(name));
        let (input, last) = match self.builder.branch(raw_text, input, last) {
            Branch::None => (input, last),
            // What may be an end tag cannot go on behind it.
            Branch::At(len) => (&input[..len], true),
            Branch::Maybe(len) => (&input[..len], last),
        };
        let len = raw_text.safe_len(input, last);
        let Builder { sink, reader, raw_text: open, .. } = &mut self.builder;
        let wants = open.as_ref().map_or(Wants::Nothing, |open| open.wants);
        let normalizer = &mut self.normalizer;
        let ended = len > 0
            && !raw_text.is_endless()
            && reader.raw_text(&input[..len], |text| give(wants, normalizer, sink, text));
        if wants == Wants::Raw {
            raw_text.give(&input[..len], |bytes| sink.raw(bytes));
        }
        if ended {
            self.raw_text = None;
            self.builder.end_raw_text(End::EndTag, len);
        }
        (len, len > 0)
    }
}

/// Gives a piece of raw text to the sink that wants it.
fn give(wants: Wants, normalizer: &mut Normalizer, sink: &mut impl Sink, text: &str) {
    if wants == Wants::Text {
        normalizer.push(text, |piece| sink.text(piece));
    }
}
