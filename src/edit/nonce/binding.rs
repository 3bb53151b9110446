//! Where an expression for the nonce has a value: what is known of the engine, and of the callers of a template.

use std::collections::BTreeMap;
use std::ops::Range;

#[cfg(feature = "cli")]
use super::Open;
#[cfg(feature = "cli")]
use crate::template::Call;

/// What an expression for the nonce names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NonceScope {
    /// A function or variable that every template has, its macros included.
    Global,
    /// A variable of the context that a template is rendered with.
    Context,
    /// One of both.
    #[default]
    Unknown,
}

/// How an engine fills an expression for the nonce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NonceBinding {
    /// What it names.
    pub scope: NonceScope,
    /// Whether it is false in a condition until something has read it.
    pub is_lazy: bool,
    /// Whether the engine fails where it has no value.
    pub fails: bool,
}

impl NonceBinding {
    /// Of a function or variable that every template has.
    pub const GLOBAL: Self = Self { scope: NonceScope::Global, is_lazy: false, fails: false };

    /// Of a variable of the context.
    pub const CONTEXT: Self = Self { scope: NonceScope::Context, ..Self::GLOBAL };

    /// The same, of one that is false in a condition until something has read it.
    #[must_use]
    pub const fn lazy(mut self) -> Self {
        self.is_lazy = true;
        self
    }

    /// The same, in an engine that fails where it has no value.
    #[must_use]
    pub const fn failing(mut self) -> Self {
        self.fails = true;
        self
    }

    /// Whether every template and every macro has what the expression names, whoever calls it.
    #[must_use]
    pub fn is_global(&self, expression: &str) -> bool {
        match self.scope {
            NonceScope::Global => true,
            NonceScope::Context => false,
            NonceScope::Unknown => is_function(expression),
        }
    }
}

/// Whether the callers of a template give it the nonce.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Filled {
    /// They do, as far as is known.
    #[default]
    Yes,
    /// Some of them do not, or it cannot be known.
    Perhaps(Gap),
    /// None of them does.
    No(Gap),
}

/// Why a nonce has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// As a sentence.
    pub why: String,
    /// The next step.
    pub help: &'static str,
    /// Whether the output is kept and sent with other responses, in which even a global has had another value.
    pub is_kept: bool,
}

impl Gap {
    /// Of a value that is missing.
    pub(crate) fn new(why: impl Into<String>, help: &'static str) -> Self {
        Self { why: why.into(), help, is_kept: false }
    }
}

/// Whether those who render a file or parts of it give it the nonce.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Callers {
    /// The file as a whole.
    pub file: Filled,
    /// Its macros; `None` if nobody is known to import them.
    pub macros: Option<Filled>,
    /// The texts of variables outside of its macros, which others import.
    pub captured: Filled,
    /// The named templates in it.
    pub named: BTreeMap<String, Filled>,
    /// The parts of the text, in order, in which a `<` begins no tag, since another file has them in the text of a script or
    /// style, in a comment or in an attribute.
    pub texts: Vec<Range<usize>>,
    /// The parts of the text whose surroundings in other files are unknown, or differ.
    pub unknown: Vec<Range<usize>>,
    /// The parts of the text that other files place in blocks whose output is kept, and whether they are nowhere else.
    pub kept: Vec<(Range<usize>, bool)>,
}

impl Callers {
    /// Whether they decide of a template in which this is open.
    #[cfg(feature = "cli")]
    pub(crate) fn decide(&self, open: Open) -> bool {
        let Self { file, macros, captured, named, texts, unknown, kept } = self;
        let has_gap = !kept.is_empty()
            || *file != Filled::Yes
            || macros.is_some()
            || *captured != Filled::Yes
            || !named.is_empty();
        !texts.is_empty() || has_gap && open.values || !unknown.is_empty() && open.surroundings
    }
}

/// The variable path of an expression: `request.csp_nonce` of `{{ request.csp_nonce }}`.
pub(crate) fn path(expression: &str) -> &str {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$');
    let code = expression.trim_start_matches(|c: char| !is_part(c));
    code.split(|c| !is_part(c)).next().unwrap_or_default()
}

/// Whether an expression calls a function by its name, as in `{{ csp_nonce('script') }}`.
fn is_function(expression: &str) -> bool {
    let path = path(expression);
    let behind = expression.split_once(path).map(|(_, behind)| behind);
    !path.is_empty() && !path.contains('.') && behind.is_some_and(|code| code.starts_with('('))
}

/// Whether a call gives the variable of an expression on, or all of them.
#[cfg(feature = "cli")]
pub(crate) fn gives(call: &Call, expression: &str) -> bool {
    if !call.is_isolated {
        return true;
    }
    let root = path(expression).split('.').next().unwrap_or_default();
    let mut found = call.given.match_indices(root);
    !root.is_empty()
        && found.any(|(at, _)| {
            let behind = call.given[at + root.len()..].trim_start();
            behind.starts_with(['=', ':'])
        })
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;
    use crate::template::{Dialect, Outline};

    #[test]
    fn paths_of_expressions() {
        for (expression, expected) in [
            ("{{ csp_nonce }}", "csp_nonce"),
            ("{{request.csp_nonce}}", "request.csp_nonce"),
            ("{{$.Nonce}}", "$.Nonce"),
            ("<%= cspNonce %>", "cspNonce"),
            ("{{ csp_nonce('script') }}", "csp_nonce"),
            ("{{}}", ""),
        ] {
            assert_eq!(path(expression), expected);
        }
    }

    #[test]
    fn a_function_is_called_by_its_name() {
        for (expression, expected) in [
            ("{{ csp_nonce('script') }}", true),
            ("{{csp_nonce()}}", true),
            ("{{ csp_nonce }}", false),
            ("{{ request.csp_nonce() }}", false),
            ("{{(index . \"nonce\")}}", false),
            ("{{}}", false),
        ] {
            assert_eq!(is_function(expression), expected, "{expression}");
        }
    }

    #[test]
    fn a_call_may_give_the_nonce_on() {
        for (source, expression, expected) in [
            ("{% include 'a' only %}", "{{ csp_nonce }}", false),
            ("{% include 'a' with csp_nonce=csp_nonce only %}", "{{ csp_nonce }}", true),
            ("{% include 'a' with b=csp_nonce only %}", "{{ csp_nonce }}", false),
            ("{% include 'a' with request=request only %}", "{{ request.csp_nonce }}", true),
            ("{% include 'a' with b=1 %}", "{{ csp_nonce }}", true),
        ] {
            let outline = Outline::of(Dialect::Django, source.as_bytes());
            let call = &outline.links.calls[0];
            assert_eq!(gives(call, expression), expected, "{source}");
        }
    }
}
