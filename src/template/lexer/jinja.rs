//! Jinja2 and those that took its delimiters: `{{ }}`, `{% %}` and `{# #}` over lines, with strings.
//!
//! Rules differ in what hides an end: strings in all of them, brackets in Jinja2 and Twig, regular expressions in Nunjucks,
//! and in Twig the interpolations of double-quoted strings. Run against Jinja2 3.1, minijinja
//! 3.0 (PyPI), nunjucks 3.2, Twig 3.5 and askama_parser 0.16.

use memchr::memchr;

use crate::template::input::{Input, Lex, Noted, Seen, Step, Unfinished, is_space, note};
use crate::template::{HiddenKind, ProblemKind};

/// What sets the dialects of the family apart.
#[derive(Debug)]
pub(in crate::template) struct Rules {
    /// What may stand beside a delimiter for whitespace control.
    marks: &'static [u8],
    /// Blocks whose content is literal.
    raw: &'static [&'static str],
    /// An end within brackets is none.
    brackets: bool,
    nested_comments: bool,
    /// `#{…}` in double-quoted strings is code again.
    interpolation: bool,
    /// `%}` ends `{{` and `}}` ends `{%`; strings and `r/…/` begin only where a token does; a raw
    /// block may hold another, and knows no marks.
    nunjucks: bool,
}

pub(in crate::template) const JINJA: Rules = Rules {
    marks: b"-+",
    raw: &["raw"],
    brackets: true,
    nested_comments: false,
    interpolation: false,
    nunjucks: false,
};

pub(in crate::template) const ASKAMA: Rules = Rules { marks: b"-+~", nested_comments: true, brackets: false, ..JINJA };

pub(in crate::template) const NUNJUCKS: Rules =
    Rules { marks: b"-", raw: &["raw", "verbatim"], brackets: false, nunjucks: true, ..JINJA };

pub(in crate::template) const TWIG: Rules = Rules { marks: b"-~", raw: &["verbatim"], interpolation: true, ..JINJA };

/// Stands on the stack of brackets for an interpolation.
const INTERPOLATION: u8 = b'#';

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    Code,
    /// In a string or regular expression; behind a backslash when `.1`.
    String(u8, bool),
    Comment,
    /// In a raw block.
    Raw,
}

#[derive(Debug)]
pub(super) struct Jinja {
    rules: &'static Rules,
    state: State,
    /// The byte that ends the code at hand, with a `}` behind it.
    end: u8,
    brackets: Vec<u8>,
    /// The code's byte before.
    previous: u8,
    /// In a token of letters, which Nunjucks ends only at space and operators.
    word: bool,
    depth: usize,
    raw: &'static str,
    raw_at: usize,
}

impl Jinja {
    pub(super) fn new(rules: &'static Rules) -> Self {
        Self {
            rules,
            state: State::Text,
            end: 0,
            brackets: Vec::new(),
            previous: 0,
            word: false,
            depth: 0,
            raw: "",
            raw_at: 0,
        }
    }

    fn text(&mut self, input: Input<'_>) -> Step {
        let brace = memchr(b'{', input.bytes).unwrap_or(input.bytes.len());
        if brace > 0 {
            return Step::Text(brace);
        }
        let Seen::Yes(second) = input.byte(1) else {
            return if input.last { Step::Text(1) } else { Step::More };
        };
        match second {
            b'{' => self.open(HiddenKind::Output, b'}'),
            b'%' => self.statement(input),
            b'#' => {
                self.state = State::Comment;
                self.depth = 1;
                Step::Open(HiddenKind::Comment, 2)
            }
            _ => Step::Text(1),
        }
    }

    fn open(&mut self, kind: HiddenKind, end: u8) -> Step {
        self.state = State::Code;
        self.end = end;
        self.brackets.clear();
        self.previous = 0;
        self.word = false;
        Step::Open(kind, 2)
    }

    fn statement(&mut self, input: Input<'_>) -> Step {
        for &word in self.rules.raw {
            match self.tag(input, self.rules.marks, b"", word) {
                Seen::Yes(len) => {
                    self.state = State::Raw;
                    self.raw = word;
                    self.raw_at = input.at;
                    self.depth = 1;
                    return Step::Whole(HiddenKind::Verbatim, len);
                }
                Seen::Maybe => return Step::More,
                Seen::No => {}
            }
        }
        self.open(HiddenKind::Statement, b'%')
    }

    /// The length of a `{% word %}` at the beginning of the input.
    fn tag(&self, input: Input<'_>, marks: &[u8], prefix: &[u8], word: &str) -> Seen<usize> {
        let mark = |at| usize::from(input.bytes.get(at).is_some_and(|b| marks.contains(b)));
        let opens = input.has(0, b"{%");
        if opens != Seen::Yes(()) {
            return opens.map(|()| 0);
        }
        let mut at = input.skip(2 + mark(2), is_space);
        for part in [prefix, word.as_bytes()] {
            match input.has(at, part) {
                Seen::Yes(()) => at += part.len(),
                other => return other.map(|()| 0),
            }
        }
        at = input.skip(at, is_space);
        at += mark(at);
        input.has(at, b"%}").map(|()| at + 2)
    }

    fn comment(&mut self, input: Input<'_>) -> Step {
        for (at, &byte) in input.bytes.iter().enumerate() {
            let opens = byte == b'{' && self.rules.nested_comments;
            if byte != b'#' && !opens {
                continue;
            }
            let two: &[u8] = if opens { b"{#" } else { b"#}" };
            match input.has(at, two) {
                Seen::No => continue,
                Seen::Maybe => return Step::inside(at),
                Seen::Yes(()) if opens => {
                    self.depth += 1;
                    return Step::Inside(at + 2);
                }
                Seen::Yes(()) => self.depth -= 1,
            }
            if self.depth == 0 {
                self.state = State::Text;
                return Step::Close(at + 2);
            }
            return Step::Inside(at + 2);
        }
        Step::inside(input.bytes.len())
    }

    fn raw(&mut self, input: Input<'_>) -> Step {
        let brace = memchr(b'{', input.bytes).unwrap_or(input.bytes.len());
        if brace > 0 {
            return Step::Text(brace);
        }
        let nested = self.rules.nunjucks;
        let marks = if nested { b"" } else { self.rules.marks };
        let opens = if nested { self.tag(input, marks, b"", self.raw) } else { Seen::No };
        match (opens, self.tag(input, marks, b"end", self.raw)) {
            (Seen::Yes(len), _) => {
                self.depth += 1;
                Step::Text(len)
            }
            (_, Seen::Yes(len)) => {
                self.depth -= 1;
                if self.depth > 0 {
                    return Step::Text(len);
                }
                self.state = State::Text;
                Step::Whole(HiddenKind::Verbatim, len)
            }
            (Seen::No, Seen::No) => Step::Text(1),
            _ => Step::More,
        }
    }

    fn code(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step {
        let mut at = 0;
        while let Some(&byte) = input.bytes.get(at) {
            match self.state {
                State::String(quote, escaped) => self.string(byte, quote, escaped),
                _ => match self.code_byte(input, at, problems) {
                    Seen::Yes(0) => {}
                    Seen::Yes(end) => {
                        self.state = State::Text;
                        return Step::Close(end);
                    }
                    Seen::No => {
                        // Two bytes that begin a regular expression.
                        at += 1;
                    }
                    Seen::Maybe => return Step::inside(at),
                },
            }
            self.previous = byte;
            at += 1;
        }
        Step::inside(at)
    }

    fn string(&mut self, byte: u8, quote: u8, escaped: bool) {
        let interpolates = self.rules.interpolation && quote == b'"';
        // In a regular expression a backslash counts even behind another one.
        let escaped = escaped && (quote != b'/' || byte != b'\\');
        if escaped {
            self.state = State::String(quote, false);
        } else if byte == b'\\' {
            self.state = State::String(quote, true);
        } else if byte == quote {
            self.state = State::Code;
            self.word = false;
        } else if byte == b'{' && interpolates && self.previous == b'#' {
            self.brackets.push(INTERPOLATION);
            self.state = State::Code;
        }
    }

    /// Looks at one byte of code: `Yes` with the end of the construct or zero, `No` when a regular
    /// expression begins.
    fn code_byte(&mut self, input: Input<'_>, at: usize, problems: &mut Vec<Noted>) -> Seen<usize> {
        let byte = input.bytes[at];
        let ends = if self.rules.nunjucks { b"%}" as &[u8] } else { std::slice::from_ref(&self.end) };
        if self.brackets.is_empty() && ends.contains(&byte) {
            match input.has(at, &[byte, b'}']) {
                Seen::Yes(()) => return Seen::Yes(at + 2),
                Seen::Maybe => return Seen::Maybe,
                Seen::No => {}
            }
        }
        if self.rules.nunjucks {
            return self.nunjucks_byte(input, at);
        }
        match byte {
            b'"' | b'\'' => self.state = State::String(byte, false),
            b'(' | b'[' | b'{' if self.rules.brackets => self.brackets.push(byte),
            b')' | b']' | b'}' if self.rules.brackets => return self.bracket(input, at, problems),
            _ => {}
        }
        Seen::Yes(0)
    }

    /// A closing bracket.
    fn bracket(&mut self, input: Input<'_>, at: usize, problems: &mut Vec<Noted>) -> Seen<usize> {
        let byte = input.bytes[at];
        let opened = match byte {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        match self.brackets.last() {
            Some(&INTERPOLATION) if byte == b'}' => {
                self.brackets.pop();
                self.state = State::String(b'"', false);
            }
            Some(&last) if last == opened => {
                self.brackets.pop();
            }
            Some(_) => {
                note(problems, ProblemKind::Malformed, input.at + at);
                self.brackets.clear();
                if byte == b'}' && self.end == b'%' && self.previous == b'%' {
                    return Seen::Yes(at + 1);
                }
                if byte == b'}' {
                    return self.code_byte(input, at, problems);
                }
            }
            None => note(problems, ProblemKind::Malformed, input.at + at),
        }
        Seen::Yes(0)
    }

    fn nunjucks_byte(&mut self, input: Input<'_>, at: usize) -> Seen<usize> {
        let byte = input.bytes[at];
        let begins = !self.word;
        self.word = !is_space(byte) && !b"()[]{}%*-+~/#,:|.<>=!".contains(&byte);
        if !begins {
            return Seen::Yes(0);
        }
        match byte {
            b'"' | b'\'' => self.state = State::String(byte, false),
            b'r' => match input.has(at, b"r/") {
                Seen::Yes(()) => {
                    self.state = State::String(b'/', false);
                    return Seen::No;
                }
                Seen::Maybe => {
                    self.word = false;
                    return Seen::Maybe;
                }
                Seen::No => {}
            },
            _ => {}
        }
        Seen::Yes(0)
    }
}

impl Lex for Jinja {
    fn step(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step {
        match self.state {
            State::Text => self.text(input),
            State::Comment => self.comment(input),
            State::Raw => self.raw(input),
            State::Code | State::String(..) => self.code(input, problems),
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

#[cfg(test)]
mod tests {
    use crate::template::Dialect;
    use crate::template::ProblemKind::{Malformed, Unterminated};
    use crate::template::lexer::tests::{check, problems};

    #[test]
    fn jinja_fragments() {
        check(
            Dialect::Jinja,
            &[
                "<script{{ attrs }}>",
                "<script/xxxxxxxxxx>",
                "<a href={{ url }}>",
                "<a href=xxxxxxxxx>",
                "<script {% if a > b %}defer{% endif %} src=\"{{ url('}}') }}\">",
                "<script               defer            src=\"xxxxxxxxxxxxxxx\">",
                "<a>{{ \"<script>\" }}</a>",
                "<a>                </a>",
                "<script {% if x %}nonce=\"n\"{% endif %}>",
                "<script           nonce=\"n\"           >",
                "{{ '}}' }}a{% if '%}' %}b{{ \"\\\"}}\" }}c",
                "          a             b            c",
                "{{ {'a': {}} }}b{{ {'a': [{}]}}}c",
                "               b                c",
                "{% if (a %}b",
                "           b",
                "{%- if a -%} {%+ b +%} {{- c -}}",
                "                                ",
                "a{# <b>\n{# c #}d #}{#-#}{#}#}e",
                "a      \n       d #}          e",
                "{% raw %}{{ a }}{% b %}{# c {% endraw %}d{%- raw -%}{{{%- endraw +%}e",
                "         {{ a }}{% b %}{# c             d           {{              e",
                "{%raw%}{% endraw x %}{%  endraw\n%}",
                "       {% endraw x %}          \n  ",
                "{{ a\n}}b{{{ c }}d",
                "    \n  b         ",
                "{% rawx %}{{ a }}",
                "                 ",
            ],
        );
    }

    #[test]
    fn askama_fragments() {
        check(
            Dialect::Askama,
            &[
                "{# a {# <b> #} c #}d",
                "                   d",
                "{{~ a ~}}{%~ raw ~%}{{ b }}{%~ endraw ~%}",
                "                    {{ b }}              ",
                "{{ \"}}\" }}{{ '}' }}a",
                "                   a",
            ],
        );
    }

    #[test]
    fn nunjucks_fragments() {
        check(
            Dialect::Nunjucks,
            &[
                "{{ r/}}\\/'/g }}a{{ bar/r/ }}b",
                "               a             ",
                "{{ {a: {b: 1}} }}c",
                "               }}c",
                "{{ a %}b{{ \"}}\" }}c",
                "       b          c",
                "{{ a\"}}\" }}",
                "       \" }}",
                "{% verbatim %}{{ a }}{% verbatim %}{% endverbatim %}b{% endverbatim %}c",
                "              {{ a }}{% verbatim %}{% endverbatim %}b                 c",
                "{%- raw -%}{{ a }}{%- endraw -%}{% endraw %}b",
                "           {{ a }}{%- endraw -%}            b",
                "{# {{ #}a",
                "        a",
            ],
        );
    }

    #[test]
    fn twig_fragments() {
        check(
            Dialect::Twig,
            &[
                "{{~ a ~}}{%~ if b -%}c",
                "                     c",
                "{{ \"#{ \"}}\" }}\" }}a",
                "                  a",
                "{{ '#{' }}a{{ \"\\#{\" }}b",
                "          a            ",
                "{% verbatim %}{{ a }}{% raw %}{%~ endverbatim -%}b",
                "              {{ a }}{% raw %}                   b",
                "{{ {a: {b: 1}} }}c{# {{ #}d",
                "                 c        d",
            ],
        );
    }

    #[test]
    fn unfinished_and_mismatched_code_is_told() {
        for (dialect, text, expected) in [
            (Dialect::Jinja, "a{{ b", vec![(Unterminated, 1)]),
            (Dialect::Jinja, "{{ '}}", vec![(Unterminated, 0)]),
            (Dialect::Jinja, "{# a }}", vec![(Unterminated, 0)]),
            (Dialect::Jinja, "a{% raw %}{{", vec![(Unterminated, 1)]),
            (Dialect::Jinja, "{{ (a }}b", vec![(Malformed, 6)]),
            (Dialect::Askama, "{# {# #}", vec![(Unterminated, 0)]),
            (Dialect::Twig, "{% verbatim %}", vec![(Unterminated, 0)]),
            (Dialect::Nunjucks, "{{ r/a }}", vec![(Unterminated, 0)]),
        ] {
            assert_eq!(problems(dialect, text), expected, "{text}");
        }
    }
}
