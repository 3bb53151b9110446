//! The files that a command edits: each is read, edited and written on its own, and all are replaced at once or none.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::cli::Outcome;
use crate::cli::diff::{Style, unified};
use crate::cli::settings::FileSettings;
use crate::cli::write::commit;
use crate::error::{Error, ErrorKind, Result};
use crate::site::copies::{Copied, CopiedKind, CopyRoot, find_copies};
use crate::site::replacement::{Ready, Replacement};
use crate::site::write::{Batch, not_a_file};
use crate::site::{self, FoundPages, PageFile, Reach, find_pages, open};

/// A way to edit a file.
pub(in crate::cli) trait Edit {
    /// The result for a file.
    type Done;

    /// Copies the file of this name from `input` to `out` with the edits.
    fn edit<W: Write>(&self, name: &str, input: impl Read, out: W) -> Result<(W, Self::Done)>;

    /// Number of edits.
    fn changes(done: &Self::Done) -> usize;
}

/// The place where the edits of a file go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Mode {
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
pub(in crate::cli) struct Files {
    pub(in crate::cli) found: FoundPages,
    /// The files to copy by their paths, and where to.
    copies: BTreeMap<PathBuf, Copied>,
    copy_root: Option<CopyRoot>,
    pub(in crate::cli) batch: Batch,
    stdin: bool,
}

/// A file that was edited.
pub(in crate::cli) struct Edited<D> {
    pub(in crate::cli) name: String,
    pub(in crate::cli) done: D,
    /// What changed, if that is shown.
    pub(in crate::cli) diff: Vec<u8>,
    /// The new file.
    pub(in crate::cli) ready: Option<Ready>,
}

/// Edits `input`, which has about `len` bytes, and keeps the changes. `raw_name` is the name in the bytes of the system.
fn compare<E: Edit>(
    edit: &E,
    (name, raw_name): (&str, &[u8]),
    input: impl Read,
    len: u64,
) -> Result<(Vec<u8>, E::Done)> {
    let mut old = Vec::with_capacity(len.min(LONGEST_DIFF) as usize);
    let read = input.take(LONGEST_DIFF + 1).read_to_end(&mut old);
    read.map_err(|error| Error::unread(error).at(name))?;
    if old.len() as u64 > LONGEST_DIFF {
        let message = "is too long for a diff; use --check, --write or -o";
        return Err(Error::new(ErrorKind::Read, message).at(name));
    }
    let new = Vec::with_capacity(old.len() + 1024);
    let (new, done) = edit.edit(name, &old[..], new)?;
    Ok((unified(raw_name, &old, &new, Style::of_output()), done))
}

/// The longest file whose diff is shown, in bytes.
const LONGEST_DIFF: u64 = 64 << 20;

impl Files {
    /// Finds them.
    pub(in crate::cli) fn new(files: &FileSettings, mode: &Mode, reach: &Reach) -> anyhow::Result<Self> {
        let filter = files.filter()?;
        let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
        let stdin = files.paths.iter().any(is_stdin);
        let paths: Vec<PathBuf> = files.paths.iter().filter(|p| !is_stdin(p)).cloned().collect();
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
                    anyhow::bail!("standard input has no place below {}; leave out -o", folder.display());
                }
                let copies = find_copies(&paths, folder, &filter)?;
                (copies, Some(CopyRoot::make(folder, reach)?))
            }
            _ => (BTreeMap::new(), None),
        };
        Ok(Self { found, copies, copy_root, batch: Batch::new()?, stdin })
    }

    /// Hands on the errors of copying what is no page, and the result for standard input.
    pub(in crate::cli) fn others<E: Edit>(
        &self,
        mode: &Mode,
        stdin_edit: impl FnOnce() -> Result<E>,
        take: &mut dyn FnMut(Result<Edited<E::Done>>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let pages: HashSet<&Path> = self.found.files.iter().map(|file| &*file.path).collect();
        let others = self.copies.iter();
        for (from, copied) in others.filter(|(from, _)| !pages.contains(from.as_path())) {
            if let Err(error) = self.copy(from, copied) {
                take(Err(error))?;
            }
        }
        if self.stdin {
            take(stdin_edit().and_then(|edit| stdin(&edit, mode)))?;
        }
        Ok(())
    }

    pub(in crate::cli) fn pages(&self) -> &[PageFile] {
        &self.found.files
    }

    /// Puts the new files in their places.
    pub(in crate::cli) fn commit(&mut self) -> Result<Outcome> {
        let batch = std::mem::replace(&mut self.batch, Batch::new()?);
        Ok(commit(batch))
    }

    /// Edits one, and does with it what the mode says. The new file is not yet among those that are committed.
    pub(in crate::cli) fn file<E: Edit>(&self, file: &PageFile, edit: &E, mode: &Mode) -> Result<Edited<E::Done>> {
        if matches!(mode, Mode::Write | Mode::Copy(_)) && !file.is_file() {
            return Err(not_a_file(file));
        }
        let mode = match mode {
            Mode::Diff if !file.is_shown() => &Mode::Check,
            mode => mode,
        };
        let input = open(file)?;
        let name = &*file.name;
        let (mut diff, mut ready) = (Vec::new(), None);
        let done = match mode {
            Mode::Check | Mode::Look => edit.edit(name, input, io::sink())?.1,
            Mode::Diff | Mode::Filter => {
                let len = input.metadata().map_or(0, |metadata| metadata.len());
                let (changes, done) = compare(edit, (name, &file.raw_name()), input, len)?;
                diff = changes;
                done
            }
            Mode::Write => {
                let new = self.batch.page(file, &input)?;
                let (new, done) = edit.edit(name, input, new)?;
                if E::changes(&done) > 0 {
                    ready = Some(new.finish()?);
                }
                done
            }
            Mode::Copy(_) => {
                let copied = self
                    .copies
                    .get(&file.path)
                    .ok_or_else(|| Error::new(ErrorKind::Write, "has no place in the copy").at(name))?;
                let new = self.copy_of(copied, &input, &file.path)?;
                let (new, done) = edit.edit(name, input, new)?;
                ready = Some(new.finish()?);
                done
            }
        };
        Ok(Edited { name: name.to_owned(), done, diff, ready })
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
                let message = "is neither a file nor a link and was not copied; leave it out with --exclude";
                Err(Error::new(ErrorKind::Write, message).at(from))
            }
        }
    }

    /// The new file in the copy.
    fn copy_of(&self, copied: &Copied, from: &File, name: &Path) -> Result<Replacement> {
        let root = self.copy_root.as_ref();
        let root = root.ok_or_else(|| Error::new(ErrorKind::Write, "has no place in the copy").at(name))?;
        self.batch.copy(root.place(copied)?, from, name)
    }
}

/// Edits standard input, to standard output unless the mode only looks.
fn stdin<E: Edit>(edit: &E, mode: &Mode) -> Result<Edited<E::Done>> {
    let input = io::stdin().lock();
    let mut diff = Vec::new();
    let done = match mode {
        Mode::Check | Mode::Look => edit.edit("-", input, io::sink())?.1,
        Mode::Diff => {
            let (changes, done) = compare(edit, ("-", b"-"), input, 0)?;
            diff = changes;
            done
        }
        Mode::Filter | Mode::Write | Mode::Copy(_) => {
            let output = io::BufWriter::new(io::stdout().lock());
            let (output, done) = edit.edit("-", input, output)?;
            let inner = output.into_inner().map_err(io::IntoInnerError::into_error);
            let flushed = inner.and_then(|mut stdout| stdout.flush());
            flushed.map_err(Error::unwritten_output)?;
            done
        }
    };
    Ok(Edited { name: "-".to_owned(), done, diff, ready: None })
}
