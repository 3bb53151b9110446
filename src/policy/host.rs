//! Host- and scheme-sources, kept as they were written once they fit the grammar.
//!
//! What does not fit is dropped by browsers, and some of what fits is not what was meant (`https`
//! is a host); both are refused. This module knows single tokens only.

use std::fmt;

use super::problem::{Fault, shown};
use super::source_expression::SourceExpression;

/// A [scheme-source](https://www.w3.org/TR/CSP3/#grammardef-scheme-source), `https:`, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SchemeSource(String);

impl SchemeSource {
    /// The spelling, with its colon.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SchemeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A [host-source](https://www.w3.org/TR/CSP3/#grammardef-host-source), such as `*`, `example.com`
/// or `https://*.example.com:443/path/`, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostSource(String);

impl HostSource {
    pub(crate) fn parts(&self) -> HostParts<'_> {
        HostParts::new(&self.0)
    }
}

/// The parts of a host-source.
pub(crate) struct HostParts<'a> {
    pub(crate) scheme: Option<&'a str>,
    /// Name and port.
    authority: &'a str,
    pub(crate) name: &'a str,
    pub(crate) port: Option<&'a str>,
    /// Empty, or from its `/` on.
    pub(crate) path: &'a str,
}

impl<'a> HostParts<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, text),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (name, port) = match authority.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (authority, None),
        };
        Self { scheme, authority, name, port, path }
    }
}

impl fmt::Display for HostSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Words that are a scheme in any policy one meets, and no host.
const SCHEMES: &[&str] =
    &["http", "https", "ws", "wss", "data", "blob", "filesystem", "mediastream", "about", "javascript"];

/// Reads a token without quotes.
pub(super) fn parse(token: &str) -> Result<SourceExpression, Fault> {
    if let Some(scheme) = token.strip_suffix(':')
        && is_scheme(scheme)
        // A host with a forgotten port fits the grammar of schemes.
        && !scheme.contains('.')
    {
        return Ok(SourceExpression::Scheme(SchemeSource(token.to_owned())));
    }
    match check_host_source(token) {
        Ok(()) => Ok(SourceExpression::Host(HostSource(token.to_owned()))),
        Err(reason) => Err(Fault::new(format!("{} is no source: {}", shown(token), reason.message), reason.help)),
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

fn check_host_source(token: &str) -> Result<(), Fault> {
    let HostParts { scheme, authority, name, port, path } = HostParts::new(token);
    match scheme {
        Some(scheme) if !is_scheme(scheme) => {
            return Err(Fault::of(scheme, "is no scheme", "write a scheme such as https before ://"));
        }
        Some(scheme) if authority.is_empty() && path.is_empty() => {
            return Err(Fault::new("there is no host behind ://", format!("write {scheme}: for the whole scheme")));
        }
        Some(_) => {}
        None => check_without_scheme(token)?,
    }
    if authority.contains('@') {
        return Err(Fault::new("it names a user", "drop everything before the @, and the @"));
    }
    if authority.contains(['?', '#']) {
        return Err(query_fault());
    }
    if authority.contains(['[', ']']) {
        return Err(Fault::new("browsers know no IPv6 addresses in policies", "give a host name"));
    }
    check_host(name)?;
    port.map_or(Ok(()), check_port)?;
    check_path(path)
}

/// Refuses what has no `://` and fits the grammar, or nearly, but cannot be meant.
fn check_without_scheme(token: &str) -> Result<(), Fault> {
    if let Some(rest) = token.strip_prefix("//") {
        return Err(Fault::new("a scheme is missing before //", format!("write https://{rest} or {rest}")));
    }
    if token.starts_with('/') {
        return Err(Fault::new("a path needs a host before it", "write the host too, or 'self' for the whole origin"));
    }
    let word = token.split([':', '/']).next().unwrap_or(token);
    if SCHEMES.iter().any(|s| s.eq_ignore_ascii_case(word)) {
        return Err(Fault::new("browsers take it for a host of that name", format!("write {word}: for the scheme")));
    }
    Ok(())
}

/// [host-part](https://www.w3.org/TR/CSP3/#grammardef-host-part)
fn check_host(host: &str) -> Result<(), Fault> {
    if host == "*" {
        return Ok(());
    }
    let labels = host.strip_prefix("*.").unwrap_or(host);
    if labels.is_empty() {
        return Err(Fault::new("the host is missing", "write a host name or *"));
    }
    if labels.contains('*') {
        return Err(Fault::new(
            "a * may stand for the whole host or for its first labels only",
            "write * or *.example.com",
        ));
    }
    if let Some(wrong) = labels.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))) {
        return Err(Fault::new(
            format!("{wrong:?} cannot stand in a host"),
            "write letters, digits, - and . only (an international name in its xn-- form)",
        ));
    }
    if labels.split('.').any(str::is_empty) {
        return Err(Fault::new("a label of the host is empty", "write one . between labels and none at the ends"));
    }
    Ok(())
}

/// [port-part](https://www.w3.org/TR/CSP3/#grammardef-port-part)
fn check_port(port: &str) -> Result<(), Fault> {
    let is_number = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    if port == "*" || (is_number && port.parse::<u16>().is_ok()) {
        return Ok(());
    }
    Err(Fault::of(port, "is no port", "write a number up to 65535 or * behind the colon, or drop the colon"))
}

/// [path-part](https://www.w3.org/TR/CSP3/#grammardef-path-part), empty or from its `/` on.
fn check_path(path: &str) -> Result<(), Fault> {
    if path.contains(['?', '#']) {
        return Err(query_fault());
    }
    if path.starts_with("//") {
        return Err(Fault::new("the path begins with two slashes", "write one"));
    }
    if let Some(wrong) = path.chars().find(|c| !is_in_path(*c)) {
        return Err(Fault::new(format!("{wrong:?} cannot stand in a path"), "percent-encode it"));
    }
    let is_hex = |b: Option<&u8>| b.is_some_and(u8::is_ascii_hexdigit);
    let bytes = path.as_bytes();
    let broken = |at: usize| bytes[at] == b'%' && !(is_hex(bytes.get(at + 1)) && is_hex(bytes.get(at + 2)));
    if (0..bytes.len()).any(broken) {
        return Err(Fault::new("a % has no two hexadecimal digits behind it", "write %25 for the character itself"));
    }
    Ok(())
}

/// Whether a path-part may hold the character.
pub(super) fn is_in_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/-._~%!$&'()*+=:@".contains(c)
}

fn query_fault() -> Fault {
    Fault::new("a source has no query and no fragment", "end it before the ? or #")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_refused(token: &str, part: &str) {
        let fault = parse(token).expect_err(token);
        let text = format!("{}; {}", fault.message, fault.help);
        assert!(text.contains(part), "{token}: {text}");
    }

    #[test]
    fn schemes_keep_their_spelling() {
        for token in ["https:", "HTTPS:", "data:", "web+app:"] {
            let source = parse(token).unwrap();
            assert!(matches!(source, SourceExpression::Scheme(_)), "{token}");
            assert_eq!(source.to_string(), token);
        }
    }

    #[test]
    fn hosts_of_the_grammar_keep_their_spelling() {
        for token in [
            "*",
            "*:*",
            "*:443",
            "Example.com",
            "*.example.com",
            "localhost:3000",
            "127.0.0.1",
            "https://*",
            "https://*.example.com:*",
            "wss://a-b.example:8080/x/",
            "https://a.com/x%20y/~z'(1)*$&+=:@!",
            "xn--bcher-kva.example/",
        ] {
            let source = parse(token).expect(token);
            assert!(matches!(source, SourceExpression::Host(_)), "{token}");
            assert_eq!(source.to_string(), token);
        }
    }

    #[test]
    fn a_scheme_without_its_colon_is_no_host() {
        assert_refused("https", "write https:");
        assert_refused("data", "write data:");
        assert_refused("https:*", "write https:");
        assert_refused("data:text/html", "write data:");
        assert_refused("https:/a.com", "write https:");
    }

    #[test]
    fn a_scheme_without_host_is_told_the_scheme_source() {
        assert_refused("https://", "write https:");
        assert_refused("1s://a.com", "is no scheme");
        assert_refused("://a.com", "is no scheme");
    }

    #[test]
    fn references_are_no_sources() {
        assert_refused("//a.com/x", "write https://a.com/x");
        assert_refused("/js/", "needs a host");
        assert_refused("https://a.com/x?y", "query");
        assert_refused("https://a.com#y", "query");
        assert_refused("https://me@a.com", "user");
    }

    #[test]
    fn hosts_outside_the_grammar_are_refused() {
        assert_refused("a_b.com", "'_' cannot stand in a host");
        assert_refused("a..com", "label");
        assert_refused("a.com.", "label");
        assert_refused("*a.com", "*");
        assert_refused("a.*.com", "*");
        assert_refused("*.*.com", "*");
        assert_refused("*.", "host is missing");
        assert_refused("[::1]:80", "IPv6");
        assert_refused("https:///x", "host is missing");
        assert_refused("{{cdn}}", "'{'");
        assert_refused("$host", "'$'");
    }

    #[test]
    fn ports_outside_the_grammar_are_refused() {
        assert_refused("a.com:", "port");
        assert_refused("a.com:65536", "port");
        assert_refused("a.com:+80", "port");
        assert_refused("a.com:80:80", "port");
    }

    #[test]
    fn paths_outside_the_grammar_are_refused() {
        assert_refused("a.com/%zz", "%25");
        assert_refused("a.com/%2", "%25");
        assert_refused("a.com/{x}", "'{' cannot stand in a path");
        assert_refused("a.com//x", "two slashes");
    }
}
