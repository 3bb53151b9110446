//! A repository that somebody else wrote: a configuration, files and links, and every command that a configuration drives. Nothing
//! outside is opened or changed, nor a file of a version control system; programs and configurations keep what they have; and no
//! output holds a text from outside.
//!
//! The commands run in this process, so that a fuzzer sees what they do; the system reports what they open.

mod place;
mod process;
mod spelled;
mod trap;

use std::ffi::OsString;

use arbitrary::{Arbitrary as _, Unstructured};

use process::run;
use spelled::Repository;
use trap::Trap;

/// The commands, in a repository in which `site` is a folder and `a` to `d` may be links.
const COMMANDS: &[&[&str]] = &[
    &["hash"],
    &["hash", "--check"],
    &["list"],
    &["check"],
    &["check", "--notes", "--format", "sarif", "-o", "d"],
    &["nonce"],
    &["nonce", "--check"],
    &["nonce", "--print-policy"],
    &["nonce", "--write"],
    &["nonce", "--write", "--follow"],
    &["nonce", "-o", "copy"],
    &["hash", "--format", "meta", "--write"],
    &["hash", "--format", "json", "-o", "a", "site"],
    &["merge", "a"],
    &["reports", "a"],
    &["hash", "--format", "nginx", "--into", "b", "site"],
    &["hash", "--policy-file", "c", "site"],
    &["nonce", "--framework", "flask", "-o", "c", "site"],
    &["nonce", "--framework", "flask", "--write", "--", "a", "b"],
    &["hash", "--format", "meta", "--write", "--", "c", "d"],
];

/// The commands of the hooks, before the names of files.
const HOOKS: &[&[&str]] = &[
    &["nonce", "--framework", "flask", "--write", "--"],
    &["hash", "--check", "--"],
    // Somebody forgot the dashes.
    &["nonce", "--framework", "flask", "--write"],
];

pub(crate) fn check(data: &[u8]) {
    let Ok(repository) = Repository::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    let mut trap = Trap::new();
    repository.write(&trap);
    trap.set();
    for command in COMMANDS {
        let args: Vec<OsString> = command.iter().map(OsString::from).collect();
        trap.check(&args, &run(&trap.repository(), &args));
    }
    for hook in HOOKS {
        let args: Vec<OsString> = hook.iter().map(OsString::from).collect();
        let names = trap.names();
        let has_option = !hook.contains(&"--") && names.iter().any(is_option);
        let args = [args, names].concat();
        let ran = run(&trap.repository(), &args);
        assert!(!has_option || ran.code == 2, "{args:?}: {ran:?}");
        trap.check(&args, &ran);
    }
    trap.end();
}

fn is_option(name: &OsString) -> bool {
    name.len() > 1 && name.as_encoded_bytes().starts_with(b"-")
}
