//! Policies: what a person wrote as a base, and what the pages need beside it.
//!
//! A base policy is read strictly: whatever browsers would drop, ignore or read differently from
//! what was meant is a [`PolicyProblem`], since a wrong base is an outage. What is built here
//! cannot be invalid, so that a [`SerializedPolicy`] may go into a header as it is. This module
//! knows neither HTML nor the formats policies are printed in.
//!
//! ```
//! use cspseal::policy::{InlineCheckType, Need, Policy};
//! use cspseal::{HashAlgorithm, HashSource};
//!
//! let mut policy = Policy::parse("default-src 'self'")?;
//! let hash = HashSource::of(HashAlgorithm::Sha256, b"alert(1)");
//! policy.allow([Need::hash(InlineCheckType::Script, hash)]);
//! assert_eq!(
//!     policy.to_string(),
//!     "default-src 'self'; \
//!      script-src 'self' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='",
//! );
//! # Ok::<(), cspseal::policy::PolicyProblems>(())
//! ```

/// A named enum that is found without regard to case.
macro_rules! spelled {
    ($($(#[$about:meta])+ pub enum $type:ident $variants:tt)+) => {$(
        named! { $(#[$about])+ #[non_exhaustive] pub enum $type $variants }

        impl $type {
            /// The one with this name, in any case.
            #[must_use]
            pub fn find(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|n| n.name().eq_ignore_ascii_case(name))
            }

            /// The one a misspelled name probably means.
            #[must_use]
            pub fn nearest(name: &str) -> Option<Self> {
                let names = Self::ALL.iter().map(|n| n.name());
                $crate::finding::nearest::nearest(&name.to_ascii_lowercase(), names)
                    .and_then(Self::find)
            }
        }
    )+};
}

mod allow;
pub(crate) mod as_sent;
mod builder;
mod change;
mod directive;
mod governing;
mod hash_text;
pub(crate) mod host;
mod need;
mod parse;
mod problem;
mod quoted;
mod segments;
mod size;
mod source_expression;
mod tokens;
mod url_source;

use std::fmt;
use std::str::FromStr;

pub use builder::{BuiltPolicy, PolicyBuilder};
pub(crate) use builder::{OwnFrames, Source, Sources};
pub use change::PolicyChange;
pub use directive::{Directive, DirectiveName, IGNORED_IN_META};
pub(crate) use host::HostParts;
pub use host::{HostSource, SchemeSource};
pub use need::Need;
pub use problem::{PolicyProblem, PolicyProblems};
pub use size::PROXY_LIMIT;
pub(crate) use size::large_policy;
pub use source_expression::{Keyword, SourceExpression};
pub use url_source::{Granularities, Granularity};

use crate::error::{Error, Result};
pub use crate::page::InlineCheckType;

/// The number of bytes of a policy that is read, and of the policies of one page, for a check. Many times what browsers take.
pub(crate) const LONGEST: usize = 16 << 20;

/// A [policy](https://www.w3.org/TR/CSP3/#framework-policy): directives in order, no name twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    directives: Vec<Directive>,
}

impl Policy {
    /// The same without hash-sources.
    pub(crate) fn without_hashes(&self) -> Self {
        let directives = self.directives.iter();
        Self { directives: directives.map(Directive::without_hashes).collect() }
    }

    /// Reads a policy strictly, by CSP3's [parse a serialized
    /// policy](https://www.w3.org/TR/CSP3/#parse-serialized-policy) where that would lose nothing.
    ///
    /// ASCII whitespace separates, newlines included; empty directives are skipped; an empty text is the empty policy.
    ///
    /// # Errors
    ///
    /// Everything that browsers would drop, ignore or misread, each with its place in `text`.
    pub fn parse(text: &str) -> Result<Self, PolicyProblems> {
        parse::parse(text)
    }

    /// The base for a site that only uses its own resources.
    ///
    /// ```
    /// assert_eq!(
    ///     cspseal::policy::Policy::preset_self().to_string(),
    ///     "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; \
    ///      frame-ancestors 'none'",
    /// );
    /// ```
    #[must_use]
    pub fn preset_self() -> Self {
        Self::preset(
            "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; \
             frame-ancestors 'none'",
        )
    }

    /// The base for a [strict policy](https://web.dev/articles/strict-csp): a nonce or a hash lets a script run, and whatever that
    /// loads. `https:` and `'unsafe-inline'` are for browsers that know neither.
    ///
    /// ```
    /// assert_eq!(
    ///     cspseal::policy::Policy::preset_strict().to_string(),
    ///     "script-src 'strict-dynamic' https: 'unsafe-inline'; object-src 'none'; base-uri 'none'",
    /// );
    /// ```
    #[must_use]
    pub fn preset_strict() -> Self {
        Self::preset("script-src 'strict-dynamic' https: 'unsafe-inline'; object-src 'none'; base-uri 'none'")
    }

    /// The base for sites of documentation: that of [`preset_self`](Self::preset_self), with `data:` images and fonts, frames and a
    /// `<base>` of the site itself.
    ///
    /// ```
    /// assert_eq!(
    ///     cspseal::policy::Policy::preset_docs().to_string(),
    ///     "default-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'self'; object-src 'none'; \
    ///      form-action 'self'; frame-ancestors 'self'",
    /// );
    /// ```
    #[must_use]
    pub fn preset_docs() -> Self {
        Self::preset(
            "default-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'self'; object-src 'none'; \
             form-action 'self'; frame-ancestors 'self'",
        )
    }

    /// A policy of this program itself, which is valid.
    fn preset(text: &str) -> Self {
        Self::parse(text).unwrap_or_default()
    }

    /// The policy with the directives of another in the place of its own.
    ///
    /// ```
    /// use cspseal::policy::Policy;
    ///
    /// let policy = Policy::parse("default-src 'none'; img-src 'self'")?.with(&Policy::parse("img-src data:; base-uri 'none'")?);
    /// assert_eq!(policy.to_string(), "default-src 'none'; img-src data:; base-uri 'none'");
    /// # Ok::<(), cspseal::policy::PolicyProblems>(())
    /// ```
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        for directive in &other.directives {
            match self.position(directive.name()) {
                Some(at) => self.directives[at] = directive.clone(),
                None => self.directives.push(directive.clone()),
            }
        }
        self
    }

    /// The policy without the directives of these names.
    #[must_use]
    pub fn without(&self, names: &[DirectiveName]) -> Self {
        let directives = self.directives.iter();
        let kept = directives.filter(|directive| !names.contains(&directive.name()));
        Self { directives: kept.cloned().collect() }
    }

    /// Whether there is no directive, so that nothing is restricted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.directives.is_empty()
    }

    /// The directives in their order.
    pub fn directives(&self) -> std::slice::Iter<'_, Directive> {
        self.directives.iter()
    }

    /// The directive with this name.
    #[must_use]
    pub fn directive(&self, name: DirectiveName) -> Option<&Directive> {
        self.position(name).map(|index| &self.directives[index])
    }

    /// The policy as a header or a `<meta>` carries it.
    #[must_use]
    pub fn serialize(&self) -> SerializedPolicy {
        SerializedPolicy(self.to_string())
    }

    fn position(&self, name: DirectiveName) -> Option<usize> {
        self.directives.iter().position(|d| d.name() == name)
    }
}

impl FromStr for Policy {
    type Err = Error;

    /// [`Policy::parse`] with all problems in one error of kind
    /// [`InvalidPolicy`](crate::error::ErrorKind::InvalidPolicy).
    fn from_str(text: &str) -> Result<Self> {
        Ok(Self::parse(text)?)
    }
}

/// Serialized: `; ` between directives, single spaces, no `;` at the end.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, directive) in self.directives.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{directive}")?;
        }
        Ok(())
    }
}

/// A [serialized policy](https://www.w3.org/TR/CSP3/#serialized-policy) that is safe in a header:
/// visible ASCII and spaces, no comma.
///
/// Only a [`Policy`] can make one, and none of its parts can hold another character.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SerializedPolicy(String);

impl SerializedPolicy {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SerializedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn the_preset_is_what_its_text_parses_to() {
        let preset = Policy::preset_self();
        assert_eq!(Policy::parse(&preset.to_string()), Ok(preset));
    }

    #[test]
    fn the_default_policy_is_empty() {
        assert!(Policy::default().is_empty());
        assert_eq!(Policy::default().serialize().as_str(), "");
        assert!(!Policy::preset_self().is_empty());
    }

    #[test]
    fn serialization_keeps_the_order_and_normalises_the_space() {
        let policy = Policy::parse(";\timg-src  https:\n 'self' ; ; sandbox;DEFAULT-SRC;").unwrap();
        assert_eq!(policy.serialize().to_string(), "img-src https: 'self'; sandbox; default-src");
    }

    #[test]
    fn a_directive_is_found_by_name() {
        let policy = Policy::preset_self();
        let directive = policy.directive(DirectiveName::FormAction).unwrap();
        assert_eq!(directive.to_string(), "form-action 'self'");
        assert!(policy.directive(DirectiveName::Sandbox).is_none());
    }

    #[test]
    fn from_str_reports_every_problem_in_one_error() {
        let error = "script-src self none".parse::<Policy>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidPolicy);
        assert_eq!(error.to_string().lines().count(), 2);
    }
}
