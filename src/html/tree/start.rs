//! What each insertion mode does with a start tag.

use super::super::name::Name;
use super::super::names as n;
use super::formatting::is_formatting;
use super::{Integration, Mode, Namespace, Placement, StartTag, Tree};

/// What a mode made of a start tag: the end of the matter, or the same tag again in another mode.
enum Step {
    Done(Placement),
    Reprocess,
}

use Step::{Done, Reprocess};

const DROPPED: Step = Done(Placement::Dropped);

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
                !(node.namespace == Namespace::MathMl
                    && node.name == n::annotation_xml
                    && name == n::svg)
            }
        }
    }

    /// [Any other start tag in foreign content](https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inforeign), and those that leave it.
    pub(super) fn foreign_start_tag(&mut self, tag: &impl StartTag) -> Placement {
        if leaves_foreign_content(tag) {
            self.leave_foreign_content();
            return self.html_start_tag(tag);
        }
        let namespace = self
            .stack
            .last()
            .map_or(Namespace::Html, |node| node.namespace);
        self.insert_foreign(tag, namespace)
    }

    fn insert_foreign(&mut self, tag: &impl StartTag, namespace: Namespace) -> Placement {
        let inert = self.is_inert();
        if !tag.self_closing() {
            let integration_point = integration_point(tag, namespace);
            self.push(tag.name(), namespace, integration_point, inert);
        }
        Placement::Element {
            namespace,
            inert,
            shadow: false,
        }
    }

    /// Pops until the current node is an integration point or an HTML element.
    pub(super) fn leave_foreign_content(&mut self) {
        while self.stack.last().is_some_and(|node| {
            node.namespace != Namespace::Html && node.integration_point == Integration::None
        }) {
            self.pop();
        }
    }

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

    fn insert(&mut self, name: Name) -> Placement {
        let inert = self.is_inert();
        self.push_html(name);
        Placement::html(inert)
    }

    /// Inserts a void element, which is popped at once.
    fn insert_void(&self) -> Placement {
        Placement::html(self.is_inert())
    }

    fn merge_into_html(&self) -> Placement {
        if self.has_template() {
            Placement::Dropped
        } else {
            Placement::MergedIntoHtml
        }
    }

    fn start_before_html(&mut self, tag: &impl StartTag) -> Step {
        self.mode = Mode::BeforeHead;
        if tag.name() == n::html {
            return Done(self.insert(n::html));
        }
        self.push_html(n::html);
        Reprocess
    }

    fn start_before_head(&mut self, tag: &impl StartTag) -> Step {
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

    fn start_in_head(&mut self, tag: &impl StartTag) -> Step {
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

    fn start_in_head_noscript(&mut self, tag: &impl StartTag) -> Step {
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

    fn insert_head_content(&mut self, tag: &impl StartTag) -> Placement {
        match tag.name() {
            n::base | n::basefont | n::bgsound | n::link | n::meta => self.insert_void(),
            n::template => self.insert_template(tag),
            name => self.insert(name),
        }
    }

    /// [A start tag whose tag name is "template"](https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inhead).
    fn insert_template(&mut self, tag: &impl StartTag) -> Placement {
        let outer_inert = self.is_inert();
        let shadow = self.attaches_shadow_root(tag);
        // Chromium 150 and later move the content of a template with `for` into the document.
        let live = shadow || tag.attribute("for").is_some();
        self.frameset_ok = false;
        self.mode = Mode::InTemplate;
        self.template_modes.push(Mode::InTemplate);
        self.push(
            n::template,
            Namespace::Html,
            Integration::None,
            outer_inert || !live,
        );
        self.formatting.push_marker();
        Placement::Element {
            namespace: Namespace::Html,
            inert: outer_inert,
            shadow,
        }
    }

    /// Whether the template is a declarative shadow root that its parent takes.
    fn attaches_shadow_root(&mut self, tag: &impl StartTag) -> bool {
        let valid_mode = tag.attribute("shadowrootmode").is_some_and(|mode| {
            mode.eq_ignore_ascii_case("open") || mode.eq_ignore_ascii_case("closed")
        });
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

    fn start_after_head(&mut self, tag: &impl StartTag) -> Step {
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
                self.push_html(n::body);
                self.mode = Mode::InBody;
                Reprocess
            }
        }
    }

    fn start_in_body(&mut self, tag: &impl StartTag) -> Placement {
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
    fn start_ordinary(&mut self, name: Name) -> Placement {
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
    fn reconstructs(&self, name: Name) -> bool {
        let raw_text = matches!(name, n::textarea | n::iframe | n::noembed)
            || (name == n::noscript && self.has_scripting());
        let plain = matches!(name, n::param | n::source | n::track);
        name == n::xmp || !(closes_paragraph(name) || raw_text || plain)
    }

    fn second_body(&mut self) -> Placement {
        if !self.has_body() || self.has_template() {
            return Placement::Dropped;
        }
        self.frameset_ok = false;
        Placement::MergedIntoBody
    }

    fn frameset_in_body(&mut self) -> Placement {
        if !self.has_body() || !self.frameset_ok {
            return Placement::Dropped;
        }
        self.truncate(1);
        self.mode = Mode::InFrameset;
        self.insert(n::frameset)
    }

    fn has_body(&self) -> bool {
        self.stack.get(1).is_some_and(|node| node.is(n::body))
    }

    fn start_form(&mut self) -> Placement {
        if self.has_form && !self.has_template() {
            return Placement::Dropped;
        }
        self.close_p_in_button_scope();
        self.has_form = self.has_form || !self.has_template();
        self.insert(n::form)
    }

    fn start_list_item(&mut self, name: Name) -> Placement {
        self.frameset_ok = false;
        let closes = |open: Name| {
            if name == n::li {
                open == n::li
            } else {
                matches!(open, n::dd | n::dt)
            }
        };
        let blocking = self.stack.iter().rev().find(|node| {
            (node.namespace == Namespace::Html && closes(node.name))
                || (node.is_special()
                    && !(node.namespace == Namespace::Html
                        && matches!(node.name, n::address | n::div | n::p)))
        });
        if let Some(open) = blocking.map(|node| node.name).filter(|&open| closes(open)) {
            self.generate_implied_end_tags(Some(open));
            self.pop_until(open);
        }
        self.close_p_in_button_scope();
        self.insert(name)
    }

    fn start_button(&mut self) -> Placement {
        if self.scopes().has(n::button) {
            self.generate_implied_end_tags(None);
            self.pop_until(n::button);
        }
        self.reconstruct();
        self.frameset_ok = false;
        self.insert(n::button)
    }

    /// `select` and what may stand in it, by the rules that replaced the "in select" modes.
    fn start_select_part(&mut self, tag: &impl StartTag) -> Placement {
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

    fn start_in_table(&mut self, tag: &impl StartTag) -> Step {
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

    fn start_in_caption(&mut self, tag: &impl StartTag) -> Step {
        if !is_table_part(tag.name()) {
            return Done(self.start_in_body(tag));
        }
        if !self.close_caption() {
            return DROPPED;
        }
        Reprocess
    }

    fn start_in_column_group(&mut self, tag: &impl StartTag) -> Step {
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

    fn start_in_table_body(&mut self, tag: &impl StartTag) -> Step {
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

    fn start_in_row(&mut self, tag: &impl StartTag) -> Step {
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

    fn start_in_cell(&mut self, tag: &impl StartTag) -> Step {
        if !is_table_part(tag.name()) {
            return Done(self.start_in_body(tag));
        }
        if !self.close_cell() {
            return DROPPED;
        }
        Reprocess
    }

    fn start_in_template(&mut self, tag: &impl StartTag) -> Step {
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

    fn start_after_body(&mut self, tag: &impl StartTag) -> Step {
        if tag.name() == n::html {
            return Done(self.merge_into_html());
        }
        self.mode = Mode::InBody;
        Reprocess
    }

    fn start_in_frameset(&mut self, tag: &impl StartTag) -> Step {
        Done(match tag.name() {
            n::html => self.merge_into_html(),
            name @ (n::frameset | n::noframes) => self.insert(name),
            n::frame => self.insert_void(),
            _ => Placement::Dropped,
        })
    }

    fn start_after_frameset(&mut self, tag: &impl StartTag) -> Step {
        Done(match tag.name() {
            n::html => self.merge_into_html(),
            n::noframes => self.insert(n::noframes),
            _ => Placement::Dropped,
        })
    }
}

/// Tags that end foreign content, whatever stands around them.
fn leaves_foreign_content(tag: &impl StartTag) -> bool {
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
        n::font => ["color", "face", "size"]
            .iter()
            .any(|name| tag.attribute(name).is_some()),
        _ => false,
    }
}

fn integration_point(tag: &impl StartTag, namespace: Namespace) -> Integration {
    match (namespace, tag.name()) {
        (Namespace::Svg, n::foreignobject | n::desc | n::title) => Integration::Html,
        (Namespace::MathMl, n::mi | n::mo | n::mn | n::ms | n::mtext) => Integration::MathMlText,
        (Namespace::MathMl, n::annotation_xml) => {
            let html = tag.attribute("encoding").is_some_and(|encoding| {
                encoding.eq_ignore_ascii_case("text/html")
                    || encoding.eq_ignore_ascii_case("application/xhtml+xml")
            });
            if html {
                Integration::Html
            } else {
                Integration::None
            }
        }
        _ => Integration::None,
    }
}

/// What "in head" takes and every later mode hands to it.
fn is_head_content(name: Name) -> bool {
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

fn is_table_part(name: Name) -> bool {
    matches!(
        name,
        n::caption | n::col | n::colgroup | n::tbody | n::td | n::tfoot | n::th | n::thead | n::tr
    )
}

fn is_heading(name: Name) -> bool {
    matches!(name, n::h1 | n::h2 | n::h3 | n::h4 | n::h5 | n::h6)
}

fn closes_paragraph(name: Name) -> bool {
    is_heading(name)
        || matches!(
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
                | n::p
                | n::plaintext
                | n::pre
                | n::search
                | n::section
                | n::summary
                | n::ul
                | n::xmp
        )
}

fn unsets_frameset_ok(name: Name) -> bool {
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
fn is_void(name: Name) -> bool {
    matches!(
        name,
        n::area
            | n::br
            | n::embed
            | n::img
            | n::image
            | n::keygen
            | n::wbr
            | n::param
            | n::source
            | n::track
    )
}

fn is_hidden(tag: &impl StartTag) -> bool {
    tag.attribute("type")
        .is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"))
}

/// [Valid shadow host name](https://dom.spec.whatwg.org/#valid-shadow-host-name); a custom element's name has a hyphen.
fn is_shadow_host(name: Name) -> bool {
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
