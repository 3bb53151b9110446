//! The findings about a page, while it is judged.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use url::Url;

use super::allow_comments::Allows;
use super::fingerprint::{Fingerprint, Fingerprints};
use super::followed::{OfFile, OfFiles};
use super::requests::Tally;
use crate::finding::{Bounded, Finding, Place};
use crate::page::Location;
use crate::page::subject::{Note, Subject};

/// Gathers what there is to say, each thing once.
pub(super) struct Findings<'a> {
    pub(super) path: &'a Arc<str>,
    pub(super) allows: Allows<'a>,
    fingerprints: Fingerprints,
    /// Everything that was said, with its place.
    seen: HashSet<Fingerprint>,
    pub(super) all: Bounded,
    pub(super) requests: Tally,
    /// The findings of files that were added, by their addresses, and the comments at what leads to them.
    files: HashSet<(usize, Range<usize>)>,
}

impl<'a> Findings<'a> {
    /// None yet of a page with this path and these comments.
    pub(super) fn new(path: &'a Arc<str>, notes: &'a [Note]) -> Self {
        Self {
            path,
            allows: Allows::new(notes),
            fingerprints: Fingerprints::default(),
            seen: HashSet::new(),
            all: Bounded::default(),
            requests: Tally::default(),
            files: HashSet::new(),
        }
    }

    /// Adds a finding about a subject, unless a comment allows it.
    pub(super) fn add(&mut self, subject: &Subject, found: Finding) {
        if !self.allows.allow(subject.notes.clone(), found.code) {
            self.add_at(subject.location, found);
        }
    }

    pub(super) fn add_at(&mut self, location: Location, found: Finding) {
        let place = Place::of(self.path, location);
        let print = (found.code, &place, &found.message);
        if self.seen.insert(self.fingerprints.of(print)) {
            self.all.push(found.at(place));
        }
    }

    /// Adds findings about what follows from a request with these comments, unless one allows them.
    pub(super) fn add_followed(&mut self, notes: &Range<usize>, followed: &OfFiles) {
        let mut is_new =
            |of: &&Arc<[OfFile]>| self.files.insert((Arc::as_ptr(of).cast::<OfFile>().addr(), notes.clone()));
        for found in followed.iter().filter(&mut is_new).flat_map(|it| &**it) {
            if !self.allows.allow(notes.clone(), found.finding.code) {
                let finding = found.finding.clone();
                self.requests.add_of_file(finding, &found.file, found.uses);
            }
        }
    }

    /// Adds a finding about a request, unless a comment allows it.
    pub(super) fn add_blocked(&mut self, subject: &Subject, url: Option<&Url>, found: Finding) {
        self.tally(subject.notes.clone(), subject.location, url, found);
    }

    /// Adds a finding that is counted, unless a comment allows it.
    pub(super) fn tally(&mut self, notes: Range<usize>, location: Location, url: Option<&Url>, found: Finding) {
        if self.allows.allow(notes, found.code) {
            return;
        }
        let place = Place::of(self.path, location);
        // The same use under other policies.
        let print = (found.code, &place, &found.message, url);
        if self.seen.insert(self.fingerprints.of(print)) {
            self.requests.add(found.at(place), 1);
        }
    }
}
