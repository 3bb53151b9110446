//! The inline scripts of a page: what they import, the URLs that they mention, and what they do that a policy decides on.

use std::rc::Rc;

use super::Collector;
use super::requests::is_conditional;
use super::source::Source;
use crate::finding::Code;
use crate::location::Location;
use crate::page::element::Element;
use crate::page::javascript::{Grammar, LONGEST, Mentions, ModuleImport, Relative, Script, ScriptKind, SeenSign};
use crate::page::kind::SubjectKind;
use crate::page::request::{Request, RequestKey};
use crate::page::subject::Nonce;
use crate::page::walk::Here;
use crate::page::{Destination, InlineKind, Nesting};

/// The text of an inline script or import map so far.
pub(super) struct ScriptText {
    kind: ScriptKind,
    text: String,
    source: Source,
    /// What is common to its imports.
    import: ModuleImport,
}

impl ScriptText {
    pub(super) fn push(&mut self, text: &str) {
        // A longer one is not read.
        if self.text.len() <= LONGEST {
            self.text.push_str(text);
        }
    }
}

impl Collector {
    /// The beginning of an element whose text is of this kind, if it is a script and asked for what that fetches.
    pub(super) fn script(&self, here: &Here, element: &dyn Element, kind: InlineKind) -> Option<Box<ScriptText>> {
        let is_asked = here.kinds.has(SubjectKind::Request) && !here.scriptless;
        let kind = match kind == InlineKind::Script && is_asked {
            true => ScriptKind::of(element)?,
            false => return None,
        };
        Some(Box::new(ScriptText {
            kind,
            text: String::new(),
            source: Source::of(element),
            import: self.import(here, element),
        }))
    }

    /// What is common to the imports of a script, which is or is in this element.
    fn import(&self, here: &Here, element: &dyn Element) -> ModuleImport {
        ModuleImport {
            specifier: Box::default(),
            destination: Destination::Script,
            is_dynamic: false,
            location: here.located(element.location()),
            base: self.base,
            document: self.document,
            nonce: Nonce::of(element, here.is_template()),
            has_nonce: self.has_fresh_nonce(here, element),
            is_conditional: is_conditional(here, element.is_inert()),
            is_later: here.nested_in(element.is_inert()).contains(&Nesting::Template),
            notes: self.notes_before(element),
        }
    }

    /// Takes the whole text of an inline script or import map.
    pub(super) fn end_script(&mut self, here: &Here, script: ScriptText) {
        let ScriptText { text, import, .. } = script;
        let grammar = match script.kind {
            ScriptKind::Script(grammar) => grammar,
            ScriptKind::ImportMap => {
                if text.len() <= LONGEST {
                    let modules = &mut self.found.borrow_mut().modules;
                    modules.maps.push((import.base, text));
                }
                return;
            }
        };
        let found = Script::parse_inline(&text, grammar).unwrap_or_else(|_| {
            self.too_large(import.location);
            Rc::new(Script::quoted(&text))
        });
        for found in &found.imports {
            self.found.borrow_mut().modules.add(ModuleImport {
                specifier: found.specifier.clone(),
                destination: found.destination,
                ..import.clone()
            });
        }
        let mut locate = script.source.locator(&text);
        self.mentions(here, &found.mentions, &import, &mut locate);
    }

    /// Takes a script in an attribute.
    pub(super) fn attribute_script(&mut self, here: &Here, element: &dyn Element, location: Location, text: &str) {
        if !here.kinds.has(SubjectKind::Request) {
            return;
        }
        match Script::parse_inline(text, Grammar::Classic) {
            Ok(found) if *found == Script::default() => {}
            Ok(found) => {
                let import = ModuleImport { has_nonce: false, nonce: Nonce::None, ..self.import(here, element) };
                self.mentions(here, &found.mentions, &import, &mut |_| location);
            }
            Err(_) => self.too_large(here.located(location)),
        }
    }

    /// Reports a script at a location of the file that was not read.
    fn too_large(&mut self, location: Location) {
        let code = Code::UnknownDependencies;
        let message = "the script is longer or may be nested deeper than the parser can read, so of what it imports and mentions only URLs in quotes are known";
        let help = "move it into a file";
        self.problems.add_as(code.severity(), code, location, message, help);
    }

    /// Takes what a script mentions and does. `locate` has the location of a byte of its text.
    fn mentions(
        &mut self,
        here: &Here,
        found: &Mentions,
        import: &ModuleImport,
        locate: &mut dyn FnMut(usize) -> Location,
    ) {
        for &(sign, offset) in &found.signs {
            self.found.borrow_mut().signs.push(SeenSign {
                sign,
                location: here.located(locate(offset as usize)),
                notes: import.notes.clone(),
            });
        }
        for mention in &found.urls {
            let location = here.located(locate(mention.offset as usize));
            if mention.relative == Relative::Import {
                self.found.borrow_mut().modules.add(ModuleImport {
                    specifier: mention.url.clone(),
                    destination: mention.destination,
                    is_dynamic: true,
                    location,
                    ..import.clone()
                });
                continue;
            }
            self.found.borrow_mut().add_mention(Request {
                key: RequestKey::mentioned(mention.destination, &mention.url, import.base),
                first: location,
                uses: 1,
                is_conditional: import.is_conditional,
            });
        }
    }
}
