//! Nonces in a base policy: most formats print text that is the same for every response, and a nonce that is the same
//! for every response protects nobody.

use crate::error::{Error, ErrorKind, Result};
use crate::policy::{Policy, SourceExpression};

/// Refuses a policy with a nonce for a format that cannot put a fresh one in its place.
///
/// # Errors
///
/// [`ErrorKind::Unsupported`] that names the nonce and its directive.
pub(super) fn check(format: &str, policy: &Policy) -> Result<()> {
    for directive in policy.directives() {
        let is_nonce = |source: &&SourceExpression| matches!(source, SourceExpression::Nonce(_));
        if let Some(nonce) = directive.sources().iter().find(is_nonce) {
            let message = format!(
                "{format} cannot put a fresh value in the place of {nonce} in {} of the base policy; take it out, or see `cspseal nonce --print-policy` for what sends fresh nonces",
                directive.name()
            );
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::deployed;
    use super::super::{EMITTERS, Scope, print};
    use super::*;

    #[test]
    fn only_formats_for_people_and_programs_take_a_nonce() {
        for emitter in EMITTERS {
            let scopes = emitter.support().scopes;
            for scope in if scopes.is_empty() {
                &[Scope::Site]
            } else {
                scopes
            } {
                let printed = deployed(
                    "script-src 'self'; style-src 'nonce-P'",
                    &[("a.html", "")],
                    *scope,
                    |deployment| print(*emitter, deployment),
                );
                if ["header", "json", "list"].contains(&emitter.name()) {
                    assert!(printed.is_ok(), "{}", emitter.name());
                    continue;
                }
                let error = printed.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Unsupported, "{}", emitter.name());
                let message = error.to_string();
                for part in ["'nonce-P'", "style-src", "cspseal nonce --print-policy"] {
                    assert!(message.contains(part), "{message}");
                }
            }
        }
    }
}
