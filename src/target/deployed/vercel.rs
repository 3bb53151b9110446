//! Vercel: the `headers` of `vercel.json`.
//!
//! Every rule whose `source` matches adds its headers and a later one replaces an earlier one's (as in the router of `vercel
//! dev`). Whether the path is decoded and whether case matters is not documented, so both are tried. A rule
//! with conditions, and a value with a reference, cannot be decided here.

use jsonc_parser::ast::{Object, Value};

use super::answers::{Answers, Choice, Effect, Matcher, Rules};
use super::json::{Comments, Json};
use super::path_to_regexp::{Source, path_to_regexp};
use super::pattern::{Pattern, path_alternatives};
use super::reader::{Header, Reader};

use super::urls::{Switches, Urls};
use crate::error::Result;

pub(super) fn read(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let json = Json::parse(reader, text, Comments::Refused)?;
    let top = json.top()?;
    if let Some(routes) = json.member(top, "routes")? {
        return Err(json.error(
            routes,
            "`routes` are not read; write them as `headers`, `rewrites` and `redirects`",
        ));
    }
    let switches = Switches {
        clean: json.switch(top, "cleanUrls")?.unwrap_or(false),
        slash: json.switch(top, "trailingSlash")?,
    };
    let mut rules = Rules::new(Urls::Vercel(switches), Choice::Every);
    if let Some(headers) = json.member(top, "headers")? {
        for rule in &json.array(headers, "`headers`")?.elements {
            push(reader, &json, rule, &mut rules)?;
        }
    }
    Ok(Answers::Rules(rules))
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
    let own = text
        .strip_prefix("/((?:")
        .and_then(|text| text.strip_suffix("))"))
        .and_then(path_alternatives);
    let matcher = match own {
        Some(paths) => Matcher::spelled(paths.iter().map(|path| format!("/{path}")).collect()),
        None => Matcher::Pattern(Pattern::new(&parsed.regex, rules.cases()).map_err(refuse)?),
    };
    let mut effects = Vec::new();
    for (header, value) in policies {
        let text = json.string(value, "a header's value")?;
        if let Some(reference) = reference(text, &parsed) {
            return Err(json.error(
                value,
                format!("Vercel replaces `{reference}` in the policy by something of the request; write its sign as %24 or %3A, or the source without a name"),
            ));
        }
        effects.push(if text.is_empty() {
            Effect::Remove(header)
        } else {
            Effect::Replace(header, reader.policy(header, text, json.line(value)))
        });
    }
    rules.push(matcher, effects);
    Ok(())
}

/// The policies in a rule's list of headers, which Vercel and Firebase write alike.
pub(super) fn policies<'v, 't>(
    json: &Json<'t>,
    rule: &'v Object<'t>,
) -> Result<Vec<(Header, &'v Value<'t>)>> {
    let Some(list) = json.member(rule, "headers")? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for entry in &json.array(list, "`headers`")?.elements {
        let header = json.object(entry, "a header")?;
        let Some(key) = json.member(header, "key")? else {
            return Err(json.error(entry, "a header without `key`"));
        };
        let Some(name) = Header::named(json.string(key, "`key`")?.trim()) else {
            continue;
        };
        let Some(value) = json.member(header, "value")? else {
            return Err(json.error(entry, "a header without `value`"));
        };
        found.push((name, value));
    }
    Ok(found)
}

/// What Vercel would replace in a value.
fn reference(value: &str, source: &Source) -> Option<String> {
    let digits = |rest: &str| -> String {
        rest.chars()
            .take_while(|c| c.is_ascii_alphabetic() || ('1'..='9').contains(c))
            .collect()
    };
    let dollar = value
        .split('$')
        .skip(1)
        .map(digits)
        .find(|name| !name.is_empty());
    if let Some(name) = dollar {
        return Some(format!("${name}"));
    }
    if source.names.is_empty() || !value.contains(':') {
        return None;
    }
    // With a name in the source the value is a pattern too, in which a backslash is an escape.
    let named = source.names.iter().map(|name| format!(":{name}"));
    named
        .chain(["\\".to_owned()])
        .find(|text| value.contains(text.as_str()))
}
