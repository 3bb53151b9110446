//! The searches of the two browsers for a `<meta>` that declares the encoding.
//!
//! Chromium tokenizes without a tree: foreign content and template content mean nothing to it, and `noscript` is markup. Its search ends
//! behind the first 1,024 bytes as soon as there was a tag that it does not know in head
//! ([`HTMLMetaCharsetParser`](https://source.chromium.org/chromium/chromium/src/+/main:third_party/blink/renderer/core/html/parser/html_meta_charset_parser.cc)).
//!
//! Firefox builds the tree. Its search ends behind the first 1,024 bytes as soon as the head is over or a template was opened
//! ([`nsHtml5StreamParser`](https://searchfox.org/mozilla-central/source/parser/html/nsHtml5StreamParser.cpp)).

use std::cell::OnceCell;

use encoding_rs::Encoding;

use super::meta;
use crate::html::markup::{MarkupLexer, MarkupSink, RawTag, Stop, Token, raw_text_len};
use crate::html::name::{Name, name_bytes};
use crate::html::names as n;
use crate::html::scan::{Tag, TagReader, has_raw_text};
use crate::html::text::{attribute_value, character_data};
use crate::html::tree::{HeadState, Namespace, Placement, Scripting, StartTag as _, Tree};

/// Up to here, in bytes, a `<meta>` counts wherever it begins.
const UNCONDITIONAL: usize = 1024;

/// How many bytes Firefox tokenizes at a time.
const BUFFER: usize = 1024;

/// How a browser goes through the markup.
pub(super) trait Browser {
    /// Whether a `<meta>` no longer counts, when `passed` bytes were tokens.
    fn is_over(&self, passed: usize) -> bool;
    /// Takes a start tag at byte `at`. Whether its element is of HTML.
    fn start_tag(&mut self, tag: &Tag<'_>, at: usize) -> bool;
    /// Takes an end tag at byte `at`.
    fn end_tag(&mut self, name: Name, at: usize);
    /// Takes the end of a raw text element.
    fn end_raw_text(&mut self) {}
    /// Takes text at byte `at`.
    fn text(&mut self, _text: &[u8], _at: usize) {}
    /// Takes a document type.
    fn doctype(&mut self, _doctype: &[u8]) {}
    /// Whether the content of `noscript` is text.
    fn has_scripting(&self) -> bool;
    /// Whether `<![CDATA[` starts a section.
    fn cdata_allowed(&self) -> bool {
        false
    }
    /// The encoding that a `<meta>` declares.
    fn encoding(&self, tag: &Tag<'_>) -> Option<&'static Encoding>;
}

/// Chromium's search.
pub(super) struct Chromium {
    in_head: bool,
}

impl Chromium {
    pub(super) fn new() -> Self {
        Self { in_head: true }
    }

    fn is_in_head(name: Name) -> bool {
        matches!(name, n::script | n::noscript | n::style | n::link | n::meta | n::object | n::title | n::base)
    }
}

impl Browser for Chromium {
    fn is_over(&self, passed: usize) -> bool {
        !self.in_head && passed >= UNCONDITIONAL
    }

    fn start_tag(&mut self, tag: &Tag<'_>, _: usize) -> bool {
        let name = tag.name();
        self.in_head &= Self::is_in_head(name) || matches!(name, n::html | n::head);
        true
    }

    fn end_tag(&mut self, name: Name, _: usize) {
        self.in_head &= Self::is_in_head(name);
    }

    fn has_scripting(&self) -> bool {
        false
    }

    fn encoding(&self, tag: &Tag<'_>) -> Option<&'static Encoding> {
        let raw = tag.raw();
        meta::in_chromium(tag.attributes().iter().map(|span| {
            let value = attribute_value(&raw[span.value.clone()]);
            (&raw[span.name.clone()], value)
        }))
    }
}

/// Firefox's search.
pub(super) struct Firefox {
    tree: Tree,
    end: HeadEnd,
}

/// The end of the head, or the first template.
#[derive(Clone, Copy)]
enum HeadEnd {
    None,
    Tag {
        at: usize,
    },
    /// Text ends it, from the first visible byte at `at` up to `end`. The token behind it is still read.
    Text {
        at: usize,
        end: usize,
    },
}

impl Firefox {
    pub(super) fn new() -> Self {
        Self { tree: Tree::document(Scripting::Enabled), end: HeadEnd::None }
    }

    /// Takes text that ended the head, or the tag behind it. The tokenizer stops at a carriage return and at the end of a buffer, and
    /// then the search ends.
    fn go_on(&mut self, markup: &[u8], to: usize) {
        if let HeadEnd::Text { at, .. } = self.end
            && (markup.contains(&b'\r') || at / BUFFER != to / BUFFER)
        {
            self.end = HeadEnd::Tag { at };
        }
    }

    fn note_tag(&mut self, at: usize) {
        if matches!(self.end, HeadEnd::None) && self.tree.head() == HeadState::After {
            self.end = HeadEnd::Tag { at };
        }
    }
}

impl Browser for Firefox {
    fn is_over(&self, passed: usize) -> bool {
        match self.end {
            HeadEnd::None => false,
            HeadEnd::Text { at, end } if at >= UNCONDITIONAL => passed > end,
            HeadEnd::Tag { at } if at >= UNCONDITIONAL => true,
            HeadEnd::Tag { .. } | HeadEnd::Text { .. } => passed >= UNCONDITIONAL,
        }
    }

    fn start_tag(&mut self, tag: &Tag<'_>, at: usize) -> bool {
        let placement = self.tree.start_tag(tag);
        self.note_tag(at);
        self.go_on(tag.raw(), at + tag.raw().len());
        placement != Placement::Dropped && placement.namespace() == Namespace::Html
    }

    fn end_tag(&mut self, name: Name, at: usize) {
        self.tree.end_tag(name);
        self.note_tag(at);
    }

    fn end_raw_text(&mut self) {
        self.tree.end_raw_text();
    }

    fn text(&mut self, text: &[u8], at: usize) {
        // A reference may be one to white space, which does not end the head, and NUL does not either.
        if text.contains(&b'&') && !text.contains(&0) {
            self.tree.text(character_data(text).as_bytes());
        } else {
            self.tree.text(text);
        }
        let end = at + text.len();
        match self.end {
            HeadEnd::None if self.tree.head() == HeadState::After => {
                let is_blank = |byte: &&u8| b" \t\n\r\x0c\0".contains(byte);
                let blank = text.iter().take_while(is_blank).count();
                let at = at + blank;
                self.end = HeadEnd::Text { at, end };
                self.go_on(&text[blank..], end);
            }
            HeadEnd::Text { at: begin, end: known } if known == at => {
                self.end = HeadEnd::Text { at: begin, end };
                self.go_on(text, end);
            }
            HeadEnd::None | HeadEnd::Tag { .. } | HeadEnd::Text { .. } => {}
        }
    }

    fn doctype(&mut self, doctype: &[u8]) {
        self.tree.doctype(doctype);
    }

    fn has_scripting(&self) -> bool {
        true
    }

    fn cdata_allowed(&self) -> bool {
        self.tree.in_foreign_content()
    }

    fn encoding(&self, tag: &Tag<'_>) -> Option<&'static Encoding> {
        meta::meta_encoding(|name| tag.attribute(name))
    }
}

/// The encoding that a browser finds in a page with this start; [`None`] when more of it must be seen. `last` says that nothing
/// follows.
pub(super) fn search(browser: impl Browser, start: &[u8], last: bool) -> Option<Option<&'static Encoding>> {
    let mut search =
        Search { browser, reader: TagReader::default(), at: 0, passed: 0, raw_text: None, state: State::Looking };
    let mut lexer = MarkupLexer::new();
    while let State::Looking = search.state {
        let (_, stop) = lexer.lex(&start[search.at..], last, &mut search);
        let Some(name) = search.raw_text.take().filter(|_| stop == Stop::RawText) else {
            break;
        };
        let Some(len) = raw_text_len(&name, &start[search.at..]) else {
            break;
        };
        search.pass(len);
        search.browser.end_raw_text();
    }
    match search.state {
        State::Found(encoding) => Some(Some(encoding)),
        State::Over => Some(None),
        State::Looking if last || search.browser.is_over(search.passed) => Some(None),
        State::Looking => None,
    }
}

enum State {
    Looking,
    Found(&'static Encoding),
    Over,
}

/// A search that goes on.
struct Search<B> {
    browser: B,
    reader: TagReader,
    /// How many bytes were lexed, and up to where they were tokens.
    at: usize,
    passed: usize,
    /// The name of the raw text element that was opened.
    raw_text: Option<Vec<u8>>,
    state: State,
}

impl<B: Browser> Search<B> {
    fn pass(&mut self, len: usize) {
        self.at += len;
        self.passed = self.at;
    }
}

impl<B: Browser> MarkupSink for Search<B> {
    fn reach(&mut self, _: usize) {}

    fn token(&mut self, token: Token<'_>) {
        match token {
            Token::Text(text) | Token::Cdata(text) => self.browser.text(text, self.at),
            Token::EndTag { name, before } => {
                self.browser.end_tag(name, self.at.saturating_sub(before));
            }
            Token::Doctype(doctype) => self.browser.doctype(doctype),
        }
    }

    fn note(&mut self, _: &[u8], _: &[u8]) {}

    /// Takes a start tag; `true` also when the search is over, so that the lexer stops.
    fn start_tag(&mut self, raw: RawTag<'_>, _: &[u8]) -> bool {
        if self.browser.is_over(self.passed) {
            self.state = State::Over;
            return true;
        }
        let tag = Tag { raw, reader: self.reader.clone(), attributes: OnceCell::new() };
        let is_html = self.browser.start_tag(&tag, self.at);
        if is_html && raw.name == n::meta {
            let is_over = self.browser.is_over(self.passed);
            let found = self.browser.encoding(&tag).filter(|_| !is_over);
            if let Some(encoding) = found {
                self.state = State::Found(encoding);
            }
            return found.is_some();
        }
        let has_raw_text =
            is_html && has_raw_text(raw.name) && (raw.name != n::noscript || self.browser.has_scripting());
        if has_raw_text {
            self.raw_text = Some(name_bytes(&raw.raw[1..]).to_vec());
        }
        has_raw_text
    }

    fn heeds(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }

    fn heeds_doctype(&self) -> bool {
        true
    }

    /// Moves on; `</>` is no token.
    fn passed(&mut self, markup: &[u8]) {
        self.at += markup.len();
        if markup != b"</>" {
            self.passed = self.at;
        }
    }

    fn cdata_allowed(&self) -> bool {
        self.browser.cdata_allowed()
    }

    fn cut(&self, text: &[u8]) -> usize {
        text.len()
    }
}
