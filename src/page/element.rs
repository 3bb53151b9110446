//! What the rules ask of an element, whether it comes from HTML or XML.

use std::borrow::Cow;

use crate::html;
use crate::html::mapped::MappedValue;
use crate::html::name::Name;
use crate::html::names as n;
use crate::html::scan::Hidden;
use crate::html::text::attribute_value;
use crate::html::tree::Namespace;
use crate::location::Location;
use crate::template::HiddenKind;
use crate::xml;

/// The lower-case name and the decoded value of an attribute.
pub(crate) type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

fn lower_case(name: Cow<'_, str>) -> Cow<'_, str> {
    match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => name.to_ascii_lowercase().into(),
        false => name,
    }
}

/// An element with its attributes. Names are those of the rules, so where case matters an element
/// or attribute in the wrong case has none of them.
pub(crate) trait Element {
    fn name(&self) -> Name;
    fn namespace(&self) -> Namespace;
    /// In the content of an inert `<template>`.
    fn is_inert(&self) -> bool;
    /// Where its `<` stands.
    fn location(&self) -> Location;
    /// The tag, from `<` to `>`.
    fn raw(&self) -> &[u8];
    /// Where the attribute stands that starts at `offset` of the tag.
    fn location_at(&self, offset: usize) -> Location;
    /// The decoded value of an attribute without a namespace, or of XLink by a name such as `xlink:href`.
    fn attribute(&self, name: &str) -> Option<Cow<'_, str>>;
    /// The template code in the tag, and where it stands there.
    fn code(&self) -> Vec<Code>;
    /// All attributes in source order, also those that stand there twice.
    fn pairs(&self) -> Box<dyn Iterator<Item = Pair<'_>> + '_>;
    /// Whether it is a child of the head.
    fn is_in_head(&self) -> bool;
    /// The name of the parent of a `source` or `track`.
    fn parent(&self) -> Option<Name>;
    /// How many comments that speak to this program stand right before it.
    fn notes(&self) -> usize;
    /// The element of an HTML scan, with the spans of its attributes.
    fn html(&self) -> Option<&html::scan::Element<'_>>;
    /// The template code in the value of an attribute, by its place in the decoded value.
    fn value_code(&self, name: &str) -> Hidden;
}

/// Template code in a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) kind: HiddenKind,
    /// It says "nonce" somewhere.
    pub(crate) names_nonce: bool,
    /// The lower-case name of the attribute in whose value it stands, if it stands in one.
    pub(crate) attribute: Option<String>,
}

impl Element for html::scan::Element<'_> {
    fn name(&self) -> Name {
        self.name
    }

    fn namespace(&self) -> Namespace {
        self.namespace
    }

    fn is_inert(&self) -> bool {
        self.inert
    }

    fn location(&self) -> Location {
        self.location
    }

    fn raw(&self) -> &[u8] {
        self.raw
    }

    fn location_at(&self, offset: usize) -> Location {
        let mut location = self.location;
        location.advance(&self.raw[..offset]);
        location
    }

    fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        self.attribute(name)
    }

    fn code(&self) -> Vec<Code> {
        let whole = 0..self.raw.len();
        if !self.has_code(whole.clone()) {
            return Vec::new();
        }
        let spans = self.code(whole).into_iter();
        spans
            .map(|span| {
                let start = span.range.start.saturating_sub(self.offset);
                let name = |name: &[u8]| String::from_utf8_lossy(name).to_ascii_lowercase();
                Code { kind: span.kind, names_nonce: span.names_nonce, attribute: self.name_around(start).map(name) }
            })
            .collect()
    }

    fn pairs(&self) -> Box<dyn Iterator<Item = Pair<'_>> + '_> {
        let attributes = self.attributes();
        Box::new(attributes.map(|(name, value, _)| {
            let name = lower_case(String::from_utf8_lossy(name));
            (name, attribute_value(value))
        }))
    }

    fn is_in_head(&self) -> bool {
        self.is_in_head()
    }

    fn parent(&self) -> Option<Name> {
        self.parent()
    }

    fn notes(&self) -> usize {
        self.notes
    }

    fn html(&self) -> Option<&html::scan::Element<'_>> {
        Some(self)
    }

    fn value_code(&self, name: &str) -> Hidden {
        let (.., value, at) = match self.attributes().find(|(found, ..)| found.eq_ignore_ascii_case(name.as_bytes())) {
            Some(attribute) if self.has_code(attribute.2.value.clone()) => attribute,
            _ => return Hidden::default(),
        };
        let start = self.offset + at.value.start;
        let mapped = MappedValue::new(value);
        let mut spans = self.code(at.value.clone());
        for span in &mut spans {
            let place = |offset: usize| {
                let mapped = mapped.as_ref();
                mapped.map(|mapped| mapped.text_of(offset.saturating_sub(start)))
            };
            // Without a map it could be anywhere.
            let end = place(span.range.end).unwrap_or(usize::MAX);
            span.range = place(span.range.start).unwrap_or(0)..end;
        }
        Hidden::of(spans)
    }
}

impl Element for xml::Element<'_> {
    fn name(&self) -> Name {
        self.name
    }

    fn namespace(&self) -> Namespace {
        self.namespace
    }

    fn is_inert(&self) -> bool {
        self.inert
    }

    fn location(&self) -> Location {
        self.location
    }

    fn raw(&self) -> &[u8] {
        self.raw.as_bytes()
    }

    fn location_at(&self, offset: usize) -> Location {
        let mut location = self.location;
        if self.in_document {
            location.advance(&self.raw.as_bytes()[..offset]);
        }
        location
    }

    fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let found = self.attributes.iter().find(|a| a.name == name)?;
        Some(Cow::Borrowed(&*found.value))
    }

    fn code(&self) -> Vec<Code> {
        Vec::new()
    }

    fn pairs(&self) -> Box<dyn Iterator<Item = Pair<'_>> + '_> {
        let attributes = self.attributes.iter();
        Box::new(attributes.map(|a| (lower_case((&*a.name).into()), Cow::Borrowed(&*a.value))))
    }

    fn is_in_head(&self) -> bool {
        self.parent == Some(n::head)
    }

    fn parent(&self) -> Option<Name> {
        self.parent
    }

    fn notes(&self) -> usize {
        self.notes
    }

    fn html(&self) -> Option<&html::scan::Element<'_>> {
        None
    }

    fn value_code(&self, _: &str) -> Hidden {
        Hidden::default()
    }
}

/// The first line of a tag from an attribute on, at most 80 characters.
pub(crate) fn excerpt(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(&raw[..raw.len().min(400)]);
    text.lines().next().unwrap_or_default().chars().take(80).collect()
}
