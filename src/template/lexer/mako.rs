//! Mako: `${ }`, `<% %>`, tags `<%name …>`, and lines that begin with `%` or `##`.
//!
//! In code Python's strings and comments hide the end, in `${ }` brackets do too. What `<%text>` encloses is literal, what
//! `<%doc>` encloses is a comment. Run against Mako 1.4, whose lexer is `mako/lexer.py`.

use crate::template::input::{Input, Lex, MAX_HELD, Noted, Seen, Step, Unfinished, is_space, is_word, note};
use crate::template::{HiddenKind, ProblemKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    /// In `<% %>`.
    Block,
    /// In `${ }`, with what is open of braces, parentheses and brackets.
    Expression([i32; 3]),
    /// In a control line or a line comment; behind a backslash when `.0`.
    Line(bool),
    /// In `<%doc>`.
    Doc,
    /// In `<%text>`.
    Verbatim,
    /// In `</%text>`.
    EndTag,
}

/// A string in code.
#[derive(Clone, Copy, Debug)]
struct Quoted {
    quote: u8,
    triple: bool,
    escaped: bool,
}

#[derive(Debug)]
pub(super) struct Mako {
    state: State,
    string: Option<Quoted>,
    /// The bytes behind an escape that are literal.
    literal: usize,
    verbatim_at: usize,
}

impl Mako {
    pub(super) fn new() -> Self {
        Self { state: State::Text, string: None, literal: 0, verbatim_at: 0 }
    }

    fn text(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step {
        if self.literal > 0 {
            self.literal -= 1;
            return Step::Text(1);
        }
        if matches!(input.before, b'\n') {
            match self.line_start(input) {
                Some(Step::Text(0)) => {}
                Some(step) => return step,
                None => return Step::More,
            }
        }
        let special = |b: &u8| matches!(b, b'$' | b'<' | b'\\' | b'\n');
        let plain = input.bytes.iter().position(special);
        match plain {
            None => return Step::Text(input.bytes.len()),
            Some(0) => {}
            Some(len) => return Step::Text(len),
        }
        match input.bytes[0] {
            b'$' => match input.has(0, b"${") {
                Seen::Maybe => Step::More,
                Seen::No => Step::Text(1),
                Seen::Yes(()) => {
                    self.state = State::Expression([0; 3]);
                    Step::Open(HiddenKind::Output, 2)
                }
            },
            b'\\' => match (input.has(0, b"\\\n"), input.has(0, b"\\\r\n")) {
                (Seen::Yes(()), _) | (_, Seen::Yes(())) => Step::Whole(HiddenKind::Escape, 1),
                (Seen::No, Seen::No) => Step::Text(1),
                _ => Step::More,
            },
            b'<' => self.tag(input, problems),
            _ => Step::Text(1),
        }
    }

    /// At the beginning of a line: a control line, a comment, `%%`, or `Text(0)` for anything else;
    /// `None` without more input.
    fn line_start(&mut self, input: Input<'_>) -> Option<Step> {
        let start = input.skip(0, |b| matches!(b, b' ' | b'\t'));
        let two = input.bytes.get(start..).unwrap_or_default();
        let (line, literal) = match two {
            [b'%', b'%', ..] => (false, true),
            [b'#', b'#', ..] | [b'%', _, ..] => (true, false),
            [b'%' | b'#'] | [] if !input.last => return None,
            [b'%'] => (true, false),
            _ => (false, false),
        };
        if start > 0 && (line || literal) {
            // The space in front stays; it is no longer the beginning of the line then, so what
            // follows is decided here.
            self.state = if line { State::Line(false) } else { self.state };
            self.literal = if literal { start } else { 0 };
            return Some(if line {
                Step::Open(HiddenKind::Statement, start + 1)
            } else {
                self.literal = 1;
                Step::Whole(HiddenKind::Escape, start + 1)
            });
        }
        Some(if line {
            self.state = State::Line(false);
            let comment = two.first() == Some(&b'#');
            Step::Open(if comment { HiddenKind::Comment } else { HiddenKind::Statement }, 1)
        } else if literal {
            self.literal = 1;
            Step::Whole(HiddenKind::Escape, 1)
        } else {
            Step::Text(0)
        })
    }

    /// At a `<`.
    fn tag(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step {
        match (input.has(0, b"<%"), input.has(0, b"</%")) {
            (Seen::No, Seen::No) => return Step::Text(1),
            (_, Seen::Yes(())) => {
                self.state = State::EndTag;
                return Step::Open(HiddenKind::Statement, 3);
            }
            (Seen::Yes(()), _) => {}
            _ => return Step::More,
        }
        match input.has(0, b"<%doc>") {
            Seen::Maybe => return Step::More,
            Seen::Yes(()) => {
                self.state = State::Doc;
                return Step::Open(HiddenKind::Comment, 6);
            }
            Seen::No => {}
        }
        match tag_len(input) {
            Seen::Maybe if input.bytes.len() < MAX_HELD => Step::More,
            Seen::Yes(len) => {
                let tag = &input.bytes[2..len];
                let text = tag.starts_with(b"text") && !tag.get(4).is_some_and(|&b| is_name(b));
                if !text || tag.ends_with(b"/>") {
                    return Step::Whole(HiddenKind::Statement, len);
                }
                self.state = State::Verbatim;
                self.verbatim_at = input.at;
                Step::Whole(HiddenKind::Verbatim, len)
            }
            other => {
                if other == Seen::Maybe {
                    note(problems, ProblemKind::Malformed, input.at);
                }
                self.state = State::Block;
                Step::Open(HiddenKind::Statement, 2)
            }
        }
    }

    fn line(&mut self, input: Input<'_>, mut escaped: bool) -> Step {
        for (at, &byte) in input.bytes.iter().enumerate() {
            match byte {
                b'\n' if !escaped => {
                    self.state = State::Text;
                    return Step::Close(at);
                }
                // A backslash before CR LF too continues the line.
                b'\r' if escaped => {}
                _ => escaped = byte == b'\\',
            }
        }
        self.state = State::Line(escaped);
        if input.last {
            self.state = State::Text;
            return Step::Close(input.bytes.len());
        }
        Step::inside(input.bytes.len())
    }

    fn code(&mut self, input: Input<'_>) -> Step {
        let mut at = 0;
        while let Some(&byte) = input.bytes.get(at) {
            if let Some(string) = self.string {
                match self.in_string(input, at, string) {
                    0 => return Step::inside(at),
                    len => at += len,
                }
                continue;
            }
            match byte {
                b'#' => match comment_len(input, at) {
                    0 => return Step::inside(at),
                    len => at += len,
                },
                b'"' | b'\'' => {
                    let triple = input.has(at, &[byte; 3]);
                    if triple == Seen::Maybe {
                        return Step::inside(at);
                    }
                    let triple = triple == Seen::Yes(());
                    self.string = Some(Quoted { quote: byte, triple, escaped: false });
                    at += if triple { 3 } else { 1 };
                }
                _ => match self.code_end(input, at) {
                    Seen::Maybe => return Step::inside(at),
                    Seen::No => at += 1,
                    Seen::Yes(len) => {
                        self.state = State::Text;
                        return Step::Close(at + len);
                    }
                },
            }
        }
        Step::inside(at)
    }

    /// How much of a string to pass over; zero without more input.
    fn in_string(&mut self, input: Input<'_>, at: usize, mut string: Quoted) -> usize {
        let byte = input.bytes[at];
        if byte == string.quote && !string.escaped {
            let end: &[u8] = if string.triple { &[byte; 3] } else { &[byte] };
            match input.has(at, end) {
                Seen::Maybe => return 0,
                Seen::No => {}
                Seen::Yes(()) => {
                    self.string = None;
                    return end.len();
                }
            }
        }
        string.escaped = byte == b'\\' && !string.escaped;
        self.string = Some(string);
        1
    }

    /// The length of the construct's end at `at`.
    fn code_end(&mut self, input: Input<'_>, at: usize) -> Seen<usize> {
        let byte = input.bytes[at];
        let State::Expression(open) = &mut self.state else {
            return if byte == b'%' { input.has(at, b"%>").map(|()| 2) } else { Seen::No };
        };
        if byte == b'}' && open.iter().all(|&n| n <= 0) {
            return Seen::Yes(1);
        }
        match byte {
            // What follows are filters, cut for themselves.
            b'|' if open.iter().all(|&n| n <= 0) => *open = [0; 3],
            b'{' => open[0] += 1,
            b'}' => open[0] -= 1,
            b'(' => open[1] += 1,
            b')' => open[1] -= 1,
            b'[' => open[2] += 1,
            b']' => open[2] -= 1,
            _ => {}
        }
        Seen::No
    }

    /// Passes over text or comment up to `end`.
    fn until(&mut self, input: Input<'_>, end: &[u8], comment: bool) -> Step {
        let plain = memchr::memchr(b'<', input.bytes).unwrap_or(input.bytes.len());
        let pass = |len| {
            if comment { Step::Inside(len) } else { Step::Text(len) }
        };
        if plain > 0 {
            return pass(plain);
        }
        match (input.has(0, end), comment) {
            (Seen::Maybe, _) => Step::More,
            (Seen::No, _) => pass(1),
            (Seen::Yes(()), true) => {
                self.state = State::Text;
                Step::Close(end.len())
            }
            (Seen::Yes(()), false) => {
                self.state = State::Text;
                Step::Whole(HiddenKind::Verbatim, end.len())
            }
        }
    }
}

impl Lex for Mako {
    fn step(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step {
        match self.state {
            State::Text => self.text(input, problems),
            State::Block | State::Expression(_) => self.code(input),
            State::Line(escaped) => self.line(input, escaped),
            State::Doc => self.until(input, b"</%doc>", true),
            State::Verbatim => self.until(input, b"</%text>", false),
            State::EndTag => match memchr::memchr(b'>', input.bytes) {
                None => Step::Inside(input.bytes.len()),
                Some(end) => {
                    self.state = State::Text;
                    Step::Close(end + 1)
                }
            },
        }
    }

    fn unfinished(&self, open: bool) -> Unfinished {
        match self.state {
            State::Line(_) => Unfinished::Nothing,
            _ if open => Unfinished::Construct,
            State::Verbatim => Unfinished::Block(self.verbatim_at),
            _ => Unfinished::Nothing,
        }
    }
}

fn is_name(byte: u8) -> bool {
    is_word(byte) || byte == b'.' || byte == b':'
}

/// The length of the comment at `at` with its line feed, or of the `#` alone when no line feed follows; zero
/// without more input.
fn comment_len(input: Input<'_>, at: usize) -> usize {
    match input.find(at, b"\n") {
        Seen::Yes(end) => end + 1 - at,
        Seen::No => 1,
        Seen::Maybe => 0,
    }
}

/// The length of the tag at the beginning of the input: a name, attributes with quoted values, `>` or `/>`.
fn tag_len(input: Input<'_>) -> Seen<usize> {
    let mut at = input.skip(2, is_name);
    if at == 2 {
        return input.byte(2).map_no();
    }
    loop {
        let spaced = input.skip(at, is_space);
        match input.byte(spaced) {
            Seen::Yes(b'>') => return Seen::Yes(spaced + 1),
            Seen::Yes(b'/') => return input.has(spaced, b"/>").map(|()| spaced + 2),
            Seen::Yes(b'=' | b',') => at = spaced + 1,
            Seen::Yes(quote @ (b'"' | b'\'')) if spaced == at => match input.find(at + 1, &[quote]) {
                Seen::Yes(end) => at = end + 1,
                other => return other,
            },
            Seen::Yes(quote @ (b'"' | b'\'')) if matches!(input.byte_before(at), b'=' | b',') => {
                match input.find(spaced + 1, &[quote]) {
                    Seen::Yes(end) => at = end + 1,
                    other => return other,
                }
            }
            Seen::Yes(byte) if spaced > at && is_word(byte) => at = input.skip(spaced, is_word),
            Seen::Yes(_) | Seen::No => return Seen::No,
            Seen::Maybe => return Seen::Maybe,
        }
    }
}

impl Seen<u8> {
    /// `No` in place of `Yes`.
    fn map_no(self) -> Seen<usize> {
        if self == Self::Maybe { Seen::Maybe } else { Seen::No }
    }
}

#[cfg(test)]
mod tests {
    use crate::template::Dialect;
    use crate::template::ProblemKind::Unterminated;
    use crate::template::lexer::tests::{check, problems};

    #[test]
    fn mako_fragments() {
        check(
            Dialect::Mako,
            &[
                "<script${ attrs }>",
                "<script/xxxxxxxxx>",
                "% if a:\n<b>\n  % endif\n## <c>\nd ## e\n",
                "       \n<b>\n         \n      \nd ## e\n",
                "%% a\n  %% b\n % x \\\n y\nz",
                " % a\n   % b\n      \n  \nz",
                "${ '}' }a${ {'b': '}'}['b'] | h }c${ f(\"\"\"}\"\"\") }d",
                "        a                        c               d",
                "<% a = '%>' # %>\n %>b<%! c %>d",
                "                \n   b        d",
                "<%doc>\n<b>${</%doc>a<%text>${ b }\n% c\n</%text>d",
                "      \n            a       ${ b }\n% c\n        d",
                "<%block name=\"a>b\">x</%block><%include file='y'/><%call expr=\"z\" >",
                "                   x                                              ",
                "a\\\nb\\c$d{<e",
                "a \nb\\c$d{<e",
            ],
        );
    }

    #[test]
    fn unfinished_code_is_told() {
        for (dialect, text, expected) in [
            (Dialect::Mako, "a${ b", vec![(Unterminated, 1)]),
            (Dialect::Mako, "<%doc>", vec![(Unterminated, 0)]),
            (Dialect::Mako, "a<%text>", vec![(Unterminated, 1)]),
            (Dialect::Mako, "% if a:", vec![]),
        ] {
            assert_eq!(problems(dialect, text), expected, "{text}");
        }
    }
}
