//! Traefik: the middleware that this program writes, for all pages.

use super::answers::Answers;
use super::fragment::{Fragment, spelled, unknown};
use super::reader::Reader;
use crate::error::Result;

const ABOVE: [&str; 5] = [
    "http:",
    "middlewares:",
    "csp:",
    "headers:",
    "customResponseHeaders:",
];

pub(super) fn read(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let mut fragment = Fragment::find(reader, text)?;
    for wanted in ABOVE {
        let line = fragment.expect(reader, &format!("`{wanted}`"))?;
        if line.text != wanted {
            return Err(unknown(reader, line, "traefik"));
        }
    }
    let line = fragment.expect(reader, "the header")?;
    // What is written of YAML is JSON as well.
    let read = line.text.split_once(": ").and_then(|(name, value)| {
        let policy: String = serde_json::from_str(value).ok()?;
        Some((spelled(name)?, policy))
    });
    let (header, policy) = read.ok_or_else(|| unknown(reader, line, "traefik"))?;
    if let Some(line) = fragment.next() {
        return Err(unknown(reader, line, "traefik"));
    }
    if policy.is_empty() {
        return Ok(Answers::Everywhere(Vec::new()));
    }
    let index = reader.policy(header, policy, line.number);
    Ok(Answers::Everywhere(vec![index]))
}
