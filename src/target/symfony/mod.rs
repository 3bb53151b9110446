//! `symfony`: the configuration of NelmioSecurityBundle.
//!
//! Read in its sources (3.x: `Configuration`, `DirectiveSet`, `ContentSecurityPolicyListener`, `ContentSecurityPolicyParser`), not run.
//! The bundle adds the nonce by itself to `script-src` or `style-src`, whichever a page asked for, and so
//! nothing here names it. It adds `'unsafe-inline'` too unless `level1_fallback` is off, and forgets a
//! directive whose list is empty: `'report-sample'`, which allows nothing, keeps it.

use std::io::{self, Write};

use super::nonce::NonceSpelling;
use super::words::{left_out, parts};
use crate::nonce::NonceSource;
use crate::policy::{DirectiveName, Policy};
use crate::target::quote::{Language, string};

/// `config/packages/nelmio_security.yaml`.
#[derive(Debug)]
pub struct Symfony;

impl NonceSpelling for Symfony {
    fn name(&self) -> &'static str {
        "symfony"
    }

    fn about(&self) -> &'static str {
        "config/packages/nelmio_security.yaml for NelmioSecurityBundle 3"
    }

    fn unknown_directives(&self) -> &'static [DirectiveName] {
        &[
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
        ]
    }

    fn emit(&self, policy: &Policy, nonce: &NonceSource, out: &mut dyn Write) -> io::Result<()> {
        write(policy, Some(nonce), self.unknown_directives(), out)
    }
}

/// The configuration; without a nonce for a policy of hashes.
pub(in crate::target) fn write(
    policy: &Policy,
    nonce: Option<&NonceSource>,
    unknown: &[DirectiveName],
    out: &mut dyn Write,
) -> io::Result<()> {
    out.write_all(b"# config/packages/nelmio_security.yaml, for NelmioSecurityBundle 3\n")?;
    out.write_all(left_out(policy, unknown, "#").as_bytes())?;
    out.write_all(
        b"nelmio_security:\n    csp:\n        enabled: true\n        compat_headers: false\n        \
          enforce:\n            level1_fallback: false\n",
    )?;
    for part in parts(policy, nonce, unknown) {
        let switch = matches!(
            part.name,
            DirectiveName::UpgradeInsecureRequests | DirectiveName::BlockAllMixedContent
        );
        if switch {
            writeln!(out, "            {}: true", part.name)?;
            continue;
        }
        // Between percent signs Symfony looks for a parameter of the container.
        let mut words: Vec<_> = part
            .texts()
            .map(|word| string(Language::Yaml, &word.replace('%', "%%")))
            .collect();
        if words.is_empty() {
            words.push(string(Language::Yaml, "'report-sample'"));
        }
        if part.name == DirectiveName::ReportTo {
            writeln!(out, "            {}: {}", part.name, words.join(" "))?;
            continue;
        }
        writeln!(out, "            {}:", part.name)?;
        for word in words {
            writeln!(out, "                - {word}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::nonce::tests::{HOSTILE, PLAIN, text};

    #[test]
    fn the_bundle_is_given_yaml_without_the_nonce() {
        assert_eq!(
            text(&Symfony, PLAIN),
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
        let text = text(&Symfony, "report-to main; script-src 'nonce-N'");
        assert!(text.contains("            report-to: \"main\"\n"), "{text}");
    }

    #[test]
    fn percent_signs_name_no_parameter() {
        let text = text(&Symfony, HOSTILE);
        assert!(
            text.contains(
                r#"                - "/r?a=$b&c=%%25&d=#{e}&f=`g`&h=\\n&i=${j}&k=$NONCE&l=%%[1]s&m=%%kernel.x%%&n={o}""#
            ),
            "{text}"
        );
    }
}
