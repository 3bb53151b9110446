//! `lighttpd`: `setenv.set-response-header`, in a condition on the path for a page.
//!
//! Run on lighttpd 1.4.69.
//!
//! - `$HTTP["url"]` is the decoded and normalised path without the query. It is compared with a string in which `%41` was
//!   made `A` and `%25` was left, so that no string equals a path with a `%`: that takes an expression, which is over
//!   UTF-8 characters.
//! - Two conditions that differ in case alone are one to it, though it heeds case when it compares. They are expressions too,
//!   in which capital letters are numbers.
//! - It takes 4,095 conditions and aborts at one more. Pages with one policy are one condition.
//! - Of the conditions that hold the last one wins, with its whole list of headers.
//! - Without mod_setenv lighttpd would ignore the lines with a warning; hence its name among them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::deployed::DeployedFile;
use super::quote::{Regex, exact_regex};
use super::rules::{PageRules, packed, unquotable};
use super::{Limits, PolicyHeader, Target, check_rules, url_paths};
use crate::error::Result;

/// How many bytes an expression may have; PCRE takes some 64,000.
const LONGEST_EXPRESSION: usize = 8_000;

pub(super) static LIGHTTPD: Target = Target {
    deployed: Some(&DeployedFile::unread("lighttpd.conf", &["setenv.set-response-header = "])),
    limits: Limits { rules: Some(4_000), ..Limits::NONE },
    rules: Some(rules),
    ..Target::server("lighttpd", "lighttpd: lines for lighttpd.conf")
};

const NOTES: &str = "\
# A later or inner setenv.set-response-header replaces these, with all their headers.
server.modules += ( \"mod_setenv\" )
";

/// Sets headers, all in one list.
fn set_headers(headers: &[PolicyHeader], indent: &str, text: &mut String) -> Result<()> {
    let entry = |header: &PolicyHeader| {
        let value = lighttpd_string(header.policy.as_str())
            .ok_or_else(|| unquotable("lighttpd", "a \\ before a \" or at its end"))?;
        Ok(format!("\"{}\" => {value}", header.name()))
    };
    let entries = headers.iter().map(entry).collect::<Result<Vec<_>>>()?;
    let _ = writeln!(text, "{indent}setenv.set-response-header = ( {} )", entries.join(", "));
    Ok(())
}

fn rules(rules: &PageRules) -> Result<String> {
    let mut text = NOTES.to_owned();
    set_headers(&rules.default, "", &mut text)?;
    let mut spellings: BTreeMap<String, usize> = BTreeMap::new();
    for page in rules.rules.iter().flat_map(|rule| &rule.paths) {
        *spellings.entry(page.to_ascii_lowercase()).or_default() += 1;
    }
    let alone = |page: &str| spellings.get(&page.to_ascii_lowercase()) == Some(&1);
    let mut count = 0;
    for rule in &rules.rules {
        for condition in conditions(&rule.paths, alone) {
            let _ = writeln!(text, "$HTTP[\"url\"] {condition} {{");
            set_headers(&rule.headers, "    ", &mut text)?;
            text.push_str("}\n");
            count += 1;
        }
    }
    check_rules(&LIGHTTPD, count)?;
    Ok(text)
}

/// The comparisons of which one holds for each URL path of the pages. `alone` says whether no other page differs from one
/// in case alone.
fn conditions(pages: &[String], alone: impl Fn(&str) -> bool) -> Vec<String> {
    let paths: Vec<String> = pages.iter().flat_map(|page| url_paths(page)).collect();
    if let ([page], [path]) = (pages, &paths[..])
        && alone(page)
        && !path.contains('%')
        && let Some(path) = lighttpd_string(path)
    {
        return vec![format!("== {path}")];
    }
    let regexes = paths.iter().map(|path| exact_regex(Regex::Characters, path));
    let lists = packed(regexes, "|", LONGEST_EXPRESSION).into_iter();
    lists.map(|list| format!("=~ \"{list}\"")).collect()
}

/// A lighttpd string with its quotes; [`None`] if there is no way to write it: a backslash is literal but before a `"`,
/// which it escapes (run on 1.4.69).
fn lighttpd_string(text: &str) -> Option<String> {
    let holds = !text.contains("\\\"") && !text.ends_with('\\');
    holds.then(|| format!("\"{}\"", text.replace('"', "\\\"")))
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::{HASH, HOSTILE, OTHER, SCRIPT, SMALL, printed};
    use super::*;
    use crate::error::ErrorKind;
    use crate::target::Scope;

    const BASE: &str = "script-src 'self'";

    #[test]
    fn the_site_is_a_line() {
        assert_eq!(
            printed(&LIGHTTPD, Scope::Site, BASE, &SMALL[..3]).unwrap(),
            format!(
                "{NOTES}setenv.set-response-header = ( \"Content-Security-Policy\" => \"script-src 'self' {HASH}\" )\n"
            )
        );
    }

    #[test]
    fn a_policy_is_a_condition() {
        let pages = [("about.html", ""), ("docs/index.html", SCRIPT), ("other.html", SCRIPT), ("x.html", OTHER)];
        let text = printed(&LIGHTTPD, Scope::Page, BASE, &pages[..3]).unwrap();
        assert_eq!(
            text,
            format!(
                r#"{NOTES}setenv.set-response-header = ( "Content-Security-Policy" => "script-src 'self'" )
$HTTP["url"] =~ "^/docs/index\x{{2e}}html$|^/docs/$|^/other\x{{2e}}html$" {{
    setenv.set-response-header = ( "Content-Security-Policy" => "script-src 'self' {HASH}" )
}}
"#
            )
        );
        let text = printed(&LIGHTTPD, Scope::Page, BASE, &pages).unwrap();
        assert!(text.contains("\n$HTTP[\"url\"] == \"/x.html\" {\n"), "{text}");
    }

    #[test]
    fn conditions_differ_in_more_than_case_and_strings_hold_no_percent() {
        let pages = [
            ("%41.html", SCRIPT),
            ("A.html", OTHER),
            ("a.html", ""),
            ("b.html", "<script>1</script>"),
            ("B.html", "<script>2</script>"),
        ];
        let text = printed(&LIGHTTPD, Scope::Page, BASE, &pages).unwrap();
        let conditions: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("$HTTP[\"url\"] ")?.strip_suffix(" {")).collect();
        assert_eq!(
            conditions,
            [
                r#"=~ "^/\x{25}41\x{2e}html$""#,
                r#"== "/A.html""#,
                r#"=~ "^/\x{42}\x{2e}html$""#,
                r#"=~ "^/b\x{2e}html$""#,
            ]
        );
    }

    #[test]
    fn what_a_string_cannot_hold_is_an_expression_or_refused() {
        let pages = [("a\\\"b.html", SCRIPT)];
        let text = printed(&LIGHTTPD, Scope::Page, HOSTILE, &pages).unwrap();
        assert!(text.contains(r#"=~ "^/a\x{5c}\x{22}b\x{2e}html$" {"#) && text.contains(r"&a\nb\\c`(<!#"), "{text}");
        let pages = &SMALL[..1];
        let error = printed(&LIGHTTPD, Scope::Site, r"report-uri /\", pages).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn too_many_conditions_are_refused() {
        let pages: Vec<(String, String)> =
            (0..4_001).map(|n| (format!("{n:04}.html"), format!("<script>{n}</script>"))).collect();
        let pages: Vec<_> = pages.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let error = printed(&LIGHTTPD, Scope::Page, BASE, &pages).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
    }
}
