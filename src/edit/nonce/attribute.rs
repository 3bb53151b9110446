//! The nonce attribute that an element already has.

use crate::edit::attribute::Written;
use crate::html::scan::Element;
use crate::page::script;

/// What an element has of a nonce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// No nonce attribute.
    Nothing,
    /// Template code that speaks of a nonce: it writes the attribute.
    ByCode,
    /// An attribute of a template engine, with this name, that writes it where that engine runs.
    ByAttribute(&'static str),
    /// The attribute.
    Attribute(Written),
}

/// What `element` has of a nonce. Where `is_evaluated`, an engine replaces a plain attribute by the one that it evaluates.
pub(super) fn given(element: &Element<'_>, is_evaluated: bool) -> Given {
    if is_evaluated && let Some(name) = script::writes_nonce(element) {
        return Given::ByAttribute(name);
    }
    if let Some(written) = Written::of(element, "nonce") {
        return Given::Attribute(written);
    }
    let in_value = |offset: usize| element.name_around(offset).is_some();
    let code = element.code(0..element.raw.len());
    let by_code =
        code.iter().any(|span| span.names_nonce && !in_value(span.range.start.saturating_sub(element.offset)));
    match script::writes_nonce(element) {
        _ if by_code => Given::ByCode,
        Some(name) => Given::ByAttribute(name),
        None => Given::Nothing,
    }
}
