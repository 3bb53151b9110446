//! Nonces that the engine would not fill: a template is settled when all of it is known.

use std::mem;
use std::ops::Range;

use super::binding::{Filled, Gap, NonceScope, path};
use super::found::Candidate;
use super::value::NonceValue;
use super::visitor::NonceVisitor;
use crate::edit::srcdoc::Source;
use crate::finding::{Code, Severity};
use crate::page::InlineCheckType;
use crate::template::{Block, BlockKind, Blocks, Dialect, HiddenKind, HiddenSpan};

/// Why a nonce is not filled.
struct Dead {
    severity: Severity,
    why: String,
    help: &'static str,
    /// Whether a nonce that is not there must not be written.
    is_left_out: bool,
}

/// A template and the nonces in it.
struct Template<'a> {
    dialect: Dialect,
    source: &'a [u8],
    blocks: Blocks,
}

impl NonceVisitor {
    /// Decides which elements of a template get their nonces.
    pub(super) fn settle(&mut self, dialect: Dialect) {
        let candidates = mem::take(&mut self.found.candidates);
        let Source::File(held) = &*self.source else {
            return;
        };
        if candidates.is_empty() {
            return;
        }
        let held = held.borrow();
        let source = held.held();
        let blocks = Blocks::of(dialect, source);
        let template = Template {
            dialect,
            source,
            blocks,
        };
        // The first nonce that is written before an element is read there.
        let mut is_read = false;
        for candidate in candidates {
            if let Some(dead) = self.dead(&template, &candidate, is_read) {
                let is_left_out = dead.is_left_out && candidate.edit.is_some();
                let left_out = if is_left_out {
                    "; no nonce was written"
                } else {
                    ""
                };
                let why = dead.why + left_out;
                let problems = &mut self.found.problems;
                problems.add_as(
                    dead.severity,
                    Code::DeadNonce,
                    candidate.location,
                    why,
                    dead.help,
                );
                if is_left_out {
                    continue;
                }
            }
            is_read |= candidate.edit.is_some();
            self.found.take(candidate);
        }
    }

    /// Why the nonce of an element is dead. `is_read` if a nonce is written before it.
    fn dead(&self, template: &Template<'_>, candidate: &Candidate, is_read: bool) -> Option<Dead> {
        let options = &self.options;
        let value = match candidate.check {
            InlineCheckType::Style => &options.style,
            _ => &options.script,
        };
        if !value.has_code(Some(template.dialect)) && !value.is_evaluated() {
            return None;
        }
        let start = candidate.tag.start;
        if candidate.edit.is_some() && template.blocks.first.is_some_and(|first| start < first) {
            return Some(Dead {
                severity: Severity::Error,
                why: "{% extends %} must be the first tag of a template, so no code can stand before it".to_owned(),
                help: "move this element into a {% block %}",
                is_left_out: true,
            });
        }
        let around = |block: &&Block| block.range.contains(&start);
        let blocks = || template.blocks.blocks.iter().filter(around);
        if blocks().any(|block| block.kind == BlockKind::Cached) {
            return Some(Dead {
                severity: Severity::Error,
                why: "the output of this block is cached, so that other responses would get the nonce of the first one".to_owned(),
                help: "move this element out of the cached block",
                is_left_out: true,
            });
        }
        let mut filled = &options.callers.file;
        let of_macro;
        for block in blocks() {
            match &block.kind {
                BlockKind::Macro(name) => {
                    of_macro = self.macros(template, name, value);
                    filled = &of_macro;
                    break;
                }
                BlockKind::Named(name) => {
                    let named = options.callers.named.get(name);
                    filled = named.unwrap_or(&Filled::Yes);
                    break;
                }
                BlockKind::Cached | BlockKind::If { .. } => {}
            }
        }
        let missing = self.missing(filled);
        missing.or_else(|| {
            template
                .lazy(candidate, value, is_read)
                .filter(|_| options.binding.is_lazy)
        })
    }

    /// Whether a macro of a template has a value.
    fn macros(&self, template: &Template<'_>, name: &str, value: &NonceValue) -> Filled {
        let scope = self.options.binding.scope;
        let is_function = value.text().contains('(');
        if scope == NonceScope::Global || scope == NonceScope::Unknown && is_function {
            return Filled::Yes;
        }
        let perhaps = |why: &str, help| {
            let why = why.to_owned();
            Filled::Perhaps(Gap { why, help })
        };
        if matches!(template.dialect, Dialect::Twig | Dialect::Askama) {
            return perhaps(
                "a macro has its arguments and no variables of the template",
                "give the nonce to the macro as an argument, or use a function",
            );
        }
        let call = format!("{name}(");
        let codes = template
            .blocks
            .spans
            .iter()
            .filter(|span| template.code(span).contains(&call));
        // Its definition is one.
        let is_called = codes.count() > 1;
        match &self.options.callers.macros {
            Some(filled) => filled.clone(),
            None if is_called => Filled::Yes,
            None => perhaps(
                "a macro has no variables of the template that imports it without context",
                "import it with context, as in {% from \"a.html\" import b with context %}",
            ),
        }
    }

    /// What follows from the callers.
    fn missing(&self, filled: &Filled) -> Option<Dead> {
        let (gap, is_sure) = match filled {
            Filled::Yes => return None,
            Filled::Perhaps(gap) => (gap, false),
            Filled::No(gap) => (gap, true),
        };
        let binding = self.options.binding;
        // An expression of the user's may be a global.
        let is_sure = is_sure && binding.scope != NonceScope::Unknown;
        let consequence = match binding.fails {
            true => ", where the engine would fail on this nonce",
            false => ", where this nonce is empty",
        };
        Some(Dead {
            severity: Severity::Warning,
            why: format!("{}{consequence}", gap.why),
            help: gap.help,
            is_left_out: is_sure || binding.fails,
        })
    }
}

impl Template<'_> {
    fn code(&self, span: &HiddenSpan) -> String {
        String::from_utf8_lossy(&self.source[span.range.clone()]).into_owned()
    }

    /// The finding about a nonce that stands under a condition that is false until something has read the nonce.
    fn lazy(&self, candidate: &Candidate, value: &NonceValue, is_read: bool) -> Option<Dead> {
        let name = path(value.text());
        let is_false = |block: &&Block| match &block.kind {
            BlockKind::If { condition, .. } => tests(condition, name),
            BlockKind::Cached | BlockKind::Macro(_) | BlockKind::Named(_) => false,
        };
        let conditions: Vec<&Block> = self.blocks.blocks.iter().filter(is_false).collect();
        let around = |range: &Range<usize>| {
            conditions
                .iter()
                .find(|block| block.range.contains(&range.start))
        };
        let reads = |span: &&HiddenSpan| {
            let code = self.code(span);
            let mut names = words(&code).filter_map(|word| word.split('|').next());
            span.kind == HiddenKind::Output && names.any(|word| word == name)
        };
        let is_conditional =
            |span: &HiddenSpan| around(&span.range).is_some() || chooses(&self.code(span), name);
        let of_element = around(&candidate.tag)
            .filter(|block| !matches!(block.kind, BlockKind::If { has_else: true, .. }));
        let spans = &self.blocks.spans;
        let from = spans.partition_point(|span| span.range.start < candidate.tag.start);
        let in_tag = spans[from..]
            .iter()
            .take_while(|span| span.range.start < candidate.tag.end);
        let mut in_tag = in_tag.filter(reads).peekable();
        let is_in_tag =
            candidate.edit.is_none() && in_tag.peek().is_some() && in_tag.all(is_conditional);
        if of_element.is_none() && !is_in_tag {
            return None;
        }
        let before = of_element.map_or(candidate.tag.start, |block| block.range.start);
        let mut earlier = spans
            .iter()
            .take_while(|span| span.range.end <= before)
            .filter(reads);
        let is_read = is_read || earlier.any(|span| !is_conditional(span));
        let (severity, why) = match is_read {
            true => (
                Severity::Warning,
                format!(
                    "{name} is false until something has read it, so this depends on what was rendered before"
                ),
            ),
            false => (
                Severity::Error,
                format!(
                    "{name} is false until something has read it, so this condition leaves the nonce out"
                ),
            ),
        };
        Some(Dead {
            severity,
            why,
            help: "write the nonce without a condition",
            is_left_out: false,
        })
    }
}

/// The words of some code: names, operators and filters.
fn words(code: &str) -> impl Iterator<Item = &str> {
    let is_part =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '=' | '!' | '<' | '>' | '|' | ':');
    code.split(move |c| !is_part(c))
        .filter(|word| !word.is_empty())
}

/// Whether a condition is true only if this name is.
fn tests(condition: &str, name: &str) -> bool {
    let words: Vec<&str> = words(condition).collect();
    (0..words.len()).any(|at| {
        let before = at.checked_sub(1).map(|before| words[before]);
        let behind = words.get(at + 1).copied();
        words[at] == name
            && matches!(before, None | Some("and"))
            && matches!(behind, None | Some("and"))
    })
}

/// Whether an output writes this name only if it is true: `{{ a|default:"" }}`, `{{ a or "" }}`, `{{ a if a }}`.
fn chooses(code: &str, name: &str) -> bool {
    let words: Vec<&str> = words(code).collect();
    let is_tested = words
        .windows(2)
        .any(|pair| pair == [name, "or"] || pair == ["if", name]);
    is_tested
        || words.iter().any(|word| {
            word.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with("|default:"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_that_need_a_true_name() {
        for (condition, expected) in [
            ("csp_nonce", true),
            ("csp_nonce and a", true),
            ("a and csp_nonce", true),
            ("(csp_nonce)", true),
            ("not csp_nonce", false),
            ("csp_nonce is not None", false),
            ("csp_nonce != ''", false),
            ("a or csp_nonce", false),
            ("a.csp_nonce", false),
            ("a == csp_nonce", false),
            ("csp_nonce is defined", false),
            ("", false),
        ] {
            assert_eq!(tests(condition, "csp_nonce"), expected, "{condition}");
        }
    }

    #[test]
    fn outputs_that_need_a_true_name() {
        for (code, expected) in [
            ("{{ csp_nonce|default:'' }}", true),
            ("{{ csp_nonce or '' }}", true),
            ("{{ csp_nonce if csp_nonce }}", true),
            ("{{ csp_nonce }}", false),
            ("{{ csp_nonce|default_if_none:'' }}", false),
            ("{{ csp_nonce|default('') }}", false),
        ] {
            assert_eq!(chooses(code, "csp_nonce"), expected, "{code}");
        }
    }
}
