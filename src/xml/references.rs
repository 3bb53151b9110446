//! References in content and attribute values: characters, predefined entities, those of the DTD.

use std::borrow::Cow;
use std::rc::Rc;

use htmlize::Context;

use super::What;
use super::cursor::{Cursor, is_char, is_space, shown};
use super::dtd::{Dtd, Entity};
use super::scan::Stop;

/// How much the entities of a document may expand to, in bytes and [`REFERENCE`]s: libxml2's limit in
/// Chromium, which allows large documents more.
const MAX_EXPANSION: usize = 1_000_000;
/// What a reference costs beside the text that it stands for.
const REFERENCE: usize = 20;
/// How deep entities may refer to each other, as in Chromium.
const MAX_DEPTH: usize = 40;

/// How many declarations of attributes may be looked through, for all elements together.
const MAX_DECLARATIONS: usize = 10_000_000;

/// What is left of the expansion that a document is allowed.
pub(super) struct Budget {
    left: usize,
    declarations: usize,
    depth: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: MAX_EXPANSION, declarations: MAX_DECLARATIONS, depth: 0 }
    }
}

impl Budget {
    /// Before an entity is expanded; [`leave`](Self::leave) after it.
    pub(super) fn enter(&mut self, replacement: &str) -> Result<(), What> {
        self.depth += 1;
        match self.left.checked_sub(replacement.len() + REFERENCE) {
            Some(left) if self.depth < MAX_DEPTH => self.left = left,
            _ => return Err("entities refer to each other without end or become too large".into()),
        }
        Ok(())
    }

    /// Before so many declarations are looked through, for one element.
    pub(super) fn look(&mut self, declarations: usize) -> Result<(), Stop> {
        let left = self.declarations.checked_sub(declarations);
        self.declarations = left.ok_or(Stop::Limit(
            "its DTD declares attributes for too many elements, and the document was not read; write the attributes into the tags",
        ))?;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn is_inside(&self) -> bool {
        self.depth > 0
    }
}

/// What a reference stands for.
pub(super) enum Referred {
    /// Characters that are not markup.
    Text(String),
    /// Text that may hold markup and more references.
    Replacement(Rc<str>),
    /// Nothing: the entity is declared where browsers do not look.
    Nothing,
    /// A file, which browsers do not load.
    External,
}

/// Looks up the name between `&` and `;`.
pub(super) fn resolve(name: &str, dtd: &Dtd) -> Result<Referred, What> {
    if let Some(number) = name.strip_prefix('#') {
        return character(number).map(|c| Referred::Text(c.into()));
    }
    let mut cursor = Cursor::new(name);
    cursor.name()?;
    if !cursor.rest.is_empty() {
        return Err("a reference is not closed with \";\"".into());
    }
    let predefined = match name {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "apos" => "'",
        "quot" => "\"",
        _ => return declared(name, dtd),
    };
    Ok(Referred::Text(predefined.into()))
}

fn declared(name: &str, dtd: &Dtd) -> Result<Referred, What> {
    match dtd.entities.get(name) {
        Some(Entity::Internal(replacement)) => Ok(Referred::Replacement(Rc::clone(replacement))),
        Some(Entity::External) => Ok(Referred::External),
        Some(Entity::Unparsed) => Err(format!("the entity {} is no text", shown(name)).into()),
        None => match html_entity(name).filter(|_| dtd.has_html_entities) {
            Some(text) => Ok(Referred::Text(text)),
            None if dtd.may_lack_entities => Ok(Referred::Nothing),
            None => Err(format!("the entity {} is not declared", shown(name)).into()),
        },
    }
}

/// A named character reference of HTML.
fn html_entity(name: &str) -> Option<String> {
    if !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let reference = format!("&{name};");
    // In attributes a shorter name is not taken for a prefix of this one.
    match htmlize::unescape_in(&*reference, Context::Attribute) {
        text if text == *reference => None,
        text => Some(text.into_owned()),
    }
}

/// A character reference, from what stands between `&#` and `;`.
pub(super) fn character(number: &str) -> Result<char, What> {
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // `from_str_radix` would take a sign.
    let code = match digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        true => u32::from_str_radix(digits, radix).ok(),
        false => None,
    };
    code.and_then(char::from_u32)
        .filter(|c| is_char(*c))
        .ok_or_else(|| "a reference to a character that XML does not have".into())
}

/// An attribute's value [normalized](https://www.w3.org/TR/xml/#AVNormalize); `tokens` for one that
/// the DTD gives a type other than CDATA.
pub(super) fn attribute_value<'a>(
    raw: &'a str,
    tokens: bool,
    dtd: &Dtd,
    budget: &mut Budget,
) -> Result<Cow<'a, str>, What> {
    let special = |c: char| matches!(c, '&' | '\t' | '\r' | '\n');
    let value = if raw.contains(special) {
        let mut value = String::with_capacity(raw.len());
        let raw = match raw.contains("\r\n") {
            true => Cow::Owned(raw.replace("\r\n", "\n")),
            false => Cow::Borrowed(raw),
        };
        append(&raw, dtd, budget, &mut value)?;
        Cow::Owned(value)
    } else {
        Cow::Borrowed(raw)
    };
    if !tokens {
        return Ok(value);
    }
    let words = value.split(' ').filter(|word| !word.is_empty());
    Ok(Cow::Owned(words.collect::<Vec<_>>().join(" ")))
}

fn append(raw: &str, dtd: &Dtd, budget: &mut Budget, value: &mut String) -> Result<(), What> {
    let mut cursor = Cursor::new(raw);
    while let Some(c) = cursor.rest.chars().next() {
        cursor.rest = &cursor.rest[c.len_utf8()..];
        match c {
            '&' => match resolve(cursor.until(";")?, dtd)? {
                Referred::Text(text) => value.push_str(&text),
                Referred::Nothing => {}
                Referred::External => {
                    return Err("an attribute's value refers to a file".into());
                }
                Referred::Replacement(text) => {
                    budget.enter(&text)?;
                    append(&text, dtd, budget, value)?;
                    budget.leave();
                }
            },
            '<' => return Err("an entity in an attribute's value holds \"<\"".into()),
            c if is_space(c) => value.push(' '),
            c => value.push(c),
        }
    }
    Ok(())
}
