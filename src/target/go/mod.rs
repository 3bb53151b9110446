//! `go`: the middleware github.com/unrolled/secure for Go.
//!
//! Run: version 1.0.9 with Go 1.19. It puts the nonce where `$NONCE` is, wherever that is, through a
//! format string in which a percent sign is two. Without a nonce there is no format string, unless the policy has a `%[1]s`.
//!
//! The handler passes the nonce in a field `Nonce`, and `$` is what it passes wherever the template is.

use super::quote::{Language, string_content};
use super::words::{Part, has_nonce};
use super::{Expression, NonceTemplates, SentPolicy, Target};
use crate::edit::nonce::NonceBinding;
use crate::error::Result;
use crate::template::Dialect;

pub(super) static GO: Target = Target {
    comment: Some("//"),
    templates: Some(&NonceTemplates::new(
        "go",
        "Go's html/template with github.com/unrolled/secure",
        &[Expression::new(Dialect::Go, "{{$.Nonce}}").with_binding(NonceBinding::CONTEXT.failing())],
    )),
    write: Some(write),
    ..Target::framework("go", "the option of github.com/unrolled/secure for Go")
};

fn write(sent: &[SentPolicy<'_>]) -> Result<String> {
    let is_nonced = |sent: &SentPolicy<'_>| sent.parts(&[]).iter().any(Part::has_nonce);
    let is_format = sent.iter().any(is_nonced);
    let word = |text: &str| {
        let text = text.replace("$NONCE", "%24NONCE");
        let text = if is_format {
            text.replace('%', "%%")
        } else {
            // The middleware would make a format string of it.
            text.replace("%[1]s", "%%5B1]s")
        };
        string_content(Language::Go, &text)
    };
    let option = |sent: &SentPolicy<'_>| {
        let parts = sent.parts(&[]);
        let mut lines: Vec<_> = parts.iter().map(|part| part.line("$NONCE", word)).collect();
        if let Some(last) = lines.last_mut()
            && is_format
            && !is_nonced(sent)
        {
            // A format string that used no argument would complain of it in the header.
            last.push_str("%.0[1]s");
        }
        let name = sent.header_name().replace('-', "");
        format!("\t{name}: \"{}\",\n", lines.join("; \" +\n\t\t\""))
    };
    let options: String = sent.iter().map(option).collect();
    let handler = match has_nonce(sent) {
        false => "",
        true => "// A handler gives its template a field Nonce: secure.CSPNonce(r.Context())\n",
    };
    Ok(format!(
        "// For github.com/unrolled/secure: http.ListenAndServe(address, contentSecurityPolicy.Handler(routes))\n\
         {handler}var contentSecurityPolicy = secure.New(secure.Options{{\n{options}}})\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use crate::target::tests::fixture::{HOSTILE, ONE, PLAIN, both, enforced, nonceless, only_reported, text};

    #[test]
    fn without_a_nonce_the_middleware_is_given_a_string() {
        assert_eq!(
            enforced(&GO),
            format!(
                r#"// For github.com/unrolled/secure: http.ListenAndServe(address, contentSecurityPolicy.Handler(routes))
var contentSecurityPolicy = secure.New(secure.Options{{
	ContentSecurityPolicy: "default-src 'self'; " +
		"script-src 'self' {ONE}; " +
		"img-src *; " +
		"upgrade-insecure-requests",
}})
"#
            )
        );
        assert_eq!(
            only_reported(&GO),
            enforced(&GO).replace("\tContentSecurityPolicy", "\tContentSecurityPolicyReportOnly")
        );
    }

    #[test]
    fn the_nonce_is_a_variable_of_the_middleware() {
        assert_eq!(
            text(&GO, PLAIN),
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
        let text = text(&GO, HOSTILE);
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
    fn without_a_nonce_a_percent_sign_is_one_and_no_format_is_left() {
        let policy = Policy::parse("report-uri /%25?a=%[1]s").unwrap();
        let text = nonceless(&GO, &policy);
        assert!(text.contains("\"report-uri /%25?a=%%5B1]s\""), "{text}");
    }

    #[test]
    fn a_policy_without_the_nonce_of_the_other_is_a_format_string_too() {
        let text = both(&GO, "img-src x.test/%41", "script-src 'nonce-N'").unwrap();
        assert!(text.contains("\tContentSecurityPolicy: \"img-src x.test/%%41%.0[1]s\",\n"), "{text}");
        assert!(text.contains("\tContentSecurityPolicyReportOnly: \"script-src $NONCE\",\n"), "{text}");
        let text = both(&GO, "img-src x.test/%41", "script-src 'self'").unwrap();
        assert!(text.contains("\"img-src x.test/%41\""), "{text}");
    }
}
