//! One pass over a document: elements with their attributes, and the child text content of those that
//! are asked for. What is held is bounded by the largest tag, text or comment and by what the entities
//! of the document may expand to.

use std::io::Read;
use std::rc::Rc;
use std::sync::Arc;

use encoding_rs::Encoding;
use quick_xml::Reader;
use quick_xml::errors::{Error as MarkupError, IllFormedError};
use quick_xml::events::Event;

use super::cursor::{WRONG_CHAR, check_chars, first_wrong_char, is_space, shown};
use super::doctype;
use super::dtd::Dtd;
use super::input::{Input, PIECE, Replacement, Source};
use super::namespaces::Namespaces;
use super::references::{Budget, Referred, resolve};
use super::tag;
use super::{Fault, Sink, What};
use crate::error::{Error, ErrorKind, Result};
use crate::html::is_note;
use crate::html::name::Name;
use crate::html::scan::Wants;
use crate::html::text::normalize;
use crate::location::Location;

/// Scans a document up to its end or its first fault. `charset` is the one that the server sends.
pub(crate) fn scan<S: Sink>(sink: S, input: impl Read, charset: Option<&'static Encoding>) -> Result<S> {
    scan_by(sink, input, charset, PIECE)
}

/// The same with pieces of this many bytes.
pub(crate) fn scan_by<S: Sink>(
    sink: S,
    input: impl Read,
    charset: Option<&'static Encoding>,
    piece: usize,
) -> Result<S> {
    let mut scanner = Scanner {
        sink,
        dtd: Rc::default(),
        had_doctype: false,
        is_standalone: false,
        namespaces: Namespaces::default(),
        open: Vec::new(),
        templates: 0,
        notes: 0,
        budget: Budget::default(),
        had_root: false,
        had_namespace_fault: false,
    };
    match scanner.run(Input::new(input, charset, piece)) {
        Ok(()) => {}
        Err(Stop::Fault(what, location)) => {
            scanner.sink.fault(Fault { location: location.unwrap_or(Location::START), what, stops: true });
        }
        Err(Stop::Read(error)) => return Err(Error::unread(error)),
        Err(Stop::Limit(what)) => return Err(Error::new(ErrorKind::Limit, what)),
    }
    Ok(scanner.sink)
}

/// The state of a scan.
pub(super) struct Scanner<S> {
    pub(super) sink: S,
    pub(super) dtd: Rc<Dtd>,
    had_doctype: bool,
    is_standalone: bool,
    pub(super) namespaces: Namespaces,
    pub(super) open: Vec<Open>,
    /// How many of the open elements are templates.
    pub(super) templates: usize,
    /// How many notes there are since the last tag or text.
    pub(super) notes: usize,
    pub(super) budget: Budget,
    pub(super) had_root: bool,
    pub(super) had_namespace_fault: bool,
}

/// An open element.
pub(super) struct Open {
    pub(super) wants: Wants,
    /// Its name, if it is of the HTML namespace.
    pub(super) html: Option<Name>,
    pub(super) is_template: bool,
}

/// Why a scan stops.
pub(super) enum Stop {
    /// The document is not well formed; without a place it is at the start of the piece.
    Fault(What, Option<Location>),
    Read(Arc<std::io::Error>),
    /// Reading on would take too long.
    Limit(&'static str),
}

impl<W: Into<What>> From<W> for Stop {
    fn from(what: W) -> Self {
        Self::Fault(what.into(), None)
    }
}

/// What quick-xml makes of a piece of markup.
enum Kind {
    Start { is_empty: bool },
    End,
    Text,
    Section,
    Comment,
    Declaration,
    Instruction,
    DocType,
    Reference,
    Over,
}

impl From<Event<'_>> for Kind {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Start(_) => Self::Start { is_empty: false },
            Event::Empty(_) => Self::Start { is_empty: true },
            Event::End(_) => Self::End,
            Event::Text(_) => Self::Text,
            Event::CData(_) => Self::Section,
            Event::Comment(_) => Self::Comment,
            Event::Decl(_) => Self::Declaration,
            Event::PI(_) => Self::Instruction,
            Event::DocType(_) => Self::DocType,
            Event::GeneralRef(_) => Self::Reference,
            Event::Eof => Self::Over,
        }
    }
}

/// A piece of markup and where it stands.
pub(super) struct Piece<'a> {
    pub(super) raw: &'a str,
    pub(super) location: Location,
    is_first: bool,
}

impl<S: Sink> Scanner<S> {
    /// Reads the document or the replacement text of an entity.
    fn run<R: Source>(&mut self, source: R) -> Result<(), Stop> {
        let mut reader = Reader::from_reader(source);
        reader.config_mut().check_comments = true;
        let depth = self.open.len();
        let mut buffer = Vec::new();
        let mut is_first = !self.budget.is_inside();
        loop {
            buffer.clear();
            let location = reader.get_ref().location();
            let read = reader.read_event_into(&mut buffer).map(Kind::from);
            let taken = match read {
                Ok(Kind::Over) if self.open.len() == depth && !reader.get_ref().is_cut() => {
                    return self.over();
                }
                Ok(Kind::Over) => Err("an element is never closed".into()),
                Ok(kind) => match std::str::from_utf8(&buffer) {
                    Ok(raw) => self.piece(&kind, &Piece { raw, location, is_first }),
                    Err(_) => Err("the text is not UTF-8".into()),
                },
                Err(MarkupError::Io(error)) => Err(Stop::Read(error)),
                Err(error) => Err(fault_of(error).into()),
            };
            match taken {
                Err(Stop::Fault(..)) if reader.get_ref().is_cut() => {
                    let what = "bytes that the document's encoding does not have";
                    return Err(Stop::Fault(what.into(), Some(reader.get_ref().location())));
                }
                Err(Stop::Fault(what, at)) => {
                    return Err(Stop::Fault(what, Some(at.unwrap_or(location))));
                }
                taken => taken?,
            }
            is_first = false;
        }
    }

    fn over(&self) -> Result<(), Stop> {
        match self.had_root {
            true => Ok(()),
            false => Err("the document has no element".into()),
        }
    }

    fn piece(&mut self, kind: &Kind, piece: &Piece<'_>) -> Result<(), Stop> {
        let raw = piece.raw;
        let inner = |before, after| raw.get(before..raw.len().saturating_sub(after)).unwrap_or_default();
        let is_outside = self.open.is_empty();
        match kind {
            Kind::Start { is_empty } => {
                self.start(piece)?;
                if *is_empty {
                    self.end();
                }
            }
            Kind::End => self.end(),
            Kind::Text if is_outside => {
                if !raw.chars().all(is_space) {
                    return Err("text outside the root element".into());
                }
            }
            Kind::Text => {
                self.characters(piece)?;
                if raw.chars().all(is_space) {
                    return Ok(());
                }
            }
            Kind::Section | Kind::Reference if is_outside => {
                return Err("text outside the root element".into());
            }
            Kind::Section => {
                check_chars(raw)?;
                self.text(&normalize(inner(9, 3)));
            }
            Kind::Comment => {
                check_chars(raw)?;
                let text = inner(4, 3);
                if is_note(text) {
                    self.sink.note(text, piece.location);
                    self.notes += 1;
                }
                return Ok(());
            }
            Kind::Declaration if piece.is_first => self.is_standalone = tag::declaration(raw)?,
            Kind::Declaration | Kind::Instruction => {
                doctype::instruction(inner(2, 2))?;
                if !self.had_root {
                    self.instruction(inner(2, 2), piece);
                }
            }
            Kind::DocType => self.doctype(raw)?,
            Kind::Reference => self.reference(inner(1, 1), piece.location)?,
            Kind::Over => {}
        }
        self.notes = 0;
        Ok(())
    }

    fn doctype(&mut self, raw: &str) -> Result<(), Stop> {
        if self.had_root || std::mem::replace(&mut self.had_doctype, true) {
            return Err("a document type declaration that does not stand first".into());
        }
        self.dtd = Rc::new(doctype::parse(raw, self.is_standalone)?);
        Ok(())
    }

    fn characters(&mut self, piece: &Piece<'_>) -> Result<(), Stop> {
        let faults = [(first_wrong_char(piece.raw), WRONG_CHAR), (piece.raw.find("]]>"), "\"]]>\" in text")];
        let first = faults.into_iter().filter_map(|(at, what)| Some((at?, what)));
        if let Some((at, what)) = first.min() {
            let mut location = piece.location;
            if !self.budget.is_inside() {
                location.advance(&piece.raw.as_bytes()[..at]);
            }
            return Err(Stop::Fault(what.into(), Some(location)));
        }
        self.text(&normalize(piece.raw));
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if matches!(self.open.last(), Some(open) if open.wants == Wants::Text) {
            self.sink.text(text);
        }
    }

    fn reference(&mut self, name: &str, location: Location) -> Result<(), Stop> {
        match resolve(name, &self.dtd)? {
            Referred::Text(text) => self.text(&text),
            Referred::Nothing | Referred::External => {}
            Referred::Replacement(text) => {
                self.budget.enter(&text)?;
                let text = text.as_bytes();
                self.run(Replacement { text, location })?;
                self.budget.leave();
            }
        }
        Ok(())
    }

    fn end(&mut self) {
        self.namespaces.close();
        let Some(open) = self.open.pop() else {
            return;
        };
        self.templates -= usize::from(open.is_template);
        if open.wants == Wants::Text {
            self.sink.end();
        }
    }
}

/// What quick-xml finds fault with, without more of the document than a name.
fn fault_of(error: MarkupError) -> What {
    match error {
        MarkupError::IllFormed(IllFormedError::MismatchedEndTag { expected, .. }) => {
            format!("the end tag is not that of {}", shown(&expected)).into()
        }
        MarkupError::IllFormed(IllFormedError::UnmatchedEndTag(_)) => "an end tag without an element".into(),
        MarkupError::IllFormed(IllFormedError::UnclosedReference) => "\"&\" without the \";\" of a reference".into(),
        MarkupError::IllFormed(IllFormedError::DoubleHyphenInComment) => "\"--\" in a comment".into(),
        MarkupError::Syntax(error) => error.to_string().into(),
        _ => "the markup is wrong".into(),
    }
}
