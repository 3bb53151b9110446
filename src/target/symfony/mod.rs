//! `symfony`: the configuration of NelmioSecurityBundle.
//!
//! Read in its sources (3.x: `Configuration`, `DirectiveSet`, `ContentSecurityPolicyListener`, `ContentSecurityPolicyParser`), not run.
//! The bundle adds the nonce by itself to `script-src` or `style-src`, whichever a page asked for, and so
//! nothing here names it. It adds `'unsafe-inline'` too unless `level1_fallback` is off, and forgets a
//! directive whose list is empty: `'report-sample'`, which allows nothing, keeps it. It does the same with a list that is
//! equal to that of `default-src`, although workers and frames fall back to other directives first.

use super::block::replace_block;
use super::quote::{Language, string};
use super::words::{Part, left_out, refuse_words};
use super::{Disposition, Expression, NonceTemplates, SentPolicy, Target};
use crate::edit::nonce::NonceBinding;
use crate::error::{Error, ErrorKind, Remedy, Result};
use crate::policy::{DirectiveName, InlineCheckType, SourceExpression};
use crate::template::Dialect;

/// The bundle's key, of which a file has one.
const KEY: &str = "nelmio_security:";

/// The directives that `default-src` governs last.
const FALL_BACK: [DirectiveName; 3] = [DirectiveName::ChildSrc, DirectiveName::FrameSrc, DirectiveName::WorkerSrc];

pub(super) static SYMFONY: Target = Target {
    templates: Some(&NonceTemplates {
        aliases: &["nelmio"],
        omits_unused: true,
        ..NonceTemplates::new(
            "symfony",
            "Symfony with NelmioSecurityBundle 3",
            &[Expression {
                dialect: Dialect::Twig,
                script: "{{ csp_nonce('script') }}",
                style: "{{ csp_nonce('style') }}",
                binding: NonceBinding::GLOBAL,
            }],
        )
    }),
    unknown_directives: &[
        DirectiveName::ScriptSrcElem,
        DirectiveName::ScriptSrcAttr,
        DirectiveName::StyleSrcElem,
        DirectiveName::StyleSrcAttr,
        DirectiveName::FencedFrameSrc,
        DirectiveName::NavigateTo,
        DirectiveName::Sandbox,
        DirectiveName::Webrtc,
        DirectiveName::RequireTrustedTypesFor,
        DirectiveName::TrustedTypes,
        DirectiveName::RequireSriFor,
    ],
    write: Some(write),
    fits: Some(|_, existing| check_key(existing)),
    ..Target::framework("symfony", "config/packages/nelmio_security.yaml for NelmioSecurityBundle 3")
};

fn write(sent: &[SentPolicy<'_>]) -> Result<String> {
    let unknown = SYMFONY.unknown_directives;
    for sent in sent.iter().filter(|sent| sent.nonce.is_none()) {
        refuse_words(SYMFONY.name, sent.policy, is_keyword, " and adds them")?;
    }
    refuse_shared_nonce(sent)?;
    let lost = sent.iter().map(|sent| left_out(sent.policy, unknown, "#"));
    let mut out = format!(
        "# config/packages/nelmio_security.yaml, for NelmioSecurityBundle 3\n{}\
         {KEY}\n    csp:\n        enabled: true\n        compat_headers: false\n",
        lost.collect::<String>()
    );
    for sent in sent {
        let parts = sent.parts(unknown);
        let default = parts.iter().find(|p| p.name == DirectiveName::DefaultSrc);
        let kind = match sent.disposition {
            Disposition::Enforce => "enforce",
            Disposition::Report => "report",
        };
        out.push_str(&format!("        {kind}:\n            level1_fallback: false\n"));
        out.extend(parts.iter().map(|part| setting(part, default)));
    }
    Ok(out)
}

/// Rejects a file that has the key of the block, too.
fn check_key(existing: &[u8]) -> Result<()> {
    let rest = replace_block(existing, "#", b"")?;
    let mut lines = rest.split(|b| *b == b'\n');
    if lines.any(|line| line.starts_with(KEY.as_bytes())) {
        let message =
            format!("the file has a `{KEY}` of its own, and YAML takes one; name another file of config/packages");
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    Ok(())
}

/// Rejects a nonce for one policy where another has an `'unsafe-inline'` that it would switch off: the bundle adds the
/// nonce to both.
fn refuse_shared_nonce(sent: &[SentPolicy<'_>]) -> Result<()> {
    for check in [InlineCheckType::Script, InlineCheckType::Style] {
        let directive = |sent: &SentPolicy<'_>| sent.policy.effective_directive(check).cloned();
        let names = |sent: &SentPolicy<'_>| {
            let nonce = sent.nonce.cloned().map(SourceExpression::Nonce);
            directive(sent).zip(nonce).is_some_and(|(d, n)| d.sources().contains(&n))
        };
        let open = sent.iter().find_map(|sent| {
            let open = directive(sent).filter(|_| sent.policy.allows_all_inline(check));
            // With that in default-src alone the bundle adds no directive.
            open.filter(|open| open.name() != DirectiveName::DefaultSrc)
        });
        if let Some(open) = open.filter(|_| sent.iter().any(names)) {
            let message = format!(
                "symfony adds the nonce of the pages to both policies, which switches 'unsafe-inline' off in {} of the one without it; remove it there",
                open.name()
            );
            return Err(Error::new(ErrorKind::Unsupported, message).with_remedy(Remedy::OnePolicy));
        }
    }
    Ok(())
}

fn setting(part: &Part, default: Option<&Part>) -> String {
    let name = part.name;
    if matches!(name, DirectiveName::UpgradeInsecureRequests | DirectiveName::BlockAllMixedContent) {
        return format!("            {name}: true\n");
    }
    // Between percent signs Symfony looks for a parameter of the container.
    let mut words: Vec<_> = part.texts().map(|word| string(Language::Yaml, &word.replace('%', "%%"))).collect();
    let is_default = default.is_some_and(|default| default.words == part.words);
    if words.is_empty() || (is_default && FALL_BACK.contains(&name)) {
        words.push(string(Language::Yaml, "'report-sample'"));
    }
    if name == DirectiveName::ReportTo {
        return format!("            {name}: {}\n", words.join(" "));
    }
    let words = words.iter().map(|word| format!("                - {word}\n"));
    format!("            {name}:\n{}", words.collect::<String>())
}

/// Words that the bundle takes for keywords without their quotes.
fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 9] = [
        "self",
        "unsafe-inline",
        "unsafe-eval",
        "wasm-unsafe-eval",
        "strict-dynamic",
        "unsafe-hashes",
        "report-sample",
        "unsafe-allow-redirects",
        "none",
    ];
    KEYWORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Scope;
    use crate::target::print_into;
    use crate::target::tests::fixture::{
        BASE, HOSTILE, ONE, PAGES, PLAIN, both, deployed, enforced, only_reported, text,
    };

    #[test]
    fn without_a_nonce_the_bundle_is_given_yaml() {
        assert_eq!(
            enforced(&SYMFONY),
            format!(
                r#"# config/packages/nelmio_security.yaml, for NelmioSecurityBundle 3
nelmio_security:
    csp:
        enabled: true
        compat_headers: false
        enforce:
            level1_fallback: false
            default-src:
                - "'self'"
            script-src:
                - "'self'"
                - "{ONE}"
            img-src:
                - "*"
            upgrade-insecure-requests: true
"#
            )
        );
        assert_eq!(only_reported(&SYMFONY), enforced(&SYMFONY).replace("enforce:", "report:"));
    }

    #[test]
    fn a_list_like_the_default_s_is_kept_where_another_directive_would_govern() {
        let text = text(&SYMFONY, "default-src 'self'; script-src 'self' a.test; worker-src 'self'; img-src 'self'");
        assert!(
            text.ends_with(
                "            worker-src:\n                - \"'self'\"\n                - \"'report-sample'\"\n            img-src:\n                - \"'self'\"\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn what_the_bundle_drops_is_refused_in_a_block_too() {
        let merged = deployed("sandbox", PAGES, Scope::Site, |deployment| print_into(&SYMFONY, deployment, b""));
        assert_eq!(merged.unwrap_err().kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn a_second_key_of_the_bundle_is_refused() {
        let into = |existing: &str| {
            deployed(BASE, PAGES, Scope::Site, |deployment| print_into(&SYMFONY, deployment, existing.as_bytes()))
        };
        let once = into("a: b\n").unwrap();
        assert_eq!(into(std::str::from_utf8(&once).unwrap()).unwrap(), once);
        assert!(into("when@dev:\n    nelmio_security:\n").is_ok());
        let error = into("nelmio_security:\n    csp: {}\n").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn the_bundle_is_given_yaml_without_the_nonce() {
        assert_eq!(
            text(&SYMFONY, PLAIN),
            r#"# config/packages/nelmio_security.yaml, for NelmioSecurityBundle 3
# sandbox is left out: it is not known here.
nelmio_security:
    csp:
        enabled: true
        compat_headers: false
        enforce:
            level1_fallback: false
            default-src:
                - "'self'"
            script-src:
                - "'self'"
                - "'strict-dynamic'"
            style-src:
                - "'report-sample'"
            object-src:
                - "'none'"
            upgrade-insecure-requests: true
"#
        );
    }

    #[test]
    fn an_endpoint_is_no_list() {
        let text = text(&SYMFONY, "report-to main; script-src 'nonce-N'");
        assert!(text.contains("            report-to: \"main\"\n"), "{text}");
    }

    #[test]
    fn percent_signs_name_no_parameter() {
        let text = text(&SYMFONY, HOSTILE);
        assert!(
            text.contains(
                r#"                - "/r?a=$b&c=%%25&d=#{e}&f=`g`&h=\\n&i=${j}&k=$NONCE&l=%%[1]s&m=%%kernel.x%%&n={o}""#
            ),
            "{text}"
        );
    }

    #[test]
    fn a_nonce_that_would_close_the_enforced_policy_is_refused() {
        let strict = "script-src 'nonce-N' 'strict-dynamic'";
        for (enforced, is_refused) in [
            ("script-src 'self' 'unsafe-inline'", true),
            ("default-src 'self' 'unsafe-inline'", false),
            ("script-src 'self'; style-src 'unsafe-inline'", false),
        ] {
            let text = both(&SYMFONY, enforced, strict);
            assert_eq!(text.is_err(), is_refused, "{enforced}");
            let Err(error) = text else { continue };
            assert!(error.to_string().contains("script-src"), "{error}");
            assert!(matches!(error.remedies(), [Remedy::OnePolicy]));
        }
    }
}
