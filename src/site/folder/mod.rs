//! Folders and files by their real paths, opened without following a single link.
//!
//! Whoever may write to a folder can put a link in the place of a part of a path, between a look at the path and its use. So
//! links are resolved once, and a link that turns up after that is an error. What is done in a folder is done by its handle.

#[cfg(not(unix))]
mod path;
#[cfg(unix)]
mod unix;

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

#[cfg(not(unix))]
pub(super) use path::{Folder, is_there, lock};
#[cfg(unix)]
pub(super) use unix::{Folder, is_there, lock};

/// The kind of an entry of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Link,
    /// A pipe, a device or a socket.
    Other,
}

/// An entry of a folder.
pub(super) type Entry = (OsString, Kind);

/// Opens the file at a real path: an absolute one without links and without `..`.
pub(super) fn open(real: &Path) -> io::Result<File> {
    Folder::open_file(real)
}

impl Folder {
    /// The regular file of this name; [`None`] if there is none. A link is an error, and so is whatever else is no file.
    pub(super) fn file(&self, name: &OsStr) -> io::Result<Option<File>> {
        let file = match self.read(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        match file.metadata()?.is_file() {
            true => Ok(Some(file)),
            false => Err(io::Error::other("it is not a regular file")),
        }
    }
}

/// Whether a file is still the one that it was, unchanged.
pub(super) fn is_same(before: &Metadata, now: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let id = |metadata: &Metadata| (metadata.dev(), metadata.ino());
        if id(before) != id(now) {
            return false;
        }
    }
    before.len() == now.len() && before.modified().ok() == now.modified().ok()
}
