//! The subjects of a page: everything that a browser asks a policy about, in the order in which it meets them.
//!
//! A hash list needs digests alone. A check needs the texts, since a policy may use any algorithm, and also the
//! nonces, the URLs, the policies in `<meta>` and the comments that allow findings. So subjects are kept only for the view
//! that asks for them, and hold the inline text of one page.

use std::ops::Range;

use super::element::Element;
use super::evaluated::Library;
use super::inlines::MOST;
use super::kind::Destination;
use super::request::RequestKey;
use super::script::{self, NonceFlaw};
use super::{Browser, InlineKind, Nesting};
use crate::location::Location;
use crate::template::{HelperCall, Written};

/// The subjects of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subjects {
    /// The page first, then the documents nested in it.
    pub(crate) documents: Vec<Document>,
    pub(crate) all: Vec<Subject>,
    pub(crate) notes: Vec<Note>,
}

impl Default for Subjects {
    fn default() -> Self {
        Self { documents: vec![Document { parent: None, browser: None }], all: Vec::new(), notes: Vec::new() }
    }
}

impl Subjects {
    /// Adds the subjects that the page has in another encoding: each behind the one that stands in its place, so that the policies
    /// before it are the same; at the end where the encoding makes another markup.
    pub(super) fn add_reading(&mut self, mut other: Self) {
        let is_same_markup = self.all.len() == other.all.len()
            && self.documents == other.documents
            && self.notes.len() == other.notes.len();
        if is_same_markup {
            let pairs = std::mem::take(&mut self.all).into_iter().zip(other.all);
            self.all.extend(pairs.flat_map(|(subject, other)| {
                let other = Some(other).filter(|other| other.what != subject.what);
                std::iter::once(subject).chain(other)
            }));
            return;
        }
        let (documents, notes) = (self.documents.len() as u32, self.notes.len());
        let moved = |document: u32| match document {
            0 => 0,
            inner => documents + inner - 1,
        };
        for document in other.documents.drain(1..) {
            let parent = document.parent.map(moved);
            self.documents.push(Document { parent, ..document });
        }
        self.notes.append(&mut other.notes);
        self.all.extend(other.all.into_iter().map(|subject| Subject {
            document: moved(subject.document),
            notes: subject.notes.start + notes..subject.notes.end + notes,
            ..subject
        }));
    }

    /// Adds the elements that helpers write, each where its call stands.
    pub(super) fn add_helpers(&mut self, calls: &[(Location, HelperCall)]) {
        if calls.is_empty() {
            return;
        }
        self.all.extend(calls.iter().map(|(location, call)| Subject {
            what: What::Helper(*call),
            location: *location,
            document: 0,
            is_later: false,
            is_scriptless: false,
            notes: 0..0,
        }));
        self.all.sort_by_key(|subject| subject.location);
    }

    /// Whether `inner` is `outer` or stands in it.
    pub(crate) fn is_within(&self, inner: u32, outer: u32) -> bool {
        let mut at = Some(inner);
        while let Some(document) = at {
            if document == outer {
                return true;
            }
            at = self.documents[document as usize].parent;
        }
        false
    }
}

/// A document that may have policies of its own beside those it inherits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    /// The document that it is framed in.
    pub(crate) parent: Option<u32>,
    /// The browser that reads it, where another one reads another document.
    pub(crate) browser: Option<Browser>,
}

/// A comment that allows findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    /// Without `<!--` and `-->`.
    pub(crate) text: String,
    pub(crate) location: Location,
}

/// Something that a policy decides on, or a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) what: What,
    pub(crate) location: Location,
    /// The document it stands in, an index of [`Subjects::documents`].
    pub(crate) document: u32,
    /// In the content of an inert `<template>`, so that it is checked when a script clones it, or a URL, which is checked
    /// when somebody follows it.
    pub(crate) is_later: bool,
    /// Whether it only counts where scripts do not run.
    pub(crate) is_scriptless: bool,
    /// The comments right before its element, as indices of [`Subjects::notes`].
    pub(crate) notes: Range<usize>,
}

impl What {
    /// The subject that a request of a page is.
    pub(crate) fn fetch(key: &RequestKey, nonce: Nonce) -> Self {
        Self::Fetch {
            destination: key.destination,
            url: key.url.as_deref().map(str::to_owned),
            base: key.base,
            integrity: key.integrity.to_string(),
            nonce,
        }
    }

    /// Whether it is or may be a script.
    pub(crate) fn is_script(&self) -> bool {
        match self {
            Self::Inline { kind, .. } => match kind {
                InlineKind::Script | InlineKind::EventHandler | InlineKind::JavascriptUrl => true,
                InlineKind::Style | InlineKind::StyleAttribute => false,
            },
            Self::Fetch { destination, .. } => *destination == Destination::Script,
            Self::Helper(call) => matches!(call.written, Written::Script | Written::UrlScript),
            Self::Evaluated(_) | Self::Meta { .. } => false,
        }
    }
}

/// What a policy decides on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum What {
    /// An inline resource. `spellings` is the text that is hashed; of a `javascript:` URL and in a `data:` URL each that a browser
    /// hashes, Firefox's first and Chromium's last; `None` when template code makes it.
    Inline { kind: InlineKind, spellings: Option<Vec<String>>, nonce: Nonce, is_speculation_rules: bool },
    /// A URL that is fetched; `None` for one that template code makes.
    Fetch {
        destination: Destination,
        url: Option<String>,
        /// The document that it is relative to, an index of the page's bases.
        base: u32,
        integrity: String,
        nonce: Nonce,
    },
    /// An attribute that a library runs as code.
    Evaluated(Library),
    /// An element that a helper writes.
    Helper(HelperCall),
    /// A policy in a `<meta>`.
    Meta {
        policy: String,
        in_head: bool,
        report_only: bool,
        /// Whether it was [written by `cspseal`](super::MARKER).
        is_marked: bool,
    },
}

/// What an element has for a nonce.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Nonce {
    None,
    Value(String),
    /// One that browsers ignore.
    Ignored(NonceFlaw),
    /// Template code writes it.
    Code,
}

impl Nonce {
    /// Of an element; `is_template` when there may be template code.
    pub(super) fn of(element: &dyn Element, is_template: bool) -> Self {
        if is_template && script::is_nonced_by_code(element) {
            return Self::Code;
        }
        match element.attribute("nonce") {
            Some(nonce) if !nonce.is_empty() => match script::nonce_flaw(element) {
                Some(flaw) => Self::Ignored(flaw),
                None => Self::Value(nonce.into_owned()),
            },
            _ => Self::None,
        }
    }
}

/// Where a subject stands.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) location: Location,
    pub(super) document: u32,
    pub(super) notes: Range<usize>,
}

/// How much there is of [`Subjects`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    documents: usize,
    all: usize,
    notes: usize,
}

impl What {
    /// This subject, which Chromium reads, joined with the one that Firefox reads at the same place; [`None`] if they differ in kind.
    fn joined(&self, firefox: &Self) -> Option<Self> {
        let (
            Self::Inline { kind, spellings: Some(own), nonce, is_speculation_rules },
            Self::Inline { kind: other, spellings: Some(others), nonce: another, is_speculation_rules: other_rules },
        ) = (self, firefox)
        else {
            return (self == firefox).then(|| self.clone());
        };
        if (kind, nonce, is_speculation_rules) != (other, another, other_rules) {
            return None;
        }
        let spellings = if own == others { own.clone() } else { [&others[..], own].concat() };
        Some(Self::Inline {
            kind: *kind,
            spellings: Some(spellings),
            nonce: nonce.clone(),
            is_speculation_rules: *is_speculation_rules,
        })
    }
}

impl Subjects {
    /// Adds a subject.
    pub(super) fn add(&mut self, what: What, spot: Spot, nested: &[Nesting]) {
        if self.all.len() > MOST {
            // The page is rejected.
            return;
        }
        let is_url = matches!(what, What::Inline { kind: InlineKind::JavascriptUrl, .. });
        self.all.push(Subject {
            is_later: is_url || nested.contains(&Nesting::Template),
            is_scriptless: nested.contains(&Nesting::Noscript),
            what,
            location: spot.location,
            document: spot.document,
            notes: spot.notes,
        });
    }

    /// How much there is.
    pub(super) fn mark(&self) -> Mark {
        Mark { documents: self.documents.len(), all: self.all.len(), notes: self.notes.len() }
    }

    /// Joins the subjects between `start` and `middle`, as Chromium reads a frame, with those behind, as Firefox reads it, if both
    /// are of the same kinds in the same order.
    pub(super) fn join(&mut self, start: Mark, middle: Mark) {
        let (chromium, firefox) = self.all[start.all..].split_at(middle.all - start.all);
        let place = |subject: &Subject, from: Mark| {
            let document = (subject.document as usize).checked_sub(from.documents);
            (document, subject.is_later, subject.is_scriptless)
        };
        let join = |(one, other): (&Subject, &Subject)| {
            let what = one.what.joined(&other.what)?;
            (place(one, start) == place(other, middle)).then_some(what)
        };
        let both = chromium.iter().zip(firefox).map(join);
        let joined: Option<Vec<What>> = both.collect();
        let Some(joined) = joined.filter(|_| chromium.len() == firefox.len()) else {
            return;
        };
        self.documents.truncate(middle.documents);
        self.all.truncate(middle.all);
        self.notes.truncate(middle.notes);
        for document in &mut self.documents[start.documents..] {
            document.browser = None;
        }
        for (subject, what) in self.all[start.all..].iter_mut().zip(joined) {
            subject.what = what;
        }
    }

    /// The comments right before an element that comes now.
    pub(super) fn notes_before(&self, element: &dyn Element) -> Range<usize> {
        let len = self.notes.len();
        len.saturating_sub(element.notes())..len
    }
}
