//! Runs a case at n and 4n, and compares what both take.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike as _};
use tempfile::TempDir;

/// The most that four times the input may cost, in parts of what the input does.
const MOST: f64 = 5.0;
/// The least time of a run of size n, lest the start of the program counts for most; n doubles until it is reached.
const LEAST: Duration = Duration::from_millis(30);
/// Where n no longer doubles: what is refused at once takes as long at any size.
pub(crate) const LARGEST: usize = 160_000;
/// How often both sizes are run before they count as grown too much.
const TRIES: usize = 15;

/// The arguments of a run of some size, after the input for it was put into the folder.
pub(crate) type Case = fn(&Path, usize) -> Vec<String>;

pub(crate) fn arguments(words: &str) -> Vec<String> {
    words.split(' ').map(str::to_owned).collect()
}

/// The processor's time of one run, and its exit code.
fn run(case: &dyn Fn(&Path, usize) -> Vec<String>, n: usize) -> (Duration, i32) {
    let folder = folder();
    let args = case(folder.path(), n);
    let before = children();
    let status = Command::new(env!("CARGO_BIN_EXE_cspseal"))
        .args((!args.contains(&"--config".to_owned())).then_some("--no-config"))
        .args(&args)
        .current_dir(folder.path())
        // One thread, so that nothing depends on how many processors are idle.
        .env("RAYON_NUM_THREADS", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    let code = status.code();
    assert!(matches!(code, Some(0..=2)), "{args:?} of size {n}: {status}");
    (children() - before, code.unwrap_or_default())
}

/// A folder for the input: in memory where that has room, since the time that a disk's file system takes for a new file is noise.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let has_room = rustix::fs::statvfs(memory).is_ok_and(|it| it.f_bavail * it.f_frsize >= 1 << 30);
    match has_room {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    }
}

/// The processor's time of the children that have ended.
fn children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let time = |spent: TimeVal| Duration::from_micros(spent.num_microseconds().unsigned_abs());
    time(usage.user_time()) + time(usage.system_time())
}

/// Runs a case at n and 4n until the growth is small enough, and says the least that was measured.
fn growth(name: &str, case: &dyn Fn(&Path, usize) -> Vec<String>, largest: usize) -> f64 {
    let mut n = 4_000;
    let (mut small, code) = run(case, n);
    while small < LEAST && n < largest {
        n *= 2;
        small = run(case, n).0;
    }
    let mut large = run(case, 4 * n).0;
    let ratio = |small: Duration, large: Duration| large.as_secs_f64() / small.max(LEAST).as_secs_f64();
    let mut tries = 1;
    while ratio(small, large) > MOST && tries < TRIES {
        // Noise only ever adds, so the least of several runs is nearest to the truth. Both are measured again.
        small = small.min(run(case, n).0);
        large = large.min(run(case, 4 * n).0);
        tries += 1;
    }
    let ratio = ratio(small, large);
    println!("{name}: {n} in {small:?}, {} in {large:?}, {ratio:.1} times, {tries} tries, exit code {code}", 4 * n);
    ratio
}

/// Held while children run.
static ALONE: Mutex<()> = Mutex::new(());

/// Runs cases one after the other: what the children take is known only for all of them together.
pub(crate) fn check(cases: &[(&str, Case)]) {
    let case = |(name, case): &(&str, Case)| ((*name).to_owned(), *case);
    check_all(LARGEST, cases.iter().map(case));
}

/// The same for cases that are made of a table. From `largest` on n no longer doubles.
pub(crate) fn check_all(
    largest: usize,
    cases: impl IntoIterator<Item = (String, impl Fn(&Path, usize) -> Vec<String>)>,
) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let grown: Vec<String> = cases
        .into_iter()
        .map(|(name, case)| (growth(&name, &case, largest), name))
        .filter(|(ratio, _)| *ratio > MOST)
        .map(|(ratio, name)| format!("{name}: {ratio:.1} times for 4 times the input"))
        .collect();
    assert!(grown.is_empty(), "{grown:#?}");
}

/// Hashes a page.
pub(crate) fn hash(folder: &Path, name: &str, page: String) -> Vec<String> {
    fs::write(folder.join(name), page).unwrap();
    arguments(&format!("hash --unsafe-hashes {name}"))
}

/// Checks a page under a policy.
pub(crate) fn under(folder: &Path, policy: impl AsRef<[u8]>, page: impl AsRef<[u8]>) -> Vec<String> {
    fs::write(folder.join("policy.txt"), policy).unwrap();
    fs::write(folder.join("a.html"), page).unwrap();
    arguments("check --policy-file policy.txt a.html")
}

/// A folder with n pages, each with a script and a handler of its own.
pub(crate) fn site(folder: &Path, n: usize) {
    fs::create_dir_all(folder.join("site")).unwrap();
    for page in 0..n {
        let text = format!("<script>{page}</script><p onclick={page}>");
        fs::write(folder.join(format!("site/p{page}.html")), text).unwrap();
    }
}

pub(crate) fn numbered(n: usize, one: impl Fn(usize) -> String) -> String {
    (0..n).map(one).collect()
}
