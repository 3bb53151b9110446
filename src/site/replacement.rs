//! The new content of one file: first in a temporary file beside it, with the attributes of the old one, then in its place.

use std::ffi::OsString;
use std::fs::{File, Metadata, Permissions};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::attributes;
use super::folder::{Folder, is_same};
use super::reach::{Spot, is_configuration, refuse};
use super::staging::Staging;
use crate::error::{Error, ErrorKind, Result};

/// Where a file is written: in a folder that no link leads to.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    shown: PathBuf,
    folder: PathBuf,
    name: OsString,
    /// Whether a configuration names it, which may not replace everything.
    is_guarded: bool,
}

impl Place {
    /// The place of the file at `spot`; [`None`] for a device or a pipe.
    pub(super) fn of(spot: &Spot, shown: &Path) -> Option<Self> {
        Self::at(spot.real.as_ref()?, shown, spot.is_guarded)
    }

    /// The place of the file at a real path.
    pub(super) fn at(real: &Path, shown: &Path, is_guarded: bool) -> Option<Self> {
        Some(Self {
            shown: shown.to_owned(),
            folder: real.parent()?.to_owned(),
            name: real.file_name()?.to_owned(),
            is_guarded,
        })
    }

    pub(super) fn holds(&self, content: &[u8]) -> bool {
        let file = Folder::open(&self.folder).and_then(|folder| folder.file(&self.name));
        let Ok(Some(file)) = file else { return false };
        let mut old = Vec::new();
        let longest = content.len() as u64 + 1;
        file.take(longest).read_to_end(&mut old).is_ok() && old == content
    }

    /// The file that is there now.
    fn old(&self, folder: &Folder) -> Result<Option<File>> {
        let old = folder.file(&self.name).map_err(|error| failed(&self.shown, error))?;
        if !self.is_guarded {
            return Ok(old);
        }
        if is_configuration(self.name.as_ref()) {
            return refuse(&self.shown, "is a configuration");
        }
        let program = old.as_ref().map_or(Ok(false), is_program);
        match program.map_err(|error| failed(&self.shown, error))? {
            true => refuse(&self.shown, "has an execute bit and was left alone; remove the bit (chmod -x)"),
            false => Ok(old),
        }
    }
}

#[cfg(unix)]
fn is_program(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(file.metadata()?.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(_: &File) -> io::Result<bool> {
    Ok(false)
}

/// How many bytes are held in memory before there is a file.
pub(super) const SPILL: usize = 256 * 1024;

/// The new content of a file. Nothing is left of one that is dropped.
#[derive(Debug)]
pub(crate) struct Replacement {
    staging: Arc<Staging>,
    place: Place,
    /// The file as it was read to make the content from it.
    before: Option<Metadata>,
    /// The mode that it gets whatever the old one has.
    mode: Option<Permissions>,
    /// What was written, up to [`SPILL`] bytes.
    memory: Vec<u8>,
    file: Option<(Temporary, File)>,
}

impl Replacement {
    /// Of the file at a place.
    pub(super) fn new(staging: &Arc<Staging>, place: Place) -> Self {
        Self { staging: Arc::clone(staging), place, before: None, mode: None, memory: Vec::new(), file: None }
    }

    /// Made from the content of this file.
    #[cfg(feature = "cli")]
    pub(super) fn with_before(mut self, before: Metadata) -> Self {
        self.before = Some(before);
        self
    }

    /// With this mode, whatever the old file has.
    #[cfg(feature = "cli")]
    pub(super) fn with_mode(mut self, mode: Permissions) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Writes all of it to the disk.
    ///
    /// A file that must not be replaced is left alone, and the others are replaced; one that cannot be written keeps them from it.
    pub(crate) fn finish(mut self) -> Result<Ready> {
        if self.before.as_ref().is_some_and(|before| before.permissions().readonly()) {
            let message = "is read-only and was left alone";
            return Err(Error::new(ErrorKind::Write, message).at(&self.place.shown));
        }
        let finished = self.try_finish();
        if finished.as_ref().is_err_and(|error| error.kind() == ErrorKind::Write) {
            self.staging.has_failed.store(true, Ordering::Relaxed);
        }
        finished
    }

    fn try_finish(&mut self) -> Result<Ready> {
        let shown = self.place.shown.clone();
        let failed = |error| failed(&shown, error);
        let folder = Folder::open(&self.place.folder).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                let message = "cannot be written: its folder does not exist";
                Error::new(ErrorKind::Write, message).at(&shown)
            }
            _ => failed(error),
        })?;
        let old = self.place.old(&folder)?;
        let seen = old.as_ref().map(File::metadata).transpose();
        let seen = seen.map_err(failed)?;
        if let Some(before) = &self.before
            && !seen.as_ref().is_some_and(|now| is_same(before, now))
        {
            return Err(changed(&shown));
        }
        let (temporary, mut file) = match self.file.take() {
            Some(file) => file,
            None => self.temporary(&folder).map_err(failed)?,
        };
        file.write_all(&self.memory).map_err(failed)?;
        if let Some(old) = &old {
            attributes::keep(&file, old).map_err(failed)?;
        }
        if let Some(mode) = self.mode.take() {
            file.set_permissions(mode).map_err(failed)?;
        }
        file.sync_all().map_err(failed)?;
        Ok(Ready { place: self.place.clone(), seen, temporary })
    }

    /// A temporary file that only its owner may read, unless it will be a new file as any program makes one.
    fn temporary(&self, folder: &Folder) -> io::Result<(Temporary, File)> {
        let is_new = self.mode.is_none() && folder.file(&self.place.name)?.is_none();
        let mode = if is_new { 0o666 } else { 0o600 };
        let (name, file) = self.staging.create(&self.place.folder, folder, mode)?;
        let temporary = Temporary { name, folder: self.place.folder.clone(), _staging: Arc::clone(&self.staging) };
        Ok((temporary, file))
    }

    fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.memory.len() + bytes.len() > SPILL {
            if self.file.is_none() {
                let folder = Folder::open(&self.place.folder)?;
                self.file = Some(self.temporary(&folder)?);
            }
            if let Some((_, file)) = &mut self.file {
                file.write_all(&self.memory)?;
                self.memory.clear();
                if bytes.len() > SPILL {
                    return file.write(bytes);
                }
            }
        }
        self.memory.extend_from_slice(bytes);
        Ok(bytes.len())
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.try_write(bytes);
        if written.is_err() {
            self.staging.has_failed.store(true, Ordering::Relaxed);
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A temporary file, which goes when this does.
#[derive(Debug)]
struct Temporary {
    folder: PathBuf,
    name: OsString,
    /// Its lock is there as long as it is.
    _staging: Arc<Staging>,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // One that stays is removed by the next run; one that was renamed is not there.
        let _ = Folder::open(&self.folder).and_then(|folder| folder.remove(&self.name));
    }
}

/// A file whose new content is on the disk.
#[derive(Debug)]
pub(crate) struct Ready {
    place: Place,
    /// The file that it replaces; [`None`] if there was none.
    seen: Option<Metadata>,
    temporary: Temporary,
}

impl Ready {
    /// The path as it was given.
    pub(super) fn shown(&self) -> &Path {
        &self.place.shown
    }

    /// Whether the file that it replaces is still the one that was there.
    pub(super) fn check(&self) -> Result<()> {
        let shown = &self.place.shown;
        let folder = Folder::open(&self.place.folder).map_err(|error| failed(shown, error))?;
        let now = folder.file(&self.place.name).and_then(|now| now.map(|now| now.metadata()).transpose());
        let is_known = match (&self.seen, now.map_err(|error| failed(shown, error))?) {
            (None, None) => true,
            (Some(seen), Some(now)) => is_same(seen, &now),
            (None, Some(_)) | (Some(_), None) => false,
        };
        if is_known {
            return Ok(());
        }
        let message = "changed while others were written, so no file was replaced; run this again";
        Err(Error::new(ErrorKind::Changed, message).at(shown))
    }

    pub(super) fn rename(&self) -> io::Result<()> {
        Folder::open(&self.place.folder)?.rename(&self.temporary.name, &self.place.name)
    }
}

pub(super) fn failed(path: &Path, error: io::Error) -> Error {
    Error::unwritten(error).at(path)
}

fn changed(path: &Path) -> Error {
    let message = "changed while it was read and was left alone; run this again";
    Error::new(ErrorKind::Changed, message).at(path)
}
