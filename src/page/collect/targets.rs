//! The URLs that links and forms open in frames of the page, about which both browsers ask `frame-src` (run).
//!
//! A frame may come after the links to it, so those with a name are held to the end of the page. Links to frames of other pages need nothing of
//! the page that they are on.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::Collector;
use super::requests::{is_conditional, marked_value};
use crate::html::names as n;
use crate::html::tree::Namespace;
use crate::page::element::Element;
use crate::page::found::Found;
use crate::page::inlines::MOST;
use crate::page::kind::{Destination, SubjectKind};
use crate::page::link::has_code;
use crate::page::links;
use crate::page::marked::certain;
use crate::page::request::{Request, RequestKey, cleaned, is_nothing, told};
use crate::page::subject::{Nonce, Subject, What};
use crate::page::walk::Here;

/// Where something opens: the number of the name of a frame, or [`None`] for no frame of the page.
type Target = Option<u32>;

/// The frame of a nested document, in which its links open by themselves.
const OWN: u32 = 0;

/// What decides where the links and forms of a document open.
#[derive(Clone, Debug, Default)]
pub(in crate::page) struct Targets {
    /// The target of the first `<base>` with one, for what comes after it.
    base: Option<Target>,
    /// The target of the last form.
    form: Option<Target>,
    /// The index of what that form submits to.
    action: Option<usize>,
    /// Whether that form only closes a dialog.
    is_dialog: bool,
    /// The number of frames that the document is nested in.
    depth: usize,
}

impl Targets {
    /// Those of a document in a frame of this one.
    pub(super) fn framed(&self) -> Self {
        Self { depth: self.depth + 1, ..Self::default() }
    }

    /// The target of what has none itself.
    fn fallback(&self) -> Target {
        self.base.unwrap_or(self.own())
    }

    fn own(&self) -> Target {
        (self.depth > 0).then_some(OWN)
    }

    /// Whether a form, or a button by its `formaction`, submits anything. Browsers ask about no other (run).
    pub(super) fn submits(&self, element: &dyn Element) -> bool {
        let is_one_of = |name: &str, words: &[&str]| {
            let value = element.attribute(name).unwrap_or_default();
            words.iter().any(|word| value.eq_ignore_ascii_case(word))
        };
        let is_submitter = match element.name() {
            n::form => return !is_one_of("method", &["dialog"]),
            n::input => is_one_of("type", &["submit", "image"]),
            _ => !is_one_of("type", &["button", "reset"]),
        };
        let is_dialog = match element.attribute("formmethod") {
            Some(_) => is_one_of("formmethod", &["dialog"]),
            None => self.is_dialog && element.attribute("form").is_none(),
        };
        (is_submitter || has_code(element, "type")) && !is_dialog
    }

    /// The target with a name. Keywords such as `_blank` name no frame of the page, unless the document is in one.
    fn named(&self, name: &str, targeted: &mut Targeted) -> Target {
        if name.is_empty() || name.eq_ignore_ascii_case("_self") {
            self.own()
        } else if name.eq_ignore_ascii_case("_parent") {
            self.own().filter(|_| self.depth > 1)
        } else {
            (!name.starts_with('_')).then(|| targeted.number(name))
        }
    }
}

/// The names of a page's frames, and what opens in frames by their names.
#[derive(Debug, Default)]
pub(in crate::page) struct Targeted {
    numbers: HashMap<Box<str>, u32>,
    frames: HashSet<u32>,
    all: Vec<Opened>,
}

/// A URL that opens in frames with these names, if there are such.
#[derive(Debug)]
struct Opened {
    targets: Vec<u32>,
    request: Request,
    subject: Option<Subject>,
}

impl Targeted {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(known) = self.numbers.get(name) {
            return *known;
        }
        let next = self.numbers.len() as u32 + 1;
        self.numbers.insert(name.into(), next);
        next
    }
}

/// Whether a policy is asked about a URL that a frame opens. It is not about `about:blank` and what other programs open.
fn is_asked(url: &str) -> bool {
    Url::parse(url).map_or(true, |url| matches!(url.scheme(), "http" | "https" | "data" | "blob"))
}

impl Collector {
    /// Whether links without a target open in a frame of the page.
    pub(super) fn has_base_target(&self) -> bool {
        self.targets.fallback().is_some()
    }

    /// Takes an element if it is a frame with a name, or opens a URL in one.
    pub(super) fn target(&mut self, here: &Here, element: &dyn Element) {
        if !here.kinds.has(SubjectKind::Request) {
            return;
        }
        let target = |name: &str| {
            let value = element.attribute(name)?;
            let targeted = &mut self.found.borrow_mut().targeted;
            let is_known = !has_code(element, name);
            is_known.then(|| self.targets.named(&value, targeted))
        };
        match (element.namespace(), element.name()) {
            (Namespace::Html, n::iframe | n::frame | n::object | n::embed) => {
                let name = target("name").flatten().filter(|name| *name != OWN);
                self.found.borrow_mut().targeted.frames.extend(name);
            }
            (Namespace::Html, n::base) if element.is_inert() => {}
            (Namespace::Html, n::base) => {
                self.targets.base = self.targets.base.or_else(|| target("target"));
            }
            // Of a page that another one frames, that is asked of the other.
            (Namespace::Html, n::meta) if self.targets.depth > 0 && !element.is_inert() => {
                let url = links::refresh(element);
                let is_known = !has_code(element, "content");
                let opened = url.and_then(|url| {
                    let known = is_known.then_some(&*url);
                    self.opened_url(here, element, known)
                });
                if let Some(opened) = opened {
                    self.open_in(opened, self.targets.own());
                }
            }
            (Namespace::Html, n::form) => {
                if element.attribute("action").is_none() {
                    self.requests(here, element, "action", "", 0, false);
                }
                let target = target("target");
                let submits = self.targets.submits(element);
                let action = submits.then(|| self.opened(here, element, "action"));
                let action = action.flatten();
                let first = target.unwrap_or(self.targets.fallback());
                let action = action.and_then(|action| self.open(action, first));
                self.targets.is_dialog = !submits;
                (self.targets.form, self.targets.action) = (target, action);
            }
            (Namespace::Html, n::button | n::input) if self.targets.submits(element) => {
                self.submitter(here, element, target("formtarget"));
            }
            (Namespace::Html, n::a | n::area) if element.attribute("download").is_some() => {}
            (Namespace::Html, n::a | n::area) => {
                let target = target("target").unwrap_or(self.targets.fallback());
                self.link(here, element, "href", target);
            }
            (Namespace::Svg, n::a) => {
                let target = target("target").unwrap_or(self.targets.fallback());
                let attribute = match element.attribute("href") {
                    Some(_) => "href",
                    None => "xlink:href",
                };
                self.link(here, element, attribute, target);
            }
            _ => {}
        }
    }

    fn link(&self, here: &Here, element: &dyn Element, attribute: &str, target: Target) {
        if target.is_some()
            && let Some(opened) = self.opened(here, element, attribute)
        {
            self.open_in(opened, target);
        }
    }

    fn open_in(&self, opened: Opened, target: Target) {
        // Its document is in a frame, whatever else the page has, and may have a million links.
        if target == Some(OWN) && opened.subject.is_none() {
            let Request { key, first, is_conditional, .. } = opened.request;
            self.add_request(key, first, is_conditional);
        } else {
            self.open(opened, target);
        }
    }

    /// Takes a button, which can submit its form elsewhere.
    fn submitter(&self, here: &Here, element: &dyn Element, own: Option<Target>) {
        // With this attribute its form may be another one.
        let is_inside = element.attribute("form").is_none();
        let form = self.targets.form.filter(|_| is_inside);
        let target = own.or(form).unwrap_or(self.targets.fallback());
        if element.attribute("formaction").is_some() {
            return self.link(here, element, "formaction", target);
        }
        let action = self.targets.action.filter(|_| is_inside && own.is_some());
        if let Some((action, target)) = action.zip(target) {
            let all = &mut self.found.borrow_mut().targeted.all;
            all[action].targets.push(target);
        }
    }

    /// Adds something that opens in a frame. Its index.
    fn open(&self, opened: Opened, target: Target) -> Option<usize> {
        let all = &mut self.found.borrow_mut().targeted.all;
        // A page with as many requests is rejected.
        if all.len() == MOST {
            return None;
        }
        all.push(Opened { targets: target.into_iter().collect(), ..opened });
        Some(all.len() - 1)
    }

    /// The URL in an attribute, which some frame may open.
    fn opened(&self, here: &Here, element: &dyn Element, attribute: &str) -> Option<Opened> {
        let value = element.attribute(attribute)?;
        let url = match has_code(element, attribute) {
            true => marked_value(element, attribute, &value).map(Into::into),
            false => Some(value),
        };
        self.opened_url(here, element, url.as_deref())
    }

    /// The same of a URL with its template code [marked](crate::page::marked); [`None`] for one of which nothing is known.
    fn opened_url(&self, here: &Here, element: &dyn Element, url: Option<&str>) -> Option<Opened> {
        let is_known = url.is_some();
        let url = cleaned(url.unwrap_or_default());
        if is_known && (is_nothing(&url) || !is_asked(&url)) {
            return None;
        }
        let url = certain(&url).filter(|_| is_known).map(told);
        let key = RequestKey::new(Destination::Frame, url, self.base, "", false);
        let first = here.located(element.location());
        let subject = self.spot(here, element, first).map(|spot| Subject {
            what: What::fetch(&key, Nonce::None),
            location: spot.location,
            // The frame is one of the page. What a nested document has may still be joined with what another browser reads.
            document: 0,
            is_later: true,
            is_scriptless: here.scriptless,
            notes: match here.nested.is_empty() {
                true => spot.notes,
                false => 0..0,
            },
        });
        let request = Request { key, first, uses: 1, is_conditional: is_conditional(here, element.is_inert()) };
        Some(Opened { targets: Vec::new(), request, subject })
    }
}

impl Found {
    /// Takes what opens in frames of the page for requests, now that all its frames are known.
    pub(super) fn add_targeted(&mut self, is_asked: bool) {
        let Targeted { frames, all, .. } = std::mem::take(&mut self.targeted);
        let is_frame = |target: &u32| *target == OWN || frames.contains(target);
        let is_framed = |opened: &Opened| opened.targets.iter().any(is_frame);
        let mut has_subjects = false;
        for opened in all.into_iter().filter(is_framed) {
            if is_asked {
                self.add_request(opened.request);
            }
            if let Some((subjects, subject)) = self.subjects.as_mut().zip(opened.subject) {
                subjects.all.push(subject);
                has_subjects = true;
            }
        }
        if let Some(subjects) = self.subjects.as_mut().filter(|_| has_subjects) {
            subjects.all.sort_by_key(|subject| subject.location);
        }
    }
}
