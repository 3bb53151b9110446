//! Our header rules in the JSON files of hosts, told from those of others by their shape.
//!
//! JSON has no comments that could mark what is ours, so the formats tell their rules by their shape. A second
//! policy for a path that somebody wrote by hand is refused: which of the two wins is not for this program to decide.

use jsonc_parser::ast::{Object, Value};

use super::vercel::Around;
use super::{Disposition, PolicyHeader};
use crate::error::{Error, Result};
use crate::json_file::{Json, JsonFile};

/// A rule as `{"source": …, "headers": [{"key": …, "value": …}]}`, which Vercel and Firebase share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HeaderRule {
    /// `source` or `regex`.
    pub(super) matcher: &'static str,
    pub(super) pattern: String,
    pub(super) headers: Vec<PolicyHeader>,
}

impl HeaderRule {
    fn json(&self) -> Json {
        Json::object([
            (self.matcher, (&*self.pattern).into()),
            ("headers", Json::List(self.headers.iter().map(json).collect())),
        ])
    }

    /// The member `headers` of a file without one.
    pub(super) fn list(rules: &[Self]) -> Json {
        Json::List(rules.iter().map(Self::json).collect())
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.headers.iter().map(PolicyHeader::name)
    }
}

fn json(header: &PolicyHeader) -> Json {
    Json::object([("key", header.name().into()), ("value", header.policy.as_str().into())])
}

/// Puts `rules`, of which the first is for every path, into the object's array `headers` in the place of those that are ours.
///
/// Ours are the rules with policies alone whose pattern is that of the first rule or one that `around`
/// writes. The number of rules that the array has then is returned. The policies of a rule for every path that has other headers too are replaced
/// where they stand; one that only the page rules of an earlier run had too is removed from it.
pub(super) fn put_header_rules(
    file: &JsonFile,
    object: &Object<'_>,
    rules: &[HeaderRule],
    around: &Around,
) -> Result<usize> {
    let Some(array) = file.array(object, "headers")? else {
        file.add_member(object, "headers", HeaderRule::list(rules));
        return Ok(rules.len());
    };
    let [everywhere, pages @ ..] = rules else {
        return Ok(array.elements.len());
    };
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    let mut shared: Option<(usize, &Object<'_>)> = None;
    for (index, node) in array.elements.iter().enumerate() {
        match owner_of(file, node, everywhere, around)? {
            RuleOwner::Ours(rule) => ours.push((index, node, rule)),
            RuleOwner::Shared(rule, _) if shared.is_none() => shared = Some((index, rule)),
            RuleOwner::Shared(_, header) => return Err(second_policy(file, node, header)),
            RuleOwner::Theirs => theirs.extend(node.as_object()),
        }
    }
    // Whoever wrote a header for pages wrote that for every path.
    let written = ours.iter().filter_map(|(.., rule)| rule.as_ref());
    let written = written.filter(|(pattern, _)| *pattern != everywhere.pattern);
    let mut dropped: Vec<_> = written.flat_map(|(_, names)| names.iter().copied()).collect();
    dropped.retain(|name| everywhere.names().all(|wanted| wanted != *name));
    for rule in theirs {
        if only_matcher(rule, everywhere.matcher) == Some(&everywhere.pattern) {
            set_policies(file, rule, &[], &dropped)?;
        }
    }
    let (behind, wanted) = match &shared {
        Some((index, rule)) => {
            set_policies(file, rule, &everywhere.headers, &dropped)?;
            (index + 1, pages)
        }
        None => (0, rules),
    };
    let count = array.elements.len() - ours.len() + wanted.len();
    let same_pages = ours.len() == wanted.len()
        && ours.iter().zip(wanted).all(|((index, _, rule), wanted)| {
            *index >= behind
                && rule.as_ref().is_some_and(|(pattern, names)| {
                    *pattern == wanted.pattern && wanted.names().eq(names.iter().copied())
                })
        });
    if same_pages {
        // However somebody has written them, only the values change.
        for ((_, node, _), wanted) in ours.iter().zip(wanted) {
            if let Some(rule) = node.as_object() {
                set_policies(file, rule, &wanted.headers, &[])?;
            }
        }
        return Ok(count);
    }
    let ours = ours.iter().map(|(index, ..)| *index);
    let wanted = wanted.iter().map(HeaderRule::json);
    file.replace(array, ours.collect(), wanted.collect());
    Ok(count)
}

/// The policy of the rule for every path, if there is one.
pub(super) fn standing_rule(
    file: &JsonFile,
    object: &Object<'_>,
    (matcher, everywhere): (&str, &str),
    header: &str,
) -> Result<Option<String>> {
    let array = file.array(object, "headers")?;
    let rules = array.map_or(&[][..], |array| &array.elements);
    for rule in rules.iter().filter_map(Value::as_object) {
        if only_matcher(rule, matcher) != Some(everywhere) {
            continue;
        }
        for found in headers_of(file, rule)? {
            if header_name(found) == Some(header) {
                return Ok(string_member(found, "value").map(str::to_owned));
            }
        }
    }
    Ok(None)
}

/// Sets the policies among the headers of a rule, and removes those with these names.
fn set_policies<'t>(file: &JsonFile<'t>, rule: &Object<'t>, wanted: &[PolicyHeader], dropped: &[&str]) -> Result<()> {
    let headers = headers_of(file, rule)?;
    let is_dropped = |header| header_name(header).is_some_and(|name| dropped.contains(&name));
    let removed = (0..headers.len()).filter(|&at| is_dropped(headers[at]));
    let removed: Vec<_> = removed.collect();
    let mut missing = Vec::new();
    for policy in wanted {
        let found = headers.iter().find(|it| header_name(it) == Some(policy.name()));
        match found {
            Some(header) => set_string(file, header, "value", policy.policy.as_str())?,
            None => missing.push(json(policy)),
        }
    }
    let is_other = !missing.is_empty() || !removed.is_empty();
    if let Some(array) = file.array(rule, "headers")?.filter(|_| is_other) {
        file.replace(array, removed, missing);
    }
    Ok(())
}

enum RuleOwner<'v, 't> {
    /// Written by this program; its pattern and the names of its headers, if nobody changed how it is written.
    Ours(Option<(&'v str, Vec<&'static str>)>),
    /// Somebody's rule for every path, with this policy among its headers.
    Shared(&'v Object<'t>, &'static str),
    /// Without a policy of this kind.
    Theirs,
}

fn owner_of<'v, 't>(
    file: &JsonFile<'t>,
    node: &'v Value<'t>,
    everywhere: &HeaderRule,
    around: &Around,
) -> Result<RuleOwner<'v, 't>> {
    let rule = node.as_object().ok_or_else(|| file.refuse_at(node, "a rule in `headers` is no object"))?;
    let headers = headers_of(file, rule)?;
    let names: Vec<&'static str> = headers.iter().filter_map(|it| header_name(it)).collect();
    if names.is_empty() {
        return Ok(RuleOwner::Theirs);
    }
    let is_wanted = |name: &&'static str| everywhere.names().any(|wanted| wanted == *name);
    let pattern = only_matcher(rule, everywhere.matcher).unwrap_or_default();
    let for_all = pattern == everywhere.pattern;
    let is_twice = names.iter().enumerate().any(|(at, name)| names[..at].contains(name));
    // One of two that stays would be somebody's.
    let is_whole = names.len() == 1 || names.iter().all(is_wanted);
    if names.len() == headers.len() && !is_twice && (for_all && is_whole || around.inside(pattern).is_some()) {
        let is_text = |header: &&Object<'_>| string_member(header, "value").is_some();
        let known = headers.iter().all(is_text).then_some((pattern, names));
        return Ok(RuleOwner::Ours(known));
    }
    match names.iter().copied().find(is_wanted) {
        None => Ok(RuleOwner::Theirs),
        Some(name) if for_all && !is_twice => Ok(RuleOwner::Shared(rule, name)),
        Some(name) => Err(second_policy(file, node, name)),
    }
}

fn second_policy(file: &JsonFile<'_>, node: &Value<'_>, header: &str) -> Error {
    file.refuse_at(
        node,
        &format!("this rule has a {header} of its own, so that two would stand for the same page; remove it"),
    )
}

fn headers_of<'v, 't>(file: &JsonFile<'t>, rule: &'v Object<'t>) -> Result<Vec<&'v Object<'t>>> {
    let Some(node) = file.member(rule, "headers")? else {
        return Ok(Vec::new());
    };
    node.as_array()
        .and_then(|array| array.elements.iter().map(Value::as_object).collect())
        .ok_or_else(|| file.refuse_at(node, "`headers` is no array of objects"))
}

/// The pattern of a rule that has `matcher` and `headers` and nothing else.
fn only_matcher<'v>(rule: &'v Object<'_>, matcher: &str) -> Option<&'v str> {
    let members = rule.properties.len();
    string_member(rule, matcher).filter(|_| members == 2)
}

/// The name of the header, if it is one of the two that carry policies.
fn header_name(header: &Object<'_>) -> Option<&'static str> {
    let disposition = Disposition::of_header(string_member(header, "key")?.trim())?;
    Some(disposition.header_name())
}

/// The text of a member that is a string.
pub(super) fn string_member<'v>(object: &'v Object<'_>, name: &str) -> Option<&'v str> {
    Some(&object.get_string(name)?.value)
}

fn set_string<'t>(file: &JsonFile<'t>, object: &Object<'t>, name: &str, value: &str) -> Result<()> {
    let property = object.get(name).ok_or_else(|| file.refuse(&format!("a header without `{name}`")))?;
    file.set(&property.value, value);
    Ok(())
}
