//! lighttpd: what this program writes for `lighttpd.conf`. Of the conditions that hold the last one wins, with its whole list
//! of headers.

use super::answers::{Answers, Choice, Effect, Matcher, Rules};
use super::fragment::{Fragment, quoted, spelled, unknown};
use super::reader::{Header, Reader};
use super::unquote::{exact_regex, lighttpd_string};
use super::urls::Urls;
use crate::error::Result;
use crate::target::quote::Regex;

pub(super) fn read(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let mut fragment = Fragment::find(reader, text)?;
    let mut rules = Rules::new(Urls::Server, Choice::Every);
    while let Some(line) = fragment.next() {
        let refuse = || unknown(reader, line, "lighttpd");
        if line.text == "server.modules += ( \"mod_setenv\" )" {
            continue;
        }
        let (matcher, place) = match line.text.strip_prefix("$HTTP[\"url\"] ") {
            None => (Matcher::Everywhere, line),
            Some(condition) => {
                let paths = paths(condition).ok_or_else(refuse)?;
                match fragment.block(reader)?[..] {
                    [only] => (Matcher::Paths(paths), only),
                    _ => return Err(refuse()),
                }
            }
        };
        let (header, policy) =
            set_header(place.text).ok_or_else(|| unknown(reader, place, "lighttpd"))?;
        let index = reader.policy(header, policy, place.number);
        let effects = vec![
            Effect::Remove(Header::Enforced),
            Effect::Remove(Header::Reported),
            Effect::Add(header, index),
        ];
        rules.push(matcher, effects);
    }
    Ok(Answers::Rules(rules))
}

fn paths(condition: &str) -> Option<Vec<String>> {
    let condition = condition.strip_suffix(" {")?;
    if let Some(string) = condition.strip_prefix("== ") {
        return match quoted(string)? {
            (path, "") => Some(vec![lighttpd_string(path)?]),
            _ => None,
        };
    }
    let regex = condition.strip_prefix("=~ \"")?.strip_suffix('"')?;
    regex
        .split('|')
        .map(|regex| exact_regex(Regex::Characters, regex))
        .collect()
}

fn set_header(text: &str) -> Option<(Header, String)> {
    let inside = text
        .strip_prefix("setenv.set-response-header = ( ")?
        .strip_suffix(" )")?;
    let (name, rest) = quoted(inside)?;
    match quoted(rest.strip_prefix(" => ")?)? {
        (value, "") => Some((spelled(name)?, lighttpd_string(value)?)),
        _ => None,
    }
}
