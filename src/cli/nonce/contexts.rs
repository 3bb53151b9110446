//! What the parts of templates are placed in, over the files of a run: the page's own text, or the text of a script, a style,
//! a comment or an attribute of another file.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::template::{Dialect, Placed, Target, Use};

/// A template and what it places.
pub(super) struct Source<'a> {
    /// The names by which others may place it.
    pub(super) names: &'a [String],
    pub(super) path: &'a str,
    pub(super) dialect: Dialect,
    pub(super) placed: &'a Placed,
    /// Where its output is kept.
    pub(super) cached: &'a [Range<usize>],
}

/// What is known of the surroundings of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contexts {
    /// Where `<` begins no tag, since the part that it stands in is text.
    pub(super) no_tags: Vec<usize>,
    /// The parts whose surroundings are unknown, or differ.
    pub(super) unknown: Vec<Range<usize>>,
    /// The parts that are placed where output is kept, and whether they are nowhere else.
    pub(super) kept: Vec<(Range<usize>, bool)>,
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
    fn holds(self, source: &Source<'_>, used: &Use) -> bool {
        match self {
            Self::Text => used.is_text,
            Self::Kept => source.cached.iter().any(|range| range.contains(&used.at)),
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    file: Surroundings,
    parts: Vec<Surroundings>,
}

/// Where a file is the text of something.
struct Texts {
    is_whole: bool,
    /// In order, none in another.
    ranges: Vec<Range<usize>>,
}

impl Texts {
    fn of(source: &Source<'_>, state: &State) -> Self {
        let parts = source.placed.parts.iter().zip(&state.parts);
        let parts = parts.filter(|(_, state)| **state == Surroundings::Text);
        let mut ranges: Vec<Range<usize>> = parts.map(|(part, _)| part.range.clone()).collect();
        ranges.sort_by_key(|range| range.start);
        ranges.dedup_by(|next, last| {
            let is_in = next.start <= last.end;
            last.end = if is_in {
                last.end.max(next.end)
            } else {
                last.end
            };
            is_in
        });
        Self {
            is_whole: state.file == Surroundings::Text,
            ranges,
        }
    }

    fn contain(&self, at: usize) -> bool {
        let begun = self.ranges.partition_point(|range| range.start <= at);
        self.is_whole || begun > 0 && at < self.ranges[begun - 1].end
    }
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
pub(super) fn contexts(sources: &[Source<'_>]) -> Vec<Contexts> {
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
        let mut found = keys_of_use(source, name).into_iter();
        let found = found.find_map(|key| by_name.get(&(source.dialect, key)));
        found.map_or_else(Vec::new, |files| nearest(sources, files, source.path))
    };
    let ancestors: Vec<_> = (0..sources.len())
        .map(|index| ancestors(sources, index, &find))
        .collect();
    let files: Vec<Vec<Vec<usize>>> = sources
        .iter()
        .map(|source| {
            let of_use = |at: &Use| match &at.target {
                Target::File(name) => find(source, name),
                Target::Part(_) => Vec::new(),
            };
            source.placed.uses.iter().map(of_use).collect()
        })
        .collect();
    let answers = |question| {
        let mut states = vec![State::default(); sources.len()];
        for _ in 0..MOST_STEPS {
            let next = step(question, sources, &ancestors, &files, &states);
            if next == states {
                break;
            }
            states = next;
        }
        states
    };
    let texts = answers(Question::Text);
    let found = sources.iter().zip(&texts);
    let mut found: Vec<_> = found
        .map(|(source, state)| found_of(source, state))
        .collect();
    if sources.iter().any(|source| !source.cached.is_empty()) {
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
        path.as_bytes()[..same]
            .iter()
            .rposition(|byte| *byte == b'/')
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
            let placed = sources[index].placed;
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
    // By the file, and for all files of a dialect.
    let mut of_parts: HashMap<(usize, &str), Count> = HashMap::new();
    let mut of_all: HashMap<(Dialect, &str), Count> = HashMap::new();
    for (index, source) in sources.iter().enumerate() {
        let texts = Texts::of(source, &states[index]);
        for (position, used) in source.placed.uses.iter().enumerate() {
            let is_text = question.holds(source, used) || texts.contain(used.at);
            match &used.target {
                Target::File(_) => {
                    for file in &files[index][position] {
                        of_files[*file].add(is_text);
                    }
                }
                Target::Part(name) => {
                    of_parts.entry((index, name)).or_default().add(is_text);
                    of_all
                        .entry((source.dialect, name))
                        .or_default()
                        .add(is_text);
                }
            }
        }
    }
    let states = sources.iter().enumerate().map(|(index, source)| {
        let placed = source.placed;
        let is_root = placed.is_page || placed.is_child;
        let otherwise = match is_root {
            true => Surroundings::Page,
            false => question.otherwise(),
        };
        let part = |name: &str| {
            if is_global(source.dialect) {
                let count = of_all.get(&(source.dialect, name));
                return count
                    .copied()
                    .unwrap_or_default()
                    .surroundings(question.otherwise());
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
                let count = of_parts
                    .get(&(*ancestor, name))
                    .copied()
                    .unwrap_or_default();
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
    let placed = source.placed;
    let mut found = Contexts::default();
    let texts = Texts::of(source, state);
    let is_text = |at: &usize| texts.contain(*at);
    found.no_tags = placed.tags.iter().copied().filter(is_text).collect();
    let parts = placed.parts.iter().zip(&state.parts);
    let unknown = parts.filter(|(_, state)| **state == Surroundings::Unknown);
    found
        .unknown
        .extend(unknown.map(|(part, _)| part.range.clone()));
    if state.file == Surroundings::Unknown {
        found.unknown.push(0..usize::MAX);
    }
    found
}

/// The parts of a file that are kept, if each place of them is, or some.
fn kept(source: &Source<'_>, state: &State) -> Vec<(Range<usize>, bool)> {
    let parts = source.placed.parts.iter().map(|part| part.range.clone());
    let parts = parts.zip(state.parts.iter().copied());
    let all = parts.chain([(0..usize::MAX, state.file)]);
    let kept = all.filter(|(_, state)| *state != Surroundings::Page);
    kept.map(|(range, state)| (range, state == Surroundings::Text))
        .collect()
}

/// Whether templates of a dialect are named without their extensions, and partial ones without their underscore.
fn is_bare(dialect: Dialect) -> bool {
    matches!(
        dialect,
        Dialect::Erb
            | Dialect::Ejs
            | Dialect::Blade
            | Dialect::Liquid
            | Dialect::Handlebars
            | Dialect::Mustache
    )
}

/// A name as it is compared.
fn key(dialect: Dialect, name: &str) -> String {
    let name = name.trim_start_matches('/');
    if !is_bare(dialect) {
        return name.to_owned();
    }
    let (folder, file) = name.rsplit_once('/').map_or(("", name), |split| split);
    let file = file.trim_start_matches('_');
    let file = file.split('.').next().unwrap_or_default();
    if folder.is_empty() {
        return file.to_owned();
    }
    format!("{folder}/{file}")
}

/// The names that a use in a file may mean, the likeliest first.
fn keys_of_use(source: &Source<'_>, name: &str) -> Vec<String> {
    let dialect = source.dialect;
    let name = match dialect {
        Dialect::Blade if !name.ends_with(".php") => name.replace('.', "/"),
        _ => name.to_owned(),
    };
    let near: Vec<String> = source
        .names
        .iter()
        .chain([&source.path.to_owned()])
        .map(|own| {
            let mut parts: Vec<&str> = own.split('/').collect();
            parts.pop();
            for part in name.split('/') {
                match part {
                    "." => {}
                    ".." => drop(parts.pop()),
                    _ => parts.push(part),
                }
            }
            key(dialect, &parts.join("/"))
        })
        .collect();
    let mut keys = vec![key(dialect, &name)];
    if dialect == Dialect::Go {
        keys.push(format!("partials/{name}"));
    }
    if name.starts_with('.') || matches!(dialect, Dialect::Php | Dialect::Jsp | Dialect::Ejs) {
        keys.splice(0..0, near);
    } else {
        keys.extend(near);
    }
    keys
}
