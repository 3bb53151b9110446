//! The walk over an HTML document.

use super::{Inside, Open, Visitor, Walk};
use crate::html::asked::Asked;
use crate::html::names as n;
use crate::html::scan::{Element, End, Scanner, Sink, Target, Wants};
use crate::html::text::attribute_value;
use crate::html::tree::Namespace;
use crate::location::Location;
use crate::page::attribute_names::{AttributeName, AttributeNames};
use crate::page::kind::SubjectKind;

impl<V: Visitor> Walk<V> {
    fn is_asked(&self, name: AttributeName<'_>) -> bool {
        let kinds = &self.here.kinds;
        match name {
            AttributeName::Evaluated(_) => kinds.has(SubjectKind::EvaluatedAttribute),
            name => !name.is_only_requested() || kinds.has(SubjectKind::Request),
        }
    }

    /// Whether an attribute's value as written can be a `javascript:` URL.
    fn may_be_javascript(&self, name: AttributeName<'_>, value: &[u8]) -> bool {
        let ends_scheme = |byte: &u8| b":&/?#".contains(byte);
        // Template code may stand in another branch than what comes behind it.
        match name.is_list() || self.here.is_template() {
            true => may_be_javascript(value),
            false => match value.iter().position(ends_scheme) {
                Some(end) => may_be_javascript(&value[..=end]),
                None => false,
            },
        }
    }

    fn attributes(&mut self, element: &Element<'_>) {
        let mut seen = match element.target {
            Target::New => AttributeNames::default(),
            Target::MergedIntoHtml => std::mem::take(&mut self.html_attributes),
            Target::MergedIntoBody => std::mem::take(&mut self.body_attributes),
            Target::Branch => return,
        };
        for (raw_name, raw_value, at) in element.attributes() {
            let name = AttributeName::of(raw_name).filter(|name| self.is_asked(*name));
            let Some(name) = name.filter(|name| seen.add(*name)) else {
                continue;
            };
            let has_request = self.here.kinds.has(SubjectKind::Request);
            let is_requested = has_request && name.may_fetch(raw_value);
            if !is_requested && !name.is_code() && !self.may_be_javascript(name, raw_value) {
                continue;
            }
            if let Some(name) = name.text() {
                let has_code = element.has_code(at.value.clone());
                let value = attribute_value(raw_value);
                let (here, offset) = (&self.here, at.name.start);
                self.visitor.attribute(here, element, &name, value, offset, has_code);
            }
        }
        let is_new = |name| element.name == name && element.namespace == Namespace::Html;
        match element.target {
            Target::MergedIntoHtml => self.html_attributes = seen,
            Target::MergedIntoBody => self.body_attributes = seen,
            Target::New if is_new(n::html) => self.html_attributes = seen,
            Target::New if is_new(n::body) => self.body_attributes = seen,
            Target::New | Target::Branch => {}
        }
    }

    fn noscript(&mut self, element: &Element<'_>) -> Wants {
        let inside = Inside::Noscript;
        if self.is_too_deep(element.location, inside) {
            return Wants::Nothing;
        }
        let browser = self.here.browser;
        let Some(visitor) = self.visitor.nested(&self.here, element, inside, browser) else {
            return Wants::Nothing;
        };
        let mut nested = Self::new(visitor, self.here.inside(inside, false, true));
        nested.html_attributes = self.html_attributes.inside();
        nested.body_attributes = self.body_attributes.inside();
        let scanner = Box::new(Scanner::noscript(nested, element));
        self.open.push(Open::Noscript(scanner, element.location));
        Wants::Raw
    }
}

impl<V: Visitor> Sink for Walk<V> {
    fn asked(&self) -> Option<&Asked> {
        Some(self.here.kinds.asked())
    }

    fn heeds(&self, attribute: &[u8], value: &[u8]) -> bool {
        self.here.kinds.has_attributes()
            && AttributeName::of(attribute).filter(|name| self.is_asked(*name)).is_some_and(|name| {
                name.is_code()
                    || name.is_navigated() && self.may_be_javascript(name, value)
                    || self.here.kinds.has(SubjectKind::Request)
                        && (name.is_requested(value) || name.is_link() && self.visitor.follows_links())
            })
    }

    fn element(&mut self, element: &Element<'_>) -> Wants {
        // It shares the text of the enclosing element.
        if element.target == Target::Branch {
            let around = match self.open.last() {
                Some(Open::Text(text)) => Some(&**text),
                _ => None,
            };
            self.visitor.branch(&self.here, element, around);
            return Wants::Nothing;
        }
        if element.inert && !self.here.template_content {
            return Wants::Nothing;
        }
        let may_repeat = element.target == Target::New
            && element.namespace == Namespace::Html
            && matches!(element.name, n::link | n::script | n::img);
        if may_repeat && self.visitor.is_seen(&self.here, element) {
            return Wants::Nothing;
        }
        // There is nothing in most of them.
        let is_bare = element.name == n::meta && !element.is_heeded();
        if self.here.kinds.has_attributes() && !is_bare {
            self.attributes(element);
        }
        // The content of a template is never used with scripting off, so noscript in it never counts.
        let is_noscript = element.name == n::noscript && element.namespace == Namespace::Html;
        if is_noscript && !self.here.scriptless && !element.inert {
            return self.noscript(element);
        }
        if Self::element(self, element) {
            return Wants::Text;
        }
        if may_repeat {
            self.visitor.keep(element);
        }
        Wants::Nothing
    }

    fn text(&mut self, text: &str) {
        self.push_text(text);
    }

    fn note(&mut self, text: &str, location: Location) {
        self.visitor.note(&self.here, text, location);
    }

    fn raw(&mut self, bytes: &[u8]) {
        let Some(Open::Noscript(scanner, start_tag)) = self.open.last_mut() else {
            return;
        };
        if let Err(error) = scanner.write(bytes) {
            let start_tag = *start_tag;
            self.open.pop();
            self.open.push(Open::Nothing);
            self.visitor.failed(&self.here, start_tag, &error);
        }
    }

    fn end(&mut self, end: End, hidden: bool) {
        match self.open.pop() {
            Some(Open::Text(text)) => self.visitor.end(&self.here, *text, end, hidden),
            Some(Open::Noscript(scanner, start_tag)) => {
                match scanner.end() {
                    Ok(nested) => {
                        let inside = Inside::Noscript;
                        self.visitor.absorb(&self.here, nested.visitor, inside, start_tag);
                    }
                    Err(error) => self.visitor.failed(&self.here, start_tag, &error),
                }
                if end == End::Input {
                    self.visitor.unclosed(&self.here, start_tag);
                }
            }
            Some(Open::Nothing) | None => {}
        }
    }

    fn unclosed(&mut self, start_tag: Location) {
        self.visitor.unclosed(&self.here, start_tag);
    }

    fn unread(&self) -> Option<usize> {
        match self.open.last() {
            Some(Open::Noscript(scanner, _)) => Some(scanner.position()),
            _ => self.visitor.unread(),
        }
    }
}

/// Whether an attribute's value as written can be a `javascript:` URL: there is a colon after the scheme's last
/// letter or what is removed from URLs, or a character reference may hide one.
fn may_be_javascript(value: &[u8]) -> bool {
    memchr::memchr2_iter(b':', b'&', value)
        .any(|at| value[at] == b'&' || matches!(value[..at].last(), Some(b't' | b'T' | b'\t' | b'\n' | b'\r')))
}
