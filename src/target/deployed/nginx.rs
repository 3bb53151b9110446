//! nginx: what this program writes, site and pages, in a file of its own or as a block.

use std::collections::HashMap;

use super::answers::{Answers, Choice, Effect, Matcher, Rules};
use super::fragment::{Fragment, Line, quoted, spelled, unknown};
use super::nonce;
use super::reader::Reader;
use super::unquote::{exact_regex, nginx_key, nginx_quoted};
use super::urls::Urls;
use crate::error::Result;
use crate::target::quote::{NGINX_DOLLAR, Regex};

/// A `map` block: its default and its entries, in quotes, with their lines.
struct Map<'t> {
    source: &'t str,
    default: Option<(u64, &'t str)>,
    entries: Vec<(Line<'t>, &'t str, &'t str)>,
    by_key: HashMap<&'t str, usize>,
}

pub(super) fn read(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let mut fragment = Fragment::find(reader, text)?;
    if fragment
        .lines()
        .iter()
        .any(|line| line.text.starts_with("sub_filter "))
    {
        return nonce::nginx(reader, &fragment);
    }
    let mut maps: HashMap<&str, Map<'_>> = HashMap::new();
    let mut rules = Rules::new(Urls::Server, Choice::Every);
    while let Some(line) = fragment.next() {
        if line.text == "geo $csp_dollar {" {
            let block = fragment.block(reader)?;
            if !matches!(&block[..], [only] if only.text == "default \"$\";") {
                return Err(unknown(reader, line, "nginx"));
            }
        } else if let Some(head) = line.text.strip_prefix("map ") {
            let (name, map) = map(reader, &mut fragment, line, head)?;
            maps.insert(name, map);
        } else if let Some(header) = line.text.strip_prefix("add_header ") {
            add_header(reader, &maps, line, header, &mut rules)?;
        } else if !is_size(line.text) {
            return Err(unknown(reader, line, "nginx"));
        }
    }
    Ok(Answers::Rules(rules))
}

fn is_size(text: &str) -> bool {
    ["map_hash_bucket_size ", "map_hash_max_size "]
        .iter()
        .filter_map(|name| text.strip_prefix(name)?.strip_suffix(';'))
        .any(|number| number.bytes().all(|b| b.is_ascii_digit()))
}

fn map<'t>(
    reader: &Reader<'_>,
    fragment: &mut Fragment<'t>,
    line: Line<'t>,
    head: &'t str,
) -> Result<(&'t str, Map<'t>)> {
    let refuse = || unknown(reader, line, "nginx");
    let (source, name) = head
        .strip_suffix(" {")
        .and_then(|head| head.split_once(' '))
        .ok_or_else(refuse)?;
    let name = name.strip_prefix('$').ok_or_else(refuse)?;
    let mut map = Map {
        source,
        default: None,
        entries: Vec::new(),
        by_key: HashMap::new(),
    };
    for line in fragment.block(reader)? {
        if line.text == "volatile;" {
            continue;
        }
        let refuse = || unknown(reader, line, "nginx");
        let entry = line.text.strip_suffix(';').ok_or_else(refuse)?;
        let (key, value) = match quoted(entry) {
            Some((key, value)) => (key, value.strip_prefix(' ').ok_or_else(refuse)?),
            None => entry.split_once(' ').ok_or_else(refuse)?,
        };
        let value = match quoted(value) {
            Some((value, "")) => value,
            None if value.bytes().all(|b| b.is_ascii_digit()) => value,
            _ => return Err(refuse()),
        };
        if key == "default" {
            map.default = Some((line.number, value));
        } else {
            map.by_key.insert(key, map.entries.len());
            map.entries.push((line, key, value));
        }
    }
    Ok((name, map))
}

fn add_header(
    reader: &mut Reader<'_>,
    maps: &HashMap<&str, Map<'_>>,
    line: Line<'_>,
    text: &str,
    rules: &mut Rules,
) -> Result<()> {
    let read = || {
        let (name, value) = text.split_once(' ')?;
        let (value, rest) = quoted(value)?;
        (rest == " always;").then_some((spelled(name)?, value))
    };
    let (header, value) = read().ok_or_else(|| unknown(reader, line, "nginx"))?;
    if !value.replace(NGINX_DOLLAR, "").contains("${") {
        let policy = plain(reader, line.number, value)?;
        if !policy.is_empty() {
            let index = reader.policy(header, policy, line.number);
            rules.push(Matcher::Everywhere, vec![Effect::Add(header, index)]);
        }
        return Ok(());
    }
    let mut parts = Vec::new();
    for part in value.split_inclusive('}') {
        let name = part.strip_prefix("${").and_then(|p| p.strip_suffix('}'));
        let map = name.and_then(|name| maps.get(name));
        parts.push(map.ok_or_else(|| unknown(reader, line, "nginx"))?);
    }
    let Some(pages) = parts[0].source.strip_prefix('$') else {
        let (number, policy) = joined(reader, line, &parts, None)?;
        let index = reader.policy(header, policy, number);
        rules.push(Matcher::Everywhere, vec![Effect::Add(header, index)]);
        return Ok(());
    };
    let pages = maps
        .get(pages)
        .filter(|pages| pages.source == "$uri" && pages.default.is_some_and(|(_, d)| d == "0"))
        .ok_or_else(|| unknown(reader, line, "nginx"))?;
    let (number, policy) = joined(reader, line, &parts, Some("0"))?;
    let default = reader.policy(header, policy, number);
    rules.push(Matcher::Everywhere, vec![Effect::Add(header, default)]);
    page_rules(reader, line, &parts, pages, header, rules)
}

/// The rules for the numbers of a map of pages. An expression is tried only where no other key fits, and so stands first.
fn page_rules(
    reader: &mut Reader<'_>,
    line: Line<'_>,
    parts: &[&Map<'_>],
    pages: &Map<'_>,
    header: super::reader::Header,
    rules: &mut Rules,
) -> Result<()> {
    let mut numbers: Vec<&str> = pages.entries.iter().map(|(.., number)| *number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut policies = numbers
        .iter()
        .map(|number| Ok((joined(reader, line, parts, Some(number))?, *number)))
        .collect::<Result<Vec<_>>>()?;
    policies.sort_by_key(|((place, _), _)| *place);
    let mut paths: HashMap<&str, (usize, Vec<String>, Vec<String>)> = HashMap::new();
    for ((place, policy), number) in policies {
        let index = reader.policy(header, policy, place);
        paths.insert(number, (index, Vec::new(), Vec::new()));
    }
    for (entry, key, number) in &pages.entries {
        let refuse = || unknown(reader, *entry, "nginx");
        let (_, exact, any_case) = paths.get_mut(number).ok_or_else(refuse)?;
        match key.strip_prefix('~') {
            Some(regex) => exact.push(exact_regex(Regex::Bytes, regex).ok_or_else(refuse)?),
            None => any_case.push(nginx_key(key).ok_or_else(refuse)?),
        }
    }
    let mut in_any_case = Vec::new();
    for (index, exact, any_case) in paths.into_values() {
        let effect = || vec![Effect::Replace(header, index)];
        rules.push(Matcher::Paths(exact), effect());
        in_any_case.push((Matcher::PathsInAnyCase(any_case), effect()));
    }
    for (matcher, effects) in in_any_case {
        rules.push(matcher, effects);
    }
    Ok(())
}

/// The policy of a number, put together from its pieces, and the line of the first.
fn joined(
    reader: &Reader<'_>,
    line: Line<'_>,
    parts: &[&Map<'_>],
    number: Option<&str>,
) -> Result<(u64, String)> {
    let mut policy = String::new();
    let mut first = None;
    for part in parts {
        let entry = number
            .and_then(|number| part.by_key.get(number))
            .map(|index| (part.entries[*index].0.number, part.entries[*index].2))
            .or(part.default)
            .filter(|_| part.source == parts[0].source);
        let (place, value) = entry.ok_or_else(|| unknown(reader, line, "nginx"))?;
        first.get_or_insert(place);
        policy.push_str(&plain(reader, place, value)?);
    }
    Ok((first.unwrap_or(line.number), policy))
}

fn plain(reader: &Reader<'_>, line: u64, value: &str) -> Result<String> {
    nginx_quoted(value).ok_or_else(|| {
        reader.error(
            line,
            "the policy has an escape or a variable that cspseal does not write",
        )
    })
}
