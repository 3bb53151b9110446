//! What must hold for any input: one function for each fuzz target, which panics where it does not.
//!
//! The fuzzers in `targets` and the replay of the corpus in `tests` call the same functions.

#![forbid(unsafe_code)]

mod check;
mod config;
mod deployed;
mod edits;
mod emit;
mod input;
mod json;
mod literals;
mod mask;
mod policy;
#[cfg(target_os = "linux")]
mod repository;
mod rewrite;
mod scan;
mod seeds;
mod site;

use std::fs;
use std::path::Path;

pub use seeds::seeds;

/// A target: its name and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("scan", scan::html),
    ("differential", scan::differ),
    ("xml", scan::xml),
    ("mask", mask::check),
    ("rewrite", rewrite::check),
    ("edits", edits::check),
    ("policy", policy::check),
    ("emit", emit::check),
    ("nonce", emit::check_nonce),
    ("config", config::check),
    ("json", json::check),
    ("check", check::check),
    ("deployed", deployed::check),
    // Watches what is opened.
    #[cfg(target_os = "linux")]
    ("repository", repository::check),
];

/// Runs the target of that name, which must be one of [`TARGETS`].
pub fn check(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    let Some((_, check)) = target else {
        panic!("there is no target {name}");
    };
    check(input);
}

/// What is kept for a target, each with its name: seeds made of test data, small inputs that a fuzzer found to go other ways
/// (`corpus-kept`), and inputs that once broke something (`regressions`).
pub fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let seeds = seeds(target).into_iter().enumerate();
    let mut inputs: Vec<_> = seeds.map(|(index, seed)| (format!("seed {index}"), seed)).collect();
    for kind in ["corpus-kept", "regressions"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(kind).join(target);
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        inputs.extend(paths.into_iter().map(|path| {
            let input = fs::read(&path).unwrap();
            (path.display().to_string(), input)
        }));
    }
    inputs
}
