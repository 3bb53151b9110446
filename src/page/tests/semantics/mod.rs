//! The inline resources that browsers check, row by row: texts, scripts, styles, attributes, `javascript:` URLs, nested documents.
//! Each row runs whole and split at every byte; `tests/it/pages/browser_cases.rs` holds the pages that browsers were run on.

mod attributes;
mod javascript_urls;
mod nested;
mod scripts;
mod styles;
mod text;

use super::InlineKind::{EventHandler, JavascriptUrl, Script, Style, StyleAttribute};
use super::document::DocumentScan;
use super::scan::page_of;
use super::walk::Walk;
use super::*;
use crate::finding::Code;
use crate::hash::HashSource;

/// Scans `html` in two pieces.
fn scan_split(html: &[u8], at: usize, options: &ScanOptions) -> Page {
    let walk = || Walk::page(options, None);
    let mut scan = DocumentScan::new(walk(), options.charset, None, || Some(walk()));
    scan.write(&html[..at]).unwrap();
    page_of(&"page.html".into(), scan.end(&html[at..]).unwrap(), options).unwrap()
}

fn scan(html: &[u8], options: &ScanOptions) -> Page {
    let whole = scan_split(html, html.len(), options);
    for at in 0..html.len() {
        let page = scan_split(html, at, options);
        assert_eq!(page, whole, "split at {at}: {}", String::from_utf8_lossy(html));
    }
    whole
}

fn nth(page: &Page, index: usize) -> Inline<'_> {
    page.inlines().nth(index).unwrap()
}

/// Asserts that just these texts are hashed, in this order.
#[track_caller]
fn hashes(html: impl AsRef<[u8]>, want: &[(InlineKind, &str)]) {
    hashes_with(html, &ScanOptions::new(), want);
}

#[track_caller]
pub(super) fn hashes_with(html: impl AsRef<[u8]>, options: &ScanOptions, want: &[(InlineKind, &str)]) {
    let html = html.as_ref();
    let page = scan(html, options);
    let got: Vec<_> = page.inlines().map(|i| (i.kind, i.hashes[0])).collect();
    let hash = |text: &str| HashSource::of(HashAlgorithm::Sha256, text.as_bytes());
    let wanted: Vec<_> = want.iter().map(|(kind, text)| (*kind, hash(text))).collect();
    let shown = String::from_utf8_lossy(html);
    assert_eq!(got, wanted, "wanted {want:?} of {shown}");
}

#[track_caller]
fn nothing(html: impl AsRef<[u8]>) {
    hashes(html, &[]);
}

#[track_caller]
fn script(html: impl AsRef<[u8]>, text: &str) {
    hashes(html, &[(Script, text)]);
}

#[track_caller]
fn style(html: impl AsRef<[u8]>, text: &str) {
    hashes(html, &[(Style, text)]);
}

fn codes(html: impl AsRef<[u8]>) -> Vec<Code> {
    scan(html.as_ref(), &ScanOptions::new()).findings.iter().map(|f| f.code).collect()
}
