//! What is inline in a page, collected from the events of an HTML or XML scan.

mod attributes;
mod audited;
mod frames;
mod text;

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::attribute_names::AttributeNames;
use super::inlines::Found;
use super::{InlineKind, Nesting, Page, Resource, ScanOptions};
use crate::finding::{Code, Finding, Place};
use crate::html::scan::Scanner;
use crate::html::tree::Scripting;
use crate::location::Location;
use crate::template::{Dialect, Templates, unannounced};
use text::Text;

/// Collects the inline resources of one document and of the documents nested in it.
pub(super) struct Collector {
    pub(super) options: ScanOptions,
    /// Which template code is in it.
    dialect: Option<Dialect>,
    /// What this document is nested in, outermost first.
    pub(super) nested: Vec<Nesting>,
    /// Which document of the audit it is.
    document: u32,
    /// Scripts do not run here: only styles are checked.
    pub(super) scriptless: bool,
    /// The one place that a document inside an attribute has.
    fixed: Option<Location>,
    /// Shared with the documents nested in this one.
    found: Rc<RefCell<Found>>,
    problems: Vec<Problem>,
    /// The elements whose text is being read, the innermost last.
    pub(super) open: Vec<Open>,
    /// Names of the attributes that the html and the body element have.
    pub(super) html_attributes: AttributeNames,
    pub(super) body_attributes: AttributeNames,
}

/// A finding whose page is not known here.
struct Problem {
    code: Code,
    location: Location,
    message: Cow<'static, str>,
    help: &'static str,
}

/// An element whose text is being read.
pub(super) enum Open {
    Text(Box<Text>),
    Noscript(Box<Scanner<Collector>>),
    /// Something about the nested document failed; its text is passed over.
    Nothing,
}

impl Collector {
    /// For a page.
    pub(super) fn page(options: &ScanOptions, dialect: Option<Dialect>) -> Self {
        Self {
            options: options.clone(),
            dialect,
            nested: Vec::new(),
            document: 0,
            scriptless: false,
            fixed: None,
            found: Rc::new(RefCell::new(Found::new(options.audit))),
            problems: Vec::new(),
            open: Vec::new(),
            html_attributes: AttributeNames::default(),
            body_attributes: AttributeNames::default(),
        }
    }

    /// What was collected.
    pub(super) fn into_page(self, path: &Arc<str>) -> Page {
        let findings = self.problems.into_iter().map(|problem| {
            Finding::new(problem.code, problem.message, problem.help)
                .at(Place::of(path, problem.location))
        });
        self.found.take().into_page(path, findings.collect())
    }

    /// For a document nested in this one.
    pub(super) fn nested(&self, nesting: Nesting, inert: bool, scriptless: bool) -> Self {
        let mut nested = self.nested_in(inert).into_owned();
        nested.push(nesting);
        let document = match nesting {
            Nesting::Srcdoc | Nesting::DataUrl => self.audit_document(),
            _ => self.document,
        };
        Self {
            nested,
            document,
            scriptless: self.scriptless || scriptless,
            fixed: self.fixed,
            found: Rc::clone(&self.found),
            ..Self::page(&self.options, self.dialect)
        }
    }

    /// Whether scripts run in the document.
    pub(super) fn scripting(&self) -> Scripting {
        if self.scriptless {
            Scripting::Disabled
        } else {
            Scripting::Enabled
        }
    }

    /// Pretends to be nested that deep.
    #[cfg(test)]
    pub(super) fn nest_for_test(&mut self, depth: usize) {
        self.nested = vec![Nesting::Srcdoc; depth];
    }

    /// Takes over what a nested document had.
    pub(super) fn absorb(&mut self, nested: Self) {
        self.problems.extend(nested.problems);
    }

    fn nested_in(&self, inert: bool) -> Cow<'_, [Nesting]> {
        let mut nested = Cow::Borrowed(&*self.nested);
        if inert {
            nested.to_mut().push(Nesting::Template);
        }
        nested
    }

    fn located(&self, location: Location) -> Location {
        self.fixed.unwrap_or(location)
    }

    pub(super) fn problem(
        &mut self,
        code: Code,
        location: Location,
        message: impl Into<Cow<'static, str>>,
        help: &'static str,
    ) {
        let location = self.located(location);
        self.problems.push(Problem {
            code,
            location,
            message: message.into(),
            help,
        });
    }

    /// Whether there may be template code in the document.
    pub(super) fn is_template(&self) -> bool {
        self.dialect.is_some()
    }

    /// Whether the document was taken for plain HTML because nobody said otherwise.
    fn is_plain(&self) -> bool {
        self.dialect.is_none() && self.options.templates == Templates::Auto
    }

    fn template_syntax(&mut self, location: Location, code: &str) {
        let (message, help) = unannounced(code);
        self.problem(Code::TemplateSyntax, location, message, help);
    }

    /// Reports what template code keeps from being hashed.
    fn dynamic(&mut self, kind: InlineKind, location: Location) {
        self.problem(
            Code::DynamicInline,
            location,
            format!(
                "template code decides what this {} says, so no hash can allow it",
                kind.noun()
            ),
            kind.dynamic_help(),
        );
    }

    fn add(&self, resource: Resource, location: Location, inert: bool) {
        let location = self.located(location);
        let nested = self.nested_in(inert);
        self.found.borrow_mut().add(resource, location, &nested);
    }
}
