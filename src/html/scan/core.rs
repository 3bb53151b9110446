//! How tags, the markup between them and the tree come together.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::tags::TagReader;
use super::tokenizer::AttributeSpan;
use super::{Element, End, Sink, Target, Wants};
use crate::html::location::Location;
use crate::html::markup::{MarkupSink, RawTag, Token};
use crate::html::name::{Name, name_bytes};
use crate::html::names as n;
use crate::html::text::{attribute_value, character_data, decodable_len, literal_text};
use crate::html::tree::{Namespace, Placement, StartTag, Tree};

/// The tree, and what the markup makes of it.
pub(super) struct Builder<S> {
    pub(super) sink: S,
    pub(super) reader: TagReader,
    tree: Tree,
    /// The SVG script and style elements that are open and whose text is wanted.
    own_texts: Vec<OwnText>,
    /// The name of the raw text element that was opened last, as it was written, and whether its
    /// text is wanted.
    pub(super) raw_text: Option<(Vec<u8>, Wants)>,
    /// The place of the byte at `located` of what is being lexed.
    location: Location,
    located: usize,
}

struct OwnText {
    name: Name,
    /// The element in the tree, and the tree's depth with it as the current node.
    node: u64,
    depth: usize,
}

impl<S: Sink> Builder<S> {
    pub(super) fn new(sink: S, tree: Tree, location: Location) -> Self {
        Self {
            sink,
            reader: TagReader::default(),
            tree,
            own_texts: Vec::new(),
            raw_text: None,
            location,
            located: 0,
        }
    }

    /// Counts lines up to the end of `passed`, where the next piece starts.
    pub(super) fn pass(&mut self, passed: &[u8]) {
        self.location.advance(&passed[self.located..]);
        self.located = 0;
    }

    /// The raw text element that is open has ended.
    pub(super) fn end_raw_text(&mut self, end: End) {
        self.tree.end_raw_text();
        if let Some((_, Wants::Text)) = self.raw_text.take() {
            self.sink.end(end);
        }
    }

    /// Ends what is open at the end of the input.
    pub(super) fn finish(&mut self) {
        if self.raw_text.is_some() {
            self.end_raw_text(End::Input);
        }
        for _ in self.own_texts.drain(..) {
            self.sink.end(End::Input);
        }
    }

    fn report(&mut self, tag: &Tag<'_>, placement: Placement, before: &[u8]) -> Wants {
        let (target, inert) = match placement {
            Placement::Dropped | Placement::Element { shadow: true, .. } => return Wants::Nothing,
            Placement::Element { inert, .. } => (Target::New, inert),
            Placement::MergedIntoHtml => (Target::MergedIntoHtml, false),
            Placement::MergedIntoBody => (Target::MergedIntoBody, false),
        };
        if !tag.raw.heeded && !self.sink.concerns(tag.raw.name) {
            return Wants::Nothing;
        }
        self.location.advance(&before[self.located..]);
        self.located = before.len();
        self.sink.element(&Element {
            name: tag.raw.name,
            namespace: placement.namespace(),
            target,
            inert,
            location: self.location,
            raw: tag.raw.raw,
            attributes: tag.attributes(),
            tree: &self.tree,
        })
    }

    /// Ends the elements whose text was wanted and which are no longer open.
    fn end_own_texts(&mut self, end: impl Fn(&OwnText) -> End) {
        let tree = &self.tree;
        let closed = |own: &mut OwnText| !tree.is_open(own.node, own.depth);
        while let Some(own) = self.own_texts.pop_if(closed) {
            self.sink.end(end(&own));
        }
    }

    fn is_collecting(&self) -> bool {
        self.own_texts
            .last()
            .is_some_and(|own| self.tree.current() == Some(own.node))
    }
}

impl<S: Sink> MarkupSink for Builder<S> {
    fn token(&mut self, token: Token<'_>) {
        match token {
            Token::EndTag(name) => {
                let current = self.tree.current();
                self.tree.end_tag(name);
                self.end_own_texts(|own| {
                    if own.name == name && current == Some(own.node) {
                        End::EndTag
                    } else {
                        End::Implied
                    }
                });
            }
            Token::Text(text) | Token::Cdata(text) => {
                if self.tree.heeds_text() {
                    self.tree.text(text);
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

    fn start_tag(&mut self, raw: RawTag<'_>, before: &[u8]) -> bool {
        let tag = Tag {
            raw,
            reader: self.reader.clone(),
            attributes: OnceCell::new(),
        };
        let placement = self.tree.start_tag(&tag);
        self.end_own_texts(|_| End::Implied);
        let html = placement.namespace() == Namespace::Html;
        let is_raw_text = html
            && placement != Placement::Dropped
            && has_raw_text(raw.name)
            && (raw.name != n::noscript || self.tree.has_scripting());
        if is_raw_text {
            // Opening it reads the attributes as well.
            let tag = Tag {
                attributes: OnceCell::from(self.reader.open(&raw)),
                ..tag
            };
            let wants = self.report(&tag, placement, before);
            self.raw_text = Some((name_bytes(&raw.raw[1..]).to_vec(), wants));
            return true;
        }
        let wants = self.report(&tag, placement, before);
        if wants == Wants::Text {
            if html || raw.self_closing {
                self.sink.end(End::EndTag);
            } else {
                self.own_texts
                    .extend(self.tree.current().map(|node| OwnText {
                        name: raw.name,
                        node,
                        depth: self.tree.depth(),
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

    fn cdata_allowed(&self) -> bool {
        self.tree.in_foreign_content()
    }

    fn cut(&self, text: &[u8]) -> usize {
        if self.is_collecting() {
            decodable_len(text)
        } else {
            text.len()
        }
    }
}

/// Elements behind whose start tag the tokenizer leaves the data state.
fn has_raw_text(name: Name) -> bool {
    matches!(
        name,
        n::script
            | n::style
            | n::textarea
            | n::title
            | n::iframe
            | n::xmp
            | n::noembed
            | n::noframes
            | n::noscript
            | n::plaintext
    )
}

/// A start tag whose attributes are read when they are asked for.
struct Tag<'a> {
    raw: RawTag<'a>,
    reader: TagReader,
    attributes: OnceCell<Vec<AttributeSpan>>,
}

impl Tag<'_> {
    fn attributes(&self) -> &[AttributeSpan] {
        self.attributes
            .get_or_init(|| self.reader.attributes(&self.raw))
    }
}

impl StartTag for Tag<'_> {
    fn name(&self) -> Name {
        self.raw.name
    }

    fn self_closing(&self) -> bool {
        self.raw.self_closing
    }

    fn raw(&self) -> &[u8] {
        self.raw.raw
    }

    fn attributes_digest(&self, raw: &[u8]) -> u64 {
        let behind_name = &raw[1 + name_bytes(&raw[1..]).len()..];
        if behind_name.trim_ascii() == b">" {
            return 0;
        }
        let tag = RawTag { raw, ..self.raw };
        let mut attributes = BTreeMap::new();
        for span in self.reader.attributes(&tag) {
            let name = raw[span.name].to_ascii_lowercase();
            let value = || attribute_value(&raw[span.value]);
            attributes.entry(name).or_insert_with(value);
        }
        let mut hasher = DefaultHasher::new();
        attributes.hash(&mut hasher);
        hasher.finish()
    }

    fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let raw = self.raw.raw;
        let wanted =
            |span: &&AttributeSpan| raw[span.name.clone()].eq_ignore_ascii_case(name.as_bytes());
        let span = self.attributes().iter().find(wanted)?;
        Some(attribute_value(&raw[span.value.clone()]))
    }
}
