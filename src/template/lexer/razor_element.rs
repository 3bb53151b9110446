//! The tags of an element in Razor's code, counted to know where C# goes on.

/// Elements without an end tag.
const VOID: &[&[u8]] = &[
    b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta", b"param", b"source",
    b"track", b"wbr",
];

/// The tags of an element in code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    depth: usize,
    /// In a tag.
    tag: bool,
    quote: u8,
    end_tag: bool,
    name: Vec<u8>,
    named: bool,
    slash: bool,
    /// The script or style whose text this is.
    text_of: Vec<u8>,
}

impl Element {
    /// Takes a byte of markup; whether the element ends with it.
    pub(super) fn ends_with(&mut self, byte: u8) -> bool {
        if !self.tag {
            if byte == b'<' {
                *self = Self {
                    depth: self.depth,
                    tag: true,
                    text_of: std::mem::take(&mut self.text_of),
                    ..Self::default()
                };
            }
            return false;
        }
        if self.quote != 0 {
            self.quote = if byte == self.quote { 0 } else { self.quote };
            return false;
        }
        let in_text = !self.text_of.is_empty();
        match byte {
            b'/' if self.name.is_empty() => self.end_tag = true,
            _ if in_text && !self.end_tag => self.tag = false,
            _ if in_text && !byte.is_ascii_alphanumeric() && self.name != self.text_of => {
                self.tag = false;
            }
            b'"' | b'\'' => self.quote = byte,
            b'>' => return self.tag_ends(),
            _ if !self.named && byte.is_ascii_alphanumeric() => {
                self.name.push(byte.to_ascii_lowercase());
            }
            _ if self.name.is_empty() => self.tag = false,
            _ => self.named = true,
        }
        self.slash = byte == b'/';
        false
    }

    fn tag_ends(&mut self) -> bool {
        self.tag = false;
        if self.end_tag {
            self.depth = self.depth.saturating_sub(1);
            self.text_of.clear();
        } else if !self.slash && !VOID.contains(&self.name.as_slice()) {
            self.depth += 1;
            if matches!(self.name.as_slice(), b"script" | b"style") {
                self.text_of = std::mem::take(&mut self.name);
            }
        }
        self.depth == 0
    }
}
