//! Where a document is not as the properties say, and why. An exception that is not needed fails the test.

/// What is tried of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Property {
    /// Without a policy, what was recorded and what is injected runs.
    Control,
    /// Under the policy that `hash --unsafe-hashes` emits nothing is blocked and everything runs.
    Runs,
    /// The hashes are those that the browser asks for.
    Asked,
    /// What is injected is blocked.
    Blocked,
    /// With nonces everything runs, and what is injected does not.
    Nonce,
    /// The same with the policy in a `<meta>`.
    Meta,
}

/// A stated difference.
pub(crate) struct Exception {
    /// `chromium`, `firefox`, or empty for both.
    pub(crate) browser: &'static str,
    pub(crate) property: Property,
    pub(crate) document: &'static str,
    /// What of it: the fault has this in its words. Empty for anything.
    pub(crate) about: &'static str,
    pub(crate) reason: &'static str,
}

const TEMPLATE_FOR: &str = "template[for] is treated as live, since it is with a marker in the page";
const INSERTED: &str = "only Chromium inserts template[for]";
const STYLE_TYPE: &str = "only Chromium checks styles of any type";
const SCRIPT_TYPE: &str = "only Chromium checks scripts of this kind";
const UNKNOWN_SVG: &str = "Firefox has no handlers on elements that SVG does not know";
const WRITES: &str = "what a script writes into the page is not known";
const TWO_READINGS: &str = "nothing declares the encoding for both browsers, so another reading is hashed as well";

pub(crate) const EXCEPTIONS: &[Exception] = &[
    chromium(Property::Asked, "template-for / marker id free", TEMPLATE_FOR),
    chromium(Property::Asked, "template-for / marker bare free", TEMPLATE_FOR),
    chromium(Property::Asked, "template-for / contentmethod", TEMPLATE_FOR),
    chromium(Property::Asked, "template-for / no marker", TEMPLATE_FOR),
    chromium(Property::Asked, "element-kinds / type=\" module \"", "only Firefox runs it"),
    chromium(Property::Asked, "javascript-url-places / math href", "only Firefox follows links in MathML"),
    firefox(Property::Asked, "template-for / marker id free", INSERTED),
    firefox(Property::Asked, "template-for / marker bare free", INSERTED),
    firefox(Property::Asked, "template-for / start/end", INSERTED),
    firefox(Property::Asked, "template-for / contentmethod", INSERTED),
    firefox(Property::Asked, "template-for / no marker", INSERTED),
    firefox(Property::Asked, "element-kinds / webbundle", SCRIPT_TYPE),
    firefox(Property::Asked, "element-kinds / for=x event=onclick", SCRIPT_TYPE),
    firefox(Property::Asked, "element-kinds / style type=\" text/css\"", STYLE_TYPE),
    firefox(Property::Asked, "element-kinds / style type=text/css;charset", STYLE_TYPE),
    firefox(Property::Asked, "element-kinds / style type=text/less", STYLE_TYPE),
    firefox(Property::Asked, "element-kinds / style type=text/plain", STYLE_TYPE),
    firefox(Property::Asked, "element-kinds / style type=module", STYLE_TYPE),
    firefox(Property::Asked, "element-kinds / svg style type=text/less", STYLE_TYPE),
    firefox(
        Property::Asked,
        "javascript-url-places / iframe sandbox src",
        "Firefox runs no javascript: URL in a sandboxed frame",
    ),
    exception(
        "firefox",
        Property::Asked,
        "testdata/site/index.html",
        "WwmQ5kP6Uud/+mEDKCEC73OUwdfwlyiTVfAH+wYV37M=",
        "only Chromium checks speculation rules",
    ),
    exception(
        "firefox",
        Property::Asked,
        "testdata/legacy/msie.html",
        "LSRl4ljT6dfu4nHAyEcvevgdVR0aHXSasyVR8WwOYVk=",
        STYLE_TYPE,
    ),
    exception(
        "firefox",
        Property::Asked,
        "testdata/legacy/msie.html",
        "D5we9e2pgIm3/ZpQ1f574GJ7XYjelgT5msNzVjSX2So=",
        SCRIPT_TYPE,
    ),
    exception(
        "firefox",
        Property::Asked,
        "testdata/legacy/zeichnung.html",
        "ruOX4heNAin+t709BlZdINiVqzPhpjKVclrVrz7i4e8=",
        UNKNOWN_SVG,
    ),
    exception("firefox", Property::Asked, "random / 188", "gvPpxpXca40bEYGNVwGRniht6NR/fD6zEAxIX3nleCg=", UNKNOWN_SVG),
    both(Property::Asked, "javascript-url-places / form dialog", "a button may submit the form by another method"),
    both(Property::Runs, WRITTEN, WRITES),
    both(Property::Nonce, WRITTEN, WRITES),
    both(Property::Meta, WRITTEN, WRITES),
    both(Property::Asked, NOSCRIPT, TWO_READINGS),
    both(Property::Asked, UNDECLARED, TWO_READINGS),
];

const WRITTEN: &str = "external-by-hash / inline hashed document.write inline + strict-dynamic";
const NOSCRIPT: &str = "parser-and-meta / noscript meta charset";
const UNDECLARED: &str = "parser-and-meta / undeclared utf8 long";

const fn chromium(property: Property, document: &'static str, reason: &'static str) -> Exception {
    exception("chromium", property, document, "", reason)
}

const fn firefox(property: Property, document: &'static str, reason: &'static str) -> Exception {
    exception("firefox", property, document, "", reason)
}

const fn both(property: Property, document: &'static str, reason: &'static str) -> Exception {
    exception("", property, document, "", reason)
}

const fn exception(
    browser: &'static str,
    property: Property,
    document: &'static str,
    about: &'static str,
    reason: &'static str,
) -> Exception {
    Exception { browser, property, document, about, reason }
}
