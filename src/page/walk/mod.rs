//! The walk over a page and over the documents nested in it: `noscript`, `srcdoc` and `data:` documents.
//!
//! It exists once. A view of the page (hashes, nonces, a check) is a [`Visitor`]: it asks for kinds of subjects and gets
//! each in the order of the source, with where it is.

mod frames;
mod html;
mod problems;
mod xml;

use std::borrow::Cow;

use super::attribute_names::AttributeNames;
use super::element::Element;
use super::kind::{Kinds, SubjectKind};
use super::script::{self, Role};
use super::{Browser, MAX_NESTING, Nesting, link};
use crate::error::Error;
use crate::html::names as n;
use crate::html::scan::{self, End, Scanner};
use crate::html::tree::{Namespace, Scripting};
use crate::location::Location;
use crate::template::{Dialect, Templates};
use crate::xml::Fault;
pub(crate) use problems::Problems;

/// View of a page: receives the subjects that it asks for.
pub(crate) trait Visitor: Sized {
    /// State of a script or style element whose text is being read.
    type Text;

    /// Takes an element that was asked for, and what of it is a subject. State for its text if that is wanted, which can be
    /// for `script` and `style` elements only.
    fn element(&mut self, here: &Here, element: &dyn Element, kind: Option<SubjectKind>) -> Option<Self::Text>;

    /// Takes a link, script or image by what is known of the same tag elsewhere. Whether that is all there is to take.
    fn is_seen(&self, _here: &Here, _element: &scan::Element<'_>) -> bool {
        false
    }

    /// Keeps what is known of a tag that [`is_seen`](Self::is_seen) did not know and whose text is not wanted.
    fn keep(&self, _element: &scan::Element<'_>) {}

    /// Takes an attribute that may be a subject, by its lower-case name. `offset` is where it starts in the tag, in bytes;
    /// `has_code` whether there is template code in the value.
    fn attribute(
        &mut self,
        _here: &Here,
        _element: &dyn Element,
        _name: &str,
        _value: Cow<'_, str>,
        _offset: usize,
        _has_code: bool,
    ) {
    }

    /// Whether links are asked for whatever their attributes, from here on.
    fn follows_links(&self) -> bool {
        false
    }

    /// Takes a start tag of script or style in the text of such an element: it may belong to another branch of the
    /// template.
    fn branch(&mut self, here: &Here, element: &dyn Element, around: Option<&Self::Text>);

    /// Takes a piece of an element's text.
    fn text(&mut self, here: &Here, open: &mut Self::Text, text: &str);

    /// Takes the end of an element's text; `hidden` when there was template code in it.
    fn end(&mut self, here: &Here, open: Self::Text, end: End, hidden: bool);

    /// Takes the text of a comment that speaks to this program.
    fn note(&mut self, _here: &Here, _text: &str, _location: Location) {}

    /// Takes the start tag of an element that ended with the input and whose content was text or another document.
    fn unclosed(&mut self, _here: &Here, _start_tag: Location) {}

    /// Takes a place where an XML document is not well formed.
    fn fault(&mut self, _here: &Here, _fault: Fault) {}

    /// Where the text starts that is being read and whose place is yet to be decided on, in bytes of the document.
    fn unread(&self) -> Option<usize> {
        None
    }

    /// The visitor of a document inside, which only `browser` reads if that is one; `None` to leave that document out.
    fn nested(&mut self, here: &Here, element: &dyn Element, inside: Inside, browser: Option<Browser>) -> Option<Self>;

    /// Joins what this visitor found in a frame, as one browser reads it, with what `other` found there as the next one does.
    fn join(&mut self, other: Self);

    /// Takes over the findings of the visitor of the same document in another encoding.
    fn add_reading(&mut self, other: Self);

    /// Takes the visitor of a document inside back.
    fn absorb(&mut self, here: &Here, nested: Self, inside: Inside, location: Location);

    /// Reports a document that is nested too deep to be read.
    fn too_deep(&mut self, here: &Here, location: Location, inside: Inside);

    /// Reports a document inside that cannot be read.
    fn failed(&mut self, here: &Here, location: Location, error: &Error);

    /// Reports a `data:` document with characters outside ASCII whose encoding nothing declares.
    fn undeclared(&mut self, _here: &Here, _location: Location) {}
}

/// How a document is inside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inside {
    Noscript,
    Srcdoc,
    /// HTML in a `data:` URL.
    DataHtml,
    /// XML in a `data:` URL.
    DataXml,
}

impl Inside {
    pub(crate) const fn nesting(self) -> Nesting {
        match self {
            Self::Noscript => Nesting::Noscript,
            Self::Srcdoc => Nesting::Srcdoc,
            Self::DataHtml | Self::DataXml => Nesting::DataUrl,
        }
    }
}

/// The document that a walk is in.
#[derive(Clone, Debug)]
pub(crate) struct Here {
    pub(crate) kinds: Kinds,
    /// The template code in it.
    pub(crate) dialect: Option<Dialect>,
    pub(crate) templates: Templates,
    /// Whether the inert content of templates is visited.
    pub(crate) template_content: bool,
    /// What it is nested in, outermost first.
    pub(crate) nested: Vec<Nesting>,
    /// How many documents it is nested in.
    pub(crate) depth: usize,
    /// The number of bytes of this document and those around it, as far as they are in attributes.
    pub(crate) framed: usize,
    /// Scripts do not run here: only styles are checked.
    pub(crate) scriptless: bool,
    /// The browser that reads it, where another one reads another document.
    pub(crate) browser: Option<Browser>,
    /// The one location of everything in a document inside an attribute.
    fixed: Option<Location>,
}

impl Here {
    /// In a page.
    pub(crate) fn page(kinds: Kinds, dialect: Option<Dialect>, templates: Templates) -> Self {
        Self {
            kinds,
            dialect,
            templates,
            template_content: true,
            nested: Vec::new(),
            depth: 0,
            framed: 0,
            scriptless: false,
            browser: None,
            fixed: None,
        }
    }

    /// Whether there may be template code.
    pub(crate) fn is_template(&self) -> bool {
        self.dialect.is_some()
    }

    /// Whether the document was taken for plain HTML because nobody said otherwise.
    pub(crate) fn is_plain(&self) -> bool {
        self.dialect.is_none() && self.templates == Templates::Auto
    }

    /// Whether scripts run.
    pub(crate) fn scripting(&self) -> Scripting {
        if self.scriptless { Scripting::Disabled } else { Scripting::Enabled }
    }

    /// The reported location of something at `location` of the document.
    pub(crate) fn located(&self, location: Location) -> Location {
        self.fixed.unwrap_or(location)
    }

    /// What a subject is nested in, outermost first; `inert` for the content of a template.
    pub(crate) fn nested_in(&self, inert: bool) -> Cow<'_, [Nesting]> {
        let mut nested = Cow::Borrowed(&*self.nested);
        if inert {
            nested.to_mut().push(Nesting::Template);
        }
        nested
    }

    fn inside(&self, inside: Inside, inert: bool, scriptless: bool) -> Self {
        let mut nested = self.nested_in(inert).into_owned();
        nested.push(inside.nesting());
        Self { nested, depth: self.depth + 1, scriptless: self.scriptless || scriptless, ..self.clone() }
    }

    /// The subject that an element is, by its text or its URL, if that kind is asked for.
    pub(crate) fn kind(&self, element: &dyn Element) -> Option<SubjectKind> {
        let is_html = element.namespace() == Namespace::Html;
        let kind = if script::is_live(element, n::script) {
            match script::role(element) {
                _ if self.scriptless => None,
                Role::Inline => Some(SubjectKind::Script),
                _ if script::is_undecided(element) => Some(SubjectKind::Script),
                Role::External => Some(SubjectKind::ScriptUrl),
                Role::Nothing => None,
            }
        } else if script::is_live(element, n::style) {
            Some(SubjectKind::Style)
        } else {
            match element.name() {
                n::link if is_html => link::destination(element).map(|_| SubjectKind::LinkUrl),
                n::meta if is_html => Some(SubjectKind::MetaPolicy),
                _ => None,
            }
        };
        kind.filter(|kind| self.kinds.has(*kind))
    }
}

/// Element whose text is being read.
enum Open<V: Visitor> {
    Text(Box<V::Text>),
    /// With the location of its start tag.
    Noscript(Box<Scanner<Walk<V>>>, Location),
    /// The nested document failed or is left out; its text is skipped.
    Nothing,
}

/// Walk over one document.
pub(crate) struct Walk<V: Visitor> {
    pub(crate) visitor: V,
    pub(crate) here: Here,
    /// The elements whose text is being read, the innermost last.
    open: Vec<Open<V>>,
    /// Names of the attributes that the html and the body element have.
    html_attributes: AttributeNames,
    body_attributes: AttributeNames,
}

impl<V: Visitor> Walk<V> {
    pub(crate) fn new(visitor: V, here: Here) -> Self {
        Self {
            visitor,
            here,
            open: Vec::new(),
            html_attributes: AttributeNames::default(),
            body_attributes: AttributeNames::default(),
        }
    }

    /// Hands each visitor that is at work to `take`, the outermost first.
    pub(crate) fn each_visitor(&mut self, take: &mut impl FnMut(&mut V)) {
        take(&mut self.visitor);
        if let Some(Open::Noscript(scanner, _)) = self.open.last_mut() {
            scanner.sink().each_visitor(take);
        }
    }

    /// Takes an element after its attributes. Whether its text is wanted.
    fn element(&mut self, element: &dyn Element) -> bool {
        let kind = self.here.kind(element);
        let text = self.visitor.element(&self.here, element, kind);
        if let Some(text) = text {
            self.open.push(Open::Text(Box::new(text)));
            return true;
        }
        self.frame(element);
        false
    }

    fn push_text(&mut self, text: &str) {
        if let Some(Open::Text(open)) = self.open.last_mut() {
            self.visitor.text(&self.here, open, text);
        }
    }

    /// Whether a document inside would be nested too deep, which is reported.
    fn is_too_deep(&mut self, location: Location, inside: Inside) -> bool {
        let is_too_deep = self.here.depth >= MAX_NESTING;
        if is_too_deep {
            self.visitor.too_deep(&self.here, location, inside);
        }
        is_too_deep
    }
}
