//! A policy as the tag that carries it.

use crate::finding::{Code, Finding};
use crate::html::text::quoted_attribute;
use crate::page::MARKER;
use crate::policy::{DirectiveName, IGNORED_IN_META, Policy};

/// A policy without what does nothing in a `<meta>`.
///
/// ```
/// use cspseal::edit::meta::MetaPolicy;
/// use cspseal::policy::{DirectiveName, Policy};
///
/// let policy = MetaPolicy::new(&Policy::parse("default-src 'self'; frame-ancestors 'none'")?);
/// assert_eq!(
///     policy.tag().as_deref(),
///     Some("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self'\">"),
/// );
/// assert_eq!(policy.removed(), [DirectiveName::FrameAncestors]);
/// # Ok::<(), cspseal::policy::PolicyProblems>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetaPolicy {
    policy: Policy,
    removed: Vec<DirectiveName>,
}

impl MetaPolicy {
    /// What of a policy a `<meta>` can carry.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        let has = |name: &DirectiveName| policy.directive(*name).is_some();
        Self { policy: policy.without(IGNORED_IN_META), removed: IGNORED_IN_META.iter().copied().filter(has).collect() }
    }

    /// What is left of the policy.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The directives that were left out, in the order of [`IGNORED_IN_META`].
    #[must_use]
    pub fn removed(&self) -> &[DirectiveName] {
        &self.removed
    }

    /// What there is to say about the directives that were left out.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        if self.removed.is_empty() {
            return None;
        }
        let names: Vec<&str> = self.removed.iter().map(|name| name.name()).collect();
        let (verb, them) = match names.len() {
            1 => ("does", "it was"),
            _ => ("do", "they were"),
        };
        Some(Finding::new(
            Code::IgnoredInMeta,
            format!("{} {verb} nothing in a <meta>, so {them} left out", names.join(", ")),
            "send what needs it in a header; for frame-ancestors, X-Frame-Options would do",
        ))
    }

    /// The tag; [`None`] for a policy with nothing in it.
    #[must_use]
    pub fn tag(&self) -> Option<String> {
        self.tag_with("")
    }

    /// The tag with [`MARKER`].
    pub(super) fn marked_tag(&self) -> Option<String> {
        self.tag_with(&format!(" {MARKER}"))
    }

    fn tag_with(&self, marker: &str) -> Option<String> {
        (!self.policy.is_empty()).then(|| {
            let content = quoted_attribute(&self.policy.to_string());
            format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{content}\"{marker}>")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(policy: &str) -> Option<String> {
        MetaPolicy::new(&Policy::parse(policy).unwrap()).tag()
    }

    #[test]
    fn nothing_ends_the_attribute_or_the_tag() {
        assert_eq!(
            tag("img-src https://a.test/a&amp 'self'").as_deref(),
            Some("<meta http-equiv=\"Content-Security-Policy\" content=\"img-src https://a.test/a&amp;amp 'self'\">")
        );
    }

    #[test]
    fn what_does_nothing_is_left_out() {
        let policy = Policy::parse("sandbox; frame-ancestors 'none'; img-src *; report-uri /x").unwrap();
        let policy = MetaPolicy::new(&policy);
        assert_eq!(policy.policy().to_string(), "img-src *");
        assert_eq!(policy.removed(), IGNORED_IN_META);
        assert_eq!(
            policy.finding().map(|finding| finding.message).as_deref(),
            Some("frame-ancestors, report-uri, sandbox do nothing in a <meta>, so they were left out")
        );
        assert_eq!(tag("sandbox"), None);
        assert_eq!(tag(""), None);
    }
}
