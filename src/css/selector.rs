//! Selectors and names of layers and namespaces that every browser takes, since a valid rule ends the imports.
//!
//! [An `@import` after a valid rule is invalid](https://drafts.csswg.org/css-cascade/#at-import), one after a rule with a selector
//! that the browser does not know is fetched. So a rule counts only if its selector is made of names, classes and ids.

use cssparser::Token;

/// Whether a selector is valid as far as it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Plain {
    /// It needs a name, a class or an id next.
    #[default]
    Wanting,
    /// A class needs its name.
    Dot,
    /// It is whole, and may go on.
    Whole,
    /// The same after a space.
    Space,
    /// It is valid whatever follows.
    Any,
    /// A `@layer` begins, which may have a name.
    Layer,
    /// Its name goes on.
    LayerDot,
    /// It has a name.
    LayerName,
    /// The same after a space.
    LayerSpace,
    /// A `@namespace` begins, which may have a prefix.
    Namespace,
    /// It has one.
    Prefix,
    /// It has its URL.
    Namespaced,
    /// It is invalid, or nobody knows.
    No,
}

impl Plain {
    /// Whether a block may follow.
    pub(super) fn is_whole(self) -> bool {
        match self {
            Self::Whole | Self::Space | Self::Any | Self::Layer | Self::LayerName | Self::LayerSpace => true,
            Self::Wanting
            | Self::Dot
            | Self::LayerDot
            | Self::Namespace
            | Self::Prefix
            | Self::Namespaced
            | Self::No => false,
        }
    }

    /// Whether a `;` may follow and ends the imports. A `@layer` does so only after one of them.
    pub(super) fn ends_imports(self, has_imported: bool) -> bool {
        match self {
            Self::Namespaced => true,
            Self::LayerName | Self::LayerSpace => has_imported,
            _ => false,
        }
    }

    pub(super) fn read(&mut self, token: &Token<'_>) {
        *self = match (*self, token) {
            (Self::Any, _) | (Self::Wanting | Self::Space, Token::WhiteSpace(_)) => *self,
            (Self::Whole, Token::WhiteSpace(_)) => Self::Space,
            (Self::Wanting | Self::Space, Token::Ident(_) | Token::Delim('*'))
            | (Self::Wanting | Self::Space | Self::Whole, Token::IDHash(_))
            | (Self::Dot, Token::Ident(_)) => Self::Whole,
            (Self::Wanting | Self::Space | Self::Whole, Token::Delim('.')) => Self::Dot,
            (Self::Whole | Self::Space, Token::Comma | Token::Delim('>' | '+' | '~')) => Self::Wanting,
            (Self::Layer | Self::LayerSpace, Token::WhiteSpace(_)) => *self,
            (Self::LayerName, Token::WhiteSpace(_)) => Self::LayerSpace,
            (Self::LayerName, Token::Delim('.')) => Self::LayerDot,
            (Self::Layer | Self::LayerDot, Token::Ident(_)) => Self::LayerName,
            (Self::Namespace | Self::Prefix | Self::Namespaced, Token::WhiteSpace(_)) => *self,
            (Self::Namespace, Token::Ident(_)) => Self::Prefix,
            (Self::Namespace | Self::Prefix, Token::QuotedString(_) | Token::UnquotedUrl(_)) => Self::Namespaced,
            _ => Self::No,
        };
    }
}
