//! Which parts of a page a browser checks as inline resources, and the hash of each.
//!
//! Built on the events of the HTML and XML scans; knows what Content-Security-Policy checks
//! ([Should element's inline type behavior be blocked](https://www.w3.org/TR/CSP3/#should-block-inline)) and nothing of policies.

mod attribute_names;
mod browser;
mod check_type;
pub(crate) mod code_text;
mod collect;
mod document;
pub(crate) mod element;
pub(crate) mod evaluated;
mod found;
pub(crate) mod frame;
#[cfg(fuzzing)]
pub mod fuzzing;
mod handlers;
mod inlines;
pub(crate) mod javascript;
pub(crate) mod kind;
pub(crate) mod link;
pub(crate) mod links;
mod marked;
pub(crate) mod request;
mod request_key;
pub(crate) mod request_set;
mod scan;
pub(crate) mod script;
mod source;
pub(crate) mod subject;
mod thymeleaf;
mod url;
pub(crate) mod walk;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use encoding_rs::Encoding;

use crate::hash::HashAlgorithm;
pub use crate::location::Location;
use crate::template::{Templates, Written};
pub(crate) use browser::Browser;
pub use check_type::InlineCheckType;
pub use inlines::{Inline, InlineUse, NoncedInline, Page};
pub(crate) use inlines::{Nestings, Resource, check_different, check_texts};
pub use kind::Destination;
pub use scan::scan_page;
#[cfg(fuzzing)]
pub use scan::scan_pieces;
pub(crate) use scan::{each_piece, scan_file};
pub use source::{EXCERPT_REACH, Excerpt, excerpts};

named! {
    /// The kind of an inline resource.
    #[non_exhaustive]
    pub enum InlineKind {
        /// The text of a classic, module, importmap or speculationrules script.
        Script = "script",
        /// The text of a `style` element.
        Style = "style",
        /// The value of an event-handler attribute.
        EventHandler = "event-handler",
        /// The value of a `style` attribute.
        StyleAttribute = "style-attribute",
        /// A `javascript:` URL.
        JavascriptUrl = "javascript-url",
    }
}

impl InlineKind {
    /// The kind as a sentence names it.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Style => "style",
            Self::EventHandler => "event handler",
            Self::StyleAttribute => "style attribute",
            Self::JavascriptUrl => "javascript: URL",
        }
    }

    /// What to do about one that template code makes.
    pub(crate) const fn dynamic_help(self) -> &'static str {
        match self {
            Self::Script => {
                "give it a nonce with cspseal nonce, or move the values into data attributes or a JSON data block"
            }
            Self::Style => "give it a nonce with cspseal nonce, or move the values into classes",
            Self::StyleAttribute => "no nonce can allow it either; use classes, or set the style from a script",
            Self::EventHandler | Self::JavascriptUrl => {
                "no nonce can allow it either; use addEventListener and data attributes"
            }
        }
    }

    /// The [inline check type](https://www.w3.org/TR/CSP3/#effective-directive-for-inline-check) that decides which directive counts.
    #[must_use]
    pub const fn check_type(self) -> InlineCheckType {
        match self {
            Self::Script => InlineCheckType::Script,
            Self::Style => InlineCheckType::Style,
            Self::EventHandler => InlineCheckType::ScriptAttribute,
            Self::StyleAttribute => InlineCheckType::StyleAttribute,
            Self::JavascriptUrl => InlineCheckType::Navigation,
        }
    }

    /// Whether its hash counts only beside `'unsafe-hashes'`.
    #[must_use]
    pub const fn needs_unsafe_hashes(self) -> bool {
        self.check_type().needs_unsafe_hashes()
    }
}

/// The kind of inline resource by whose directive the element is judged that a helper writes, be it one with a URL.
impl From<Written> for InlineKind {
    fn from(written: Written) -> Self {
        match written {
            Written::Script | Written::UrlScript => Self::Script,
            Written::Style | Written::Link => Self::Style,
        }
    }
}

named! {
    /// A context, besides the page, that an inline resource may be nested in.
    #[non_exhaustive]
    pub enum Nesting {
        /// `noscript`, which is markup where scripting is off.
        Noscript = "noscript",
        /// The document in a `srcdoc` attribute.
        Srcdoc = "srcdoc",
        /// The document in a `data:` URL.
        DataUrl = "data-url",
        /// The inert content of a `template`, checked as soon as a script clones it.
        Template = "template",
    }
}

/// By which rules browsers read a document.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentType {
    /// `text/html`.
    Html,
    /// `application/xhtml+xml`, `image/svg+xml` and other XML.
    Xml,
}

impl DocumentType {
    /// The type that servers send for a file of this name: XML for `.xhtml`, `.xht`, `.svg` and
    /// `.xml` in any case, HTML for everything else.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let is_xml = path.rsplit_once('.').is_some_and(|(_, extension)| {
            let xml = ["xhtml", "xht", "svg", "xml"];
            xml.iter().any(|xml| extension.eq_ignore_ascii_case(xml))
        });
        if is_xml { Self::Xml } else { Self::Html }
    }
}

/// How pages are scanned.
#[derive(Clone, Debug)]
pub struct ScanOptions {
    algorithm: HashAlgorithm,
    template_content: bool,
    charset: Option<&'static Encoding>,
    document_type: Option<DocumentType>,
    templates: Templates,
    subjects: bool,
    urls: bool,
    evaluated: bool,
    links: bool,
    requests: bool,
    inline_texts: bool,
    placeholder: Option<Arc<str>>,
    texts: Arc<Texts>,
}

/// The parts of templates, in order and in bytes of their text, that other files have in the text of a script or style, in a
/// comment or in an attribute, by the paths of the templates.
pub(crate) type Texts = HashMap<Arc<str>, Vec<Range<usize>>>;

impl Default for ScanOptions {
    fn default() -> Self {
        Self {
            algorithm: HashAlgorithm::Sha256,
            template_content: true,
            charset: None,
            document_type: None,
            templates: Templates::Auto,
            subjects: false,
            urls: false,
            evaluated: false,
            links: false,
            requests: false,
            inline_texts: false,
            placeholder: None,
            texts: Arc::default(),
        }
    }
}

impl ScanOptions {
    /// SHA-256, template content included, no charset from the server, the document type and template dialect by
    /// the path.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The algorithm of the hashes.
    #[must_use]
    pub const fn with_algorithm(mut self, algorithm: HashAlgorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// The algorithm of the hashes.
    #[must_use]
    pub const fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    /// Whether the inert content of templates is reported. It is checked once a script clones it.
    #[must_use]
    pub const fn with_template_content(mut self, included: bool) -> Self {
        self.template_content = included;
        self
    }

    /// The `charset` that the server sends with its pages.
    #[must_use]
    pub const fn with_charset(mut self, charset: Option<&'static Encoding>) -> Self {
        self.charset = charset;
        self
    }

    /// Which template dialect the documents are in. One with template code is read as UTF-8 unless a byte order mark or
    /// a charset says otherwise, as engines read it.
    #[must_use]
    pub const fn with_templates(mut self, templates: Templates) -> Self {
        self.templates = templates;
        self
    }

    /// Whether scripts and styles with a URL that carry a nonce are listed too.
    #[must_use]
    pub const fn with_urls(mut self, listed: bool) -> Self {
        self.urls = listed;
        self
    }

    /// Whether attributes that a library runs as code are reported.
    #[must_use]
    pub const fn with_evaluated_attributes(mut self, reported: bool) -> Self {
        self.evaluated = reported;
        self
    }

    /// Whether the URLs are collected that the page fetches, frames or submits to.
    #[must_use]
    pub const fn with_requests(mut self, collected: bool) -> Self {
        self.requests = collected;
        self
    }

    /// Whether the texts of inline resources are kept, up to 256 MiB in a page and in a site. Otherwise only their hashes and the
    /// beginning of each are.
    #[must_use]
    pub const fn with_inline_texts(mut self, kept: bool) -> Self {
        self.inline_texts = kept;
        self
    }

    /// The text in the pages that a server replaces by the nonce of the response. Without it every random
    /// [`Placeholder`](crate::nonce::Placeholder) counts as one.
    #[must_use]
    pub fn with_placeholder(mut self, placeholder: Option<&str>) -> Self {
        self.placeholder = placeholder.map(Arc::from);
        self
    }

    /// The parts of templates in which a `<` begins no tag.
    pub(crate) fn with_texts(mut self, texts: Texts) -> Self {
        self.texts = Arc::new(texts);
        self
    }

    pub(crate) const fn templates(&self) -> Templates {
        self.templates
    }

    pub(crate) const fn charset(&self) -> Option<&'static Encoding> {
        self.charset
    }

    /// Keeps the subjects themselves, and collects those that have no hash as well: a check needs them.
    pub(crate) const fn with_subjects(mut self) -> Self {
        self.subjects = true;
        self
    }

    /// Collects the links to other pages as well.
    pub(crate) const fn with_links(mut self) -> Self {
        self.links = true;
        self
    }

    /// The type of the documents, where their paths do not tell it.
    #[must_use]
    pub const fn with_document_type(mut self, kind: Option<DocumentType>) -> Self {
        self.document_type = kind;
        self
    }
}

/// The attribute of the `<meta>` elements that `cspseal` writes, by which they are found again.
pub const MARKER: &str = "data-cspseal";

/// How many documents may be nested in each other, `srcdoc` in `srcdoc` and so on.
pub const MAX_NESTING: usize = 32;

#[cfg(test)]
mod tests;
