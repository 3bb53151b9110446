//! `flask`: a few functions for Flask without an extension.
//!
//! Run: Flask 3.1. Pages get the function `csp_nonce()`, as they do from Flask-Talisman, so that templates do not care
//! which it is. The nonce is kept on the request: `flask.g` can outlive it. Outside a request, as in mails and jobs, it is
//! empty, so that what was rendered there before still is.

use super::quote::{Language, string_content};
use super::words::{Part, has_nonce};
use super::{Expression, NonceTemplates, SentPolicy, Target};
use crate::error::Result;
use crate::template::Dialect;

pub(super) static FLASK: Target = Target {
    templates: Some(&NonceTemplates::new(
        "flask",
        "Flask without an extension",
        &[Expression::new(Dialect::Jinja, "{{ csp_nonce() }}")],
    )),
    write: Some(write),
    ..Target::framework("flask", "init_csp(app) for Flask without an extension")
};

fn write(sent: &[SentPolicy<'_>]) -> Result<String> {
    let mut out = "# For Flask; call init_csp(app) once.\n".to_owned();
    if has_nonce(sent) {
        out.push_str(NONCE);
    }
    out.push_str("\n\ndef set_csp(response):\n");
    out.push_str(&set_headers(sent, "csp_nonce()"));
    out.push_str("    return response\n\n\ndef init_csp(app):\n");
    if has_nonce(sent) {
        out.push_str("    app.jinja_env.globals[\"csp_nonce\"] = csp_nonce\n");
    }
    out.push_str("    app.after_request(set_csp)\n");
    Ok(out)
}

const NONCE: &str = r#"import secrets

from flask import has_request_context, request


def csp_nonce():
    if not has_request_context():
        return ""
    if not hasattr(request, "csp_nonce"):
        request.csp_nonce = secrets.token_urlsafe(16)
    return request.csp_nonce
"#;

/// Sets a header for each policy in a function of Python, with `code` for the nonce.
pub(super) fn set_headers(sent: &[SentPolicy<'_>], code: &str) -> String {
    let statement = |sent: &SentPolicy<'_>| {
        let (header, lines) = (sent.header_name(), directive_lines(sent, code));
        format!("    response.headers[\"{header}\"] = \"; \".join([\n{lines}    ])\n")
    };
    sent.iter().map(statement).collect()
}

/// One directive a line, as strings in a list.
fn directive_lines(sent: &SentPolicy<'_>, code: &str) -> String {
    let line = |part: &Part| {
        if part.has_nonce() {
            let spelled = format!("'nonce-{{{code}}}'");
            let line = part.line(&spelled, |word| string_content(Language::PythonFormat, word));
            format!("        f\"{line}\",\n")
        } else {
            let line = part.line("", |word| string_content(Language::Python, word));
            format!("        \"{line}\",\n")
        }
    };
    sent.parts(&[]).iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tests::fixture::{HOSTILE, ONE, enforced, only_reported, text};

    #[test]
    fn without_a_nonce_flask_is_given_a_function() {
        assert_eq!(
            enforced(&FLASK),
            format!(
                r#"# For Flask; call init_csp(app) once.


def set_csp(response):
    response.headers["Content-Security-Policy"] = "; ".join([
        "default-src 'self'",
        "script-src 'self' {ONE}",
        "img-src *",
        "upgrade-insecure-requests",
    ])
    return response


def init_csp(app):
    app.after_request(set_csp)
"#
            )
        );
        assert_eq!(only_reported(&FLASK), enforced(&FLASK).replace("-Policy", "-Policy-Report-Only"));
    }

    #[test]
    fn flask_joins_strings() {
        let text = text(&FLASK, HOSTILE);
        let (_, rest) = text.split_once("\"; \".join([\n").unwrap();
        let (lines, _) = rest.split_once("    ])").unwrap();
        assert_eq!(
            lines,
            r#"        "img-src 'self' https://a.example/it's/%7E",
        f"script-src-elem 'nonce-{csp_nonce()}' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='",
        "upgrade-insecure-requests",
        "report-uri /r?a=$b&c=%25&d=#{e}&f=`g`&h=\\n&i=${j}&k=$NONCE&l=%[1]s&m=%kernel.x%&n={o} /second",
"#
        );
    }
}
