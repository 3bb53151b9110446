//! What a document type declaration says: entities and attribute defaults. Browsers read the internal
//! subset only.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

/// What was declared.
#[derive(Default)]
pub(super) struct Dtd {
    pub(super) entities: HashMap<String, Entity>,
    /// By the name of the element as it is written.
    pub(super) attributes: HashMap<String, Declared>,
    /// The public identifier is one for which browsers know the entities of HTML.
    pub(super) has_html_entities: bool,
    /// Entities may be declared in what browsers do not load; a reference to one is passed over.
    pub(super) may_lack_entities: bool,
}

/// A general entity.
pub(super) enum Entity {
    /// Its replacement text.
    Internal(Rc<str>),
    External,
    Unparsed,
}

/// What is declared of the attributes of an element.
#[derive(Default)]
pub(super) struct Declared {
    /// In the order of their first declarations, which are those that count.
    pub(super) all: Vec<AttributeDeclaration>,
    by_name: HashMap<String, usize>,
}

impl Declared {
    /// Adds one, unless there is one of that name.
    pub(super) fn add(&mut self, attribute: AttributeDeclaration) {
        if let Entry::Vacant(place) = self.by_name.entry(attribute.name.clone()) {
            place.insert(self.all.len());
            self.all.push(attribute);
        }
    }

    /// The one of that name.
    pub(super) fn get(&self, name: &str) -> Option<&AttributeDeclaration> {
        self.by_name.get(name).map(|&at| &self.all[at])
    }
}

/// What `<!ATTLIST` says of one attribute.
pub(super) struct AttributeDeclaration {
    pub(super) name: String,
    /// The value is a list of tokens: spaces around and between them are dropped.
    pub(super) tokens: bool,
    pub(super) default: Option<Rc<str>>,
}

impl Dtd {
    /// What is declared of the attributes of an element.
    pub(super) fn of_element(&self, name: &str) -> Option<&Declared> {
        self.attributes.get(name)
    }
}

/// The public identifiers with [the entities of HTML](https://html.spec.whatwg.org/multipage/xhtml.html#parsing-xhtml-documents),
/// all seen in Chromium.
pub(super) const WITH_HTML_ENTITIES: [&str; 11] = [
    "-//W3C//DTD XHTML 1.0 Transitional//EN",
    "-//W3C//DTD XHTML 1.1//EN",
    "-//W3C//DTD XHTML 1.0 Strict//EN",
    "-//W3C//DTD XHTML 1.0 Frameset//EN",
    "-//W3C//DTD XHTML Basic 1.0//EN",
    "-//W3C//DTD XHTML 1.1 plus MathML 2.0//EN",
    "-//W3C//DTD XHTML 1.1 plus MathML 2.0 plus SVG 1.1//EN",
    "-//W3C//DTD MathML 2.0//EN",
    "-//WAPFORUM//DTD XHTML Mobile 1.0//EN",
    "-//WAPFORUM//DTD XHTML Mobile 1.1//EN",
    "-//WAPFORUM//DTD XHTML Mobile 1.2//EN",
];
