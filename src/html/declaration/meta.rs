//! The encoding that one `<meta>` declares: a `charset`, or the one in the `content` beside `http-equiv=content-type`.
//!
//! Where an attribute stands twice, Firefox takes the first, as the tree does, and Chromium the last. They also differ in how
//! they find a charset in a `content`.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::labeled;

/// The encoding that a `meta` element declares in Firefox, given the values of its attributes by their lower-case names.
pub(crate) fn meta_encoding<'v>(attribute: impl Fn(&str) -> Option<Cow<'v, str>>) -> Option<&'static Encoding> {
    if let Some(label) = attribute("charset") {
        return labeled(label.as_bytes());
    }
    let pragma = attribute("http-equiv")?;
    if !pragma.eq_ignore_ascii_case("content-type") {
        return None;
    }
    labeled(charset_in_firefox(attribute("content")?.as_bytes())?)
}

/// The encoding that a `meta` element declares in Chromium, given its attributes in their order, duplicates included.
pub(super) fn in_chromium<'a>(attributes: impl Iterator<Item = (&'a [u8], Cow<'a, str>)>) -> Option<&'static Encoding> {
    let mut is_pragma = false;
    let mut charset: Option<Cow<'_, str>> = None;
    // From a `content`; whether there was one, and the last of them.
    let mut content: Option<String> = None;
    for (name, value) in attributes {
        if name.eq_ignore_ascii_case(b"http-equiv") {
            is_pragma |= value.eq_ignore_ascii_case("content-type");
        } else if name.eq_ignore_ascii_case(b"charset") {
            charset = Some(value);
        } else if name.eq_ignore_ascii_case(b"content") {
            let found = charset_in_chromium(value.as_bytes());
            if content.is_some() || !found.is_empty() {
                content = Some(String::from_utf8_lossy(found).into_owned());
            }
        }
    }
    match charset {
        Some(label) => labeled(label.as_bytes()),
        None => labeled(content.filter(|_| is_pragma)?.as_bytes()),
    }
}

fn is_space(byte: &u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

/// `text` without the bytes at its start that are like this.
fn trim_start(text: &[u8], is: impl Fn(&u8) -> bool) -> &[u8] {
    &text[text.iter().take_while(|byte| is(byte)).count()..]
}

/// The charset in a `content`, as Firefox finds it: after the first `charset` there must be its equals sign.
fn charset_in_firefox(content: &[u8]) -> Option<&[u8]> {
    const CHARSET: &[u8] = b"charset";
    let mut matched = 0;
    let is_end = |byte: &u8| {
        // A letter that breaks the word off does not begin it anew.
        let goes_on = byte.to_ascii_lowercase() == CHARSET[matched];
        matched = if goes_on { matched + 1 } else { 0 };
        matched == CHARSET.len()
    };
    let end = content.iter().position(is_end)?;
    let rest = trim_start(&content[end + 1..], is_space).strip_prefix(b"=")?;
    let rest = trim_start(rest, is_space);
    match rest.first()? {
        quote @ (b'"' | b'\'') => {
            let len = memchr::memchr(*quote, &rest[1..])?;
            Some(&rest[1..1 + len])
        }
        _ => rest.split(|byte| is_space(byte) || *byte == b';').next(),
    }
}

/// The charset in a `content`, as Chromium finds it; empty if there is none.
fn charset_in_chromium(content: &[u8]) -> &[u8] {
    const CHARSET: &[u8] = b"charset";
    let is_blank = |byte: &u8| *byte <= b' ';
    let is_it = |word: &[u8]| word.eq_ignore_ascii_case(CHARSET);
    let mut rest = content;
    while let Some(at) = rest.windows(CHARSET.len()).position(is_it) {
        rest = trim_start(&rest[at + CHARSET.len()..], is_blank);
        let Some(value) = rest.strip_prefix(b"=") else {
            continue;
        };
        let value = trim_start(value, is_blank);
        return match value.first() {
            Some(quote @ (b'"' | b'\'')) => {
                let len = memchr::memchr(*quote, &value[1..]).unwrap_or_default();
                &value[1..1 + len]
            }
            _ => {
                let is_end = |byte: &u8| is_blank(byte) || matches!(byte, b'"' | b'\'' | b';');
                value.split(is_end).next().unwrap_or_default()
            }
        };
    }
    b""
}
