//! What kind of script an element is: [prepare the script element](https://html.spec.whatwg.org/multipage/scripting.html#prepare-the-script-element), up to the inline check.

use super::element::Element;
use crate::html::name::Name;
use crate::html::tree::Namespace;

/// The [JavaScript MIME type essences](https://mimesniff.spec.whatwg.org/#javascript-mime-type).
const JAVASCRIPT: [&str; 16] = [
    "application/ecmascript",
    "application/javascript",
    "application/x-ecmascript",
    "application/x-javascript",
    "text/ecmascript",
    "text/javascript",
    "text/javascript1.0",
    "text/javascript1.1",
    "text/javascript1.2",
    "text/javascript1.3",
    "text/javascript1.4",
    "text/javascript1.5",
    "text/jscript",
    "text/livescript",
    "text/x-ecmascript",
    "text/x-javascript",
];

/// Types that are not JavaScript and are checked like it. Firefox trims the type first, Chromium
/// does not; Chromium checks web bundles.
const CHECKED: [&str; 4] = ["module", "importmap", "speculationrules", "webbundle"];

/// Whether the text of a script element is checked, provided that it is not empty.
pub(super) fn is_checked(element: &dyn Element) -> bool {
    let html = match element.namespace() {
        Namespace::Html => true,
        Namespace::Svg => false,
        Namespace::MathMl => return false,
    };
    let external: &[&str] = if html {
        &["src"]
    } else {
        &["href", "xlink:href"]
    };
    if external
        .iter()
        .any(|name| element.attribute(name).is_some())
    {
        return false;
    }
    let language = || element.attribute("language").filter(|_| html);
    let kind = match element.attribute("type") {
        Some(kind) if kind.is_empty() => "text/javascript".to_owned(),
        Some(kind) => kind
            .trim_matches(|c: char| c.is_ascii_whitespace())
            .to_ascii_lowercase(),
        None => match language() {
            None => "text/javascript".to_owned(),
            Some(language) if language.is_empty() => "text/javascript".to_owned(),
            Some(language) => format!("text/{}", language.to_ascii_lowercase()),
        },
    };
    if CHECKED.contains(&&*kind) {
        return true;
    }
    let classic = JAVASCRIPT.contains(&&*kind);
    classic && !(html && element.attribute("nomodule").is_some())
}

/// Whether an element is a script or style element of a namespace where those mean something.
pub(super) fn is_live(element: &dyn Element, name: Name) -> bool {
    element.name() == name && element.namespace() != Namespace::MathMl
}
