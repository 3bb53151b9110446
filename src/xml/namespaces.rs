//! Which namespace a prefix stands for.

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
    /// Prefix, empty for the default namespace, and what it stands for; the innermost last.
    bindings: Vec<(String, Uri)>,
    /// How many bindings there were before each open element.
    marks: Vec<usize>,
}

impl Namespaces {
    pub(super) fn open(&mut self) {
        self.marks.push(self.bindings.len());
    }

    pub(super) fn close(&mut self) {
        if let Some(mark) = self.marks.pop() {
            self.bindings.truncate(mark);
        }
    }

    /// Binds a prefix for the element opened last, and says whether that is allowed.
    pub(super) fn declare(&mut self, prefix: &str, uri: &str) -> bool {
        let reserved = matches!(
            uri,
            "http://www.w3.org/2000/xmlns/" | "http://www.w3.org/XML/1998/namespace"
        );
        if reserved || matches!(prefix, "xml" | "xmlns") || (uri.is_empty() && !prefix.is_empty()) {
            return prefix == "xml" && uri == "http://www.w3.org/XML/1998/namespace";
        }
        self.bindings.push((prefix.to_owned(), Uri::of(uri)));
        true
    }

    /// What a prefix stands for; `None` if it is not declared.
    pub(super) fn resolve(&self, prefix: &str) -> Option<Uri> {
        let bound = self.bindings.iter().rev().find(|(p, _)| p == prefix);
        match bound {
            Some((_, uri)) => Some(*uri),
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
