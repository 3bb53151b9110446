//! What stands between two start tags: text, comments, end tags, CDATA sections.
//!
//! lol_html reports a start tag with its place, but reports an end tag only where its own simpler
//! stack has a match. The tree rules need every end tag, so the bytes between two start tags are
//! lexed here, by the [tokenizer's rules](https://html.spec.whatwg.org/multipage/parsing.html#tokenization) for the data state. The two lexers check
//! each other: this one stops at what it takes for a start tag, and lol_html must report one there.
//!
//! Input comes in arbitrary pieces; an unfinished construct is carried over as state, not as bytes.

use memchr::{memchr, memmem};

use super::name::{Name, name_bytes};

/// What the lexer is inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Data,
    /// `<!--`, until `-->` or `--!>`. `opening` while the dashes could still be the opening ones.
    Comment {
        opening: bool,
    },
    /// A bogus comment, a doctype or a processing instruction, until `>`.
    Bogus {
        /// It began like a CDATA section.
        cdata: bool,
    },
    Cdata,
    EndTag {
        name: Name,
        part: TagPart,
    },
}

/// The attribute states of the tokenizer, as far as they decide where a tag ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TagPart {
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Unquoted,
    Quoted(u8),
}

/// One piece of markup. Text may be cut anywhere that a character reference or character is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Character data with references in it.
    Text(&'a [u8]),
    /// Text of a CDATA section.
    Cdata(&'a [u8]),
    EndTag(Name),
}

/// Why lexing stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The input ended; what was not consumed must be given again with more behind it.
    Input,
    /// A start tag begins at the first byte that was not consumed.
    StartTag,
    /// A CDATA section or what looks like one has ended, where another lexer may be out of step.
    Cdata,
}

/// The lexer for markup between start tags.
#[derive(Debug)]
pub(super) struct MarkupLexer {
    state: State,
}

impl MarkupLexer {
    pub(super) fn new() -> Self {
        Self { state: State::Data }
    }

    /// Whether nothing is left open.
    pub(super) fn in_data(&self) -> bool {
        self.state == State::Data
    }

    /// Lexes `input` and returns how many bytes were consumed and why it stopped.
    ///
    /// `last` says that nothing follows. `tree` is asked after each token whether `<![CDATA[` opens
    /// a section, and whether text must be cut where it can be decoded.
    pub(super) fn lex(
        &mut self,
        input: &[u8],
        last: bool,
        tree: &mut impl MarkupSink,
    ) -> (usize, Stop) {
        let mut at = 0;
        loop {
            let rest = &input[at..];
            let step = match self.state {
                State::Data => self.data(rest, last, tree),
                State::Comment { opening } => self.comment(rest, opening, last),
                State::Bogus { cdata } => self.bogus(rest, cdata),
                State::Cdata => self.cdata(rest, last, tree),
                State::EndTag { name, part } => self.end_tag(rest, name, part, tree),
            };
            match step {
                Step::Go(len) => at += len,
                Step::Stop(len, stop) => return (at + len, stop),
            }
        }
    }

    fn data(&mut self, input: &[u8], last: bool, tree: &mut impl MarkupSink) -> Step {
        if input.is_empty() {
            return Step::Stop(0, Stop::Input);
        }
        let open = memchr(b'<', input).unwrap_or(input.len());
        if open > 0 {
            let cut = if open < input.len() || last {
                open
            } else {
                tree.cut(input)
            };
            if cut > 0 {
                tree.token(Token::Text(&input[..cut]));
            }
            return if cut == input.len() || cut < open {
                Step::Stop(cut, Stop::Input)
            } else {
                Step::Go(cut)
            };
        }
        match classify(input, last) {
            None => Step::Stop(0, Stop::Input),
            Some(Opening::Text) => {
                tree.token(Token::Text(&input[..1]));
                Step::Go(1)
            }
            Some(Opening::StartTag) => Step::Stop(0, Stop::StartTag),
            Some(Opening::Nothing) => Step::Go(3),
            Some(Opening::EndTag { name, len }) => {
                self.state = State::EndTag {
                    name,
                    part: TagPart::BeforeName,
                };
                Step::Go(len)
            }
            Some(Opening::Comment) => {
                self.state = State::Comment { opening: true };
                Step::Go(2)
            }
            Some(Opening::Bogus) => {
                self.state = State::Bogus { cdata: false };
                Step::Go(2)
            }
            Some(Opening::Cdata) if tree.cdata_allowed() => {
                self.state = State::Cdata;
                Step::Go(9)
            }
            Some(Opening::Cdata) => {
                self.state = State::Bogus { cdata: true };
                Step::Go(9)
            }
        }
    }

    /// From the dashes of `<!--` on: they may be those of the end as well, as in `<!-->`.
    fn comment(&mut self, input: &[u8], opening: bool, last: bool) -> Step {
        let mut from = 0;
        while let Some(at) = memmem::find(&input[from..], b"--").map(|at| at + from) {
            match (input.get(at + 2), input.get(at + 3)) {
                (Some(b'>'), _) => {
                    self.state = State::Data;
                    return Step::Go(at + 3);
                }
                // `--!>` needs dashes of its own.
                (Some(b'!'), Some(b'>')) if !opening || at >= 2 => {
                    self.state = State::Data;
                    return Step::Go(at + 4);
                }
                (None, _) | (Some(b'!'), None) if !last => {
                    // The opening dashes are given again while they are needed.
                    if !opening || at >= 2 {
                        self.state = State::Comment { opening: false };
                        return Step::Stop(at, Stop::Input);
                    }
                    return Step::Stop(0, Stop::Input);
                }
                _ => from = at + 1,
            }
        }
        if last {
            return Step::Stop(input.len(), Stop::Input);
        }
        if opening && input.len() < 4 {
            return Step::Stop(0, Stop::Input);
        }
        self.state = State::Comment { opening: false };
        // A dash at the end may be the first of two.
        let keep = usize::from(input.ends_with(b"-"));
        Step::Stop(input.len() - keep, Stop::Input)
    }

    fn bogus(&mut self, input: &[u8], cdata: bool) -> Step {
        match memchr(b'>', input) {
            Some(at) => {
                self.state = State::Data;
                if cdata {
                    Step::Stop(at + 1, Stop::Cdata)
                } else {
                    Step::Go(at + 1)
                }
            }
            None => Step::Stop(input.len(), Stop::Input),
        }
    }

    fn cdata(&mut self, input: &[u8], last: bool, tree: &mut impl MarkupSink) -> Step {
        if let Some(at) = memmem::find(input, b"]]>") {
            if at > 0 {
                tree.token(Token::Cdata(&input[..at]));
            }
            self.state = State::Data;
            return Step::Stop(at + 3, Stop::Cdata);
        }
        let cut = if last {
            input.len()
        } else {
            tree.cut(&input[..input.len().saturating_sub(2)])
        };
        if cut > 0 {
            tree.token(Token::Cdata(&input[..cut]));
        }
        Step::Stop(cut, Stop::Input)
    }

    fn end_tag(
        &mut self,
        input: &[u8],
        name: Name,
        mut part: TagPart,
        tree: &mut impl MarkupSink,
    ) -> Step {
        for (at, &byte) in input.iter().enumerate() {
            let space = matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ');
            part = match (part, byte) {
                (TagPart::Quoted(quote), _) if byte == quote => TagPart::BeforeName,
                (TagPart::Quoted(_), _) => part,
                (_, b'>') => {
                    self.state = State::Data;
                    tree.token(Token::EndTag(name));
                    return Step::Go(at + 1);
                }
                (TagPart::BeforeName, b'/') => part,
                (TagPart::BeforeName | TagPart::AfterName, _) if space => part,
                (TagPart::Name | TagPart::AfterName, b'/') => TagPart::BeforeName,
                (TagPart::Name | TagPart::AfterName, b'=') => TagPart::BeforeValue,
                (TagPart::Name, _) if space => TagPart::AfterName,
                (TagPart::BeforeName | TagPart::Name | TagPart::AfterName, _) => TagPart::Name,
                (TagPart::BeforeValue, b'"' | b'\'') => TagPart::Quoted(byte),
                (TagPart::BeforeValue, _) => {
                    if space {
                        part
                    } else {
                        TagPart::Unquoted
                    }
                }
                (TagPart::Unquoted, _) => {
                    if space {
                        TagPart::BeforeName
                    } else {
                        part
                    }
                }
            };
        }
        self.state = State::EndTag { name, part };
        Step::Stop(input.len(), Stop::Input)
    }
}

enum Step {
    Go(usize),
    Stop(usize, Stop),
}

/// What takes the tokens.
pub(super) trait MarkupSink {
    /// Takes a token.
    fn token(&mut self, token: Token<'_>);
    /// Whether the current node is outside the HTML namespace.
    fn cdata_allowed(&self) -> bool;
    /// How much of a text whose end is not yet known can be taken now.
    fn cut(&self, text: &[u8]) -> usize;
}

/// What a `<` begins.
enum Opening {
    Text,
    StartTag,
    /// `</>`, which is nothing.
    Nothing,
    EndTag {
        name: Name,
        len: usize,
    },
    Comment,
    Bogus,
    /// `<![CDATA[`, a section or a bogus comment.
    Cdata,
}

/// What the `<` at the start of `input` begins; `None` when more input must decide.
fn classify(input: &[u8], last: bool) -> Option<Opening> {
    const CDATA: &[u8] = b"<![CDATA[";
    Some(match input.get(1) {
        None => return last.then_some(Opening::Text),
        Some(b'a'..=b'z' | b'A'..=b'Z') => Opening::StartTag,
        Some(b'?') => Opening::Bogus,
        Some(b'!') => {
            if input.starts_with(b"<!--") {
                Opening::Comment
            } else if input.starts_with(CDATA) {
                Opening::Cdata
            } else if !last && (b"<!--".starts_with(input) || CDATA.starts_with(input)) {
                return None;
            } else {
                Opening::Bogus
            }
        }
        Some(b'/') => match input.get(2) {
            None => return last.then_some(Opening::Text),
            Some(b'>') => Opening::Nothing,
            Some(b'a'..=b'z' | b'A'..=b'Z') => {
                let name = name_bytes(&input[2..]);
                if name.len() + 2 == input.len() {
                    // An end tag cut short by the end of the document is none.
                    return last.then_some(Opening::Bogus);
                }
                Opening::EndTag {
                    name: Name::from_bytes(name),
                    len: name.len() + 2,
                }
            }
            Some(_) => Opening::Bogus,
        },
        Some(_) => Opening::Text,
    })
}

#[cfg(test)]
mod tests {
    use super::super::names as n;
    use super::*;

    #[derive(Default)]
    struct Log {
        text: String,
        foreign: bool,
    }

    impl MarkupSink for Log {
        fn token(&mut self, token: Token<'_>) {
            self.text += &match token {
                Token::Text(text) => String::from_utf8_lossy(text).into_owned(),
                Token::Cdata(text) => format!("{{{}}}", String::from_utf8_lossy(text)),
                Token::EndTag(name) => format!("[{name:?}]"),
            };
        }
        fn cdata_allowed(&self) -> bool {
            self.foreign
        }
        fn cut(&self, text: &[u8]) -> usize {
            text.len()
        }
    }

    fn lex(input: &[u8], foreign: bool) -> (String, Option<usize>) {
        let whole = lex_in_two(input, input.len(), foreign);
        for at in 0..input.len() {
            let (text, start) = lex_in_two(input, at, foreign);
            assert_eq!(
                (text.replace("}{", ""), start),
                (whole.0.clone(), whole.1),
                "{:?} split at {at}",
                String::from_utf8_lossy(input)
            );
        }
        whole
    }

    fn lex_in_two(input: &[u8], at: usize, foreign: bool) -> (String, Option<usize>) {
        let mut log = Log {
            foreign,
            ..Log::default()
        };
        let mut lexer = MarkupLexer::new();
        let mut pos = 0;
        for (end, last) in [(at, false), (input.len(), true)] {
            loop {
                let (len, stop) = lexer.lex(&input[pos..end], last, &mut log);
                pos += len;
                match stop {
                    Stop::StartTag => return (log.text, Some(pos)),
                    Stop::Cdata => {}
                    Stop::Input => break,
                }
            }
        }
        (log.text, None)
    }

    #[test]
    fn end_tags_are_found_with_their_attributes() {
        assert_eq!(
            lex(b"a</P>b</div a='>' b=\">\" c=>d", false).0,
            "a[<p>]b[<div>]d"
        );
        assert_eq!(lex(b"</script/></x/y=z>!", false).0, "[<script>][<x>]!");
        assert_eq!(lex(b"</a b=c'd>e", false).0, "[<a>]e");
        assert_eq!(lex(b"</a b='c'd='>'>e", false).0, "[<a>]e");
        assert_eq!(lex(b"</a =\"x>y\">z", false).0, "[<a>]y\">z");
        assert_eq!(lex(b"</a b = '>' / c/='>'>e", false).0, "[<a>]'>e");
        assert_eq!(lex(b"a</p", false).0, "a");
    }

    #[test]
    fn comments_end_where_the_tokenizer_ends_them() {
        for (input, want) in [
            ("a<!-->b", "ab"),
            ("a<!--->b", "ab"),
            ("a<!---->b", "ab"),
            ("a<!--!>b-->c", "ac"),
            ("a<!---!>b-->c", "ac"),
            ("a<!----!>b", "ab"),
            ("a<!-- x --!>b", "ab"),
            ("a<!-- x --!-->b", "ab"),
            ("a<!-- <b> -- > --->c", "ac"),
            ("a<!-- <!-->b", "ab"),
            ("a<!-- x", "a"),
            ("a<!--", "a"),
        ] {
            assert_eq!(
                lex(input.as_bytes(), false),
                (want.to_owned(), None),
                "{input}"
            );
        }
    }

    #[test]
    fn bogus_comments_end_at_the_first_bracket() {
        assert_eq!(
            lex(b"<!doctype html>a<?php \"->\" ?>b</ x>c<!x>d</>e", false).0,
            "a\" ?>bcde"
        );
    }

    #[test]
    fn cdata_is_a_section_only_in_foreign_content() {
        assert_eq!(lex(b"a<![CDATA[b</p>]]]>c", true).0, "a{b</p>]}c");
        assert_eq!(lex(b"a<![CDATA[b</p>]]>c", false).0, "a]]>c");
    }

    #[test]
    fn a_start_tag_stops_the_lexer() {
        assert_eq!(
            lex(b"a < b </p><i>", false),
            ("a < b [<p>]".to_owned(), Some(10))
        );
        assert_eq!(lex(b"1 <2", false).1, None);
        assert_eq!(n::p, Name::from_bytes(b"p"));
    }
}
