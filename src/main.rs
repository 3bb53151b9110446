//! The `cspseal` command: see `cspseal --help`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    cspseal::cli::run(std::env::args_os())
}
