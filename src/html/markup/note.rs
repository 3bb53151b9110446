//! Comments that speak to this program: `<!-- cspseal-allow … -->`.
//!
//! Of all other comments only the end is looked for. Such a one is wanted whole, so it is held until its end has come,
//! up to a limit.

use memchr::memmem;

/// How many bytes such a comment may have; a longer one is a comment like any other.
const LONGEST: usize = 4096;

/// What such a comment begins with, behind white space.
const KEY: &[u8] = b"cspseal-allow";

/// What a comment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note<'a> {
    /// One that speaks to somebody else.
    None,
    /// Its text.
    Text(&'a [u8]),
    /// More input will tell.
    Unfinished,
}

/// Whether a comment with this text is such a one.
pub(crate) fn is_note(text: &str) -> bool {
    text.trim_ascii_start().as_bytes().starts_with(KEY)
}

/// Looks at a comment from behind its `<!--`. `last` says that nothing follows the input.
pub(super) fn find(input: &[u8], last: bool) -> Note<'_> {
    let text = input.trim_ascii_start();
    let seen = text.len().min(KEY.len());
    if text[..seen] != KEY[..seen] {
        return Note::None;
    }
    let head = &input[..input.len().min(LONGEST)];
    match memmem::find(head, b"-->") {
        Some(end) if seen == KEY.len() => Note::Text(&input[..end]),
        Some(_) => Note::None,
        None if last || input.len() >= LONGEST => Note::None,
        None => Note::Unfinished,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_given_once_it_is_whole() {
        let text = b" cspseal-allow blocked-script: why --><script>";
        for at in 0..text.len() {
            let found = find(&text[..at], false);
            let want = match at {
                0..38 => Note::Unfinished,
                _ => Note::Text(&text[..35]),
            };
            assert_eq!(found, want, "{at}");
        }
    }

    #[test]
    fn other_comments_are_none() {
        for text in ["-->", " x -->", "cspseal-a -->", ">", "->", "CSPSEAL-ALLOW a: b -->"] {
            assert_eq!(find(text.as_bytes(), false), Note::None, "{text}");
        }
        assert_eq!(find(b" cspseal-allow", true), Note::None);
        let long = format!("cspseal-allow {}-->", "x".repeat(LONGEST));
        assert_eq!(find(long.as_bytes(), false), Note::None);
    }
}
