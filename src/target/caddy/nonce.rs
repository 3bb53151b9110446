//! `caddy`: a template of one action reads the page and puts the request's UUID into it, `header` into the policy.
//!
//! Run on Debian's Caddy 2.6.2, whose one package holds all of it. The UUID is version 4: 122 bits of Go's crypto/rand,
//! the same for header, page and error route (google/uuid).
//!
//! - Stock Caddy cannot change a body; `templates` can, but would execute the `{{ }}` of every page. Here the template
//!   is the text that `respond` gives, and the page is only a string in it. `include` executes what it reads with the
//!   same delimiters (the `readFile` that does not is missing in 2.6), so these are made of the placeholder and stand in no page.
//! - The policy stands in no snippet: `import` takes the escapes from its braces, and what they held would then be
//!   replaced (run). Error routes keep the header that was set before the error (run).
//! - Only files: what an application behind Caddy answers cannot be changed like this.
//! - `respond` knows no conditions and no ranges: pages are always sent whole, without validators.

/// The lines with `headers`, in which `{http.request.uuid}` is the nonce, and pages with this placeholder.
pub(super) fn lines(headers: &str, placeholder: &str) -> String {
    format!(
        r#"# At the top of the Caddyfile:
(csp_nonce) {{
	try_files {{path}}index.html
	map {{path}} {{csp_type}} {{
		~\.xhtml$ application/xhtml+xml
		~\.svg$ image/svg+xml
		default "text/html; charset=utf-8"
	}}
	handle @csp_page {{
		header Content-Type {{csp_type}}
		header Cache-Control no-store
		templates {{
			mime text/html application/xhtml+xml image/svg+xml
			between <%{placeholder} {placeholder}%>
		}}
		respond `<%{placeholder} include .Req.URL.Path | replace "{placeholder}" (placeholder "http.request.uuid") {placeholder}%>`
	}}
}}

# In the site's block, beside root and file_server:
@csp_page {{
	method GET HEAD
	path *.html *.htm *.xhtml *.svg
	file
}}
{headers}import csp_nonce
handle_errors {{
	rewrite * /{{http.error.status_code}}.html
	import csp_nonce
	respond "{{http.error.status_code}} {{http.error.status_text}}"
}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::super::CADDY;
    use crate::error::ErrorKind;
    use crate::policy::Policy;
    use crate::target::tests::fixture::{both, nonced};
    use crate::target::{Disposition, SentPolicy};

    #[test]
    fn the_page_is_a_string_in_a_template_of_one_action() {
        assert_eq!(
            nonced(&CADDY, "default-src 'self'; script-src 'nonce-P+/='", "P+/="),
            r#"# At the top of the Caddyfile:
(csp_nonce) {
	try_files {path}index.html
	map {path} {csp_type} {
		~\.xhtml$ application/xhtml+xml
		~\.svg$ image/svg+xml
		default "text/html; charset=utf-8"
	}
	handle @csp_page {
		header Content-Type {csp_type}
		header Cache-Control no-store
		templates {
			mime text/html application/xhtml+xml image/svg+xml
			between <%P+/= P+/=%>
		}
		respond `<%P+/= include .Req.URL.Path | replace "P+/=" (placeholder "http.request.uuid") P+/=%>`
	}
}

# In the site's block, beside root and file_server:
@csp_page {
	method GET HEAD
	path *.html *.htm *.xhtml *.svg
	file
}
header Content-Security-Policy "default-src 'self'; script-src 'nonce-{http.request.uuid}'"
import csp_nonce
handle_errors {
	rewrite * /{http.error.status_code}.html
	import csp_nonce
	respond "{http.error.status_code} {http.error.status_text}"
}
"#
        );
    }

    #[test]
    fn what_the_policy_holds_is_no_placeholder_and_no_environment_variable() {
        let printed = nonced(&CADDY, "report-uri /{path}?{$HOME}`", "P");
        assert!(printed.contains(r#" "report-uri /\{path\}?\{{$CSP_DOLLAR:$}HOME\}`""#), "{printed}");
    }

    #[test]
    fn a_policy_that_cannot_be_quoted_is_an_error() {
        let policy = Policy::parse(r"report-uri /`\").unwrap();
        let nonce = "P".parse().unwrap();
        let sent = SentPolicy { policy: &policy, nonce: Some(&nonce), disposition: Disposition::Enforce };
        let error = CADDY.write(&[sent]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn two_policies_are_two_headers() {
        let text = both(&CADDY, "img-src *", "script-src 'nonce-N'").unwrap();
        assert!(
            text.contains(
                "\nheader Content-Security-Policy \"img-src *\"\nheader Content-Security-Policy-Report-Only \"script-src 'nonce-{http.request.uuid}'\"\nimport csp_nonce\n"
            ),
            "{text}"
        );
    }
}
