//! Policies as words, with the nonce apart, and lists laid out over lines, for every target that spells a policy.

use super::quote::{Language, string};
use super::{Disposition, SentPolicy, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Code, Finding};
use crate::nonce::NonceSource;
use crate::policy::{Directive, DirectiveName, Policy, SourceExpression};

/// The longest line that a list is written on.
const WIDTH: usize = 88;

/// A word of a directive's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Where the fresh nonce belongs.
    Nonce,
    /// Anything else.
    Text(String),
}

/// A directive and its value.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: DirectiveName,
    pub(super) words: Vec<Word>,
}

impl Part {
    /// The words other than the nonce.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.words.iter().filter_map(|word| match word {
            Word::Nonce => None,
            Word::Text(text) => Some(text.as_str()),
        })
    }

    /// The same as string literals.
    pub(super) fn strings(&self, language: Language) -> Vec<String> {
        self.texts().map(|word| string(language, word)).collect()
    }

    pub(super) fn has_nonce(&self) -> bool {
        self.words.contains(&Word::Nonce)
    }

    /// The words, each as `text` or `nonce` spells it.
    pub(super) fn spelled(&self, nonce: &str, text: impl Fn(&str) -> String) -> Vec<String> {
        let spell = |word: &Word| match word {
            Word::Nonce => nonce.to_owned(),
            Word::Text(word) => text(word),
        };
        self.words.iter().map(spell).collect()
    }

    /// The whole directive in one string.
    pub(super) fn line(&self, nonce: &str, text: impl Fn(&str) -> String) -> String {
        let mut line = self.name.name().to_owned();
        for word in self.spelled(nonce, text) {
            line.push(' ');
            line.push_str(&word);
        }
        line
    }
}

impl SentPolicy<'_> {
    /// The name of the header.
    pub(super) const fn header_name(&self) -> &'static str {
        self.disposition.header_name()
    }

    /// The directives in their order, but for those that are unknown there.
    pub(super) fn parts(&self, unknown: &[DirectiveName]) -> Vec<Part> {
        let word = |source: &SourceExpression| match source {
            SourceExpression::Nonce(n) if Some(n) == self.nonce => Word::Nonce,
            other => Word::Text(other.to_string()),
        };
        let part = |directive: &Directive| {
            let sources = directive.sources().iter().map(word);
            let tokens = directive.tokens().map(|t| Word::Text(t.to_owned()));
            Part { name: directive.name(), words: sources.chain(tokens).collect() }
        };
        let directives = self.policy.directives();
        let known = directives.filter(|directive| !unknown.contains(&directive.name()));
        known.map(part).collect()
    }

    /// The words of the serialized policy, each with its `;`, to be joined with single spaces.
    ///
    /// Every word is escaped but `fresh`, which replaces the nonce's value as it is.
    pub(super) fn words(&self, fresh: &str, escape: fn(&str) -> String) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for part in self.parts(&[]) {
            if let Some(last) = words.last_mut() {
                last.push(';');
            }
            words.push(part.name.name().to_owned());
            words.extend(part.spelled(&format!("'nonce-{fresh}'"), escape));
        }
        words
    }
}

/// The names of the directives with the nonce.
pub(super) fn nonced(parts: &[Part]) -> impl Iterator<Item = &'static str> {
    let nonced = parts.iter().filter(|part| part.has_nonce());
    nonced.map(|part| part.name.name())
}

/// The nonce that a policy has; one placeholder is in the pages, whichever policies name it.
pub(super) fn nonce<'a>(sent: &[SentPolicy<'a>]) -> Option<&'a NonceSource> {
    sent.iter().find_map(|sent| sent.nonce)
}

/// Whether a policy has a nonce.
pub(super) fn has_nonce(sent: &[SentPolicy<'_>]) -> bool {
    nonce(sent).is_some()
}

/// Rejects a policy of hashes with a directive that a framework would drop.
pub(super) fn refuse_unknown(target: &Target, policy: &Policy) -> Result<()> {
    let mut names = policy.directives().map(Directive::name);
    match names.find(|name| target.unknown_directives.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let message = format!(
                "{} drops {name} without a word; take it out of the base policy, or let the server send the policy",
                target.name
            );
            Err(Error::new(ErrorKind::Unsupported, message))
        }
    }
}

/// Rejects a policy of hashes with a word, in a directive that is not a source list, that a framework would change. `then`
/// completes the reason.
pub(super) fn refuse_words(framework: &str, policy: &Policy, is_changed: fn(&str) -> bool, then: &str) -> Result<()> {
    for directive in policy.directives() {
        if let Some(word) = directive.tokens().find(|word| is_changed(word)) {
            let message = format!(
                "{framework} takes the {word} in {} for a source without its quotes{then}; write another name in the base policy, or let the server send the policy",
                directive.name()
            );
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
    }
    Ok(())
}

/// The policy without each `'unsafe-inline'` that would be in force in the responses that a framework sends without a nonce, and
/// the directives that had one.
pub(super) fn closed(target: &Target, sent: &SentPolicy<'_>) -> Option<(Policy, Vec<DirectiveName>)> {
    let omits = target.templates.is_some_and(|templates| templates.omits_unused);
    let nonce = sent.nonce.filter(|_| omits)?;
    Some(sent.policy.closed_without(nonce))
}

/// The findings about what a target leaves out of a policy with nonces.
#[must_use]
pub fn sent_findings(target: &Target, sent: &[SentPolicy<'_>]) -> Vec<Finding> {
    let of_each = sent.iter().flat_map(|policy| {
        let is_second = sent.len() > 1 && policy.disposition == Disposition::Report;
        let findings = findings_of(target, policy).into_iter();
        findings.map(move |finding| match is_second {
            true => finding.of_report_only(),
            false => finding,
        })
    });
    of_each.collect()
}

fn findings_of(target: &Target, sent: &SentPolicy<'_>) -> Vec<Finding> {
    let unknown = target.unknown_directives;
    let directives = sent.policy.directives().filter(|_| sent.nonce.is_some());
    let lost = directives.filter(|directive| unknown.contains(&directive.name()));
    let lost = lost.map(|directive| {
        let name = directive.name();
        Finding::new(
            Code::LostDirective,
            format!("{} cannot send {name}, so it is left out", target.name()),
            format!("send {name} by other means, or drop it from the base"),
        )
    });
    let open = closed(target, sent).map(|(_, names)| names);
    let open = open.into_iter().flatten().map(|name| {
        Finding::new(
            Code::UnsafeInlineDisabled,
            format!(
                "{} sends no nonce with a response in which no template used it, and 'unsafe-inline' would be in force there, so it is left out of {name}",
                target.name()
            ),
            format!("take 'unsafe-inline' out of {name} of the base"),
        )
    });
    lost.chain(open).collect()
}

/// A comment line for each directive that is not known there.
pub(super) fn left_out(policy: &Policy, unknown: &[DirectiveName], comment: &str) -> String {
    let lost = policy.directives().filter(|d| unknown.contains(&d.name()));
    lost.map(|directive| format!("{comment} {} is left out: it is not known here.\n", directive.name())).collect()
}

/// How a list is written.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    /// One step of indentation.
    pub(super) indent: &'static str,
}

impl Layout {
    /// An array of most languages.
    pub(super) const ARRAY: Self = Self { open: "[", close: "]", indent: "    " };

    /// An array of Ruby and JavaScript.
    pub(super) const NARROW: Self = Self { indent: "  ", ..Self::ARRAY };
}

/// `head`, the list and `tail` on one line where it fits, else one item a line with a comma behind each.
pub(super) fn list(head: &str, layout: Layout, items: &[String], tail: &str) -> String {
    let Layout { open, close, indent } = layout;
    let line = format!("{head}{open}{}{close}{tail}\n", items.join(", "));
    if line.len() <= WIDTH || items.is_empty() {
        return line;
    }
    let margin = &head[..head.len() - head.trim_start().len()];
    let mut text = format!("{head}{open}\n");
    for item in items {
        text.push_str(&format!("{margin}{indent}{item},\n"));
    }
    // A comma that only a list of one item needs stands there already.
    let close = close.trim_start_matches(',');
    text.push_str(&format!("{margin}{close}{tail}\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Disposition;

    #[test]
    fn only_the_nonce_that_was_named_is_fresh() {
        let policy = Policy::parse("script-src 'nonce-a' 'nonce-b'; sandbox allow-forms").unwrap();
        let nonce = "a".parse().unwrap();
        let sent = SentPolicy { policy: &policy, nonce: Some(&nonce), disposition: Disposition::Enforce };
        let parts = sent.parts(&[]);
        assert_eq!(parts[0].words, [Word::Nonce, Word::Text("'nonce-b'".to_owned())]);
        assert_eq!(parts[1].words, [Word::Text("allow-forms".to_owned())]);
    }

    #[test]
    fn a_long_list_has_one_item_a_line() {
        let item = || "x".repeat(50);
        assert_eq!(list("  a = ", Layout::ARRAY, &["b".to_owned()], ";"), "  a = [b];\n");
        assert_eq!(
            list("  a = ", Layout::ARRAY, &[item(), item()], ";"),
            format!("  a = [\n      {0},\n      {0},\n  ];\n", item())
        );
    }
}
