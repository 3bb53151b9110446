//! What a view has to report of a page, whose path a walk does not know.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::Here;
use crate::finding::{Code, Finding, MOST_FINDINGS, Place};
use crate::location::Location;
use crate::template::unannounced;

/// The findings of a view so far.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    all: Vec<Problem>,
    /// How many of each code there were.
    counts: BTreeMap<Code, usize>,
}

#[derive(Debug)]
struct Problem {
    code: Code,
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
        self.push(Problem {
            code,
            location: here.located(location),
            message: message.into(),
            help,
        });
    }

    fn push(&mut self, problem: Problem) {
        let count = self.counts.entry(problem.code).or_default();
        *count += 1;
        if *count <= MOST_FINDINGS {
            self.all.push(problem);
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
            let counted = count.saturating_sub(MOST_FINDINGS);
            *self.counts.entry(code).or_default() += counted;
        }
        inner.all.into_iter().for_each(|problem| self.push(problem));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The findings about the page at `path`, in the order in which they were added.
    pub(crate) fn into_findings(self, path: &Arc<str>) -> Vec<Finding> {
        let problems = self.all.into_iter();
        let finding = |problem: Problem| {
            Finding::new(problem.code, problem.message, problem.help)
                .at(Place::of(path, problem.location))
        };
        let mut findings: Vec<Finding> = problems.map(finding).collect();
        for (code, count) in self
            .counts
            .into_iter()
            .filter(|(_, count)| *count > MOST_FINDINGS)
        {
            // One that was absorbed may have had no room for its own.
            let kept = findings
                .iter()
                .filter(|finding| finding.code == code)
                .count();
            if let Some(last) = findings.iter_mut().rfind(|finding| finding.code == code) {
                last.left_out = count - kept;
            }
        }
        findings
    }
}
