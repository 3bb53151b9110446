//! `azure-swa`: headers for `staticwebapp.config.json` of Azure Static Web Apps.
//!
//! `globalHeaders` go to every response unless the route has the same header; of the routes the first match alone counts,
//! and a route of a folder's `index.html` is the folder's too (documentation; the routing of
//! `@azure/static-web-apps-cli` 2.0.10 was run). Our routes therefore come last, so that they take no
//! role or redirect away from anybody's, and a route that would hide one of ours is refused.

mod read;

use std::io::Write;

use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject};

use super::json_file::{Comments, JsonFile};
use super::json_rules::{policy_header, string_member};
use super::quote::url_link_path;
use super::urls::{Case, headers_everywhere, unsupported, url_groups};
use super::{Deployment, Limits, PolicyHeader, Scope, Support, Target, check_output, one_line};
use crate::error::{Error, Remedy, Result};
use crate::policy::SerializedPolicy;

pub(super) struct AzureSwa;

const SUPPORT: Support = Support {
    deployed: Some(&read::FILE),
    report_only: true,
    published: true,
    limits: Limits {
        output: Some(20_000),
        ..Limits::NONE
    },
    ..Support::new(
        "azure-swa",
        "Azure Static Web Apps: staticwebapp.config.json with its headers",
        &[Scope::Site, Scope::Page],
    )
};

impl Target for AzureSwa {
    fn support(&self) -> &'static Support {
        &SUPPORT
    }

    fn emit(&self, deployment: &Deployment<'_>, out: &mut dyn Write) -> Result<()> {
        let file = self.merge(deployment, b"")?;
        out.write_all(&file).map_err(Error::unwritten_output)
    }

    fn standing_policy(&self, existing: &[u8], header: &str) -> Result<Option<String>> {
        let file = JsonFile::parse("staticwebapp.config.json", existing, Comments::Refused)?;
        let headers = file.object(file.top(), "globalHeaders")?;
        let mut names = headers
            .properties()
            .into_iter()
            .filter_map(|p| p.decoded_name());
        let name = names.find(|name| policy_header(name) == Some(header));
        Ok(name.and_then(|name| string_member(&headers, &name)))
    }

    fn merge(&self, deployment: &Deployment<'_>, existing: &[u8]) -> Result<Vec<u8>> {
        let file = JsonFile::parse("staticwebapp.config.json", existing, Comments::Refused)?;
        for header in headers_everywhere(self.name(), deployment)? {
            put_global(&file, header.name(), &header.policy)?;
        }
        let names: Vec<_> = deployment.header_names().collect();
        put_routes(&file, &names, &routes(deployment)?)?;
        let merged = file.finish();
        check_output(self.name(), &SUPPORT.limits, merged.len())?;
        Ok(merged)
    }
}

/// A path and its policies.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Route {
    path: String,
    headers: Vec<PolicyHeader>,
}

impl Route {
    fn input(&self) -> CstInputValue {
        let headers = self.headers.iter();
        let headers = headers.map(|it| (it.name().to_owned(), it.policy.as_str().into()));
        let headers = headers.collect();
        let methods = METHODS.map(CstInputValue::from).into();
        CstInputValue::Object(vec![
            ("route".to_owned(), self.path.clone().into()),
            ("methods".to_owned(), CstInputValue::Array(methods)),
            ("headers".to_owned(), CstInputValue::Object(headers)),
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
            let index = if folder.is_empty() {
                "index.html".to_owned()
            } else {
                format!("{folder}/index.html")
            };
            // The folder's index.html stands for it, if its name has no dot; nothing is served at a file with a slash.
            let is_folder = group.paths.contains(&index);
            if (is_folder && !path.contains('.')) || (!is_folder && path.ends_with('/')) {
                continue;
            }
            routes.push(Route {
                path: format!("/{}", url_link_path(path)),
                headers: group.headers.clone(),
            });
        }
    }
    Ok(routes)
}

/// Sets the header for every path. An object has a name once, so whatever stood there is replaced.
fn put_global(file: &JsonFile, header: &str, policy: &SerializedPolicy) -> Result<()> {
    let headers = file.object(file.top(), "globalHeaders")?;
    let mut found = false;
    for property in headers.properties() {
        let name = property.decoded_name().unwrap_or_default();
        if policy_header(&name) != Some(header) {
            continue;
        }
        if found {
            return Err(file.refuse_at(&property.into(), &format!("a second {header}")));
        }
        found = true;
        if string_member(&headers, &name).as_deref() != Some(policy.as_str()) {
            property.set_value(policy.as_str().into());
        }
    }
    if !found {
        file.add_member(&headers, header, policy.as_str().into());
    }
    Ok(())
}

fn put_routes(file: &JsonFile, names: &[&str], wanted: &[Route]) -> Result<()> {
    let existing = file.member(file.top(), "routes")?;
    if existing.is_none() && wanted.is_empty() {
        return Ok(());
    }
    let array: CstArray = file.array(file.top(), "routes")?;
    let mut ours = Vec::new();
    let mut last_of_theirs = 0;
    for (index, node) in array.elements().into_iter().enumerate() {
        let rule = node
            .as_object()
            .ok_or_else(|| file.refuse_at(&node, "a rule in `routes` is no object"))?;
        if is_ours(&rule) {
            ours.push((index, rule));
            continue;
        }
        last_of_theirs = index;
        refuse_hidden(file, &node, &rule, names, wanted)?;
    }
    let unchanged = ours.len() == wanted.len()
        && ours.iter().zip(wanted).all(|((index, rule), route)| {
            *index >= last_of_theirs
                && string_member(rule, "route").as_deref() == Some(&route.path)
                && rule.object_value("headers").is_some_and(|headers| {
                    let has = |it: &PolicyHeader| {
                        string_member(&headers, it.name()).as_deref() == Some(it.policy.as_str())
                    };
                    headers.properties().len() == route.headers.len()
                        && route.headers.iter().all(has)
                })
        });
    if unchanged {
        return Ok(());
    }
    for (_, rule) in ours {
        rule.remove();
    }
    let wanted = wanted.iter().map(Route::input);
    file.append(&array, wanted.collect());
    Ok(())
}

/// Whether a rule is as [`Route::input`] writes them.
fn is_ours(rule: &CstObject) -> bool {
    let methods = rule.array_value("methods").map(|methods| {
        let methods = methods.elements();
        let texts = methods
            .iter()
            .map(|method| method.as_string_lit()?.decoded_value().ok());
        texts.collect::<Option<Vec<String>>>()
    });
    let header = rule.object_value("headers").map(|headers| {
        let names = headers.properties();
        !names.is_empty()
            && names.iter().all(|p| {
                p.decoded_name()
                    .is_some_and(|n| policy_header(&n).is_some())
            })
    });
    let exact = string_member(rule, "route").is_some_and(|route| !route.contains('*'));
    exact
        && rule.properties().len() == 3
        && methods.flatten().is_some_and(|methods| methods == METHODS)
        && header == Some(true)
}

/// Refuses somebody's rule that comes before one of ours for the same path, or that has a policy.
fn refuse_hidden(
    file: &JsonFile,
    node: &CstNode,
    rule: &CstObject,
    names: &[&str],
    wanted: &[Route],
) -> Result<()> {
    let own_policy = rule.object_value("headers").and_then(|headers| {
        let names_of = headers.properties().into_iter();
        let mut own = names_of.filter_map(|p| policy_header(&p.decoded_name()?));
        own.find(|name| names.contains(name))
    });
    if let Some(header) = own_policy {
        return Err(file.refuse_at(
            node,
            &format!("this route has a {header} of its own, so that two would stand for the same page; remove it"),
        ));
    }
    let pattern = string_member(rule, "route").unwrap_or_default();
    match wanted.iter().find(|route| matches(&pattern, &route.path)) {
        Some(route) => Err(file
            .refuse_at(
                node,
                &format!(
                    "the route {} hides the policy of {}, since the first match alone counts",
                    one_line(&pattern),
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
    let extensions = suffix
        .trim_start_matches(['.', '{'])
        .trim_end_matches('}')
        .split(',');
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

    const PAGES: &[(&str, &str)] = &[
        ("a b.html", "1"),
        ("docs/index.html", "1"),
        ("none.html", ""),
        ("v1.0/index.html", "1"),
    ];

    fn into(scope: Scope, existing: &str) -> Result<String> {
        with_site("default-src 'self'", PAGES, scope, |deployment| {
            let file = print_into(&AzureSwa, deployment, existing.as_bytes())?;
            Ok(String::from_utf8(file).unwrap())
        })
    }

    const ONE: &str = "default-src 'self'; script-src 'self' 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='";

    #[test]
    fn a_site_has_a_global_header() {
        assert_eq!(
            into(Scope::Site, "").unwrap(),
            format!(
                "{{\n  \"globalHeaders\": {{\n    \"Content-Security-Policy\": \"{ONE}\"\n  }}\n}}\n"
            )
        );
    }

    #[test]
    fn each_page_has_routes_and_the_rest_the_default() {
        let text = into(Scope::Page, "").unwrap();
        let routes: Vec<&str> = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("\"route\": "))
            .collect();
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
        assert!(
            text.contains("\"Content-Security-Policy\": \"default-src 'self'\"\n"),
            "{text}"
        );
    }

    #[test]
    fn only_what_is_ours_changes_and_the_second_time_nothing() {
        let before = "{\n    \"routes\": [{\"route\": \"/api/*\", \"allowedRoles\": [\"a\"]}],\n    \"globalHeaders\": {\n        \"X-A\": \"b\"\n    }\n}\n";
        let site = into(Scope::Site, before).unwrap();
        assert_eq!(
            site,
            before.replace(
                "\"b\"\n",
                &format!("\"b\",\n        \"Content-Security-Policy\": \"{ONE}\"\n")
            )
        );
        let page = into(Scope::Page, &site).unwrap();
        assert!(
            page.contains("    \"routes\": [{\"route\": \"/api/*\", \"allowedRoles\": [\"a\"]}, {\"route\": \"/a%20b\""),
            "{page}"
        );
        assert_eq!(into(Scope::Page, &page).unwrap(), page);
        let line = "{ \"globalHeaders\": {\"X-A\":\"b\"} ,\"routes\":[ ] }";
        assert_eq!(
            into(Scope::Site, line).unwrap(),
            line.replacen(
                '}',
                &format!(", \"Content-Security-Policy\": \"{ONE}\"}}"),
                1
            )
        );
        assert_eq!(
            into(Scope::Site, &page)
                .unwrap()
                .matches("\"route\"")
                .count(),
            1
        );
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
            let existing =
                format!("{{\"routes\": [{{\"route\": \"{route}\", \"rewrite\": \"/x\"}}]}}");
            assert_eq!(into(Scope::Page, &existing).is_err(), hides, "{route}");
            assert!(into(Scope::Site, &existing).is_ok(), "{route}");
        }
    }

    #[test]
    fn a_file_over_its_size_is_refused() {
        let existing = format!("{{\"a\": \"{}\"}}", "x".repeat(20_000));
        assert_eq!(
            into(Scope::Site, &existing).unwrap_err().kind(),
            ErrorKind::Limit
        );
    }
}
