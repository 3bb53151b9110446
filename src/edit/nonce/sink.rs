//! Follows the scan of a document and of those nested in it: which elements there are, and what is read of their text.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

use super::NonceOptions;
use super::found::{Found, Noted};
use super::source::Source;

use crate::edit::splicer::{Edit, Splicer};
use crate::finding::Code;
use crate::html::name::Name;
use crate::html::names as n;
use crate::html::scan::{Element, End, Scanner, Sink, Target, Wants};
use crate::html::tree::{Namespace, Scripting};
use crate::location::Location;
use crate::page::code_text::CodeText;
use crate::page::{InlineKind, MAX_NESTING};
use crate::template::{Dialect, Templates, UsualCode, looks_like_code, unannounced};

/// Finds the places for nonces in one document and in those nested in it.
pub(super) struct NonceSink<W> {
    pub(super) options: Rc<NonceOptions>,
    pub(super) dialect: Option<Dialect>,
    pub(super) source: Rc<Source<W>>,
    /// How many documents this is nested in.
    pub(super) depth: usize,
    /// Scripts do not run here.
    pub(super) scriptless: bool,
    /// What template code in the usual delimiters is around the document, when it is nested.
    pub(super) usual_code: UsualCode,
    /// The one place that a document inside an attribute has.
    pub(super) fixed: Option<Location>,
    pub(super) found: Found,
    /// The elements whose text is being read, the innermost last.
    open: Vec<Open<W>>,
}

enum Open<W> {
    Text(Box<Text>),
    /// With the place of its start tag.
    Noscript(Box<Scanner<NonceSink<W>>>, Location),
    /// Something about the nested document failed; its text is passed over.
    Nothing,
}

struct Text {
    location: Location,
    code: CodeText,
    looks_like: Option<String>,
}

impl<W: Write> NonceSink<W> {
    pub(super) fn new(
        options: &NonceOptions,
        dialect: Option<Dialect>,
        splicer: Rc<RefCell<Splicer<W>>>,
    ) -> Self {
        Self {
            options: Rc::new(options.clone()),
            dialect,
            source: Rc::new(Source::Own(splicer)),
            depth: 0,
            scriptless: false,
            usual_code: UsualCode::Runs,
            fixed: None,
            found: Found::new(),
            open: Vec::new(),
        }
    }

    /// The edits that were found since the last call.
    pub(super) fn take_edits(&mut self) -> Vec<Edit> {
        let mut edits = std::mem::take(&mut self.found.edits);
        if let Some(Open::Noscript(scanner, _)) = self.open.last_mut() {
            edits.append(&mut scanner.sink().take_edits());
        }
        edits
    }

    pub(super) fn into_found(self) -> Found {
        self.found
    }

    pub(super) fn nested(&self, scriptless: bool) -> Self {
        Self {
            options: Rc::clone(&self.options),
            dialect: self.dialect,
            source: Rc::clone(&self.source),
            depth: self.depth + 1,
            scriptless: self.scriptless || scriptless,
            usual_code: self.usual_code.clone(),
            fixed: self.fixed,
            found: Found::new(),
            open: Vec::new(),
        }
    }

    pub(super) fn note(
        &mut self,
        code: Code,
        location: Location,
        message: impl Into<Cow<'static, str>>,
        help: &'static str,
    ) {
        self.found.problems.push(Noted {
            code,
            location: self.fixed.unwrap_or(location),
            message: message.into(),
            help,
        });
    }

    /// Whether the document was taken for plain HTML because nobody said otherwise.
    pub(super) fn may_be_template(&self) -> bool {
        self.dialect.is_none() && self.options.templates == Templates::Auto
    }

    pub(super) fn template_syntax(&mut self, code: &str, location: Location) {
        let (message, help) = unannounced(code);
        self.note(Code::TemplateSyntax, location, message, help);
    }

    pub(super) fn scripting(&self) -> Scripting {
        if self.scriptless {
            Scripting::Disabled
        } else {
            Scripting::Enabled
        }
    }

    pub(super) fn too_deep(&mut self, location: Location) {
        self.note(
            Code::NestingLimit,
            location,
            format!(
                "more than {MAX_NESTING} documents are nested in each other; this one got no nonces"
            ),
            "serve the inner documents from files of their own",
        );
    }

    pub(super) fn failed(&mut self, location: Location, why: &str) {
        self.note(
            Code::UnscannedDocument,
            location,
            format!("the nested document got no nonces: {why}"),
            "serve the inner document from a file of its own",
        );
    }
}

impl<W: Write> Sink for NonceSink<W> {
    fn concerns(&self, name: Name) -> bool {
        let frames = [n::iframe, n::frame, n::object, n::embed];
        matches!(name, n::script | n::style | n::noscript)
            || frames.contains(&name)
            || name == n::link && self.options.elements.links
    }

    fn heeds(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }

    fn element(&mut self, element: &Element<'_>) -> Wants {
        if element.target == Target::Branch {
            // A tag in a string is written by the script.
            let in_string =
                matches!(self.open.last(), Some(Open::Text(text)) if text.code.is_in_string());
            if !in_string && let Some(kind) = self.kind(element) {
                self.nonce(element, kind);
            }
            return Wants::Nothing;
        }
        if let Some(kind) = self.kind(element) {
            self.nonce(element, kind);
        }
        let html = element.namespace == Namespace::Html;
        match element.name {
            n::iframe if html && element.attribute("srcdoc").is_some() => self.srcdoc(element),
            n::iframe | n::frame | n::object | n::embed if html => self.data_url(element),
            n::noscript if html && !self.scriptless && !element.inert => {
                if self.depth >= MAX_NESTING {
                    self.too_deep(element.location);
                    return Wants::Nothing;
                }
                let scanner = Scanner::noscript(self.nested(true), element);
                self.open
                    .push(Open::Noscript(Box::new(scanner), element.location));
                return Wants::Raw;
            }
            n::script | n::style => {
                let kind = match element.name {
                    n::script => InlineKind::Script,
                    _ => InlineKind::Style,
                };
                self.open.push(Open::Text(Box::new(Text {
                    location: element.location,
                    code: CodeText::new(kind),
                    looks_like: None,
                })));
                return Wants::Text;
            }
            _ => {}
        }
        Wants::Nothing
    }

    fn text(&mut self, text: &str) {
        let Some(Open::Text(open)) = self.open.last_mut() else {
            return;
        };
        if self.dialect.is_some() {
            open.code.push(text);
        } else if self.options.templates == Templates::Auto && open.looks_like.is_none() {
            open.looks_like = looks_like_code(text).map(str::to_owned);
        }
    }

    fn raw(&mut self, bytes: &[u8]) {
        let Some(Open::Noscript(scanner, _)) = self.open.last_mut() else {
            return;
        };
        if let Err(error) = scanner.write(bytes) {
            self.open.pop();
            self.open.push(Open::Nothing);
            self.failed(Location::START, &error.to_string());
        }
    }

    fn end(&mut self, end: End, _: bool) {
        match self.open.pop() {
            Some(Open::Noscript(scanner, start_tag)) => {
                match scanner.end() {
                    Ok(sink) => self.found.absorb(sink.found),
                    Err(error) => self.failed(start_tag, &error.to_string()),
                }
                if end == End::Input {
                    self.unclosed(start_tag);
                }
            }
            Some(Open::Text(text)) => {
                if let Some(code) = text.looks_like {
                    self.template_syntax(&code, text.location);
                }
            }
            Some(Open::Nothing) | None => {}
        }
    }

    fn unclosed(&mut self, start_tag: Location) {
        if self.dialect.is_some() {
            self.note(
                Code::UnclosedText,
                start_tag,
                "this element is not closed in this file, so a browser that gets both reads what follows as its text, and no nonces were written there",
                "close it in the same file and the same branch",
            );
        }
    }

    fn unread(&self) -> Option<usize> {
        match self.open.last() {
            Some(Open::Noscript(scanner, _)) => Some(scanner.position()),
            _ => None,
        }
    }
}
