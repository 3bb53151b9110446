//! Temporary files: made so that nobody reads more in them than in what they replace, and removed after a run that was killed.
//!
//! A run locks one file. In every folder that it writes to it first puts a name of that file, `.cspseal-ID`; its temporary files
//! there are `.cspseal-ID-NUMBER`. The system gives the lock up with the process, so that a later run knows what nobody needs any more.
//! One descriptor is enough for any number of folders and files.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rand::TryRng as _;

use super::folder::{Folder, Kind, is_there, lock};

/// What the names of temporary files begin with.
pub(super) const TEMPORARY: &str = ".cspseal-";

/// How many characters an identifier has.
const ID_LEN: usize = 16;

/// The temporary files of a run.
#[derive(Debug)]
pub(super) struct Staging {
    /// The name of the lock.
    name: OsString,
    number: AtomicU64,
    /// Whether a file could not be made or filled.
    pub(super) has_failed: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The folders that hold a name of the lock, and how many files were removed there.
    folders: HashMap<PathBuf, usize>,
    /// Locked files, the last with the folder where it was made: more than one if a file system gives a file one name only.
    locks: Vec<(File, PathBuf)>,
}

impl Staging {
    pub(super) fn new() -> io::Result<Self> {
        let mut random = [0; ID_LEN / 2];
        let filled = rand::rngs::SysRng.try_fill_bytes(&mut random);
        filled.map_err(|error| io::Error::other(error.to_string()))?;
        let id = random.map(|byte| format!("{byte:02x}")).concat();
        Ok(Self {
            name: format!("{TEMPORARY}{id}").into(),
            number: AtomicU64::new(0),
            has_failed: AtomicBool::new(false),
            state: Mutex::default(),
        })
    }

    /// Makes a temporary file in a folder.
    pub(super) fn create(&self, path: &Path, folder: &Folder, mode: u32) -> io::Result<(OsString, File)> {
        self.enter(path, folder)?;
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let mut name = self.name.clone();
        name.push(format!("-{number}"));
        let file = folder.create(&name, mode)?;
        Ok((name, file))
    }

    /// How many files of killed runs were removed, by folder.
    pub(super) fn removed(&self) -> BTreeMap<PathBuf, usize> {
        let state = self.state();
        let folders = state.folders.iter().filter(|(_, removed)| **removed > 0);
        folders.map(|(path, removed)| (path.clone(), *removed)).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a name of the lock into a folder, and removes there what killed runs left.
    fn enter(&self, path: &Path, folder: &Folder) -> io::Result<()> {
        let mut state = self.state();
        if state.folders.contains_key(path) {
            return Ok(());
        }
        let removed = remove_left(folder)?;
        let is_linked = state
            .locks
            .last()
            .is_some_and(|(_, other)| Folder::open(other).is_ok_and(|other| other.link(&self.name, folder).is_ok()));
        if !is_linked {
            let file = self.new_lock(folder)?;
            state.locks.push((file, path.to_owned()));
        }
        state.folders.insert(path.to_owned(), removed);
        Ok(())
    }

    fn new_lock(&self, folder: &Folder) -> io::Result<File> {
        loop {
            let file = folder.create(&self.name, 0o600)?;
            // Where nothing can be locked nothing is removed either.
            let _ = lock(&file);
            // Before it was locked another run may have taken it for one that was left.
            if is_there(&file)? {
                return Ok(file);
            }
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What stays is removed by the next run.
        for path in self.state().folders.keys() {
            let _ = Folder::open(path).and_then(|folder| folder.remove(&self.name));
        }
    }
}

/// Removes the temporary files of runs that have ended; how many there were.
fn remove_left(folder: &Folder) -> io::Result<usize> {
    // A folder that can be written to and not listed holds nothing that can be found.
    let entries = match folder.entries() {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(0),
        entries => entries?,
    };
    let mut runs: BTreeMap<OsString, Vec<OsString>> = BTreeMap::new();
    for (name, _) in entries.into_iter().filter(|(_, kind)| *kind == Kind::File) {
        if let Some(lock) = lock_of(&name) {
            let files = runs.entry(lock.into()).or_default();
            files.extend((lock != name).then_some(name));
        }
    }
    let mut removed = 0;
    for (name, files) in runs {
        // It is there before the first of its files and after the last of them.
        let lock_file = match folder.file(&name) {
            Ok(file) => file,
            Err(_) => continue,
        };
        if let Some(lock_file) = &lock_file
            && !lock(lock_file).unwrap_or(false)
        {
            continue;
        }
        for file in files.iter().chain(lock_file.is_some().then_some(&name)) {
            // Somebody else's may stay.
            removed += usize::from(folder.remove(file).is_ok());
        }
    }
    Ok(removed)
}

/// The name of the lock that a temporary file belongs to, or of the lock itself.
fn lock_of(name: &OsStr) -> Option<&str> {
    let name = name.to_str()?;
    let rest = name.strip_prefix(TEMPORARY)?;
    let (id, number) = match rest.split_once('-') {
        Some((id, number)) => (id, Some(number)),
        None => (rest, None),
    };
    let is_id = id.len() == ID_LEN && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let is_number = number.is_none_or(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    (is_id && is_number).then(|| &name[..TEMPORARY.len() + ID_LEN])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_temporary_files_are_taken_for_such() {
        let lock = ".cspseal-0123456789abcdef";
        for name in [lock, ".cspseal-0123456789abcdef-0", ".cspseal-0123456789abcdef-17"] {
            assert_eq!(lock_of(OsStr::new(name)), Some(lock), "{name}");
        }
        for name in [
            ".cspseal-",
            ".cspseal-notes",
            ".cspseal-0123456789ABCDEF",
            ".cspseal-0123456789abcde",
            ".cspseal-0123456789abcdef0",
            ".cspseal-0123456789abcdef-",
            ".cspseal-0123456789abcdef-x",
            ".cspseal-0123456789abcdef-1.html",
            "cspseal-0123456789abcdef",
        ] {
            assert_eq!(lock_of(OsStr::new(name)), None, "{name}");
        }
    }

    #[test]
    fn one_lock_serves_every_folder() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let staging = Staging::new().unwrap();
        for name in ["a", "b", "c"] {
            let path = root.join(name);
            std::fs::create_dir(&path).unwrap();
            let folder = Folder::open(&path).unwrap();
            staging.create(&path, &folder, 0o600).unwrap();
            // Another run leaves them alone.
            assert_eq!(remove_left(&folder).unwrap(), 0);
        }
        assert_eq!(staging.state().locks.len(), 1);
        drop(staging);
        let folder = Folder::open(&root.join("b")).unwrap();
        assert_eq!(remove_left(&folder).unwrap(), 1);
        assert_eq!(folder.entries().unwrap(), []);
    }
}
