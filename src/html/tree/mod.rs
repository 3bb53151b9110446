//! The tree builder's stack: which namespace a tag lands in, whether it makes an element at all, and
//! whether that element is inert template content.
//!
//! lol_html hands out tags and knows no tree, but whether `<script>` holds script text, whether
//! `<tr onclick>` exists, and whether `&amp;` in a script is one character or five depend on it.
//! This is [tree construction](https://html.spec.whatwg.org/multipage/parsing.html#tree-construction) of the HTML standard
//! without the tree: the stack of open elements, the active formatting elements and the insertion modes.
//! It knows nothing of Content-Security-Policy.

mod body;
mod category;
mod end;
mod foreign;
mod formatting;
mod placement;
mod quirks;
mod scope;
mod stack;
mod start;
mod table;
mod table_end;
mod work;

use super::name::Name;
use super::names as n;
pub(crate) use category::is_plain;
use formatting::Formatting;
pub(crate) use placement::{HeadState, Namespace, Placement, Scripting, StartTag};
use stack::{Integration, Node};
use work::Work;

/// The insertion modes that can be told apart from the outside; "text" and "in table text" are
/// the scanner's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Initial,
    BeforeHtml,
    BeforeHead,
    InHead,
    InHeadNoscript,
    AfterHead,
    InBody,
    InTable,
    InCaption,
    InColumnGroup,
    InTableBody,
    InRow,
    InCell,
    InTemplate,
    AfterBody,
    InFrameset,
    AfterFrameset,
    AfterAfterBody,
    AfterAfterFrameset,
}

/// The stack of open elements with its insertion mode.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    scripting: Scripting,
    stack: Vec<Node>,
    next_serial: u64,
    formatting: Formatting,
    mode: Mode,
    template_modes: Vec<Mode>,
    /// The form element pointer is set.
    has_form: bool,
    /// The frameset-ok flag.
    frameset_ok: bool,
    /// The document is in quirks mode.
    quirks: bool,
    /// The last start tag was in foreign content and ended it.
    has_left_foreign: bool,
    work: Work,
}

impl Tree {
    /// At the start of a document.
    pub(crate) fn document(scripting: Scripting) -> Self {
        let work = Work::default();
        Self {
            scripting,
            stack: Vec::new(),
            next_serial: 0,
            formatting: Formatting::new(work.clone()),
            mode: Mode::Initial,
            template_modes: Vec::new(),
            has_form: false,
            frameset_ok: true,
            quirks: false,
            has_left_foreign: false,
            work,
        }
    }

    /// What the tree would be with scripting disabled; the current node is a `noscript` that was just opened.
    pub(crate) fn without_scripting(&self) -> Self {
        self.work.spend(self.stack.len() + self.formatting.copying());
        let mut tree = self.clone();
        tree.scripting = Scripting::Disabled;
        tree.pop();
        if tree.mode == Mode::InHead {
            tree.mode = Mode::InHeadNoscript;
        } else {
            tree.reconstruct();
        }
        tree.push_html(n::noscript);
        tree
    }

    /// Whether more of the stack was gone through than a document may ask for. Then tags are dropped.
    pub(crate) fn is_overworked(&self) -> bool {
        self.work.is_over()
    }

    /// Whether the content of `noscript` is text.
    pub(crate) fn has_scripting(&self) -> bool {
        self.scripting == Scripting::Enabled
    }

    /// Whether a document type would still count.
    pub(crate) fn heeds_doctype(&self) -> bool {
        self.mode == Mode::Initial
    }

    /// Where the document stands with its head.
    pub(crate) fn head(&self) -> HeadState {
        match self.mode {
            Mode::Initial | Mode::BeforeHtml | Mode::BeforeHead => HeadState::Before,
            Mode::InHead | Mode::InHeadNoscript => HeadState::In,
            _ => HeadState::After,
        }
    }

    /// Whether a void element that was just made stands in the head, where it may be put even behind its end tag.
    pub(crate) fn is_in_head(&self) -> bool {
        matches!(self.mode, Mode::InHead | Mode::AfterHead)
    }

    /// Whether the last start tag was in foreign content and ended it.
    pub(crate) fn has_left_foreign(&self) -> bool {
        self.has_left_foreign
    }

    /// Whether it is in a plain body: whatever [`is_plain`] tags come, each makes an element that is neither foreign nor
    /// inert, and the next one does too. None of them needs to be taken to know that.
    pub(crate) fn is_in_plain_body(&self) -> bool {
        let is_body = matches!(self.mode, Mode::InBody | Mode::AfterBody | Mode::AfterAfterBody);
        is_body && self.template_modes.is_empty() && self.scopes().are_usual()
    }

    /// Takes a document type: what stands between `<!doctype` and `>`.
    pub(crate) fn doctype(&mut self, doctype: &[u8]) {
        if self.mode == Mode::Initial {
            self.leave_initial(quirks::are_asked_for(doctype));
        }
    }

    fn leave_initial(&mut self, quirks: bool) {
        self.quirks = quirks;
        self.mode = Mode::BeforeHtml;
    }

    /// How many elements are open.
    pub(crate) fn depth(&self) -> usize {
        self.stack.len()
    }

    /// The serial number of the current node.
    pub(crate) fn current(&self) -> Option<u64> {
        self.stack.last().map(|node| node.serial)
    }

    /// The name of the current node.
    pub(crate) fn current_name(&self) -> Option<Name> {
        self.stack.last().map(|node| node.name)
    }

    /// Whether the node of that serial number is open, which was pushed as the `depth`th one.
    pub(crate) fn is_open(&self, serial: u64, depth: usize) -> bool {
        let is_it = |node: &Node| node.serial == serial;
        if self.stack.get(depth - 1).is_some_and(is_it) {
            return true;
        }
        self.work.spend(self.stack.len());
        self.stack.iter().any(is_it)
    }

    /// Whether the current node is in SVG or MathML, where `<![CDATA[` starts a section.
    pub(crate) fn in_foreign_content(&self) -> bool {
        self.stack.last().is_some_and(|node| node.namespace != Namespace::Html)
    }

    /// Takes a start tag.
    pub(crate) fn start_tag(&mut self, tag: &impl StartTag) -> Placement {
        self.work.earn(tag.raw().len());
        if self.is_overworked() {
            return Placement::Dropped;
        }
        let is_foreign = self.is_foreign_start(tag.name());
        self.has_left_foreign = is_foreign && foreign::leaves_foreign_content(tag);
        if is_foreign { self.foreign_start_tag(tag) } else { self.html_start_tag(tag) }
    }

    /// Takes an end tag.
    pub(crate) fn end_tag(&mut self, name: Name) {
        self.work.earn(work::END_TAG);
        if self.is_overworked() {
            return;
        }
        if self.in_foreign_content() {
            self.foreign_end_tag(name);
        } else {
            self.html_end_tag(name);
        }
    }

    /// Ends the raw text element that is the current node.
    pub(crate) fn end_raw_text(&mut self) {
        self.pop();
    }

    /// Takes text.
    pub(crate) fn text(&mut self, text: &[u8]) {
        // NUL counts for nothing: Chromium leaves it out, the standard too wherever it matters in a body.
        let is_blank = text.iter().all(|b| b" \t\n\r\x0c\0".contains(b));
        let is_foreign = self
            .stack
            .last()
            .is_some_and(|node| node.namespace != Namespace::Html && node.integration_point == Integration::None);
        if is_foreign {
            self.frameset_ok &= is_blank;
        } else if !is_blank {
            self.visible_text();
        } else if text.iter().any(|&b| b != 0) {
            self.white_space();
        }
    }

    fn visible_text(&mut self) {
        match self.mode {
            Mode::InFrameset | Mode::AfterFrameset | Mode::AfterAfterFrameset => return,
            Mode::Initial => {
                self.leave_initial(true);
                self.open_body();
            }
            Mode::BeforeHtml | Mode::BeforeHead | Mode::InHead | Mode::InHeadNoscript | Mode::AfterHead => {
                self.open_body();
            }
            Mode::InColumnGroup if self.current_is(n::colgroup) => {
                self.pop();
                self.mode = Mode::InTable;
            }
            Mode::InColumnGroup => return,
            Mode::AfterBody | Mode::AfterAfterBody => self.mode = Mode::InBody,
            _ => {}
        }
        self.frameset_ok = false;
        self.reconstruct();
    }

    fn white_space(&mut self) {
        let in_body = match self.mode {
            Mode::InBody | Mode::InCaption | Mode::InCell | Mode::InTemplate => true,
            Mode::AfterBody | Mode::AfterAfterBody => true,
            // What stands in the table itself is table text.
            Mode::InTable | Mode::InTableBody | Mode::InRow => {
                let table = [n::table, n::tbody, n::template, n::tfoot, n::thead, n::tr];
                !table.iter().any(|&name| self.current_is(name))
            }
            _ => false,
        };
        if in_body {
            self.reconstruct();
        }
    }

    /// Whether [`Self::text`] would change anything.
    pub(crate) fn heeds_text(&self) -> bool {
        self.frameset_ok
            || self.formatting.has_closed()
            || !matches!(self.mode, Mode::InBody | Mode::InCell | Mode::InTable | Mode::InCaption)
    }

    /// Makes the elements that are implied before body content: html, head and body. An implied body makes the frameset-ok flag
    /// "ok" again, which a template in the head has made "not ok" (run; the standard leaves the flag alone).
    fn open_body(&mut self) {
        self.frameset_ok = true;
        match self.mode {
            Mode::BeforeHtml => self.push_html(n::html),
            Mode::InHeadNoscript => self.truncate(1),
            Mode::InHead => {
                self.pop();
            }
            _ => {}
        }
        self.push_html(n::body);
        self.mode = Mode::InBody;
    }

    /// [Reset the insertion mode appropriately](https://html.spec.whatwg.org/multipage/parsing.html#reset-the-insertion-mode-appropriately).
    fn reset_insertion_mode(&mut self) {
        self.mode = Mode::InBody;
        for node in self.stack.iter().rev() {
            self.work.spend(1);
            if node.namespace != Namespace::Html {
                continue;
            }
            self.mode = match node.name {
                n::td | n::th => Mode::InCell,
                n::tr => Mode::InRow,
                n::tbody | n::thead | n::tfoot => Mode::InTableBody,
                n::caption => Mode::InCaption,
                n::colgroup => Mode::InColumnGroup,
                n::table => Mode::InTable,
                n::template => self.template_modes.last().copied().unwrap_or(Mode::InBody),
                n::head => Mode::InHead,
                n::body => Mode::InBody,
                n::frameset => Mode::InFrameset,
                n::html => Mode::AfterHead,
                _ => continue,
            };
            return;
        }
    }
}
