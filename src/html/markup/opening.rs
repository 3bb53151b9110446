//! What a `<` begins.

use crate::html::name::{Name, name_bytes};

/// What a `<` begins.
pub(super) enum Opening {
    Text,
    /// `</>`, which is nothing.
    Nothing,
    /// A tag, and the length of what is known of it: up to the end of its name.
    StartTag {
        name: Name,
        len: usize,
    },
    EndTag {
        name: Name,
        len: usize,
    },
    Comment,
    Bogus,
    Doctype,
    /// `<![CDATA[`, a section or a bogus comment.
    Cdata,
}

pub(super) const DOCTYPE: &[u8] = b"<!doctype";

/// Finds what the `<` at the start of `input` begins. [`None`] says that more input must decide; the first `looked_at` bytes were
/// looked at before, with that result.
pub(super) fn classify(input: &[u8], last: bool, looked_at: usize) -> Option<Opening> {
    const CDATA: &[u8] = b"<![CDATA[";
    let starts = |opening: &[u8]| {
        let len = input.len().min(opening.len());
        input[..len].eq_ignore_ascii_case(&opening[..len])
    };
    let (end_tag, letter) = match input.get(1) {
        Some(b'/') => (true, input.get(2)),
        letter => (false, letter),
    };
    Some(match letter {
        None => return last.then_some(Opening::Text),
        Some(b'a'..=b'z' | b'A'..=b'Z') => {
            let from = 1 + usize::from(end_tag);
            let behind = looked_at.max(from);
            let len = behind + name_bytes(&input[behind..]).len();
            if len == input.len() {
                // A tag cut short by the end of the document is none.
                return last.then_some(Opening::Bogus);
            }
            let name = Name::from_bytes(&input[from..len]);
            if end_tag { Opening::EndTag { name, len } } else { Opening::StartTag { name, len } }
        }
        Some(b'>') if end_tag => Opening::Nothing,
        Some(_) if end_tag => Opening::Bogus,
        Some(b'?') => Opening::Bogus,
        Some(b'!') => {
            if input.starts_with(b"<!--") {
                Opening::Comment
            } else if input.starts_with(CDATA) {
                Opening::Cdata
            } else if !last && (b"<!--".starts_with(input) || CDATA.starts_with(input)) {
                return None;
            } else if starts(DOCTYPE) {
                if input.len() < DOCTYPE.len() && !last {
                    return None;
                }
                Opening::Doctype
            } else {
                Opening::Bogus
            }
        }
        Some(_) => Opening::Text,
    })
}
