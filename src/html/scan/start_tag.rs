//! A start tag as the tree rules ask about it.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::tags::TagReader;
use crate::html::markup::{AttributeSpan, RawTag};
use crate::html::name::{Name, name_bytes};
use crate::html::text::attribute_value;
use crate::html::tree::StartTag;

/// A start tag whose attributes are read when they are asked for.
pub(in crate::html) struct Tag<'a> {
    pub(in crate::html) raw: RawTag<'a>,
    pub(in crate::html) reader: TagReader,
    pub(in crate::html) attributes: OnceCell<Vec<AttributeSpan>>,
}

impl Tag<'_> {
    pub(in crate::html) fn attributes(&self) -> &[AttributeSpan] {
        self.attributes.get_or_init(|| self.reader.attributes(&self.raw))
    }
}

impl StartTag for Tag<'_> {
    fn name(&self) -> Name {
        self.raw.name
    }

    fn self_closing(&self) -> bool {
        self.raw.self_closing
    }

    fn raw(&self) -> &[u8] {
        self.raw.raw
    }

    fn attributes_digest(&self, raw: &[u8]) -> u64 {
        let behind_name = &raw[1 + name_bytes(&raw[1..]).len()..];
        if behind_name.trim_ascii() == b">" {
            return 0;
        }
        let tag = RawTag { raw, ..self.raw };
        let mut attributes = BTreeMap::new();
        for span in self.reader.attributes(&tag) {
            let name = raw[span.name].to_ascii_lowercase();
            let value = || attribute_value(&raw[span.value]);
            attributes.entry(name).or_insert_with(value);
        }
        let mut hasher = DefaultHasher::new();
        attributes.hash(&mut hasher);
        hasher.finish()
    }

    fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let raw = self.raw.raw;
        let wanted = |span: &&AttributeSpan| raw[span.name.clone()].eq_ignore_ascii_case(name.as_bytes());
        let span = self.attributes().iter().find(wanted)?;
        Some(attribute_value(&raw[span.value.clone()]))
    }
}
