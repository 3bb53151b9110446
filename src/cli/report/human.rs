//! `human`: findings for a person, in the style of rustc.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::Write;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Printer, Quoted, Summary, counts, said};
use crate::cli::config::Fault;
use crate::cli::terminal::say;
use crate::finding::{Code, Finding, Place, Severity};
use crate::page::source_lines;
use crate::policy::{PolicyProblem, PolicyProblems};
use crate::target::one_line;

/// Lines longer than this many bytes are not shown.
const LONGEST_LINE: usize = 2000;

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
        let problems: Vec<String> = problems.into_iter().map(problem).collect();
        Self(problems.join("\n\n"))
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
    let snippet = Snippet::source(text)
        .path(origin)
        .annotation(AnnotationKind::Primary.span(span));
    Renderer::styled().render(&[Level::ERROR
        .primary_title(&title)
        .id(id)
        .element(snippet)
        .element(Level::HELP.message(one_line(help)))])
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
    for finding in findings {
        say!("{}\n", rendered(finding, &sources));
    }
    if let Some(said) = said(&counts(findings)) {
        say!("cspseal: {said}");
    }
}

fn rendered(finding: &Finding, sources: &Sources<'_>) -> String {
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
        Some(open) if open < tag_end && !text.starts_with('<') => {
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
struct Sources<'a> {
    lines: BTreeMap<(String, u64), String>,
    quoted: Quoted<'a>,
}

impl<'a> Sources<'a> {
    fn read(findings: &[Finding], quoted: Quoted<'a>) -> Self {
        let mut wanted: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        // Of a link there is nothing to show.
        let in_pages = findings.iter().filter(|f| f.code != Code::UnfollowedLink);
        for place in in_pages.filter_map(|finding| finding.place.as_ref()) {
            wanted.entry(&place.path).or_default().push(place.line);
        }
        let mut lines = BTreeMap::new();
        for (path, numbers) in wanted {
            // A page that cannot be read again is shown without its source.
            let Some(file) = quoted.open(path) else {
                continue;
            };
            let Ok(read) = source_lines(path, file, quoted.charset, &numbers, LONGEST_LINE) else {
                continue;
            };
            lines.extend(
                read.into_iter()
                    .map(|(number, line)| ((path.to_owned(), number), line)),
            );
        }
        Self { lines, quoted }
    }

    /// The line at `place`, or what was kept of it.
    fn line(&self, place: &Place, finding: &Finding) -> Option<String> {
        if self.quoted.hides(&place.path) {
            return None;
        }
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
