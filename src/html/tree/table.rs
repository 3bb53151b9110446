//! Start tags in the insertion modes of tables.

use super::super::name::Name;
use super::super::names as n;
use super::category::is_table_part;
use super::start::Step::{self, Done, Reprocess};
use super::start::{DROPPED, is_hidden};
use super::{Mode, StartTag, Tree};

impl Tree {
    pub(super) fn start_in_table(&mut self, tag: &impl StartTag) -> Step {
        let name = tag.name();
        match name {
            n::caption | n::colgroup | n::tbody | n::tfoot | n::thead => {
                self.clear_back_to(&[n::table]);
                self.mode = match name {
                    n::caption => Mode::InCaption,
                    n::colgroup => Mode::InColumnGroup,
                    _ => Mode::InTableBody,
                };
                let placement = self.insert(name);
                if name == n::caption {
                    self.formatting.push_marker();
                }
                Done(placement)
            }
            n::col => {
                self.clear_back_to(&[n::table]);
                self.push_html(n::colgroup);
                self.mode = Mode::InColumnGroup;
                Reprocess
            }
            n::td | n::th | n::tr => {
                self.clear_back_to(&[n::table]);
                self.push_html(n::tbody);
                self.mode = Mode::InTableBody;
                Reprocess
            }
            n::table => {
                if !self.scopes().has_in_table_scope(n::table) {
                    return DROPPED;
                }
                self.pop_until(n::table);
                self.reset_insertion_mode();
                Reprocess
            }
            n::input if is_hidden(tag) => Done(self.insert_void()),
            n::form => {
                if self.has_form || self.has_template() {
                    return DROPPED;
                }
                self.has_form = true;
                Done(self.insert_void())
            }
            _ => Done(self.start_in_body(tag)),
        }
    }

    pub(super) fn start_in_caption(&mut self, tag: &impl StartTag) -> Step {
        if !is_table_part(tag.name()) {
            return Done(self.start_in_body(tag));
        }
        if !self.close_caption() {
            return DROPPED;
        }
        Reprocess
    }

    pub(super) fn start_in_column_group(&mut self, tag: &impl StartTag) -> Step {
        match tag.name() {
            n::html => Done(self.merge_into_html()),
            n::col => Done(self.insert_void()),
            n::template => Done(self.insert_template(tag)),
            _ if !self.current_is(n::colgroup) => DROPPED,
            _ => {
                self.pop();
                self.mode = Mode::InTable;
                Reprocess
            }
        }
    }

    pub(super) fn start_in_table_body(&mut self, tag: &impl StartTag) -> Step {
        const CONTEXT: [Name; 3] = [n::tbody, n::tfoot, n::thead];
        match tag.name() {
            n::tr => {
                self.clear_back_to(&CONTEXT);
                self.mode = Mode::InRow;
                Done(self.insert(n::tr))
            }
            n::td | n::th => {
                self.clear_back_to(&CONTEXT);
                self.push_html(n::tr);
                self.mode = Mode::InRow;
                Reprocess
            }
            n::caption | n::col | n::colgroup | n::tbody | n::tfoot | n::thead => {
                if !self.close_table_section() {
                    return DROPPED;
                }
                Reprocess
            }
            _ => self.start_in_table(tag),
        }
    }

    pub(super) fn start_in_row(&mut self, tag: &impl StartTag) -> Step {
        match tag.name() {
            name @ (n::td | n::th) => {
                self.clear_back_to(&[n::tr]);
                self.mode = Mode::InCell;
                let placement = self.insert(name);
                self.formatting.push_marker();
                Done(placement)
            }
            name if is_table_part(name) => {
                if !self.close_row() {
                    return DROPPED;
                }
                Reprocess
            }
            _ => self.start_in_table(tag),
        }
    }

    pub(super) fn start_in_cell(&mut self, tag: &impl StartTag) -> Step {
        if !is_table_part(tag.name()) {
            return Done(self.start_in_body(tag));
        }
        if !self.close_cell() {
            return DROPPED;
        }
        Reprocess
    }
}
