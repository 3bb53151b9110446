//! Vercel: the `headers` of `vercel.json`.
//!
//! Every rule whose `source` matches adds its headers and a later one replaces an earlier one's (as in the router of `vercel
//! dev`). Whether the path is decoded and whether case matters is not documented, so both are tried. A rule
//! with conditions, and a value with a reference, cannot be decided here.

use jsonc_parser::ast::{Object, Value};

use super::PAGES;
use super::path_to_regexp::{Source, path_to_regexp};
use crate::error::Result;
use crate::json_file::Comments;
use crate::target::deployed::{
    Answers, DeployedFile, Effect, Headers, IsPage, Json, Matcher, Page, Reader, Switches, Urls, spelled,
};
use crate::target::urls::Case;

pub(super) static FILE: DeployedFile = DeployedFile {
    name: Some("vercel.json"),
    begins: &[],
    knows: |file| {
        let is_rules = |value: &Value<'_>| match value {
            Value::Array(array) => array.elements.iter().all(|e| e.as_object().is_some()),
            _ => false,
        };
        let mut members = file.members();
        members.any(|(name, value)| name == "headers" && is_rules(value))
    },
    read: Some(read),
};

fn read(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let json = Json::parse(reader, text, Comments::Refused)?;
    let top = json.top()?;
    if let Some(routes) = json.member(top, "routes")? {
        return Err(json.error(routes, "`routes` are not read; write them as `headers`, `rewrites` and `redirects`"));
    }
    json.rules(top, URLS, |value, object, policies| rule(reader, &json, (value, object), policies))
}

const URLS: Urls = Urls { cases: &[Case::Matters, Case::MayNot], switches: Switches::NONE, of: urls };

fn rule<'t>(
    reader: &mut Reader<'_>,
    json: &Json<'t>,
    (rule, object): (&Value<'t>, &Object<'t>),
    policies: Headers<'_, 't>,
) -> Result<(Matcher, Vec<Effect>)> {
    for condition in ["has", "missing"] {
        if let Some(value) = json.member(object, condition)? {
            return Err(json.error(
                value,
                format!("whether a policy with `{condition}` is sent depends on the request; write it into a rule without conditions"),
            ));
        }
    }
    let Some(source) = json.member(object, "source")? else {
        return Err(json.error(rule, "a rule without `source`"));
    };
    let refuse = |error: String| json.error(source, format!("`source` cannot be read: {error}"));
    let text = json.string(source, "`source`")?;
    let parsed = path_to_regexp(text).map_err(refuse)?;
    let matcher = Matcher::new(PAGES.inside(text), &parsed.regex, URLS.cases).map_err(refuse)?;
    let mut effects = Vec::new();
    for (header, value) in policies {
        let text = json.string(value, "a header's value")?;
        if let Some(reference) = reference(text, &parsed) {
            return Err(json.error(
                value,
                format!("Vercel replaces `{reference}` in the policy by something of the request; write its sign as %24 or %3A, or the source without a name"),
            ));
        }
        effects.push(json.effect(reader, header, value)?);
    }
    Ok((matcher, effects))
}

/// With clean URLs the name with `.html` is redirected; a slash is added or taken away if the file says so.
fn urls(page: &Page<'_>, switches: Switches, is_page: IsPage<'_>) -> Vec<String> {
    let mut urls = page.unless_clean(switches);
    let slashes: &[bool] = match switches.slash {
        None => &[true, false],
        Some(true) => &[true],
        Some(false) => &[false],
    };
    for slash in slashes {
        if let Some(folder) = page.folder {
            urls.push(Page::folder_url(folder, *slash));
        } else if let Some(stem) = page.clean(is_page).filter(|_| switches.clean) {
            urls.push(Page::folder_url(stem, *slash));
        }
    }
    spelled(urls)
}

/// What Vercel would replace in a value.
fn reference(value: &str, source: &Source) -> Option<String> {
    let digits = |rest: &str| -> String {
        rest.chars().take_while(|c| c.is_ascii_alphabetic() || ('1'..='9').contains(c)).collect()
    };
    let dollar = value.split('$').skip(1).map(digits).find(|name| !name.is_empty());
    if let Some(name) = dollar {
        return Some(format!("${name}"));
    }
    if source.names.is_empty() || !value.contains(':') {
        return None;
    }
    // With a name in the source the value is a pattern too, in which a backslash is an escape.
    let named = source.names.iter().map(|name| format!(":{name}"));
    named.chain(["\\".to_owned()]).find(|text| value.contains(text.as_str()))
}
