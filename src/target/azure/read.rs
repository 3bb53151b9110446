//! Azure Static Web Apps: `staticwebapp.config.json`.
//!
//! `globalHeaders` go to every response unless the route has the same header; of the routes that match the first alone counts,
//! and a route of a folder's `index.html` is the folder's too (documentation; the routing of `@azure/static-web-apps-cli` 2.0.10
//! was run). An empty value takes a header away.

use jsonc_parser::ast::{Object, Value};

use crate::error::Result;
use crate::json_file::Comments;
use crate::target::Disposition;
use crate::target::deployed::{
    Answers, Choice, DeployedFile, Effect, Json, Matcher, Pattern, Reader, Rules, Switches, Urls,
};
use crate::target::quote::url_link_path;
use crate::target::urls::Case;

pub(super) static FILE: DeployedFile = DeployedFile {
    name: Some("staticwebapp.config.json"),
    begins: &[],
    knows: |file| file.has("globalHeaders") || file.has("navigationFallback"),
    read: Some(read),
};

const URLS: Urls = Urls {
    cases: &[Case::Matters],
    switches: Switches::NONE,
    of: |page, _, is_page| {
        let urls = page.every_form(is_page).into_iter();
        urls.map(|url| url_link_path(&url)).collect()
    },
};

fn read(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let json = Json::parse(reader, text, Comments::Refused)?;
    let top = json.top()?;
    let mut rules = Rules::new(URLS, Choice::First);
    if let Some(headers) = json.member(top, "globalHeaders")? {
        for effect in effects(reader, &json, headers)? {
            rules.push_base(effect);
        }
    }
    if let Some(routes) = json.member(top, "routes")? {
        for route in &json.array(routes, "`routes`")?.elements {
            push(reader, &json, json.object(route, "a route")?, route, &mut rules)?;
        }
    }
    Ok(Answers::Rules(Box::new(rules)))
}

fn effects<'t>(reader: &mut Reader<'_>, json: &Json<'t>, headers: &Value<'t>) -> Result<Vec<Effect>> {
    let mut effects = Vec::new();
    for property in &json.object(headers, "the headers")?.properties {
        let Some(header) = Disposition::of_header(property.name.as_str().trim()) else {
            continue;
        };
        effects.push(json.effect(reader, header, &property.value)?);
    }
    Ok(effects)
}

fn push<'t>(
    reader: &mut Reader<'_>,
    json: &Json<'t>,
    route: &Object<'t>,
    value: &Value<'t>,
    rules: &mut Rules,
) -> Result<()> {
    if !takes_get(json, route)? {
        return Ok(());
    }
    let Some(path) = json.member(route, "route")? else {
        return Err(json.error(value, "a route without `route`, its path"));
    };
    let pattern = json.string(path, "`route`")?;
    let matcher = matcher(pattern).map_err(|why| json.error(path, format!("`route` cannot be decided: {why}")))?;
    let mut effects = match json.member(route, "headers")? {
        Some(headers) => effects(reader, json, headers)?,
        None => Vec::new(),
    };
    for name in ["redirect", "rewrite"] {
        if json.member(route, name)?.is_some() {
            effects = vec![Effect::Elsewhere];
        }
    }
    rules.push(matcher, effects);
    Ok(())
}

fn takes_get<'t>(json: &Json<'t>, route: &Object<'t>) -> Result<bool> {
    let Some(methods) = json.member(route, "methods")? else {
        return Ok(true);
    };
    let methods = &json.array(methods, "`methods`")?.elements;
    Ok(methods.iter().filter_map(Value::as_string_lit).any(|method| method.value.eq_ignore_ascii_case("GET")))
}

/// What a route is for: a path, which is a folder's index too, or what begins with a folder, with some extensions.
fn matcher(route: &str) -> Result<Matcher, String> {
    let Some((prefix, suffix)) = route.split_once('*') else {
        let mut paths = vec![route.to_owned()];
        if let Some(folder) = route.strip_suffix("/index.html") {
            // A folder with a dot in its name is taken for a file.
            if !folder.contains('.') {
                paths.push(folder.to_owned());
                paths.push(format!("{folder}/"));
            }
        }
        return Ok(Matcher::Paths(paths));
    };
    if !prefix.ends_with('/') && route != "*" {
        return Err("a `*` stands behind a slash".to_owned());
    }
    let folder = fancy_regex::escape(prefix);
    let regex = match suffix {
        // `/docs/*` is for `/docs` as well: the folder's index begins with it.
        "" if prefix.is_empty() || prefix.contains('.') => format!("^{folder}"),
        "" => format!("^(?:{folder}|{}$)", fancy_regex::escape(&prefix[..prefix.len() - 1])),
        _ => {
            let extensions = suffix.strip_prefix('.').ok_or("only `.` and an extension stand behind a `*`")?;
            let extensions = extensions.strip_prefix('{').and_then(|list| list.strip_suffix('}')).unwrap_or(extensions);
            let extensions: Vec<&str> = extensions.split(',').collect();
            let word = |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !extensions.iter().all(word) {
                return Err("only `.` and an extension, or several in braces, stand behind a `*`".to_owned());
            }
            // A path without a dot is its index.html too.
            let index = if extensions.contains(&"html") && !prefix.contains('.') {
                let bare = fancy_regex::escape(prefix.trim_end_matches('/'));
                format!("|^{folder}[^.]*$|^{bare}$")
            } else {
                String::new()
            };
            format!("^{folder}.*\\.(?:{})${index}", extensions.join("|"))
        }
    };
    Ok(Matcher::Pattern(Pattern::new(&regex, URLS.cases)?))
}
