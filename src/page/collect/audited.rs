//! What an audit takes of a document beside its hashes.

use super::Collector;
use super::text::Audited;
use crate::html::names as n;
use crate::html::tree::Namespace;
use crate::location::Location;
use crate::page::audit::{Document, Nonce, Note, Spot, What};
use crate::page::element::Element;
use crate::page::script::{self, Role};
use crate::page::{InlineKind, Nesting};

impl Collector {
    pub(super) fn audit_document(&self) -> u32 {
        let mut found = self.found.borrow_mut();
        let Some(audit) = &mut found.audit else {
            return 0;
        };
        let parent = Some(self.document);
        audit.documents.push(Document { parent });
        (audit.documents.len() - 1) as u32
    }

    pub(super) fn spot(&self, element: &dyn Element, location: Location) -> Option<Spot> {
        let found = self.found.borrow();
        let audit = found.audit.as_ref()?;
        Some(Spot {
            location: self.located(location),
            document: self.document,
            notes: audit.notes_before(element),
        })
    }

    pub(super) fn audit(
        &self,
        element: &dyn Element,
        location: Location,
        what: impl FnOnce() -> What,
    ) {
        if let Some(spot) = self.spot(element, location) {
            self.audit_at(spot, what(), element.is_inert());
        }
    }

    fn audit_at(&self, spot: Spot, what: What, inert: bool) {
        let nested = self.nested_in(inert);
        if let Some(audit) = &mut self.found.borrow_mut().audit {
            audit.add(what, spot, &nested);
        }
    }

    pub(super) fn nonce_of(&self, element: &dyn Element) -> Nonce {
        Nonce::of(element, self.is_template())
    }

    /// Takes an element without inline text.
    pub(super) fn audit_element(&self, element: &dyn Element, is_script: bool) {
        let is_external = is_script && !self.scriptless && script::role(element) == Role::External;
        let is_meta = element.name() == n::meta && element.namespace() == Namespace::Html;
        if is_external {
            self.audit(element, element.location(), || What::External {
                url: script::external_url(element),
                integrity: element.attribute("integrity").unwrap_or_default().into(),
                nonce: self.nonce_of(element),
            });
        }
        let pragma = || element.attribute("http-equiv").unwrap_or_default();
        // In a noscript or a template it is heeded by no browser that runs scripts.
        let is_heeded = !element.is_inert() && !self.nested.contains(&Nesting::Noscript);
        if !is_meta || !is_heeded {
            return;
        }
        let report_only = match pragma().to_ascii_lowercase().as_str() {
            "content-security-policy" => false,
            "content-security-policy-report-only" => true,
            _ => return,
        };
        if let Some(policy) = element.attribute("content") {
            self.audit(element, element.location(), || What::Meta {
                policy: policy.into_owned(),
                in_head: element.is_in_head(),
                report_only,
            });
        }
    }

    /// Takes a start tag in the text of another branch's element.
    pub(in crate::page) fn audit_branch(&self, element: &dyn Element) {
        let kind = match element.name() {
            n::script => InlineKind::Script,
            _ => InlineKind::Style,
        };
        if element.name() != n::script || script::role(element) != Role::Nothing {
            let nonce = self.nonce_of(element);
            self.audit(element, element.location(), || What::Inline {
                kind,
                spellings: None,
                nonce,
            });
        }
    }

    pub(super) fn audited(&self, element: &dyn Element) -> Option<Audited> {
        Some(Audited {
            text: String::new(),
            spot: self.spot(element, element.location())?,
            nonce: self.nonce_of(element),
        })
    }

    pub(super) fn audit_text(
        &self,
        kind: InlineKind,
        audited: Audited,
        is_dynamic: bool,
        inert: bool,
    ) {
        let Audited { text, nonce, spot } = audited;
        let what = What::Inline {
            kind,
            spellings: (!is_dynamic).then(|| vec![text]),
            nonce,
        };
        self.audit_at(spot, what, inert);
    }

    pub(in crate::page) fn audit_note(&self, text: &str, location: Location) {
        let location = self.located(location);
        if let Some(audit) = &mut self.found.borrow_mut().audit {
            let text = text.to_owned();
            audit.notes.push(Note { text, location });
        }
    }
}
