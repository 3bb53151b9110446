//! How tags, the markup between them and the tree come together.

use std::cell::OnceCell;

use super::deferred::Deferred;
use super::raw_text::{OpenRawText, has_raw_text};
use super::start_tag::Tag;
use super::tags::TagReader;
use super::{Element, End, Hidden, Sink, Target, Wants};
use crate::error::{Error, ErrorKind, Result};
use crate::html::asked::Asked;
use crate::html::markup::{MarkupSink, RawTag, Token};
use crate::html::name::{Name, name_bytes};
use crate::html::names as n;
use crate::html::text::{character_data, decodable_len, literal_text};
use crate::html::tree::{HeadState, Namespace, Placement, Tree, is_plain};
use crate::location::Location;

/// The tree, and what the markup makes of it.
pub(super) struct Builder<S> {
    pub(super) sink: S,
    pub(super) reader: TagReader,
    tree: Tree,
    deferred: Deferred,
    /// What the sink knows of the head.
    head: HeadState,
    /// The SVG script and style elements that are open and whose text is wanted.
    own_texts: Vec<OwnText>,
    /// The raw text element that was opened last.
    pub(super) raw_text: Option<OpenRawText>,
    /// A buffer for its start tag.
    spare: Vec<u8>,
    /// How many bytes of the document were passed: the offset of what is being lexed.
    offset: usize,
    /// The place of the byte at `located` of what is being lexed.
    location: Location,
    located: usize,
    /// Up to where of that the lexer has come.
    reached: usize,
    /// How many notes there are since the last tag or text.
    notes: usize,
    hidden: Hidden,
}

struct OwnText {
    name: Name,
    /// The element in the tree, and the tree's depth with it as the current node.
    node: u64,
    depth: usize,
    /// Where its text starts.
    start: usize,
}

impl<S: Sink> Builder<S> {
    pub(super) fn new(sink: S, tree: Tree, hidden: Hidden) -> Self {
        Self {
            sink,
            reader: TagReader::default(),
            head: tree.head(),
            tree,
            deferred: Deferred::default(),
            own_texts: Vec::new(),
            raw_text: None,
            spare: Vec::new(),
            reached: 0,
            offset: 0,
            location: Location::START,
            located: 0,
            notes: 0,
            hidden,
        }
    }

    /// Starts at this place of a document.
    pub(super) fn stand(&mut self, location: Location, offset: usize) {
        self.location = location;
        self.offset = offset;
    }

    /// How many bytes of the document were passed.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// Counts lines up to the end of `passed`, where the next piece starts.
    pub(super) fn pass(&mut self, passed: &[u8]) {
        self.location.advance(&passed[self.located..]);
        self.located = 0;
        self.reached = 0;
        self.offset += passed.len();
    }

    /// The raw text element that is open has ended, before byte `len` of what is being read.
    pub(super) fn end_raw_text(&mut self, end: End, len: usize) {
        if !self.deferred.is_on() {
            self.tree.end_raw_text();
        }
        let hidden = self.has_code(len);
        if let Some(open) = self.raw_text.take() {
            self.spare = open.tag;
            if open.wants != Wants::Nothing {
                self.sink.end(end, hidden);
            }
        }
    }

    /// Ends what is open at the end of the input.
    pub(super) fn finish(&mut self) {
        if let Some(open) = &self.raw_text {
            if open.wants == Wants::Nothing {
                self.sink.unclosed(open.location);
            }
            self.end_raw_text(End::Input, 0);
        }
        for own in self.own_texts.drain(..) {
            let hidden = self.hidden.is_in(own.start..self.offset);
            self.sink.end(End::Input, hidden);
        }
    }

    /// What becomes of a start tag.
    fn place(&mut self, tag: &Tag<'_>) -> Placement {
        if self.deferred.is_on() {
            if is_plain(tag.raw.name) {
                return Placement::html(false);
            }
            self.catch_up();
        }
        self.tree.start_tag(tag)
    }

    fn catch_up(&mut self) {
        self.deferred.catch_up(&mut self.tree, &self.reader);
    }

    /// Fails when what was read so far cannot be trusted.
    pub(super) fn check(&self) -> Result<()> {
        if self.tree.is_overworked() {
            let line = self.location.line;
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "so many elements are open that going through them takes too long, up to line {line}, and the document was not read; close the elements that are left open"
                ),
            ));
        }
        self.reader.check()
    }

    fn report(&mut self, tag: &Tag<'_>, placement: Placement, before: &[u8]) -> Wants {
        let (target, inert) = match placement {
            Placement::Dropped => return Wants::Nothing,
            Placement::Element { inert, .. } => (Target::New, inert),
            Placement::MergedIntoHtml => (Target::MergedIntoHtml, false),
            Placement::MergedIntoBody => (Target::MergedIntoBody, false),
        };
        if !tag.raw.heeded && !self.sink.asked().is_none_or(|asked| asked.has(tag.raw.name)) {
            return Wants::Nothing;
        }
        self.locate(before);
        self.sink.element(&Element {
            name: tag.raw.name,
            namespace: placement.namespace(),
            target,
            inert,
            location: self.location,
            raw: tag.raw.raw,
            offset: self.offset + before.len(),
            notes: self.notes,
            tag,
            hidden: &self.hidden,
            tree: &self.tree,
        })
    }

    /// Reports a start tag at the beginning of what is being read, in the text of another element.
    pub(super) fn report_branch(&mut self, raw: &[u8]) {
        let name = Name::from_bytes(name_bytes(&raw[1..]));
        let tag = Tag {
            raw: RawTag { name, raw, self_closing: false, heeded: false },
            // The tokenizer of this scan is inside the text.
            reader: TagReader::default(),
            attributes: OnceCell::new(),
        };
        self.locate(&[]);
        self.sink.element(&Element {
            name,
            namespace: Namespace::Html,
            target: Target::Branch,
            inert: false,
            location: self.location,
            raw,
            offset: self.offset,
            notes: 0,
            tag: &tag,
            hidden: &self.hidden,
            tree: &self.tree,
        });
    }

    /// Whether the sink knows all about the head, as it does through most of a document.
    fn is_past_head(&self) -> bool {
        self.head == HeadState::After
    }

    /// Says where the head begins or is over, after a tag that starts at `at` of the document.
    #[cold]
    fn note_head(&mut self, at: usize) {
        let head = self.tree.head();
        if head != self.head {
            self.head = head;
            self.sink.head(head, at);
        }
    }

    /// The same after a text, which cannot begin a head without ending it.
    #[cold]
    fn note_text(&mut self, text: &[u8]) {
        // NUL ends the head in the standard, though not in every browser.
        let is_space = |b: &u8| matches!(b, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ');
        let blank = text.iter().take_while(|b| is_space(b)).count();
        if blank < text.len() {
            self.head = HeadState::After;
            let at = self.offset + self.reached + blank;
            self.sink.head(HeadState::After, at);
        }
    }

    /// Counts lines up to what stands behind `before`.
    fn locate(&mut self, before: &[u8]) {
        self.location.advance(&before[self.located..]);
        self.located = before.len();
    }

    /// Whether there is template code in the raw text that is open, before byte `len` of what is being read.
    pub(super) fn has_code(&self, len: usize) -> bool {
        self.raw_text.as_ref().is_some_and(|open| self.hidden.is_in(open.start..self.offset + len))
    }

    /// Ends the elements whose text was wanted and which are no longer open, by a tag that starts at `at` of the document.
    fn end_own_texts(&mut self, at: usize, end: impl Fn(&OwnText) -> End) {
        let tree = &self.tree;
        let closed = |own: &mut OwnText| !tree.is_open(own.node, own.depth);
        while let Some(own) = self.own_texts.pop_if(closed) {
            let hidden = self.hidden.is_in(own.start..at);
            self.sink.end(end(&own), hidden);
        }
    }

    fn is_collecting(&self) -> bool {
        self.own_texts.last().is_some_and(|own| self.tree.current() == Some(own.node))
    }
}

impl<S: Sink> MarkupSink for Builder<S> {
    fn reach(&mut self, at: usize) {
        self.reached = at;
        if self.deferred.is_full() {
            self.catch_up();
        }
        if !self.deferred.is_on() && self.is_past_head() && self.tree.is_in_plain_body() {
            self.deferred.start();
        }
    }

    fn token(&mut self, token: Token<'_>) {
        match token {
            Token::EndTag { name, before } => {
                self.notes = 0;
                if self.deferred.is_on() {
                    return;
                }
                let current = self.tree.current();
                self.tree.end_tag(name);
                let at = (self.offset + self.reached).saturating_sub(before);
                if !self.is_past_head() {
                    self.note_head(at);
                }
                self.end_own_texts(at, |own| {
                    if own.name == name && current == Some(own.node) { End::EndTag } else { End::Implied }
                });
            }
            Token::Text(text) | Token::Cdata(text) => {
                if self.notes > 0 && !text.trim_ascii().is_empty() {
                    self.notes = 0;
                }
                if self.deferred.is_on() {
                    return;
                }
                if self.tree.heeds_text() {
                    self.tree.text(text);
                }
                if !self.is_past_head() {
                    self.note_text(text);
                }
                if self.is_collecting() {
                    self.sink.text(&match token {
                        Token::Text(_) => character_data(text),
                        _ => literal_text(text),
                    });
                }
            }
            Token::Doctype(doctype) => self.tree.doctype(doctype),
        }
    }

    fn note(&mut self, text: &[u8], before: &[u8]) {
        self.locate(before);
        self.sink.note(&String::from_utf8_lossy(text), self.location);
        self.notes += 1;
    }

    fn start_tag(&mut self, raw: RawTag<'_>, before: &[u8]) -> bool {
        let tag = Tag { raw, reader: self.reader.clone(), attributes: OnceCell::new() };
        let placement = self.place(&tag);
        let at = self.offset + before.len();
        if !self.is_past_head() {
            self.note_head(at);
        }
        self.end_own_texts(at, |_| End::Implied);
        let html = placement.namespace() == Namespace::Html;
        let is_raw_text = html
            && placement != Placement::Dropped
            && has_raw_text(raw.name)
            && (raw.name != n::noscript || self.tree.has_scripting());
        if is_raw_text {
            let wants = self.report(&tag, placement, before);
            self.notes = 0;
            self.locate(before);
            let mut tag = std::mem::take(&mut self.spare);
            tag.clear();
            tag.extend_from_slice(raw.raw);
            self.raw_text = Some(OpenRawText {
                location: self.location,
                tag,
                is_tokenized: false,
                wants,
                start: self.offset + before.len() + raw.raw.len(),
            });
            return true;
        }
        let wants = self.report(&tag, placement, before);
        self.notes = 0;
        if wants == Wants::Text {
            if html || raw.self_closing {
                self.sink.end(End::EndTag, false);
            } else {
                let start = self.offset + before.len() + raw.raw.len();
                self.own_texts.extend(self.tree.current().map(|node| OwnText {
                    name: raw.name,
                    node,
                    depth: self.tree.depth(),
                    start,
                }));
            }
        }
        false
    }

    fn heeds(&self, attribute: &[u8], value: &[u8]) -> bool {
        self.sink.heeds(attribute, value)
    }

    fn heeds_doctype(&self) -> bool {
        self.tree.heeds_doctype()
    }

    fn asked(&self) -> &Asked {
        self.sink.asked().unwrap_or(&Asked::NONE)
    }

    fn has_scripting(&self) -> bool {
        self.tree.has_scripting()
    }

    fn is_quiet(&self) -> bool {
        self.deferred.is_on() && self.notes == 0 && self.sink.asked().is_some()
    }

    fn passed(&mut self, markup: &[u8]) {
        self.deferred.push(markup);
    }

    fn cdata_allowed(&self) -> bool {
        self.tree.in_foreign_content()
    }

    fn cut(&self, text: &[u8]) -> usize {
        if self.is_collecting() { decodable_len(text) } else { text.len() }
    }
}
