//! The URLs that the styles of a page fetch: those in `style` elements and in `style` attributes.

use std::ops::Range;

use super::Collector;
use super::requests::is_conditional;
use super::source::Source;
use crate::css::data_url::data_fetches;
use crate::css::property::PRESENTATION_ATTRIBUTES;
use crate::css::walk::fetches;
use crate::css::{FetchKind, Grammar};
use crate::html::scan::Hidden;
use crate::html::tree::Namespace;
use crate::location::Location;
use crate::page::InlineKind;
use crate::page::element::Element;
use crate::page::kind::SubjectKind;
use crate::page::marked::{certain, marked, marked_blanks};
use crate::page::request::{RequestKey, cleaned, is_nothing, told};
use crate::page::subject::{Nonce, Spot, What};
use crate::page::walk::Here;

/// The text of a `style` element so far.
pub(super) struct Sheet {
    text: String,
    /// The template code, and where the text begins there.
    code: Option<(Hidden, usize)>,
    source: Source,
    place: Style,
}

/// A style that may fetch something.
struct Style {
    spot: Option<Spot>,
    inert: bool,
    grammar: Grammar,
}

impl Sheet {
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }
}

impl Collector {
    /// The style sheet of an element whose text is of this kind, if it is asked for what that fetches and browsers take it for CSS.
    pub(super) fn sheet(&self, here: &Here, element: &dyn Element, kind: InlineKind) -> Option<Sheet> {
        let is_asked = kind == InlineKind::Style && here.kinds.has(SubjectKind::Request);
        let kind = element.attribute("type").unwrap_or_default();
        let is_css = kind.is_empty() || kind.eq_ignore_ascii_case("text/css");
        if !is_asked || !is_css {
            return None;
        }
        let html = element.html();
        Some(Sheet {
            text: String::new(),
            code: html.map(crate::html::scan::Element::code_behind),
            source: Source::of(element),
            place: Style {
                spot: self.spot(here, element, element.location()),
                inert: element.is_inert(),
                grammar: Grammar::Sheet,
            },
        })
    }

    /// Takes the whole text of a `style` element; `has_code` when there is template code in it.
    pub(super) fn style_element(&self, here: &Here, sheet: Sheet, has_code: bool) {
        let text = sheet.text;
        let code = sheet.code.filter(|_| has_code).map(|(hidden, at)| {
            let spans = hidden.spans_in(at..at + text.len()).into_iter();
            spans.map(move |span| span.range.start.saturating_sub(at)..span.range.end - at)
        });
        let code = code.map(Iterator::collect::<Vec<_>>);
        let locate = sheet.source.locator(&text);
        self.style(here, sheet.place, &text, code.as_deref(), locate);
    }

    /// Takes an attribute if its value is CSS: a `style` attribute, and in SVG some others.
    pub(super) fn style_attribute(
        &self,
        here: &Here,
        element: &dyn Element,
        name: &str,
        value: &str,
        offset: usize,
        has_code: bool,
    ) {
        let is_svg = || element.namespace() == Namespace::Svg;
        let grammar = match name {
            "style" => Grammar::Declarations,
            name if is_svg() && PRESENTATION_ATTRIBUTES.contains(&name) => Grammar::Value,
            _ => return,
        };
        let may_fetch = memchr::memchr(b'(', value.as_bytes()).is_some();
        if !may_fetch || !here.kinds.has(SubjectKind::Request) {
            return;
        }
        let location = element.location_at(offset);
        let style = Style { spot: self.spot(here, element, location), inert: element.is_inert(), grammar };
        let code = has_code.then(|| {
            let spans = element.value_code(name).spans_in(0..value.len());
            let spans = spans.into_iter().map(|span| span.range);
            spans.collect::<Vec<_>>()
        });
        self.style(here, style, value, code.as_deref(), |_| location);
    }

    /// Takes what a text in CSS fetches. `code` is where template code stands in it, `locate` has the location of an offset.
    fn style(
        &self,
        here: &Here,
        style: Style,
        css: &str,
        code: Option<&[Range<usize>]>,
        mut locate: impl FnMut(usize) -> Location,
    ) {
        let is_conditional = is_conditional(here, style.inert);
        let mut around = Around::default();
        let marked = code.map(|code| marked(css, code, |before| around.may_be_url_behind(before)));
        let is_unknown = marked.as_ref().is_some_and(Option::is_none);
        let marked = marked.flatten().or_else(|| {
            let mut around = Around::default();
            let blanks = || marked_blanks(css, |before| around.may_be_url_behind(before));
            is_unknown.then(blanks).flatten()
        });
        fetches(marked.as_deref().unwrap_or(css), style.grammar, &mut |fetch| {
            let url = cleaned(fetch.url);
            if !is_unknown && is_nothing(&url) {
                return;
            }
            let known = match code {
                None => Some(&*url),
                Some(_) => certain(&url).filter(|_| !is_unknown),
            };
            let first = here.located(locate(fetch.offset));
            let add = |kind: FetchKind, url: Option<&str>| {
                let key = RequestKey::new(kind.into(), url, self.base, "", false);
                if let Some(spot) = &style.spot {
                    let spot = Spot { location: first, ..spot.clone() };
                    self.add_subject(here, spot, What::fetch(&key, Nonce::None), style.inert);
                }
                self.add_request(key, first, is_conditional);
            };
            add(fetch.kind, known.map(told));
            if fetch.kind == FetchKind::StyleSheet && known == Some(&*url) {
                data_fetches(&url, &mut |kind, url| add(kind, Some(told(url))));
            }
        });
    }
}

/// The string, brackets and comment that are open at a place in CSS.
#[derive(Default)]
struct Around {
    quote: Option<u8>,
    brackets: usize,
    is_comment: bool,
}

impl Around {
    /// Whether a URL may stand behind this text, which follows what came before. Elsewhere code is blank, as its filler is.
    fn may_be_url_behind(&mut self, css: &str) -> bool {
        self.pass(css);
        !self.is_comment && (self.quote.is_some() || self.brackets > 0)
    }

    fn pass(&mut self, css: &str) {
        let mut bytes = css.bytes().peekable();
        while let Some(byte) = bytes.next() {
            match byte {
                b'*' if self.is_comment => self.is_comment = bytes.peek() != Some(&b'/'),
                _ if self.is_comment => {}
                b'\\' => {
                    bytes.next();
                }
                b'\n' => self.quote = None,
                _ if self.quote.is_some() => self.quote = self.quote.filter(|open| *open != byte),
                b'"' | b'\'' => self.quote = Some(byte),
                b'(' => self.brackets += 1,
                b')' => self.brackets = self.brackets.saturating_sub(1),
                // In brackets it may be part of a URL.
                b'/' if self.brackets == 0 => self.is_comment = bytes.next_if_eq(&b'*').is_some(),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_code_is_marked_where_a_url_may_stand() {
        for (css, code, expected) in [
            ("a{b:url(     )}", &[(8, 13)][..], Some("a{b:url(\u{87}xxx)}")),
            ("    @import '/a/    .css';", &[(0, 4), (16, 20)], Some("    @import '/a/\u{87}xx.css';")),
            ("/* '( */    a{}", &[(8, 12)], Some("/* '( */    a{}")),
            ("'\\'   '   ", &[(3, 6), (7, 10)], Some("'\\'\u{87}x'   ")),
            // Line ends that were normalized moved the text.
            ("a{b:url(     )}", &[(9, 14)], None),
            ("a{b:url(     )}", &[(9, 10)], None),
        ] {
            let code: Vec<_> = code.iter().map(|(start, end)| *start..*end).collect();
            let mut around = Around::default();
            let found = marked(css, &code, |before| around.may_be_url_behind(before));
            assert_eq!(found.as_deref(), expected, "{css}");
        }
    }
}
