//! Directives: the one table of known names, what each takes, and a name with its value.
//!
//! Messages, fallback lists and tests all read the names here. This module knows no text beyond
//! single names; [`parse`](super::parse) reads policies and [`allow`](super::allow) changes them.

use std::fmt;

use super::source_expression::SourceExpression;
use super::tokens::Token;

spelled! {
    /// The name of a [directive](https://www.w3.org/TR/CSP3/#framework-directives), matched
    /// without regard to case and spelled in lower case.
    ///
    /// Directives that browsers have given up but that harm nothing are known too, so that a
    /// policy that still carries them is not refused.
    pub enum DirectiveName {
        /// [`default-src`](https://www.w3.org/TR/CSP3/#directive-default-src)
        DefaultSrc = "default-src",
        /// [`script-src`](https://www.w3.org/TR/CSP3/#directive-script-src)
        ScriptSrc = "script-src",
        /// [`script-src-elem`](https://www.w3.org/TR/CSP3/#directive-script-src-elem)
        ScriptSrcElem = "script-src-elem",
        /// [`script-src-attr`](https://www.w3.org/TR/CSP3/#directive-script-src-attr)
        ScriptSrcAttr = "script-src-attr",
        /// [`style-src`](https://www.w3.org/TR/CSP3/#directive-style-src)
        StyleSrc = "style-src",
        /// [`style-src-elem`](https://www.w3.org/TR/CSP3/#directive-style-src-elem)
        StyleSrcElem = "style-src-elem",
        /// [`style-src-attr`](https://www.w3.org/TR/CSP3/#directive-style-src-attr)
        StyleSrcAttr = "style-src-attr",
        /// [`child-src`](https://www.w3.org/TR/CSP3/#directive-child-src)
        ChildSrc = "child-src",
        /// [`connect-src`](https://www.w3.org/TR/CSP3/#directive-connect-src)
        ConnectSrc = "connect-src",
        /// [`fenced-frame-src`](https://wicg.github.io/fenced-frame/#new-csp-directive)
        FencedFrameSrc = "fenced-frame-src",
        /// [`font-src`](https://www.w3.org/TR/CSP3/#directive-font-src)
        FontSrc = "font-src",
        /// [`frame-src`](https://www.w3.org/TR/CSP3/#directive-frame-src)
        FrameSrc = "frame-src",
        /// [`img-src`](https://www.w3.org/TR/CSP3/#directive-img-src)
        ImgSrc = "img-src",
        /// [`manifest-src`](https://www.w3.org/TR/CSP3/#directive-manifest-src)
        ManifestSrc = "manifest-src",
        /// [`media-src`](https://www.w3.org/TR/CSP3/#directive-media-src)
        MediaSrc = "media-src",
        /// [`object-src`](https://www.w3.org/TR/CSP3/#directive-object-src)
        ObjectSrc = "object-src",
        /// [`prefetch-src`](https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy/prefetch-src), given up.
        PrefetchSrc = "prefetch-src",
        /// [`worker-src`](https://www.w3.org/TR/CSP3/#directive-worker-src)
        WorkerSrc = "worker-src",
        /// [`base-uri`](https://www.w3.org/TR/CSP3/#directive-base-uri)
        BaseUri = "base-uri",
        /// [`form-action`](https://www.w3.org/TR/CSP3/#directive-form-action)
        FormAction = "form-action",
        /// [`frame-ancestors`](https://www.w3.org/TR/CSP3/#directive-frame-ancestors)
        FrameAncestors = "frame-ancestors",
        /// [`navigate-to`](https://www.w3.org/TR/2021/WD-CSP3-20210629/#directive-navigate-to), given up.
        NavigateTo = "navigate-to",
        /// [`sandbox`](https://www.w3.org/TR/CSP3/#directive-sandbox)
        Sandbox = "sandbox",
        /// [`webrtc`](https://www.w3.org/TR/CSP3/#directive-webrtc)
        Webrtc = "webrtc",
        /// [`report-uri`](https://www.w3.org/TR/CSP3/#directive-report-uri)
        ReportUri = "report-uri",
        /// [`report-to`](https://www.w3.org/TR/CSP3/#directive-report-to)
        ReportTo = "report-to",
        /// [`require-trusted-types-for`](https://www.w3.org/TR/trusted-types/#require-trusted-types-for-csp-directive)
        RequireTrustedTypesFor = "require-trusted-types-for",
        /// [`trusted-types`](https://www.w3.org/TR/trusted-types/#trusted-types-csp-directive)
        TrustedTypes = "trusted-types",
        /// [`require-sri-for`](https://www.w3.org/TR/2016/REC-SRI-20160623/), given up.
        RequireSriFor = "require-sri-for",
        /// [`upgrade-insecure-requests`](https://www.w3.org/TR/upgrade-insecure-requests/#delivery)
        UpgradeInsecureRequests = "upgrade-insecure-requests",
        /// [`block-all-mixed-content`](https://www.w3.org/TR/mixed-content/#strict-checking), given up.
        BlockAllMixedContent = "block-all-mixed-content",
        /// [`plugin-types`](https://www.w3.org/TR/CSP2/#directive-plugin-types), given up.
        PluginTypes = "plugin-types",
    }
}

/// The directives that do nothing in a `<meta>`
/// ([CSP3, 3.3](https://www.w3.org/TR/CSP3/#meta-element); seen in Chromium 156 and Firefox 153).
pub const IGNORED_IN_META: &[DirectiveName] =
    &[DirectiveName::FrameAncestors, DirectiveName::ReportUri, DirectiveName::Sandbox];

/// What a directive takes for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueSyntax {
    /// A [source list](https://www.w3.org/TR/CSP3/#grammardef-serialized-source-list).
    SourceList,
    /// Hosts, schemes, `'self'` and `'none'` only.
    AncestorSourceList,
    SandboxFlags,
    WebRtc,
    UriReferences,
    ReportingEndpoint,
    TrustedTypesSinks,
    TrustedTypesPolicies,
    SriKinds,
    MediaTypes,
    Nothing,
}

impl DirectiveName {
    pub(super) const fn syntax(self) -> ValueSyntax {
        match self {
            Self::FrameAncestors => ValueSyntax::AncestorSourceList,
            Self::Sandbox => ValueSyntax::SandboxFlags,
            Self::Webrtc => ValueSyntax::WebRtc,
            Self::ReportUri => ValueSyntax::UriReferences,
            Self::ReportTo => ValueSyntax::ReportingEndpoint,
            Self::RequireTrustedTypesFor => ValueSyntax::TrustedTypesSinks,
            Self::TrustedTypes => ValueSyntax::TrustedTypesPolicies,
            Self::RequireSriFor => ValueSyntax::SriKinds,
            Self::PluginTypes => ValueSyntax::MediaTypes,
            Self::UpgradeInsecureRequests | Self::BlockAllMixedContent => ValueSyntax::Nothing,
            _ => ValueSyntax::SourceList,
        }
    }

    /// Whether the value is a source list; `frame-ancestors` takes a restricted one.
    #[must_use]
    pub const fn takes_sources(self) -> bool {
        matches!(self.syntax(), ValueSyntax::SourceList | ValueSyntax::AncestorSourceList)
    }

    /// Whether the directive governs scripts.
    #[must_use]
    pub const fn is_script(self) -> bool {
        matches!(self.general(), Self::ScriptSrc)
    }

    /// The directives that govern where this one is missing; the first that a policy has is in effect, by
    /// [fetch directive fallback list](https://www.w3.org/TR/CSP3/#directive-fallback-list). Empty for
    /// those that nothing replaces.
    #[must_use]
    pub fn fallback(self) -> &'static [Self] {
        match self {
            Self::ScriptSrcElem | Self::ScriptSrcAttr => &[Self::ScriptSrc, Self::DefaultSrc],
            Self::StyleSrcElem | Self::StyleSrcAttr => &[Self::StyleSrc, Self::DefaultSrc],
            Self::WorkerSrc => &[Self::ChildSrc, Self::ScriptSrc, Self::DefaultSrc],
            Self::FrameSrc => &[Self::ChildSrc, Self::DefaultSrc],
            Self::FencedFrameSrc => &[Self::FrameSrc, Self::ChildSrc, Self::DefaultSrc],
            Self::DefaultSrc => &[],
            // Every other fetch directive, and only those are named so.
            other if other.name().ends_with("-src") => &[Self::DefaultSrc],
            _ => &[],
        }
    }

    /// This one and its [`fallback`](Self::fallback).
    pub(crate) fn and_fallback(self) -> impl Iterator<Item = Self> {
        std::iter::once(self).chain(self.fallback().iter().copied())
    }

    /// The directive to create where only a fallback governs: for scripts and styles the general one, so that
    /// one list serves elements and attributes, and none of them hides another.
    pub(crate) const fn general(self) -> Self {
        match self {
            Self::ScriptSrcElem | Self::ScriptSrcAttr => Self::ScriptSrc,
            Self::StyleSrcElem | Self::StyleSrcAttr => Self::StyleSrc,
            other => other,
        }
    }
}

/// A [directive](https://www.w3.org/TR/CSP3/#framework-directives): a known name and a value that is valid for it.
///
/// Two directives are equal when they are spelled alike, wherever their sources came from.
#[derive(Clone, Debug)]
pub struct Directive {
    pub(super) name: DirectiveName,
    pub(super) value: Value,
    /// How many sources stood in the base; those behind came from merging and are kept sorted.
    pub(super) given: usize,
    /// Whether the whole directive came from merging.
    pub(super) added: bool,
}

/// A directive's value, by its syntax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Sources(Vec<SourceExpression>),
    Tokens(Vec<Token>),
}

impl Directive {
    /// The same without hash-sources.
    pub(super) fn without_hashes(&self) -> Self {
        let value = match &self.value {
            Value::Sources(sources) => {
                let is_hash = |source: &&SourceExpression| matches!(source, SourceExpression::Hash(_));
                Value::Sources(sources.iter().filter(|it| !is_hash(it)).cloned().collect())
            }
            Value::Tokens(tokens) => Value::Tokens(tokens.clone()),
        };
        Self::new(self.name, value)
    }

    /// The caller answers for the value being of the name's syntax.
    pub(super) const fn new(name: DirectiveName, value: Value) -> Self {
        let given = match &value {
            Value::Sources(sources) => sources.len(),
            Value::Tokens(_) => 0,
        };
        Self { name, value, given, added: false }
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> DirectiveName {
        self.name
    }

    /// The source list in its order; empty for a directive that takes none, and for an empty list,
    /// which [matches nothing](https://www.w3.org/TR/CSP3/#match-url-to-source-list).
    #[must_use]
    pub fn sources(&self) -> &[SourceExpression] {
        match &self.value {
            Value::Sources(sources) => sources,
            Value::Tokens(_) => &[],
        }
    }

    /// The words of a value that is no source list, such as sandbox flags.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        let tokens: &[Token] = match &self.value {
            Value::Sources(_) => &[],
            Value::Tokens(tokens) => tokens,
        };
        tokens.iter().map(Token::as_str)
    }
}

impl PartialEq for Directive {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.value == other.value
    }
}

impl Eq for Directive {}

/// Serialized with single spaces.
impl fmt::Display for Directive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        for source in self.sources() {
            write!(f, " {source}")?;
        }
        for token in self.tokens() {
            write!(f, " {token}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lower_case() {
        let mut names: Vec<_> = DirectiveName::ALL.iter().map(|d| d.name()).collect();
        assert!(names.iter().all(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), DirectiveName::ALL.len());
    }

    #[test]
    fn every_fetch_directive_takes_sources() {
        for name in DirectiveName::ALL.iter().filter(|d| d.name().ends_with("-src")) {
            assert!(name.takes_sources(), "{name}");
        }
    }

    #[test]
    fn names_ignore_case() {
        assert_eq!(DirectiveName::find("Script-SRC"), Some(DirectiveName::ScriptSrc));
        assert_eq!(DirectiveName::find("script-source"), None);
    }

    #[test]
    fn a_misspelled_name_has_a_nearest() {
        for (word, name) in [
            ("scripts-src", "script-src"),
            ("Script_Src", "script-src"),
            ("image-src", "img-src"),
            ("frame-ancestor", "frame-ancestors"),
            ("defualt-src", "default-src"),
        ] {
            assert_eq!(DirectiveName::nearest(word).map(DirectiveName::name), Some(name));
        }
        assert_eq!(DirectiveName::nearest("banana"), None);
    }
}
