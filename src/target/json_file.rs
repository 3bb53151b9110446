//! A JSON file that is somebody's own: what is put into it is all that changes, every other byte stays. Only space is not kept
//! in a list or object that has nothing else in it, and in an object on one line that gets a new list.
//!
//! Which parts of it are ours the formats know, and for those with lists of headers [`json_rules`](super::json_rules).

use std::cell::RefCell;
use std::ops::Range;

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{
    CstArray, CstContainerNode, CstInputValue, CstNode, CstObject, CstRootNode,
};
use serde::de::IgnoredAny;

use super::urls::unsupported;
use crate::error::{Error, Result};

/// Whether a target reads comments in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comments {
    Allowed,
    Refused,
}

/// JSON with comments and no other liberty.
pub(super) const OPTIONS: ParseOptions = ParseOptions {
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
pub(super) struct JsonFile {
    name: &'static str,
    root: CstRootNode,
    top: CstObject,
    /// What is written in the place of each placeholder: what stands there, and what comes behind it.
    inserts: RefCell<Vec<(String, Vec<CstInputValue>)>>,
    /// What something goes into, with the space at its beginning and its end: the library takes blank lines out of that.
    grown: RefCell<Vec<(CstNode, [String; 2])>>,
}

/// What stands in a tree for values that [`JsonFile::finish`] writes: thousands of them one by one would take minutes, and
/// the library would break the lines of the object or array that they go into.
const PLACEHOLDER: &str = "cspseal placeholder ";

impl JsonFile {
    /// Reads the content of the file that is usually called `name`. An empty file is an empty object.
    pub(super) fn parse(name: &'static str, content: &[u8], comments: Comments) -> Result<Self> {
        let text = std::str::from_utf8(content).map_err(|error| {
            unsupported(format!(
                "{name} is not UTF-8 from byte {}",
                error.valid_up_to() + 1
            ))
        })?;
        let text = if text.trim_ascii().is_empty() {
            "{}\n"
        } else {
            text
        };
        if comments == Comments::Refused {
            // The other parser takes comments whatever its option says (0.34).
            serde_json::from_str::<IgnoredAny>(text)
                .map_err(|error| unsupported(format!("{name} is not JSON: {error}")))?;
        }
        let root = CstRootNode::parse(text, &OPTIONS).map_err(|error| {
            unsupported(format!(
                "{name} is not JSON: {} at line {} column {}",
                error.kind(),
                error.line_display(),
                error.column_display()
            ))
        })?;
        let top = root
            .object_value()
            .ok_or_else(|| unsupported(format!("{name} does not hold an object")))?;
        if text.contains(PLACEHOLDER) {
            return Err(unsupported(format!(
                "{name} holds the text {PLACEHOLDER:?}"
            )));
        }
        Ok(Self {
            name,
            root,
            top,
            inserts: RefCell::default(),
            grown: RefCell::default(),
        })
    }

    pub(super) fn top(&self) -> &CstObject {
        &self.top
    }

    /// A refusal that names the file.
    pub(super) fn refuse(&self, message: &str) -> Error {
        unsupported(format!("{}: {message}", self.name))
    }

    /// A refusal that names the file and the line of `node`.
    pub(super) fn refuse_at(&self, node: &CstNode, message: &str) -> Error {
        unsupported(format!(
            "{}: line {}: {message}",
            self.name,
            self.line_of(node)
        ))
    }

    fn line_of(&self, node: &CstNode) -> usize {
        let mut newlines = 0;
        let mut inner = node.clone();
        // Everything that stands before the node, or before something the node stands in.
        loop {
            newlines += inner
                .previous_siblings()
                .map(|sibling| sibling.to_string().matches('\n').count())
                .sum::<usize>();
            match inner.parent() {
                Some(parent) => inner = CstNode::Container(parent),
                None => return newlines + 1,
            }
        }
    }

    /// The value of a member. A name that stands there twice is refused: parsers differ in which they take.
    pub(super) fn member(&self, object: &CstObject, name: &str) -> Result<Option<CstNode>> {
        let mut found = object
            .properties()
            .into_iter()
            .filter(|property| property.decoded_name().as_deref() == Some(name));
        let first = found.next();
        if let Some(second) = found.next() {
            return Err(self.refuse_at(&second.into(), &format!("a second `{name}`")));
        }
        Ok(first.and_then(|property| property.value()))
    }

    /// The array that is a member of `object`, made if it is missing.
    pub(super) fn array(&self, object: &CstObject, name: &str) -> Result<CstArray> {
        match self.member(object, name)? {
            Some(node) => node
                .as_array()
                .ok_or_else(|| self.refuse_at(&node, &format!("`{name}` is no array"))),
            None => {
                self.grow(CstContainerNode::Object(object.clone()));
                object.append(name, CstInputValue::Array(Vec::new()));
                object
                    .array_value(name)
                    .ok_or_else(|| self.refuse(&format!("`{name}` cannot be added")))
            }
        }
    }

    /// The object that is a member of `object`, made if it is missing.
    pub(super) fn object(&self, object: &CstObject, name: &str) -> Result<CstObject> {
        match self.member(object, name)? {
            Some(node) => node
                .as_object()
                .ok_or_else(|| self.refuse_at(&node, &format!("`{name}` is no object"))),
            None => {
                self.grow(CstContainerNode::Object(object.clone()));
                object.append(name, CstInputValue::Object(Vec::new()));
                object
                    .object_value(name)
                    .ok_or_else(|| self.refuse(&format!("`{name}` cannot be added")))
            }
        }
    }

    /// Adds values to the end of an array. One on a single line stays on it.
    pub(super) fn append(&self, array: &CstArray, values: Vec<CstInputValue>) {
        if values.is_empty() {
            return;
        }
        self.grow(CstContainerNode::Array(array.clone()));
        if array.elements().is_empty() {
            array.ensure_multiline();
        }
        array.append(self.placeholder(String::new(), values).into());
    }

    /// Adds a member to an object that has none of that name. One on a single line stays on it.
    pub(super) fn add_member(&self, object: &CstObject, name: &str, value: CstInputValue) {
        let is_on_one_line = !object.to_string().contains('\n');
        let last = object.properties().pop();
        let last = last.and_then(|property| Some((property.value()?.to_string(), property)));
        match last {
            Some((before, last)) if is_on_one_line => {
                let name = render(&name.into(), None);
                let member = vec![value];
                let placeholder = self.placeholder(format!("{before}, {name}: "), member);
                last.set_value(placeholder.into());
            }
            _ => {
                self.grow(CstContainerNode::Object(object.clone()));
                object.append(name, value);
            }
        }
    }

    /// Keeps the space in what something is about to go into.
    fn grow(&self, container: CstContainerNode) {
        let node = CstNode::Container(container);
        let text = node.to_string();
        let spaces = inner_spaces(&text).map(|range| text[range].to_owned());
        self.grown.borrow_mut().push((node, spaces));
    }

    /// The file with all the space that it had.
    fn text(&self) -> String {
        let mut text = self.root.to_string();
        let mut lost: Vec<(Range<usize>, &str)> = Vec::new();
        let grown = self.grown.borrow();
        for (node, spaces) in grown.iter() {
            let start = offset_of(node);
            let ranges = inner_spaces(&node.to_string());
            let ranges = ranges.map(|range| start + range.start..start + range.end);
            lost.extend(ranges.into_iter().zip(spaces.iter().map(String::as_str)));
        }
        lost.retain(|(range, space)| space.len() > range.len());
        lost.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        for (range, space) in lost {
            text.replace_range(range, space);
        }
        text
    }

    fn placeholder(&self, before: String, values: Vec<CstInputValue>) -> String {
        let mut inserts = self.inserts.borrow_mut();
        inserts.push((before, values));
        format!("{PLACEHOLDER}{}", inserts.len())
    }

    /// The file with the changes.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut text = self.text();
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let unit = indent_unit(&text);
        for (index, (before, values)) in self.inserts.into_inner().into_iter().enumerate() {
            let placeholder = format!("\"{PLACEHOLDER}{}\"", index + 1);
            let Some(at) = text.find(&placeholder) else {
                continue;
            };
            let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            let indent = &text[line..at];
            let is_line = line > 0 && indent.trim_ascii().is_empty();
            let style = is_line.then_some((newline, indent, &*unit));
            let separator = match style {
                Some((newline, indent, _)) => format!(",{newline}{indent}"),
                None => ", ".to_owned(),
            };
            let values: Vec<String> = values.iter().map(|value| render(value, style)).collect();
            let values = format!("{before}{}", values.join(&separator));
            text.replace_range(at..at + placeholder.len(), &values);
        }
        text.into_bytes()
    }
}

/// The space behind the sign that opens an object or an array, and before that which closes it; none in one that holds nothing
/// else.
fn inner_spaces(text: &str) -> [Range<usize>; 2] {
    let end = text.len().saturating_sub(1).max(1);
    let inner = text.get(1..end).unwrap_or_default();
    let trimmed = inner.trim_ascii();
    if trimmed.is_empty() {
        return [1..1, end..end];
    }
    let start = 1 + inner.len() - inner.trim_ascii_start().len();
    [1..start, 1 + inner.trim_ascii_end().len()..end]
}

/// Where a node begins in its file.
fn offset_of(node: &CstNode) -> usize {
    let mut offset = 0;
    let mut inner = node.clone();
    loop {
        let before = inner.previous_siblings();
        offset += before.map(|node| node.to_string().len()).sum::<usize>();
        match inner.parent() {
            Some(parent) => inner = CstNode::Container(parent),
            None => return offset,
        }
    }
}

/// How far a line stands in from the one around it: as the first that does.
fn indent_unit(text: &str) -> String {
    let indents = text.lines().map(|line| {
        let end = line.find(|c| c != ' ' && c != '\t');
        &line[..end.unwrap_or(0)]
    });
    let mut indents = indents.filter(|indent| !indent.is_empty());
    indents.next().unwrap_or("  ").to_owned()
}

/// JSON on one line, or on lines of their own with the line break, the indentation of the first and that of each level.
fn render(value: &CstInputValue, style: Option<(&str, &str, &str)>) -> String {
    let inner = style.map(|(newline, indent, unit)| (newline, format!("{indent}{unit}"), unit));
    let inner = inner
        .as_ref()
        .map(|(newline, indent, unit)| (*newline, &**indent, *unit));
    let list = |open: &str, items: Vec<String>, close: &str| match (style, inner) {
        (Some((newline, indent, _)), Some((_, inner, _))) if !items.is_empty() => {
            let items = items.join(&format!(",{newline}{inner}"));
            format!("{open}{newline}{inner}{items}{newline}{indent}{close}")
        }
        _ => format!("{open}{}{close}", items.join(", ")),
    };
    let text = |text: &str| serde_json::Value::from(text).to_string();
    match value {
        CstInputValue::Null => "null".to_owned(),
        CstInputValue::Bool(value) => value.to_string(),
        CstInputValue::Number(value) => value.clone(),
        CstInputValue::String(value) => text(value),
        CstInputValue::Array(values) => {
            let values = values.iter().map(|value| render(value, inner));
            list("[", values.collect(), "]")
        }
        CstInputValue::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| format!("{}: {}", text(name), render(value, inner)));
            list("{", members.collect(), "}")
        }
    }
}
