//! From the input arguments to an inventory, with a progress bar for what takes long.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::settings::{FileSettings, InputSettings};
use crate::error::Error;
use crate::finding::Finding;
use crate::page::{ScanOptions, scan_page};
use crate::site::{Inventory, PageFile, Roots, Scan, SiteFiles, add_files, find_pages, scan_one};

/// How long a run may take before it shows how far it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// The pages that the arguments name.
#[derive(Default)]
pub(super) struct Pages {
    pub(super) files: Vec<PageFile>,
    /// Whether standard input is one.
    pub(super) stdin: bool,
    /// What there is to say about how they were found.
    pub(super) findings: Vec<Finding>,
    /// What could not be found.
    pub(super) errors: Vec<Error>,
    /// The paths of the WebAssembly files next to them.
    pub(super) wasm: BTreeSet<String>,
    roots: Roots,
}

impl Pages {
    pub(super) fn find(settings: &FileSettings) -> anyhow::Result<Self> {
        let filter = settings.filter()?;
        let paths = settings.paths.iter().cloned();
        let (stdin, paths): (Vec<_>, Vec<_>) = paths.partition(|path| path.as_os_str() == "-");
        let found = find_pages(&paths, &filter);
        Ok(Self {
            files: found.files,
            stdin: !stdin.is_empty(),
            findings: found.findings,
            errors: found.errors,
            wasm: found.wasm,
            roots: found.roots,
        })
    }

    /// The files of the site that the pages are of.
    pub(super) fn site_files(&self, settings: &InputSettings) -> SiteFiles {
        SiteFiles::new(self.roots.clone(), settings.site.clone(), settings.files.charset)
    }
}

/// How pages are scanned.
pub(super) fn options(settings: &InputSettings) -> ScanOptions {
    ScanOptions::new()
        .with_algorithm(settings.algorithm)
        .with_charset(settings.files.charset)
        .with_templates(settings.files.template)
        .with_template_content(settings.template_content)
        .with_urls(settings.has_urls)
        .with_evaluated_attributes(settings.reports_evaluated)
        .with_placeholder(settings.nonce.placeholder())
        .with_requests(true)
        .with_inline_texts(settings.has_texts)
}

/// What was scanned.
pub(super) struct Scanned {
    pub(super) scan: Scan,
    pub(super) files: Vec<PageFile>,
    /// The names of other files that were read and of which nothing may be shown.
    pub(super) hidden: Vec<String>,
    pub(super) site_files: SiteFiles,
}

/// Scans what the arguments name.
pub(super) fn scan(settings: &InputSettings) -> anyhow::Result<Scanned> {
    let found = Pages::find(&settings.files)?;
    let around = found.site_files(settings);
    let Pages { files, stdin, findings, mut errors, wasm, roots: _ } = found;
    let options = options(settings);
    let progress = Progress::new(files.len());
    let mut scan = around.scan(&files, &options, &|| progress.advance());
    scan.inventory.note(findings);
    scan.inventory.note_wasm(wasm);
    progress.finish();
    if stdin {
        let page = scan_page("-", std::io::stdin().lock(), &options);
        errors.extend(page.and_then(|page| scan.inventory.add(page)).err());
    }
    let hidden = Mutex::new(Vec::new());
    let work = |file: &PageFile, input| {
        if !file.is_shown() {
            let mut hidden = hidden.lock().unwrap_or_else(PoisonError::into_inner);
            hidden.push(file.name.to_string());
        }
        scan_one(file, input, &options)
    };
    let failed = add_files(&around, &mut scan.inventory, work, Inventory::add);
    errors.extend(failed);
    errors.append(&mut scan.errors);
    scan.errors = errors;
    let mut hidden = hidden.into_inner().unwrap_or_else(PoisonError::into_inner);
    hidden.extend(around.hidden());
    Ok(Scanned { scan, files, hidden, site_files: around })
}

/// A bar on standard error, drawn only on a terminal and only once [`PATIENCE`] is over.
pub(super) struct Progress {
    start: Instant,
    total: usize,
    done: std::sync::atomic::AtomicU64,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    pub(super) fn new(total: usize) -> Self {
        Self { start: Instant::now(), total, done: std::sync::atomic::AtomicU64::new(0), bar: OnceLock::new() }
    }

    pub(super) fn advance(&self) {
        let done = self.done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        if let Some(bar) = self.bar.get() {
            bar.set_position(done);
        } else if self.start.elapsed() > PATIENCE {
            self.bar.get_or_init(|| {
                let style = ProgressStyle::with_template("{bar:40} {pos}/{len} pages ({eta} left)");
                let bar = ProgressBar::new(self.total as u64);
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                bar
            });
        }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
