//! Where a page says its encoding: in a `<meta>` of its head or in an XML declaration.

use std::cell::Cell;

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};
use lol_html::html_content::Element;
use lol_html::{HtmlRewriter, Settings, element};

use super::markup::{comment, start_tag};
use super::name::{Name, name_bytes};
use super::names as n;
use super::text::attribute_value;

/// What the head of a page says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Declaration {
    Found(&'static Encoding),
    /// Nothing, and the head is over.
    Nothing,
    /// Nothing so far, and the head may go on.
    NotYet,
}

/// Up to here, in bytes, a `<meta>` counts outside head too (seen in both browsers).
const PRESCAN: usize = 1024;

/// Looks for a declaration at the start of a page: a `<meta>` in head or within [`PRESCAN`], else the XML
/// declaration.
pub(super) fn declaration(prefix: &[u8]) -> Declaration {
    if let Some(encoding) = plain_declaration(prefix) {
        return Declaration::Found(encoding);
    }
    let mut found = Declaration::NotYet;
    let mut in_head = true;
    let look = |element: &mut Element<'_, '_>| -> lol_html::HandlerResult {
        let name = Name::from_bytes(element.tag_name().as_bytes());
        in_head &= is_head_content(name);
        if !in_head && element.source_location().bytes().end > PRESCAN {
            found = Declaration::Nothing;
        } else if name == n::meta
            && let Some(encoding) = meta_encoding(|name| {
                element
                    .get_attribute(name)
                    .map(|value| attribute_value(value.as_bytes()).into_owned())
            })
        {
            found = Declaration::Found(encoding);
        } else {
            return Ok(());
        }
        Err("the declaration is decided".into())
    };
    let settings = Settings::new()
        .with_strict(false)
        .append_element_content_handler(element!("*", look));
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    // An error is the handler's own, and says no more than that it has seen enough.
    let _ = rewriter.write(prefix);
    drop(rewriter);
    match (found, xml_encoding(prefix)) {
        (Declaration::Nothing | Declaration::NotYet, Some(encoding)) => {
            Declaration::Found(encoding)
        }
        (found, _) => found,
    }
}

/// The encoding of a `<meta charset>` that stands where most do: behind nothing but a document type, `<html>`, `<head>` and comments.
/// Making a tokenizer takes longer than to look for that.
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
        let found = Cell::new(None);
        let is_charset = |name: &[u8], value: &[u8]| {
            let is_it = name.eq_ignore_ascii_case(b"charset");
            is_it.then(|| found.set(plain_label(value)));
            is_it
        };
        let tag = start_tag(rest, is_charset)?;
        match Name::from_bytes(name) {
            n::html | n::head => rest = &rest[tag.len..],
            n::meta => return found.get(),
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
    declared(label).filter(|_| !label.contains(&b'&'))
}

fn is_head_content(name: Name) -> bool {
    matches!(
        name,
        n::html
            | n::head
            | n::meta
            | n::title
            | n::script
            | n::style
            | n::link
            | n::base
            | n::bgsound
            | n::basefont
            | n::noscript
            | n::noframes
            | n::template
    )
}

/// The encoding that a page declares, given its start; [`None`] if it declares none there.
pub(crate) fn declared_in(prefix: &[u8]) -> Option<&'static Encoding> {
    match declaration(prefix) {
        Declaration::Found(encoding) => Some(encoding),
        Declaration::Nothing | Declaration::NotYet => None,
    }
}

/// The encoding that a `meta` element declares, given the values of its attributes by their lower-case names.
pub(crate) fn meta_encoding(
    attribute: impl Fn(&str) -> Option<String>,
) -> Option<&'static Encoding> {
    let label = match attribute("charset") {
        Some(label) => label,
        None => {
            let pragma = attribute("http-equiv")?;
            if !pragma.eq_ignore_ascii_case("content-type") {
                return None;
            }
            charset_parameter(&attribute("content")?)?.to_owned()
        }
    };
    declared(label.as_bytes())
}

/// A label in a page: it was read as ASCII, so it cannot mean UTF-16.
fn declared(label: &[u8]) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label)?;
    Some(if encoding == UTF_16LE || encoding == UTF_16BE {
        UTF_8
    } else if encoding == X_USER_DEFINED {
        WINDOWS_1252
    } else {
        encoding
    })
}

/// [Extracting a character encoding from a meta element](https://html.spec.whatwg.org/multipage/urls-and-fetching.html#extracting-character-encodings-from-meta-elements).
fn charset_parameter(content: &str) -> Option<&str> {
    let lower = content.to_ascii_lowercase();
    let mut rest = content;
    loop {
        let from = content.len() - rest.len();
        let at = lower[from..].find("charset")?;
        rest = rest[at + 7..].trim_start_matches(|c: char| c.is_ascii_whitespace());
        if let Some(value) = rest.strip_prefix('=') {
            rest = value.trim_start_matches(|c: char| c.is_ascii_whitespace());
            break;
        }
    }
    match rest.chars().next()? {
        quote @ ('"' | '\'') => rest[1..].split_once(quote).map(|(label, _)| label),
        _ => rest
            .split(|c: char| c.is_ascii_whitespace() || c == ';')
            .next(),
    }
}

/// [Get an XML encoding](https://html.spec.whatwg.org/multipage/parsing.html#concept-get-xml-encoding-when-sniffing): browsers heed the declaration in text/html too.
fn xml_encoding(prefix: &[u8]) -> Option<&'static Encoding> {
    declared(xml_encoding_label(prefix)?).filter(|encoding| *encoding != REPLACEMENT)
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
