//! The parts of a template in which a value may be missing or stale, and the templates that it calls.
//!
//! Engines have no common grammar, but the few tags that matter here do: [`TAGS`] names them. Only the code that the
//! mask hides is read, so that comments and verbatim blocks hold no tags.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use fancy_regex::Regex;
use memchr::memmem;

use super::dialect::Dialect;
use super::helpers::{self, HelperCall, may_have_helpers};
use super::mask::{HiddenKind, HiddenSpan, Mask};
use super::ruby::{self, Ruby};

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) kind: BlockKind,
    /// Its content, in bytes of the template.
    pub(crate) range: Range<usize>,
}

/// What a part of a template is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BlockKind {
    /// Its output is kept and sent with other responses.
    Cached,
    /// The macro of this name.
    Macro(String),
    /// A template of this name, whose data is what its callers give it.
    Named(String),
    /// The branch of a condition that is taken where the text is true.
    If { condition: String, has_else: bool },
}

/// A call of another template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// The name of the template.
    pub(crate) name: String,
    /// Whether only its macros are taken.
    pub(crate) is_import: bool,
    /// Whether it lacks the variables of this template, but for those in `given`.
    pub(crate) is_isolated: bool,
    /// The source of what it is given.
    pub(crate) given: String,
}

/// The parts of a template, and what it calls.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    /// In the order of their ends.
    pub(crate) blocks: Vec<Block>,
    pub(crate) calls: Vec<Call>,
    /// Where a tag stands that must be the first one.
    pub(crate) first: Option<usize>,
    /// The helpers that write elements.
    pub(crate) helpers: Vec<HelperCall>,
    /// The code that names a nonce.
    pub(crate) nonces: Vec<HiddenSpan>,
    /// How often names are followed by a parenthesis, in a template with macros.
    pub(crate) called: HashMap<String, usize>,
    /// Whether the whole page is kept.
    is_cached: bool,
}

/// How many bytes are masked at a time.
const PIECE: usize = 64 << 10;

/// What a tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Cached,
    Macro,
    If,
    /// A named template.
    Named,
    /// A block of another kind, in which `.` is something else.
    Other,
}

use Dialect::{Askama, Blade, Django, Erb, Go, Jinja, Liquid, Mako, Nunjucks, Twig};

/// The tags that begin a block.
const TAGS: &[Row] = &[
    (
        &[Django, Jinja, Nunjucks, Twig, Liquid],
        "cache",
        "endcache",
        Role::Cached,
    ),
    (&[Blade], "cache", "endcache", Role::Cached),
    (&[Mako], "def", "/def", Role::Cached),
    (&[Mako], "block", "/block", Role::Cached),
    (
        &[Jinja, Askama, Nunjucks, Twig],
        "macro",
        "endmacro",
        Role::Macro,
    ),
    (&[Django, Jinja], "if", "endif", Role::If),
    (&[Go], "define", "end", Role::Named),
    (&[Go], "block", "end", Role::Named),
    (&[Go], "if", "end", Role::If),
    (&[Go], "range", "end", Role::Other),
    (&[Go], "with", "end", Role::Other),
];

/// A block that has not ended.
struct Open {
    role: Role,
    end: &'static str,
    kind: Option<BlockKind>,
    start: usize,
    /// Its branches that have ended, among the blocks.
    branches: Vec<usize>,
}

/// Dialects, the tag, the tag that ends it, and what it does.
type Row = (&'static [Dialect], &'static str, &'static str, Role);

impl Blocks {
    /// Those of a template's source.
    pub(crate) fn of(dialect: Dialect, source: &[u8]) -> Self {
        let mut found = Self::default();
        let mut open = Stack::default();
        let mut ruby = Ruby::<usize>::default();
        let has_helpers = may_have_helpers(dialect, source);
        let has_macros = memmem::find(source, b"macro").is_some();
        let mut mask = Mask::new(dialect);
        let mut pieces = source.chunks(PIECE);
        loop {
            let piece = pieces.next();
            match piece {
                Some(piece) => mask.write(piece, &mut |_| {}),
                None => mask.end(&mut |_| {}),
            }
            for span in mask.spans() {
                if !matches!(span.kind, HiddenKind::Output | HiddenKind::Statement) {
                    continue;
                }
                let code = String::from_utf8_lossy(&source[span.range.clone()]);
                if dialect == Erb {
                    let begun = is_cached_ruby(&code).then_some(span.range.end);
                    ruby.take(&code, begun, &mut |start| {
                        let (kind, range) = (BlockKind::Cached, start..span.range.start);
                        found.blocks.push(Block { kind, range });
                    });
                } else if let Some((name, rest)) = tag(dialect, &code) {
                    found.take(dialect, name, rest, &span.range, &mut open);
                }
                if has_helpers {
                    let calls = helpers::calls(dialect, &code, &span.range);
                    found.helpers.extend(calls);
                }
                if has_macros {
                    found.count_calls(&code);
                }
                if span.names_nonce {
                    found.nonces.push(span);
                }
            }
            if piece.is_none() {
                break;
            }
        }
        found.take_elements(dialect, source);
        found
    }

    /// Counts what is called in some code.
    fn count_calls(&mut self, code: &str) {
        let mut parts = code.split('(').peekable();
        while let Some(part) = parts.next() {
            let is_part = |c: char| c.is_alphanumeric() || c == '_';
            let name = part.rsplit(|c| !is_part(c)).next().unwrap_or_default();
            if parts.peek().is_some() && !name.is_empty() {
                *self.called.entry(name.to_owned()).or_default() += 1;
            }
        }
    }

    /// Where the output is kept.
    #[cfg(feature = "cli")]
    pub(crate) fn cached(&self) -> impl Iterator<Item = Range<usize>> {
        let cached = self
            .blocks
            .iter()
            .filter(|block| block.kind == BlockKind::Cached);
        cached.map(|block| block.range.clone())
    }

    /// The names of the templates in it.
    #[cfg(feature = "cli")]
    pub(crate) fn named(&self) -> impl Iterator<Item = &str> {
        self.blocks.iter().filter_map(|block| match &block.kind {
            BlockKind::Named(name) => Some(&**name),
            BlockKind::Cached | BlockKind::Macro(_) | BlockKind::If { .. } => None,
        })
    }

    /// Takes a tag with its arguments.
    fn take(
        &mut self,
        dialect: Dialect,
        name: &str,
        rest: &str,
        at: &Range<usize>,
        open: &mut Stack,
    ) {
        match (dialect, name) {
            (Django, "extends") => {
                self.first.get_or_insert(at.start);
            }
            (Mako, "page") => self.is_cached |= is_cached(rest),
            _ => {}
        }
        if let Some(last) = open.all.last_mut().filter(|last| last.role == Role::If)
            && matches!(name, "elif" | "else")
        {
            last.branches
                .extend(self.end(last.kind.take(), last.start..at.start));
            last.start = at.end;
            let condition = rest.to_owned();
            let has_else = false;
            last.kind = (name == "elif").then_some(BlockKind::If {
                condition,
                has_else,
            });
            let ended = if name == "else" {
                last.branches.len()
            } else {
                0
            };
            for branch in last.branches.drain(..ended) {
                if let BlockKind::If { has_else, .. } = &mut self.blocks[branch].kind {
                    *has_else = true;
                }
            }
            return;
        }
        self.calls
            .extend(call(dialect, name, rest, open.others > 0));
        if let Some(ended) = open.end(name) {
            self.end(ended.kind, ended.start..at.start);
            return;
        }
        let begins = |row: &&Row| row.0.contains(&dialect) && row.1 == name;
        let Some(&(_, _, end, role)) = TAGS.iter().find(begins) else {
            return;
        };
        let argument = || literal(rest).unwrap_or_else(|| first_word(rest).to_owned());
        let kind = match role {
            Role::Cached if dialect == Mako && !is_cached(rest) => None,
            Role::Cached => Some(BlockKind::Cached),
            Role::Macro => Some(BlockKind::Macro(argument())),
            Role::Named => Some(BlockKind::Named(argument())),
            Role::If => Some(BlockKind::If {
                condition: rest.to_owned(),
                has_else: false,
            }),
            Role::Other => None,
        };
        open.begin(Open {
            role,
            end,
            kind,
            start: at.end,
            branches: Vec::new(),
        });
    }

    /// Takes the end of a block. Its place among the blocks.
    fn end(&mut self, kind: Option<BlockKind>, range: Range<usize>) -> Option<usize> {
        let kind = kind?;
        self.blocks.push(Block { kind, range });
        Some(self.blocks.len() - 1)
    }

    /// Takes blocks that are not code to the mask: the tag helpers of Razor, the tags of JSP, and Mako's whole page.
    fn take_elements(&mut self, dialect: Dialect, source: &[u8]) {
        static CACHE: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"(?i)<(/?)(?:[\w-]+:)?(?:distributed-)?cache(?=[\s>])").ok()
        });
        if self.is_cached {
            self.end(Some(BlockKind::Cached), 0..source.len());
        }
        if !matches!(dialect, Dialect::Razor | Dialect::Jsp) {
            return;
        }
        let text = String::from_utf8_lossy(source);
        let mut starts = Vec::new();
        let tags = CACHE.iter().flat_map(|tag| tag.captures_iter(&*text));
        for captures in tags.flatten() {
            let (Some(tag), Some(slash)) = (captures.get(0), captures.get(1)) else {
                continue;
            };
            if slash.as_str().is_empty() {
                starts.push(tag.end());
            } else if let Some(start) = starts.pop() {
                self.end(Some(BlockKind::Cached), start..tag.start());
            }
        }
    }
}

/// The blocks that have not ended.
#[derive(Default)]
struct Stack {
    all: Vec<Open>,
    /// How many of them wait for each tag.
    ends: HashMap<&'static str, usize>,
    /// How many of them are of another kind.
    others: usize,
}

impl Stack {
    fn begin(&mut self, open: Open) {
        *self.ends.entry(open.end).or_default() += 1;
        self.others += usize::from(open.role == Role::Other);
        self.all.push(open);
    }

    /// The block that a tag ends, without those in it that have no end.
    fn end(&mut self, name: &str) -> Option<Open> {
        self.ends.get(name).filter(|count| **count > 0)?;
        while let Some(open) = self.all.pop() {
            if let Some(count) = self.ends.get_mut(open.end) {
                *count -= 1;
            }
            self.others -= usize::from(open.role == Role::Other);
            if open.end == name {
                return Some(open);
            }
        }
        None
    }
}

/// The name and the arguments of a tag.
pub(super) fn tag(dialect: Dialect, code: &str) -> Option<(&str, &str)> {
    let (open, close): (&str, &str) = match dialect {
        Dialect::Django
        | Dialect::Jinja
        | Dialect::Askama
        | Dialect::Nunjucks
        | Dialect::Twig
        | Dialect::Liquid => {
            match code.starts_with("{%") {
                true => ("{%", "%}"),
                // Twig has a function for its tag.
                false if dialect == Dialect::Twig => ("{{", "}}"),
                false => return None,
            }
        }
        Dialect::Go => ("{{", "}}"),
        Dialect::Blade => ("@", ""),
        Dialect::Mako => match code.starts_with("</%") {
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
    let code = code.strip_prefix(open)?;
    let code = code.strip_suffix(close).unwrap_or(code);
    let code = code.trim_matches(['-', '+', '~']).trim();
    if let Some(name) = code.strip_prefix("/%") {
        let ends = |row: &&Row| row.2[1..] == *name.trim();
        return Some((TAGS.iter().find(ends)?.2, ""));
    }
    let name = first_word(code);
    let rest = code[name.len()..].trim();
    let is_empty =
        name.is_empty() || dialect == Dialect::Mako && rest.ends_with('/') && name != "page";
    (!is_empty).then_some((name, rest.trim_end_matches('/').trim_end()))
}

pub(super) fn first_word(text: &str) -> &str {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.split(|c| !is_part(c)).next().unwrap_or_default()
}

/// The first string in some arguments.
pub(super) fn literal(rest: &str) -> Option<String> {
    let start = rest.find(['"', '\'', '`'])?;
    let quote = &rest[start..=start];
    let (text, _) = rest[start + 1..].split_once(quote)?;
    Some(text.to_owned())
}

/// Whether a tag of Mako has its output kept.
fn is_cached(rest: &str) -> bool {
    let dense: String = rest.chars().filter(|c| !c.is_whitespace()).collect();
    ["cached=\"True\"", "cached='True'"]
        .iter()
        .any(|cached| dense.contains(cached))
}

/// The call of a tag. `is_rebound` where Go's dot is not what the template was given.
fn call(dialect: Dialect, name: &str, rest: &str, is_rebound: bool) -> Option<Call> {
    let has = |word: &str| rest.split_whitespace().any(|found| found == word);
    let has_context = rest.ends_with("with context");
    let (is_import, is_isolated) = match (dialect, name) {
        (Django, "include") => (false, has("only")),
        (Twig, "include" | "embed") => {
            let dense: String = rest.chars().filter(|c| !c.is_whitespace()).collect();
            let is_off = ["with_context=false", "with_context:false"];
            (
                false,
                has("only") || is_off.iter().any(|off| dense.contains(off)),
            )
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
    let name = literal(rest)?;
    let name = name
        .split_once('#')
        .map_or(&*name, |(name, _)| name)
        .to_owned();
    let given = rest.to_owned();
    Some(Call {
        name,
        is_import,
        is_isolated,
        given,
    })
}

/// Whether the output of the block that some code of ERB begins is kept.
fn is_cached_ruby(code: &str) -> bool {
    let is_end = |c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.');
    matches!(
        ruby::inner(code).split(is_end).next(),
        Some("cache" | "cache_if" | "cache_unless" | "Rails.cache.fetch")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cached parts, macros and named templates of a source.
    #[track_caller]
    fn check(dialect: Dialect, source: &str, expected: &[&str]) {
        let blocks = Blocks::of(dialect, source.as_bytes());
        let found: Vec<_> = blocks
            .blocks
            .iter()
            .map(|block| &source[block.range.clone()])
            .collect();
        assert_eq!(found, expected, "{dialect}");
    }

    #[test]
    fn what_is_cached() {
        for (dialect, source) in [
            (
                Django,
                "{% cache 500 a %}¦{% if b %}x{% endif %}¦{% endcache %}",
            ),
            (Jinja, "{%- cache 60 -%}¦x¦{%- endcache -%}"),
            (Twig, "{% cache 'a' ttl(60) %}¦x¦{% endcache %}"),
            (Blade, "@cache('a')¦ x ¦@endcache"),
            (
                Mako,
                "<%def name=\"a()\" cached=\"True\">¦x¦</%def><%def name=\"b()\">y</%def>",
            ),
            (
                Mako,
                "<%block name=\"a\" cached = 'True'>¦x<%block>y</%block>¦</%block>",
            ),
            (Mako, "¦<%page cached=\"True\"/>x¦"),
            (
                Erb,
                "<% cache @a do %>¦<% if b %>x<% end %><% c.each do |d| %><% end %>¦<% end %>y",
            ),
            (
                Erb,
                "<% if a %><%- cache_if(b, 'end do') do -%>¦<%= link_to 'if' if c %>¦<%- end -%><% end %>",
            ),
            (
                Erb,
                "<% while a do %><% cache do %>¦<%= f do # end\n %><% end %>¦<% end %><% end %>",
            ),
            (
                Dialect::Razor,
                "<cache¦ expires-after=\"@a\"><b>x</b>¦</cache><cached>y</cached>",
            ),
            (
                Dialect::Razor,
                "<distributed-cache¦ name=\"a\">x¦</distributed-cache>",
            ),
            (Dialect::Jsp, "<oscache:cache¦><%= a %>¦</oscache:cache>"),
        ] {
            let mut parts: Vec<&str> = source.split('¦').collect();
            let plain = source.replace('¦', "");
            let inside = parts.remove(1);
            let condition: &[&str] = if dialect == Django {
                &["x", inside]
            } else {
                &[inside]
            };
            check(dialect, &plain, condition);
        }
        for (dialect, source) in [
            (Django, "{% comment %}{% cache 5 a %}{% endcomment %}x"),
            (Erb, "<% cached = a.map do |b| %>x<% end %><%= cache_key %>"),
            (Erb, "<%# cache do %>x<% a do %><% end %>"),
            (Mako, "<%def name=\"a()\">x</%def>"),
        ] {
            check(dialect, source, &[]);
        }
    }

    #[test]
    fn branches_of_conditions() {
        let source = "{% if a %}1{% elif b and c %}2{% else %}3{% endif %}{% if d %}4{% endif %}";
        let blocks = Blocks::of(Django, source.as_bytes()).blocks;
        let found: Vec<_> = blocks
            .into_iter()
            .map(|Block { kind, range }| match kind {
                BlockKind::If {
                    condition,
                    has_else,
                } => (condition, has_else, &source[range]),
                BlockKind::Cached | BlockKind::Macro(_) | BlockKind::Named(_) => unreachable!(),
            })
            .collect();
        let of = |condition: &str, has_else, text| (condition.to_owned(), has_else, text);
        assert_eq!(
            found,
            [
                of("a", true, "1"),
                of("b and c", true, "2"),
                of("d", false, "4")
            ]
        );
    }

    #[test]
    fn calls_and_what_they_lack() {
        for (dialect, source, name, is_import, is_isolated) in [
            (
                Django,
                "{% include \"a.html\" with b=1 only %}",
                "a.html",
                false,
                true,
            ),
            (
                Django,
                "{% include 'a.html' with only=1 %}",
                "a.html",
                false,
                false,
            ),
            (
                Django,
                "{% include 'a.html#part' only %}",
                "a.html",
                false,
                true,
            ),
            (Jinja, "{% include 'a' without context %}", "a", false, true),
            (
                Jinja,
                "{% include ['a', 'b'] ignore missing %}",
                "a",
                false,
                false,
            ),
            (Jinja, "{%- from 'a' import b -%}", "a", true, true),
            (
                Jinja,
                "{% import 'a' as b with context %}",
                "a",
                true,
                false,
            ),
            (Nunjucks, "{% from 'a' import b %}", "a", true, true),
            (Twig, "{% include 'a' with {b: 1} only %}", "a", false, true),
            (
                Twig,
                "{{ include('a', {b: 1}, with_context = false) }}",
                "a",
                false,
                true,
            ),
            (Twig, "{{ include('a') }}", "a", false, false),
            (Liquid, "{% render 'a', b: c %}", "a", false, true),
            (Go, "{{template \"a\" .}}", "a", false, false),
            (
                Go,
                "{{range .X}}{{template \"a\" .}}{{end}}",
                "a",
                false,
                true,
            ),
            (
                Go,
                "{{if .X}}{{template \"a\" .}}{{end}}",
                "a",
                false,
                false,
            ),
            (
                Go,
                "{{with .X}}{{template `a` $}}{{end}}",
                "a",
                false,
                false,
            ),
            (Go, "{{- template \"a\" .X -}}", "a", false, true),
            (Go, "{{template \"a\"}}", "a", false, true),
        ] {
            let calls = Blocks::of(dialect, source.as_bytes()).calls;
            assert_eq!(calls.len(), 1, "{source}");
            let Call {
                name: found,
                is_import: import,
                is_isolated: isolated,
                ..
            } = &calls[0];
            assert_eq!(
                (&**found, *import, *isolated),
                (name, is_import, is_isolated),
                "{source}"
            );
        }
    }

    #[test]
    fn djangos_first_tag() {
        let first = |source: &str| Blocks::of(Django, source.as_bytes()).first;
        assert_eq!(first("{# a #}b{% extends 'c' %}"), Some(8));
        assert_eq!(
            first("{% comment %}{% extends 'c' %}{% endcomment %}"),
            None
        );
    }
}
