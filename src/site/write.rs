//! Output files: replaced as a whole or not at all, and only when the content changes.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

#[cfg(feature = "cli")]
use super::PageFile;
use crate::error::{Error, ErrorKind, Result};

/// Writes `content` to `path` unless the file already holds it; `true` when it was written.
///
/// Written as by [`Replacement`]. A device or a pipe, such as `/dev/stdout`, is written to instead.
///
/// # Errors
///
/// [`ErrorKind::Write`].
pub fn write_if_changed(path: &Path, content: &[u8]) -> Result<bool> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        let written = fs::write(path, content);
        return written.map(|()| true).map_err(|error| failed(path, error));
    }
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(false);
    }
    let mut replacement = Replacement::new(path);
    replacement
        .write_all(content)
        .map_err(|error| failed(path, error))?;
    replacement.commit()?;
    Ok(true)
}

/// The new content of a file, which takes its place as a whole.
///
/// What is written goes to a temporary file beside the target, which then takes its place, so that a
/// reader or a crash sees the old file or the new one. A link is followed; permissions are kept, and the owner where that is allowed. Nothing is left of one
/// that is dropped.
#[derive(Debug)]
pub struct Replacement {
    path: PathBuf,
    /// What was written, up to [`SPILL`] bytes.
    memory: Vec<u8>,
    file: Option<NamedTempFile>,
}

/// What the names of temporary files begin with. One is left behind by a run that was killed.
pub(crate) const TEMPORARY: &str = ".cspseal-";

/// How many bytes are held in memory before there is a file.
const SPILL: usize = 256 * 1024;

impl Replacement {
    /// Of the file at `path`, which need not exist.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            memory: Vec::new(),
            file: None,
        }
    }

    /// Puts the content in the place of the file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Write`].
    pub fn commit(mut self) -> Result<()> {
        let failed = |error| failed(&self.path, error);
        let target = target(&self.path);
        if !folder(&target).is_dir() {
            let message = "cannot be written: its folder does not exist";
            return Err(Error::new(ErrorKind::Write, message).at(&self.path));
        }
        let mut file = match self.file.take() {
            Some(file) => file,
            None => new_file(folder(&target)).map_err(failed)?,
        };
        // Not through the library, whose errors would name the temporary file.
        file.as_file_mut().write_all(&self.memory).map_err(failed)?;
        if let Ok(metadata) = fs::metadata(&target) {
            keep_owner(file.as_file(), &metadata);
            let permissions = metadata.permissions();
            file.as_file()
                .set_permissions(permissions)
                .map_err(failed)?;
        }
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&target)
            .map_err(|error| failed(error.error.kind().into()))?;
        Ok(())
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.memory.len() + bytes.len() > SPILL {
            let file = match &mut self.file {
                Some(file) => file,
                None => self.file.insert(new_file(folder(&target(&self.path)))?),
            };
            file.as_file_mut().write_all(&self.memory)?;
            self.memory.clear();
            if bytes.len() > SPILL {
                return file.as_file_mut().write(bytes);
            }
        }
        self.memory.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The file that is meant: what a link leads to.
fn target(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Gives a new file the owner and group of the one it replaces. Only root may give files away; for others it is as with every
/// program that replaces files, so what fails here is no error.
#[cfg(unix)]
fn keep_owner(file: &fs::File, of: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let is_same = |new: fs::Metadata| (new.uid(), new.gid()) == (of.uid(), of.gid());
    if !file.metadata().is_ok_and(is_same) {
        let _ = fchown(file, Some(of.uid()), Some(of.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &fs::File, _: &fs::Metadata) {}

fn failed(path: &Path, error: io::Error) -> Error {
    Error::unwritten(error).at(path)
}

#[cfg(feature = "cli")]
/// Refuses to replace a file that is not to be written, or is not the one that was read.
pub(crate) fn refuse_changed(file: &PageFile, before: &fs::Metadata) -> Result<()> {
    let refuse = |kind, message| Err(Error::new(kind, message).at(&*file.name));
    let now = fs::metadata(&file.path);
    let is_same = now.is_ok_and(|now| {
        now.len() == before.len() && now.modified().ok() == before.modified().ok()
    });
    if !is_same {
        let message = "changed while it was read and was left alone; run this again";
        return refuse(ErrorKind::Changed, message);
    }
    if before.permissions().readonly() {
        return refuse(ErrorKind::Write, "is read-only and was left alone");
    }
    Ok(())
}

/// A temporary file with the permissions that a new file gets.
fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    // The library's error would name the temporary file, which is of no use to anybody.
    builder
        .tempfile_in(folder)
        .map_err(|error| error.kind().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_only_when_its_content_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.txt");
        assert!(write_if_changed(&path, b"a").unwrap());
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        assert!(!write_if_changed(&path, b"a").unwrap());
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
        assert!(write_if_changed(&path, b"b").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"b");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.txt");
        fs::write(&path, "a").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(write_if_changed(&link, b"b").unwrap());
        assert!(link.is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"b");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_owner_stays_where_it_may_be_given() {
        use std::os::unix::fs::{MetadataExt as _, chown};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        fs::write(&path, "a").unwrap();
        // Refused unless root runs this; then the owner is the same anyway.
        let _ = chown(&path, Some(12345), Some(23456));
        let owner = |metadata: fs::Metadata| (metadata.uid(), metadata.gid());
        let before = owner(fs::metadata(&path).unwrap());
        assert!(write_if_changed(&path, b"b").unwrap());
        assert_eq!(owner(fs::metadata(&path).unwrap()), before);
    }

    #[test]
    fn a_long_replacement_goes_through_a_file_and_leaves_nothing_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        fs::write(&path, "old").unwrap();
        let long = vec![b'a'; SPILL / 2 + 1];
        let mut dropped = Replacement::new(&path);
        let mut kept = Replacement::new(&path);
        for _ in 0..5 {
            dropped.write_all(&long).unwrap();
            kept.write_all(&long).unwrap();
        }
        drop(dropped);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        kept.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), long.repeat(5));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_if_changed(&folder.path().join("no/such/file"), b"a").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Write);
        assert!(error.to_string().contains("file: cannot be written"));
    }

    #[cfg(feature = "cli")]
    #[test]
    fn a_file_that_changed_while_it_was_read_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.html");
        fs::write(&path, "<script>").unwrap();
        let filter =
            crate::site::PageFilter::new(&[], &[], crate::template::Templates::Auto).unwrap();
        let files = crate::site::find_pages(std::slice::from_ref(&path), &filter).files;
        let before = fs::metadata(&path).unwrap();
        assert!(refuse_changed(&files[0], &before).is_ok());
        fs::write(&path, "<script>a").unwrap();
        let error = refuse_changed(&files[0], &before).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed);
        assert!(
            error
                .to_string()
                .contains("a.html: changed while it was read"),
            "{error}"
        );
        fs::remove_file(&path).unwrap();
        assert!(refuse_changed(&files[0], &before).is_err());
    }
}
