//! Which URLs a static host may show a page under, and which of two pages has one.
//!
//! Hosts have switches for clean URLs and trailing slashes that stand in files this program does not read, so each page
//! claims every form: a form that is not served costs a few bytes, one that is missing costs the page its scripts.
//! A path that no page claims gets the default policy, which allows nothing inline.

use std::collections::BTreeMap;

use super::{Deployment, PageGroup, PolicyHeader, Scope, one_line};
use crate::error::{Error, ErrorKind, Remedy, Result};

/// Whether paths that differ in case are different to a host. Where that is not known, both must be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Matters,
    MayNot,
}

/// The URL paths of the pages by policy, but for those that the default policy serves: without the slash at the beginning,
/// sorted, not escaped. A path that no rule can hold or that two policies
/// claim is rejected.
pub(super) fn url_groups(target: &str, deployment: &Deployment<'_>, case: Case) -> Result<Vec<PageGroup>> {
    let default = deployment.default_headers()?;
    let mut owners: BTreeMap<String, Owner> = BTreeMap::new();
    let groups = deployment.page_groups();
    // An index comes before a file of its folder's name: that is what hosts show at the name both could have.
    for pass in [Pass::Certain, Pass::Index, Pass::Clean] {
        for (group, page) in
            groups.iter().enumerate().flat_map(|(index, group)| group.paths.iter().map(move |path| (index, path)))
        {
            check_path(target, page)?;
            for path in forms(page, pass) {
                let key = match case {
                    Case::Matters => path.clone(),
                    Case::MayNot => path.to_lowercase(),
                };
                match owners.get(&key) {
                    Some(owner) if owner.group == group => {}
                    // The other page is shown there.
                    Some(owner) if pass != Pass::Certain && owner.paths.contains(&path) => continue,
                    Some(owner) => return Err(same_path(target, owner.page, page)),
                    None => {}
                }
                let owner = owners.entry(key).or_insert(Owner { group, page, paths: Vec::new() });
                owner.paths.push(path);
            }
        }
    }
    let mut paths: Vec<Vec<String>> = vec![Vec::new(); groups.len()];
    for owner in owners.into_values() {
        paths[owner.group].extend(owner.paths);
    }
    Ok(groups
        .iter()
        .zip(paths)
        .map(|(group, mut paths)| {
            paths.sort_unstable();
            paths.dedup();
            let headers = group.headers.clone();
            PageGroup { headers, paths }
        })
        .filter(|group| group.headers != default)
        .collect())
}

/// The pages by the paths at which a static host may show them, without the slash at the beginning: each the index of the page
/// that most hosts show there.
#[cfg(feature = "cli")]
pub(crate) fn shown_at(pages: &[&str]) -> std::collections::HashMap<String, usize> {
    let mut shown = std::collections::HashMap::new();
    for pass in [Pass::Certain, Pass::Index, Pass::Clean] {
        for (index, page) in pages.iter().enumerate() {
            for path in forms(page, pass) {
                shown.entry(path).or_insert(index);
            }
        }
    }
    shown
}

struct Owner<'a> {
    group: usize,
    page: &'a str,
    paths: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// The file's own path.
    Certain,
    /// An index as its folder.
    Index,
    /// A file without its extension.
    Clean,
}

fn forms(page: &str, pass: Pass) -> Vec<String> {
    let folder = page.strip_suffix("index.html").filter(|folder| folder.is_empty() || folder.ends_with('/'));
    match (pass, folder, page.strip_suffix(".html")) {
        (Pass::Certain, ..) => vec![page.to_owned()],
        (Pass::Index, Some(""), _) => vec![String::new()],
        (Pass::Index, Some(folder), _) => {
            vec![folder.to_owned(), folder.trim_end_matches('/').to_owned()]
        }
        (Pass::Clean, None, Some(stem)) => vec![stem.to_owned(), format!("{stem}/")],
        _ => Vec::new(),
    }
}

/// Refuses what could end a line or be read as another path.
fn check_path(target: &str, page: &str) -> Result<()> {
    refuse_controls(target, page)?;
    let escape =
        page.as_bytes().windows(3).any(|w| w[0] == b'%' && w[1].is_ascii_hexdigit() && w[2].is_ascii_hexdigit());
    if escape {
        return Err(unsupported(format!(
            "{target} could take {} for another path, since `%` begins an escape in it; rename the page",
            one_line(page)
        ))
        .with_remedy(Remedy::SitePolicy));
    }
    Ok(())
}

/// What `.` is not in JavaScript's regular expressions.
const LINE_ENDS: [char; 4] = ['\n', '\r', '\u{2028}', '\u{2029}'];

/// Refuses control characters and line breaks in a path, and what stands for bytes that are no UTF-8.
pub(super) fn refuse_controls(target: &str, page: &str) -> Result<()> {
    if page.contains(LINE_ENDS) {
        return Err(line_break(target, page));
    }
    if page.chars().any(|c| c.is_control() || c == '\u{fffd}') {
        return Err(unsupported(format!(
            "{target} has no way to write the control character, or the bytes that are not UTF-8, in {}; rename the page",
            one_line(page)
        ))
        .with_remedy(Remedy::SitePolicy));
    }
    Ok(())
}

/// Hosts make a regular expression of `/*` and the like, with a `.` that passes over such a path.
fn line_break(target: &str, page: &str) -> Error {
    unsupported(format!(
        "the rule of {target} for every path may pass over one with a line break in it, as in {}; rename the page",
        one_line(page)
    ))
}

/// The policies for every path that is no page or has none of its own, each of which must say something: an empty header value takes a policy away.
pub(super) fn headers_everywhere(target: &str, deployment: &Deployment<'_>) -> Result<Vec<PolicyHeader>> {
    if deployment.scope == Scope::Page {
        return deployment.default_headers();
    }
    let headers = deployment.site_headers();
    if headers.iter().any(|header| header.policy.as_str().is_empty()) {
        return Err(unsupported(format!(
            "there is no policy to send to {target}: nothing is inline and there is no base"
        ))
        .with_remedy(Remedy::BasePolicy));
    }
    let pages = deployment.report.inventory.pages();
    if let Some(page) = pages.iter().find(|page| page.site_path.contains(LINE_ENDS)) {
        return Err(line_break(target, &page.site_path));
    }
    Ok(headers)
}

pub(super) fn unsupported(message: String) -> Error {
    Error::new(ErrorKind::Unsupported, message)
}

pub(super) fn same_path(target: &str, one: &str, other: &str) -> Error {
    unsupported(format!(
        "{target} may not tell {} from {}, which need different policies; rename one",
        one_line(one),
        one_line(other)
    ))
    .with_remedy(Remedy::SitePolicy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tests::fixture::with_site;
    use crate::target::{Scope, TARGETS, print};

    fn paths(case: Case, pages: &[(&str, &str)]) -> Result<Vec<Vec<String>>> {
        with_site("default-src 'self'", pages, Scope::Page, |deployment| {
            let groups = url_groups("host", deployment, case)?;
            Ok(groups.into_iter().map(|group| group.paths).collect())
        })
    }

    #[test]
    fn a_page_claims_every_form_and_an_index_comes_first() {
        let pages = [("index.html", "1"), ("a.html", "1"), ("a/index.html", "2"), ("b.htm", "2"), ("none.html", "")];
        assert_eq!(
            paths(Case::MayNot, &pages).unwrap(),
            [vec!["", "a.html", "index.html"], vec!["a", "a/", "a/index.html", "b.htm"]]
        );
    }

    #[test]
    fn pages_that_differ_in_case_need_one_policy_where_case_may_not_matter() {
        let different = [("A.html", "1"), ("a.html", "2")];
        let error = paths(Case::MayNot, &different).unwrap_err();
        assert!(error.to_string().contains("A.html from a.html"), "{error}");
        assert_eq!(paths(Case::Matters, &different).unwrap().len(), 2);
        let same = [("A.html", "1"), ("a.html", "1")];
        assert_eq!(paths(Case::MayNot, &same).unwrap(), [["A", "A.html", "A/", "a", "a.html", "a/"]]);
        // Which of the two is shown at `/s` nobody knows.
        let clean = [("S", "1"), ("s.html", "2")];
        assert!(paths(Case::MayNot, &clean).is_err());
        assert_eq!(paths(Case::Matters, &clean).unwrap().len(), 2);
        // One that needs nothing keeps its path too.
        let one = [("A.html", ""), ("a.html", "1")];
        assert!(paths(Case::MayNot, &one).is_err());
    }

    #[test]
    fn paths_that_no_rule_can_hold_are_refused() {
        for path in ["a\nb.html", "a%20b.html", "\u{7f}.html"] {
            let error = paths(Case::Matters, &[(path, "1")]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{path}");
        }
        assert!(paths(Case::Matters, &[("100%.html", "1")]).is_ok());
    }

    #[test]
    fn a_page_that_the_rule_for_every_path_would_miss_is_refused() {
        let hosts = TARGETS
            .iter()
            .filter(|target| target.deployed.is_some_and(|file| file.read.is_some()))
            .filter(|target| !matches!(target.name(), "header" | "json"));
        let mut count = 0;
        for &target in hosts {
            count += target.scopes.len();
            for scope in target.scopes {
                for path in ["a\nb.html", "a\r.html", "\u{2028}.html"] {
                    let printed = with_site("img-src 'self'", &[(path, "1")], *scope, |site| print(target, site));
                    let error = printed.unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Unsupported, "{path:?}");
                    assert!(error.to_string().contains("line break"), "{error}");
                }
            }
        }
        assert!(count >= 10, "{count}");
    }
}
