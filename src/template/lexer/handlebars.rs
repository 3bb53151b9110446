//! Handlebars: `{{ }}`, `{{{ }}}` and `{{{{raw}}}}`, in which strings and `[…]` hide the end.
//!
//! One backslash before the beginning makes it literal, two make one and leave it alive. Run against Handlebars 4.7,
//! whose lexer is `handlebars.l` of its parser.

use memchr::{memchr, memchr2};

use crate::template::input::{Input, Lex, Noted, Seen, Step, Unfinished, is_space, is_word};
use crate::template::mask::HiddenKind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    /// Behind the escape of a beginning that is literal.
    Escaped,
    /// In a construct that ends with this many braces.
    Code(usize),
    /// In a string of this quote within it; behind a backslash when `.2`.
    String(usize, u8, bool),
    /// In `{{! }}`.
    Comment,
    /// In `{{!-- --}}`.
    DashComment,
    Raw,
}

#[derive(Debug)]
pub(super) struct Handlebars {
    state: State,
    raw_depth: usize,
    raw_at: usize,
}

impl Handlebars {
    pub(super) fn new() -> Self {
        Self { state: State::Text, raw_depth: 0, raw_at: 0 }
    }

    fn text(&mut self, input: Input<'_>) -> Step {
        let plain = memchr2(b'{', b'\\', input.bytes).unwrap_or(input.bytes.len());
        if plain > 0 {
            return Step::Text(plain);
        }
        if input.bytes[0] == b'{' {
            return self.opening(input);
        }
        match input.has(1, b"{{") {
            Seen::Maybe => Step::More,
            Seen::No => Step::Text(1),
            Seen::Yes(()) => {
                if input.before != b'\\' {
                    self.state = State::Escaped;
                }
                Step::Whole(HiddenKind::Escape, 1)
            }
        }
    }

    fn opening(&mut self, input: Input<'_>) -> Step {
        for (beginning, braces) in [(&b"{{{{"[..], 4), (b"{{{", 3), (b"{{~{", 3), (b"{{", 2)] {
            match input.has(0, beginning) {
                Seen::Maybe => return Step::More,
                Seen::No => continue,
                Seen::Yes(()) => {}
            }
            let (kind, len) = match braces {
                4 => {
                    self.raw_at = input.at;
                    (HiddenKind::Verbatim, 4)
                }
                3 => (HiddenKind::Output, beginning.len()),
                _ => return self.mustache(input),
            };
            self.state = State::Code(braces);
            return Step::Open(kind, len);
        }
        Step::Text(1)
    }

    /// At `{{` and something other than a brace.
    fn mustache(&mut self, input: Input<'_>) -> Step {
        let start = if input.bytes.get(2) == Some(&b'~') { 3 } else { 2 };
        match (input.has(start, b"!--"), input.byte(start)) {
            (Seen::Maybe, _) | (_, Seen::Maybe) => return Step::More,
            (Seen::Yes(()), _) => {
                self.state = State::DashComment;
                // The dashes may be those of the end: `{{!--}}`.
                return Step::Open(HiddenKind::Comment, start + 1);
            }
            (_, Seen::Yes(b'!')) => {
                self.state = State::Comment;
                return Step::Open(HiddenKind::Comment, start + 1);
            }
            (_, Seen::Yes(b'#' | b'/' | b'^')) => {
                self.state = State::Code(2);
                return Step::Open(HiddenKind::Statement, start);
            }
            _ => {}
        }
        let word = input.skip(start, is_space);
        let end = input.skip(word, is_word);
        if input.byte(end) == Seen::Maybe {
            return Step::More;
        }
        let is_else = input.bytes.get(word..end) == Some(b"else");
        self.state = State::Code(2);
        Step::Open(if is_else { HiddenKind::Statement } else { HiddenKind::Output }, 2)
    }

    fn code(&mut self, input: Input<'_>) -> Step {
        for (at, &byte) in input.bytes.iter().enumerate() {
            self.state = match (self.state, byte) {
                (State::String(braces, quote, true), _) if byte == quote => State::String(braces, quote, false),
                (State::String(braces, quote, _), b'\\') => State::String(braces, quote, true),
                (State::String(braces, quote, _), _) if byte == quote => State::Code(braces),
                (State::String(braces, quote, _), _) => State::String(braces, quote, false),
                (State::Code(braces), b'"' | b'\'') => State::String(braces, byte, false),
                (State::Code(braces), b'[') => State::String(braces, b']', false),
                (State::Code(braces), b'}') => match end(input, at, braces) {
                    Seen::Maybe => return Step::inside(at),
                    Seen::No => self.state,
                    Seen::Yes(len) => {
                        self.state = if braces == 4 { State::Raw } else { State::Text };
                        return Step::Close(at + len);
                    }
                },
                (state, _) => state,
            };
        }
        Step::inside(input.bytes.len())
    }

    fn comment(&mut self, input: Input<'_>, byte: u8, ends: &[&[u8]]) -> Step {
        let plain = memchr(byte, input.bytes).unwrap_or(input.bytes.len());
        if plain > 0 {
            return Step::Inside(plain);
        }
        let seen = ends.iter().map(|end| (input.has(0, end), end.len()));
        let mut step = Step::Inside(1);
        for (seen, len) in seen {
            match seen {
                Seen::Yes(()) => {
                    self.state = State::Text;
                    return Step::Close(len);
                }
                Seen::Maybe => step = Step::More,
                Seen::No => {}
            }
        }
        step
    }

    fn raw(&mut self, input: Input<'_>) -> Step {
        let brace = memchr(b'{', input.bytes).unwrap_or(input.bytes.len());
        if brace > 0 {
            return Step::Text(brace);
        }
        match (input.has(0, b"{{{{"), input.byte(4)) {
            (Seen::No, _) | (_, Seen::No) => return Step::Text(1),
            (Seen::Maybe, _) | (_, Seen::Maybe) => return Step::More,
            (_, Seen::Yes(b'/')) => {}
            _ => {
                self.raw_depth += 1;
                return Step::Text(4);
            }
        }
        let name = input.skip(5, |b| !is_space(b) && b != b'{' && b != b'}');
        match input.has(name, b"}}}}") {
            Seen::Maybe => Step::More,
            Seen::Yes(()) if name > 5 && self.raw_depth == 0 => {
                self.state = State::Text;
                Step::Whole(HiddenKind::Verbatim, name + 4)
            }
            Seen::Yes(()) if name > 5 => {
                self.raw_depth -= 1;
                Step::Text(name + 4)
            }
            _ => Step::Text(1),
        }
    }
}

impl Lex for Handlebars {
    fn step(&mut self, input: Input<'_>, _: &mut Vec<Noted>) -> Step {
        match self.state {
            State::Text => self.text(input),
            State::Escaped => {
                self.state = State::Text;
                // One byte at a time, `{{` could begin at the second.
                Step::Text(2)
            }
            State::Code(_) | State::String(..) => self.code(input),
            State::Comment => self.comment(input, b'}', &[b"}}"]),
            State::DashComment => self.comment(input, b'-', &[b"--}}", b"--~}}"]),
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

/// The length of the end at `at` of a construct with this many braces.
fn end(input: Input<'_>, at: usize, braces: usize) -> Seen<usize> {
    let ends: &[&[u8]] = match braces {
        4 => &[b"}}}}"],
        3 => &[b"}}}", b"}~}}"],
        _ => &[b"}}"],
    };
    let mut answer = Seen::No;
    for end in ends {
        match input.has(at, end) {
            Seen::Yes(()) => return Seen::Yes(end.len()),
            Seen::Maybe => answer = Seen::Maybe,
            Seen::No => {}
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use crate::template::Dialect;
    use crate::template::ProblemKind::Unterminated;
    use crate::template::lexer::tests::{check, problems};

    #[test]
    fn handlebars_fragments() {
        check(
            Dialect::Handlebars,
            &[
                "<script{{attrs}}>",
                "<script/xxxxxxxx>",
                "<a {{#if a}}b{{else}}c{{/if}} href={{{ d }}} {{> e}}>",
                "<a          b        c        href=xxxxxxxxx xxxxxxx>",
                "{{a \"}}\"}}b{{[}}]}}c{{a '\\'}}'}}d",
                "          b        c            d",
                "{{!-- }} <b> --}}a{{! -- }}b{{!--}}c{{~!-- x --~}}d",
                "                 a         b       c              d",
                "\\{{a}}b{{c}}\\\\{{d}}e\\\\\\{{f}}\\g",
                " {{a}}b     \\      e\\\\      \\g",
                "{{{{raw}}}}{{a}}{{{{b}}}}{{{{/b}}}}\\{{c}}{{{{/raw}}}}{{d}}",
                "           {{a}}{{{{b}}}}{{{{/b}}}}\\{{c}}                 ",
                "{{~{a}~}}b{{~ c ~}}",
                "         b         ",
                "{{{a\n}}}b{",
                "    \n   b{",
            ],
        );
    }

    #[test]
    fn unfinished_code_is_told() {
        for (dialect, text, expected) in [
            (Dialect::Handlebars, "a{{ b }", vec![(Unterminated, 1)]),
            (Dialect::Handlebars, "{{!-- a }}", vec![(Unterminated, 0)]),
            (Dialect::Handlebars, "{{{{a}}}}b", vec![(Unterminated, 0)]),
        ] {
            assert_eq!(problems(dialect, text), expected, "{text}");
        }
    }
}
