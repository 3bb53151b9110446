//! Thymeleaf: parser-level comments and inlined expressions; everything else of it is attributes.
//!
//! Read from its documentation ("Parser-level comment blocks", "Inlining"): `<!--/* … */-->` is gone with its content, of
//! `<!--/*/ … /*/-->` only the delimiters are. An inlined expression is hidden when an expression's sign follows: `[[1,2],[3]]`
//! is text here, since `th:inline="none"` may have it be an array.

use memchr::memchr2;

use crate::template::input::{Input, Lex, Noted, Seen, Step, is_space};
use crate::template::mask::HiddenKind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    Comment,
    /// In what ends with this byte and `]`.
    Inlined(u8),
}

#[derive(Debug)]
pub(super) struct Thymeleaf {
    state: State,
}

impl Thymeleaf {
    pub(super) fn new() -> Self {
        Self { state: State::Text }
    }

    fn text(&mut self, input: Input<'_>) -> Step {
        let special = |&b: &u8| matches!(b, b'<' | b'/' | b'[');
        match input.bytes.iter().position(special) {
            None => return Step::Text(input.bytes.len()),
            Some(0) => {}
            Some(len) => return Step::Text(len),
        }
        if input.bytes[0] == b'[' {
            return self.bracket(input);
        }
        for delimiter in [&b"<!--/*/"[..], b"/*/-->"] {
            match input.has(0, delimiter) {
                Seen::Maybe => return Step::More,
                Seen::Yes(()) => return Step::Whole(HiddenKind::Verbatim, delimiter.len()),
                Seen::No => {}
            }
        }
        match input.has(0, b"<!--/*") {
            Seen::Maybe => Step::More,
            Seen::No => Step::Text(1),
            Seen::Yes(()) => {
                self.state = State::Comment;
                Step::Open(HiddenKind::Comment, 6)
            }
        }
    }

    fn bracket(&mut self, input: Input<'_>) -> Step {
        let end = match input.byte(1) {
            Seen::Maybe => return Step::More,
            Seen::Yes(b'[') => b']',
            Seen::Yes(b'(') => b')',
            _ => return Step::Text(1),
        };
        let sign = input.skip(2, is_space);
        let inlined = match (input.byte(sign), input.byte(sign + 1)) {
            (Seen::Maybe, _) => return Step::More,
            (Seen::Yes(b'$' | b'*' | b'#' | b'@' | b'~'), Seen::Maybe) => return Step::More,
            (Seen::Yes(b'$' | b'*' | b'#' | b'@' | b'~'), brace) => brace == Seen::Yes(b'{'),
            (byte, _) => byte == Seen::Yes(b'|'),
        };
        if !inlined {
            return Step::Text(1);
        }
        self.state = State::Inlined(end);
        Step::Open(HiddenKind::Output, 2)
    }

    fn until(&mut self, input: Input<'_>, end: &[u8]) -> Step {
        let plain = memchr2(end[0], end[0], input.bytes).unwrap_or(input.bytes.len());
        if plain > 0 {
            return Step::Inside(plain);
        }
        match input.has(0, end) {
            Seen::Maybe => Step::More,
            Seen::No => Step::Inside(1),
            Seen::Yes(()) => {
                self.state = State::Text;
                Step::Close(end.len())
            }
        }
    }
}

impl Lex for Thymeleaf {
    fn step(&mut self, input: Input<'_>, _: &mut Vec<Noted>) -> Step {
        match self.state {
            State::Text => self.text(input),
            State::Comment => self.until(input, b"*/-->"),
            State::Inlined(end) => self.until(input, &[end, b']']),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::template::Dialect;
    use crate::template::ProblemKind::Unterminated;
    use crate::template::lexer::tests::{check, problems};

    #[test]
    fn thymeleaf_fragments() {
        check(
            Dialect::Thymeleaf,
            &[
                "<!--/* <script> */-->a<!--/*/ <b> /*/-->c<!-- d -->",
                "                     a        <b>       c<!-- d -->",
                "<script th:inline=\"javascript\">var a = /*[[${b}]]*/ [[1,2],[3]], c = [(#{d})];</script>",
                "<script th:inline=\"javascript\">var a = /*        */ [[1,2],[3]], c =         ;</script>",
                "<a th:href=\"@{/x(y=${z > 1})}\">[[ |a ${b}| ]]",
                "<a th:href=\"@{/x(y=${z > 1})}\">              ",
            ],
        );
    }

    #[test]
    fn unfinished_code_is_told() {
        for (dialect, text, expected) in [
            (Dialect::Thymeleaf, "a<!--/* b -->", vec![(Unterminated, 1)]),
            (Dialect::Thymeleaf, "[[${a}]", vec![(Unterminated, 0)]),
        ] {
            assert_eq!(problems(dialect, text), expected, "{text}");
        }
    }
}
