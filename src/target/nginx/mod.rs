//! `nginx`: `add_header` with one policy, or with a variable that maps make of `$uri`.
//!
//! Run on nginx 1.22.1. The Rust documentation (48,625 pages, 16,606 policies) is 5.6 MB, which nginx reads in 0.15 s and keeps
//! in 28 MB; every page had its policy.
//!
//! - `$uri` is decoded, normalised and, once an index file or an error page was found, that file's path, so that an error page
//!   has its own policy. A map gives a page's path a number and others the number a policy, which so stands once.
//! - A map ignores the case of its keys and refuses two that differ in nothing else. Where their policies differ, each is an
//!   expression, which heeds case and is tried when no key fits.
//! - A map remembers its value for the whole request; `volatile` makes it read `$uri` anew.
//! - No token has over 4,094 bytes, quotes and escapes included. A long policy is several variables that are joined.
//! - `$` has no escape in a value and needs none in a key.
//! - The sizes of a map's hash can be set once in `http { }`, and so are only written when the usual ones will not do.
//! - Everything stands in `http { }`, which servers inherit unless they have an `add_header` of their own.

mod nonce;
mod quote;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::deployed::DeployedFile;
use super::quote::{Regex, exact_regex};
use super::rules::{PageRules, page_rules, policy_pieces, refused};
use super::words::nonce;
use super::{Deployment, Disposition, PolicyHeader, SentPolicy, Target, url_paths};
use crate::error::Result;
use quote::{NGINX_DOLLAR, nginx_key, nginx_quoted};

/// The longest token that is written: nginx takes 4,094 bytes, quotes and escapes included.
const LONGEST_VALUE: usize = 4_000;

/// The longest key and the most keys that nginx's usual sizes of a hash hold without a warning.
const USUAL_KEY: usize = 40;
const USUAL_KEYS: usize = 40;

pub(super) static NGINX: Target = Target {
    deployed: Some(&DeployedFile::unread(
        "nginx.conf",
        &["add_header Content-Security-Policy", "map $uri $csp", "sub_filter "],
    )),
    server: Some("nginx: lines for http { } and server { }"),
    write: Some(write),
    print: Some(pages),
    ..Target::server("nginx", "nginx: a file for http { }, as in /etc/nginx/conf.d")
};

fn write(sent: &[SentPolicy<'_>]) -> Result<String> {
    let cut = |sent: &SentPolicy<'_>| {
        let words = sent.words("$request_id", nginx_quoted);
        let pieces = policy_pieces("nginx", words, LONGEST_VALUE)?;
        Ok((sent.disposition, pieces))
    };
    let policies = sent.iter().map(cut).collect::<Result<Vec<_>>>()?;
    Ok(match nonce(sent) {
        None => site(&policies),
        Some(nonce) => nonce::lines(&policies, nonce.value()),
    })
}

/// A policy cut into pieces.
type Pieces = (Disposition, Vec<String>);

/// What the reader must know about servers, locations and applications behind them.
fn notes<'h>(headers: impl Iterator<Item = &'h str>) -> String {
    let hidden: Vec<String> = headers.map(|h| format!("proxy_hide_header {h};")).collect();
    let lines = if hidden.len() > 1 { "lines" } else { "line" };
    format!(
        "# A server or location that has an add_header of its own needs the add_header {lines} again.\n\
         # For a proxied application also: {}\n",
        hidden.join(" ")
    )
}

fn site(policies: &[Pieces]) -> String {
    let notes = notes(policies.iter().map(|(disposition, _)| disposition.header_name()));
    let line = |(disposition, pieces): &Pieces| match &pieces[..] {
        [policy] if !policy.contains(NGINX_DOLLAR) => {
            let header = disposition.header_name();
            Some(format!("add_header {header} \"{policy}\" always;\n"))
        }
        _ => None,
    };
    let lines: Option<String> = policies.iter().map(line).collect();
    if let Some(lines) = lines {
        return format!("# In http {{ }}, server {{ }} or location {{ }}.\n{notes}{lines}");
    }
    let mut text = format!("# In http {{ }}.\n{notes}");
    dollar(policies.iter().flat_map(|(_, pieces)| pieces), &mut text);
    for (disposition, pieces) in policies {
        let prefix = disposition.prefix();
        for (index, piece) in pieces.iter().enumerate() {
            let name = format!("{prefix}_policy_{}", index + 1);
            let _ = writeln!(text, "map \"\" ${name} {{\n    default \"{piece}\";\n}}");
        }
    }
    for (disposition, pieces) in policies {
        add_header(*disposition, pieces.len(), &mut text);
    }
    text
}

fn pages(deployment: &Deployment<'_>) -> Result<String> {
    let rules = page_rules("nginx", deployment)?;
    let keys = keys(&rules)?;
    let prefix = deployment.disposition().prefix();
    let cut = |headers: &[PolicyHeader]| {
        let words = |header: &PolicyHeader| {
            let words = header.policy.as_str().split(' ').map(nginx_quoted);
            policy_pieces("nginx", words, LONGEST_VALUE)
        };
        headers.iter().map(words).collect::<Result<Vec<_>>>()
    };
    let default = cut(&rules.default)?;
    let policies = rules.rules.iter().map(|rule| cut(&rule.headers)).collect::<Result<Vec<_>>>()?;
    let mut text = format!("# In http {{ }}.\n{}", notes(deployment.header_names()));
    sizes(&keys, policies.len(), &mut text);
    dollar(policies.iter().chain([&default]).flatten().flatten(), &mut text);
    let _ = writeln!(text, "map $uri ${prefix}_page {{\n    volatile;\n    default 0;");
    for (key, number) in &keys {
        let _ = writeln!(text, "    \"{key}\" {number};");
    }
    text.push_str("}\n");
    let mut counts = Vec::new();
    for (nth, PolicyHeader { disposition, .. }) in rules.default.iter().enumerate() {
        let pieces = policies.iter().chain([&default]);
        let count = pieces.map(|all| all[nth].len()).max().unwrap_or(1);
        counts.push((*disposition, count));
        for index in 0..count {
            let name = format!("{}_policy_{}", disposition.prefix(), index + 1);
            let piece = |all: &[Vec<String>]| all[nth].get(index).cloned().unwrap_or_default();
            let _ = writeln!(text, "map ${prefix}_page ${name} {{\n    volatile;");
            let default = piece(&default);
            let _ = writeln!(text, "    default \"{default}\";");
            for (number, policy) in policies.iter().enumerate() {
                let piece = piece(policy);
                if piece != default {
                    let _ = writeln!(text, "    {} \"{piece}\";", number + 1);
                }
            }
            text.push_str("}\n");
        }
    }
    for (disposition, count) in counts {
        add_header(disposition, count, &mut text);
    }
    Ok(text)
}

fn add_header(disposition: Disposition, count: usize, text: &mut String) {
    let (header, prefix) = (disposition.header_name(), disposition.prefix());
    let names: String = (1..=count).map(|n| format!("${{{prefix}_policy_{n}}}")).collect();
    let _ = writeln!(text, "add_header {header} \"{names}\" always;");
}

/// The variable that stands for a `$`, if one is used.
fn dollar<'p>(mut pieces: impl Iterator<Item = &'p String>, text: &mut String) {
    if pieces.any(|piece| piece.contains(NGINX_DOLLAR)) {
        text.push_str("geo $csp_dollar {\n    default \"$\";\n}\n");
    }
}

/// The map's keys, escaped, with the numbers of their policies.
fn keys(rules: &PageRules) -> Result<Vec<(String, usize)>> {
    let numbered =
        rules.rules.iter().enumerate().flat_map(|(index, rule)| rule.paths.iter().map(move |path| (path, index + 1)));
    let plain = rules.plain.iter().map(|path| (path, 0));
    let mut by_key: BTreeMap<String, Vec<(String, usize)>> = BTreeMap::new();
    for (page, number) in numbered.chain(plain) {
        for path in url_paths(page) {
            let same = by_key.entry(path.to_ascii_lowercase()).or_default();
            same.push((path, number));
        }
    }
    let mut keys = Vec::new();
    for mut same in by_key.into_values() {
        same.sort_unstable();
        let first = same[0].1;
        let agree = same.iter().all(|(_, number)| *number == first);
        if agree {
            same.truncate(1);
        }
        for (path, number) in same {
            let key = if agree { nginx_key(&path) } else { format!("~{}", exact_regex(Regex::Bytes, &path)) };
            if number == 0 {
                continue;
            }
            if key.len() > LONGEST_VALUE {
                let page = path.trim_start_matches('/');
                return Err(refused("nginx", page, "has too long a path for a map"));
            }
            keys.push((key, number));
        }
    }
    Ok(keys)
}

/// The sizes of the maps' hashes, if the usual ones are too small for some map.
fn sizes(keys: &[(String, usize)], policies: usize, text: &mut String) {
    let longest = keys.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
    let most = keys.len().max(policies);
    if longest <= USUAL_KEY && most <= USUAL_KEYS {
        return;
    }
    // A bucket for eight of the longest keys and a place for each key: nginx finds a size at the first try.
    let bucket = (8 * (longest + 24)).next_power_of_two().clamp(128, 32_768);
    let size = most.next_power_of_two().max(2_048);
    let _ = writeln!(
        text,
        "# These can stand once; where they are set already, keep the greater.\n\
         map_hash_bucket_size {bucket};\nmap_hash_max_size {size};"
    );
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::{HASH, HOSTILE, OTHER, SCRIPT, SMALL, long_base, printed, printed_as};
    use super::*;
    use crate::error::ErrorKind;
    use crate::target::Scope;

    const BASE: &str = "script-src 'self'";
    const NOTES: &str = "\
# A server or location that has an add_header of its own needs the add_header line again.
# For a proxied application also: proxy_hide_header Content-Security-Policy;
";

    #[test]
    fn the_site_is_a_line() {
        assert_eq!(
            printed(&NGINX, Scope::Site, BASE, &SMALL[..3]).unwrap(),
            format!(
                "# In http {{ }}, server {{ }} or location {{ }}.\n{NOTES}\
                 add_header Content-Security-Policy \"script-src 'self' {HASH}\" always;\n"
            )
        );
    }

    #[test]
    fn a_page_has_a_number_and_a_number_a_policy() {
        let other = printed(&NGINX, Scope::Site, BASE, &SMALL[3..]).unwrap();
        let other = other.rsplit_once("\" always").unwrap().0;
        let other = other.rsplit_once('"').unwrap().1;
        assert_eq!(
            printed(&NGINX, Scope::Page, BASE, SMALL).unwrap(),
            format!(
                r#"# In http {{ }}.
{NOTES}map $uri $csp_page {{
    volatile;
    default 0;
    "/" 1;
    "/docs/" 1;
    "/docs/index.html" 1;
    "/index.html" 1;
    "/other.html" 2;
}}
map $csp_page $csp_policy_1 {{
    volatile;
    default "script-src 'self'";
    1 "script-src 'self' {HASH}";
    2 "{other}";
}}
add_header Content-Security-Policy "${{csp_policy_1}}" always;
"#
            )
        );
    }

    #[test]
    fn only_keys_that_differ_in_case_and_policy_are_expressions() {
        let pages = [("A.html", SCRIPT), ("B.html", OTHER), ("a.html", ""), ("b.html", OTHER)];
        let text = printed(&NGINX, Scope::Page, BASE, &pages).unwrap();
        assert!(text.contains("default 0;\n    \"~^/\\x41\\x2ehtml$\" 1;\n    \"/B.html\" 2;\n}\n"), "{text}");
    }

    #[test]
    fn a_path_is_no_variable_and_a_policy_neither() {
        let pages = [(r#"$uri"\{a}日.html"#, SCRIPT)];
        let text = printed(&NGINX, Scope::Page, HOSTILE, &pages).unwrap();
        assert!(text.contains("\n    \"/$uri\\\"\\\\{a}日.html\" 1;\n"), "{text}");
        assert!(
            text.contains(r"report-uri /r?${csp_dollar}x=%7E&${csp_dollar}uri%d&{path}{${csp_dollar}HOME}&%{HOME}e&a\\nb\\\\c`(<!#"),
            "{text}"
        );
        assert!(text.contains("\ngeo $csp_dollar {\n"), "{text}");
    }

    #[test]
    fn a_long_policy_is_several_variables_that_join_to_it() {
        let base = long_base(9_000);
        for scope in [Scope::Site, Scope::Page] {
            let text = printed(&NGINX, scope, &base, &[("a.html", SCRIPT)]).unwrap();
            let values: String =
                text.lines().filter_map(|line| line.strip_prefix("    default \"")?.strip_suffix("\";")).collect();
            assert!(values.starts_with("script-src 'self'"), "{values}");
            assert_eq!(values.replace(&format!(" {HASH}"), ""), base);
            assert!(text.lines().all(|line| line.len() < 4_094));
            assert!(text.ends_with("\"${csp_policy_1}${csp_policy_2}${csp_policy_3}\" always;\n"), "{text}");
        }
        let base = format!("report-uri /{}", "a".repeat(5_000));
        let error = printed(&NGINX, Scope::Site, &base, SMALL).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
    }

    #[test]
    fn the_hashes_are_as_large_as_the_keys_need() {
        let long = format!("{}.html", "a".repeat(60));
        let text = printed(&NGINX, Scope::Page, BASE, &[(&long, SCRIPT)]).unwrap();
        assert!(text.contains("\nmap_hash_bucket_size 1024;\nmap_hash_max_size 2048;\n"), "{text}");
        let longer = format!("{}.html", "a".repeat(4_000));
        let error = printed(&NGINX, Scope::Page, BASE, &[(&longer, SCRIPT)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn what_is_reported_has_variables_of_its_own() {
        let text = printed_as(&NGINX, Scope::Page, true, BASE, SMALL).unwrap();
        assert!(
            text.contains("map $uri $csp_report_page {")
                && text
                    .ends_with("add_header Content-Security-Policy-Report-Only \"${csp_report_policy_1}\" always;\n"),
            "{text}"
        );
    }
}
