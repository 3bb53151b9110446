//! The URLs that a page asks for.

use super::Collector;
use crate::css::data_url::data_fetches;
use crate::html::names as n;
use crate::location::Location;
use crate::page::Nesting;
use crate::page::element::Element;
use crate::page::kind::{Destination, SubjectKind};
use crate::page::link;
use crate::page::request::{Base, Request, RequestKey, cleaned, each_request, is_nothing, told};
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
        if !here.kinds.has(SubjectKind::Request) {
            return;
        }
        let is_conditional = is_conditional(here, element.is_inert());
        each_request(element, name, value, &mut |destination, url| {
            let url = cleaned(url);
            let sheet = url.clone();
            let is_script = || {
                let is_run = matches!(destination, Destination::Form | Destination::Frame);
                is_run && hashed_strings(&url).is_some()
            };
            if !has_code && (is_nothing(&url) || is_script()) {
                return;
            }
            let url = (!has_code).then(|| told(&url));
            if destination == Destination::Base && !is_conditional && !self.is_first_base(url) {
                return;
            }
            let attribute = here.located(element.location_at(offset));
            // Scripts and links are more than their URLs.
            let is_element = matches!(element.name(), n::script | n::link);
            let (location, integrity) = match is_element {
                true => (
                    element.location(),
                    element.attribute("integrity").unwrap_or_default(),
                ),
                false => (attribute, "".into()),
            };
            let has_nonce = is_element && self.has_fresh_nonce(here, element);
            let mut key = RequestKey::new(destination, url, self.base, &integrity, has_nonce);
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
            if destination == Destination::Style && !has_code && link::is_style_sheet(element) {
                data_fetches(&sheet, &mut |kind, url| {
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
            self.found.borrow_mut().add_request(Request {
                key,
                first,
                uses: 1,
                is_conditional,
            });
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

    /// The index of the base of a document that is inside this one.
    pub(super) fn inner_base(&self, inside: Inside) -> u32 {
        let is_data = match inside {
            Inside::Noscript => return self.base,
            Inside::Srcdoc => false,
            Inside::DataHtml | Inside::DataXml => true,
        };
        let bases = &mut self.found.borrow_mut().bases;
        bases.push(Base {
            parent: Some(self.base),
            is_data,
            href: None,
        });
        (bases.len() - 1) as u32
    }
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
