//! The encoding of a style sheet.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The text of a style sheet, without a byte order mark, and its encoding, which is the fallback of the sheets that it imports.
///
/// In the order of [CSS Syntax 3](https://drafts.csswg.org/css-syntax/#input-byte-stream): byte order mark, `@charset`, `fallback`, which is
/// the encoding of the page or of the importing sheet. The server's charset is unknown here.
pub(crate) fn decode<'b>(bytes: &'b [u8], fallback: &'static Encoding) -> (Cow<'b, str>, &'static Encoding) {
    let (text, encoding, _) = charset(bytes).unwrap_or(fallback).decode(bytes);
    (text, encoding)
}

/// The encoding that `@charset` declares, which must be the first bytes exactly and end within 1,024 of them.
fn charset(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = &bytes[..bytes.len().min(1024)];
    let rest = start.strip_prefix(b"@charset \"")?;
    let (label, end) = rest.split_at(memchr::memchr(b'"', rest)?);
    let encoding = Encoding::for_label(label).filter(|_| end.starts_with(b"\";"))?;
    // A text that can be read so far is none of these.
    Some(if [UTF_16BE, UTF_16LE].contains(&encoding) { UTF_8 } else { encoding })
}

#[cfg(test)]
mod tests {
    use encoding_rs::{SHIFT_JIS, WINDOWS_1252};

    use super::*;

    #[track_caller]
    fn assert_decoded(bytes: &[u8], text: &str, encoding: &'static Encoding) {
        assert_eq!(decode(bytes, WINDOWS_1252), (text.into(), encoding));
    }

    #[test]
    fn the_encoding_is_that_of_the_mark_then_the_rule_then_the_page() {
        assert_decoded(b"a\xE9", "aé", WINDOWS_1252);
        assert_decoded(b"@charset \"utf-8\";\xC3\xA9", "@charset \"utf-8\";é", UTF_8);
        assert_decoded(b"\xEF\xBB\xBF@charset \"shift_jis\";\xC3\xA9", "@charset \"shift_jis\";é", UTF_8);
        assert_decoded(b"\xFF\xFEa\0", "a", UTF_16LE);
        assert_decoded(b"@charset \"Shift_JIS\";\x83\x5C", "@charset \"Shift_JIS\";ソ", SHIFT_JIS);
    }

    #[test]
    fn a_charset_rule_in_utf_16_cannot_be_true() {
        assert_decoded(b"@charset \"utf-16\";\xC3\xA9", "@charset \"utf-16\";é", UTF_8);
    }

    #[test]
    fn a_charset_rule_counts_as_the_first_bytes_exactly() {
        for rule in [
            "@charset 'utf-8';",
            "@CHARSET \"utf-8\";",
            " @charset \"utf-8\";",
            "@charset \"utf-8\" ;",
            "@charset \"x\";",
        ] {
            assert_eq!(decode(rule.as_bytes(), SHIFT_JIS).1, SHIFT_JIS, "{rule}");
        }
        let late = format!("@charset \"{}utf-8\";", " ".repeat(1024));
        assert_eq!(decode(late.as_bytes(), SHIFT_JIS).1, SHIFT_JIS);
    }
}
