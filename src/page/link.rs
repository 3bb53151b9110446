//! What a `link` element fetches under a policy: [link types](https://html.spec.whatwg.org/multipage/links.html#linkTypes).

use super::element::Element;
use super::kind::Destination;

/// The destination of what a link in the HTML namespace fetches, if a nonce counts on it: its `rel` names a style sheet, a
/// preload or a module preload, or template code decides.
pub(crate) fn destination(element: &dyn Element) -> Option<Destination> {
    let attribute = |name| element.attribute(name).unwrap_or_default();
    let rel = attribute("rel");
    let is = |name: &str| {
        rel.split_ascii_whitespace()
            .any(|token| token.eq_ignore_ascii_case(name))
    };
    let by_code = || {
        let code = element.code();
        code.iter()
            .any(|code| code.attribute.as_deref() == Some("rel"))
    };
    let preloaded = is("preload").then(|| Destination::of_preload(&attribute("as")));
    if is("stylesheet") || preloaded == Some(Destination::Style) || by_code() {
        Some(Destination::Style)
    } else {
        preloaded.or(is("modulepreload").then_some(Destination::Script))
    }
}
