//! `header`: the serialized policy with the nonce as it was given, for whatever replaces it in header and page.

use std::io::{self, Write};

use crate::nonce::NonceSource;
use crate::policy::Policy;
use crate::target::nonce::NonceSpelling;

/// The serialized policy; the nonce is a placeholder that something else must replace.
#[derive(Debug)]
pub struct Header;

impl NonceSpelling for Header {
    fn name(&self) -> &'static str {
        "header"
    }

    fn about(&self) -> &'static str {
        "the value of the header, with the placeholder where the nonce belongs"
    }

    fn emit(&self, policy: &Policy, _: &NonceSource, out: &mut dyn Write) -> io::Result<()> {
        if policy.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", policy.serialize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::nonce::tests::{PLAIN, text};

    #[test]
    fn the_policy_is_printed_as_it_is() {
        let policy = Policy::parse(PLAIN).unwrap();
        assert_eq!(text(&Header, PLAIN), format!("{policy}\n"));
    }
}
