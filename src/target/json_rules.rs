//! Our header rules in the JSON files of hosts, told from those of others by their shape.
//!
//! JSON has no comments that could mark what is ours, so the formats tell their rules by their shape. A second
//! policy for a path that somebody wrote by hand is refused: which of the two wins is not for this program to decide.

use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject};

use super::PolicyHeader;
use super::json_file::JsonFile;
use crate::error::{Error, Result};

/// A rule as `{"source": …, "headers": [{"key": …, "value": …}]}`, which Vercel and Firebase share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HeaderRule {
    /// `source` or `regex`.
    pub(super) matcher: &'static str,
    pub(super) pattern: String,
    pub(super) headers: Vec<PolicyHeader>,
}

impl HeaderRule {
    fn input(&self) -> CstInputValue {
        let headers = self.headers.iter().map(input).collect();
        CstInputValue::Object(vec![
            (self.matcher.to_owned(), self.pattern.clone().into()),
            ("headers".to_owned(), CstInputValue::Array(headers)),
        ])
    }

    fn names(&self) -> Vec<&'static str> {
        self.headers.iter().map(PolicyHeader::name).collect()
    }
}

fn input(header: &PolicyHeader) -> CstInputValue {
    CstInputValue::Object(vec![
        ("key".to_owned(), header.name().into()),
        ("value".to_owned(), header.policy.as_str().into()),
    ])
}

/// Puts `rules`, of which the first is for every path, into the array in the place of those that are ours.
///
/// Ours are the rules with policies alone whose pattern is that of the first rule or one that `is_page_pattern`
/// knows. The number of rules that the array has then is returned. The policies of a rule for every path that has other headers too are replaced
/// where they stand.
pub(super) fn put_header_rules(
    file: &JsonFile,
    array: &CstArray,
    rules: &[HeaderRule],
    is_page_pattern: fn(&str) -> bool,
) -> Result<usize> {
    let [everywhere, pages @ ..] = rules else {
        return Ok(array.elements().len());
    };
    let mut ours = Vec::new();
    let mut shared: Option<(usize, CstObject)> = None;
    for (index, node) in array.elements().into_iter().enumerate() {
        match owner_of(file, &node, everywhere, is_page_pattern)? {
            RuleOwner::Ours(rule) => ours.push((index, node, rule)),
            RuleOwner::Shared(rule, _) if shared.is_none() => shared = Some((index, rule)),
            RuleOwner::Shared(_, header) => return Err(second_policy(file, &node, header)),
            RuleOwner::Theirs => {}
        }
    }
    let (behind, wanted) = match &shared {
        Some((index, rule)) => {
            set_policies(file, rule, &everywhere.headers)?;
            (index + 1, pages)
        }
        None => (0, rules),
    };
    let count = array.elements().len() - ours.len() + wanted.len();
    let same_pages = ours.len() == wanted.len()
        && ours.iter().zip(wanted).all(|((index, _, rule), wanted)| {
            let known = Some((wanted.pattern.clone(), wanted.names()));
            *index >= behind && *rule == known
        });
    if same_pages {
        // However somebody has written them, only the values change.
        for ((_, node, _), wanted) in ours.iter().zip(wanted) {
            if let Some(rule) = node.as_object() {
                set_policies(file, &rule, &wanted.headers)?;
            }
        }
        return Ok(count);
    }
    for (_, node, _) in ours {
        if let Some(rule) = node.as_object() {
            rule.remove();
        }
    }
    file.append(array, wanted.iter().map(HeaderRule::input).collect());
    Ok(count)
}

/// The policy of the rule for every path, if there is one.
pub(super) fn standing_rule(
    file: &JsonFile,
    object: &CstObject,
    (matcher, everywhere): (&str, &str),
    header: &str,
) -> Result<Option<String>> {
    let array = file.member(object, "headers")?;
    let rules = array.and_then(|node| node.as_array());
    let rules = rules.map(|array| array.elements()).unwrap_or_default();
    for rule in rules.iter().filter_map(CstNode::as_object) {
        if only_matcher(&rule, matcher).as_deref() != Some(everywhere) {
            continue;
        }
        for found in headers_of(file, &rule)? {
            if header_name(&found) == Some(header) {
                return Ok(string_member(&found, "value"));
            }
        }
    }
    Ok(None)
}

/// Sets the policies among the headers of a rule.
fn set_policies(file: &JsonFile, rule: &CstObject, wanted: &[PolicyHeader]) -> Result<()> {
    let headers = headers_of(file, rule)?;
    for policy in wanted {
        let is_it = |header: &&CstObject| header_name(header) == Some(policy.name());
        match headers.iter().find(is_it) {
            Some(header) => set_string(file, header, "value", policy.policy.as_str())?,
            None => file.append(&file.array(rule, "headers")?, vec![input(policy)]),
        }
    }
    Ok(())
}

enum RuleOwner {
    /// Written by this program; its pattern and the names of its headers, if nobody changed how it is written.
    Ours(Option<(String, Vec<&'static str>)>),
    /// Somebody's rule for every path, with this policy among its headers.
    Shared(CstObject, &'static str),
    /// Without a policy of this kind.
    Theirs,
}

fn owner_of(
    file: &JsonFile,
    node: &CstNode,
    everywhere: &HeaderRule,
    is_page_pattern: fn(&str) -> bool,
) -> Result<RuleOwner> {
    let rule = node
        .as_object()
        .ok_or_else(|| file.refuse_at(node, "a rule in `headers` is no object"))?;
    let headers = headers_of(file, &rule)?;
    let names: Vec<&'static str> = headers.iter().filter_map(header_name).collect();
    if names.is_empty() {
        return Ok(RuleOwner::Theirs);
    }
    let wanted = everywhere.names();
    let is_wanted = |name: &&&str| wanted.contains(*name);
    let pattern = only_matcher(&rule, everywhere.matcher).unwrap_or_default();
    let for_all = pattern == everywhere.pattern;
    let is_twice = names
        .iter()
        .enumerate()
        .any(|(at, name)| names[..at].contains(name));
    // One of two that stays would be somebody's.
    let is_whole = names.len() == 1 || names.iter().all(|name| wanted.contains(name));
    if names.len() == headers.len()
        && !is_twice
        && (for_all && is_whole || is_page_pattern(&pattern))
    {
        let is_text = |header| string_member(header, "value").is_some();
        let known = headers.iter().all(is_text).then_some((pattern, names));
        return Ok(RuleOwner::Ours(known));
    }
    match names.iter().find(is_wanted) {
        None => Ok(RuleOwner::Theirs),
        Some(name) if for_all && !is_twice => Ok(RuleOwner::Shared(rule, name)),
        Some(name) => Err(second_policy(file, node, name)),
    }
}

fn second_policy(file: &JsonFile, node: &CstNode, header: &str) -> Error {
    file.refuse_at(
        node,
        &format!("this rule has a {header} of its own, so that two would stand for the same page; remove it"),
    )
}

fn headers_of(file: &JsonFile, rule: &CstObject) -> Result<Vec<CstObject>> {
    let Some(node) = file.member(rule, "headers")? else {
        return Ok(Vec::new());
    };
    node.as_array()
        .and_then(|array| array.elements().iter().map(CstNode::as_object).collect())
        .ok_or_else(|| file.refuse_at(&node, "`headers` is no array of objects"))
}

/// The pattern of a rule that has `matcher` and `headers` and nothing else.
fn only_matcher(rule: &CstObject, matcher: &str) -> Option<String> {
    let members = rule.properties().len();
    string_member(rule, matcher).filter(|_| members == 2)
}

/// The name of the header, if it is one of the two that carry policies.
fn header_name(header: &CstObject) -> Option<&'static str> {
    let key = string_member(header, "key")?;
    policy_header(&key)
}

/// `key` as this program spells it, if it names a header that carries a policy.
pub(super) fn policy_header(key: &str) -> Option<&'static str> {
    [
        "Content-Security-Policy",
        "Content-Security-Policy-Report-Only",
    ]
    .into_iter()
    .find(|name| key.trim().eq_ignore_ascii_case(name))
}

/// The text of a member that is a string.
pub(super) fn string_member(object: &CstObject, name: &str) -> Option<String> {
    let value = object.get(name)?.value()?;
    value.as_string_lit()?.decoded_value().ok()
}

fn set_string(file: &JsonFile, object: &CstObject, name: &str, value: &str) -> Result<()> {
    if string_member(object, name).as_deref() == Some(value) {
        return Ok(());
    }
    let property = object
        .get(name)
        .ok_or_else(|| file.refuse(&format!("a header without `{name}`")))?;
    property.set_value(value.into());
    Ok(())
}
