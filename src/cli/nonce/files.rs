//! The files of a run, each read, rewritten and written on its own.

use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::callers::Index;
use super::held::Held;
use super::values::Values;
use crate::cli::Outcome;
use crate::cli::diff::{Style, unified};
use crate::cli::settings::FileSettings;
use crate::cli::write::commit;
use crate::edit::nonce::{Callers, NonceOptions, Rewrite, rewrite_page};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Finding;
use crate::page::{Page, ScanOptions, Texts, scan_page};
use crate::site::copies::{Copied, CopiedKind, CopyRoot, find_copies};
use crate::site::in_order::in_order;
use crate::site::replacement::{Ready, Replacement};
use crate::site::write::{Batch, not_a_file};
use crate::site::{self, PageFile, Reach, find_pages, open};

/// What is done with a rewritten file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Its changes are shown.
    Diff,
    /// Standard input alone, which goes to standard output.
    Filter,
    /// It takes the place of the old one.
    Write,
    /// It is only known whether there are changes.
    Check,
    /// The same, and nothing is said about it.
    Look,
    /// It goes to the same place below this folder.
    Copy(PathBuf),
}

/// The files that the arguments name.
pub(super) struct Files {
    files: Vec<PageFile>,
    /// The files to copy by their paths, and where to.
    copies: BTreeMap<PathBuf, Copied>,
    copy_root: Option<CopyRoot>,
    pub(super) batch: Batch,
    stdin: bool,
    /// What there is to say about how they were found.
    pub(super) findings: Vec<Finding>,
    /// What could not be found.
    pub(super) errors: Vec<Error>,
}

/// A file that was rewritten.
pub(super) struct Done {
    pub(super) name: String,
    pub(super) rewrite: Rewrite,
    /// What changed, if that is shown.
    pub(super) diff: Vec<u8>,
    /// What it holds then, if a policy is made of it.
    pub(super) page: Option<Page>,
    /// The new file.
    ready: Option<Ready>,
}

impl Done {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            rewrite: Rewrite::default(),
            diff: Vec::new(),
            page: None,
            ready: None,
        }
    }

    /// Rewrites `input` to `out`, and scans what comes of it.
    fn rewrite<W: Write>(
        &mut self,
        input: impl Read,
        out: W,
        options: &NonceOptions,
        scan: Option<&ScanOptions>,
    ) -> Result<W> {
        let Some(scan) = scan else {
            let (out, rewrite) = rewrite_page(&self.name, input, out, options)?;
            self.rewrite = rewrite;
            return Ok(out);
        };
        let mut out = out;
        let (new, rewrite) = rewrite_page(&self.name, input, Vec::new(), options)?;
        let written = out.write_all(&new);
        written.map_err(|error| Error::unwritten(error).at(&self.name))?;
        let texts = rewrite.moved(options.texts());
        let texts = Texts::from([(self.name.as_str().into(), texts)]);
        let scan = scan.clone().with_texts(texts);
        self.rewrite = rewrite;
        self.page = Some(scan_page(&self.name, &new[..], &scan)?);
        Ok(out)
    }

    /// Rewrites `input`, which has about `len` bytes, and keeps the changes. `raw_name` is the name in the bytes of the system.
    fn compare(
        &mut self,
        raw_name: &[u8],
        input: impl Read,
        len: u64,
        options: &NonceOptions,
    ) -> Result<()> {
        let mut old = Vec::with_capacity(len.min(LONGEST_DIFF) as usize);
        let read = input.take(LONGEST_DIFF + 1).read_to_end(&mut old);
        read.map_err(|error| Error::unread(error).at(&self.name))?;
        if old.len() as u64 > LONGEST_DIFF {
            let message = "is too long for a diff; use --check, --write or -o";
            return Err(Error::new(ErrorKind::Read, message).at(&self.name));
        }
        let new = Vec::with_capacity(old.len() + 1024);
        let (new, rewrite) = rewrite_page(&self.name, &old[..], new, options)?;
        self.diff = unified(raw_name, &old, &new, Style::of_output());
        self.rewrite = rewrite;
        Ok(())
    }
}

/// The longest file whose diff is shown, in bytes.
const LONGEST_DIFF: u64 = 64 << 20;

impl Files {
    /// Finds them.
    pub(super) fn new(files: &FileSettings, mode: &Mode, reach: &Reach) -> anyhow::Result<Self> {
        let filter = files.filter()?;
        let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
        let stdin = files.paths.iter().any(is_stdin);
        let paths: Vec<PathBuf> = files
            .paths
            .iter()
            .filter(|p| !is_stdin(p))
            .cloned()
            .collect();
        let mut found = find_pages(&paths, &filter);
        let may_repeat = paths.len() > 1 || files.links == site::Links::Follow;
        if may_repeat && !matches!(mode, Mode::Copy(_)) {
            // Each once: two places in the site are still one file.
            let mut seen = HashSet::new();
            found.files.retain(|file| seen.insert(file.identity()));
        }
        let (copies, copy_root) = match mode {
            Mode::Copy(folder) => {
                if stdin {
                    anyhow::bail!(
                        "standard input has no place below {}; leave out -o",
                        folder.display()
                    );
                }
                let copies = find_copies(&paths, folder, &filter)?;
                (copies, Some(CopyRoot::make(folder, reach)?))
            }
            _ => (BTreeMap::new(), None),
        };
        Ok(Self {
            files: found.files,
            copies,
            copy_root,
            batch: Batch::new()?,
            stdin,
            findings: found.findings,
            errors: found.errors,
        })
    }

    /// Rewrites each, and hands on the results in path order.
    ///
    /// At first each is taken for a page by itself. When it is known what the files are to each other, those are rewritten again
    /// for which that decides, and those whose diffs were too long to be held.
    pub(super) fn each(
        &self,
        values: &Values,
        mode: &Mode,
        scan: Option<&ScanOptions>,
        take: &mut dyn FnMut(Result<Done>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut held = Held::default();
        let first = |file: &PageFile| self.file(file, values, None, mode, scan);
        let Ok(()) = in_order(&self.files, first, |done| {
            held.add(done);
            Ok::<(), Infallible>(())
        });
        let Held {
            done: mut held,
            links,
            ..
        } = held;
        let index = Index::new(&self.files, links, values);
        let is_final = |place: usize| {
            let open = |done: &Result<Done>| {
                let open = done.as_ref().map(|done| done.rewrite.open);
                open.unwrap_or_default()
            };
            let decides = |open| index.of(place).is_some_and(|it| it.decide(open));
            held[place]
                .as_ref()
                .map(open)
                .is_some_and(|it| !decides(it))
        };
        let again: Vec<usize> = (0..held.len()).filter(|at| !is_final(*at)).collect();
        let second = |place: &usize| {
            let callers = index.of(*place);
            let result = self.file(&self.files[*place], values, callers, mode, scan);
            (*place, result)
        };
        let mut take = |mut result: Result<Done>| {
            let ready = result.as_mut().ok().and_then(|done| done.ready.take());
            ready.into_iter().for_each(|ready| self.batch.add(ready));
            take(result)
        };
        let mut taken = 0;
        in_order(&again, second, |(place, result)| {
            let mut earlier = held[taken..place].iter_mut().filter_map(Option::take);
            earlier.try_for_each(&mut take)?;
            taken = place + 1;
            take(result)
        })?;
        held.drain(taken..).flatten().try_for_each(&mut take)?;
        let pages: HashSet<&Path> = self.files.iter().map(|file| &*file.path).collect();
        let others = self.copies.iter();
        for (from, copied) in others.filter(|(from, _)| !pages.contains(from.as_path())) {
            if let Err(error) = self.copy(from, copied) {
                take(Err(error))?;
            }
        }
        if self.stdin {
            take(stdin(values, mode, scan))?;
        }
        Ok(())
    }

    pub(super) fn pages(&self) -> &[PageFile] {
        &self.files
    }

    /// Puts the new files in their places.
    pub(super) fn commit(&mut self) -> Result<Outcome> {
        let batch = std::mem::replace(&mut self.batch, Batch::new()?);
        Ok(commit(batch))
    }

    fn file(
        &self,
        file: &PageFile,
        values: &Values,
        callers: Option<&Callers>,
        mode: &Mode,
        scan: Option<&ScanOptions>,
    ) -> Result<Done> {
        let (options, is_unfilled) = match values.options(&file.path) {
            Ok(options) => (
                options.with_callers(callers.cloned().unwrap_or_default()),
                false,
            ),
            Err(error) => (needing_none(file, values, error)?, true),
        };
        if matches!(mode, Mode::Write | Mode::Copy(_)) && !file.is_file() {
            return Err(not_a_file(file));
        }
        let mode = match mode {
            Mode::Diff if !file.is_shown() => &Mode::Check,
            mode => mode,
        };
        let input = open(file)?;
        let mut done = Done::new(&file.name);
        match mode {
            Mode::Check | Mode::Look => {
                done.rewrite(input, io::sink(), &options, scan)?;
            }
            Mode::Diff | Mode::Filter => {
                let len = input.metadata().map_or(0, |metadata| metadata.len());
                done.compare(&file.raw_name(), input, len, &options)?;
            }
            Mode::Write => {
                let new = self.batch.page(file, &input)?;
                let new = done.rewrite(input, new, &options, scan)?;
                if done.rewrite.changes > 0 {
                    done.ready = Some(new.finish()?);
                }
            }
            Mode::Copy(_) => {
                let copied = self.copies.get(&file.path).ok_or_else(|| {
                    Error::new(ErrorKind::Write, "has no place in the copy").at(&*file.name)
                })?;
                let new = self.copy_of(copied, &input, &file.path)?;
                let new = done.rewrite(input, new, &options, scan)?;
                done.ready = Some(new.finish()?);
            }
        }
        if is_unfilled {
            done.rewrite.findings.clear();
        }
        if let Some(page) = &mut done.page {
            page.site_path = Arc::clone(&file.site_path);
        }
        Ok(done)
    }

    /// Copies a file that is no page, or a link, as it is.
    fn copy(&self, from: &Path, copied: &Copied) -> Result<()> {
        match (&copied.kind, &self.copy_root) {
            (CopiedKind::File(file), _) => {
                let mut input = open(file)?;
                let mut new = self.copy_of(copied, &input, from)?;
                let done = io::copy(&mut input, &mut new);
                done.map_err(|error| Error::unwritten(error).at(from))?;
                self.batch.add(new.finish()?);
                Ok(())
            }
            (CopiedKind::Link, Some(root)) => root.link(from, copied),
            (CopiedKind::Link, None) | (CopiedKind::Other, _) => {
                let message =
                    "is neither a file nor a link and was not copied; leave it out with --exclude";
                Err(Error::new(ErrorKind::Write, message).at(from))
            }
        }
    }

    /// The new file in the copy.
    fn copy_of(&self, copied: &Copied, from: &File, name: &Path) -> Result<Replacement> {
        let root = self.copy_root.as_ref();
        let root =
            root.ok_or_else(|| Error::new(ErrorKind::Write, "has no place in the copy").at(name))?;
        self.batch.copy(root.place(copied)?, from, name)
    }
}

/// How a file is rewritten for whose dialect no value is known: as it is, if no element in it needs one.
///
/// # Errors
///
/// `unknown`, if one does.
fn needing_none(file: &PageFile, values: &Values, unknown: Error) -> Result<NonceOptions> {
    let options = values.unfilled()?;
    let (_, rewrite) = rewrite_page(&file.name, open(file)?, io::sink(), &options)?;
    match rewrite.changes {
        0 => Ok(options),
        _ => Err(unknown.at(&*file.name)),
    }
}

/// Rewrites standard input, to standard output unless the mode only looks.
fn stdin(values: &Values, mode: &Mode, scan: Option<&ScanOptions>) -> Result<Done> {
    let input = io::stdin().lock();
    let options = values.options(Path::new("-"))?;
    let mut done = Done::new("-");
    match mode {
        Mode::Check | Mode::Look => {
            done.rewrite(input, io::sink(), &options, scan)?;
        }
        Mode::Diff => done.compare(b"-", input, 0, &options)?,
        Mode::Filter | Mode::Write | Mode::Copy(_) => {
            let output = io::BufWriter::new(io::stdout().lock());
            let output = done.rewrite(input, output, &options, scan)?;
            let inner = output.into_inner().map_err(io::IntoInnerError::into_error);
            let flushed = inner.and_then(|mut stdout| stdout.flush());
            flushed.map_err(Error::unwritten_output)?;
        }
    }
    Ok(done)
}
