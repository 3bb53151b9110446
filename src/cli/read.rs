//! Reading the files besides the pages as a whole. A device may go on without end and must not bring the command down.

use std::fs::File;
use std::io::{self, Read as _, Take};
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::policy::LONGEST as LONGEST_POLICY;
use crate::site::Reach;
use crate::site::reach::Spot;

/// How much is read of what is no regular file and may have no end, in bytes.
const LONGEST: u64 = 256 << 20;

impl Reach {
    /// Reads a whole file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Read`](crate::ErrorKind::Read), also for a pipe or a device that gives more than [`LONGEST`] bytes, and
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for a file that is out of reach.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<u8>> {
        self.resolve(path)?.read()
    }

    /// Opens a file.
    pub(super) fn open(&self, path: &Path) -> Result<File> {
        let opened = self.resolve(path)?.open();
        opened.map_err(|error| Error::unread(error).at(path))
    }

    /// The same, and [`None`] where there is no file.
    pub(super) fn read_if_there(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        // A link is there, wherever it leads.
        let is_there = path.exists() || path.is_symlink();
        match self.read(path) {
            Err(error) if !is_there && error.kind() == ErrorKind::Read => Ok(None),
            read => read.map(Some),
        }
    }
}

impl Spot {
    /// Reads the whole file.
    pub(super) fn read(&self) -> Result<Vec<u8>> {
        let read = self.open().and_then(bytes);
        read.map_err(|error| Error::unread(error).at(&self.shown))
    }
}

/// Checks the length of a file of which each byte takes many times its memory later: a configuration, what is deployed, and
/// what is written into.
///
/// # Errors
///
/// [`ErrorKind::Limit`](crate::ErrorKind::Limit) for more than a policy may have.
pub(super) fn check_length(path: &Path, content: &[u8]) -> Result<()> {
    if content.len() <= LONGEST_POLICY {
        return Ok(());
    }
    let message = format!("has {} bytes, and {LONGEST_POLICY} are read at most; shorten it", content.len());
    Err(Error::new(ErrorKind::Limit, message).at(path))
}

pub(super) fn bytes(file: File) -> io::Result<Vec<u8>> {
    let mut input = limited(file)?;
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    check_end(&input)?;
    Ok(bytes)
}

/// The file up to its end, or to where what is no regular file is too long.
pub(super) fn limited(file: File) -> io::Result<Take<File>> {
    let is_file = file.metadata()?.is_file();
    Ok(file.take(if is_file { u64::MAX } else { LONGEST + 1 }))
}

/// Checks that the input was not too long, once it was read.
pub(super) fn check_end(input: &Take<impl io::Read>) -> io::Result<()> {
    if input.limit() > 0 {
        return Ok(());
    }
    let message = "is no regular file and gives more than 256 MiB";
    Err(io::Error::new(io::ErrorKind::FileTooLarge, message))
}
