//! Advice towards a strict policy: nonces or hashes, `'strict-dynamic'`, fallbacks, Trusted Types.

use super::channel::{Channel, Reading};
use super::weakness::Weaknesses;
use crate::finding::Code;
use crate::policy::{DirectiveName, Keyword, SourceExpression};

pub(super) fn check(reading: &Reading<'_>, found: &mut Weaknesses) {
    trusted_types(reading, found);
    let Some(directive) = reading.governing(Channel::ScriptUrl) else {
        return;
    };
    let lists_hosts = directive.sources().any(|(_, source)| {
        matches!(
            source,
            SourceExpression::Scheme(_) | SourceExpression::Host(_)
        )
    });
    let strict_dynamic = directive.has(Keyword::StrictDynamic);
    let inline = directive.has_nonce() || directive.has_hash();
    if lists_hosts && !strict_dynamic {
        found.directive(
            (Code::NoStrictDynamic, None),
            directive.place(),
            "lists of hosts can often be got past",
            "use hashes or nonces with 'strict-dynamic'",
        );
    }
    if strict_dynamic && !inline {
        found.directive(
            (Code::LoneStrictDynamic, None),
            directive.place(),
            "'strict-dynamic' without a nonce or a hash blocks every script",
            "add the hashes or a nonce",
        );
    }
    if inline && !directive.has(Keyword::UnsafeInline) {
        found.directive(
            (Code::NoInlineFallback, None),
            directive.place(),
            "browsers from before 2016, which know neither nonces nor hashes, block the inline scripts",
            "add 'unsafe-inline' for them, which all others ignore here, or leave it",
        );
    }
    if strict_dynamic && !lists_hosts {
        found.directive(
            (Code::NoAllowlistFallback, None),
            directive.place(),
            "browsers from before 2022, of which some do not know 'strict-dynamic', block what scripts load",
            "add https: and http: for them, which all others ignore here, or leave it",
        );
    }
}

fn trusted_types(reading: &Reading<'_>, found: &mut Weaknesses) {
    let directive = reading.directive(DirectiveName::RequireTrustedTypesFor);
    if !directive.is_some_and(|d| d.words.iter().any(|value| value.text == "'script'")) {
        found.directive(
            (Code::NoTrustedTypes, None),
            ("require-trusted-types-for", None),
            "texts that reach innerHTML and its kin become markup",
            "add require-trusted-types-for 'script' once the scripts are ready for it",
        );
    }
}
