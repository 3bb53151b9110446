//! HAProxy: what this program writes for a section. Lines are obeyed in order and `set-header` replaces.

use std::collections::HashMap;

use super::answers::{Answers, Choice, Effect, Matcher, Rules};
use super::fragment::{Fragment, Line, quoted, spelled, unknown};
use super::reader::{Header, Reader};
use super::unquote::{haproxy_format, haproxy_quoted};
use super::urls::Urls;
use crate::error::Result;

pub(super) fn read(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let mut fragment = Fragment::find(reader, text)?;
    let mut lists: HashMap<&str, Vec<String>> = HashMap::new();
    let mut rules = Rules::new(Urls::Server, Choice::Every);
    while let Some(line) = fragment.next() {
        let refuse = || unknown(reader, line, "haproxy");
        if line.text == "http-request set-var(txn.csp_path) path,url_dec" {
            continue;
        }
        if let Some(acl) = line.text.strip_prefix("acl ") {
            let (name, paths) = acl
                .split_once(" var(txn.csp_path) -m str ")
                .and_then(|(name, patterns)| Some((name, patterns_of(patterns)?)))
                .ok_or_else(refuse)?;
            lists.entry(name).or_default().extend(paths);
            continue;
        }
        let (header, policy, condition) = set_header(line).ok_or_else(refuse)?;
        let matcher = match condition {
            "" => Matcher::Everywhere,
            name => Matcher::Paths(lists.remove(name).ok_or_else(refuse)?),
        };
        let index = reader.policy(header, policy, line.number);
        rules.push(matcher, vec![Effect::Replace(header, index)]);
    }
    Ok(Answers::Rules(rules))
}

fn patterns_of(mut text: &str) -> Option<Vec<String>> {
    let mut paths = Vec::new();
    loop {
        let (path, rest) = quoted(text)?;
        paths.push(haproxy_quoted(path)?);
        match rest {
            "" => return Some(paths),
            _ => text = rest.strip_prefix(' ')?,
        }
    }
}

fn set_header(line: Line<'_>) -> Option<(Header, String, &str)> {
    let rest = line.text.strip_prefix("http-after-response set-header ")?;
    let (name, rest) = rest.split_once(' ')?;
    let (value, rest) = quoted(rest)?;
    let condition = match rest {
        "" => "",
        _ => rest.strip_prefix(" if ")?,
    };
    Some((spelled(name)?, haproxy_format(value)?, condition))
}
