//! PHP: `<?php`, `<?=` and `<?` up to `?>` or the end of the file.
//!
//! Strings, heredocs and `/* */` hide `?>`, line comments do not. `<?` without `php` is code before whitespace only; with
//! `short_open_tag` off (as Debian has it) that is text, which no page means. Run against PHP 8.2.

use memchr::memchr;

use crate::template::input::{Input, Lex, Noted, Seen, Step, Unfinished, is_space};
use crate::template::lexer::php_code::{Code, Found};
use crate::template::mask::HiddenKind;

/// The kind and length of the PHP tag that begins the input, if there is one.
pub(super) fn opening(input: Input<'_>) -> Seen<(HiddenKind, usize)> {
    match input.has(0, b"<?") {
        Seen::Yes(()) => {}
        other => return other.map(|()| (HiddenKind::Statement, 0)),
    }
    match input.byte(2) {
        Seen::Maybe => return Seen::Maybe,
        Seen::Yes(b'=') => return Seen::Yes((HiddenKind::Output, 3)),
        Seen::Yes(byte) if is_space(byte) => return Seen::Yes((HiddenKind::Statement, 2)),
        _ => {}
    }
    let word = input.bytes.get(2..input.bytes.len().min(5)).unwrap_or_default();
    if !b"php"[..word.len()].eq_ignore_ascii_case(word) {
        return Seen::No;
    }
    match input.byte(5) {
        _ if word.len() < 3 && input.last => Seen::No,
        Seen::Maybe => Seen::Maybe,
        Seen::Yes(byte) if !is_space(byte) => Seen::No,
        _ => Seen::Yes((HiddenKind::Statement, 5)),
    }
}

#[derive(Debug)]
pub(super) struct Php {
    code: Option<Code>,
}

impl Php {
    pub(super) fn new() -> Self {
        Self { code: None }
    }
}

impl Lex for Php {
    fn step(&mut self, input: Input<'_>, _: &mut Vec<Noted>) -> Step {
        if let Some(code) = &mut self.code {
            return match code.run(input) {
                Found::Nothing(len) => Step::inside(len),
                Found::End(len) => {
                    self.code = None;
                    Step::Close(len)
                }
            };
        }
        let plain = memchr(b'<', input.bytes).unwrap_or(input.bytes.len());
        if plain > 0 {
            return Step::Text(plain);
        }
        match opening(input) {
            Seen::Maybe => Step::More,
            Seen::No => Step::Text(1),
            Seen::Yes((kind, len)) => {
                self.code = Some(Code::new());
                Step::Open(kind, len)
            }
        }
    }

    fn unfinished(&self, _: bool) -> Unfinished {
        match &self.code {
            Some(code) if !code.may_end() => Unfinished::Construct,
            _ => Unfinished::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::template::Dialect;
    use crate::template::ProblemKind::Unterminated;
    use crate::template::lexer::tests::{check, problems};

    #[test]
    fn php_fragments() {
        check(
            Dialect::Php,
            &[
                "<script<?= $attrs ?>>",
                "<script/xxxxxxxxxxxx>",
                "<a href=<?= $u ?> <?php if ($a > $b): ?>c<?php endif ?>>",
                "<a href=xxxxxxxxx                       c              >",
                "<?php echo \"?>\"; echo '\\'?>'; ?>a<?PHP\n/* ?> */ ?>b",
                "                                a     \n           b",
                "<?php // it's ?>a<?php # \" ?>b<?php #[A(\"?>\")] ?>c",
                "                a            b                   c",
                "<?php \"{$a[\"?>\"]} ${b} \\{$c?>\" ?>d",
                "                                 d",
                "<?php <<<A\n?> A\n  A1\n  A; ?>b<?= <<<'B'\n{$a[\"\n?>\nB ?>c",
                "          \n    \n    \n       b          \n     \n  \n    c",
                "<?php $a ??> 1; `?>` ?>b",
                "                       b",
                "<?xml version=\"1.0\"?><?phpx ?><? a ?>b<?php",
                "<?xml version=\"1.0\"?><?phpx ?>       b     ",
                "a<?= $b",
                "a      ",
            ],
        );
    }

    #[test]
    fn the_end_of_the_file_ends_code_but_not_a_string() {
        for (dialect, text, expected) in [
            (Dialect::Php, "a<?php b", vec![]),
            (Dialect::Php, "a<?php // b", vec![]),
            (Dialect::Php, "a<?php \"b ?>", vec![(Unterminated, 1)]),
            (Dialect::Php, "<?= /* ?>", vec![(Unterminated, 0)]),
        ] {
            assert_eq!(problems(dialect, text), expected, "{text}");
        }
    }
}
