//! `vercel`: rules for `vercel.json`.
//!
//! Every rule whose `source` matches adds its headers and a later one replaces an earlier one's, so the rule for every
//! path comes first: read in `vercel dev`'s router, and what Next.js documents for the same routes. `source` is
//! path-to-regexp 6.1 (run, `@vercel/routing-utils` 6.6), of which only a group is used: names in it would be
//! replaced in values. A `$` in a value is replaced in any case and has no escape.

mod path_to_regexp;
mod read;

use super::json_rules::{HeaderRule, put_header_rules, standing_rule};
use super::quote::path_regex;
use super::rules::packed;
use super::urls::{Case, headers_everywhere, unsupported, url_groups};
use super::{Deployment, Limits, PolicyHeader, Scope, Target, check_rules, one_line};
use crate::error::{Error, ErrorKind, Result};
use crate::json_file::{Comments, JsonFile};

/// The longest `source` that the schema takes.
const SOURCE: usize = 4096;
const EVERYWHERE: &str = "/(.*)";
pub(super) static VERCEL: Target = Target {
    deployed: Some(&read::FILE),
    report_only: true,
    published: true,
    limits: Limits { policy: Some(32_768), rules: Some(2048), ..Limits::NONE },
    standing: Some(standing),
    merge: Some(merge),
    ..Target::new("vercel", "Vercel: vercel.json with its headers", &[Scope::Site, Scope::Page])
};

fn standing(existing: &[u8], header: &str) -> Result<Option<String>> {
    let file = JsonFile::parse("vercel.json", existing, Comments::Refused)?;
    standing_rule(&file, file.top(), ("source", EVERYWHERE), header)
}

fn merge(deployment: &Deployment<'_>, existing: &[u8]) -> Result<Vec<u8>> {
    let rules = rules(deployment)?;
    let file = JsonFile::parse("vercel.json", existing, Comments::Refused)?;
    if file.member(file.top(), "routes")?.is_some() {
        return Err(file.refuse(
            "Vercel takes no `headers` beside `routes`; write the routes as `rewrites`, `redirects` and `headers`",
        ));
    }
    let count = put_header_rules(&file, file.top(), &rules, &PAGES)?;
    check_rules(&VERCEL, count)?;
    Ok(file.finish())
}

fn rules(deployment: &Deployment<'_>) -> Result<Vec<HeaderRule>> {
    let rule = |pattern: String, headers: Vec<PolicyHeader>| {
        let mut policies = headers.iter().map(|header| header.policy.as_str());
        if policies.any(|policy| policy.contains('$')) {
            return Err(unsupported(
                "vercel replaces what follows a `$` in a header; write %24 in its place in the policy".to_owned(),
            ));
        }
        Ok(HeaderRule { matcher: "source", pattern, headers })
    };
    let everywhere = headers_everywhere("vercel", deployment)?;
    let mut rules = vec![rule(EVERYWHERE.to_owned(), everywhere)?];
    if deployment.scope == Scope::Site {
        return Ok(rules);
    }
    for group in url_groups("vercel", deployment, Case::MayNot)? {
        for source in PAGES.paths(&group.paths, SOURCE) {
            if source.len() > SOURCE {
                return Err(Error::new(
                    ErrorKind::Limit,
                    format!(
                        "vercel takes a source of {SOURCE} characters, and the one for {} has {}; rename the page",
                        one_line(&group.paths[0]),
                        source.len()
                    ),
                ));
            }
            rules.push(rule(source, group.headers.clone())?);
        }
    }
    Ok(rules)
}

/// The expression around those of paths, which only this program writes so.
pub(super) struct Around {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
}

const PAGES: Around = Around { open: "/((?:", close: "))" };

impl Around {
    /// Regular expressions that match these paths, each up to `limit` characters unless one path alone needs more.
    pub(super) fn paths(&self, paths: &[String], limit: usize) -> Vec<String> {
        let Self { open, close } = self;
        let regexes = paths.iter().map(|path| path_regex(path));
        let packed = packed(regexes, "|", limit - open.len() - close.len());
        let all = packed.iter().map(|regexes| format!("{open}{regexes}{close}"));
        all.collect()
    }

    /// The expressions of the paths in such a one.
    pub(super) fn inside<'r>(&self, regex: &'r str) -> Option<&'r str> {
        regex.strip_prefix(self.open)?.strip_suffix(self.close)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tests::fixture::with_site;
    use crate::target::{print, print_into};

    const PAGES: &[(&str, &str)] = &[("a b.html", "1"), ("docs/index.html", "1"), ("none.html", "")];

    fn into(pages: &[(&str, &str)], scope: Scope, existing: &str) -> Result<String> {
        with_site("default-src 'self'", pages, scope, |deployment| {
            let file = print_into(&VERCEL, deployment, existing.as_bytes())?;
            Ok(String::from_utf8(file).unwrap())
        })
    }

    fn rule(source: &str, policy: &str, indent: &str) -> String {
        let text = format!(
            "{{\n  \"source\": \"{source}\",\n  \"headers\": [\n    {{\n      \"key\": \"Content-Security-Policy\",\n      \"value\": \"{policy}\"\n    }}\n  ]\n}}"
        );
        text.replace('\n', &format!("\n{indent}"))
    }

    const ONE: &str = "default-src 'self'; script-src 'self' 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='";

    #[test]
    fn a_site_has_one_rule() {
        let expected = format!("{{\n  \"headers\": [\n    {}\n  ]\n}}\n", rule("/(.*)", ONE, "    "));
        assert_eq!(into(PAGES, Scope::Site, "").unwrap(), expected);
        with_site("default-src 'self'", PAGES, Scope::Site, |deployment| {
            assert_eq!(print(&VERCEL, deployment).unwrap(), expected.as_bytes());
        });
    }

    #[test]
    fn pages_that_share_a_policy_share_a_rule_behind_the_default() {
        let pages =
            rule(r"/((?:a(?: |%20)b|a(?: |%20)b\\.html|a(?: |%20)b/|docs|docs/|docs/index\\.html))", ONE, "    ");
        let default = rule("/(.*)", "default-src 'self'", "    ");
        assert_eq!(
            into(PAGES, Scope::Page, "").unwrap(),
            format!("{{\n  \"headers\": [\n    {default},\n    {pages}\n  ]\n}}\n")
        );
    }

    #[test]
    fn only_what_is_ours_changes_and_the_second_time_nothing() {
        let before = "{ \"cleanUrls\" :true,\r\n\t\"headers\": [\r\n\t\t{\"source\": \"/x\", \"headers\": [ ]}\r\n\t], \"a\":  1 }";
        let site = into(PAGES, Scope::Site, before).unwrap();
        assert!(site.starts_with(
            "{ \"cleanUrls\" :true,\r\n\t\"headers\": [\r\n\t\t{\"source\": \"/x\", \"headers\": [ ]},\r\n\t\t{\r\n\t\t\t\"source\": \"/(.*)\",\r\n"
        ), "{site}");
        assert!(site.ends_with("}\r\n\t], \"a\":  1 }"), "{site}");
        assert_eq!(into(PAGES, Scope::Site, &site).unwrap(), site);
        let page = into(PAGES, Scope::Page, &site).unwrap();
        assert_eq!(page.matches("Content-Security-Policy").count(), 2);
        assert_eq!(into(PAGES, Scope::Page, &page).unwrap(), page);
        assert_eq!(into(PAGES, Scope::Site, &page).unwrap(), site);
    }

    #[test]
    fn blank_lines_stay() {
        let before =
            "{\n\n\t\"a\": 1,\n\n\t\"headers\": [\n\n \n\t\t{\"source\": \"/x\", \"headers\": []}\n\n\n\t]\n \n}\n\n";
        let site = into(PAGES, Scope::Site, before).unwrap();
        let (start, end) = before.split_once("}\n\n\n\t]").unwrap();
        assert!(site.starts_with(&format!("{start}}},\n")), "{site:?}");
        assert!(site.ends_with(&format!("}}\n\n\n\t]{end}")), "{site:?}");
        assert_eq!(into(PAGES, Scope::Site, &site).unwrap(), site);
        let site = into(PAGES, Scope::Site, "{\n\n\t\"a\": 1\n\n}").unwrap();
        assert!(site.starts_with("{\n\n\t\"a\": 1,\n\t\"headers\""), "{site:?}");
        assert!(site.ends_with("]\n\n}"), "{site:?}");
    }

    #[test]
    fn a_rule_for_every_path_with_other_headers_keeps_them() {
        let before = r#"{"headers":[{"source":"/(.*)","headers":[{"key":"A","value":"b"},{"key":"content-security-policy","value":"old"}]},{"source":"/x","headers":[]}]}"#;
        assert_eq!(into(PAGES, Scope::Site, before).unwrap(), before.replace("old", ONE));
        let page = into(PAGES, Scope::Page, before).unwrap();
        assert!(page.contains(r#""value":"default-src 'self'"}"#), "{page}");
        assert_eq!(page.matches("ontent-").count(), 2);
        assert_eq!(into(PAGES, Scope::Page, &page).unwrap(), page);
    }

    #[test]
    fn a_line_stays_a_line_and_a_rule_as_it_was_written() {
        let before = r#"{"a":1,"headers":[{"source":"/x","headers":[]}]}"#;
        let site = into(PAGES, Scope::Site, before).unwrap();
        let ours = format!(
            r#", {{"source": "/(.*)", "headers": [{{"key": "Content-Security-Policy", "value": "{ONE}"}}]}}]}}"#
        );
        assert_eq!(site, before.replace("]}]}", &format!("]}}{ours}")));
        assert_eq!(into(PAGES, Scope::Site, &site).unwrap(), site);
        let odd =
            r#"{"headers":[ {"headers" :[{"value":"old" , "key":"content-security-policy"}],"source":"/(.*)"}] }"#;
        assert_eq!(into(PAGES, Scope::Site, odd).unwrap(), odd.replace("old", ONE));
    }

    #[test]
    fn thousands_of_rules_are_written_at_once() {
        let many: Vec<(String, String)> = (0..1_500).map(|n| (format!("{n}.html"), n.to_string())).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(a, b)| (&a[..], &b[..])).collect();
        let begin = std::time::Instant::now();
        let text = into(&many, Scope::Page, "{}").unwrap();
        assert_eq!(text.matches("\"source\"").count(), 1_501);
        assert!(begin.elapsed().as_secs() < 10, "{:?}", begin.elapsed());
    }

    #[test]
    fn a_file_that_would_not_do_is_refused_with_its_line() {
        for (existing, message) in [
            ("{\n  \"a\": 1,\n}", "at line 3 column 1"),
            ("{\"a\": 1 /* x */}", "line 1 column 9"),
            ("[]", "does not hold an object"),
            ("{\n\"headers\": {}}", "line 2: `headers` is no array"),
            ("{\"headers\": [],\n\"headers\": []}", "line 2: a second `headers`"),
            ("{\"routes\": []}", "`routes`"),
            (
                "{\"headers\": [\n{\"source\": \"/:p*\", \"headers\": [{\"key\": \"Content-Security-Policy\", \"value\": \"x\"}]}]}",
                "line 2: this rule has a Content-Security-Policy of its own",
            ),
        ] {
            let Err(error) = into(PAGES, Scope::Site, existing) else {
                panic!("{existing} is taken");
            };
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.to_string().contains(message), "{existing}: {error}");
        }
    }

    #[test]
    fn a_dollar_and_an_empty_policy_are_refused() {
        for base in ["report-uri /$1", ""] {
            with_site(base, &[("a.html", "")], Scope::Site, |deployment| {
                let error = print(&VERCEL, deployment).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Unsupported, "{base}");
            });
        }
    }

    #[test]
    fn sources_are_cut_and_rules_are_counted() {
        let many: Vec<(String, String)> = (0..300).map(|n| (format!("{n:0>100}.html"), "1".to_owned())).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(a, b)| (&a[..], &b[..])).collect();
        with_site("default-src 'self'", &many, Scope::Page, |deployment| {
            let rules = rules(deployment).unwrap();
            assert!(rules.len() > 20 && rules.len() < 40, "{}", rules.len());
            assert!(rules.iter().all(|rule| rule.pattern.len() <= SOURCE));
        });
        let full = vec![r#"{"source":"/x","headers":[]}"#; 2048].join(",");
        let error = into(PAGES, Scope::Site, &format!("{{\"headers\":[{full}]}}")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert!(error.to_string().contains("2048 rules"), "{error}");
    }
}
