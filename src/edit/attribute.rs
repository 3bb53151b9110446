//! An attribute of a start tag as it is written: where a value of it stands, so that another one can take its place.

use std::ops::Range;

use crate::html::scan::Element;

/// The spelling of an attribute. Offsets and ranges count from the tag's `<`, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Without a value; its name ends there.
    Name(usize),
    /// An empty value that belongs there, between quotes or with none.
    Empty { at: usize, quote: Option<u8> },
    /// A value, without and with its quotes.
    Value { value: Range<usize>, whole: Range<usize> },
}

impl Written {
    /// The first attribute with this lower-case name, which is the one that counts.
    pub(super) fn of(element: &Element<'_>, name: &str) -> Option<Self> {
        let mut attributes = element.attributes();
        let named = attributes.find(|(it, ..)| it.eq_ignore_ascii_case(name.as_bytes()));
        let (.., at) = named?;
        let raw = element.raw;
        let name_end = at.name.end;
        let spaces = |from: usize| {
            let rest = &raw[from..];
            from + rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
        };
        let equals = spaces(name_end);
        if raw.get(equals) != Some(&b'=') {
            return Some(Self::Name(name_end));
        }
        let start = spaces(equals + 1);
        Some(match raw[start] {
            quote @ (b'"' | b'\'') => {
                let len = raw[start + 1..].iter().take_while(|b| **b != quote).count();
                let value = start + 1..start + 1 + len;
                if len == 0 {
                    let (at, quote) = (value.start, Some(quote));
                    return Some(Self::Empty { at, quote });
                }
                let whole = start..value.end + 1;
                Self::Value { value, whole }
            }
            b'>' => Self::Empty { at: equals + 1, quote: None },
            _ => {
                let is_end = |b: &&u8| b.is_ascii_whitespace() || **b == b'>';
                let len = raw[start..].iter().take_while(|b| !is_end(b)).count();
                let value = start..start + len;
                Self::Value { whole: value.clone(), value }
            }
        })
    }

    /// The edit that gives it a value, which needs no escapes between double quotes.
    pub(super) fn with_value(self, value: &str) -> (Range<usize>, String) {
        match self {
            Self::Name(end) => (end..end, format!("=\"{value}\"")),
            Self::Empty { at, quote: Some(_) } => (at..at, value.to_owned()),
            Self::Empty { at, quote: None } => (at..at, format!("\"{value}\"")),
            Self::Value { whole, .. } => (whole, format!("\"{value}\"")),
        }
    }
}
