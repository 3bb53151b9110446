//! What the lexer finds, and what takes it.

use crate::html::asked::Asked;
use crate::html::name::Name;

/// One piece of markup. Text may be cut anywhere that a character reference or character is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::html) enum Token<'a> {
    /// Character data with references in it.
    Text(&'a [u8]),
    /// Text of a CDATA section.
    Cdata(&'a [u8]),
    EndTag {
        name: Name,
        /// How many bytes before what the lexer has reached its `<` stands.
        before: usize,
    },
    /// A document type, from behind `<!doctype` up to `>`.
    Doctype(&'a [u8]),
}

/// A whole start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::html) struct RawTag<'a> {
    pub(in crate::html) name: Name,
    /// From `<` to `>`.
    pub(in crate::html) raw: &'a [u8],
    pub(in crate::html) self_closing: bool,
    /// An attribute was one that [`MarkupSink::heeds`] asks for.
    pub(in crate::html) heeded: bool,
}

/// What takes the markup.
pub(in crate::html) trait MarkupSink {
    /// Says up to which byte of the input the lexer has come.
    fn reach(&mut self, at: usize);
    /// Takes a token.
    fn token(&mut self, token: Token<'_>);
    /// Takes the text of a comment that is a note, as [`is_note`](super::is_note) has it, `before` which this stands in the input.
    fn note(&mut self, text: &[u8], before: &[u8]);
    /// Takes a start tag, `before` which this stands in the input; `true` when raw text follows.
    fn start_tag(&mut self, tag: RawTag<'_>, before: &[u8]) -> bool;
    /// Whether an attribute of a start tag matters, by its raw name and value.
    fn heeds(&self, attribute: &[u8], value: &[u8]) -> bool;
    /// Whether a document type matters; others are passed over.
    fn heeds_doctype(&self) -> bool;
    /// Whether what is [quiet](super::quiet) may be passed over now.
    fn is_quiet(&self) -> bool {
        false
    }
    /// The elements that matter whatever their attributes. Used only where it may be quiet, as is what follows.
    fn asked(&self) -> &Asked {
        &Asked::NONE
    }
    /// Whether the content of `noscript` is text.
    fn has_scripting(&self) -> bool {
        false
    }
    /// Takes all that is lexed, behind whatever else was given of it.
    fn passed(&mut self, _markup: &[u8]) {}
    /// Whether the current node is outside the HTML namespace.
    fn cdata_allowed(&self) -> bool;
    /// How much of a text whose end is not yet known can be taken now.
    fn cut(&self, text: &[u8]) -> usize;
}
