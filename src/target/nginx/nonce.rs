//! `nginx`: `sub_filter` puts `$request_id` into the page, `add_header` into the policy.
//!
//! Run on Debian's nginx 1.22.1, whose one package holds all of it. `$request_id` is 16 bytes of OpenSSL's `RAND_bytes`
//! in hexadecimal; since June 2026 (nginx/nginx#1392) it is SipHash-2-4 of a counter under a key of `RAND_bytes`, as
//! unpredictable though not promised to be. It is the same for header, page, error page and subrequest.
//!
//! `sub_filter` finds a placeholder across buffers, and takes `Content-Length`, `ETag` and `Last-Modified` from pages
//! and with them ranges; an empty page keeps them. Yet nginx answers 304 to the validators of the bare file before it
//! gets there. A browser may hold those from the time before these lines, and would take the policy of the 304 for
//! its stored page: hence no policy on a 304. `if_modified_since off` would take the 304 from style sheets and images,
//! too.

use super::{Pieces, dollar};
use crate::target::Disposition;

/// The lines for policies in pieces, in which `$request_id` is the nonce, and pages with this placeholder.
pub(super) fn lines(policies: &[Pieces], placeholder: &str) -> String {
    let mut out = "# In http { }, or /etc/nginx/conf.d/csp-nonce.conf:\n\
         # a 304 leaves the browser its page and the policy that came with it.\n"
        .to_owned();
    let (mut hide, mut add) = (String::new(), String::new());
    for (disposition, pieces) in policies {
        let header = disposition.header_name();
        let names = names(*disposition, pieces.len());
        for (name, piece) in names.iter().zip(pieces) {
            out.push_str(&format!("map $status ${name} {{\n    304 \"\";\n    default \"{piece}\";\n}}\n"));
        }
        let names: String = names.iter().map(|name| format!("${name}")).collect();
        hide.push_str(&format!(" proxy_hide_header {header};"));
        add.push_str(&format!("add_header {header} \"{names}\" always;\n"));
    }
    dollar(policies.iter().flat_map(|(_, pieces)| pieces), &mut out);
    out.push_str(&format!(
        r#"map $sent_http_content_type $csp_cache_control {{
    "~*^(text/html|application/xhtml\+xml|image/svg\+xml)" "no-store";
    default "";
}}

# In server {{ }}; a location with an add_header or sub_filter of its own needs these lines again.
# For a proxied application also: proxy_set_header Accept-Encoding "";{hide}
sub_filter_once off;
sub_filter_types application/xhtml+xml image/svg+xml;
sub_filter "{placeholder}" $request_id;
gzip_static off;
{add}add_header Cache-Control $csp_cache_control always;
"#
    ));
    out
}

fn names(disposition: Disposition, count: usize) -> Vec<String> {
    let prefix = disposition.prefix();
    if count == 1 {
        return vec![format!("{prefix}_policy")];
    }
    (1..=count).map(|n| format!("{prefix}_policy_{n}")).collect()
}

#[cfg(test)]
mod tests {
    use crate::target::tests::fixture::{both, nonced};

    #[test]
    fn the_nonce_is_the_request_id_in_page_and_policy() {
        assert_eq!(
            nonced(&super::super::NGINX, "default-src 'self'; script-src 'nonce-P+/='", "P+/="),
            r#"# In http { }, or /etc/nginx/conf.d/csp-nonce.conf:
# a 304 leaves the browser its page and the policy that came with it.
map $status $csp_policy {
    304 "";
    default "default-src 'self'; script-src 'nonce-$request_id'";
}
map $sent_http_content_type $csp_cache_control {
    "~*^(text/html|application/xhtml\+xml|image/svg\+xml)" "no-store";
    default "";
}

# In server { }; a location with an add_header or sub_filter of its own needs these lines again.
# For a proxied application also: proxy_set_header Accept-Encoding ""; proxy_hide_header Content-Security-Policy;
sub_filter_once off;
sub_filter_types application/xhtml+xml image/svg+xml;
sub_filter "P+/=" $request_id;
gzip_static off;
add_header Content-Security-Policy "$csp_policy" always;
add_header Cache-Control $csp_cache_control always;
"#
        );
    }

    #[test]
    fn a_dollar_of_the_policy_is_no_variable() {
        let printed = nonced(&super::super::NGINX, r"report-uri /$uri\n", "P");
        assert!(printed.contains(r#"default "report-uri /${csp_dollar}uri\\n";"#), "{printed}");
        assert!(printed.contains("geo $csp_dollar {\n    default \"$\";\n}\n"), "{printed}");
    }

    #[test]
    fn a_long_policy_is_several_values_that_join_to_it() {
        let hosts: Vec<String> = (0..400).map(|n| format!("host{n}.example.com")).collect();
        let text = format!("img-src {}; script-src 'nonce-P'", hosts.join(" "));
        let printed = nonced(&super::super::NGINX, &text, "P");
        let values: Vec<&str> = printed
            .lines()
            .filter_map(|line| line.strip_prefix("    default \"")?.strip_suffix("\";"))
            .filter(|value| !value.is_empty())
            .collect();
        assert!(values.len() > 1 && values.iter().all(|value| value.len() < 4_094));
        assert_eq!(values.concat(), text.replace("nonce-P", "nonce-$request_id"));
        assert!(printed.contains("Content-Security-Policy \"$csp_policy_1$csp_policy_2"), "{printed}");
    }

    #[test]
    fn one_placeholder_is_replaced_for_two_policies() {
        let text = both(&super::super::NGINX, "report-uri /$a", "script-src 'nonce-N'").unwrap();
        for (part, count) in [
            ("map $status $csp_policy {", 1),
            ("map $status $csp_report_policy {", 1),
            ("sub_filter \"N\" $request_id;", 1),
            ("geo $csp_dollar", 1),
            ("proxy_hide_header Content-Security-Policy; proxy_hide_header Content-Security-Policy-Report-Only;", 1),
            ("add_header Content-Security-Policy \"$csp_policy\" always;", 1),
            ("add_header Content-Security-Policy-Report-Only \"$csp_report_policy\" always;", 1),
            ("'nonce-$request_id'", 1),
        ] {
            assert_eq!(text.matches(part).count(), count, "{part} in {text}");
        }
    }
}
