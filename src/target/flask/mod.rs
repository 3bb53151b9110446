//! `flask-talisman`, and `flask` for those without it: the arguments of the one, a few functions for the other.
//!
//! Both give pages the function `csp_nonce()`, so templates do not care which it is. Run: Flask 3.1, Flask-Talisman
//! 1.1. Flask-Talisman adds the nonce to directives it is given only, writes a directive without a value for `""`,
//! and fails on `True`. The nonce is kept on the request, as Flask-Talisman does: `flask.g` can outlive it.

use std::io::{self, Write};

use super::nonce::{Disposition, NonceSpelling};
use super::words::{Layout, list, parts};
use crate::nonce::NonceSource;
use crate::policy::Policy;
use crate::target::quote::{Language, string, string_content};

/// A function that sets the header after each request.
#[derive(Debug)]
pub struct Flask;

/// The arguments of Flask-Talisman.
#[derive(Debug)]
pub struct FlaskTalisman;

const LIST: Layout = Layout {
    open: "[",
    close: "]",
    indent: "    ",
};

impl NonceSpelling for Flask {
    fn name(&self) -> &'static str {
        "flask"
    }

    fn about(&self) -> &'static str {
        "init_csp(app) for Flask without an extension"
    }

    fn emit(&self, policy: &Policy, nonce: &NonceSource, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(
            br#"# For Flask; call init_csp(app) once.
import secrets

from flask import request


def csp_nonce():
    if not hasattr(request, "csp_nonce"):
        request.csp_nonce = secrets.token_urlsafe(16)
    return request.csp_nonce


def set_csp(response):
    response.headers["Content-Security-Policy"] = "; ".join([
"#,
        )?;
        write_directives(policy, nonce, "csp_nonce()", "        ", out)?;
        out.write_all(
            br#"    ])
    return response


def init_csp(app):
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(set_csp)
"#,
        )
    }
}

impl NonceSpelling for FlaskTalisman {
    fn name(&self) -> &'static str {
        "flask-talisman"
    }

    fn about(&self) -> &'static str {
        "the arguments of Flask-Talisman"
    }

    fn emit(&self, policy: &Policy, nonce: &NonceSource, out: &mut dyn Write) -> io::Result<()> {
        write_talisman(policy, Some(nonce), Disposition::Enforce, out)
    }
}

/// The arguments of Flask-Talisman; without a nonce for a policy of hashes.
pub(in crate::target) fn write_talisman(
    policy: &Policy,
    nonce: Option<&NonceSource>,
    disposition: Disposition,
    out: &mut dyn Write,
) -> io::Result<()> {
    let parts = parts(policy, nonce, &[]);
    out.write_all(
        b"# For Flask-Talisman: Talisman(app, content_security_policy=CONTENT_SECURITY_POLICY",
    )?;
    if nonce.is_some() {
        out.write_all(b",\n# content_security_policy_nonce_in=CONTENT_SECURITY_POLICY_NONCE_IN")?;
    }
    if disposition == Disposition::Report {
        // It insists on an address and adds it unless it is empty; the policy has its own.
        out.write_all(
            b",\n# content_security_policy_report_only=CONTENT_SECURITY_POLICY_REPORT_ONLY,\n\
              # content_security_policy_report_uri=\"\"",
        )?;
    }
    out.write_all(b")\n")?;
    if disposition == Disposition::Report {
        out.write_all(b"CONTENT_SECURITY_POLICY_REPORT_ONLY = True\n")?;
    }
    out.write_all(b"CONTENT_SECURITY_POLICY = {\n")?;
    for part in &parts {
        let words: Vec<_> = part
            .texts()
            .map(|word| string(Language::Python, word))
            .collect();
        let head = format!("    \"{}\": ", part.name);
        let line = match words.len() {
            0 => format!("{head}\"\",\n"),
            _ => list(&head, LIST, &words, ","),
        };
        out.write_all(line.as_bytes())?;
    }
    out.write_all(b"}\n")?;
    if nonce.is_none() {
        return Ok(());
    }
    let nonces: Vec<_> = parts
        .iter()
        .filter(|part| part.has_nonce())
        .map(|part| string(Language::Python, part.name.name()))
        .collect();
    let line = list("CONTENT_SECURITY_POLICY_NONCE_IN = ", LIST, &nonces, "");
    out.write_all(line.as_bytes())
}

/// One directive a line, as Python strings with `code` in the place of the nonce.
pub(super) fn write_directives(
    policy: &Policy,
    nonce: &NonceSource,
    code: &str,
    margin: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    for part in parts(policy, Some(nonce), &[]) {
        if part.has_nonce() {
            let spelled = format!("'nonce-{{{code}}}'");
            let line = part.line(&spelled, |word| {
                string_content(Language::PythonFormat, word)
            });
            writeln!(out, "{margin}f\"{line}\",")?;
        } else {
            let line = part.line("", |word| string_content(Language::Python, word));
            writeln!(out, "{margin}\"{line}\",")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::nonce::tests::{HOSTILE, PLAIN, text};

    #[test]
    fn talisman_is_given_a_dictionary_and_a_list() {
        assert_eq!(
            text(&FlaskTalisman, PLAIN),
            r#"# For Flask-Talisman: Talisman(app, content_security_policy=CONTENT_SECURITY_POLICY,
# content_security_policy_nonce_in=CONTENT_SECURITY_POLICY_NONCE_IN)
CONTENT_SECURITY_POLICY = {
    "default-src": ["'self'"],
    "script-src": ["'self'", "'strict-dynamic'"],
    "style-src": "",
    "object-src": ["'none'"],
    "upgrade-insecure-requests": "",
    "sandbox": "",
}
CONTENT_SECURITY_POLICY_NONCE_IN = ["script-src", "style-src"]
"#
        );
    }

    #[test]
    fn flask_joins_strings() {
        let text = text(&Flask, HOSTILE);
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
