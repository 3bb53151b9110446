//! Which attributes may matter, and which of an element's count: the first with each name.
//!
//! The content of a `noscript` may add to the attributes of the page's html and body elements. It takes over their
//! names without a copy: there may be many of both.

use std::borrow::Cow;
use std::collections::HashSet;
use std::rc::Rc;

use super::evaluated::Library;

/// Names of attributes that may matter.
const KNOWN: [&str; 24] = [
    "to",
    "src",
    "from",
    "href",
    "style",
    "action",
    "values",
    "formaction",
    "xlink:href",
    "data",
    "ping",
    "srcset",
    "poster",
    "background",
    "imagesrcset",
    "fill",
    "mask",
    "cursor",
    "filter",
    "stroke",
    "clip-path",
    "marker-end",
    "marker-mid",
    "marker-start",
];

/// The place in [`KNOWN`] of the first that is [an attribute of SVG with a value in CSS](crate::css::property::PRESENTATION_ATTRIBUTES).
const PRESENTATION: usize = 15;

/// Those that hold URLs that are fetched or submitted to, on whatever elements, besides those of SVG; `href` is asked about by
/// element.
const REQUESTED: [&str; 8] = [
    "src",
    "action",
    "formaction",
    "ping",
    "srcset",
    "poster",
    "background",
    "imagesrcset",
];

/// Those that hold nothing else that is asked about, besides those of SVG.
const ONLY_REQUESTED: [&str; 6] = [
    "data",
    "ping",
    "srcset",
    "poster",
    "background",
    "imagesrcset",
];

/// For each of [`KNOWN`], whether it is among these or of SVG. No two of the others share both length and first letter.
const fn among(names: &[&str]) -> [bool; KNOWN.len()] {
    let mut among = [false; KNOWN.len()];
    let mut i = 0;
    while i < KNOWN.len() * names.len() {
        let (known, name) = (i / names.len(), i % names.len());
        let (one, other) = (KNOWN[known].as_bytes(), names[name].as_bytes());
        let is_it = one.len() == other.len() && one[0] == other[0];
        among[known] |= is_it || known >= PRESENTATION;
        i += 1;
    }
    among
}

const IS_REQUESTED: [bool; KNOWN.len()] = among(&REQUESTED);
const IS_ONLY_REQUESTED: [bool; KNOWN.len()] = among(&ONLY_REQUESTED);

/// The place of the style attribute in [`KNOWN`].
const STYLE: usize = 4;

/// The name of an attribute that may matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AttributeName<'a> {
    /// An index in [`KNOWN`].
    Known(usize),
    /// It begins as those of event handlers do; as written.
    Handler(&'a [u8]),
    /// A library runs its text as code; as written.
    Evaluated(&'a [u8]),
}

impl<'a> AttributeName<'a> {
    /// What a name as written is.
    pub(super) fn of(name: &'a [u8]) -> Option<Self> {
        let [first, second, ..] = name else {
            return None;
        };
        // Few share both length and first letter.
        let either =
            |at: usize, letter: u8, it: usize, other: usize| match name[at] | 0x20 == letter {
                true => it,
                false => other,
            };
        let known = match (name.len(), first.to_ascii_lowercase()) {
            (_, b'o') if second.eq_ignore_ascii_case(&b'n') => return Some(Self::Handler(name)),
            (2, b't') => 0,
            (3, b's') => 1,
            (4, b'f') => either(1, b'i', 15, 2),
            (4, b'h') => 3,
            (5, b's') => STYLE,
            (6, b'a') => 5,
            (6, b'v') => 6,
            (10, b'f') => 7,
            (10, b'x') => 8,
            (4, b'd') => 9,
            (4, b'p') => 10,
            (4, b'm') => 16,
            (6, b'c') => 17,
            (6, b'f') => 18,
            (6, b's') => either(1, b't', 19, 11),
            (6, b'p') => 12,
            (10, b'b') => 13,
            (11, b'i') => 14,
            (9, b'c') => 20,
            (10, b'm') => either(7, b'e', 21, 22),
            (12, b'm') => 23,
            _ => return Library::of(name).map(|_| Self::Evaluated(name)),
        };
        name.eq_ignore_ascii_case(KNOWN[known].as_bytes())
            .then_some(Self::Known(known))
    }

    /// Whether the value matters whatever it says: it is a style, a handler or code for a library.
    pub(super) fn is_code(self) -> bool {
        match self {
            Self::Known(known) => known == STYLE,
            Self::Handler(_) | Self::Evaluated(_) => true,
        }
    }

    /// Whether the attribute may hold URLs that are fetched or submitted to, whatever its element is; by its value as written.
    pub(super) fn is_requested(self, value: &[u8]) -> bool {
        matches!(self, Self::Known(known) if IS_REQUESTED[known]) && self.may_fetch(value)
    }

    /// Whether something may be fetched if the value, as written, is one in CSS. Most are colors, or name a part of the page.
    pub(super) fn may_fetch(self, value: &[u8]) -> bool {
        let is_value = matches!(self, Self::Known(known) if known >= PRESENTATION);
        let is_elsewhere = |at: usize| match value[at] {
            b'(' => {
                // Of `url(` and `image-set(`.
                let before = at.checked_sub(1).map(|at| value[at] | 0x20);
                matches!(before, Some(b'l' | b't')) && value.get(at + 1) != Some(&b'#')
            }
            // An escape may hide either.
            _ => true,
        };
        !is_value || memchr::memchr3_iter(b'(', b'&', b'\\', value).any(is_elsewhere)
    }

    /// Whether it matters to those alone who ask about such URLs.
    pub(super) fn is_only_requested(self) -> bool {
        matches!(self, Self::Known(known) if IS_ONLY_REQUESTED[known])
    }

    /// In lower case; [`None`] when it is not UTF-8.
    pub(super) fn text(self) -> Option<Cow<'static, str>> {
        match self {
            Self::Known(known) => Some(Cow::Borrowed(KNOWN[known])),
            Self::Handler(name) | Self::Evaluated(name) => {
                String::from_utf8(name.to_ascii_lowercase())
                    .ok()
                    .map(Cow::Owned)
            }
        }
    }
}

/// The names of an element's attributes.
#[derive(Debug, Default)]
pub(super) struct AttributeNames {
    known: [bool; KNOWN.len()],
    /// In lower case.
    handlers: Option<Rc<HashSet<Vec<u8>>>>,
    /// Those of the document around this one.
    outer: Option<Rc<HashSet<Vec<u8>>>>,
}

impl AttributeNames {
    /// Adds a name, and says whether it was not there.
    pub(super) fn add(&mut self, name: AttributeName<'_>) -> bool {
        match name {
            AttributeName::Known(known) => !std::mem::replace(&mut self.known[known], true),
            AttributeName::Handler(name) | AttributeName::Evaluated(name) => {
                let name = name.to_ascii_lowercase();
                let is_outer = self
                    .outer
                    .as_ref()
                    .is_some_and(|names| names.contains(&name));
                !is_outer && Rc::make_mut(self.handlers.get_or_insert_default()).insert(name)
            }
        }
    }

    /// The same for a document inside, in which more can be added.
    pub(super) fn inside(&self) -> Self {
        Self {
            known: self.known,
            handlers: None,
            outer: self.handlers.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::property::PRESENTATION_ATTRIBUTES;

    #[test]
    fn attributes_of_svg_are_those_that_fetch() {
        let mut known = KNOWN;
        known[PRESENTATION..].sort_unstable();
        assert_eq!(known[PRESENTATION..], PRESENTATION_ATTRIBUTES);
    }

    #[test]
    fn a_value_in_css_matters_if_it_may_fetch() {
        let fill = AttributeName::of(b"fill").unwrap();
        for value in ["", "none", "url(#a)", "rgb(1,2,3)", "var(--a)", "("] {
            assert!(!fill.is_requested(value.as_bytes()), "{value}");
        }
        for value in [
            "url(a)",
            "URL(",
            "url( #a)",
            "image-set('a' 1x)",
            "u\\72 l(a)",
            "&#117;rl&#40;a)",
            "url(#a) url(b)",
        ] {
            assert!(fill.is_requested(value.as_bytes()), "{value}");
        }
        assert!(AttributeName::of(b"src").unwrap().is_requested(b"a"));
    }

    #[test]
    fn names_that_may_matter_are_known_in_any_case() {
        let text = |name: &str| AttributeName::of(name.as_bytes()).and_then(AttributeName::text);
        for name in KNOWN.into_iter().chain(["onclick", "on"]) {
            assert_eq!(text(name).as_deref(), Some(name));
            assert_eq!(text(&name.to_ascii_uppercase()).as_deref(), Some(name));
        }
        for name in [
            "",
            "o",
            "t",
            "no",
            "sr",
            "srcs",
            "hrefs",
            "title",
            "xlinkhref",
            "folk",
            "strong",
            "marker-and",
        ] {
            assert_eq!(text(name), None);
        }
        assert_eq!(AttributeName::of(b"on\xff").unwrap().text(), None);
    }

    #[test]
    fn the_first_of_a_name_counts() {
        let add = |names: &mut AttributeNames, name: &str| {
            names.add(AttributeName::of(name.as_bytes()).unwrap())
        };
        let mut outer = AttributeNames::default();
        assert!(add(&mut outer, "style"));
        assert!(!add(&mut outer, "STYLE"));
        assert!(add(&mut outer, "onload"));
        assert!(!add(&mut outer, "onLoad"));
        let mut inner = outer.inside();
        for (name, is_new) in [
            ("style", false),
            ("onload", false),
            ("href", true),
            ("onclick", true),
        ] {
            assert_eq!(add(&mut inner, name), is_new, "{name}");
        }
        assert!(add(&mut outer, "href"));
        assert!(add(&mut outer, "onclick"));
    }
}
