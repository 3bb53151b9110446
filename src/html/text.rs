//! From source text to the text a browser has in its tree: newlines, NUL and character references.
//!
//! The [input stream preprocessing](https://html.spec.whatwg.org/multipage/parsing.html#preprocessing-the-input-stream)
//! turns CRLF and CR into LF, the tokenizer turns NUL into U+FFFD, and character references are decoded after both, so that
//! `&#13;` stays a carriage return. Text comes in arbitrary pieces; the state between two is here.

use std::borrow::Cow;

use htmlize::Context;

/// Turns CRLF and CR into LF and NUL into U+FFFD, across pieces.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Normalizer {
    /// The last piece ended in a carriage return, which has already been given out as LF.
    after_cr: bool,
}

impl Normalizer {
    /// Gives out `text` normalized, in one or more pieces.
    pub(crate) fn push(&mut self, text: &str, mut out: impl FnMut(&str)) {
        let mut rest = text;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
        while let Some(at) = memchr::memchr2(b'\r', b'\0', rest.as_bytes()) {
            let (before, special) = rest.split_at(at);
            if !before.is_empty() {
                out(before);
            }
            rest = &special[1..];
            if special.as_bytes()[0] == b'\0' {
                out("\u{fffd}");
                continue;
            }
            out("\n");
            if rest.is_empty() {
                self.after_cr = true;
            }
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
        if !rest.is_empty() {
            out(rest);
        }
    }
}

/// The whole of `text` normalized.
pub(crate) fn normalize(text: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'\r', b'\0', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut normalized = String::with_capacity(text.len());
    Normalizer::default().push(text, |piece| normalized.push_str(piece));
    Cow::Owned(normalized)
}

/// The value of an attribute as the tree has it, from the bytes between its quotes.
pub(crate) fn attribute_value(raw: &[u8]) -> Cow<'_, str> {
    decode(String::from_utf8_lossy(raw), Context::Attribute)
}

/// Character data outside attributes with its references decoded. References must be whole.
pub(crate) fn character_data(raw: &[u8]) -> Cow<'_, str> {
    decode(String::from_utf8_lossy(raw), Context::General)
}

/// Text in which nothing is decoded, as in a CDATA section.
pub(crate) fn literal_text(raw: &[u8]) -> Cow<'_, str> {
    match String::from_utf8_lossy(raw) {
        Cow::Borrowed(text) => normalize(text),
        Cow::Owned(text) => Cow::Owned(normalize(&text).into_owned()),
    }
}

/// Text as it stands between double quotes in a tag; what [`attribute_value`] makes of it is the text again.
pub(crate) fn quoted_attribute(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

fn decode(text: Cow<'_, str>, context: Context) -> Cow<'_, str> {
    let has_reference = memchr::memchr(b'&', text.as_bytes()).is_some();
    match text {
        Cow::Borrowed(text) if !has_reference => normalize(text),
        text => {
            let normalized = normalize(&text);
            Cow::Owned(htmlize::unescape_in(&*normalized, context).into_owned())
        }
    }
}

/// How much of `raw`, the end of which is not the end of the text, can be decoded now: everything
/// before an unfinished character reference and an unfinished UTF-8 sequence. A carriage return
/// at the end waits too, for the line feed that may follow.
pub(crate) fn decodable_len(raw: &[u8]) -> usize {
    let mut end = raw.len();
    if let Some(at) = memchr::memrchr(b'&', raw) {
        let reference = &raw[at + 1..];
        if reference.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'#') {
            end = at;
        }
    }
    end = truncated_tail(&raw[..end]);
    while end > 0 && raw[end - 1] == b'\r' {
        end -= 1;
    }
    end
}

/// `raw` without an unfinished UTF-8 sequence at its end.
fn truncated_tail(raw: &[u8]) -> usize {
    let floor = raw.len().saturating_sub(3);
    for start in (floor..raw.len()).rev() {
        let lead = raw[start];
        if lead < 0x80 {
            break;
        }
        if lead >= 0xc2 {
            return match std::str::from_utf8(&raw[start..]) {
                Err(fault) if fault.error_len().is_none() => start,
                _ => raw.len(),
            };
        }
    }
    raw.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newlines_and_nul_are_normalized_whatever_the_pieces() {
        let text = "a\r\nb\r\rc\0\r\n\r";
        assert_eq!(normalize(text), "a\nb\n\nc\u{fffd}\n\n");
        for at in 0..=text.len() {
            for to in at..=text.len() {
                let mut normalizer = Normalizer::default();
                let mut got = String::new();
                for piece in [&text[..at], &text[at..to], &text[to..]] {
                    normalizer.push(piece, |p| got.push_str(p));
                }
                assert_eq!(got, "a\nb\n\nc\u{fffd}\n\n", "split at {at} and {to}");
            }
        }
    }

    #[test]
    fn a_referenced_carriage_return_stays() {
        assert_eq!(attribute_value(b"a&#13;&#10;b&#x0D;c\r\nd"), "a\r\nb\rc\nd");
    }

    #[test]
    fn attributes_keep_ambiguous_ampersands() {
        assert_eq!(attribute_value(b"?a=1&copy=2&copy;"), "?a=1&copy=2\u{a9}");
        assert_eq!(character_data(b"&copy=2"), "\u{a9}=2");
        assert_eq!(attribute_value(b"&#0;&#x80;&#xD800;&bogus;"), "\u{fffd}\u{20ac}\u{fffd}&bogus;");
    }

    #[test]
    fn invalid_utf8_becomes_replacement_characters() {
        assert_eq!(attribute_value(b"'\xe9\xff\xe2\x82'"), "'\u{fffd}\u{fffd}\u{fffd}'");
    }

    #[test]
    fn decoding_waits_for_whole_references_and_characters() {
        assert_eq!(decodable_len(b"abc"), 3);
        assert_eq!(decodable_len(b"ab&am"), 2);
        assert_eq!(decodable_len(b"ab&amp;"), 7);
        assert_eq!(decodable_len(b"ab\r"), 2);
        assert_eq!(decodable_len("日本語".as_bytes()), 9);
        assert_eq!(decodable_len(&"日本語".as_bytes()[..8]), 6);
        assert_eq!(decodable_len(&"x😀".as_bytes()[..4]), 1);
        assert_eq!(decodable_len(b"ab\xff"), 3);
    }
}
