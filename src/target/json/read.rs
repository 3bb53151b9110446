//! The policy of the site in an inventory, for every page.

use jsonc_parser::ast::Value;

use crate::error::{Remedy, Result};
use crate::json_file::Comments;
use crate::site::document::{OLDEST_VERSION, SCHEMA_VERSION};
use crate::target::Disposition;
use crate::target::deployed::{Answers, DeployedFile, Json, Reader};

pub(super) static FILE: DeployedFile = DeployedFile {
    name: None,
    begins: &[],
    knows: |file| ["version", "policy", "inlines"].iter().all(|name| file.has(name)),
    read: Some(read),
};

fn read(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let json = Json::parse(reader, text, Comments::Refused)?;
    let top = json.top()?;
    let version = json.member(top, "version")?;
    let mut known = OLDEST_VERSION..=SCHEMA_VERSION;
    let is_known = version.is_some_and(|version| {
        known.any(|known| matches!(version, Value::NumberLit(n) if n.value == known.to_string()))
    });
    if !is_known {
        let message = format!("no inventory of version {OLDEST_VERSION} to {SCHEMA_VERSION}");
        let error = reader.error_in_file(message);
        return Err(error.with_remedy(Remedy::PrintInventory));
    }
    let Some(value) = json.member(top, "policy")? else {
        return Err(reader.error_in_file("an inventory without `policy`"));
    };
    let policy = json.string(value, "`policy`")?;
    let mut all = Vec::new();
    if !policy.is_empty() {
        all.push(reader.policy(Disposition::Enforce, policy, json.line(value)));
    }
    if let Some(value) = json.member(top, "report_only_policy")? {
        let policy = json.string(value, "`report_only_policy`")?;
        all.push(reader.policy(Disposition::Report, policy, json.line(value)));
    }
    Ok(Answers::Everywhere(all))
}
