//! What merging changes beside what was asked for, as data for findings. Knows directive names only.

use super::directive::DirectiveName;
use crate::finding::{Code, Finding};

/// What merging changed beyond allowing what was asked for.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PolicyChange {
    /// The directive had an `'unsafe-inline'` in force, which a hash or nonce now
    /// [switches off](https://www.w3.org/TR/CSP3/#allow-all-inline).
    UnsafeInlineDisabled {
        /// The directive the hash went to.
        directive: DirectiveName,
        /// Where its sources were copied from, if it is new.
        copied_from: Option<DirectiveName>,
    },
    /// The directive had an `'inline-speculation-rules'` in force, which a hash or nonce now switches off: run on Chromium 156.
    SpeculationRulesDisabled {
        /// The directive the hash went to.
        directive: DirectiveName,
        /// Where its sources were copied from, if it is new.
        copied_from: Option<DirectiveName>,
    },
    /// The directive is new and nothing governed its resources before, in a policy that is not empty.
    NewRestriction {
        /// The new directive.
        directive: DirectiveName,
    },
    /// The hash of the empty string went into a script directive, where it has been a bypass for
    /// external scripts in WebKit.
    EmptyHashInScript {
        /// The directive the hash went to.
        directive: DirectiveName,
    },
}

impl PolicyChange {
    /// The change as a finding about the policy.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let (code, message, help) = match self {
            Self::UnsafeInlineDisabled { directive, copied_from } => (
                Code::UnsafeInlineDisabled,
                switched_off("unsafe-inline", *directive, *copied_from),
                format!("take 'unsafe-inline' out of {directive}; whatever only it allowed is blocked now"),
            ),
            Self::SpeculationRulesDisabled { directive, copied_from } => (
                Code::SpeculationRulesDisabled,
                switched_off("inline-speculation-rules", *directive, *copied_from),
                format!(
                    "take 'inline-speculation-rules' out of {directive}; rules that are not in the pages are blocked now"
                ),
            ),
            Self::NewRestriction { directive } => (
                Code::NewRestriction,
                format!("{directive} is new and restricts what nothing restricted before"),
                format!("name what else the site loads in {directive}, or give the base a default-src"),
            ),
            Self::EmptyHashInScript { directive } => (
                Code::EmptyHash,
                format!("the hash of the empty string is in {directive}"),
                "remove the empty event-handler attribute: it does nothing".to_owned(),
            ),
        };
        Finding::new(code, message, help)
    }
}

fn switched_off(keyword: &str, directive: DirectiveName, copied_from: Option<DirectiveName>) -> String {
    let copied = copied_from.map(|from| format!(" (copied from {from})"));
    format!("what was added to {directive} switches its '{keyword}' off{}", copied.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_unsafe_inline_is_said_to_be_copied() {
        let directive = DirectiveName::ScriptSrc;
        let own = PolicyChange::UnsafeInlineDisabled { directive, copied_from: None };
        let copied = PolicyChange::UnsafeInlineDisabled { directive, copied_from: Some(DirectiveName::DefaultSrc) };
        assert_eq!(own.finding().message, "what was added to script-src switches its 'unsafe-inline' off");
        assert!(copied.finding().message.ends_with("(copied from default-src)"));
    }
}
