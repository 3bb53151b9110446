//! Samples that were reported, looked for in the excerpts of an inventory without texts.
//!
//! An excerpt has each white space of its text as one space, so a sample fits by its words. Anybody can report many samples of the same
//! words: the inline resources are found once for all of them.

use std::collections::HashMap;

use super::inlines::{MOST, Sample, directive};
use super::report::SAMPLE;
use crate::page::InlineKind;
use crate::policy::DirectiveName;
use crate::site::DistinctInline;

/// The samples by their words, and the inline resources that fit so far.
#[derive(Default)]
pub(super) struct Excerpts<'s> {
    indices: HashMap<DirectiveName, HashMap<String, usize>>,
    groups: Vec<Group<'s>>,
}

/// The samples of the same words.
#[derive(Default)]
struct Group<'s> {
    samples: Vec<&'s Sample>,
    /// The inline resources whose texts have a white space or nothing after the words.
    whole: Vec<&'s DistinctInline>,
    /// The inline resources whose texts begin with them.
    begun: Vec<&'s DistinctInline>,
}

impl<'s> Excerpts<'s> {
    pub(super) fn of(samples: impl Iterator<Item = &'s Sample>) -> Self {
        let mut all = Self::default();
        for sample in samples {
            let words: Vec<&str> = sample.1.split_whitespace().collect();
            let next = all.groups.len();
            let known = all.indices.entry(sample.0).or_default();
            let at = *known.entry(words.join(" ")).or_insert(next);
            if at == next {
                all.groups.push(Group::default());
            }
            all.groups[at].samples.push(sample);
        }
        all
    }

    /// Adds an inline resource to those that fit the samples of its words.
    pub(super) fn add(&mut self, inline: &'s DistinctInline, excerpt: &str) {
        self.add_text(inline, excerpt);
        match inline.kind {
            InlineKind::JavascriptUrl => self.add_text(inline, &format!("javascript:{excerpt}")),
            InlineKind::Script | InlineKind::Style | InlineKind::EventHandler | InlineKind::StyleAttribute => {}
        }
    }

    fn add_text(&mut self, inline: &'s DistinctInline, text: &str) {
        let Some(known) = self.indices.get(&directive(inline.kind)) else {
            return;
        };
        let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        for (words, rest) in ends.map(|end| text.split_at(end)) {
            let Some(&at) = known.get(words) else {
                continue;
            };
            let Group { whole, begun, .. } = &mut self.groups[at];
            let is_whole = rest.is_empty() || rest.starts_with(' ');
            for (fitting, fits) in [(whole, is_whole), (begun, true)] {
                if fits && fitting.len() < MOST {
                    fitting.push(inline);
                }
            }
        }
    }

    /// Each sample with the inline resources that fit.
    pub(super) fn found(&self) -> impl Iterator<Item = (&Sample, &DistinctInline)> {
        self.groups.iter().flat_map(|group| {
            group.samples.iter().flat_map(|sample| {
                // A shorter one is the whole text, but for white space at the end of it.
                let is_cut = sample.1.encode_utf16().count() + 1 >= SAMPLE;
                let fitting = if is_cut { &group.begun } else { &group.whole };
                fitting.iter().map(move |inline| (*sample, *inline))
            })
        })
    }
}
