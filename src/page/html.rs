//! From the events of an HTML scan to the inline resources of a page.

use super::attribute_names::{AttributeName, AttributeNames};
use super::collect::{Collector, Open};
use super::{InlineKind, MAX_NESTING, Nesting};
use crate::finding::Code;
use crate::html::name::Name;
use crate::html::names as n;
use crate::html::scan::{Element, End, Scanner, Sink, Target, Wants};
use crate::html::text::attribute_value;
use crate::html::tree::Namespace;
use crate::location::Location;

impl Collector {
    fn attributes(&mut self, element: &Element<'_>) {
        let mut seen = match element.target {
            Target::New => AttributeNames::default(),
            Target::MergedIntoHtml => std::mem::take(&mut self.html_attributes),
            Target::MergedIntoBody => std::mem::take(&mut self.body_attributes),
            Target::Branch => return,
        };
        for (raw_name, raw_value, at) in element.attributes() {
            let Some(name) = AttributeName::of(raw_name).filter(|name| seen.add(*name)) else {
                continue;
            };
            if !name.is_code() && !may_be_javascript(raw_value) {
                continue;
            }
            if let Some(name) = name.text() {
                let has_code = element.has_code(at.value.clone());
                let value = attribute_value(raw_value);
                self.attribute(element, &name, value, at.name.start, has_code);
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

    fn noscript(&mut self, element: &Element<'_>) -> Open {
        let mut nested = self.nested(Nesting::Noscript, false, true);
        nested.html_attributes = self.html_attributes.inside();
        nested.body_attributes = self.body_attributes.inside();
        Open::Noscript(Box::new(Scanner::noscript(nested, element)))
    }
}

impl Sink for Collector {
    fn concerns(&self, name: Name) -> bool {
        matches!(
            name,
            n::script | n::style | n::noscript | n::iframe | n::object | n::embed | n::frame
        ) || name == n::meta && self.options.audit
    }

    fn heeds(&self, attribute: &[u8], value: &[u8]) -> bool {
        AttributeName::of(attribute).is_some_and(|name| name.is_code() || may_be_javascript(value))
    }

    fn element(&mut self, element: &Element<'_>) -> Wants {
        // What stands in another branch shares the text of the element around it.
        let is_branch = element.target == Target::Branch;
        if is_branch {
            self.audit_branch(element);
            return Wants::Nothing;
        }
        if element.inert && !self.options.template_content {
            return Wants::Nothing;
        }
        self.attributes(element);
        // The content of a template is never used with scripting off, so noscript in it never counts.
        let is_noscript = element.name == n::noscript && element.namespace == Namespace::Html;
        if !is_noscript || self.scriptless || element.inert {
            return Self::element(self, element);
        }
        if self.nested.len() >= MAX_NESTING {
            self.too_deep(element.location);
            return Wants::Nothing;
        }
        let noscript = self.noscript(element);
        self.open.push(noscript);
        Wants::Raw
    }

    fn text(&mut self, text: &str) {
        if let Some(Open::Text(open)) = self.open.last_mut() {
            open.push(text);
        }
    }

    fn note(&mut self, text: &str, location: Location) {
        self.audit_note(text, location);
    }

    fn raw(&mut self, bytes: &[u8]) {
        let Some(Open::Noscript(scanner)) = self.open.last_mut() else {
            return;
        };
        if let Err(error) = scanner.write(bytes) {
            self.open.pop();
            self.open.push(Open::Nothing);
            self.failed(Location::START, &error);
        }
    }

    fn end(&mut self, end: End, hidden: bool) {
        match self.open.pop() {
            Some(Open::Text(text))
                if text.kind == InlineKind::Script && end != End::EndTag && !self.is_template() =>
            {
                self.problem(
                    Code::UnclosedScript,
                    text.location,
                    "the script is never closed, so no browser runs it and it was not hashed",
                    "close it with </script>",
                );
            }
            // Another file may go on with the text.
            Some(Open::Text(text)) => {
                let is_open = self.is_template() && end == End::Input;
                self.finish(*text, hidden || is_open);
            }
            Some(Open::Noscript(scanner)) => match scanner.end() {
                Ok(nested) => self.absorb(nested),
                Err(error) => self.failed(Location::START, &error),
            },
            Some(Open::Nothing) | None => {}
        }
    }
}

/// Whether an attribute's value as written can be a `javascript:` URL: there is a colon behind the scheme's last
/// letter or what is removed from URLs, or a character reference may hide one.
fn may_be_javascript(value: &[u8]) -> bool {
    memchr::memchr2_iter(b':', b'&', value).any(|at| {
        value[at] == b'&'
            || matches!(
                value[..at].last(),
                Some(b't' | b'T' | b'\t' | b'\n' | b'\r')
            )
    })
}
