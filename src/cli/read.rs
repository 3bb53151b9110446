//! Reading the files besides the pages as a whole. A device may go on without end and must not bring the command down.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use crate::error::{Error, Result};

/// How much is read of what is no regular file and may have no end, in bytes.
const LONGEST: u64 = 256 << 20;

/// Reads a whole file.
///
/// # Errors
///
/// [`ErrorKind::Read`](crate::ErrorKind::Read), also for a pipe or a device that gives more than [`LONGEST`] bytes.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    bytes(path).map_err(|error| Error::unread(error).at(path))
}

/// The same, and [`None`] where there is no file.
pub(super) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    match bytes(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read
            .map(Some)
            .map_err(|error| Error::unread(error).at(path)),
    }
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.is_file() {
        return fs::read(path);
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        let message = "is no regular file and gives more than 256 MiB";
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}
