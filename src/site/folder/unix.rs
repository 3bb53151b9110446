//! Folders by their file descriptors.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Component, Path};

use rustix::fs::{self, AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::{Entry, Kind};

/// How a folder is opened that only has to be gone through, which needs no permission to list it.
const THROUGH: OFlags = {
    #[cfg(target_os = "linux")]
    {
        OFlags::PATH.union(OFlags::DIRECTORY)
    }
    #[cfg(not(target_os = "linux"))]
    {
        OFlags::DIRECTORY
    }
};

/// A file is not waited for: what is a pipe now may have been a file before.
const READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK);

/// An open folder.
#[derive(Debug)]
pub(in crate::site) struct Folder(OwnedFd);

impl Folder {
    /// Opens the folder at a real path.
    pub(in crate::site) fn open(real: &Path) -> io::Result<Self> {
        Ok(Self(open(real, THROUGH)?))
    }

    pub(super) fn open_file(real: &Path) -> io::Result<File> {
        Ok(open(real, OFlags::RDONLY)?.into())
    }

    /// Opens a file in it. A link is an error.
    pub(in crate::site) fn page(&self, name: &OsStr) -> io::Result<File> {
        let file = fs::openat(&self.0, name, flags(OFlags::RDONLY), Mode::empty());
        Ok(file.map_err(explained)?.into())
    }

    /// What is in it, in no order.
    pub(in crate::site) fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        let list = fs::openat(&self.0, ".", flags(OFlags::DIRECTORY), Mode::empty())?;
        for entry in Dir::new(list)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if matches!(name, b"." | b"..") {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => {
                    let stat = fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
                    FileType::from_raw_mode(stat.st_mode)
                }
                kind => kind,
            };
            let kind = match kind {
                FileType::RegularFile => Kind::File,
                FileType::Directory => Kind::Folder,
                FileType::Symlink => Kind::Link,
                FileType::Fifo
                | FileType::Socket
                | FileType::CharacterDevice
                | FileType::BlockDevice
                | FileType::Unknown => Kind::Other,
            };
            entries.push((OsString::from_vec(name.to_owned()), kind));
        }
        Ok(entries)
    }

    pub(super) fn read(&self, name: &OsStr) -> io::Result<File> {
        let file = fs::openat(&self.0, name, flags(READ), Mode::empty());
        Ok(file.map_err(explained)?.into())
    }

    /// Makes a file, which must not be there. `mode` is what the umask leaves of it.
    pub(in crate::site) fn create(&self, name: &OsStr, mode: u32) -> io::Result<File> {
        let new = flags(OFlags::RDWR | OFlags::CREATE | OFlags::EXCL);
        Ok(fs::openat(&self.0, name, new, Mode::from_bits_truncate(mode as _))?.into())
    }

    /// The folder of this name in it, which is made if it is not there.
    #[cfg(feature = "cli")]
    pub(in crate::site) fn make(&self, name: &OsStr) -> io::Result<Self> {
        match fs::mkdirat(&self.0, name, Mode::from_bits_truncate(0o777)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        let folder = fs::openat(&self.0, name, flags(THROUGH), Mode::empty());
        Ok(Self(folder.map_err(explained)?))
    }

    /// Gives a file a second name in another folder.
    pub(in crate::site) fn link(&self, name: &OsStr, to: &Self) -> io::Result<()> {
        Ok(fs::linkat(&self.0, name, &to.0, name, AtFlags::empty())?)
    }

    /// Makes a symbolic link.
    #[cfg(feature = "cli")]
    pub(in crate::site) fn symlink(&self, leads_to: &Path, name: &OsStr) -> io::Result<()> {
        Ok(fs::symlinkat(leads_to, &self.0, name)?)
    }

    /// Reads a symbolic link.
    #[cfg(feature = "cli")]
    pub(in crate::site) fn read_link(&self, name: &OsStr) -> io::Result<OsString> {
        let leads_to = fs::readlinkat(&self.0, name, Vec::new())?;
        Ok(OsString::from_vec(leads_to.into_bytes()))
    }

    /// Puts a file in the place of another, or of nothing.
    pub(in crate::site) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(fs::renameat(&self.0, from, &self.0, to)?)
    }

    pub(in crate::site) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }
}

/// Locks a file until it is closed, or the process ends; `false` if another process has locked it.
pub(in crate::site) fn lock(file: &File) -> io::Result<bool> {
    match fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether a file has a name still.
pub(in crate::site) fn is_there(file: &File) -> io::Result<bool> {
    Ok(fs::fstat(file)?.st_nlink > 0)
}

fn flags(flags: OFlags) -> OFlags {
    flags | OFlags::CLOEXEC | OFlags::NOFOLLOW
}

fn open(real: &Path, how: OFlags) -> io::Result<OwnedFd> {
    #[cfg(target_os = "linux")]
    {
        let no_links = fs::ResolveFlags::NO_SYMLINKS;
        match fs::openat2(CWD, real, flags(how), Mode::empty(), no_links) {
            // Older systems do not have it, and some sandboxes do not let it through.
            Err(Errno::NOSYS | Errno::PERM) => {}
            opened => return opened.map_err(explained),
        }
    }
    step_by_step(real, how)
}

/// The same, a folder at a time.
fn step_by_step(real: &Path, how: OFlags) -> io::Result<OwnedFd> {
    let mut at = fs::openat(CWD, "/", flags(THROUGH), Mode::empty())?;
    let mut parts = real.components().peekable();
    parts.next_if_eq(&Component::RootDir);
    while let Some(part) = parts.next() {
        let how = if parts.peek().is_some() { THROUGH } else { how };
        at = fs::openat(&at, part.as_os_str(), flags(how), Mode::empty()).map_err(explained)?;
    }
    Ok(at)
}

/// Says what an error means that only a link causes here.
fn explained(error: Errno) -> io::Error {
    match error {
        Errno::LOOP => io::Error::other("a symbolic link has taken its place"),
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_anywhere_on_a_path_is_an_error_with_and_without_the_system_call() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("a")).unwrap();
        std::fs::write(root.join("a/file"), "x").unwrap();
        symlink("a", root.join("folder")).unwrap();
        symlink("file", root.join("a/link")).unwrap();
        for way in [open, step_by_step] {
            let mut text = String::new();
            let opened = way(&root.join("a/file"), OFlags::RDONLY).unwrap();
            File::from(opened).read_to_string(&mut text).unwrap();
            assert_eq!(text, "x");
            assert!(way(&root.join("a"), THROUGH).is_ok());
            assert!(way(Path::new("/"), THROUGH).is_ok());
            for (path, how) in [
                ("folder/file", OFlags::RDONLY),
                ("a/link", OFlags::RDONLY),
                ("folder", THROUGH),
                ("a/file", THROUGH),
                ("a/none", OFlags::RDONLY),
            ] {
                assert!(way(&root.join(path), how).is_err(), "{path}");
            }
        }
    }
}
