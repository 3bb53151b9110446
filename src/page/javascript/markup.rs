//! The URLs in the texts of HTML and CSS that a script may write into the page.
//!
//! Such a text is read as a document or a style sheet of its own, so that the same rules say what browsers would fetch for it.

use crate::css::walk::fetches;
use crate::css::{Fetch, Grammar};
use crate::html::asked::Asked;
use crate::html::names as n;
use crate::html::scan::{Element, End, Hidden, Scanner, Sink, Wants};
use crate::html::text::attribute_value;
use crate::html::tree::Scripting;
use crate::page::Destination;
use crate::page::attribute_names::AttributeName;
use crate::page::marked::{CODE, certain};
use crate::page::request::each_request;

/// Takes what a URL is fetched as, as much of it as is certain, and where it stands in the text, in bytes.
type Take<'t> = &'t mut dyn FnMut(Destination, &str, usize);

/// Whether a text has the URL of another host, unless it is the name of a namespace.
pub(super) fn has_url(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'/', bytes).any(|at| {
        let rest = &bytes[at + 1..];
        rest.starts_with(b"/") && !rest.starts_with(b"/www.w3.org/")
    })
}

/// Whether a text has something that is before each URL in HTML and CSS.
pub(super) fn has_opening(text: &str) -> bool {
    memchr::memchr3(b'<', b'(', b'@', text.as_bytes()).is_some()
}

/// Hands the URLs in a text to `take`. [`CODE`] stands in it for what the script adds.
pub(super) fn each_url(text: &str, take: Take<'_>) {
    let mut take = |destination, url: &str, at| {
        // Only the scheme can come before.
        let rest = url.strip_prefix(CODE);
        let url = rest.filter(|it| it.starts_with("//")).unwrap_or(url);
        if let Some(url) = certain(url) {
            take(destination, url, at);
        }
    };
    let mut tags = memchr::memchr_iter(b'<', text.as_bytes());
    let is_tag = |at: usize| text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic());
    if tags.any(is_tag) {
        // The script may go on with the last value, whatever quote it is in.
        html(&format!("{text}{CODE}\"'>"), &mut take);
    }
    if !text.trim_start().starts_with('<') {
        let grammar = match text.contains(['{', '@']) {
            true => Grammar::Sheet,
            false => Grammar::Value,
        };
        css(&format!("{text}{CODE}"), grammar, 0, &mut take);
    }
}

fn css(text: &str, grammar: Grammar, at: usize, take: Take<'_>) {
    fetches(text, grammar, &mut |Fetch { kind, url, offset }| {
        take(kind.into(), url, at + offset);
    });
}

fn html(text: &str, take: Take<'_>) {
    let sink = Urls { take, sheet: String::new(), at: 0 };
    let mut scanner = Scanner::document(sink, Scripting::Enabled, Hidden::default());
    // Of one that is nested too deep the beginning counts.
    if scanner.write(text.as_bytes()).is_ok() {
        let _ = scanner.end();
    }
}

struct Urls<'t> {
    take: Take<'t>,
    /// The text of the `style` element that is open, and where that stands.
    sheet: String,
    at: usize,
}

impl Sink for Urls<'_> {
    fn asked(&self) -> Option<&Asked> {
        None
    }

    fn heeds(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }

    fn element(&mut self, element: &Element<'_>) -> Wants {
        for (name, value, span) in element.attributes() {
            let Some(name) = AttributeName::of(name).and_then(AttributeName::text) else {
                continue;
            };
            let value = attribute_value(value);
            let at = element.offset + span.name.start;
            each_request(element, &name, &value, &mut |destination, url| {
                (self.take)(destination, url, at);
            });
            if name == "style" {
                css(&value, Grammar::Declarations, at, self.take);
            }
        }
        self.at = element.offset;
        match element.name {
            n::style => Wants::Text,
            _ => Wants::Nothing,
        }
    }

    fn text(&mut self, text: &str) {
        self.sheet.push_str(text);
    }

    fn raw(&mut self, _: &[u8]) {}

    fn end(&mut self, _: End, _: bool) {
        let sheet = std::mem::take(&mut self.sheet);
        fetches(&sheet, Grammar::Sheet, &mut |fetch| {
            (self.take)(fetch.kind.into(), fetch.url, self.at);
        });
    }
}
