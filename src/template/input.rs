//! What a lexer sees of the input, and what it says about it.
//!
//! A lexer looks at the bytes that have arrived and not been consumed. What depends on bytes that have not arrived
//! yet is answered with [`Seen::Maybe`], and the lexer waits: so no split of the input can change
//! the result.

use super::{HiddenKind, ProblemKind, UsualCode};

/// How many bytes a lexer may hold while it looks for an end without which the beginning is text.
/// Nobody writes a longer tag; in a longer one the beginning is taken for text.
pub(super) const MAX_HELD: usize = 1 << 20;

/// The part of the input that has arrived and not been consumed.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub(super) bytes: &'a [u8],
    /// The offset of `bytes` in the whole input.
    pub(super) at: usize,
    /// The byte before `bytes`, as the source has it; a line feed at the very beginning.
    pub(super) before: u8,
    /// Nothing follows.
    pub(super) last: bool,
}

/// An answer that may need more input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen<T = ()> {
    Yes(T),
    No,
    /// The input ends before the answer is known.
    Maybe,
}

impl<T> Seen<T> {
    /// The same answer about something else.
    pub(super) fn map<U>(self, to: impl FnOnce(T) -> U) -> Seen<U> {
        match self {
            Self::Yes(value) => Seen::Yes(to(value)),
            Self::No => Seen::No,
            Self::Maybe => Seen::Maybe,
        }
    }
}

impl Input<'_> {
    /// Whether `what` stands at `from`.
    pub(super) fn has(&self, from: usize, what: &[u8]) -> Seen {
        let rest = self.bytes.get(from..).unwrap_or_default();
        if rest.starts_with(what) {
            Seen::Yes(())
        } else if !self.last && what.starts_with(rest) {
            Seen::Maybe
        } else {
            Seen::No
        }
    }

    /// The byte at `from`; `No` when the input ends there.
    pub(super) fn byte(&self, from: usize) -> Seen<u8> {
        match self.bytes.get(from) {
            Some(&byte) => Seen::Yes(byte),
            None if self.last => Seen::No,
            None => Seen::Maybe,
        }
    }

    /// The byte before the one at `from`, consumed or not.
    pub(super) fn byte_before(&self, from: usize) -> u8 {
        match from {
            0 => self.before,
            _ => self.bytes.get(from - 1).copied().unwrap_or_default(),
        }
    }

    /// The first position from `from` whose byte `is` does not hold for; `No` at the end of input.
    pub(super) fn skip(&self, from: usize, is: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        from + rest.iter().position(|&b| !is(b)).unwrap_or(rest.len())
    }

    /// Where `what` first stands at or behind `from`, within [`MAX_HELD`] bytes.
    pub(super) fn find(&self, from: usize, what: &[u8]) -> Seen<usize> {
        let end = self.bytes.len().min(MAX_HELD);
        let window = self.bytes.get(from..end).unwrap_or_default();
        match memchr::memmem::find(window, what) {
            Some(found) => Seen::Yes(from + found),
            None if self.last || self.bytes.len() >= MAX_HELD => Seen::No,
            None => Seen::Maybe,
        }
    }
}

/// What a lexer consumes next. Lengths count from the beginning of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing without more input.
    More,
    /// Text of the page.
    Text(usize),
    /// The beginning of a construct that goes on.
    Open(HiddenKind, usize),
    /// More of the open construct.
    Inside(usize),
    /// The rest of the open construct, maybe empty.
    Close(usize),
    /// A whole construct.
    Whole(HiddenKind, usize),
}

impl Step {
    /// More of the open construct, if there is any.
    pub(super) fn inside(len: usize) -> Self {
        if len == 0 { Self::More } else { Self::Inside(len) }
    }

    /// Text, if there is any.
    pub(super) fn text(len: usize) -> Self {
        if len == 0 { Self::More } else { Self::Text(len) }
    }
}

/// What the end of the input finds unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfinished {
    /// Nothing, or what may stay open.
    Nothing,
    /// The open construct.
    Construct,
    /// A block whose beginning stands at this offset.
    Block(usize),
}

/// One engine's way of telling code from text.
pub(super) trait Lex: Send + std::fmt::Debug {
    /// Consumes the next piece of `input`, which is not empty.
    fn step(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step;

    /// What is unfinished at the end of the input; `open` when a construct is.
    fn unfinished(&self, open: bool) -> Unfinished {
        if open { Unfinished::Construct } else { Unfinished::Nothing }
    }

    /// What the delimiters in force make of code in the usual ones; `None` where they cannot change.
    fn usual_code(&self) -> Option<UsualCode> {
        None
    }
}

/// A problem as a lexer has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted {
    pub(super) kind: ProblemKind,
    pub(super) offset: usize,
}

/// Notes a problem.
pub(super) fn note(problems: &mut Vec<Noted>, kind: ProblemKind, offset: usize) {
    problems.push(Noted { kind, offset });
}

/// Whitespace as the engines' `\s` has it in ASCII.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// A byte of a name: letters, digits, `_` and everything beyond ASCII.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
