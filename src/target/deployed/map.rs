//! A list of paths and their policies in JSON, for sites whose target is none of ours:
//! `{"docs/index.html": "…", "/about": ["…", "…"], "*": {"Content-Security-Policy": "…"}}`.

use std::collections::HashMap;

use jsonc_parser::ast::Value;

use super::answers::Answers;
use super::format::DeployedFile;
use super::json::Json;
use super::reader::Reader;
use super::urls::IsPage;
use crate::error::Result;
use crate::json_file::Comments;
use crate::target::Disposition;
use crate::target::url_link_path;

/// The row of these files.
pub(super) static MAP: DeployedFile = DeployedFile {
    name: None,
    begins: &[],
    knows: |file| file.is_object() && file.members().all(|(_, value)| is_policies(value)),
    read: Some(read),
};

fn is_policies(value: &Value<'_>) -> bool {
    match value {
        Value::StringLit(_) => true,
        Value::Array(array) => array.elements.iter().all(|e| e.as_string_lit().is_some()),
        Value::Object(headers) => {
            headers.properties.iter().any(|header| Disposition::of_header(header.name.as_str()).is_some())
        }
        _ => false,
    }
}

/// Paths and their policies.
#[derive(Debug, Default)]
pub(crate) struct PathMap {
    /// By the path without the slash at its beginning.
    paths: HashMap<String, Vec<usize>>,
    default: Vec<usize>,
}

impl PathMap {
    /// A response for each key that stands for the page, or the default's.
    pub(super) fn responses(&self, site_path: &str, is_page: IsPage<'_>) -> Vec<Vec<usize>> {
        let mut keys = vec![site_path.to_owned()];
        if let Some(folder) =
            site_path.strip_suffix("index.html").filter(|folder| folder.is_empty() || folder.ends_with('/'))
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
        let found: Vec<Vec<usize>> = keys.iter().filter_map(|key| self.paths.get(key)).cloned().collect();
        if found.is_empty() { vec![self.default.clone()] } else { found }
    }
}

/// The policies of a response: its headers, of which the others say nothing here, or enforced policies alone.
fn headers<'v, 't>(value: &'v Value<'t>) -> Vec<(Disposition, &'v Value<'t>)> {
    let each = |header, value: &'v Value<'t>| match value {
        Value::Array(array) => array.elements.iter().map(|value| (header, value)).collect(),
        value => vec![(header, value)],
    };
    let Value::Object(headers) = value else {
        return each(Disposition::Enforce, value);
    };
    let policies = headers.properties.iter();
    let policies = policies.filter_map(|found| {
        let header = Disposition::of_header(found.name.as_str())?;
        Some(each(header, &found.value))
    });
    policies.flatten().collect()
}

fn read(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let json = Json::parse(reader, text, Comments::Refused)?;
    let mut map = PathMap::default();
    for property in &json.top()?.properties {
        let key = property.name.as_str();
        let mut indices = Vec::new();
        for (header, value) in headers(&property.value) {
            let policy = json.string(value, "a policy")?;
            if !policy.trim().is_empty() {
                indices.push(reader.policy(header, policy, json.line(value)));
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
