//! Which elements are in scope, carried along the stack so that asking costs the same at any depth.
//!
//! The standard walks up the stack for each question
//! ([has an element in scope](https://html.spec.whatwg.org/multipage/parsing.html#has-an-element-in-scope)); a page of a million nested
//! elements would make that quadratic. Every node therefore keeps one bit for each name the tree rules ask about.

use super::super::name::Name;
use super::super::names as n;
use super::Namespace;
use super::category::is_table_part;

/// The names in scope at a node: bit sets over [`bit`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Scopes {
    /// The default scope; for `p` the button scope, for `li` the list item scope.
    default: u64,
    /// The table scope.
    table: u64,
    /// How many elements that bound the default scope are open.
    bounds: u32,
    /// An element is open in which tags mean something else than in a plain body.
    unusual: bool,
}

impl Scopes {
    /// What is in scope once an element of that name is pushed.
    pub(super) fn with(self, name: Name, namespace: Namespace, integration_point: bool) -> Self {
        let Self { mut default, mut table, mut bounds, mut unusual } = self;
        if namespace != Namespace::Html {
            let boundary = integration_point || (namespace == Namespace::MathMl && name == n::annotation_xml);
            return if boundary {
                Self { default: 0, table, bounds: bounds + 1, unusual: true }
            } else {
                Self { unusual: true, ..self }
            };
        }
        match name {
            n::applet | n::caption | n::td | n::th | n::marquee | n::object | n::select => {
                default = 0;
                bounds += 1;
            }
            n::html | n::table | n::template => {
                default = 0;
                table = 0;
                bounds += 1;
            }
            n::button => default &= !bit(n::p),
            n::ol | n::ul => default &= !bit(n::li),
            _ => {}
        }
        unusual |= is_table_part(name) || matches!(name, n::table | n::select | n::template | n::frameset | n::head);
        Self { default: default | bit(name), table: table | bit(name), bounds, unusual }
    }

    /// Whether an element that is no bound itself, and at which this is in scope, is in scope where `other` is.
    pub(super) fn is_in_same(self, other: Self) -> bool {
        self.bounds == other.bounds
    }

    /// Whether nothing is open but HTML elements outside tables, selects, templates and framesets.
    pub(super) fn are_usual(self) -> bool {
        !self.unusual
    }

    /// Has an element in scope; for `li` in list item scope.
    pub(super) fn has(self, name: Name) -> bool {
        self.default & bit(name) != 0
    }

    /// Has a `p` element in button scope.
    pub(super) fn has_p_in_button_scope(self) -> bool {
        self.has(n::p)
    }

    /// Has an element in table scope.
    pub(super) fn has_in_table_scope(self, name: Name) -> bool {
        self.table & bit(name) != 0
    }

    /// Has `tbody`, `thead` or `tfoot` in table scope.
    pub(super) fn has_table_section(self) -> bool {
        self.table & (bit(n::tbody) | bit(n::thead) | bit(n::tfoot)) != 0
    }

    /// Has a heading in scope.
    pub(super) fn has_heading(self) -> bool {
        self.default & bit(n::h1) != 0
    }
}

/// The bit of a name the tree rules ask about, 0 for any other. Headings share one, since an end tag
/// of any of them closes the nearest.
const fn bit(name: Name) -> u64 {
    1 << match name {
        n::address => 0,
        n::article => 1,
        n::aside => 2,
        n::blockquote => 3,
        n::button => 4,
        n::center => 5,
        n::details => 6,
        n::dialog => 7,
        n::dir => 8,
        n::div => 9,
        n::dl => 10,
        n::fieldset => 11,
        n::figcaption => 12,
        n::figure => 13,
        n::footer => 14,
        n::header => 15,
        n::hgroup => 16,
        n::listing => 17,
        n::main => 18,
        n::menu => 19,
        n::nav => 20,
        n::ol => 21,
        n::pre => 22,
        n::search => 23,
        n::section => 24,
        n::select => 25,
        n::summary => 26,
        n::ul => 27,
        n::form => 28,
        n::p => 29,
        n::li => 30,
        n::dd => 31,
        n::dt => 32,
        n::h1 | n::h2 | n::h3 | n::h4 | n::h5 | n::h6 => 33,
        n::applet => 34,
        n::marquee => 35,
        n::object => 36,
        n::body => 37,
        n::ruby => 38,
        n::nobr => 39,
        n::caption => 40,
        n::table => 41,
        n::tbody => 42,
        n::thead => 43,
        n::tfoot => 44,
        n::tr => 45,
        n::td => 46,
        n::th => 47,
        _ => return 0,
    }
}
