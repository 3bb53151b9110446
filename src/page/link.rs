//! What a `link` element fetches under a policy: [link types](https://html.spec.whatwg.org/multipage/links.html#linkTypes).

use super::element::Element;
use super::kind::Destination;
use crate::html::names as n;

/// The link types that fetch, but for preloads, whose `as` decides.
const TYPES: [(&str, Destination); 8] = [
    ("stylesheet", Destination::Style),
    ("icon", Destination::Image),
    ("apple-touch-icon", Destination::Image),
    ("apple-touch-icon-precomposed", Destination::Image),
    ("mask-icon", Destination::Image),
    ("manifest", Destination::Manifest),
    ("prefetch", Destination::Prefetch),
    // Chromium alone (run).
    ("compression-dictionary", Destination::Connect),
];

/// The destinations of what a link in the HTML namespace fetches.
pub(super) fn each_destination(element: &dyn Element, mut take: impl FnMut(Destination)) {
    let attribute = |name| element.attribute(name).unwrap_or_default();
    let (rel, kind) = (attribute("rel"), attribute("as"));
    let of_type = |token: &str| {
        let is = |name: &str| token.eq_ignore_ascii_case(name);
        if is("preload") {
            return Destination::of_preload(&kind);
        }
        if is("modulepreload") {
            return of_module_preload(element);
        }
        if is("stylesheet") && !is_css(element) {
            return None;
        }
        let found = TYPES.iter().find(|(name, _)| is(name));
        found.map(|(_, destination)| *destination)
    };
    rel.split_ascii_whitespace().filter_map(of_type).for_each(&mut take);
}

/// Whether an element is a link that applies a style sheet.
pub(super) fn is_style_sheet(element: &dyn Element) -> bool {
    let rel = element.attribute("rel").unwrap_or_default();
    let is_it = |token: &str| token.eq_ignore_ascii_case("stylesheet");
    element.name() == n::link && rel.split_ascii_whitespace().any(is_it) && is_css(element)
}

/// Whether browsers fetch a style sheet of the `type` of an element: it is empty or CSS, whatever its parameters (run).
fn is_css(element: &dyn Element) -> bool {
    let kind = element.attribute("type").unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim_ascii();
    essence.is_empty() || essence.eq_ignore_ascii_case("text/css") || has_code(element, "type")
}

/// Whether template code is in the value of an attribute.
pub(super) fn has_code(element: &dyn Element, attribute: &str) -> bool {
    let code = element.code();
    let mut names = code.iter().filter_map(|code| code.attribute.as_deref());
    names.any(|name| name == attribute)
}

/// The destination of a `modulepreload`.
fn of_module_preload(element: &dyn Element) -> Option<Destination> {
    let kind = element.attribute("as").unwrap_or_default();
    match has_code(element, "as") {
        true => Some(Destination::Script),
        false => Destination::of_module_preload(&kind),
    }
}

/// Whether it is a preload of an image, which may have a `imagesrcset`.
pub(super) fn is_image_preload(element: &dyn Element) -> bool {
    let mut is_image = false;
    each_destination(element, |it| is_image |= it == Destination::Image);
    is_image && element.attribute("as").is_some_and(|kind| kind.eq_ignore_ascii_case("image"))
}

/// The destination of what a link in the HTML namespace fetches, if a nonce counts on it: its `rel` names a style sheet, a
/// preload or a module preload, or template code decides.
pub(crate) fn destination(element: &dyn Element) -> Option<Destination> {
    let attribute = |name| element.attribute(name).unwrap_or_default();
    let rel = attribute("rel");
    let is = |name: &str| rel.split_ascii_whitespace().any(|token| token.eq_ignore_ascii_case(name));
    let of_preload = || Destination::of_preload(&attribute("as"));
    let preloaded = is("preload").then(|| of_preload().unwrap_or(Destination::Connect));
    let of_module = || is("modulepreload").then(|| of_module_preload(element))?;
    let preloaded = preloaded.or_else(of_module);
    match is("stylesheet") || has_code(element, "rel") {
        true => Some(Destination::Style),
        false => preloaded,
    }
}
