//! Policies whose nonce is made anew for every response, in the spelling of what sends them.
//!
//! A fixed nonce protects nobody, so a policy with one cannot be a plain header: something that runs
//! must put a fresh value into the header and the page. Each spelling here is the text that makes one
//! framework or server do so. They know policies, and neither templates nor which spelling a framework wants.

use std::io::{self, Write};

use crate::nonce::NonceSource;
use crate::policy::{DirectiveName, Policy};

pub use super::django::{Django, DjangoCsp3, DjangoCsp4};
pub use super::flask::{Flask, FlaskTalisman};
pub use super::go::Unrolled;
pub use super::header::nonce::Header;
pub use super::helmet::Helmet;
pub use super::laravel::Laravel;
pub use super::php::Php;
pub use super::rails::Rails;
pub use super::starlette::Starlette;
pub use super::symfony::Symfony;
use super::{apache, caddy, nginx};
pub(super) use super::{
    django::{write_csp3, write_csp4, write_django},
    flask::write_talisman,
    helmet::write as write_helmet,
    rails::write as write_rails,
};

/// What browsers do about a violation: the [disposition](https://www.w3.org/TR/CSP3/#policy-disposition) of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disposition {
    /// They block it.
    Enforce,
    /// They report it and nothing else.
    Report,
}

/// One way to write a policy whose nonce is made anew for every response.
pub trait NonceSpelling: Sync {
    /// The name that the command line takes.
    fn name(&self) -> &'static str;
    /// What it prints, in a few words.
    fn about(&self) -> &'static str;
    /// Prints the policy; `nonce` stands in it (as
    /// [`SourceExpression::Nonce`](crate::policy::SourceExpression::Nonce)) wherever the fresh nonce belongs. For
    /// servers `nonce` is also the placeholder that the pages hold.
    ///
    /// # Errors
    ///
    /// Those of `out`, and [`InvalidInput`](io::ErrorKind::InvalidInput) for a policy that the format cannot quote.
    fn emit(&self, policy: &Policy, nonce: &NonceSource, out: &mut dyn Write) -> io::Result<()>;
    /// The directives that what reads the text does not know. They are left out, which a comment in the text says:
    /// the policy that arrives is weaker than the one that was meant.
    fn unknown_directives(&self) -> &'static [DirectiveName] {
        &[]
    }
}

/// Every spelling, the plain header first.
pub const NONCE_SPELLINGS: &[&dyn NonceSpelling] = &[
    &Header,
    &Django,
    &DjangoCsp4,
    &DjangoCsp3,
    &Flask,
    &FlaskTalisman,
    &Starlette,
    &Rails,
    &Helmet,
    &Unrolled,
    &Php,
    &Laravel,
    &Symfony,
];

/// The spellings of servers, which put the nonce in the place of a placeholder.
pub const SERVER_SPELLINGS: &[&dyn NonceSpelling] = &[
    &nginx::nonce::Nginx,
    &apache::nonce::Apache,
    &caddy::nonce::Caddy,
];

/// The spelling of that name.
#[must_use]
pub fn nonce_spelling(name: &str) -> Option<&'static dyn NonceSpelling> {
    NONCE_SPELLINGS
        .iter()
        .chain(SERVER_SPELLINGS)
        .copied()
        .find(|spelling| spelling.name() == name)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A policy with nonces, one alone in its list, and directives of every kind of value.
    pub(crate) const PLAIN: &str = "default-src 'self'; script-src 'self' 'strict-dynamic' 'nonce-N'; \
         style-src 'nonce-N'; object-src 'none'; upgrade-insecure-requests; sandbox";

    /// A policy with every sign that means something to one of the languages.
    pub(crate) const HOSTILE: &str = "img-src 'self' https://a.example/it's/%7E; \
         script-src-elem 'nonce-N' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; upgrade-insecure-requests; \
         report-uri /r?a=$b&c=%25&d=#{e}&f=`g`&h=\\n&i=${j}&k=$NONCE&l=%[1]s&m=%kernel.x%&n={o} /second";

    /// What a spelling prints for a policy whose nonce is `N`.
    #[track_caller]
    pub(crate) fn text(spelling: &dyn NonceSpelling, policy: &str) -> String {
        printed(spelling, policy, "N")
    }

    /// What a spelling prints for a policy with this nonce.
    pub(crate) fn printed(spelling: &dyn NonceSpelling, policy: &str, nonce: &str) -> String {
        let policy = Policy::parse(policy).unwrap();
        let mut out = Vec::new();
        let nonce = nonce.parse().unwrap();
        spelling.emit(&policy, &nonce, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_name_is_found_and_stands_once() {
        let mut names: Vec<_> = NONCE_SPELLINGS.iter().map(|s| s.name()).collect();
        for name in &names {
            assert_eq!(nonce_spelling(name).unwrap().name(), *name);
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), NONCE_SPELLINGS.len());
    }

    #[test]
    fn no_framework_prints_the_nonce_it_was_given() {
        for spelling in NONCE_SPELLINGS.iter().skip(1) {
            for policy in [PLAIN, HOSTILE] {
                let text = text(*spelling, policy);
                assert!(!text.contains("nonce-N"), "{text}");
                assert!(text.ends_with('\n'), "{text}");
            }
        }
    }

    #[test]
    fn a_directive_left_out_is_named_in_a_comment() {
        let policy = "fenced-frame-src 'self'; img-src *; script-src 'nonce-N'";
        for spelling in NONCE_SPELLINGS {
            let text = text(*spelling, policy);
            let left_out = spelling
                .unknown_directives()
                .contains(&DirectiveName::FencedFrameSrc);
            assert_eq!(
                text.contains("fenced-frame-src is left out"),
                left_out,
                "{text}"
            );
        }
    }

    #[test]
    fn an_empty_policy_is_printed_too() {
        for spelling in NONCE_SPELLINGS {
            text(*spelling, "");
        }
    }
}
