//! A walk over an HTML document that comes as bytes, once for each encoding in which browsers may read it.
//!
//! Nearly all documents have one reading. Where browsers find different declarations of the encoding, or none and so
//! guess, a text outside ASCII has another hash in each, and all of them are found.

use std::ops::Range;
use std::sync::Arc;

use encoding_rs::Encoding;

use super::walk::{Visitor, Walk};
use crate::error::Result;
use crate::finding::{Code, Finding, Place};
use crate::html::declaration::Declared;
use crate::html::encoding::{Decoding, Readings, Start};
use crate::html::masked::TextScan;
use crate::location::Location;
use crate::template::{Dialect, HelperCall, Problem};

/// The reason why a document has several readings, and the place where they begin to differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Doubt {
    location: Location,
    declared: Declared,
    /// The encodings in which it was read.
    read: Vec<&'static Encoding>,
}

/// The result of a scan of a document.
pub(super) struct Scanned<V: Visitor> {
    pub(super) walk: Walk<V>,
    /// The walks of its other readings.
    pub(super) others: Vec<Walk<V>>,
    pub(super) doubt: Option<Doubt>,
    /// Problems of the template code.
    pub(super) problems: Vec<Problem>,
    /// The calls of helpers that write elements, and where they stand.
    pub(super) helpers: Vec<(Location, HelperCall)>,
}

impl<V: Visitor> From<Walk<V>> for Scanned<V> {
    /// Of a document with one reading.
    fn from(walk: Walk<V>) -> Self {
        Self { walk, others: Vec::new(), doubt: None, problems: Vec::new(), helpers: Vec::new() }
    }
}

/// A document in one encoding.
struct Reading<V: Visitor> {
    encoding: &'static Encoding,
    /// No browser finds a declaration of it, so bytes that are invalid in it rule it out.
    is_guess: bool,
    decoding: Decoding,
    scan: TextScan<Walk<V>>,
}

impl<V: Visitor> Reading<V> {
    fn write(&mut self, bytes: &[u8], last: bool) -> Result<()> {
        let scan = &mut self.scan;
        let mut out = |text: &[u8]| scan.write(text);
        self.decoding.write(bytes, last, &mut out)
    }

    fn is_possible(&self) -> bool {
        !(self.is_guess && self.decoding.is_malformed())
    }
}

/// Walks over a document. `F` makes the walk for another reading, unless that is left out.
pub(super) struct DocumentScan<V: Visitor, F> {
    start: Start,
    main: TextScan<Walk<V>>,
    another: F,
    dialect: Option<Dialect>,
    decided: Option<Decided<V>>,
}

/// State once the encodings are known.
struct Decided<V: Visitor> {
    readings: Readings,
    decoding: Decoding,
    others: Vec<Reading<V>>,
    /// The end of what is the same in all readings, and whether they differ there.
    location: Location,
    differ: bool,
}

impl<V: Visitor, F: FnMut() -> Option<Walk<V>>> DocumentScan<V, F> {
    pub(super) fn new(walk: Walk<V>, charset: Option<&'static Encoding>, dialect: Option<Dialect>, another: F) -> Self {
        let scripting = walk.here.scripting();
        Self {
            start: Start::new(charset),
            main: TextScan::new(walk, scripting, dialect),
            another,
            dialect,
            decided: None,
        }
    }

    /// The same, for a template in which a `<` in these parts, which are in order, begins no tag.
    pub(super) fn with_texts(mut self, texts: &[Range<usize>]) -> Self {
        self.main = self.main.with_texts(texts);
        self
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.take(bytes, false)
    }

    /// Takes the last bytes.
    pub(super) fn end(mut self, bytes: &[u8]) -> Result<Scanned<V>> {
        self.take(bytes, true)?;
        let read = self.main.end()?;
        let mut scanned = Scanned { problems: read.problems, helpers: read.helpers, ..Scanned::from(read.sink) };
        let Some(decided) = self.decided.filter(|decided| decided.differ) else {
            return Ok(scanned);
        };
        let mut read = vec![decided.readings.main];
        for reading in decided.others.into_iter().filter(Reading::is_possible) {
            read.push(reading.encoding);
            scanned.others.push(reading.scan.end()?.sink);
        }
        scanned.doubt = decided.readings.doubt.map(|declared| Doubt { location: decided.location, declared, read });
        Ok(scanned)
    }

    fn take(&mut self, bytes: &[u8], last: bool) -> Result<()> {
        if let Some(decided) = &mut self.decided {
            return decided.read(&mut self.main, bytes, last);
        }
        let Some((start, readings)) = self.start.take(bytes, last) else {
            return Ok(());
        };
        let mut others = Vec::with_capacity(readings.others.len());
        for encoding in readings.others.iter().copied() {
            others.extend((self.another)().map(|walk| Reading {
                encoding,
                is_guess: !readings.is_declared(encoding),
                decoding: Decoding::checked(encoding),
                scan: {
                    let scripting = walk.here.scripting();
                    TextScan::new(walk, scripting, self.dialect)
                },
            }));
        }
        let mut decided = Decided {
            decoding: Decoding::new(readings.main),
            others,
            location: Location::START,
            differ: false,
            readings,
        };
        let mark = decided.readings.mark;
        decided.read(&mut self.main, &start[mark..], last)?;
        self.decided = Some(decided);
        Ok(())
    }
}

impl<V: Visitor> Decided<V> {
    fn read(&mut self, main: &mut TextScan<Walk<V>>, bytes: &[u8], last: bool) -> Result<()> {
        if self.readings.doubt.is_some() && !self.differ {
            let other = self.readings.difference(bytes);
            self.differ = other.is_some();
            self.location.advance(&bytes[..other.unwrap_or(bytes.len())]);
        }
        self.decoding.write(bytes, last, &mut |text| main.write(text))?;
        for reading in &mut self.others {
            if reading.is_possible() {
                reading.write(bytes, last)?;
            }
        }
        Ok(())
    }
}

impl Doubt {
    /// The finding about it in the page at `path`.
    pub(super) fn finding(&self, path: &Arc<str>) -> Finding {
        let Declared { chromium, firefox } = self.declared;
        let names: Vec<&str> = self.read.iter().map(|encoding| encoding.name()).collect();
        let read = names.join(", ");
        let (code, message, help) = match (chromium, firefox) {
            (Some(chromium), Some(firefox)) => (
                Code::ConflictingEncodings,
                format!(
                    "Chromium reads the page as {}, Firefox as {}; it was hashed as both",
                    chromium.name(),
                    firefox.name()
                ),
                "declare one encoding: put <meta charset=\"utf-8\"> first in <head>, or give the charset that the server sends with --charset",
            ),
            (Some(found), None) | (None, Some(found)) => {
                let (finds, guesses) = match chromium {
                    Some(_) => ("Chromium", "Firefox"),
                    None => ("Firefox", "Chromium"),
                };
                let found = found.name();
                (
                    Code::UndeclaredEncoding,
                    format!(
                        "the page has characters outside ASCII, and only {finds} finds its declaration of {found}; {guesses} guesses the encoding; it was hashed as {read}"
                    ),
                    UNDECLARED_HELP,
                )
            }
            (None, None) => (
                Code::UndeclaredEncoding,
                format!(
                    "the page has characters outside ASCII and declares no encoding, so each browser guesses one; it was hashed as {read}"
                ),
                UNDECLARED_HELP,
            ),
        };
        Finding::new(code, message, help).at(Place::of(path, self.location))
    }
}

const UNDECLARED_HELP: &str =
    "put <meta charset=\"utf-8\"> first in <head>, or give the charset that the server sends with --charset";
