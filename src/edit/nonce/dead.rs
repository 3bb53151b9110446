//! Nonces that the engine would not fill: a template is settled when all of it is known.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::mem;
use std::rc::Rc;

use super::NonceOptions;
use super::binding::{Filled, Gap, NonceScope, path};
use super::enclosing::{Bounds, chooses, words};
use super::found::Candidate;
use super::unknown::UnknownParts;
use super::value::NonceValue;
use super::visitor::NonceVisitor;
use crate::edit::srcdoc::Source;
use crate::finding::{Code, Severity};
use crate::location::Ranges;
use crate::page::InlineCheckType;
use crate::template::{BlockKind, Dialect, HiddenKind, HiddenSpan, Links, Outline, called};

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
    outline: Outline,
    /// How often its names are called, if that was asked.
    called: OnceCell<HashMap<String, usize>>,
    bounds: Bounds,
    /// The variable of the expression.
    name: &'a str,
    /// The parts that other files place where output is kept: nowhere else, or elsewhere too.
    kept_everywhere: Ranges,
    kept_somewhere: Ranges,
    /// Whether there is template code in the nonces.
    script_has_code: bool,
    style_has_code: bool,
    /// Where the variable is first read without a condition on it.
    first_read: Option<usize>,
}

impl NonceVisitor {
    /// Decides which elements of a template get their nonces.
    pub(super) fn settle(&mut self, dialect: Dialect, mut outline: Outline) {
        self.found.links = mem::take(&mut outline.links);
        let mut candidates = mem::take(&mut self.found.candidates);
        let Source::File(held) = &*self.source else {
            return;
        };
        let held = held.borrow();
        let source = held.held();
        if candidates.is_empty() {
            return;
        }
        candidates.sort_by_key(|candidate| candidate.tag.start);
        self.found.open.values = true;
        self.found.open.surroundings = may_hold_in_string(source, &self.found.links, &candidates);
        let options = Rc::clone(&self.options);
        let template = Template::new(dialect, source, outline, &options);
        let mut unknown = UnknownParts::new(source, &options.callers.unknown);
        // The first nonce that is written before an element is read there.
        let mut is_read = false;
        for candidate in candidates {
            if candidate.edit.is_some() && unknown.may_hold_in_string(candidate.tag.start) {
                self.found.problems.add_as(
                    Severity::Warning,
                    Code::LiteralElement,
                    candidate.location,
                    "this element stands in a string if another file has this part in a script, and the files do not show where it is placed, so it got no nonce",
                    "name the files that include or extend this one, or write the nonce by hand",
                );
                continue;
            }
            if let Some(dead) = self.dead(&template, &candidate, is_read) {
                let is_left_out = dead.is_left_out && candidate.edit.is_some();
                let left_out = if is_left_out { "; no nonce was written" } else { "" };
                let why = dead.why + left_out;
                let problems = &mut self.found.problems;
                problems.add_as(dead.severity, Code::DeadNonce, candidate.location, why, dead.help);
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
        let has_code = match candidate.check {
            InlineCheckType::Style => template.style_has_code,
            _ => template.script_has_code,
        };
        if !has_code && !value.is_evaluated() {
            return None;
        }
        let start = candidate.tag.start;
        if candidate.edit.is_some() && template.outline.first.is_some_and(|first| start < first) {
            return Some(Dead {
                severity: Severity::Error,
                why: "{% extends %} must be the first tag of a template, so no code can stand before it".to_owned(),
                help: "move this element into a {% block %}",
                is_left_out: true,
            });
        }
        let around = template.bounds.at(start);
        if around.is_cached {
            return Some(Dead {
                severity: Severity::Error,
                why: "the output of this block is cached, so that other responses would get the nonce of the first one"
                    .to_owned(),
                help: "move this element out of the cached block",
                is_left_out: true,
            });
        }
        let is_always = template.kept_everywhere.contain(start);
        if is_always || template.kept_somewhere.contain(start) {
            return Some(Dead {
                severity: match is_always {
                    true => Severity::Error,
                    false => Severity::Warning,
                },
                why: "another file has this in a cached block, so that other responses would get the nonce of the first one".to_owned(),
                help: "move what places it out of the cached block",
                is_left_out: is_always,
            });
        }
        let of_macro;
        let filled = match around.owner.map(|owner| &template.outline.blocks[owner].kind) {
            Some(BlockKind::Macro(name)) => {
                of_macro = self.macros(template, name, value);
                &of_macro
            }
            Some(BlockKind::Captured) if options.callers.captured != Filled::Yes => &options.callers.captured,
            Some(BlockKind::Named(name)) => options.callers.named.get(name).unwrap_or(&Filled::Yes),
            Some(BlockKind::Captured | BlockKind::Cached | BlockKind::If { .. }) | None => &options.callers.file,
        };
        let missing = self.missing(filled);
        missing.or_else(|| template.lazy(candidate, is_read).filter(|_| options.binding.is_lazy))
    }

    /// Whether a macro of a template has a value.
    fn macros(&self, template: &Template<'_>, name: &str, value: &NonceValue) -> Filled {
        // Its definition is one.
        let called = template.called();
        let is_called = called.get(name).is_some_and(|count| *count > 1);
        if self.options.binding.is_global(value.text()) {
            return match is_called {
                true => self.options.callers.file.clone(),
                false => Filled::Yes,
            };
        }
        let perhaps = |why: &str, help| Filled::Perhaps(Gap::new(why, help));
        if matches!(template.dialect, Dialect::Twig | Dialect::Askama) {
            return perhaps(
                "a macro has its arguments and no variables of the template",
                "give the nonce to the macro as an argument, or use a function",
            );
        }
        match &self.options.callers.macros {
            Some(filled) => filled.clone(),
            None if is_called => self.options.callers.file.clone(),
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
        if gap.is_kept {
            return Some(Dead {
                severity: match is_sure {
                    true => Severity::Error,
                    false => Severity::Warning,
                },
                why: gap.why.clone(),
                help: gap.help,
                is_left_out: is_sure,
            });
        }
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

/// Whether some element that gets a nonce may be in a string, whatever parts of the template are in a script.
fn may_hold_in_string(source: &[u8], links: &Links, candidates: &[Candidate]) -> bool {
    let parts = links.parts.iter().map(|part| part.range.clone());
    let parts: Vec<_> = parts.chain(Some(0..usize::MAX)).collect();
    let mut unknown = UnknownParts::new(source, &parts);
    let mut new = candidates.iter().filter(|it| it.edit.is_some());
    new.any(|candidate| unknown.may_hold_in_string(candidate.tag.start))
}

impl<'a> Template<'a> {
    fn new(dialect: Dialect, source: &'a [u8], outline: Outline, options: &'a NonceOptions) -> Self {
        let name = path(options.script.text());
        let kept = |is_everywhere| {
            let kept = options.callers.kept.iter();
            let kept = kept.filter(|(_, everywhere)| *everywhere == is_everywhere);
            Ranges::new(kept.map(|(range, _)| range.clone()))
        };
        let script_has_code = options.script.has_code(dialect);
        let style_has_code = match options.style == options.script {
            true => script_has_code,
            false => options.style.has_code(dialect),
        };
        let mut template = Self {
            dialect,
            source,
            bounds: Bounds::new(&outline.blocks, name),
            outline,
            called: OnceCell::new(),
            name,
            kept_everywhere: kept(true),
            kept_somewhere: kept(false),
            script_has_code,
            style_has_code,
            first_read: None,
        };
        let mut reads = template.outline.nonces.iter().filter(|span| template.reads(span));
        let first = reads.find(|span| !template.is_conditional(span));
        template.first_read = first.map(|span| span.range.start);
        template
    }

    fn called(&self) -> &HashMap<String, usize> {
        let called = || called(self.dialect, self.source);
        self.called.get_or_init(called)
    }

    fn code(&self, span: &HiddenSpan) -> String {
        String::from_utf8_lossy(&self.source[span.range.clone()]).into_owned()
    }

    /// Whether some code writes the variable.
    fn reads(&self, span: &HiddenSpan) -> bool {
        let code = self.code(span);
        let mut names = words(&code).filter_map(|word| word.split('|').next());
        span.kind == HiddenKind::Output && names.any(|word| word == self.name)
    }

    /// Whether it does only if the variable is true.
    fn is_conditional(&self, span: &HiddenSpan) -> bool {
        self.bounds.at(span.range.start).condition.is_some() || chooses(&self.code(span), self.name)
    }

    /// The finding about a nonce that stands under a condition that is false until something has read the nonce.
    fn lazy(&self, candidate: &Candidate, is_read: bool) -> Option<Dead> {
        let Self { name, outline, .. } = self;
        let condition = self.bounds.at(candidate.tag.start).condition;
        let of_element = condition.map(|at| &outline.blocks[at]);
        let of_element = of_element.filter(|block| !matches!(block.kind, BlockKind::If { has_else: true, .. }));
        let from = outline.nonces.partition_point(|span| span.range.start < candidate.tag.start);
        let in_tag = outline.nonces[from..].iter();
        let in_tag = in_tag.take_while(|span| span.range.start < candidate.tag.end);
        let mut in_tag = in_tag.filter(|span| self.reads(span)).peekable();
        let is_in_tag =
            candidate.edit.is_none() && in_tag.peek().is_some() && in_tag.all(|span| self.is_conditional(span));
        if of_element.is_none() && !is_in_tag {
            return None;
        }
        let before = of_element.map_or(candidate.tag.start, |block| block.range.start);
        let is_read = is_read || self.first_read.is_some_and(|first| first < before);
        let (severity, why) = match is_read {
            true => (
                Severity::Warning,
                format!("{name} is false until something has read it, so this depends on what was rendered before"),
            ),
            false => (
                Severity::Error,
                format!("{name} is false until something has read it, so this condition leaves the nonce out"),
            ),
        };
        Some(Dead { severity, why, help: "write the nonce without a condition", is_left_out: false })
    }
}
