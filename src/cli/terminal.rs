//! Speaking on standard output and error, which may be closed or full; neither may bring the command down.

use std::io::{self, Write as _};

use anstream::ColorChoice;
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
    ($($words:tt)*) => {
        $crate::cli::terminal::say_text(&format!("{}\n", format_args!($($words)*)))
    };
}

/// Writes a text to standard error in one go, without its colors where they are not wanted.
pub(super) fn say_text(text: &str) {
    let mut stderr = anstream::stderr();
    let _ = match stderr.current_choice() {
        ColorChoice::Never => {
            let plain = anstream::adapter::strip_str(text).to_string();
            io::stderr().write_all(plain.as_bytes())
        }
        _ => stderr.write_all(text.as_bytes()),
    };
}
pub(super) use say;
