//! Markup whose part in the tree waits until somebody needs the tree.
//!
//! In a plain body, which is most of most documents, what a tag makes does not depend on what is open
//! ([`Tree::is_in_plain_body`]). So the tree is left as it is and the markup kept; when a tag comes for which the tree must be
//! right, such as `<table>`, it catches up. Mostly none does, and what was kept is forgotten at the end.

use std::cell::{Cell, OnceCell};

use super::raw_text::has_raw_text;
use super::start_tag::Tag;
use super::tags::TagReader;
use crate::html::markup::{MarkupLexer, MarkupSink, RawTag, Stop, Token, raw_text};
use crate::html::names as n;
use crate::html::tree::Tree;

/// How much is kept before the tree catches up, in bytes.
const LIMIT: usize = 1 << 20;

/// The markup that the tree has not seen.
#[derive(Default)]
pub(super) struct Deferred {
    /// Without the text of raw text elements and their end tags, but for that of quiet `noscript` elements.
    markup: Vec<u8>,
    is_on: bool,
}

thread_local! {
    /// An empty buffer, kept for the next page.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl Drop for Deferred {
    fn drop(&mut self) {
        if self.markup.capacity() > 0 {
            self.markup.clear();
            SPARE.set(std::mem::take(&mut self.markup));
        }
    }
}

impl Deferred {
    /// Whether the tree is behind.
    pub(super) fn is_on(&self) -> bool {
        self.is_on
    }

    /// From here on the tree sees nothing.
    pub(super) fn start(&mut self) {
        self.is_on = true;
        if self.markup.capacity() == 0 {
            self.markup = SPARE.take();
        }
    }

    /// Keeps markup if the tree is behind.
    pub(super) fn push(&mut self, markup: &[u8]) {
        if self.is_on {
            self.markup.extend_from_slice(markup);
        }
    }

    /// Whether more should not be kept.
    pub(super) fn is_full(&self) -> bool {
        self.markup.len() >= LIMIT
    }

    /// Makes `tree` what it would be.
    #[cold]
    pub(super) fn catch_up(&mut self, tree: &mut Tree, reader: &TagReader) {
        self.is_on = false;
        let mut lexer = MarkupLexer::new();
        let mut sink = Replay { tree, reader };
        let mut at = 0;
        while let (len, Stop::RawText) = lexer.lex(&self.markup[at..], false, &mut sink) {
            at += len;
            // Only that of a noscript is here, whose end was found the same way.
            at += raw_text(b"noscript", &self.markup[at..]).map_or(0, |(_, len)| len);
        }
        self.markup.clear();
    }
}

/// Takes markup into the tree and nowhere else.
struct Replay<'a> {
    tree: &'a mut Tree,
    reader: &'a TagReader,
}

impl MarkupSink for Replay<'_> {
    fn reach(&mut self, _: usize) {}

    fn token(&mut self, token: Token<'_>) {
        match token {
            Token::EndTag { name, .. } => self.tree.end_tag(name),
            Token::Text(text) if self.tree.heeds_text() => self.tree.text(text),
            // There is neither a section nor a document type in a plain body.
            Token::Text(_) | Token::Cdata(_) | Token::Doctype(_) => {}
        }
    }

    fn note(&mut self, _: &[u8], _: &[u8]) {}

    fn start_tag(&mut self, raw: RawTag<'_>, _: &[u8]) -> bool {
        self.tree.start_tag(&Tag { raw, reader: self.reader.clone(), attributes: OnceCell::new() });
        if has_raw_text(raw.name) {
            self.tree.end_raw_text();
        }
        raw.name == n::noscript
    }

    fn heeds(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }

    fn heeds_doctype(&self) -> bool {
        false
    }

    fn cdata_allowed(&self) -> bool {
        false
    }

    fn cut(&self, text: &[u8]) -> usize {
        text.len()
    }
}
