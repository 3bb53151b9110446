//! The settings of Django and of django-csp.
//!
//! Django drops a directive whose list is empty once a nonce that no page asked for is taken out, so that `default-src`
//! or nothing governs instead; an empty string next to the nonce keeps the directive. Both versions of django-csp set
//! `default-src 'self'` unless it is `None`, and drop directives they do not know.

use std::collections::BTreeSet;

use super::{DJANGO_CSP3, DJANGO_CSP4};
use crate::policy::DirectiveName;
use crate::target::quote::{Language, string};
use crate::target::words::{Layout, Part, Word, has_nonce, left_out, list, nonced};
use crate::target::{Disposition, SentPolicy};

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

/// Django's own settings; without a nonce for a policy of hashes.
pub(super) fn own(all: &[SentPolicy<'_>]) -> String {
    let processor = match has_nonce(all) {
        false => "",
        true => ", the pages need\n# \"django.template.context_processors.csp\" in the context_processors of TEMPLATES",
    };
    format!(
        "# In the settings, for Django 6.0 or newer. The header needs\n\
         # \"django.middleware.csp.ContentSecurityPolicyMiddleware\" in MIDDLEWARE{processor}.\n\
         from django.utils.csp import CSP\n{}",
        all.iter().map(own_setting).collect::<String>()
    )
}

fn own_setting(sent: &SentPolicy<'_>) -> String {
    let setting = match sent.disposition {
        Disposition::Enforce => "SECURE_CSP",
        Disposition::Report => "SECURE_CSP_REPORT_ONLY",
    };
    let mut out = format!("\n{setting} = {{\n");
    for part in sent.parts(&[]) {
        let mut words = part.spelled("CSP.NONCE", |word| match constant(word) {
            Some(name) => format!("CSP.{name}"),
            None => string(Language::Python, word),
        });
        if part.words.iter().all(|word| *word == Word::Nonce) && !words.is_empty() {
            words.push("\"\"".to_owned());
            out.push_str(
                "    # Django takes the nonce out of responses that do not use it. The empty text then keeps the directive,\n    \
                 # which would be dropped with an empty list.\n",
            );
        }
        out.push_str(&entry("    ", &part, &words));
    }
    out + "}\n"
}

/// The settings of django-csp 4.
pub(super) fn csp4(all: &[SentPolicy<'_>]) -> String {
    let unknown = DJANGO_CSP4.unknown_directives;
    let lost = all.iter().map(|sent| left_out(sent.policy, unknown, "#"));
    let parts: Vec<_> = all.iter().map(|sent| sent.parts(unknown)).collect();
    let words = parts.iter().flatten().flat_map(|part| &part.words);
    let names: BTreeSet<String> = words
        .filter_map(|word| match word {
            Word::Nonce => Some("NONCE".to_owned()),
            Word::Text(text) => constant(text),
        })
        .collect();
    let import = match names.is_empty() {
        true => String::new(),
        false => {
            let names: Vec<_> = names.into_iter().collect();
            format!("from csp.constants import {}\n\n", names.join(", "))
        }
    };
    let settings = all.iter().zip(&parts);
    let settings = settings.map(|(sent, parts)| csp4_setting(sent, parts));
    format!(
        "# In the settings, for django-csp 4. The header needs \"csp.middleware.CSPMiddleware\" in MIDDLEWARE{}{}{import}{}",
        request_processor(has_nonce(all)),
        lost.collect::<String>(),
        settings.collect::<Vec<_>>().join("\n")
    )
}

fn csp4_setting(sent: &SentPolicy<'_>, parts: &[Part]) -> String {
    let setting = match sent.disposition {
        Disposition::Enforce => "CONTENT_SECURITY_POLICY",
        Disposition::Report => "CONTENT_SECURITY_POLICY_REPORT_ONLY",
    };
    let mut out = format!("{setting} = {{\n    \"DIRECTIVES\": {{\n");
    if sent.policy.directive(DirectiveName::DefaultSrc).is_none() {
        out.push_str("        \"default-src\": None,\n");
    }
    for part in parts {
        let words = part.spelled("NONCE", |word| constant(word).unwrap_or_else(|| string(Language::Python, word)));
        out.push_str(&entry("        ", part, &words));
    }
    out.push_str("    },\n}\n");
    out
}

/// The settings of django-csp 3.
pub(super) fn csp3(sent: &SentPolicy<'_>) -> String {
    const TUPLE: Layout = Layout { open: "(", close: ")", ..Layout::ARRAY };
    const SINGLE: Layout = Layout { close: ",)", ..TUPLE };
    let unknown = DJANGO_CSP3.unknown_directives;
    let parts = sent.parts(unknown);
    let mut out = format!(
        "# In the settings, for django-csp 3. The header needs \"csp.middleware.CSPMiddleware\" in MIDDLEWARE{}{}",
        request_processor(sent.nonce.is_some()),
        left_out(sent.policy, unknown, "#")
    );
    if sent.disposition == Disposition::Report {
        out.push_str("CSP_REPORT_ONLY = True\n");
    }
    if sent.policy.directive(DirectiveName::DefaultSrc).is_none() {
        out.push_str("CSP_DEFAULT_SRC = None\n");
    }
    for part in &parts {
        let setting = part.name.name().to_ascii_uppercase().replace('-', "_");
        let words = part.strings(Language::Python);
        let head = format!("CSP_{setting} = ");
        let line = match words.len() {
            0 if !part.has_nonce() => format!("{head}True\n"),
            1 => list(&head, SINGLE, &words, ""),
            _ => list(&head, TUPLE, &words, ""),
        };
        out.push_str(&line);
    }
    let nonces: Vec<_> = nonced(&parts).map(|n| string(Language::Python, n)).collect();
    out + &list("CSP_INCLUDE_NONCE_IN = ", Layout::ARRAY, &nonces, "")
}

/// The rest of the first comment.
const fn request_processor(has_nonce: bool) -> &'static str {
    match has_nonce {
        false => ".\n",
        true => {
            ",\n# the pages need \"django.template.context_processors.request\" in the context_processors of TEMPLATES.\n"
        }
    }
}

/// A directive in a dictionary; one without a value is `True`.
fn entry(margin: &str, part: &Part, words: &[String]) -> String {
    let head = format!("{margin}\"{}\": ", part.name);
    match words {
        [] => format!("{head}True,\n"),
        words => list(&head, Layout::ARRAY, words, ","),
    }
}

fn constant(word: &str) -> Option<String> {
    let known = CONSTANTS.contains(&word);
    known.then(|| word.trim_matches('\'').to_ascii_uppercase().replace('-', "_"))
}
