//! Folders by their paths, where there are no handles to work with: a link that takes the place of a part is noticed only if
//! it is there already.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::{Entry, Kind};

/// A folder.
#[derive(Debug)]
pub(in crate::site) struct Folder(PathBuf);

impl Folder {
    pub(in crate::site) fn open(real: &Path) -> io::Result<Self> {
        fs::read_dir(real)?;
        Ok(Self(real.to_owned()))
    }

    pub(super) fn open_file(real: &Path) -> io::Result<File> {
        match fs::symlink_metadata(real)?.is_symlink() {
            true => Err(io::Error::other("a symbolic link has taken its place")),
            false => File::open(real),
        }
    }

    pub(in crate::site) fn page(&self, name: &OsStr) -> io::Result<File> {
        self.read(name)
    }

    pub(in crate::site) fn entries(&self) -> io::Result<Vec<Entry>> {
        let entry = |entry: io::Result<fs::DirEntry>| {
            let entry = entry?;
            let kind = entry.file_type()?;
            let kind = match () {
                () if kind.is_file() => Kind::File,
                () if kind.is_dir() => Kind::Folder,
                () if kind.is_symlink() => Kind::Link,
                () => Kind::Other,
            };
            Ok((entry.file_name(), kind))
        };
        fs::read_dir(&self.0)?.map(entry).collect()
    }

    pub(super) fn read(&self, name: &OsStr) -> io::Result<File> {
        Self::open_file(&self.0.join(name))
    }

    pub(in crate::site) fn create(&self, name: &OsStr, _: u32) -> io::Result<File> {
        let mut options = OpenOptions::new();
        let new = options.read(true).write(true).create_new(true);
        new.open(self.0.join(name))
    }

    #[cfg(feature = "cli")]
    pub(in crate::site) fn make(&self, name: &OsStr) -> io::Result<Self> {
        let path = self.0.join(name);
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(in crate::site) fn link(&self, name: &OsStr, to: &Self) -> io::Result<()> {
        fs::hard_link(self.0.join(name), to.0.join(name))
    }

    #[cfg(feature = "cli")]
    pub(in crate::site) fn symlink(&self, _: &Path, _: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    #[cfg(feature = "cli")]
    pub(in crate::site) fn read_link(&self, name: &OsStr) -> io::Result<OsString> {
        Ok(fs::read_link(self.0.join(name))?.into_os_string())
    }

    pub(in crate::site) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    pub(in crate::site) fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }
}

/// Nothing is known of other processes here, so what they left is never removed.
pub(in crate::site) fn lock(_: &File) -> io::Result<bool> {
    Ok(false)
}

pub(in crate::site) fn is_there(_: &File) -> io::Result<bool> {
    Ok(true)
}
