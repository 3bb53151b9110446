//! The outline of a template: the parts in which a value may be missing or stale, what it calls and places, and where.
//!
//! Engines have no common grammar, but the few tags that matter here do: [`tags`] has them, and [`patterns`] the code of dialects
//! without tags. Only what the mask hides as code is read, so that comments and verbatim blocks hold no tags, and only names that
//! stand as strings are followed.

mod found;
mod patterns;
pub(super) mod tags;

pub(crate) use found::{Block, BlockKind, Call, Links, Part, Target, Use};
pub(crate) use tags::MOST_OPEN;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use memchr::memmem;

use super::dialect::Dialect;
use super::mask::{HiddenKind, HiddenSpan, Mask};
use super::ruby::{self, Ruby};
use crate::location::Ranges;
use patterns::Pattern;
use tags::{Act, Open, Row, Stack, Tag, first_word, is_cached, literal};

/// The outline of a template.
pub(crate) struct Outline {
    dialect: Dialect,
    rows: Vec<&'static Row>,
    patterns: Vec<&'static Pattern>,
    open: Stack,
    ruby: Ruby<Begun>,
    /// In the order of their ends.
    pub(crate) blocks: Vec<Block>,
    /// Where a tag stands that must be the first one.
    pub(crate) first: Option<usize>,
    /// The code that names a nonce.
    pub(crate) nonces: Vec<HiddenSpan>,
    pub(crate) links: Links,
    /// Whether the whole page is kept.
    is_cached: bool,
}

/// What a block of Ruby is.
#[derive(Clone, Copy, Debug)]
enum Begun {
    /// A text that is kept, from here.
    Cached(usize),
    /// The part of this index.
    Part(usize),
}

impl Outline {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            rows: tags::rows(dialect),
            patterns: patterns::patterns(dialect),
            open: Stack::default(),
            ruby: Ruby::default(),
            blocks: Vec::new(),
            first: None,
            nonces: Vec::new(),
            links: Links::default(),
            is_cached: false,
        }
    }

    /// Whether templates of a dialect can have links.
    pub(crate) fn has_links(dialect: Dialect) -> bool {
        let outline = Self::new(dialect);
        !outline.rows.is_empty() || !outline.patterns.is_empty()
    }

    /// Of a whole source.
    pub(crate) fn of(dialect: Dialect, source: &[u8]) -> Self {
        let mut outline = Self::new(dialect);
        each_span(dialect, source, &mut |spans| outline.take(source, spans));
        outline.end(source);
        outline
    }

    /// Whether more than [`MOST_OPEN`] blocks are in each other, so that what they are is unknown.
    pub(crate) fn is_too_deep(&self) -> bool {
        self.open.is_full
    }

    /// Takes the next spans of `source`, which is known up to the last of them.
    pub(crate) fn take(&mut self, source: &[u8], spans: &[HiddenSpan]) {
        let opening = tags::opening(self.dialect);
        for span in spans.iter().filter(|span| span.is_code()) {
            if span.names_nonce {
                self.nonces.push(span.clone());
            }
            let code = &source[span.range.clone()];
            let is_tag = opening.is_none_or(|open| code.starts_with(open));
            if !is_tag && self.patterns.is_empty() {
                continue;
            }
            let code = match std::str::from_utf8(code) {
                Ok(code) => Cow::Borrowed(code),
                Err(_) => String::from_utf8_lossy(code),
            };
            let is_output = span.kind == HiddenKind::Output;
            for pattern in &self.patterns {
                if let Some(target) = pattern.target(&code, is_output) {
                    let is_kept = self.dialect == Dialect::Erb && patterns::keeps_collection(&code);
                    let used = Use::new(target, span);
                    self.links.uses.push(Use { is_kept, ..used });
                }
            }
            match self.dialect {
                Dialect::Erb => self.take_ruby(&code, span),
                dialect => {
                    if let Some(tag) = tags::tag(dialect, &code) {
                        self.take_tag(tag, span);
                    }
                }
            }
        }
    }

    /// Takes the end of the whole source.
    pub(crate) fn end(&mut self, source: &[u8]) {
        if self.is_cached {
            self.end_block(Some(BlockKind::Cached), 0..source.len());
        }
        for range in patterns::cached_elements(self.dialect, source) {
            self.end_block(Some(BlockKind::Cached), range);
        }
        let named = self.blocks.iter().filter_map(|block| match &block.kind {
            BlockKind::Named(name) => Some(name.clone()),
            BlockKind::Cached | BlockKind::Captured | BlockKind::Macro(_) | BlockKind::If { .. } => None,
        });
        self.links.named = named.collect();
        self.note_tags(source);
        let kept = self.blocks.iter();
        let kept = kept.filter(|block| block.kind == BlockKind::Cached);
        let kept = Ranges::new(kept.map(|block| block.range.clone()));
        for used in &mut self.links.uses {
            used.is_kept |= kept.contain(used.at);
        }
        let start = source[..source.len().min(4096)].to_ascii_lowercase();
        self.links.is_page =
            ["<!doctype", "<html", "<head", "<body"].iter().any(|tag| memmem::find(&start, tag.as_bytes()).is_some());
    }

    /// Notes which parts have a `<`.
    fn note_tags(&mut self, source: &[u8]) {
        let next_after = |at: usize| {
            let rest = source.get(at..).unwrap_or_default();
            memchr::memchr(b'<', rest).map_or(usize::MAX, |next| at + next)
        };
        let mut next = next_after(0);
        self.links.has_tags = next < source.len();
        let mut parts: Vec<&mut Part> = self.links.parts.iter_mut().collect();
        parts.sort_by_key(|part| part.range.start);
        for part in parts {
            if next < part.range.start {
                next = next_after(part.range.start);
            }
            part.has_tags = next < part.range.end;
        }
    }

    fn take_tag(&mut self, tag: Tag<'_>, span: &HiddenSpan) {
        let (dialect, at) = (self.dialect, &span.range);
        match (dialect, tag.name) {
            (Dialect::Django, "extends") => {
                self.first.get_or_insert(at.start);
            }
            (Dialect::Mako, "page") => self.is_cached |= is_cached(tag.rest()),
            _ => {}
        }
        if matches!(tag.name, "elif" | "else") {
            return self.take_branch(tag, at);
        }
        let call = tags::call(dialect, tag, self.open.is_in_other());
        self.links.calls.extend(call);
        if let Some(ended) = self.open.end(tag.name) {
            self.end_block(ended.kind, ended.start..at.start);
            if let Some(name) = ended.part {
                if tag.name == "show" {
                    self.place(Target::Part(name.clone()), span);
                }
                let range = ended.start..at.start;
                self.links.parts.push(Part::new(name, range));
            }
            return;
        }
        let Some(row) = self.rows.iter().find(|row| row.is(tag.name)) else {
            return;
        };
        let (act, ends) = (row.act, row.ends);
        // Twig's function `block` places a part, and begins none.
        if tag.is_function && act != Act::File {
            return;
        }
        let name = argument(dialect, act, tag.rest());
        match act {
            Act::Parent => {
                self.links.is_child = true;
                self.links.parents.extend(name);
            }
            Act::File => {
                // Jekyll writes the name without quotes.
                let word = tag.rest().split_whitespace().next();
                let word = word.filter(|_| dialect == Dialect::Liquid);
                if let Some(name) = name.or(word.map(str::to_owned)) {
                    self.place(Target::File(name), span);
                }
            }
            Act::Part => {
                if let Some(name) = name {
                    self.place(Target::Part(name), span);
                }
            }
            Act::Block | Act::Define | Act::Cache | Act::Macro | Act::Set | Act::If | Act::Other => {
                // Django's partials are shown where they are defined if they say so.
                let is_shown = act == Act::Block || dialect == Dialect::Django && tag.rest().ends_with(" inline");
                if let Some(name) = name.as_ref().filter(|_| is_shown) {
                    self.place(Target::Part(name.clone()), span);
                }
                if is_whole(dialect, act, tag) {
                    return;
                }
                self.open.begin(Open {
                    act,
                    ends,
                    kind: kind(dialect, act, tag.rest(), name.as_deref()),
                    part: name.filter(|_| matches!(act, Act::Block | Act::Define)),
                    start: at.end,
                    branches: Vec::new(),
                });
            }
        }
    }

    fn place(&mut self, target: Target, span: &HiddenSpan) {
        self.links.uses.push(Use::new(target, span));
    }

    /// Takes the next branch of a condition.
    fn take_branch(&mut self, tag: Tag<'_>, at: &Range<usize>) {
        let Some(last) = self.open.last().filter(|last| last.act == Act::If) else {
            return;
        };
        if let Some(kind) = last.kind.take() {
            last.branches.push(self.blocks.len());
            let range = last.start..at.start;
            self.blocks.push(Block { kind, range });
        }
        last.start = at.end;
        if tag.name == "elif" {
            last.kind = kind(self.dialect, Act::If, tag.rest(), None);
            return;
        }
        for branch in last.branches.drain(..) {
            if let BlockKind::If { has_else, .. } = &mut self.blocks[branch].kind {
                *has_else = true;
            }
        }
    }

    fn end_block(&mut self, kind: Option<BlockKind>, range: Range<usize>) {
        self.blocks.extend(kind.map(|kind| Block { kind, range }));
    }

    fn take_ruby(&mut self, code: &str, span: &HiddenSpan) {
        let range = &span.range;
        let inner = ruby::inner(code);
        let part = patterns::ruby_part(inner).map(|name| {
            let range = range.end..range.end;
            self.links.parts.push(Part::new(name, range));
            Begun::Part(self.links.parts.len() - 1)
        });
        let begun = part.or_else(|| is_cached_ruby(inner).then_some(Begun::Cached(range.end)));
        let (blocks, parts) = (&mut self.blocks, &mut self.links.parts);
        self.ruby.take(code, begun, &mut |begun| match begun {
            Begun::Cached(start) => blocks.push(Block { kind: BlockKind::Cached, range: start..range.start }),
            Begun::Part(part) => {
                if let Some(part) = parts.get_mut(part) {
                    part.range.end = range.start;
                }
            }
        });
    }
}

/// The name in the arguments of a tag.
fn argument(dialect: Dialect, act: Act, rest: &str) -> Option<String> {
    let name = match (dialect, act) {
        (Dialect::Django, Act::Define | Act::Part) => Some(first_word(rest).to_owned()),
        (Dialect::Go | Dialect::Mako | Dialect::Blade, _) => literal(rest),
        (_, Act::Block | Act::Macro) => Some(first_word(rest).to_owned()),
        _ => literal(rest),
    };
    // Mako's definitions have their parameters in the name.
    let name = name.map(|mut name| {
        let end = name.find('(').filter(|_| dialect == Dialect::Mako);
        name.truncate(end.unwrap_or(name.len()));
        name
    });
    name.filter(|name| !name.is_empty())
}

/// Whether a tag has its content as an argument, so that no tag ends it.
fn is_whole(dialect: Dialect, act: Act, tag: Tag<'_>) -> bool {
    match dialect {
        // The filters of a text may have a sign of equality.
        _ if act == Act::Set => tag.rest().split('|').next().is_some_and(|it| it.contains('=')),
        Dialect::Twig => act == Act::Block && tag.rest().contains(char::is_whitespace),
        Dialect::Blade => act == Act::Define && (tag.rest().contains("',") || tag.rest().contains("\",")),
        _ => tag.is_empty(),
    }
}

/// The kind of the part that a tag begins.
fn kind(dialect: Dialect, act: Act, rest: &str, name: Option<&str>) -> Option<BlockKind> {
    let name = || name.unwrap_or_default().to_owned();
    match act {
        Act::Cache => Some(BlockKind::Cached),
        Act::Block | Act::Define => match dialect {
            Dialect::Mako => is_cached(rest).then_some(BlockKind::Cached),
            Dialect::Go => Some(BlockKind::Named(name())),
            _ => None,
        },
        Act::Macro => Some(BlockKind::Macro(name())),
        Act::Set => Some(BlockKind::Captured),
        Act::If => Some(BlockKind::If { condition: rest.to_owned(), has_else: false }),
        Act::Other | Act::Part | Act::File | Act::Parent => None,
    }
}

/// Whether the output of the block that some code of ERB begins is kept.
fn is_cached_ruby(inner: &str) -> bool {
    let is_end = |c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.');
    matches!(inner.split(is_end).next(), Some("cache" | "cache_if" | "cache_unless" | "Rails.cache.fetch"))
}

/// How often names are followed by a parenthesis in the code of a template.
pub(crate) fn called(dialect: Dialect, source: &[u8]) -> HashMap<String, usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut called = HashMap::new();
    each_span(dialect, source, &mut |spans| {
        for span in spans.iter().filter(|span| span.is_code()) {
            let code = String::from_utf8_lossy(&source[span.range.clone()]);
            let mut parts = code.split('(').peekable();
            while let Some(part) = parts.next() {
                let name = part.rsplit(|c| !is_part(c)).next().unwrap_or_default();
                if parts.peek().is_some() && !name.is_empty() {
                    *called.entry(name.to_owned()).or_default() += 1;
                }
            }
        }
    });
    called
}

/// Masks a source piece by piece, and hands on what is hidden.
fn each_span(dialect: Dialect, source: &[u8], take: &mut dyn FnMut(&[HiddenSpan])) {
    /// How many bytes are masked at a time.
    const PIECE: usize = 64 << 10;
    let mut mask = Mask::new(dialect);
    for piece in source.chunks(PIECE).map(Some).chain([None]) {
        match piece {
            Some(piece) => mask.write(piece, &mut |_| {}),
            None => mask.end(&mut |_| {}),
        }
        take(&mask.spans().collect::<Vec<_>>());
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect::{Blade, Django, Erb, Go, Jinja, Liquid, Mako, Nunjucks, Twig};
    use super::*;

    fn outline(dialect: Dialect, source: &str) -> Outline {
        Outline::of(dialect, source.as_bytes())
    }

    /// The cached parts, macros and named templates of a source.
    #[track_caller]
    fn check(dialect: Dialect, source: &str, expected: &[&str]) {
        let blocks = outline(dialect, source);
        let found: Vec<_> = blocks.blocks.iter().map(|block| &source[block.range.clone()]).collect();
        assert_eq!(found, expected, "{dialect}");
    }

    #[test]
    fn what_is_cached() {
        for (dialect, source) in [
            (Django, "{% cache 500 a %}¦{% if b %}x{% endif %}¦{% endcache %}"),
            (Jinja, "{%- cache 60 -%}¦x¦{%- endcache -%}"),
            (Twig, "{% cache 'a' ttl(60) %}¦x¦{% endcache %}"),
            (Blade, "@cache('a')¦ x ¦@endcache"),
            (Mako, "<%def name=\"a()\" cached=\"True\">¦x¦</%def><%def name=\"b()\">y</%def>"),
            (Mako, "<%block name=\"a\" cached = 'True'>¦x<%block>y</%block>¦</%block>"),
            (Mako, "¦<%page cached=\"True\"/>x¦"),
            (Erb, "<% cache @a do %>¦<% if b %>x<% end %><% c.each do |d| %><% end %>¦<% end %>y"),
            (Erb, "<% if a %><%- cache_if(b, 'end do') do -%>¦<%= link_to 'if' if c %>¦<%- end -%><% end %>"),
            (Erb, "<% while a do %><% cache do %>¦<%= f do # end\n %><% end %>¦<% end %><% end %>"),
            (Dialect::Razor, "<cache¦ expires-after=\"@a\"><b>x</b>¦</cache><cached>y</cached>"),
            (Dialect::Razor, "<distributed-cache¦ name=\"a\">x¦</distributed-cache>"),
            (Dialect::Jsp, "<oscache:cache¦><%= a %>¦</oscache:cache>"),
        ] {
            let mut parts: Vec<&str> = source.split('¦').collect();
            let plain = source.replace('¦', "");
            let inside = parts.remove(1);
            let condition: &[&str] = if dialect == Django { &["x", inside] } else { &[inside] };
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
        let blocks = outline(Django, source).blocks;
        let found: Vec<_> = blocks
            .into_iter()
            .map(|Block { kind, range }| match kind {
                BlockKind::If { condition, has_else } => (condition, has_else, &source[range]),
                BlockKind::Cached | BlockKind::Captured | BlockKind::Macro(_) | BlockKind::Named(_) => unreachable!(),
            })
            .collect();
        let of = |condition: &str, has_else, text| (condition.to_owned(), has_else, text);
        assert_eq!(found, [of("a", true, "1"), of("b and c", true, "2"), of("d", false, "4")]);
    }

    #[test]
    fn calls_and_what_they_lack() {
        for (dialect, source, name, is_import, is_isolated) in [
            (Django, "{% include \"a.html\" with b=1 only %}", "a.html", false, true),
            (Django, "{% include 'a.html' with only=1 %}", "a.html", false, false),
            (Django, "{% include 'a.html#part' only %}", "a.html", false, true),
            (Jinja, "{% include 'a' without context %}", "a", false, true),
            (Jinja, "{% include ['a', 'b'] ignore missing %}", "a", false, false),
            (Jinja, "{%- from 'a' import b -%}", "a", true, true),
            (Jinja, "{% import 'a' as b with context %}", "a", true, false),
            (Nunjucks, "{% from 'a' import b %}", "a", true, true),
            (Twig, "{% include 'a' with {b: 1} only %}", "a", false, true),
            (Twig, "{{ include('a', {b: 1}, with_context = false) }}", "a", false, true),
            (Twig, "{{ include('a') }}", "a", false, false),
            (Liquid, "{% render 'a', b: c %}", "a", false, true),
            (Go, "{{template \"a\" .}}", "a", false, false),
            (Go, "{{range .X}}{{template \"a\" .}}{{end}}", "a", false, true),
            (Go, "{{if .X}}{{template \"a\" .}}{{end}}", "a", false, false),
            (Go, "{{with .X}}{{template `a` $}}{{end}}", "a", false, false),
            (Go, "{{- template \"a\" .X -}}", "a", false, true),
            (Go, "{{template \"a\"}}", "a", false, true),
        ] {
            let calls = outline(dialect, source).links.calls;
            assert_eq!(calls.len(), 1, "{source}");
            let Call { name: found, is_import: import, is_isolated: isolated, .. } = &calls[0];
            assert_eq!((&**found, *import, *isolated), (name, is_import, is_isolated), "{source}");
        }
    }

    #[test]
    fn names_and_branches_are_not_taken_from_what_is_next_to_them() {
        let found = outline(Jinja, "{% macro a(b='c') %}x{% endmacro %}").blocks;
        assert_eq!(found[0].kind, BlockKind::Macro("a".to_owned()));
        let source = "{% if a %}{% for b in c %}1{% else %}2{% endfor %}{% endif %}";
        let found = outline(Jinja, source).blocks;
        let has_else = |block: &Block| matches!(block.kind, BlockKind::If { has_else: true, .. });
        assert_eq!((found.len(), has_else(&found[0])), (1, false));
        let source = "{% block a %}{{ block('b') }}x{% endblock %}";
        let parts = outline(Twig, source).links.parts;
        let names: Vec<_> = parts.iter().map(|part| &*part.name).collect();
        assert_eq!(names, ["a"]);
    }

    #[test]
    fn djangos_first_tag() {
        let first = |source: &str| outline(Django, source).first;
        assert_eq!(first("{# a #}b{% extends 'c' %}"), Some(8));
        assert_eq!(first("{% comment %}{% extends 'c' %}{% endcomment %}"), None);
    }
}
