//! Escaping for the Caddyfile, run on 2.6.2.

/// A Caddy value without placeholders (run on 2.6.2): braces are escaped, and a `{$`, which is an environment
/// variable before anything else is read, gets its `$` as the default of one that is not set.
pub(crate) fn caddy_value(text: &str) -> String {
    text.replace('{', "\\{").replace('}', "\\}").replace("{$", "{{$CSP_DOLLAR:$}")
}

/// A Caddyfile token in quotes; [`None`] if neither kind of quotes can hold it.
///
/// In `"` a backslash escapes a `"` and is literal elsewhere, even before another one; backticks know no escape.
pub(crate) fn caddy_quoted(text: &str) -> Option<String> {
    if !text.contains('"') && !text.ends_with('\\') {
        return Some(format!("\"{text}\""));
    }
    (!text.contains('`')).then(|| format!("`{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caddy_takes_the_quotes_that_hold_the_text() {
        assert_eq!(caddy_quoted("a`\\b").as_deref(), Some("\"a`\\b\""));
        assert_eq!(caddy_quoted("a\"b").as_deref(), Some("`a\"b`"));
        assert_eq!(caddy_quoted("a\\").as_deref(), Some("`a\\`"));
        assert_eq!(caddy_quoted("`a\\"), None);
    }
}
