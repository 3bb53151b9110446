//! The encoding that a page declares: in a `<meta>` or in an XML declaration, as Chromium and as Firefox look for it.
//!
//! Neither follows the [prescan](https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding)
//! of the standard, and they differ in where the search ends and in what a `<meta>` says. The rules of each are in
//! [`search`] and [`meta`]. It knows nothing of what a page is decoded for.

mod meta;
mod search;

use std::cell::Cell;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

use super::markup::{comment, start_tag};
use super::name::{Name, name_bytes};
use super::names as n;
pub(crate) use meta::meta_encoding;
use search::{Chromium, Firefox, search};

/// The encodings that the two browsers find; [`None`] for one that finds nothing and guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) chromium: Option<&'static Encoding>,
    pub(crate) firefox: Option<&'static Encoding>,
}

/// The encodings that a page with this start declares; [`None`] when more of it must be seen. `last` says that nothing follows.
pub(crate) fn declared(start: &[u8], last: bool) -> Option<Declared> {
    if let Some(encoding) = plain_declaration(start) {
        return Some(Declared { chromium: Some(encoding), firefox: Some(encoding) });
    }
    let chromium = search(Chromium::new(), start, last)?;
    let firefox = search(Firefox::new(), start, last)?;
    let xml = xml_encoding(start);
    Some(Declared { chromium: chromium.or(xml), firefox: firefox.or(xml) })
}

/// The encoding of a `<meta charset>` that stands where most do: behind nothing but a document type, `<html>`, `<head>` and comments.
/// Both browsers find it there, and this is faster than their searches.
pub(crate) fn plain_declaration(prefix: &[u8]) -> Option<&'static Encoding> {
    let mut rest = prefix;
    loop {
        rest = rest.trim_ascii_start();
        if let Some(len) = comment(rest) {
            rest = &rest[len..];
            continue;
        }
        let name = name_bytes(rest.strip_prefix(b"<")?);
        if name.eq_ignore_ascii_case(b"!doctype") {
            rest = &rest[memchr::memchr(b'>', rest)? + 1..];
            continue;
        }
        if !name.first()?.is_ascii_alphabetic() {
            return None;
        }
        let (count, found) = (Cell::new(0), Cell::new(None));
        let look = |name: &[u8], value: &[u8]| {
            if name.eq_ignore_ascii_case(b"charset") {
                count.set(count.get() + 1);
                found.set(plain_label(value));
            }
            false
        };
        let tag = start_tag(rest, look)?;
        match Name::from_bytes(name) {
            n::html | n::head => rest = &rest[tag.len..],
            // Of several attributes, each browser takes another.
            n::meta => return found.get().filter(|_| count.get() == 1),
            _ => return None,
        }
    }
}

/// The encoding with the label that is the value of an attribute, given from its equals sign on.
fn plain_label(value: &[u8]) -> Option<&'static Encoding> {
    let value = value.strip_prefix(b"=")?;
    let label = match value {
        [b'"' | b'\'', label @ ..] => label,
        label => label,
    };
    labeled(label).filter(|_| !label.contains(&b'&'))
}

/// The encoding with a label that stands in a `<meta>`: it was read as ASCII, so it cannot mean UTF-16.
fn labeled(label: &[u8]) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label)?;
    Some(if encoding == UTF_16LE || encoding == UTF_16BE {
        UTF_8
    } else if encoding == X_USER_DEFINED {
        WINDOWS_1252
    } else {
        encoding
    })
}

/// [Get an XML encoding](https://html.spec.whatwg.org/multipage/parsing.html#concept-get-xml-encoding-when-sniffing): browsers
/// honor the declaration in text/html too. There, x-user-defined means itself.
fn xml_encoding(prefix: &[u8]) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(xml_encoding_label(prefix)?)?;
    let is_utf16 = encoding == UTF_16LE || encoding == UTF_16BE;
    Some(if is_utf16 { UTF_8 } else { encoding })
}

/// The label in an XML declaration at the start of a document.
pub(crate) fn xml_encoding_label(prefix: &[u8]) -> Option<&[u8]> {
    if !prefix.starts_with(b"<?xml") {
        return None;
    }
    let declaration = &prefix[..memchr::memchr(b'>', prefix)?];
    let at = memchr::memmem::find(declaration, b"encoding")? + b"encoding".len();
    let is_space = |b: &u8| *b <= b' ';
    let mut rest = &declaration[at..];
    rest = &rest[rest.iter().take_while(|b| is_space(b)).count()..];
    rest = rest.strip_prefix(b"=")?;
    rest = &rest[rest.iter().take_while(|b| is_space(b)).count()..];
    let quote = *rest.first().filter(|b| matches!(b, b'"' | b'\''))?;
    let label = &rest[1..1 + memchr::memchr(quote, &rest[1..])?];
    (!label.iter().any(is_space)).then_some(label)
}

#[cfg(test)]
mod tests;
