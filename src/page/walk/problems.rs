//! The findings of a view of a page. A walk does not know the page's path, so they get it at the end.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::Here;
use crate::finding::{Code, Finding, MOST_FINDINGS, Place, Severity};
use crate::location::Location;
use crate::template::unannounced;

/// The findings of a view so far.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    all: Vec<Problem>,
    counts: BTreeMap<Code, Count>,
}

/// How many findings of one code there are.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    kept: usize,
    /// Those above [`MOST_FINDINGS`].
    left_out: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Problem {
    code: Code,
    severity: Severity,
    location: Location,
    message: Cow<'static, str>,
    help: &'static str,
}

impl Problems {
    /// Adds a finding about something at `location` of the document.
    pub(crate) fn add(
        &mut self,
        here: &Here,
        code: Code,
        location: Location,
        message: impl Into<Cow<'static, str>>,
        help: &'static str,
    ) {
        let location = here.located(location);
        self.add_as(code.severity(), code, location, message, help);
    }

    /// The same at a location of the file, with another severity than that of the code.
    pub(crate) fn add_as(
        &mut self,
        severity: Severity,
        code: Code,
        location: Location,
        message: impl Into<Cow<'static, str>>,
        help: &'static str,
    ) {
        self.push(Problem { code, severity, location, message: message.into(), help });
    }

    fn push(&mut self, problem: Problem) {
        let count = self.counts.entry(problem.code).or_default();
        if count.kept < MOST_FINDINGS {
            count.kept += 1;
            self.all.push(problem);
        } else {
            count.left_out += 1;
        }
    }

    /// Adds the finding about a text that looks like the code of an unannounced template.
    pub(crate) fn template_syntax(&mut self, here: &Here, location: Location, code: &str) {
        let (message, help) = unannounced(code);
        self.add(here, Code::TemplateSyntax, location, message, help);
    }

    /// Takes over the findings of a document inside.
    pub(crate) fn absorb(&mut self, inner: Self) {
        for (code, count) in inner.counts {
            self.counts.entry(code).or_default().left_out += count.left_out;
        }
        inner.all.into_iter().for_each(|problem| self.push(problem));
    }

    /// Takes over those findings of another browser's reading of the same document that this one does not have.
    pub(crate) fn join(&mut self, other: Self) {
        for (code, count) in other.counts {
            let own = self.counts.entry(code).or_default();
            own.left_out = own.left_out.max(count.left_out);
        }
        let known: HashSet<Problem> = self.all.iter().cloned().collect();
        let new = other.all.into_iter().filter(|problem| !known.contains(problem));
        new.for_each(|problem| self.push(problem));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The findings about the page at `path`, in the order in which they were added.
    pub(crate) fn into_findings(self, path: &Arc<str>) -> Vec<Finding> {
        let problems = self.all.into_iter();
        let finding = |problem: Problem| {
            let mut finding = Finding::new(problem.code, problem.message, problem.help);
            finding.severity = problem.severity;
            finding.at(Place::of(path, problem.location))
        };
        let mut findings: Vec<Finding> = problems.map(finding).collect();
        for (code, count) in self.counts {
            if let Some(last) = findings.iter_mut().rfind(|finding| finding.code == code) {
                last.left_out = count.left_out;
            }
        }
        findings
    }
}
