//! `header`: the serialized policy, the value of a `Content-Security-Policy` header; nothing when there is none.
//!
//! A nonce is written as it is, for whatever replaces it in header and page.

use super::{Disposition, Scope, Support, Target};
use crate::error::Result;
use crate::nonce::NonceSource;
use crate::policy::Policy;

pub(super) struct Header;

impl Target for Header {
    fn name(&self) -> &'static str {
        "header"
    }

    fn about(&self) -> &'static str {
        "the value of a Content-Security-Policy header for the whole site"
    }

    fn support(&self) -> Support {
        Support {
            report_only: true,
            nonces: true,
            ..Support::new(&[Scope::Site])
        }
    }

    fn write(
        &self,
        policy: &Policy,
        _nonce: Option<&NonceSource>,
        _disposition: Disposition,
    ) -> Result<String> {
        if policy.is_empty() {
            return Ok(String::new());
        }
        Ok(format!("{}\n", policy.serialize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::fixture::{PLAIN, text};

    #[test]
    fn the_policy_is_printed_as_it_is() {
        let policy = Policy::parse(PLAIN).unwrap();
        assert_eq!(text(&Header, PLAIN), format!("{policy}\n"));
    }
}
