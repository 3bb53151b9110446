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
    let lists_hosts = directive
        .sources()
        .any(|(_, source)| matches!(source, SourceExpression::Scheme(_) | SourceExpression::Host(_)));
    let strict_dynamic = directive.has(Keyword::StrictDynamic);
    let inline = directive.has_nonce() || directive.has_hash();
    let advice = [
        (
            lists_hosts && !strict_dynamic,
            Code::NoStrictDynamic,
            "lists of hosts can often be got past",
            "use hashes or nonces with 'strict-dynamic'",
        ),
        (
            strict_dynamic && !inline,
            Code::LoneStrictDynamic,
            "'strict-dynamic' without a nonce or a hash blocks every script",
            "add the hashes or a nonce",
        ),
        (
            inline && !directive.has(Keyword::UnsafeInline),
            Code::NoInlineFallback,
            "browsers from before 2016, which know neither nonces nor hashes, block the inline scripts",
            "add 'unsafe-inline' for them, which all others ignore here, or leave it",
        ),
        (
            strict_dynamic && !lists_hosts,
            Code::NoAllowlistFallback,
            "browsers from before 2022, of which some do not know 'strict-dynamic', block what scripts load",
            "add https: and http: for them, which all others ignore here, or leave it",
        ),
    ];
    let place = (directive.name.name(), Some(directive.span.clone()));
    for (_, code, message, help) in advice.into_iter().filter(|(applies, ..)| *applies) {
        found.directive((code, None), place.clone(), message, help);
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
