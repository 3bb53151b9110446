//! What the rules ask of an element, whether it comes from HTML or XML.

use std::borrow::Cow;

use crate::html;
use crate::html::location::Location;
use crate::html::name::Name;
use crate::html::tree::Namespace;
use crate::xml;

/// An element with its attributes. Names are those of the rules, so where case matters an element
/// or attribute in the wrong case has none of them.
pub(super) trait Element {
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
}

/// The first line of a tag from an attribute on, at most 80 characters.
pub(super) fn excerpt(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(&raw[..raw.len().min(400)]);
    text.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(80)
        .collect()
}
