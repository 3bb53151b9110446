//! Liquid: `{{ }}`, which ends at a single `}` too, and `{% %}`, ending at the first end whatever is quoted.
//!
//! A comment block holds comment and raw blocks of its own; a doc block ends as a raw one does. Run against Liquid 5.4 for
//! Ruby; newer versions and liquidjs 10 agree but that liquidjs lets strings hide an end. Doc blocks are read from the
//! source of Liquid 5.8, which first has them.

use memchr::memchr;

use crate::template::input::{Input, Lex, Noted, Seen, Step, Unfinished, is_space, is_word, note};
use crate::template::{HiddenKind, ProblemKind};

/// What follows a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Text,
    Comment,
    EndComment,
    Raw,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    Output,
    Tag(Then),
    Raw,
}

#[derive(Debug)]
pub(super) struct Liquid {
    state: State,
    /// The comment block at hand, and how deep.
    block: &'static [u8],
    depth: usize,
    raw_at: usize,
}

impl Liquid {
    pub(super) fn new() -> Self {
        Self { state: State::Text, block: b"", depth: 0, raw_at: 0 }
    }

    fn pass(&self, len: usize) -> Step {
        match len {
            0 => Step::More,
            _ if self.depth > 0 => Step::Inside(len),
            _ => Step::Text(len),
        }
    }

    fn open(&self, kind: HiddenKind, len: usize) -> Step {
        if self.depth > 0 { Step::Inside(len) } else { Step::Open(kind, len) }
    }

    fn close(&self, len: usize) -> Step {
        if self.depth > 0 { Step::Inside(len) } else { Step::Close(len) }
    }

    fn text(&mut self, input: Input<'_>) -> Step {
        let brace = memchr(b'{', input.bytes).unwrap_or(input.bytes.len());
        if brace > 0 {
            return self.pass(brace);
        }
        match input.byte(1) {
            Seen::Maybe => Step::More,
            Seen::Yes(b'{') => {
                self.state = State::Output;
                self.open(HiddenKind::Output, 2)
            }
            Seen::Yes(b'%') => self.tag(input),
            _ => self.pass(1),
        }
    }

    fn tag(&mut self, input: Input<'_>) -> Step {
        let Some(name) = name(input) else {
            return Step::More;
        };
        let (kind, then) = match name {
            b"raw" => (HiddenKind::Verbatim, Then::Raw),
            b"#" => (HiddenKind::Comment, Then::Text),
            _ if self.depth > 0 && name == self.block => (HiddenKind::Comment, Then::Comment),
            _ if self.depth > 0 && name.strip_prefix(b"end") == Some(self.block) => {
                (HiddenKind::Comment, Then::EndComment)
            }
            b"comment" | b"doc" if self.depth == 0 => {
                self.block = if name == b"doc" { b"doc" } else { b"comment" };
                (HiddenKind::Comment, Then::Comment)
            }
            _ => (HiddenKind::Statement, Then::Text),
        };
        self.state = State::Tag(then);
        self.raw_at = input.at;
        self.open(kind, 2)
    }

    fn tag_end(&mut self, input: Input<'_>, then: Then) -> Step {
        let percent = memchr(b'%', input.bytes).unwrap_or(input.bytes.len());
        if percent > 0 {
            return Step::Inside(percent);
        }
        match input.has(0, b"%}") {
            Seen::Maybe => return Step::More,
            Seen::No => return Step::Inside(1),
            Seen::Yes(()) => {}
        }
        let is_doc = then == Then::Comment && self.block == b"doc";
        self.state = if then == Then::Raw || is_doc { State::Raw } else { State::Text };
        match then {
            Then::Comment => {
                self.depth += 1;
                Step::Inside(2)
            }
            Then::EndComment => {
                self.depth -= 1;
                self.close(2)
            }
            Then::Text | Then::Raw => self.close(2),
        }
    }

    fn output(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step {
        let brace = memchr(b'}', input.bytes).unwrap_or(input.bytes.len());
        if brace > 0 {
            return Step::Inside(brace);
        }
        let len = match input.has(0, b"}}") {
            Seen::Maybe => return Step::More,
            Seen::Yes(()) => 2,
            Seen::No => {
                note(problems, ProblemKind::Malformed, input.at);
                1
            }
        };
        self.state = State::Text;
        self.close(len)
    }

    fn raw(&mut self, input: Input<'_>) -> Step {
        let brace = memchr(b'{', input.bytes).unwrap_or(input.bytes.len());
        if brace > 0 {
            return self.pass(brace);
        }
        match input.has(0, b"{%") {
            Seen::Maybe => return Step::More,
            Seen::No => return self.pass(1),
            Seen::Yes(()) => {}
        }
        let (end, then) = match self.depth > 0 && self.block == b"doc" {
            true => (&b"enddoc"[..], Then::EndComment),
            false => (&b"endraw"[..], Then::Text),
        };
        match name(input) {
            None => Step::More,
            Some(name) if name == end => {
                self.state = State::Tag(then);
                self.open(HiddenKind::Verbatim, 2)
            }
            Some(_) => self.pass(1),
        }
    }
}

impl Lex for Liquid {
    fn step(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step {
        match self.state {
            State::Text => self.text(input),
            State::Output => self.output(input, problems),
            State::Tag(then) => self.tag_end(input, then),
            State::Raw => self.raw(input),
        }
    }

    fn unfinished(&self, open: bool) -> Unfinished {
        match self.state {
            _ if open => Unfinished::Construct,
            State::Raw => Unfinished::Block(self.raw_at),
            _ => Unfinished::Nothing,
        }
    }
}

/// The name of the tag at the beginning of the input, `#` for a comment; `None` without more input.
fn name<'a>(input: Input<'a>) -> Option<&'a [u8]> {
    let mark = usize::from(input.bytes.get(2) == Some(&b'-'));
    let start = input.skip(2 + mark, is_space);
    let end = input.skip(start, is_word);
    match input.byte(end) {
        Seen::Maybe => None,
        Seen::Yes(b'#') if start == end => Some(b"#"),
        _ => input.bytes.get(start..end),
    }
}

#[cfg(test)]
mod tests {
    use crate::template::Dialect;
    use crate::template::ProblemKind::{Malformed, Unterminated};
    use crate::template::lexer::tests::{check, problems};

    #[test]
    fn liquid_fragments() {
        check(
            Dialect::Liquid,
            &[
                "<script{{ attrs }}>",
                "<script/xxxxxxxxxx>",
                "{{ a }b{{ 'x}}' }}c",
                "      b       ' }}c",
                "{% if '%}' %}",
                "         ' %}",
                "{% comment %}<b>{% comment %}{% endcomment %}{{ {% endcomment %}}c{% endcomment %}d",
                "                                                                                  d",
                "{% comment %}{% raw %}{% endcomment %}{% endraw %}<b>{% endcomment %}c",
                "                                                                     c",
                "{% raw %}{{ a }}{% b {% endraw %}c{%- raw -%}{{{%- endraw -%}d",
                "         {{ a }}{% b             c           {{              d",
                "{%- doc -%}<b>{% render 'a' }\n{%- enddoc -%}c{% doc %}{{ {% raw %}{% enddoc %}d",
                "                             \n              c                                 d",
                "{% # <b> %}a{%- assign b = '<' -%}",
                "           a                      ",
                "{%\n  if a\n%}b{{\na\n}}",
                "  \n      \n  b  \n \n  ",
            ],
        );
    }

    #[test]
    fn unfinished_code_is_told() {
        for (dialect, text, expected) in [
            (Dialect::Liquid, "a{{ b", vec![(Unterminated, 1)]),
            (Dialect::Liquid, "a{{ b }c", vec![(Malformed, 6)]),
            (Dialect::Liquid, "{% comment %}{% comment %}{% endcomment %}", vec![(Unterminated, 0)]),
            (Dialect::Liquid, "a{% raw %}", vec![(Unterminated, 1)]),
            (Dialect::Liquid, "a{% doc %}{% b", vec![(Unterminated, 1)]),
            (Dialect::Liquid, "{% doc %}{% b }{% enddoc %}", vec![]),
        ] {
            assert_eq!(problems(dialect, text), expected, "{text}");
        }
    }
}
