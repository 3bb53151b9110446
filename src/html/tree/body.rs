//! Start tags in body.

use super::super::name::Name;
use super::super::names as n;
use super::category::{closes_paragraph, is_head_content, is_heading, is_void, unsets_frameset_ok};
use super::formatting::is_formatting;
use super::start::is_hidden;
use super::{Mode, Namespace, Placement, StartTag, Tree};

impl Tree {
    pub(super) fn start_in_body(&mut self, tag: &impl StartTag) -> Placement {
        let name = tag.name();
        match name {
            n::html => self.merge_into_html(),
            n::body => self.second_body(),
            n::frameset => self.frameset_in_body(),
            n::caption
            | n::col
            | n::colgroup
            | n::frame
            | n::head
            | n::tbody
            | n::td
            | n::tfoot
            | n::th
            | n::thead
            | n::tr => Placement::Dropped,
            n::form => self.start_form(),
            n::li | n::dd | n::dt => self.start_list_item(name),
            n::button => self.start_button(),
            name if is_formatting(name) => {
                let inert = self.is_inert();
                self.start_formatting(tag);
                Placement::html(inert)
            }
            n::table => {
                if !self.quirks {
                    self.close_p_in_button_scope();
                }
                self.frameset_ok = false;
                self.mode = Mode::InTable;
                self.insert(name)
            }
            n::select | n::option | n::optgroup | n::input | n::hr => self.start_select_part(tag),
            n::rb | n::rtc | n::rp | n::rt => {
                if self.scopes().has(n::ruby) {
                    let keep = matches!(name, n::rp | n::rt).then_some(n::rtc);
                    self.generate_implied_end_tags(keep);
                }
                self.insert(name)
            }
            n::math => {
                self.reconstruct();
                self.insert_foreign(tag, Namespace::MathMl)
            }
            n::svg => {
                self.reconstruct();
                self.insert_foreign(tag, Namespace::Svg)
            }
            name if is_head_content(name) => self.insert_head_content(tag),
            name => self.start_ordinary(name),
        }
    }

    /// Elements that need no more than a closed paragraph, a flag or an immediate end.
    pub(super) fn start_ordinary(&mut self, name: Name) -> Placement {
        if closes_paragraph(name) {
            self.close_p_in_button_scope();
            if is_heading(name) && self.stack.last().is_some_and(|node| is_heading(node.name)) {
                self.pop();
            }
        }
        if self.reconstructs(name) {
            self.reconstruct();
        }
        if unsets_frameset_ok(name) {
            self.frameset_ok = false;
        }
        if is_void(name) {
            return self.insert_void();
        }
        let placement = self.insert(name);
        if matches!(name, n::applet | n::marquee | n::object) {
            self.formatting.push_marker();
        }
        placement
    }

    /// Whether an ordinary element is one that the active formatting elements are reconstructed for.
    pub(super) fn reconstructs(&self, name: Name) -> bool {
        let raw_text =
            matches!(name, n::textarea | n::iframe | n::noembed) || (name == n::noscript && self.has_scripting());
        let plain = matches!(name, n::param | n::source | n::track);
        name == n::xmp || !(closes_paragraph(name) || raw_text || plain)
    }

    pub(super) fn second_body(&mut self) -> Placement {
        if !self.has_body() || self.has_template() {
            return Placement::Dropped;
        }
        self.frameset_ok = false;
        Placement::MergedIntoBody
    }

    pub(super) fn frameset_in_body(&mut self) -> Placement {
        if !self.has_body() || !self.frameset_ok {
            return Placement::Dropped;
        }
        self.truncate(1);
        self.mode = Mode::InFrameset;
        self.insert(n::frameset)
    }

    pub(super) fn has_body(&self) -> bool {
        self.stack.get(1).is_some_and(|node| node.is(n::body))
    }

    pub(super) fn start_form(&mut self) -> Placement {
        if self.has_form && !self.has_template() {
            return Placement::Dropped;
        }
        self.close_p_in_button_scope();
        self.has_form = self.has_form || !self.has_template();
        self.insert(n::form)
    }

    pub(super) fn start_list_item(&mut self, name: Name) -> Placement {
        self.frameset_ok = false;
        let closes = |open: Name| {
            if name == n::li { open == n::li } else { matches!(open, n::dd | n::dt) }
        };
        let blocking = self.stack.iter().rev().find(|node| {
            self.work.spend(1);
            (node.namespace == Namespace::Html && closes(node.name))
                || (node.is_special()
                    && !(node.namespace == Namespace::Html && matches!(node.name, n::address | n::div | n::p)))
        });
        if let Some(open) = blocking.map(|node| node.name).filter(|&open| closes(open)) {
            self.generate_implied_end_tags(Some(open));
            self.pop_until(open);
        }
        self.close_p_in_button_scope();
        self.insert(name)
    }

    pub(super) fn start_button(&mut self) -> Placement {
        if self.scopes().has(n::button) {
            self.generate_implied_end_tags(None);
            self.pop_until(n::button);
        }
        self.reconstruct();
        self.frameset_ok = false;
        self.insert(n::button)
    }

    /// `select` and what may stand in it, by the rules that replaced the "in select" modes.
    pub(super) fn start_select_part(&mut self, tag: &impl StartTag) -> Placement {
        let in_select = self.scopes().has(n::select);
        match tag.name() {
            n::select if in_select => {
                self.pop_until(n::select);
                Placement::Dropped
            }
            n::select => {
                self.reconstruct();
                self.frameset_ok = false;
                self.insert(n::select)
            }
            n::input => {
                if in_select {
                    self.pop_until(n::select);
                }
                self.reconstruct();
                if !is_hidden(tag) {
                    self.frameset_ok = false;
                }
                self.insert_void()
            }
            n::hr => {
                self.close_p_in_button_scope();
                if in_select {
                    self.generate_implied_end_tags(None);
                }
                self.frameset_ok = false;
                self.insert_void()
            }
            name => {
                if in_select {
                    self.generate_implied_end_tags((name == n::option).then_some(n::optgroup));
                } else if self.current_is(n::option) {
                    self.pop();
                }
                self.reconstruct();
                self.insert(name)
            }
        }
    }
}
