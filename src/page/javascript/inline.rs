//! The imports and import maps of the inline scripts of a page.

use std::ops::Range;

use super::{Grammar, Sign};
use crate::location::Location;
use crate::page::Destination;
use crate::page::element::Element;
use crate::page::inlines::MOST;
use crate::page::subject::Nonce;

/// The imports of the inline scripts of a page, and its import maps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Modules {
    pub(crate) imports: Vec<ModuleImport>,
    /// The text of each import map, with the base of its document.
    pub(crate) maps: Vec<(u32, String)>,
}

/// An import in an inline script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModuleImport {
    pub(crate) specifier: Box<str>,
    pub(crate) destination: Destination,
    /// Whether it is made when the script runs, if at all.
    pub(crate) is_dynamic: bool,
    /// The location of the script's element; of a dynamic import that of its specifier.
    pub(crate) location: Location,
    /// The base of its document, an index of the page's bases.
    pub(crate) base: u32,
    /// Its document, an index of the subjects' documents.
    pub(crate) document: u32,
    /// The nonce of the element, which counts for its imports, too.
    pub(crate) nonce: Nonce,
    /// Whether that is made for each response.
    pub(crate) has_nonce: bool,
    /// Whether it is in the content of an inert template, or something else may keep it from running.
    pub(crate) is_conditional: bool,
    /// Whether it is in the content of an inert template.
    pub(crate) is_later: bool,
    /// The comments before its element.
    pub(crate) notes: Range<usize>,
}

/// What an inline script does that a policy decides on when it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeenSign {
    pub(crate) sign: Sign,
    pub(crate) location: Location,
    /// The comments before the element of the script.
    pub(crate) notes: Range<usize>,
}

/// The kind of an inline script whose text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScriptKind {
    Script(Grammar),
    ImportMap,
}

impl ScriptKind {
    /// By the `type` attribute of a script that is checked; [`None`] for one that is no script.
    pub(crate) fn of(element: &dyn Element) -> Option<Self> {
        let kind = element.attribute("type").unwrap_or_default();
        match kind.trim_ascii().to_ascii_lowercase().as_str() {
            "module" => Some(Self::Script(Grammar::Module)),
            "importmap" => Some(Self::ImportMap),
            "speculationrules" | "webbundle" => None,
            _ => Some(Self::Script(Grammar::Classic)),
        }
    }
}

impl Modules {
    /// Whether a script imports anything.
    pub(crate) fn has_imports(&self) -> bool {
        !self.imports.is_empty()
    }

    /// Adds an import.
    pub(crate) fn add(&mut self, import: ModuleImport) {
        if self.imports.len() < MOST {
            self.imports.push(import);
        }
    }
}
