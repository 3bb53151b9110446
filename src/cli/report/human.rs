//! `human`: findings for a person, in the style of rustc.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::io::Write;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use encoding_rs::UTF_8;
use rayon::prelude::*;

use super::{Printer, Quoted, Summary, counts, left_out, said};
use crate::cli::config::Fault;
use crate::cli::plural;
use crate::cli::table::table;
use crate::cli::terminal::say;
use crate::finding::{Code, Finding, Place, Severity};
use crate::location::{LineIndex, Location};
use crate::page::{Excerpt, excerpts};
use crate::policy::{PolicyProblem, PolicyProblems};
use crate::target::one_line;

/// How many findings are made ready at a time.
const AT_ONCE: usize = 1024;

/// The number of problems of one policy that are shown.
const PROBLEMS: usize = 50;
/// Up to this many findings of one code can be counted at a glance.
const COUNTED: usize = 10;

/// Prints an error that has no place in a source.
pub(in crate::cli) fn print_message(text: &str) {
    let error = [Group::with_title(Level::ERROR.primary_title(text))];
    say!("{}\n", Renderer::styled().render(&error));
}

/// What is wrong with a configuration or a policy, with the lines that are meant.
#[derive(Debug)]
pub(in crate::cli) struct Problems(String);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problems {}

impl Problems {
    /// Of the policy in `text`, which came from `origin`.
    pub(in crate::cli) fn of_policy(origin: &str, text: &str, problems: &PolicyProblems) -> Self {
        let problems_shown: Vec<&PolicyProblem> = problems.iter().take(PROBLEMS).collect();
        let spans = problems_shown.iter().map(|problem| problem.span());
        let problem = |(problem, source): (&PolicyProblem, Source<'_>)| {
            let title = match problem.directive() {
                Some(directive) => format!("{directive}: {}", problem.message()),
                None => problem.message().to_owned(),
            };
            source.problem("invalid-policy", &title, problem.help())
        };
        let sources = Source::of_text(origin, text, spans);
        let mut shown: Vec<String> = problems_shown.into_iter().zip(sources).map(problem).collect();
        let rest = problems.iter().count() - shown.len() + problems.left_out();
        if rest > 0 {
            let rest = format!("and {} in {origin}", plural(rest, "more problem"));
            let title = Level::ERROR.primary_title(one_line(&rest)).id("invalid-policy");
            shown.push(Renderer::styled().render(&[Group::with_title(title)]));
        }
        Self(shown.join("\n\n"))
    }

    /// Of the configuration in `text`, which came from `origin`.
    pub(in crate::cli) fn of_config(origin: &str, text: &str, fault: Fault) -> Self {
        let mut sources = Source::of_text(origin, text, std::iter::once(fault.span));
        Self(match sources.pop() {
            Some(source) => source.problem("invalid-config", &fault.message, &fault.help),
            None => fault.message,
        })
    }
}

/// The source that a message is about.
struct Source<'s> {
    path: Cow<'s, str>,
    location: Location,
    /// The text around the location, with the part that is meant; [`None`] where nothing can be shown.
    shown: Option<(String, Range<usize>)>,
}

impl<'s> Source<'s> {
    /// Of spans of a text.
    fn of_text(path: &'s str, text: &str, spans: impl Iterator<Item = Range<usize>>) -> Vec<Self> {
        let index = LineIndex::new(text.as_bytes());
        let located = |span: Range<usize>| (index.location(text.as_bytes(), span.start), span.len());
        let spans: Vec<_> = spans.map(located).collect();
        let wanted = spans.iter().map(|(location, _)| *location).collect();
        // Reading a text cannot fail.
        let excerpts = excerpts(path, text.as_bytes(), Some(UTF_8), &wanted).unwrap_or_default();
        let source = |(location, len)| Self {
            path: path.into(),
            location,
            shown: excerpts.get(&location).map(|excerpt| shown(excerpt, len)),
        };
        spans.into_iter().map(source).collect()
    }

    /// A message about it.
    fn problem(&self, id: &str, title: &str, help: &str) -> String {
        let title = one_line(title);
        let title = Level::ERROR.primary_title(&title).id(id);
        let help = Level::HELP.message(one_line(help));
        rendered(self.quoted_in(Group::with_title(title)).element(help))
    }

    /// Adds it to a message.
    fn quoted_in<'g>(&'g self, group: Group<'g>) -> Group<'g> {
        let Location { line, column } = self.location;
        let (line, column) = (line as usize, column as usize);
        let group = group.element(Origin::path(&*self.path).line(line).char_column(column));
        let snippet = self.shown.as_ref().map(|(text, span)| {
            let span = AnnotationKind::Primary.span(span.clone());
            Snippet::source(text).line_start(line).annotation(span)
        });
        group.elements(snippet)
    }
}

/// An excerpt without characters that a terminal obeys, and the part of it that is meant, which is so long.
fn shown(excerpt: &Excerpt, len: usize) -> (String, Range<usize>) {
    let printed = |text: &str| -> String {
        let printed = |c| match c {
            '\t' => ' ',
            '\u{80}'..='\u{9f}' => char::REPLACEMENT_CHARACTER,
            c => c,
        };
        text.chars().map(printed).collect()
    };
    let (before, rest) = excerpt.text.split_at(excerpt.offset);
    let len = (0..=len.min(rest.len())).rfind(|len| rest.is_char_boundary(*len));
    let (meant, after) = rest.split_at(len.unwrap_or_default());
    let (before, meant) = (printed(before), printed(meant));
    let span = before.len()..before.len() + meant.len();
    (before + &meant + &printed(after), span)
}

fn rendered(group: Group<'_>) -> String {
    let text = Renderer::styled().render(&[group]);
    // Above a source whose column is not that of its first mark, the renderer announces another file.
    let is_shown = |line: &&str| anstream::adapter::strip_str(line).to_string().trim() != ":::";
    text.split('\n').filter(is_shown).collect::<Vec<_>>().join("\n")
}

pub(super) const PRINTER: Printer =
    Printer { name: "human", about: "for people, with the lines that are meant", is_for_people: true, print };

fn print(findings: &[Finding], summary: &Summary, out: &mut dyn Write) -> anyhow::Result<()> {
    let sources = Sources::read(findings, summary.quoted);
    for finding in findings {
        writeln!(out, "{}\n", of_finding(finding, &sources))?;
    }
    if let Some(table) = by_code(findings) {
        writeln!(out, "{table}")?;
    }
    summary.finish(findings, out)
}

/// Prints findings and a line that counts them on standard error, beside a command's own output.
pub(super) fn print_findings(findings: &[Finding], sources: &Sources) {
    for findings in findings.chunks(AT_ONCE) {
        let shown = findings.par_iter().map(|it| of_finding(it, sources));
        let shown: Vec<String> = shown.collect();
        shown.iter().for_each(|shown| say!("{shown}\n"));
    }
    if let Some(table) = by_code(findings) {
        say!("{table}");
    }
    if let Some(said) = said(&counts(findings)) {
        say!("cspseal: {said}");
    }
}

/// A table of the codes, where the findings of one are too many to be counted at a glance.
fn by_code(findings: &[Finding]) -> Option<String> {
    let mut codes: BTreeMap<_, (usize, BTreeSet<&str>, bool)> = BTreeMap::new();
    for finding in findings {
        let (count, pages, is_partial) = codes.entry((Reverse(finding.severity), finding.code.name())).or_default();
        *count += finding.count();
        pages.extend(finding.places().map(|place| &*place.path));
        *is_partial |= finding.left_out > 0;
    }
    if codes.values().all(|(count, ..)| *count <= COUNTED) {
        return None;
    }
    let row = |((severity, code), (count, pages, is_partial)): (_, (usize, BTreeSet<_>, bool))| {
        let Reverse(severity): Reverse<Severity> = severity;
        // Of findings that are not listed the pages are unknown.
        let more = if is_partial { "+" } else { "" };
        let pages = match pages.len() {
            0 => "-".to_owned(),
            pages => format!("{pages}{more}"),
        };
        vec![severity.to_string(), str::to_owned(code), count.to_string(), pages]
    };
    let rows: Vec<Vec<String>> = codes.into_iter().map(row).collect();
    let mut text = String::new();
    let right = [false, false, true, true];
    table(&["SEVERITY", "CODE", "FINDINGS", "PAGES"], &right, &rows, &mut text);
    Some(text)
}

fn of_finding(finding: &Finding, sources: &Sources) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let message = one_line(&finding.message);
    let title = level.primary_title(&message).id(finding.code.name());
    let source = finding.place.as_ref().map(|place| Source {
        path: one_line(&place.path).into(),
        location: place.location(),
        shown: sources.excerpt(place, finding).map(|excerpt| shown(&excerpt, span_len(&excerpt))),
    });
    let mut group = Group::with_title(title);
    if let Some(source) = &source {
        group = source.quoted_in(group);
    }
    if !finding.more.is_empty() {
        group = group.element(Level::NOTE.message(other_places(&finding.more)));
    }
    if let Some(rest) = left_out(finding) {
        group = group.element(Level::NOTE.message(rest));
    }
    rendered(group.element(Level::HELP.message(one_line(&finding.help))))
}

/// The other places, those of one page together: `the same at a.html:3:4, 7:4 and at b.html:1:1`.
fn other_places(places: &[Place]) -> String {
    let mut by_page: BTreeMap<&str, Vec<&Place>> = BTreeMap::new();
    for place in places {
        by_page.entry(&place.path).or_default().push(place);
    }
    let mut text = String::from("the same at");
    for (index, (path, places)) in by_page.into_iter().enumerate() {
        let separator = if index == 0 { " " } else { "\n" };
        let _ = write!(text, "{separator}{}", one_line(path));
        for (index, place) in places.iter().enumerate() {
            let separator = if index == 0 { ":" } else { ", " };
            let _ = write!(text, "{separator}{}:{}", place.line, place.column);
        }
    }
    text
}

/// How much of a line to mark: an attribute with its quoted value, a tag, the `url()` of a style sheet, or what ends with the quote
/// that it begins with or behind.
fn span_len(excerpt: &Excerpt) -> usize {
    let (before, text) = excerpt.text.split_at(excerpt.offset);
    let is_url = text.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("url("));
    let opens = |c: &char| matches!(c, '"' | '\'');
    let inner = usize::from(text.starts_with(['"', '\'']));
    let open = text.chars().next().filter(opens);
    let close = match open.or_else(|| before.chars().next_back().filter(opens)) {
        _ if is_url => Some(')'),
        quote => quote,
    };
    if let Some(end) = close.and_then(|it| text[inner..].find(it)) {
        return end + inner + usize::from(is_url || open.is_some());
    }
    let quote = text.find(['"', '\'']);
    let tag_end = text.find('>').map_or(text.len(), |at| at + 1);
    match quote {
        Some(open) if open < tag_end && !text.starts_with('<') && text[..open].trim_end().ends_with('=') => {
            let quote = &text[open..=open];
            text[open + 1..].find(quote).map_or(text.len(), |close| open + close + 2)
        }
        _ if text.starts_with('<') => tag_end,
        _ => text.find([' ', '>']).unwrap_or(text.len()).max(1),
    }
}

/// The sources around the places of findings, read a second time.
pub(super) struct Sources {
    /// By path.
    excerpts: BTreeMap<String, BTreeMap<Location, Excerpt>>,
}

impl Sources {
    pub(super) fn read(findings: &[Finding], quoted: Quoted<'_>) -> Self {
        let mut wanted: BTreeMap<&str, BTreeSet<Location>> = BTreeMap::new();
        // Of a link there is nothing to show.
        let in_pages = findings.iter().filter(|f| f.code != Code::UnfollowedLink);
        for place in in_pages.filter_map(|finding| finding.place.as_ref()) {
            wanted.entry(&place.path).or_default().insert(place.location());
        }
        let read = |(path, locations): (&str, BTreeSet<Location>)| {
            // A page that cannot be read again is shown without its source.
            let file = quoted.open(path)?;
            let charset = match quoted.page(path) {
                Some(_) => quoted.charset,
                // Policies, configurations and files of hosts.
                None => Some(UTF_8),
            };
            let read = excerpts(path, file, charset, &locations).ok()?;
            Some((path.to_owned(), read))
        };
        let read = wanted.into_par_iter().filter_map(read);
        Self { excerpts: read.collect() }
    }

    /// What is around `place`, or what was kept of it.
    fn excerpt(&self, place: &Place, finding: &Finding) -> Option<Excerpt> {
        let of_file = self.excerpts.get(&*place.path);
        let read = of_file.and_then(|excerpts| excerpts.get(&place.location()));
        let kept = || {
            let text = finding.excerpt.clone()?;
            Some(Excerpt { text, offset: 0 })
        };
        read.cloned().or_else(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn shown(policy: &str) -> String {
        let problems = Policy::parse(policy).unwrap_err();
        let shown = Problems::of_policy("p.txt", policy, &problems).to_string();
        anstream::adapter::strip_str(&shown).to_string()
    }

    #[test]
    fn a_problem_is_shown_at_its_line_and_column() {
        let text = shown("default-src 'self';\nscript-src\n  self");
        assert!(text.contains("--> p.txt:3:3"), "{text}");
        assert!(text.contains("3 |   self"), "{text}");
    }

    #[test]
    fn of_a_long_line_only_what_is_around_a_problem_is_shown() {
        let text = shown(&format!("img-src{} self{}", " é.test".repeat(3), " b.test".repeat(1000)));
        assert!(text.contains("--> p.txt:1:30"), "{text}");
        let text = shown(&format!("img-src\n{} self{}", " a.test".repeat(1000), " b.test".repeat(1000)));
        assert!(text.contains("--> p.txt:2:7002"), "{text}");
        assert!(text.contains("a.test self b.test"), "{text}");
        assert!(text.len() < 1500, "{text}");
    }

    #[test]
    fn of_many_problems_the_rest_is_counted() {
        let text = shown(&"x-src a; ".repeat(1234));
        assert_eq!(text.matches("is no directive").count(), 50);
        assert!(text.ends_with("and 1184 more problems in p.txt"), "{text}");
    }
}
