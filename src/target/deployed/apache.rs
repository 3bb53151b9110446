//! Apache httpd: what this program writes for the server and for a `.htaccess`.
//!
//! Every `set` replaces the one before; `edit` puts the next part of a long policy at its end.

use super::answers::{Answers, Choice, Effect, Matcher, Rules};
use super::fragment::{Fragment, Line, quoted, spelled, unknown};
use super::nonce;
use super::reader::{Header, Reader};
use super::unquote::{apache_expression, apache_header, apache_replacement};
use super::urls::Urls;
use crate::error::Result;

/// Which file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Server,
    Htaccess,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Server => "apache",
            Self::Htaccess => "htaccess",
        }
    }
}

/// A `Header` line: what it does to which header, with which value, under which condition.
struct Directive<'t> {
    header: Header,
    edits: bool,
    value: &'t str,
    condition: &'t str,
}

pub(super) fn read(reader: &mut Reader<'_>, text: &str, kind: Kind) -> Result<Answers> {
    let mut fragment = Fragment::find(reader, text)?;
    let nonced = |line: &Line<'_>| line.text.starts_with("LuaHookFixups ");
    if kind == Kind::Server && fragment.lines().iter().any(nonced) {
        return nonce::apache(reader, &fragment);
    }
    let mut rules = Rules::new(Urls::Server, Choice::Every);
    let mut folder: Option<&str> = None;
    let mut last: Option<(Header, usize, &str)> = None;
    while let Some(line) = fragment.next() {
        let refuse = || unknown(reader, line, kind.name());
        match line.text {
            "Define CSP_DOLLAR $" if kind == Kind::Server => continue,
            "</Location>" if folder.take().is_some() => continue,
            _ => {}
        }
        if let Some(name) = line.text.strip_prefix("Header onsuccess unset ") {
            spelled(name).ok_or_else(refuse)?;
            continue;
        }
        if let Some(rest) = line.text.strip_prefix("<Location ") {
            folder = match quoted(rest) {
                Some((name, ">")) if folder.is_none() && kind == Kind::Server => Some(name),
                _ => return Err(refuse()),
            };
            continue;
        }
        let directive = directive(line.text).ok_or_else(refuse)?;
        if directive.edits {
            let value = directive.value.strip_prefix(' ').ok_or_else(refuse)?;
            let piece = apache_replacement(value).ok_or_else(refuse)?;
            match last {
                Some((header, index, condition))
                    if header == directive.header && condition == directive.condition =>
                {
                    reader.extend(index, &format!(" {piece}"));
                }
                _ => return Err(refuse()),
            }
            continue;
        }
        let policy = apache_header(directive.value).ok_or_else(refuse)?;
        let matcher = match directive.condition {
            "" if folder.is_none() => Matcher::Everywhere,
            condition => {
                let paths = paths(condition).ok_or_else(refuse)?;
                if !paths
                    .iter()
                    .all(|path| path.starts_with(folder.unwrap_or("/")))
                {
                    return Err(refuse());
                }
                Matcher::Paths(paths)
            }
        };
        let index = reader.policy(directive.header, policy, line.number);
        rules.push(matcher, vec![Effect::Replace(directive.header, index)]);
        last = Some((directive.header, index, directive.condition));
    }
    Ok(Answers::Rules(rules))
}

/// Reads `Header always set NAME "VALUE" "expr=CONDITION"`, or `edit` with `"$"`.
fn directive(text: &str) -> Option<Directive<'_>> {
    let rest = text.strip_prefix("Header always ")?;
    let (action, rest) = rest.split_once(' ')?;
    let (name, rest) = rest.split_once(' ')?;
    let (edits, rest) = match action {
        "set" => (false, rest),
        "edit" => (true, rest.strip_prefix("\"$\" ")?),
        _ => return None,
    };
    let (value, rest) = quoted(rest)?;
    let condition = match rest {
        "" => "",
        _ => match quoted(rest.strip_prefix(' ')?)? {
            (condition, "") => condition.strip_prefix("expr=")?,
            _ => return None,
        },
    };
    Some(Directive {
        header: spelled(name)?,
        edits,
        value,
        condition,
    })
}

/// The paths of a condition.
fn paths(condition: &str) -> Option<Vec<String>> {
    let condition = condition.strip_prefix("%{REQUEST_URI} ")?;
    if let Some(string) = condition.strip_prefix("== '") {
        return match apache_expression(string)? {
            (path, "") => Some(vec![path]),
            _ => None,
        };
    }
    let mut rest = condition.strip_prefix("in {")?;
    let mut paths = Vec::new();
    loop {
        let (path, behind) = apache_expression(rest.strip_prefix('\'')?)?;
        paths.push(path);
        match behind {
            "}" => return Some(paths),
            _ => rest = behind.strip_prefix(", ")?,
        }
    }
}
