//! The nonce attribute that an element already has.

use std::ops::Range;

use crate::html::scan::Element;
use crate::page::script;

/// What an element has of a nonce. Offsets and ranges count from the tag's `<`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// No nonce attribute.
    Nothing,
    /// Template code that speaks of a nonce: it writes the attribute.
    ByCode,
    /// An attribute of a template engine, with this name, that writes it where that engine runs.
    ByAttribute(&'static str),
    /// The attribute without a value; its name ends there.
    Name(usize),
    /// An empty value that belongs there, between quotes or with none.
    Empty { at: usize, quote: Option<u8> },
    /// A value, without and with its quotes.
    Value {
        value: Range<usize>,
        whole: Range<usize>,
    },
}

/// What `element` has of a nonce. Where `is_evaluated`, an engine replaces a plain attribute by the one that it evaluates.
pub(super) fn given(element: &Element<'_>, is_evaluated: bool) -> Given {
    if is_evaluated && let Some(name) = script::writes_nonce(element) {
        return Given::ByAttribute(name);
    }
    let nonce = element
        .attributes()
        .find(|(name, ..)| name.eq_ignore_ascii_case(b"nonce"));
    let Some((.., at)) = nonce else {
        let in_value = |offset: usize| element.name_around(offset).is_some();
        let code = element.code(0..element.raw.len());
        let by_code = code.iter().any(|span| {
            span.names_nonce && !in_value(span.range.start.saturating_sub(element.offset))
        });
        return match script::writes_nonce(element) {
            _ if by_code => Given::ByCode,
            Some(name) => Given::ByAttribute(name),
            None => Given::Nothing,
        };
    };
    let raw = element.raw;
    let name_end = at.name.end;
    let spaces = |from: usize| {
        let rest = &raw[from..];
        from + rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
    };
    let equals = spaces(name_end);
    if raw.get(equals) != Some(&b'=') {
        return Given::Name(name_end);
    }
    let start = spaces(equals + 1);
    match raw[start] {
        quote @ (b'"' | b'\'') => {
            let len = raw[start + 1..].iter().take_while(|b| **b != quote).count();
            let value = start + 1..start + 1 + len;
            if len == 0 {
                let quote = Some(quote);
                return Given::Empty {
                    at: value.start,
                    quote,
                };
            }
            let whole = start..value.end + 1;
            Given::Value { value, whole }
        }
        b'>' => Given::Empty {
            at: equals + 1,
            quote: None,
        },
        _ => {
            let is_end = |b: &&u8| b.is_ascii_whitespace() || **b == b'>';
            let len = raw[start..].iter().take_while(|b| !is_end(b)).count();
            let value = start..start + len;
            Given::Value {
                whole: value.clone(),
                value,
            }
        }
    }
}
