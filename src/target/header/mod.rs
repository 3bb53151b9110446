//! `header`: the serialized policy, the value of a `Content-Security-Policy` header; nothing when there is none. With a
//! report-only policy next to it, a line for each of the two headers.
//!
//! A nonce is written as it is, for whatever replaces it in header and page.

mod read;

use super::{Scope, SentPolicy, Target};
use crate::error::Result;

pub(super) static HEADER: Target = Target {
    deployed: Some(&read::FILE),
    report_only: true,
    nonces: true,
    write: Some(write),
    ..Target::new("header", "the value of a Content-Security-Policy header for the whole site", &[Scope::Site])
};

fn write(sent: &[SentPolicy<'_>]) -> Result<String> {
    let line = |sent: &SentPolicy<'_>| match sent.policy.is_empty() {
        true => String::new(),
        false => format!("{}\n", sent.policy),
    };
    Ok(match sent {
        [one] => line(one),
        _ => {
            let name = |sent: &SentPolicy<'_>| format!("{}: ", sent.header_name());
            sent.iter().map(|sent| name(sent) + &line(sent)).collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use crate::target::tests::fixture::{PLAIN, text};

    #[test]
    fn the_policy_is_printed_as_it_is() {
        let policy = Policy::parse(PLAIN).unwrap();
        assert_eq!(text(&HEADER, PLAIN), format!("{policy}\n"));
    }
}
