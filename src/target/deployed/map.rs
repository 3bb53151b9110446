//! A list of paths and their policies in JSON, for sites whose target is none of ours:
//! `{"docs/index.html": "…", "/about": ["…", "…"], "*": "…"}`.

use std::collections::HashMap;

use jsonc_parser::ast::Value;

use super::answers::Answers;
use super::format::DeployedFile;
use super::json::Json;
use super::reader::{Header, Reader};
use super::urls::IsPage;
use crate::error::Result;
use crate::target::json_file::Comments;
use crate::target::url_link_path;

/// The row of these files.
pub(super) static MAP: DeployedFile = DeployedFile {
    name: None,
    knows: |file| file.is_object() && file.members().all(|(_, value)| is_policies(value)),
    read: Some(read),
};

fn is_policies(value: &Value<'_>) -> bool {
    match value {
        Value::StringLit(_) => true,
        Value::Array(array) => array.elements.iter().all(|e| e.as_string_lit().is_some()),
        _ => false,
    }
}

/// Paths and their policies.
#[derive(Debug, Default)]
pub(in crate::target) struct PathMap {
    /// By the path without the slash at its beginning.
    paths: HashMap<String, Vec<usize>>,
    default: Vec<usize>,
}

impl PathMap {
    /// A response for each key that stands for the page, or the default's.
    pub(super) fn responses(&self, site_path: &str, is_page: IsPage<'_>) -> Vec<Vec<usize>> {
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

fn read(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
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
