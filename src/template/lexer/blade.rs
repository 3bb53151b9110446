//! Blade: `{{ }}`, `{!! !!}`, `{{-- --}}`, `@directives(…)` and PHP.
//!
//! Read from Laravel's `BladeCompiler` and its concerns: an echo ends at the first end and is text without one;
//! a directive is code when it is known, and its arguments balance parentheses outside PHP's strings.
//! Packages add directives: an unknown one counts as code with a `(` right behind it, unless CSS
//! has an at-rule of that name.

use crate::template::input::{Input, Lex, Noted, Seen, Step, Unfinished, note};
use crate::template::lexer::blade_names::{AT_RULES, OUTPUT, STATEMENTS, has};
use crate::template::lexer::php::opening;
use crate::template::lexer::php_code::{Code, Found};
use crate::template::{HiddenKind, ProblemKind};

/// Beginnings and ends, in the order they are looked for.
const ECHOS: [(&[u8], &[u8], HiddenKind); 4] = [
    (b"{{--", b"--}}", HiddenKind::Comment),
    (b"{!!", b"!!}", HiddenKind::Output),
    (b"{{{", b"}}}", HiddenKind::Output),
    (b"{{", b"}}", HiddenKind::Output),
];

#[derive(Debug)]
enum State {
    Text,
    Php(Code),
    Arguments(Code),
    /// In `@php` up to `@endphp`.
    PhpBlock,
    Verbatim,
}

#[derive(Debug)]
pub(super) struct Blade {
    state: State,
    /// The bytes behind an escape that are literal.
    literal: usize,
    verbatim_at: usize,
    /// Up to where it is known that the end of each of [`ECHOS`] is missing.
    missing: [usize; 4],
}

impl Blade {
    pub(super) fn new() -> Self {
        Self { state: State::Text, literal: 0, verbatim_at: 0, missing: [0; 4] }
    }

    fn text(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step {
        if self.literal > 0 {
            let len = self.literal.min(input.bytes.len());
            self.literal -= len;
            return Step::Text(len);
        }
        let plain = memchr::memchr3(b'@', b'{', b'<', input.bytes).unwrap_or(input.bytes.len());
        if plain > 0 {
            return Step::Text(plain);
        }
        match input.bytes[0] {
            b'@' => self.at(input),
            b'{' => match self.echo(input, 0) {
                Seen::Maybe => Step::More,
                Seen::Yes((kind, len)) => Step::Whole(kind, len),
                Seen::No => {
                    if input.has(0, b"{{") == Seen::Yes(()) {
                        note(problems, ProblemKind::Literal, input.at);
                    }
                    Step::Text(1)
                }
            },
            _ => match opening(input) {
                Seen::Maybe => Step::More,
                Seen::No => Step::Text(1),
                Seen::Yes((kind, len)) => {
                    self.state = State::Php(Code::new());
                    Step::Open(kind, len)
                }
            },
        }
    }

    /// The kind and length of the echo or comment at `from`, without `from`.
    fn echo(&mut self, input: Input<'_>, from: usize) -> Seen<(HiddenKind, usize)> {
        for (index, (beginning, end, kind)) in ECHOS.into_iter().enumerate() {
            match input.has(from, beginning) {
                Seen::Maybe => return Seen::Maybe,
                Seen::No => continue,
                Seen::Yes(()) if input.at < self.missing[index] => continue,
                Seen::Yes(()) => {}
            }
            // An echo has at least one byte in it.
            let first = from + beginning.len() + usize::from(kind == HiddenKind::Output);
            match input.find(first, end) {
                Seen::Maybe => return Seen::Maybe,
                Seen::Yes(at) => return Seen::Yes((kind, at + end.len() - from)),
                Seen::No => self.missing[index] = input.at + input.bytes.len(),
            }
        }
        Seen::No
    }

    /// At an `@`.
    fn at(&mut self, input: Input<'_>) -> Step {
        match self.echo(input, 1) {
            Seen::Maybe => return Step::More,
            Seen::Yes((HiddenKind::Output, len)) => {
                self.literal = len;
                return Step::Whole(HiddenKind::Escape, 1);
            }
            _ => {}
        }
        if input.before.is_ascii_alphanumeric() || input.before == b'_' {
            return Step::Text(1);
        }
        let doubled = usize::from(input.bytes.get(1) == Some(&b'@'));
        let start = 1 + doubled;
        let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let mut end = input.skip(start, is_word);
        if start < end {
            match input.has(end, b"::") {
                Seen::Maybe => return Step::More,
                Seen::No => {}
                Seen::Yes(()) => match input.byte(end + 2) {
                    Seen::Maybe => return Step::More,
                    Seen::Yes(first) if is_word(first) => end = input.skip(end + 2, is_word),
                    _ => {}
                },
            }
        }
        match input.byte(end) {
            Seen::Maybe => Step::More,
            _ if start == end => Step::Text(1),
            _ if doubled == 1 => {
                self.literal = end - 1;
                Step::Whole(HiddenKind::Escape, 1)
            }
            _ => self.directive(input, end),
        }
    }

    fn directive(&mut self, input: Input<'_>, end: usize) -> Step {
        let name = String::from_utf8_lossy(&input.bytes[1..end]).to_ascii_lowercase();
        let behind = input.skip(end, |b| matches!(b, b' ' | b'\t'));
        let next = input.byte(behind);
        if next == Seen::Maybe {
            return Step::More;
        }
        let arguments = next == Seen::Yes(b'(');
        let name = name.as_str();
        let kind = if has(OUTPUT, name) {
            HiddenKind::Output
        } else if has(STATEMENTS, name) {
            HiddenKind::Statement
        } else if name == "verbatim" {
            self.state = State::Verbatim;
            self.verbatim_at = input.at;
            return Step::Whole(HiddenKind::Verbatim, end);
        } else if arguments && behind == end && !has(AT_RULES, name) {
            HiddenKind::Output
        } else {
            return Step::Text(end);
        };
        if arguments {
            self.state = State::Arguments(Code::arguments());
            return Step::Open(kind, end);
        }
        if name == "php" {
            self.state = State::PhpBlock;
            return Step::Open(kind, end);
        }
        Step::Whole(kind, end)
    }

    /// Passes over text or code up to `end`.
    fn until(&mut self, input: Input<'_>, end: &[u8], code: bool) -> Step {
        let plain = memchr::memchr(b'@', input.bytes).unwrap_or(input.bytes.len());
        let pass = |len| {
            if code { Step::Inside(len) } else { Step::Text(len) }
        };
        if plain > 0 {
            return pass(plain);
        }
        match input.has(0, end) {
            Seen::Maybe => Step::More,
            Seen::No => pass(1),
            Seen::Yes(()) => {
                self.state = State::Text;
                if code { Step::Close(end.len()) } else { Step::Whole(HiddenKind::Verbatim, end.len()) }
            }
        }
    }
}

impl Lex for Blade {
    fn step(&mut self, input: Input<'_>, problems: &mut Vec<Noted>) -> Step {
        match &mut self.state {
            State::Text => self.text(input, problems),
            State::PhpBlock => self.until(input, b"@endphp", true),
            State::Verbatim => self.until(input, b"@endverbatim", false),
            State::Php(code) | State::Arguments(code) => match code.run(input) {
                Found::Nothing(len) => Step::inside(len),
                Found::End(len) => {
                    self.state = State::Text;
                    Step::Close(len)
                }
            },
        }
    }

    fn unfinished(&self, open: bool) -> Unfinished {
        match &self.state {
            State::Php(code) if code.may_end() => Unfinished::Nothing,
            State::Verbatim => Unfinished::Block(self.verbatim_at),
            _ if open => Unfinished::Construct,
            _ => Unfinished::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::template::Dialect;
    use crate::template::ProblemKind::{Literal, Unterminated};
    use crate::template::lexer::tests::{check, problems};

    #[test]
    fn blade_fragments() {
        check(
            Dialect::Blade,
            &[
                "<script{{ $attrs }}>",
                "<script/xxxxxxxxxxx>",
                "<script @if($a > ')') defer @endif src={{ $u }} nonce=\"n\">",
                "<script               defer        src=xxxxxxxx nonce=\"n\">",
                "{{ '}}' }}a{!! $b !!}{{{ $c }}}",
                "      ' }}a                    ",
                "{{-- <b> {{ }} --}}a@{{ b }}@{!! c !!}",
                "                   a {{ b }} {!! c !!}",
                "@verbatim {{ a }}@if(b) @endverbatim<script {{ $c }}>",
                "          {{ a }}@if(b)             <script xxxxxxxx>",
                "@php $a = '<b>'; @endphp @php($x = '(')c<?php echo '?>'; ?>d",
                "                                       c                   d",
                "@@if(a) a@b.c @media (x) { @import 'y' @foo @foo('<')",
                " @if(a) a@b.c @media (x) { @import 'y' @foo          ",
                "@@::a @@b::c(<) @::(a) @if::b(<) @csrf::b @csrf::",
                "@@::a  @b::c(<) @::(a)           @csrf::b      ::",
                "<input @checked($a) @class(['b' => $c > 1])>@csrf",
                "<input xxxxxxxxxxxx xxxxxxxxxxxxxxxxxxxxxxx>     ",
                "{{ $a\n}}b{{ $c",
                "     \n  b{{ $c",
                "<x-a :b=\"$c > 1\" {{ $d }}/>",
                "<x-a :b=\"$c > 1\" xxxxxxxx/>",
            ],
        );
    }

    #[test]
    fn unfinished_code_is_told() {
        for (dialect, text, expected) in [
            (Dialect::Blade, "a{{ b", vec![(Literal, 1)]),
            (Dialect::Blade, "@if(a", vec![(Unterminated, 0)]),
            (Dialect::Blade, "@php a", vec![(Unterminated, 0)]),
            (Dialect::Blade, " @verbatim", vec![(Unterminated, 1)]),
            (Dialect::Blade, "<?php a", vec![]),
        ] {
            assert_eq!(problems(dialect, text), expected, "{text}");
        }
    }
}
