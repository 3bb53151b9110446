//! The findings of a view of a page. A walk does not know the page's path, so they get it at the end.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::Here;
use crate::finding::{Code, Finding, Place};
use crate::location::Location;
use crate::template::unannounced;

/// The findings of a view so far.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
        self.0.push(Problem {
            code,
            location: here.located(location),
            message: message.into(),
            help,
        });
    }

    /// Adds the finding about a text that looks like the code of an unannounced template.
    pub(crate) fn template_syntax(&mut self, here: &Here, location: Location, code: &str) {
        let (message, help) = unannounced(code);
        self.add(here, Code::TemplateSyntax, location, message, help);
    }

    /// Takes over the findings of a document inside.
    pub(crate) fn absorb(&mut self, inner: Self) {
        self.0.extend(inner.0);
    }

    /// Takes over those findings of another browser's reading of the same document that this one does not have.
    pub(crate) fn join(&mut self, other: Self) {
        let known: HashSet<Problem> = self.0.iter().cloned().collect();
        let new = other
            .0
            .into_iter()
            .filter(|problem| !known.contains(problem));
        self.0.extend(new);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The findings about the page at `path`, in the order in which they were added.
    pub(crate) fn into_findings(self, path: &Arc<str>) -> Vec<Finding> {
        let problems = self.0.into_iter();
        let finding = |problem: Problem| {
            Finding::new(problem.code, problem.message, problem.help)
                .at(Place::of(path, problem.location))
        };
        problems.map(finding).collect()
    }
}
