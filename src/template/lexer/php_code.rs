//! PHP's strings, heredocs and comments, which hide `?>` and parentheses; for PHP and Blade.

use crate::template::input::{Input, Seen, is_word};

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Code,
    /// In a string of this quote; behind a backslash when `.1`.
    String(u8, bool),
    LineComment,
    BlockComment,
    Heredoc(Heredoc),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Heredoc {
    /// The word that ends it.
    word: Vec<u8>,
    /// A nowdoc: no escapes, no interpolation.
    raw: bool,
    escaped: bool,
    line_start: bool,
}

/// One step through code.
enum Move {
    Pass(usize),
    Wait,
    End(usize),
}

/// What [`Code`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing in this many bytes.
    Nothing(usize),
    /// What was looked for, behind which this many bytes end.
    End(usize),
}

/// PHP's own lexer, as far as strings and comments go.
#[derive(Clone, Debug)]
pub(super) struct Code {
    state: State,
    /// The strings whose interpolations the code at hand stands in, with the braces open around it.
    outer: Vec<(State, usize)>,
    braces: usize,
    parentheses: usize,
    /// Looks for the end of the first parentheses rather than for `?>`.
    arguments: bool,
}

impl Code {
    /// Code behind `<?php`.
    pub(super) fn new() -> Self {
        Self { state: State::Code, outer: Vec::new(), braces: 0, parentheses: 0, arguments: false }
    }

    /// Arguments, from their `(`.
    pub(super) fn arguments() -> Self {
        Self { arguments: true, ..Self::new() }
    }

    /// Whether the file may end here.
    pub(super) fn may_end(&self) -> bool {
        matches!(self.state, State::Code | State::LineComment) && self.outer.is_empty()
    }

    /// Goes through the input.
    pub(super) fn run(&mut self, input: Input<'_>) -> Found {
        let mut at = 0;
        while at < input.bytes.len() {
            let step = match self.state.clone_small() {
                Small::Code => self.code(input, at),
                Small::String(quote, escaped) => self.string(input, at, quote, escaped),
                Small::LineComment => self.line_comment(input, at),
                Small::BlockComment => match input.has(at, b"*/") {
                    Seen::Yes(()) => {
                        self.state = State::Code;
                        Move::Pass(2)
                    }
                    Seen::Maybe => Move::Wait,
                    Seen::No => Move::Pass(1),
                },
                Small::Heredoc => self.heredoc(input, at),
            };
            match step {
                Move::Pass(len) => at += len,
                Move::Wait => break,
                Move::End(end) => return Found::End(end),
            }
        }
        Found::Nothing(at)
    }

    fn code(&mut self, input: Input<'_>, at: usize) -> Move {
        let byte = input.bytes[at];
        let two: &[u8] = match byte {
            b'?' => b"?>",
            b'/' => b"/*",
            b'#' => b"#[",
            b'<' => return self.heredoc_start(input, at),
            b'"' | b'\'' | b'`' => {
                self.state = State::String(byte, false);
                return Move::Pass(1);
            }
            _ => return self.bracket(byte, at),
        };
        match (byte, input.has(at, two), input.has(at, b"//")) {
            (_, Seen::Maybe, _) => return Move::Wait,
            // `??>` compares with what `??` gives.
            (b'?', ..) if input.has(at, b"??") == Seen::Yes(()) => return Move::Pass(2),
            (b'?', Seen::Yes(()), _) if !self.arguments => return Move::End(at + 2),
            (b'/', Seen::Yes(()), _) => {
                self.state = State::BlockComment;
                return Move::Pass(2);
            }
            (b'/', _, Seen::Yes(())) | (b'#', Seen::No, _) => self.state = State::LineComment,
            _ => {}
        }
        Move::Pass(1)
    }

    fn bracket(&mut self, byte: u8, at: usize) -> Move {
        match byte {
            b'{' => self.braces += 1,
            b'}' if self.braces > 0 => self.braces -= 1,
            b'}' => {
                if let Some((state, braces)) = self.outer.pop() {
                    (self.state, self.braces) = (state, braces);
                }
            }
            b'(' if self.outer.is_empty() => self.parentheses += 1,
            b')' if self.outer.is_empty() => {
                self.parentheses = self.parentheses.saturating_sub(1);
                if self.arguments && self.parentheses == 0 {
                    return Move::End(at + 1);
                }
            }
            _ => {}
        }
        Move::Pass(1)
    }

    fn line_comment(&mut self, input: Input<'_>, at: usize) -> Move {
        match input.has(at, b"?>") {
            Seen::Yes(()) if !self.arguments => return Move::End(at + 2),
            Seen::Maybe => return Move::Wait,
            _ => {}
        }
        if matches!(input.bytes[at], b'\n' | b'\r') {
            self.state = State::Code;
        }
        Move::Pass(1)
    }

    fn string(&mut self, input: Input<'_>, at: usize, quote: u8, escaped: bool) -> Move {
        let byte = input.bytes[at];
        self.state = State::String(quote, false);
        match byte {
            _ if escaped => {}
            b'\\' => self.state = State::String(quote, true),
            _ if byte == quote => self.state = State::Code,
            b'{' | b'$' if quote != b'\'' => return self.interpolation(input, at),
            _ => {}
        }
        Move::Pass(1)
    }

    /// At what may be `{$` or `${` in a string.
    fn interpolation(&mut self, input: Input<'_>, at: usize) -> Move {
        let two = if input.bytes[at] == b'{' { b"{$" } else { b"${" };
        match input.has(at, two) {
            Seen::Maybe => Move::Wait,
            Seen::No => Move::Pass(1),
            Seen::Yes(()) => {
                let string = std::mem::replace(&mut self.state, State::Code);
                self.outer.push((string, self.braces));
                self.braces = 0;
                Move::Pass(2)
            }
        }
    }

    /// At a `<` in code.
    fn heredoc_start(&mut self, input: Input<'_>, at: usize) -> Move {
        match input.has(at, b"<<<") {
            Seen::Maybe => return Move::Wait,
            Seen::No => return Move::Pass(1),
            Seen::Yes(()) => {}
        }
        let mut from = input.skip(at + 3, |b| matches!(b, b' ' | b'\t'));
        let quote = match input.byte(from) {
            Seen::Maybe => return Move::Wait,
            Seen::Yes(byte @ (b'"' | b'\'')) => Some(byte),
            _ => None,
        };
        from += usize::from(quote.is_some());
        let to = input.skip(from, is_word);
        let mut end = to;
        if let Some(quote) = quote {
            match input.has(to, &[quote]) {
                Seen::Maybe => return Move::Wait,
                Seen::No => return Move::Pass(3),
                Seen::Yes(()) => end += 1,
            }
        }
        let starts = input.bytes.get(from).is_some_and(|b| !b.is_ascii_digit()) && to > from;
        match input.byte(end) {
            Seen::Maybe => Move::Wait,
            Seen::Yes(b'\n' | b'\r') if starts => {
                self.state = State::Heredoc(Heredoc {
                    word: input.bytes[from..to].to_vec(),
                    raw: quote == Some(b'\''),
                    escaped: false,
                    line_start: false,
                });
                Move::Pass(end - at)
            }
            _ => Move::Pass(3),
        }
    }

    fn heredoc(&mut self, input: Input<'_>, at: usize) -> Move {
        let State::Heredoc(heredoc) = &mut self.state else {
            return Move::Pass(1);
        };
        let byte = input.bytes[at];
        if heredoc.line_start {
            let word = input.skip(at, |b| matches!(b, b' ' | b'\t'));
            let end = word + heredoc.word.len();
            match (input.has(word, &heredoc.word), input.byte(end)) {
                (Seen::Maybe, _) | (Seen::Yes(()), Seen::Maybe) => return Move::Wait,
                (Seen::Yes(()), Seen::Yes(byte)) if is_word(byte) => {}
                (Seen::Yes(()), _) => {
                    self.state = State::Code;
                    return Move::Pass(end - at);
                }
                _ => {}
            }
            heredoc.line_start = false;
        }
        let escaped = heredoc.escaped;
        heredoc.escaped = byte == b'\\' && !escaped && !heredoc.raw;
        heredoc.line_start = matches!(byte, b'\n' | b'\r');
        if matches!(byte, b'{' | b'$') && !escaped && !heredoc.raw {
            return self.interpolation(input, at);
        }
        Move::Pass(1)
    }
}

/// [`State`] without what it owns.
enum Small {
    Code,
    String(u8, bool),
    LineComment,
    BlockComment,
    Heredoc,
}

impl State {
    fn clone_small(&self) -> Small {
        match self {
            Self::Code => Small::Code,
            Self::String(quote, escaped) => Small::String(*quote, *escaped),
            Self::LineComment => Small::LineComment,
            Self::BlockComment => Small::BlockComment,
            Self::Heredoc(_) => Small::Heredoc,
        }
    }
}
