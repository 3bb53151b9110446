//! Razor: C# behind `@`, with HTML in its blocks.
//!
//! Read from the Razor syntax reference and the parser of ASP.NET Core. In a block of code, `<` where a statement
//! would begin starts an element, which is markup up to its end tag; so tags are counted there.
//! An `@` between letters or digits is an e-mail address.

use crate::template::input::{Input, Lex, Noted, Seen, Step, Unfinished, is_space, is_word};
use crate::template::lexer::csharp::CSharp;
use crate::template::lexer::razor_element::Element;
use crate::template::mask::HiddenKind;

/// Directives that are the rest of their line.
const LINES: &[&[u8]] = &[
    b"addTagHelper",
    b"attribute",
    b"implements",
    b"inherits",
    b"inject",
    b"layout",
    b"model",
    b"namespace",
    b"page",
    b"preservewhitespace",
    b"removeTagHelper",
    b"rendermode",
    b"tagHelperPrefix",
    b"typeparam",
    b"using",
];
/// Statements with a block.
const BLOCKS: &[&[u8]] = &[
    b"code",
    b"do",
    b"for",
    b"foreach",
    b"functions",
    b"if",
    b"lock",
    b"section",
    b"switch",
    b"try",
    b"using",
    b"while",
];
/// What goes on behind a block's `}`.
const MORE: &[&[u8]] = &[b"else", b"catch", b"finally"];
/// What the bytes at hand belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Frame {
    /// `@section`'s markup, with the braces open in it.
    Section(usize),
    /// An element in code.
    Element(Element),
    /// The rest of a line behind `@:`.
    Line,
    /// A block of code with the braces open in it; a statement begins here when `.1`.
    Code(usize, bool),
    /// From `@if` to its `{`, with the parentheses open.
    Header { open: usize, section: bool },
    /// `@(…)`, or `@x` and what follows it, with the brackets open.
    Expression { open: usize, explicit: bool },
    /// `@* … *@`.
    Comment,
    /// A directive up to the end of its line.
    Directive,
    /// Behind a block's `}`, where `else` may follow.
    AfterBlock,
}

#[derive(Debug)]
pub(super) struct Razor {
    frames: Vec<Frame>,
    csharp: CSharp,
    /// A span is open.
    open: bool,
    literal: usize,
}

impl Razor {
    pub(super) fn new() -> Self {
        Self { frames: Vec::new(), csharp: CSharp::new(), open: false, literal: 0 }
    }

    fn hide(&mut self, len: usize) -> Step {
        match len {
            0 => Step::More,
            _ if self.open => Step::Inside(len),
            _ => {
                self.open = true;
                Step::Open(HiddenKind::Statement, len)
            }
        }
    }

    /// Ends the span behind `len` bytes; they are one of their own when none is open.
    fn close(&mut self, len: usize) -> Step {
        if std::mem::take(&mut self.open) { Step::Close(len) } else { Step::Whole(HiddenKind::Statement, len) }
    }

    /// Ends the frame at hand; the span with it where markup goes on.
    fn pop(&mut self, len: usize) -> Step {
        self.frames.pop();
        if matches!(self.frames.last(), Some(Frame::Code(..))) {
            return self.hide(len);
        }
        self.close(len)
    }

    fn push(&mut self, frame: Frame, kind: HiddenKind, len: usize) -> Step {
        self.frames.push(frame);
        self.csharp = CSharp::new();
        if self.open {
            return Step::Inside(len);
        }
        self.open = true;
        Step::Open(kind, len)
    }

    fn markup(&mut self, input: Input<'_>) -> Step {
        for (at, &byte) in input.bytes.iter().enumerate() {
            if byte == b'@' {
                return if at > 0 { Step::Text(at) } else { self.transition(input) };
            }
            match self.frames.last_mut() {
                None => {
                    let next = memchr::memchr(b'@', &input.bytes[at..]);
                    return Step::Text(next.map_or(input.bytes.len(), |n| at + n));
                }
                Some(Frame::Section(0)) if byte == b'}' => {
                    if at > 0 {
                        return Step::Text(at);
                    }
                    return self.pop(1);
                }
                Some(Frame::Section(open)) => match byte {
                    b'{' => *open += 1,
                    b'}' => *open -= 1,
                    _ => {}
                },
                Some(Frame::Line) if byte == b'\n' => {
                    self.frames.pop();
                    return Step::Text(at + 1);
                }
                Some(Frame::Element(element)) => {
                    if element.ends_with(byte) {
                        self.frames.pop();
                        return Step::Text(at + 1);
                    }
                }
                Some(_) => {}
            }
        }
        Step::text(input.bytes.len())
    }

    /// At an `@` in markup.
    fn transition(&mut self, input: Input<'_>) -> Step {
        if self.literal > 0 {
            self.literal = 0;
            return Step::Text(1);
        }
        let next = match input.byte(1) {
            Seen::Maybe => return Step::More,
            Seen::No => return Step::Text(1),
            Seen::Yes(next) => next,
        };
        let expression = |explicit| Frame::Expression { open: 0, explicit };
        match next {
            b'@' => {
                self.literal = 1;
                Step::Whole(HiddenKind::Escape, 1)
            }
            b'*' => self.push(Frame::Comment, HiddenKind::Comment, 2),
            b'(' => self.push(expression(true), HiddenKind::Output, 1),
            b'{' => self.push(Frame::Code(0, true), HiddenKind::Statement, 2),
            _ if next.is_ascii_alphanumeric() && input.before.is_ascii_alphanumeric() => Step::Text(1),
            _ if !is_word(next) || next.is_ascii_digit() => Step::Text(1),
            _ => self.word(input),
        }
    }

    fn word(&mut self, input: Input<'_>) -> Step {
        let end = input.skip(1, is_word);
        let behind = input.skip(end, is_space);
        if input.byte(behind) == Seen::Maybe {
            return Step::More;
        }
        let word = &input.bytes[1..end];
        let parenthesis = input.byte(behind) == Seen::Yes(b'(');
        if LINES.contains(&word) && !(word == b"using" && parenthesis) && behind > end {
            return self.push(Frame::Directive, HiddenKind::Statement, end);
        }
        if word == b"page" || word == b"model" && behind == end && input.byte(end) == Seen::No {
            return self.push(Frame::Directive, HiddenKind::Statement, end);
        }
        let brace = input.byte(behind) == Seen::Yes(b'{');
        let block = match word {
            b"do" | b"try" | b"code" | b"functions" => brace,
            b"section" => behind > end,
            _ => parenthesis,
        };
        if BLOCKS.contains(&word) && block {
            let section = word == b"section";
            return self.push(Frame::Header { open: 0, section }, HiddenKind::Statement, end);
        }
        let frame = Frame::Expression { open: 0, explicit: false };
        let len = if word == b"await" { input.skip(behind, is_word) } else { end };
        self.push(frame, HiddenKind::Output, len)
    }

    fn code(&mut self, input: Input<'_>) -> Step {
        let mut at = 0;
        while let Some(&byte) = input.bytes.get(at) {
            let starts = matches!(self.frames.last(), Some(Frame::Code(_, true)));
            if starts && matches!(byte, b'<' | b'@') {
                match self.code_markup(input, at) {
                    Seen::Maybe => return self.hide(at),
                    Seen::Yes(step) => return step,
                    Seen::No => {}
                }
            }
            match self.csharp.pass(input, at) {
                Seen::Maybe => return self.hide(at),
                Seen::Yes(len) => {
                    at += len;
                    continue;
                }
                Seen::No => at += 1,
            }
            let Some(Frame::Code(open, start)) = self.frames.last_mut() else {
                break;
            };
            match byte {
                b'{' => *open += 1,
                b'}' if *open == 0 => return self.end_block(at),
                b'}' => *open -= 1,
                _ => {}
            }
            *start = matches!(byte, b'{' | b'}' | b';' | b':') || *start && is_space(byte);
        }
        self.hide(at)
    }

    fn end_block(&mut self, len: usize) -> Step {
        if let Some(frame) = self.frames.last_mut() {
            *frame = Frame::AfterBlock;
        }
        self.hide(len)
    }

    /// At `<` or `@` where a statement would begin.
    fn code_markup(&mut self, input: Input<'_>, at: usize) -> Seen<Step> {
        let next = match input.byte(at + 1) {
            Seen::Maybe => return Seen::Maybe,
            Seen::No => return Seen::No,
            Seen::Yes(next) => next,
        };
        let line = input.bytes[at] == b'@' && next == b':';
        if input.bytes[at] == b'@' && next == b'*' {
            self.frames.push(Frame::Comment);
            return Seen::Yes(self.hide(at + 2));
        }
        if !line && (input.bytes[at] == b'@' || !next.is_ascii_alphabetic()) {
            return Seen::No;
        }
        let frame = if line { Frame::Line } else { Frame::Element(Element::default()) };
        self.frames.push(frame);
        let len = if line { at + 2 } else { at };
        Seen::Yes(self.close(len))
    }

    fn header(&mut self, input: Input<'_>, mut open: usize, section: bool) -> Step {
        let mut at = 0;
        while let Some(&byte) = input.bytes.get(at) {
            match self.csharp.pass(input, at) {
                Seen::Maybe => break,
                Seen::Yes(len) => {
                    at += len;
                    continue;
                }
                Seen::No => at += 1,
            }
            match byte {
                b'(' => open += 1,
                b')' => open = open.saturating_sub(1),
                b'{' if open == 0 => {
                    let frame = if section { Frame::Section(0) } else { Frame::Code(0, true) };
                    self.frames.pop();
                    self.frames.push(frame);
                    return if section { self.close(at) } else { self.hide(at) };
                }
                b';' if open == 0 => return self.pop(at),
                _ => {}
            }
        }
        if let Some(frame) = self.frames.last_mut() {
            *frame = Frame::Header { open, section };
        }
        self.hide(at)
    }

    fn after_block(&mut self, input: Input<'_>) -> Step {
        let word = input.skip(0, is_space);
        let end = input.skip(word, is_word);
        if input.byte(end) == Seen::Maybe {
            return Step::More;
        }
        if !MORE.contains(&&input.bytes[word..end]) {
            return self.pop(0);
        }
        if let Some(frame) = self.frames.last_mut() {
            *frame = Frame::Header { open: 0, section: false };
        }
        self.hide(end)
    }

    fn expression(&mut self, input: Input<'_>, mut open: usize, explicit: bool) -> Step {
        let mut at = 0;
        while let Some(&byte) = input.bytes.get(at) {
            if open == 0 && !explicit {
                match goes_on(input, at) {
                    Seen::Maybe => break,
                    Seen::No => return self.pop(at),
                    Seen::Yes(0) => {}
                    Seen::Yes(len) => {
                        at += len;
                        continue;
                    }
                }
            }
            match self.csharp.pass(input, at) {
                Seen::Maybe => break,
                Seen::Yes(len) => {
                    at += len;
                    continue;
                }
                Seen::No => at += 1,
            }
            match byte {
                b'(' | b'[' | b'{' => open += 1,
                b')' | b']' | b'}' => open = open.saturating_sub(1),
                _ => {}
            }
            if explicit && open == 0 {
                return self.pop(at);
            }
        }
        if let Some(frame) = self.frames.last_mut() {
            *frame = Frame::Expression { open, explicit };
        }
        self.hide(at)
    }

    fn until(&mut self, input: Input<'_>, end: &[u8], take: usize) -> Step {
        let plain = memchr::memchr(end[0], input.bytes).unwrap_or(input.bytes.len());
        if plain > 0 {
            return self.hide(plain);
        }
        match input.has(0, end) {
            Seen::Maybe => Step::More,
            Seen::No => self.hide(1),
            Seen::Yes(()) => self.pop(take),
        }
    }
}

impl Lex for Razor {
    fn step(&mut self, input: Input<'_>, _: &mut Vec<Noted>) -> Step {
        match self.frames.last() {
            None | Some(Frame::Section(_) | Frame::Element(_) | Frame::Line) => self.markup(input),
            Some(Frame::Code(..)) => self.code(input),
            Some(&Frame::Header { open, section }) => self.header(input, open, section),
            Some(&Frame::Expression { open, explicit }) => self.expression(input, open, explicit),
            Some(Frame::Comment) => self.until(input, b"*@", 2),
            Some(Frame::Directive) => self.until(input, b"\n", 0),
            Some(Frame::AfterBlock) => self.after_block(input),
        }
    }

    fn unfinished(&self, open: bool) -> Unfinished {
        let implicit = Frame::Expression { open: 0, explicit: false };
        match self.frames.last() {
            Some(Frame::Directive | Frame::AfterBlock) => Unfinished::Nothing,
            Some(frame) if *frame == implicit => Unfinished::Nothing,
            _ if open => Unfinished::Construct,
            _ => Unfinished::Nothing,
        }
    }
}

/// Whether an implicit expression goes on at `at`, by how many bytes that need no further look.
fn goes_on(input: Input<'_>, at: usize) -> Seen<usize> {
    let name = |from| match input.byte(from) {
        Seen::Yes(byte) if is_word(byte) && !byte.is_ascii_digit() => Seen::Yes(from + 1 - at),
        Seen::Maybe => Seen::Maybe,
        _ => Seen::No,
    };
    match input.bytes[at] {
        b'(' | b'[' => Seen::Yes(0),
        b'.' => name(at + 1),
        byte if is_word(byte) => Seen::Yes(1),
        b'?' => match input.byte(at + 1) {
            Seen::Yes(b'.') => name(at + 2),
            Seen::Yes(b'[') => Seen::Yes(1),
            Seen::Maybe => Seen::Maybe,
            _ => Seen::No,
        },
        b'!' => match input.byte(at + 1) {
            Seen::Yes(b'.' | b'[' | b'(') => Seen::Yes(1),
            Seen::Maybe => Seen::Maybe,
            _ => Seen::No,
        },
        _ => Seen::No,
    }
}

#[cfg(test)]
mod tests {
    use crate::template::Dialect;
    use crate::template::ProblemKind::Unterminated;
    use crate::template::lexer::tests::{check, problems};

    #[test]
    fn razor_fragments() {
        check(
            Dialect::Razor,
            &[
                "<p>@x.y(\"a)b\").Z[0]. a@b.c a@@b @@media</p>",
                "<p>                . a@b.c a @b  @media</p>",
                "<script@a src=@Url.C(\"x\") @d nonce=\"n\">",
                "<script@a src=xxxxxxxxxxx xx nonce=\"n\">",
                "@if (x > 0) { <script nonce=\"@n\">if (a<b) {}</script> } else if (y) { var s = \"<b>\"; <br/> }<p>",
                "              <script nonce=\"xx\">if (a<b) {}</script>                                <br/>  <p>",
                "@{ var a = @\"\\\"; var b = '}'; // }\n/* } */ }<b>@* <i> *@c",
                "                                  \n         <b>         c",
                "@section S {\n<script>var a = {b: 1};</script>\n}<b>",
                "            \n<script>var a = {b: 1};</script>\n <b>",
                "@model A.B\n@using C\n<p>@(a > b ? \"1)\" : \"2\")</p>",
                "          \n        \n<p>                     </p>",
                "<p class=\"@a?.B!.C\">@await D(\"x\") y@(z)w",
                "<p class=\"xxxxxxxx\">              y    w",
                "@foreach (var i in x) { <li><b>@i</b></li> f(); \n@: <u>\n }x",
                "                        <li><b>  </b></li>      \n   <u>\n  x",
                "@{ if (a<b) { <p>@if (c) { <b>x</b> }</p> } }<i>",
                "              <p>          <b>x</b>  </p>    <i>",
                "@page \"/x\"\n@functions { int F() { return 1; } }<b>",
                "          \n                                    <b>",
            ],
        );
    }

    #[test]
    fn unfinished_code_is_told() {
        for (dialect, text, expected) in [
            (Dialect::Razor, "a @(b", vec![(Unterminated, 2)]),
            (Dialect::Razor, "@{ a", vec![(Unterminated, 0)]),
            (Dialect::Razor, "@* a", vec![(Unterminated, 0)]),
            (Dialect::Razor, "@a.b", vec![]),
            (Dialect::Razor, "@model a", vec![]),
        ] {
            assert_eq!(problems(dialect, text), expected, "{text}");
        }
    }
}
