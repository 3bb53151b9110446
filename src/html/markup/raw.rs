//! Where raw text ends, however it is written: the [script data states](https://html.spec.whatwg.org/multipage/parsing.html#script-data-state)
//! and the end tag, for those who need no tokenizer otherwise.

use memchr::memchr2;

use super::plain::raw_text;
use super::tag::TagPart;

/// How deep in a comment the text of a script is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Escaped,
    /// A script in the comment.
    Double,
}

/// The length of the text of the raw text element with this name, at the start of which `input` stands, with its end tag; [`None`]
/// when that has not come.
pub(in crate::html) fn raw_text_len(name: &[u8], input: &[u8]) -> Option<usize> {
    if name.eq_ignore_ascii_case(b"plaintext") {
        return None;
    }
    if let Some((_, len)) = raw_text(name, input) {
        return Some(len);
    }
    let is_script = name.eq_ignore_ascii_case(b"script");
    let mut escape = Escape::None;
    let mut at = 0;
    loop {
        at += memchr2(b'<', b'-', &input[at..])?;
        let rest = &input[at..];
        if rest.starts_with(b"-->") {
            escape = Escape::None;
        } else if is_script && escape == Escape::None && rest.starts_with(b"<!--") {
            // Its dashes may be those of the end as well.
            escape = Escape::Escaped;
            at += 1;
        } else if is_tag(rest, b"</", name) {
            if escape != Escape::Double {
                return Some(at + end_tag_len(name, rest)?);
            }
            escape = Escape::Escaped;
        } else if escape == Escape::Escaped && is_tag(rest, b"<", name) {
            escape = Escape::Double;
        }
        at += 1;
    }
}

/// Whether a tag with this name begins here.
fn is_tag(input: &[u8], opening: &[u8], name: &[u8]) -> bool {
    let Some(rest) = input.strip_prefix(opening) else {
        return false;
    };
    let is_end = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'/' | b'>');
    let found = rest.get(..name.len());
    found.is_some_and(|found| found.eq_ignore_ascii_case(name)) && rest.get(name.len()).is_some_and(is_end)
}

/// The length of the end tag with this name at the start of `input`.
fn end_tag_len(name: &[u8], input: &[u8]) -> Option<usize> {
    let mut part = TagPart::BeforeName;
    for (at, &byte) in input.iter().enumerate().skip(2 + name.len()) {
        if byte == b'>' && !matches!(part, TagPart::Quoted(_)) {
            return Some(at + 1);
        }
        part = part.next(byte);
    }
    None
}
