//! `laravel`: a preset for spatie/laravel-csp 3.
//!
//! Read in its sources (`Policy`, `Preset`, `Directive`, `AddCspHeaders` and `CspServiceProvider` of 3.0 to 3.27), not run but for PHP's syntax
//! check. The function `csp_nonce` is in version 2 only. A directive is made first and its nonce added to it, so that it stays when `csp.nonce_enabled`
//! switches nonces off. The preset is a class, and so a file of its own. `AddCspHeaders` makes the enforced policy first,
//! so that a second class in the file is known by the time it is needed.

use super::quote::Language;
use super::words::{Layout, left_out, list, refuse_words};
use super::{Disposition, Expression, NonceTemplates, SentPolicy, Target};
use crate::error::Result;
use crate::policy::DirectiveName;
use crate::template::Dialect;

pub(super) static LARAVEL: Target = Target {
    comment: None,
    templates: Some(&NonceTemplates {
        aliases: &["spatie"],
        ..NonceTemplates::new(
            "laravel",
            "Laravel with spatie/laravel-csp 3",
            &[Expression::new(Dialect::Blade, "{{ app('csp-nonce') }}")],
        )
    }),
    unknown_directives: &[
        DirectiveName::FencedFrameSrc,
        DirectiveName::NavigateTo,
        DirectiveName::Webrtc,
        DirectiveName::TrustedTypes,
        DirectiveName::RequireSriFor,
    ],
    write: Some(write),
    ..Target::framework("laravel", "a preset for spatie/laravel-csp 3")
};

fn write(sent: &[SentPolicy<'_>]) -> Result<String> {
    let unknown = LARAVEL.unknown_directives;
    for sent in sent.iter().filter(|sent| sent.nonce.is_none()) {
        refuse_words(LARAVEL.name, sent.policy, is_changed, " or for nothing")?;
    }
    let mut out = "<?php\n// app/Csp/SitePreset.php, for spatie/laravel-csp 3. In config/csp.php:\n".to_owned();
    let classes = ["SitePreset", "SiteReportOnlyPreset"];
    for (sent, class) in sent.iter().zip(classes) {
        let presets = match sent.disposition {
            Disposition::Enforce => "presets",
            Disposition::Report => "report_only_presets",
        };
        out.push_str(&format!("// '{presets}' => [App\\Csp\\{class}::class]\n"));
    }
    if sent.len() > 1 {
        out.push_str("// Both classes stay in this file: it is loaded for the first, which the package needs first.\n");
    }
    for sent in sent {
        out.push_str(&left_out(sent.policy, unknown, "//"));
    }
    out.push_str(HEAD);
    for (sent, class) in sent.iter().zip(classes) {
        out.push_str(&preset(sent, class, unknown));
    }
    Ok(out)
}

/// A class with the directives but for those that are unknown.
fn preset(sent: &SentPolicy<'_>, class: &str, unknown: &[DirectiveName]) -> String {
    let mut out =
        format!("\nclass {class} implements Preset\n{{\n    public function configure(Policy $policy): void\n    {{\n");
    for part in sent.parts(unknown) {
        let directive = format!("Directive::from(\"{}\")", part.name);
        let head = format!("        $policy->add({directive}, ");
        out += &match &part.strings(Language::Php)[..] {
            [] => format!("{head}Value::NO_VALUE);\n"),
            words => list(&head, Layout::ARRAY, words, ");"),
        };
        if part.has_nonce() {
            out.push_str(&format!("        $policy->addNonce({directive});\n"));
        }
    }
    out.push_str("    }\n}\n");
    out
}

const HEAD: &str = r"
namespace App\Csp;

use Spatie\Csp\Directive;
use Spatie\Csp\Policy;
use Spatie\Csp\Preset;
use Spatie\Csp\Value;
";

/// Words that the package takes for hashes without their quotes, and the one that is false in PHP.
fn is_changed(word: &str) -> bool {
    let prefixes = ["sha256-", "sha384-", "sha512-"];
    word == "0" || prefixes.iter().any(|prefix| word.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tests::fixture::{HOSTILE, ONE, PLAIN, enforced, only_reported, text};

    #[test]
    fn without_a_nonce_laravel_is_given_a_preset() {
        assert_eq!(
            enforced(&LARAVEL),
            format!(
                r#"<?php
// app/Csp/SitePreset.php, for spatie/laravel-csp 3. In config/csp.php:
// 'presets' => [App\Csp\SitePreset::class]

namespace App\Csp;

use Spatie\Csp\Directive;
use Spatie\Csp\Policy;
use Spatie\Csp\Preset;
use Spatie\Csp\Value;

class SitePreset implements Preset
{{
    public function configure(Policy $policy): void
    {{
        $policy->add(Directive::from("default-src"), ["'self'"]);
        $policy->add(Directive::from("script-src"), [
            "'self'",
            "{ONE}",
        ]);
        $policy->add(Directive::from("img-src"), ["*"]);
        $policy->add(Directive::from("upgrade-insecure-requests"), Value::NO_VALUE);
    }}
}}
"#
            )
        );
        assert_eq!(only_reported(&LARAVEL), enforced(&LARAVEL).replace("'presets'", "'report_only_presets'"));
    }

    #[test]
    fn laravel_is_given_a_preset() {
        let text = text(&LARAVEL, PLAIN);
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
        let text = text(&LARAVEL, HOSTILE);
        assert!(
            text.contains(
                r#"            "/r?a=\$b&c=%25&d=#{e}&f=`g`&h=\\n&i=\${j}&k=\$NONCE&l=%[1]s&m=%kernel.x%&n={o}","#
            ),
            "{text}"
        );
    }
}
