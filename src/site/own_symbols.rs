//! The site's own SVG files that pages show with `use`. Browsers clone them into the page and ask the policy of the page about the
//! images in them. All of a file counts, since most pages use several of its symbols.
//!
//! Run in Chromium and Firefox: neither runs its scripts, loads its frames or imports its style sheets. Firefox alone asks about its
//! `style` attributes and event handlers.

use std::sync::Arc;

use super::file_problem::FileProblem;
use super::files::{SiteFile, SiteFiles};
use super::requests::{absolute_bases, resolved};
use super::subresources::{OwnFile, Subrequest};
use crate::finding::Place;
use crate::page::{Destination, DocumentType, InlineKind, ScanOptions, scan_page};

impl SiteFiles {
    /// What a file asks for where it is used. Of one that is not well-formed XML browsers show nothing.
    pub(super) fn own_symbols(&self, file: &SiteFile) -> OwnFile {
        let options = ScanOptions::new()
            .with_requests(true)
            .with_charset(file.charset)
            .with_document_type(Some(DocumentType::Xml));
        let Ok(page) = scan_page(&file.name, &*file.bytes, &options) else {
            return OwnFile::default();
        };
        let bases = absolute_bases(&file.url, &page.bases);
        let requests = page.requests.iter().filter_map(|request| {
            let key = &request.key;
            let url = resolved(key.url.as_deref()?, key.base, &bases)?;
            let is_asked = match key.destination {
                Destination::Image => true,
                Destination::Use => self.has(&url),
                _ => false,
            };
            is_asked.then(|| {
                Arc::new(Subrequest {
                    destination: key.destination,
                    url: Arc::new(url),
                    first: Place::of(&file.name, request.first),
                    is_hidden: file.is_hidden,
                    is_module: false,
                })
            })
        });
        let mut inlines = page.inlines();
        let is_asked = |kind| matches!(kind, InlineKind::EventHandler | InlineKind::StyleAttribute);
        OwnFile {
            requests: requests.collect(),
            problem: inlines.any(|inline| is_asked(inline.kind)).then_some(FileProblem::InlineAttributes),
            hidden: file.hidden(),
            ..OwnFile::default()
        }
    }
}
