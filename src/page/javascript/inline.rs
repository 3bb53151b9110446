//! The inline modules and import maps of a page.

use std::ops::Range;

use super::{TooLarge, imports};
use crate::location::Location;
use crate::page::element::Element;
use crate::page::inlines::MOST;
use crate::page::subject::Nonce;

/// The imports of the inline modules of a page, and its import maps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Modules {
    pub(crate) imports: Vec<ModuleImport>,
    /// The text of each import map, with the base of its document.
    pub(crate) maps: Vec<(u32, String)>,
}

/// A static import in an inline module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModuleImport {
    pub(crate) specifier: Box<str>,
    /// The location of the module's element.
    pub(crate) location: Location,
    /// The base of its document, an index of the page's bases.
    pub(crate) base: u32,
    /// Its document, an index of the subjects' documents.
    pub(crate) document: u32,
    /// The nonce of the element, which counts for its imports, too.
    pub(crate) nonce: Nonce,
    /// Whether that is made for each response.
    pub(crate) has_nonce: bool,
    /// Whether scripts without a nonce are listed.
    pub(crate) is_listed: bool,
    /// Whether it is in the content of an inert template, or something else may keep it from running.
    pub(crate) is_conditional: bool,
    /// Whether it is in the content of an inert template.
    pub(crate) is_later: bool,
    /// The comments before its element.
    pub(crate) notes: Range<usize>,
}

/// The kind of an inline script whose text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModuleKind {
    Module,
    ImportMap,
}

impl ModuleKind {
    /// By the `type` attribute.
    pub(crate) fn of(element: &dyn Element) -> Option<Self> {
        let kind = element.attribute("type")?;
        match kind.trim_ascii().to_ascii_lowercase().as_str() {
            "module" => Some(Self::Module),
            "importmap" => Some(Self::ImportMap),
            _ => None,
        }
    }
}

impl Modules {
    /// Whether a module imports anything.
    pub(crate) fn has_imports(&self) -> bool {
        !self.imports.is_empty()
    }

    /// Adds the imports of a module, which are like `first` but for their specifiers.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] for a module that was not read.
    pub(crate) fn add(&mut self, text: &str, first: &ModuleImport) -> Result<(), TooLarge> {
        let room = MOST.saturating_sub(self.imports.len());
        let imports = imports(text)?.into_iter().take(room);
        self.imports.extend(imports.map(|specifier| ModuleImport {
            specifier,
            ..first.clone()
        }));
        Ok(())
    }
}
