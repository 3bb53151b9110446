//! `laravel`: a preset for spatie/laravel-csp 3.
//!
//! Read in its sources (`Policy`, `Preset`; `Directive` as it was before version 3), not run but for PHP's syntax
//! check. A directive is made first and its nonce added to it, so that it stays when `csp.nonce_enabled`
//! switches nonces off.

use std::io::{self, Write};

use super::nonce::NonceSpelling;
use super::words::{Layout, left_out, list, parts};
use crate::nonce::NonceSource;
use crate::policy::{DirectiveName, Policy};
use crate::target::quote::{Language, string};

/// A class that spatie/laravel-csp takes as a preset.
#[derive(Debug)]
pub struct Laravel;

const ARRAY: Layout = Layout {
    open: "[",
    close: "]",
    indent: "    ",
};

impl NonceSpelling for Laravel {
    fn name(&self) -> &'static str {
        "laravel"
    }

    fn about(&self) -> &'static str {
        "a preset for spatie/laravel-csp 3"
    }

    fn unknown_directives(&self) -> &'static [DirectiveName] {
        &[
            DirectiveName::FencedFrameSrc,
            DirectiveName::NavigateTo,
            DirectiveName::Webrtc,
            DirectiveName::TrustedTypes,
            DirectiveName::RequireSriFor,
        ]
    }

    fn emit(&self, policy: &Policy, nonce: &NonceSource, out: &mut dyn Write) -> io::Result<()> {
        write(policy, Some(nonce), self.unknown_directives(), out)
    }
}

/// The preset; without a nonce for a policy of hashes.
pub(in crate::target) fn write(
    policy: &Policy,
    nonce: Option<&NonceSource>,
    unknown: &[DirectiveName],
    out: &mut dyn Write,
) -> io::Result<()> {
    out.write_all(
        br"<?php
// app/Csp/SitePreset.php, for spatie/laravel-csp 3. In config/csp.php:
// 'presets' => [App\Csp\SitePreset::class]
",
    )?;
    out.write_all(left_out(policy, unknown, "//").as_bytes())?;
    out.write_all(
        br"
namespace App\Csp;

use Spatie\Csp\Directive;
use Spatie\Csp\Policy;
use Spatie\Csp\Preset;
use Spatie\Csp\Value;

class SitePreset implements Preset
{
    public function configure(Policy $policy): void
    {
",
    )?;
    for part in parts(policy, nonce, unknown) {
        let directive = format!("Directive::from(\"{}\")", part.name);
        let words: Vec<_> = part
            .texts()
            .map(|word| string(Language::Php, word))
            .collect();
        let head = format!("        $policy->add({directive}, ");
        let statement = match words.len() {
            0 => format!("{head}Value::NO_VALUE);\n"),
            _ => list(&head, ARRAY, &words, ");"),
        };
        out.write_all(statement.as_bytes())?;
        if part.has_nonce() {
            writeln!(out, "        $policy->addNonce({directive});")?;
        }
    }
    out.write_all(b"    }\n}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::nonce::tests::{HOSTILE, PLAIN, text};

    #[test]
    fn laravel_is_given_a_preset() {
        let text = text(&Laravel, PLAIN);
        let (_, body) = text.split_once("): void\n    {\n").unwrap();
        assert_eq!(
            body,
            r#"        $policy->add(Directive::from("default-src"), ["'self'"]);
        $policy->add(Directive::from("script-src"), ["'self'", "'strict-dynamic'"]);
        $policy->addNonce(Directive::from("script-src"));
        $policy->add(Directive::from("style-src"), Value::NO_VALUE);
        $policy->addNonce(Directive::from("style-src"));
        $policy->add(Directive::from("object-src"), ["'none'"]);
        $policy->add(Directive::from("upgrade-insecure-requests"), Value::NO_VALUE);
        $policy->add(Directive::from("sandbox"), Value::NO_VALUE);
    }
}
"#
        );
    }

    #[test]
    fn no_variable_is_read() {
        let text = text(&Laravel, HOSTILE);
        assert!(
            text.contains(
                r#"            "/r?a=\$b&c=%25&d=#{e}&f=`g`&h=\\n&i=\${j}&k=\$NONCE&l=%[1]s&m=%kernel.x%&n={o}","#
            ),
            "{text}"
        );
    }
}
