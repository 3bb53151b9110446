//! Elements with inline text, from their start tags to the hashes.

use super::Collector;
use super::beginning::Beginning;
use super::scripts::ScriptText;
use super::styles::Sheet;
use crate::finding::Code;
use crate::hash::Hasher;
use crate::location::Location;
use crate::nonce::{NonceSource, Placeholder};

use crate::page::code_text::CodeText;
use crate::page::element::Element;
use crate::page::inlines::MOST_TEXT;
use crate::page::script;
use crate::page::subject::{Nonce, Spot};
use crate::page::thymeleaf::SentText;
use crate::page::walk::Here;
use crate::page::{InlineKind, Resource};
use crate::template::{Dialect, Hint, looks_like_code};

/// The text of a script or style element so far.
pub(in crate::page) struct Text {
    pub(super) kind: InlineKind,
    pub(super) location: Location,
    hasher: Hasher,
    bytes: u64,
    inert: bool,
    is_blank: bool,
    /// Template code decides whether it is checked.
    is_undecided: bool,
    has_nonce: bool,
    /// The text that Thymeleaf sends in its place.
    sent: Option<SentText>,
    /// The changes that Go's engine would make.
    code: Option<CodeText>,
    /// What looks like template code, where none is announced.
    hint: Option<Hint>,
    beginning: Beginning,
    /// The style sheet, if it is asked for what that fetches.
    sheet: Option<Sheet>,
    /// The text itself, if the inventory is to have it.
    whole: Option<String>,
    /// The script, if it is asked for what that fetches and mentions.
    script: Option<Box<ScriptText>>,
    /// The subject so far, if subjects are collected.
    subject: Option<TextSubject>,
}

/// Subject whose text is being read.
pub(super) struct TextSubject {
    pub(super) text: String,
    pub(super) nonce: Nonce,
    pub(super) is_speculation_rules: bool,
    pub(super) spot: Spot,
}

impl Text {
    pub(super) fn push(&mut self, text: &str) {
        self.hasher.update(text.as_bytes());
        if let Some(subject) = &mut self.subject {
            subject.text.push_str(text);
        }
        if let Some(script) = &mut self.script {
            script.push(text);
        }
        if let Some(sheet) = &mut self.sheet {
            sheet.push(text);
        }
        self.beginning.push(text);
        // A page with a longer one is rejected.
        if let Some(whole) = self.whole.as_mut().filter(|it| it.len() <= MOST_TEXT) {
            whole.push_str(text);
        }
        self.bytes += text.len() as u64;
        self.is_blank &= text.bytes().all(|b| b.is_ascii_whitespace());
        if let Some(code) = &mut self.code {
            code.push(text);
        }
        if let Some(sent) = &mut self.sent {
            sent.push(text);
        }
        if let Some(hint) = &mut self.hint {
            hint.push(text);
        }
    }
}

impl Collector {
    /// The state of an element whose text is of this kind.
    pub(super) fn start(&mut self, here: &Here, element: &dyn Element, kind: InlineKind) -> Text {
        Text {
            kind,
            location: element.location(),
            hasher: Hasher::new(self.algorithm),
            bytes: 0,
            inert: element.is_inert(),
            is_blank: true,
            is_undecided: kind == InlineKind::Script && script::is_undecided(element),
            has_nonce: self.nonce(here, element),
            sent: (here.dialect == Some(Dialect::Thymeleaf)).then(|| SentText::new(element)),
            code: (here.dialect == Some(Dialect::Go)).then(|| CodeText::new(kind)),
            hint: here.is_plain().then(Hint::default),
            beginning: Beginning::default(),
            sheet: self.sheet(here, element, kind),
            whole: self.texts.then(String::new),
            script: self.script(here, element, kind),
            subject: self.text_subject(here, element),
        }
    }

    /// Whether a nonce allows the element, so that it needs no hash. One that stands literally in a built page
    /// allows nothing under a policy of hashes.
    fn nonce(&mut self, here: &Here, element: &dyn Element) -> bool {
        if here.is_template() && script::is_nonced_by_code(element) {
            return true;
        }
        let nonce = element.attribute("nonce").unwrap_or_default();
        if nonce.is_empty() {
            return false;
        }
        if self.is_placeholder(here, element, &nonce) {
            return true;
        }
        if nonce.parse::<NonceSource>().is_err() {
            // No policy can name it. It may be the code of a template that nobody announced.
            if let Some(code) = looks_like_code(&nonce).filter(|_| here.is_plain()) {
                self.problems.template_syntax(here, element.location(), code);
            }
            return false;
        }
        let (message, help) = script::STATIC_NONCE;
        self.problems.add(here, Code::StaticNonce, element.location(), message, help);
        here.is_template()
    }

    /// Whether a server replaces this by the nonce.
    pub(super) fn replaces(&self, nonce: &str) -> bool {
        match &self.placeholder {
            Some(placeholder) => **placeholder == *nonce,
            None => Placeholder::is_one(nonce),
        }
    }

    /// The same, with what there is to say about it.
    fn is_placeholder(&mut self, here: &Here, element: &dyn Element, nonce: &str) -> bool {
        let is_one = self.replaces(nonce);
        if is_one {
            self.found.borrow_mut().placeholders.insert(nonce.to_owned());
        } else if Placeholder::is_one(nonce) {
            self.problems.add(
                here,
                Code::LeftoverPlaceholder,
                element.location(),
                "this is another placeholder than the one that is replaced, so it is the same in every response, and an injected script can carry it",
                "write the placeholder of the configuration with cspseal nonce --replace",
            );
        }
        is_one
    }

    /// Takes a script or style with a URL, which a nonce may allow.
    pub(super) fn nonced_url(&mut self, here: &Here, element: &dyn Element, kind: InlineKind) {
        if !self.urls {
            return;
        }
        let location = here.located(element.location());
        if self.nonce(here, element) {
            self.found.borrow_mut().add_nonced(kind, location);
        }
    }

    /// Takes the whole text of an element; `has_code` when there is template code in it.
    pub(super) fn finish(&mut self, here: &Here, mut text: Text, has_code: bool) {
        let has_code = has_code || text.sent.as_ref().is_some_and(|sent| sent.is_other);
        if text.kind == InlineKind::Script && text.bytes == 0 && !has_code {
            return;
        }
        if text.is_undecided && text.is_blank && !has_code {
            return;
        }
        let location = here.located(text.location);
        let is_changed = text.code.is_some_and(|code| code.is_changed_by_go());
        let is_dynamic = has_code || text.is_undecided || is_changed;
        if let Some(sheet) = text.sheet.take() {
            self.style_element(here, sheet, has_code);
        }
        if let Some(subject) = text.subject.take() {
            self.add_text(here, text.kind, subject, is_dynamic, text.inert);
        }
        if let Some(script) = text.script.take().filter(|_| !is_dynamic) {
            self.end_script(here, *script);
        }
        if text.has_nonce {
            return self.found.borrow_mut().add_nonced(text.kind, location);
        }
        if has_code || text.is_undecided {
            return self.dynamic(here, text.kind, text.location);
        }
        if is_changed {
            return self.problems.add(
                here,
                Code::DynamicInline,
                text.location,
                "Go's html/template takes comments out of scripts and styles and escapes tags in their strings, so a browser gets another text than this one and no hash of it can allow it",
                "give it a nonce with cspseal nonce, or write it without comments and without tags in strings",
            );
        }
        if let Some(code) = text.hint.as_ref().and_then(Hint::found) {
            self.problems.template_syntax(here, text.location, code);
        }
        let resource = Resource {
            kind: text.kind,
            hashes: [text.hasher.finish()].into(),
            bytes: text.bytes,
            source: None,
            excerpt: Some(text.beginning.excerpt().into()),
            text: text.whole.map(Into::into),
        };
        self.add(here, resource, text.location, text.inert);
    }
}
