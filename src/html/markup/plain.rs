//! Tags as nearly all are written, `<a href="b" c>` and `</a>`, comments and raw text: where they end, found without going through the
//! tokenizer's states.
//!
//! What is taken here is what those states take; whatever is written in any other way is left to them. Most of
//! a document consists of such tags that nobody asks about, and passing over them is most of a scan.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memmem};

use super::AttributeSpan;

/// A start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::html) struct StartTag {
    /// How many bytes its name has.
    pub(in crate::html) name_len: usize,
    /// How many bytes it has, from `<` to `>`.
    pub(in crate::html) len: usize,
    /// An attribute was one that is asked for.
    pub(in crate::html) heeded: bool,
    pub(in crate::html) self_closing: bool,
}

/// Bytes that names consist of: letters, digits and some marks that have no meaning in a tag.
const NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'-' | b'_' | b':' | b'.' | b'@');
        byte += 1;
    }
    table
};

/// How many bytes are looked at before that is worth while.
const NEAR: usize = 32;

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

/// Where a byte is that is mostly near: as [`memchr`], which takes longer to start.
#[inline]
pub(super) fn near(byte: u8, input: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let mut at = 0;
    while let Some(word) = input[at..].first_chunk().filter(|_| at < NEAR) {
        let same = u64::from_le_bytes(*word) ^ (ONES * u64::from(byte));
        // The lowest high bit that is set is that of the first byte that is zero.
        let zeros = same.wrapping_sub(ONES) & !same & (ONES << 7);
        if zeros != 0 {
            return Some(at + zeros.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr(byte, &input[at..]).map(|behind| at + behind)
}

/// The first byte from `at` on that is none of a name.
fn name_end(input: &[u8], mut at: usize) -> Option<usize> {
    while NAME[usize::from(*input.get(at)?)] {
        at += 1;
    }
    Some(at)
}

/// The start tag at the beginning of `input`, behind whose `<` there is a letter. [`None`] when it is written otherwise
/// or has not come whole. `heeds` is asked for each attribute, with its name and what follows that up to the end of its
/// value, until it says yes.
pub(in crate::html) fn start_tag(input: &[u8], heeds: impl Fn(&[u8], &[u8]) -> bool) -> Option<StartTag> {
    let mut heeded = false;
    let tag = walk(input, |name, value| {
        heeded = heeded || heeds(&input[name.clone()], &input[name.end..value.end]);
    })?;
    Some(StartTag { heeded, ..tag })
}

/// The attributes of a whole start tag, duplicates included; [`None`] when it is written otherwise.
pub(in crate::html) fn attributes(tag: &[u8]) -> Option<Vec<AttributeSpan>> {
    let mut attributes = Vec::new();
    walk(tag, |name, value| {
        let value = value.start..value.end;
        attributes.push(AttributeSpan { name, value });
    })?;
    Some(attributes)
}

/// Passes over the start tag at the beginning of `input`; `attribute` is given the name and the value of each.
fn walk(input: &[u8], mut attribute: impl FnMut(Range<usize>, Value)) -> Option<StartTag> {
    let mut at = name_end(input, 1)?;
    let name_len = at - 1;
    let mut self_closing = false;
    loop {
        match *input.get(at)? {
            b'>' => {
                return Some(StartTag { name_len, len: at + 1, heeded: false, self_closing });
            }
            b'/' => {
                self_closing = true;
                at += 1;
            }
            byte if is_space(byte) => {
                self_closing = false;
                at += 1;
            }
            byte if NAME[usize::from(byte)] => {
                self_closing = false;
                let end = name_end(input, at + 1)?;
                let value = value(input, end)?;
                let next = value.next;
                attribute(at..end, value);
                at = next;
            }
            _ => return None,
        }
    }
}

/// Where a value starts and ends, without its quotes, and where what follows it starts: behind its closing quote if it has one.
struct Value {
    start: usize,
    end: usize,
    next: usize,
}

/// The value behind an attribute's name that ends at `at`; it is empty if there is none.
fn value(input: &[u8], at: usize) -> Option<Value> {
    if *input.get(at)? != b'=' {
        return Some(Value { start: at, end: at, next: at });
    }
    let from = at + 1;
    match *input.get(from)? {
        quote @ (b'"' | b'\'') => {
            let start = from + 1;
            let end = start + near(quote, &input[start..])?;
            let next = end + 1;
            Some(Value { start, end, next })
        }
        byte if NAME[usize::from(byte)] || matches!(byte, b'/' | b'#' | b'?') => {
            let is_over = |&byte: &u8| is_space(byte) || byte == b'>';
            let end = from + input[from..].iter().position(is_over)?;
            Some(Value { start: from, end, next: end })
        }
        _ => None,
    }
}

/// The length of the end tag at the beginning of `input`, from `</` to `>`; [`None`] when it is written otherwise or has not
/// come whole.
pub(super) fn end_tag(input: &[u8]) -> Option<usize> {
    if !input.get(2)?.is_ascii_alphabetic() {
        return None;
    }
    let at = name_end(input, 3)?;
    (input[at] == b'>').then_some(at + 1)
}

/// The length of the comment at the start of `input`, from `<!--` to `-->` or `--!>`; [`None`] when that is not what stands there, or the
/// comment is empty or has not come whole.
pub(in crate::html) fn comment(input: &[u8]) -> Option<usize> {
    const OPENING: &[u8] = b"<!--";
    let text = input.strip_prefix(OPENING)?;
    if text.starts_with(b">") || text.starts_with(b"->") {
        return None;
    }
    let mut from = 0;
    let len = loop {
        let dashes = from + memmem::find(&text[from..], b"--")?;
        // Of three dashes and more the last two count.
        let more = text[dashes..].iter().take_while(|&&b| b == b'-').count();
        from = dashes + more;
        match &text[from..] {
            [b'>', ..] => break from + 1,
            [b'!', b'>', ..] => break from + 2,
            _ => {}
        }
    };
    Some(OPENING.len() + len)
}

/// The length of the text of the raw text element with this name, at the start of which `input` stands, and that length with its end
/// tag; [`None`] when the end tag has not come or is not written as most are, and for a script with a comment in it, which may hide it.
pub(in crate::html) fn raw_text(name: &[u8], input: &[u8]) -> Option<(usize, usize)> {
    if name.eq_ignore_ascii_case(b"plaintext") {
        return None;
    }
    for at in memchr_iter(b'<', input) {
        let rest = &input[at + 1..];
        if rest.starts_with(b"!--") && name.eq_ignore_ascii_case(b"script") {
            return None;
        }
        let Some(rest) = rest.strip_prefix(b"/") else {
            continue;
        };
        let found = rest.get(..name.len())?;
        if found.eq_ignore_ascii_case(name) {
            match rest.get(name.len())? {
                b'>' => return Some((at, at + 2 + name.len() + 1)),
                b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'/' => return None,
                _ => {}
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heeds(name: &[u8], _: &[u8]) -> bool {
        name == b"x"
    }

    #[test]
    fn the_first_of_a_byte_is_found_near_and_far() {
        let text = [b"\0\x01\x7f\x80\xff<a>'", &[b'x'; 60][..], b"\"<\xbc=\""].concat();
        for at in 0..=text.len() {
            for byte in 0..=255 {
                let rest = &text[at..];
                assert_eq!(near(byte, rest), memchr(byte, rest), "{byte} from {at}");
            }
        }
    }

    #[test]
    fn tags_are_taken_whole() {
        for (tag, heeded, self_closing) in [
            ("<a>", false, false),
            ("<a/>", false, true),
            ("<a />", false, true),
            ("<a / >", false, false),
            ("<a b>", false, false),
            ("<a b/>", false, true),
            ("<A B=c D='>' e=\">\">", false, false),
            ("<a b=c/>", false, false),
            ("<a b='c'/>", false, true),
            ("<a b='c'd>", false, false),
            ("<a b=c'd e>", false, false),
            ("<a/b>", false, false),
            ("<a x>", true, false),
            ("<a b='c'x>", true, false),
            ("<a x=y b=c>", true, false),
            ("<a\nb=/c?d#e x\n>", true, false),
        ] {
            let want = StartTag { name_len: 1, len: tag.len(), heeded, self_closing };
            assert_eq!(start_tag(format!("{tag}b>").as_bytes(), heeds), Some(want), "{tag}");
            for len in 0..tag.len() {
                assert_eq!(start_tag(&tag.as_bytes()[..len], heeds), None, "{tag} {len}");
            }
        }
    }

    #[test]
    fn what_is_written_otherwise_is_left() {
        for tag in [
            "<a b =c>",
            "<a b= c>",
            "<a b=>",
            "<a b==c>",
            "<a =b>",
            "<a \"b\">",
            "<a b\"c>",
            "<a b\0>",
            "<é>",
            "<a é>",
            "<a<b>",
            "<a b='c>",
        ] {
            assert_eq!(start_tag(tag.as_bytes(), heeds), None, "{tag}");
        }
        for tag in ["</a >", "</a b>", "</a/>", "</>", "</1>", "</é>", "</a"] {
            assert_eq!(end_tag(tag.as_bytes()), None, "{tag}");
        }
    }

    #[test]
    fn comments_end_where_the_tokenizer_ends_them() {
        for text in
            ["<!--a-->", "<!-- a - b -- c -->", "<!--a--->", "<!--a--!>", "<!-- -- -->", "<!------->", "<!--a--!--!>"]
        {
            let input = format!("{text}b-->");
            assert_eq!(comment(input.as_bytes()), Some(text.len()), "{text}");
            for len in 0..text.len() {
                assert_eq!(comment(&text.as_bytes()[..len]), None, "{text} {len}");
            }
        }
        for text in ["<!-->-->", "<!--->-->", "<!-a-->", "<!---", "<!--a--!", "<!doctype>"] {
            assert_eq!(comment(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn raw_text_ends_at_its_first_end_tag() {
        assert_eq!(raw_text(b"Script", b"a</b</scripts></SCRIPT>c"), Some((14, 23)));
        assert_eq!(raw_text(b"style", b"<!--</style>-->"), Some((4, 12)));
        assert_eq!(raw_text(b"title", b"</title>"), Some((0, 8)));
        for (name, text) in [
            (&b"script"[..], &b"<!--</script>"[..]),
            (b"script", b"</script >"),
            (b"style", b"</style/>"),
            (b"style", b"a</sty"),
            (b"style", b"a</style"),
            (b"style", b"a"),
            (b"plaintext", b"</plaintext>"),
        ] {
            assert_eq!(raw_text(name, text), None);
        }
    }
}
