//! `helmet`: middleware of Express.
//!
//! Run: helmet 8.3 with Express 5 and EJS 7, express-handlebars 8, Nunjucks 3.2 and mustache-express 1.3; with every
//! directive there is, enforced and reported (`tests/lab/frameworks`). helmet insists on a `default-src` and takes a
//! special value where there is none; a directive without a value is an empty list.

use super::quote::{Language, string};
use super::words::{Layout, has_nonce, list, refuse_words};
use super::{Disposition, Expression, NonceTemplates, SentPolicy, Target};
use crate::edit::nonce::NonceBinding;
use crate::error::Result;
use crate::policy::DirectiveName;
use crate::template::Dialect;

pub(super) static HELMET: Target = Target {
    comment: Some("//"),
    templates: Some(&NonceTemplates {
        aliases: &["ejs", "helmet"],
        ..NonceTemplates::new(
            "express",
            "Express with helmet 8",
            &[
                Expression::new(Dialect::Ejs, "<%= cspNonce %>").with_binding(NonceBinding::CONTEXT.failing()),
                // In blocks and partials a bare name is one of their own context.
                Expression::new(Dialect::Handlebars, "{{@root.cspNonce}}"),
                Expression::new(Dialect::Nunjucks, "{{ cspNonce }}").with_binding(NonceBinding::CONTEXT),
                Expression::new(Dialect::Mustache, "{{cspNonce}}"),
            ],
        )
    }),
    write: Some(write),
    ..Target::framework("helmet", "middleware for Express with helmet 8")
};

fn write(sent: &[SentPolicy<'_>]) -> Result<String> {
    for sent in sent.iter().filter(|sent| sent.nonce.is_none()) {
        refuse_words(HELMET.name, sent.policy, is_refused, " and fails")?;
    }
    // helmet refuses a policy without directives.
    let sent = sent.iter().filter(|sent| !sent.policy.is_empty());
    let sent: Vec<_> = sent.copied().collect();
    if sent.is_empty() {
        return Ok("// The policy is empty: there is nothing to set.\n".to_owned());
    }
    let mut out = String::new();
    out.push_str("// For Express with helmet 8, before the routes. As an ES module, write the imports for require.\n");
    if has_nonce(&sent) {
        out.push_str("const crypto = require(\"node:crypto\");\n");
    }
    out.push_str("const helmet = require(\"helmet\");\n\n");
    if has_nonce(&sent) {
        out.push_str(
            r#"app.use((req, res, next) => {
  res.locals.cspNonce = crypto.randomBytes(16).toString("base64");
  next();
});
"#,
        );
    }
    out.extend(sent.iter().map(middleware));
    Ok(out)
}

fn middleware(sent: &SentPolicy<'_>) -> String {
    let mut out = "app.use(helmet.contentSecurityPolicy({\n  useDefaults: false,\n".to_owned();
    if sent.disposition == Disposition::Report {
        out.push_str("  reportOnly: true,\n");
    }
    out.push_str("  directives: {\n");
    if sent.policy.directive(DirectiveName::DefaultSrc).is_none() {
        out.push_str("    defaultSrc: helmet.contentSecurityPolicy.dangerouslyDisableDefaultSrc,\n");
    }
    for part in sent.parts(&[]) {
        let fresh = "(req, res) => `'nonce-${res.locals.cspNonce}'`";
        let words = part.spelled(fresh, |word| string(Language::JavaScript, word));
        let head = format!("    {}: ", camel_case(part.name.name()));
        out.push_str(&list(&head, Layout::NARROW, &words, ","));
    }
    out.push_str("  },\n}));\n");
    out
}

/// Words that helmet takes for sources without their quotes in any directive, and throws at.
fn is_refused(word: &str) -> bool {
    const QUOTED: &[&str] = &[
        "none",
        "self",
        "strict-dynamic",
        "report-sample",
        "inline-speculation-rules",
        "unsafe-inline",
        "unsafe-eval",
        "unsafe-hashes",
        "wasm-unsafe-eval",
    ];
    let prefixes = ["nonce-", "sha256-", "sha384-", "sha512-"];
    QUOTED.contains(&word) || prefixes.iter().any(|prefix| word.starts_with(prefix))
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('-');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(1);
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tests::fixture::{HOSTILE, ONE, PLAIN, enforced, only_reported, text};

    #[test]
    fn helmet_is_given_arrays() {
        assert_eq!(
            only_reported(&HELMET),
            format!(
                r#"// For Express with helmet 8, before the routes. As an ES module, write the imports for require.
const helmet = require("helmet");

app.use(helmet.contentSecurityPolicy({{
  useDefaults: false,
  reportOnly: true,
  directives: {{
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'", "{ONE}"],
    imgSrc: ["*"],
    upgradeInsecureRequests: [],
  }},
}}));
"#
            )
        );
        assert_eq!(enforced(&HELMET), only_reported(&HELMET).replace("  reportOnly: true,\n", ""));
    }

    #[test]
    fn helmet_is_given_functions_for_the_nonce() {
        assert_eq!(
            text(&HELMET, PLAIN),
            r#"// For Express with helmet 8, before the routes. As an ES module, write the imports for require.
const crypto = require("node:crypto");
const helmet = require("helmet");

app.use((req, res, next) => {
  res.locals.cspNonce = crypto.randomBytes(16).toString("base64");
  next();
});
app.use(helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    scriptSrc: [
      "'self'",
      "'strict-dynamic'",
      (req, res) => `'nonce-${res.locals.cspNonce}'`,
    ],
    styleSrc: [(req, res) => `'nonce-${res.locals.cspNonce}'`],
    objectSrc: ["'none'"],
    upgradeInsecureRequests: [],
    sandbox: [],
  },
}));
"#
        );
    }

    #[test]
    fn a_missing_default_is_said_and_strings_are_escaped() {
        let text = text(&HELMET, HOSTILE);
        let (_, directives) = text.split_once("directives: {\n").unwrap();
        assert_eq!(
            directives,
            r#"    defaultSrc: helmet.contentSecurityPolicy.dangerouslyDisableDefaultSrc,
    imgSrc: ["'self'", "https://a.example/it's/%7E"],
    scriptSrcElem: [
      (req, res) => `'nonce-${res.locals.cspNonce}'`,
      "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='",
    ],
    upgradeInsecureRequests: [],
    reportUri: [
      "/r?a=$b&c=%25&d=#{e}&f=`g`&h=\\n&i=${j}&k=$NONCE&l=%[1]s&m=%kernel.x%&n={o}",
      "/second",
    ],
  },
}));
"#
        );
    }
}
