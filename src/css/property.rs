//! The properties whose URLs are fetched.

/// Properties and descriptors that take a `url()` and fetch it: every property of Chromium 156 and Firefox 153 was tried with
/// one (run). Those at the end are WebKit's (read).
const IMAGES: &[&str] = &[
    "background",
    "background-image",
    "border-image",
    "border-image-source",
    "list-style",
    "list-style-image",
    "content",
    "cursor",
    "filter",
    "backdrop-filter",
    "clip-path",
    "mask",
    "mask-image",
    "shape-outside",
    "offset",
    "offset-path",
    "fill",
    "stroke",
    "marker",
    "marker-start",
    "marker-mid",
    "marker-end",
    "-webkit-border-image",
    "-webkit-box-reflect",
    "-webkit-clip-path",
    "-webkit-filter",
    "-webkit-mask",
    "-webkit-mask-image",
    "-webkit-mask-box-image",
    "-webkit-mask-box-image-source",
    "-webkit-shape-outside",
    "-moz-border-image",
    // Of `@property` and `@function`, for the properties that use them.
    "initial-value",
    "result",
    "mask-border",
    "mask-border-source",
];

/// What becomes of the URLs in the value of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    /// An image is fetched.
    Image,
    /// A font is fetched.
    Font,
    /// An image is fetched where a property uses the custom one, maybe in another sheet.
    Custom,
    /// Nothing is fetched.
    Other,
}

impl Property {
    pub(super) fn of(name: &str) -> Self {
        if name.starts_with("--") {
            Self::Custom
        } else if IMAGES.iter().any(|image| name.eq_ignore_ascii_case(image)) {
            Self::Image
        } else {
            Self::Other
        }
    }

    /// The descriptor of a `@font-face`.
    pub(super) fn of_font_face(name: &str) -> Self {
        match name.eq_ignore_ascii_case("src") {
            true => Self::Font,
            false => Self::Other,
        }
    }
}

/// The [presentation attributes](https://svgwg.org/svg2-draft/styling.html#PresentationAttributes) with the value of a property that
/// fetches images. Attributes of other such properties do nothing in either browser (run).
pub(crate) const PRESENTATION_ATTRIBUTES: [&str; 9] =
    ["clip-path", "cursor", "fill", "filter", "marker-end", "marker-mid", "marker-start", "mask", "stroke"];
