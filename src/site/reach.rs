//! How far a path may lead: the links on it are resolved here, once, before anything is read or written.
//!
//! A repository can hold a configuration and links that somebody else wrote. What they name stays in the repository, and leaves
//! alone what the owner's programs run or obey.

use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::identity;
use crate::error::{Error, ErrorKind, Remedy, Result};

/// The name of a configuration.
pub(crate) const CONFIGURATION: &str = "cspseal.toml";

/// The folders of version control systems, whose files name programs to run, and the short name that Windows can give to the first.
const REPOSITORIES: [&str; 5] = [".git", ".hg", ".svn", ".jj", "git~1"];

/// How far a path may lead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// Wherever its links lead.
    #[default]
    Anywhere,
    /// The same, but nothing is shown of a file that [`Self::Argument`] does not reach.
    Input,
    /// Wherever it says itself, but no link takes a relative path out of the working folder, or to what is beyond [`Self::Below`].
    Argument,
    /// Below a folder, and neither to a repository's own folder nor to a configuration. A file with an execute bit is not
    /// replaced.
    Below(Arc<Limits>),
}

/// What a path may not leave, and may not lead to.
#[derive(Debug, PartialEq, Eq)]
pub struct Limits {
    folder: PathBuf,
    configuration: Option<PathBuf>,
}

/// A path and the file or folder that it leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    /// The path as it was given.
    pub(crate) shown: PathBuf,
    /// The same without links; [`None`] for a pipe or a device, which may be nowhere in the file system.
    pub(super) real: Option<PathBuf>,
    /// Whether a line of it may be shown.
    pub(crate) is_shown: bool,
    /// Whether a configuration or a link chose it, which replaces no program and no configuration.
    pub(super) is_guarded: bool,
}

impl Reach {
    /// Below `folder`; `configuration` is the file that names the paths.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Read`] if there is no such folder.
    pub fn below(folder: &Path, configuration: &Path) -> Result<Self> {
        let real = identity::folder(folder).canonicalize();
        Ok(Self::Below(Arc::new(Limits {
            folder: real.map_err(|error| Error::unread(error).at(folder))?,
            configuration: identity::identity(configuration),
        })))
    }

    /// The file that names the paths, without links.
    pub(crate) fn configuration(&self) -> Option<&Path> {
        match self {
            Self::Below(limits) => limits.configuration.as_deref(),
            Self::Anywhere | Self::Input | Self::Argument => None,
        }
    }

    /// The same for files that are only read.
    #[cfg(feature = "cli")]
    pub(crate) fn for_reading(&self) -> Self {
        match self {
            Self::Argument => Self::Input,
            other => other.clone(),
        }
    }

    /// Resolves the links of a path. The file itself need not be there.
    pub(crate) fn resolve(&self, path: &Path) -> Result<Spot> {
        let unread = |error| Error::unread(error).at(path);
        let mut spot = Spot { shown: path.to_owned(), real: None, is_shown: true, is_guarded: false };
        let real = match path.canonicalize() {
            Ok(real) => real,
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unread(error)),
            // A pipe of the shell has a name that leads nowhere.
            Err(_) if path.metadata().is_ok() => return self.device(spot),
            Err(error) if path.is_symlink() => {
                let message = "is a symbolic link that leads nowhere; remove it";
                return Err(Error::new(ErrorKind::Read, message).at(path).because(error));
            }
            Err(error) => identity::identity(path).ok_or_else(|| unread(error))?,
        };
        match self.check(path, &real) {
            Err(_) if *self == Self::Input => spot.is_shown = false,
            checked => spot.is_guarded = checked?,
        }
        if real.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
            return self.device(spot);
        }
        spot.real = Some(real);
        Ok(spot)
    }

    /// A pipe or a device. A configuration names none.
    fn device(&self, spot: Spot) -> Result<Spot> {
        match self {
            Self::Below(_) => refuse(&spot.shown, "is not a regular file, which a configuration cannot name"),
            Self::Anywhere | Self::Input | Self::Argument => Ok(spot),
        }
    }

    /// Checks that `path` may lead to `real`; whether it was not the user who chose that.
    fn check(&self, path: &Path, real: &Path) -> Result<bool> {
        let nearest;
        let (below, configuration) = match self {
            Self::Anywhere => return Ok(false),
            Self::Input | Self::Argument if !stays_below(path) => return Ok(false),
            Self::Input | Self::Argument => {
                let here = Path::new(".").canonicalize();
                let here = here.map_err(|error| Error::unread(error).at(path))?;
                let Ok(below) = real.strip_prefix(&here) else {
                    return refuse(
                        path,
                        "leads out of the working folder through a symbolic link; name the file itself",
                    );
                };
                let is_down = |part: &Component<'_>| matches!(part, Component::Normal(_));
                if path.components().filter(is_down).eq(below.components()) {
                    return Ok(false);
                }
                // It may be a link to a file of another name.
                let found = nearest_configuration(&here);
                nearest = found.and_then(|path| path.canonicalize().ok());
                (below, nearest.as_deref())
            }
            Self::Below(limits) => {
                let Ok(below) = real.strip_prefix(&limits.folder) else {
                    return refuse(path, "leads out of the folder of the configuration through a symbolic link");
                };
                (below, limits.configuration.as_deref())
            }
        };
        if below.iter().any(is_repository) {
            return refuse(path, "leads into the folder of a version control system");
        }
        match is_configuration(below) || configuration == Some(real) {
            true => refuse(path, "is a configuration"),
            false => Ok(true),
        }
    }
}

impl Spot {
    /// Opens the file.
    #[cfg(feature = "cli")]
    pub(crate) fn open(&self) -> io::Result<std::fs::File> {
        match &self.real {
            Some(real) => super::folder::open(real),
            None => std::fs::File::open(&self.shown),
        }
    }

    /// The real path of `path`, which is this or was found below it without a link on the way.
    pub(super) fn real_of(&self, path: &Path) -> Option<PathBuf> {
        let real = self.real.as_ref()?;
        match path.strip_prefix(&self.shown) {
            Ok(below) if !below.as_os_str().is_empty() => Some(real.join(below)),
            _ => Some(real.clone()),
        }
    }

    /// The same, reached by a link below `root`: nothing is shown of what is outside that.
    pub(super) fn below(mut self, root: &Self) -> Self {
        let is_below = self.real.as_ref().zip(root.real.as_ref());
        self.is_shown = root.is_shown && is_below.is_some_and(|(real, root)| real.starts_with(root));
        self
    }
}

/// The configuration in a folder or the nearest around it. It need not be readable, as a link that leads nowhere.
pub(crate) fn nearest_configuration(here: &Path) -> Option<PathBuf> {
    let mut candidates = here.ancestors().map(|folder| folder.join(CONFIGURATION));
    candidates.find(|path| path.symlink_metadata().is_ok())
}

/// Whether a path is relative and stays below the folder it counts from, as it is written.
pub(crate) fn stays_below(path: &Path) -> bool {
    let mut depth = 0;
    for part in path.components() {
        match part {
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            Component::RootDir | Component::Prefix(_) => return false,
            Component::CurDir => {}
        }
        if depth < 0 {
            return false;
        }
    }
    true
}

/// The error for a path that leads too far.
pub(super) fn refuse<T>(path: &Path, message: &str) -> Result<T> {
    let error = Error::new(ErrorKind::Config, message).at(path);
    Err(error.with_remedy(Remedy::AllowOutside))
}

/// Whether a path is that of a configuration.
pub(super) fn is_configuration(path: &Path) -> bool {
    path.file_name().is_some_and(|name| means(name, &[CONFIGURATION]))
}

/// Whether a file name is that of the folder of a version control system.
pub(crate) fn is_repository(name: &OsStr) -> bool {
    means(name, &REPOSITORIES)
}

/// Whether a file name means one of these, on whatever file system: some ignore case, dots and spaces at the end, what follows a
/// colon, and characters that are invisible.
fn means(name: &OsStr, names: &[&str]) -> bool {
    let name = name.to_string_lossy();
    let is_visible = |c: &char| !matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    let name: String = name.chars().filter(is_visible).collect();
    let name = name.split(':').next().unwrap_or_default();
    let name = name.trim_end_matches(['.', ' ']);
    names.iter().any(|other| name.eq_ignore_ascii_case(other))
}
