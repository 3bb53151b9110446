//! From the events of an HTML scan to the inline resources of a page.

use std::collections::HashSet;

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
        let mut seen: HashSet<Vec<u8>> = match element.target {
            Target::New => HashSet::new(),
            Target::MergedIntoHtml => std::mem::take(&mut self.html_attributes),
            Target::MergedIntoBody => std::mem::take(&mut self.body_attributes),
            Target::Branch => return,
        };
        for (raw_name, raw_value, at) in element.attributes() {
            if !may_matter(raw_name) {
                continue;
            }
            let name = raw_name.to_ascii_lowercase();
            if seen.contains(&name) {
                continue;
            }
            if let Ok(name) = std::str::from_utf8(&name) {
                let has_code = element.has_code(at.value.clone());
                let value = attribute_value(raw_value);
                self.attribute(element, name, value, at.name.start, has_code);
            }
            seen.insert(name);
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
        nested.html_attributes.clone_from(&self.html_attributes);
        nested.body_attributes.clone_from(&self.body_attributes);
        Open::Noscript(Box::new(Scanner::noscript(nested, element)))
    }
}

impl Sink for Collector {
    fn concerns(&self, name: Name) -> bool {
        matches!(
            name,
            n::script
                | n::style
                | n::noscript
                | n::iframe
                | n::object
                | n::embed
                | n::frame
                | n::html
                | n::body
        ) || name == n::meta && self.options.audit
    }

    fn heeds(&self, attribute: &[u8], value: &[u8]) -> bool {
        match attribute {
            [b'o' | b'O', b'n' | b'N', ..] => true,
            _ if attribute.eq_ignore_ascii_case(b"style") => true,
            _ => may_matter(attribute) && may_be_javascript(value),
        }
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

/// Whether an attribute name can be one of those that matter, before it is lower-cased and looked up.
fn may_matter(name: &[u8]) -> bool {
    match name {
        [b'o' | b'O', b'n' | b'N', ..] => true,
        _ => {
            let known: &[&str] = match name.len() {
                2 => &["to"],
                3 => &["src"],
                4 => &["href", "from"],
                5 => &["style"],
                6 => &["action", "values"],
                10 => &["formaction", "xlink:href"],
                _ => &[],
            };
            known
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
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
