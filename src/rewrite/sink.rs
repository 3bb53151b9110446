//! Which elements of a document get a nonce, and where in their tags.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Write;
use std::ops::Range;
use std::rc::Rc;

use super::NonceOptions;
use super::attribute::{Given, given};
use super::found::{Found, Noted};
use super::source::Source;
use super::value::NonceValue;

use crate::finding::Code;
use crate::html::name::{Name, name_bytes};
use crate::html::names as n;
use crate::html::rewrite::{Edit, Splicer};
use crate::html::scan::{Element, End, Scanner, Sink, Target, Wants};
use crate::html::tree::{Namespace, Scripting};
use crate::inline::code_text::CodeText;
use crate::inline::script::{self, Role};
use crate::inline::{InlineKind, MAX_NESTING};
use crate::location::Location;
use crate::template::{Dialect, Templates, UsualCode, looks_like_code};

/// Finds the places for nonces in one document and in those nested in it.
pub(super) struct NonceSink<W> {
    options: Rc<NonceOptions>,
    pub(super) dialect: Option<Dialect>,
    pub(super) source: Rc<Source<W>>,
    /// How many documents this is nested in.
    pub(super) depth: usize,
    /// Scripts do not run here.
    scriptless: bool,
    /// What template code in the usual delimiters is around the document, when it is nested.
    pub(super) usual_code: UsualCode,
    /// The one place that a document inside an attribute has.
    pub(super) fixed: Option<Location>,
    pub(super) found: Found,
    /// The elements whose text is being read, the innermost last.
    open: Vec<Open<W>>,
}

enum Open<W> {
    Text(Box<Text>),
    /// With the place of its start tag.
    Noscript(Box<Scanner<NonceSink<W>>>, Location),
    /// Something about the nested document failed; its text is passed over.
    Nothing,
}

struct Text {
    location: Location,
    code: CodeText,
    looks_like: Option<String>,
}

impl<W: Write> NonceSink<W> {
    pub(super) fn new(
        options: &NonceOptions,
        dialect: Option<Dialect>,
        splicer: Rc<RefCell<Splicer<W>>>,
    ) -> Self {
        Self {
            options: Rc::new(options.clone()),
            dialect,
            source: Rc::new(Source::Own(splicer)),
            depth: 0,
            scriptless: false,
            usual_code: UsualCode::Runs,
            fixed: None,
            found: Found::new(),
            open: Vec::new(),
        }
    }

    /// The edits that were found since the last call.
    pub(super) fn take_edits(&mut self) -> Vec<Edit> {
        let mut edits = std::mem::take(&mut self.found.edits);
        if let Some(Open::Noscript(scanner, _)) = self.open.last_mut() {
            edits.append(&mut scanner.sink().take_edits());
        }
        edits
    }

    pub(super) fn into_found(self) -> Found {
        self.found
    }

    pub(super) fn nested(&self, scriptless: bool) -> Self {
        Self {
            options: Rc::clone(&self.options),
            dialect: self.dialect,
            source: Rc::clone(&self.source),
            depth: self.depth + 1,
            scriptless: self.scriptless || scriptless,
            usual_code: self.usual_code.clone(),
            fixed: self.fixed,
            found: Found::new(),
            open: Vec::new(),
        }
    }

    fn note(
        &mut self,
        code: Code,
        location: Location,
        message: impl Into<Cow<'static, str>>,
        help: &'static str,
    ) {
        self.found.problems.push(Noted {
            code,
            location: self.fixed.unwrap_or(location),
            message: message.into(),
            help,
        });
    }

    /// Whether an element is to have a nonce, and as what it is checked: a script or a style.
    fn kind(&self, element: &Element<'_>) -> Option<InlineKind> {
        let wanted = self.options.elements;
        if script::is_live(element, n::script) {
            let runs = script::role(element) != Role::Nothing || script::is_undecided(element);
            let scripts = runs && !self.scriptless && wanted.scripts;
            return scripts.then_some(InlineKind::Script);
        }
        if script::is_live(element, n::style) {
            return wanted.styles.then_some(InlineKind::Style);
        }
        link_kind(element).filter(|_| wanted.links)
    }

    /// What template code in the usual delimiters would be in an element's tag.
    pub(super) fn usual_code(&self, element: &Element<'_>) -> UsualCode {
        match &self.usual_code {
            UsualCode::Runs => element.usual_code(),
            around => around.clone(),
        }
    }

    /// Gives an element its nonce.
    fn nonce(&mut self, element: &Element<'_>, kind: InlineKind) {
        self.check_nonceable(element);
        let options = Rc::clone(&self.options);
        let value = match kind {
            InlineKind::Style => &options.style,
            _ => &options.script,
        };
        let edit = match given(element) {
            Given::Nothing => {
                let behind_name = 1 + name_bytes(&element.raw[1..]).len();
                Some((behind_name..behind_name, value.attribute()))
            }
            Given::ByCode => None,
            Given::Name(end) => Some((end..end, format!("={}", value.quoted()))),
            Given::Empty { at, quote } => match quote {
                Some(quote) if value.fits(quote) => Some((at..at, value.text().to_owned())),
                Some(_) => Some((at - 1..at + 1, value.quoted())),
                None => Some((at..at, value.quoted())),
            },
            Given::Value {
                value: inner,
                whole,
            } => {
                let source = |range: Range<usize>| {
                    let offset = element.offset;
                    self.source.text(offset + range.start..offset + range.end)
                };
                let found = source(inner);
                if value.is(&found) {
                    None
                } else if self.options.replace {
                    Some((whole, value.quoted()))
                } else {
                    let found = String::from_utf8_lossy(&found).into_owned();
                    return self.note(
                        Code::DifferentNonce,
                        element.location,
                        format!(
                            "this element has another nonce, {found:?} instead of {:?}, which was kept",
                            value.text()
                        ),
                        "replace it with --replace, or remove it",
                    );
                }
            }
        };
        let refused = edit
            .as_ref()
            .and_then(|(_, text)| self.refused(element, text, value));
        if let Some((why, help)) = refused {
            return self.note(Code::LiteralElement, element.location, why, help);
        }
        match kind {
            InlineKind::Style => self.found.styles = true,
            _ => self.found.scripts = true,
        }
        if let Some((range, text)) = edit {
            let range = element.offset + range.start..element.offset + range.end;
            self.found.edits.push(Edit { range, text });
        }
    }

    /// Why the engine would not write the nonce as it stands in `text`, which is to be inserted, and what to do.
    fn refused(
        &self,
        element: &Element<'_>,
        text: &str,
        value: &NonceValue,
    ) -> Option<(&'static str, &'static str)> {
        let usual_code = self.usual_code(element);
        if usual_code != UsualCode::Runs && value.has_code(self.dialect) {
            return Some((
                "this element stands in a verbatim block, in a text to translate or between other delimiters, where the code of its nonce is not run, so it got none",
                "end the block before the tag and begin it again behind it",
            ));
        }
        let UsualCode::Replaced { open, close } = usual_code else {
            return None;
        };
        // Into a document in an attribute it is written with character references.
        let is_kept = self.depth == 0 && value.stands_between(text, &open, &close);
        (!is_kept).then_some((
            "this element stands behind a change of the delimiters, and its nonce might be taken for one, so it got none",
            "change the delimiters back before the tag",
        ))
    }

    /// Reports an element whose nonce a browser would ignore.
    fn check_nonceable(&mut self, element: &Element<'_>) {
        if let Some(flaw) = script::nonce_flaw(element) {
            self.note(
                Code::NotNonceable,
                element.location,
                flaw.message(),
                flaw.help(),
            );
        }
    }

    pub(super) fn scripting(&self) -> Scripting {
        if self.scriptless {
            Scripting::Disabled
        } else {
            Scripting::Enabled
        }
    }

    pub(super) fn too_deep(&mut self, location: Location) {
        self.note(
            Code::NestingLimit,
            location,
            format!(
                "more than {MAX_NESTING} documents are nested in each other; this one got no nonces"
            ),
            "serve the inner documents from files of their own",
        );
    }

    pub(super) fn failed(&mut self, location: Location, why: &str) {
        self.note(
            Code::UnscannedDocument,
            location,
            format!("the nested document got no nonces: {why}"),
            "serve the inner document from a file of its own",
        );
    }
}

impl<W: Write> Sink for NonceSink<W> {
    fn concerns(&self, name: Name) -> bool {
        let frames = [n::iframe, n::frame, n::object, n::embed];
        matches!(name, n::script | n::style | n::noscript)
            || frames.contains(&name)
            || name == n::link && self.options.elements.links
    }

    fn heeds(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }

    fn element(&mut self, element: &Element<'_>) -> Wants {
        if element.target == Target::Branch {
            // A tag in a string is written by the script.
            let in_string =
                matches!(self.open.last(), Some(Open::Text(text)) if text.code.is_in_string());
            if !in_string && let Some(kind) = self.kind(element) {
                self.nonce(element, kind);
            }
            return Wants::Nothing;
        }
        if let Some(kind) = self.kind(element) {
            self.nonce(element, kind);
        }
        let html = element.namespace == Namespace::Html;
        match element.name {
            n::iframe if html && element.attribute("srcdoc").is_some() => self.srcdoc(element),
            n::iframe | n::frame | n::object | n::embed if html => self.data_url(element),
            n::noscript if html && !self.scriptless && !element.inert => {
                if self.depth >= MAX_NESTING {
                    self.too_deep(element.location);
                    return Wants::Nothing;
                }
                let scanner = Scanner::noscript(self.nested(true), element);
                self.open
                    .push(Open::Noscript(Box::new(scanner), element.location));
                return Wants::Raw;
            }
            n::script | n::style => {
                let kind = match element.name {
                    n::script => InlineKind::Script,
                    _ => InlineKind::Style,
                };
                self.open.push(Open::Text(Box::new(Text {
                    location: element.location,
                    code: CodeText::new(kind),
                    looks_like: None,
                })));
                return Wants::Text;
            }
            _ => {}
        }
        Wants::Nothing
    }

    fn text(&mut self, text: &str) {
        let Some(Open::Text(open)) = self.open.last_mut() else {
            return;
        };
        if self.dialect.is_some() {
            open.code.push(text);
        } else if self.options.templates == Templates::Auto && open.looks_like.is_none() {
            open.looks_like = looks_like_code(text).map(str::to_owned);
        }
    }

    fn raw(&mut self, bytes: &[u8]) {
        let Some(Open::Noscript(scanner, _)) = self.open.last_mut() else {
            return;
        };
        if let Err(error) = scanner.write(bytes) {
            self.open.pop();
            self.open.push(Open::Nothing);
            self.failed(Location::START, &error.to_string());
        }
    }

    fn end(&mut self, end: End, _: bool) {
        match self.open.pop() {
            Some(Open::Noscript(scanner, start_tag)) => {
                match scanner.end() {
                    Ok(sink) => self.found.absorb(sink.found),
                    Err(error) => self.failed(start_tag, &error.to_string()),
                }
                if end == End::Input {
                    self.unclosed(start_tag);
                }
            }
            Some(Open::Text(text)) => {
                if let Some(code) = text.looks_like {
                    self.note(
                        Code::TemplateSyntax,
                        text.location,
                        format!("{code:?} looks like template code, but the file was read as plain HTML"),
                        "name the template dialect, for example --template django, or say that there is none with --template none",
                    );
                }
            }
            Some(Open::Nothing) | None => {}
        }
    }

    fn unclosed(&mut self, start_tag: Location) {
        if self.dialect.is_some() {
            self.note(
                Code::UnclosedText,
                start_tag,
                "this element is not closed in this file, so a browser that gets both reads what follows as its text, and no nonces were written there",
                "close it in the same file and the same branch",
            );
        }
    }

    fn unread(&self) -> Option<usize> {
        match self.open.last() {
            Some(Open::Noscript(scanner, _)) => Some(scanner.position()),
            _ => None,
        }
    }
}

/// What a link is checked as, if a nonce counts on it: its `rel` names something that is fetched by policy, or
/// template code decides.
fn link_kind(element: &Element<'_>) -> Option<InlineKind> {
    if element.name != n::link || element.namespace != Namespace::Html {
        return None;
    }
    let by_code = |wanted: &str| {
        element.attributes().any(|(name, _, at)| {
            name.eq_ignore_ascii_case(wanted.as_bytes()) && element.has_code(at.value.clone())
        })
    };
    let attribute = |name| element.attribute(name).unwrap_or_default();
    let rel = attribute("rel");
    let is = |name: &str| {
        rel.split_ascii_whitespace()
            .any(|token| token.eq_ignore_ascii_case(name))
    };
    let is_style = attribute("as").eq_ignore_ascii_case("style");
    if is("stylesheet") || is("preload") && is_style || by_code("rel") {
        Some(InlineKind::Style)
    } else if is("preload") || is("modulepreload") {
        Some(InlineKind::Script)
    } else {
        None
    }
}
