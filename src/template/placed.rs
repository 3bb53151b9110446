//! Where a template has its named parts and other templates placed, and whether that is the page's own text or that of a
//! script, a style, a comment or an attribute.
//!
//! Only names that stand as strings are followed. [`TAGS`] has the tags; what has no tags is found by a pattern.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use fancy_regex::Regex;
use memchr::memmem;

use super::blocks::{first_word, literal, tag};
use super::dialect::Dialect;
use super::mask::{HiddenKind, HiddenSpan, Mask};
use super::ruby::{self, Ruby};

use Dialect::{
    Askama, Blade, Django, Ejs, Erb, Go, Handlebars, Jinja, Jsp, Liquid, Mako, Mustache, Nunjucks,
    Php, Twig,
};

/// A named part of a template, as it is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    /// Its content.
    pub(crate) range: Range<usize>,
}

/// What is placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    File(String),
    Part(String),
}

/// A place for a part or another template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) target: Target,
    pub(crate) at: usize,
    /// Whether no element can begin there.
    pub(crate) is_text: bool,
}

/// What a template places and defines.
#[derive(Debug, Default)]
pub(crate) struct Placed {
    pub(crate) parts: Vec<Part>,
    pub(crate) uses: Vec<Use>,
    /// Whether it fills the parts of another template.
    pub(crate) is_child: bool,
    /// The names of that template.
    pub(crate) parents: Vec<String>,
    /// Each `<` outside template code.
    pub(crate) tags: Vec<usize>,
    /// Whether it is a page from its beginning.
    pub(crate) is_page: bool,
}

/// What a tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// Begins a part, where it is placed itself.
    Block,
    /// Begins a part that is placed elsewhere.
    Define,
    /// Begins something else that ends alike.
    Other,
    /// Places a part.
    Part,
    /// Places another template.
    File,
    /// Names the template whose parts it fills.
    Parent,
}

/// Dialects, a tag, what it does, and the tags that end it.
type Row = (
    &'static [Dialect],
    &'static [&'static str],
    Act,
    &'static [&'static str],
);

const BRACES: &[Dialect] = &[Django, Jinja, Askama, Nunjucks, Twig];

const TAGS: &[Row] = &[
    (BRACES, &["block"], Act::Block, &["endblock"]),
    (BRACES, &["extends"], Act::Parent, &[]),
    (BRACES, &["include", "embed", "source"], Act::File, &[]),
    (&[Liquid], &["include", "render", "section"], Act::File, &[]),
    (&[Go], &["block"], Act::Block, &["end"]),
    (&[Go], &["define"], Act::Define, &["end"]),
    (&[Go], &["if", "range", "with"], Act::Other, &["end"]),
    (&[Go], &["template"], Act::Part, &[]),
    (&[Go], &["partial"], Act::File, &[]),
    (&[Mako], &["block"], Act::Block, &["/block"]),
    (&[Mako], &["def"], Act::Define, &["/def"]),
    (&[Mako], &["include"], Act::File, &[]),
    (&[Mako], &["inherit"], Act::Parent, &[]),
    (
        &[Blade],
        &["section"],
        Act::Define,
        &["endsection", "stop", "show", "append", "overwrite"],
    ),
    (
        &[Blade],
        &["push", "prepend", "pushOnce", "prependOnce"],
        Act::Define,
        &["endpush", "endprepend", "endPushOnce", "endPrependOnce"],
    ),
    (&[Blade], &["yield", "stack"], Act::Part, &[]),
    (
        &[Blade],
        &[
            "include",
            "includeIf",
            "includeWhen",
            "includeUnless",
            "includeFirst",
            "each",
        ],
        Act::File,
        &[],
    ),
    (&[Blade], &["extends"], Act::Parent, &[]),
];

/// Patterns of code that places another template.
const FILES: &[(&[Dialect], &str)] = &[
    (
        &[Erb],
        r#"\brender[\s(]+(?:(?:partial|template|file|layout):\s*|:(?:partial|template|file)\s*=>\s*)?["']([^"'#]+)["']"#,
    ),
    (&[Ejs], r#"\binclude\s*\(\s*["'`]([^"'`$]+)["'`]"#),
    (
        &[Handlebars, Mustache],
        r#"^\{\{\{?[~]?#?>\s*["']?([\w./-]+)"#,
    ),
    (
        &[Jsp],
        r#"^<(?:%@\s*include\s+file|jsp:include\s+page)\s*=\s*["']([^"'$<]+)["']"#,
    ),
    (
        &[Php, Blade],
        r#"\b(?:include|require)(?:_once)?[\s(]+(?:__DIR__\s*\.\s*)?["']([^"'$]+)["']"#,
    ),
    (&[Go], r#"\bpartial(?:Cached)?\s+"([^"]+)""#),
];

/// Patterns of code that places a part.
const PARTS: &[(&[Dialect], &str)] = &[
    (&[Erb], r#"\b(?:yield|content_for)[\s(]+[:"'](\w+)"#),
    (&[Jinja, Mako], r"\b(?:self|next)\.(\w+)\("),
    (&[Twig], r#"\bblock\(\s*["'](\w+)["']"#),
];

static PATTERNS: LazyLock<Vec<(&[Dialect], Regex, bool)>> = LazyLock::new(|| {
    let rows = |rows: &'static [(&'static [Dialect], &'static str)], is_file| {
        rows.iter().filter_map(move |(dialects, pattern)| {
            Some((*dialects, Regex::new(pattern).ok()?, is_file))
        })
    };
    rows(FILES, true).chain(rows(PARTS, false)).collect()
});

/// A block that has not ended.
struct Open {
    ends: &'static [&'static str],
    name: Option<String>,
    start: usize,
}

/// The blocks that have not ended.
#[derive(Default)]
struct Stack {
    all: Vec<Open>,
    /// How many of them each tag would end.
    ends: HashMap<&'static str, usize>,
}

impl Stack {
    fn begin(&mut self, open: Open) {
        for end in open.ends {
            *self.ends.entry(end).or_default() += 1;
        }
        self.all.push(open);
    }

    /// The block that a tag ends, without those in it that have no end.
    fn end(&mut self, name: &str) -> Option<Open> {
        self.ends.get(name).filter(|count| **count > 0)?;
        while let Some(open) = self.all.pop() {
            for end in open.ends {
                *self.ends.entry(end).or_default() -= 1;
            }
            if open.ends.contains(&name) {
                return Some(open);
            }
        }
        None
    }
}

impl Placed {
    /// Whether a dialect has such places.
    pub(crate) fn may_be_in(dialect: Dialect) -> bool {
        let in_patterns = || {
            FILES
                .iter()
                .chain(PARTS)
                .any(|row| row.0.contains(&dialect))
        };
        TAGS.iter().any(|row| row.0.contains(&dialect)) || in_patterns()
    }

    /// Of a template's source.
    pub(crate) fn of(dialect: Dialect, source: &str) -> Self {
        let mut found = Self::default();
        let mut mask = Mask::new(dialect).with_surroundings();
        mask.write(source.as_bytes(), &mut |_| {});
        mask.end(&mut |_| {});
        let surroundings = mask.surroundings();
        let mut open = Stack::default();
        let mut ruby = Ruby::default();
        let mut last = 0;
        for (span, is_text) in mask.spans().zip(surroundings) {
            found.take_text(source, last..span.range.start);
            last = span.range.end;
            if matches!(span.kind, HiddenKind::Output | HiddenKind::Statement) {
                found.take(dialect, source, &span, is_text, &mut open, &mut ruby);
            }
        }
        found.take_text(source, last..source.len());
        let start = &source.as_bytes()[..source.len().min(4096)];
        let start = start.to_ascii_lowercase();
        found.is_page = ["<!doctype", "<html", "<head", "<body"]
            .iter()
            .any(|tag| memmem::find(&start, tag.as_bytes()).is_some());
        found
    }

    fn take_text(&mut self, source: &str, range: Range<usize>) {
        let start = range.start;
        let text = source.as_bytes().get(range).unwrap_or_default();
        self.tags
            .extend(memchr::memchr_iter(b'<', text).map(|at| start + at));
    }

    fn take(
        &mut self,
        dialect: Dialect,
        source: &str,
        span: &HiddenSpan,
        is_text: bool,
        open: &mut Stack,
        ruby: &mut Ruby<usize>,
    ) {
        let code = &source[span.range.clone()];
        let at = span.range.start;
        let mut place = |target| {
            self.uses.push(Use {
                target,
                at,
                is_text,
            });
        };
        let is_output = span.kind == HiddenKind::Output;
        // Django has tags only.
        let patterns = if dialect == Django {
            &[][..]
        } else {
            &PATTERNS
        };
        for (dialects, pattern, is_file) in patterns {
            if !dialects.contains(&dialect) || !is_file && !is_output {
                continue;
            }
            let name = pattern.captures(code).ok().flatten();
            if let Some(name) = name.and_then(|found| found.get(1).map(|m| m.as_str().to_owned())) {
                place(if *is_file {
                    Target::File(name)
                } else {
                    Target::Part(name)
                });
            }
        }
        if dialect == Erb {
            return self.take_ruby(code, &span.range, ruby);
        }
        // Mako's tags without content are none to `tag`.
        let whole = code.strip_suffix("/>").map(|code| format!("{code}>"));
        let whole = whole.as_deref().filter(|_| dialect == Mako).unwrap_or(code);
        let Some((name, rest)) = tag(dialect, whole) else {
            return;
        };
        if let Some(ended) = open.end(name) {
            if let Some(part) = ended.name {
                if name == "show" {
                    place(Target::Part(part.clone()));
                }
                let range = ended.start..at;
                self.parts.push(Part { name: part, range });
            }
            return;
        }
        let is_row = |row: &&Row| row.0.contains(&dialect) && row.1.contains(&name);
        let Some(&(_, _, act, ends)) = TAGS.iter().find(is_row) else {
            return;
        };
        let argument = match dialect {
            Django | Jinja | Askama | Nunjucks | Twig if act == Act::Block => {
                Some(first_word(rest).to_owned())
            }
            _ => literal(rest),
        };
        // Mako's definitions have their parameters in the name.
        let argument = argument.map(|argument| match argument.split_once('(') {
            Some((name, _)) if dialect == Mako => name.to_owned(),
            Some(_) | None => argument,
        });
        let argument = argument.filter(|argument| !argument.is_empty());
        match (act, argument) {
            (Act::Parent, argument) => {
                self.is_child = true;
                self.parents.extend(argument);
            }
            (Act::File, Some(argument)) => place(Target::File(argument)),
            // Jekyll writes the name without quotes.
            (Act::File, None) if dialect == Liquid => {
                let name = rest.split_whitespace().next().unwrap_or_default();
                place(Target::File(name.to_owned()));
            }
            (Act::File, None) => {}
            (Act::Part, argument) => argument
                .into_iter()
                .for_each(|name| place(Target::Part(name))),
            (Act::Block | Act::Define | Act::Other, argument) => {
                if act == Act::Block {
                    argument
                        .iter()
                        .for_each(|name| place(Target::Part(name.clone())));
                }
                // With its content as an argument it has no end.
                let is_whole = match dialect {
                    Twig => rest.contains(char::is_whitespace),
                    Blade => act == Act::Define && rest.contains("',") || rest.contains("\","),
                    Mako => code.ends_with("/>"),
                    _ => false,
                };
                if !is_whole {
                    open.begin(Open {
                        ends,
                        name: argument,
                        start: span.range.end,
                    });
                }
            }
        }
    }

    fn take_ruby(&mut self, code: &str, range: &Range<usize>, ruby: &mut Ruby<usize>) {
        static PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(
                r#"^(?:content_for|provide)[\s(]+[:"'](\w+)[^\n]*(?:\bdo|\{)(?:\s*\|[^|]*\|)?$"#,
            )
            .ok()
        });
        let found = PART
            .as_ref()
            .and_then(|part| part.captures(ruby::inner(code)).ok());
        let begun = found.flatten().and_then(|part| part.get(1)).map(|name| {
            let name = name.as_str().to_owned();
            self.parts.push(Part {
                name,
                range: range.end..range.end,
            });
            self.parts.len() - 1
        });
        let parts = &mut self.parts;
        ruby.take(code, begun, &mut |part| {
            if let Some(part) = parts.get_mut(part) {
                part.range.end = range.start;
            }
        });
    }
}
