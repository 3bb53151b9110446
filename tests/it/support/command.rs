//! Runs the command as a user would, for the tests of its output and exit code.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// The path of the program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_cspseal");

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs it in a folder with nothing on standard input.
pub(crate) fn run(folder: &Path, args: &[&str]) -> Ran {
    run_with_input(folder, args, b"")
}

/// Runs it in a folder with this standard input.
pub(crate) fn run_with_input(folder: &Path, args: &[&str], input: &[u8]) -> Ran {
    let mut child = Command::new(PROGRAM)
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever refuses the arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
