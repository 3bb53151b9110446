//! Values that are no source lists: sandbox flags, endpoints, trusted types, switches.
//!
//! Browsers ignore what they do not know in them, so a misspelled flag is refused here rather than
//! lost there. This module knows single words; their places are the parser's business.

use super::directive::ValueSyntax;
use super::problem::Fault;
use crate::finding::nearest::nearest;

/// A word that cannot end a value, a directive or a header: visible ASCII without `;` and `,`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token(String);

impl Token {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn new(text: &str) -> Result<Self, Fault> {
        let safe = |b: u8| b.is_ascii_graphic() && b != b';' && b != b',';
        if text.is_empty() || !text.bytes().all(safe) {
            return Err(Fault::of(
                text,
                "holds a character no policy can carry",
                "write visible ASCII without `;` and `,`",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// The flags of [`sandbox`](https://html.spec.whatwg.org/#attr-iframe-sandbox).
const SANDBOX_FLAGS: &[&str] = &[
    "allow-downloads",
    "allow-forms",
    "allow-modals",
    "allow-orientation-lock",
    "allow-pointer-lock",
    "allow-popups",
    "allow-popups-to-escape-sandbox",
    "allow-presentation",
    "allow-same-origin",
    "allow-scripts",
    "allow-storage-access-by-user-activation",
    "allow-top-navigation",
    "allow-top-navigation-by-user-activation",
    "allow-top-navigation-to-custom-protocols",
];

/// Reads one word of a value with this syntax.
pub(super) fn parse(syntax: ValueSyntax, word: &str) -> Result<Token, Fault> {
    match syntax {
        ValueSyntax::SandboxFlags => one_of(word, SANDBOX_FLAGS),
        ValueSyntax::WebRtc => one_of(word, &["'allow'", "'block'"]),
        ValueSyntax::TrustedTypesSinks => one_of(word, &["'script'"]),
        ValueSyntax::SriKinds => one_of(word, &["script", "style"]),
        ValueSyntax::TrustedTypesPolicies => trusted_types_policy(word),
        ValueSyntax::MediaTypes if !is_media_type(word) => {
            Err(Fault::of(word, "is no media type", "write type/subtype, such as application/pdf"))
        }
        ValueSyntax::UriReferences | ValueSyntax::ReportingEndpoint if word.contains(['\'', '"']) => {
            Err(Fault::of(word, "has quotes", "write it without quotes"))
        }
        _ => Token::new(word),
    }
}

/// How many words a value with this syntax has too few or too many, if it has.
pub(super) fn check_count(syntax: ValueSyntax, count: usize) -> Result<(), Fault> {
    match (syntax, count) {
        (ValueSyntax::Nothing, 1..) => {
            Err(Fault::new("it takes no value", "end the directive with `;` right behind its name"))
        }
        (ValueSyntax::ReportingEndpoint, 2..) => {
            Err(Fault::new("it takes the name of one endpoint", "keep one, and use report-uri for further addresses"))
        }
        (
            ValueSyntax::ReportingEndpoint
            | ValueSyntax::UriReferences
            | ValueSyntax::TrustedTypesSinks
            | ValueSyntax::WebRtc,
            0,
        ) => Err(Fault::new("it has no value, so browsers ignore it", "give it a value or remove it")),
        _ => Ok(()),
    }
}

fn one_of(word: &str, allowed: &'static [&'static str]) -> Result<Token, Fault> {
    let lower = word.to_ascii_lowercase();
    if allowed.contains(&lower.as_str()) {
        return Token::new(&lower);
    }
    let bare = lower.trim_matches(['\'', '"']);
    let meant = allowed.iter().copied().find(|a| a.trim_matches('\'') == bare);
    let help = meant
        .or_else(|| nearest(&lower, allowed.iter().copied()))
        .map_or_else(|| format!("write one of {}", allowed.join(", ")), |meant| format!("write {meant}"));
    Err(Fault::of(word, "is not known here, so browsers ignore it", help))
}

/// [trusted-types](https://www.w3.org/TR/trusted-types/#trusted-types-csp-directive): a policy name, `*`, or a keyword.
fn trusted_types_policy(word: &str) -> Result<Token, Fault> {
    const KEYWORDS: &[&str] = &["'allow-duplicates'", "'none'"];
    let is_keyword = KEYWORDS.iter().any(|k| k.trim_matches('\'').eq_ignore_ascii_case(word));
    if word.starts_with(['\'', '"']) || is_keyword {
        return one_of(word, KEYWORDS);
    }
    let in_name = |b: u8| b.is_ascii_alphanumeric() || b"-#=_/@.%".contains(&b);
    if word == "*" || word.bytes().all(in_name) {
        return Token::new(word);
    }
    Err(Fault::of(word, "is no policy name", "write letters, digits and - # = _ / @ . % only"))
}

fn is_media_type(word: &str) -> bool {
    let is_token =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    word.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(syntax: ValueSyntax, word: &str) -> String {
        parse(syntax, word).unwrap_err().help
    }

    #[test]
    fn a_misspelled_sandbox_flag_is_refused_with_the_nearest() {
        assert_eq!(parse(ValueSyntax::SandboxFlags, "Allow-Scripts").unwrap().as_str(), "allow-scripts");
        assert_eq!(help(ValueSyntax::SandboxFlags, "allow-script"), "write allow-scripts");
    }

    #[test]
    fn quoted_words_are_refused_without_their_quotes() {
        assert_eq!(help(ValueSyntax::TrustedTypesSinks, "script"), "write 'script'");
        assert_eq!(help(ValueSyntax::WebRtc, "block"), "write 'block'");
        assert_eq!(help(ValueSyntax::TrustedTypesPolicies, "none"), "write 'none'");
        assert_eq!(help(ValueSyntax::SandboxFlags, "'allow-forms'"), "write allow-forms");
    }

    #[test]
    fn trusted_types_policy_names_keep_their_case() {
        assert_eq!(parse(ValueSyntax::TrustedTypesPolicies, "My#Policy").unwrap().as_str(), "My#Policy");
        assert!(parse(ValueSyntax::TrustedTypesPolicies, "my{policy}").is_err());
    }

    #[test]
    fn reporting_addresses_are_not_quoted() {
        assert!(parse(ValueSyntax::UriReferences, "/csp?x=1").is_ok());
        assert!(parse(ValueSyntax::UriReferences, "'/csp'").is_err());
    }

    #[test]
    fn plugin_types_are_media_types() {
        assert!(parse(ValueSyntax::MediaTypes, "application/pdf").is_ok());
        assert!(parse(ValueSyntax::MediaTypes, "pdf").is_err());
    }

    #[test]
    fn switches_take_no_value_and_endpoints_need_one() {
        assert!(check_count(ValueSyntax::Nothing, 0).is_ok());
        assert!(check_count(ValueSyntax::Nothing, 1).is_err());
        assert!(check_count(ValueSyntax::ReportingEndpoint, 0).is_err());
        assert!(check_count(ValueSyntax::ReportingEndpoint, 2).is_err());
        assert!(check_count(ValueSyntax::SandboxFlags, 0).is_ok());
    }

    #[test]
    fn a_token_cannot_end_a_value() {
        for text in ["", "a b", "a;b", "a,b", "a\nb", "é", "\0"] {
            assert!(Token::new(text).is_err(), "{text:?}");
        }
    }
}
