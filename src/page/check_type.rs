//! Inline check types: what browsers ask a policy about.

/// An [inline check type](https://www.w3.org/TR/CSP3/#effective-directive-for-inline-check): what
/// a browser asks the policy about.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InlineCheckType {
    /// The text of a script element.
    Script,
    /// An event-handler attribute.
    ScriptAttribute,
    /// The text of a style element.
    Style,
    /// A style attribute.
    StyleAttribute,
    /// A `javascript:` URL.
    Navigation,
}

impl InlineCheckType {
    /// All check types.
    pub const ALL: &'static [Self] =
        &[Self::Script, Self::ScriptAttribute, Self::Style, Self::StyleAttribute, Self::Navigation];

    /// Whether a hash counts for this check only
    /// [beside `'unsafe-hashes'`](https://www.w3.org/TR/CSP3/#match-element-to-source-list).
    #[must_use]
    pub const fn needs_unsafe_hashes(self) -> bool {
        match self {
            Self::Script | Self::Style => false,
            Self::ScriptAttribute | Self::StyleAttribute | Self::Navigation => true,
        }
    }
}
