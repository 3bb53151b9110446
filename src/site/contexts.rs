//! What the parts of templates are placed in, over the files of a run: the page's own text, or the text of a script, a style,
//! a comment or an attribute of another file.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use rayon::prelude::*;

use super::template_names::{key, keys_of_use};
use crate::location::Ranges;
use crate::template::{Dialect, Links, Target, Use};

/// A template and what it places.
pub(crate) struct Source<'a> {
    /// The names by which others may place it.
    pub(crate) names: &'a [String],
    pub(crate) path: &'a str,
    pub(crate) dialect: Dialect,
    pub(crate) links: &'a Links,
}

/// What is known of the surroundings of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contexts {
    /// The parts that are text, in order.
    pub(crate) texts: Vec<Range<usize>>,
    /// The parts whose surroundings are unknown, or differ.
    pub(crate) unknown: Vec<Range<usize>>,
    /// The parts that are placed where output is kept, and whether they are nowhere else.
    pub(crate) kept: Vec<(Range<usize>, bool)>,
}

/// What is asked of each place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    /// Whether it is text in which no element can begin.
    Text,
    /// Whether its output is kept.
    Kept,
}

impl Question {
    const fn holds(self, used: &Use) -> bool {
        match self {
            Self::Text => used.is_text,
            Self::Kept => used.is_kept,
        }
    }

    /// What is taken of a place that no file shows.
    const fn otherwise(self) -> Surroundings {
        match self {
            Self::Text => Surroundings::Unknown,
            Self::Kept => Surroundings::Page,
        }
    }
}

/// What a part or a file is placed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Surroundings {
    #[default]
    Page,
    Text,
    Unknown,
}

/// How often something is placed in text, and in the page.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    text: usize,
    page: usize,
}

impl Count {
    fn add(&mut self, is_text: bool) {
        match is_text {
            true => self.text += 1,
            false => self.page += 1,
        }
    }

    /// `otherwise` if it is placed nowhere.
    fn surroundings(self, otherwise: Surroundings) -> Surroundings {
        match self {
            Self { text: 0, page: 0 } => otherwise,
            Self { text: 0, .. } => Surroundings::Page,
            Self { page: 0, .. } => Surroundings::Text,
            Self { .. } => Surroundings::Unknown,
        }
    }
}

/// What is known of a file so far.
#[derive(Clone, Debug)]
struct State {
    file: Surroundings,
    parts: Vec<Surroundings>,
}

impl State {
    fn new(source: &Source<'_>) -> Self {
        Self { file: Surroundings::Page, parts: vec![Surroundings::Page; source.links.parts.len()] }
    }

    /// Whether the same is text in both, by which alone other files go.
    fn has_same_texts(&self, other: &Self) -> bool {
        let both = self.parts.iter().zip(&other.parts);
        let mut both = both.chain([(&self.file, &other.file)]);
        both.all(|(one, other)| (*one == Surroundings::Text) == (*other == Surroundings::Text))
    }
}

/// Where a file is the text of something. With `only_tags`, those parts alone in which a `<` would begin a tag otherwise.
fn ranges(source: &Source<'_>, state: &State, only_tags: bool) -> Ranges {
    let Links { parts, has_tags, .. } = source.links;
    let whole = state.file == Surroundings::Text && (*has_tags || !only_tags);
    let parts = parts.iter().zip(&state.parts);
    let parts = parts.filter(|(part, state)| **state == Surroundings::Text && (part.has_tags || !only_tags));
    let parts = parts.map(|(part, _)| part.range.clone());
    Ranges::new(parts.chain(whole.then_some(0..usize::MAX)))
}

/// How often what is found of one file is followed to those that it places.
const MOST_STEPS: usize = 16;

/// The longest chain of parents.
const MOST_PARENTS: usize = 16;

/// How many files a use may mean.
const MOST_NEAR: usize = 16;

/// How many files a file may fill parts of.
const MOST_ANCESTORS: usize = 64;

/// Those of each template.
pub(crate) fn contexts(sources: &[Source<'_>]) -> Vec<Contexts> {
    let mut by_name: HashMap<(Dialect, String), Vec<usize>> = HashMap::new();
    for (index, source) in sources.iter().enumerate() {
        for name in source.names {
            let key = (source.dialect, key(source.dialect, name));
            let files = by_name.entry(key).or_default();
            if files.last() != Some(&index) {
                files.push(index);
            }
        }
    }
    for files in by_name.values_mut() {
        files.sort_by_key(|file| sources[*file].path);
    }
    let find = |source: &Source<'_>, name: &str| -> Vec<usize> {
        let mut keys = keys_of_use(source, name);
        let found = keys.find_map(|key| by_name.get(&(source.dialect, key)));
        found.map_or_else(Vec::new, |files| nearest(sources, files, source.path))
    };
    let all = (0..sources.len()).into_par_iter();
    let ancestors: Vec<_> = all.map(|index| ancestors(sources, index, &find)).collect();
    let files: Vec<Vec<Vec<usize>>> = sources
        .par_iter()
        .map(|source| {
            let of_use = |at: &Use| match &at.target {
                Target::File(name) => find(source, name),
                Target::Part(_) => Vec::new(),
            };
            source.links.uses.iter().map(of_use).collect()
        })
        .collect();
    let answers = |question| {
        let states = sources.iter().map(State::new);
        let mut states: Vec<State> = states.collect();
        for _ in 0..MOST_STEPS {
            let next = step(question, sources, &ancestors, &files, &states);
            let mut both = next.iter().zip(&states);
            let is_done = both.all(|(next, state)| next.has_same_texts(state));
            states = next;
            if is_done {
                break;
            }
        }
        states
    };
    let texts = answers(Question::Text);
    let found = sources.iter().zip(&texts);
    let mut found: Vec<_> = found.map(|(source, state)| found_of(source, state)).collect();
    if sources.iter().any(|source| source.links.uses.iter().any(|used| used.is_kept)) {
        for ((found, source), state) in found.iter_mut().zip(sources).zip(answers(Question::Kept)) {
            found.kept = kept(source, &state);
        }
    }
    found
}

/// Those of some files, in the order of their paths, that share the most folders with `path`: engines have one file of a name for
/// a project, and a run may have many projects. None where too many are alike.
fn nearest(sources: &[Source<'_>], files: &[usize], path: &str) -> Vec<usize> {
    let shared = |file: &usize| {
        let same = path.bytes().zip(sources[*file].path.bytes());
        let same = same.take_while(|(one, other)| one == other).count();
        path.as_bytes()[..same].iter().rposition(|byte| *byte == b'/')
    };
    let middle = files.partition_point(|file| sources[*file].path < path);
    let (before, after) = files.split_at(middle);
    let most = before.last().map(shared).max(after.first().map(shared));
    let is_near = |file: &&usize| Some(shared(file)) == most;
    let before = before.iter().rev().take_while(is_near);
    let near = before.chain(after.iter().take_while(is_near)).copied();
    let near: Vec<usize> = near.take(MOST_NEAR + 1).collect();
    match near.len() > MOST_NEAR {
        true => Vec::new(),
        false => near,
    }
}

/// The files whose parts each file fills, and whether all of them are known.
fn ancestors(
    sources: &[Source<'_>],
    index: usize,
    find: &dyn Fn(&Source<'_>, &str) -> Vec<usize>,
) -> (BTreeSet<usize>, bool) {
    let mut found = BTreeSet::new();
    let mut is_known = true;
    let mut next = vec![index];
    for _ in 0..MOST_PARENTS {
        for index in std::mem::take(&mut next) {
            if found.len() > MOST_ANCESTORS {
                return (found, false);
            }
            let placed = sources[index].links;
            is_known &= !placed.is_child || !placed.parents.is_empty();
            for parent in &placed.parents {
                let parents = find(&sources[index], parent);
                is_known &= !parents.is_empty();
                next.extend(parents.into_iter().filter(|parent| found.insert(*parent)));
            }
        }
    }
    (found, is_known && next.is_empty())
}

/// Whether parts are placed by their names alone, in whatever file.
fn is_global(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Erb | Dialect::Go | Dialect::Blade)
}

fn step(
    question: Question,
    sources: &[Source<'_>],
    ancestors: &[(BTreeSet<usize>, bool)],
    files: &[Vec<Vec<usize>>],
    states: &[State],
) -> Vec<State> {
    let mut of_files = vec![Count::default(); sources.len()];
    // By the file, or for all files of a dialect.
    let mut of_parts: HashMap<(usize, &str), Count> = HashMap::new();
    let mut of_all: HashMap<(Dialect, &str), Count> = HashMap::new();
    for (index, source) in sources.iter().enumerate() {
        let texts = ranges(source, &states[index], false);
        for (position, used) in source.links.uses.iter().enumerate() {
            let is_text = question.holds(used) || texts.contain(used.at);
            match &used.target {
                Target::File(_) => {
                    for file in &files[index][position] {
                        of_files[*file].add(is_text);
                    }
                }
                Target::Part(name) => {
                    let count = match is_global(source.dialect) {
                        true => of_all.entry((source.dialect, name)).or_default(),
                        false => of_parts.entry((index, name)).or_default(),
                    };
                    count.add(is_text);
                }
            }
        }
    }
    let states = sources.iter().enumerate().map(|(index, source)| {
        let placed = source.links;
        let is_root = placed.is_page || placed.is_child;
        let otherwise = match is_root {
            true => Surroundings::Page,
            false => question.otherwise(),
        };
        let part = |name: &str| {
            if is_global(source.dialect) {
                let count = of_all.get(&(source.dialect, name));
                return count.copied().unwrap_or_default().surroundings(question.otherwise());
            }
            // A part that no parent has is shown nowhere, or where a part of this file places it.
            let of_this = of_parts.get(&(index, name)).copied().unwrap_or_default();
            let of_this = of_this.surroundings(Surroundings::Page);
            if !placed.is_child {
                return of_this;
            }
            let (found, is_known) = &ancestors[index];
            let mut sum = Count::default();
            for ancestor in found {
                let count = of_parts.get(&(*ancestor, name)).copied().unwrap_or_default();
                sum.text += count.text;
                sum.page += count.page;
            }
            match is_known {
                true => sum.surroundings(of_this),
                false => sum.surroundings(question.otherwise()),
            }
        };
        State {
            file: of_files[index].surroundings(otherwise),
            parts: placed.parts.iter().map(|found| part(&found.name)).collect(),
        }
    });
    states.collect()
}

fn found_of(source: &Source<'_>, state: &State) -> Contexts {
    let parts = source.links.parts.iter().zip(&state.parts);
    let unknown = parts.filter(|(_, state)| **state == Surroundings::Unknown);
    let unknown = unknown.map(|(part, _)| part.range.clone());
    let whole = (state.file == Surroundings::Unknown).then_some(0..usize::MAX);
    Contexts {
        texts: ranges(source, state, true).into_vec(),
        unknown: unknown.chain(whole).collect(),
        kept: Vec::new(),
    }
}

/// The parts of a file that are kept, if each place of them is, or some.
fn kept(source: &Source<'_>, state: &State) -> Vec<(Range<usize>, bool)> {
    let parts = source.links.parts.iter().map(|part| part.range.clone());
    let parts = parts.zip(state.parts.iter().copied());
    let all = parts.chain([(0..usize::MAX, state.file)]);
    let kept = all.filter(|(_, state)| *state != Surroundings::Page);
    kept.map(|(range, state)| (range, state == Surroundings::Text)).collect()
}
