//! `human`: findings for a person, in the style of rustc.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::Write;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use encoding_rs::UTF_8;
use rayon::prelude::*;

use super::{Printer, Quoted, Summary, counts, left_out, said};
use crate::cli::config::Fault;
use crate::cli::plural;
use crate::cli::terminal::say;
use crate::finding::{Code, Finding, Place, Severity};
use crate::page::source_lines;
use crate::policy::{PolicyProblem, PolicyProblems};
use crate::target::one_line;

/// How many findings are made ready at a time.
const AT_ONCE: usize = 1024;

/// Lines longer than this many bytes are not shown.
const LONGEST_LINE: usize = 2000;

/// The number of problems of one policy that are shown.
const PROBLEMS: usize = 50;
/// The bytes of a long line that are shown before and after the beginning of a problem.
const AROUND: usize = 160;

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
        let problem = |problem: &PolicyProblem| {
            let title = match problem.directive() {
                Some(directive) => format!("{directive}: {}", problem.message()),
                None => problem.message().to_owned(),
            };
            let source = (origin, text, problem.span());
            in_source("invalid-policy", &title, source, problem.help())
        };
        let mut shown: Vec<String> = problems.iter().take(PROBLEMS).map(problem).collect();
        let rest = problems.iter().count() - shown.len() + problems.left_out();
        if rest > 0 {
            let rest = format!("and {} in {origin}", plural(rest, "more problem"));
            let title = Level::ERROR
                .primary_title(one_line(&rest))
                .id("invalid-policy");
            shown.push(Renderer::styled().render(&[Group::with_title(title)]));
        }
        Self(shown.join("\n\n"))
    }

    /// Of the configuration in `text`, which came from `origin`.
    pub(in crate::cli) fn of_config(origin: &str, text: &str, fault: Fault) -> Self {
        let source = (origin, text, fault.span);
        Self(in_source(
            "invalid-config",
            &fault.message,
            source,
            &fault.help,
        ))
    }
}

/// A problem with the source that it is in: a name, the text, and the part that is meant.
fn in_source(id: &str, title: &str, source: (&str, &str, Range<usize>), help: &str) -> String {
    let (origin, text, span) = source;
    let title = one_line(title);
    let group = Level::ERROR.primary_title(&title).id(id);
    let Excerpt {
        line,
        column,
        text,
        span,
    } = Excerpt::new(text, span);
    let snippet = Snippet::source(text)
        .line_start(line)
        .annotation(AnnotationKind::Primary.span(span));
    let group = match column {
        None => group.element(snippet.path(origin)),
        Some(column) => group
            .element(Origin::path(origin).line(line).char_column(column))
            .element(snippet),
    };
    Renderer::styled().render(&[group.element(Level::HELP.message(one_line(help)))])
}

/// The lines of a text that a problem is in. The renderer copies its source for each problem, so it gets no more than these.
struct Excerpt<'t> {
    /// Of its first line, from one.
    line: usize,
    /// Of the problem, from one, in a line that is too long to be shown.
    column: Option<usize>,
    text: &'t str,
    /// The problem in it.
    span: Range<usize>,
}

impl<'t> Excerpt<'t> {
    fn new(text: &'t str, span: Range<usize>) -> Self {
        let begin = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[span.end..]
            .find('\n')
            .map_or(text.len(), |at| span.end + at);
        let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..begin]).count() + 1;
        if end - begin <= LONGEST_LINE {
            return Self {
                line,
                column: None,
                text: &text[begin..end],
                span: span.start - begin..span.end - begin,
            };
        }
        let is_boundary = |at: &usize| text.is_char_boundary(*at);
        let mut from = span.start.saturating_sub(AROUND).max(begin)..;
        let from = from.find(is_boundary).unwrap_or(begin);
        let mut to = (span.start + AROUND).min(end)..;
        let to = to.find(is_boundary).unwrap_or(end);
        Self {
            line,
            column: Some(text[begin..span.start].chars().count() + 1),
            text: &text[from..to],
            span: span.start - from..span.end.min(to) - from,
        }
    }
}

pub(super) const PRINTER: Printer = Printer {
    name: "human",
    about: "for people, with the lines that are meant",
    is_for_people: true,
    print,
};

fn print(findings: &[Finding], summary: &Summary, out: &mut dyn Write) -> anyhow::Result<()> {
    let sources = Sources::read(findings, summary.quoted);
    for finding in findings {
        writeln!(out, "{}\n", rendered(finding, &sources))?;
    }
    summary.finish(findings, out)
}

/// Prints findings and a line that counts them on standard error, beside a command's own output.
pub(in crate::cli) fn print_findings(findings: &[Finding], quoted: Quoted<'_>) {
    let sources = Sources::read(findings, quoted);
    for findings in findings.chunks(AT_ONCE) {
        let shown = findings.par_iter().map(|it| rendered(it, &sources));
        let shown: Vec<String> = shown.collect();
        shown.iter().for_each(|shown| say!("{shown}\n"));
    }
    if let Some(said) = said(&counts(findings)) {
        say!("cspseal: {said}");
    }
}

fn rendered(finding: &Finding, sources: &Sources) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let message = one_line(&finding.message);
    let path = finding
        .place
        .as_ref()
        .map(|place| one_line(&place.path))
        .unwrap_or_default();
    let mut group = Group::with_title(level.primary_title(&message).id(finding.code.name()));
    if let Some(place) = &finding.place {
        group = match sources.line(place, finding) {
            Some(line) => {
                let start = line.char_indices().nth(place.column as usize - 1);
                let start = start.map_or(line.len(), |(at, _)| at);
                let end = (start + span_len(&line[start..])).min(line.len());
                group.element(
                    Snippet::source(line)
                        .line_start(place.line as usize)
                        .path(&path)
                        .annotation(AnnotationKind::Primary.span(start..end)),
                )
            }
            None => group.element(
                Origin::path(&path)
                    .line(place.line as usize)
                    .char_column(place.column as usize),
            ),
        };
    }
    if !finding.more.is_empty() {
        group = group.element(Level::NOTE.message(other_places(&finding.more)));
    }
    if let Some(rest) = left_out(finding) {
        group = group.element(Level::NOTE.message(rest));
    }
    group = group.element(Level::HELP.message(one_line(&finding.help)));
    Renderer::styled().render(&[group]).to_string()
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

/// How much of a line to mark: an attribute with its quoted value, or a tag.
fn span_len(text: &str) -> usize {
    let quote = text.find(['"', '\'']);
    let tag_end = text.find('>').map_or(text.len(), |at| at + 1);
    match quote {
        Some(open)
            if open < tag_end
                && !text.starts_with('<')
                && text[..open].trim_end().ends_with('=') =>
        {
            let quote = &text[open..=open];
            text[open + 1..]
                .find(quote)
                .map_or(text.len(), |close| open + close + 2)
        }
        _ if text.starts_with('<') => tag_end,
        _ => text.find([' ', '>']).unwrap_or(text.len()).max(1),
    }
}

/// The source lines that findings point at, read a second time.
struct Sources {
    lines: BTreeMap<(String, u64), String>,
}

impl Sources {
    fn read(findings: &[Finding], quoted: Quoted<'_>) -> Self {
        let mut wanted: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        // Of a link there is nothing to show.
        let in_pages = findings.iter().filter(|f| f.code != Code::UnfollowedLink);
        for place in in_pages.filter_map(|finding| finding.place.as_ref()) {
            wanted.entry(&place.path).or_default().push(place.line);
        }
        let read = |(path, numbers): (&str, Vec<u64>)| {
            // A page that cannot be read again is shown without its source.
            let file = quoted.open(path)?;
            let charset = match quoted.page(path) {
                Some(_) => quoted.charset,
                // Policies, configurations and files of hosts.
                None => Some(UTF_8),
            };
            let lines = source_lines(path, file, charset, &numbers, LONGEST_LINE).ok()?;
            let lines = lines.into_iter();
            let lines = lines.map(|(number, line)| ((path.to_owned(), number), line));
            Some(lines.collect::<Vec<_>>())
        };
        let read: Vec<_> = wanted.into_par_iter().filter_map(read).collect();
        Self {
            lines: read.into_iter().flatten().collect(),
        }
    }

    /// The line at `place`, or what was kept of it.
    fn line(&self, place: &Place, finding: &Finding) -> Option<String> {
        let line = self.lines.get(&(place.path.to_string(), place.line));
        let excerpt = || {
            // As far right as it stands, for the column to be right.
            let indent = usize::try_from(place.column).ok()?.checked_sub(1)?;
            let excerpt = finding.excerpt.as_ref()?;
            (indent < LONGEST_LINE).then(|| format!("{}{excerpt}", " ".repeat(indent)))
        };
        line.cloned()
            .or_else(excerpt)
            .map(|line| line.replace('\t', " "))
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
        let text = shown(&format!(
            "img-src{} self{}",
            " é.test".repeat(3),
            " b.test".repeat(1000)
        ));
        assert!(text.contains("--> p.txt:1:30"), "{text}");
        let text = shown(&format!(
            "img-src\n{} self{}",
            " a.test".repeat(1000),
            " b.test".repeat(1000)
        ));
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
