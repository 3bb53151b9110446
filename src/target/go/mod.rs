//! `go`: the middleware github.com/unrolled/secure for Go.
//!
//! Run: version 1.0.9 with Go 1.19. It puts the nonce where `$NONCE` stands, wherever that is, through a
//! format string in which a percent sign is two. Without a nonce there is no format string.

use std::io::{self, Write};

use super::nonce::NonceSpelling;
use super::words::parts;
use crate::nonce::NonceSource;
use crate::policy::Policy;
use crate::target::quote::{Language, string, string_content};

/// `secure.New` with its option.
#[derive(Debug)]
pub struct Unrolled;

impl NonceSpelling for Unrolled {
    fn name(&self) -> &'static str {
        "go"
    }

    fn about(&self) -> &'static str {
        "the option of github.com/unrolled/secure for Go"
    }

    fn emit(&self, policy: &Policy, nonce: &NonceSource, out: &mut dyn Write) -> io::Result<()> {
        write(policy, Some(nonce), out)
    }
}

/// The option; without a nonce for a policy of hashes.
pub(in crate::target) fn write(
    policy: &Policy,
    nonce: Option<&NonceSource>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let parts = parts(policy, nonce, &[]);
    // What the middleware itself looks for, before it has doubled anything.
    let formats = parts
        .iter()
        .any(|part| part.has_nonce() || part.texts().any(|text| text.contains("%[1]s")));
    let word = |text: &str| {
        let text = text.replace("$NONCE", "%24NONCE");
        let text = if formats {
            text.replace('%', "%%")
        } else {
            text
        };
        string_content(Language::Go, &text)
    };
    out.write_all(b"// For github.com/unrolled/secure: http.ListenAndServe(address, contentSecurityPolicy.Handler(routes))\n")?;
    if nonce.is_some() {
        out.write_all(
            b"// A handler gives its template a field Nonce: secure.CSPNonce(r.Context())\n",
        )?;
    }
    out.write_all(
        b"var contentSecurityPolicy = secure.New(secure.Options{\n\tContentSecurityPolicy: ",
    )?;
    let lines: Vec<_> = parts.iter().map(|part| part.line("$NONCE", word)).collect();
    if lines.is_empty() {
        out.write_all(string(Language::Go, "").as_bytes())?;
    } else {
        write!(out, "\"{}\"", lines.join("; \" +\n\t\t\""))?;
    }
    out.write_all(b",\n})\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::nonce::tests::{HOSTILE, PLAIN, text};

    #[test]
    fn the_nonce_is_a_variable_of_the_middleware() {
        assert_eq!(
            text(&Unrolled, PLAIN),
            r#"// For github.com/unrolled/secure: http.ListenAndServe(address, contentSecurityPolicy.Handler(routes))
// A handler gives its template a field Nonce: secure.CSPNonce(r.Context())
var contentSecurityPolicy = secure.New(secure.Options{
	ContentSecurityPolicy: "default-src 'self'; " +
		"script-src 'self' 'strict-dynamic' $NONCE; " +
		"style-src $NONCE; " +
		"object-src 'none'; " +
		"upgrade-insecure-requests; " +
		"sandbox",
})
"#
        );
    }

    #[test]
    fn percent_signs_are_doubled_and_another_dollar_nonce_is_none() {
        let text = text(&Unrolled, HOSTILE);
        let (_, option) = text.split_once("ContentSecurityPolicy: ").unwrap();
        assert_eq!(
            option,
            r#""img-src 'self' https://a.example/it's/%%7E; " +
		"script-src-elem $NONCE 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; " +
		"upgrade-insecure-requests; " +
		"report-uri /r?a=$b&c=%%25&d=#{e}&f=`g`&h=\\n&i=${j}&k=%%24NONCE&l=%%[1]s&m=%%kernel.x%%&n={o} /second",
})
"#
        );
    }

    #[test]
    fn without_a_nonce_a_percent_sign_is_one() {
        let policy = Policy::parse("report-uri /%25").unwrap();
        let mut out = Vec::new();
        write(&policy, None, &mut out).unwrap();
        assert!(
            String::from_utf8(out)
                .unwrap()
                .contains("\"report-uri /%25\"")
        );
    }
}
