//! `django`, `django-csp` and `django-csp3`: settings for Django's own middleware and for the package it learnt from.
//!
//! Run: Django 6.1 (Python 3.12), django-csp 4.0 and 3.8 with Django 5.2. Django drops a directive whose list is
//! empty once a nonce that no page asked for is taken out, so that `default-src` or nothing governs instead; an
//! empty string beside the nonce keeps the directive. Both versions of django-csp set `default-src 'self'`
//! unless it is `None`, and drop what they do not know.

use std::io::{self, Write};

use super::nonce::{Disposition, NonceSpelling};
use super::words::{Layout, Part, Word, left_out, list, parts};
use crate::nonce::NonceSource;
use crate::policy::{DirectiveName, Policy};
use crate::target::quote::{Language, string};

/// `SECURE_CSP` of Django 6.0 and newer.
#[derive(Debug)]
pub struct Django;

/// `CONTENT_SECURITY_POLICY` of django-csp 4.
#[derive(Debug)]
pub struct DjangoCsp4;

/// `CSP_SCRIPT_SRC` and its kin of django-csp 3.
#[derive(Debug)]
pub struct DjangoCsp3;

const LIST: Layout = Layout {
    open: "[",
    close: "]",
    indent: "    ",
};

/// The keywords with a constant of the same name in upper case, in Django and in django-csp.
const CONSTANTS: &[&str] = &[
    "'none'",
    "'report-sample'",
    "'self'",
    "'strict-dynamic'",
    "'unsafe-eval'",
    "'unsafe-hashes'",
    "'unsafe-inline'",
    "'wasm-unsafe-eval'",
];

impl NonceSpelling for Django {
    fn name(&self) -> &'static str {
        "django"
    }

    fn about(&self) -> &'static str {
        "SECURE_CSP in the settings of Django 6.0 or newer"
    }

    fn emit(&self, policy: &Policy, nonce: &NonceSource, out: &mut dyn Write) -> io::Result<()> {
        write_django(policy, Some(nonce), Disposition::Enforce, out)
    }
}

impl NonceSpelling for DjangoCsp4 {
    fn name(&self) -> &'static str {
        "django-csp"
    }

    fn about(&self) -> &'static str {
        "CONTENT_SECURITY_POLICY in the settings, for django-csp 4"
    }

    fn unknown_directives(&self) -> &'static [DirectiveName] {
        &[DirectiveName::FencedFrameSrc]
    }

    fn emit(&self, policy: &Policy, nonce: &NonceSource, out: &mut dyn Write) -> io::Result<()> {
        let unknown = self.unknown_directives();
        write_csp4(policy, Some(nonce), unknown, Disposition::Enforce, out)
    }
}

impl NonceSpelling for DjangoCsp3 {
    fn name(&self) -> &'static str {
        "django-csp3"
    }

    fn about(&self) -> &'static str {
        "CSP_SCRIPT_SRC and its kin in the settings, for django-csp 3"
    }

    fn unknown_directives(&self) -> &'static [DirectiveName] {
        &[DirectiveName::FencedFrameSrc, DirectiveName::Webrtc]
    }

    fn emit(&self, policy: &Policy, nonce: &NonceSource, out: &mut dyn Write) -> io::Result<()> {
        let unknown = self.unknown_directives();
        write_csp3(policy, Some(nonce), unknown, Disposition::Enforce, out)
    }
}

/// Django's own settings; without a nonce for a policy of hashes.
pub(in crate::target) fn write_django(
    policy: &Policy,
    nonce: Option<&NonceSource>,
    disposition: Disposition,
    out: &mut dyn Write,
) -> io::Result<()> {
    out.write_all(
        b"# In the settings, for Django 6.0 or newer. The header needs\n\
          # \"django.middleware.csp.ContentSecurityPolicyMiddleware\" in MIDDLEWARE",
    )?;
    if nonce.is_some() {
        out.write_all(
            b", the pages need\n\
              # \"django.template.context_processors.csp\" in the context_processors of TEMPLATES",
        )?;
    }
    let setting = match disposition {
        Disposition::Enforce => "SECURE_CSP",
        Disposition::Report => "SECURE_CSP_REPORT_ONLY",
    };
    write!(
        out,
        ".\nfrom django.utils.csp import CSP\n\n{setting} = {{\n"
    )?;
    for part in parts(policy, nonce, &[]) {
        let mut words = part.spelled("CSP.NONCE", |word| {
            constant(word).map_or_else(
                || string(Language::Python, word),
                |name| format!("CSP.{name}"),
            )
        });
        if part.words.iter().all(|word| *word == Word::Nonce) && !words.is_empty() {
            words.push("\"\"".to_owned());
        }
        out.write_all(entry("    ", &part, &words).as_bytes())?;
    }
    out.write_all(b"}\n")
}

/// The settings of django-csp 4.
pub(in crate::target) fn write_csp4(
    policy: &Policy,
    nonce: Option<&NonceSource>,
    unknown: &[DirectiveName],
    disposition: Disposition,
    out: &mut dyn Write,
) -> io::Result<()> {
    let parts = parts(policy, nonce, unknown);
    out.write_all(
        b"# In the settings, for django-csp 4. The header needs \"csp.middleware.CSPMiddleware\" in MIDDLEWARE",
    )?;
    write_request_processor(nonce, out)?;
    out.write_all(left_out(policy, unknown, "#").as_bytes())?;
    let mut imports: Vec<String> = parts
        .iter()
        .flat_map(Part::texts)
        .filter_map(constant)
        .collect();
    imports.extend(
        parts
            .iter()
            .any(Part::has_nonce)
            .then(|| "NONCE".to_owned()),
    );
    imports.sort_unstable();
    imports.dedup();
    if !imports.is_empty() {
        writeln!(out, "from csp.constants import {}\n", imports.join(", "))?;
    }
    let setting = match disposition {
        Disposition::Enforce => "CONTENT_SECURITY_POLICY",
        Disposition::Report => "CONTENT_SECURITY_POLICY_REPORT_ONLY",
    };
    write!(out, "{setting} = {{\n    \"DIRECTIVES\": {{\n")?;
    if policy.directive(DirectiveName::DefaultSrc).is_none() {
        out.write_all(b"        \"default-src\": None,\n")?;
    }
    for part in &parts {
        let words = part.spelled("NONCE", |word| {
            constant(word).unwrap_or_else(|| string(Language::Python, word))
        });
        out.write_all(entry("        ", part, &words).as_bytes())?;
    }
    out.write_all(b"    },\n}\n")
}

/// The settings of django-csp 3.
pub(in crate::target) fn write_csp3(
    policy: &Policy,
    nonce: Option<&NonceSource>,
    unknown: &[DirectiveName],
    disposition: Disposition,
    out: &mut dyn Write,
) -> io::Result<()> {
    const TUPLE: Layout = Layout {
        open: "(",
        close: ")",
        indent: "    ",
    };
    const SINGLE: Layout = Layout {
        close: ",)",
        ..TUPLE
    };
    let parts = parts(policy, nonce, unknown);
    out.write_all(
        b"# In the settings, for django-csp 3. The header needs \"csp.middleware.CSPMiddleware\" in MIDDLEWARE",
    )?;
    write_request_processor(nonce, out)?;
    out.write_all(left_out(policy, unknown, "#").as_bytes())?;
    if disposition == Disposition::Report {
        out.write_all(b"CSP_REPORT_ONLY = True\n")?;
    }
    if policy.directive(DirectiveName::DefaultSrc).is_none() {
        out.write_all(b"CSP_DEFAULT_SRC = None\n")?;
    }
    for part in &parts {
        let setting = part.name.name().to_ascii_uppercase().replace('-', "_");
        let words: Vec<_> = part
            .texts()
            .map(|word| string(Language::Python, word))
            .collect();
        let head = format!("CSP_{setting} = ");
        let line = match words.len() {
            0 if !part.has_nonce() => format!("{head}True\n"),
            1 => list(&head, SINGLE, &words, ""),
            _ => list(&head, TUPLE, &words, ""),
        };
        out.write_all(line.as_bytes())?;
    }
    let nonces: Vec<_> = parts
        .iter()
        .filter(|part| part.has_nonce())
        .map(|part| string(Language::Python, part.name.name()))
        .collect();
    out.write_all(list("CSP_INCLUDE_NONCE_IN = ", LIST, &nonces, "").as_bytes())
}

fn write_request_processor(nonce: Option<&NonceSource>, out: &mut dyn Write) -> io::Result<()> {
    if nonce.is_some() {
        out.write_all(
            b",\n# the pages need \"django.template.context_processors.request\" in the context_processors of TEMPLATES",
        )?;
    }
    out.write_all(b".\n")
}

/// A directive in a dictionary; one without a value is `True`.
fn entry(margin: &str, part: &Part, words: &[String]) -> String {
    let head = format!("{margin}\"{}\": ", part.name);
    match words {
        [] => format!("{head}True,\n"),
        words => list(&head, LIST, words, ","),
    }
}

fn constant(word: &str) -> Option<String> {
    let known = CONSTANTS.contains(&word);
    known.then(|| {
        word.trim_matches('\'')
            .to_ascii_uppercase()
            .replace('-', "_")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::nonce::tests::{HOSTILE, PLAIN, text};

    #[test]
    fn django_is_given_a_dictionary() {
        assert_eq!(
            text(&Django, PLAIN),
            r#"# In the settings, for Django 6.0 or newer. The header needs
# "django.middleware.csp.ContentSecurityPolicyMiddleware" in MIDDLEWARE, the pages need
# "django.template.context_processors.csp" in the context_processors of TEMPLATES.
from django.utils.csp import CSP

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.STRICT_DYNAMIC, CSP.NONCE],
    "style-src": [CSP.NONCE, ""],
    "object-src": [CSP.NONE],
    "upgrade-insecure-requests": True,
    "sandbox": True,
}
"#
        );
    }

    #[test]
    fn django_csp_4_imports_what_it_names_and_sets_no_default() {
        assert_eq!(
            text(&DjangoCsp4, HOSTILE),
            r#"# In the settings, for django-csp 4. The header needs "csp.middleware.CSPMiddleware" in MIDDLEWARE,
# the pages need "django.template.context_processors.request" in the context_processors of TEMPLATES.
from csp.constants import NONCE, SELF

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": None,
        "img-src": [SELF, "https://a.example/it's/%7E"],
        "script-src-elem": [
            NONCE,
            "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='",
        ],
        "upgrade-insecure-requests": True,
        "report-uri": [
            "/r?a=$b&c=%25&d=#{e}&f=`g`&h=\\n&i=${j}&k=$NONCE&l=%[1]s&m=%kernel.x%&n={o}",
            "/second",
        ],
    },
}
"#
        );
    }

    #[test]
    fn django_csp_3_names_the_nonces_apart() {
        assert_eq!(
            text(&DjangoCsp3, PLAIN),
            r#"# In the settings, for django-csp 3. The header needs "csp.middleware.CSPMiddleware" in MIDDLEWARE,
# the pages need "django.template.context_processors.request" in the context_processors of TEMPLATES.
CSP_DEFAULT_SRC = ("'self'",)
CSP_SCRIPT_SRC = ("'self'", "'strict-dynamic'")
CSP_STYLE_SRC = ()
CSP_OBJECT_SRC = ("'none'",)
CSP_UPGRADE_INSECURE_REQUESTS = True
CSP_SANDBOX = True
CSP_INCLUDE_NONCE_IN = ["script-src", "style-src"]
"#
        );
    }

    #[test]
    fn without_a_nonce_nothing_speaks_of_one() {
        let policy = Policy::parse("script-src 'self'").unwrap();
        let mut out = Vec::new();
        write_django(&policy, None, Disposition::Enforce, &mut out).unwrap();
        write_csp4(&policy, None, &[], Disposition::Enforce, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap().to_ascii_lowercase();
        assert!(
            !text.contains("nonce") && !text.contains("context_processors"),
            "{text}"
        );
    }
}
