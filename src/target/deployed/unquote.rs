//! The way back from [`quote`](crate::target::quote): what a server makes of the text that this program escaped. Anything that
//! it would not have written is [`None`].

use crate::target::quote::{self, APACHE_DOLLAR, NGINX_DOLLAR, Regex};

/// Replaces each of the spellings by what it stands for; a sign in `never` must be part of one.
fn undo(text: &str, spellings: &[(&str, char)], never: &[char]) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let spelling = spellings
            .iter()
            .find(|(spelling, _)| rest.starts_with(spelling));
        match spelling {
            Some((spelling, stands_for)) => {
                plain.push(*stands_for);
                rest = &rest[spelling.len()..];
            }
            None if never.contains(&c) => return None,
            None => {
                plain.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    Some(plain)
}

pub(super) fn nginx_quoted(text: &str) -> Option<String> {
    let spellings = [("\\\\", '\\'), ("\\\"", '"'), (NGINX_DOLLAR, '$')];
    undo(text, &spellings, &['\\', '"', '$'])
}

pub(super) fn nginx_key(text: &str) -> Option<String> {
    undo(text, &[("\\\\", '\\'), ("\\\"", '"')], &['\\', '"'])
}

/// The text that an expression of [`exact_regex`](crate::target::quote::exact_regex) matches.
pub(super) fn exact_regex(dialect: Regex, regex: &str) -> Option<String> {
    let mut rest = regex.strip_prefix('^')?.strip_suffix('$')?;
    let mut bytes = Vec::new();
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '/' | '-' | '_') {
            bytes.push(c as u8);
            rest = &rest[1..];
            continue;
        }
        let number = rest.strip_prefix("\\x")?;
        match dialect {
            Regex::Bytes => {
                bytes.push(u8::from_str_radix(number.get(..2)?, 16).ok()?);
                rest = &number[2..];
            }
            Regex::Characters => {
                let (number, behind) = number.strip_prefix('{')?.split_once('}')?;
                let c = char::from_u32(u32::from_str_radix(number, 16).ok()?)?;
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = behind;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

pub(super) fn apache_header(text: &str) -> Option<String> {
    // A `$` is itself unless it begins the name of a variable.
    let text = text.replace(&format!("{APACHE_DOLLAR}{{"), "$\u{0}");
    if text.contains("${") {
        return None;
    }
    let spellings = [(r"\\\\", '\\'), ("\\\"", '"'), ("%%", '%'), ("\u{0}", '{')];
    undo(&text, &spellings, &['\\', '"', '%'])
}

pub(super) fn apache_replacement(text: &str) -> Option<String> {
    let spellings = [(r"\\", '\\'), (r"\$", '$')];
    undo(&apache_header(text)?, &spellings, &['\\', '$'])
}

/// The text of a string in an expression, and what stands behind its quote.
pub(super) fn apache_expression(text: &str) -> Option<(String, &str)> {
    let mut rest = text;
    let mut plain = String::new();
    loop {
        let c = rest.chars().next()?;
        if c == '\'' {
            return Some((plain, &rest[1..]));
        }
        let spellings = [
            (r"\\044", '$'),
            ("\\\\\\\"", '"'),
            (r"\\\\", '\\'),
            (r"\\'", '\''),
            (r"\\$", '$'),
            (r"\\%", '%'),
        ];
        match spellings.iter().find(|(s, _)| rest.starts_with(s)) {
            Some((spelling, stands_for)) => {
                plain.push(*stands_for);
                rest = &rest[spelling.len()..];
            }
            None if matches!(c, '\\' | '"' | '$' | '%') => return None,
            None => {
                plain.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
}

pub(super) fn caddy_value(text: &str) -> Option<String> {
    let spellings = [("{$CSP_DOLLAR:$}", '$'), ("\\{", '{'), ("\\}", '}')];
    undo(text, &spellings, &['{', '}'])
}

/// What stands in either kind of a Caddyfile's quotes, and what stands behind them.
pub(super) fn caddy_quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '`'))?;
    text[1..].split_once(quote)
}

pub(super) fn haproxy_quoted(text: &str) -> Option<String> {
    let spellings = [("\\\\", '\\'), ("\\\"", '"'), ("\\$", '$')];
    undo(text, &spellings, &['\\', '"', '$'])
}

pub(super) fn haproxy_format(text: &str) -> Option<String> {
    undo(&haproxy_quoted(text)?, &[("%%", '%')], &['%'])
}

pub(super) fn lighttpd_string(text: &str) -> Option<String> {
    undo(text, &[("\\\"", '"')], &['"'])
}

/// The paths that alternatives of [`path_regex`](crate::target::quote::path_regex) match, without their slashes at the
/// beginning, if there is nothing else in the expression.
pub(super) fn path_alternatives(regex: &str) -> Option<Vec<String>> {
    let mut paths = vec![String::new()];
    let mut rest = regex;
    while let Some(c) = rest.chars().next() {
        let path = paths.last_mut()?;
        let one = match c {
            '|' => {
                paths.push(String::new());
                rest = &rest[1..];
                continue;
            }
            '\\' => '.',
            '(' => {
                let spelled = rest.strip_prefix("(?:")?;
                let spelled = spelled.strip_prefix('\\').unwrap_or(spelled);
                spelled.chars().next()?
            }
            _ => c,
        };
        let begin = path.len();
        path.push(one);
        rest = rest.strip_prefix(quote::path_regex(&path[begin..]).as_str())?;
    }
    Some(paths)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fragment::quoted;
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_was_escaped_comes_back(text in r#"([$%{}\\"'`a0-9~.{^]|日|\$\{|\\044|%\{|csp_dollar){0,12}"#) {
            let back = Some(text.clone());
            prop_assert_eq!(&nginx_quoted(&quote::nginx_quoted(&text)), &back);
            prop_assert_eq!(&nginx_key(&quote::nginx_key(&text)), &back);
            for dialect in [Regex::Bytes, Regex::Characters] {
                prop_assert_eq!(&exact_regex(dialect, &quote::exact_regex(dialect, &text)), &back);
            }
            prop_assert_eq!(&apache_header(&quote::apache_header(&text)), &back);
            let replacement = quote::apache_replacement(&text);
            if !replacement.contains(APACHE_DOLLAR) {
                prop_assert_eq!(&apache_replacement(&replacement), &back);
            }
            let expression = quote::apache_expression(&text) + "' rest";
            prop_assert_eq!(apache_expression(&expression), Some((text.clone(), " rest")));
            prop_assert_eq!(&caddy_value(&quote::caddy_value(&text)), &back);
            if let Some(token) = quote::caddy_quoted(&text) {
                prop_assert_eq!(caddy_quoted(&token), Some((text.as_str(), "")));
            }
            prop_assert_eq!(&haproxy_quoted(&quote::haproxy_quoted(&text)), &back);
            prop_assert_eq!(&haproxy_format(&quote::haproxy_format(&text)), &back);
            if let Some(token) = quote::lighttpd_string(&text) {
                let (inside, rest) = quoted(&token).unwrap();
                prop_assert_eq!((lighttpd_string(inside), rest), (back.clone(), ""));
            }
            let two = format!("{}|{}", quote::path_regex(&text), quote::path_regex("a.b"));
            prop_assert_eq!(path_alternatives(&two), Some(vec![text.clone(), "a.b".to_owned()]));
            for token in [quote::nginx_quoted(&text), quote::apache_header(&text), quote::haproxy_quoted(&text)] {
                let line = format!("\"{token}\" x");
                prop_assert_eq!(quoted(&line), Some((token.as_str(), " x")));
            }
        }
    }

    #[test]
    fn what_was_not_escaped_so_is_nothing() {
        for text in ["$uri", "\\n", "a\"", "${HOME}"] {
            assert_eq!(nginx_quoted(text), None, "{text}");
            assert_eq!(haproxy_quoted(text), None, "{text}");
        }
        for text in ["%{X}e", "\\n", "\\\\", "${HOME}"] {
            assert_eq!(apache_header(text), None, "{text}");
        }
        for text in ["{path}", "{$HOME}", "a}"] {
            assert_eq!(caddy_value(text), None, "{text}");
        }
        for text in ["a", "^A$", "^a.$", "^a", "^\\x{110000}$", "^\\xff$"] {
            assert_eq!(exact_regex(Regex::Characters, text), None, "{text}");
            assert_eq!(exact_regex(Regex::Bytes, text), None, "{text}");
        }
        assert_eq!(haproxy_format("%[path]"), None);
        for regex in ["a.b", "(?:a|b)", "a*", "[a]", "(?:\\$|%25)", "(a)", "\\d"] {
            assert_eq!(path_alternatives(regex), None, "{regex}");
        }
    }
}
