//! Keywords that let injected text run: `'unsafe-inline'`, `'unsafe-hashes'`, `'unsafe-eval'`.

use super::channel::{Channel, Reading};
use super::weakness::Weaknesses;
use crate::finding::Code;
use crate::policy::Keyword;

pub(super) fn check(reading: &Reading<'_>, found: &mut Weaknesses) {
    const INLINE: &[Channel] = &[Channel::InlineElement, Channel::InlineAttribute];
    // A hash lets in what its author wrote, which is no hole that another policy could be asked to leave open.
    for (keyword, channels, is_hole, code, message, help) in [
        (
            Keyword::UnsafeInline,
            INLINE,
            true,
            Code::WeakUnsafeInline,
            "'unsafe-inline' lets every injected script and event handler run",
            "allow the scripts by hash or nonce and remove it",
        ),
        (
            Keyword::UnsafeHashes,
            INLINE,
            false,
            Code::WeakUnsafeHashes,
            "'unsafe-hashes' lets an injected event handler or javascript: URL run if its hash is listed",
            "replace the handlers by scripts with addEventListener and remove it",
        ),
        (
            Keyword::UnsafeEval,
            &[Channel::Eval],
            true,
            Code::WeakUnsafeEval,
            "'unsafe-eval' lets texts that reach eval() and its kin run",
            "replace eval(), new Function() and timers with texts, and remove it",
        ),
    ] {
        for channel in channels {
            let opens = is_hole.then_some(*channel);
            let Some((directive, sources)) = reading.in_force(*channel) else {
                continue;
            };
            for (word, _) in sources.iter().filter(|(word, _)| word.meaning.is(keyword)) {
                found.value((code, opens), directive, word, message, help);
            }
        }
    }
}
