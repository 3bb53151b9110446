//! What is inline in a page, collected from the events of an HTML or XML scan.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::attribute_names::AttributeNames;
use super::audit::{Document, Nonce, Note, Spot, What};
use super::code_text::CodeText;
use super::element::{Element, excerpt};
use super::frame::{self, Framed};
use super::handlers::is_handler;
use super::page::Found;
use super::scan::{DocumentScan, place};
use super::script::Role;
use super::{InlineKind, MAX_NESTING, Nesting, Page, Resource, ScanOptions, script, url};
use crate::error::Result;
use crate::finding::{Code, Finding};
use crate::hash::{HashSource, Hasher};
use crate::html::names as n;
use crate::html::scan::{Hidden, Scanner, Wants};
use crate::html::tree::{Namespace, Scripting};
use crate::location::Location;
use crate::nonce::{NonceSource, Placeholder};
use crate::template::{Dialect, Templates, looks_like_code};
use crate::xml;

/// Collects the inline resources of one document and of the documents nested in it.
pub(super) struct Collector {
    pub(super) options: ScanOptions,
    /// Which template code is in it.
    dialect: Option<Dialect>,
    /// What this document is nested in, outermost first.
    pub(super) nested: Vec<Nesting>,
    /// Which document of the audit it is.
    document: u32,
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
    pub(super) html_attributes: AttributeNames,
    pub(super) body_attributes: AttributeNames,
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
    is_blank: bool,
    /// Template code decides whether it is checked.
    is_undecided: bool,
    has_nonce: bool,
    /// What the template engine itself would change of it.
    code: Option<CodeText>,
    /// It is to be looked at for template code, and a piece that looks like that.
    is_plain: bool,
    looks_like: Option<String>,
    /// What an audit has of it.
    audited: Option<Audited>,
}

/// What an audit has of an element whose text is being read.
struct Audited {
    text: String,
    nonce: Nonce,
    spot: Spot,
}

impl Collector {
    /// For a page.
    pub(super) fn page(options: &ScanOptions, dialect: Option<Dialect>) -> Self {
        Self {
            options: options.clone(),
            dialect,
            nested: Vec::new(),
            document: 0,
            scriptless: false,
            fixed: None,
            found: Rc::new(RefCell::new(Found::new(options.audit))),
            problems: Vec::new(),
            open: Vec::new(),
            html_attributes: AttributeNames::default(),
            body_attributes: AttributeNames::default(),
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
        let document = match nesting {
            Nesting::Srcdoc | Nesting::DataUrl => self.audit_document(),
            _ => self.document,
        };
        Self {
            nested,
            document,
            scriptless: self.scriptless || scriptless,
            fixed: self.fixed,
            found: Rc::clone(&self.found),
            ..Self::page(&self.options, self.dialect)
        }
    }

    /// Whether scripts run in the document.
    pub(super) fn scripting(&self) -> Scripting {
        if self.scriptless {
            Scripting::Disabled
        } else {
            Scripting::Enabled
        }
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

    /// Takes an attribute by the name that the rules know, with its decoded value; `offset` is where it starts in the
    /// tag, `has_code` whether there is template code in the value.
    pub(super) fn attribute(
        &mut self,
        element: &dyn Element,
        name: &str,
        value: Cow<'_, str>,
        offset: usize,
        has_code: bool,
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
        let is_javascript = |url| url::hashed_strings(url).is_some();
        if kind != InlineKind::JavascriptUrl || url::urls(name, &value).any(is_javascript) {
            if has_code {
                let location = element.location_at(offset);
                self.audit(element, location, || What::Inline {
                    kind,
                    spellings: None,
                    nonce: Nonce::None,
                });
                return self.dynamic(kind, location);
            }
            if self.is_plain()
                && let Some(code) = looks_like_code(&value)
            {
                self.template_syntax(element.location_at(offset), code);
            }
        }
        let texts: Vec<Vec<String>> = match kind {
            InlineKind::JavascriptUrl => url::urls(name, &value)
                .filter_map(url::hashed_strings)
                .collect(),
            _ => vec![vec![value.into_owned()]],
        };
        for spellings in texts {
            self.audit(element, element.location_at(offset), || What::Inline {
                kind,
                spellings: Some(spellings.clone()),
                nonce: Nonce::None,
            });
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
        let is_script = script::is_live(element, n::script);
        let is_undecided = is_script && script::is_undecided(element);
        let kind = if is_script
            && !self.scriptless
            && (is_undecided || script::role(element) == Role::Inline)
        {
            InlineKind::Script
        } else if script::is_live(element, n::style) {
            InlineKind::Style
        } else {
            self.audit_element(element, is_script);
            self.frame(element);
            return Wants::Nothing;
        };
        let audited = self.audited(element);
        let has_nonce = self.nonce(element);
        let text = Text {
            kind,
            location: element.location(),
            hasher: Hasher::new(self.options.algorithm),
            bytes: 0,
            inert: element.is_inert(),
            is_blank: true,
            is_undecided,
            has_nonce,
            code: (self.dialect == Some(Dialect::Go)).then(|| CodeText::new(kind)),
            is_plain: self.is_plain(),
            looks_like: None,
            audited,
        };
        self.open.push(Open::Text(Box::new(text)));
        Wants::Text
    }

    /// Whether a nonce allows the element, so that it needs no hash. One that stands literally in a built page
    /// allows nothing under a policy of hashes.
    fn nonce(&mut self, element: &dyn Element) -> bool {
        if self.is_template() && script::is_nonced_by_code(element) {
            return true;
        }
        let nonce = element.attribute("nonce").unwrap_or_default();
        if nonce.is_empty() {
            return false;
        }
        if Placeholder::is_one(&nonce) {
            return true;
        }
        if nonce.parse::<NonceSource>().is_err() {
            // No policy can name it. It may be the code of a template that nobody announced.
            if let Some(code) = looks_like_code(&nonce).filter(|_| self.is_plain()) {
                self.template_syntax(element.location(), code);
            }
            return false;
        }
        let (message, help) = script::STATIC_NONCE;
        self.problem(Code::StaticNonce, element.location(), message, help);
        self.dialect.is_some()
    }

    /// Whether there may be template code in the document.
    pub(super) fn is_template(&self) -> bool {
        self.dialect.is_some()
    }

    /// Whether the document was taken for plain HTML because nobody said otherwise.
    fn is_plain(&self) -> bool {
        self.dialect.is_none() && self.options.templates == Templates::Auto
    }

    fn template_syntax(&mut self, location: Location, code: &str) {
        self.problem(
            Code::TemplateSyntax,
            location,
            format!("{code:?} looks like template code, but the file was read as plain HTML"),
            "name the template dialect, for example --template django, or say that there is none with --template none",
        );
    }

    /// Reports what template code keeps from being hashed.
    fn dynamic(&mut self, kind: InlineKind, location: Location) {
        self.problem(
            Code::DynamicInline,
            location,
            format!(
                "template code decides what this {} says, so no hash can allow it",
                kind.noun()
            ),
            kind.dynamic_help(),
        );
    }

    /// Takes the whole text of an element; `has_code` when there is template code in it.
    pub(super) fn finish(&mut self, mut text: Text, has_code: bool) {
        if text.kind == InlineKind::Script && text.bytes == 0 && !has_code {
            return;
        }
        if text.is_undecided && text.is_blank && !has_code {
            return;
        }
        let location = self.located(text.location);
        let is_changed = text.code.is_some_and(|code| code.is_changed_by_go());
        let is_dynamic = has_code || text.is_undecided || is_changed;
        if let Some(audited) = text.audited.take() {
            self.audit_text(text.kind, audited, is_dynamic, text.inert);
        }
        if text.has_nonce {
            return self.found.borrow_mut().add_nonced(text.kind, location);
        }
        if has_code || text.is_undecided {
            return self.dynamic(text.kind, text.location);
        }
        if is_changed {
            return self.problem(
                Code::DynamicInline,
                text.location,
                "Go's html/template takes comments out of scripts and styles and escapes tags in their strings, so a browser gets another text than this one and no hash of it can allow it",
                "give it a nonce with cspseal nonce, or write it without comments and without tags in strings",
            );
        }
        if let Some(code) = &text.looks_like {
            self.template_syntax(text.location, code);
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
        if nesting == Nesting::DataUrl
            && element
                .code()
                .iter()
                .any(|code| matches!(code.attribute.as_deref(), Some("src" | "data")))
        {
            return self.dynamic(InlineKind::Script, element.location());
        }
        let mut nested = self.nested(nesting, element.is_inert(), frame::is_scriptless(element));
        nested.fixed = Some(self.located(element.location()));
        let scanned = match framed {
            Framed::Srcdoc(html) => scan_text(nested, &html, element.value_code("srcdoc")),
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
        let scanned = DocumentScan::new(nested, charset, None).end(bytes)?;
        if scanned.undeclared.is_some() {
            self.problem(
                Code::UndeclaredEncoding,
                location,
                "the data: document has characters outside ASCII and declares no encoding",
                "write data:text/html;charset=utf-8,…",
            );
        }
        Ok(scanned.collector)
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

/// What an audit takes.
impl Collector {
    fn audit_document(&self) -> u32 {
        let mut found = self.found.borrow_mut();
        let Some(audit) = &mut found.audit else {
            return 0;
        };
        let parent = Some(self.document);
        audit.documents.push(Document { parent });
        (audit.documents.len() - 1) as u32
    }

    fn spot(&self, element: &dyn Element, location: Location) -> Option<Spot> {
        let found = self.found.borrow();
        let audit = found.audit.as_ref()?;
        Some(Spot {
            location: self.located(location),
            document: self.document,
            notes: audit.notes_before(element),
        })
    }

    fn audit(&self, element: &dyn Element, location: Location, what: impl FnOnce() -> What) {
        if let Some(spot) = self.spot(element, location) {
            self.audit_at(spot, what(), element.is_inert());
        }
    }

    fn audit_at(&self, spot: Spot, what: What, inert: bool) {
        let nested = self.nested_in(inert);
        if let Some(audit) = &mut self.found.borrow_mut().audit {
            audit.add(what, spot, &nested);
        }
    }

    fn nonce_of(&self, element: &dyn Element) -> Nonce {
        Nonce::of(element, self.is_template())
    }

    /// Takes an element without inline text.
    fn audit_element(&self, element: &dyn Element, is_script: bool) {
        let is_external = is_script && !self.scriptless && script::role(element) == Role::External;
        let is_meta = element.name() == n::meta && element.namespace() == Namespace::Html;
        if is_external {
            self.audit(element, element.location(), || What::External {
                url: script::external_url(element),
                integrity: element.attribute("integrity").unwrap_or_default().into(),
                nonce: self.nonce_of(element),
            });
        }
        let pragma = || element.attribute("http-equiv").unwrap_or_default();
        // In a noscript or a template it is heeded by no browser that runs scripts.
        let is_heeded = !element.is_inert() && !self.nested.contains(&Nesting::Noscript);
        if !is_meta || !is_heeded {
            return;
        }
        let report_only = match pragma().to_ascii_lowercase().as_str() {
            "content-security-policy" => false,
            "content-security-policy-report-only" => true,
            _ => return,
        };
        if let Some(policy) = element.attribute("content") {
            self.audit(element, element.location(), || What::Meta {
                policy: policy.into_owned(),
                in_head: element.is_in_head(),
                report_only,
            });
        }
    }

    /// Takes a start tag in the text of another branch's element.
    pub(super) fn audit_branch(&self, element: &dyn Element) {
        let kind = match element.name() {
            n::script => InlineKind::Script,
            _ => InlineKind::Style,
        };
        if element.name() != n::script || script::role(element) != Role::Nothing {
            let nonce = self.nonce_of(element);
            self.audit(element, element.location(), || What::Inline {
                kind,
                spellings: None,
                nonce,
            });
        }
    }

    fn audited(&self, element: &dyn Element) -> Option<Audited> {
        Some(Audited {
            text: String::new(),
            spot: self.spot(element, element.location())?,
            nonce: self.nonce_of(element),
        })
    }

    fn audit_text(&self, kind: InlineKind, audited: Audited, is_dynamic: bool, inert: bool) {
        let Audited { text, nonce, spot } = audited;
        let what = What::Inline {
            kind,
            spellings: (!is_dynamic).then(|| vec![text]),
            nonce,
        };
        self.audit_at(spot, what, inert);
    }

    pub(super) fn audit_note(&self, text: &str, location: Location) {
        let location = self.located(location);
        if let Some(audit) = &mut self.found.borrow_mut().audit {
            let text = text.to_owned();
            audit.notes.push(Note { text, location });
        }
    }
}

impl Text {
    pub(super) fn push(&mut self, text: &str) {
        self.hasher.update(text.as_bytes());
        if let Some(audited) = &mut self.audited {
            audited.text.push_str(text);
        }
        self.bytes += text.len() as u64;
        self.is_blank &= text.bytes().all(|b| b.is_ascii_whitespace());
        if let Some(code) = &mut self.code {
            code.push(text);
        }
        if self.is_plain && self.looks_like.is_none() {
            self.looks_like = looks_like_code(text).map(str::to_owned);
        }
    }
}

fn scan_text(nested: Collector, html: &str, code: Hidden) -> Result<Collector> {
    let scripting = nested.scripting();
    let mut scanner = Scanner::document(nested, scripting, code);
    scanner.write(html.as_bytes())?;
    scanner.end()
}
