//! Which elements of a document get a nonce, and where in their tags.

use std::ops::Range;
use std::rc::Rc;

use super::attribute::{Given, given};
use super::found::Candidate;
use super::value::{NonceValue, is_thymeleaf};
use super::visitor::NonceVisitor;
use crate::edit::attribute::Written;
use crate::edit::splicer::Edit;
use crate::finding::{Code, Severity};
use crate::html::name::name_bytes;
use crate::html::scan::Element;
use crate::page::kind::{Destination, SubjectKind};
use crate::page::walk::Here;
use crate::page::{InlineCheckType, link, script};
use crate::template::{Dialect, UsualCode};

impl NonceVisitor {
    /// Takes an element that is a subject: one that a nonce allows gets its nonce.
    pub(super) fn subject(&mut self, here: &Here, element: &Element<'_>, kind: SubjectKind) {
        let wanted = self.options.elements;
        match kind {
            SubjectKind::Script | SubjectKind::ScriptUrl if wanted.scripts => {
                self.nonce(here, element, InlineCheckType::Script);
            }
            SubjectKind::Style if wanted.styles => {
                self.nonce(here, element, InlineCheckType::Style);
            }
            SubjectKind::LinkUrl => match link::destination(element) {
                Some(Destination::Style) => self.nonce(here, element, InlineCheckType::Style),
                Some(_) => self.nonce(here, element, InlineCheckType::Script),
                None => {}
            },
            SubjectKind::Script | SubjectKind::ScriptUrl | SubjectKind::Style => {}
            // No nonce allows an attribute, and a policy needs none.
            SubjectKind::EventHandler
            | SubjectKind::StyleAttribute
            | SubjectKind::JavascriptUrl
            | SubjectKind::EvaluatedAttribute
            | SubjectKind::MetaPolicy
            | SubjectKind::Page
            | SubjectKind::Request => {}
        }
    }

    /// What template code in the usual delimiters would be in an element's tag.
    pub(super) fn usual_code(&self, element: &Element<'_>) -> UsualCode {
        match &self.usual_code {
            UsualCode::Runs => element.usual_code(),
            around => around.clone(),
        }
    }

    /// Gives an element its nonce.
    fn nonce(&mut self, here: &Here, element: &Element<'_>, check: InlineCheckType) {
        if let Some(flaw) = script::nonce_flaw(element) {
            let (message, help) = (flaw.message(), flaw.help());
            self.found.problems.add(here, Code::NotNonceable, element.location, message, help);
        }
        let options = Rc::clone(&self.options);
        let is_style = check == InlineCheckType::Style;
        let value = match is_style {
            true => &options.style,
            false => &options.script,
        };
        let behind_name = 1 + name_bytes(&element.raw[1..]).len();
        let insertion = || Some((behind_name..behind_name, value.attribute()));
        let edit = match given(element, value.is_evaluated()) {
            Given::ByAttribute(name) if here.is_plain() => {
                return self.found.problems.template_syntax(here, element.location, name);
            }
            Given::ByAttribute(_) if here.is_template() => None,
            Given::Nothing | Given::ByAttribute(_) => insertion(),
            Given::ByCode => None,
            Given::Attribute(Written::Name(_) | Written::Empty { .. }) if value.is_evaluated() => insertion(),
            Given::Attribute(Written::Name(end)) => Some((end..end, format!("={}", value.quoted()))),
            Given::Attribute(Written::Empty { at, quote }) => match quote {
                Some(quote) if value.fits(quote) => Some((at..at, value.text().to_owned())),
                Some(_) => Some((at - 1..at + 1, value.quoted())),
                None => Some((at..at, value.quoted())),
            },
            Given::Attribute(Written::Value { value: inner, whole }) => {
                let source = |range: Range<usize>| {
                    let offset = element.offset;
                    self.source.text(offset + range.start..offset + range.end)
                };
                let found = source(inner);
                if value.is_evaluated() && (self.options.replace || value.is(&found)) {
                    insertion()
                } else if value.is(&found) {
                    None
                } else if self.options.replace {
                    Some((whole, value.quoted()))
                } else {
                    let found = String::from_utf8_lossy(&found).into_owned();
                    if here.dialect == Some(Dialect::Thymeleaf) && is_thymeleaf(&found) {
                        return self.found.problems.add_as(
                            Severity::Error,
                            Code::DeadNonce,
                            here.located(element.location),
                            format!(
                                "Thymeleaf evaluates its own attributes only, so browsers get {found:?} as the nonce"
                            ),
                            "write th:nonce=\"${…}\"",
                        );
                    }
                    self.take_other(here, element, check);
                    return self.found.problems.add(
                        here,
                        Code::DifferentNonce,
                        element.location,
                        format!(
                            "this element has another nonce, {found:?} instead of {:?}, which was kept",
                            value.text()
                        ),
                        "replace it with --replace, or remove it",
                    );
                }
            }
        };
        let refused = edit.as_ref().and_then(|(_, text)| self.refused(here, element, text, value));
        if let Some((why, help)) = refused {
            return self.found.problems.add(here, Code::LiteralElement, element.location, why, help);
        }
        self.take(here, element, check, edit);
    }

    /// Takes an element of a template whose nonce is another one.
    fn take_other(&mut self, here: &Here, element: &Element<'_>, check: InlineCheckType) {
        if here.is_template() {
            self.take(here, element, check, None);
            if let Some(candidate) = self.found.candidates.last_mut() {
                candidate.is_same = false;
            }
        }
    }

    /// Takes an element that has its nonce or gets it by an edit, which counts from the tag.
    fn take(
        &mut self,
        here: &Here,
        element: &Element<'_>,
        check: InlineCheckType,
        edit: Option<(Range<usize>, String)>,
    ) {
        let offset = element.offset;
        let candidate = Candidate {
            tag: offset..offset + element.raw.len(),
            location: here.located(element.location),
            check,
            is_same: true,
            edit: edit.map(|(range, text)| {
                let range = offset + range.start..offset + range.end;
                Box::new(Edit { range, text })
            }),
        };
        match here.is_template() {
            true => self.found.candidates.push(candidate),
            false => self.found.take(candidate),
        }
    }

    /// Why the engine would not write the nonce as it stands in `text`, which is to be inserted, and what to do.
    fn refused(
        &self,
        here: &Here,
        element: &Element<'_>,
        text: &str,
        value: &NonceValue,
    ) -> Option<(&'static str, &'static str)> {
        let usual_code = self.usual_code(element);
        if usual_code != UsualCode::Runs && here.dialect.is_some_and(|it| value.has_code(it)) {
            return Some((
                "this element stands in a verbatim block, in a text to translate or between other delimiters, where the code of its nonce is not run, so it got none",
                "end the block before the tag and begin it again behind it",
            ));
        }
        let UsualCode::Replaced { open, close } = usual_code else {
            return None;
        };
        // Into a document in an attribute it is written with character references.
        let is_kept = here.depth == 0 && value.stands_between(text, &open, &close);
        (!is_kept).then_some((
            "this element stands behind a change of the delimiters, and its nonce might be taken for one, so it got none",
            "change the delimiters back before the tag",
        ))
    }
}
