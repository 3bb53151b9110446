//! Nonce-sources: the one grammar that decides whether browsers honour a nonce or drop it.
//!
//! A nonce outside the grammar is dropped without a word, and `'unsafe-inline'` beside it is then
//! silently open; so nothing that was not checked here may be called a nonce. This module knows
//! neither HTML, templates nor policies.

use std::fmt;
use std::str::FromStr;

use rand::TryRng as _;
use rand::rngs::SysRng;

use crate::error::{Error, ErrorKind, Result};

/// A [nonce-source](https://www.w3.org/TR/CSP3/#grammardef-nonce-source) with a valid value.
///
/// Displayed as a policy spells it, quotes included. Compared by its exact bytes: nonces are the
/// one part of a policy whose case matters. [`FromStr`] takes the value alone, as it stands in a
/// `nonce` attribute.
///
/// ```
/// use cspseal::nonce::NonceSource;
/// let nonce: NonceSource = "__CSP_NONCE__".parse()?;
/// assert_eq!(nonce.to_string(), "'nonce-__CSP_NONCE__'");
/// assert!("{{ nonce }}".parse::<NonceSource>().is_err());
/// # Ok::<(), cspseal::nonce::InvalidNonce>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NonceSource(String);

impl NonceSource {
    /// The value, without quotes and `nonce-`.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NonceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'nonce-{}'", self.0)
    }
}

impl FromStr for NonceSource {
    type Err = InvalidNonce;

    /// Checks the value against
    /// [base64-value](https://www.w3.org/TR/CSP3/#grammardef-base64-value),
    /// `[A-Za-z0-9+/_-]+={0,2}`.
    fn from_str(value: &str) -> Result<Self, InvalidNonce> {
        let body = value.trim_end_matches('=');
        let wrong = body.char_indices().find(|(_, c)| !is_base64_value_char(*c));
        if let Some((offset, character)) = wrong {
            return Err(InvalidNonce::Character { character, offset });
        }
        if body.is_empty() {
            return Err(InvalidNonce::Empty);
        }
        if value.len() - body.len() > 2 {
            return Err(InvalidNonce::Padding);
        }
        Ok(Self(value.to_owned()))
    }
}

const fn is_base64_value_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '_' | '-')
}

/// Why a text is no nonce.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNonce {
    /// There is nothing in it, or `=` alone.
    #[error("the nonce is empty")]
    Empty,
    /// A character outside the grammar; an `=` here stands before the end.
    #[error(
        "{character:?} at position {offset} cannot stand in a nonce (letters, digits, +, /, - and _, then up to two =)"
    )]
    Character {
        /// The first such character.
        character: char,
        /// Its byte offset in the value.
        offset: usize,
    },
    /// More than two `=` at the end.
    #[error("the nonce ends in more than two =")]
    Padding,
}

/// A text that stands for a nonce in built pages until a server puts a fresh one in its place.
///
/// ```
/// use cspseal::nonce::Placeholder;
/// let placeholder = Placeholder::random()?;
/// assert!(placeholder.to_string().starts_with("CSP_NONCE_"));
/// assert!(placeholder.nonce().is_ok());
/// assert!(Placeholder::new("{{ nonce }}").nonce().is_err());
/// # Ok::<(), cspseal::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Placeholder(String);

impl Placeholder {
    /// What a random placeholder begins with.
    pub const PREFIX: &str = "CSP_NONCE_";
    /// How many random bytes there are in one, written as hexadecimal digits.
    const RANDOM: usize = 16;

    /// This text. A guessable one lets an injected script carry it: the server makes a nonce of that too.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// `CSP_NONCE_` and 128 bits from the operating system's cryptographic generator
    /// ([`rand::rngs::SysRng`], which asks it anew each time).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Random`] when the system gives none.
    pub fn random() -> Result<Self> {
        let mut bytes = [0; Self::RANDOM];
        SysRng.try_fill_bytes(&mut bytes).map_err(|error| {
            Error::new(ErrorKind::Random, "the operating system gives no random numbers").because(error)
        })?;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self(format!("{}{hex}", Self::PREFIX)))
    }

    /// The placeholder as a nonce-source. Where it is none, browsers drop what was not replaced, and `'unsafe-inline'`
    /// beside it is open.
    ///
    /// # Errors
    ///
    /// Why the text is no nonce.
    pub fn nonce(&self) -> Result<NonceSource, InvalidNonce> {
        self.0.parse()
    }

    /// Whether `text` is a random placeholder by its looks.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        text.strip_prefix(Self::PREFIX)
            .is_some_and(|hex| hex.len() == 2 * Self::RANDOM && hex.bytes().all(|b| b.is_ascii_hexdigit()))
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Result<NonceSource, InvalidNonce> {
        value.parse()
    }

    #[test]
    fn every_value_of_the_grammar_is_a_nonce() {
        for value in ["a", "abc", "ABC123+/_-", "aa=", "aa==", "__CSP_NONCE__", "-"] {
            assert_eq!(parse(value).unwrap().to_string(), format!("'nonce-{value}'"));
        }
    }

    #[test]
    fn nonces_that_differ_in_case_are_different() {
        assert_ne!(parse("abc"), parse("ABC"));
    }

    #[test]
    fn template_placeholders_are_refused_at_their_first_wrong_character() {
        for (value, character, offset) in [
            ("{{x}}", '{', 0),
            ("$X", '$', 0),
            ("%X%", '%', 0),
            ("<%=x%>", '<', 0),
            ("ab**", '*', 2),
            ("a b", ' ', 1),
            ("a'b", '\'', 1),
            ("a=b", '=', 1),
            ("é", 'é', 0),
        ] {
            assert_eq!(parse(value), Err(InvalidNonce::Character { character, offset }), "{value}");
        }
    }

    #[test]
    fn the_error_says_which_character_is_wrong() {
        let message = parse("ab{c").unwrap_err().to_string();
        assert!(message.starts_with("'{' at position 2"), "{message}");
    }

    #[test]
    fn nothing_but_padding_is_empty() {
        assert_eq!(parse(""), Err(InvalidNonce::Empty));
        assert_eq!(parse("=="), Err(InvalidNonce::Empty));
    }

    #[test]
    fn random_placeholders_are_nonces_and_differ() {
        let one = Placeholder::random().unwrap();
        let other = Placeholder::random().unwrap();
        assert_ne!(one, other);
        for placeholder in [one, other] {
            assert_eq!(placeholder.to_string().len(), 42);
            assert!(Placeholder::is_one(&placeholder.to_string()));
            assert_eq!(placeholder.nonce().unwrap().value(), placeholder.to_string());
        }
        assert!(!Placeholder::is_one("CSP_NONCE_1"));
        assert!(!Placeholder::is_one("0123456789abcdef0123456789abcdef"));
    }

    #[test]
    fn three_padding_characters_are_too_many() {
        assert_eq!(parse("a==="), Err(InvalidNonce::Padding));
    }
}
