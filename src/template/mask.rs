//! The mask: template code out, filler of the same length in, as a stream.
//!
//! The lexers say what is code, [`Context`] says what its filler must be; this file joins the two
//! and keeps the account of what was hidden.
//!
//! | where | filler | because |
//! | --- | --- | --- |
//! | right after `=` in a tag, or after `<` or `</` | `x…` | it is the value, or the name |
//! | output in a tag right after a letter or digit | `/x…` | `x` would make another name of it |
//! | other output in a tag | `x…` | one attribute, or part of a value |
//! | output outside tags | spaces | text would begin the body of the page |
//! | statements, comments, delimiters of verbatim blocks | spaces | what they enclose stays apart |
//!
//! Line feeds and carriage returns stay, so lines and columns survive too.

use std::mem;
use std::ops::Range;

use super::context::{Context, Filler};
use super::dialect::Dialect;
use super::helpers::{HelperCall, Helpers};
use super::input::{Input, Lex, Noted, Step, Unfinished};
use super::lexer;
use super::places::Places;
use super::problem::{Problem, ProblemKind};
use super::scripts::Scripts;
use super::words::Words;
use crate::location::Location;

/// What was hidden.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HiddenKind {
    /// Code whose value stands in the page: `{{ x }}`, `<%= x %>`.
    Output,
    /// Code that stands for nothing itself: `{% if x %}`, `<% if (x) { %>`.
    Statement,
    /// A template comment, with whatever it comments out.
    Comment,
    /// A delimiter of a block whose content is literal: `{% raw %}`.
    Verbatim,
    /// A byte that only says that the next ones are literal: the `\` of `\{{`.
    Escape,
    /// The text of a script or style whose element the code before it writes: `<%= javascript_tag do %>`.
    ScriptText,
}

/// What code in the dialect's usual delimiters is at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum UsualCode {
    /// Code, which is run.
    #[default]
    Runs,
    /// Text, in a verbatim block or a text to translate.
    Literal,
    /// Text, since code stands between these bytes instead.
    Replaced {
        /// What begins it.
        open: Box<[u8]>,
        /// What ends it.
        close: Box<[u8]>,
    },
}

impl UsualCode {
    /// [`Literal`](Self::Literal) where a block holds, or that it runs.
    fn in_block(holds: bool) -> Self {
        if holds { Self::Literal } else { Self::Runs }
    }
}

/// A construct that was hidden.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HiddenSpan {
    /// What it is.
    pub kind: HiddenKind,
    /// Its bytes, counted from the beginning of the input.
    pub range: Range<usize>,
    /// What code in the dialect's usual delimiters is behind it, where a verbatim block, a text to translate, or a change of the
    /// delimiters begins or ends. `None` for what does neither.
    pub usual_code: Option<UsualCode>,
    /// Whether it may write a nonce attribute: the word nonce stands, in any case, in code that prints something or in the
    /// name of a tag, as in `{% csp_nonce_attr %}`.
    pub names_nonce: bool,
    /// Whether it stands in a tag, a comment or an element's text, where no element can begin.
    pub(crate) is_in_text: bool,
}

/// Hides template code from an HTML parser, in pieces of any size.
///
/// The output has the length of the input; outside the hidden spans it is the input, byte for byte.
/// Memory is bounded by the longest part of a construct that an engine must have seen to know what
/// it is, and by 1 MiB.
///
/// ```
/// use cspseal::template::{Dialect, HiddenKind, Mask};
///
/// let mut mask = Mask::new(Dialect::Django);
/// let mut masked = Vec::new();
/// for piece in [&b"<script{{ at"[..], b"trs }}>"] {
///     mask.write(piece, &mut |bytes| masked.extend_from_slice(bytes));
/// }
/// mask.end(&mut |bytes| masked.extend_from_slice(bytes));
/// assert_eq!(masked, b"<script/xxxxxxxxxx>");
///
/// let spans: Vec<_> = mask.spans().collect();
/// assert_eq!((spans[0].kind, spans[0].range.clone()), (HiddenKind::Output, 7..18));
/// ```
#[derive(Debug)]
pub struct Mask {
    dialect: Dialect,
    lexer: Box<dyn Lex>,
    context: Context,
    /// What has arrived and not been consumed.
    pending: Vec<u8>,
    /// The offset of `pending`.
    at: usize,
    /// The byte before `pending`.
    before: u8,
    open: Option<OpenSpan>,
    filled: Vec<u8>,
    spans: Vec<HiddenSpan>,
    noted: Vec<Noted>,
    problems: Vec<Problem>,
    helpers: Helpers,
    places: Places,
    scripts: Scripts,
    /// The beginning of the open construct, if that can be a tag of a script.
    code: Vec<u8>,
}

/// How much of a construct is looked through for tags of scripts, in bytes.
const LONGEST_CODE: usize = 64 << 10;

#[derive(Clone, Copy, Debug)]
struct OpenSpan {
    kind: HiddenKind,
    start: usize,
    filler: Filler,
    words: Words,
    is_in_text: bool,
}

impl OpenSpan {
    fn span(&self, end: usize) -> HiddenSpan {
        HiddenSpan {
            kind: self.kind,
            range: self.start..end,
            usual_code: None,
            names_nonce: match self.kind {
                HiddenKind::Output => self.words.nonce,
                HiddenKind::Statement => self.words.prints_nonce(),
                _ => false,
            },
            is_in_text: self.is_in_text,
        }
    }
}

impl HiddenSpan {
    /// Whether an engine runs it.
    pub(super) fn is_code(&self) -> bool {
        matches!(self.kind, HiddenKind::Output | HiddenKind::Statement)
    }
}

impl Mask {
    /// A mask that has seen nothing.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            lexer: lexer::lexer(dialect),
            context: Context::new(),
            pending: Vec::new(),
            at: 0,
            before: b'\n',
            open: None,
            filled: Vec::new(),
            spans: Vec::new(),
            noted: Vec::new(),
            problems: Vec::new(),
            helpers: Helpers::new(dialect),
            places: Places::default(),
            scripts: Scripts::new(dialect),
            code: Vec::new(),
        }
    }

    /// Takes the next bytes and hands on those whose mask is known, in order.
    pub fn write(&mut self, bytes: &[u8], out: &mut dyn FnMut(&[u8])) {
        self.helpers.see(bytes);
        self.pending.extend_from_slice(bytes);
        self.run(false, out);
    }

    /// Says that the input ends, and hands on the rest. Nothing may be written behind it.
    pub fn end(&mut self, out: &mut dyn FnMut(&[u8])) {
        self.run(true, out);
        if self.is_in_script_text() {
            self.close();
        }
        if let Some(start) = self.scripts.unclosed() {
            self.problem(start);
        }
        let open = self.open.map(|open| open.start);
        match self.lexer.unfinished(open.is_some()) {
            Unfinished::Nothing => {}
            Unfinished::Construct => self.problem(open.unwrap_or(self.at)),
            Unfinished::Block(offset) => self.problem(offset),
        }
        self.close();
    }

    /// The part that has been handed on of a construct whose end has not.
    #[must_use]
    pub fn open_span(&self) -> Option<HiddenSpan> {
        self.open.map(|open| open.span(self.at))
    }

    /// The spans hidden since the last call, in order. A span is known once its last byte has been
    /// handed on, and before any byte behind it.
    pub fn spans(&mut self) -> impl Iterator<Item = HiddenSpan> {
        self.spans.drain(..)
    }

    /// The problems found since the last call.
    pub fn problems(&mut self) -> impl Iterator<Item = Problem> {
        self.problems.drain(..)
    }

    /// The calls of helpers that write elements since the last call, and where they stand.
    pub(crate) fn helpers(&mut self) -> impl Iterator<Item = (Location, HelperCall)> {
        self.helpers.calls()
    }

    fn problem(&mut self, offset: usize) {
        self.problems.push(Problem {
            kind: ProblemKind::Unterminated,
            offset,
            location: self.places.of(offset, self.at, &[]),
        });
    }

    fn run(&mut self, last: bool, out: &mut dyn FnMut(&[u8])) {
        let mut pending = mem::take(&mut self.pending);
        let mut done = 0;
        while done < pending.len() {
            let input = Input { bytes: &pending[done..], at: self.at, before: self.before, last };
            let step = self.lexer.step(input, &mut self.noted);
            for Noted { kind, offset } in self.noted.drain(..) {
                self.problems.push(Problem { kind, offset, location: self.places.of(offset, self.at, input.bytes) });
            }
            let step = match step {
                Step::More if !last => break,
                Step::More if self.open.is_some() => Step::Inside(input.bytes.len()),
                Step::More => Step::Text(input.bytes.len()),
                step => step,
            };
            done += self.take(step, input.bytes, out);
        }
        pending.drain(..done);
        self.pending = pending;
    }

    /// Consumes what `step` says of `bytes`; how much that was.
    fn take(&mut self, step: Step, bytes: &[u8], out: &mut dyn FnMut(&[u8])) -> usize {
        if let Step::Text(len) = step {
            self.scripts.text(&bytes[..len]);
            if self.is_in_script_text() && !self.scripts.is_inside() {
                self.close();
            }
        }
        let len = match step {
            Step::More => 0,
            Step::Text(len) if self.scripts.is_inside() => {
                if !self.is_in_script_text() {
                    self.open(HiddenKind::ScriptText);
                }
                self.hide(&bytes[..len], out);
                len
            }
            Step::Text(len) => {
                self.context.text(&bytes[..len]);
                out(&bytes[..len]);
                len
            }
            Step::Open(kind, len) | Step::Whole(kind, len) => {
                self.open(kind);
                self.hide(&bytes[..len], out);
                len
            }
            Step::Inside(len) | Step::Close(len) => {
                self.hide(&bytes[..len], out);
                len
            }
        };
        if len > 0 {
            self.at += len;
            self.places.pass(&bytes[..len]);
            self.before = bytes[len - 1];
        }
        if matches!(step, Step::Whole(..) | Step::Close(_)) {
            self.close();
        }
        len
    }

    fn is_in_script_text(&self) -> bool {
        let kind = self.open.map(|open| open.kind);
        kind == Some(HiddenKind::ScriptText)
    }

    fn open(&mut self, kind: HiddenKind) {
        self.close();
        self.code.clear();
        let block = match self.lexer.unfinished(false) {
            Unfinished::Block(offset) => Some(offset),
            _ => None,
        };
        self.places.keep(self.at, block);
        self.open = Some(OpenSpan {
            kind,
            start: self.at,
            filler: self.context.filler(kind),
            words: Words::default(),
            is_in_text: !self.context.is_outside() || self.scripts.is_inside(),
        });
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take()
            && open.start < self.at
        {
            let mut span = open.span(self.at);
            span.usual_code = match open.kind {
                HiddenKind::Verbatim => {
                    let open = self.lexer.unfinished(false);
                    let holds = matches!(open, Unfinished::Block(_));
                    Some(UsualCode::in_block(holds))
                }
                HiddenKind::Statement => self.lexer.usual_code().or_else(|| {
                    let holds = open.words.translation(self.dialect)?;
                    Some(UsualCode::in_block(holds))
                }),
                _ => None,
            };
            let is_code = matches!(open.kind, HiddenKind::Output | HiddenKind::Statement);
            if is_code && !open.is_in_text && self.helpers.may_be() {
                let location = self.places.of(open.start, self.at, &[]);
                self.helpers.take(self.dialect, &self.code, location);
            }
            if is_code && self.scripts.may_be(open.words.first()) {
                let code = String::from_utf8_lossy(&self.code);
                let is_outside = self.context.is_outside();
                self.scripts.see(&code, open.start, is_outside);
            }
            self.spans.push(span);
        }
    }

    fn hide(&mut self, bytes: &[u8], out: &mut dyn FnMut(&[u8])) {
        let Some(open) = &mut self.open else { return };
        open.words.see(bytes);
        if self.scripts.has_any() {
            let room = LONGEST_CODE.saturating_sub(self.code.len());
            self.code.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
        let filled = &mut self.filled;
        filled.clear();
        filled.resize(bytes.len(), open.filler.rest);
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            filled[at] = bytes[at];
        }
        if open.filler.first != open.filler.rest {
            let is_filler = |byte: &u8| !matches!(byte, b'\n' | b'\r');
            if let Some(at) = bytes.iter().position(is_filler) {
                filled[at] = mem::replace(&mut open.filler.first, open.filler.rest);
            }
        }
        self.context.hidden(filled);
        out(filled);
    }
}

/// A masked text and what was hidden in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masked {
    /// The text, as long as the input.
    pub bytes: Vec<u8>,
    /// What was hidden, in order.
    pub spans: Vec<HiddenSpan>,
    /// What is wrong with the template.
    pub problems: Vec<Problem>,
}

/// Masks a whole text.
///
/// ```
/// use cspseal::template::{Dialect, mask};
/// let masked = mask(Dialect::Jinja, b"<a {% if a > b %}b{% endif %} href={{ url }}>");
/// assert_eq!(masked.bytes, b"<a               b            href=xxxxxxxxx>");
/// ```
#[must_use]
pub fn mask(dialect: Dialect, bytes: &[u8]) -> Masked {
    let mut mask = Mask::new(dialect);
    let mut masked = Masked::default();
    mask.write(bytes, &mut |b| masked.bytes.extend_from_slice(b));
    mask.end(&mut |b| masked.bytes.extend_from_slice(b));
    masked.spans = mask.spans().collect();
    masked.problems = mask.problems().collect();
    masked
}
