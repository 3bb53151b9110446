//! `azure-swa`: headers for `staticwebapp.config.json` of Azure Static Web Apps.
//!
//! `globalHeaders` go to every response unless the route has the same header; of the routes the first match alone counts,
//! and a route of a folder's `index.html` is the folder's too (documentation; the routing of
//! `@azure/static-web-apps-cli` 2.0.10 was run). Our routes therefore come last, so that they take no
//! role or redirect away from anybody's, and a route that would hide one of ours is refused.

mod read;

use jsonc_parser::ast::{Object, ObjectProp, Value};

use super::json_rules::string_member;
use super::quote::url_link_path;
use super::urls::{Case, headers_everywhere, unsupported, url_groups};
use super::{Deployment, Disposition, Limits, PolicyHeader, Scope, Target, check_output, one_line};
use crate::error::{Remedy, Result};
use crate::json_file::{Comments, Json, JsonFile};

pub(super) static AZURE_SWA: Target = Target {
    deployed: Some(&read::FILE),
    report_only: true,
    published: true,
    limits: Limits { output: Some(20_000), ..Limits::NONE },
    standing: Some(standing),
    merge: Some(merge),
    ..Target::new(
        "azure-swa",
        "Azure Static Web Apps: staticwebapp.config.json with its headers",
        &[Scope::Site, Scope::Page],
    )
};

fn standing(existing: &[u8], header: &str) -> Result<Option<String>> {
    let file = JsonFile::parse("staticwebapp.config.json", existing, Comments::Refused)?;
    let Some(headers) = file.object(file.top(), "globalHeaders")? else {
        return Ok(None);
    };
    let mut names = headers.properties.iter().map(|found| found.name.as_str());
    let name = names.find(|name| name.trim().eq_ignore_ascii_case(header));
    let policy = name.and_then(|name| string_member(headers, name));
    Ok(policy.map(str::to_owned))
}

fn merge(deployment: &Deployment<'_>, existing: &[u8]) -> Result<Vec<u8>> {
    let file = JsonFile::parse("staticwebapp.config.json", existing, Comments::Refused)?;
    let names: Vec<_> = deployment.header_names().collect();
    let everywhere = headers_everywhere(AZURE_SWA.name, deployment)?;
    put_global(&file, &everywhere, &dropped(&file, &names)?)?;
    put_routes(&file, &names, &routes(deployment)?)?;
    let merged = file.finish();
    check_output(&AZURE_SWA, merged.len())?;
    Ok(merged)
}

/// A path and its policies.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Route {
    path: String,
    headers: Vec<PolicyHeader>,
}

impl Route {
    fn json(&self) -> Json {
        let headers = self.headers.iter();
        let headers = headers.map(|it| (it.name(), it.policy.as_str().into()));
        Json::object([
            ("route", (&*self.path).into()),
            ("methods", Json::List(METHODS.map(Json::from).into())),
            ("headers", Json::object(headers)),
        ])
    }
}

/// What pages are fetched with. It stands in our routes so that they can be told from others.
const METHODS: [&str; 2] = ["GET", "HEAD"];

fn routes(deployment: &Deployment<'_>) -> Result<Vec<Route>> {
    let mut routes = Vec::new();
    if deployment.scope == Scope::Site {
        return Ok(routes);
    }
    for group in url_groups("azure-swa", deployment, Case::MayNot)? {
        for path in &group.paths {
            if path.contains('*') {
                return Err(unsupported(format!(
                    "azure-swa reads the `*` in {} as any text; rename the page",
                    one_line(path)
                ))
                .with_remedy(Remedy::SitePolicy));
            }
            let folder = path.strip_suffix('/').unwrap_or(path);
            let index = if folder.is_empty() { "index.html".to_owned() } else { format!("{folder}/index.html") };
            // The folder's index.html stands for it, if its name has no dot; nothing is served at a file with a slash.
            let is_folder = group.paths.contains(&index);
            if (is_folder && !path.contains('.')) || (!is_folder && path.ends_with('/')) {
                continue;
            }
            routes.push(Route { path: format!("/{}", url_link_path(path)), headers: group.headers.clone() });
        }
    }
    Ok(routes)
}

/// The headers that our routes have and that are not among `names`: whoever wrote them wrote those for every path.
fn dropped(file: &JsonFile<'_>, names: &[&str]) -> Result<Vec<&'static str>> {
    let array = file.array(file.top(), "routes")?;
    let rules = array.map_or(&[][..], |array| &array.elements).iter();
    let ours = rules.filter_map(Value::as_object).filter(|it| is_ours(it));
    let headers = ours.filter_map(|rule| rule.get_object("headers"));
    let written = headers.flat_map(|headers| headers.properties.iter().filter_map(policy_of));
    Ok(written.filter(|name| !names.contains(name)).collect())
}

/// Sets the headers for every path, and removes those with these names. An object has a name once, so whatever stood there is replaced.
fn put_global(file: &JsonFile<'_>, wanted: &[PolicyHeader], dropped: &[&str]) -> Result<()> {
    let member = |it: &PolicyHeader| (it.name(), it.policy.as_str().into());
    let Some(headers) = file.object(file.top(), "globalHeaders")? else {
        let headers = Json::object(wanted.iter().map(member));
        file.add_member(file.top(), "globalHeaders", headers);
        return Ok(());
    };
    for (index, found) in headers.properties.iter().enumerate() {
        if policy_of(found).is_some_and(|name| dropped.contains(&name)) {
            file.remove_member(headers, index);
        }
    }
    for header in wanted {
        let (name, policy) = (header.name(), header.policy.as_str());
        let found = headers.properties.iter();
        let mut found = found.filter(|found| policy_of(found) == Some(name));
        match (found.next(), found.next()) {
            (None, _) => file.add_member(headers, name, policy.into()),
            (Some(_), Some(second)) => {
                return Err(file.refuse_at(second, &format!("a second {name}")));
            }
            (Some(found), None) => file.set(&found.value, policy),
        }
    }
    Ok(())
}

fn put_routes(file: &JsonFile<'_>, names: &[&str], wanted: &[Route]) -> Result<()> {
    let new = wanted.iter().map(Route::json);
    let Some(array) = file.array(file.top(), "routes")? else {
        if !wanted.is_empty() {
            file.add_member(file.top(), "routes", Json::List(new.collect()));
        }
        return Ok(());
    };
    let mut ours = Vec::new();
    let mut last_of_theirs = 0;
    for (index, node) in array.elements.iter().enumerate() {
        let rule = node.as_object().ok_or_else(|| file.refuse_at(node, "a rule in `routes` is no object"))?;
        if is_ours(rule) {
            ours.push((index, rule));
            continue;
        }
        last_of_theirs = index;
        refuse_hidden(file, rule, names, wanted)?;
    }
    let unchanged = ours.len() == wanted.len()
        && ours.iter().zip(wanted).all(|((index, rule), route)| {
            *index >= last_of_theirs
                && string_member(rule, "route") == Some(&route.path)
                && rule.get_object("headers").is_some_and(|headers| {
                    let has = |it: &PolicyHeader| string_member(headers, it.name()) == Some(it.policy.as_str());
                    headers.properties.len() == route.headers.len() && route.headers.iter().all(has)
                })
        });
    if unchanged {
        return Ok(());
    }
    let ours = ours.iter().map(|(index, _)| *index);
    file.replace(array, ours.collect(), new.collect());
    Ok(())
}

/// Whether a rule is as [`Route::json`] writes them.
fn is_ours(rule: &Object<'_>) -> bool {
    let methods = rule.get_array("methods").is_some_and(|methods| {
        let methods = methods.elements.iter();
        methods.map(|method| method.as_string_lit().map(|method| &*method.value)).eq(METHODS.map(Some))
    });
    let header = rule.get_object("headers").is_some_and(|headers| {
        let properties = &headers.properties;
        !properties.is_empty() && properties.iter().all(|it| policy_of(it).is_some())
    });
    let exact = string_member(rule, "route").is_some_and(|route| !route.contains('*'));
    exact && rule.properties.len() == 3 && methods && header
}

/// The header with a policy that a member is.
fn policy_of(member: &ObjectProp<'_>) -> Option<&'static str> {
    Some(Disposition::of_header(member.name.as_str().trim())?.header_name())
}

/// Refuses somebody's rule that comes before one of ours for the same path, or that has a policy.
fn refuse_hidden(file: &JsonFile<'_>, rule: &Object<'_>, names: &[&str], wanted: &[Route]) -> Result<()> {
    let own_policy = rule.get_object("headers").and_then(|headers| {
        let mut own = headers.properties.iter().filter_map(policy_of);
        own.find(|name| names.contains(name))
    });
    if let Some(header) = own_policy {
        return Err(file.refuse_at(
            rule,
            &format!("this route has a {header} of its own, so that two would stand for the same page; remove it"),
        ));
    }
    let pattern = string_member(rule, "route").unwrap_or_default();
    match wanted.iter().find(|route| matches(pattern, &route.path)) {
        Some(route) => Err(file
            .refuse_at(
                rule,
                &format!(
                    "the route {} hides the policy of {}, since the first match alone counts",
                    one_line(pattern),
                    one_line(&route.path)
                ),
            )
            .with_remedy(Remedy::SitePolicy)),
        None => Ok(()),
    }
}

/// Whether a route pattern may match a path: exact, or a prefix before `*` and a list of extensions behind it.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.to_lowercase(), path.to_lowercase());
    let index = |folder: &str| format!("{}/index.html", folder.trim_end_matches('/'));
    let Some((prefix, suffix)) = pattern.split_once('*') else {
        return pattern == path || index(&pattern) == path || pattern == index(&path);
    };
    let extensions = suffix.trim_start_matches(['.', '{']).trim_end_matches('}').split(',');
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let any = suffix.is_empty() || extension.is_empty() || extension.contains('/');
    (path.starts_with(prefix) || index(&path).starts_with(prefix))
        && (any || extensions.into_iter().any(|e| e == extension))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::target::print_into;
    use crate::target::tests::fixture::with_site;

    const PAGES: &[(&str, &str)] =
        &[("a b.html", "1"), ("docs/index.html", "1"), ("none.html", ""), ("v1.0/index.html", "1")];

    fn into(scope: Scope, existing: &str) -> Result<String> {
        with_site("default-src 'self'", PAGES, scope, |deployment| {
            let file = print_into(&AZURE_SWA, deployment, existing.as_bytes())?;
            Ok(String::from_utf8(file).unwrap())
        })
    }

    const ONE: &str = "default-src 'self'; script-src 'self' 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='";

    #[test]
    fn a_site_has_a_global_header() {
        assert_eq!(
            into(Scope::Site, "").unwrap(),
            format!("{{\n  \"globalHeaders\": {{\n    \"Content-Security-Policy\": \"{ONE}\"\n  }}\n}}\n")
        );
    }

    #[test]
    fn each_page_has_routes_and_the_rest_the_default() {
        let text = into(Scope::Page, "").unwrap();
        let routes: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("\"route\": ")).collect();
        assert_eq!(
            routes,
            [
                "\"/a%20b\",",
                "\"/a%20b.html\",",
                "\"/docs/index.html\",",
                "\"/v1.0\",",
                "\"/v1.0/\",",
                "\"/v1.0/index.html\","
            ]
        );
        assert!(text.contains("\"Content-Security-Policy\": \"default-src 'self'\"\n"), "{text}");
    }

    #[test]
    fn only_what_is_ours_changes_and_the_second_time_nothing() {
        let before = "{\n    \"routes\": [{\"route\": \"/api/*\", \"allowedRoles\": [\"a\"]}],\n    \"globalHeaders\": {\n        \"X-A\": \"b\"\n    }\n}\n";
        let site = into(Scope::Site, before).unwrap();
        assert_eq!(
            site,
            before.replace("\"b\"\n", &format!("\"b\",\n        \"Content-Security-Policy\": \"{ONE}\"\n"))
        );
        let page = into(Scope::Page, &site).unwrap();
        assert!(
            page.contains(
                "    \"routes\": [{\"route\": \"/api/*\", \"allowedRoles\": [\"a\"]}, {\"route\": \"/a%20b\""
            ),
            "{page}"
        );
        assert_eq!(into(Scope::Page, &page).unwrap(), page);
        let line = "{ \"globalHeaders\": {\"X-A\":\"b\"} ,\"routes\":[ ] }";
        assert_eq!(
            into(Scope::Site, line).unwrap(),
            line.replacen('}', &format!(", \"Content-Security-Policy\": \"{ONE}\"}}"), 1)
        );
        assert_eq!(into(Scope::Site, &page).unwrap().matches("\"route\"").count(), 1);
    }

    #[test]
    fn a_route_that_comes_before_ours_for_a_page_is_refused() {
        for (route, hides) in [
            ("/*", true),
            ("/docs*", true),
            ("/docs/*", true),
            ("/docs/*.html", true),
            ("/docs/*.{png,html}", true),
            ("/DOCS/index.html", true),
            ("/docs", true),
            ("/docs/", true),
            ("/a b.html", false),
            ("/docs/*.{png,jpg}", false),
            ("/other/*", false),
            ("/doc", false),
            ("/none.html", false),
        ] {
            let existing = format!("{{\"routes\": [{{\"route\": \"{route}\", \"rewrite\": \"/x\"}}]}}");
            assert_eq!(into(Scope::Page, &existing).is_err(), hides, "{route}");
            assert!(into(Scope::Site, &existing).is_ok(), "{route}");
        }
    }

    #[test]
    fn a_file_over_its_size_is_refused() {
        let existing = format!("{{\"a\": \"{}\"}}", "x".repeat(20_000));
        assert_eq!(into(Scope::Site, &existing).unwrap_err().kind(), ErrorKind::Limit);
    }
}
