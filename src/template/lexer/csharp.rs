//! C#'s strings and comments, for Razor.

use crate::template::input::{Input, Seen};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Code,
    /// In a string or character of this quote; behind a backslash when `.1`.
    String(u8, bool),
    /// In `@"…"`, where quotes are doubled.
    Verbatim,
    /// In `"""…"""`.
    Raw,
    LineComment,
    BlockComment,
}

/// Tells strings and comments from code.
#[derive(Debug)]
pub(super) struct CSharp {
    state: State,
}

impl CSharp {
    pub(super) fn new() -> Self {
        Self { state: State::Code }
    }

    /// How many bytes at `at` are string or comment; `No` when that byte is code.
    pub(super) fn pass(&mut self, input: Input<'_>, at: usize) -> Seen<usize> {
        let byte = input.bytes[at];
        match self.state {
            State::Code => self.begin(input, at),
            State::String(quote, escaped) => {
                self.state = match byte {
                    _ if escaped => State::String(quote, false),
                    b'\\' => State::String(quote, true),
                    b'\n' => State::Code,
                    _ if byte == quote => State::Code,
                    _ => State::String(quote, false),
                };
                Seen::Yes(1)
            }
            State::Verbatim if byte == b'"' => match input.has(at, b"\"\"") {
                Seen::Maybe => Seen::Maybe,
                Seen::Yes(()) => Seen::Yes(2),
                Seen::No => self.end(1),
            },
            State::Raw => self.until(input, at, b"\"\"\""),
            State::BlockComment => self.until(input, at, b"*/"),
            State::LineComment if byte == b'\n' => self.end(1),
            State::Verbatim | State::LineComment => Seen::Yes(1),
        }
    }

    fn begin(&mut self, input: Input<'_>, at: usize) -> Seen<usize> {
        let begins: [(&[u8], State); 8] = [
            (b"\"\"\"", State::Raw),
            (b"@\"", State::Verbatim),
            (b"$@\"", State::Verbatim),
            (b"@$\"", State::Verbatim),
            (b"\"", State::String(b'"', false)),
            (b"'", State::String(b'\'', false)),
            (b"//", State::LineComment),
            (b"/*", State::BlockComment),
        ];
        for (beginning, state) in begins {
            match input.has(at, beginning) {
                Seen::Maybe => return Seen::Maybe,
                Seen::No => {}
                Seen::Yes(()) => {
                    self.state = state;
                    return Seen::Yes(beginning.len());
                }
            }
        }
        Seen::No
    }

    fn until(&mut self, input: Input<'_>, at: usize, end: &[u8]) -> Seen<usize> {
        match input.has(at, end) {
            Seen::Maybe => Seen::Maybe,
            Seen::No => Seen::Yes(1),
            Seen::Yes(()) => self.end(end.len()),
        }
    }

    fn end(&mut self, len: usize) -> Seen<usize> {
        self.state = State::Code;
        Seen::Yes(len)
    }
}
