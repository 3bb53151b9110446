//! XML as browsers read it: XHTML, SVG and other documents, with namespaces and the internal DTD
//! subset. The only user of quick-xml; a stage beside `html`, of which it uses names, namespaces,
//! locations and newline rules; knows nothing of Content-Security-Policy.
//!
//! quick-xml cuts the input into events and lets most faults pass. A browser stops at the first
//! fault, and what stands behind one is never checked, so each event is held to the
//! [grammar](https://www.w3.org/TR/xml/) here.

mod cursor;
mod doctype;
mod dtd;
mod input;
mod instruction;
mod namespaces;
mod references;
mod scan;
mod start;
mod tag;

use std::borrow::Cow;

pub(crate) use input::utf16;
pub(crate) use scan::scan;
#[cfg(fuzzing)]
pub(crate) use scan::scan_by;

use crate::html::name::Name;
use crate::html::scan::Wants;
use crate::html::tree::Namespace;
use crate::location::Location;

/// What takes the events of a scan.
pub(crate) trait Sink {
    /// Takes an element of the HTML, SVG or MathML namespace.
    fn element(&mut self, element: &Element<'_>) -> Wants;
    /// Takes a piece of the child text content of the innermost open element that wanted it.
    fn text(&mut self, text: &str);
    /// Takes the text of a comment that speaks to this program, and where its `<` stands.
    fn note(&mut self, _text: &str, _location: Location) {}
    /// That element has ended. It never comes for elements that are open at a fault.
    fn end(&mut self);
    /// Takes a processing instruction that links a style sheet, as the `link` element that it is worth.
    fn instruction(&mut self, _link: &Element<'_>) {}
    /// The document is not well formed.
    fn fault(&mut self, fault: Fault);
}

/// An element.
pub(crate) struct Element<'a> {
    pub(crate) name: Name,
    pub(crate) namespace: Namespace,
    /// In the content of an HTML `<template>`.
    pub(crate) inert: bool,
    /// Where its `<` stands, or the reference to the entity that it comes from.
    pub(crate) location: Location,
    /// The tag, from `<` to `>`.
    pub(crate) raw: &'a str,
    /// The element that it stands in, if that is of the HTML namespace.
    pub(crate) parent: Option<Name>,
    /// How many comments that speak to this program stand right before it.
    pub(crate) notes: usize,
    /// Whether it stands in the document itself, not in an entity.
    pub(crate) in_document: bool,
    /// Those without a namespace by their name; those of XLink as `xlink:` and their local name. No
    /// others.
    pub(crate) attributes: &'a [Attribute<'a>],
}

/// An attribute, written or defaulted by the DTD.
pub(crate) struct Attribute<'a> {
    pub(crate) name: Cow<'a, str>,
    /// Decoded and normalized.
    pub(crate) value: Cow<'a, str>,
    /// Where it starts in the tag; 0 for a default.
    pub(crate) offset: usize,
}

/// Why a document is not well formed.
pub(crate) struct Fault {
    pub(crate) location: Location,
    pub(crate) what: Cow<'static, str>,
    /// Whether every browser stops there. Chromium shows an error for faults in namespaces, and goes on.
    pub(crate) stops: bool,
}

/// A fault whose place is known to the caller.
type What = Cow<'static, str>;
