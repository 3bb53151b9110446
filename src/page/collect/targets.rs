//! The URLs that links and forms open in frames of the page, about which both browsers ask `frame-src` (run).
//!
//! A frame may come after the links to it, so all are held to the end of the page. Links to frames of other pages need nothing of
//! the page that they are on.

use std::collections::HashSet;

use url::Url;

use super::Collector;
use super::requests::is_conditional;
use crate::html::names as n;
use crate::html::tree::Namespace;
use crate::page::element::Element;
use crate::page::found::Found;
use crate::page::inlines::MOST;
use crate::page::kind::{Destination, SubjectKind};
use crate::page::link::has_code;
use crate::page::request::{Request, RequestKey, cleaned, is_nothing, told};
use crate::page::subject::{Nonce, Subject, What};
use crate::page::walk::Here;

/// What decides where the links and forms of a document open.
#[derive(Clone, Debug, Default)]
pub(in crate::page) struct Targets {
    /// The target of the first `<base>` with one, for what comes after it.
    base: Option<String>,
    /// The action and the target of the last form.
    form: [Option<String>; 2],
}

/// The names of a page's frames, and what opens in frames by their names.
#[derive(Debug, Default)]
pub(in crate::page) struct Targeted {
    frames: HashSet<String>,
    all: Vec<(String, Request, Option<Subject>)>,
}

impl Targets {
    /// Whether links without a target open in a frame with a name.
    pub(super) fn has_base(&self) -> bool {
        self.base.as_deref().is_some_and(is_name)
    }

    /// The name of the attribute with the URL that an element opens, the URL, and the frame in which it opens.
    fn of(&mut self, element: &dyn Element) -> Option<(&'static str, String, String)> {
        let attribute = |name| element.attribute(name).map(String::from);
        let (name, [url, target]) = match (element.namespace(), element.name()) {
            (Namespace::Html, n::base) => {
                self.base = self.base.take().or_else(|| attribute("target"));
                return None;
            }
            (Namespace::Html, n::form) => {
                self.form = ["action", "target"].map(attribute);
                ("action", self.form.clone())
            }
            (Namespace::Html, n::button | n::input) => {
                let own = ["formaction", "formtarget"].map(attribute);
                let [url, target] = match &own {
                    [None, None] => return None,
                    // Its form may be another one.
                    _ if element.attribute("form").is_some() => Default::default(),
                    _ => self.form.clone(),
                };
                let [own_url, own_target] = own;
                ("formaction", [own_url.or(url), own_target.or(target)])
            }
            (Namespace::Html, n::a | n::area) if element.attribute("download").is_some() => {
                return None;
            }
            (Namespace::Html, n::a | n::area) => ("href", ["href", "target"].map(attribute)),
            (Namespace::Svg, n::a) => {
                let name = match element.attribute("href") {
                    Some(_) => "href",
                    None => "xlink:href",
                };
                (name, [name, "target"].map(attribute))
            }
            _ => return None,
        };
        let target = target.or_else(|| self.base.clone());
        Some((name, url?, target.filter(|target| is_name(target))?))
    }
}

/// Whether a target is the name of a frame: it is not empty and not a keyword such as `_blank`.
fn is_name(target: &str) -> bool {
    !target.is_empty() && !target.starts_with('_')
}

/// Whether a policy is asked about a URL that a frame opens. It is not about `about:blank` and what other programs open.
fn is_asked(url: &str) -> bool {
    let scheme = Url::parse(url).map(|url| url.scheme().to_owned());
    scheme.map_or(true, |scheme| {
        matches!(&*scheme, "http" | "https" | "data" | "blob")
    })
}

impl Collector {
    /// Takes an element if it is a frame with a name, or opens a URL in one.
    pub(super) fn target(&mut self, here: &Here, element: &dyn Element) {
        if !here.kinds.has(SubjectKind::Request) {
            return;
        }
        let is_frame = matches!(element.name(), n::iframe | n::frame | n::object | n::embed);
        if is_frame && element.namespace() == Namespace::Html {
            let name = element.attribute("name").filter(|name| is_name(name));
            let frames = &mut self.found.borrow_mut().targeted.frames;
            frames.extend(name.map(String::from));
            return;
        }
        let Some((attribute, url, target)) = self.targets.of(element) else {
            return;
        };
        let (url, is_dynamic) = (cleaned(&url), has_code(element, attribute));
        if !is_dynamic && (is_nothing(&url) || !is_asked(&url)) || has_code(element, "target") {
            return;
        }
        let url = (!is_dynamic).then(|| told(&url));
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
        let request = Request {
            key,
            first,
            uses: 1,
            is_conditional: is_conditional(here, element.is_inert()),
        };
        let all = &mut self.found.borrow_mut().targeted.all;
        // A page with as many requests is rejected.
        if all.len() < MOST {
            all.push((target, request, subject));
        }
    }
}

impl Found {
    /// Takes what opens in frames of the page for requests, now that all its frames are known.
    pub(super) fn add_targeted(&mut self, is_asked: bool) {
        let Targeted { frames, all } = std::mem::take(&mut self.targeted);
        let all = all.into_iter().filter(|(name, ..)| frames.contains(name));
        let mut has_subjects = false;
        for (_, request, subject) in all {
            if is_asked {
                self.add_request(request);
            }
            if let Some((subjects, subject)) = self.subjects.as_mut().zip(subject) {
                subjects.all.push(subject);
                has_subjects = true;
            }
        }
        if let Some(subjects) = self.subjects.as_mut().filter(|_| has_subjects) {
            subjects.all.sort_by_key(|subject| subject.location);
        }
    }
}
