//! Markup outside raw text: where each tag, comment and section ends.
//!
//! This is the [tokenizer](https://html.spec.whatwg.org/multipage/parsing.html#tokenization) in its data state, without what only a tag of interest needs:
//! attributes are passed over with a look at their names, and read by lol_html where one matters.
//! Passing over is what most of a scan consists of; and end tags, which lol_html reports only where
//! its own simpler stack has a match, decide what the tree looks like.
//!
//! Input comes in arbitrary pieces. An unfinished start tag is given again whole, of everything else
//! only the state is kept.

mod note;
mod opening;
mod plain;
mod quiet;
mod raw;
mod sink;
mod tag;

use memchr::{memchr, memmem};

use super::name::{Name, name_bytes};
use note::Note;
pub(crate) use note::is_note;
use opening::{DOCTYPE, Opening, classify};
pub(super) use plain::{attributes, comment, raw_text, start_tag};
use quiet::quiet_len;
pub(super) use raw::raw_text_len;
pub(super) use sink::{MarkupSink, RawTag, Token};
pub(crate) use tag::AttributeSpan;
use tag::{TagPart, TagScan};

/// What the lexer is inside of.
#[derive(Clone, Copy, Debug)]
enum State {
    Data,
    /// `<!--`, until `-->` or `--!>`. `opening` while the dashes could still be the opening ones.
    Comment {
        opening: bool,
    },
    /// A bogus comment, a doctype or a processing instruction, until `>`.
    Bogus,
    Cdata,
    EndTag {
        name: Name,
        part: TagPart,
        /// How many bytes of it were consumed.
        len: usize,
    },
    StartTag(TagScan),
}

/// Why lexing stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The input ended; what was not consumed must be given again with more behind it.
    Input,
    /// A start tag was consumed behind which there is raw text.
    RawText,
}

/// How much of a document type is looked at, in bytes.
const LONGEST_DOCTYPE: usize = 4096;

enum Step {
    Go(usize),
    Stop(usize, Stop),
}

/// The lexer for markup outside raw text.
#[derive(Debug)]
pub(super) struct MarkupLexer {
    state: State,
    /// How many bytes of a tag were looked at whose name has not ended.
    looked_at: usize,
}

impl MarkupLexer {
    pub(super) fn new() -> Self {
        Self { state: State::Data, looked_at: 0 }
    }

    /// Lexes `input` and returns how many bytes were consumed and why it stopped. `last` says that
    /// nothing follows.
    pub(super) fn lex(&mut self, input: &[u8], last: bool, sink: &mut impl MarkupSink) -> (usize, Stop) {
        let mut at = 0;
        loop {
            sink.reach(at);
            let rest = &input[at..];
            let step = match self.state {
                State::Data => match self.is_quiet(sink).then(|| quiet_len(rest, sink)) {
                    None | Some(0) => self.data(rest, &input[..at], last, sink),
                    Some(len) => {
                        sink.passed(&rest[..len]);
                        at += len;
                        sink.reach(at);
                        self.data(&input[at..], &input[..at], last, sink)
                    }
                },
                State::StartTag(scan) => self.start_tag(rest, &input[..at], scan, sink),
                State::EndTag { name, part, len } => self.end_tag(rest, name, part, len, sink),
                State::Comment { opening } => self.comment(rest, opening, last),
                State::Bogus => self.bogus(rest),
                State::Cdata => self.cdata(rest, last, sink),
            };
            let (Step::Go(len) | Step::Stop(len, _)) = step;
            sink.passed(&input[at..at + len]);
            at += len;
            if let Step::Stop(_, stop) = step {
                return (at, stop);
            }
        }
    }

    /// Whether tags may be passed over, before any of them was looked at.
    fn is_quiet(&self, sink: &impl MarkupSink) -> bool {
        self.looked_at == 0 && sink.is_quiet()
    }

    /// `before` the input this stands in what the caller gave.
    fn data(&mut self, input: &[u8], before: &[u8], last: bool, sink: &mut impl MarkupSink) -> Step {
        if input.is_empty() {
            return Step::Stop(0, Stop::Input);
        }
        let looked_at = std::mem::take(&mut self.looked_at);
        let open = memchr(b'<', input).unwrap_or(input.len());
        if open > 0 {
            let cut = if open < input.len() || last { open } else { sink.cut(input) };
            if cut > 0 {
                sink.token(Token::Text(&input[..cut]));
            }
            return if cut == input.len() || cut < open { Step::Stop(cut, Stop::Input) } else { Step::Go(cut) };
        }
        let (state, len) = match classify(input, last, looked_at) {
            None => {
                self.looked_at = input.len();
                return Step::Stop(0, Stop::Input);
            }
            Some(Opening::Text) => {
                sink.token(Token::Text(&input[..1]));
                (State::Data, 1)
            }
            Some(Opening::Nothing) => (State::Data, 3),
            Some(Opening::StartTag { name, len }) => {
                if let Some(tag) = plain::start_tag(input, |name, value| sink.heeds(name, value)) {
                    let raw =
                        RawTag { name, raw: &input[..tag.len], self_closing: tag.self_closing, heeded: tag.heeded };
                    return Self::give(raw, before, sink);
                }
                let part = TagPart::BeforeName;
                let scan = TagScan { name, at: len, part, attribute: 0, attribute_len: 0, heeded: false };
                (State::StartTag(scan), 0)
            }
            Some(Opening::EndTag { name, len }) => (State::EndTag { name, part: TagPart::BeforeName, len }, len),
            Some(Opening::Comment) => {
                match note::find(&input[4..], last) {
                    Note::Unfinished => return Step::Stop(0, Stop::Input),
                    Note::Text(text) => sink.note(text, before),
                    Note::None => {}
                }
                (State::Comment { opening: true }, 2)
            }
            Some(Opening::Cdata) if sink.cdata_allowed() => (State::Cdata, 9),
            Some(Opening::Doctype) if sink.heeds_doctype() => {
                let head = &input[..input.len().min(LONGEST_DOCTYPE)];
                return match memchr(b'>', head) {
                    Some(end) => {
                        sink.token(Token::Doctype(input.get(DOCTYPE.len()..end).unwrap_or_default()));
                        Step::Go(end + 1)
                    }
                    None if head.len() == LONGEST_DOCTYPE => {
                        sink.token(Token::Doctype(&head[DOCTYPE.len()..]));
                        self.state = State::Bogus;
                        Step::Go(head.len())
                    }
                    None => Step::Stop(if last { input.len() } else { 0 }, Stop::Input),
                };
            }
            Some(Opening::Bogus | Opening::Cdata | Opening::Doctype) => (State::Bogus, 2),
        };
        self.state = state;
        Step::Go(len)
    }

    /// `input` starts at the tag's `<`, `before` which this stands in what the caller gave.
    fn start_tag(&mut self, input: &[u8], before: &[u8], mut scan: TagScan, sink: &mut impl MarkupSink) -> Step {
        while let Some(&byte) = input.get(scan.at) {
            if let TagPart::Quoted(quote) = scan.part {
                // Values are long, and all but their end can be skipped.
                let Some(len) = memchr(quote, &input[scan.at..]) else {
                    scan.at = input.len();
                    break;
                };
                scan.at += len;
                scan.end_attribute(input, scan.at, sink);
                scan.part = TagPart::BeforeName;
            } else if byte == b'>' {
                scan.end_attribute(input, scan.at, sink);
                self.state = State::Data;
                let tag = RawTag {
                    name: scan.name,
                    raw: &input[..=scan.at],
                    self_closing: scan.part == TagPart::Solidus,
                    heeded: scan.heeded,
                };
                return Self::give(tag, before, sink);
            } else {
                scan.step(input, byte, sink);
            }
            scan.at += 1;
        }
        self.state = State::StartTag(scan);
        Step::Stop(0, Stop::Input)
    }

    /// Gives a start tag, `before` which this stands in what the caller gave.
    fn give(tag: RawTag<'_>, before: &[u8], sink: &mut impl MarkupSink) -> Step {
        if sink.start_tag(tag, before) { Step::Stop(tag.raw.len(), Stop::RawText) } else { Step::Go(tag.raw.len()) }
    }

    fn end_tag(
        &mut self,
        input: &[u8],
        name: Name,
        mut part: TagPart,
        before: usize,
        sink: &mut impl MarkupSink,
    ) -> Step {
        for (at, &byte) in input.iter().enumerate() {
            if byte == b'>' && !matches!(part, TagPart::Quoted(_)) {
                self.state = State::Data;
                sink.token(Token::EndTag { name, before });
                return Step::Go(at + 1);
            }
            part = part.next(byte);
        }
        let len = before + input.len();
        self.state = State::EndTag { name, part, len };
        Step::Stop(input.len(), Stop::Input)
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

    fn bogus(&mut self, input: &[u8]) -> Step {
        match memchr(b'>', input) {
            Some(at) => {
                self.state = State::Data;
                Step::Go(at + 1)
            }
            None => Step::Stop(input.len(), Stop::Input),
        }
    }

    fn cdata(&mut self, input: &[u8], last: bool, sink: &mut impl MarkupSink) -> Step {
        if let Some(at) = memmem::find(input, b"]]>") {
            if at > 0 {
                sink.token(Token::Cdata(&input[..at]));
            }
            self.state = State::Data;
            return Step::Go(at + 3);
        }
        let cut = if last { input.len() } else { sink.cut(&input[..input.len().saturating_sub(2)]) };
        if cut > 0 {
            sink.token(Token::Cdata(&input[..cut]));
        }
        Step::Stop(cut, Stop::Input)
    }
}

/// The length of the start tag at the beginning of `input`, up to its `>`; `None` when that has not come.
pub(super) fn tag_len(input: &[u8]) -> Option<usize> {
    let name = name_bytes(&input[1..]).len();
    let mut part = TagPart::BeforeName;
    for (at, &byte) in input.iter().enumerate().skip(1 + name) {
        if byte == b'>' && !matches!(part, TagPart::Quoted(_)) {
            return Some(at + 1);
        }
        part = part.next(byte);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Log {
        text: String,
        foreign: bool,
    }

    impl MarkupSink for Log {
        fn reach(&mut self, _: usize) {}
        fn token(&mut self, token: Token<'_>) {
            self.text += &match token {
                Token::Text(text) => String::from_utf8_lossy(text).into_owned(),
                Token::Cdata(text) => format!("{{{}}}", String::from_utf8_lossy(text)),
                Token::EndTag { name, .. } => format!("[/{name:?}]"),
                Token::Doctype(text) => format!("[!{}]", String::from_utf8_lossy(text)),
            };
        }
        fn note(&mut self, text: &[u8], _: &[u8]) {
            self.text += &format!("[note:{}]", String::from_utf8_lossy(text));
        }
        fn start_tag(&mut self, tag: RawTag<'_>, _: &[u8]) -> bool {
            let slash = if tag.self_closing { "/" } else { "" };
            let heeded = if tag.heeded { "!" } else { "" };
            self.text += &format!("[{:?}{slash}{heeded} {}]", tag.name, tag.raw.len());
            false
        }
        fn heeds(&self, attribute: &[u8], value: &[u8]) -> bool {
            attribute == b"on" || value.ends_with(b"js")
        }
        fn heeds_doctype(&self) -> bool {
            self.text.is_empty()
        }
        fn cdata_allowed(&self) -> bool {
            self.foreign
        }
        fn cut(&self, text: &[u8]) -> usize {
            text.len()
        }
    }

    /// What the lexer makes of `input`, whole and in two pieces.
    fn lex(input: &str, foreign: bool) -> String {
        let input = input.as_bytes();
        let whole = lex_in_two(input, input.len(), foreign);
        for at in 0..input.len() {
            let text = lex_in_two(input, at, foreign);
            assert_eq!(text.replace("}{", ""), whole, "split at {at}");
        }
        whole
    }

    fn lex_in_two(input: &[u8], at: usize, foreign: bool) -> String {
        let mut log = Log { foreign, ..Log::default() };
        let mut lexer = MarkupLexer::new();
        let (len, _) = lexer.lex(&input[..at], false, &mut log);
        lexer.lex(&input[len..], true, &mut log);
        log.text
    }

    #[test]
    fn end_tags_end_behind_their_attributes() {
        assert_eq!(lex("a</P>b</div a='>' b=\">\" c=>d", false), "a[/<p>]b[/<div>]d");
        assert_eq!(lex("</script/></x/y=z>!", false), "[/<script>][/<x>]!");
        assert_eq!(lex("</a b=c'd>e", false), "[/<a>]e");
        assert_eq!(lex("</a b='c'd='>'>e", false), "[/<a>]e");
        assert_eq!(lex("</a =\"x>y\">z", false), "[/<a>]y\">z");
        assert_eq!(lex("</a b = '>' / c/='>'>e", false), "[/<a>]'>e");
        assert_eq!(lex("a</p", false), "a");
    }

    #[test]
    fn start_tags_are_found_whole() {
        assert_eq!(lex("a<P><b c='>' d=\">\" e=f>g", false), "a[<p> 3][<b> 19]g");
        assert_eq!(
            lex("<a/><a /><a b=c/><a b=c /><a b/><a b='c'/>", false),
            "[<a>/ 4][<a>/ 5][<a> 8][<a>/ 9][<a>/ 6][<a>/ 10]"
        );
        assert_eq!(lex("a<p", false), "a");
        assert_eq!(lex("a<p b='", false), "a");
        assert_eq!(lex("1 < 2 <3", false), "1 < 2 <3");
    }

    #[test]
    fn attributes_that_matter_are_noticed() {
        for tag in [
            "<a on>",
            "<a x on=y>",
            "<a x='y'on>",
            "<a x=y on>",
            "<a/on>",
            "<a x on />",
            "<a x y=z.js>",
            "<a y='z.js'>",
            "<a y = z.js>",
            "<a x=1 on=2 z=3>",
        ] {
            assert!(lex(tag, false).contains('!'), "{tag}");
        }
        for tag in ["<a>", "<a =on>", "<a x=on>", "<a x='on'>", "<a x='on on=y'>", "<a onx>", "<on>", "<a y='z.js '>"] {
            assert!(!lex(tag, false).contains('!'), "{tag}");
        }
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
            assert_eq!(lex(input, false), want, "{input}");
        }
    }

    #[test]
    fn bogus_comments_end_at_the_first_bracket() {
        assert_eq!(lex("<!doctype html>a<?php \"->\" ?>b</ x>c<!x>d</>e", false), "[! html]a\" ?>bcde");
        assert_eq!(lex("a<!DocType>b<!doctyp>c<!doctype", false), "abc");
        assert_eq!(lex("<!DOCTYPE\nhtml", false), "");
    }

    #[test]
    fn a_long_document_type_is_looked_at_in_part() {
        let long = format!("<!doctype {}>a", "x".repeat(2 * LONGEST_DOCTYPE));
        for at in [1, LONGEST_DOCTYPE - 1, LONGEST_DOCTYPE, LONGEST_DOCTYPE + 1] {
            let text = lex_in_two(long.as_bytes(), at, false);
            let seen = "x".repeat(LONGEST_DOCTYPE - "<!doctype ".len());
            assert_eq!(text, format!("[! {seen}]a"), "split at {at}");
        }
    }

    #[test]
    fn cdata_is_a_section_only_in_foreign_content() {
        assert_eq!(lex("a<![CDATA[b</p>]]]>c", true), "a{b</p>]}c");
        assert_eq!(lex("a<![CDATA[b</p>]]>c", false), "a]]>c");
    }
}
