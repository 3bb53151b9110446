//! The URLs that a page asks for.

use super::Collector;
use crate::css::data_url::data_fetches;
use crate::html::names as n;
use crate::location::Location;
use crate::page::Nesting;
use crate::page::attribute_names::AttributeName;
use crate::page::element::Element;
use crate::page::kind::{Destination, SubjectKind};
use crate::page::link;
use crate::page::marked::{certain, marked};
use crate::page::request::{Base, OWN_URL, Request, RequestKey, cleaned, each_request, is_nothing, is_stray, told};
use crate::page::script::{is_module, is_nonced_by_code};
use crate::page::subject::{Nonce, What};
use crate::page::url::hashed_strings;
use crate::page::walk::{Here, Inside};

impl Collector {
    /// Takes the URLs in an attribute, by its lower-case name and decoded value; `offset` is where it starts in the tag, `has_code`
    /// whether there is template code in the value.
    pub(super) fn requests(
        &self,
        here: &Here,
        element: &dyn Element,
        name: &str,
        value: &str,
        offset: usize,
        has_code: bool,
    ) {
        // A tag may have any number of attributes that run code, and to find that in each takes time.
        let may_be_url = || AttributeName::of(name.as_bytes()).is_some_and(|it| !it.is_code());
        if !here.kinds.has(SubjectKind::Request) || has_code && !may_be_url() {
            return;
        }
        let is_conditional = is_conditional(here, element.is_inert());
        // Another file may have the parent of what stands in a template.
        if !here.is_template() && is_stray(element, name) {
            return;
        }
        let marked = has_code.then(|| marked_value(element, name, value));
        let is_unknown = marked.as_ref().is_some_and(Option::is_none);
        let marked = marked.flatten();
        let value = marked.as_deref().unwrap_or(value);
        each_request(element, name, value, &mut |destination, url| {
            let (mut text, mut base) = (cleaned(url), self.base);
            if destination == Destination::Form {
                if !self.targets.submits(element) {
                    return;
                }
                if !is_unknown && text.is_empty() {
                    match own_url(here, element) {
                        Some(own) => (text, base) = (own.into(), OWN_URL),
                        None => return,
                    }
                }
            }
            let known = match has_code {
                true => certain(&text).filter(|_| !is_unknown),
                false => Some(&*text),
            };
            let url = known.map(told);
            if destination == Destination::Base {
                // It counts in no template, and in a noscript only without scripts, which nobody asks about (run).
                let is_in_noscript = here.nested.last() == Some(&Nesting::Noscript);
                if element.is_inert() || is_in_noscript || !self.is_first_base(url) {
                    return;
                }
                if !is_unknown && (is_nothing(&text) || matches!(url, Some("data:" | "javascript:"))) {
                    return;
                }
                base = self.fallback_base();
            } else if destination != Destination::Form {
                let is_script = || destination == Destination::Frame && hashed_strings(&text).is_some();
                if !is_unknown && (is_nothing(&text) || is_script()) {
                    return;
                }
            }
            let attribute = here.located(element.location_at(offset));
            // Scripts and links are more than their URLs.
            let is_element = matches!(element.name(), n::script | n::link);
            let (location, integrity) = match is_element {
                true => (element.location(), element.attribute("integrity").unwrap_or_default()),
                false => (attribute, "".into()),
            };
            let has_nonce = is_element && self.has_fresh_nonce(here, element);
            let mut key = RequestKey::new(destination, url, base, &integrity, has_nonce);
            if destination == Destination::Script && is_element && is_module(element) {
                key = key.of_module();
            }
            self.subject(here, element, location, || {
                let nonce = match is_element {
                    true => Nonce::of(element, here.is_template()),
                    false => Nonce::None,
                };
                What::fetch(&key, nonce)
            });
            let add = |key: RequestKey| {
                if let Some(tag) = &mut *self.tag.borrow_mut() {
                    tag.push((key.clone(), offset));
                }
                self.add_request(key, attribute, is_conditional);
            };
            add(key);
            let is_whole = known == Some(&*text);
            if destination == Destination::Style && is_whole && link::is_style_sheet(element) {
                data_fetches(&text, &mut |kind, url| {
                    let key = RequestKey::new(kind.into(), Some(told(url)), self.base, "", false);
                    self.subject(here, element, attribute, || What::fetch(&key, Nonce::None));
                    add(key);
                });
            }
        });
    }

    /// Takes one use of a request, if requests are collected.
    pub(super) fn add_request(&self, key: RequestKey, first: Location, is_conditional: bool) {
        if self.requests {
            self.found.borrow_mut().add_request(Request { key, first, uses: 1, is_conditional });
        }
    }

    /// Whether the nonce of an element is made for each response.
    pub(super) fn has_fresh_nonce(&self, here: &Here, element: &dyn Element) -> bool {
        let by_code = here.is_template() && is_nonced_by_code(element);
        by_code || self.replaces(&element.attribute("nonce").unwrap_or_default())
    }

    /// Takes the URL of a `<base>`. Whether it is the first of the document, which counts.
    fn is_first_base(&self, url: Option<&str>) -> bool {
        let base = &mut self.found.borrow_mut().bases[self.base as usize];
        let is_first = base.href.is_none();
        if is_first {
            base.href = url.map(Into::into);
        }
        is_first
    }

    /// The index of what the URL of a `<base>` is relative to: the URL of the page, or the base of the document around.
    fn fallback_base(&self) -> u32 {
        let base = &self.found.borrow().bases[self.base as usize];
        match base.parent {
            None => OWN_URL,
            Some(_) if base.is_data => self.base,
            Some(parent) => parent,
        }
    }

    /// The index of the base of a document that is inside this one.
    pub(super) fn inner_base(&self, inside: Inside) -> u32 {
        let is_data = match inside {
            Inside::Noscript => return self.base,
            Inside::Srcdoc => false,
            Inside::DataHtml | Inside::DataXml => true,
        };
        let bases = &mut self.found.borrow_mut().bases;
        bases.push(Base { parent: Some(self.base), is_data, href: None });
        (bases.len() - 1) as u32
    }
}

/// The URL of the document of a form without one, to which it submits, relative to [`OWN_URL`]; [`None`] in the content of a template,
/// and in a `srcdoc` document, from which both browsers submit nothing (run).
fn own_url(here: &Here, form: &dyn Element) -> Option<&'static str> {
    let is_framed = |nesting: &&Nesting| matches!(nesting, Nesting::Srcdoc | Nesting::DataUrl);
    match here.nested.iter().rev().find(is_framed) {
        _ if form.is_inert() => None,
        None => Some(""),
        Some(Nesting::DataUrl) => Some("data:"),
        Some(_) => None,
    }
}

/// The value of an attribute with its template code [`marked`], if it is known where that stands.
pub(super) fn marked_value(element: &dyn Element, name: &str, value: &str) -> Option<String> {
    let spans = element.value_code(name).spans_in(0..value.len());
    let spans: Vec<_> = spans.into_iter().map(|span| span.range).collect();
    marked(value, &spans, |_| true)
}

/// Whether it is not sure that what stands here is asked for; `inert` for the content of a template.
pub(super) fn is_conditional(here: &Here, inert: bool) -> bool {
    here.scriptless || !here.nested_in(inert).iter().all(is_sure)
}

/// Whether everything in such a document is asked for.
fn is_sure(nesting: &Nesting) -> bool {
    match nesting {
        Nesting::Srcdoc | Nesting::DataUrl => true,
        Nesting::Noscript | Nesting::Template => false,
    }
}
