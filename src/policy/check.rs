//! Which directives answer for which inline check type.
//!
//! Knows directive names only, neither policies nor pages.

use super::directive::DirectiveName;
use crate::page::InlineCheckType;

impl InlineCheckType {
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
