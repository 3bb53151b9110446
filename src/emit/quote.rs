//! Escaping: the only way for a string from outside into an output.

use std::fmt::Write as _;

/// A path or another foreign string on one line: control characters, which could end the line or drive a
/// terminal, are written as escapes.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        let drives_terminals = c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if drives_terminals {
            // Writing into a String cannot fail.
            let _ = write!(escaped, "{}", c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_line_or_drives_a_terminal() {
        assert_eq!(
            one_line("a\nb\r\u{1b}[31m\u{202e}日本 'x'"),
            "a\\nb\\r\\u{1b}[31m\\u{202e}日本 'x'"
        );
    }
}
