//! What is inline in a page, collected from the events of an HTML or XML scan.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use super::element::{Element, excerpt};
use super::frame::{self, Framed};
use super::handlers::is_handler;
use super::page::Found;
use super::scan::{DocumentScan, place};
use super::{InlineKind, MAX_NESTING, Nesting, Page, Resource, ScanOptions, script, url};
use crate::error::Result;
use crate::finding::{Code, Finding};
use crate::hash::{HashSource, Hasher};
use crate::html::location::Location;
use crate::html::names as n;
use crate::html::scan::{Scanner, Wants};
use crate::html::tree::Scripting;
use crate::xml;

/// Collects the inline resources of one document and of the documents nested in it.
pub(super) struct Collector {
    pub(super) options: ScanOptions,
    /// What this document is nested in, outermost first.
    pub(super) nested: Vec<Nesting>,
    /// Scripts do not run here: only styles are checked.
    pub(super) scriptless: bool,
    /// The one place that a document inside an attribute has.
    fixed: Option<Location>,
    /// Shared with the documents nested in this one.
    found: Rc<RefCell<Found>>,
    problems: Vec<Problem>,
    /// The elements whose text is being read, the innermost last.
    pub(super) open: Vec<Open>,
    /// Names of the attributes that the html and the body element have.
    pub(super) html_attributes: HashSet<Vec<u8>>,
    pub(super) body_attributes: HashSet<Vec<u8>>,
}

/// A finding whose page is not known here.
struct Problem {
    code: Code,
    location: Location,
    message: Cow<'static, str>,
    help: &'static str,
}

/// An element whose text is being read.
pub(super) enum Open {
    Text(Box<Text>),
    Noscript(Box<Scanner<Collector>>),
    /// Something about the nested document failed; its text is passed over.
    Nothing,
}

/// The text of a script or style element so far.
pub(super) struct Text {
    pub(super) kind: InlineKind,
    pub(super) location: Location,
    hasher: Hasher,
    bytes: u64,
    inert: bool,
}

impl Collector {
    /// For a page.
    pub(super) fn page(options: &ScanOptions) -> Self {
        Self {
            options: options.clone(),
            nested: Vec::new(),
            scriptless: false,
            fixed: None,
            found: Rc::default(),
            problems: Vec::new(),
            open: Vec::new(),
            html_attributes: HashSet::new(),
            body_attributes: HashSet::new(),
        }
    }

    /// What was collected.
    pub(super) fn into_page(self, path: &Arc<str>) -> Page {
        let findings = self.problems.into_iter().map(|problem| {
            Finding::new(problem.code, problem.message, problem.help)
                .at(place(path, problem.location))
        });
        self.found.take().into_page(path, findings.collect())
    }

    /// For a document nested in this one.
    pub(super) fn nested(&self, nesting: Nesting, inert: bool, scriptless: bool) -> Self {
        let mut nested = self.nested_in(inert).into_owned();
        nested.push(nesting);
        Self {
            nested,
            scriptless: self.scriptless || scriptless,
            fixed: self.fixed,
            found: Rc::clone(&self.found),
            ..Self::page(&self.options)
        }
    }

    /// What feeds this from a document.
    pub(super) fn scanner(self) -> Scanner<Self> {
        let scripting = if self.scriptless {
            Scripting::Disabled
        } else {
            Scripting::Enabled
        };
        Scanner::document(self, scripting)
    }

    /// Pretends to be nested that deep.
    #[cfg(test)]
    pub(super) fn nest_for_test(&mut self, depth: usize) {
        self.nested = vec![Nesting::Srcdoc; depth];
    }

    /// Takes over what a nested document had.
    pub(super) fn absorb(&mut self, nested: Self) {
        self.problems.extend(nested.problems);
    }

    fn nested_in(&self, inert: bool) -> Cow<'_, [Nesting]> {
        let mut nested = Cow::Borrowed(&*self.nested);
        if inert {
            nested.to_mut().push(Nesting::Template);
        }
        nested
    }

    fn located(&self, location: Location) -> Location {
        self.fixed.unwrap_or(location)
    }

    pub(super) fn problem(
        &mut self,
        code: Code,
        location: Location,
        message: impl Into<Cow<'static, str>>,
        help: &'static str,
    ) {
        let location = self.located(location);
        self.problems.push(Problem {
            code,
            location,
            message: message.into(),
            help,
        });
    }

    /// Takes an attribute by the name that the rules know, with its decoded value; `offset` is where it starts in the tag.
    pub(super) fn attribute(
        &mut self,
        element: &dyn Element,
        name: &str,
        value: Cow<'_, str>,
        offset: usize,
    ) {
        let kind = if name == "style" {
            InlineKind::StyleAttribute
        } else if self.scriptless {
            return;
        } else if is_handler(element.name(), element.namespace(), name) {
            InlineKind::EventHandler
        } else if url::is_navigated(element, name) {
            InlineKind::JavascriptUrl
        } else {
            return;
        };
        let texts: Vec<Vec<String>> = match kind {
            InlineKind::JavascriptUrl => url::urls(name, &value)
                .filter_map(url::hashed_strings)
                .collect(),
            _ => vec![vec![value.into_owned()]],
        };
        for spellings in texts {
            let hash = |text: &String| HashSource::of(self.options.algorithm, text.as_bytes());
            let resource = Resource {
                kind,
                hashes: spellings.iter().map(hash).collect(),
                bytes: spellings[0].len() as u64,
                excerpt: Some(excerpt(&element.raw()[offset..])),
            };
            self.add(resource, element.location_at(offset), element.is_inert());
        }
    }

    /// Takes an element after its attributes.
    pub(super) fn element(&mut self, element: &dyn Element) -> Wants {
        let kind = if script::is_live(element, n::script)
            && !self.scriptless
            && script::is_checked(element)
        {
            InlineKind::Script
        } else if script::is_live(element, n::style) {
            InlineKind::Style
        } else {
            self.frame(element);
            return Wants::Nothing;
        };
        let text = Text {
            kind,
            location: element.location(),
            hasher: Hasher::new(self.options.algorithm),
            bytes: 0,
            inert: element.is_inert(),
        };
        self.open.push(Open::Text(Box::new(text)));
        Wants::Text
    }

    /// Takes the whole text of an element.
    pub(super) fn finish(&mut self, text: Text) {
        if text.kind == InlineKind::Script && text.bytes == 0 {
            return;
        }
        let resource = Resource {
            kind: text.kind,
            hashes: vec![text.hasher.finish()],
            bytes: text.bytes,
            excerpt: None,
        };
        self.add(resource, text.location, text.inert);
    }

    fn add(&self, resource: Resource, location: Location, inert: bool) {
        let location = self.located(location);
        let nested = self.nested_in(inert);
        self.found.borrow_mut().add(resource, location, &nested);
    }

    /// Scans the document in a `srcdoc` attribute or a `data:` URL.
    fn frame(&mut self, element: &dyn Element) {
        let Some(framed) = frame::framed(element) else {
            return;
        };
        if self.nested.len() >= MAX_NESTING {
            return self.too_deep(element.location());
        }
        let nesting = match framed {
            Framed::Srcdoc(_) => Nesting::Srcdoc,
            Framed::Html(..) | Framed::Xml(..) => Nesting::DataUrl,
        };
        let mut nested = self.nested(nesting, element.is_inert(), frame::is_scriptless(element));
        nested.fixed = Some(self.located(element.location()));
        let scanned = match framed {
            Framed::Srcdoc(html) => scan_text(nested, &html),
            Framed::Html(bytes, charset) => {
                self.scan_bytes(nested, &bytes, charset, element.location())
            }
            Framed::Xml(bytes, charset) => xml::scan(nested, &bytes[..], charset),
        };
        match scanned {
            Ok(nested) => self.absorb(nested),
            Err(error) => self.failed(element.location(), &error),
        }
    }

    fn scan_bytes(
        &mut self,
        nested: Self,
        bytes: &[u8],
        charset: Option<&'static encoding_rs::Encoding>,
        location: Location,
    ) -> Result<Self> {
        let mut scan = DocumentScan::new(nested, charset);
        scan.write(bytes)?;
        let (nested, undeclared) = scan.end()?;
        if undeclared.is_some() {
            self.problem(
                Code::UndeclaredEncoding,
                location,
                "the data: document has characters outside ASCII and declares no encoding",
                "write data:text/html;charset=utf-8,…",
            );
        }
        Ok(nested)
    }

    pub(super) fn too_deep(&mut self, location: Location) {
        self.problem(
            Code::NestingLimit,
            location,
            format!("more than {MAX_NESTING} documents are nested in each other; what is inline in this one was not hashed and will be blocked"),
            "serve the inner documents from files of their own",
        );
    }

    pub(super) fn failed(&mut self, location: Location, error: &crate::Error) {
        self.problem(
            Code::UnscannedDocument,
            location,
            format!("the nested document could not be scanned, so what is inline in it was not hashed: {error}"),
            "serve the inner document from a file of its own",
        );
    }
}

impl Text {
    pub(super) fn push(&mut self, text: &str) {
        self.hasher.update(text.as_bytes());
        self.bytes += text.len() as u64;
    }
}

fn scan_text(nested: Collector, html: &str) -> Result<Collector> {
    let mut scanner = nested.scanner();
    scanner.write(html.as_bytes())?;
    scanner.end()
}
