//! `helmet`: middleware of Express.
//!
//! Run: helmet 8.3 with Express 5. helmet insists on a `default-src` and takes a special value where there
//! is none; a directive without a value is an empty list.

use std::io::{self, Write};

use super::nonce::{Disposition, NonceSpelling};
use super::words::{Layout, list, parts};
use crate::nonce::NonceSource;
use crate::policy::{DirectiveName, Policy};
use crate::target::quote::{Language, string};

/// helmet's `contentSecurityPolicy`, and what makes the nonce it and the pages read.
#[derive(Debug)]
pub struct Helmet;

const ARRAY: Layout = Layout {
    open: "[",
    close: "]",
    indent: "  ",
};

impl NonceSpelling for Helmet {
    fn name(&self) -> &'static str {
        "helmet"
    }

    fn about(&self) -> &'static str {
        "middleware for Express with helmet 8"
    }

    fn emit(&self, policy: &Policy, nonce: &NonceSource, out: &mut dyn Write) -> io::Result<()> {
        write(policy, Some(nonce), Disposition::Enforce, out)
    }
}

/// The middleware; without a nonce for a policy of hashes.
pub(in crate::target) fn write(
    policy: &Policy,
    nonce: Option<&NonceSource>,
    disposition: Disposition,
    out: &mut dyn Write,
) -> io::Result<()> {
    // helmet refuses a policy without directives.
    if policy.is_empty() {
        return out.write_all(b"// The policy is empty: there is nothing to set.\n");
    }
    out.write_all(b"// For Express with helmet 8, before the routes. As an ES module, write the imports for require.\n")?;
    if nonce.is_some() {
        out.write_all(b"const crypto = require(\"node:crypto\");\n")?;
    }
    out.write_all(b"const helmet = require(\"helmet\");\n\n")?;
    if nonce.is_some() {
        out.write_all(
            br#"app.use((req, res, next) => {
  res.locals.cspNonce = crypto.randomBytes(16).toString("base64");
  next();
});
"#,
        )?;
    }
    out.write_all(b"app.use(helmet.contentSecurityPolicy({\n  useDefaults: false,\n")?;
    if disposition == Disposition::Report {
        out.write_all(b"  reportOnly: true,\n")?;
    }
    out.write_all(b"  directives: {\n")?;
    if policy.directive(DirectiveName::DefaultSrc).is_none() {
        out.write_all(
            b"    defaultSrc: helmet.contentSecurityPolicy.dangerouslyDisableDefaultSrc,\n",
        )?;
    }
    for part in parts(policy, nonce, &[]) {
        let fresh = "(req, res) => `'nonce-${res.locals.cspNonce}'`";
        let words = part.spelled(fresh, |word| string(Language::JavaScript, word));
        let head = format!("    {}: ", camel_case(part.name.name()));
        out.write_all(list(&head, ARRAY, &words, ",").as_bytes())?;
    }
    out.write_all(b"  },\n}));\n")
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
    use crate::target::nonce::tests::{HOSTILE, PLAIN, text};

    #[test]
    fn helmet_is_given_functions_for_the_nonce() {
        assert_eq!(
            text(&Helmet, PLAIN),
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
        let text = text(&Helmet, HOSTILE);
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
