//! What the tree builder is told and what it says: start tags in, where their elements land out.

use std::borrow::Cow;

use crate::html::name::Name;

/// The namespace of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Namespace {
    /// `http://www.w3.org/1999/xhtml`
    Html,
    /// `http://www.w3.org/2000/svg`
    Svg,
    /// `http://www.w3.org/1998/Math/MathML`
    MathMl,
}

/// What the tree builder asks of a start tag.
pub(crate) trait StartTag {
    /// The tag's name.
    fn name(&self) -> Name;
    /// Whether it ends in `/>`.
    fn self_closing(&self) -> bool;
    /// The decoded value of an attribute given by its lower-case name, `""` when it has none.
    fn attribute(&self, name: &str) -> Option<Cow<'_, str>>;
    /// The tag, from `<` to `>`.
    fn raw(&self) -> &[u8];
    /// A digest of the attributes of a tag of the same name, given from `<` to `>`: the same for those with the
    /// same attributes and values, in whatever order.
    fn attributes_digest(&self, raw: &[u8]) -> u64;
}

/// What became of a start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// The token was ignored: there is no element.
    Dropped,
    /// An element was made.
    Element {
        /// Its namespace.
        namespace: Namespace,
        /// It stands in the content of an inert `<template>`.
        inert: bool,
    },
    /// The attributes that the `html` element lacks were added to it.
    MergedIntoHtml,
    /// The attributes that the `body` element lacks were added to it.
    MergedIntoBody,
}

impl Placement {
    /// An ordinary HTML element.
    pub(crate) fn html(inert: bool) -> Self {
        Self::Element { namespace: Namespace::Html, inert }
    }

    /// The namespace of the element concerned.
    pub(crate) fn namespace(self) -> Namespace {
        match self {
            Self::Element { namespace, .. } => namespace,
            _ => Namespace::Html,
        }
    }
}

/// Where a document stands with its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadState {
    /// It is to come.
    Before,
    /// It is open.
    In,
    /// It is over, or a template in it is open.
    After,
}

/// Whether scripting is enabled, in which case the content of `noscript` is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scripting {
    Enabled,
    Disabled,
}
