//! What each insertion mode does with a start tag.

use super::super::name::Name;
use super::super::names as n;
use super::category::{is_head_content, is_shadow_host};
use super::stack::Integration;
use super::{Mode, Namespace, Placement, StartTag, Tree};

/// What a mode made of a start tag: the end of the matter, or the same tag again in another mode.
pub(super) enum Step {
    Done(Placement),
    Reprocess,
}

use Step::{Done, Reprocess};

pub(super) const DROPPED: Step = Done(Placement::Dropped);

impl Tree {
    /// Takes a start tag by the rules of the current insertion mode.
    pub(super) fn html_start_tag(&mut self, tag: &impl StartTag) -> Placement {
        loop {
            let step = match self.mode {
                Mode::Initial => {
                    self.leave_initial(true);
                    Reprocess
                }
                Mode::BeforeHtml => self.start_before_html(tag),
                Mode::BeforeHead => self.start_before_head(tag),
                Mode::InHead => self.start_in_head(tag),
                Mode::InHeadNoscript => self.start_in_head_noscript(tag),
                Mode::AfterHead => self.start_after_head(tag),
                Mode::InBody => Done(self.start_in_body(tag)),
                Mode::InTable => self.start_in_table(tag),
                Mode::InCaption => self.start_in_caption(tag),
                Mode::InColumnGroup => self.start_in_column_group(tag),
                Mode::InTableBody => self.start_in_table_body(tag),
                Mode::InRow => self.start_in_row(tag),
                Mode::InCell => self.start_in_cell(tag),
                Mode::InTemplate => self.start_in_template(tag),
                Mode::AfterBody | Mode::AfterAfterBody => self.start_after_body(tag),
                Mode::InFrameset => self.start_in_frameset(tag),
                Mode::AfterFrameset | Mode::AfterAfterFrameset => self.start_after_frameset(tag),
            };
            if let Done(placement) = step {
                return placement;
            }
        }
    }

    pub(super) fn insert(&mut self, name: Name) -> Placement {
        let inert = self.is_inert();
        self.push_html(name);
        Placement::html(inert)
    }

    /// Inserts a void element, which is popped at once.
    pub(super) fn insert_void(&self) -> Placement {
        Placement::html(self.is_inert())
    }

    pub(super) fn merge_into_html(&self) -> Placement {
        if self.has_template() { Placement::Dropped } else { Placement::MergedIntoHtml }
    }

    pub(super) fn start_before_html(&mut self, tag: &impl StartTag) -> Step {
        self.mode = Mode::BeforeHead;
        if tag.name() == n::html {
            return Done(self.insert(n::html));
        }
        self.push_html(n::html);
        Reprocess
    }

    pub(super) fn start_before_head(&mut self, tag: &impl StartTag) -> Step {
        match tag.name() {
            n::html => Done(self.merge_into_html()),
            n::head => {
                self.mode = Mode::InHead;
                Done(self.insert(n::head))
            }
            _ => {
                self.push_html(n::head);
                self.mode = Mode::InHead;
                Reprocess
            }
        }
    }

    pub(super) fn start_in_head(&mut self, tag: &impl StartTag) -> Step {
        match tag.name() {
            n::html => Done(self.merge_into_html()),
            n::noscript => {
                if !self.has_scripting() {
                    self.mode = Mode::InHeadNoscript;
                }
                Done(self.insert(n::noscript))
            }
            n::head => DROPPED,
            name if is_head_content(name) => Done(self.insert_head_content(tag)),
            _ => {
                self.pop();
                self.mode = Mode::AfterHead;
                Reprocess
            }
        }
    }

    pub(super) fn start_in_head_noscript(&mut self, tag: &impl StartTag) -> Step {
        match tag.name() {
            n::html => Done(self.merge_into_html()),
            n::basefont | n::bgsound | n::link | n::meta | n::noframes | n::style => {
                Done(self.insert_head_content(tag))
            }
            n::head | n::noscript => DROPPED,
            _ => {
                self.pop();
                self.mode = Mode::InHead;
                Reprocess
            }
        }
    }

    pub(super) fn insert_head_content(&mut self, tag: &impl StartTag) -> Placement {
        match tag.name() {
            n::base | n::basefont | n::bgsound | n::link | n::meta => self.insert_void(),
            n::template => self.insert_template(tag),
            name => self.insert(name),
        }
    }

    /// [A start tag whose tag name is "template"](https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inhead).
    pub(super) fn insert_template(&mut self, tag: &impl StartTag) -> Placement {
        let outer_inert = self.is_inert();
        // Chromium 150 and later move the content of a template with `for` into the document.
        let live = self.attaches_shadow_root(tag) || tag.attribute("for").is_some();
        self.frameset_ok = false;
        self.mode = Mode::InTemplate;
        self.template_modes.push(Mode::InTemplate);
        self.push(n::template, Namespace::Html, Integration::None, outer_inert || !live);
        self.formatting.push_marker();
        Placement::Element { namespace: Namespace::Html, inert: outer_inert }
    }

    /// Whether the template is a declarative shadow root that its parent takes.
    pub(super) fn attaches_shadow_root(&mut self, tag: &impl StartTag) -> bool {
        let valid_mode = tag
            .attribute("shadowrootmode")
            .is_some_and(|mode| mode.eq_ignore_ascii_case("open") || mode.eq_ignore_ascii_case("closed"));
        let topmost = self.stack.len() <= 1;
        let Some(host) = self.stack.last_mut() else {
            return false;
        };
        let attaches = valid_mode
            && !topmost
            && host.namespace == Namespace::Html
            && !host.has_shadow_root
            && is_shadow_host(host.name);
        host.has_shadow_root |= attaches;
        attaches
    }

    pub(super) fn start_after_head(&mut self, tag: &impl StartTag) -> Step {
        match tag.name() {
            n::html => Done(self.merge_into_html()),
            n::body => {
                self.frameset_ok = false;
                self.mode = Mode::InBody;
                Done(self.insert(n::body))
            }
            n::frameset => {
                self.mode = Mode::InFrameset;
                Done(self.insert(n::frameset))
            }
            n::head => DROPPED,
            name if is_head_content(name) => Done(self.insert_head_content(tag)),
            _ => {
                self.open_body();
                Reprocess
            }
        }
    }

    pub(super) fn start_in_template(&mut self, tag: &impl StartTag) -> Step {
        let name = tag.name();
        if is_head_content(name) {
            return Done(self.insert_head_content(tag));
        }
        let mode = match name {
            n::caption | n::colgroup | n::tbody | n::tfoot | n::thead => Mode::InTable,
            n::col => Mode::InColumnGroup,
            n::tr => Mode::InTableBody,
            n::td | n::th => Mode::InRow,
            _ => Mode::InBody,
        };
        if let Some(top) = self.template_modes.last_mut() {
            *top = mode;
        }
        self.mode = mode;
        Reprocess
    }

    pub(super) fn start_after_body(&mut self, tag: &impl StartTag) -> Step {
        if tag.name() == n::html {
            return Done(self.merge_into_html());
        }
        self.mode = Mode::InBody;
        Reprocess
    }

    pub(super) fn start_in_frameset(&mut self, tag: &impl StartTag) -> Step {
        Done(match tag.name() {
            n::html => self.merge_into_html(),
            name @ (n::frameset | n::noframes) => self.insert(name),
            n::frame => self.insert_void(),
            _ => Placement::Dropped,
        })
    }

    pub(super) fn start_after_frameset(&mut self, tag: &impl StartTag) -> Step {
        Done(match tag.name() {
            n::html => self.merge_into_html(),
            n::noframes => self.insert(n::noframes),
            _ => Placement::Dropped,
        })
    }
}

pub(super) fn is_hidden(tag: &impl StartTag) -> bool {
    tag.attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"))
}
