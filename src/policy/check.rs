//! Inline check types: what browsers ask a policy about, and which directives answer.
//!
//! Knows directive names only, neither policies nor pages.

use super::directive::DirectiveName;

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
    pub const ALL: &'static [Self] = &[
        Self::Script,
        Self::ScriptAttribute,
        Self::Style,
        Self::StyleAttribute,
        Self::Navigation,
    ];

    /// The directives that may govern this check; the first that a policy has is the
    /// [effective](https://www.w3.org/TR/CSP3/#effective-directive-for-inline-check) one.
    ///
    /// Three: the one for this kind of check, the one for scripts or styles as a whole, and
    /// `default-src`.
    #[must_use]
    pub const fn fallback(self) -> &'static [DirectiveName] {
        use DirectiveName::{
            DefaultSrc, ScriptSrc, ScriptSrcAttr, ScriptSrcElem, StyleSrc, StyleSrcAttr,
            StyleSrcElem,
        };
        match self {
            Self::Script | Self::Navigation => &[ScriptSrcElem, ScriptSrc, DefaultSrc],
            Self::ScriptAttribute => &[ScriptSrcAttr, ScriptSrc, DefaultSrc],
            Self::Style => &[StyleSrcElem, StyleSrc, DefaultSrc],
            Self::StyleAttribute => &[StyleSrcAttr, StyleSrc, DefaultSrc],
        }
    }

    /// The directive to create where there is none but `default-src`: the general one, so that one
    /// list serves elements and attributes, and none of them hides another.
    pub(super) const fn general(self) -> DirectiveName {
        if self.is_script() {
            DirectiveName::ScriptSrc
        } else {
            DirectiveName::StyleSrc
        }
    }

    /// Whether the check is about scripts rather than styles.
    #[must_use]
    pub const fn is_script(self) -> bool {
        matches!(
            self,
            Self::Script | Self::ScriptAttribute | Self::Navigation
        )
    }

    /// Whether a hash counts for this check only
    /// [beside `'unsafe-hashes'`](https://www.w3.org/TR/CSP3/#match-element-to-source-list).
    #[must_use]
    pub const fn needs_unsafe_hashes(self) -> bool {
        matches!(
            self,
            Self::ScriptAttribute | Self::StyleAttribute | Self::Navigation
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fallback_goes_from_its_own_directive_over_the_general_one_to_default_src() {
        for check in InlineCheckType::ALL {
            let [own, general, default] = check.fallback() else {
                panic!("{check:?}");
            };
            assert!(own.name().starts_with(general.name()));
            assert_eq!(*general, check.general());
            assert_eq!(general.is_script(), check.is_script());
            assert_eq!(*default, DirectiveName::DefaultSrc);
        }
    }

    #[test]
    fn javascript_urls_are_governed_like_script_elements() {
        assert_eq!(
            InlineCheckType::Navigation.fallback(),
            InlineCheckType::Script.fallback()
        );
    }
}
