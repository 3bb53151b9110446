//! The kinds of subjects: everything in a page that a browser asks a policy about.
//!
//! A view asks a walk for the kinds that it wants; the others cost nothing. A new kind is a variant here, and the
//! compiler then names each view that has to decide on it: no `match` over kinds has a catch-all.

use crate::css::FetchKind;
use crate::html::asked::Asked;
use crate::html::name::Name;
use crate::html::names as n;

/// Kind of subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SubjectKind {
    /// The text of a script element.
    Script,
    /// The text of a style element.
    Style,
    /// The value of an event handler attribute.
    EventHandler,
    /// The value of a `style` attribute.
    StyleAttribute,
    /// A `javascript:` URL.
    JavascriptUrl,
    /// An attribute that a library runs as code.
    EvaluatedAttribute,
    /// The URL of a script element.
    ScriptUrl,
    /// The URL of a `link` that is fetched under a policy: a style sheet, a preload or a module preload.
    LinkUrl,
    /// A policy in a `<meta>`.
    MetaPolicy,
    /// The URL of another page, on which no policy decides.
    Page,
    /// A URL that is fetched, framed or submitted to, whatever a nonce could do for it.
    Request,
}

impl SubjectKind {
    /// The elements whose start tags, or whose text, are of this kind whatever their attributes.
    const fn elements(self) -> &'static [Name] {
        match self {
            Self::Script | Self::ScriptUrl => &[n::script],
            Self::Style => &[n::style],
            Self::LinkUrl => &[n::link],
            Self::MetaPolicy => &[n::meta],
            // A form without attributes submits, too. Elsewhere the name of the attribute tells.
            Self::Request => &[n::link, n::base, n::form, n::image, n::feimage, n::use_],
            Self::Page => &[n::a, n::area, n::meta],
            Self::EventHandler | Self::StyleAttribute | Self::JavascriptUrl | Self::EvaluatedAttribute => &[],
        }
    }

    /// Whether attributes of any element can be of this kind.
    const fn is_attribute(self) -> bool {
        match self {
            Self::EventHandler
            | Self::StyleAttribute
            | Self::JavascriptUrl
            | Self::EvaluatedAttribute
            | Self::Request => true,
            Self::Script | Self::Style | Self::ScriptUrl | Self::LinkUrl | Self::MetaPolicy | Self::Page => false,
        }
    }
}

/// The kinds that a view asks for, and the elements on account of which a walk must stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kinds {
    bits: u32,
    asked: Asked,
    attributes: bool,
}

impl Kinds {
    /// These kinds. Elements with a document inside are always asked about.
    pub(crate) const fn of(kinds: &[SubjectKind]) -> Self {
        const FRAMES: [Name; 5] = [n::noscript, n::iframe, n::object, n::embed, n::frame];
        let mut all = Self { bits: 0, asked: Asked::NONE.with(&FRAMES), attributes: false };
        let mut i = 0;
        while i < kinds.len() {
            all = all.and(kinds[i]);
            i += 1;
        }
        all
    }

    /// These and one more.
    pub(crate) const fn and(mut self, kind: SubjectKind) -> Self {
        self.bits |= 1 << kind as u32;
        self.asked = self.asked.with(kind.elements());
        self.attributes |= kind.is_attribute();
        self
    }

    /// These, and the start tags of one more element.
    pub(crate) const fn and_element(mut self, name: Name) -> Self {
        self.asked = self.asked.with(&[name]);
        self
    }

    pub(crate) const fn has(&self, kind: SubjectKind) -> bool {
        self.bits >> kind as u32 & 1 == 1
    }

    /// Whether attributes are asked for.
    pub(super) const fn has_attributes(&self) -> bool {
        self.attributes
    }

    pub(super) const fn asked(&self) -> &Asked {
        &self.asked
    }
}

named! {
    /// What a URL is fetched as: the [destination](https://fetch.spec.whatwg.org/#concept-request-destination) of the
    /// request, as far as directives tell destinations apart.
    #[non_exhaustive]
    pub enum Destination {
        /// A script, a module or their preload.
        Script = "script",
        /// A style sheet or its preload.
        Style = "style",
        /// An image, an icon or their preload.
        Image = "image",
        /// A file of SVG for `use`, of the page's own origin; of another one browsers ask for nothing.
        Use = "use",
        /// Audio, video or a text track.
        Media = "media",
        /// A font.
        Font = "font",
        /// An `object` or `embed`.
        Object = "object",
        /// A frame.
        Frame = "frame",
        /// A web app manifest.
        Manifest = "manifest",
        /// Anything that a script reads: `preload as=fetch`, `ping`.
        Connect = "connect",
        /// A worker, which a script starts.
        Worker = "worker",
        /// What a form submits to.
        Form = "form",
        /// The base URL of a document, which nothing fetches.
        Base = "base",
        /// A `prefetch` link, which any list of sources may allow.
        Prefetch = "prefetch",
    }
}

impl From<FetchKind> for Destination {
    fn from(kind: FetchKind) -> Self {
        match kind {
            FetchKind::Image => Self::Image,
            FetchKind::Font => Self::Font,
            FetchKind::StyleSheet => Self::Style,
        }
    }
}

impl Destination {
    /// The destination of a `modulepreload` link, by its `as` attribute; [`None`] for one that browsers do not fetch. Chromium fetches
    /// style sheets and JSON so, Firefox workers (run).
    pub(super) fn of_module_preload(kind: &str) -> Option<Self> {
        const KINDS: [(&str, Destination); 9] = [
            ("", Destination::Script),
            ("script", Destination::Script),
            ("audioworklet", Destination::Script),
            ("paintworklet", Destination::Script),
            ("serviceworker", Destination::Script),
            ("sharedworker", Destination::Script),
            ("worker", Destination::Script),
            ("style", Destination::Style),
            ("json", Destination::Connect),
        ];
        Self::by_kind(&KINDS, kind)
    }

    fn by_kind(known: &[(&str, Self)], kind: &str) -> Option<Self> {
        let known = known.iter().find(|(name, _)| kind.eq_ignore_ascii_case(name));
        known.map(|(_, destination)| *destination)
    }

    /// The destination of a `preload` link, by its `as` attribute; [`None`] for one that browsers do not fetch.
    pub(super) fn of_preload(kind: &str) -> Option<Self> {
        const KINDS: [(&str, Destination); 10] = [
            ("script", Destination::Script),
            ("style", Destination::Style),
            ("image", Destination::Image),
            ("audio", Destination::Media),
            ("video", Destination::Media),
            ("track", Destination::Media),
            ("font", Destination::Font),
            ("object", Destination::Object),
            ("embed", Destination::Object),
            ("fetch", Destination::Connect),
        ];
        Self::by_kind(&KINDS, kind)
    }
}
