//! `flask-talisman`: the arguments of Flask-Talisman.
//!
//! Run: Flask-Talisman 1.1 with Flask 3.1; with every directive there is, enforced and reported
//! (`tests/lab/frameworks`). It adds the nonce only to directives that it is given, writes a directive without a value
//! for `""`, and fails on `True`.

use super::quote::{Language, string};
use super::words::{Layout, list, nonced};
use super::{Disposition, Expression, NonceTemplates, SentPolicy, Target};
use crate::edit::nonce::NonceBinding;
use crate::error::Result;
use crate::template::Dialect;

pub(super) static FLASK_TALISMAN: Target = Target {
    templates: Some(&NonceTemplates {
        aliases: &["talisman"],
        ..NonceTemplates::new(
            "flask-talisman",
            "Flask with Flask-Talisman",
            &[Expression::new(Dialect::Jinja, "{{ csp_nonce() }}").with_binding(NonceBinding::GLOBAL.failing())],
        )
    }),
    why_one: Some("content_security_policy_report_only holds for its one policy; flask sends both"),
    write: Some(write),
    ..Target::framework("flask-talisman", "the arguments of Flask-Talisman")
};

fn write(sent: &[SentPolicy<'_>]) -> Result<String> {
    Ok(sent.iter().map(spelled).collect())
}

fn spelled(sent: &SentPolicy<'_>) -> String {
    let parts = sent.parts(&[]);
    let nonces = match sent.nonce {
        None => "",
        Some(_) => ",\n# content_security_policy_nonce_in=CONTENT_SECURITY_POLICY_NONCE_IN",
    };
    // It insists on an address for reports and adds it unless it is empty; the policy has its own.
    let (reports, report_only) = match sent.disposition {
        Disposition::Enforce => ("", ""),
        Disposition::Report => (
            ",\n# content_security_policy_report_only=CONTENT_SECURITY_POLICY_REPORT_ONLY,\n\
             # content_security_policy_report_uri=\"\"",
            "CONTENT_SECURITY_POLICY_REPORT_ONLY = True\n",
        ),
    };
    let entries = parts.iter().map(|part| {
        let head = format!("    \"{}\": ", part.name);
        match &part.strings(Language::Python)[..] {
            [] => format!("{head}\"\",\n"),
            words => list(&head, Layout::ARRAY, words, ","),
        }
    });
    let mut out = format!(
        "# For Flask-Talisman: Talisman(app, content_security_policy=CONTENT_SECURITY_POLICY{nonces}{reports})\n\
         {report_only}CONTENT_SECURITY_POLICY = {{\n{}}}\n",
        entries.collect::<String>()
    );
    if sent.nonce.is_some() {
        let names: Vec<_> = nonced(&parts).map(|n| string(Language::Python, n)).collect();
        let head = "CONTENT_SECURITY_POLICY_NONCE_IN = ";
        out.push_str(&list(head, Layout::ARRAY, &names, ""));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tests::fixture::{ONE, PLAIN, enforced, only_reported, text};

    #[test]
    fn without_a_nonce_talisman_is_given_a_dictionary() {
        let policy = format!(
            r#"CONTENT_SECURITY_POLICY = {{
    "default-src": ["'self'"],
    "script-src": ["'self'", "{ONE}"],
    "img-src": ["*"],
    "upgrade-insecure-requests": "",
}}
"#
        );
        assert_eq!(
            enforced(&FLASK_TALISMAN),
            format!("# For Flask-Talisman: Talisman(app, content_security_policy=CONTENT_SECURITY_POLICY)\n{policy}")
        );
        assert_eq!(
            only_reported(&FLASK_TALISMAN),
            format!(
                r#"# For Flask-Talisman: Talisman(app, content_security_policy=CONTENT_SECURITY_POLICY,
# content_security_policy_report_only=CONTENT_SECURITY_POLICY_REPORT_ONLY,
# content_security_policy_report_uri="")
CONTENT_SECURITY_POLICY_REPORT_ONLY = True
{policy}"#
            )
        );
    }

    #[test]
    fn talisman_is_given_a_dictionary_and_a_list() {
        assert_eq!(
            text(&FLASK_TALISMAN, PLAIN),
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
}
