//! A policy as browsers read it: what they drop is dropped here, without a word.
//!
//! [`Policy`](crate::policy::Policy) refuses what is not exactly right; what is in force of such a policy is the question here.
//! What only some browsers drop is dropped, so that a weakness counts if one browser has it.

use std::collections::HashSet;
use std::ops::Range;

use crate::hash::HashAlgorithm;
use crate::policy::{DirectiveName, Keyword, SourceExpression};

/// One policy, by [parse a serialized policy](https://www.w3.org/TR/CSP3/#parse-serialized-policy).
pub(super) struct Reading<'a> {
    pub(super) directives: Vec<Directive<'a>>,
}

/// A directive that browsers know, the first of its name.
pub(super) struct Directive<'a> {
    pub(super) name: DirectiveName,
    pub(super) span: Range<usize>,
    /// No value twice.
    pub(super) values: Vec<Value<'a>>,
}

/// A value, and what it is if it is valid.
pub(super) struct Value<'a> {
    pub(super) text: &'a str,
    pub(super) span: Range<usize>,
    pub(super) source: Option<SourceExpression>,
}

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
            Self::InlineElement | Self::ScriptUrl | Self::ScriptData => {
                DirectiveName::ScriptSrcElem
            }
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
            _ => "scripts",
        }
    }
}

impl<'a> Reading<'a> {
    pub(super) fn new(policy: &'a str) -> Self {
        let mut directives: Vec<Directive<'a>> = Vec::new();
        for part in policy.split(';').filter(|part| part.is_ascii()) {
            let mut words = part.split_ascii_whitespace();
            let Some(first) = words.next() else { continue };
            let Some(name) = DirectiveName::find(first) else {
                continue;
            };
            if directives.iter().any(|d| d.name == name) {
                continue;
            }
            let mut values: Vec<Value<'a>> = Vec::new();
            let mut seen = HashSet::new();
            for word in words {
                if seen.insert(word) {
                    values.push(Value {
                        text: word,
                        span: span(policy, word),
                        source: name
                            .takes_sources()
                            .then(|| SourceExpression::read(word))
                            .flatten(),
                    });
                }
            }
            directives.push(Directive {
                name,
                span: span(policy, first),
                values,
            });
        }
        Self { directives }
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
    pub(super) fn in_force(
        &self,
        channel: Channel,
    ) -> Option<(&Directive<'a>, Vec<(&Value<'a>, &SourceExpression)>)> {
        let directive = self.governing(channel)?;
        let strict_dynamic = directive.has(Keyword::StrictDynamic);
        let counts = |source: &SourceExpression| match (channel, source) {
            (
                Channel::InlineElement | Channel::InlineAttribute,
                SourceExpression::Keyword(Keyword::UnsafeInline),
            ) => !strict_dynamic && !directive.has_nonce() && !directive.has_hash(),
            (
                Channel::ScriptUrl,
                SourceExpression::Keyword(Keyword::SelfOrigin)
                | SourceExpression::Scheme(_)
                | SourceExpression::Host(_),
            ) => !strict_dynamic,
            _ => true,
        };
        let sources = directive.sources().filter(|(_, source)| counts(source));
        Some((directive, sources.collect()))
    }
}

impl<'a> Directive<'a> {
    /// The values that are sources.
    pub(super) fn sources(&self) -> impl Iterator<Item = (&Value<'a>, &SourceExpression)> {
        let values = self.values.iter();
        values.filter_map(|value| Some((value, value.source.as_ref()?)))
    }

    pub(super) fn has(&self, keyword: Keyword) -> bool {
        self.sources()
            .any(|(_, source)| *source == SourceExpression::Keyword(keyword))
    }

    pub(super) fn has_nonce(&self) -> bool {
        self.sources()
            .any(|(_, source)| matches!(source, SourceExpression::Nonce(_)))
    }

    /// Whether there is a hash by the grammar. That it can match nothing, being too short, does not keep it from switching
    /// `'unsafe-inline'` off.
    pub(super) fn has_hash(&self) -> bool {
        self.values.iter().any(|value| is_hash(value.text))
    }

    /// The name and where it stands.
    pub(super) fn place(&self) -> (&'static str, Option<Range<usize>>) {
        (self.name.name(), Some(self.span.clone()))
    }
}

/// A [hash-source](https://www.w3.org/TR/CSP3/#grammardef-hash-source), padded as Firefox wants it.
fn is_hash(text: &str) -> bool {
    let inner = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\''));
    let Some((algorithm, digest)) = inner.and_then(|inner| inner.split_once('-')) else {
        return false;
    };
    let body = digest.trim_end_matches('=');
    algorithm.parse::<HashAlgorithm>().is_ok()
        && !body.is_empty()
        && digest.len() - body.len() <= 2
        && digest.len() % 4 == 0
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+/-_".contains(&b))
}

/// Where `part` stands in `whole`, from which it was cut.
fn span(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}
