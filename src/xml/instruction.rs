//! Processing instructions that link a style sheet: [Associating Style Sheets with XML
//! documents](https://www.w3.org/TR/xml-stylesheet/). Each is handed on as the `link` element that it is worth.

use std::borrow::Cow;

use quick_xml::escape::unescape;

use super::scan::{Piece, Scanner};
use super::tag::Tag;
use super::{Attribute, Element, Sink};
use crate::html::names as n;
use crate::html::tree::Namespace;

impl<S: Sink> Scanner<S> {
    /// Takes a processing instruction before the root element; `inner` is what stands between `<?` and `?>`.
    pub(super) fn instruction(&mut self, inner: &str, piece: &Piece<'_>) {
        if !inner.starts_with("xml-stylesheet") {
            return;
        }
        let tag = format!("<{inner}>");
        // One that cannot be read so links nothing.
        let Ok(Tag { name, attributes }) = Tag::parse(&tag) else {
            return;
        };
        if name != "xml-stylesheet" {
            return;
        }
        let known = attributes.iter().filter(|it| it.name != "rel");
        let known = known.filter_map(|it| {
            Some(Attribute { name: it.name.into(), value: unescape(it.value).ok()?, offset: it.offset })
        });
        let rel = Attribute { name: "rel".into(), value: Cow::Borrowed("stylesheet"), offset: 0 };
        let attributes: Vec<_> = known.chain([rel]).collect();
        self.sink.instruction(&Element {
            name: n::link,
            namespace: Namespace::Html,
            inert: false,
            location: piece.location,
            raw: piece.raw,
            parent: None,
            notes: 0,
            in_document: true,
            attributes: &attributes,
        });
    }
}
