//! The value of an attribute, and where each part of it stands in the source.
//!
//! A document in `srcdoc` is read from its decoded value; what is found there has a place in the source all the same.

use std::ops::Range;

use htmlize::Context;

use super::text::attribute_value;

/// A decoded attribute value with its anchors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MappedValue {
    pub(crate) text: String,
    /// Pairs of an offset in `text` and one in the source, in order: from each up to the next, both
    /// advance byte by byte, or the whole of it is one decoded unit.
    anchors: Vec<(usize, usize)>,
}

impl MappedValue {
    /// Decodes the bytes between the quotes. `None` when that cannot be followed byte by byte.
    pub(crate) fn new(raw: &[u8]) -> Option<Self> {
        let mut mapped = Self { text: String::with_capacity(raw.len()), anchors: vec![(0, 0)] };
        let mut at = 0;
        for chunk in raw.utf8_chunks() {
            mapped.literal(chunk.valid(), at);
            at += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                mapped.unit("\u{fffd}", at..at + chunk.invalid().len());
                at += chunk.invalid().len();
            }
        }
        (mapped.text == attribute_value(raw)).then_some(mapped)
    }

    /// Where in the source the byte at `offset` of the value stands.
    pub(crate) fn source_of(&self, offset: usize) -> usize {
        let last = self.anchors.partition_point(|(text, _)| *text <= offset);
        let (text, source) = self.anchors[last - 1];
        source + (offset - text)
    }

    /// Where the byte at `offset` of the source stands in the value.
    pub(crate) fn text_of(&self, offset: usize) -> usize {
        let last = self.anchors.partition_point(|(_, source)| *source <= offset);
        let (text, source) = self.anchors[last - 1];
        (text + (offset - source)).min(self.text.len())
    }

    fn literal(&mut self, mut text: &str, mut at: usize) {
        while let Some(special) = text.find(['&', '\r', '\0']) {
            self.text.push_str(&text[..special]);
            at += special;
            text = &text[special..];
            let (len, decoded) = unit(text);
            self.unit(&decoded, at..at + len);
            at += len;
            text = &text[len..];
        }
        self.text.push_str(text);
    }

    /// Adds what `source` decodes to.
    fn unit(&mut self, decoded: &str, source: Range<usize>) {
        self.anchors.push((self.text.len(), source.start));
        self.text.push_str(decoded);
        self.anchors.push((self.text.len(), source.end));
    }
}

/// The length of the unit at the beginning of `text`, and what it decodes to.
fn unit(text: &str) -> (usize, String) {
    let bytes = text.as_bytes();
    match bytes[0] {
        b'\r' if bytes.get(1) == Some(&b'\n') => return (2, "\n".to_owned()),
        b'\r' => return (1, "\n".to_owned()),
        b'\0' => return (1, "\u{fffd}".to_owned()),
        _ => {}
    }
    let (from, is_part): (usize, fn(&u8) -> bool) = match bytes.get(1..3).unwrap_or_default() {
        [b'#', b'x' | b'X'] => (3, u8::is_ascii_hexdigit),
        [b'#', _] => (2, u8::is_ascii_digit),
        _ => (1, u8::is_ascii_alphanumeric),
    };
    let count = bytes[from..].iter().take_while(|b| is_part(b)).count();
    let end = from + count;
    let len = end + usize::from(bytes.get(end) == Some(&b';'));
    // Whether a reference without a semicolon counts depends on what follows it.
    let next = text[len..].chars().next().filter(char::is_ascii);
    let context = &text[..len + next.map_or(0, char::len_utf8)];
    let mut decoded = htmlize::unescape_in(context, Context::Attribute).into_owned();
    if next.is_some() {
        decoded.pop();
    }
    (len, decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_value_knows_its_source() {
        let raw = "a&lt;script&gt;b\r\nc&#60;style x=&#34;y&quot;&#x3cp &copy=1 &notit; & &; &bogus; d\0e&amp;lt;f";
        let mapped = MappedValue::new(raw.as_bytes()).unwrap();
        assert_eq!(mapped.text, "a<script>b\nc<style x=\"y\"<p &copy=1 &notit; & &; &bogus; d\u{fffd}e&lt;f");
        for part in ["a", "script", "b", "c", "style x=", "y", "p ", "&copy=1", "&notit; & &; &bogus; d", "e"] {
            let at = mapped.text.find(part).unwrap();
            let source = mapped.source_of(at);
            assert!(raw[source..].starts_with(part), "{part} at {source}");
            assert_eq!(mapped.text_of(source), at, "{part}");
        }
        let lt = mapped.text.find("<script").unwrap();
        assert!(raw[mapped.source_of(lt)..].starts_with("&lt;"));
    }

    #[test]
    fn invalid_bytes_are_one_character_each() {
        let mapped = MappedValue::new(b"\xe9a\xff\xe2\x82b").unwrap();
        assert_eq!(mapped.source_of(mapped.text.find('b').unwrap()), 5);
    }
}
