//! The tags that outline a template: their table, and how one is read.

use super::{BlockKind, Call};
use crate::template::Dialect;

use Dialect::{Askama, Blade, Django, Go, Jinja, Liquid, Mako, Nunjucks, Twig};

/// What a tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Begins a part, where it is placed itself.
    Block,
    /// Begins a part that is placed elsewhere.
    Define,
    /// Begins a text that is kept.
    Cache,
    /// Begins a macro.
    Macro,
    /// Begins the text of a variable.
    Set,
    /// Begins a condition.
    If,
    /// Begins something else that ends alike. In Go, `.` is something else there.
    Other,
    /// Places a part.
    Part,
    /// Places another template.
    File,
    /// Names the template whose parts it fills.
    Parent,
}

/// A tag of some dialects.
pub(super) struct Row {
    dialects: &'static [Dialect],
    names: &'static [&'static str],
    pub(super) act: Act,
    /// The tags that end it.
    pub(super) ends: &'static [&'static str],
}

const fn row(
    dialects: &'static [Dialect],
    names: &'static [&'static str],
    act: Act,
    ends: &'static [&'static str],
) -> Row {
    Row { dialects, names, act, ends }
}

const BRACES: &[Dialect] = &[Django, Jinja, Askama, Nunjucks, Twig];

const CACHES: &[Dialect] = &[Django, Jinja, Nunjucks, Twig, Liquid, Blade];

const MACROS: &[Dialect] = &[Jinja, Askama, Nunjucks, Twig];

const ROWS: &[Row] = &[
    row(BRACES, &["block"], Act::Block, &["endblock"]),
    row(&[Django], &["partialdef"], Act::Define, &["endpartialdef"]),
    row(&[Django], &["partial"], Act::Part, &[]),
    row(BRACES, &["extends"], Act::Parent, &[]),
    row(BRACES, &["include", "embed", "source"], Act::File, &[]),
    row(CACHES, &["cache"], Act::Cache, &["endcache"]),
    row(MACROS, &["macro"], Act::Macro, &["endmacro"]),
    row(&[Jinja, Nunjucks], &["set"], Act::Set, &["endset"]),
    row(&[Django, Jinja], &["if"], Act::If, &["endif"]),
    row(&[Jinja], &["for"], Act::Other, &["endfor"]),
    row(&[Liquid], &["include", "render", "section"], Act::File, &[]),
    row(&[Go], &["block"], Act::Block, &["end"]),
    row(&[Go], &["define"], Act::Define, &["end"]),
    row(&[Go], &["if"], Act::If, &["end"]),
    row(&[Go], &["range", "with"], Act::Other, &["end"]),
    row(&[Go], &["template"], Act::Part, &[]),
    row(&[Go], &["partial"], Act::File, &[]),
    row(&[Mako], &["block"], Act::Block, &["/block"]),
    row(&[Mako], &["def"], Act::Define, &["/def"]),
    row(&[Mako], &["include"], Act::File, &[]),
    row(&[Mako], &["inherit"], Act::Parent, &[]),
    row(&[Blade], &["section"], Act::Define, &["endsection", "stop", "show", "append", "overwrite"]),
    row(
        &[Blade],
        &["push", "prepend", "pushOnce", "prependOnce"],
        Act::Define,
        &["endpush", "endprepend", "endPushOnce", "endPrependOnce"],
    ),
    row(&[Blade], &["yield", "stack"], Act::Part, &[]),
    row(&[Blade], &["include", "includeIf", "includeWhen", "includeUnless", "includeFirst", "each"], Act::File, &[]),
    row(&[Blade], &["extends"], Act::Parent, &[]),
];

/// The tags of a dialect.
pub(super) fn rows(dialect: Dialect) -> Vec<&'static Row> {
    let rows = ROWS.iter();
    rows.filter(|row| row.dialects.contains(&dialect)).collect()
}

impl Row {
    pub(super) fn is(&self, name: &str) -> bool {
        self.names.contains(&name)
    }
}

/// A tag in a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) struct Tag<'c> {
    pub(in crate::template) name: &'c str,
    /// What follows the name.
    behind: &'c str,
    dialect: Dialect,
    /// Whether it is a function of Twig.
    pub(super) is_function: bool,
}

impl<'c> Tag<'c> {
    /// Its arguments.
    pub(in crate::template) fn rest(self) -> &'c str {
        self.behind.trim().trim_end_matches('/').trim_end()
    }

    /// Whether it is one of Mako without content.
    pub(super) fn is_empty(self) -> bool {
        self.dialect == Mako && self.behind.trim_end().ends_with('/')
    }
}

/// The bytes that each tag of a dialect begins with, if its other code begins otherwise.
pub(super) const fn opening(dialect: Dialect) -> Option<&'static [u8]> {
    match dialect {
        Django | Jinja | Askama | Nunjucks | Liquid => Some(b"{%"),
        _ => None,
    }
}

/// Reads the tag that some code is.
pub(in crate::template) fn tag(dialect: Dialect, code: &str) -> Option<Tag<'_>> {
    let (open, close): (&str, &str) = match dialect {
        Django | Jinja | Askama | Nunjucks | Twig | Liquid => {
            match code.starts_with("{%") {
                true => ("{%", "%}"),
                // Twig has a function for its tag.
                false if dialect == Twig => ("{{", "}}"),
                false => return None,
            }
        }
        Go => ("{{", "}}"),
        Blade => ("@", ""),
        Mako => match code.starts_with("</%") {
            true => ("<", ">"),
            false => ("<%", ">"),
        },
        Dialect::Handlebars
        | Dialect::Mustache
        | Dialect::Ejs
        | Dialect::Erb
        | Dialect::Jsp
        | Dialect::Php
        | Dialect::Razor
        | Dialect::Thymeleaf => return None,
    };
    let is_function = open == "{{" && dialect == Twig;
    let code = code.strip_prefix(open)?;
    let code = code.strip_suffix(close).unwrap_or(code);
    let code = code.trim_matches(['-', '+', '~']).trim_start();
    if let Some(name) = code.strip_prefix("/%") {
        let mut ends = ROWS.iter().flat_map(|row| row.ends);
        let name = ends.find(|end| end.strip_prefix('/') == Some(name.trim()))?;
        return Some(Tag { name, behind: "", dialect, is_function });
    }
    let name = first_word(code);
    let behind = &code[name.len()..];
    (!name.is_empty()).then_some(Tag { name, behind, dialect, is_function })
}

pub(super) fn first_word(text: &str) -> &str {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let len = text.bytes().take_while(|byte| is_part(byte)).count();
    match text[len..].chars().next() {
        Some(c) if c.is_alphanumeric() => {
            let is_part = |c: char| c.is_alphanumeric() || c == '_';
            &text[..text.find(|c| !is_part(c)).unwrap_or(text.len())]
        }
        _ => &text[..len],
    }
}

/// The first string in some arguments.
pub(super) fn literal(rest: &str) -> Option<String> {
    let start = rest.find(['"', '\'', '`'])?;
    let quote = &rest[start..=start];
    let (text, _) = rest[start + 1..].split_once(quote)?;
    Some(text.to_owned())
}

/// Whether a tag of Mako has its output kept.
pub(super) fn is_cached(rest: &str) -> bool {
    let dense: String = rest.chars().filter(|c| !c.is_whitespace()).collect();
    ["cached=\"True\"", "cached='True'"].iter().any(|cached| dense.contains(cached))
}

/// The call of a tag. `is_rebound` where Go's dot is not what the template was given.
pub(super) fn call(dialect: Dialect, tag: Tag<'_>, is_rebound: bool) -> Option<Call> {
    let rest = match tag.name {
        "include" | "embed" | "import" | "from" | "render" | "template" | "block" => tag.rest(),
        _ => return None,
    };
    let has = |word: &str| rest.split_whitespace().any(|found| found == word);
    let has_context = rest.ends_with("with context");
    let (is_import, is_isolated) = match (dialect, tag.name) {
        (Django, "include") => (false, has("only")),
        (Twig, "include" | "embed") => {
            let dense: String = rest.chars().filter(|c| !c.is_whitespace()).collect();
            let is_off = ["with_context=false", "with_context:false"];
            let is_off = is_off.iter().any(|off| dense.contains(off));
            (false, has("only") || is_off)
        }
        (Jinja, "include") => (false, rest.ends_with("without context")),
        (Jinja | Nunjucks, "import" | "from") => (true, !has_context),
        (Nunjucks, "include") => (false, false),
        (Liquid, "render") => (false, true),
        (Liquid, "include") => (false, false),
        (Go, "template" | "block") => {
            let data = literal(rest).map_or("", |name| rest[name.len() + 2..].trim());
            (false, !(data == "$" || data == "." && !is_rebound))
        }
        _ => return None,
    };
    let mut name = literal(rest)?;
    name.truncate(name.find('#').unwrap_or(name.len()));
    let given = if is_isolated { rest } else { "" }.to_owned();
    Some(Call { name, is_import, is_isolated, given })
}

/// A block that has not ended.
pub(super) struct Open {
    pub(super) act: Act,
    pub(super) ends: &'static [&'static str],
    pub(super) kind: Option<BlockKind>,
    /// The part that it is.
    pub(super) part: Option<String>,
    pub(super) start: usize,
    /// Its branches that have ended, among the blocks.
    pub(super) branches: Vec<usize>,
}

/// The blocks that have not ended.
#[derive(Default)]
pub(super) struct Stack {
    all: Vec<Open>,
    /// How many of them each tag would end; the tags of a dialect are few.
    ends: Vec<(&'static str, usize)>,
    /// How many of them are of another kind.
    others: usize,
    /// Whether there were more than [`MOST_OPEN`] at a time.
    pub(super) is_full: bool,
}

/// How many blocks may be in each other. Engines stop far earlier, most of them at about 1,000.
pub(crate) const MOST_OPEN: usize = 10_000;

impl Stack {
    pub(super) fn begin(&mut self, open: Open) {
        if self.all.len() >= MOST_OPEN {
            self.is_full = true;
            return;
        }
        for end in open.ends {
            match self.ends.iter_mut().find(|(name, _)| name == end) {
                Some((_, count)) => *count += 1,
                None => self.ends.push((end, 1)),
            }
        }
        self.others += usize::from(open.act == Act::Other);
        self.all.push(open);
    }

    /// The block that a tag ends, without those in it that have no end.
    pub(super) fn end(&mut self, name: &str) -> Option<Open> {
        let is_open = |(end, count): &&(&str, usize)| *end == name && *count > 0;
        self.ends.iter().find(is_open)?;
        while let Some(open) = self.all.pop() {
            for (_, count) in self.ends.iter_mut().filter(|(end, _)| open.ends.contains(end)) {
                *count -= 1;
            }
            self.others -= usize::from(open.act == Act::Other);
            if open.ends.contains(&name) {
                return Some(open);
            }
        }
        None
    }

    pub(super) fn last(&mut self) -> Option<&mut Open> {
        self.all.last_mut()
    }

    /// Whether one of them is of another kind.
    pub(super) fn is_in_other(&self) -> bool {
        self.others > 0
    }
}
