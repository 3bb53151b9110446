//! Keywords that let injected text run: `'unsafe-inline'`, `'unsafe-hashes'`, `'unsafe-eval'`.

use super::channel::{Channel, Reading};
use super::weakness::Weaknesses;
use crate::finding::Code;
use crate::policy::{Keyword, SourceExpression};

pub(super) fn check(reading: &Reading<'_>, found: &mut Weaknesses) {
    use Channel::{Eval, InlineAttribute, InlineElement};
    keyword(reading, found, InlineElement, Keyword::UnsafeInline);
    keyword(reading, found, InlineAttribute, Keyword::UnsafeInline);
    keyword(reading, found, InlineElement, Keyword::UnsafeHashes);
    keyword(reading, found, InlineAttribute, Keyword::UnsafeHashes);
    keyword(reading, found, Eval, Keyword::UnsafeEval);
}

fn keyword(reading: &Reading<'_>, found: &mut Weaknesses, channel: Channel, keyword: Keyword) {
    let Some((directive, sources)) = reading.in_force(channel) else {
        return;
    };
    let (code, message, help) = match keyword {
        Keyword::UnsafeInline => (
            Code::WeakUnsafeInline,
            "'unsafe-inline' lets every injected script and event handler run",
            "allow the scripts by hash or nonce and remove it",
        ),
        Keyword::UnsafeHashes => (
            Code::WeakUnsafeHashes,
            "'unsafe-hashes' lets an injected event handler or javascript: URL run if its hash is listed",
            "replace the handlers by scripts with addEventListener and remove it",
        ),
        _ => (
            Code::WeakUnsafeEval,
            "'unsafe-eval' lets texts that reach eval() and its kin run",
            "replace eval(), new Function() and timers with texts, and remove it",
        ),
    };
    // A hash lets in what its author wrote, which is no hole that another policy could be asked to leave open.
    let opens = (keyword != Keyword::UnsafeHashes).then_some(channel);
    for (value, source) in sources {
        if *source == SourceExpression::Keyword(keyword) {
            found.value((code, opens), directive, value, message, help);
        }
    }
}
