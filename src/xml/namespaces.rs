//! Which namespace a prefix stands for.

use std::collections::HashMap;
use std::rc::Rc;

use crate::html::tree::Namespace;

/// The namespaces that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Uri {
    Markup(Namespace),
    XLink,
    Other,
}

impl Uri {
    fn of(uri: &str) -> Self {
        match uri {
            "http://www.w3.org/1999/xhtml" => Self::Markup(Namespace::Html),
            "http://www.w3.org/2000/svg" => Self::Markup(Namespace::Svg),
            "http://www.w3.org/1998/Math/MathML" => Self::Markup(Namespace::MathMl),
            "http://www.w3.org/1999/xlink" => Self::XLink,
            _ => Self::Other,
        }
    }
}

/// The declarations in scope.
#[derive(Default)]
pub(super) struct Namespaces {
    /// The innermost last.
    bindings: Vec<Binding>,
    /// Where the innermost of each prefix stands.
    innermost: HashMap<Rc<str>, usize>,
    /// How many bindings there were before each open element.
    marks: Vec<usize>,
}

struct Binding {
    /// Empty for the default namespace.
    prefix: Rc<str>,
    uri: Uri,
    /// Where the one stands that this hides.
    hides: Option<usize>,
}

impl Namespaces {
    pub(super) fn open(&mut self) {
        self.marks.push(self.bindings.len());
    }

    pub(super) fn close(&mut self) {
        let Some(mark) = self.marks.pop() else {
            return;
        };
        for binding in self.bindings.drain(mark..).rev() {
            match binding.hides {
                Some(at) => self.innermost.insert(binding.prefix, at),
                None => self.innermost.remove(&binding.prefix),
            };
        }
    }

    /// Binds a prefix for the element opened last, and says whether that is allowed.
    pub(super) fn declare(&mut self, prefix: &str, uri: &str) -> bool {
        let reserved = matches!(uri, "http://www.w3.org/2000/xmlns/" | "http://www.w3.org/XML/1998/namespace");
        if reserved || matches!(prefix, "xml" | "xmlns") || (uri.is_empty() && !prefix.is_empty()) {
            return prefix == "xml" && uri == "http://www.w3.org/XML/1998/namespace";
        }
        let prefix = Rc::from(prefix);
        let hides = self.innermost.insert(Rc::clone(&prefix), self.bindings.len());
        self.bindings.push(Binding { prefix, uri: Uri::of(uri), hides });
        true
    }

    /// What a prefix stands for; `None` if it is not declared.
    pub(super) fn resolve(&self, prefix: &str) -> Option<Uri> {
        match self.innermost.get(prefix) {
            Some(&at) => Some(self.bindings[at].uri),
            None if matches!(prefix, "" | "xml") => Some(Uri::Other),
            None => None,
        }
    }
}

/// A [qualified name](https://www.w3.org/TR/xml-names/#NT-QName) as prefix, possibly empty, and local name.
pub(super) fn split(name: &str) -> Option<(&str, &str)> {
    match name.split_once(':') {
        None => Some(("", name)),
        Some((prefix, local))
            if !prefix.is_empty()
                && !local.is_empty()
                && !local.contains(':')
                && !local.starts_with(|c: char| matches!(c, '-' | '.' | '0'..='9')) =>
        {
            Some((prefix, local))
        }
        Some(_) => None,
    }
}
