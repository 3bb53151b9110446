//! Inside a raw text element: finds where its end tag is or may be, so that the tokenizer is never given
//! more than that.

use memchr::{memchr, memchr_iter};

use super::core::Builder;
use super::{Sink, Wants};
use crate::html::markup::raw_text;
use crate::html::name::{Name, name_bytes};
use crate::html::names as n;
use crate::location::Location;

/// An open raw text element.
pub(super) struct OpenRawText {
    /// Its start tag, from `<` to `>`.
    pub(super) tag: Vec<u8>,
    /// The tokenizer has been given that.
    pub(super) is_tokenized: bool,
    pub(super) wants: Wants,
    /// Where its text starts.
    pub(super) start: usize,
    /// Where its start tag stands.
    pub(super) location: Location,
}

impl OpenRawText {
    /// As it was written.
    pub(super) fn name(&self) -> &[u8] {
        name_bytes(&self.tag[1..])
    }
}

impl<S: Sink> Builder<S> {
    /// The length of the text and of the whole of the raw text element that is open, at the start of whose text `input` stands, when finding
    /// its end takes no tokenizer; otherwise the tokenizer is in it from here on.
    pub(super) fn plain_raw_text(&mut self, input: &[u8]) -> Option<(usize, usize)> {
        let open = self.raw_text.as_mut().filter(|open| !open.is_tokenized)?;
        let plain = raw_text(open.name(), input);
        // Template code may hide other start tags.
        let plain = plain.filter(|(_, len)| !self.has_code(*len));
        if plain.is_none()
            && let Some(open) = &mut self.raw_text
        {
            open.is_tokenized = true;
            self.reader.open(&open.tag);
        }
        plain
    }
}

/// Elements behind whose start tag the tokenizer leaves the data state.
pub(in crate::html) fn has_raw_text(name: Name) -> bool {
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

/// Where raw text could end.
#[derive(Debug)]
pub(super) struct RawText {
    /// `</` and the element's name in lower case.
    needle: Vec<u8>,
    /// What looks like the end tag has begun; it ends at some `>` behind.
    in_end_tag: bool,
    /// For those who want the bytes of the text: what may be the beginning of the end tag, and whether that was it.
    held: Vec<u8>,
    is_over: bool,
    /// Up to here, in bytes of the document, start tags in other branches have been looked for.
    pub(super) looked: usize,
}

impl RawText {
    /// Inside the element with this name.
    pub(super) fn new(name: &[u8]) -> Self {
        let mut needle = b"</".to_vec();
        needle.extend(name.iter().map(u8::to_ascii_lowercase));
        Self { needle, in_end_tag: false, held: Vec::new(), is_over: false, looked: 0 }
    }

    /// Whether what looks like the end tag has begun.
    pub(super) fn is_in_end_tag(&self) -> bool {
        self.in_end_tag
    }

    /// Whether it is the text of a script or style element.
    pub(super) fn is_code(&self) -> bool {
        matches!(&self.needle[..], b"</script" | b"</style")
    }

    /// Whether the end tag may begin in `input`.
    pub(super) fn may_end_in(&self, input: &[u8]) -> bool {
        memchr_iter(b'<', input).any(|at| {
            let beginning = input[at..].get(..self.needle.len());
            beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(&self.needle))
        })
    }

    /// Gives what of the next `bytes` is text and not the end tag.
    pub(super) fn give(&mut self, bytes: &[u8], mut text: impl FnMut(&[u8])) {
        if self.is_over {
            return;
        }
        let mut held = std::mem::take(&mut self.held);
        held.extend_from_slice(bytes);
        for at in memchr_iter(b'<', &held) {
            let rest = &held[at..];
            let len = rest.len().min(self.needle.len());
            if !rest[..len].eq_ignore_ascii_case(&self.needle[..len]) {
                continue;
            }
            let is_end = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'/' | b'>');
            match rest.get(self.needle.len()) {
                Some(byte) if !is_end(byte) => continue,
                Some(_) => self.is_over = true,
                None => self.held = rest.to_vec(),
            }
            return text(&held[..at]);
        }
        text(&held);
    }

    /// Gives what was held at the end of the input: it was no end tag.
    pub(super) fn end(self, mut text: impl FnMut(&[u8])) {
        if !self.is_over && !self.held.is_empty() {
            text(&self.held);
        }
    }

    /// Whether nothing ends it: `plaintext`.
    pub(super) fn is_endless(&self) -> bool {
        self.needle == b"</plaintext"
    }

    /// How many bytes of `input` the tokenizer may be given next, at least one unless the rest must wait for more
    /// input: everything before what may be the end tag, then byte by byte of `>`, at one of which it ends.
    pub(super) fn safe_len(&mut self, input: &[u8], last: bool) -> usize {
        if self.is_endless() {
            return input.len();
        }
        if self.in_end_tag {
            return memchr(b'>', input).map_or(input.len(), |at| at + 1);
        }
        for at in memchr_iter(b'<', input) {
            let rest = &input[at..];
            let len = rest.len().min(self.needle.len());
            if !rest[..len].eq_ignore_ascii_case(&self.needle[..len]) {
                continue;
            }
            if len == self.needle.len() {
                self.in_end_tag = true;
                return at + len;
            }
            // The needle may go on in the next piece.
            return if last { input.len() } else { at };
        }
        input.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_given_up_to_what_may_be_its_end() {
        let mut raw_text = RawText::new(b"Script");
        assert_eq!(raw_text.safe_len(b"a < b </scrip", false), 6);
        assert_eq!(raw_text.safe_len(b"</scrip", false), 0);
        assert_eq!(raw_text.safe_len(b"</SCRIPT x='>'>b", false), 8);
        assert_eq!(raw_text.safe_len(b" x='>'>b", false), 5);
        assert_eq!(raw_text.safe_len(b"'>b", false), 2);
        assert_eq!(RawText::new(b"style").safe_len(b"a</sty", true), 6);
    }
}
