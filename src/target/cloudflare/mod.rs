//! `cloudflare`: rules for the `_headers` of Cloudflare Pages and of Workers with static assets.
//!
//! Run on wrangler 4.86.0 and workerd 1.20260426, with the asset servers of Pages and of Workers. Every rule that
//! matches counts, in order, and a second value is joined to the first with a comma, so each rule of a page detaches the
//! policy of the rule for every path before it sets its own. Rules are keyed by their path: **of two with the same path the
//! earlier is lost**, so that a file that has its own rule for every path gets ours into that one.

mod read;

use std::collections::HashMap;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::block::replace_block_at;
use super::netlify::{check_lines, line_header, outside};
use super::quote::url_link_path;
use super::urls::{headers_everywhere, refuse_controls, same_path, unsupported};
use super::{Deployment, Limits, PolicyHeader, Scope, Target, check_rules, one_line, replace_block};
use crate::error::{Error, ErrorKind, Remedy, Result};

/// The longest line, in characters; a longer one is ignored silently.
const LINE: usize = 2000;
/// The most rules; those after them are ignored silently.
const RULES: usize = 100;
const EVERYWHERE: &str = "/*";
pub(super) static CLOUDFLARE: Target = Target {
    deployed: Some(&read::FILE),
    published: true,
    limits: Limits { policy: Some(LINE - "Content-Security-Policy: ".len()), rules: Some(RULES), ..Limits::NONE },
    print: Some(|deployment| {
        let rules = rules(deployment)?;
        check_rules(&CLOUDFLARE, rules.len())?;
        Ok(text(&rules, true))
    }),
    merge: Some(merge),
    ..Target::server("cloudflare", "Cloudflare Pages and Workers: a _headers file")
};

fn merge(deployment: &Deployment<'_>, existing: &[u8]) -> Result<Vec<u8>> {
    let rules = rules(deployment)?;
    let lines = outside(existing);
    check_lines(deployment, &lines, line_header)?;
    let theirs: Vec<_> = lines.iter().filter(|line| is_path(&line.text)).collect();
    let own = theirs.iter().find(|line| line.text == EVERYWHERE);
    if let Some(line) =
        theirs.iter().find(|line| line.text != EVERYWHERE && rules.iter().any(|rule| same_key(&rule.path, &line.text)))
    {
        return Err(unsupported(format!(
            "line {} has a rule for {}, and Cloudflare keeps one rule for a path; write its path with a placeholder or a `*`",
            line.number,
            one_line(&line.text)
        ))
        .with_remedy(Remedy::SitePolicy));
    }
    let count = rules.len() + theirs.len() - usize::from(own.is_some());
    check_rules(&CLOUDFLARE, count)?;
    let block = text(&rules, own.is_none());
    match own {
        Some(line) => {
            let place = end_of_rule(existing, line.number)?;
            replace_block_at(existing, "#", block.as_bytes(), place)
        }
        None => replace_block(existing, "#", block.as_bytes()),
    }
}

struct Rule {
    path: String,
    headers: Vec<PolicyHeader>,
}

/// The rule for every path, then those of the pages.
fn rules(deployment: &Deployment<'_>) -> Result<Vec<Rule>> {
    let everywhere = headers_everywhere("cloudflare", deployment)?;
    let mut rules = vec![Rule { path: EVERYWHERE.to_owned(), headers: everywhere.clone() }];
    if deployment.scope == Scope::Page {
        // Which page has a path, and the index of its policy.
        let mut owners: HashMap<String, (&str, usize)> = HashMap::new();
        for (index, group) in deployment.page_groups().iter().enumerate() {
            for page in &group.paths {
                // The default needs no rule, so that any name will do.
                let keys = if group.headers == everywhere { url_spellings(page) } else { url_keys(page)? };
                for path in keys {
                    match owners.insert(path.clone(), (page, index)) {
                        Some((_, known)) if known == index => continue,
                        Some((other, _)) => return Err(same_path("cloudflare", other, page)),
                        None if group.headers == everywhere => continue,
                        None => rules.push(Rule { path, headers: group.headers.clone() }),
                    }
                }
            }
        }
    }
    for rule in &rules {
        check_rule(rule)?;
    }
    Ok(rules)
}

fn check_rule(rule: &Rule) -> Result<()> {
    let path = one_line(&rule.path);
    let lines = rule.headers.iter().map(|header| line(header).len());
    let length = lines.fold(rule.path.len(), usize::max);
    if length > LINE {
        return Err(Error::new(
            ErrorKind::Limit,
            format!(
                "cloudflare ignores a line of more than {LINE} characters, and one for {path} has {length}; move inline scripts and styles into files"
            ),
        ));
    }
    let mut policies = rule.headers.iter().map(|header| header.policy.as_str());
    if policies.any(|policy| policy.contains(":splat")) {
        return Err(unsupported(
            "cloudflare replaces `:splat` in a header; write it with %3A in the policy".to_owned(),
        ));
    }
    Ok(())
}

/// The paths at which a page is shown and not redirected, unless a rule could not hold them.
fn url_keys(page: &str) -> Result<Vec<String>> {
    refuse_controls("cloudflare", page)?;
    let shown = shown(page);
    let placeholder = shown.as_bytes().windows(2).any(|pair| pair[0] == b':' && pair[1].is_ascii_alphabetic());
    if shown.contains('*') || placeholder {
        return Err(unsupported(format!(
            "cloudflare reads a `*` and a `:` with a name, as in {}, as any text; rename the page",
            one_line(page)
        ))
        .with_remedy(Remedy::SitePolicy));
    }
    if shown.ends_with("/.") || shown.ends_with("/..") {
        return Err(unsupported(format!(
            "cloudflare shows {} at a path whose end browsers leave out; rename the page",
            one_line(page)
        ))
        .with_remedy(Remedy::SitePolicy));
    }
    Ok(url_spellings(page))
}

/// The path at which a page is shown: without `.html`, an index as its folder with the slash.
fn shown(page: &str) -> String {
    let shown = match page.strip_suffix(".html") {
        Some("index") => "",
        Some(stem) => stem.strip_suffix("index").filter(|folder| folder.ends_with('/')).unwrap_or(stem),
        None => page,
    };
    format!("/{shown}")
}

/// How the path at which a page is shown is spelled in URLs.
///
/// Workers redirect to what JavaScript's `encodeURIComponent` writes; Pages serve the page for any spelling, so what a
/// browser makes of a link is there too, and a bare `%`, to which Pages redirect.
fn url_spellings(page: &str) -> Vec<String> {
    let path = shown(page);
    let link = url_link_path(&path);
    let bare = link.replace("%25", "%");
    let mut keys = vec![url_component_path(&path)];
    for key in [link, bare] {
        // A key must be what it is after decoding too, or it would be another page's.
        if !keys.contains(&key) && percent_decode_str(&key).eq(path.bytes()) {
            keys.push(key);
        }
    }
    keys
}

/// The line that sets a header, without the space before it.
fn line(header: &PolicyHeader) -> String {
    format!("{}: {}", header.name(), header.policy)
}

fn text(rules: &[Rule], with_first_path: bool) -> String {
    let mut text = String::new();
    for (index, rule) in rules.iter().enumerate() {
        // Writing into a String cannot fail.
        if index > 0 || with_first_path {
            let _ = writeln!(text, "{}", rule.path);
        }
        for header in &rule.headers {
            if index > 0 {
                let _ = writeln!(text, "  ! {}", header.name());
            }
            let _ = writeln!(text, "  {}", line(header));
        }
    }
    text
}

/// Whether both may be the same path once Cloudflare has read them.
fn same_key(one: &str, other: &str) -> bool {
    percent_decode_str(one).eq(percent_decode_str(other))
}

fn is_path(line: &str) -> bool {
    line.starts_with('/') || line.starts_with("https://")
}

/// The place of our block in the rule that begins in line `number`: behind the rule's last header, before the blank lines and
/// comments that belong to what follows.
fn end_of_rule(existing: &[u8], number: usize) -> Result<usize> {
    let lines: Vec<&[u8]> = existing.split_inclusive(|b| *b == b'\n').collect();
    let texts = lines.iter().map(|line| String::from_utf8_lossy(line));
    let texts: Vec<String> = texts.map(|text| text.trim().to_owned()).collect();
    let next_rule = texts.iter().skip(number).position(|text| is_path(text));
    let next_rule = next_rule.map_or(lines.len(), |offset| number + offset);
    let begin = texts.iter().position(|text| text == "# cspseal begin");
    if begin.is_some_and(|begin| !(number..=next_rule).contains(&begin)) {
        return Err(unsupported(format!(
            "line {number} has a rule for {EVERYWHERE} and so has the block, and Cloudflare keeps one; remove the block, then it is put into that rule"
        )));
    }
    let is_own = |text: &String| !text.is_empty() && !text.starts_with('#');
    let headers = texts[number..next_rule].iter().rposition(is_own);
    let end = headers.map_or(number, |last| number + last + 1);
    Ok(lines[..end].iter().map(|line| line.len()).sum())
}

/// The path of a URL as Cloudflare's canonical redirects spell it, JavaScript's `encodeURIComponent` between the slashes
/// (run on workerd 1.20260426).
fn url_component_path(path: &str) -> String {
    utf8_percent_encode(path, COMPONENT).to_string()
}

const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::print_into;
    use crate::target::tests::fixture::with_site;

    const ONE: &str = "default-src 'self'; script-src 'self' 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='";
    const PAGES: &[(&str, &str)] = &[("docs/index.html", "1"), ("index.html", ""), ("x y.html", "1")];

    fn into(pages: &[(&str, &str)], scope: Scope, existing: &str) -> Result<String> {
        with_site("default-src 'self'", pages, scope, |deployment| {
            let file = print_into(&CLOUDFLARE, deployment, existing.as_bytes())?;
            Ok(String::from_utf8(file).unwrap())
        })
    }

    fn page_rules() -> String {
        ["/docs/", "/x%20y"]
            .map(|path| format!("{path}\n  ! Content-Security-Policy\n  Content-Security-Policy: {ONE}\n"))
            .concat()
    }

    #[test]
    fn paths_are_spelled_as_redirects_spell_them() {
        assert_eq!(
            url_component_path("/d/a b(c)[d]*!~$'\"{}#%^|+日.html"),
            "/d/a%20b(c)%5Bd%5D*!~%24'%22%7B%7D%23%25%5E%7C%2B%E6%97%A5.html"
        );
    }

    #[test]
    fn two_pages_at_one_path_need_one_policy() {
        let refused = |pages: &[(&str, &str)]| into(pages, Scope::Page, "").is_err();
        assert!(refused(&[("x.htm", "1"), ("x.htm.html", "2")]));
        assert!(refused(&[("x.htm", ""), ("x.htm.html", "2")]));
        assert!(!refused(&[("x.htm", "1"), ("x.htm.html", "1")]));
        assert!(!refused(&[("x.htm", ""), (":x.html", ""), ("y.html", "1")]));
    }

    #[test]
    fn page_rules_detach_the_default_first() {
        let default = "/*\n  Content-Security-Policy: default-src 'self'\n";
        with_site("default-src 'self'", PAGES, Scope::Page, |deployment| {
            let mut out = Vec::new();
            CLOUDFLARE.emit(deployment, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("{default}{}", page_rules()));
        });
        with_site("default-src 'self'", PAGES, Scope::Site, |deployment| {
            let mut out = Vec::new();
            CLOUDFLARE.emit(deployment, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("/*\n  Content-Security-Policy: {ONE}\n"));
        });
    }

    #[test]
    fn keys_are_the_urls_that_are_not_redirected() {
        for (page, keys) in [
            ("index.html", &["/"][..]),
            ("a/index.html", &["/a/"]),
            ("myindex.html", &["/myindex"]),
            ("a.htm", &["/a.htm"]),
            ("$a'\"{}.html", &["/%24a'%22%7B%7D", "/$a'%22%7B%7D"]),
            ("100%.html", &["/100%25", "/100%"]),
            ("a%20b.html", &["/a%2520b"]),
            ("#?.html", &["/%23%3F"]),
            ("日.html", &["/%E6%97%A5"]),
            ("12:30.html", &["/12%3A30", "/12:30"]),
        ] {
            assert_eq!(url_keys(page).unwrap(), keys, "{page}");
        }
        for page in ["a*b.html", "a:b.html", "a\nb.html", "a/..html", "...html"] {
            assert!(url_keys(page).is_err(), "{page:?}");
        }
    }

    #[test]
    fn ours_goes_into_somebodys_rule_for_every_path() {
        let before = "# a\r\n/*\r\n  X-A: b\r\n\r\n# c\r\n/docs/*\r\n  X-C: d";
        let after = into(PAGES, Scope::Page, before).unwrap();
        let block =
            format!("# cspseal begin\n  Content-Security-Policy: default-src 'self'\n{}# cspseal end\n", page_rules());
        assert_eq!(after, before.replace("b\r\n\r\n", &format!("b\r\n{}\r\n", block.replace('\n', "\r\n"))));
        assert_eq!(into(PAGES, Scope::Page, &after).unwrap(), after);
        let site = into(PAGES, Scope::Site, &after).unwrap();
        assert_eq!(into(PAGES, Scope::Site, before).unwrap(), site);
        // At the end of the file, without a newline there.
        let end = into(PAGES, Scope::Site, "/*\n  X-A: b").unwrap();
        assert!(end.starts_with("/*\n  X-A: b\n# cspseal begin\n  Content-"), "{end}");
    }

    #[test]
    fn without_such_a_rule_the_block_goes_to_the_end() {
        let after = into(PAGES, Scope::Page, "/docs/*\n  X-C: d").unwrap();
        assert!(after.starts_with("/docs/*\n  X-C: d\n# cspseal begin\n/*\n"), "{after}");
        assert_eq!(into(PAGES, Scope::Page, &after).unwrap(), after);
        // Both would have the rule.
        let both = format!("/*\n  X-A: b\n/x\n  X-A: b\n{after}");
        assert!(into(PAGES, Scope::Page, &both).is_err());
    }

    #[test]
    fn rules_that_cloudflare_would_drop_or_join_are_refused() {
        for existing in [
            "/docs/\n  X-A: b\n",
            "/x y\n  X-A: b\n",
            "/x\n  Content-Security-Policy: a\n",
            "# cspseal begin\n# cspseal end\n  X-A: b\n",
        ] {
            assert!(into(PAGES, Scope::Page, existing).is_err(), "{existing}");
        }
    }

    #[test]
    fn limits_are_kept() {
        let many: Vec<(String, String)> = (0..100).map(|n| (format!("p{n}.html"), n.to_string())).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(a, b)| (&a[..], &b[..])).collect();
        let error = into(&many, Scope::Page, "").unwrap_err();
        assert!(error.to_string().contains("need 101"), "{error}");
        assert!(into(&many[1..], Scope::Page, "").is_ok());
        assert!(into(&many[1..], Scope::Page, "/x\n  A: b\n").is_err());
        assert!(into(&many[1..], Scope::Page, "/*\n  A: b\n").is_ok());
        for (length, report_only, fits) in
            [(1964, false, true), (1965, false, false), (1952, true, true), (1953, true, false)]
        {
            let base = format!("report-uri {}", "x".repeat(length));
            with_site(&base, &[("a.html", "")], Scope::Site, |deployment| {
                let deployment = Deployment::new(deployment.report, Scope::Site).with_report_only(report_only);
                let result = crate::target::print(&CLOUDFLARE, &deployment);
                assert_eq!(result.is_ok(), fits, "{length}");
            });
        }
        with_site("report-uri /:splat", &[("a.html", "")], Scope::Site, |deployment| {
            assert!(crate::target::print(&CLOUDFLARE, deployment).is_err());
        });
    }
}
