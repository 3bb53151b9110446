//! What an evaluation says, and how it is gathered.

use std::collections::HashSet;
use std::ops::Range;

use super::channel::{Channel, Reading};
use crate::finding::{Code, Finding};
use crate::policy::as_sent::{Directive, Word};

/// One thing about a policy.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weakness {
    /// Which kind of thing.
    pub code: Code,
    /// The name of the directive concerned, in lower case, also of one that is missing; none where none could be told.
    pub directive: Option<String>,
    /// The value or other words concerned, as they are written; none for a directive as a whole.
    pub value: Option<String>,
    /// The bytes of the policy concerned; none for what is missing.
    pub span: Option<Range<usize>>,
    /// What it lets through, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl From<Weakness> for Finding {
    fn from(weakness: Weakness) -> Self {
        let message = match weakness.directive {
            Some(directive) => format!("{directive}: {}", weakness.message),
            None => weakness.message,
        };
        Self::new(weakness.code, message, weakness.help)
    }
}

/// The weaknesses found so far, each with what it opens.
#[derive(Default)]
pub(super) struct Weaknesses(Vec<(Option<Channel>, Weakness)>);

impl Weaknesses {
    /// About a word of a value. The same word may govern several channels; it is told once.
    pub(super) fn value(
        &mut self,
        about: (Code, impl Into<Option<Channel>>),
        directive: &Directive<'_>,
        word: &Word<'_>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let place = (directive.name.name(), Some(word.span.clone()));
        self.push(about, place, Some(word.text), message, help);
    }

    /// About a directive, or one that should be there.
    pub(super) fn directive(
        &mut self,
        about: (Code, impl Into<Option<Channel>>),
        place: (&str, Option<Range<usize>>),
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(about, place, None, message, help);
    }

    fn push(
        &mut self,
        (code, channel): (Code, impl Into<Option<Channel>>),
        (directive, span): (&str, Option<Range<usize>>),
        value: Option<&str>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let weakness = Weakness {
            code,
            directive: Some(directive.to_owned()),
            value: value.map(str::to_owned),
            span,
            message: message.into(),
            help: help.into(),
        };
        self.0.push((channel.into(), weakness));
    }

    /// What opens nothing.
    pub(super) fn other(&mut self, weakness: Weakness) {
        self.0.push((None, weakness));
    }

    /// The channels that the policy leaves open.
    pub(super) fn open(&self, reading: &Reading<'_>) -> Vec<Channel> {
        let is_open = |channel: &Channel| {
            reading.governing(*channel).is_none() || self.0.iter().any(|(c, _)| *c == Some(*channel))
        };
        Channel::ALL.iter().copied().filter(is_open).collect()
    }

    /// Drops what opens a channel for which `is_open` is false.
    pub(super) fn keep_open(&mut self, is_open: impl Fn(Channel) -> bool) {
        self.0.retain(|(channel, _)| channel.is_none_or(&is_open));
    }

    pub(super) fn into_weaknesses(self) -> Vec<Weakness> {
        let mut told = HashSet::new();
        let all = self.0.into_iter().map(|(_, weakness)| weakness);
        all.filter(|weakness| told.insert((weakness.code, weakness.directive.clone(), weakness.value.clone())))
            .collect()
    }
}
