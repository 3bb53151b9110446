//! Firebase Hosting: the `headers` of `firebase.json`.
//!
//! Every rule that matches adds its headers and the last one wins (superstatic 10, run). A rule has a glob, minimatch's
//! 6.2.3, or an expression, which is searched anywhere in the path.

use jsonc_parser::ast::{Object, Value};

use super::answers::{Answers, Choice, Effect, Matcher, Rules};
use super::json::{Comments, Json};
use super::minimatch::minimatch;
use super::pattern::{Pattern, path_alternatives};
use super::reader::Reader;

use super::urls::{Switches, Urls};
use super::vercel::policies;
use crate::error::Result;

pub(super) fn read(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let json = Json::parse(reader, text, Comments::Allowed)?;
    let Some(hosting) = hosting(&json)? else {
        return Ok(Answers::Rules(Rules::new(
            Urls::Firebase(Switches::default()),
            Choice::Every,
        )));
    };
    let switches = Switches {
        clean: json.switch(hosting, "cleanUrls")?.unwrap_or(false),
        slash: json.switch(hosting, "trailingSlash")?,
    };
    let mut rules = Rules::new(Urls::Firebase(switches), Choice::Every);
    if let Some(headers) = json.member(hosting, "headers")? {
        for rule in &json.array(headers, "`headers`")?.elements {
            push(reader, &json, rule, &mut rules)?;
        }
    }
    Ok(Answers::Rules(rules))
}

/// The one site of the file.
fn hosting<'v, 't>(json: &'v Json<'t>) -> Result<Option<&'v Object<'t>>> {
    let Some(value) = json.member(json.top()?, "hosting")? else {
        return Ok(None);
    };
    match value {
        Value::Array(sites) => match &sites.elements[..] {
            [] => Ok(None),
            [site] => Ok(Some(json.object(site, "a site in `hosting`")?)),
            sites => Err(json.error(
                value,
                format!("`hosting` has {} sites, and which one the pages are of is not said; put them into files of their own, for `firebase --config`", sites.len()),
            )),
        },
        _ => Ok(Some(json.object(value, "`hosting`")?)),
    }
}

fn push<'t>(
    reader: &mut Reader<'_>,
    json: &Json<'t>,
    rule: &Value<'t>,
    rules: &mut Rules,
) -> Result<()> {
    let object = json.object(rule, "a rule in `headers`")?;
    let policies = policies(json, object)?;
    if policies.is_empty() {
        return Ok(());
    }
    let mut matchers = Vec::new();
    for name in ["source", "glob", "regex"] {
        matchers.extend(json.member(object, name)?.map(|value| (name, value)));
    }
    let [(name, value)] = matchers[..] else {
        return Err(json.error(rule, "a rule has one of `source`, `glob` and `regex`"));
    };
    let text = json.string(value, &format!("`{name}`"))?;
    let refuse = |error: String| json.error(value, format!("`{name}` cannot be read: {error}"));
    let regex = match name {
        "regex" => text.to_owned(),
        // superstatic puts a slash in front of a `source`.
        "source" => minimatch(&slash(text)).map_err(refuse)?,
        _ => minimatch(text).map_err(refuse)?,
    };
    let own = regex
        .strip_prefix("^/(?:")
        .and_then(|text| text.strip_suffix(")$"))
        .and_then(path_alternatives);
    let matcher = match own {
        Some(paths) => Matcher::spelled(paths.iter().map(|path| format!("/{path}")).collect()),
        None => Matcher::Pattern(Pattern::new(&regex, rules.cases()).map_err(refuse)?),
    };
    let mut effects = Vec::new();
    for (header, value) in policies {
        let text = json.string(value, "a header's value")?;
        effects.push(if text.is_empty() {
            Effect::Remove(header)
        } else {
            Effect::Replace(header, reader.policy(header, text, json.line(value)))
        });
    }
    rules.push(matcher, effects);
    Ok(())
}

/// The glob as the path of a folder's root, with what `.`, `..` and double slashes mean taken out.
fn slash(glob: &str) -> String {
    let (sign, path) = match glob.strip_prefix('!') {
        Some(path) => ("!", path),
        None => ("", glob),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let end = if path.ends_with('/') && !parts.is_empty() {
        "/"
    } else {
        ""
    };
    format!("{sign}/{}{end}", parts.join("/"))
}
