//! Escaping for Apache httpd, run on 2.4.71.

/// How [`apache_header`] writes the `$` of a `${`, which Apache would replace by a variable in any quotes; a
/// `Define CSP_DOLLAR $` must stand above.
pub(crate) const APACHE_DOLLAR: &str = "${CSP_DOLLAR}";

/// The inside of the double-quoted value of Apache's `Header` (run on 2.4.71): the configuration halves backslashes,
/// then mod_headers halves them again and expands `%`.
pub(crate) fn apache_header(text: &str) -> String {
    text.replace('\\', r"\\\\").replace('"', "\\\"").replace('%', "%%").replace("${", "${CSP_DOLLAR}{")
}

/// The inside of a string between single quotes in an expression that itself stands between double quotes in Apache's
/// configuration (run on 2.4.71), where a backslash is two. A number would take a digit behind it for its own, so that only
/// the `$` of a `${`, which Apache would replace before anything else, is one.
pub(crate) fn apache_expression(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '$' if characters.peek() == Some(&'{') => escaped.push_str(r"\\044"),
            '"' | '\\' => {
                escaped.push_str(r"\\\");
                escaped.push(c);
            }
            '\'' | '$' | '%' => {
                escaped.push_str(r"\\");
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// The inside of the double-quoted replacement of Apache's `Header edit`: mod_headers reads it as [`apache_header`] has
/// it, then takes `$` and `\` for references.
pub(crate) fn apache_replacement(text: &str) -> String {
    apache_header(&text.replace('\\', r"\\").replace('$', r"\$"))
}
