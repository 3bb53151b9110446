//! The URLs that a style sheet fetches, for the directives that decide on them.
//!
//! Each rule counts as if it applied: media queries, `@supports`, selectors and the cascade depend on the page and the browser.
//! The syntax counts as browsers read it, so that what they drop is no fetch. This module knows nothing of pages, base URLs
//! and policies.
//!
//! Servo's `cssparser` cuts the text into tokens. Its parser is not used: it recurses, and reads nested rules twice.

pub(crate) mod data_url;
pub(crate) mod encoding;
pub(crate) mod property;
mod selector;
#[cfg(test)]
mod tests;
pub(crate) mod walk;

/// The kind of a text in CSS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// A style sheet: a `.css` file, or the text of a `style` element.
    Sheet,
    /// Declarations without rules: the value of a `style` attribute.
    Declarations,
    /// One value: [an attribute of SVG](property::PRESENTATION_ATTRIBUTES) such as `filter`.
    Value,
}

/// The kind of a fetch, which selects the directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum FetchKind {
    /// An image, cursor, filter, mask or shape: `img-src`.
    Image,
    /// The `src` of a `@font-face`: `font-src`.
    Font,
    /// An `@import`: `style-src-elem`.
    StyleSheet,
}

/// A URL in CSS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fetch<'c> {
    pub(crate) kind: FetchKind,
    /// The URL with its escapes decoded, relative to the URL of the sheet or to the base URL of the document.
    pub(crate) url: &'c str,
    /// The position of its token in the text, in bytes.
    pub(crate) offset: usize,
}
