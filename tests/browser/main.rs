//! The policies, nonces and `<meta>` elements of the command in real browsers: whatever else is tested here against what
//! browsers were once seen to do, this asks them.
//!
//! `CSPSEAL_BROWSERS=chromium,firefox cargo test --test browser` runs it in Debian's Chromium and Firefox ESR, and fails if one is not there. Without
//! the variable it says that it was not run. Another argument names documents: `-- testdata/site` or `-- 'random / 7'`.
//!
//! For every page of `testdata/site` and `testdata/legacy`, every case under `testdata/html` and random markup:
//!
//! 1. under the policy that `hash --unsafe-hashes` emits nothing is blocked, and scripts, styles, handlers and `javascript:`
//!    URLs do what they do without a policy;
//! 2. the hashes are those that the browser asks for: the console names them under a policy that blocks everything, and
//!    a report-only policy that lacks one of them is violated, for each of them;
//! 3. an injected script, style, handler and `javascript:` URL is blocked, in the response and in the running page;
//! 4. after `nonce`, from a server that puts a fresh nonce into each response, the same holds, also for a script with an
//!    old nonce;
//! 5. and with the policy in a `<meta>` alone.
//!
//! And each kind of external resource is asked about by its directive (`resources.rs`; `-- resources` runs these alone).
//!
//! Chromium is driven by `headless_chrome` rather than `chromiumoxide`: it needs no asynchronous runtime, and it is kept up with its
//! dependencies (tungstenite 0.29, rand 0.10 and which 8), while chromiumoxide's last release is 0.9.1 of February 2026.

#![allow(clippy::unwrap_used)]

mod chromium;
mod documents;
mod driver;
mod exceptions;
mod firefox;
mod inject;
mod properties;
mod report;
mod resources;
mod sealed;
mod server;

#[path = "../it/support/browser_cases.rs"]
mod cases;
#[path = "../properties/nasty.rs"]
mod nasty;
#[path = "../it/support/pages.rs"]
mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use exceptions::{EXCEPTIONS, Property};
use properties::{Faults, Trial};
use sealed::Sealed;
use server::Server;

/// Which browsers to run.
const VARIABLE: &str = "CSPSEAL_BROWSERS";
/// What runs in every page.
const PROBE: &str = include_str!("probe.js");
/// Tabs of each browser that load at the same time.
const TABS: usize = 3;

fn main() -> ExitCode {
    let Ok(wanted) = std::env::var(VARIABLE) else {
        println!("skipped: no browser was run; {VARIABLE}=chromium,firefox runs them");
        return ExitCode::SUCCESS;
    };
    let only: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let folder = tempfile::tempdir().unwrap();
    let sets = documents::all().into_iter().enumerate();
    let sealed: Vec<Sealed> = sets
        .flat_map(|(number, set)| sealed::seal(set, &folder.path().join(number.to_string())))
        .filter(|s| only.is_empty() || only.iter().any(|name| s.document.name.starts_with(name)))
        .collect();
    let server = Server::start();
    let (mut passed, mut failed) = (0, 0);
    for name in wanted.split(',') {
        match launch(name) {
            Ok(browser) => {
                let outcome = try_all(name, &*browser, &server, &sealed, !only.is_empty());
                passed += outcome.0;
                failed += outcome.1;
                if only.is_empty() || only.contains(&"resources".to_owned()) {
                    let outcome = resources::try_all(name, &*browser, &server);
                    println!("{name}: {} kinds of resources", outcome.0 + outcome.1);
                    passed += outcome.0;
                    failed += outcome.1;
                }
            }
            Err(fault) => {
                println!("FAILED {name}: {fault}");
                failed += 1;
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn launch(name: &str) -> Result<Box<dyn driver::Browser>, driver::Fault> {
    let programs: &[&str] = match name {
        "chromium" => &["chromium", "chromium-browser"],
        "firefox" => &["firefox-esr", "firefox"],
        _ => return Err("no browser that this test can drive".into()),
    };
    let program = driver::find(programs).ok_or("not installed")?;
    Ok(match name {
        "chromium" => Box::new(chromium::Chromium::launch(&program, PROBE)?),
        _ => Box::new(firefox::Firefox::launch(&program, PROBE)?),
    })
}

/// How many documents passed and how many failed.
fn try_all(
    name: &str,
    browser: &dyn driver::Browser,
    server: &Server,
    sealed: &[Sealed],
    some: bool,
) -> (usize, usize) {
    let (next, loads) = (AtomicUsize::new(0), AtomicU64::new(0));
    let found: Mutex<BTreeMap<usize, Faults>> = Mutex::default();
    let work = || -> Result<(), driver::Fault> {
        let mut tab = browser.tab()?;
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(sealed) = sealed.get(at) else {
                return Ok(());
            };
            let trial = Trial { server, tab: &mut *tab, browser: name, sealed, loads: &loads };
            let faults = trial.run().unwrap_or_else(|fault| vec![(Property::Control, fault.to_string())]);
            found.lock().unwrap().insert(at, faults);
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..TABS).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            if let Err(fault) = worker.join().unwrap() {
                println!("{name}: a tab was lost: {fault}");
            }
        }
    });
    let found = found.into_inner().unwrap();
    let mut excepted = BTreeSet::new();
    let mut failed = 0;
    for (at, document) in sealed.iter().enumerate() {
        let document = &document.document.name;
        let Some(faults) = found.get(&at) else {
            println!("FAILED {name}: {document}: was not tried");
            failed += 1;
            continue;
        };
        let mut wrong = false;
        for (property, fault) in faults {
            let stated = EXCEPTIONS.iter().position(|e| {
                ["", name].contains(&e.browser)
                    && e.property == *property
                    && e.document == document
                    && fault.contains(e.about)
            });
            match stated {
                Some(exception) => {
                    excepted.insert(exception);
                }
                None => {
                    println!("FAILED {name}: {document}: {property:?}: {fault}");
                    wrong = true;
                }
            }
        }
        failed += usize::from(wrong);
    }
    let unneeded = EXCEPTIONS
        .iter()
        .enumerate()
        .filter(|(at, e)| !some && ["", name].contains(&e.browser) && !excepted.contains(at));
    for (_, exception) in unneeded {
        println!(
            "FAILED {name}: {} needs no exception for {:?} ({})",
            exception.document, exception.property, exception.reason
        );
        failed += 1;
    }
    let version = browser.version().unwrap_or_else(|fault| fault.to_string());
    let count = |has: fn(&Sealed) -> bool| sealed.iter().filter(|s| has(s)).count();
    println!(
        "{name} ({version}): {} documents, {} of them with nonces, {} with a policy in a meta; {} loads",
        sealed.len(),
        count(|s| s.nonced.is_some()),
        count(|s| s.meta.is_some()),
        loads.into_inner(),
    );
    (sealed.len().saturating_sub(failed), failed)
}
