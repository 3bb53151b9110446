//! A JSON file that is somebody's own: what is put into it is all that changes, every other byte stays. Only space is not kept
//! in a list or object that has nothing else in it.
//!
//! Whoever changes it knows which parts are ours: a target in the configuration of a host, an edit in an import map.

mod layout;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use jsonc_parser::ast::{Array, Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::de::IgnoredAny;

use self::layout::{Change, Layout, render};
use crate::error::{Error, ErrorKind, Result};

/// Whether a target reads comments in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comments {
    Allowed,
    Refused,
}

impl Comments {
    /// Refuses comments, and what is not JSON, for a target that does.
    pub(crate) fn check(self, text: &str) -> serde_json::Result<()> {
        match self {
            Self::Allowed => Ok(()),
            // The other parser takes comments whatever its option says (0.34).
            Self::Refused => serde_json::from_str::<IgnoredAny>(text).map(|_| ()),
        }
    }
}

/// JSON with comments and no other liberty.
pub(crate) const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// A file that is being changed.
pub(crate) struct JsonFile<'t> {
    name: &'static str,
    text: &'t str,
    top: Object<'t>,
    /// The values that are replaced: bytes of the text, and the text that replaces them.
    values: RefCell<Vec<(Range<usize>, String)>>,
    /// The lists and objects that change, by the byte at which they begin.
    changes: RefCell<BTreeMap<usize, Change>>,
}

/// A value that is put into a file.
pub(crate) enum Json {
    Text(String),
    List(Vec<Json>),
    /// Members by their names, in this order.
    Object(Vec<(Cow<'static, str>, Json)>),
}

impl Json {
    /// An object with these members, in this order.
    pub(crate) fn object<N: Into<Cow<'static, str>>>(members: impl IntoIterator<Item = (N, Self)>) -> Self {
        let members = members.into_iter();
        Self::Object(members.map(|(name, value)| (name.into(), value)).collect())
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<'t> JsonFile<'t> {
    /// Reads the content of the file that is usually called `name`. An empty file is an empty object.
    pub(crate) fn parse(name: &'static str, content: &'t [u8], comments: Comments) -> Result<Self> {
        let text = std::str::from_utf8(content)
            .map_err(|error| unsupported(format!("{name} is not UTF-8 from byte {}", error.valid_up_to() + 1)))?;
        let text = if text.trim_ascii().is_empty() { "{}\n" } else { text };
        comments.check(text).map_err(|error| unsupported(format!("{name} is not JSON: {error}")))?;
        let parsed = parse_to_ast(text, &CollectOptions::default(), &OPTIONS).map_err(|error| {
            unsupported(format!(
                "{name} is not JSON: {} at line {} column {}",
                error.kind(),
                error.line_display(),
                error.column_display()
            ))
        })?;
        let Some(Value::Object(top)) = parsed.value else {
            return Err(unsupported(format!("{name} does not hold an object")));
        };
        Ok(Self { name, text, top, values: RefCell::default(), changes: RefCell::default() })
    }

    pub(crate) fn top(&self) -> &Object<'t> {
        &self.top
    }

    /// A refusal that names the file.
    pub(crate) fn refuse(&self, message: &str) -> Error {
        unsupported(format!("{}: {message}", self.name))
    }

    /// A refusal that names the file and the line of `node`.
    pub(crate) fn refuse_at(&self, node: &impl Ranged, message: &str) -> Error {
        let line = self.text[..node.start()].matches('\n').count() + 1;
        unsupported(format!("{}: line {line}: {message}", self.name))
    }

    /// The value of a member. A name that stands there twice is refused: parsers differ in which they take.
    pub(crate) fn member<'v>(&self, object: &'v Object<'t>, name: &str) -> Result<Option<&'v Value<'t>>> {
        let properties = object.properties.iter();
        let mut found = properties.filter(|property| property.name.as_str() == name);
        let first = found.next();
        match found.next() {
            Some(second) => Err(self.refuse_at(second, &format!("a second `{name}`"))),
            None => Ok(first.map(|property| &property.value)),
        }
    }

    /// The array that is a member of `object`, if there is one.
    pub(crate) fn array<'v>(&self, object: &'v Object<'t>, name: &str) -> Result<Option<&'v Array<'t>>> {
        self.member_as(object, name, "array", Value::as_array)
    }

    /// The object that is a member of `object`, if there is one.
    pub(crate) fn object<'v>(&self, object: &'v Object<'t>, name: &str) -> Result<Option<&'v Object<'t>>> {
        self.member_as(object, name, "object", Value::as_object)
    }

    fn member_as<'v, T>(
        &self,
        object: &'v Object<'t>,
        name: &str,
        kind: &str,
        of: impl Fn(&'v Value<'t>) -> Option<&'v T>,
    ) -> Result<Option<&'v T>> {
        let value = self.member(object, name)?;
        let found =
            value.map(|value| of(value).ok_or_else(|| self.refuse_at(value, &format!("`{name}` is no {kind}"))));
        found.transpose()
    }

    /// Puts a text into the place of a value, unless it is there.
    pub(crate) fn set(&self, value: &Value<'t>, text: &str) {
        if value.as_string_lit().is_some_and(|old| old.value == text) {
            return;
        }
        let text = render(&text.into(), None);
        self.values.borrow_mut().push((bytes(value), text));
    }

    /// Removes the elements with these 0-based indexes, which are in order, and adds values to the end of the array. One on a
    /// single line stays on it.
    pub(crate) fn replace(&self, array: &Array<'t>, removed: Vec<usize>, values: Vec<Json>) {
        self.change(array, &array.elements, |change| {
            change.removed = removed;
            change.added = values.into_iter().map(|value| (None, value)).collect();
        });
    }

    /// Adds a member to an object that has none of that name. One on a single line stays on it.
    pub(crate) fn add_member(&self, object: &Object<'t>, name: impl Into<Cow<'static, str>>, value: Json) {
        self.change(object, &object.properties, |change| {
            change.added.push((Some(name.into()), value));
        });
    }

    /// Removes the member with this 0-based index; several in their order.
    pub(crate) fn remove_member(&self, object: &Object<'t>, index: usize) {
        self.change(object, &object.properties, |change| {
            change.removed.push(index);
        });
    }

    fn change(&self, container: &impl Ranged, items: &[impl Ranged], change: impl FnOnce(&mut Change)) {
        let mut changes = self.changes.borrow_mut();
        change(changes.entry(container.start()).or_insert_with(|| Change {
            inside: container.start() + 1..container.end() - 1,
            items: items.iter().map(bytes).collect(),
            removed: Vec::new(),
            added: Vec::new(),
        }));
    }

    /// The file with the changes.
    pub(crate) fn finish(self) -> Vec<u8> {
        let layout = Layout::of(self.text, bytes(&self.top), self.top.properties.is_empty());
        let mut edits = self.values.into_inner();
        for change in self.changes.into_inner().into_values() {
            layout.edit(&change, &mut edits);
        }
        edits.sort_by_key(|(range, _)| range.start);
        let mut file = String::with_capacity(self.text.len());
        let mut at = 0;
        for (range, text) in edits {
            file.push_str(&self.text[at..range.start]);
            file.push_str(&text);
            at = range.end;
        }
        file.push_str(&self.text[at..]);
        file.into_bytes()
    }
}

fn unsupported(message: String) -> Error {
    Error::new(ErrorKind::Unsupported, message)
}

fn bytes(node: &impl Ranged) -> Range<usize> {
    node.start()..node.end()
}

#[cfg(test)]
mod tests;
