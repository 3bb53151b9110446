//! Go's html/template: `{{ }}`, in which strings of three kinds hide the end.
//!
//! A comment is one only with nothing (or a trim mark) between brace and slash. Run against Go 1.19;
//! the lexer is `text/template/parse/lex.go`, which Hugo uses too.

use memchr::{memchr, memmem};

use crate::template::input::{Input, Lex, Noted, Seen, Step, is_space, is_word, note};
use crate::template::{HiddenKind, ProblemKind};

/// Actions that stand for nothing themselves.
const KEYWORDS: [&[u8]; 9] = [b"if", b"else", b"end", b"range", b"with", b"define", b"block", b"break", b"continue"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    Action,
    Comment,
    /// In a string of this quote; behind a backslash when `.1`.
    String(u8, bool),
}

#[derive(Debug)]
pub(super) struct Go {
    state: State,
}

impl Go {
    pub(super) fn new() -> Self {
        Self { state: State::Text }
    }

    fn text(&mut self, input: Input<'_>) -> Step {
        let brace = memchr(b'{', input.bytes).unwrap_or(input.bytes.len());
        if brace > 0 {
            return Step::Text(brace);
        }
        match input.has(0, b"{{") {
            Seen::Maybe => return Step::More,
            Seen::No => return Step::Text(1),
            Seen::Yes(()) => {}
        }
        let trims = input.bytes.get(2) == Some(&b'-') && input.bytes.get(3).is_some_and(|&b| is_space(b));
        let start = if trims { 4 } else { 2 };
        // Whether there is a trim mark is known once four bytes are there.
        match (input.byte(3), input.has(start, b"/*")) {
            (Seen::Maybe, _) | (_, Seen::Maybe) => Step::More,
            (_, Seen::Yes(())) => {
                self.state = State::Comment;
                Step::Open(HiddenKind::Comment, start + 2)
            }
            _ => match kind(input, start) {
                None => Step::More,
                Some(kind) => {
                    self.state = State::Action;
                    Step::Open(kind, 2)
                }
            },
        }
    }

    fn action(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step {
        for (at, &byte) in input.bytes.iter().enumerate() {
            self.state = match (self.state, byte) {
                (State::String(quote, true), _) => State::String(quote, false),
                (State::String(quote, _), _) if byte == quote => State::Action,
                (State::String(b'`', _), _) => self.state,
                (State::String(quote, _), b'\\') => State::String(quote, true),
                (State::String(..), b'\n') => {
                    note(problems, ProblemKind::Malformed, input.at + at);
                    State::Action
                }
                (State::String(..), _) => self.state,
                (_, b'"' | b'\'' | b'`') => State::String(byte, false),
                (_, b'}') => match input.has(at, b"}}") {
                    Seen::Maybe => return Step::inside(at),
                    Seen::No => State::Action,
                    Seen::Yes(()) => {
                        self.state = State::Text;
                        return Step::Close(at + 2);
                    }
                },
                _ => State::Action,
            };
        }
        Step::inside(input.bytes.len())
    }

    fn comment(&mut self, input: Input<'_>) -> Step {
        if let Some(end) = memmem::find(input.bytes, b"*/") {
            self.state = State::Action;
            return Step::Inside(end + 2);
        }
        let held = usize::from(input.bytes.ends_with(b"*") && !input.last);
        Step::inside(input.bytes.len() - held)
    }
}

impl Lex for Go {
    fn step(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step {
        match self.state {
            State::Text => self.text(input),
            State::Comment => self.comment(input),
            State::Action | State::String(..) => self.action(input, problems),
        }
    }
}

/// What the action is whose first word stands behind `start`; `None` without more input.
fn kind(input: Input<'_>, start: usize) -> Option<HiddenKind> {
    let start = input.skip(start, is_space);
    let variable = usize::from(input.bytes.get(start) == Some(&b'$'));
    let end = input.skip(start + variable, is_word);
    if input.byte(end) == Seen::Maybe {
        return None;
    }
    let word = input.bytes.get(start..end).unwrap_or_default();
    if variable == 0 {
        let statement = KEYWORDS.contains(&word);
        return Some(if statement { HiddenKind::Statement } else { HiddenKind::Output });
    }
    // `$x := …` and `$x = …` set, `$x` is shown.
    let behind = input.skip(end, is_space);
    match input.byte(behind) {
        Seen::Maybe => None,
        Seen::Yes(b':' | b'=') => Some(HiddenKind::Statement),
        _ => Some(HiddenKind::Output),
    }
}

#[cfg(test)]
mod tests {
    use crate::template::Dialect;
    use crate::template::ProblemKind::{Malformed, Unterminated};
    use crate::template::lexer::tests::{check, problems};

    #[test]
    fn go_fragments() {
        check(
            Dialect::Go,
            &[
                "<script{{ .attrs }}>",
                "<script/xxxxxxxxxxx>",
                "<script {{if gt .A .B}}defer{{end}} src={{ .U }} nonce=\"n\">",
                "<script                defer        src=xxxxxxxx nonce=\"n\">",
                "{{ \"}}\" }}a{{ `}}\"\n` }}b{{ '}' }}c{{ \"\\\"}}\" }}d",
                "          a       \n    b         c            d",
                "{{/* <b> }} */}}a{{- /* c */ -}}b{{-1}}c",
                "                a               b      c",
                "{{- $x := 1 -}}{{ $x }}{{ $x = 2 }}<a {{ $x }}{{ $y = 1 }}>",
                "                                   <a xxxxxxxx            >",
                "{{{ . }}}{{\n.a\n}}b",
                "        }  \n  \n  b",
                "{{ \"a\n }}b",
                "     \n   b",
                "a{b{",
                "a{b{",
            ],
        );
    }

    #[test]
    fn unfinished_code_is_told() {
        for (dialect, text, expected) in [
            (Dialect::Go, "a{{ b }", vec![(Unterminated, 1)]),
            (Dialect::Go, "{{/* a }}", vec![(Unterminated, 0)]),
            (Dialect::Go, "{{ \"a\n}}", vec![(Malformed, 5)]),
        ] {
            assert_eq!(problems(dialect, text), expected, "{text}");
        }
    }
}
