//! What kind of script an element is: [prepare the script element](https://html.spec.whatwg.org/multipage/scripting.html#prepare-the-script-element), up to the inline check.

use std::cell::LazyCell;
use std::collections::HashSet;

use super::element::{Code, Element};
use super::link::has_code;
use crate::html::name::Name;
use crate::html::names as n;
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
const CHECKED: [&str; 4] = ["module", "importmap", SPECULATION_RULES, "webbundle"];

/// The type of [speculation rules](https://html.spec.whatwg.org/multipage/speculative-loading.html#speculation-rules).
const SPECULATION_RULES: &str = "speculationrules";

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
    let external: &[&str] = if html { &["src"] } else { &["href", "xlink:href"] };
    let has = |name: &&str| element.attribute(name).is_some();
    match (runs(element, html), external.iter().any(has)) {
        (false, _) => Role::Nothing,
        (true, true) if is_fetched(element, html) => Role::External,
        (true, true) => Role::Nothing,
        (true, false) => Role::Inline,
    }
}

/// Whether the URL of a script that runs is fetched: it is no map or rules, and not
/// [for an event](https://html.spec.whatwg.org/multipage/scripting.html#prepare-the-script-element) other than loading the window.
fn is_fetched(element: &dyn Element, html: bool) -> bool {
    const IN_TEXT: [&str; 3] = ["importmap", SPECULATION_RULES, "webbundle"];
    let trimmed = |name: &str| {
        let value = element.attribute(name)?;
        Some(value.trim_ascii().to_ascii_lowercase())
    };
    let kind = trimmed("type").unwrap_or_default();
    if IN_TEXT.contains(&&*kind) && !has_code(element, "type") {
        return false;
    }
    let event = trimmed("for").zip(trimmed("event"));
    let is_any = !html || kind == "module" || ["for", "event"].iter().any(|it| has_code(element, it));
    is_any || event.is_none_or(|(of, event)| of == "window" && matches!(&*event, "onload" | "onload()"))
}

/// Whether a script or link is for a module of JavaScript.
pub(crate) fn is_module(element: &dyn Element) -> bool {
    let (attribute, word) = match element.name() == n::link {
        true => ("rel", "modulepreload"),
        false => ("type", "module"),
    };
    let value = element.attribute(attribute).unwrap_or_default();
    let mut words = value.split_ascii_whitespace();
    words.any(|it| it.eq_ignore_ascii_case(word))
}

/// Whether an element holds speculation rules, by its type.
pub(crate) fn is_speculation_rules(element: &dyn Element) -> bool {
    let kind = element.attribute("type");
    kind.is_some_and(|kind| kind.trim_ascii().eq_ignore_ascii_case(SPECULATION_RULES))
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
const WRITES_NONCE: [&str; 9] = [
    "@cspnonce",
    "@nonce",
    "th:nonce",
    "data-th-nonce",
    ":nonce",
    "v-bind:nonce",
    "[nonce]",
    "asp-add-nonce",
    "nws-csp-add-nonce",
];

/// Thymeleaf's attributes that hold others as `name=value` with commas between.
const WRITES_ATTRIBUTES: [&str; 6] =
    ["th:attr", "th:attrappend", "th:attrprepend", "data-th-attr", "data-th-attrappend", "data-th-attrprepend"];

/// The attribute of an element by which a template engine or framework writes its nonce, as it is spelled here.
pub(crate) fn writes_nonce(element: &dyn Element) -> Option<&'static str> {
    let assigns = |name: &&str| {
        let value = element.attribute(name);
        let is_nonce = |part: &str| {
            let name = part.split_once('=').map_or("", |(name, _)| name.trim());
            name.eq_ignore_ascii_case("nonce")
        };
        value.is_some_and(|value| value.split(',').any(is_nonce))
    };
    let is_there = |name: &&str| element.attribute(name).is_some();
    let by_itself = WRITES_NONCE.into_iter().find(is_there);
    by_itself.or_else(|| WRITES_ATTRIBUTES.into_iter().find(assigns))
}

/// Whether template code writes the nonce of an element, or its engine does.
pub(crate) fn is_nonced_by_code(element: &dyn Element) -> bool {
    let by_code = |code: &Code| code.names_nonce && matches!(code.attribute.as_deref(), None | Some("nonce"));
    let in_value = |code: &Code| code.attribute.as_deref() == Some("nonce");
    let code = element.code();
    code.iter().any(by_code) || code.iter().any(in_value) || writes_nonce(element).is_some()
}

/// What there is to say of a nonce in a built page, and what to do about it.
pub(crate) const STATIC_NONCE: (&str, &str) = (
    "this nonce is the same for every response, so an injected script can carry it",
    "let the server or the template make a nonce for each response (see cspseal nonce --help), or check saved responses with cspseal check --captured",
);

/// Why browsers ignore the nonce of a script:
/// [is element nonceable](https://www.w3.org/TR/CSP3/#is-element-nonceable).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum NonceFlaw {
    /// It has an attribute of this name twice.
    Twice(String),
    /// `<script` or `<style` stands in an attribute.
    HoldsTag,
}

impl NonceFlaw {
    /// What browsers make of it.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Twice(name) => {
                format!("browsers ignore the nonce of a script that has an attribute twice, here {name}")
            }
            Self::HoldsTag => "browsers ignore the nonce of a script with <script or <style in an attribute".to_owned(),
        }
    }

    /// What to do about it.
    pub(crate) const fn help(&self) -> &'static str {
        match self {
            Self::Twice(_) => "remove one of the two",
            Self::HoldsTag => "move the text out of the attribute; a hash would work",
        }
    }
}

/// Why browsers ignore the nonce of an element, if they do. Only of scripts; run on both browsers for styles and links
/// too.
pub(crate) fn nonce_flaw(element: &dyn Element) -> Option<NonceFlaw> {
    if element.name() != n::script {
        return None;
    }
    // Template code may choose between them.
    let is_chosen = LazyCell::new(|| {
        let code = element.code();
        code.iter().any(|code| code.kind == HiddenKind::Statement)
    });
    let holds_tag = |text: &str| {
        text.contains('<') && {
            let text = text.to_ascii_lowercase();
            text.contains("<script") || text.contains("<style")
        }
    };
    let mut seen = HashSet::new();
    let mut has_tag = false;
    for (name, value) in element.pairs() {
        has_tag |= holds_tag(&name) || holds_tag(&value);
        if let Some(twice) = seen.replace(name)
            && !*is_chosen
        {
            return Some(NonceFlaw::Twice(twice.into_owned()));
        }
    }
    has_tag.then_some(NonceFlaw::HoldsTag)
}

/// The attribute of a script that holds its URL, if it has one.
pub(super) fn url_attribute(element: &dyn Element) -> Option<&'static str> {
    let names: &[&str] = match element.namespace() {
        Namespace::Html => &["src"],
        Namespace::Svg | Namespace::MathMl => &["href", "xlink:href"],
    };
    let mut names = names.iter().copied();
    names.find(|name| element.attribute(name).is_some())
}

/// Whether a script of this type is run.
fn runs(element: &dyn Element, html: bool) -> bool {
    let is_one = |kinds: &[&str], kind: &str| kinds.iter().any(|one| one.eq_ignore_ascii_case(kind));
    let is_classic = match element.attribute("type") {
        Some(kind) if !kind.is_empty() => {
            let kind = kind.trim_matches(|c: char| c.is_ascii_whitespace());
            if is_one(&CHECKED, kind) {
                return true;
            }
            is_one(&JAVASCRIPT, kind)
        }
        Some(_) => true,
        None => match element.attribute("language").filter(|_| html) {
            Some(language) if !language.is_empty() => is_one(&JAVASCRIPT, &format!("text/{language}")),
            _ => true,
        },
    };
    is_classic && !(html && element.attribute("nomodule").is_some())
}

/// Whether an element is a script or style element of a namespace where those mean something.
pub(crate) fn is_live(element: &dyn Element, name: Name) -> bool {
    element.name() == name && element.namespace() != Namespace::MathMl
}
