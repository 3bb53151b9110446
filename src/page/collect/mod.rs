//! The view of a page that collects: hashes of the inline resources, and the subjects themselves for a check.

mod attributes;
mod beginning;
mod requests;
mod scripts;
mod seen_tags;
mod source;
mod styles;
mod subjects;
mod targets;
mod text;

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::element::Element;
use super::found::{Found, Mark};
use super::kind::{Destination, Kinds, SubjectKind};
use super::links::Link;
use super::walk::{Here, Inside, Problems, Visitor, Walk};
use super::{Browser, InlineKind, MAX_NESTING, Nesting, Page, Resource, ScanOptions, link};
use crate::error::Error;
use crate::finding::Code;
use crate::hash::HashAlgorithm;
use crate::html;
use crate::html::scan::End;
use crate::location::Location;
use crate::template::Dialect;
use crate::xml::Fault;
use seen_tags::TagRequest;
pub(super) use targets::Targeted;
use targets::Targets;
use text::Text;

/// Collects the inline resources of one document and of the documents nested in it.
pub(super) struct Collector {
    algorithm: HashAlgorithm,
    urls: bool,
    evaluated: bool,
    links: bool,
    requests: bool,
    /// Whether the texts are kept.
    texts: bool,
    placeholder: Option<Arc<str>>,
    /// The document, as an index of the subjects' documents.
    document: u32,
    /// What its URLs are relative to, as an index of the bases.
    base: u32,
    /// Where its links and forms open.
    targets: Targets,
    /// The end of what had been found when the document began.
    start: Mark,
    /// Shared with the documents nested in this one.
    found: Rc<RefCell<Found>>,
    /// The requests of the tag that is being read, if they are to be kept.
    tag: RefCell<Option<Vec<TagRequest>>>,
    problems: Problems,
}

/// Everything that a policy of hashes decides on, and the policies of the page itself.
const HASHED: Kinds = Kinds::of(&[
    SubjectKind::Script,
    SubjectKind::Style,
    SubjectKind::EventHandler,
    SubjectKind::StyleAttribute,
    SubjectKind::JavascriptUrl,
    SubjectKind::MetaPolicy,
]);

/// The same, and what a nonce allows.
const NONCED: Kinds = HASHED.and(SubjectKind::ScriptUrl).and(SubjectKind::LinkUrl);

/// What only a check judges.
const CHECKED: [SubjectKind; 2] = [SubjectKind::ScriptUrl, SubjectKind::EvaluatedAttribute];

impl Walk<Collector> {
    /// Over a page.
    pub(super) fn page(options: &ScanOptions, dialect: Option<Dialect>) -> Self {
        let mut kinds = if options.urls { NONCED } else { HASHED };
        if options.subjects {
            kinds = CHECKED.into_iter().fold(kinds, Kinds::and);
        } else if options.evaluated {
            kinds = kinds.and(SubjectKind::EvaluatedAttribute);
        }
        if options.links {
            kinds = kinds.and(SubjectKind::Page);
        }
        let mut here = Here::page(kinds, dialect, options.templates);
        if options.requests || options.subjects {
            here.kinds = here.kinds.and(SubjectKind::Request);
        }
        here.template_content = options.template_content;
        let collector = Collector {
            algorithm: options.algorithm,
            urls: options.urls,
            evaluated: options.evaluated,
            links: options.links,
            requests: options.requests,
            texts: options.inline_texts,
            placeholder: options.placeholder.clone(),
            document: 0,
            base: 0,
            targets: Targets::default(),
            start: Mark::default(),
            found: Rc::new(RefCell::new(Found::new(options.subjects))),
            tag: RefCell::default(),
            problems: Problems::default(),
        };
        Self::new(collector, here)
    }
}

impl Collector {
    /// The page that was collected.
    pub(super) fn into_page(self, path: &Arc<str>) -> Page {
        let findings = self.problems.into_findings(path);
        let mut found = self.found.take();
        found.add_targeted(self.requests);
        found.into_page(path, findings)
    }

    /// Reports a resource whose text template code decides.
    fn dynamic(&mut self, here: &Here, kind: InlineKind, location: Location) {
        self.problems.add(
            here,
            Code::DynamicInline,
            location,
            format!("template code decides what this {} says, so no hash can allow it", kind.noun()),
            kind.dynamic_help(),
        );
    }

    fn add(&self, here: &Here, resource: Resource, location: Location, inert: bool) {
        let location = here.located(location);
        let nested = here.nested_in(inert);
        self.found.borrow_mut().add(resource, location, &nested);
    }
}

impl Visitor for Collector {
    type Text = Text;

    fn element(&mut self, here: &Here, element: &dyn Element, kind: Option<SubjectKind>) -> Option<Text> {
        if self.links
            && let Some(link) = Link::of(here, element, self.base)
        {
            self.found.borrow_mut().add_link(link);
        }
        self.target(here, element);
        match kind? {
            SubjectKind::Script => Some(self.start(here, element, InlineKind::Script)),
            SubjectKind::Style => Some(self.start(here, element, InlineKind::Style)),
            SubjectKind::ScriptUrl => {
                self.nonced_url(here, element, InlineKind::Script);
                None
            }
            SubjectKind::LinkUrl => {
                match link::destination(element) {
                    Some(Destination::Style) => self.nonced_url(here, element, InlineKind::Style),
                    Some(_) => self.nonced_url(here, element, InlineKind::Script),
                    None => {}
                }
                None
            }
            SubjectKind::MetaPolicy => {
                self.meta_policy(here, element);
                None
            }
            // Attributes come by themselves.
            SubjectKind::EventHandler
            | SubjectKind::StyleAttribute
            | SubjectKind::JavascriptUrl
            | SubjectKind::EvaluatedAttribute
            | SubjectKind::Page
            | SubjectKind::Request => None,
        }
    }

    fn attribute(
        &mut self,
        here: &Here,
        element: &dyn Element,
        name: &str,
        value: Cow<'_, str>,
        offset: usize,
        has_code: bool,
    ) {
        self.requests(here, element, name, &value, offset, has_code);
        self.style_attribute(here, element, name, &value, offset, has_code);
        self.take_attribute(here, element, name, value, offset, has_code);
    }

    fn is_seen(&self, here: &Here, element: &html::scan::Element<'_>) -> bool {
        self.add_seen_tag(here, element)
    }

    fn keep(&self, element: &html::scan::Element<'_>) {
        self.keep_tag(element);
    }

    fn follows_links(&self) -> bool {
        self.has_base_target()
    }

    fn branch(&mut self, here: &Here, element: &dyn Element, _: Option<&Text>) {
        self.branch_subject(here, element);
    }

    fn text(&mut self, _: &Here, open: &mut Text, text: &str) {
        open.push(text);
    }

    fn end(&mut self, here: &Here, open: Text, end: End, hidden: bool) {
        if open.kind == InlineKind::Script && end != End::EndTag && !here.is_template() {
            return self.problems.add(
                here,
                Code::UnclosedScript,
                open.location,
                "the script is never closed, so no browser runs it and it was not hashed",
                "close it with </script>",
            );
        }
        // Another file may go on with the text.
        let is_open = here.is_template() && end == End::Input;
        self.finish(here, open, hidden || is_open);
    }

    fn note(&mut self, here: &Here, text: &str, location: Location) {
        self.subject_note(here, text, location);
    }

    fn fault(&mut self, here: &Here, fault: Fault) {
        let consequence = match fault.stops {
            true => "browsers stop here, and so did the hashes",
            false => "some browsers stop here, the hashes did not",
        };
        self.problems.add(
            here,
            Code::MalformedXml,
            fault.location,
            format!("the document is not well-formed XML: {}; {consequence}", fault.what),
            "correct the markup; a page that is meant as HTML must not be served as XML",
        );
    }

    fn nested(&mut self, here: &Here, element: &dyn Element, inside: Inside, browser: Option<Browser>) -> Option<Self> {
        let nesting = inside.nesting();
        let is_made = || {
            let code = element.code();
            let mut names = code.iter().map(|code| code.attribute.as_deref());
            names.any(|name| matches!(name, Some("src" | "data")))
        };
        if nesting == Nesting::DataUrl && is_made() {
            self.dynamic(here, InlineKind::Script, element.location());
            return None;
        }
        let start = self.found.borrow().mark();
        let document = match inside {
            Inside::Noscript => self.document,
            Inside::Srcdoc | Inside::DataHtml | Inside::DataXml => self.inner_document(browser),
        };
        Some(Self {
            algorithm: self.algorithm,
            urls: self.urls,
            evaluated: self.evaluated,
            links: self.links,
            requests: self.requests,
            texts: self.texts,
            placeholder: self.placeholder.clone(),
            document,
            base: self.inner_base(inside),
            targets: match inside {
                Inside::Noscript => self.targets.clone(),
                Inside::Srcdoc | Inside::DataHtml | Inside::DataXml => self.targets.framed(),
            },
            start,
            found: Rc::clone(&self.found),
            tag: RefCell::default(),
            problems: Problems::default(),
        })
    }

    fn join(&mut self, other: Self) {
        self.found.borrow_mut().join(self.start, other.start);
        self.problems.join(other.problems);
    }

    fn add_reading(&mut self, other: Self) {
        self.problems.join(other.problems);
    }

    fn absorb(&mut self, _: &Here, nested: Self, _: Inside, _: Location) {
        self.problems.absorb(nested.problems);
    }

    fn too_deep(&mut self, here: &Here, location: Location, _: Inside) {
        self.problems.add(
            here,
            Code::NestingLimit,
            location,
            format!("more than {MAX_NESTING} documents are nested in each other; what is inline in this one was not hashed and will be blocked"),
            "serve the inner documents from files of their own",
        );
    }

    fn failed(&mut self, here: &Here, location: Location, error: &Error) {
        self.problems.add(
            here,
            Code::UnscannedDocument,
            location,
            format!("the nested document could not be scanned, so what is inline in it was not hashed: {error}"),
            "serve the inner document from a file of its own",
        );
    }

    fn undeclared(&mut self, here: &Here, location: Location) {
        self.problems.add(
            here,
            Code::UndeclaredEncoding,
            location,
            "the data: document has characters outside ASCII and declares no encoding",
            "write data:text/html;charset=utf-8,…",
        );
    }
}
