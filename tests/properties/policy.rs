//! What holds for any policy and whatever pages need beside it.
//!
//! The random tests and the fuzz targets share it.

use cspseal::HashSource;
use cspseal::policy::{self, InlineCheckType, Policy, PolicyChange};

/// Hashes that pages need for one kind of check.
pub(crate) type Need = (InlineCheckType, Vec<HashSource>);

/// Adds the hashes of a need.
fn allow(policy: &mut Policy, (check, hashes): &Need) -> Vec<PolicyChange> {
    let needs = hashes.iter().map(|hash| policy::Need::hash(*check, *hash));
    policy.allow(needs)
}

/// The policy with the needs merged into it, and what that changed.
pub(crate) fn merged(base: &Policy, needs: &[Need]) -> (Policy, Vec<PolicyChange>) {
    let mut policy = base.clone();
    let changes = needs.iter().flat_map(|need| allow(&mut policy, need)).collect();
    (policy, changes)
}

/// Panics unless what is parsed or refused is as it should be; gives back the policy.
pub(crate) fn parsed(text: &str) -> Option<Policy> {
    match Policy::parse(text) {
        Ok(policy) => {
            check_text(&policy);
            Some(policy)
        }
        Err(problems) => {
            for problem in &problems {
                let place = text.get(problem.span());
                assert!(place.is_some_and(|place| !place.is_empty()), "{problem:?}");
                assert!(!problem.to_string().contains(['\0', '\n']), "{problem:?}: {problem}");
            }
            None
        }
    }
}

/// Panics unless the policy's text is that of the policy and safe in a header.
fn check_text(policy: &Policy) {
    let text = policy.serialize();
    let text = text.as_str();
    assert_eq!(Policy::parse(text).as_ref(), Ok(policy), "{text}");
    let safe = |b: u8| (b.is_ascii_graphic() || b == b' ') && b != b',';
    assert!(text.bytes().all(safe), "{text:?}");
    assert!(!text.contains("  ") && !text.ends_with(';'), "{text:?}");
    assert_eq!(text.trim(), text);
    assert_eq!(text, policy.to_string());
}

/// Panics unless the needs are met, nothing more is, and that in whatever order they come. `others` are hashes that nobody
/// needs and that are not in the base: where attributes need `'unsafe-hashes'`, those begin to count for attributes too.
pub(crate) fn check(base: &Policy, needs: &[Need], shuffled: &[Need], others: &[HashSource]) {
    let (policy, mut changes) = merged(base, needs);
    check_text(&policy);

    let (other, mut other_changes) = merged(base, shuffled);
    assert_eq!(policy.to_string(), other.to_string(), "the order matters");
    for changes in [&mut changes, &mut other_changes] {
        changes.sort();
        changes.dedup();
    }
    assert_eq!(changes, other_changes);

    for (check, hashes) in needs {
        for hash in hashes {
            assert!(policy.allows_hash(*check, hash), "{policy} {check:?} {hash}");
        }
    }
    for check in InlineCheckType::ALL.iter().copied() {
        let allowed = |policy: &Policy| {
            let hashes = others.iter().map(|hash| policy.allows_hash(check, hash));
            let all = [policy.allows_all_inline(check)];
            hashes.chain(all).collect::<Vec<_>>()
        };
        for (before, after) in allowed(base).iter().zip(allowed(&policy)) {
            assert!(*before || !after, "{base} became {policy} for {check:?}");
        }
    }

    let mut again = policy.clone();
    for need in needs {
        assert_eq!(allow(&mut again, need), []);
    }
    assert_eq!(again, policy);

    for directive in base.directives() {
        let after = policy.directive(directive.name());
        let after = after.map(ToString::to_string).unwrap_or_default();
        let kept = directive.to_string().replace(" 'none'", "");
        assert!(after.starts_with(&kept), "{directive} in {policy}");
    }
}
