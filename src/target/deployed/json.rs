//! JSON with the lines of its values, and without names that stand twice.

use jsonc_parser::ast::{Array, Object, Value};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, parse_to_ast};
use serde::de::IgnoredAny;

use super::reader::{Lines, Reader};
use crate::error::{Error, ErrorKind, Result};
pub(super) use crate::target::json_file::Comments;
use crate::target::json_file::OPTIONS;

/// A file that was read.
pub(super) struct Json<'t> {
    path: String,
    lines: Lines,
    value: Value<'t>,
}

impl<'t> Json<'t> {
    pub(super) fn parse(reader: &Reader<'_>, text: &'t str, comments: Comments) -> Result<Self> {
        if comments == Comments::Refused {
            // The other parser takes comments whatever its option says (0.34).
            serde_json::from_str::<IgnoredAny>(text)
                .map_err(|error| reader.error(error.line() as u64, format!("no JSON: {error}")))?;
        }
        let parsed = parse_to_ast(text, &CollectOptions::default(), &OPTIONS).map_err(|error| {
            reader.error(
                error.line_display() as u64,
                format!("no JSON: {}", error.kind()),
            )
        })?;
        let value = parsed
            .value
            .ok_or_else(|| reader.error_in_file("no JSON: the file is empty"))?;
        Ok(Self {
            path: reader.path().to_owned(),
            lines: Lines::of(text),
            value,
        })
    }

    /// The object that the file holds.
    pub(super) fn top(&self) -> Result<&Object<'t>> {
        self.object(&self.value, "the file")
    }

    /// The line of a value.
    pub(super) fn line(&self, value: &Value<'_>) -> u64 {
        self.line_of(&value.range())
    }

    pub(super) fn line_of(&self, range: &Range) -> u64 {
        self.lines.at(range.start)
    }

    /// What is wrong with a value.
    pub(super) fn error(&self, value: &Value<'_>, message: impl AsRef<str>) -> Error {
        self.error_at(&value.range(), message)
    }

    pub(super) fn error_at(&self, range: &Range, message: impl AsRef<str>) -> Error {
        let message = format!("line {}: {}", self.line_of(range), message.as_ref());
        Error::new(ErrorKind::Deployed, message).at(&self.path)
    }

    /// The value of a member. A name that stands there twice is refused: parsers differ in which they take.
    pub(super) fn member<'v>(
        &self,
        object: &'v Object<'t>,
        name: &str,
    ) -> Result<Option<&'v Value<'t>>> {
        let mut found = object
            .properties
            .iter()
            .filter(|property| property.name.as_str() == name);
        let first = found.next();
        match found.next() {
            Some(second) => {
                Err(self.error_at(&second.range, format!("a second `{name}`; remove one")))
            }
            None => Ok(first.map(|property| &property.value)),
        }
    }

    pub(super) fn string<'v>(&self, value: &'v Value<'t>, what: &str) -> Result<&'v str> {
        match value {
            Value::StringLit(text) => Ok(&text.value),
            _ => Err(self.error(value, format!("{what} is no string"))),
        }
    }

    pub(super) fn object<'v>(&self, value: &'v Value<'t>, what: &str) -> Result<&'v Object<'t>> {
        match value {
            Value::Object(object) => Ok(object),
            _ => Err(self.error(value, format!("{what} is no object"))),
        }
    }

    pub(super) fn array<'v>(&self, value: &'v Value<'t>, what: &str) -> Result<&'v Array<'t>> {
        match value {
            Value::Array(array) => Ok(array),
            _ => Err(self.error(value, format!("{what} is no array"))),
        }
    }

    /// A member that is `true` or `false`.
    pub(super) fn switch(&self, object: &Object<'t>, name: &str) -> Result<Option<bool>> {
        match self.member(object, name)? {
            None => Ok(None),
            Some(Value::BooleanLit(value)) => Ok(Some(value.value)),
            Some(value) => Err(self.error(value, format!("`{name}` is neither true nor false"))),
        }
    }
}
