//! Output files: replaced as a whole or not at all, together with others or none of them, and only when the content changes.

use std::collections::BTreeMap;
use std::fs;
#[cfg(feature = "cli")]
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

#[cfg(feature = "cli")]
use super::PageFile;
use super::identity;
use super::reach::Reach;
use super::replacement::{Place, Ready, Replacement, failed};
use super::staging::Staging;
use crate::error::{Error, ErrorKind, Result};

/// Writes `content` to `path` unless the file already holds it; `true` when it was written.
///
/// A link is followed, wherever it leads. A device or a pipe, such as `/dev/stdout`, is written to instead.
///
/// # Errors
///
/// [`ErrorKind::Write`].
pub fn write_if_changed(path: &Path, content: &[u8]) -> Result<bool> {
    let batch = Batch::new()?;
    let is_changed = batch.write(&Reach::Anywhere, path, content)?;
    batch.commit()?;
    Ok(is_changed)
}

/// Files that are replaced together: all of them or none.
///
/// The new content of each is written to a temporary file in its folder and synced. Only when that was done for all of them are
/// they renamed, so that a full disk or a folder that cannot be written to leaves every file as it was, and a reader or a crash
/// sees an old file or a new one. Owner, group, mode and extended attributes are kept.
#[derive(Debug)]
pub struct Batch {
    staging: Arc<Staging>,
    ready: Mutex<Vec<Ready>>,
}

impl Batch {
    /// Without a file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Random`] if the operating system gives no random numbers.
    pub fn new() -> Result<Self> {
        let staging = Staging::new().map_err(|error| {
            let message = "the operating system gives no random numbers";
            Error::new(ErrorKind::Random, message).because(error)
        })?;
        Ok(Self { staging: Arc::new(staging), ready: Mutex::default() })
    }

    /// Has `content` written to `path` unless the file already holds it; `true` when it will be written. A device or a pipe is
    /// written to at once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Write`], and [`ErrorKind::Config`] for a path beyond its reach.
    pub fn write(&self, reach: &Reach, path: &Path, content: &[u8]) -> Result<bool> {
        if identity::identity(path).is_none() && !path.is_symlink() {
            let message = "cannot be written: its folder does not exist";
            return Err(Error::new(ErrorKind::Write, message).at(path));
        }
        let spot = reach.resolve(path)?;
        let Some(place) = Place::of(&spot, path) else {
            let written = write_device(path, content);
            return written.map(|()| true).map_err(|error| failed(path, error));
        };
        if place.holds(content) {
            return Ok(false);
        }
        let mut new = Replacement::new(&self.staging, place);
        new.write_all(content).map_err(|error| failed(path, error))?;
        self.add(new.finish()?);
        Ok(true)
    }

    /// The new content of a page that was opened. It becomes part of the batch with [`Batch::add`].
    #[cfg(feature = "cli")]
    pub(crate) fn page(&self, file: &PageFile, opened: &File) -> Result<Replacement> {
        let shown = Path::new(&*file.name);
        let before = opened.metadata();
        let before = before.map_err(|error| Error::unread(error).at(shown))?;
        let real = file.real().filter(|_| before.is_file());
        let place = real.and_then(|real| Place::at(&real, shown, file.spot.is_guarded));
        let new = Replacement::new(&self.staging, place.ok_or_else(|| not_a_file(file))?);
        Ok(new.with_before(before))
    }

    /// The content of a file at a place in a copy, with the mode of the file that is copied.
    #[cfg(feature = "cli")]
    pub(crate) fn copy(&self, place: Place, of: &File, name: &Path) -> Result<Replacement> {
        let metadata = of.metadata();
        let metadata = metadata.map_err(|error| Error::unread(error).at(name))?;
        let new = Replacement::new(&self.staging, place);
        Ok(new.with_mode(metadata.permissions()))
    }

    /// Has a file replaced with the others.
    pub(crate) fn add(&self, ready: Ready) {
        let ready_files = self.ready.lock();
        ready_files.unwrap_or_else(PoisonError::into_inner).push(ready);
    }

    /// How many temporary files of killed runs were removed so far, by folder.
    pub fn removed(&self) -> BTreeMap<PathBuf, usize> {
        self.staging.removed()
    }

    /// Puts every file in its place.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Write`] and [`ErrorKind::Changed`], also if one of the files could not be written before. Nothing was replaced
    /// then, unless the error lists what was.
    pub fn commit(self) -> Result<()> {
        if self.staging.has_failed.load(Ordering::Relaxed) {
            let message = "no file was replaced, since not all of them could be written";
            return Err(Error::new(ErrorKind::Write, message));
        }
        let ready = self.ready.into_inner();
        let mut ready = ready.unwrap_or_else(PoisonError::into_inner);
        ready.sort_by(|a, b| a.shown().cmp(b.shown()));
        ready.iter().try_for_each(Ready::check)?;
        let mut rest = ready.into_iter();
        let mut replaced = Vec::new();
        while let Some(ready) = rest.next() {
            if let Err(error) = ready.rename() {
                let shown = |ready: &Ready| ready.shown().to_owned();
                let left = std::iter::once(shown(&ready)).chain(rest.map(|ready| shown(&ready)));
                return Err(partly(ready.shown(), error, &replaced, &left.collect::<Vec<_>>()));
            }
            replaced.push(ready.shown().to_owned());
        }
        Ok(())
    }
}

/// Writes to a pipe or a device, unless a file has taken its place.
fn write_device(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut device = fs::OpenOptions::new().write(true).open(path)?;
    match device.metadata()?.is_file() {
        true => Err(io::Error::other("a file has taken its place; run this again")),
        false => device.write_all(content),
    }
}

/// The error for a page that is a pipe or a device.
#[cfg(feature = "cli")]
pub(crate) fn not_a_file(file: &PageFile) -> Error {
    let message = "is no regular file and was left alone; hand it over as standard input";
    Error::new(ErrorKind::Write, message).at(&*file.name)
}

/// The error for a rename in the middle that failed.
fn partly(path: &Path, error: io::Error, replaced: &[PathBuf], left: &[PathBuf]) -> Error {
    if replaced.is_empty() {
        return failed(path, error);
    }
    let list = |paths: &[PathBuf]| {
        let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        names.join(", ")
    };
    let message = format!("cannot be written: {error}; replaced: {}; not replaced: {}", list(replaced), list(left));
    Error::new(ErrorKind::Write, message).at(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::replacement::SPILL;

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
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
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
        let spot = Reach::Anywhere.resolve(&path).unwrap();
        let batch = Batch::new().unwrap();
        let new = || Replacement::new(&batch.staging, Place::of(&spot, &path).unwrap());
        let long = vec![b'a'; SPILL / 2 + 1];
        let (mut dropped, mut kept) = (new(), new());
        for _ in 0..5 {
            dropped.write_all(&long).unwrap();
            kept.write_all(&long).unwrap();
        }
        drop(dropped);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        batch.add(kept.finish().unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        batch.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), long.repeat(5));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_in_the_place_of_a_device_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        fs::write(&path, "old").unwrap();
        assert!(write_device(&path, b"new").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
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
        let filter = crate::site::PageFilter::new(&[], &[], crate::template::Templates::Auto).unwrap();
        type Change<'a> = &'a dyn Fn();
        let changes: [Change<'_>; 3] =
            [&|| fs::write(&path, "<script>a").unwrap(), &|| fs::remove_file(&path).unwrap(), &|| {
                // As long and as old, and still another file.
                let times = fs::metadata(&path).unwrap().modified().unwrap();
                let other = folder.path().join("b");
                fs::write(&other, "<script>").unwrap();
                let file = File::options().write(true).open(&other).unwrap();
                file.set_modified(times).unwrap();
                fs::rename(other, &path).unwrap();
            }];
        for (number, change) in changes.into_iter().enumerate() {
            for is_late in [false, true] {
                fs::write(&path, "<script>").unwrap();
                let files = crate::site::find_pages(std::slice::from_ref(&path), &filter).files;
                let batch = Batch::new().unwrap();
                let opened = crate::site::open(&files[0]).unwrap();
                let new = batch.page(&files[0], &opened).unwrap();
                let finished = if is_late {
                    let ready = new.finish().unwrap();
                    change();
                    batch.add(ready);
                    batch.commit()
                } else {
                    change();
                    new.finish().map(drop)
                };
                let error = finished.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Changed, "{number}");
                let said = error.to_string();
                let when = if is_late { "others were written" } else { "it was read" };
                assert!(said.contains(&format!("a.html: changed while {when}")), "{said}");
            }
        }
    }
}
