//! Caddy: what this program writes for the site's block.
//!
//! The header that is set at once is only for answers that are errors; the one that is set late holds for pages.

use std::collections::HashMap;

use super::answers::{Answers, Choice, Effect, Matcher, Rules};
use super::fragment::{Fragment, Line, spelled, unknown};
use super::nonce;
use super::reader::{Header, Reader};
use super::unquote::{caddy_quoted, caddy_value, exact_regex};
use super::urls::Urls;
use crate::error::Result;
use crate::target::quote::Regex;

/// A `map` block.
struct Map<'t> {
    source: &'t str,
    default: Option<(Line<'t>, &'t str)>,
    entries: Vec<(Line<'t>, &'t str, &'t str)>,
}

pub(super) fn read(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let mut fragment = Fragment::find(reader, text)?;
    let nonced = |line: &Line<'_>| line.text == "(csp_nonce) {";
    if fragment.lines().iter().any(nonced) {
        return nonce::caddy(reader, &fragment);
    }
    let mut maps: HashMap<&str, Map<'_>> = HashMap::new();
    let mut at_once: Vec<(Header, &str)> = Vec::new();
    let mut rules = Rules::new(Urls::Server, Choice::Every);
    while let Some(line) = fragment.next() {
        let refuse = || unknown(reader, line, "caddy");
        if let Some(head) = line.text.strip_prefix("map ") {
            let names = head
                .strip_suffix(" {")
                .and_then(|head| head.split_once(' '));
            let (source, name) = names.ok_or_else(refuse)?;
            let map = map(reader, &mut fragment, source)?;
            maps.insert(name, map);
        } else if line.text == "header {" {
            let block = fragment.block(reader)?;
            let [value, defer] = &block[..] else {
                return Err(refuse());
            };
            if defer.text != "defer" {
                return Err(unknown(reader, *defer, "caddy"));
            }
            late(reader, &maps, &at_once, *value, &mut rules)?;
        } else {
            let read = || {
                let (name, value) = line.text.strip_prefix("header ")?.split_once(' ')?;
                Some((spelled(name)?, value))
            };
            at_once.push(read().ok_or_else(refuse)?);
        }
    }
    Ok(Answers::Rules(rules))
}

fn map<'t>(reader: &Reader<'_>, fragment: &mut Fragment<'t>, source: &'t str) -> Result<Map<'t>> {
    let mut map = Map {
        source,
        default: None,
        entries: Vec::new(),
    };
    for line in fragment.block(reader)? {
        let refuse = || unknown(reader, line, "caddy");
        let (key, value) = match caddy_quoted(line.text) {
            Some((key, value)) => (key, value.strip_prefix(' ').ok_or_else(refuse)?),
            None => line.text.split_once(' ').ok_or_else(refuse)?,
        };
        if key == "default" {
            map.default = Some((line, value));
        } else {
            map.entries.push((line, key, value));
        }
    }
    Ok(map)
}

/// The header that is set late: a policy, or what a map makes of the page.
fn late(
    reader: &mut Reader<'_>,
    maps: &HashMap<&str, Map<'_>>,
    at_once: &[(Header, &str)],
    line: Line<'_>,
    rules: &mut Rules,
) -> Result<()> {
    let refuse = |reader: &Reader<'_>| unknown(reader, line, "caddy");
    let read = line
        .text
        .split_once(' ')
        .and_then(|(name, value)| Some((spelled(name)?, value)));
    let (header, value) = read.ok_or_else(|| refuse(reader))?;
    let Some(policies) = maps.get(value) else {
        let policy = plain(reader, line, value)?;
        same(reader, at_once, header, value, line)?;
        if !policy.is_empty() {
            let index = reader.policy(header, policy, line.number);
            rules.push(Matcher::Everywhere, vec![Effect::Add(header, index)]);
        }
        return Ok(());
    };
    let pages = maps
        .get(policies.source)
        .filter(|pages| pages.source == "{path}" && matches!(pages.default, Some((_, "0"))));
    let (Some(pages), Some((place, default))) = (pages, policies.default) else {
        return Err(refuse(reader));
    };
    same(reader, at_once, header, default, line)?;
    let mut paths: HashMap<&str, Vec<String>> = HashMap::new();
    for (line, key, number) in &pages.entries {
        let path = match key.strip_prefix('~') {
            Some(regex) => exact_regex(Regex::Characters, regex),
            None => Some((*key).to_owned()),
        };
        let path = path.ok_or_else(|| unknown(reader, *line, "caddy"))?;
        paths.entry(number).or_default().push(path);
    }
    for (line, number, value) in &policies.entries {
        let policy = plain(reader, *line, value)?;
        let index = reader.policy(header, policy, line.number);
        let paths = paths.remove(number).unwrap_or_default();
        rules.push(Matcher::Paths(paths), vec![Effect::Replace(header, index)]);
    }
    if !paths.is_empty() {
        return Err(refuse(reader));
    }
    let default = reader.policy(header, plain(reader, place, default)?, place.number);
    rules.push_base(Effect::Add(header, default));
    Ok(())
}

/// Refuses a header that is set at once and does not agree with the late one.
fn same(
    reader: &Reader<'_>,
    at_once: &[(Header, &str)],
    header: Header,
    value: &str,
    line: Line<'_>,
) -> Result<()> {
    match at_once.iter().find(|(known, _)| *known == header) {
        Some((_, known)) if *known == value => Ok(()),
        _ => Err(reader.error(
            line.number,
            "the header that is set at once must stand above and have the same value",
        )),
    }
}

fn plain(reader: &Reader<'_>, line: Line<'_>, value: &str) -> Result<String> {
    caddy_quoted(value)
        .filter(|(_, rest)| rest.is_empty())
        .and_then(|(inside, _)| caddy_value(inside))
        .ok_or_else(|| unknown(reader, line, "caddy"))
}
