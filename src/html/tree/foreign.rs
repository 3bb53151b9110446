//! SVG and MathML: what is in them, what leaves them, and where HTML comes back.

use super::super::name::Name;
use super::super::names as n;
use super::stack::Integration;
use super::{Namespace, Placement, StartTag, Tree};

impl Tree {
    /// The [tree construction dispatcher](https://html.spec.whatwg.org/multipage/parsing.html#tree-construction-dispatcher) for start tags.
    pub(super) fn is_foreign_start(&self, name: Name) -> bool {
        let Some(node) = self.stack.last() else {
            return false;
        };
        if node.namespace == Namespace::Html {
            return false;
        }
        match node.integration_point {
            Integration::Html => false,
            Integration::MathMlText => matches!(name, n::mglyph | n::malignmark),
            Integration::None => {
                !(node.namespace == Namespace::MathMl && node.name == n::annotation_xml && name == n::svg)
            }
        }
    }

    /// [Any other start tag in foreign content](https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inforeign), and those that leave it.
    pub(super) fn foreign_start_tag(&mut self, tag: &impl StartTag) -> Placement {
        if self.has_left_foreign {
            self.leave_foreign_content();
            return self.html_start_tag(tag);
        }
        let namespace = self.stack.last().map_or(Namespace::Html, |node| node.namespace);
        self.insert_foreign(tag, namespace)
    }

    pub(super) fn insert_foreign(&mut self, tag: &impl StartTag, namespace: Namespace) -> Placement {
        let inert = self.is_inert();
        if !tag.self_closing() {
            let integration_point = integration_point(tag, namespace);
            self.push(tag.name(), namespace, integration_point, inert);
        }
        Placement::Element { namespace, inert }
    }

    /// Pops until the current node is an integration point or an HTML element.
    pub(super) fn leave_foreign_content(&mut self) {
        while self
            .stack
            .last()
            .is_some_and(|node| node.namespace != Namespace::Html && node.integration_point == Integration::None)
        {
            self.pop();
        }
    }

    /// [End tags in foreign content](https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inforeign).
    pub(super) fn foreign_end_tag(&mut self, name: Name) {
        if matches!(name, n::br | n::p) {
            self.leave_foreign_content();
            return self.html_end_tag(name);
        }
        for index in (1..self.stack.len()).rev() {
            self.work.spend(1);
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
}

/// Tags that end foreign content, whatever stands around them.
pub(super) fn leaves_foreign_content(tag: &impl StartTag) -> bool {
    match tag.name() {
        n::b
        | n::big
        | n::blockquote
        | n::body
        | n::br
        | n::center
        | n::code
        | n::dd
        | n::div
        | n::dl
        | n::dt
        | n::em
        | n::embed
        | n::h1
        | n::h2
        | n::h3
        | n::h4
        | n::h5
        | n::h6
        | n::head
        | n::hr
        | n::i
        | n::img
        | n::li
        | n::listing
        | n::menu
        | n::meta
        | n::nobr
        | n::ol
        | n::p
        | n::pre
        | n::ruby
        | n::s
        | n::small
        | n::span
        | n::strong
        | n::strike
        | n::sub
        | n::sup
        | n::table
        | n::tt
        | n::u
        | n::ul
        | n::var => true,
        n::font => ["color", "face", "size"].iter().any(|name| tag.attribute(name).is_some()),
        _ => false,
    }
}

pub(super) fn integration_point(tag: &impl StartTag, namespace: Namespace) -> Integration {
    match (namespace, tag.name()) {
        (Namespace::Svg, n::foreignobject | n::desc | n::title) => Integration::Html,
        (Namespace::MathMl, n::mi | n::mo | n::mn | n::ms | n::mtext) => Integration::MathMlText,
        (Namespace::MathMl, n::annotation_xml) => {
            let html = tag.attribute("encoding").is_some_and(|encoding| {
                encoding.eq_ignore_ascii_case("text/html") || encoding.eq_ignore_ascii_case("application/xhtml+xml")
            });
            if html { Integration::Html } else { Integration::None }
        }
        _ => Integration::None,
    }
}
