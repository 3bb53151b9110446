//! Which attributes may matter, and which of an element's count: the first with each name.
//!
//! The content of a `noscript` may add to the attributes of the page's html and body elements. It takes over their
//! names without a copy: there may be many of both.

use std::borrow::Cow;
use std::collections::HashSet;
use std::rc::Rc;

use super::evaluated::Library;

/// What an attribute holds that may matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A style.
    Style,
    /// A URL that is navigated to. Whether it is fetched, too, is asked by element.
    Link,
    /// The same, fetched or submitted to whatever the element is.
    Url,
    /// URLs that are fetched, on whatever elements.
    Fetched,
    /// A URL that is fetched, of elements that are asked about anyway.
    OfElement,
    /// The name of the frame in which a URL opens.
    Frame,
    /// In SVG [a value of CSS](crate::css::property::PRESENTATION_ATTRIBUTES).
    Value,
}

/// Names of attributes that may matter.
const KNOWN: [(&str, Role); 26] = {
    use Role::{Fetched, Frame, Link, OfElement, Style, Url, Value};
    [
        ("style", Style),
        ("to", Link),
        ("from", Link),
        ("href", Link),
        ("values", Link),
        ("xlink:href", Link),
        ("src", Url),
        ("action", Url),
        ("formaction", Url),
        ("ping", Fetched),
        ("srcset", Fetched),
        ("poster", Fetched),
        ("background", Fetched),
        ("imagesrcset", Fetched),
        ("data", OfElement),
        ("target", Frame),
        ("formtarget", Frame),
        ("clip-path", Value),
        ("cursor", Value),
        ("fill", Value),
        ("filter", Value),
        ("marker-end", Value),
        ("marker-mid", Value),
        ("marker-start", Value),
        ("mask", Value),
        ("stroke", Value),
    ]
};

/// The number of slots, of which each known name has one for itself.
const SLOTS: usize = 64;

/// The slot of a name, which is not empty.
const fn slot(name: &[u8]) -> usize {
    let (first, late) = (name[0] | 0x20, name[name.len().saturating_sub(3)] | 0x20);
    (name.len() + first as usize * 11 + late as usize * 29) % SLOTS
}

/// The index in [`KNOWN`] by the slot; its length for an empty one.
const BY_SLOT: [u8; SLOTS] = {
    let mut slots = [KNOWN.len() as u8; SLOTS];
    let mut at = 0;
    while at < KNOWN.len() {
        let slot = slot(KNOWN[at].0.as_bytes());
        assert!(slots[slot] == KNOWN.len() as u8, "two names share a slot");
        slots[slot] = at as u8;
        at += 1;
    }
    slots
};

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
    #[inline]
    pub(super) fn of(name: &'a [u8]) -> Option<Self> {
        let [first, second, ..] = name else {
            return None;
        };
        if first | 0x20 == b'o' && second | 0x20 == b'n' {
            return Some(Self::Handler(name));
        }
        let at = BY_SLOT[slot(name)] as usize;
        match KNOWN.get(at) {
            Some((known, _)) if name.eq_ignore_ascii_case(known.as_bytes()) => Some(Self::Known(at)),
            _ => Library::of(name).map(|_| Self::Evaluated(name)),
        }
    }

    #[inline]
    fn role(self) -> Option<Role> {
        match self {
            Self::Known(at) => Some(KNOWN[at].1),
            Self::Handler(_) | Self::Evaluated(_) => None,
        }
    }

    /// Whether the value matters whatever it says: it is a style, a handler or code for a library.
    #[inline]
    pub(super) fn is_code(self) -> bool {
        matches!(self.role(), None | Some(Role::Style))
    }

    /// Whether it may hold a URL that is navigated to.
    #[inline]
    pub(super) fn is_navigated(self) -> bool {
        matches!(self.role(), Some(Role::Link | Role::Url))
    }

    /// Whether it may hold several URLs that are navigated to.
    pub(super) fn is_list(self) -> bool {
        matches!(self, Self::Known(at) if KNOWN[at].0 == "values")
    }

    /// Whether it is one by which elements link to others.
    pub(super) fn is_link(self) -> bool {
        self.role() == Some(Role::Link)
    }

    /// Whether the attribute may hold a URL that is fetched or submitted to, or name the frame for one, whatever its element is.
    /// `value` is what follows the name as written, to the end of the value.
    #[inline]
    pub(super) fn is_requested(self, value: &[u8]) -> bool {
        match self.role() {
            Some(Role::Url | Role::Fetched) => true,
            // The others are keywords, `_blank` for most.
            Some(Role::Frame) => {
                let is_sign = |byte: &u8| matches!(byte, b'=' | b'"' | b'\'' | b' ' | b'\t'..=b'\r');
                let first = value.iter().find(|byte| !is_sign(byte));
                first.is_some_and(|first| *first != b'_')
            }
            Some(Role::Value) => self.may_fetch(value),
            Some(Role::Style | Role::Link | Role::OfElement) | None => false,
        }
    }

    /// Whether something may be fetched if the value, as written, is one of CSS. Most are short: colors, or names of parts of the page.
    pub(super) fn may_fetch(self, value: &[u8]) -> bool {
        let is_elsewhere = |(at, byte): (usize, &u8)| match byte {
            b'(' => {
                // Of `url(` and `image-set(`.
                let before = at.checked_sub(1).map(|at| value[at] | 0x20);
                matches!(before, Some(b'l' | b't')) && value.get(at + 1) != Some(&b'#')
            }
            // An escape may hide either.
            b'&' | b'\\' => true,
            _ => false,
        };
        self.role() != Some(Role::Value) || value.iter().enumerate().any(is_elsewhere)
    }

    /// Whether it matters to those alone who ask about such URLs.
    #[inline]
    pub(super) fn is_only_requested(self) -> bool {
        match self.role() {
            Some(Role::Fetched | Role::OfElement | Role::Frame | Role::Value) => true,
            Some(Role::Style | Role::Link | Role::Url) | None => false,
        }
    }

    /// In lower case; [`None`] when it is not UTF-8.
    pub(super) fn text(self) -> Option<Cow<'static, str>> {
        match self {
            Self::Known(at) => Some(Cow::Borrowed(KNOWN[at].0)),
            Self::Handler(name) | Self::Evaluated(name) => {
                String::from_utf8(name.to_ascii_lowercase()).ok().map(Cow::Owned)
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
                let is_outer = self.outer.as_ref().is_some_and(|names| names.contains(&name));
                !is_outer && Rc::make_mut(self.handlers.get_or_insert_default()).insert(name)
            }
        }
    }

    /// The same for a document inside, in which more can be added.
    pub(super) fn inside(&self) -> Self {
        Self { known: self.known, handlers: None, outer: self.handlers.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::property::PRESENTATION_ATTRIBUTES;

    #[test]
    fn attributes_of_svg_are_those_that_fetch() {
        let values = KNOWN.iter().filter(|(_, role)| *role == Role::Value);
        assert!(values.map(|(name, _)| *name).eq(PRESENTATION_ATTRIBUTES));
    }

    #[test]
    fn a_value_in_css_matters_if_it_may_fetch() {
        let fill = AttributeName::of(b"fill").unwrap();
        for value in ["", "none", "url(#a)", "rgb(1,2,3)", "var(--a)", "("] {
            assert!(!fill.is_requested(value.as_bytes()), "{value}");
        }
        for value in
            ["url(a)", "URL(", "url( #a)", "image-set('a' 1x)", "u\\72 l(a)", "&#117;rl&#40;a)", "url(#a) url(b)"]
        {
            assert!(fill.is_requested(value.as_bytes()), "{value}");
        }
        assert!(AttributeName::of(b"src").unwrap().is_requested(b"a"));
    }

    #[test]
    fn a_target_matters_if_it_names_a_frame() {
        let target = AttributeName::of(b"target").unwrap();
        for (value, matters) in
            [("=f", true), (" = \"f", true), ("", false), ("=\"", false), ("=_blank", false), ("='_top", false)]
        {
            assert_eq!(target.is_requested(value.as_bytes()), matters, "{value}");
        }
    }

    #[test]
    fn names_that_may_matter_are_known_in_any_case() {
        let text = |name: &str| AttributeName::of(name.as_bytes()).and_then(AttributeName::text);
        let known = KNOWN.iter().map(|(name, _)| *name);
        // The last share length and first letter with known ones.
        let others = ["onclick", "on", "x-on:click", "v-html"];
        for name in known.chain(others) {
            assert_eq!(text(name).as_deref(), Some(name));
            assert_eq!(text(&name.to_ascii_uppercase()).as_deref(), Some(name));
        }
        for name in ["", "o", "t", "no", "sr", "srcs", "hrefs", "title", "xlinkhref", "folk", "strong", "marker-and"] {
            assert_eq!(text(name), None);
        }
        assert_eq!(AttributeName::of(b"on\xff").unwrap().text(), None);
    }

    #[test]
    fn the_first_of_a_name_counts() {
        let add = |names: &mut AttributeNames, name: &str| names.add(AttributeName::of(name.as_bytes()).unwrap());
        let mut outer = AttributeNames::default();
        assert!(add(&mut outer, "style"));
        assert!(!add(&mut outer, "STYLE"));
        assert!(add(&mut outer, "onload"));
        assert!(!add(&mut outer, "onLoad"));
        let mut inner = outer.inside();
        for (name, is_new) in [("style", false), ("onload", false), ("href", true), ("onclick", true)] {
            assert_eq!(add(&mut inner, name), is_new, "{name}");
        }
        assert!(add(&mut outer, "href"));
        assert!(add(&mut outer, "onclick"));
    }
}
