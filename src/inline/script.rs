//! What kind of script an element is: [prepare the script element](https://html.spec.whatwg.org/multipage/scripting.html#prepare-the-script-element), up to the inline check.

use super::element::{Code, Element};
use crate::html::name::Name;
use crate::html::tree::Namespace;
use crate::template::HiddenKind;

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

/// What of a script element is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Its text, provided that this is not empty.
    Inline,
    /// Its URL.
    External,
    /// Nothing: it does not run.
    Nothing,
}

/// What of a script element is checked.
pub(crate) fn role(element: &dyn Element) -> Role {
    let html = match element.namespace() {
        Namespace::Html => true,
        Namespace::Svg => false,
        Namespace::MathMl => return Role::Nothing,
    };
    let external: &[&str] = if html {
        &["src"]
    } else {
        &["href", "xlink:href"]
    };
    let has = |name: &&str| element.attribute(name).is_some();
    match (runs(element, html), external.iter().any(has)) {
        (false, _) => Role::Nothing,
        (true, true) => Role::External,
        (true, false) => Role::Inline,
    }
}

/// Whether template code decides what of a script element is checked: it makes the value of an attribute that
/// counts, or whether that is there.
pub(crate) fn is_undecided(element: &dyn Element) -> bool {
    const COUNT: [&str; 6] = ["type", "language", "nomodule", "src", "href", "xlink:href"];
    let code = element.code();
    let makes_value = |code: &Code| match &code.attribute {
        Some(name) => matches!(&**name, "type" | "language"),
        None => false,
    };
    let chooses = |code: &Code| code.attribute.is_none() && code.kind == HiddenKind::Statement;
    code.iter().any(makes_value)
        || code.iter().any(chooses) && COUNT.iter().any(|name| element.attribute(name).is_some())
}

/// Attributes by which template engines and frameworks write the nonce attribute: Blade's directives, Thymeleaf,
/// Vue, Angular, and the tag helpers of ASP.NET.
pub(crate) const WRITES_NONCE: [&str; 8] = [
    "@cspnonce",
    "@nonce",
    "th:nonce",
    ":nonce",
    "v-bind:nonce",
    "[nonce]",
    "asp-add-nonce",
    "nws-csp-add-nonce",
];

/// Whether an element has a nonce, or template code in its tag that speaks of one.
pub(crate) fn has_nonce(element: &dyn Element) -> bool {
    let by_code =
        |code: &Code| code.names_nonce && matches!(code.attribute.as_deref(), None | Some("nonce"));
    element
        .attribute("nonce")
        .is_some_and(|nonce| !nonce.is_empty())
        || element.code().iter().any(by_code)
}

/// Whether a script of this type is run.
fn runs(element: &dyn Element, html: bool) -> bool {
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
pub(crate) fn is_live(element: &dyn Element, name: Name) -> bool {
    element.name() == name && element.namespace() != Namespace::MathMl
}
