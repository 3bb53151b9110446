//! The source of a document that is scanned: the file itself, or the value of a `srcdoc` attribute in it, in which
//! character references are decoded for the scan and edits must be written with references.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use super::splicer::{Edit, HeldText};
use crate::html::mapped::MappedValue;
use crate::html::scan::Element;
use crate::html::text::attribute_value;
use crate::template::{Dialect, mask};

/// The source of a document.
pub(super) enum Source {
    /// The file that is being written.
    File(Rc<RefCell<HeldText>>),
    /// The value of an attribute.
    Srcdoc(Srcdoc),
}

/// The value of a `srcdoc` attribute.
pub(super) struct Srcdoc {
    outer: Rc<Source>,
    mapped: MappedValue,
    /// Where the value starts in the outer document, in bytes.
    start: usize,
    quote: Option<u8>,
}

impl Source {
    /// The source of the text in `range`.
    pub(super) fn text(&self, range: Range<usize>) -> Vec<u8> {
        match self {
            Self::File(held) => held.borrow().text(range).to_vec(),
            Self::Srcdoc(srcdoc) => {
                let source = srcdoc.outer.text(srcdoc.outer_range(range));
                attribute_value(&source).into_owned().into_bytes()
            }
        }
    }
}

impl Srcdoc {
    /// The value of the `srcdoc` attribute that an element in `outer` has. `None` when its character references cannot be followed.
    pub(super) fn new(outer: &Rc<Source>, element: &Element<'_>) -> Option<Self> {
        let (.., raw, at) = element.attributes().find(|(name, ..)| name.eq_ignore_ascii_case(b"srcdoc"))?;
        let before = element.raw[..at.value.start].last().copied();
        Some(Self {
            outer: Rc::clone(outer),
            mapped: MappedValue::new(raw)?,
            start: element.offset + at.value.start,
            quote: before.filter(|quote| matches!(quote, b'"' | b'\'')),
        })
    }

    /// A range of this document as one of the outer document.
    pub(super) fn outer_range(&self, range: Range<usize>) -> Range<usize> {
        let place = |at| self.start + self.mapped.source_of(at);
        place(range.start)..place(range.end)
    }

    /// An edit of this document as one of the outer document. `escape` writes a text so that it can stand between the quotes.
    pub(super) fn outer_edit(&self, edit: Edit, escape: impl Fn(&str, Option<u8>) -> String) -> Edit {
        Edit { range: self.outer_range(edit.range), text: escape(&edit.text, self.quote) }
    }
}

/// `text` as it stands in the value of an attribute with this quote, or in an unquoted one; its template code, which
/// is gone when a browser reads it, stays as it is.
pub(super) fn escape(text: &str, quote: Option<u8>, dialect: Option<Dialect>) -> String {
    let spans = dialect.map(|dialect| mask(dialect, text.as_bytes()).spans).unwrap_or_default();
    let is_code = |at: usize| spans.iter().any(|span| span.range.contains(&at));
    let mut escaped = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_code(at) => escaped.push(c),
            '&' => escaped.push_str("&amp;"),
            '"' if quote != Some(b'\'') => escaped.push_str("&quot;"),
            '\'' if quote != Some(b'"') => escaped.push_str("&#39;"),
            ' ' if quote.is_none() => escaped.push_str("&#32;"),
            '>' if quote.is_none() => escaped.push_str("&gt;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_fit_the_quotes_and_leave_code_alone() {
        let text = " nonce=\"{{ f(\"a\") }}&'";
        let jinja = Some(Dialect::Jinja);
        assert_eq!(escape(text, Some(b'"'), jinja), " nonce=&quot;{{ f(\"a\") }}&amp;'");
        assert_eq!(escape(text, Some(b'\''), jinja), " nonce=\"{{ f(\"a\") }}&amp;&#39;");
        assert_eq!(escape(" nonce=\"a\"", None, None), "&#32;nonce=&quot;a&quot;");
    }
}
