//! Texts of elements in place of which Thymeleaf sends others: by its attributes, and where it inlines expressions.
//!
//! Read in its documentation ("Inlining", "Textual template modes") and its parsers. `[[…]]` and `[(…)]` are expressions in every
//! text, whatever is between the brackets, unless `th:inline` is `none`. Under `javascript`, `css` and `text` there are also
//! elements, `[# …]` and `[/…]`, and comments that are removed or lose their delimiters, `/*[- … -]*/` and `/*[+ … +]*/`. The
//! attribute counts on the element itself: an element around it may switch inlining off, so that a text that seems to
//! change stays as it is.

use super::element::Element;

/// Thymeleaf's attributes in place of whose element or text another one is sent.
const REPLACES_TEXT: [&str; 6] = ["text", "utext", "replace", "insert", "include", "remove"];

/// The text of an element in a template of Thymeleaf so far.
#[derive(Debug)]
pub(super) struct SentText {
    /// Whether another text is sent.
    pub(super) is_other: bool,
    /// Whether expressions are inlined, and whether the text is a template of its own.
    is_inlined: bool,
    is_textual: bool,
    /// Whether `[[` and `[(` came.
    is_open: [bool; 2],
    last: [u8; 2],
}

impl SentText {
    /// Of an element whose text begins.
    pub(super) fn new(element: &dyn Element) -> Self {
        let value = |name: &str| {
            let value = element.attribute(&format!("th:{name}"));
            value.or_else(|| element.attribute(&format!("data-th-{name}")))
        };
        let mode = value("inline");
        let is_mode = |one: &str| {
            let mode = mode.as_ref();
            mode.is_some_and(|mode| mode.eq_ignore_ascii_case(one))
        };
        Self {
            is_other: REPLACES_TEXT.iter().any(|name| value(name).is_some()),
            is_inlined: !is_mode("none"),
            is_textual: mode.is_some() && !is_mode("html") && !is_mode("xml"),
            is_open: [false; 2],
            last: [0; 2],
        }
    }

    /// Takes the next piece of the text.
    pub(super) fn push(&mut self, text: &str) {
        if self.is_other || !self.is_inlined {
            return;
        }
        for &byte in text.as_bytes() {
            let [before, last] = self.last;
            match [last, byte] {
                [b'[', b'['] => self.is_open[0] = true,
                [b'[', b'('] => self.is_open[1] = true,
                [b']', b']'] => self.is_other |= self.is_open[0],
                [b')', b']'] => self.is_other |= self.is_open[1],
                [b'[', b'#' | b'/'] => self.is_other |= self.is_textual,
                [b'[', b'-' | b'+'] => self.is_other |= self.is_textual && before == b'*',
                _ => {}
            }
            self.last = [last, byte];
        }
    }
}
