//! Attributes whose text a library runs as code, with `eval` or `new Function`. Browsers know nothing of them, so no hash
//! allows them.
//!
//! The directives are those in the documentation of Alpine.js 3, Vue.js 3 and htmx 2 that take an expression.

/// A library that runs the text of attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Library {
    Alpine,
    Vue,
    /// Both have the shorthands.
    AlpineOrVue,
    Htmx,
}

const ALPINE: &[&str] = &[
    "bind",
    "data",
    "effect",
    "for",
    "html",
    "id",
    "if",
    "init",
    "intersect",
    "model",
    "modelable",
    "on",
    "show",
    "text",
];

const VUE: &[&str] = &["bind", "else-if", "for", "html", "if", "model", "on", "show", "text"];

impl Library {
    /// The one that runs an attribute with this name as written.
    pub(crate) fn of(name: &[u8]) -> Option<Self> {
        let (&first, rest) = name.split_first()?;
        let is_directive = |known: &[&str]| {
            let text = rest.strip_prefix(b"-").unwrap_or_default();
            let end = text.iter().position(|byte| matches!(byte, b':' | b'.'));
            let text = &text[..end.unwrap_or(text.len())];
            known.iter().any(|known| text.eq_ignore_ascii_case(known.as_bytes()))
        };
        match first.to_ascii_lowercase() {
            b'@' | b':' => rest.first().is_some_and(u8::is_ascii_alphabetic).then_some(Self::AlpineOrVue),
            b'x' => is_directive(ALPINE).then_some(Self::Alpine),
            b'v' => is_directive(VUE).then_some(Self::Vue),
            b'h' => {
                let is_on = name.len() >= 5 && name[..5].eq_ignore_ascii_case(b"hx-on");
                let is_end = matches!(name.get(5), None | Some(b':' | b'-'));
                (is_on && is_end).then_some(Self::Htmx)
            }
            _ => None,
        }
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Alpine => "Alpine.js",
            Self::Vue => "Vue.js",
            Self::AlpineOrVue => "Alpine.js or Vue.js",
            Self::Htmx => "htmx",
        }
    }

    /// How a page does without.
    pub(crate) fn instead(self) -> &'static str {
        match self {
            Self::Alpine => "use the CSP build of Alpine.js",
            Self::Vue => "compile the templates when the site is built",
            Self::AlpineOrVue => "use the CSP build of Alpine.js, or compile Vue's templates when the site is built",
            Self::Htmx => "use addEventListener in a script",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_that_libraries_run() {
        use Library::{Alpine, AlpineOrVue, Htmx, Vue};
        for (name, library) in [
            ("x-data", Some(Alpine)),
            ("X-On:click.prevent", Some(Alpine)),
            ("x-model.debounce", Some(Alpine)),
            ("x-ref", None),
            ("x-cloak", None),
            ("x-database", None),
            ("x", None),
            ("v-else-if", Some(Vue)),
            ("v-bind:class", Some(Vue)),
            ("v-else", None),
            ("v-cloak", None),
            ("value", None),
            ("@click.away", Some(AlpineOrVue)),
            (":class", Some(AlpineOrVue)),
            ("@", None),
            ("::a", None),
            ("hx-on", Some(Htmx)),
            ("hx-on:click", Some(Htmx)),
            ("HX-ON::after-request", Some(Htmx)),
            ("hx-on-click", Some(Htmx)),
            ("hx-once", None),
            ("hx-get", None),
            ("", None),
        ] {
            assert_eq!(Library::of(name.as_bytes()), library, "{name}");
        }
    }
}
