//! JSON with the lines of its values, and without names that stand twice.

use jsonc_parser::ast::{Array, Object, Value};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, parse_to_ast};

use super::answers::{Answers, Choice, Effect, Matcher, Rules};
use super::reader::{Lines, Reader};
use super::urls::{Switches, Urls};
use crate::error::{Error, ErrorKind, Result};
use crate::json_file::{Comments, OPTIONS};
use crate::target::Disposition;

/// The values of the headers of a rule that are policies.
pub(crate) type Headers<'v, 't> = Vec<(Disposition, &'v Value<'t>)>;

/// A file that was read.
pub(crate) struct Json<'t> {
    path: String,
    lines: Lines,
    value: Value<'t>,
}

impl<'t> Json<'t> {
    pub(crate) fn parse(reader: &Reader<'_>, text: &'t str, comments: Comments) -> Result<Self> {
        comments.check(text).map_err(|error| reader.error(error.line() as u64, format!("no JSON: {error}")))?;
        let parsed = parse_to_ast(text, &CollectOptions::default(), &OPTIONS)
            .map_err(|error| reader.error(error.line_display() as u64, format!("no JSON: {}", error.kind())))?;
        let value = parsed.value.ok_or_else(|| reader.error_in_file("no JSON: the file is empty"))?;
        Ok(Self { path: reader.path().to_owned(), lines: Lines::of(text), value })
    }

    /// The object that the file holds.
    pub(crate) fn top(&self) -> Result<&Object<'t>> {
        self.object(&self.value, "the file")
    }

    /// The line of a value.
    pub(crate) fn line(&self, value: &Value<'_>) -> u64 {
        self.line_of(&value.range())
    }

    pub(crate) fn line_of(&self, range: &Range) -> u64 {
        self.lines.at(range.start)
    }

    /// What is wrong with a value.
    pub(crate) fn error(&self, value: &Value<'_>, message: impl AsRef<str>) -> Error {
        self.error_at(&value.range(), message)
    }

    pub(crate) fn error_at(&self, range: &Range, message: impl AsRef<str>) -> Error {
        let message = format!("line {}: {}", self.line_of(range), message.as_ref());
        Error::new(ErrorKind::Deployed, message).at(&self.path)
    }

    /// The value of a member. A name that stands there twice is refused: parsers differ in which they take.
    pub(crate) fn member<'v>(&self, object: &'v Object<'t>, name: &str) -> Result<Option<&'v Value<'t>>> {
        let mut found = object.properties.iter().filter(|property| property.name.as_str() == name);
        let first = found.next();
        match found.next() {
            Some(second) => Err(self.error_at(&second.range, format!("a second `{name}`; remove one"))),
            None => Ok(first.map(|property| &property.value)),
        }
    }

    pub(crate) fn string<'v>(&self, value: &'v Value<'t>, what: &str) -> Result<&'v str> {
        match value {
            Value::StringLit(text) => Ok(&text.value),
            _ => Err(self.error(value, format!("{what} is no string"))),
        }
    }

    pub(crate) fn object<'v>(&self, value: &'v Value<'t>, what: &str) -> Result<&'v Object<'t>> {
        match value {
            Value::Object(object) => Ok(object),
            _ => Err(self.error(value, format!("{what} is no object"))),
        }
    }

    pub(crate) fn array<'v>(&self, value: &'v Value<'t>, what: &str) -> Result<&'v Array<'t>> {
        match value {
            Value::Array(array) => Ok(array),
            _ => Err(self.error(value, format!("{what} is no array"))),
        }
    }

    /// The rules of an object that Vercel and Firebase write alike, for pages at these URLs; `read` makes one with these
    /// policies.
    pub(crate) fn rules(
        &self,
        object: &Object<'t>,
        mut urls: Urls,
        mut read: impl FnMut(&Value<'t>, &Object<'t>, Headers<'_, 't>) -> Result<(Matcher, Vec<Effect>)>,
    ) -> Result<Answers> {
        urls.switches = Switches {
            clean: self.switch(object, "cleanUrls")?.unwrap_or(false),
            slash: self.switch(object, "trailingSlash")?,
        };
        let mut rules = Rules::new(urls, Choice::Every);
        if let Some(headers) = self.member(object, "headers")? {
            for value in &self.array(headers, "`headers`")?.elements {
                let rule = self.object(value, "a rule in `headers`")?;
                let policies = self.policies(rule)?;
                if !policies.is_empty() {
                    let (matcher, effects) = read(value, rule, policies)?;
                    rules.push(matcher, effects);
                }
            }
        }
        Ok(Answers::Rules(Box::new(rules)))
    }

    /// The effect of a header with this value. An empty value takes the header away.
    pub(crate) fn effect(&self, reader: &mut Reader<'_>, header: Disposition, value: &Value<'t>) -> Result<Effect> {
        let text = self.string(value, "a header's value")?;
        Ok(match text {
            "" => Effect::Remove(header),
            text => Effect::Replace(header, reader.policy(header, text, self.line(value))),
        })
    }

    /// The policies in a rule's list of headers, which Vercel and Firebase write alike.
    fn policies<'v>(&self, rule: &'v Object<'t>) -> Result<Headers<'v, 't>> {
        let Some(list) = self.member(rule, "headers")? else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for entry in &self.array(list, "`headers`")?.elements {
            let header = self.object(entry, "a header")?;
            let Some(key) = self.member(header, "key")? else {
                return Err(self.error(entry, "a header without `key`"));
            };
            let Some(name) = Disposition::of_header(self.string(key, "`key`")?.trim()) else {
                continue;
            };
            let Some(value) = self.member(header, "value")? else {
                return Err(self.error(entry, "a header without `value`"));
            };
            found.push((name, value));
        }
        Ok(found)
    }

    /// A member that is `true` or `false`.
    fn switch(&self, object: &Object<'t>, name: &str) -> Result<Option<bool>> {
        match self.member(object, name)? {
            None => Ok(None),
            Some(Value::BooleanLit(value)) => Ok(Some(value.value)),
            Some(value) => Err(self.error(value, format!("`{name}` is neither true nor false"))),
        }
    }
}
