//! Netlify: `_headers` and `netlify.toml`, as `@netlify/headers-parser` 9.0.3 reads them (run).
//!
//! Every rule that matches counts. Netlify's command line lets a later rule replace the header of an earlier one, and
//! nothing documents that its servers do so too; a page that works under both policies works in either case, so both
//! count here. A `#` begins a comment at the beginning of a line only, a line without a colon says nothing.

use super::HEADERS_FILE;
use crate::error::Result;
use crate::target::Disposition;
use crate::target::deployed::{
    Answers, Choice, DeployedFile, Effect, Lines, Matcher, Reader, Rules, Switches, Urls, is_js_space, js_trim, spelled,
};
use crate::target::toml::check_tables;
use crate::target::urls::Case;

pub(super) static HEADERS: DeployedFile =
    DeployedFile { name: Some(HEADERS_FILE), begins: &[], knows: |_| false, read: Some(headers) };

pub(super) static TOML: DeployedFile =
    DeployedFile { name: Some("netlify.toml"), begins: &["[[headers]]"], knows: |_| false, read: Some(toml) };

const URLS: Urls =
    Urls { cases: &[Case::MayNot], switches: Switches::NONE, of: |page, _, is_page| spelled(page.every_form(is_page)) };

/// A rule and the policies that it sends.
struct Rule {
    path: String,
    line: u64,
    /// The name as it is spelled, since Netlify joins what is spelled alike.
    policies: Vec<(String, Disposition, usize)>,
}

fn headers(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let mut rules: Vec<Rule> = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let number = number as u64 + 1;
        let line = js_trim(line);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('/') {
            rules.push(Rule { path: line.to_owned(), line: number, policies: Vec::new() });
            continue;
        }
        let Some((name, value)) = line.split_once(':') else {
            reader.drop_line(number, "has no colon, and Netlify drops it");
            continue;
        };
        let (name, value) = (js_trim(name), js_trim(value));
        let Some(rule) = rules.last_mut() else {
            return Err(reader.error(number, "a header before any path; write a path such as `/*` above it"));
        };
        if name.is_empty() || value.is_empty() {
            return Err(reader.error(number, "a header without a name or without a value; Netlify refuses the file"));
        }
        let Some(header) = Disposition::of_header(name) else {
            continue;
        };
        let value = several_values(value);
        match rule.policies.iter().find(|(known, ..)| known == name) {
            Some((.., index)) => reader.join(*index, &value),
            None => {
                let index = reader.policy(header, value, number);
                rule.policies.push((name.to_owned(), header, index));
            }
        }
    }
    answers(reader, rules)
}

fn toml(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    check_tables(text).map_err(|error| reader.error(1, error))?;
    let lines = Lines::of(text);
    let table = toml::de::DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| lines.at(span.start));
        reader.error(line, format!("no TOML: {}", error.message()))
    })?;
    let mut rules = Vec::new();
    let Some(headers) = table.get_ref().get("headers") else {
        return answers(reader, rules);
    };
    let line = |value: &toml::Spanned<toml::de::DeValue<'_>>| lines.at(value.span().start);
    let Some(array) = headers.get_ref().as_array() else {
        return Err(reader.error(line(headers), "`headers` is no array; write [[headers]]"));
    };
    for entry in array.iter() {
        let number = line(entry);
        let Some(entry) = entry.get_ref().as_table() else {
            return Err(reader.error(number, "a rule in `headers` is no table"));
        };
        let Some(path) = entry.get("for").and_then(|path| path.get_ref().as_str()) else {
            return Err(reader.error(number, "a rule without `for`, the path that it is for"));
        };
        let mut rule = Rule { path: js_trim(path).to_owned(), line: number, policies: Vec::new() };
        let Some(values) = entry.get("values") else {
            continue;
        };
        let Some(table) = values.get_ref().as_table() else {
            return Err(reader.error(line(values), "`values` is no table"));
        };
        for (name, value) in table {
            let name = js_trim(name.get_ref());
            let Some(header) = Disposition::of_header(name) else {
                continue;
            };
            let Some(policy) = toml_value(value.get_ref()) else {
                return Err(reader.error(line(value), "a header's value is neither a string nor an array of strings"));
            };
            if policy.is_empty() {
                continue;
            }
            let index = reader.policy(header, policy, line(value));
            rule.policies.push((name.to_owned(), header, index));
        }
        rules.push(rule);
    }
    answers(reader, rules)
}

fn toml_value(value: &toml::de::DeValue<'_>) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(several_values(js_trim(text)));
    }
    let texts = value.as_array()?.iter().map(|item| item.get_ref().as_str().map(js_trim));
    Some(texts.collect::<Option<Vec<_>>>()?.join(", "))
}

/// Netlify's spelling of a value with commas.
fn several_values(value: &str) -> String {
    let parts: Vec<&str> = value.split(',').collect();
    let last = parts.len() - 1;
    let trimmed = parts.iter().enumerate().map(|(index, part)| {
        let part = if index > 0 { part.trim_start_matches(is_js_space) } else { part };
        if index < last { part.trim_end_matches(is_js_space) } else { part }
    });
    trimmed.collect::<Vec<_>>().join(", ")
}

fn answers(reader: &Reader<'_>, rules: Vec<Rule>) -> Result<Answers> {
    let mut all = Rules::new(URLS, Choice::Every);
    for rule in rules {
        if rule.policies.is_empty() {
            continue;
        }
        let matcher = Matcher::pattern(&regex(&rule.path), URLS.cases)
            .map_err(|error| reader.error(rule.line, format!("the path is no pattern that can be read: {error}")))?;
        let effects = rule.policies.iter().map(|(_, header, index)| Effect::Add(*header, *index));
        all.push(matcher, effects.collect());
    }
    Ok(Answers::Rules(Box::new(all)))
}

/// The expression that Netlify makes of a path. In a part with a `*` it escapes nothing.
fn regex(path: &str) -> String {
    let parts =
        path.split('/').map(|part| part.trim_end_matches(is_js_space)).filter(|part| !part.is_empty()).map(|part| {
            match part {
                _ if part.starts_with(':') => "([^/]+)".to_owned(),
                "*" => "?(.*)".to_owned(),
                _ if part.contains('*') => part.replace('*', "(.*)"),
                _ => fancy_regex::escape(part).into_owned(),
            }
        });
    format!("^/{}/?$", parts.collect::<Vec<_>>().join("/"))
}
