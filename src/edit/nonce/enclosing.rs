//! The blocks that enclose each place of a template, and whether conditions and outputs need a true name.

use std::cmp::Reverse;

use crate::template::{Block, BlockKind};

/// The blocks that enclose a place, as indexes.
#[derive(Clone, Copy, Default)]
pub(super) struct Enclosing {
    pub(super) is_cached: bool,
    /// The innermost macro or named template, or the text of a variable outside of them.
    pub(super) owner: Option<usize>,
    /// The innermost branch that is taken if the variable is true.
    pub(super) condition: Option<usize>,
}

/// The enclosing blocks behind each place where they change, in order.
pub(super) struct Bounds(Vec<(usize, Enclosing)>);

impl Bounds {
    /// Of blocks each of which lies in another one or apart from it.
    pub(super) fn new(blocks: &[Block], name: &str) -> Self {
        let mut order: Vec<usize> = (0..blocks.len()).collect();
        order.sort_by_key(|at| (blocks[*at].range.start, Reverse(blocks[*at].range.end)));
        let mut bounds = Vec::new();
        // Where the blocks end that have begun, and what encloses what is in them.
        let mut open: Vec<(usize, Enclosing)> = Vec::new();
        let leave = |open: &mut Vec<(usize, Enclosing)>, bounds: &mut Vec<_>, before: usize| {
            while let Some((end, _)) = open.pop_if(|(end, _)| *end <= before) {
                let outer = open.last().map(|(_, outer)| *outer).unwrap_or_default();
                bounds.push((end, outer));
            }
        };
        for at in order {
            let Block { kind, range } = &blocks[at];
            leave(&mut open, &mut bounds, range.start);
            let mut inner = open.last().map(|(_, outer)| *outer).unwrap_or_default();
            match kind {
                BlockKind::Cached => inner.is_cached = true,
                BlockKind::Macro(_) | BlockKind::Named(_) => inner.owner = Some(at),
                BlockKind::Captured => inner.owner = inner.owner.or(Some(at)),
                BlockKind::If { condition, .. } if tests(condition, name) => {
                    inner.condition = Some(at);
                }
                BlockKind::If { .. } => {}
            }
            bounds.push((range.start, inner));
            open.push((range.end, inner));
        }
        leave(&mut open, &mut bounds, usize::MAX);
        Self(bounds)
    }

    /// The blocks that enclose an offset.
    pub(super) fn at(&self, offset: usize) -> Enclosing {
        let before = self.0.partition_point(|(at, _)| *at <= offset);
        let last = self.0[..before].last();
        last.map(|(_, enclosing)| *enclosing).unwrap_or_default()
    }
}

/// The words of some code: names, operators and filters.
pub(super) fn words(code: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '=' | '!' | '<' | '>' | '|' | ':');
    code.split(move |c| !is_part(c)).filter(|word| !word.is_empty())
}

/// Whether a condition is true only if this name is.
fn tests(condition: &str, name: &str) -> bool {
    let words: Vec<&str> = words(condition).collect();
    (0..words.len()).any(|at| {
        let before = at.checked_sub(1).map(|before| words[before]);
        let behind = words.get(at + 1).copied();
        words[at] == name && matches!(before, None | Some("and")) && matches!(behind, None | Some("and"))
    })
}

/// Whether an output writes this name only if it is true: `{{ a|default:"" }}`, `{{ a or "" }}`, `{{ a if a }}`.
pub(super) fn chooses(code: &str, name: &str) -> bool {
    let words: Vec<&str> = words(code).collect();
    let is_tested = words.windows(2).any(|pair| pair == [name, "or"] || pair == ["if", name]);
    is_tested || words.iter().any(|word| word.strip_prefix(name).is_some_and(|rest| rest.starts_with("|default:")))
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
