//! What a scan for places comes to: edits, findings, and what kinds of elements have the nonce.

use std::ops::Range;

use crate::edit::splicer::Edit;
use crate::finding::{Code, Severity};
use crate::location::Location;
use crate::page::InlineCheckType;
use crate::page::walk::Problems;
use crate::template::{HelperCall, Links, Written};

/// Kinds of elements that take a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NoncedElements {
    /// Scripts, inline and by URL.
    pub scripts: bool,
    /// `style` elements.
    pub styles: bool,
    /// `link` elements for style sheets, preloads and module preloads.
    pub links: bool,
}

impl Default for NoncedElements {
    /// Scripts and styles.
    fn default() -> Self {
        Self { scripts: true, styles: true, links: false }
    }
}

/// An element that a nonce was written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingNonce {
    /// Where its start tag stands; inside `srcdoc` this is the place of the frame.
    pub location: Location,
    /// The check that the nonce is for: of scripts, or of styles.
    pub check: InlineCheckType,
}

/// An element that has a nonce or gets one.
pub(super) struct Candidate {
    /// Its start tag, in bytes of the file's text.
    pub(super) tag: Range<usize>,
    /// Where it is reported.
    pub(super) location: Location,
    pub(super) check: InlineCheckType,
    /// Whether its nonce is the one that is written.
    pub(super) is_same: bool,
    /// The edit that gives it its nonce; `None` if it has one. It is held apart, since most elements may have one.
    pub(super) edit: Option<Box<Edit>>,
}

/// The results for a template that depend on other files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Open {
    /// Whether nonces in it have values.
    pub(crate) values: bool,
    /// Whether an element with a new nonce is in a string, by the parts whose surroundings are unknown.
    pub(crate) surroundings: bool,
}

/// What a scan comes to.
#[derive(Default)]
pub(super) struct Found {
    /// Those of a template, of which it is decided at its end which get a nonce.
    pub(super) candidates: Vec<Candidate>,
    pub(super) edits: Vec<Edit>,
    pub(super) scripts: bool,
    pub(super) styles: bool,
    pub(super) missing: Vec<MissingNonce>,
    pub(super) problems: Problems,
    pub(super) open: Open,
    pub(super) links: Links,
}

impl Found {
    /// Takes an element whose nonce is filled.
    pub(super) fn take(&mut self, candidate: Candidate) {
        let Candidate { location, check, .. } = candidate;
        match check {
            _ if !candidate.is_same => {}
            InlineCheckType::Style => self.styles = true,
            _ => self.scripts = true,
        }
        if let Some(edit) = candidate.edit {
            self.missing.push(MissingNonce { location, check });
            self.edits.push(*edit);
        }
    }

    /// Takes the helpers that write elements, and reports those without the nonce.
    pub(super) fn helpers(&mut self, wanted: NoncedElements, calls: &[(Location, HelperCall)]) {
        for (location, call) in calls {
            let is_wanted = match call.written {
                Written::Script | Written::UrlScript => wanted.scripts,
                Written::Style => wanted.styles,
                Written::Link => wanted.links,
            };
            if call.has_nonce {
                match call.written {
                    Written::Script | Written::UrlScript => self.scripts |= is_wanted,
                    Written::Style | Written::Link => self.styles |= is_wanted,
                }
                continue;
            }
            let severity = match (is_wanted, call.written) {
                (true, _) => Severity::Warning,
                // Policies allow the URLs of style sheets, and by default no link gets a nonce.
                (false, Written::Link) => Severity::Note,
                (false, Written::Script | Written::UrlScript | Written::Style) => continue,
            };
            let helper = call.helper;
            let why = format!("{} writes an element without the nonce", helper.name);
            let problems = &mut self.problems;
            problems.add_as(severity, Code::HelperNonce, *location, why, helper.help);
        }
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.candidates.extend(other.candidates);
        self.edits.extend(other.edits);
        self.scripts |= other.scripts;
        self.styles |= other.styles;
        self.missing.extend(other.missing);
        self.problems.absorb(other.problems);
    }
}
