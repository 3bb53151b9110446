//! Reading the files besides the pages, and speaking on standard output and error, whatever they are.
//!
//! A device may go on without end, and standard error may be closed or full: neither may bring the command down.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use anyhow::Context as _;

/// How much is read of what is no regular file and may have no end, in bytes.
const LONGEST: u64 = 256 << 20;

/// What is said where standard output takes no more.
pub(super) const UNWRITTEN: &str = "standard output cannot be written";

/// Reads a whole file.
///
/// # Errors
///
/// Also for a pipe or a device that gives more than [`LONGEST`] bytes.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
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

/// Writes to standard output in one go.
///
/// # Errors
///
/// Named as standard output's; what a closed pipe causes is told by its kind.
pub(super) fn print_output(output: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(output).and_then(|()| stdout.flush());
    written.context(UNWRITTEN)
}

/// Prints a line on standard error. That nobody can read it changes nothing: the exit code says the same.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(anstream::stderr(), $($words)*);
    }};
}
pub(super) use say;
