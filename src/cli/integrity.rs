//! `cspseal integrity`: the digests of a site's own files, in its pages.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::Arc;

use url::Url;

use super::args::IntegrityArgs;
use super::config::Config;
use super::edited::{Edit, Edited, Files, Mode};
use super::report::{self, Quoted};
use super::settings::{self, FileSettings};
use super::{Outcome, plural, print_errors, print_output, say};
use crate::edit::integrity::{Integrity, IntegrityOptions, MapEntries, write_integrity};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Bounded, Code, Finding, Place};
use crate::hash::HashAlgorithm;
use crate::page::{Location, ScanOptions, scan_page};
use crate::site::in_order::in_order;
use crate::site::{PageFile, SiteFiles, SiteUrl, open};
use crate::target::one_line;

/// Writes digests into one page.
struct IntegrityEdit<'a> {
    options: IntegrityOptions<'a>,
    url: Url,
}

impl Edit for IntegrityEdit<'_> {
    type Done = Integrity;

    fn edit<W: Write>(&self, name: &str, input: impl Read, out: W) -> Result<(W, Integrity)> {
        write_integrity(name, &self.url, input, out, &self.options)
    }

    fn changes(done: &Integrity) -> usize {
        done.changes
    }
}

/// Writes the digests into the files that the arguments name, or says what would change.
pub(super) fn run(args: &IntegrityArgs, config: &Config) -> anyhow::Result<Outcome> {
    let settings = FileSettings::new(&args.files, config)?;
    let site = settings::site(&args.site, config)?.unwrap_or_default();
    let levels = settings::levels(&args.levels, config)?;
    let configured = config.integrity_algorithm()?;
    let algorithm = args.algorithm.or(configured);
    let mode = match &args.output {
        Some(folder) => Mode::Copy(folder.clone()),
        None if args.write => Mode::Write,
        None if args.check => Mode::Check,
        None => Mode::Diff,
    };
    let settings = match mode {
        Mode::Write => settings.for_writing(),
        _ => settings,
    };
    let mut files = Files::new(&settings, &mode, &config.arguments)?;
    let mut outcome = print_errors(&files.found.errors);
    let own = files.found.site_files(site.clone(), settings.charset);
    let digests = |url: &Url, algorithm| own.digest(url, algorithm).ok();
    let options = IntegrityOptions::new(&digests)
        .with_algorithm(algorithm.unwrap_or(HashAlgorithm::Sha384))
        .with_templates(settings.template)
        .with_charset(settings.charset);
    let mut total = Total::default();
    let mut take = |result: Result<Edited<Integrity>>| {
        match result {
            Ok(mut edited) => {
                edited.ready.take().into_iter().for_each(|ready| files.batch.add(ready));
                total.add(&mode, edited)?;
            }
            Err(error) => outcome = outcome.max(print_errors(&[error])),
        }
        Ok::<(), anyhow::Error>(())
    };
    let pages = Pages { own: &own, options, site: &site, settings: &settings };
    let one = |file: &PageFile| pages.edit(&files, file, &mode);
    in_order(files.pages(), one, &mut take)?;
    files.others(&mode, no_place, &mut take)?;
    let stale = match mode {
        Mode::Write | Mode::Copy(_) => own.changed(),
        _ => Vec::new(),
    };
    if !stale.is_empty() {
        let message =
            format!("{} changed while the digests were written, so no page was; run it again", stale.join(", "));
        return Err(Error::new(ErrorKind::Write, message).into());
    }
    let committed = files.commit()?;
    outcome = outcome.max(committed);
    let quoted = Quoted { charset: settings.charset, pages: files.pages(), ..Quoted::default() };
    let mut findings = files.found.findings.clone();
    findings.extend(total.without.iter().map(|(url, uses)| uses.finding(url, &own)));
    findings.append(&mut std::mem::take(&mut total.findings).into_vec());
    let found = report::finish(findings, &levels, quoted);
    if committed == Outcome::Done {
        total.print(&mode);
    }
    let is_stale = mode == Mode::Check && total.files > 0;
    let stale = if is_stale { Outcome::Findings } else { Outcome::Done };
    Ok(outcome.max(found).max(stale))
}

/// How the pages of a run are edited.
#[derive(Clone, Copy)]
struct Pages<'a> {
    own: &'a SiteFiles,
    options: IntegrityOptions<'a>,
    site: &'a SiteUrl,
    settings: &'a FileSettings,
}

impl Pages<'_> {
    /// Edits one, which is scanned first for the modules that it loads.
    fn edit(&self, files: &Files, file: &PageFile, mode: &Mode) -> Result<Edited<Integrity>> {
        let url = self.site.page(&file.site_path);
        let map = self.map(file, &url)?;
        let options = self.options.with_map(Some(&map));
        files.file(file, &IntegrityEdit { options, url }, mode)
    }

    /// The digests of the modules of a page.
    fn map(&self, file: &PageFile, url: &Url) -> Result<MapEntries> {
        let scan = ScanOptions::new()
            .with_requests(true)
            .with_templates(self.settings.template)
            .with_charset(self.settings.charset);
        let page = scan_page(&file.name, open(file)?, &scan)?;
        let modules = self.own.page_modules(&page, url);
        let digest = |url: Arc<Url>| {
            let digest = self.own.digest(&url, self.options.algorithm()).ok()?;
            Some((Arc::unwrap_or_clone(url), digest))
        };
        let digests = modules.urls.into_iter().filter_map(digest);
        Ok(MapEntries { modules: digests.collect(), has_late: modules.has_late })
    }
}

/// The edit of standard input, which there is none of.
fn no_place<'a>() -> Result<IntegrityEdit<'a>> {
    let message = "standard input has no place in the site, so its URLs lead to no files; name the page or its folder";
    Err(Error::new(ErrorKind::Unsupported, message))
}

/// The sum of all files.
#[derive(Default)]
struct Total {
    files: usize,
    changes: usize,
    findings: Bounded,
    /// The files that got no integrity.
    without: BTreeMap<Url, Uses>,
}

/// The uses of a file.
struct Uses {
    first: Place,
    uses: usize,
    pages: usize,
    /// The page that was seen last.
    last: Arc<str>,
}

impl Uses {
    fn new(path: &Arc<str>, location: Location) -> Self {
        Self { first: Place::of(path, location), uses: 0, pages: 0, last: "".into() }
    }

    fn finding(&self, url: &Url, files: &SiteFiles) -> Finding {
        let uses = plural(self.uses, "use");
        let pages = plural(self.pages, "page");
        let finding = match files.has(url) {
            true => {
                let shown = files.site().path_of(url).unwrap_or(url.as_str());
                let message = format!("no file answers {shown}, so it got no integrity: {uses} on {pages}");
                let help =
                    "build the file, or correct the URL; if the site is served below a path, name that with --site-url";
                Finding::new(Code::MissingFile, message, help)
            }
            false => {
                let message = format!("{url} has no integrity, so its host decides what it is: {uses} on {pages}");
                let help = "copy the file into the site, or add the integrity that its host publishes for this version; what its host changes can have none";
                Finding::new(Code::MissingIntegrity, message, help)
            }
        };
        finding.at(self.first.clone())
    }
}

impl Total {
    /// Counts a file, and prints what its mode has to show.
    fn add(&mut self, mode: &Mode, edited: Edited<Integrity>) -> anyhow::Result<()> {
        let Edited { name, done, .. } = edited;
        self.files += usize::from(done.changes > 0);
        self.changes += done.changed.len();
        self.findings.extend(done.findings);
        let path: Arc<str> = name.as_str().into();
        for (url, location) in done.without {
            let uses = self.without.entry(url);
            let uses = uses.or_insert_with(|| Uses::new(&path, location));
            uses.uses += 1;
            if uses.last != path {
                uses.pages += 1;
                uses.last = Arc::clone(&path);
            }
        }
        match mode {
            Mode::Diff => print_output(&edited.diff),
            Mode::Check => {
                let name = one_line(&name);
                let line = |at: &Location| format!("{name}:{}:{}: missing or stale integrity\n", at.line, at.column);
                print_output(done.changed.iter().map(line).collect::<String>().as_bytes())
            }
            Mode::Filter | Mode::Write | Mode::Look | Mode::Copy(_) => Ok(()),
        }
    }

    fn print(&self, mode: &Mode) {
        let what = match mode {
            Mode::Write | Mode::Copy(_) => "changed",
            Mode::Diff | Mode::Check | Mode::Filter | Mode::Look => "would change",
        };
        let elements = plural(self.changes, "element");
        let files = plural(self.files, "file");
        say!("cspseal: integrity of {elements} in {files} {what}; elements that scripts create are out of sight");
    }
}
