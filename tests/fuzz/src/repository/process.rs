//! A run of the command in this process, with its folder and its output.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout, stderr, stdout};

/// The result of a run.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) code: u8,
    /// Everything that it printed, errors included.
    pub(super) printed: String,
}

/// Runs the command with these arguments in a folder. The process has its own folder and output back before this panics.
pub(super) fn run(folder: &Path, args: &[OsString]) -> Ran {
    let here = std::env::current_dir().unwrap();
    let mut output = tempfile::tempfile_in(folder.parent().unwrap()).unwrap();
    let own = (rustix::io::dup(stdout()).unwrap(), rustix::io::dup(stderr()).unwrap());
    let nothing = File::open("/dev/null").unwrap();
    let panicked = Arc::new(Mutex::new(String::new()));
    let message = Arc::clone(&panicked);
    let hook = take_hook();
    set_hook(Box::new(move |panic| {
        message.lock().unwrap().push_str(&panic.to_string());
    }));
    dup2_stdin(&nothing).unwrap();
    dup2_stdout(&output).unwrap();
    dup2_stderr(&output).unwrap();
    std::env::set_current_dir(folder).unwrap();
    let args = [&[OsString::from("cspseal")], args].concat();
    let code = catch_unwind(AssertUnwindSafe(|| cspseal::cli::run(args.clone())));
    std::env::set_current_dir(here).unwrap();
    dup2_stdout(&own.0).unwrap();
    dup2_stderr(&own.1).unwrap();
    set_hook(hook);
    let Ok(code) = code else {
        panic!("{args:?}: {}", panicked.lock().unwrap());
    };
    let mut printed = Vec::new();
    output.rewind().unwrap();
    output.read_to_end(&mut printed).unwrap();
    Ran {
        // It shows its number in no other way.
        code: (0..=u8::MAX)
            .find(|number| format!("{code:?}") == format!("{:?}", std::process::ExitCode::from(*number)))
            .unwrap(),
        printed: String::from_utf8_lossy(&printed).into_owned(),
    }
}
