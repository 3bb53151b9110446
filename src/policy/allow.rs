//! Merges needs into a policy, and tells what a policy allows.
//!
//! A source only works in the directive that is *effective* for its subject; one added anywhere else does nothing, and
//! sources are never merged across directives. This module knows directives and sources, not where the needs come from.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

use super::Policy;
use super::change::PolicyChange;
use super::directive::{Directive, DirectiveName, Value};
use super::need::{EMPTY, Need};
use super::source_expression::{Keyword, SourceExpression};
use crate::hash::HashSource;
use crate::nonce::NonceSource;
use crate::page::InlineCheckType;

impl Policy {
    /// Adds what is needed to the effective directives, with `'unsafe-hashes'` where a need has it.
    ///
    /// Where a fallback such as `default-src` governs, which governs more than the need is about, its sources are
    /// copied to a new directive right behind it. What the effective directive already holds is not added again, and no
    /// needs change nothing. The same needs give the same policy in whatever order they arrive: sources of the base
    /// stay first and in order, then what was added, hashes last, by the bytes of its spelling.
    ///
    /// Takes time in the length of the directives on every call: pass many needs at once.
    pub fn allow<'p>(&mut self, needs: impl IntoIterator<Item = Need<'p>>) -> Vec<PolicyChange> {
        // Nothing but the sources: there can be millions.
        let mut groups: BTreeMap<DirectiveName, (Vec<SourceExpression>, bool)> = BTreeMap::new();
        for need in needs {
            let (sources, unsafe_hashes) = groups.entry(need.directive).or_default();
            sources.push(need.source);
            *unsafe_hashes |= need.unsafe_hashes;
        }
        let mut changes = Vec::new();
        for (asked, (sources, unsafe_hashes)) in groups {
            self.allow_in(asked, sources, unsafe_hashes, &mut changes);
        }
        changes
    }

    /// Adds what is needed by needs that all ask `asked` first.
    fn allow_in(
        &mut self,
        asked: DirectiveName,
        mut fresh: Vec<SourceExpression>,
        mut lacks_keyword: bool,
        changes: &mut Vec<PolicyChange>,
    ) {
        if let Some(directive) = self.effective_directive(asked) {
            lacks_keyword &= !has_keyword(directive.sources(), Keyword::UnsafeHashes);
            let known: HashSet<_> = directive.sources().iter().collect();
            fresh.retain(|source| !known.contains(source));
        }
        if fresh.is_empty() && !lacks_keyword {
            return;
        }
        let (index, copied_from) = self.target(asked, changes);
        let name = self.directives[index].name();
        let for_elements = self.effective_directive(DirectiveName::ScriptSrcElem);
        let governs_rules = for_elements.is_some_and(|effective| effective.name() == name);
        let directive = &mut self.directives[index];
        if fresh.iter().any(|source| source.disables_inline(asked)) {
            if has_in_force(directive.sources(), Keyword::UnsafeInline, asked) {
                changes.push(PolicyChange::UnsafeInlineDisabled { directive: name, copied_from });
            }
            if governs_rules && has_in_force(directive.sources(), Keyword::InlineSpeculationRules, asked) {
                changes.push(PolicyChange::SpeculationRulesDisabled { directive: name, copied_from });
            }
        }
        if asked.is_script() && EMPTY.iter().any(|empty| fresh.contains(empty)) {
            changes.push(PolicyChange::EmptyHashInScript { directive: name });
        }
        directive.add(fresh, lacks_keyword);
    }

    /// The directive that governs what `asked`, an inline check or a directive, is about: it or the
    /// first of its [fallbacks](DirectiveName::fallback); `None` when nothing does.
    #[must_use]
    pub fn effective_directive(&self, asked: impl Into<DirectiveName>) -> Option<&Directive> {
        asked.into().and_fallback().find_map(|name| self.directive(name))
    }

    /// Whether everything inline of this kind is allowed without a hash: nothing governs it, or an
    /// [`'unsafe-inline'` that nothing switches off](https://www.w3.org/TR/CSP3/#allow-all-inline).
    #[must_use]
    pub fn allows_all_inline(&self, check: InlineCheckType) -> bool {
        self.effective_directive(check).is_none_or(|d| allow_all_inline(d.sources(), check.into()))
    }

    /// Whether a script with a URL needs a nonce or a hash whatever its URL is, because of `'strict-dynamic'`.
    #[must_use]
    pub fn trusts_by_nonce_or_hash(&self) -> bool {
        let directive = self.effective_directive(InlineCheckType::Script);
        directive.is_some_and(|directive| has_keyword(directive.sources(), Keyword::StrictDynamic))
    }

    /// Whether [this hash is allowed](https://www.w3.org/TR/CSP3/#match-element-to-source-list) for this check.
    ///
    /// Takes time in the length of the directive.
    #[must_use]
    pub fn allows_hash(&self, check: InlineCheckType, hash: &HashSource) -> bool {
        let Some(directive) = self.effective_directive(check) else {
            return true;
        };
        let sources = directive.sources();
        if allow_all_inline(sources, check.into()) {
            return true;
        }
        let counts = !check.needs_unsafe_hashes() || has_keyword(sources, Keyword::UnsafeHashes);
        counts && sources.contains(&SourceExpression::Hash(*hash))
    }

    /// Whether a directive has this nonce.
    #[must_use]
    pub fn names(&self, nonce: &NonceSource) -> bool {
        let mut sources = self.directives().flat_map(Directive::sources);
        sources.any(|source| source.is_nonce(nonce))
    }

    /// The policy for what sends a nonce only with the responses that use it: without each `'unsafe-inline'` that would be in
    /// force in the others. With the directives that had one.
    #[must_use]
    pub fn closed_without(&self, nonce: &NonceSource) -> (Self, Vec<DirectiveName>) {
        let mut closed = self.clone();
        let mut names = Vec::new();
        for directive in &mut closed.directives {
            let Value::Sources(sources) = &mut directive.value else {
                continue;
            };
            let others = sources.iter().filter(|source| !source.is_nonce(nonce));
            let others: Vec<_> = others.cloned().collect();
            if others.len() < sources.len() && allow_all_inline(&others, directive.name) {
                names.push(directive.name);
                sources.retain(|source| *source != SourceExpression::Keyword(Keyword::UnsafeInline));
            }
        }
        (closed, names)
    }

    /// The index of the directive that takes the sources, created if need be, and the name of the
    /// directive it was then copied from.
    fn target(&mut self, asked: DirectiveName, changes: &mut Vec<PolicyChange>) -> (usize, Option<DirectiveName>) {
        let name = asked.general();
        if let Some(index) = self.position(asked).or_else(|| self.position(name)) {
            return (index, None);
        }
        let mut fallback = asked.fallback().iter();
        let copied = fallback.find_map(|name| self.position(*name));
        if copied.is_none() && self.directives.iter().any(|d| !d.added) {
            changes.push(PolicyChange::NewRestriction { directive: name });
        }
        // Without what was added there, so that the order of needs does not matter.
        let given = |index| {
            let copied: &Directive = &self.directives[index];
            copied.sources()[..copied.given].to_vec()
        };
        let sources = copied.map_or_else(Vec::new, given);
        let copied_from = copied.map(|index| self.directives[index].name());
        let index = self.place_for(name, copied);
        let mut directive = Directive::new(name, Value::Sources(sources));
        directive.added = true;
        self.directives.insert(index, directive);
        (index, copied_from)
    }

    /// Behind the directive that is copied, else behind the base; `script-src` before `style-src`,
    /// whichever was needed first.
    fn place_for(&self, name: DirectiveName, copied: Option<usize>) -> usize {
        let base_end = self.directives.iter().rposition(|d| !d.added);
        let start = copied.or(base_end).map_or(0, |index| index + 1);
        let earlier = self.directives[start..].iter().take_while(|d| d.added && d.name() < name);
        start + earlier.count()
    }
}

impl Directive {
    /// Adds sources that are not there yet, and `'unsafe-hashes'` if it is not.
    fn add(&mut self, mut fresh: Vec<SourceExpression>, unsafe_hashes: bool) {
        let Value::Sources(sources) = &mut self.value else {
            return;
        };
        fresh.extend(sources.drain(self.given..));
        sources.retain(|source| *source != SourceExpression::None);
        self.given = sources.len();
        if unsafe_hashes {
            fresh.push(SourceExpression::Keyword(Keyword::UnsafeHashes));
        }
        fresh.sort_unstable_by(|one, two| match (one, two) {
            (SourceExpression::Hash(one), SourceExpression::Hash(two)) => one.cmp(two),
            (SourceExpression::Hash(_), _) => Ordering::Greater,
            (_, SourceExpression::Hash(_)) => Ordering::Less,
            (one, two) => one.to_string().cmp(&two.to_string()),
        });
        fresh.dedup();
        sources.append(&mut fresh);
    }
}

impl SourceExpression {
    fn is_nonce(&self, nonce: &NonceSource) -> bool {
        matches!(self, Self::Nonce(it) if it == nonce)
    }

    /// Whether `'unsafe-inline'` next to it does nothing for what `asked` is about.
    pub(crate) const fn disables_inline(&self, asked: DirectiveName) -> bool {
        match self {
            Self::Nonce(_) | Self::Hash(_) => true,
            Self::Keyword(Keyword::StrictDynamic) => asked.is_script(),
            Self::Keyword(_) | Self::None | Self::Scheme(_) | Self::Host(_) => false,
        }
    }
}

/// CSP3's [does a source list allow all inline behavior](https://www.w3.org/TR/CSP3/#allow-all-inline).
fn allow_all_inline(sources: &[SourceExpression], asked: DirectiveName) -> bool {
    has_in_force(sources, Keyword::UnsafeInline, asked)
}

/// Whether it has a keyword, and nothing that switches that off.
fn has_in_force(sources: &[SourceExpression], keyword: Keyword, asked: DirectiveName) -> bool {
    has_keyword(sources, keyword) && !sources.iter().any(|source| source.disables_inline(asked))
}

fn has_keyword(sources: &[SourceExpression], keyword: Keyword) -> bool {
    sources.contains(&SourceExpression::Keyword(keyword))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::HashAlgorithm;
    use InlineCheckType::{Navigation, Script, ScriptAttribute, Style, StyleAttribute};

    fn hash(text: &str) -> HashSource {
        HashSource::of(HashAlgorithm::Sha256, text.as_bytes())
    }

    fn allow(
        policy: &mut Policy,
        check: InlineCheckType,
        hashes: impl IntoIterator<Item = HashSource>,
    ) -> Vec<PolicyChange> {
        policy.allow(hashes.into_iter().map(|hash| Need::hash(check, hash)))
    }

    /// Merges the hash of "a" into `base`; `H` in `expected` stands for it.
    #[track_caller]
    fn assert_merged(base: &str, check: InlineCheckType, expected: &str) -> Vec<PolicyChange> {
        let mut policy = Policy::parse(base).unwrap();
        let changes = allow(&mut policy, check, [hash("a")]);
        assert_eq!(policy.to_string(), expected.replace(" H", &format!(" {}", hash("a"))), "{base}");
        assert!(policy.allows_hash(check, &hash("a")));
        changes
    }

    fn disabled(directive: DirectiveName, copied_from: Option<DirectiveName>) -> Vec<PolicyChange> {
        vec![PolicyChange::UnsafeInlineDisabled { directive, copied_from }]
    }

    #[test]
    fn a_hash_goes_to_the_directive_for_elements_if_there_is_one() {
        let base = "script-src-elem 'self'; script-src *; style-src-elem 'self'; style-src *";
        assert_merged(base, Script, "script-src-elem 'self' H; script-src *; style-src-elem 'self'; style-src *");
        assert_merged(base, Style, "script-src-elem 'self'; script-src *; style-src-elem 'self' H; style-src *");
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
        assert_merged("default-src *; script-src 'self'", Script, "default-src *; script-src 'self' H");
        assert_merged(
            "script-src-elem *; script-src 'self'",
            ScriptAttribute,
            "script-src-elem *; script-src 'self' 'unsafe-hashes' H",
        );
        assert_merged("style-src 'self'", StyleAttribute, "style-src 'self' 'unsafe-hashes' H");
    }

    #[test]
    fn a_new_directive_is_a_copy_of_default_src_right_behind_it() {
        assert_merged(
            "default-src 'self' a.com; img-src *",
            Script,
            "default-src 'self' a.com; script-src 'self' a.com H; img-src *",
        );
        assert_merged("default-src 'none'; img-src *", Style, "default-src 'none'; style-src H; img-src *");
        assert_merged("default-src", Style, "default-src; style-src H");
        assert_merged(
            "script-src-elem 'self'; default-src 'self'",
            ScriptAttribute,
            "script-src-elem 'self'; default-src 'self'; script-src 'self' 'unsafe-hashes' H",
        );
    }

    #[test]
    fn javascript_urls_go_where_scripts_go_with_unsafe_hashes() {
        assert_merged("script-src-elem 'self'", Navigation, "script-src-elem 'self' 'unsafe-hashes' H");
        assert_merged(
            "script-src-attr 'self'; default-src 'self'",
            Navigation,
            "script-src-attr 'self'; default-src 'self'; script-src 'self' 'unsafe-hashes' H",
        );
    }

    #[test]
    fn a_hash_switches_the_keyword_of_speculation_rules_off() {
        let off = |directive, copied_from| vec![PolicyChange::SpeculationRulesDisabled { directive, copied_from }];
        for check in [Script, ScriptAttribute] {
            let mut policy = Policy::parse("script-src 'inline-speculation-rules'").unwrap();
            assert_eq!(allow(&mut policy, check, [hash("a")]), off(DirectiveName::ScriptSrc, None));
            assert_eq!(allow(&mut policy, check, [hash("b")]), []);
        }
        let mut policy = Policy::parse("default-src 'inline-speculation-rules'").unwrap();
        assert_eq!(
            allow(&mut policy, Script, [hash("a")]),
            off(DirectiveName::ScriptSrc, Some(DirectiveName::DefaultSrc))
        );
        for base in [
            "script-src-elem 'self'; script-src 'inline-speculation-rules'",
            "script-src 'inline-speculation-rules' 'strict-dynamic'",
        ] {
            let mut policy = Policy::parse(base).unwrap();
            assert_eq!(allow(&mut policy, ScriptAttribute, [hash("a")]), []);
        }
    }

    #[test]
    fn nothing_is_added_twice() {
        let base = format!("script-src {} 'UNSAFE-HASHES' 'self'", hash("a").to_string().replace("sha", "SHA"));
        assert_eq!(assert_merged(&base, ScriptAttribute, "script-src H 'unsafe-hashes' 'self'"), []);
        let base = format!("default-src {}", hash("a"));
        assert_eq!(assert_merged(&base, Script, "default-src H"), []);
        assert_eq!(assert_merged(&base, ScriptAttribute, "default-src H; script-src H 'unsafe-hashes'"), []);
    }

    #[test]
    fn a_nonce_goes_where_hashes_go() {
        let nonce = || "N".parse::<crate::nonce::NonceSource>().unwrap();
        for (base, check, expected) in [
            ("default-src 'self'", Script, "default-src 'self'; script-src 'self' 'nonce-N'"),
            ("default-src 'none'", Style, "default-src 'none'; style-src 'nonce-N'"),
            ("script-src *; script-src-elem *", Script, "script-src *; script-src-elem * 'nonce-N'"),
            ("script-src 'nonce-N'", Script, "script-src 'nonce-N'"),
            ("", Style, "style-src 'nonce-N'"),
        ] {
            let mut policy = Policy::parse(base).unwrap();
            policy.allow([Need::nonce(check, nonce())]);
            policy.allow([Need::nonce(check, nonce())]);
            assert_eq!(policy.to_string(), expected);
        }
        let mut policy = Policy::parse("script-src 'unsafe-inline'").unwrap();
        let changes = policy.allow([Need::nonce(Script, nonce())]);
        assert_eq!(changes, disabled(DirectiveName::ScriptSrc, None));
    }

    #[track_caller]
    fn assert_fetched(base: &str, directive: DirectiveName, source: &str, expected: &str) {
        let need = Need::fetch(directive, SourceExpression::read(source).unwrap()).unwrap();
        let mut policy = Policy::parse(base).unwrap();
        assert_eq!(policy.allow([need.clone()]), []);
        assert_eq!(policy.to_string(), expected, "{base}");
        assert_eq!(policy.allow([need]), []);
        assert_eq!(policy.to_string(), expected, "{base}");
    }

    #[test]
    fn origins_schemes_and_self_go_to_the_directive_of_the_fetch() {
        use DirectiveName::{BaseUri, FrameSrc, ImgSrc, ScriptSrcElem, WorkerSrc};
        for (base, directive, source, expected) in [
            ("img-src 'none'", ImgSrc, "data:", "img-src data:"),
            (
                "default-src 'self'; font-src *",
                ImgSrc,
                "https://a.test",
                "default-src 'self'; img-src 'self' https://a.test; font-src *",
            ),
            ("default-src 'self'", ImgSrc, "'self'", "default-src 'self'"),
            (
                "script-src 'unsafe-inline'; script-src-attr 'none'",
                ScriptSrcElem,
                "a.test",
                "script-src 'unsafe-inline' a.test; script-src-attr 'none'",
            ),
            (
                "child-src b.test; default-src 'none'",
                FrameSrc,
                "a.test",
                "child-src b.test; frame-src b.test a.test; default-src 'none'",
            ),
            (
                "script-src b.test; default-src 'none'",
                WorkerSrc,
                "'self'",
                "script-src b.test; worker-src b.test 'self'; default-src 'none'",
            ),
            ("base-uri a.test", BaseUri, "'self'", "base-uri a.test 'self'"),
        ] {
            assert_fetched(base, directive, source, expected);
        }
    }

    #[test]
    fn a_base_without_a_fallback_is_restricted_by_a_fetch() {
        let source = SourceExpression::read("'self'").unwrap();
        let mut policy = Policy::parse("default-src 'none'").unwrap();
        let directive = DirectiveName::FormAction;
        let changes = policy.allow(Need::fetch(directive, source));
        assert_eq!(changes, [PolicyChange::NewRestriction { directive }]);
        assert_eq!(policy.to_string(), "default-src 'none'; form-action 'self'");
    }

    #[test]
    fn needs_of_all_kinds_give_one_policy_in_whatever_order() {
        let source = |text: &str| SourceExpression::read(text).unwrap();
        let needs = [
            Need::fetch(DirectiveName::WorkerSrc, source("'self'")).unwrap(),
            Need::fetch(DirectiveName::ScriptSrcElem, source("a.test")).unwrap(),
            Need::hash(Navigation, hash("a")),
            Need::nonce(Script, "N".parse().unwrap()),
            Need::fetch(DirectiveName::ImgSrc, source("data:")).unwrap(),
        ];
        let expected = format!(
            "default-src b.test; script-src b.test 'nonce-N' 'unsafe-hashes' a.test {}; \
             img-src b.test data:; worker-src b.test 'self'",
            hash("a")
        );
        let base = Policy::parse("default-src b.test").unwrap();
        let mut together = base.clone();
        together.allow(needs.clone());
        assert_eq!(together.to_string(), expected);
        let (mut there, mut back) = (base.clone(), base);
        for (need, last) in needs.iter().zip(needs.iter().rev()) {
            there.allow([need.clone()]);
            back.allow([last.clone()]);
        }
        assert_eq!(there.to_string(), expected);
        assert_eq!(back.to_string(), expected);
    }

    #[test]
    fn what_is_no_source_of_a_fetch_is_no_need() {
        for (directive, source) in [
            (DirectiveName::ImgSrc, "'none'"),
            (DirectiveName::ImgSrc, "'unsafe-inline'"),
            (DirectiveName::Sandbox, "'self'"),
            (DirectiveName::FrameAncestors, "'self'"),
        ] {
            let source = SourceExpression::read(source).unwrap();
            assert_eq!(Need::fetch(directive, source), None);
        }
    }

    #[test]
    fn no_hashes_change_nothing() {
        for check in InlineCheckType::ALL {
            let mut policy = Policy::parse("default-src 'unsafe-inline'").unwrap();
            assert_eq!(allow(&mut policy, *check, []), []);
            assert_eq!(policy.to_string(), "default-src 'unsafe-inline'");
        }
    }

    #[test]
    fn hashes_are_sorted_behind_the_base_across_calls() {
        let last = hash("z");
        let mut policy = Policy::parse(&format!("script-src {last} 'self'")).unwrap();
        let mut hashes: Vec<_> = (0..9).map(|n| hash(&n.to_string())).collect();
        allow(&mut policy, Script, [hashes[4], hashes[0]]);
        allow(&mut policy, ScriptAttribute, hashes.clone());
        hashes.sort();
        let spelled: Vec<_> = hashes.iter().map(ToString::to_string).collect();
        assert_eq!(policy.to_string(), format!("script-src {last} 'self' 'unsafe-hashes' {}", spelled.join(" ")));
    }

    #[test]
    fn new_directives_stand_in_one_order() {
        for base in ["", "default-src 'self'; img-src *", "img-src *"] {
            let mut there = Policy::parse(base).unwrap();
            allow(&mut there, Script, [hash("a")]);
            allow(&mut there, Style, [hash("b")]);
            let mut back = Policy::parse(base).unwrap();
            allow(&mut back, Style, [hash("b")]);
            allow(&mut back, Script, [hash("a")]);
            assert_eq!(there, back);
        }
    }

    #[test]
    fn unsafe_inline_that_a_hash_switches_off_is_reported_once() {
        let mut policy = Policy::parse("script-src 'unsafe-inline'").unwrap();
        assert_eq!(allow(&mut policy, Script, [hash("a")]), disabled(DirectiveName::ScriptSrc, None));
        assert_eq!(allow(&mut policy, Script, [hash("b")]), []);
    }

    #[test]
    fn unsafe_inline_in_a_copy_of_default_src_is_reported_as_copied() {
        let changes = assert_merged(
            "default-src 'unsafe-inline'",
            StyleAttribute,
            "default-src 'unsafe-inline'; style-src 'unsafe-inline' 'unsafe-hashes' H",
        );
        assert_eq!(changes, disabled(DirectiveName::StyleSrc, Some(DirectiveName::DefaultSrc)));
    }

    #[test]
    fn unsafe_inline_that_was_off_already_is_not_reported() {
        for off in ["'nonce-abc'", "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"] {
            let base = format!("script-src 'unsafe-inline' {off}");
            assert_eq!(assert_merged(&base, Script, &format!("{base} H")), []);
        }
        let base = "script-src 'unsafe-inline' 'strict-dynamic'";
        assert_eq!(assert_merged(base, Script, &format!("{base} H")), []);
        let base = "style-src 'unsafe-inline' 'strict-dynamic'";
        assert_eq!(assert_merged(base, Style, &format!("{base} H")), disabled(DirectiveName::StyleSrc, None));
    }

    #[test]
    fn a_directive_that_nothing_preceded_is_a_new_restriction() {
        let changes = assert_merged("img-src *", Script, "img-src *; script-src H");
        assert_eq!(changes, [PolicyChange::NewRestriction { directive: DirectiveName::ScriptSrc }]);
    }

    #[test]
    fn an_empty_base_has_no_new_restrictions() {
        let mut policy = Policy::default();
        assert_eq!(allow(&mut policy, Script, [hash("a")]), []);
        assert_eq!(allow(&mut policy, Style, [hash("a")]), []);
    }

    #[test]
    fn the_empty_hash_is_reported_in_script_directives_only() {
        for algorithm in HashAlgorithm::ALL {
            let empty = HashSource::of(algorithm, b"");
            let mut policy = Policy::parse("default-src 'self'").unwrap();
            let directive = DirectiveName::ScriptSrc;
            assert_eq!(allow(&mut policy, StyleAttribute, [empty]), []);
            assert_eq!(allow(&mut policy, ScriptAttribute, [empty]), [PolicyChange::EmptyHashInScript { directive }]);
            assert_eq!(allow(&mut policy, ScriptAttribute, [empty]), []);
        }
    }

    #[test]
    fn attributes_and_urls_are_not_allowed_without_unsafe_hashes() {
        let policy = Policy::parse(&format!("default-src {}", hash("a"))).unwrap();
        for (check, allowed) in
            [(Script, true), (Style, true), (ScriptAttribute, false), (StyleAttribute, false), (Navigation, false)]
        {
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
        allow(&mut policy, Script, hashes.iter().rev().copied());
        allow(&mut policy, Script, hashes);
        assert_eq!(policy.directive(DirectiveName::ScriptSrc).unwrap().sources().len(), 100_001);
        // Comparing each with each takes minutes in a debug build.
        assert!(started.elapsed().as_secs() < 30);
    }
}
