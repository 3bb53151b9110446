//! `php`: the header by hand, in plain PHP.
//!
//! Run: PHP 8.2. Dollar signs are escaped, since the strings hold a variable.

use std::io::{self, Write};

use super::nonce::NonceSpelling;
use super::words::parts;
use crate::nonce::NonceSource;
use crate::policy::Policy;
use crate::target::quote::{Language, string_content};

/// `header(…)` and the nonce it and the page read.
#[derive(Debug)]
pub struct Php;

impl NonceSpelling for Php {
    fn name(&self) -> &'static str {
        "php"
    }

    fn about(&self) -> &'static str {
        "header() in plain PHP"
    }

    fn emit(&self, policy: &Policy, nonce: &NonceSource, out: &mut dyn Write) -> io::Result<()> {
        write(policy, Some(nonce), out)
    }
}

/// The statements; without a nonce for a policy of hashes.
pub(in crate::target) fn write(
    policy: &Policy,
    nonce: Option<&NonceSource>,
    out: &mut dyn Write,
) -> io::Result<()> {
    out.write_all(b"<?php\n// Before anything is printed, in the scope of the template.\n")?;
    if nonce.is_some() {
        out.write_all(b"$cspNonce = base64_encode(random_bytes(16));\n")?;
    }
    out.write_all(b"header(\"Content-Security-Policy: \" . implode(\"; \", [\n")?;
    for part in parts(policy, nonce, &[]) {
        let line = part.line("'nonce-{$cspNonce}'", |word| {
            string_content(Language::Php, word)
        });
        writeln!(out, "    \"{line}\",")?;
    }
    out.write_all(b"]));\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::nonce::tests::{HOSTILE, PLAIN, text};

    #[test]
    fn the_header_holds_the_variable() {
        assert_eq!(
            text(&Php, PLAIN),
            r#"<?php
// Before anything is printed, in the scope of the template.
$cspNonce = base64_encode(random_bytes(16));
header("Content-Security-Policy: " . implode("; ", [
    "default-src 'self'",
    "script-src 'self' 'strict-dynamic' 'nonce-{$cspNonce}'",
    "style-src 'nonce-{$cspNonce}'",
    "object-src 'none'",
    "upgrade-insecure-requests",
    "sandbox",
]));
"#
        );
    }

    #[test]
    fn no_other_variable_is_read() {
        let text = text(&Php, HOSTILE);
        assert!(
            text.contains(
                r#"    "report-uri /r?a=\$b&c=%25&d=#{e}&f=`g`&h=\\n&i=\${j}&k=\$NONCE&l=%[1]s&m=%kernel.x%&n={o} /second","#
            ),
            "{text}"
        );
    }
}
