//! The tokenizer, shared by what may need it, made when it is first needed and kept for the next page.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::tokenizer::Tokenizer;
use crate::error::{Error, Result};
use crate::html::markup::{self, AttributeSpan, RawTag};
use crate::html::name::name_bytes;
use crate::html::names as n;

/// Reads tags and raw text. What fails is kept until [`check`](Self::check), since those who ask cannot
/// do anything about it.
#[derive(Clone, Default)]
pub(in crate::html) struct TagReader(Rc<RefCell<Reader>>);

#[derive(Default)]
struct Reader {
    tokenizer: Option<Tokenizer>,
    /// The tokenizer is inside raw text.
    in_raw_text: bool,
    error: Option<Error>,
}

thread_local! {
    /// A tokenizer in the data state: making one costs more than reading a small page.
    static SPARE: Cell<Option<Tokenizer>> = const { Cell::new(None) };
}

impl Drop for Reader {
    fn drop(&mut self) {
        if !self.in_raw_text && self.error.is_none() && self.tokenizer.is_some() {
            SPARE.set(self.tokenizer.take());
        }
    }
}

impl Reader {
    fn with<T: Default>(&mut self, read: impl FnOnce(&mut Tokenizer) -> Result<T>) -> T {
        let tokenizer = self.tokenizer.get_or_insert_with(|| SPARE.take().unwrap_or_else(Tokenizer::new));
        read(tokenizer).unwrap_or_else(|error| {
            self.error.get_or_insert(error);
            T::default()
        })
    }
}

impl TagReader {
    /// The attributes of a tag.
    pub(super) fn attributes(&self, tag: &RawTag<'_>) -> Vec<AttributeSpan> {
        if let Some(attributes) = markup::attributes(tag.raw) {
            return attributes;
        }
        let mut reader = self.0.borrow_mut();
        let name = name_bytes(&tag.raw[1..]);
        let attributes = reader.with(|tokenizer| tokenizer.attributes(tag.raw, name));
        if tag.name == n::plaintext {
            // Nothing ends it.
            reader.tokenizer = None;
        }
        attributes
    }

    /// Opens a raw text element with its start tag.
    pub(in crate::html) fn open(&self, tag: &[u8]) {
        let name = name_bytes(&tag[1..]);
        let mut reader = self.0.borrow_mut();
        if name.eq_ignore_ascii_case(b"plaintext") {
            // Nothing ends it.
            return reader.tokenizer = None;
        }
        reader.in_raw_text = true;
        reader.with(|tokenizer| tokenizer.open_raw_text(tag, name));
    }

    /// Gives raw text; see [`Tokenizer::raw_text`].
    pub(in crate::html) fn raw_text(&self, bytes: &[u8], text: impl FnMut(&str)) -> bool {
        let mut reader = self.0.borrow_mut();
        let ended = reader.with(|tokenizer| tokenizer.raw_text(bytes, text));
        reader.in_raw_text = !ended;
        ended
    }

    /// Ends the input inside raw text.
    pub(super) fn end(&self, text: impl FnMut(&str)) -> Result<()> {
        let tokenizer = self.0.borrow_mut().tokenizer.take();
        tokenizer.map_or(Ok(()), |tokenizer| tokenizer.end(text))
    }

    /// What went wrong, if anything did.
    pub(super) fn check(&self) -> Result<()> {
        self.0.borrow_mut().error.take().map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn plain_attributes_are_those_of_the_tokenizer(inside in "([ \t\n\r/=]{0,2}[a-zA-Z:@<&%é][a-zB0-9._-]{0,2}(|=|=\"[^\"]{0,4}\"|='[^']{0,4}'|=[a-z/#?=&;'\"]{1,3})){0,5}[ /]{0,2}") {
            let input = format!("<script {inside}>");
            if let Some(tag) = markup::start_tag(input.as_bytes(), |_, _| false) {
                let raw = &input.as_bytes()[..tag.len];
                let read = Tokenizer::new().attributes(raw, b"script").unwrap();
                prop_assert_eq!(markup::attributes(raw), Some(read), "{}", input);
            }
        }
    }
}
