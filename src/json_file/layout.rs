//! How a changed list or object of a JSON file is written: like what stands around it. Comments stay, of items that go too.

use std::borrow::Cow;
use std::ops::Range;

use super::Json;

/// The change of a list or object.
pub(super) struct Change {
    /// The bytes between its opening and its closing sign.
    pub(super) inside: Range<usize>,
    /// The bytes of each element or member.
    pub(super) items: Vec<Range<usize>>,
    /// The 0-based indexes of the items that go, in their order.
    pub(super) removed: Vec<usize>,
    /// The values that are added behind the last item; a member has a name.
    pub(super) added: Vec<(Option<Cow<'static, str>>, Json)>,
}

/// How a file is written.
pub(super) struct Layout<'t> {
    text: &'t str,
    newline: &'static str,
    /// The indentation of one level: that of the first line that has any.
    unit: &'t str,
    /// Whether the file has members and all of them on one line.
    is_one_line: bool,
}

/// The line break, the indentation of the first line and that of each level, of a value on lines of its own.
type Style<'s> = Option<(&'s str, &'s str, &'s str)>;

impl<'t> Layout<'t> {
    /// The layout of a file whose object has these bytes.
    pub(super) fn of(text: &'t str, top: Range<usize>, is_empty: bool) -> Self {
        let mut indents = text.lines().map(indent);
        Self {
            text,
            newline: if text.contains("\r\n") { "\r\n" } else { "\n" },
            unit: indents.find(|indent| !indent.is_empty()).unwrap_or("  "),
            is_one_line: !is_empty && !text[top].contains('\n'),
        }
    }

    /// Adds the edits of a change: bytes of the text, and the text that replaces them.
    pub(super) fn edit(&self, change: &Change, edits: &mut Vec<(Range<usize>, String)>) {
        let mut removed = change.removed.iter().copied().peekable();
        // The end of the last item that stays, the end of the last item, and what stood between the items from there on.
        let (mut kept, mut end) = (None, change.inside.start);
        let mut gaps: Vec<&str> = Vec::new();
        for (index, item) in change.items.iter().enumerate() {
            gaps.push(&self.text[end..item.start]);
            end = item.end;
            if removed.next_if_eq(&index).is_some() {
                continue;
            }
            if gaps.len() > 1 {
                let comma = if kept.is_some() { "," } else { "" };
                let start = kept.unwrap_or(change.inside.start);
                edits.push((start..item.start, format!("{comma}{}", joined(&gaps))));
            }
            kept = Some(item.end);
            gaps.clear();
        }
        gaps.push(&self.text[end..change.inside.end]);
        if gaps.len() > 1 || !change.added.is_empty() {
            let start = kept.unwrap_or(change.inside.start);
            let text = self.end(change, &gaps, kept.is_some());
            edits.push((start..change.inside.end, text));
        }
    }

    /// The new text between the last item that stays, or the opening sign, and the closing sign.
    fn end(&self, change: &Change, gaps: &[&str], has_items: bool) -> String {
        let (Some(first), Some(last)) = (gaps.first(), gaps.last()) else {
            return String::new();
        };
        let trivia = joined(gaps);
        let comments = trivia.trim_ascii_end();
        let mut space = &last[last.trim_ascii_end().len()..];
        if !comments.is_empty() && !space.contains('\n') {
            // A comment may take the rest of its line.
            space = &trivia[comments.len()..];
        }
        let is_space = !has_items && comments.is_empty();
        if change.added.is_empty() {
            return if is_space { String::new() } else { format!("{comments}{space}") };
        }
        let outer = self.line_indent(change.inside.start);
        let own_line = match change.items.last() {
            Some(item) => {
                let indent = self.line_indent(item.start);
                let line = self.line_start(item.start);
                let is_own = line > 0 && line + indent.len() == item.start;
                (is_own || !has_items && !is_space).then(|| indent.to_owned())
            }
            None => (!self.is_one_line).then(|| format!("{outer}{}", self.unit)),
        };
        let style = own_line.as_deref().map(|indent| (self.newline, indent, self.unit));
        let added = change.added.iter().map(|(name, value)| {
            let value = render(value, style);
            name.as_ref().map_or(value.clone(), |name| format!("{}: {value}", quoted(name)))
        });
        let added: Vec<String> = added.collect();
        let comma = if has_items { "," } else { "" };
        let Some((newline, indent, _)) = style else {
            let added = added.join(", ");
            return if has_items {
                format!(", {added}{comments}{space}")
            } else if change.items.is_empty() {
                format!("{comments}{added}")
            } else {
                format!("{first}{added}{space}")
            };
        };
        let added = added.join(&format!(",{newline}{indent}"));
        if change.items.is_empty() {
            format!("{comments}{newline}{indent}{added}{newline}{outer}")
        } else if is_space {
            format!("{first}{added}{space}")
        } else {
            format!("{comma}{comments}{newline}{indent}{added}{space}")
        }
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// The indentation of the line on which a byte stands.
    fn line_indent(&self, at: usize) -> &'t str {
        indent(&self.text[self.line_start(at)..at])
    }
}

/// The space at the beginning of a line.
fn indent(line: &str) -> &str {
    let end = line.find(|c| c != ' ' && c != '\t');
    &line[..end.unwrap_or(line.len())]
}

/// The space and the comments of gaps between items, without the commas. Of those behind the first only comments stay.
fn joined(gaps: &[&str]) -> String {
    let mut text = String::new();
    for (index, gap) in gaps.iter().enumerate() {
        let trivia = without_comma(gap);
        if index == 0 {
            text.push_str(&trivia);
        } else if trivia.contains('/') {
            text.push_str(trivia.trim_ascii_start());
        }
    }
    text
}

/// A gap without its comma. A comma in a comment stays.
fn without_comma(gap: &str) -> String {
    let mut at = 0;
    while let Some(found) = gap[at..].find([',', '/']) {
        let rest = &gap[at + found..];
        let end = match rest.as_bytes() {
            [b'/', b'/', ..] => rest.find('\n'),
            [b'/', ..] => rest[2..].find("*/").map(|end| end + 4),
            _ => return format!("{}{}", &gap[..at + found], &rest[1..]),
        };
        at += found + end.unwrap_or(rest.len());
    }
    gap.to_owned()
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// JSON on one line, or on lines of their own.
pub(super) fn render(value: &Json, style: Style<'_>) -> String {
    let inner = style.map(|(newline, indent, unit)| (newline, format!("{indent}{unit}"), unit));
    let inner = inner.as_ref().map(|(newline, indent, unit)| (*newline, &**indent, *unit));
    let list = |open: &str, items: Vec<String>, close: &str| match (style, inner) {
        (Some((newline, indent, _)), Some((_, inner, _))) if !items.is_empty() => {
            let items = items.join(&format!(",{newline}{inner}"));
            format!("{open}{newline}{inner}{items}{newline}{indent}{close}")
        }
        _ => format!("{open}{}{close}", items.join(", ")),
    };
    match value {
        Json::Text(text) => quoted(text),
        Json::List(values) => {
            let values = values.iter().map(|value| render(value, inner));
            list("[", values.collect(), "]")
        }
        Json::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{}: {}", quoted(name), render(value, inner)));
            list("{", members.collect(), "}")
        }
    }
}
