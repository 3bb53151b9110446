//! The event-handler attributes that are checked, and on which elements.
//!
//! Browsers check a fixed list of names: `onfoo` is an ordinary attribute. The names are those for
//! which Chromium 156 or Firefox ESR 153 was seen to check inline script attributes, the union of both.

use crate::html::name::Name;
use crate::html::names as n;
use crate::html::tree::Namespace;

/// Whether `attribute` (lower case) is an event handler on that element.
pub(super) fn is_handler(element: Name, namespace: Namespace, attribute: &str) -> bool {
    let on_element: &[&str] = match (namespace, element) {
        (Namespace::Html, n::body | n::frameset) => BODY_AND_FRAMESET,
        (Namespace::Html, n::input) => &["onsearch"],
        (Namespace::Html, n::iframe) => &["onbeforeunload"],
        (Namespace::Html, n::video | n::audio) => &["onencrypted", "onwaitingforkey"],
        (Namespace::Svg, n::svg) => &["onunload"],
        (Namespace::Svg, n::animate | n::animatemotion | n::animatetransform | n::set) => {
            &["onbegin", "onend", "onrepeat"]
        }
        _ => &[],
    };
    ANY.binary_search(&attribute).is_ok() || on_element.contains(&attribute)
}

/// On every element of HTML, SVG and MathML, custom ones included.
#[rustfmt::skip]
const ANY: &[&str] = &[
    "onabort", "onanimationcancel", "onanimationend", "onanimationiteration",
    "onanimationstart", "onauxclick", "onbeforecopy", "onbeforecut", "onbeforeinput",
    "onbeforematch", "onbeforepaste", "onbeforetoggle", "onblur", "oncancel", "oncanplay",
    "oncanplaythrough", "onchange", "onclick", "onclose", "oncommand",
    "oncontentvisibilityautostatechange", "oncontextlost", "oncontextmenu", "oncontextrestored",
    "oncopy", "oncuechange", "oncut", "ondblclick", "ondrag", "ondragend", "ondragenter",
    "ondragexit", "ondragleave", "ondragover", "ondragstart", "ondrop", "ondurationchange",
    "onemptied", "onended", "onerror", "onfocus", "onfocusin", "onfocusout", "onformdata",
    "onfullscreenchange", "onfullscreenerror", "ongotpointercapture", "oninput", "oninvalid",
    "onkeydown", "onkeypress", "onkeyup", "onload", "onloadeddata", "onloadedmetadata",
    "onloadend", "onloadstart", "onlocation", "onlostpointercapture", "onmousedown",
    "onmouseenter", "onmouseleave", "onmouselongtap", "onmousemove", "onmouseout",
    "onmouseover", "onmouseup", "onmousewheel", "onmozfullscreenchange", "onmozfullscreenerror",
    "onmozorientationchange", "onmozpointerlockchange", "onmozpointerlockerror", "onpaste",
    "onpause", "onplay", "onplaying", "onpointercancel", "onpointerdown", "onpointerenter",
    "onpointerleave", "onpointerlockchange", "onpointerlockerror", "onpointermove",
    "onpointerout", "onpointerover", "onpointerrawupdate", "onpointerup", "onprogress",
    "onpromptaction", "onpromptdismiss", "onratechange", "onreset", "onresize", "onscroll",
    "onscrollend", "onscrollsnapchange", "onscrollsnapchanging", "onsecuritypolicyviolation",
    "onseeked", "onseeking", "onselect", "onselectionchange", "onselectstart", "onslotchange",
    "onstalled", "onstream", "onsubmit", "onsuspend", "ontimeupdate", "ontoggle",
    "ontouchcancel", "ontouchend", "ontouchmove", "ontouchstart", "ontransitioncancel",
    "ontransitionend", "ontransitionrun", "ontransitionstart", "onvalidationstatuschange",
    "onvolumechange", "onwaiting", "onwebkitanimationend", "onwebkitanimationiteration",
    "onwebkitanimationstart", "onwebkitfullscreenchange", "onwebkitfullscreenerror",
    "onwebkittransitionend", "onwheel",
];

/// On `body` and `frameset`, where they stand for the window's.
#[rustfmt::skip]
const BODY_AND_FRAMESET: &[&str] = &[
    "onafterprint", "onbeforeprint", "onbeforeunload", "onhashchange", "onlanguagechange",
    "onmessage", "onmessageerror", "onoffline", "ononline", "onpagehide", "onpagereveal",
    "onpageshow", "onpopstate", "onrejectionhandled", "onstorage", "onunhandledrejection",
    "onunload",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_searched() {
        assert!(ANY.is_sorted());
        assert_eq!(ANY.len(), 129);
    }

    #[test]
    fn unknown_names_are_ordinary_attributes() {
        assert!(is_handler(n::p, Namespace::Html, "onclick"));
        assert!(!is_handler(n::p, Namespace::Html, "onfoo"));
        assert!(!is_handler(n::p, Namespace::Html, "on"));
        assert!(!is_handler(n::p, Namespace::Html, "onhashchange"));
        assert!(is_handler(n::body, Namespace::Html, "onhashchange"));
        assert!(is_handler(n::set, Namespace::Svg, "onbegin"));
        assert!(!is_handler(n::set, Namespace::Html, "onbegin"));
    }
}
