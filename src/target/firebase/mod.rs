//! `firebase`: rules for `firebase.json`.
//!
//! Every rule that matches adds its headers and the last one wins (run, superstatic 10; the documentation says nothing
//! of it), so the rule for every path comes first. Rules have a `regex` (RE2, searched anywhere) rather than a glob: the
//! glob `**` passes over names that begin with a dot (run).

mod minimatch;
mod read;

use jsonc_parser::ast::{Object, Value};

use super::json_rules::{HeaderRule, put_header_rules, standing_rule};
use super::urls::{Case, headers_everywhere, url_groups};
use super::vercel::Around;
use super::{Deployment, PolicyHeader, Scope, Target};
use crate::error::Result;
use crate::json_file::{Comments, Json, JsonFile};

const EVERYWHERE: &str = ".*";
const PAGES: Around = Around { open: "^/(?:", close: ")$" };
/// RE2 compiles to a program of bounded size; a rule is cheap.
const REGEX: usize = 4096;

pub(super) static FIREBASE: Target = Target {
    deployed: Some(&read::FILE),
    report_only: true,
    standing: Some(standing),
    merge: Some(merge),
    ..Target::new("firebase", "Firebase Hosting: firebase.json with its headers", &[Scope::Site, Scope::Page])
};

fn standing(existing: &[u8], header: &str) -> Result<Option<String>> {
    let file = JsonFile::parse("firebase.json", existing, Comments::Allowed)?;
    let Some(hosting) = hosting(&file)? else {
        return Ok(None);
    };
    standing_rule(&file, hosting, ("regex", EVERYWHERE), header)
}

fn merge(deployment: &Deployment<'_>, existing: &[u8]) -> Result<Vec<u8>> {
    let rules = rules(deployment)?;
    let file = JsonFile::parse("firebase.json", existing, Comments::Allowed)?;
    if let Some(hosting) = hosting(&file)? {
        put_header_rules(&file, hosting, &rules, &PAGES)?;
    } else {
        let hosting = Json::object([("headers", HeaderRule::list(&rules))]);
        file.add_member(file.top(), "hosting", hosting);
    }
    Ok(file.finish())
}

/// The one site of the file, if it has any.
fn hosting<'f, 't>(file: &'f JsonFile<'t>) -> Result<Option<&'f Object<'t>>> {
    let node = file.member(file.top(), "hosting")?;
    let Some(array) = node.and_then(Value::as_array) else {
        return file.object(file.top(), "hosting");
    };
    match &array.elements[..] {
        [site] => site
            .as_object()
            .map(Some)
            .ok_or_else(|| file.refuse_at(site, "a site in `hosting` is no object")),
        sites => Err(file.refuse_at(
            array,
            &format!(
                "`hosting` has {} sites and the policy is for one; put them into files of their own, for `firebase --config`",
                sites.len()
            ),
        )),
    }
}

fn rules(deployment: &Deployment<'_>) -> Result<Vec<HeaderRule>> {
    let rule = |pattern: &str, headers: Vec<PolicyHeader>| HeaderRule {
        matcher: "regex",
        pattern: pattern.to_owned(),
        headers,
    };
    let mut rules = vec![rule(EVERYWHERE, headers_everywhere("firebase", deployment)?)];
    if deployment.scope == Scope::Site {
        return Ok(rules);
    }
    for group in url_groups("firebase", deployment, Case::Matters)? {
        let regexes = PAGES.paths(&group.paths, REGEX);
        rules.extend(regexes.iter().map(|regex| rule(regex, group.headers.clone())));
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::print_into;
    use crate::target::tests::fixture::with_site;

    fn into(scope: Scope, existing: &str) -> Result<String> {
        let pages = [("$a(日).html", "1"), ("none.html", "")];
        with_site("default-src 'self'", &pages, scope, |deployment| {
            let file = print_into(&FIREBASE, deployment, existing.as_bytes())?;
            Ok(String::from_utf8(file).unwrap())
        })
    }

    #[test]
    fn each_page_has_a_regular_expression_behind_that_for_every_path() {
        let text = into(Scope::Page, "").unwrap();
        let patterns: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("\"regex\": ")).collect();
        let path = r"(?:\\$|%24)a(?:\\(|%28)(?:日|%E6%97%A5)(?:\\)|%29)";
        let page = format!(r#""^/(?:{path}|{path}\\.html|{path}/)$","#);
        assert_eq!(patterns, ["\".*\",", &page]);
    }

    #[test]
    fn comments_and_one_site_in_a_list_are_kept() {
        let before = "{\n  // mine\n  \"hosting\": [{ \"public\": \"x\" }]\n}\n";
        let site = into(Scope::Site, before).unwrap();
        assert!(site.starts_with("{\n  // mine\n  \"hosting\": [{"), "{site}");
        assert_eq!(into(Scope::Site, &site).unwrap(), site);
        let page = into(Scope::Page, &site).unwrap();
        assert_eq!(into(Scope::Site, &page).unwrap(), site);
    }

    #[test]
    fn several_sites_and_another_policy_are_refused() {
        for (existing, message) in [
            ("{\"hosting\":\n[{}, {}]}", "2 sites"),
            ("{\n// mine\n\"a\" 1}", "at line 3 column 5"),
            (
                "{\"hosting\": {\"headers\": [{\"source\": \"**\", \"headers\": [{\"key\": \"content-security-policy\", \"value\": \"x\"}]}]}}",
                "of its own",
            ),
        ] {
            let error = into(Scope::Site, existing).unwrap_err();
            assert!(error.to_string().contains(message), "{error}");
        }
    }
}
