//! The view of a page that writes nonces: the elements that get one, and the text in which template code is looked for.

use std::cell::RefCell;
use std::rc::Rc;

use super::NonceOptions;
use super::found::Found;

use crate::edit::driver::Editor;
use crate::edit::splicer::{Edit, HeldText};
use crate::edit::srcdoc::{Source, Srcdoc, escape};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Code;
use crate::html::names as n;
use crate::html::scan::End;
use crate::location::Location;
use crate::page::code_text::CodeText;
use crate::page::element::Element;
use crate::page::kind::{Kinds, SubjectKind};
use crate::page::script::{Role, role};
use crate::page::walk::{Here, Inside, Visitor, Walk};
use crate::page::{Browser, InlineKind, MAX_NESTING};
use crate::template::{Dialect, HelperCall, Hint, Outline, UsualCode};

/// Finds the places for nonces in one document.
pub(super) struct NonceVisitor {
    pub(super) options: Rc<NonceOptions>,
    pub(super) source: Rc<Source>,
    /// The template code in the usual delimiters that encloses the document, when it is nested.
    pub(super) usual_code: UsualCode,
    pub(super) found: Found,
}

/// State of an element's text.
pub(super) struct Text {
    location: Location,
    code: CodeText,
    /// What looks like template code; [`None`] for the templates of scripts.
    hint: Option<Hint>,
}

impl Walk<NonceVisitor> {
    /// Over a file whose text is `held` until it is written.
    pub(super) fn file(options: &NonceOptions, dialect: Option<Dialect>, held: &Rc<RefCell<HeldText>>) -> Self {
        const ELEMENTS: Kinds = Kinds::of(&[SubjectKind::Script, SubjectKind::Style, SubjectKind::ScriptUrl]);
        const LINKS: Kinds = ELEMENTS.and(SubjectKind::LinkUrl);
        let kinds = if options.elements.links { LINKS } else { ELEMENTS };
        let visitor = NonceVisitor {
            options: Rc::new(options.clone()),
            source: Rc::new(Source::File(Rc::clone(held))),
            usual_code: UsualCode::Runs,
            found: Found::default(),
        };
        Self::new(visitor, Here::page(kinds, dialect, options.templates))
    }
}

impl NonceVisitor {
    fn without_nonces(&mut self, here: &Here, location: Location, why: &str) {
        self.found.problems.add(
            here,
            Code::UnscannedDocument,
            location,
            format!("the nested document got no nonces: {why}"),
            "serve the inner document from a file of its own",
        );
    }
}

/// Looks for template code in the text of an element that begins. A data block of another type than JSON can hold a template, which
/// a script of the page renders.
fn hint(element: &dyn Element) -> Option<Hint> {
    if element.name() != n::script || role(element) != Role::Nothing {
        return Some(Hint::default());
    }
    let kind = element.attribute("type")?;
    let is_json = kind.trim_ascii().to_ascii_lowercase().ends_with("json");
    is_json.then(Hint::of_data)
}

/// The reason why a document in a URL gets no nonces.
const IN_URL: &str = "it stands in a data: URL";

impl Visitor for NonceVisitor {
    type Text = Text;

    fn element(&mut self, here: &Here, element: &dyn Element, kind: Option<SubjectKind>) -> Option<Text> {
        if let (Some(kind), Some(element)) = (kind, element.html()) {
            self.subject(here, element, kind);
        }
        let kind = match element.name() {
            n::script => InlineKind::Script,
            n::style => InlineKind::Style,
            _ => return None,
        };
        Some(Text { location: element.location(), code: CodeText::new(kind), hint: hint(element) })
    }

    fn branch(&mut self, here: &Here, element: &dyn Element, around: Option<&Text>) {
        // A tag in a string is written by the script.
        let is_in_string = around.is_some_and(|text| text.code.is_in_string());
        if let (false, Some(kind), Some(element)) = (is_in_string, here.kind(element), element.html()) {
            self.subject(here, element, kind);
        }
    }

    fn text(&mut self, here: &Here, open: &mut Text, text: &str) {
        if here.is_template() {
            open.code.push(text);
        } else if let Some(hint) = open.hint.as_mut().filter(|_| here.is_plain()) {
            hint.push(text);
        }
    }

    fn end(&mut self, here: &Here, open: Text, _: End, _: bool) {
        if let Some(code) = open.hint.as_ref().and_then(Hint::found) {
            self.found.problems.template_syntax(here, open.location, code);
        }
    }

    fn unclosed(&mut self, here: &Here, start_tag: Location) {
        if here.is_template() {
            self.found.problems.add(
                here,
                Code::UnclosedText,
                start_tag,
                "this element is not closed in this file, so a browser that gets both reads what follows as its text, and no nonces were written there",
                "close it in the same file and the same branch",
            );
        }
    }

    fn nested(&mut self, here: &Here, element: &dyn Element, inside: Inside, _: Option<Browser>) -> Option<Self> {
        let mut nested = Self {
            options: Rc::clone(&self.options),
            source: Rc::clone(&self.source),
            usual_code: self.usual_code.clone(),
            found: Found::default(),
        };
        match inside {
            Inside::Noscript | Inside::DataHtml => {}
            Inside::Srcdoc => {
                let element = element.html()?;
                let Some(srcdoc) = Srcdoc::new(&self.source, element) else {
                    let why = "its character references cannot be followed";
                    self.without_nonces(here, element.location, why);
                    return None;
                };
                nested.usual_code = self.usual_code(element);
                nested.source = Rc::new(Source::Srcdoc(srcdoc));
            }
            Inside::DataXml => {
                self.without_nonces(here, element.location(), IN_URL);
                return None;
            }
        }
        Some(nested)
    }

    fn join(&mut self, other: Self) {
        self.found.absorb(other.found);
    }

    fn add_reading(&mut self, other: Self) {
        self.join(other);
    }

    fn absorb(&mut self, here: &Here, nested: Self, inside: Inside, location: Location) {
        let mut found = nested.found;
        match (inside, &*nested.source) {
            (Inside::DataHtml | Inside::DataXml, _) => {
                // Nonces are not written into URLs.
                let is_empty = found.candidates.is_empty() && found.problems.is_empty();
                if found.scripts || found.styles || !is_empty {
                    self.without_nonces(here, location, IN_URL);
                }
                return;
            }
            (Inside::Srcdoc, Source::Srcdoc(srcdoc)) => {
                let escape = |text: &str, quote| escape(text, quote, here.dialect);
                let edits = found.edits.into_iter();
                found.edits = edits.map(|edit| srcdoc.outer_edit(edit, escape)).collect();
                for candidate in &mut found.candidates {
                    candidate.tag = srcdoc.outer_range(candidate.tag.clone());
                    let edit = candidate.edit.take();
                    candidate.edit = edit.map(|edit| Box::new(srcdoc.outer_edit(*edit, escape)));
                }
            }
            (Inside::Srcdoc | Inside::Noscript, _) => {}
        }
        self.found.absorb(found);
    }

    fn too_deep(&mut self, here: &Here, location: Location, inside: Inside) {
        match inside {
            Inside::DataHtml | Inside::DataXml => self.without_nonces(here, location, IN_URL),
            Inside::Noscript | Inside::Srcdoc => self.found.problems.add(
                here,
                Code::NestingLimit,
                location,
                format!("more than {MAX_NESTING} documents are nested in each other; this one got no nonces"),
                "serve the inner documents from files of their own",
            ),
        }
    }

    fn failed(&mut self, here: &Here, location: Location, error: &Error) {
        self.without_nonces(here, location, &error.to_string());
    }
}

impl Editor for Walk<NonceVisitor> {
    const NAMED: (ErrorKind, &'static str) = (ErrorKind::Nonce, "no nonce can be written into a document");

    fn take_edits(&mut self) -> Vec<Edit> {
        let mut edits = Vec::new();
        self.each_visitor(&mut |visitor| edits.append(&mut visitor.found.edits));
        edits
    }

    fn is_settled(&self) -> bool {
        !self.here.is_template()
    }

    const OUTLINED: bool = true;

    fn helpers(&mut self, calls: &[(Location, HelperCall)]) {
        self.visitor.found.helpers(self.visitor.options.elements, calls);
    }

    fn finish(&mut self, outline: Option<Outline>) {
        if let (Some(dialect), Some(outline)) = (self.here.dialect, outline) {
            self.visitor.settle(dialect, outline);
        }
    }

    fn moves_declaration() -> Result<()> {
        Err(Error::new(
            ErrorKind::Nonce,
            "no nonces were written: they would move the <meta> that declares the encoding out of the first 1,024 bytes, and browsers look no further where it stands; move it to the beginning of <head>",
        ))
    }
}
