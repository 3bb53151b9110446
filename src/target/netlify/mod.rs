//! `netlify` and `netlify-toml`: the rule for every path in `_headers` and in `netlify.toml`.
//!
//! There is no policy for each page here. Every rule that matches counts and none can take a header away
//! (`@netlify/headers-parser` 9.0.3 and how Netlify's command line applies its result), so a rule for the paths that are no
//! page would reach the pages too, and without it those paths would have no policy. `--format meta` writes each
//! policy into its page.

mod read;

use super::quote::{Language, string};
use super::urls::{headers_everywhere, unsupported};
use super::{Deployment, Disposition, PolicyHeader, Scope, Target};
use crate::error::Result;

/// The name of the file, which Cloudflare has too.
pub(super) const HEADERS_FILE: &str = "_headers";

pub(super) static NETLIFY: Target = Target {
    deployed: Some(&read::HEADERS),
    published: true,
    report_only: true,
    comment: Some("#"),
    print: Some(|deployment| {
        let headers = headers_everywhere(NETLIFY.name, deployment)?;
        let line = |header: &PolicyHeader| format!("  {}: {}\n", header.name(), header.policy);
        Ok("/*\n".to_owned() + &headers.iter().map(line).collect::<String>())
    }),
    fits: Some(|deployment, existing| check_lines(deployment, &outside(existing), line_header)),
    ..Target::new("netlify", "Netlify: a _headers file", &[Scope::Site])
};

pub(super) static NETLIFY_TOML: Target = Target {
    deployed: Some(&read::TOML),
    report_only: true,
    comment: Some("#"),
    print: Some(|deployment| {
        let headers = headers_everywhere(NETLIFY_TOML.name, deployment)?;
        let line = |header: &PolicyHeader| {
            let value = string(Language::Toml, header.policy.as_str());
            format!("    {} = {value}\n", header.name())
        };
        let lines: String = headers.iter().map(line).collect();
        Ok(format!("[[headers]]\n  for = \"/*\"\n  [headers.values]\n{lines}"))
    }),
    fits: Some(|deployment, existing| check_lines(deployment, &outside(existing), toml_header)),
    ..Target::new("netlify-toml", "Netlify: a [[headers]] table for netlify.toml", &[Scope::Site])
};

/// A line of a file that is somebody's own.
pub(super) struct Line {
    /// From one.
    pub(super) number: usize,
    /// Without the space around it.
    pub(super) text: String,
    /// Whether it stands behind our block.
    pub(super) behind: bool,
}

/// The lines outside our block that are neither empty nor comments.
pub(super) fn outside(existing: &[u8]) -> Vec<Line> {
    let mut inside = false;
    let mut behind = false;
    let mut lines = Vec::new();
    for (index, line) in String::from_utf8_lossy(existing).lines().enumerate() {
        let text = line.trim();
        match text {
            "# cspseal begin" => inside = true,
            "# cspseal end" => (inside, behind) = (false, true),
            _ if inside || text.is_empty() || text.starts_with('#') => {}
            _ => lines.push(Line { number: index + 1, text: text.to_owned(), behind }),
        }
    }
    lines
}

/// Refuses a policy that somebody wrote by hand, as both would be sent, and what follows our block and would go on with its
/// last rule.
pub(super) fn check_lines(
    deployment: &Deployment<'_>,
    lines: &[Line],
    header: fn(&str) -> Option<&'static str>,
) -> Result<()> {
    for wanted in deployment.header_names() {
        if let Some(line) = lines.iter().find(|line| header(&line.text) == Some(wanted)) {
            return Err(unsupported(format!(
                "line {} has a {wanted} of its own, so that two would be sent; remove it",
                line.number
            )));
        }
    }
    match lines.iter().find(|line| line.behind) {
        Some(line) if !line.text.starts_with(['/', '[']) && !line.text.starts_with("https:") => Err(unsupported(
            format!("line {} would belong to the rule of the block above it; put the block at the end", line.number),
        )),
        _ => Ok(()),
    }
}

/// The policy header that a line of `_headers` sets.
pub(super) fn line_header(line: &str) -> Option<&'static str> {
    let (name, _) = line.split_once(':')?;
    Some(Disposition::of_header(name.trim())?.header_name())
}

/// The policy header that a line of TOML sets, as a key or within an inline table.
fn toml_header(line: &str) -> Option<&'static str> {
    line.split('=')
        .filter_map(|part| part.rsplit(['.', '{', ',']).next())
        .find_map(|name| Disposition::of_header(name.trim().trim_matches(['"', '\'']).trim()))
        .map(Disposition::header_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::target::tests::fixture::with_site;
    use crate::target::{print, print_into};

    const ONE: &str = "default-src 'self'; script-src 'self' 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='";

    fn into(target: &Target, scope: Scope, existing: &str) -> Result<String> {
        let pages = [("a.html", "1")];
        with_site("default-src 'self'", &pages, scope, |deployment| {
            let file = print_into(target, deployment, existing.as_bytes())?;
            Ok(String::from_utf8(file).unwrap())
        })
    }

    #[test]
    fn there_is_one_rule() {
        with_site("default-src 'self'", &[("a.html", "1")], Scope::Site, |deployment| {
            assert_eq!(
                print(&NETLIFY, deployment).unwrap(),
                format!("/*\n  Content-Security-Policy: {ONE}\n").as_bytes()
            );
            assert_eq!(
                print(&NETLIFY_TOML, deployment).unwrap(),
                format!("[[headers]]\n  for = \"/*\"\n  [headers.values]\n    Content-Security-Policy = \"{ONE}\"\n")
                    .as_bytes()
            );
        });
    }

    #[test]
    fn a_policy_for_each_page_is_refused() {
        let error = into(&NETLIFY, Scope::Page, "").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn the_block_goes_to_the_end_and_stays_as_it_is() {
        for (target, before) in [(&NETLIFY, "/*\n  X: y # z\n"), (&NETLIFY_TOML, "[build]\npublish = \"x\"\n")] {
            let once = into(target, Scope::Site, before).unwrap();
            assert!(once.starts_with(&format!("{before}# cspseal begin\n")), "{once}");
            assert_eq!(into(target, Scope::Site, &once).unwrap(), once);
        }
    }

    #[test]
    fn another_policy_or_a_line_that_would_join_ours_is_refused() {
        for existing in ["/x\n\tcontent-security-policy : a\n", "# cspseal begin\n# cspseal end\n  X-A: b\n"] {
            assert!(into(&NETLIFY, Scope::Site, existing).is_err(), "{existing}");
        }
        for existing in [
            "[headers.values]\n \"Content-Security-Policy\" = 'x'\n",
            "values = { Content-Security-Policy = \"x\" }",
            "values.Content-Security-Policy = \"x\"",
            "values = { a = \"b\", 'content-security-policy' = \"x\" }",
        ] {
            assert!(into(&NETLIFY_TOML, Scope::Site, existing).is_err(), "{existing}");
        }
        let other = "/x\n  Content-Security-Policy-Report-Only: a\n";
        assert!(into(&NETLIFY, Scope::Site, other).is_ok());
    }
}
