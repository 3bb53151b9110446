//! `header`: the serialized policy, the value of a `Content-Security-Policy` header; nothing when there is none.
//!
//! A nonce is written as it is, for whatever replaces it in header and page.

mod read;

use super::{Scope, SentPolicy, Support, Target};
use crate::error::Result;

pub(super) struct Header;

const SUPPORT: Support = Support {
    deployed: Some(&read::FILE),
    report_only: true,
    nonces: true,
    ..Support::new(
        "header",
        "the value of a Content-Security-Policy header for the whole site",
        &[Scope::Site],
    )
};

impl Target for Header {
    fn support(&self) -> &'static Support {
        &SUPPORT
    }

    fn write(&self, sent: &SentPolicy<'_>) -> Result<String> {
        if sent.policy.is_empty() {
            return Ok(String::new());
        }
        Ok(format!("{}\n", sent.policy.serialize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use crate::target::tests::fixture::{PLAIN, text};

    #[test]
    fn the_policy_is_printed_as_it_is() {
        let policy = Policy::parse(PLAIN).unwrap();
        assert_eq!(text(&Header, PLAIN), format!("{policy}\n"));
    }
}
