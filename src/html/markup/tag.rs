//! Inside a tag: where it ends, and what its attributes are called on the way.

use std::ops::Range;

use super::MarkupSink;
use crate::html::name::Name;

/// Where an attribute stands in its tag, in bytes from the `<`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AttributeSpan {
    pub(crate) name: Range<usize>,
    /// Between the quotes; empty, behind the name, for an attribute without a value.
    pub(crate) value: Range<usize>,
}

/// The attribute states of the tokenizer, as far as they decide where a tag ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagPart {
    BeforeName,
    /// After a `/` that is not part of a value.
    Solidus,
    Name,
    AfterName,
    BeforeValue,
    Unquoted,
    Quoted(u8),
}

impl TagPart {
    /// The state behind `byte`, which is not the `>` that ends the tag.
    pub(super) fn next(self, byte: u8) -> Self {
        let space = matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ');
        match (self, byte) {
            (Self::Quoted(quote), _) if byte == quote => Self::BeforeName,
            (Self::Quoted(_), _) => self,
            (Self::Unquoted, _) => {
                if space {
                    Self::BeforeName
                } else {
                    self
                }
            }
            (Self::BeforeValue, b'"' | b'\'') => Self::Quoted(byte),
            (Self::BeforeValue, _) => {
                if space {
                    self
                } else {
                    Self::Unquoted
                }
            }
            (_, b'/') => Self::Solidus,
            (Self::BeforeName | Self::Solidus, _) => {
                if space {
                    Self::BeforeName
                } else {
                    Self::Name
                }
            }
            (Self::Name | Self::AfterName, b'=') => Self::BeforeValue,
            (Self::Name | Self::AfterName, _) if space => Self::AfterName,
            (Self::Name | Self::AfterName, _) => Self::Name,
        }
    }
}

/// How far an unfinished start tag has been looked at. Offsets count bytes from its `<`.
#[derive(Clone, Copy, Debug)]
pub(super) struct TagScan {
    pub(super) name: Name,
    /// The next byte to look at.
    pub(super) at: usize,
    pub(super) part: TagPart,
    /// Where the attribute at hand starts, and how long its name is.
    pub(super) attribute: usize,
    pub(super) attribute_len: usize,
    pub(super) heeded: bool,
}

impl TagScan {
    /// Looks at a byte outside quotes that does not end the tag.
    pub(super) fn step(&mut self, input: &[u8], byte: u8, sink: &impl MarkupSink) {
        let before = self.part;
        self.part = before.next(byte);
        match (before, self.part) {
            (TagPart::Name, TagPart::Name) => {}
            // Another attribute, after one without a value if it follows a name.
            (_, TagPart::Name) => {
                self.end_attribute(input, self.at, sink);
                self.attribute = self.at;
            }
            (TagPart::Name, _) => self.attribute_len = self.at - self.attribute,
            (TagPart::Unquoted, TagPart::BeforeName) => self.end_attribute(input, self.at, sink),
            _ => {}
        }
    }

    /// Judges the attribute at hand, if there is one, by its name and what follows it up to `end`.
    pub(super) fn end_attribute(&mut self, input: &[u8], end: usize, sink: &impl MarkupSink) {
        if self.attribute > 0 && !self.heeded {
            let name_end = match self.part {
                TagPart::Name if self.attribute_len == 0 => end,
                _ => self.attribute + self.attribute_len,
            };
            self.heeded = sink.heeds(&input[self.attribute..name_end], &input[name_end..end]);
        }
        self.attribute = 0;
        self.attribute_len = 0;
    }
}
