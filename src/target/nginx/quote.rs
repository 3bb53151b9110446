//! Escaping for nginx, run on 1.22.1.

/// How [`nginx_quoted`] writes a `$`: nginx has no escape for it, so that a `geo $csp_dollar { default "$"; }` must
/// stand beside.
pub(crate) const NGINX_DOLLAR: &str = "${csp_dollar}";

/// The inside of a double-quoted nginx value in which variables are expanded (run on nginx 1.22.1).
pub(crate) fn nginx_quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', NGINX_DOLLAR)
}

/// The inside of a double-quoted key of an nginx map, in which nothing is expanded (run on nginx 1.22.1). It must not
/// begin with a backslash or a `~`.
pub(crate) fn nginx_key(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
