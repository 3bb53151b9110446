//! Which policies come with a URL: rules in the order in which a target obeys them, and what each does.
//!
//! A site may have as many rules as pages, so those for a path alone are looked up and only patterns are tried one by one.

use std::collections::HashMap;

use super::map::PathMap;
use super::pattern::Pattern;
use super::reader::Header;
use super::urls::{Case, Urls};
use crate::target::url_link_path;

/// What answers for a page.
#[derive(Debug)]
pub(super) enum Answers {
    /// The same policies for every page.
    Everywhere(Vec<usize>),
    /// Rules on URLs.
    Rules(Rules),
    /// A list of pages.
    Map(PathMap),
}

impl Answers {
    /// The policies of each response with the page.
    pub(super) fn responses(
        &self,
        site_path: &str,
        is_page: &dyn Fn(&str) -> bool,
    ) -> Vec<Vec<usize>> {
        match self {
            Self::Everywhere(policies) => vec![policies.clone()],
            Self::Map(map) => map.responses(site_path, is_page),
            Self::Rules(rules) => {
                let mut responses: Vec<Vec<usize>> = Vec::new();
                for url in rules.urls.of(site_path, is_page) {
                    for case in rules.urls.cases() {
                        responses.extend(rules.response(&url, *case));
                    }
                }
                responses
            }
        }
    }
}

/// What a rule does to the response.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    /// Sends the policy beside what is there.
    Add(Header, usize),
    /// Sends the policy in the place of what has its header.
    Replace(Header, usize),
    /// Takes away what has this header.
    Remove(Header),
    /// Shows something else than the page.
    Elsewhere,
}

/// What a rule is for.
#[derive(Debug)]
pub(super) enum Matcher {
    /// These paths.
    Paths(Vec<String>),
    Pattern(Pattern),
    /// Nothing: the target drops the rule.
    Nothing,
}

impl Matcher {
    /// These paths, also as links spell them.
    pub(super) fn spelled(paths: Vec<String>) -> Self {
        let mut all: Vec<String> = paths.iter().map(|path| url_link_path(path)).collect();
        all.extend(paths);
        all.sort_unstable();
        all.dedup();
        Self::Paths(all)
    }
}

/// Which of the rules that match count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Every,
    First,
}

/// Rules in the order in which they are obeyed.
#[derive(Debug)]
pub(super) struct Rules {
    urls: Urls,
    choice: Choice,
    effects: Vec<Vec<Effect>>,
    patterns: Vec<(usize, Pattern)>,
    paths: HashMap<String, Vec<usize>>,
    /// By the path in small letters.
    folded: HashMap<String, Vec<usize>>,
    /// What holds before any rule.
    base: Vec<Effect>,
}

impl Rules {
    pub(super) fn new(urls: Urls, choice: Choice) -> Self {
        Self {
            urls,
            choice,
            effects: Vec::new(),
            patterns: Vec::new(),
            paths: HashMap::new(),
            folded: HashMap::new(),
            base: Vec::new(),
        }
    }

    /// Which readings of letters are tried.
    pub(super) fn cases(&self) -> &'static [Case] {
        self.urls.cases()
    }

    /// Adds an effect to those that come before any rule's.
    pub(super) fn push_base(&mut self, effect: Effect) {
        self.base.push(effect);
    }

    /// Adds a rule behind the others.
    pub(super) fn push(&mut self, matcher: Matcher, effects: Vec<Effect>) {
        let index = self.effects.len();
        self.effects.push(effects);
        match matcher {
            Matcher::Pattern(pattern) => self.patterns.push((index, pattern)),
            Matcher::Paths(paths) => {
                for path in paths {
                    let folded = self.folded.entry(path.to_ascii_lowercase()).or_default();
                    folded.push(index);
                    self.paths.entry(path).or_default().push(index);
                }
            }
            Matcher::Nothing => {}
        }
    }

    /// The policies of the response for a URL's path, unless it shows something else.
    pub(super) fn response(&self, url: &str, case: Case) -> Option<Vec<usize>> {
        let exact = match case {
            Case::Matters => self.paths.get(url),
            Case::MayNot => self.folded.get(&url.to_ascii_lowercase()),
        };
        let mut matching: Vec<usize> = exact.into_iter().flatten().copied().collect();
        matching.extend(
            self.patterns
                .iter()
                .filter(|(_, pattern)| pattern.matches(url, case))
                .map(|(index, _)| *index),
        );
        matching.sort_unstable();
        matching.dedup();
        if self.choice == Choice::First {
            matching.truncate(1);
        }
        let mut sent: Vec<(Header, usize)> = Vec::new();
        let effects = matching.iter().flat_map(|index| &self.effects[*index]);
        for effect in self.base.iter().chain(effects) {
            match effect {
                Effect::Elsewhere => return None,
                Effect::Add(header, policy) => sent.push((*header, *policy)),
                Effect::Replace(header, policy) => {
                    sent.retain(|(other, _)| other != header);
                    sent.push((*header, *policy));
                }
                Effect::Remove(header) => sent.retain(|(other, _)| other != header),
            }
        }
        Some(sent.into_iter().map(|(_, policy)| policy).collect())
    }
}
