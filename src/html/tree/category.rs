//! Sets of tag names that the tree rules speak of.

use super::super::name::Name;
use super::super::names as n;

/// What "in head" takes and every later mode hands to it.
pub(super) fn is_head_content(name: Name) -> bool {
    matches!(
        name,
        n::base
            | n::basefont
            | n::bgsound
            | n::link
            | n::meta
            | n::noframes
            | n::script
            | n::style
            | n::template
            | n::title
    )
}

/// Whether start tags with this name make an element wherever [`Tree::is_in_plain_body`](super::Tree::is_in_plain_body), and
/// lead out of there with none of them.
pub(crate) fn is_plain(name: Name) -> bool {
    !is_table_part(name)
        && !matches!(
            name,
            n::body
                | n::form
                | n::frame
                | n::frameset
                | n::head
                | n::html
                | n::math
                | n::noscript
                | n::plaintext
                | n::select
                // Whose child it is counts.
                | n::source
                | n::svg
                | n::table
                | n::template
                | n::track
        )
}

pub(super) fn is_table_part(name: Name) -> bool {
    matches!(name, n::caption | n::col | n::colgroup | n::tbody | n::td | n::tfoot | n::th | n::thead | n::tr)
}

pub(super) fn is_heading(name: Name) -> bool {
    matches!(name, n::h1 | n::h2 | n::h3 | n::h4 | n::h5 | n::h6)
}

pub(super) fn closes_paragraph(name: Name) -> bool {
    is_heading(name) || is_container(name) || matches!(name, n::p | n::plaintext | n::xmp)
}

/// Elements whose end tag needs them in scope and closes what is open inside.
pub(super) fn is_block(name: Name) -> bool {
    is_container(name) || matches!(name, n::button | n::select)
}

/// The elements that the standard lists alike for both.
fn is_container(name: Name) -> bool {
    matches!(
        name,
        n::address
            | n::article
            | n::aside
            | n::blockquote
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
            | n::summary
            | n::ul
    )
}

pub(super) fn unsets_frameset_ok(name: Name) -> bool {
    matches!(
        name,
        n::pre
            | n::listing
            | n::applet
            | n::marquee
            | n::object
            | n::area
            | n::br
            | n::embed
            | n::img
            | n::image
            | n::keygen
            | n::wbr
            | n::textarea
            | n::xmp
            | n::iframe
    )
}

/// The void elements of the HTML namespace that reach the "in body" rules.
pub(super) fn is_void(name: Name) -> bool {
    matches!(
        name,
        n::area | n::br | n::embed | n::img | n::image | n::keygen | n::wbr | n::param | n::source | n::track
    )
}

/// [Valid shadow host name](https://dom.spec.whatwg.org/#valid-shadow-host-name); a custom element's name has a hyphen.
pub(super) fn is_shadow_host(name: Name) -> bool {
    matches!(
        name,
        n::article
            | n::aside
            | n::blockquote
            | n::body
            | n::div
            | n::footer
            | n::h1
            | n::h2
            | n::h3
            | n::h4
            | n::h5
            | n::h6
            | n::header
            | n::main
            | n::nav
            | n::p
            | n::section
            | n::span
    ) || name.is_custom_element()
}
