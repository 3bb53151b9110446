//! The subjects of a page, for a check.

use std::ops::Range;

use super::Collector;
use super::text::TextSubject;
use crate::html::names as n;
use crate::location::Location;
use crate::page::element::Element;
use crate::page::script::{self, Role};
use crate::page::subject::{Document, Nonce, Note, Spot, What};
use crate::page::walk::Here;
use crate::page::{Browser, InlineKind, MARKER, Nesting};

impl Collector {
    /// The index of a new document inside this one, which only `browser` reads if that is one; 0 when no subjects are collected.
    pub(super) fn inner_document(&self, browser: Option<Browser>) -> u32 {
        let mut found = self.found.borrow_mut();
        let Some(subjects) = &mut found.subjects else {
            return 0;
        };
        let parent = Some(self.document);
        subjects.documents.push(Document { parent, browser });
        (subjects.documents.len() - 1) as u32
    }

    pub(super) fn spot(&self, here: &Here, element: &dyn Element, location: Location) -> Option<Spot> {
        let found = self.found.borrow();
        let subjects = found.subjects.as_ref()?;
        Some(Spot { location: here.located(location), document: self.document, notes: subjects.notes_before(element) })
    }

    /// The comments right before an element, as indices of the subjects' notes.
    pub(super) fn notes_before(&self, element: &dyn Element) -> Range<usize> {
        let found = self.found.borrow();
        let subjects = found.subjects.as_ref();
        subjects.map_or(0..0, |subjects| subjects.notes_before(element))
    }

    /// Adds a subject, if subjects are collected.
    pub(super) fn subject(&self, here: &Here, element: &dyn Element, location: Location, what: impl FnOnce() -> What) {
        if let Some(spot) = self.spot(here, element, location) {
            self.add_subject(here, spot, what(), element.is_inert());
        }
    }

    pub(super) fn add_subject(&self, here: &Here, spot: Spot, what: What, inert: bool) {
        let nested = here.nested_in(inert);
        if let Some(subjects) = &mut self.found.borrow_mut().subjects {
            subjects.add(what, spot, &nested);
        }
    }

    /// Takes a `meta` element of HTML, which may hold a policy.
    pub(super) fn meta_policy(&self, here: &Here, element: &dyn Element) {
        // No browser that runs scripts honors it in a noscript or a template.
        if element.is_inert() || here.nested.contains(&Nesting::Noscript) {
            return;
        }
        let pragma = element.attribute("http-equiv").unwrap_or_default();
        let report_only = match pragma.to_ascii_lowercase().as_str() {
            "content-security-policy" => false,
            "content-security-policy-report-only" => true,
            _ => return,
        };
        let Some(policy) = element.attribute("content") else {
            return;
        };
        let in_head = element.is_in_head();
        if here.nested.is_empty() && in_head && !report_only {
            let location = here.located(element.location());
            self.found.borrow_mut().own_policy.get_or_insert(location);
        }
        self.subject(here, element, element.location(), || What::Meta {
            policy: policy.into_owned(),
            in_head,
            report_only,
            is_marked: element.attribute(MARKER).is_some(),
        });
    }

    /// Takes a start tag in the text of another branch's element.
    pub(super) fn branch_subject(&self, here: &Here, element: &dyn Element) {
        let kind = match element.name() {
            n::script => InlineKind::Script,
            _ => InlineKind::Style,
        };
        if element.name() != n::script || script::role(element) != Role::Nothing {
            self.subject(here, element, element.location(), || What::Inline {
                kind,
                spellings: None,
                nonce: Nonce::of(element, here.is_template()),
                is_speculation_rules: script::is_speculation_rules(element),
            });
        }
    }

    /// The subject of an element whose text is to be read.
    pub(super) fn text_subject(&self, here: &Here, element: &dyn Element) -> Option<TextSubject> {
        Some(TextSubject {
            text: String::new(),
            spot: self.spot(here, element, element.location())?,
            nonce: Nonce::of(element, here.is_template()),
            is_speculation_rules: script::is_speculation_rules(element),
        })
    }

    /// Adds a subject whose text was read.
    pub(super) fn add_text(&self, here: &Here, kind: InlineKind, subject: TextSubject, is_dynamic: bool, inert: bool) {
        let what = What::Inline {
            kind,
            spellings: (!is_dynamic).then(|| vec![subject.text]),
            nonce: subject.nonce,
            is_speculation_rules: subject.is_speculation_rules,
        };
        self.add_subject(here, subject.spot, what, inert);
    }

    /// Takes a comment that allows findings.
    pub(super) fn subject_note(&self, here: &Here, text: &str, location: Location) {
        let location = here.located(location);
        if let Some(subjects) = &mut self.found.borrow_mut().subjects {
            let text = text.to_owned();
            subjects.notes.push(Note { text, location });
        }
    }
}
