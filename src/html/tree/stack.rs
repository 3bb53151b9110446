//! The stack of open elements.

use super::super::name::Name;
use super::super::names as n;
use super::scope::Scopes;
use super::{Namespace, Tree};

/// An open element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// Tells it from every other node there was.
    pub(super) serial: u64,
    pub(super) name: Name,
    pub(super) namespace: Namespace,
    /// Markup inside it follows the HTML rules: an HTML or a MathML text integration point.
    pub(super) integration_point: Integration,
    /// Its children are inert template content.
    pub(super) inert: bool,
    /// It may be in the list of active formatting elements.
    pub(super) formatting: bool,
    /// It already hosts a declarative shadow root.
    pub(super) has_shadow_root: bool,
    /// What is in scope where this is the current node.
    pub(super) scopes: Scopes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Integration {
    None,
    Html,
    MathMlText,
}

impl Tree {
    pub(super) fn push(&mut self, name: Name, namespace: Namespace, integration_point: Integration, inert: bool) {
        let below = self.stack.last().map(|node| node.scopes).unwrap_or_default();
        let scopes = below.with(name, namespace, integration_point != Integration::None);
        self.stack.push(Node {
            serial: self.next_serial,
            name,
            namespace,
            integration_point,
            inert,
            formatting: false,
            has_shadow_root: false,
            scopes,
        });
        self.next_serial += 1;
    }

    pub(super) fn push_html(&mut self, name: Name) {
        let inert = self.is_inert();
        self.push(name, Namespace::Html, Integration::None, inert);
    }

    pub(super) fn pop(&mut self) -> Option<Node> {
        let node = self.stack.pop()?;
        if node.formatting {
            self.formatting.close(node.serial);
        }
        Some(node)
    }

    /// Pops until that many nodes are left.
    pub(super) fn truncate(&mut self, len: usize) {
        while self.stack.len() > len {
            self.pop();
        }
    }

    /// Removes one node from the middle of the stack.
    pub(super) fn remove(&mut self, index: usize) {
        self.work.spend(self.stack.len() - index);
        self.stack.remove(index);
        self.correct_scopes(index, index);
    }

    /// Corrects what is in scope from `index` on, where the nodes up to `last` are not what they were.
    pub(super) fn correct_scopes(&mut self, index: usize, last: usize) {
        let mut below = index.checked_sub(1).map(|i| self.stack[i].scopes).unwrap_or_default();
        for at in index..self.stack.len() {
            self.work.spend(1);
            let node = &mut self.stack[at];
            let integration_point = node.integration_point != Integration::None;
            below = below.with(node.name, node.namespace, integration_point);
            if at > last && node.scopes == below {
                return;
            }
            node.scopes = below;
        }
    }

    /// Whether an element made now would be inert template content.
    pub(super) fn is_inert(&self) -> bool {
        self.stack.last().is_some_and(|node| node.inert)
    }

    pub(super) fn scopes(&self) -> Scopes {
        self.stack.last().map(|node| node.scopes).unwrap_or_default()
    }

    pub(super) fn current_is(&self, name: Name) -> bool {
        self.stack.last().is_some_and(|node| node.is(name))
    }

    pub(super) fn has_template(&self) -> bool {
        !self.template_modes.is_empty()
    }

    /// Pops up to and including the nearest HTML element of that name.
    pub(super) fn pop_until(&mut self, name: Name) {
        while let Some(node) = self.pop() {
            if node.is(name) {
                return;
            }
        }
    }

    /// Pops until the current node is one of `names`, `template` or `html`
    /// ("clear the stack back to a table context" and its kin).
    pub(super) fn clear_back_to(&mut self, names: &[Name]) {
        while let Some(node) = self.stack.last() {
            let stop = names.iter().any(|&name| node.is(name));
            if stop || node.is(n::template) || node.is(n::html) {
                return;
            }
            self.pop();
        }
    }

    /// [Generate implied end tags](https://html.spec.whatwg.org/multipage/parsing.html#generate-implied-end-tags) except for `except`.
    pub(super) fn generate_implied_end_tags(&mut self, except: Option<Name>) {
        while let Some(node) = self.stack.last() {
            let implied = matches!(
                node.name,
                n::dd | n::dt | n::li | n::optgroup | n::option | n::p | n::rb | n::rp | n::rt | n::rtc
            );
            if node.namespace != Namespace::Html || !implied || Some(node.name) == except {
                return;
            }
            self.pop();
        }
    }

    pub(super) fn close_p(&mut self) {
        self.generate_implied_end_tags(Some(n::p));
        self.pop_until(n::p);
    }

    pub(super) fn close_p_in_button_scope(&mut self) {
        if self.scopes().has_p_in_button_scope() {
            self.close_p();
        }
    }
}

impl Node {
    /// Whether it is the HTML element of that name.
    pub(super) fn is(&self, name: Name) -> bool {
        self.namespace == Namespace::Html && self.name == name
    }

    /// The [special](https://html.spec.whatwg.org/multipage/parsing.html#special) category.
    pub(super) fn is_special(&self) -> bool {
        if self.namespace != Namespace::Html {
            return self.integration_point != Integration::None
                || (self.namespace == Namespace::MathMl && self.name == n::annotation_xml);
        }
        matches!(
            self.name,
            n::address
                | n::applet
                | n::area
                | n::article
                | n::aside
                | n::base
                | n::basefont
                | n::bgsound
                | n::blockquote
                | n::body
                | n::br
                | n::button
                | n::caption
                | n::center
                | n::col
                | n::colgroup
                | n::dd
                | n::details
                | n::dir
                | n::div
                | n::dl
                | n::dt
                | n::embed
                | n::fieldset
                | n::figcaption
                | n::figure
                | n::footer
                | n::form
                | n::frame
                | n::frameset
                | n::h1
                | n::h2
                | n::h3
                | n::h4
                | n::h5
                | n::h6
                | n::head
                | n::header
                | n::hgroup
                | n::hr
                | n::html
                | n::iframe
                | n::img
                | n::input
                | n::keygen
                | n::li
                | n::link
                | n::listing
                | n::main
                | n::marquee
                | n::menu
                | n::meta
                | n::nav
                | n::noembed
                | n::noframes
                | n::noscript
                | n::object
                | n::ol
                | n::p
                | n::param
                | n::plaintext
                | n::pre
                | n::script
                | n::search
                | n::section
                | n::select
                | n::source
                | n::style
                | n::summary
                | n::table
                | n::tbody
                | n::td
                | n::template
                | n::textarea
                | n::tfoot
                | n::th
                | n::thead
                | n::title
                | n::tr
                | n::track
                | n::ul
                | n::wbr
                | n::xmp
        )
    }
}
