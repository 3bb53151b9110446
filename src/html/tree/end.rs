//! What each insertion mode does with an end tag.

use super::super::name::Name;
use super::super::names as n;
use super::formatting::is_formatting;
use super::{Mode, Namespace, Tree};

/// Whether the end tag is dealt with, or is to be looked at again in the new mode.
enum Step {
    Done,
    Reprocess,
}

use Step::{Done, Reprocess};

impl Tree {
    /// [End tags in foreign content](https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inforeign).
    pub(super) fn foreign_end_tag(&mut self, name: Name) {
        if matches!(name, n::br | n::p) {
            self.leave_foreign_content();
            return self.html_end_tag(name);
        }
        for index in (1..self.stack.len()).rev() {
            let node = &self.stack[index];
            if node.namespace == Namespace::Html {
                return self.html_end_tag(name);
            }
            if node.name == name {
                self.truncate(index);
                return;
            }
        }
    }

    /// Takes an end tag by the rules of the current insertion mode.
    pub(super) fn html_end_tag(&mut self, name: Name) {
        while let Reprocess = self.end_step(name) {}
    }

    fn end_step(&mut self, name: Name) -> Step {
        match self.mode {
            Mode::Initial => {
                self.leave_initial(true);
                Reprocess
            }
            Mode::BeforeHtml | Mode::BeforeHead | Mode::InHead | Mode::AfterHead => {
                self.end_before_body(name)
            }
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
                self.mode = if name == n::html {
                    Mode::AfterAfterBody
                } else {
                    Mode::InBody
                };
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

    fn end_before_body(&mut self, name: Name) -> Step {
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

    fn end_in_head_noscript(&mut self, name: Name) -> Step {
        if !matches!(name, n::noscript | n::br) {
            return Done;
        }
        self.pop();
        self.mode = Mode::InHead;
        if name == n::br { Reprocess } else { Done }
    }

    fn end_template_only(&mut self, name: Name) -> Step {
        if name == n::template && self.has_template() {
            self.pop_until(n::template);
            self.formatting.clear_to_marker();
            self.template_modes.pop();
            self.reset_insertion_mode();
        }
        Done
    }

    fn end_in_body(&mut self, name: Name) -> Step {
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

    fn end_form(&mut self) {
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
            if let Some(index) = self.stack.iter().rposition(|node| node.is(n::form)) {
                self.remove(index);
            }
        }
    }

    fn end_heading(&mut self) {
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

    fn end_in_table(&mut self, name: Name) -> Step {
        match name {
            n::table => {
                if self.scopes().has_in_table_scope(n::table) {
                    self.pop_until(n::table);
                    self.reset_insertion_mode();
                }
                Done
            }
            n::body
            | n::caption
            | n::col
            | n::colgroup
            | n::html
            | n::tbody
            | n::td
            | n::tfoot
            | n::th
            | n::thead
            | n::tr => Done,
            _ => self.end_in_body(name),
        }
    }

    fn end_in_caption(&mut self, name: Name) -> Step {
        match name {
            n::caption => {
                self.close_caption();
                Done
            }
            n::table => {
                if self.close_caption() {
                    Reprocess
                } else {
                    Done
                }
            }
            n::body
            | n::col
            | n::colgroup
            | n::html
            | n::tbody
            | n::td
            | n::tfoot
            | n::th
            | n::thead
            | n::tr => Done,
            _ => self.end_in_body(name),
        }
    }

    fn end_in_column_group(&mut self, name: Name) -> Step {
        match name {
            n::template => self.end_template_only(name),
            n::col => Done,
            _ if !self.current_is(n::colgroup) => Done,
            _ => {
                self.pop();
                self.mode = Mode::InTable;
                if name == n::colgroup { Done } else { Reprocess }
            }
        }
    }

    fn end_in_table_body(&mut self, name: Name) -> Step {
        match name {
            n::tbody | n::tfoot | n::thead => {
                if self.scopes().has_in_table_scope(name) {
                    self.close_table_section();
                }
                Done
            }
            n::table => {
                if self.close_table_section() {
                    Reprocess
                } else {
                    Done
                }
            }
            n::body | n::caption | n::col | n::colgroup | n::html | n::td | n::th | n::tr => Done,
            _ => self.end_in_table(name),
        }
    }

    fn end_in_row(&mut self, name: Name) -> Step {
        match name {
            n::tr => {
                self.close_row();
                Done
            }
            n::table => {
                if self.close_row() {
                    Reprocess
                } else {
                    Done
                }
            }
            n::tbody | n::tfoot | n::thead => {
                let closes = self.scopes().has_in_table_scope(name) && self.close_row();
                if closes { Reprocess } else { Done }
            }
            n::body | n::caption | n::col | n::colgroup | n::html | n::td | n::th => Done,
            _ => self.end_in_table(name),
        }
    }

    fn end_in_cell(&mut self, name: Name) -> Step {
        match name {
            n::td | n::th => {
                if self.scopes().has_in_table_scope(name) {
                    self.generate_implied_end_tags(None);
                    self.pop_until(name);
                    self.formatting.clear_to_marker();
                    self.mode = Mode::InRow;
                }
                Done
            }
            n::body | n::caption | n::col | n::colgroup | n::html => Done,
            n::table | n::tbody | n::tfoot | n::thead | n::tr => {
                let closes = self.scopes().has_in_table_scope(name) && self.close_cell();
                if closes { Reprocess } else { Done }
            }
            _ => self.end_in_body(name),
        }
    }

    fn end_in_frameset(&mut self, name: Name) -> Step {
        if name == n::frameset && self.stack.len() > 1 {
            self.pop();
            if !self.current_is(n::frameset) {
                self.mode = Mode::AfterFrameset;
            }
        }
        Done
    }

    /// Ends the open caption; `false` when there is none in table scope.
    pub(super) fn close_caption(&mut self) -> bool {
        if !self.scopes().has_in_table_scope(n::caption) {
            return false;
        }
        self.generate_implied_end_tags(None);
        self.pop_until(n::caption);
        self.formatting.clear_to_marker();
        self.mode = Mode::InTable;
        true
    }

    /// Ends the open `tbody`, `thead` or `tfoot`; `false` when there is none in table scope.
    pub(super) fn close_table_section(&mut self) -> bool {
        if !self.scopes().has_table_section() {
            return false;
        }
        self.clear_back_to(&[n::tbody, n::tfoot, n::thead]);
        self.pop();
        self.mode = Mode::InTable;
        true
    }

    /// Ends the open row; `false` when there is none in table scope.
    pub(super) fn close_row(&mut self) -> bool {
        if !self.scopes().has_in_table_scope(n::tr) {
            return false;
        }
        self.clear_back_to(&[n::tr]);
        self.pop();
        self.mode = Mode::InTableBody;
        true
    }

    /// [Close the cell](https://html.spec.whatwg.org/multipage/parsing.html#close-the-cell); `false` when there is none in table scope.
    pub(super) fn close_cell(&mut self) -> bool {
        let scopes = self.scopes();
        if !scopes.has_in_table_scope(n::td) && !scopes.has_in_table_scope(n::th) {
            return false;
        }
        self.generate_implied_end_tags(None);
        while let Some(node) = self.pop() {
            if node.is(n::td) || node.is(n::th) {
                break;
            }
        }
        self.formatting.clear_to_marker();
        self.mode = Mode::InRow;
        true
    }
}

/// Elements whose end tag needs them in scope and closes what is open inside.
fn is_block(name: Name) -> bool {
    matches!(
        name,
        n::address
            | n::article
            | n::aside
            | n::blockquote
            | n::button
            | n::center
            | n::details
            | n::dialog
            | n::dir
            | n::div
            | n::dl
            | n::fieldset
            | n::figcaption
            | n::figure
            | n::footer
            | n::header
            | n::hgroup
            | n::listing
            | n::main
            | n::menu
            | n::nav
            | n::ol
            | n::pre
            | n::search
            | n::section
            | n::select
            | n::summary
            | n::ul
    )
}
