//! The one driver of all edits: decodes a document, scans it, and writes the source with the edits that the scan's editor
//! named.
//!
//! It holds little more than the largest tag, and a template whole. Every byte outside an edit comes out as it went in, whatever the encoding,
//! the spacing or the template code there. An edit never moves a declaration of the encoding to where browsers no longer look.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::ops::Range;
use std::rc::Rc;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use super::splicer::{Edit, HeldText, Splicer, keep_declaration};
use super::template::{SeenCode, keep_code};
use crate::error::{Error, ErrorKind, Remedy, Result};
use crate::html::encoding::InputDecoder;
use crate::html::masked::{ReadText, TextScan};
use crate::html::scan::Sink;
use crate::html::tree::Scripting;
use crate::location::Location;
use crate::page::{DocumentType, each_piece};
use crate::template::{Dialect, HelperCall, MOST_OPEN, Outline, Problem};

/// The part of a scan that names edits.
pub(super) trait Editor: Sink {
    /// Kind of the errors, and what cannot be written in their words: `no nonce`.
    const NAMED: (ErrorKind, &'static str);

    /// The edits that were found since the last call, in the order of the source.
    fn take_edits(&mut self) -> Vec<Edit>;

    /// Whether the first edit is known, so that edits are final.
    fn is_settled(&self) -> bool {
        true
    }

    /// Whether the editor needs the outline of a template.
    const OUTLINED: bool = false;

    /// Takes the calls of helpers that write elements, and where they stand.
    fn helpers(&mut self, _: &[(Location, HelperCall)]) {}

    /// Takes the end of the document, with its outline.
    fn finish(&mut self, _: Option<Outline>) {}

    /// Decides what happens when the edits would move the declaration of the encoding out of sight: the document is
    /// refused, or it is left as it is.
    ///
    /// # Errors
    ///
    /// Why the document is refused.
    fn moves_declaration() -> Result<()>;
}

/// Copies a document to a writer, with edits.
pub(super) struct Driver<E, W> {
    decoder: InputDecoder,
    scan: TextScan<E>,
    splicer: Splicer<W>,
    /// Whether the charset comes from elsewhere.
    has_charset: bool,
    /// Template code in the document, which is held whole so that none of it changes.
    dialect: Option<Dialect>,
    /// The code of a template so far.
    code: SeenCode,
    /// The outline of a template so far.
    outline: Option<Outline>,
    edits: Edits,
}

/// The edits of a document, and whether they may be made.
#[derive(Default)]
struct Edits {
    /// The source up to where its encoding was known, until the first edit is known.
    start: Option<Vec<u8>>,
    /// Whether that is all of it.
    is_whole: bool,
    /// Whether a declaration in the document could decide on its encoding; known with the encoding.
    may_declare: Option<bool>,
    /// Whether all are left out, since they would move the declaration.
    is_left: bool,
    /// Those that cannot be written yet.
    waiting: Vec<Edit>,
    /// Number of all.
    count: usize,
}

impl Edits {
    /// Takes edits that are final; with the first, decides whether any may be made.
    fn take<E: Editor>(&mut self, found: Vec<Edit>) -> Result<()> {
        if let Some(start) = self.start.take()
            && self.may_declare == Some(true)
            && !keep_declaration(&start, self.is_whole, &found)
        {
            self.is_left = true;
            E::moves_declaration()?;
        }
        if !self.is_left {
            self.count += found.len();
            self.waiting.extend(found);
        }
        Ok(())
    }

    /// Those that end before `position`, which are to be written now.
    fn before(&mut self, position: usize) -> Vec<Edit> {
        let is_ready = |edit: &Edit| edit.range.end <= position;
        let ready = self.waiting.partition_point(is_ready);
        self.waiting.drain(..ready).collect()
    }
}

/// The result of an edited document.
pub(super) struct Edited<E, W> {
    pub(super) out: W,
    pub(super) editor: E,
    /// Number of edits that were written.
    pub(super) changes: usize,
    /// The end of each edit of a template, in bytes of its text, and by how many bytes what follows is moved.
    pub(super) moves: Vec<(usize, isize)>,
    /// Whether edits were left out, since they would have moved the declaration of the encoding.
    pub(super) is_left: bool,
    /// The template code that edits would have changed, so that all were left out.
    pub(super) combined: Option<Location>,
    /// Problems of the template code.
    pub(super) problems: Vec<Problem>,
}

/// The longest template that is edited, in bytes.
const LONGEST_TEMPLATE: usize = 64 << 20;

impl<E: Editor, W: Write> Driver<E, W> {
    /// Writes to `out`. `held` is where the editor can look the source up.
    pub(super) fn new(
        out: W,
        editor: E,
        held: Rc<RefCell<HeldText>>,
        charset: Option<&'static Encoding>,
        dialect: Option<Dialect>,
    ) -> Self {
        Self {
            decoder: InputDecoder::keeping_bytes(charset),
            scan: TextScan::new(editor, Scripting::Enabled, dialect),
            splicer: Splicer::new(out, held),
            has_charset: charset.is_some(),
            dialect,
            code: SeenCode::default(),
            outline: dialect.filter(|_| E::OUTLINED).map(Outline::new),
            edits: Edits { start: Some(Vec::new()), ..Edits::default() },
        }
    }

    /// The same, for a template in which a `<` in these parts, which are in order, begins no tag.
    pub(super) fn with_texts(mut self, texts: &[Range<usize>]) -> Self {
        self.scan = self.scan.with_texts(texts);
        self
    }

    /// The dialect of the template code in the document.
    pub(super) fn dialect(&self) -> Option<Dialect> {
        self.dialect
    }

    /// Copies an HTML document from `input`.
    ///
    /// # Errors
    ///
    /// As [`take`](Self::take), [`ErrorKind::Read`] and [`ErrorKind::NotText`], all with the path.
    pub(super) fn copy(&mut self, path: &str, input: impl Read) -> Result<()> {
        each_piece(path, input, |piece| self.take(Some(piece)))
    }

    /// Takes the next bytes, or the end of the document.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Write`] when `out` fails; of the editor's kind for a document in an encoding that cannot be edited, or
    /// that would be in another.
    fn take(&mut self, bytes: Option<&[u8]>) -> Result<()> {
        let mut text = Vec::new();
        let mut collect = |piece: &[u8]| {
            text.extend_from_slice(piece);
            Ok(())
        };
        match bytes {
            Some(bytes) => self.decoder.write(bytes, false, &mut collect)?,
            None => self.decoder.write(&[], true, &mut collect)?,
        }
        self.edits.is_whole = bytes.is_none() && self.edits.may_declare.is_none();
        self.take_source(bytes.unwrap_or_default())?;
        self.splicer.take_text(&text);
        self.check_length()?;
        let (seen, outline, splicer) = (&mut self.code, &mut self.outline, &self.splicer);
        self.scan.write_code(&text, &mut |code| {
            seen.take(code);
            if let Some(outline) = outline {
                outline.take(&splicer.held(), code);
            }
        })?;
        self.check_depth()?;
        if self.edits.may_declare.is_none() || !self.scan.sink().is_settled() {
            return Ok(());
        }
        let found = self.scan.sink().take_edits();
        self.edits.take::<E>(found)?;
        if self.dialect.is_some() {
            return Ok(());
        }
        let position = self.scan.position();
        let ready = self.edits.before(position);
        self.splicer.write_to(position, &ready)
    }

    /// Rejects a template that is too long to be held until its code is known to stay.
    fn check_length(&self) -> Result<()> {
        if self.dialect.is_none() || self.splicer.held().len() <= LONGEST_TEMPLATE {
            return Ok(());
        }
        let (kind, named) = E::NAMED;
        let message = format!("{named} that is a template of more than 64 MiB; split it");
        Err(Error::new(kind, message).with_remedy(Remedy::ExcludeFile))
    }

    /// Rejects a template whose outline cannot be told.
    fn check_depth(&self) -> Result<()> {
        if !self.outline.as_ref().is_some_and(Outline::is_too_deep) {
            return Ok(());
        }
        let (kind, named) = E::NAMED;
        let message = format!("{named} that has more than {MOST_OPEN} template blocks in each other; split it");
        Err(Error::new(kind, message).with_remedy(Remedy::ExcludeFile))
    }

    /// Takes at most as many bytes as are read at a time, and returns how many.
    ///
    /// # Errors
    ///
    /// As [`take`](Self::take).
    pub(super) fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        const PIECE: usize = 64 * 1024;
        let piece = &bytes[..bytes.len().min(PIECE)];
        self.take(Some(piece)).map_err(std::io::Error::other)?;
        Ok(piece.len())
    }

    /// Hands the source on, once its encoding is known.
    fn take_source(&mut self, bytes: &[u8]) -> Result<()> {
        let edits = &mut self.edits;
        let Some(start) = edits.start.as_mut().filter(|_| edits.may_declare.is_none()) else {
            self.splicer.take_source(bytes);
            return Ok(());
        };
        start.extend_from_slice(bytes);
        let Some(readings) = self.decoder.readings() else {
            return Ok(());
        };
        // By UTF-16, only a mark can decide.
        let is_editable =
            |encoding: &'static Encoding| encoding.is_ascii_compatible() || [UTF_16LE, UTF_16BE].contains(&encoding);
        if let Some(encoding) = readings.all().find(|&encoding| !is_editable(encoding)) {
            let (kind, named) = E::NAMED;
            let message = format!("{named} in {}; save it as UTF-8", encoding.name());
            return Err(Error::new(kind, message));
        }
        let (mark, source) = start.split_at(readings.mark);
        self.splicer.begin(readings.main, mark)?;
        self.splicer.take_source(source);
        edits.may_declare = Some(mark.is_empty() && !self.has_charset);
        Ok(())
    }

    /// Takes the end of the document and writes everything that was held.
    ///
    /// # Errors
    ///
    /// As [`take`](Self::take).
    pub(super) fn finish(mut self) -> Result<Edited<E, W>> {
        self.take(None)?;
        let (mut seen, mut outline, splicer) = (self.code, self.outline, &self.splicer);
        let ReadText { sink: mut editor, problems, helpers } = self.scan.end_code(&mut |code| {
            seen.take(code);
            if let Some(outline) = &mut outline {
                outline.take(&splicer.held(), code);
            }
        })?;
        if let Some(outline) = &mut outline {
            outline.end(&splicer.held());
        }
        editor.helpers(&helpers);
        editor.finish(outline);
        let mut edits = self.edits;
        edits.take::<E>(editor.take_edits())?;
        let mut combined = None;
        if let Some(dialect) = self.dialect
            && let Err(offset) = keep_code(dialect, &self.splicer.held(), seen, &edits.waiting)
        {
            let mut location = Location::START;
            location.advance(&self.splicer.held()[..offset]);
            combined = Some(location);
            edits.waiting.clear();
            edits.count = 0;
        }
        let moved = edits.waiting.iter().scan(0_isize, |moved, edit| {
            *moved += edit.text.len().cast_signed() - edit.range.len().cast_signed();
            Some((edit.range.end, *moved))
        });
        let moves = moved.collect();
        if let Some(last) = edits.waiting.last() {
            let end = last.range.end;
            self.splicer.write_to(end, &edits.waiting)?;
        }
        Ok(Edited {
            out: self.splicer.finish()?,
            editor,
            changes: edits.count,
            moves,
            is_left: edits.is_left,
            combined,
            problems,
        })
    }
}

/// The error for a document that is read as XML, which is never edited.
///
/// # Errors
///
/// That error, of kind `kind` and with the path.
pub(super) fn refuse_xml(path: &str, kind: ErrorKind, why: &str) -> Result<()> {
    if DocumentType::of_path(path) == DocumentType::Xml {
        return Err(Error::new(kind, why).at(path));
    }
    Ok(())
}
