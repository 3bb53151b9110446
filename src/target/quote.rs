//! Escaping: with the escapes of each server in its folder, the only way for a string from outside into an output.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// A path or another foreign string on one line: control characters, which could end the line or drive a
/// terminal, are written as escapes.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) {
            // Writing into a String cannot fail.
            let _ = write!(escaped, "{}", c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// A language whose strings stand between double quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    /// Within a Python f-string, where braces are code.
    PythonFormat,
    Ruby,
    JavaScript,
    Php,
    Go,
    /// YAML's own rules; what reads the values may have more.
    Yaml,
    Toml,
}

/// A string literal with its quotes: every sign that ends one or means something in one is escaped.
pub(crate) fn string(language: Language, text: &str) -> String {
    format!("\"{}\"", string_content(language, text))
}

/// What stands between the quotes of a string literal.
pub(crate) fn string_content(language: Language, text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match (c, language) {
            ('"' | '\\', _) | ('#', Language::Ruby) | ('$', Language::Php) => {
                escaped.push('\\');
                escaped.push(c);
            }
            ('{' | '}', Language::PythonFormat) => {
                escaped.push(c);
                escaped.push(c);
            }
            (_, Language::Php) if is_unsafe(c) => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(c));
            }
            // All of them are below U+10000.
            _ if is_unsafe(c) => {
                let _ = write!(escaped, "\\u{:04x}", u32::from(c));
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Whether a character could end a line, drive a terminal or show text in another order than it stands in.
fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A regular expression that matches this text and no other. What is no small letter and no digit of ASCII is written by its
/// number, so that neither the language around nor the expression can take it for anything, and no two texts have
/// expressions that differ in case alone.
pub(crate) fn exact_regex(dialect: Regex, text: &str) -> String {
    let mut regex = "^".to_owned();
    let mut push = |c: char, code: u32| {
        // Writing into a String cannot fail.
        let _ = match dialect {
            _ if c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '/' | '-' | '_') => {
                regex.push(c);
                Ok(())
            }
            Regex::Bytes => write!(regex, "\\x{code:02x}"),
            Regex::Characters => write!(regex, "\\x{{{code:x}}}"),
        };
    };
    match dialect {
        Regex::Bytes => text.bytes().for_each(|b| push(char::from(b), u32::from(b))),
        Regex::Characters => text.chars().for_each(|c| push(c, u32::from(c))),
    }
    regex.push('$');
    regex
}

/// Which expressions [`exact_regex`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Regex {
    /// PCRE over bytes, as nginx has it.
    Bytes,
    /// Go's, and PCRE over UTF-8, as lighttpd has it.
    Characters,
}

/// The path of a URL as a browser spells it when it follows a link to the file: the
/// [path percent-encode set](https://url.spec.whatwg.org/#path-percent-encode-set), and what would end the path.
pub(crate) fn url_link_path(path: &str) -> String {
    utf8_percent_encode(path, LINK).to_string()
}

const LINK: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// A regular expression for this path alone, whether it is matched as the browser sent it or decoded: every character
/// that some client escapes is there in both ways.
///
/// Only what JavaScript, with and without its `u` flag, RE2 and PCRE all read alike.
pub(crate) fn path_regex(path: &str) -> String {
    let mut regex = String::with_capacity(path.len() * 2);
    let mut bytes = [0; 4];
    for c in path.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '~') {
            regex.push(c);
            continue;
        }
        let escape = if matches!(c, '$' | '(' | ')' | '*' | '+' | '.' | '?' | '[' | '\\' | ']' | '^' | '{' | '|' | '}')
        {
            "\\"
        } else {
            ""
        };
        if c == '.' {
            regex.push_str("\\.");
            continue;
        }
        let _ = write!(regex, "(?:{escape}{c}|");
        for byte in c.encode_utf8(&mut bytes).bytes() {
            let _ = write!(regex, "%{byte:02X}");
        }
        regex.push(')');
    }
    regex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_line_or_drives_a_terminal() {
        assert_eq!(one_line("a\nb\r\u{1b}[31m\u{202e}日本 'x'"), "a\\nb\\r\\u{1b}[31m\\u{202e}日本 'x'");
    }

    #[test]
    fn strings_hold_nothing_that_a_language_reads() {
        let text = "a\"b\\c$d#{e}`f`%g'\n\u{2028}é";
        for (language, expected) in [
            (Language::Python, r#""a\"b\\c$d#{e}`f`%g'\u000a\u2028é""#),
            (Language::PythonFormat, r#""a\"b\\c$d#{{e}}`f`%g'\u000a\u2028é""#),
            (Language::Ruby, r#""a\"b\\c$d\#{e}`f`%g'\u000a\u2028é""#),
            (Language::JavaScript, r#""a\"b\\c$d#{e}`f`%g'\u000a\u2028é""#),
            (Language::Php, r#""a\"b\\c\$d#{e}`f`%g'\u{a}\u{2028}é""#),
            (Language::Go, r#""a\"b\\c$d#{e}`f`%g'\u000a\u2028é""#),
            (Language::Yaml, r#""a\"b\\c$d#{e}`f`%g'\u000a\u2028é""#),
            (Language::Toml, r#""a\"b\\c$d#{e}`f`%g'\u000a\u2028é""#),
        ] {
            assert_eq!(string(language, text), expected, "{language:?}");
        }
    }

    #[test]
    fn paths_are_spelled_as_clients_spell_them() {
        let path = "/d/a b(c)[d]*!~$'\"{}#%^|+日.html";
        assert_eq!(url_link_path(path), "/d/a%20b(c)[d]*!~$'%22%7B%7D%23%25%5E|+%E6%97%A5.html");
        assert_eq!(path_regex("d/a (+日%.html"), r"d/a(?: |%20)(?:\(|%28)(?:\+|%2B)(?:日|%E6%97%A5)(?:%|%25)\.html");
    }
}
