//! The view of a page that writes digests: the elements with a file of the site, and the import map.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use url::Url;

use super::IntegrityOptions;
use super::map::MapPlace;
use super::metadata::renewed;
use crate::edit::attribute::Written;
use crate::edit::driver::Editor;
use crate::edit::splicer::{Edit, HeldText};
use crate::edit::srcdoc::{Source, Srcdoc, escape};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Code;
use crate::html::name::name_bytes;
use crate::html::names as n;
use crate::html::scan::{self, End};
use crate::html::tree::Namespace;
use crate::location::Location;
use crate::page::element::Element;
use crate::page::javascript::ScriptKind;
use crate::page::kind::{Destination, Kinds, SubjectKind};
use crate::page::walk::{Here, Inside, Problems, Visitor, Walk};
use crate::page::{Browser, link};
use crate::site::base_url;
use crate::template::Outline;

/// The view of one document.
pub(super) struct IntegrityVisitor<'a> {
    options: IntegrityOptions<'a>,
    source: Rc<Source>,
    /// What its URLs are relative to, so far.
    base: Url,
    has_base: bool,
    /// The place for the digests of modules; [`None`] in a nested document.
    map: Option<MapPlace<'a>>,
    /// Where the text of the import map starts that is being read.
    open: Option<usize>,
    pub(super) found: Found,
}

/// The results of a scan.
#[derive(Default)]
pub(super) struct Found {
    edits: Vec<Edit>,
    pub(super) changed: Vec<Location>,
    pub(super) without: Vec<(Url, Location)>,
    pub(super) problems: Problems,
}

/// The text of an import map.
pub(super) struct MapText {
    /// Where it starts, in bytes of the document's text.
    start: usize,
    location: Location,
    /// What a browser reads.
    text: String,
}

impl Found {
    fn take(&mut self, (edit, location): (Edit, Location)) {
        self.edits.push(edit);
        self.changed.push(location);
    }

    fn absorb(&mut self, other: Self) {
        self.edits.extend(other.edits);
        self.changed.extend(other.changed);
        self.without.extend(other.without);
        self.problems.absorb(other.problems);
    }
}

impl<'a> Walk<IntegrityVisitor<'a>> {
    /// Over the page at `url` whose text is `held` until it is written.
    pub(super) fn integrity(options: &IntegrityOptions<'a>, url: &Url, held: &Rc<RefCell<HeldText>>) -> Self {
        const KINDS: Kinds = Kinds::of(&[SubjectKind::Script, SubjectKind::ScriptUrl, SubjectKind::LinkUrl]);
        let visitor = IntegrityVisitor {
            options: *options,
            source: Rc::new(Source::File(Rc::clone(held))),
            base: url.clone(),
            has_base: false,
            map: options.map.map(MapPlace::new),
            open: None,
            found: Found::default(),
        };
        let kinds = KINDS.and_element(n::base);
        Self::new(visitor, Here::page(kinds, None, options.templates))
    }
}

impl IntegrityVisitor<'_> {
    /// Takes a `<base>`, of which the first with a URL counts.
    fn base(&mut self, element: &dyn Element) {
        let Some(href) = element.attribute("href").filter(|_| !self.has_base) else {
            return;
        };
        self.has_base = true;
        if let Some(url) = base_url(Some(&self.base), &href) {
            self.base = url;
        }
    }

    /// Gives an element whose file is known its digest.
    fn file(&mut self, here: &Here, element: &scan::Element<'_>, url: &str) {
        let excluded = element.attribute("data-integrity");
        if excluded.is_some_and(|value| value.trim_ascii().eq_ignore_ascii_case("none")) {
            return;
        }
        let Ok(url) = self.base.join(url) else { return };
        let IntegrityOptions { digests, algorithm, .. } = self.options;
        let given = element.attribute("integrity").unwrap_or_default();
        if digests(&url, algorithm).is_none() {
            if given.trim_ascii().is_empty() && matches!(url.scheme(), "http" | "https") {
                let location = here.located(element.location);
                self.found.without.push((url, location));
            }
            return;
        }
        let mut edits = Vec::new();
        let mut inserted = String::new();
        if let Some(new) = renewed(&given, algorithm, |algorithm| digests(&url, algorithm)) {
            match Written::of(element, "integrity") {
                Some(written) => edits.push(written.with_value(&new)),
                None => inserted = format!(" integrity=\"{new}\""),
            }
        }
        if element.attribute("crossorigin").is_none() {
            inserted.push_str(" crossorigin=\"anonymous\"");
        }
        if !inserted.is_empty() {
            let behind_name = 1 + name_bytes(&element.raw[1..]).len();
            edits.push((behind_name..behind_name, inserted));
        }
        if edits.is_empty() {
            return;
        }
        edits.sort_by_key(|(range, _)| range.start);
        let at = element.offset;
        let edits = edits.into_iter().map(|(range, text)| Edit { range: at + range.start..at + range.end, text });
        self.found.edits.extend(edits);
        self.found.changed.push(here.located(element.location));
    }

    /// The URL of an element that can have integrity: a script, or a link to a style sheet or script.
    fn url<'e>(element: &'e scan::Element<'_>, kind: SubjectKind) -> Option<Cow<'e, str>> {
        let name = match kind {
            SubjectKind::ScriptUrl => "src",
            SubjectKind::LinkUrl => {
                let destination = link::destination(element)?;
                matches!(destination, Destination::Script | Destination::Style).then_some("href")?
            }
            _ => return None,
        };
        // SVG has no integrity.
        let is_html = element.namespace == Namespace::Html;
        let url = element.attribute(name).filter(|_| is_html)?;
        (!url.trim_ascii().is_empty()).then_some(url)
    }

    /// Writes the digests of modules into an import map of the page.
    fn merge(&mut self, open: &MapText) -> Result<()> {
        let (Some(map), Source::File(held)) = (&self.map, &*self.source) else {
            return Ok(());
        };
        let held = held.borrow();
        let source = held.text_from(open.start);
        let end = source_len(source, &open.text);
        let text = String::from_utf8_lossy(&source[..end]);
        let IntegrityOptions { digests, algorithm, .. } = self.options;
        let renewed = |old: &str, url: &Url| renewed(old, algorithm, |algorithm| digests(url, algorithm));
        if let Some(text) = map.merged(&text, &self.base, renewed)? {
            let range = open.start..open.start + end;
            self.found.take((Edit { range, text }, open.location));
        }
        Ok(())
    }

    fn unwritten(&mut self, here: &Here, location: Location, why: &str) {
        self.found.problems.add(
            here,
            Code::UnwrittenIntegrity,
            location,
            format!("the nested document got no integrity: {why}"),
            "serve the inner document from a file of its own",
        );
    }
}

impl<'a> Visitor for IntegrityVisitor<'a> {
    type Text = MapText;

    fn element(&mut self, here: &Here, element: &dyn Element, kind: Option<SubjectKind>) -> Option<MapText> {
        let html = element.html()?;
        if (element.namespace(), element.name()) == (Namespace::Html, n::base) && !html.inert {
            self.base(element);
        }
        let kind = kind?;
        let is_script = kind == SubjectKind::Script;
        let is_map = is_script && ScriptKind::of(element) == Some(ScriptKind::ImportMap);
        if let Some(map) = self.map.as_mut().filter(|_| !html.inert) {
            if is_map && map.take_own() {
                let start = html.offset + html.raw.len();
                self.open = Some(start);
                return Some(MapText { start, location: html.location, text: String::new() });
            }
            if !is_map && let Some(edit) = map.take(html, &self.base) {
                self.found.take(edit);
            }
        }
        let url = Self::url(html, kind);
        if let Some(url) = url {
            self.file(here, html, &url);
        }
        None
    }

    /// Finished pages have none.
    fn branch(&mut self, _: &Here, _: &dyn Element, _: Option<&MapText>) {}

    fn text(&mut self, _: &Here, open: &mut MapText, text: &str) {
        open.text.push_str(text);
    }

    fn end(&mut self, here: &Here, open: MapText, _: End, _: bool) {
        self.open = None;
        if let Err(error) = self.merge(&open) {
            self.found.problems.add(
                here,
                Code::UnwrittenIntegrity,
                open.location,
                format!("no digests were written into this import map: {error}"),
                "mend it: browsers take no such map either",
            );
        }
    }

    fn unread(&self) -> Option<usize> {
        self.open
    }

    fn nested(&mut self, here: &Here, element: &dyn Element, inside: Inside, _: Option<Browser>) -> Option<Self> {
        let source = match inside {
            Inside::Noscript => Rc::clone(&self.source),
            Inside::Srcdoc => {
                let element = element.html()?;
                let Some(srcdoc) = Srcdoc::new(&self.source, element) else {
                    let why = "its character references cannot be followed";
                    self.unwritten(here, element.location, why);
                    return None;
                };
                Rc::new(Source::Srcdoc(srcdoc))
            }
            // Nothing in it is of the site.
            Inside::DataHtml | Inside::DataXml => return None,
        };
        Some(Self {
            options: self.options,
            source,
            base: self.base.clone(),
            has_base: inside == Inside::Noscript,
            map: None,
            open: None,
            found: Found::default(),
        })
    }

    fn join(&mut self, other: Self) {
        self.found.absorb(other.found);
    }

    fn add_reading(&mut self, other: Self) {
        self.join(other);
    }

    fn absorb(&mut self, here: &Here, nested: Self, _: Inside, _: Location) {
        let mut found = nested.found;
        if let (Source::Srcdoc(srcdoc), false) = (&*nested.source, Rc::ptr_eq(&nested.source, &self.source)) {
            let escape = |text: &str, quote| escape(text, quote, here.dialect);
            let edits = found.edits.into_iter();
            found.edits = edits.map(|edit| srcdoc.outer_edit(edit, escape)).collect();
        }
        self.found.absorb(found);
    }

    fn too_deep(&mut self, here: &Here, location: Location, inside: Inside) {
        if matches!(inside, Inside::Noscript | Inside::Srcdoc) {
            self.unwritten(here, location, "too many documents are nested in each other");
        }
    }

    fn failed(&mut self, here: &Here, location: Location, error: &Error) {
        self.unwritten(here, location, &error.to_string());
    }
}

impl Editor for Walk<IntegrityVisitor<'_>> {
    const NAMED: (ErrorKind, &'static str) = (ErrorKind::Unsupported, "no integrity can be written into a page");

    fn take_edits(&mut self) -> Vec<Edit> {
        let mut edits = Vec::new();
        self.each_visitor(&mut |visitor| edits.append(&mut visitor.found.edits));
        edits.sort_by_key(|edit| edit.range.start);
        edits
    }

    fn is_settled(&self) -> bool {
        let map = self.visitor.map.as_ref();
        map.is_none_or(MapPlace::is_settled)
    }

    fn finish(&mut self, _: Option<Outline>) {
        let visitor = &mut self.visitor;
        if let Some(edit) = visitor.map.as_mut().and_then(MapPlace::end) {
            visitor.found.take(edit);
        }
    }

    fn moves_declaration() -> Result<()> {
        Err(Error::new(
            ErrorKind::Unsupported,
            "no integrity was written: it would move the <meta> that declares the encoding out of the first 1,024 bytes, and browsers look no further where it stands; move it to the beginning of <head>",
        ))
    }
}

/// The length in bytes of the source that browsers read as `text`: they normalize newlines and replace NUL.
fn source_len(source: &[u8], text: &str) -> usize {
    let mut at = 0;
    for c in text.chars() {
        at += match source.get(at..) {
            Some([b'\r', b'\n', ..]) if c == '\n' => 2,
            Some([0, ..]) => 1,
            _ => c.len_utf8(),
        };
    }
    at.min(source.len())
}
