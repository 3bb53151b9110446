//! End tags in the insertion modes of tables, and how a cell, a row and a section are closed.

use super::super::name::Name;
use super::super::names as n;
use super::end::Step::{self, Done, Reprocess};
use super::{Mode, Tree};

impl Tree {
    pub(super) fn end_in_table(&mut self, name: Name) -> Step {
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

    pub(super) fn end_in_caption(&mut self, name: Name) -> Step {
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
            n::body | n::col | n::colgroup | n::html | n::tbody | n::td | n::tfoot | n::th | n::thead | n::tr => Done,
            _ => self.end_in_body(name),
        }
    }

    pub(super) fn end_in_column_group(&mut self, name: Name) -> Step {
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

    pub(super) fn end_in_table_body(&mut self, name: Name) -> Step {
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

    pub(super) fn end_in_row(&mut self, name: Name) -> Step {
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

    pub(super) fn end_in_cell(&mut self, name: Name) -> Step {
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
