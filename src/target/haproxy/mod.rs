//! `haproxy`: `http-after-response set-header`, with an ACL on the path for a page.
//!
//! Run on HAProxy 2.6.12.
//!
//! - `http-after-response` reaches HAProxy's own errors too, and `set-header` replaces what a server sent. Lines are obeyed in
//!   order, so that the default comes first.
//! - The path is kept when the request comes, decoded; HAProxy knows no index files, so that there is a pattern for the
//!   folder and one for the file.
//! - The patterns of an ACL are in a tree, and a line has up to 64 words. The ACLs themselves are tried one after the other.
//!   That costs 0.4 microseconds each for every answer (6.5 ms with 16,600), hence a limit.
//! - A map would be looked up at once, but is a second file.
//! - A header that is added needs room in a buffer that the page's beginning may have filled already: beyond 1,024 bytes
//!   (`tune.maxrewrite`) some answers, not all, are status 500. A longer policy says what it needs in `global`;
//!   `tune.maxrewrite` is half of `tune.bufsize` at most.

use std::fmt::Write as _;

use super::deployed::DeployedFile;
use super::rules::PageRules;
use super::{Limits, PolicyHeader, Scope, Target, check_rules, url_paths};
use crate::error::Result;

/// The longest policy that HAProxy has room for as it is, beside the header's name.
const USUAL_ROOM: usize = 900;

/// How many patterns a line has: HAProxy takes 64 words.
const PATTERNS: usize = 50;

pub(super) static HAPROXY: Target = Target {
    deployed: Some(&DeployedFile::unread("haproxy.cfg", &["http-after-response set-header Content-Security-Policy"])),
    limits: Limits { response: Some(15_000), rules: Some(2_000), ..Limits::NONE },
    rules: Some(rules),
    ..Target::server("haproxy", "HAProxy: lines for a frontend, backend or listen section")
};

/// The bytes that the policies of a response need, beside the name of one header.
fn room(headers: &[PolicyHeader]) -> usize {
    let second = "Content-Security-Policy-Report-Only: \r\n".len() * (headers.len() - 1);
    let policies = headers.iter().map(|header| header.policy.as_str().len());
    policies.sum::<usize>() + second
}

/// Where the lines go, and what the longest policy needs elsewhere.
fn notes(longest: usize) -> String {
    let mut text = "# In a frontend, backend or listen section.\n".to_owned();
    if longest > USUAL_ROOM {
        let room = (longest + 1_024).next_power_of_two().max(8_192);
        let _ = writeln!(
            text,
            "# Without these lines in global some answers fail with status 500, for want of room for the header:\n\
             # tune.bufsize {}\n# tune.maxrewrite {room}",
            room * 2
        );
    }
    text
}

fn set_headers(headers: &[PolicyHeader], condition: &str, text: &mut String) {
    for header in headers {
        let _ = writeln!(
            text,
            "http-after-response set-header {} \"{}\"{condition}",
            header.name(),
            haproxy_format(header.policy.as_str())
        );
    }
}

fn rules(rules: &PageRules) -> Result<String> {
    check_rules(&HAPROXY, rules.rules.len())?;
    let pages = rules.rules.iter().map(|rule| room(&rule.headers));
    let mut text = notes(pages.fold(room(&rules.default), usize::max));
    if rules.scope == Scope::Page {
        text.push_str("http-request set-var(txn.csp_path) path,url_dec\n");
    }
    set_headers(&rules.default, "", &mut text);
    for (index, rule) in rules.rules.iter().enumerate() {
        let acl = format!("{}_{}", rules.default[0].disposition.prefix(), index + 1);
        let paths = rule.paths.iter().flat_map(|page| url_paths(page));
        let quoted = |path: String| format!("\"{}\"", haproxy_quoted(&path));
        for patterns in paths.map(quoted).collect::<Vec<_>>().chunks(PATTERNS) {
            let patterns = patterns.join(" ");
            let _ = writeln!(text, "acl {acl} var(txn.csp_path) -m str {patterns}");
        }
        set_headers(&rule.headers, &format!(" if {acl}"), &mut text);
    }
    Ok(text)
}

/// The inside of a double-quoted HAProxy argument (run on 2.6.12).
fn haproxy_quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$")
}

/// The same where a `%` begins a format.
fn haproxy_format(text: &str) -> String {
    haproxy_quoted(&text.replace('%', "%%"))
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::{HASH, HOSTILE, SCRIPT, SMALL, long_base, printed};
    use super::*;
    use crate::error::ErrorKind;
    use crate::target::Scope;
    use crate::target::tests::fixture::both;

    const BASE: &str = "script-src 'self'";

    #[test]
    fn the_site_is_a_line() {
        assert_eq!(
            printed(&HAPROXY, Scope::Site, BASE, &SMALL[..3]).unwrap(),
            format!(
                "# In a frontend, backend or listen section.\n\
                 http-after-response set-header Content-Security-Policy \"script-src 'self' {HASH}\"\n"
            )
        );
    }

    #[test]
    fn pages_with_one_policy_are_one_acl() {
        assert_eq!(
            printed(&HAPROXY, Scope::Page, BASE, &SMALL[..3]).unwrap(),
            format!(
                r#"# In a frontend, backend or listen section.
http-request set-var(txn.csp_path) path,url_dec
http-after-response set-header Content-Security-Policy "script-src 'self'"
acl csp_1 var(txn.csp_path) -m str "/docs/index.html" "/docs/" "/index.html" "/"
http-after-response set-header Content-Security-Policy "script-src 'self' {HASH}" if csp_1
"#
            )
        );
    }

    #[test]
    fn an_acl_is_as_many_lines_as_it_needs() {
        let names: Vec<String> = (100..220).map(|n| format!("{n}.html")).collect();
        let pages: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), SCRIPT)).collect();
        let text = printed(&HAPROXY, Scope::Page, BASE, &pages).unwrap();
        assert_eq!(text.matches("\nacl csp_1 var").count(), 3, "{text}");
        assert_eq!(text.matches("set-header").count(), 2, "{text}");
    }

    #[test]
    fn a_path_is_no_variable_and_a_policy_no_format() {
        let pages = [(r#"$x%[y]"\日.html"#, SCRIPT)];
        let text = printed(&HAPROXY, Scope::Page, HOSTILE, &pages).unwrap();
        assert!(text.contains(r#" "/\$x%[y]\"\\日.html""#), "{text}");
        assert!(text.contains(r"/r?\$x=%%7E&\$uri%%d&{path}{\$HOME}&%%{HOME}e&a\\nb\\\\c`(<!#"), "{text}");
    }

    #[test]
    fn a_long_policy_says_what_it_needs_and_a_longer_one_is_refused() {
        let text = printed(&HAPROXY, Scope::Page, &long_base(1_000), SMALL).unwrap();
        assert!(text.contains("\n# tune.bufsize 16384\n# tune.maxrewrite 8192\n"), "{text}");
        let text = printed(&HAPROXY, Scope::Site, &long_base(12_000), SMALL).unwrap();
        assert!(text.contains("\n# tune.bufsize 32768\n# tune.maxrewrite 16384\n"), "{text}");
        let error = printed(&HAPROXY, Scope::Site, &long_base(16_000), SMALL).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
    }

    #[test]
    fn too_many_policies_are_refused() {
        let pages: Vec<(String, String)> =
            (0..2_001).map(|n| (format!("{n:04}.html"), format!("<script>{n}</script>"))).collect();
        let pages: Vec<_> = pages.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let error = printed(&HAPROXY, Scope::Page, BASE, &pages).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
    }

    #[test]
    fn the_room_is_that_for_both() {
        let policy = |host: &str| format!("img-src {}.test", host.repeat(30));
        let one = both(&HAPROXY, &policy("x"), &policy("y")).unwrap();
        assert!(!one.contains("tune."), "{one}");
        let long = policy(&"x".repeat(15));
        let two = both(&HAPROXY, &long, &long).unwrap();
        assert!(two.contains("# tune.maxrewrite 8192\n"), "{two}");
        assert_eq!(two.matches("http-after-response").count(), 2, "{two}");
    }
}
