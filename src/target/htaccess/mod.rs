//! `htaccess`: `Header always set` in the `.htaccess` of the site's root folder.
//!
//! Run on Apache httpd 2.4.71 with `AllowOverride FileInfo`. As [`apache`](super::apache), with these differences:
//!
//! - A line has up to 8,192 bytes. A longer policy is set in part and then edited: `Header edit` puts the next part at
//!   its end, under the same condition, when the answer is sent. Variables of the request would be lost to error pages, and
//!   `append` joins with a comma.
//! - The file is read again for every request, so there is a limit to how many rules are sensible: 2,000 cost
//!   some 5 ms.
//! - There is no `Define`, so that a `${` of the policy, which Apache would replace by a variable of its environment, is
//!   refused.
//! - A request that is refused before Apache looks for the file (400, 414) has no policy from here.

use std::fmt::Write as _;

use super::apache::condition;
use super::apache::quote::{APACHE_DOLLAR, apache_expression, apache_header, apache_replacement};
use super::deployed::DeployedFile;
use super::rules::{PageRules, policy_pieces, unquotable};
use super::{Limits, PolicyHeader, Target, check_rules, url_paths};
use crate::error::{Error, ErrorKind, Result};

/// How many bytes of a line a piece of a policy, the paths of a condition and both together may have.
const LONGEST_PIECE: usize = 4_500;
const LONGEST_CONDITION: usize = 3_000;
const LONGEST_LINE: usize = 8_190;

pub(super) static HTACCESS: Target = Target {
    deployed: Some(&DeployedFile::unread(".htaccess", &["# In the .htaccess", "Header always edit "])),
    published: true,
    limits: Limits { rules: Some(2_000), ..Limits::NONE },
    rules: Some(rules),
    ..Target::server("htaccess", "Apache httpd: lines for the .htaccess of the site's root folder")
};

fn rules(rules: &PageRules) -> Result<String> {
    let mut text =
        "# In the .htaccess of the folder that is the site's root; needs mod_headers and AllowOverride FileInfo.\n"
            .to_owned();
    for header in &rules.default {
        let _ = writeln!(text, "Header onsuccess unset {}", header.name());
    }
    for header in &rules.default {
        rule(header, None, &mut text)?;
    }
    let mut count = 0;
    for page in &rules.rules {
        for paths in chunks(page.paths.iter().flat_map(|path| url_paths(path))) {
            let condition = condition(&paths);
            for header in &page.headers {
                rule(header, Some(&condition), &mut text)?;
                count += 1;
            }
        }
    }
    check_rules(&HTACCESS, count)?;
    Ok(text)
}

/// The paths in as many lists as conditions are needed for them.
fn chunks(paths: impl Iterator<Item = String>) -> Vec<Vec<String>> {
    let mut chunks: Vec<Vec<String>> = Vec::new();
    let mut length = 0;
    for path in paths {
        let more = apache_expression(&path).len() + "'', ".len();
        length += more;
        match chunks.last_mut() {
            Some(last) if length <= LONGEST_CONDITION => last.push(path),
            _ => {
                length = more;
                chunks.push(vec![path]);
            }
        }
    }
    chunks
}

/// Sets the policy, in as many lines as it needs, for what meets the condition.
fn rule(header: &PolicyHeader, condition: Option<&str>, text: &mut String) -> Result<()> {
    let (name, words) = (header.name(), header.policy.as_str().split(' '));
    let condition = condition.map_or_else(String::new, |c| format!(" \"expr={c}\""));
    let pieces = policy_pieces("htaccess", words.map(str::to_owned), LONGEST_PIECE)?;
    for (index, piece) in pieces.iter().enumerate() {
        let line = if index == 0 {
            let piece = apache_header(piece.trim_end());
            format!("Header always set {name} \"{piece}\"{condition}")
        } else {
            let piece = apache_replacement(piece.trim_end());
            format!("Header always edit {name} \"$\" \" {piece}\"{condition}")
        };
        if line.contains(APACHE_DOLLAR) {
            return Err(unquotable("htaccess", "${"));
        }
        if line.len() > LONGEST_LINE {
            let message = format!(
                "htaccess takes a line of {LONGEST_LINE} bytes and this one would have {}; shorten the page's path: {}",
                line.len(),
                super::one_line(&condition)
            );
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let _ = writeln!(text, "{line}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::{HASH, OTHER, SCRIPT, SMALL, long_base, printed};
    use super::*;
    use crate::target::Scope;

    const BASE: &str = "script-src 'self'";

    #[test]
    fn pages_are_conditions() {
        let text = printed(&HTACCESS, Scope::Page, BASE, &SMALL[..3]).unwrap();
        let (_, lines) = text.split_once('\n').unwrap();
        assert_eq!(
            lines,
            format!(
                r#"Header onsuccess unset Content-Security-Policy
Header always set Content-Security-Policy "script-src 'self'"
Header always set Content-Security-Policy "script-src 'self' {HASH}" "expr=%{{REQUEST_URI}} in {{'/docs/index.html', '/docs/', '/index.html', '/'}}"
"#
            )
        );
        let text = printed(&HTACCESS, Scope::Site, BASE, &SMALL[..3]).unwrap();
        assert!(text.ends_with(&format!("set Content-Security-Policy \"script-src 'self' {HASH}\"\n")), "{text}");
    }

    #[test]
    fn a_long_policy_is_set_and_then_edited_under_one_condition() {
        let base = format!("{} https://a.example/%41$1", long_base(10_000));
        let text = printed(&HTACCESS, Scope::Page, &base, &[("a.html", SCRIPT)]).unwrap();
        assert!(text.lines().all(|line| line.len() < 8_192));
        let lines: Vec<&str> =
            text.lines().filter(|line| line.ends_with(" \"expr=%{REQUEST_URI} == '/a.html'\"")).collect();
        assert!(lines[0].starts_with("Header always set Content-Security-Policy \"script-src"));
        assert_eq!(lines.len(), 3);
        let edits = &lines[1..];
        assert!(edits.iter().all(|line| line.starts_with("Header always edit Content-Security-Policy \"$\" \" ")));
        assert!(lines[2].contains(r" https://a.example/%%41\\\\$1"), "{}", lines[2]);
    }

    #[test]
    fn many_pages_with_one_policy_are_several_lines() {
        let names: Vec<String> = (0..200).map(|n| format!("page-with-a-name-{n}.html")).collect();
        let pages: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), SCRIPT)).collect();
        let mut sorted = pages.clone();
        sorted.sort_unstable();
        let text = printed(&HTACCESS, Scope::Page, BASE, &sorted).unwrap();
        assert_eq!(text.matches("expr=").count(), 2, "{text}");
        for (name, _) in pages {
            assert_eq!(text.matches(&format!("'/{name}'")).count(), 1);
        }
    }

    #[test]
    fn what_a_line_or_the_file_cannot_hold_is_refused() {
        let name = format!("{}.html", "'".repeat(4_000));
        let error = printed(&HTACCESS, Scope::Page, BASE, &[(&name, OTHER)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        let error = printed(&HTACCESS, Scope::Site, "report-uri /${HOME}", SMALL).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let pages: Vec<(String, String)> =
            (0..2_001).map(|n| (format!("{n:04}.html"), format!("<script>{n}</script>"))).collect();
        let pages: Vec<_> = pages.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let error = printed(&HTACCESS, Scope::Page, BASE, &pages).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert!(error.to_string().contains("2001"), "{error}");
    }
}
