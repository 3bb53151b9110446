//! Mustache: `{{ }}`, `{{{ }}}`, or whatever a tag `{{=<% %>=}}` says, ending at the first end.
//!
//! Run against mustache.js 4.2.

use memchr::memmem;

use crate::template::input::{Input, Lex, Noted, Seen, Step, is_space, note};
use crate::template::{HiddenKind, ProblemKind, UsualCode};

/// The longest pair of delimiters that is remembered.
const MAX_DELIMITERS: usize = 256;

/// The delimiters until a tag changes them.
const USUAL: (&[u8], &[u8]) = (b"{{", b"}}");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    /// In a tag that ends with `}` and the closing delimiter when `.0`.
    Tag(bool),
    /// In the new delimiters.
    Delimiters,
}

#[derive(Debug)]
pub(super) struct Mustache {
    state: State,
    open: Vec<u8>,
    close: Vec<u8>,
    delimiters: Vec<u8>,
    /// The new delimiters have been read, up to their `=`.
    read: bool,
    tag_at: usize,
}

impl Mustache {
    pub(super) fn new() -> Self {
        Self {
            state: State::Text,
            open: USUAL.0.to_vec(),
            close: USUAL.1.to_vec(),
            delimiters: Vec::new(),
            read: false,
            tag_at: 0,
        }
    }

    fn text(&mut self, input: Input<'_>) -> Step {
        match memmem::find(input.bytes, &self.open) {
            Some(0) => {}
            Some(at) => return Step::Text(at),
            None if input.last => return Step::Text(input.bytes.len()),
            None => {
                // As much as can no longer be the beginning of a tag.
                let held = (1..self.open.len()).rev().find(|&n| input.bytes.ends_with(&self.open[..n]));
                return Step::text(input.bytes.len() - held.unwrap_or(0));
            }
        }
        let start = input.skip(self.open.len(), is_space);
        self.tag_at = input.at;
        let (kind, state) = match input.byte(start) {
            Seen::Maybe => return Step::More,
            Seen::Yes(b'#' | b'^' | b'/') => (HiddenKind::Statement, State::Tag(false)),
            Seen::Yes(b'!') => (HiddenKind::Comment, State::Tag(false)),
            Seen::Yes(b'{') => (HiddenKind::Output, State::Tag(true)),
            Seen::Yes(b'=') => {
                self.delimiters.clear();
                self.read = false;
                self.state = State::Delimiters;
                return Step::Open(HiddenKind::Statement, start + 1);
            }
            _ => (HiddenKind::Output, State::Tag(false)),
        };
        self.state = state;
        let typed = usize::from(state == State::Tag(true));
        Step::Open(kind, start + typed)
    }

    fn tag(&mut self, input: Input<'_>, braced: bool) -> Step {
        let end = if braced { [b"}", &self.close[..]].concat() } else { self.close.clone() };
        if let Some(at) = memmem::find(input.bytes, &end) {
            self.state = State::Text;
            return Step::Close(at + end.len());
        }
        let held = (1..end.len()).rev().find(|&n| input.bytes.ends_with(&end[..n]));
        let held = if input.last { 0 } else { held.unwrap_or(0) };
        Step::inside(input.bytes.len() - held)
    }

    fn read_delimiters(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step {
        if self.read {
            let step = self.tag(input, false);
            if matches!(step, Step::Close(_)) {
                self.change(problems);
            }
            return step;
        }
        let end = memchr::memchr(b'=', input.bytes);
        let read = &input.bytes[..end.unwrap_or(input.bytes.len())];
        let room = MAX_DELIMITERS.saturating_sub(self.delimiters.len());
        self.delimiters.extend_from_slice(&read[..read.len().min(room)]);
        self.read = end.is_some();
        Step::Inside(read.len() + usize::from(self.read))
    }

    fn change(&mut self, problems: &mut Vec<Noted>) {
        let mut words = self.delimiters.split(|&b| is_space(b)).filter(|w| !w.is_empty());
        // A third word is ignored by mustache.js and refused by others.
        match (words.next(), words.next()) {
            (Some(open), Some(close)) => {
                (self.open, self.close) = (open.to_vec(), close.to_vec());
            }
            _ => note(problems, ProblemKind::Malformed, self.tag_at),
        }
    }
}

impl Lex for Mustache {
    fn step(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step {
        match self.state {
            State::Text => self.text(input),
            State::Tag(braced) => self.tag(input, braced),
            State::Delimiters => self.read_delimiters(input, problems),
        }
    }

    fn usual_code(&self) -> Option<UsualCode> {
        if (&self.open[..], &self.close[..]) == USUAL {
            Some(UsualCode::Runs)
        } else {
            Some(UsualCode::Replaced { open: self.open.as_slice().into(), close: self.close.as_slice().into() })
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::template::Dialect;
    use crate::template::ProblemKind::{Malformed, Unterminated};
    use crate::template::lexer::tests::{check, problems};

    #[test]
    fn mustache_fragments() {
        check(
            Dialect::Mustache,
            &[
                "<script{{attrs}}>",
                "<script/xxxxxxxx>",
                "<a {{#a}}b{{/a}} href={{{ d }}} {{> e}}>",
                "<a       b       href=xxxxxxxxx xxxxxxx>",
                "{{a \"}}\" }}b",
                "       \" }}b",
                "{{! <b>\n}}a{{!-- }}b",
                "       \n  a        b",
                "{{=<% %>=}}<% a %>{{ b }}<%{c}%><%={{ }}=%>{{ d }}<% e",
                "                  {{ b }}                         <% e",
                "{{= | | =}}|a|b|=<% %>=|c<%d%>",
                "              b         c     ",
                "{{{a}} }}}b",
                "          b",
                "{a{b",
                "{a{b",
            ],
        );
    }

    #[test]
    fn unfinished_code_is_told() {
        for (dialect, text, expected) in [
            (Dialect::Mustache, "a{{ b }", vec![(Unterminated, 1)]),
            (Dialect::Mustache, "{{{ a }}", vec![(Unterminated, 0)]),
            (Dialect::Mustache, "{{=a=}}", vec![(Malformed, 0)]),
        ] {
            assert_eq!(problems(dialect, text), expected, "{text}");
        }
    }
}
