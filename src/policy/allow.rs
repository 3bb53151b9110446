//! Merges what pages need into a policy, and tells what a policy allows.
//!
//! A hash only works in the directive that is *effective* for its check; one added anywhere else
//! does nothing, and sources are never merged across directives. This module knows check types
//! and directives, not where the hashes come from.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::Policy;
use super::change::PolicyChange;
use super::directive::{Directive, DirectiveName, Value};
use super::source::{Keyword, SourceExpression};
use crate::hash::{HashAlgorithm, HashSource};
use crate::nonce::NonceSource;
use crate::page::InlineCheckType;

/// The hashes of the empty text.
static EMPTY: LazyLock<[HashSource; 3]> =
    LazyLock::new(|| HashAlgorithm::ALL.map(|algorithm| HashSource::of(algorithm, b"")));

impl Policy {
    /// Adds hash-sources for one check type to its effective directive, with `'unsafe-hashes'`
    /// where the check needs it.
    ///
    /// Where only `default-src` governs, its sources are copied to a new `script-src` or
    /// `style-src` behind it, which takes the hashes. What the directive already holds is not
    /// added again, and no hashes change nothing. The same needs give the same policy in whatever
    /// order they arrive: sources of the base stay first and in order, then `'unsafe-hashes'`, then
    /// all added hashes by the bytes of their spelling.
    ///
    /// Takes time in the length of the directive on every call: pass many hashes at once.
    pub fn allow_inline(
        &mut self,
        check: InlineCheckType,
        hashes: impl IntoIterator<Item = HashSource>,
    ) -> Vec<PolicyChange> {
        let mut fresh: HashSet<HashSource> = hashes.into_iter().collect();
        if fresh.is_empty() {
            return Vec::new();
        }
        let mut lacks_keyword = check.needs_unsafe_hashes();
        if let Some(directive) = self.effective_directive(check) {
            lacks_keyword &= !has_keyword(directive.sources(), Keyword::UnsafeHashes);
            for hash in hashes_in(directive.sources()) {
                fresh.remove(hash);
            }
        }
        if fresh.is_empty() && !lacks_keyword {
            return Vec::new();
        }
        let mut changes = Vec::new();
        let (index, copied_from) = self.target(check, &mut changes);
        let directive = &mut self.directives[index];
        if allow_all_inline(directive.sources(), check) {
            changes.push(PolicyChange::UnsafeInlineDisabled {
                directive: directive.name(),
                copied_from,
            });
        }
        if check.is_script() && EMPTY.iter().any(|empty| fresh.contains(empty)) {
            changes.push(PolicyChange::EmptyHashInScript {
                directive: directive.name(),
            });
        }
        directive.add(fresh.into_iter().map(SourceExpression::Hash), lacks_keyword);
        changes
    }

    /// Adds a nonce-source for scripts or styles to their effective directive, as
    /// [`allow_inline`](Self::allow_inline) adds hashes.
    pub fn allow_nonce(&mut self, check: InlineCheckType, nonce: NonceSource) -> Vec<PolicyChange> {
        let nonce = SourceExpression::Nonce(nonce);
        let effective = self.effective_directive(check);
        if effective.is_some_and(|directive| directive.sources().contains(&nonce)) {
            return Vec::new();
        }
        let mut changes = Vec::new();
        let (index, copied_from) = self.target(check, &mut changes);
        let directive = &mut self.directives[index];
        if allow_all_inline(directive.sources(), check) {
            changes.push(PolicyChange::UnsafeInlineDisabled {
                directive: directive.name(),
                copied_from,
            });
        }
        directive.add([nonce], false);
        changes
    }

    /// The [directive that governs](https://www.w3.org/TR/CSP3/#effective-directive-for-inline-check)
    /// a check; `None` when nothing does.
    #[must_use]
    pub fn effective_directive(&self, check: InlineCheckType) -> Option<&Directive> {
        check
            .fallback()
            .iter()
            .find_map(|name| self.directive(*name))
    }

    /// Whether everything inline of this kind is allowed without a hash: nothing governs it, or an
    /// [`'unsafe-inline'` that nothing switches off](https://www.w3.org/TR/CSP3/#allow-all-inline).
    #[must_use]
    pub fn allows_all_inline(&self, check: InlineCheckType) -> bool {
        self.effective_directive(check)
            .is_none_or(|d| allow_all_inline(d.sources(), check))
    }

    /// Whether [this hash is allowed](https://www.w3.org/TR/CSP3/#match-element-to-source-list) for
    /// this check.
    ///
    /// Takes time in the length of the directive.
    #[must_use]
    pub fn allows_hash(&self, check: InlineCheckType, hash: &HashSource) -> bool {
        let Some(directive) = self.effective_directive(check) else {
            return true;
        };
        let sources = directive.sources();
        if allow_all_inline(sources, check) {
            return true;
        }
        let counts = !check.needs_unsafe_hashes() || has_keyword(sources, Keyword::UnsafeHashes);
        counts && hashes_in(sources).any(|h| h == hash)
    }

    /// The index of the directive that takes the hashes, created if need be, and the name of the
    /// directive it was then copied from.
    fn target(
        &mut self,
        check: InlineCheckType,
        changes: &mut Vec<PolicyChange>,
    ) -> (usize, Option<DirectiveName>) {
        let specific = check
            .fallback()
            .iter()
            .filter(|name| **name != DirectiveName::DefaultSrc);
        if let Some(index) = specific.into_iter().find_map(|name| self.position(*name)) {
            return (index, None);
        }
        let name = check.general();
        let default = self.position(DirectiveName::DefaultSrc);
        if default.is_none() && self.directives.iter().any(|d| !d.added) {
            changes.push(PolicyChange::NewRestriction { directive: name });
        }
        let sources =
            default.map_or_else(Vec::new, |index| self.directives[index].sources().to_vec());
        let index = self.place_for(name, default);
        let mut directive = Directive::new(name, Value::Sources(sources));
        directive.added = true;
        self.directives.insert(index, directive);
        (index, default.map(|_| DirectiveName::DefaultSrc))
    }

    /// Behind `default-src`, else behind the base; `script-src` before `style-src`, whichever was
    /// needed first.
    fn place_for(&self, name: DirectiveName, default: Option<usize>) -> usize {
        let base_end = self.directives.iter().rposition(|d| !d.added);
        let start = default.or(base_end).map_or(0, |index| index + 1);
        let earlier = self.directives[start..]
            .iter()
            .take_while(|d| d.added && d.name() < name);
        start + earlier.count()
    }
}

impl Directive {
    /// Adds sources that are not there yet, and `'unsafe-hashes'` if it is not.
    fn add(&mut self, fresh: impl IntoIterator<Item = SourceExpression>, unsafe_hashes: bool) {
        let Value::Sources(sources) = &mut self.value else {
            return;
        };
        let mut added = sources.split_off(self.given);
        sources.retain(|source| *source != SourceExpression::None);
        self.given = sources.len();
        if unsafe_hashes {
            added.push(SourceExpression::Keyword(Keyword::UnsafeHashes));
        }
        added.extend(fresh);
        added.sort_by_cached_key(|source| {
            (
                matches!(source, SourceExpression::Hash(_)),
                source.to_string(),
            )
        });
        sources.append(&mut added);
    }
}

/// CSP3's [does a source list allow all inline behavior](https://www.w3.org/TR/CSP3/#allow-all-inline).
fn allow_all_inline(sources: &[SourceExpression], check: InlineCheckType) -> bool {
    let switches_off = |source: &SourceExpression| match source {
        SourceExpression::Nonce(_) | SourceExpression::Hash(_) => true,
        SourceExpression::Keyword(Keyword::StrictDynamic) => check.is_script(),
        _ => false,
    };
    has_keyword(sources, Keyword::UnsafeInline) && !sources.iter().any(switches_off)
}

fn has_keyword(sources: &[SourceExpression], keyword: Keyword) -> bool {
    sources.contains(&SourceExpression::Keyword(keyword))
}

fn hashes_in(sources: &[SourceExpression]) -> impl Iterator<Item = &HashSource> {
    sources.iter().filter_map(|source| match source {
        SourceExpression::Hash(hash) => Some(hash),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use InlineCheckType::{Navigation, Script, ScriptAttribute, Style, StyleAttribute};

    fn hash(text: &str) -> HashSource {
        HashSource::of(HashAlgorithm::Sha256, text.as_bytes())
    }

    /// Merges the hash of "a" into `base`; `H` in `expected` stands for it.
    #[track_caller]
    fn assert_merged(base: &str, check: InlineCheckType, expected: &str) -> Vec<PolicyChange> {
        let mut policy = Policy::parse(base).unwrap();
        let changes = policy.allow_inline(check, [hash("a")]);
        assert_eq!(
            policy.to_string(),
            expected.replace(" H", &format!(" {}", hash("a"))),
            "{base}"
        );
        assert!(policy.allows_hash(check, &hash("a")));
        changes
    }

    fn disabled(directive: DirectiveName, copied_from: Option<DirectiveName>) -> Vec<PolicyChange> {
        vec![PolicyChange::UnsafeInlineDisabled {
            directive,
            copied_from,
        }]
    }

    #[test]
    fn a_hash_goes_to_the_directive_for_elements_if_there_is_one() {
        let base = "script-src-elem 'self'; script-src *; style-src-elem 'self'; style-src *";
        assert_merged(
            base,
            Script,
            "script-src-elem 'self' H; script-src *; style-src-elem 'self'; style-src *",
        );
        assert_merged(
            base,
            Style,
            "script-src-elem 'self'; script-src *; style-src-elem 'self' H; style-src *",
        );
    }

    #[test]
    fn a_hash_goes_to_the_directive_for_attributes_if_there_is_one() {
        assert_merged(
            "script-src-attr 'none'; script-src *",
            ScriptAttribute,
            "script-src-attr 'unsafe-hashes' H; script-src *",
        );
        assert_merged(
            "style-src *; style-src-attr *",
            StyleAttribute,
            "style-src *; style-src-attr * 'unsafe-hashes' H",
        );
    }

    #[test]
    fn a_hash_goes_to_the_general_directive_otherwise() {
        assert_merged(
            "default-src *; script-src 'self'",
            Script,
            "default-src *; script-src 'self' H",
        );
        assert_merged(
            "script-src-elem *; script-src 'self'",
            ScriptAttribute,
            "script-src-elem *; script-src 'self' 'unsafe-hashes' H",
        );
        assert_merged(
            "style-src 'self'",
            StyleAttribute,
            "style-src 'self' 'unsafe-hashes' H",
        );
    }

    #[test]
    fn a_new_directive_is_a_copy_of_default_src_right_behind_it() {
        assert_merged(
            "default-src 'self' a.com; img-src *",
            Script,
            "default-src 'self' a.com; script-src 'self' a.com H; img-src *",
        );
        assert_merged(
            "default-src 'none'; img-src *",
            Style,
            "default-src 'none'; style-src H; img-src *",
        );
        assert_merged("default-src", Style, "default-src; style-src H");
        assert_merged(
            "script-src-elem 'self'; default-src 'self'",
            ScriptAttribute,
            "script-src-elem 'self'; default-src 'self'; script-src 'self' 'unsafe-hashes' H",
        );
    }

    #[test]
    fn javascript_urls_go_where_scripts_go_with_unsafe_hashes() {
        assert_merged(
            "script-src-elem 'self'",
            Navigation,
            "script-src-elem 'self' 'unsafe-hashes' H",
        );
        assert_merged(
            "script-src-attr 'self'; default-src 'self'",
            Navigation,
            "script-src-attr 'self'; default-src 'self'; script-src 'self' 'unsafe-hashes' H",
        );
    }

    #[test]
    fn nothing_is_added_twice() {
        let base = format!(
            "script-src {} 'UNSAFE-HASHES' 'self'",
            hash("a").to_string().replace("sha", "SHA")
        );
        assert_eq!(
            assert_merged(
                &base,
                ScriptAttribute,
                "script-src H 'unsafe-hashes' 'self'"
            ),
            []
        );
        let base = format!("default-src {}", hash("a"));
        assert_eq!(assert_merged(&base, Script, "default-src H"), []);
        assert_eq!(
            assert_merged(
                &base,
                ScriptAttribute,
                "default-src H; script-src H 'unsafe-hashes'"
            ),
            []
        );
    }

    #[test]
    fn a_nonce_goes_where_hashes_go() {
        let nonce = || "N".parse::<NonceSource>().unwrap();
        for (base, check, expected) in [
            (
                "default-src 'self'",
                Script,
                "default-src 'self'; script-src 'self' 'nonce-N'",
            ),
            (
                "default-src 'none'",
                Style,
                "default-src 'none'; style-src 'nonce-N'",
            ),
            (
                "script-src *; script-src-elem *",
                Script,
                "script-src *; script-src-elem * 'nonce-N'",
            ),
            ("script-src 'nonce-N'", Script, "script-src 'nonce-N'"),
            ("", Style, "style-src 'nonce-N'"),
        ] {
            let mut policy = Policy::parse(base).unwrap();
            policy.allow_nonce(check, nonce());
            policy.allow_nonce(check, nonce());
            assert_eq!(policy.to_string(), expected);
        }
        let mut policy = Policy::parse("script-src 'unsafe-inline'").unwrap();
        let changes = policy.allow_nonce(Script, nonce());
        assert_eq!(changes, disabled(DirectiveName::ScriptSrc, None));
    }

    #[test]
    fn no_hashes_change_nothing() {
        for check in InlineCheckType::ALL {
            let mut policy = Policy::parse("default-src 'unsafe-inline'").unwrap();
            assert_eq!(policy.allow_inline(*check, []), []);
            assert_eq!(policy.to_string(), "default-src 'unsafe-inline'");
        }
    }

    #[test]
    fn hashes_are_sorted_behind_the_base_across_calls() {
        let last = hash("z");
        let mut policy = Policy::parse(&format!("script-src {last} 'self'")).unwrap();
        let mut hashes: Vec<_> = (0..9).map(|n| hash(&n.to_string())).collect();
        policy.allow_inline(Script, [hashes[4], hashes[0]]);
        policy.allow_inline(ScriptAttribute, hashes.clone());
        hashes.sort();
        let spelled: Vec<_> = hashes.iter().map(ToString::to_string).collect();
        assert_eq!(
            policy.to_string(),
            format!(
                "script-src {last} 'self' 'unsafe-hashes' {}",
                spelled.join(" ")
            )
        );
    }

    #[test]
    fn new_directives_stand_in_one_order() {
        for base in ["", "default-src 'self'; img-src *", "img-src *"] {
            let mut there = Policy::parse(base).unwrap();
            there.allow_inline(Script, [hash("a")]);
            there.allow_inline(Style, [hash("b")]);
            let mut back = Policy::parse(base).unwrap();
            back.allow_inline(Style, [hash("b")]);
            back.allow_inline(Script, [hash("a")]);
            assert_eq!(there, back);
        }
    }

    #[test]
    fn unsafe_inline_that_a_hash_switches_off_is_reported_once() {
        let mut policy = Policy::parse("script-src 'unsafe-inline'").unwrap();
        assert_eq!(
            policy.allow_inline(Script, [hash("a")]),
            disabled(DirectiveName::ScriptSrc, None)
        );
        assert_eq!(policy.allow_inline(Script, [hash("b")]), []);
    }

    #[test]
    fn unsafe_inline_in_a_copy_of_default_src_is_reported_as_copied() {
        let changes = assert_merged(
            "default-src 'unsafe-inline'",
            StyleAttribute,
            "default-src 'unsafe-inline'; style-src 'unsafe-inline' 'unsafe-hashes' H",
        );
        assert_eq!(
            changes,
            disabled(DirectiveName::StyleSrc, Some(DirectiveName::DefaultSrc))
        );
    }

    #[test]
    fn unsafe_inline_that_was_off_already_is_not_reported() {
        for off in [
            "'nonce-abc'",
            "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
        ] {
            let base = format!("script-src 'unsafe-inline' {off}");
            assert_eq!(assert_merged(&base, Script, &format!("{base} H")), []);
        }
        let base = "script-src 'unsafe-inline' 'strict-dynamic'";
        assert_eq!(assert_merged(base, Script, &format!("{base} H")), []);
        let base = "style-src 'unsafe-inline' 'strict-dynamic'";
        assert_eq!(
            assert_merged(base, Style, &format!("{base} H")),
            disabled(DirectiveName::StyleSrc, None)
        );
    }

    #[test]
    fn a_directive_that_nothing_preceded_is_a_new_restriction() {
        let changes = assert_merged("img-src *", Script, "img-src *; script-src H");
        assert_eq!(
            changes,
            [PolicyChange::NewRestriction {
                directive: DirectiveName::ScriptSrc
            }]
        );
    }

    #[test]
    fn an_empty_base_has_no_new_restrictions() {
        let mut policy = Policy::default();
        assert_eq!(policy.allow_inline(Script, [hash("a")]), []);
        assert_eq!(policy.allow_inline(Style, [hash("a")]), []);
    }

    #[test]
    fn the_empty_hash_is_reported_in_script_directives_only() {
        for algorithm in HashAlgorithm::ALL {
            let empty = HashSource::of(algorithm, b"");
            let mut policy = Policy::parse("default-src 'self'").unwrap();
            let directive = DirectiveName::ScriptSrc;
            assert_eq!(policy.allow_inline(StyleAttribute, [empty]), []);
            assert_eq!(
                policy.allow_inline(ScriptAttribute, [empty]),
                [PolicyChange::EmptyHashInScript { directive }]
            );
            assert_eq!(policy.allow_inline(ScriptAttribute, [empty]), []);
        }
    }

    #[test]
    fn attributes_and_urls_are_not_allowed_without_unsafe_hashes() {
        let policy = Policy::parse(&format!("default-src {}", hash("a"))).unwrap();
        for (check, allowed) in [
            (Script, true),
            (Style, true),
            (ScriptAttribute, false),
            (StyleAttribute, false),
            (Navigation, false),
        ] {
            assert_eq!(policy.allows_hash(check, &hash("a")), allowed, "{check:?}");
            assert!(!policy.allows_hash(check, &hash("b")));
        }
    }

    #[test]
    fn sources_are_not_merged_across_directives() {
        let policy = Policy::parse(&format!(
            "default-src 'unsafe-inline'; script-src {0} 'unsafe-hashes'; script-src-attr {0}",
            hash("a")
        ))
        .unwrap();
        assert!(policy.allows_hash(Navigation, &hash("a")));
        assert!(!policy.allows_hash(ScriptAttribute, &hash("a")));
        assert!(!policy.allows_all_inline(Script));
        assert!(policy.allows_all_inline(Style));
    }

    #[test]
    fn what_nothing_governs_is_allowed() {
        let policy = Policy::parse("img-src 'none'; script-src-attr 'none'").unwrap();
        assert!(policy.effective_directive(Script).is_none());
        assert!(policy.allows_all_inline(Script));
        assert!(!policy.allows_all_inline(ScriptAttribute));
    }

    #[test]
    fn a_hundred_thousand_hashes_merge_without_comparing_each_with_each() {
        let hashes: Vec<_> = (0..100_000u32)
            .map(|n| {
                let mut digest = [0; 32];
                digest[28..].copy_from_slice(&n.to_be_bytes());
                HashSource::from_digest(HashAlgorithm::Sha256, &digest).unwrap()
            })
            .collect();
        let mut policy = Policy::preset_self();
        let started = std::time::Instant::now();
        policy.allow_inline(Script, hashes.iter().rev().copied());
        policy.allow_inline(Script, hashes);
        assert_eq!(
            policy
                .directive(DirectiveName::ScriptSrc)
                .unwrap()
                .sources()
                .len(),
            100_001
        );
        // Comparing each with each takes minutes in a debug build.
        assert!(started.elapsed().as_secs() < 30);
    }
}
