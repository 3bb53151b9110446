//! Source expressions: what a source list is made of.
//!
//! One token becomes one expression or a fault that says what to write instead. This module knows
//! single tokens only; lists, `'none'` beside others and places are the parser's business.

use std::fmt;

use super::directive::DirectiveName;
use super::host::{self, HostSource, SchemeSource};
use super::problem::Fault;
use super::quoted;
use crate::hash::HashSource;
use crate::nonce::NonceSource;

spelled! {
    /// A [keyword-source](https://www.w3.org/TR/CSP3/#grammardef-keyword-source), named without its quotes.
    pub enum Keyword {
        /// `'self'`: the document's origin.
        SelfOrigin = "self",
        /// `'unsafe-inline'`
        UnsafeInline = "unsafe-inline",
        /// `'unsafe-eval'`
        UnsafeEval = "unsafe-eval",
        /// `'strict-dynamic'`
        StrictDynamic = "strict-dynamic",
        /// `'unsafe-hashes'`
        UnsafeHashes = "unsafe-hashes",
        /// `'report-sample'`
        ReportSample = "report-sample",
        /// `'report-sha256'`
        ReportSha256 = "report-sha256",
        /// `'report-sha384'`
        ReportSha384 = "report-sha384",
        /// `'report-sha512'`
        ReportSha512 = "report-sha512",
        /// `'wasm-unsafe-eval'`
        WasmUnsafeEval = "wasm-unsafe-eval",
        /// `'unsafe-allow-redirects'`
        UnsafeAllowRedirects = "unsafe-allow-redirects",
        /// `'unsafe-webtransport-hashes'`
        UnsafeWebtransportHashes = "unsafe-webtransport-hashes",
        /// `'inline-speculation-rules'`, of the
        /// [HTML standard](https://html.spec.whatwg.org/multipage/speculative-loading.html).
        InlineSpeculationRules = "inline-speculation-rules",
        /// `'trusted-types-eval'`
        TrustedTypesEval = "trusted-types-eval",
    }
}

/// A [source-expression](https://www.w3.org/TR/CSP3/#grammardef-source-expression), or the `'none'`
/// that stands alone in a list.
///
/// Displayed as a policy spells it: keywords and algorithms in lower case, digests in padded
/// standard base64, hosts and schemes as they were written.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SourceExpression {
    /// `'none'`
    None,
    /// A quoted keyword.
    Keyword(Keyword),
    /// `'nonce-…'`
    Nonce(NonceSource),
    /// `'sha256-…'` and its longer kin.
    Hash(HashSource),
    /// `https:`
    Scheme(SchemeSource),
    /// `*`, `example.com`, `https://*.example.com:443/path/`
    Host(HostSource),
}

impl SourceExpression {
    /// What one word of a policy is, if it is valid.
    pub(crate) fn read(token: &str) -> Option<Self> {
        Self::parse(token).ok()
    }

    /// Reads one token that holds visible ASCII without `;` and `,`.
    pub(super) fn parse(token: &str) -> Result<Self, Fault> {
        if token.starts_with(['"', '`']) || token.ends_with(['"', '`']) {
            let bare = token.trim_matches(['"', '`', '\'']);
            let help = quoted::parse(&format!("'{bare}'"))
                .or_else(|_| host::parse(bare))
                .map_or_else(|_| "drop them".to_owned(), |meant| format!("write {meant}"));
            return Err(Fault::of(token, "has quotes that CSP does not know", help));
        }
        // Within a path the character is a host-source's own.
        if token.starts_with('\'') || token.ends_with('\'') {
            return quoted::parse(token);
        }
        if let Some(name) = DirectiveName::find(token.trim_end_matches(':')) {
            return Err(missing_semicolon(token, name));
        }
        match quoted::without_quotes(token) {
            Some(fault) => Err(fault),
            None => host::parse(token),
        }
    }

    /// Whether [`frame-ancestors`](https://www.w3.org/TR/CSP3/#grammardef-ancestor-source) takes it.
    pub(super) const fn is_ancestor_source(&self) -> bool {
        matches!(self, Self::None | Self::Scheme(_) | Self::Host(_) | Self::Keyword(Keyword::SelfOrigin))
    }
}

/// What is wrong with a directive's name among the values of another.
pub(super) fn missing_semicolon(token: &str, name: DirectiveName) -> Fault {
    Fault::of(token, "is a directive's name, but browsers take it for a value here", format!("write `;` before {name}"))
}

impl fmt::Display for SourceExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("'none'"),
            Self::Keyword(keyword) => write!(f, "'{keyword}'"),
            Self::Nonce(nonce) => write!(f, "{nonce}"),
            Self::Hash(hash) => write!(f, "{hash}"),
            Self::Scheme(scheme) => write!(f, "{scheme}"),
            Self::Host(host) => write!(f, "{host}"),
        }
    }
}

impl From<HashSource> for SourceExpression {
    fn from(hash: HashSource) -> Self {
        Self::Hash(hash)
    }
}

impl From<NonceSource> for SourceExpression {
    fn from(nonce: NonceSource) -> Self {
        Self::Nonce(nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(token: &str) -> String {
        SourceExpression::parse(token).unwrap_err().help
    }

    #[test]
    fn every_keyword_parses_in_any_case_and_is_spelled_in_lower_case() {
        for keyword in Keyword::ALL {
            let token = format!("'{}'", keyword.name().to_ascii_uppercase());
            let source = SourceExpression::parse(&token).unwrap();
            assert_eq!(source, SourceExpression::Keyword(keyword));
            assert_eq!(source.to_string(), format!("'{keyword}'"));
        }
        assert_eq!(SourceExpression::parse("'NONE'"), Ok(SourceExpression::None));
    }

    #[test]
    fn other_quotes_are_refused_with_the_right_ones() {
        assert_eq!(help("\"self\""), "write 'self'");
        assert_eq!(help("\"'self'\""), "write 'self'");
        assert_eq!(help("'self'\""), "write 'self'");
        assert_eq!(help("`unsafe-inline`"), "write 'unsafe-inline'");
        assert_eq!(help("\"https://a.com\""), "write https://a.com");
    }

    #[test]
    fn a_directive_name_among_sources_lacks_a_semicolon() {
        assert_eq!(help("script-src"), "write `;` before script-src");
        assert_eq!(help("Script-Src:"), "write `;` before script-src");
    }
}
