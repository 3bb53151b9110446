//! The ways by which injected markup could run code, and what a policy has in force against each.
//!
//! A browser that ignores more than others leaves more open, so a hash counts only where every browser reads it.

use crate::policy::as_sent::{self, Browser, Directive, Word};
use crate::policy::{DirectiveName, Keyword, SourceExpression};

/// A way by which injected markup could run code, or help it to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// The text of a script element.
    InlineElement,
    /// An event handler or a `javascript:` URL.
    InlineAttribute,
    /// The address of a script element.
    ScriptUrl,
    /// The same, with the script in it: a `data:` URL, which no host stands for.
    ScriptData,
    /// `eval()` and its kin.
    Eval,
    /// The address of a plugin's data.
    Object,
    /// The same, with the data in it.
    ObjectData,
    /// The address of a `<base>`.
    Base,
}

impl Channel {
    pub(super) const ALL: &'static [Self] = &[
        Self::InlineElement,
        Self::InlineAttribute,
        Self::ScriptUrl,
        Self::ScriptData,
        Self::Eval,
        Self::Object,
        Self::ObjectData,
        Self::Base,
    ];

    /// The directive that is asked about it first.
    const fn asked(self) -> DirectiveName {
        match self {
            Self::InlineElement | Self::ScriptUrl | Self::ScriptData => DirectiveName::ScriptSrcElem,
            Self::InlineAttribute => DirectiveName::ScriptSrcAttr,
            Self::Eval => DirectiveName::ScriptSrc,
            Self::Object | Self::ObjectData => DirectiveName::ObjectSrc,
            Self::Base => DirectiveName::BaseUri,
        }
    }

    /// The channel for `data:` URLs instead of addresses of hosts.
    pub(super) const fn data(self) -> Self {
        match self {
            Self::ScriptUrl => Self::ScriptData,
            Self::Object => Self::ObjectData,
            other => other,
        }
    }

    /// What to call it in "from anywhere".
    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::Object | Self::ObjectData => "plugin data",
            Self::Base => "the base of relative URLs",
            Self::InlineElement | Self::InlineAttribute | Self::ScriptUrl | Self::ScriptData | Self::Eval => "scripts",
        }
    }
}

/// One policy as browsers read it.
pub(super) struct Reading<'a> {
    pub(super) directives: Vec<Directive<'a>>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(policy: &'a str) -> Self {
        Self { directives: as_sent::directives(policy) }
    }

    pub(super) fn directive(&self, name: DirectiveName) -> Option<&Directive<'a>> {
        self.directives.iter().find(|d| d.name == name)
    }

    /// The directive that governs a channel; none leaves it open.
    pub(super) fn governing(&self, channel: Channel) -> Option<&Directive<'a>> {
        let mut names = channel.asked().and_fallback();
        names.find_map(|name| self.directive(name))
    }

    /// The sources that count for a channel: those that a nonce, a hash or `'strict-dynamic'` beside them does not switch off.
    pub(super) fn in_force(&self, channel: Channel) -> Option<(&Directive<'a>, Vec<(&Word<'a>, &SourceExpression)>)> {
        let directive = self.governing(channel)?;
        let strict_dynamic = directive.has(Keyword::StrictDynamic);
        let disables_inline = strict_dynamic || directive.has_nonce() || directive.has_hash();
        let counts = |source: &SourceExpression| match source {
            SourceExpression::Keyword(Keyword::UnsafeInline) => {
                let is_inline = matches!(channel, Channel::InlineElement | Channel::InlineAttribute);
                !is_inline || !disables_inline
            }
            SourceExpression::Keyword(Keyword::SelfOrigin)
            | SourceExpression::Scheme(_)
            | SourceExpression::Host(_) => channel != Channel::ScriptUrl || !strict_dynamic,
            SourceExpression::None
            | SourceExpression::Keyword(_)
            | SourceExpression::Nonce(_)
            | SourceExpression::Hash(_) => true,
        };
        let sources = directive.sources().filter(|(_, source)| counts(source));
        Some((directive, sources.collect()))
    }
}

impl<'a> Directive<'a> {
    /// The words that are sources.
    pub(super) fn sources(&self) -> impl Iterator<Item = (&Word<'a>, &SourceExpression)> {
        let words = self.words.iter();
        words.filter_map(|word| Some((word, word.meaning.source()?)))
    }

    pub(super) fn has(&self, keyword: Keyword) -> bool {
        self.words.iter().any(|word| word.meaning.is(keyword))
    }

    pub(super) fn has_nonce(&self) -> bool {
        self.words.iter().any(|word| word.meaning.nonce().is_some())
    }

    /// Whether there is a hash by the grammar. That it can match nothing, being too short, does not keep it from switching
    /// `'unsafe-inline'` off.
    pub(super) fn has_hash(&self) -> bool {
        let mut words = self.words.iter();
        words.any(|word| word.meaning.is_hash(Browser::Firefox))
    }
}
