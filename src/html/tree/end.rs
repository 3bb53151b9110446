//! What each insertion mode does with an end tag.

use super::super::name::Name;
use super::super::names as n;
use super::category::is_block;
use super::formatting::is_formatting;
use super::stack::Node;
use super::{Mode, Namespace, Tree};

/// Whether the end tag is dealt with, or is to be looked at again in the new mode.
pub(super) enum Step {
    Done,
    Reprocess,
}

use Step::{Done, Reprocess};

impl Tree {
    /// Takes an end tag by the rules of the current insertion mode.
    pub(super) fn html_end_tag(&mut self, name: Name) {
        while let Reprocess = self.end_step(name) {}
    }

    pub(super) fn end_step(&mut self, name: Name) -> Step {
        match self.mode {
            Mode::Initial => {
                self.leave_initial(true);
                Reprocess
            }
            Mode::BeforeHtml | Mode::BeforeHead | Mode::InHead | Mode::AfterHead => self.end_before_body(name),
            Mode::InHeadNoscript => self.end_in_head_noscript(name),
            Mode::InBody => self.end_in_body(name),
            Mode::InTable => self.end_in_table(name),
            Mode::InCaption => self.end_in_caption(name),
            Mode::InColumnGroup => self.end_in_column_group(name),
            Mode::InTableBody => self.end_in_table_body(name),
            Mode::InRow => self.end_in_row(name),
            Mode::InCell => self.end_in_cell(name),
            Mode::InTemplate => self.end_template_only(name),
            Mode::AfterBody => {
                self.mode = if name == n::html { Mode::AfterAfterBody } else { Mode::InBody };
                if name == n::html { Done } else { Reprocess }
            }
            Mode::AfterAfterBody => {
                self.mode = Mode::InBody;
                Reprocess
            }
            Mode::InFrameset => self.end_in_frameset(name),
            Mode::AfterFrameset => {
                if name == n::html {
                    self.mode = Mode::AfterAfterFrameset;
                }
                Done
            }
            Mode::AfterAfterFrameset => Done,
        }
    }

    pub(super) fn end_before_body(&mut self, name: Name) -> Step {
        match (self.mode, name) {
            (Mode::InHead, n::head) => {
                self.pop();
                self.mode = Mode::AfterHead;
                Done
            }
            (Mode::InHead | Mode::AfterHead, n::template) => self.end_template_only(name),
            (Mode::BeforeHtml | Mode::BeforeHead, n::head) => {
                if self.mode == Mode::BeforeHtml {
                    self.push_html(n::html);
                }
                self.mode = Mode::AfterHead;
                Done
            }
            (_, n::body | n::html | n::br) => {
                self.open_body();
                Reprocess
            }
            _ => Done,
        }
    }

    pub(super) fn end_in_head_noscript(&mut self, name: Name) -> Step {
        if !matches!(name, n::noscript | n::br) {
            return Done;
        }
        self.pop();
        self.mode = Mode::InHead;
        if name == n::br { Reprocess } else { Done }
    }

    pub(super) fn end_template_only(&mut self, name: Name) -> Step {
        if name == n::template && self.has_template() {
            self.pop_until(n::template);
            self.formatting.clear_to_marker();
            self.template_modes.pop();
            self.reset_insertion_mode();
        }
        Done
    }

    pub(super) fn end_in_body(&mut self, name: Name) -> Step {
        match name {
            n::template => return self.end_template_only(name),
            n::body | n::html => {
                if !self.scopes().has(n::body) {
                    return Done;
                }
                self.mode = Mode::AfterBody;
                return if name == n::html { Reprocess } else { Done };
            }
            n::form => self.end_form(),
            n::p => {
                if self.scopes().has_p_in_button_scope() {
                    self.close_p();
                }
            }
            n::li | n::dd | n::dt => {
                if self.scopes().has(name) {
                    self.generate_implied_end_tags(Some(name));
                    self.pop_until(name);
                }
            }
            n::h1 | n::h2 | n::h3 | n::h4 | n::h5 | n::h6 => self.end_heading(),
            n::br => {
                self.reconstruct();
                self.frameset_ok = false;
            }
            n::applet | n::marquee | n::object => {
                if self.scopes().has(name) {
                    self.generate_implied_end_tags(None);
                    self.pop_until(name);
                    self.formatting.clear_to_marker();
                }
            }
            name if is_block(name) => {
                if self.scopes().has(name) {
                    self.generate_implied_end_tags(None);
                    self.pop_until(name);
                }
            }
            name if is_formatting(name) => self.end_formatting(name),
            name => self.end_any_other(name),
        }
        Done
    }

    pub(super) fn end_form(&mut self) {
        if self.has_template() {
            if self.scopes().has(n::form) {
                self.generate_implied_end_tags(None);
                self.pop_until(n::form);
            }
            return;
        }
        let had_form = std::mem::take(&mut self.has_form);
        if had_form && self.scopes().has(n::form) {
            self.generate_implied_end_tags(None);
            let is_form = |node: &Node| {
                self.work.spend(1);
                node.is(n::form)
            };
            if let Some(index) = self.stack.iter().rposition(is_form) {
                self.remove(index);
            }
        }
    }

    pub(super) fn end_heading(&mut self) {
        if !self.scopes().has_heading() {
            return;
        }
        self.generate_implied_end_tags(None);
        while let Some(node) = self.pop() {
            let heading = matches!(node.name, n::h1 | n::h2 | n::h3 | n::h4 | n::h5 | n::h6);
            if node.namespace == Namespace::Html && heading {
                return;
            }
        }
    }

    /// [Any other end tag](https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inbody:any-other-end-tag).
    pub(super) fn end_any_other(&mut self, name: Name) {
        for index in (0..self.stack.len()).rev() {
            self.work.spend(1);
            let node = &self.stack[index];
            if node.is(name) {
                self.truncate(index);
                return;
            }
            if node.is_special() {
                return;
            }
        }
    }

    pub(super) fn end_in_frameset(&mut self, name: Name) -> Step {
        if name == n::frameset && self.stack.len() > 1 {
            self.pop();
            if !self.current_is(n::frameset) {
                self.mode = Mode::AfterFrameset;
            }
        }
        Done
    }
}
