//! Speaking on standard output and error, which may be closed or full; neither may bring the command down.

use std::io::{self, Write as _};

use anyhow::Context as _;

/// What is said where standard output takes no more.
pub(super) const UNWRITTEN: &str = "standard output cannot be written";

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
