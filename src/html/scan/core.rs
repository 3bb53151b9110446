//! What the tokenizer's handlers share: how its tags, the markup between them and the tree come together.

use std::borrow::Cow;
use std::fmt;

use lol_html::html_content::{Element as TokenElement, EndTag};

use super::{Element, End, Sink, Target, Wants};
use crate::html::location::Location;
use crate::html::markup::{MarkupLexer, MarkupSink, Stop, Token};
use crate::html::name::{Name, name_bytes};
use crate::html::names as n;
use crate::html::text::{Normalizer, attribute_value, character_data, decodable_len, literal_text};
use crate::html::tree::{Namespace, Placement, StartTag, Tree};

/// The state of a scan. Offsets count bytes of the document, 0-based.
pub(super) struct Core<S> {
    builder: Builder<S>,
    lexer: MarkupLexer,
    /// The bytes from `window_start` on that may still be needed.
    window: Vec<u8>,
    window_start: u64,
    /// Up to where the tree knows the document.
    pos: u64,
    /// The document offset of the tokenizer's offset 0; a prelude puts it before where it started.
    base: i64,
    /// The place of offset `located`.
    location: Location,
    located: u64,
    /// Inside an HTML raw text element, or one of escapable raw text.
    raw_text: Option<RawText>,
    /// SVG or MathML came before, so the tokenizer's namespace may be wrong.
    foreign_seen: bool,
    /// The tokenizer was started at this offset, in the right namespace.
    fresh_at: Option<u64>,
    /// What the tree made of the tag at `pos` before the tokenizer had to be restarted.
    replay: Option<Replay>,
    in_step: bool,
}

struct RawText {
    wanted: bool,
    normalizer: Normalizer,
}

struct Replay {
    placement: Placement,
    prelude: &'static [u8],
}

/// With what a fresh tokenizer goes on.
pub(super) struct Restart {
    /// Start tags that put it into the right namespace.
    pub(super) prelude: &'static [u8],
    /// The document's bytes from there on, as far as they are known.
    pub(super) rest: Vec<u8>,
}

/// Stops the tokenizer.
#[derive(Debug)]
pub(super) struct OutOfStep;

impl fmt::Display for OutOfStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the tokenizer is in another namespace than the tree")
    }
}

impl std::error::Error for OutOfStep {}

impl<S: Sink> Core<S> {
    pub(super) fn new(sink: S, tree: Tree, location: Location) -> Self {
        Self {
            builder: Builder {
                sink,
                tree,
                own_text: None,
            },
            lexer: MarkupLexer::new(),
            window: Vec::new(),
            window_start: 0,
            pos: 0,
            base: 0,
            location,
            located: 0,
            raw_text: None,
            foreign_seen: false,
            fresh_at: None,
            replay: None,
            in_step: true,
        }
    }

    /// Takes a piece of input; `true` when the tokenizer is to be fed with it too.
    pub(super) fn take(&mut self, input: &[u8]) -> bool {
        self.window.extend_from_slice(input);
        self.in_step
    }

    pub(super) fn in_step(&self) -> bool {
        self.in_step
    }

    /// Lexes the markup that is left behind the last start tag. Gives back how to restart the tokenizer if it is out of step.
    pub(super) fn catch_up(&mut self, last: bool) -> Option<Restart> {
        if self.raw_text.is_some() {
            self.pos = self.window_start + self.window.len() as u64;
            return None;
        }
        loop {
            match self.lex(last) {
                Stop::Cdata => self.in_step = false,
                Stop::Input if !self.lexer.in_data() => return None,
                Stop::Input | Stop::StartTag => break,
            }
        }
        if self.in_step {
            return None;
        }
        self.in_step = true;
        self.fresh_at = Some(self.pos);
        let prelude = match &self.replay {
            Some(replay) => replay.prelude,
            None => self.builder.tree.namespace_prelude(),
        };
        self.base = self.pos as i64 - prelude.len() as i64;
        Some(Restart {
            prelude,
            rest: self.window[self.index(self.pos)..].to_vec(),
        })
    }

    /// Drops the bytes that are no longer needed.
    pub(super) fn forget(&mut self) {
        let used = self.index(self.pos);
        self.locate(self.pos);
        self.window.drain(..used);
        self.window_start = self.pos;
    }

    /// Ends what is open and gives back the sink.
    pub(super) fn finish(mut self) -> S {
        if self.raw_text.is_some_and(|raw_text| raw_text.wanted) || self.builder.own_text.is_some()
        {
            self.builder.sink.end(End::Input);
        }
        self.builder.sink
    }

    /// Takes a start tag from the tokenizer; `true` when its end tag is to be reported.
    pub(super) fn start_tag(&mut self, element: &TokenElement<'_, '_>) -> Result<bool, OutOfStep> {
        let bytes = element.source_location().bytes();
        let start = (bytes.start as i64 + self.base) as u64;
        let end = (bytes.end as i64 + self.base) as u64;
        if start < self.pos {
            return Ok(self.before_pos());
        }
        if self.replay.is_none() {
            let stop = loop {
                match self.lex(false) {
                    Stop::Cdata => {}
                    stop => break stop,
                }
            };
            if stop != Stop::StartTag || self.pos != start {
                return self.out_of_step();
            }
        }
        let tag = self.index(start)..self.index(end);
        let name = Name::from_bytes(name_bytes(&self.window[tag.start + 1..tag.end]));
        let prelude = self.builder.tree.namespace_prelude();
        let placement = match self.replay.take() {
            Some(replay) => replay.placement,
            None => {
                let tag = Tag {
                    name,
                    element,
                    raw: &self.window[tag.clone()],
                };
                self.builder.start_tag(&tag)
            }
        };
        let tokenized_raw = element.namespace_uri() == XHTML && is_raw_text(name);
        // An SVG title looks like an HTML one here, whatever the tokenizer takes it for.
        let uncertain = name == n::title && self.foreign_seen;
        if placement == Placement::Dropped {
            self.pos = end;
            return if tokenized_raw || uncertain {
                self.out_of_step()
            } else {
                Ok(false)
            };
        }
        let namespace = placement.namespace();
        let raw = namespace == Namespace::Html && is_raw_text(name);
        self.foreign_seen |= namespace != Namespace::Html;
        if self.fresh_at != Some(start) {
            if tokenized_raw != raw || uncertain {
                self.replay = Some(Replay { placement, prelude });
                return self.out_of_step();
            }
        } else if tokenized_raw != raw && !uncertain {
            let location = self.locate(start);
            self.builder.sink.ambiguous(location);
        }
        let wants = self.report(element, name, placement, start, tag.clone());
        self.pos = end;
        if raw {
            let wanted = wants == Wants::Text;
            self.raw_text = Some(RawText {
                wanted,
                normalizer: Normalizer::default(),
            });
        } else if wants == Wants::Text {
            let self_closing =
                self.window[tag].ends_with(b"/>") && self_closing(element, bytes.len());
            self.builder
                .collect(name, self_closing || namespace == Namespace::Html);
        }
        Ok(raw && tokenized_raw)
    }

    /// A start tag of the prelude; or one inside what should be raw text, where the two lexers disagree.
    fn before_pos(&mut self) -> bool {
        if self.raw_text.is_some() {
            let location = self.location;
            self.builder.sink.ambiguous(location);
        }
        false
    }

    fn report(
        &mut self,
        element: &TokenElement<'_, '_>,
        name: Name,
        placement: Placement,
        start: u64,
        tag: std::ops::Range<usize>,
    ) -> Wants {
        if !self.builder.sink.concerns(name, &self.window[tag.clone()]) {
            return Wants::Nothing;
        }
        let location = self.locate(start);
        let (target, inert, shadow) = match placement {
            Placement::Element { inert, shadow, .. } => (Target::New, inert, shadow),
            Placement::MergedIntoHtml => (Target::MergedIntoHtml, false, false),
            Placement::MergedIntoBody => (Target::MergedIntoBody, false, false),
            Placement::Dropped => return Wants::Nothing,
        };
        if shadow {
            return Wants::Nothing;
        }
        self.builder.sink.element(&Element {
            name,
            namespace: placement.namespace(),
            target,
            inert,
            location,
            raw: &self.window[tag],
            attributes: element.attributes(),
            start: element.source_location().bytes().start,
        })
    }

    /// Takes a piece of raw text from the tokenizer.
    pub(super) fn raw_text(&mut self, text: &str) {
        if let Some(RawText {
            wanted: true,
            normalizer,
        }) = &mut self.raw_text
        {
            normalizer.push(text, |piece| self.builder.sink.text(piece));
        }
    }

    /// Takes the end tag of a raw text element from the tokenizer.
    pub(super) fn raw_text_end(&mut self, end: &EndTag<'_>) {
        self.pos = (end.source_location().bytes().end as i64 + self.base) as u64;
        self.builder.tree.end_raw_text();
        if self.raw_text.take().is_some_and(|raw_text| raw_text.wanted) {
            self.builder.sink.end(End::EndTag);
        }
    }

    fn out_of_step(&mut self) -> Result<bool, OutOfStep> {
        self.in_step = false;
        Err(OutOfStep)
    }

    fn lex(&mut self, last: bool) -> Stop {
        let from = self.index(self.pos);
        let (len, stop) = self
            .lexer
            .lex(&self.window[from..], last, &mut self.builder);
        self.pos += len as u64;
        stop
    }

    fn index(&self, offset: u64) -> usize {
        (offset - self.window_start) as usize
    }

    /// The place of an offset at or behind the last one asked for.
    fn locate(&mut self, offset: u64) -> Location {
        let passed = self.index(self.located)..self.index(offset);
        self.location.advance(&self.window[passed]);
        self.located = offset;
        self.location
    }
}

const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// Elements behind whose start tag the tokenizer leaves the data state.
fn is_raw_text(name: Name) -> bool {
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

/// The tree and what is made of it.
struct Builder<S> {
    sink: S,
    tree: Tree,
    /// Inside an SVG script or style element whose text is wanted.
    own_text: Option<OwnText>,
}

struct OwnText {
    name: Name,
    /// The tree's depth with the element as the current node.
    depth: usize,
}

impl<S: Sink> Builder<S> {
    fn start_tag(&mut self, tag: &Tag<'_, '_, '_>) -> Placement {
        let placement = self.tree.start_tag(tag);
        self.end_own_text(|_| End::Implied);
        placement
    }

    /// Starts to collect the text of a foreign element, unless it can have none.
    fn collect(&mut self, name: Name, empty: bool) {
        if empty {
            self.sink.end(End::EndTag);
        } else {
            self.own_text = Some(OwnText {
                name,
                depth: self.tree.depth(),
            });
        }
    }

    fn end_own_text(&mut self, end: impl FnOnce(&OwnText) -> End) {
        if let Some(own_text) = self
            .own_text
            .take_if(|own_text| self.tree.depth() < own_text.depth)
        {
            self.sink.end(end(&own_text));
        }
    }

    fn is_collecting(&self) -> bool {
        self.own_text
            .as_ref()
            .is_some_and(|own_text| own_text.depth == self.tree.depth())
    }
}

impl<S: Sink> MarkupSink for Builder<S> {
    fn token(&mut self, token: Token<'_>) {
        match token {
            Token::EndTag(name) => {
                let depth = self.tree.depth();
                self.tree.end_tag(name);
                self.end_own_text(|own| {
                    if own.name == name && own.depth == depth {
                        End::EndTag
                    } else {
                        End::Implied
                    }
                });
            }
            Token::Text(text) | Token::Cdata(text) => {
                if self.tree.heeds_text() && !text.iter().all(|b| b" \t\n\r\x0c\0".contains(b)) {
                    self.tree.text();
                }
                if self.is_collecting() {
                    self.sink.text(&match token {
                        Token::Text(_) => character_data(text),
                        _ => literal_text(text),
                    });
                }
            }
        }
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

/// A start tag as the tree rules see it.
struct Tag<'a, 'e, 't> {
    name: Name,
    element: &'a TokenElement<'e, 't>,
    raw: &'a [u8],
}

impl StartTag for Tag<'_, '_, '_> {
    fn name(&self) -> Name {
        self.name
    }

    fn self_closing(&self) -> bool {
        self.raw.ends_with(b"/>") && self_closing(self.element, self.raw.len())
    }

    fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let found = self
            .element
            .attributes()
            .iter()
            .find(|a| a.name() == name)?;
        Some(Cow::Owned(
            attribute_value(found.value().as_bytes()).into_owned(),
        ))
    }
}

/// Whether a tag of `tag_len` bytes that ends in `/>` is self-closing: in `<a b=c/>` the solidus belongs to the value.
///
/// lol_html's own answer depends on the namespace it believes in.
fn self_closing(element: &TokenElement<'_, '_>, tag_len: usize) -> bool {
    let start = element.source_location().bytes().start;
    !element.attributes().last().is_some_and(|attribute| {
        let value = attribute.value_source_location();
        value.is_some_and(|value| value.bytes().end - start == tag_len - 1)
    })
}
