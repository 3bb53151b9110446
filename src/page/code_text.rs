//! Comments and strings in scripts and styles, as far as templates make them matter.
//!
//! Go's html/template deletes comments from scripts and styles and escapes tags in the strings of scripts, so the
//! text of such an inline is not what its template says. And a `<script` in a string is no start tag.
//! The rules, the guess between a division and a regular expression included, are those of html/template's
//! `transition.go` and `js.go`.

use super::InlineKind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Code,
    /// Behind a `/` that begins something.
    Slash,
    LineComment,
    /// In `/* */`; the last byte was a `*`.
    BlockComment(bool),
    /// In a string that this byte ends; behind a backslash.
    String(u8, bool),
    /// In `/…/`; behind a backslash, in a class.
    Regexp(bool, bool),
    /// In the unquoted argument of `url()`.
    Url,
}

/// Follows the text of a script or style.
#[derive(Clone, Debug)]
pub(crate) struct CodeText {
    is_script: bool,
    state: State,
    /// The last bytes in lower case, the latest last.
    recent: [u8; 12],
    /// A `/` here begins a regular expression.
    before_regexp: bool,
    /// For each template literal around, how many braces are open in its `${…}`.
    literals: Vec<usize>,
    has_comment: bool,
    has_tag_in_string: bool,
}

impl CodeText {
    /// At the beginning of the text of a script or style.
    pub(crate) fn new(kind: InlineKind) -> Self {
        Self {
            is_script: kind == InlineKind::Script,
            state: State::Code,
            recent: [b' '; 12],
            before_regexp: true,
            literals: Vec::new(),
            has_comment: false,
            has_tag_in_string: false,
        }
    }

    /// Whether Go's html/template changes the text as it renders it.
    pub(crate) fn is_changed_by_go(&self) -> bool {
        self.has_comment || self.has_tag_in_string
    }

    /// Whether what comes next stands in a string.
    pub(crate) fn is_in_string(&self) -> bool {
        matches!(self.state, State::String(..))
    }

    /// Takes the next piece of the text.
    pub(crate) fn push(&mut self, text: &str) {
        for byte in text.bytes() {
            self.state = self.next(byte);
            if self.is_script && matches!(self.state, State::String(..) | State::Regexp(..)) {
                let tags: [&[u8]; 3] = [b"<script", b"</script", b"<!--"];
                self.has_tag_in_string |= tags.iter().any(|tag| self.ends_with(tag));
            }
        }
    }

    fn ends_with(&self, text: &[u8]) -> bool {
        self.recent.ends_with(text)
    }

    fn next(&mut self, byte: u8) -> State {
        self.recent.rotate_left(1);
        self.recent[11] = byte.to_ascii_lowercase();
        match self.state {
            State::Code => self.code(byte),
            State::Slash => match byte {
                b'/' => self.comment(State::LineComment),
                b'*' => self.comment(State::BlockComment(false)),
                _ if self.is_script && self.before_regexp => self.regexp(byte, false, false),
                _ => {
                    self.before_regexp = true;
                    self.code(byte)
                }
            },
            State::LineComment if matches!(byte, b'\n' | b'\r') => State::Code,
            State::LineComment => State::LineComment,
            State::BlockComment(true) if byte == b'/' => State::Code,
            State::BlockComment(_) => State::BlockComment(byte == b'*'),
            State::String(quote, escaped) => self.string(byte, quote, escaped),
            State::Regexp(escaped, class) => self.regexp(byte, escaped, class),
            State::Url if byte == b')' => State::Code,
            State::Url if matches!(byte, b'"' | b'\'') && self.recent[10] == b'(' => State::String(byte, false),
            State::Url => State::Url,
        }
    }

    fn comment(&mut self, state: State) -> State {
        self.has_comment = true;
        state
    }

    fn code(&mut self, byte: u8) -> State {
        match byte {
            b'"' | b'\'' => return State::String(byte, false),
            // `</b>` is a tag that a template prints.
            b'/' if self.recent[10] != b'<' => return State::Slash,
            b'(' if !self.is_script && self.ends_with(b"url(") => return State::Url,
            _ if !self.is_script => return State::Code,
            b'`' => {
                self.literals.push(0);
                return State::String(byte, false);
            }
            b'-' | b'>' | b'!' if self.ends_with(b"<!--") || self.ends_with(b"-->") || self.ends_with(b"#!") => {
                return self.comment(State::LineComment);
            }
            b'{' => {
                if let Some(braces) = self.literals.last_mut() {
                    *braces += 1;
                }
            }
            b'}' => match self.literals.last_mut() {
                Some(0) => return State::String(b'`', false),
                Some(braces) => *braces -= 1,
                None => {}
            },
            _ => {}
        }
        self.before_regexp = self.is_before_regexp(byte);
        State::Code
    }

    /// Whether behind `byte`, the last one, a `/` begins a regular expression and is no division.
    fn is_before_regexp(&self, byte: u8) -> bool {
        match byte {
            b' ' | b'\t' | b'\n' | b'\x0c' | b'\r' => self.before_regexp,
            // `i++ / 2` is a division.
            b'+' | b'-' => self.recent[10] != byte || !self.before_regexp,
            b'.' => !self.recent[10].is_ascii_digit(),
            b',' | b'<' | b'>' | b'=' | b'*' | b'%' | b'&' | b'|' | b'^' | b'?' | b'!' | b'~' | b'(' | b'[' | b':'
            | b';' | b'{' | b'}' => true,
            _ => {
                const KEYWORDS: [&[u8]; 14] = [
                    b"break",
                    b"case",
                    b"continue",
                    b"delete",
                    b"do",
                    b"else",
                    b"finally",
                    b"in",
                    b"instanceof",
                    b"return",
                    b"throw",
                    b"try",
                    b"typeof",
                    b"void",
                ];
                let is_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$');
                let len = self.recent.iter().rev().take_while(|b| is_word(b)).count();
                KEYWORDS.contains(&&self.recent[self.recent.len() - len..])
            }
        }
    }

    fn string(&mut self, byte: u8, quote: u8, escaped: bool) -> State {
        match byte {
            _ if escaped => State::String(quote, false),
            b'\\' => State::String(quote, true),
            _ if byte == quote => {
                if quote == b'`' {
                    self.literals.pop();
                }
                self.before_regexp = false;
                State::Code
            }
            b'{' if quote == b'`' && self.recent[10] == b'$' => {
                self.before_regexp = true;
                State::Code
            }
            // A string does not go on in the next line.
            b'\n' | b'\r' if quote != b'`' => State::Code,
            _ => State::String(quote, false),
        }
    }

    fn regexp(&mut self, byte: u8, escaped: bool, class: bool) -> State {
        match byte {
            b'\n' | b'\r' => State::Code,
            _ if escaped => State::Regexp(false, class),
            b'\\' => State::Regexp(true, class),
            b'[' => State::Regexp(false, true),
            b']' => State::Regexp(false, false),
            b'/' if !class => {
                self.before_regexp = false;
                State::Code
            }
            _ => State::Regexp(false, class),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: InlineKind, text: &str) -> CodeText {
        let mut code = CodeText::new(kind);
        code.push(text);
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            let mut split = CodeText::new(kind);
            split.push(&text[..at]);
            split.push(&text[at..]);
            assert_eq!(split.is_changed_by_go(), code.is_changed_by_go(), "{text}");
        }
        code
    }

    #[test]
    fn comments_in_scripts_are_found() {
        for changed in [
            "a // b",
            "a /* b */",
            "x = 1 / 2 // c",
            "r = /[/]/ // c",
            "i++ / 2 /* c */",
            "`${a /* b */}`",
            "<!-- a",
            "a\n--> b",
            "#!/bin/js",
            "'<script>'",
            "\"</SCRIPT\"",
            "`<!--`",
            "return /'/; // c",
            "a = b / c; // '",
        ] {
            assert!(text(InlineKind::Script, changed).is_changed_by_go(), "{changed}");
        }
        for same in [
            "'// a'",
            "\"/* a */\"",
            "`// a ${b} // c`",
            "x = /\\/\\*/",
            "x = /[/*]/",
            "a / b / c",
            "'\\'//'",
            "a = 'http://x' + \"//y\"",
            "i-- > 0",
            "a <! b",
            "`${`//`}`",
            "`${{a: {}}}//`",
            "return /'/.test('//')",
        ] {
            assert!(!text(InlineKind::Script, same).is_changed_by_go(), "{same}");
        }
    }

    #[test]
    fn comments_in_styles_are_found() {
        for changed in ["a{} /* b */", "a{} // b", "a{b:url('c')} /**/"] {
            assert!(text(InlineKind::Style, changed).is_changed_by_go(), "{changed}");
        }
        for same in ["a{b:url(http://c)}", "a{b:URL( 'http://c' )}", "a:after{content:'/* */'}", "a{b:1/2}"] {
            assert!(!text(InlineKind::Style, same).is_changed_by_go(), "{same}");
        }
    }

    #[test]
    fn strings_are_told_from_code() {
        for (script, is_in_string) in [
            ("document.write('", true),
            ("document.write('a')", false),
            ("// don't\n", false),
            ("it's\n", false),
            ("`a ${", false),
            ("`a ${b} ", true),
            ("/'/.test(", false),
            ("<b>x</b> '", true),
        ] {
            assert_eq!(text(InlineKind::Script, script).is_in_string(), is_in_string, "{script}");
        }
    }
}
