//! Which policies come with a URL: rules in the order in which a target obeys them, and what each does.
//!
//! A site may have as many rules as pages, so those for a path alone are looked up, and of the patterns only those are tried that
//! a [text](super::literals) in the path speaks for.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::literals::{self, Clause};
use super::map::PathMap;
use super::pattern::{Pattern, path_alternatives};
use super::urls::{IsPage, Urls};
use crate::error::{Error, ErrorKind, Result};
use crate::target::Disposition;
use crate::target::urls::Case;
use crate::target::{one_line, url_link_path};

/// What answers for a page.
#[derive(Debug)]
pub(crate) enum Answers {
    /// The same policies for every page.
    Everywhere(Vec<usize>),
    /// Rules on URLs.
    Rules(Box<Rules>),
    /// A list of pages.
    Map(PathMap),
}

impl Answers {
    /// The policies of each response with the page.
    pub(super) fn responses(&self, site_path: &str, is_page: IsPage<'_>) -> Result<Vec<Vec<usize>>> {
        Ok(match self {
            Self::Everywhere(policies) => vec![policies.clone()],
            Self::Map(map) => map.responses(site_path, is_page),
            Self::Rules(rules) => {
                let mut responses: Vec<Vec<usize>> = Vec::new();
                for url in rules.urls.paths(site_path, is_page) {
                    for case in rules.urls.cases {
                        responses.extend(rules.response(&url, *case)?);
                    }
                }
                responses
            }
        })
    }
}

/// What a rule does to the response.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    /// Sends the policy beside what is there.
    Add(Disposition, usize),
    /// Sends the policy in the place of what has its header.
    Replace(Disposition, usize),
    /// Takes away what has this header.
    Remove(Disposition),
    /// Shows something else than the page.
    Elsewhere,
}

/// What a rule is for.
#[derive(Debug)]
pub(crate) enum Matcher {
    /// These paths.
    Paths(Vec<String>),
    Pattern(Pattern),
    /// Nothing: the target drops the rule.
    Nothing,
}

impl Matcher {
    /// By an expression, for a target that reads letters like this. If `list` is a part of it that is all it says and lists
    /// paths as this program does, they are looked up, also as links spell them.
    pub(crate) fn new(list: Option<&str>, regex: &str, cases: &[Case]) -> Result<Self, String> {
        let Some(paths) = list.and_then(path_alternatives) else {
            return Self::pattern(regex, cases);
        };
        let paths = paths.iter().map(|path| format!("/{path}"));
        let mut all: Vec<String> = paths.flat_map(|path| [url_link_path(&path), path]).collect();
        all.sort_unstable();
        all.dedup();
        Ok(Self::Paths(all))
    }

    /// By an expression; one that is for a path alone is looked up.
    pub(crate) fn pattern(regex: &str, cases: &[Case]) -> Result<Self, String> {
        if let Some(paths) = literals::literal_paths(regex) {
            return Ok(Self::Paths(paths));
        }
        Pattern::new(regex, cases).map(Self::Pattern)
    }
}

/// The number of patterns in a file, and of their bytes.
const MOST_PATTERNS: (usize, usize) = (10_000, 2 << 20);
/// The number of patterns that are tried on a path, and of rules that match it.
const MOST_TRIED: usize = 256;

fn too_many(what: &str, url: &str) -> Error {
    let message = format!(
        "more than {MOST_TRIED} {what} the path {}; begin or end each pattern with the path that it is for, or join rules",
        one_line(url)
    );
    Error::new(ErrorKind::Limit, message)
}

/// Which of the rules that match count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Every,
    First,
}

/// Rules in the order in which they are obeyed.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(super) urls: Urls,
    choice: Choice,
    effects: Vec<Vec<Effect>>,
    /// Each with the rules that have it, in their order.
    patterns: Vec<(Option<Pattern>, Vec<usize>)>,
    /// The indices of the patterns, by their expressions.
    known: HashMap<String, usize>,
    /// The bytes of the patterns.
    length: usize,
    index: OnceLock<Index>,
    paths: HashMap<String, Vec<usize>>,
    /// By the path in small letters.
    folded: HashMap<String, Vec<usize>>,
    /// What holds before any rule.
    base: Vec<Effect>,
}

impl Rules {
    pub(crate) fn new(urls: Urls, choice: Choice) -> Self {
        Self {
            urls,
            choice,
            effects: Vec::new(),
            patterns: Vec::new(),
            known: HashMap::new(),
            length: 0,
            index: OnceLock::new(),
            paths: HashMap::new(),
            folded: HashMap::new(),
            base: Vec::new(),
        }
    }

    /// Adds an effect to those that come before any rule's.
    pub(crate) fn push_base(&mut self, effect: Effect) {
        self.base.push(effect);
    }

    /// Adds a rule behind the others.
    pub(crate) fn push(&mut self, matcher: Matcher, effects: Vec<Effect>) {
        let index = self.effects.len();
        match matcher {
            Matcher::Pattern(pattern) => {
                let next = self.patterns.len();
                let known = *self.known.entry(pattern.source.clone()).or_insert(next);
                if known == next {
                    self.length += pattern.source.len();
                    // Past the limit none is used.
                    let kept = (!self.is_full()).then_some(pattern);
                    self.patterns.push((kept, Vec::new()));
                }
                self.patterns[known].1.push(index);
            }
            Matcher::Paths(paths) => {
                for path in paths {
                    let folded = self.folded.entry(path.to_ascii_lowercase()).or_default();
                    folded.push(index);
                    self.paths.entry(path).or_default().push(index);
                }
            }
            Matcher::Nothing => {}
        }
        self.effects.push(effects);
    }

    /// The policies of the response for a URL's path, unless it shows something else or has too many patterns.
    pub(crate) fn response(&self, url: &str, case: Case) -> Result<Option<Vec<usize>>> {
        let exact = match case {
            Case::Matters => self.paths.get(url),
            Case::MayNot => self.folded.get(&url.to_ascii_lowercase()),
        };
        let mut matching: Vec<usize> = Vec::new();
        let mut add = |rules: &[usize]| {
            matching.extend(rules);
            match matching.len() > MOST_TRIED {
                true => Err(too_many("rules match", url)),
                false => Ok(()),
            }
        };
        add(exact.map_or(&[], Vec::as_slice))?;
        for pattern in self.tried(url)? {
            let (pattern, rules) = &self.patterns[pattern];
            if pattern.as_ref().is_some_and(|p| p.matches(url, case)) {
                add(rules)?;
            }
        }
        matching.sort_unstable();
        matching.dedup();
        if self.choice == Choice::First {
            matching.truncate(1);
        }
        let mut sent: Vec<(Disposition, usize)> = Vec::new();
        let effects = matching.iter().flat_map(|index| &self.effects[*index]);
        for effect in self.base.iter().chain(effects) {
            match effect {
                Effect::Elsewhere => return Ok(None),
                Effect::Add(header, policy) => sent.push((*header, *policy)),
                Effect::Replace(header, policy) => {
                    sent.retain(|(other, _)| other != header);
                    sent.push((*header, *policy));
                }
                Effect::Remove(header) => sent.retain(|(other, _)| other != header),
            }
        }
        Ok(Some(sent.into_iter().map(|(_, policy)| policy).collect()))
    }

    fn is_full(&self) -> bool {
        self.patterns.len() > MOST_PATTERNS.0 || self.length > MOST_PATTERNS.1
    }

    /// The patterns that may match a path.
    fn tried(&self, url: &str) -> Result<Vec<usize>> {
        if self.is_full() {
            let (most, bytes) = MOST_PATTERNS;
            let message = format!(
                "{} rules with different patterns of {} bytes, and {most} of {bytes} are read at most; write rules for paths, or join some",
                self.patterns.len(),
                self.length
            );
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let index = self.index.get_or_init(|| {
            let patterns = self.patterns.iter().filter_map(|(pattern, _)| pattern.as_ref());
            Index::new(patterns.map(|pattern| pattern.source.as_str()))
        });
        let tried = index.find(url);
        if tried.len() > MOST_TRIED {
            return Err(too_many("patterns could match", url));
        }
        Ok(tried)
    }
}

/// Finds the patterns that may match a path.
#[derive(Debug)]
struct Index {
    /// Those that may match any path.
    always: Vec<usize>,
    texts: Option<AhoCorasick>,
    /// For each text the patterns that it speaks for.
    patterns: Vec<Vec<usize>>,
}

impl Index {
    fn new<'p>(patterns: impl Iterator<Item = &'p str>) -> Self {
        let clauses: Vec<Vec<Clause>> = patterns.map(literals::clauses).collect();
        let mut uses: HashMap<&str, usize> = HashMap::new();
        for text in clauses.iter().flatten().flatten() {
            *uses.entry(text).or_default() += 1;
        }
        // The texts that the fewest other patterns have, of those the longest.
        let cost = |clause: &&Clause| {
            let uses: usize = clause.iter().map(|text| uses[text.as_str()]).sum();
            let length = clause.iter().map(String::len).min();
            (uses, std::cmp::Reverse(length))
        };
        let mut always = Vec::new();
        let mut by_text: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, clauses) in clauses.iter().enumerate() {
            match clauses.iter().min_by_key(cost) {
                None => always.push(index),
                Some(clause) => {
                    for text in clause {
                        by_text.entry(text).or_default().push(index);
                    }
                }
            }
        }
        let (texts, mut patterns): (Vec<&str>, Vec<Vec<usize>>) = by_text.into_iter().unzip();
        let texts = AhoCorasick::new(&texts).ok();
        if texts.is_none() {
            always.extend(patterns.drain(..).flatten());
        }
        Self { always, texts, patterns }
    }

    /// Some more than may be tried, if there are so many.
    fn find(&self, url: &str) -> Vec<usize> {
        let url = url.to_ascii_lowercase();
        let mut found: HashSet<usize> = self.always.iter().take(MOST_TRIED + 1).copied().collect();
        for text in self.texts.iter().flat_map(|texts| texts.find_overlapping_iter(&url)) {
            if found.len() > MOST_TRIED {
                break;
            }
            let patterns = &self.patterns[text.pattern().as_usize()];
            found.extend(patterns.iter().take(MOST_TRIED + 1));
        }
        found.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::urls::Switches;
    use super::*;

    #[test]
    fn patterns_have_a_limit_together() {
        let urls = Urls { cases: &[Case::Matters], switches: Switches::NONE, of: |_, _, _| Vec::new() };
        let mut rules = Rules::new(urls, Choice::Every);
        rules.length = MOST_PATTERNS.1 - 1;
        let rule = |text: &str| Matcher::pattern(text, &[Case::Matters]).unwrap();
        // One that is there already takes no more room.
        for text in [".", "."] {
            rules.push(rule(text), Vec::new());
        }
        assert!(rules.response("/a", Case::Matters).is_ok());
        rules.push(rule("$"), Vec::new());
        let error = rules.response("/a", Case::Matters).unwrap_err();
        assert_eq!(
            error.to_string(),
            "2 rules with different patterns of 2097153 bytes, and 10000 of 2097152 are read at most; write rules for paths, or join some"
        );
    }
}
