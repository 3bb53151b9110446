//! Which elements of a document get a nonce, and where in their tags.

use std::io::Write;
use std::ops::Range;
use std::rc::Rc;

use super::attribute::{Given, given};
use super::sink::NonceSink;
use super::value::NonceValue;
use crate::edit::splicer::Edit;
use crate::finding::Code;
use crate::html::name::name_bytes;
use crate::html::names as n;
use crate::html::scan::Element;
use crate::html::tree::Namespace;
use crate::page::InlineKind;
use crate::page::script::{self, Role};
use crate::template::UsualCode;

impl<W: Write> NonceSink<W> {
    /// Whether an element is to have a nonce, and as what it is checked: a script or a style.
    pub(super) fn kind(&self, element: &Element<'_>) -> Option<InlineKind> {
        let wanted = self.options.elements;
        if script::is_live(element, n::script) {
            let runs = script::role(element) != Role::Nothing || script::is_undecided(element);
            let scripts = runs && !self.scriptless && wanted.scripts;
            return scripts.then_some(InlineKind::Script);
        }
        if script::is_live(element, n::style) {
            return wanted.styles.then_some(InlineKind::Style);
        }
        link_kind(element).filter(|_| wanted.links)
    }

    /// What template code in the usual delimiters would be in an element's tag.
    pub(super) fn usual_code(&self, element: &Element<'_>) -> UsualCode {
        match &self.usual_code {
            UsualCode::Runs => element.usual_code(),
            around => around.clone(),
        }
    }

    /// Gives an element its nonce.
    pub(super) fn nonce(&mut self, element: &Element<'_>, kind: InlineKind) {
        self.check_nonceable(element);
        let options = Rc::clone(&self.options);
        let value = match kind {
            InlineKind::Style => &options.style,
            _ => &options.script,
        };
        let edit = match given(element) {
            Given::ByAttribute(name) if self.may_be_template() => {
                return self.template_syntax(name, element.location);
            }
            Given::ByAttribute(_) if self.dialect.is_some() => None,
            Given::Nothing | Given::ByAttribute(_) => {
                let behind_name = 1 + name_bytes(&element.raw[1..]).len();
                Some((behind_name..behind_name, value.attribute()))
            }
            Given::ByCode => None,
            Given::Name(end) => Some((end..end, format!("={}", value.quoted()))),
            Given::Empty { at, quote } => match quote {
                Some(quote) if value.fits(quote) => Some((at..at, value.text().to_owned())),
                Some(_) => Some((at - 1..at + 1, value.quoted())),
                None => Some((at..at, value.quoted())),
            },
            Given::Value {
                value: inner,
                whole,
            } => {
                let source = |range: Range<usize>| {
                    let offset = element.offset;
                    self.source.text(offset + range.start..offset + range.end)
                };
                let found = source(inner);
                if value.is(&found) {
                    None
                } else if self.options.replace {
                    Some((whole, value.quoted()))
                } else {
                    let found = String::from_utf8_lossy(&found).into_owned();
                    return self.note(
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
        let refused = edit
            .as_ref()
            .and_then(|(_, text)| self.refused(element, text, value));
        if let Some((why, help)) = refused {
            return self.note(Code::LiteralElement, element.location, why, help);
        }
        match kind {
            InlineKind::Style => self.found.styles = true,
            _ => self.found.scripts = true,
        }
        if let Some((range, text)) = edit {
            let range = element.offset + range.start..element.offset + range.end;
            self.found.edits.push(Edit { range, text });
        }
    }

    /// Why the engine would not write the nonce as it stands in `text`, which is to be inserted, and what to do.
    fn refused(
        &self,
        element: &Element<'_>,
        text: &str,
        value: &NonceValue,
    ) -> Option<(&'static str, &'static str)> {
        let usual_code = self.usual_code(element);
        if usual_code != UsualCode::Runs && value.has_code(self.dialect) {
            return Some((
                "this element stands in a verbatim block, in a text to translate or between other delimiters, where the code of its nonce is not run, so it got none",
                "end the block before the tag and begin it again behind it",
            ));
        }
        let UsualCode::Replaced { open, close } = usual_code else {
            return None;
        };
        // Into a document in an attribute it is written with character references.
        let is_kept = self.depth == 0 && value.stands_between(text, &open, &close);
        (!is_kept).then_some((
            "this element stands behind a change of the delimiters, and its nonce might be taken for one, so it got none",
            "change the delimiters back before the tag",
        ))
    }

    /// Reports an element whose nonce a browser would ignore.
    fn check_nonceable(&mut self, element: &Element<'_>) {
        if let Some(flaw) = script::nonce_flaw(element) {
            self.note(
                Code::NotNonceable,
                element.location,
                flaw.message(),
                flaw.help(),
            );
        }
    }
}

/// What a link is checked as, if a nonce counts on it: its `rel` names something that is fetched by policy, or
/// template code decides.
fn link_kind(element: &Element<'_>) -> Option<InlineKind> {
    if element.name != n::link || element.namespace != Namespace::Html {
        return None;
    }
    let by_code = |wanted: &str| {
        element.attributes().any(|(name, _, at)| {
            name.eq_ignore_ascii_case(wanted.as_bytes()) && element.has_code(at.value.clone())
        })
    };
    let attribute = |name| element.attribute(name).unwrap_or_default();
    let rel = attribute("rel");
    let is = |name: &str| {
        rel.split_ascii_whitespace()
            .any(|token| token.eq_ignore_ascii_case(name))
    };
    let is_style = attribute("as").eq_ignore_ascii_case("style");
    if is("stylesheet") || is("preload") && is_style || by_code("rel") {
        Some(InlineKind::Style)
    } else if is("preload") || is("modulepreload") {
        Some(InlineKind::Script)
    } else {
        None
    }
}
