//! Which policies come with a URL: rules in the order in which a target obeys them, and what each does.
//!
//! A site may have as many rules as pages, so those for a path alone are looked up and only patterns are tried one by one.

use std::collections::HashMap;

use super::map::PathMap;
use super::pattern::{Pattern, path_alternatives};
use super::reader::Header;
use super::urls::{IsPage, Urls};
use crate::target::url_link_path;
use crate::target::urls::Case;

/// What answers for a page.
#[derive(Debug)]
pub(in crate::target) enum Answers {
    /// The same policies for every page.
    Everywhere(Vec<usize>),
    /// Rules on URLs.
    Rules(Rules),
    /// A list of pages.
    Map(PathMap),
}

impl Answers {
    /// The policies of each response with the page.
    pub(super) fn responses(&self, site_path: &str, is_page: IsPage<'_>) -> Vec<Vec<usize>> {
        match self {
            Self::Everywhere(policies) => vec![policies.clone()],
            Self::Map(map) => map.responses(site_path, is_page),
            Self::Rules(rules) => {
                let mut responses: Vec<Vec<usize>> = Vec::new();
                for url in rules.urls.paths(site_path, is_page) {
                    for case in rules.urls.cases {
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
pub(in crate::target) enum Effect {
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
pub(in crate::target) enum Matcher {
    /// These paths.
    Paths(Vec<String>),
    Pattern(Pattern),
    /// Nothing: the target drops the rule.
    Nothing,
}

impl Matcher {
    /// By an expression, for a target that reads letters like this. If `list` is a part of it that is all it says and lists
    /// paths as this program does, they are looked up, also as links spell them.
    pub(in crate::target) fn new(
        list: Option<&str>,
        regex: &str,
        cases: &[Case],
    ) -> Result<Self, String> {
        let Some(paths) = list.and_then(path_alternatives) else {
            return Pattern::new(regex, cases).map(Self::Pattern);
        };
        let paths = paths.iter().map(|path| format!("/{path}"));
        let mut all: Vec<String> = paths
            .flat_map(|path| [url_link_path(&path), path])
            .collect();
        all.sort_unstable();
        all.dedup();
        Ok(Self::Paths(all))
    }
}

/// Which of the rules that match count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::target) enum Choice {
    Every,
    First,
}

/// Rules in the order in which they are obeyed.
#[derive(Debug)]
pub(in crate::target) struct Rules {
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
    pub(in crate::target) fn new(urls: Urls, choice: Choice) -> Self {
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
    pub(in crate::target) fn cases(&self) -> &'static [Case] {
        self.urls.cases
    }

    /// Adds an effect to those that come before any rule's.
    pub(in crate::target) fn push_base(&mut self, effect: Effect) {
        self.base.push(effect);
    }

    /// Adds a rule behind the others.
    pub(in crate::target) fn push(&mut self, matcher: Matcher, effects: Vec<Effect>) {
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
    pub(in crate::target) fn response(&self, url: &str, case: Case) -> Option<Vec<usize>> {
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
