//! Policies that are no host's: one text for all pages, a list of paths in JSON, the JSON that `hash` prints.

use std::collections::HashMap;

use jsonc_parser::ast::Value;

use super::answers::Answers;
use super::json::{Comments, Json};
use super::reader::{Header, Reader};
use crate::error::Result;
use crate::site::merge::SCHEMA_VERSION;
use crate::target::url_link_path;

/// The policy of every page. A file without one sends none.
pub(super) fn policy(reader: &mut Reader<'_>, text: &str) -> Answers {
    let policy = text.trim();
    if policy.is_empty() {
        return Answers::Everywhere(Vec::new());
    }
    let line = super::reader::Lines::of(text).at(text.len() - text.trim_start().len());
    Answers::Everywhere(vec![reader.policy(Header::Enforced, policy, line)])
}

/// The policy of the site in an inventory.
pub(super) fn inventory(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let json = Json::parse(reader, text, Comments::Refused)?;
    let top = json.top()?;
    let version = json.member(top, "version")?;
    let known = version.is_some_and(
        |value| matches!(value, Value::NumberLit(n) if n.value == SCHEMA_VERSION.to_string()),
    );
    if !known {
        return Err(reader.error_in_file(format!(
            "no inventory of version {SCHEMA_VERSION}; print it with `cspseal hash --format json`"
        )));
    }
    let Some(value) = json.member(top, "policy")? else {
        return Err(reader.error_in_file("an inventory without `policy`"));
    };
    let (policy, line) = (json.string(value, "`policy`")?.to_owned(), json.line(value));
    if policy.is_empty() {
        return Ok(Answers::Everywhere(Vec::new()));
    }
    Ok(Answers::Everywhere(vec![reader.policy(
        Header::Enforced,
        policy,
        line,
    )]))
}

/// Paths and their policies.
#[derive(Debug, Default)]
pub(super) struct PathMap {
    /// By the path without the slash at its beginning.
    paths: HashMap<String, Vec<usize>>,
    default: Vec<usize>,
}

impl PathMap {
    /// A response for each key that stands for the page, or the default's.
    pub(super) fn responses(
        &self,
        site_path: &str,
        is_page: &dyn Fn(&str) -> bool,
    ) -> Vec<Vec<usize>> {
        let mut keys = vec![site_path.to_owned()];
        if let Some(folder) = site_path
            .strip_suffix("index.html")
            .filter(|folder| folder.is_empty() || folder.ends_with('/'))
        {
            keys.push(folder.to_owned());
            keys.push(folder.trim_end_matches('/').to_owned());
        } else if let Some(stem) = site_path.strip_suffix(".html")
            && !is_page(&format!("{stem}/index.html"))
        {
            keys.push(stem.to_owned());
            keys.push(format!("{stem}/"));
        }
        let links: Vec<String> = keys.iter().map(|key| url_link_path(key)).collect();
        keys.extend(links);
        let found: Vec<Vec<usize>> = keys
            .iter()
            .filter_map(|key| self.paths.get(key))
            .cloned()
            .collect();
        if found.is_empty() {
            vec![self.default.clone()]
        } else {
            found
        }
    }
}

/// A list of paths: `{"docs/index.html": "…", "/about": ["…", "…"], "*": "…"}`.
pub(super) fn map(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let json = Json::parse(reader, text, Comments::Refused)?;
    let mut map = PathMap::default();
    for property in &json.top()?.properties {
        let key = property.name.as_str();
        let values: Vec<&Value<'_>> = match &property.value {
            Value::Array(array) => array.elements.iter().collect(),
            value => vec![value],
        };
        let mut indices = Vec::new();
        for value in values {
            let policy = json.string(value, "a policy")?;
            if !policy.trim().is_empty() {
                indices.push(reader.policy(Header::Enforced, policy, json.line(value)));
            }
        }
        if key == "*" {
            map.default = indices;
            continue;
        }
        let path = key.strip_prefix('/').unwrap_or(key).to_owned();
        if map.paths.insert(path, indices).is_some() {
            return Err(json.error_at(&property.range, "a second key for this path; remove one"));
        }
    }
    Ok(Answers::Map(map))
}
